package command

import (
	"fmt"
	"strings"

	"named-jail/jail"
	"named-jail/parser"
)

// confinement is one row: a system that confines programs by name or label and
// that plain permissions do not show, how to see that it holds named, and what
// lets named into the jail: lines for the file rules (none: ""), and commands.
// present is a file that the host has where the system is set up.
type confinement struct {
	name    string
	file    string // of the kernel
	present string
	rules   string
	holds   func(text string) bool
	lines   func(at string) []string
	steps   func(at string) []string
}

// remedy says the same in a sentence.
func (c confinement) remedy(at string) string {
	run := "run: " + strings.Join(c.steps(at), " && ")
	if c.rules == "" {
		return "R" + run[1:]
	}
	return fmt.Sprintf("Add to %s the lines \"%s\", then %s", c.rules, strings.Join(c.lines(at), "\" and \""), run)
}

// confinements is the table of such systems.
//
// Source: apparmor.d(5) and Debian's profile usr.sbin.named; named_selinux(8).
var confinements = []confinement{
	{"AppArmor", "/sys/kernel/security/apparmor/profiles", "/etc/apparmor.d/usr.sbin.named", "/etc/apparmor.d/local/usr.sbin.named",
		func(text string) bool {
			for _, line := range strings.Split(text, "\n") {
				if name, mode, _ := strings.Cut(line, " "); mode == "(enforce)" && (name == "named" || strings.HasSuffix(name, "/named")) {
					return true
				}
			}
			return false
		},
		func(at string) []string { return []string{at + "/** rwkl,", at + "/usr/lib/** rm,"} },
		func(string) []string { return []string{"apparmor_parser -r /etc/apparmor.d/usr.sbin.named"} }},
	{"SELinux", "/sys/fs/selinux/enforce", "/etc/selinux/config", "",
		func(text string) bool { return strings.TrimSpace(text) == "1" },
		nil,
		func(at string) []string {
			if at == "/var/named/chroot" {
				return []string{"restorecon -R /var/named/chroot"}
			}
			return []string{"semanage fcontext -a -e /var/named/chroot " + shellLine([]string{at}), "restorecon -R " + shellLine([]string{at})}
		}},
}

// confinementSnippets are what lets named into the jail where the host has such
// a system, whether it is on or not.
func (s *system) confinementSnippets() []*snippet {
	var all []*snippet
	for _, c := range confinements {
		if !s.has(c.present) {
			continue
		}
		sn := &snippet{after: c.steps(s.jail), notes: []string{c.name + ": what lets named into the jail " + s.jail + "."}}
		if c.rules != "" {
			sn.file, sn.mode, sn.part = c.rules, 0o644, true
			sn.text = strings.Join(c.lines(s.jail), "\n") + "\n"
			sn.undo = "remove these lines; " + strings.Join(c.steps(s.jail), "; ")
		}
		all = append(all, sn)
	}
	return all
}

// confined warns where such a system may keep named from its files in the jail.
func (s *system) confined() parser.Diagnostics {
	var ds parser.Diagnostics
	for _, c := range confinements {
		text, err := s.host.ReadText(c.file)
		if err != nil || !c.holds(text) {
			continue
		}
		ds.Add(parser.Diagnostic{Code: "NJ513", Message: fmt.Sprintf("%s confines named here and does not know this jail: it may refuse what the permissions allow", c.name),
			Remedy: c.remedy(s.jail)})
	}
	return ds
}

// surroundings reports what of the system around it keeps the jail from
// working: another confinement, a vendor's jail, a file system without
// execution where the jail holds programs or modules.
func (w *walk) surroundings() parser.Diagnostics {
	ds := append(w.confined(), w.logrotate()...)
	found := jail.Vendor(w.host, w.host.Root(), w.jail)
	ds = append(ds, jail.VendorDiagnostics(found)...)
	for _, f := range found {
		if !f.Blocking && f.Jail != w.jail {
			ds.Add(parser.Diagnostic{Code: "NJ513", File: f.Jail, Message: fmt.Sprintf("this system has a jail already: %s", f.Name),
				Remedy: fmt.Sprintf("%s. To take that one over, give -t %s.", f.Note, f.Jail)})
		}
	}
	if len(w.install.Modules()) > 0 || len(w.install.Programs()) > 0 {
		ds = append(ds, jail.CheckExec(w.host.Root(), w.jail)...)
	}
	return ds
}
