package command

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
)

// bootScript is one way to start named without systemd: the script, and the file
// and variables that it takes named's flags and its chroot from.
//
// Source: the init scripts of Debian's bind9, Red Hat's bind, SUSE's bind,
// Gentoo's and Alpine's bind, FreeBSD's dns/bind918, NetBSD's etc/rc.d/named,
// OpenBSD's isc-bind.
type bootScript struct {
	script  string
	options string
	flags   string // variable with named's flags
	program string // variable with the program, "" when there is none
	chroot  string // variable with the jail, "" when there is none
	enabled string // variable that must be "yes", "" when the script's presence does
	links   string // pattern of links, one of which starts the script at boot, "" when that is not known
	listed  string // variable that lists the scripts that are started, "" when there is none
}

// openrcLinks are what rc-update makes.
const openrcLinks = "/etc/runlevels/*/named"

var bootScripts = []bootScript{
	{script: "/etc/init.d/named", options: "/etc/default/named", flags: "OPTIONS"},
	{script: "/etc/init.d/bind9", options: "/etc/default/bind9", flags: "OPTIONS"},
	{script: "/etc/init.d/named", options: "/etc/sysconfig/named", flags: "OPTIONS", chroot: "ROOTDIR"},
	{script: "/etc/init.d/named", options: "/etc/conf.d/named", flags: "OPTIONS", chroot: "CHROOT", links: openrcLinks},
	{script: "/etc/init.d/named", options: "/etc/conf.d/named", flags: "OPTS", links: openrcLinks},
	{script: "/usr/local/etc/rc.d/named", options: "/etc/rc.conf", flags: "named_flags", program: "named_program", chroot: "named_chrootdir", enabled: "named_enable"},
	{script: "/etc/rc.d/named", options: "/etc/rc.conf", flags: "named_flags", program: "named_program", chroot: "named_chrootdir", enabled: "named"},
	{script: "/etc/rc.d/isc_named", options: "/etc/rc.conf.local", flags: "isc_named_flags", listed: "pkg_scripts"},
}

// systemdSigns are what a system that systemd runs has: the running one, an
// image of one.
//
// Source: sd_booted(3).
var systemdSigns = map[bool][]string{
	true:  {"/run/systemd/system"},
	false: {"/usr/lib/systemd/systemd", "/lib/systemd/systemd"},
}

// starters reports what would start named outside of the jail that was made for
// it: the unit in force, or the boot script.
func (s *system) starters() parser.Diagnostics {
	for _, sign := range systemdSigns[s.live()] {
		if _, err := s.host.Stat(sign); err == nil {
			return s.unitStarters()
		}
	}
	var ds parser.Diagnostics
	done := map[string]bool{}
	for _, b := range bootScripts {
		if done[b.script] {
			continue
		}
		info, err := s.host.Stat(b.script)
		if err != nil || info.Mode&0o111 == 0 {
			continue
		}
		text, err := s.host.ReadText(b.options)
		if err != nil && b.enabled != "" {
			continue
		}
		// The last row of a script stands where none of its files is there.
		if err != nil && slices.ContainsFunc(bootScripts, func(o bootScript) bool { return o.script == b.script && s.has(o.options) }) {
			continue
		}
		done[b.script] = true
		if !s.scriptJails(b, text) {
			ds.Add(parser.Diagnostic{Code: "NJ533", File: s.host.OSPath(b.script),
				Message: fmt.Sprintf("this script starts named without the jail %s, which is in use", s.jail),
				Remedy:  fmt.Sprintf("See what `named-jail service` says for this system; or let it start %s in named's place; or set %s in %s so that it has -t %s -c /etc/named.conf.", s.jailedLine(), b.flags, b.options, s.jail)})
		}
	}
	return ds
}

func (s *system) has(file string) bool {
	_, err := s.host.Stat(file)
	return err == nil
}

// jailedLine is the command line that should stand in the unit or script.
func (s *system) jailedLine() string {
	return "named-jail " + shellLine([]string{"-t", s.jail, "-u", s.account.Name})
}

// scriptJails tells whether a boot script starts named in the jail, or not at
// all.
func (s *system) scriptJails(b bootScript, text string) bool {
	if b.enabled != "" {
		more, _ := s.host.ReadText("/etc/rc.conf.d/named")
		text += "\n" + more
	}
	set := assignments(text)
	if b.enabled != "" && !strings.EqualFold(set[b.enabled], "yes") || s.notAtBoot(b, set) {
		return true
	}
	if b.chroot != "" && s.isJail(set[b.chroot]) || path.Base(set[b.program]) == "named-jail" {
		return true
	}
	if s.flagsJail(strings.Fields(set[b.flags]), false) {
		return true
	}
	script, err := s.host.ReadText(b.script)
	if err != nil {
		return true // not to be known
	}
	for line := range strings.Lines(script) {
		line, _, _ = strings.Cut(line, "#")
		if strings.Contains(line, "named-jail") {
			return true
		}
	}
	return false
}

// notAtBoot tells whether it is known that the boot does not start a script.
func (s *system) notAtBoot(b bootScript, set map[string]string) bool {
	if _, told := set[b.listed]; told && !slices.Contains(strings.Fields(set[b.listed]), path.Base(b.script)) {
		return true
	}
	if b.links == "" || !s.has(path.Dir(path.Dir(b.links))) {
		return false
	}
	links, err := s.host.Glob(b.links)
	return err == nil && len(links) == 0
}

// isJail tells whether a path is that of the jail.
func (s *system) isJail(p string) bool {
	if p == "" || !path.IsAbs(p) {
		return false
	}
	real, err := s.host.RealPath(p)
	return err == nil && s.tree != nil && real == s.tree.RealPath()
}

// flagsJail tells whether named's flags name the jail; ours says that they are
// named-jail's, whose default is the article's jail.
func (s *system) flagsJail(words []string, ours bool) bool {
	if ours {
		if len(words) > 0 && words[0] == "run" {
			words = words[1:]
		}
		_, words = launcher.SplitOwn(words)
	}
	inv, err := launcher.ParseArgs(s.build, words, func(group string) bool {
		_, err := jail.LookupGroup(s.host, s.host.Root(), group)
		return err == nil
	})
	if err != nil {
		return false
	}
	at := inv.Jail
	if at == "" && ours {
		at = defaultJail
	}
	return s.isJail(at)
}

// unitStarters looks at the units that systemd has for named.
func (s *system) unitStarters() parser.Diagnostics {
	var ds parser.Diagnostics
	for _, name := range unitNames {
		file, alias := s.unitFile(name)
		if file == "" || alias {
			continue
		}
		words, _ := s.unit(name)
		if len(words) == 0 {
			continue
		}
		program := path.Base(strings.TrimLeft(words[0], "-@:+!"))
		if program != "named" && program != "named-jail" || s.flagsJail(words[1:], program == "named-jail") {
			continue
		}
		ds.Add(parser.Diagnostic{Code: "NJ533", File: s.host.OSPath(file),
			Message: fmt.Sprintf("this unit starts named without the jail %s, which is in use: %s", s.jail, strings.Join(words, " ")),
			Remedy:  fmt.Sprintf("Run: named-jail service systemd --install -t %s; then systemctl daemon-reload. Or, if another unit starts it: systemctl mask %s", s.jail, name)})
	}
	return ds
}

// unitFile gives the file of a unit that is in force, "" when there is none or
// it is masked; alias says that it is another name of one of named's units.
func (s *system) unitFile(name string) (file string, alias bool) {
	for _, dir := range unitDirs {
		at := dir + "/" + name
		info, err := s.host.Lstat(at)
		if err != nil {
			continue
		}
		if info.Kind != jail.LinkFile {
			return at, false
		}
		other := path.Base(info.Target)
		if info.Target == "/dev/null" {
			return "", false
		}
		return at, other != name && slices.Contains(unitNames, other)
	}
	return "", false
}
