package launcher

import (
	"fmt"
	"path"
	"strings"

	"named-jail/parser"
)

// Build is one named program: its release and the paths that were built into
// it. A path is absolute and clean, or "" when this build has none.
//
// Path is the program itself. Text is the line of `named -v`. LockFile is only
// a hint: named locks nothing until lock-file or -X says so. PluginDir is where
// a plugin without "/" in its name is looked for.
//
// Source: the "default paths" of `named -V`, else its configure arguments, else
// the defaults of the release.
type Build struct {
	Path    string
	Version parser.Version
	Family  int // 8 or 9
	Text    string

	Conf       string
	RndcConf   string
	RndcKey    string
	BindKeys   string
	SessionKey string
	PIDFile    string
	LockFile   string
	GeoIP      string
	PluginDir  string

	Sysconfdir    string
	Localstatedir string
	Libdir        string
}

// DefaultVersion is the release that is assumed when nothing else is known.
var DefaultVersion = parser.V(9, 18, 0)

// name is the program in messages.
func (b Build) name() string { return "named " + b.Version.String() }

// AssumedBuild is what is taken when no named can be run: the release asked for,
// or DefaultVersion, with the paths that most systems use (/etc, /var).
func AssumedBuild(version parser.Version) Build {
	if !version.Known() {
		version = DefaultVersion
	}
	b := Build{Version: version, Family: 9, Sysconfdir: "/etc", Localstatedir: "/var", Libdir: "/usr/lib"}
	if version.Major == 8 {
		b.Family = 8
	}
	b.Text = "BIND " + version.String() + " (assumed)"
	b.fill()
	if version.AtLeast(9, 10, 0) {
		b.GeoIP = "/usr/share/GeoIP"
	}
	return b
}

// fill sets the paths that follow from release and directories.
func (b *Build) fill() {
	at := b.Version.AtLeast
	before := func(major, minor, patch int) bool { return !at(major, minor, patch) }
	b.Conf = path.Join(b.Sysconfdir, "named.conf")
	if b.Family == 8 {
		b.PIDFile = path.Join(b.Localstatedir, "run/named.pid")
		return
	}
	run := path.Join(b.Localstatedir, "run/named")
	b.PIDFile = path.Join(run, "named.pid")
	if before(9, 6, 0) {
		b.PIDFile = path.Join(b.Localstatedir, "run/named.pid")
	}
	b.RndcConf = path.Join(b.Sysconfdir, "rndc.conf")
	if at(9, 2, 0) {
		b.RndcKey = path.Join(b.Sysconfdir, "rndc.key")
	}
	if at(9, 7, 0) {
		b.SessionKey = path.Join(run, "session.key")
		if before(9, 20, 0) {
			b.BindKeys = path.Join(b.Sysconfdir, "bind.keys")
		}
	}
	if at(9, 11, 0) && before(9, 19, 18) {
		b.LockFile = path.Join(run, "named.lock")
	}
	if at(9, 13, 5) {
		b.PluginDir = path.Join(b.Libdir, "bind")
	}
}

// maxAnswer bounds what is read of an answer of named, in bytes.
const maxAnswer = 256 << 10

// ParseBuild understands the answers to `named -v` and `named -V`; the second
// one may be empty. Errors: an ExitError with status 1, NJ605.
func ParseBuild(vText, VText string) (Build, error) {
	vText, VText = vText[:min(len(vText), maxAnswer)], VText[:min(len(VText), maxAnswer)]
	line, version, ok := versionLine(vText)
	if !ok {
		return Build{}, answer("named -v does not tell its version; it says: " + firstLine(vText))
	}
	b := Build{Version: version, Text: line}
	switch {
	case version.Major == 8:
		b.Family = 8
	case version.Major == 9:
		b.Family = 9
	default:
		return Build{}, answer(fmt.Sprintf("this is BIND %s; named-jail starts BIND 8 and BIND 9", version))
	}
	args := configureArguments(VText)
	b.setDirectories(args)
	b.fill()
	paths, found := defaultPaths(VText)
	if found {
		b.setDefaultPaths(paths)
	} else if version.AtLeast(9, 10, 0) && args.geoIP {
		b.GeoIP = "/usr/share/GeoIP"
	}
	return b, nil
}

// answer is the error for text that cannot be understood.
func answer(message string) error {
	return fail(StatusFailed, "NJ605", nil, message,
		"give the real named with --named FILE, or the release with --bind-version 9.18")
}

// versionLine finds the line that tells the version and reads it: the second
// word, or with some vendors a later one ("in.named BIND 8.1.2 ..."). BIND 8
// has a second line with who built it.
func versionLine(text string) (string, parser.Version, bool) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		for i := 1; i < min(len(words), 5); i++ {
			if !looksLikeVersion(words[i]) {
				continue
			}
			version, err := parser.ParseVersion(words[i])
			if err != nil || !version.Known() {
				break
			}
			return strings.TrimSpace(line), version, true
		}
	}
	return "", parser.Version{}, false
}

// looksLikeVersion tells whether a word begins with digits, a dot and a digit.
func looksLikeVersion(word string) bool {
	rest := strings.TrimLeft(word, "0123456789")
	return rest != word && len(rest) > 1 && rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9'
}

// firstLine is the beginning of a text, for a message.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if line == "" {
		return "nothing"
	}
	const most = 120
	if len(line) > most {
		line = strings.ToValidUTF8(line[:most], "") + "..."
	}
	return line
}
