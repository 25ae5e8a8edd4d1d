package command

import (
	"fmt"
	"strings"

	"named-jail/jail"
	"named-jail/parser"
)

// confinement is one row: a system that confines programs by name or label and
// that plain permissions do not show, how to see that it holds named, and what
// lets named into the jail.
type confinement struct {
	name   string
	file   string // of the kernel
	holds  func(text string) bool
	remedy func(at string) string
}

// confinements is the table of such systems.
//
// Source: apparmor.d(5) and Debian's profile usr.sbin.named; named_selinux(8).
var confinements = []confinement{
	{"AppArmor", "/sys/kernel/security/apparmor/profiles",
		func(text string) bool {
			for _, line := range strings.Split(text, "\n") {
				if name, mode, _ := strings.Cut(line, " "); mode == "(enforce)" && (name == "named" || strings.HasSuffix(name, "/named")) {
					return true
				}
			}
			return false
		},
		func(at string) string {
			return fmt.Sprintf("Add to /etc/apparmor.d/local/usr.sbin.named the lines \"%s/** rwkl,\" and \"%s/usr/lib/** rm,\", then run: apparmor_parser -r /etc/apparmor.d/usr.sbin.named", at, at)
		}},
	{"SELinux", "/sys/fs/selinux/enforce",
		func(text string) bool { return strings.TrimSpace(text) == "1" },
		func(at string) string {
			if at == "/var/named/chroot" {
				return "Run: restorecon -R /var/named/chroot"
			}
			return fmt.Sprintf("Run: semanage fcontext -a -e /var/named/chroot %s && restorecon -R %s", at, at)
		}},
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
