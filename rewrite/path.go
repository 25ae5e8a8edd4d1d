package rewrite

import (
	"path"
	"strings"

	"named-jail/parser"
)

// Path is one path that named uses: where the configuration writes it (nowhere
// for a built-in default), what it is on the host, and its place in the jail.
type Path struct {
	Keyword string
	Value   string      // as written
	At      parser.Span // File is nil for a built-in default
	Rule    *parser.PathRule
	Class   Class
	Host    string // absolute, "" where it leads to no file of the host
	Jail    JailPath
	text    string // the new value, where that is more than the place
}

// relative tells whether the path hangs off the working directory.
func (p *Path) relative() bool { return !path.IsAbs(p.Value) }

// newText is the value that the jailed configuration has in its place; it is
// the old one where nothing has to change.
func (p *Path) newText() string {
	if p.text != "" {
		return p.text
	}
	switch p.Rule.Kind {
	case parser.ZoneFilePath:
		return string(p.Jail)
	case parser.DirectoryPath:
		if p.Rule.Access == parser.Chdir {
			return WorkingDir
		}
	}
	if p.relative() && p.Class != ClassWritten && p.Class != ClassLibrary {
		return string(p.Jail)
	}
	return p.Value
}

// inRead gives the place of a file that named reads: the same absolute path,
// or below /etc for a relative one.
func inRead(value string) JailPath {
	if path.IsAbs(value) {
		return JailPath(path.Clean(value))
	}
	return JailPath(path.Join(readDir, path.Clean("/"+value)))
}

// inWritten gives the place of a file that named writes: the same absolute
// path, or the same path relative to the jail's working directory.
func inWritten(value string) JailPath {
	return JailPath(parser.Resolve(WorkingDir, value))
}

// ownSystem tells whether a path belongs to the system's packages, so that its
// file is copied and not moved. /usr/local is the administrator's.
func ownSystem(p string) bool {
	return strings.HasPrefix(p, "/usr/") && !strings.HasPrefix(p, "/usr/local/")
}

// keytabTypes are the types of keytabs in Kerberos that are files: FILE:/path.
var keytabTypes = []string{"FILE:", "WRFILE:"}

// keytabPath splits a keytab name of Kerberos into its type and its path.
func keytabPath(value string) (kind, file string) {
	for _, kind := range keytabTypes {
		if rest, ok := strings.CutPrefix(value, kind); ok {
			return kind, rest
		}
	}
	return "", value
}

// module takes the library out of the value of a dlz, dyndb or plugin
// statement. A plugin without a slash lies in the plugin directory. "" means
// that the value names none.
func module(keyword, value, pluginDir string) string {
	switch keyword {
	case "database":
		words := strings.Fields(value)
		if len(words) < 2 || words[0] != "dlopen" {
			return ""
		}
		return words[1]
	case "plugin":
		if !strings.Contains(value, "/") {
			return path.Join(pluginDir, value)
		}
	}
	return value
}
