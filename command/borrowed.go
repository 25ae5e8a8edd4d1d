package command

import (
	"os"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
)

// borrowed refuses to work with rights that the caller does not have himself:
// the set-user-ID and set-group-ID bits and capabilities of our own file, and a user or group in
// force that is not the real one. Every option would be a way to use root's
// rights. Errors: *jail.Error NJ518.
func borrowed() error {
	e := &jail.Error{Code: "NJ518"}
	if self, err := launcher.Self(); err == nil && self.Mode()&(os.ModeSetuid|os.ModeSetgid) != 0 {
		e.Message = "named-jail itself has the set-user-ID or set-group-ID bit, which would give everybody its owner's rights"
		e.Path, _ = os.Executable()
		e.Remedy = "Take the bits away: chmod u-s,g-s " + parser.Printable(e.Path) + ". Then call it as root, or with sudo."
		return e
	}
	if capable() {
		e.Message = "named-jail itself has capabilities (setcap), which would lend everybody a part of root's rights"
		e.Path, _ = os.Executable()
		e.Remedy = "Take them away: setcap -r " + parser.Printable(e.Path) + ". Then call it as root, or with sudo."
		return e
	}
	if os.Getuid() != os.Geteuid() || os.Getgid() != os.Getegid() {
		e.Message = "the user or group in force is not that of the caller"
		e.Remedy = "Call named-jail as root, or with sudo, which changes both; not from a program with the set-user-ID bit."
		return e
	}
	return nil
}
