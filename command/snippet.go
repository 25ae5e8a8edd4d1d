package command

import (
	"embed"
	"fmt"
	"path"
	"strings"

	"named-jail/jail"
	"named-jail/launcher"
)

// snippet is what makes a system start named in the jail.
//
// file is where text goes, "" for commands that a person runs. notes say what to
// know, after are the commands that follow, undo the one that takes it back.
// part says that the text is a piece of a file that others write too: it stands
// there between two lines of ours.
type snippet struct {
	file, text string
	mode       uint32
	part       bool
	notes      []string
	after      []string
	undo       string
}

// steps are what follows once the text stands in its file. Nothing was started or
// stopped.
func (sn *snippet) steps() []nextStep {
	var steps []nextStep
	does := "Next"
	for _, line := range sn.after {
		steps = append(steps, nextStep{does, line})
		does = "then"
	}
	return append(steps, nextStep{"Take it back", sn.undo})
}

// ourMark stands in every file that service writes.
const ourMark = "# Written by: named-jail service"

// snippetFiles are the texts, with @NAMES@ for what differs.
//
//go:embed snippets
var snippetFiles embed.FS

// manner is a way in which a system starts its services.
//
// signs are files of which one shows it; liveSigns, where there are some, are
// asked instead on the running system. make makes the snippet.
type manner struct {
	word, name       string
	signs, liveSigns []string
	make             func(s *system) (*snippet, error)
}

// manners is the table of them. A system is taken for the first that shows.
//
// Source: sd_booted(3), openrc-run(8), rc.subr(8), smf(5), LSB init scripts.
var manners = []manner{
	{"systemd", "systemd", systemdSigns[false], systemdSigns[true], (*system).systemdSnippet},
	{"openrc", "OpenRC", []string{"/sbin/openrc-run", "/usr/sbin/openrc-run"}, nil, (*system).openrcSnippet},
	{"rcd", "rc.d of BSD", []string{"/etc/rc.subr", "/etc/rc.d/rc.subr"}, nil, (*system).rcdSnippet},
	{"smf", "SMF", []string{"/lib/svc/bin/svc.startd"}, nil, (*system).smfSnippet},
	{"sysv", "boot scripts (SysV)", []string{"/etc/init.d"}, nil, (*system).sysvSnippet},
}

// shows tells whether the system starts its services in this manner.
func (m manner) shows(s *system) bool {
	signs := m.signs
	if m.liveSigns != nil && s.live() {
		signs = m.liveSigns
	}
	for _, sign := range signs {
		if s.has(sign) {
			return true
		}
	}
	return false
}

// mannerOf finds the row of a word.
func mannerOf(word string) (manner, bool) {
	for _, m := range manners {
		if m.word == word {
			return m, true
		}
	}
	return manner{}, false
}

// ownPlaces are where named-jail is looked for; the first is where it belongs.
var ownPlaces = []string{"/usr/local/sbin/named-jail", "/usr/sbin/named-jail", "/usr/local/bin/named-jail", "/usr/bin/named-jail"}

// ourProgram is named-jail's path on the system, as the service is to call it.
func (s *system) ourProgram() string {
	for _, p := range ownPlaces {
		if info, err := s.host.Stat(p); err == nil && info.Kind == jail.RegularFile && info.Mode&0o111 != 0 {
			return p
		}
	}
	return ownPlaces[0]
}

// headPlace is where a text has its head, when that is not the beginning.
const headPlace = "@HEAD@"

// ifConf begins a line that stands only where -c says which configuration is meant.
const ifConf = "@IFCONF@"

// fill gives the text of a name with its places filled. script is the vendor's.
func (s *system) fill(name, script string) string {
	text, _ := snippetFiles.ReadFile("snippets/" + name) // they are part of the program
	named, conf := s.namedsPath(), ""
	var lines strings.Builder
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, ifConf); !ok || s.flags.conf != "" {
			lines.WriteString(rest)
		}
	}
	if s.flags.conf != "" {
		conf = " -c " + s.flags.conf
	}
	return strings.NewReplacer("@CONF@", conf, "@FILE@", s.flags.conf, "@JAIL@", s.jail, "@PROGRAM@", s.ourProgram(), "@NAMED@", named, "@RNDC@", path.Join(path.Dir(named), "rndc"),
		"@USER@", or(s.account.Name, "named"), "@GROUP@", or(s.account.Group, "named"), "@SCRIPT@", script).Replace(lines.String())
}

// namedsPath is the path of named on the system: the one that --named says, or the
// first.
func (s *system) namedsPath() string {
	if s.flags.named != "" && path.IsAbs(s.build.Path) {
		return strings.TrimPrefix(s.build.Path, strings.TrimSuffix(s.host.Root(), "/"))
	}
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/usr/bin"} {
		if info, err := s.host.Stat(dir + "/named"); err == nil && info.Mode&0o111 != 0 {
			return dir + "/named"
		}
	}
	if s.live() && path.IsAbs(s.build.Path) {
		return s.build.Path
	}
	return "/usr/sbin/named"
}

// plainWords refuses paths that a shell would take for more than one word: the
// scripts keep flags in variables.
func (s *system) plainWords() error {
	for what, name := range map[string]string{"jail": s.jail, "configuration": s.flags.conf} {
		if strings.ContainsAny(name, " \t'\"\\$`&;|<>()*?[]#~,%{}") {
			return usageError{"service: the path of the " + what + " has characters that a boot script cannot hold: " + name}
		}
	}
	return nil
}

// openrcSnippet is a script of our own: the vendors' scripts name the program
// that they start, and what /etc/conf.d/named sets comes before that.
func (s *system) openrcSnippet() (*snippet, error) {
	if err := s.plainWords(); err != nil {
		return nil, err
	}
	return &snippet{file: "/etc/init.d/named-jail", mode: 0o755, text: s.fill("openrc", ""),
		after: []string{"rc-service named stop", "rc-update del named", "rc-update add named-jail default", "rc-service named-jail start"},
		undo:  "rc-service named-jail stop; rc-update del named-jail; rm /etc/init.d/named-jail; rc-update add named default"}, nil
}

// bsd is a system with rc.d: what shows it, and where the snippet goes.
type bsd struct {
	template, name string
	sign           string
	file           string
	mode           uint32
	byHand         bool
	after          []string
	undo           string
	notes          []string
}

// bsds is the table of them. The last row is taken where none shows.
//
// Source: FreeBSD rc.subr(8) and dns/bind918 files/named.in; NetBSD rc.subr(8)
// and etc/rc.d/named; OpenBSD rc.d(8), rc.subr(8) and net/isc-bind.
var bsds = []bsd{
	{"openbsd", "OpenBSD", "/etc/rc.d/rc.subr", "/etc/rc.d/named_jail", 0o755, false,
		[]string{"rcctl stop isc_named", "rcctl disable isc_named", "rcctl enable named_jail", "rcctl start named_jail"},
		"rcctl stop named_jail; rcctl disable named_jail; rm /etc/rc.d/named_jail; rcctl enable isc_named",
		[]string{"isc_named's own script always gives -t /var/named, so this one takes its place."}},
	{"netbsd", "NetBSD", "/etc/release", "/etc/rc.conf.d/named", 0o644, true,
		[]string{"service named restart"}, "remove these lines from /etc/rc.conf.d/named", nil},
	{"freebsd", "FreeBSD", "", "/etc/rc.conf.d/named", 0o644, false,
		[]string{"sysrc named_enable=YES", "service named restart"}, "rm /etc/rc.conf.d/named", nil},
}

func (s *system) rcdSnippet() (*snippet, error) {
	if err := s.plainWords(); err != nil {
		return nil, err
	}
	for _, b := range bsds {
		if b.sign != "" && !s.has(b.sign) {
			continue
		}
		sn := &snippet{file: b.file, mode: b.mode, text: s.fill(b.template, ""), after: b.after, undo: b.undo, notes: b.notes}
		if b.byHand {
			sn.notes = append(sn.notes, "These lines go into "+b.file+".")
			sn.file = ""
		}
		return sn, nil
	}
	return nil, notOurs("/etc/rc.d", "this system has no rc.d that is known", "Put into the boot script by hand: "+s.jailedLine())
}

// smfSnippet is commands: SMF keeps its settings in a database.
func (s *system) smfSnippet() (*snippet, error) {
	if s.jail != defaultJail {
		return nil, usageError{"service smf: the service has no property for named's flags, so that only the jail " + defaultJail + " can be started by it"}
	}
	if err := s.plainWords(); err != nil {
		return nil, err
	}
	undo := "svccfg -s svc:/network/dns/server:default delprop options/server; "
	if s.flags.conf != "" {
		undo += "svccfg -s svc:/network/dns/server:default delprop options/configuration_file; "
	}
	return &snippet{text: s.fill("smf", ""), undo: undo + "svcadm refresh svc:/network/dns/server:default"}, nil
}

// sysvSnippet changes the lines of the vendor's script, where they are known.
func (s *system) sysvSnippet() (*snippet, error) {
	if err := s.plainWords(); err != nil {
		return nil, err
	}
	script, template := "/etc/init.d/named", "sysvhand"
	for _, b := range bootScripts {
		if strings.HasPrefix(b.script, "/etc/init.d/") && s.has(b.script) {
			script = b.script
			break
		}
	}
	text, _ := s.host.ReadText(script)
	if strings.Contains(text, "--exec "+s.namedsPath()) && strings.Contains(text, "-- $OPTIONS") {
		template = "sysv"
	}
	sn := &snippet{text: s.fill(template, script), undo: "put named back into its place in " + script}
	if template == "sysv" {
		sn.undo = fmt.Sprintf("mv %s.before-jail %s", script, script)
	}
	return sn, nil
}

// notOurs is the finding for a service that this command leaves alone.
func notOurs(file, message, remedy string) error {
	return &jail.Error{Code: "NJ536", Path: file, Message: message, Remedy: remedy}
}

// otherJail is the jail that the system's own service has; it is taken over
// where none was asked for.
type otherJail string

func (j otherJail) Error() string { return "the service has the jail " + string(j) }

// flagsOfScripts tells whether the jail stands in the flags that a boot script
// reads, for that is the jail to take over.
func (s *system) flagsOfScripts() string {
	for _, b := range bootScripts {
		if !s.has(b.script) {
			continue
		}
		text, err := s.host.ReadText(b.options)
		if err != nil {
			continue
		}
		set := assignments(text)
		if b.chroot != "" && path.IsAbs(set[b.chroot]) {
			return path.Clean(set[b.chroot])
		}
		inv, err := launcher.ParseArgs(s.build, strings.Fields(set[b.flags]), nil)
		if err == nil && path.IsAbs(inv.Jail) {
			return path.Clean(inv.Jail)
		}
	}
	return ""
}
