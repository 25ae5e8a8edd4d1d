package jail

import (
	"fmt"
	"path"
	"runtime"
	"strconv"

	"named-jail/parser"
)

// PasswordState is what the system's files say about an account's password.
// The password itself, hashed or not, is never kept.
type PasswordState uint8

// PasswordUnknown is for files that we may not read and for accounts that come
// from a directory service.
const (
	PasswordUnknown PasswordState = iota
	PasswordLocked
	PasswordSet
	PasswordEmpty
)

// Account is the user that named runs as.
//
// Group is the name of the primary group, its number where it has no name.
// Units: UID and GID are the system's numbers, 0 to 4294967294.
type Account struct {
	Name     string
	UID, GID int
	Group    string
	Shell    string
	Home     string
	Password PasswordState
}

// usualAccounts is the table of names that systems give the account, in the
// order in which they are tried.
var usualAccounts = []string{"named", "bind", "_bind"}

// LookupAccount finds a user of the system below root: first in its own files,
// and on the running system also by getent(1), because a static program has no
// other way to directory services. A name of digits only is a uid, as named
// takes it. Errors: *Error NJ502.
func LookupAccount(files Files, root, name string) (Account, error) {
	a, found, err := accountInFiles(files, name)
	if err != nil {
		return Account{}, err
	}
	if !found && isLive(root) {
		a, found = accountFromService(name)
	}
	if !found {
		return Account{}, unknownAccount(name)
	}
	if a.Group, found = groupName(files, root, a.GID); !found {
		a.Group = strconv.Itoa(a.GID)
	}
	return a, nil
}

// DefaultAccount finds the first of the usual accounts: named, bind, _bind.
// Errors: *Error NJ502 when there is none.
func DefaultAccount(files Files, root string) (Account, error) {
	for _, name := range usualAccounts {
		if a, found, err := accountInFiles(files, name); err != nil {
			return Account{}, err
		} else if found {
			return LookupAccount(files, root, a.Name)
		}
	}
	if isLive(root) {
		for _, name := range usualAccounts {
			if a, err := LookupAccount(files, root, name); err == nil {
				return a, nil
			}
		}
	}
	e := unknownAccount(usualAccounts[0])
	e.Message = `named's account is not known: there is no user "named", "bind" or "_bind"`
	return Account{}, e
}

// FindAccount is LookupAccount, or DefaultAccount for the name "", followed by
// CheckAccount. The account is only good when no finding is an error.
func FindAccount(files Files, root, name string) (Account, parser.Diagnostics) {
	var a Account
	var err error
	if name == "" {
		a, err = DefaultAccount(files, root)
	} else {
		a, err = LookupAccount(files, root, name)
	}
	if err != nil {
		return Account{}, parser.Diagnostics{Diagnose(err)}
	}
	return a, CheckAccount(a)
}

// LookupGroup gives the number of a group of the system below root; digits are
// a number already, which need not be in the files. Errors: *Error NJ502.
func LookupGroup(files Files, root, name string) (int, error) {
	if id, ok := accountID(name); ok {
		return id, nil
	}
	data, err := files.ReadFile(groupPath)
	if err != nil && !isMissing(err) {
		return 0, unreadableAccounts(groupPath, err)
	}
	if g, ok := findGroup(data, func(g groupEntry) bool { return g.name == name }); ok {
		return g.gid, nil
	}
	if isLive(root) {
		if g, ok := groupFromService(name); ok {
			return g.gid, nil
		}
	}
	return 0, &Error{Code: "NJ502", Message: fmt.Sprintf("there is no group %q on this system", name),
		Remedy: "Give an existing group with -g GROUP, or leave -g away: then it is the user's primary group."}
}

// accountCommands are one system's commands about accounts, for remedies.
type accountCommands struct {
	goos  string
	lock  string
	shell string
	group string
}

// accountHelp is the table of those commands; the last row stands for systems
// that are not in it.
var accountHelp = []accountCommands{
	{"freebsd", "pw lock %s", "pw usermod %s -s /usr/sbin/nologin", "pw usermod %s -g GROUP"},
	{"netbsd", "usermod -C yes %s", "usermod -s /sbin/nologin %s", "usermod -g GROUP %s"},
	{"openbsd", "usermod -Z %s", "usermod -s /sbin/nologin %s", "usermod -g GROUP %s"},
	{"solaris", "passwd -l %s", "usermod -s /usr/bin/false %s", "usermod -g GROUP %s"},
	{"illumos", "passwd -l %s", "usermod -s /usr/bin/false %s", "usermod -g GROUP %s"},
	{"linux", "passwd -l %s", "usermod -s /usr/sbin/nologin %s", "usermod -g GROUP %s"},
}

func accountCommandsFor(goos string) accountCommands {
	for _, c := range accountHelp {
		if c.goos == goos {
			return c
		}
	}
	return accountHelp[len(accountHelp)-1]
}

// noLoginShells is the table of programs that end a login at once.
var noLoginShells = map[string]bool{"nologin": true, "false": true, "true": true, "noshell": true}

// CheckAccount judges whether named may run as the account. Findings: NJ502
// (error) for uid 0; NJ503 (warnings) for the group with gid 0, a login shell
// and a password that is not locked.
func CheckAccount(a Account) parser.Diagnostics {
	var ds parser.Diagnostics
	help := accountCommandsFor(runtime.GOOS)
	if a.UID == 0 {
		ds.Add(parser.Diagnostic{Code: "NJ502",
			Message: fmt.Sprintf("the user %q has uid 0: root is not held by a jail", a.Name),
			Remedy:  "Give another user with -u USER, or let `apply --create-user` make one."})
		return ds
	}
	warn := func(command, format string, args ...any) {
		ds.Add(parser.Diagnostic{Code: "NJ503", Message: fmt.Sprintf(format, args...),
			Remedy: "Run: " + fmt.Sprintf(command, accountWord(a.Name))})
	}
	if a.GID == 0 {
		warn(help.group, "the primary group of the user %q is root's (gid 0)", a.Name)
	}
	if !noLoginShells[path.Base(a.Shell)] {
		shell := a.Shell
		if shell == "" {
			shell = "/bin/sh"
		}
		warn(help.shell, "the user %q can log in: its shell is %s", a.Name, shell)
	}
	switch a.Password {
	case PasswordSet:
		warn(help.lock, "the user %q has a password; it needs none", a.Name)
	case PasswordEmpty:
		warn(help.lock, "the user %q has an empty password: anybody can become it", a.Name)
	}
	return ds
}

// unknownAccount says that there is no such user and how to make one.
func unknownAccount(name string) *Error {
	e := &Error{Code: "NJ502", Message: fmt.Sprintf("there is no user %q on this system", name),
		Remedy: "Give an existing user with -u USER."}
	if usableName(name) {
		e.Remedy = fmt.Sprintf("Create it with `%s` or let `apply --create-user` do so; or give an existing user with -u USER.",
			creationLine(runtime.GOOS, name))
	}
	return e
}

func unreadableAccounts(file string, err error) *Error {
	return &Error{Code: "NJ502", Path: file, Message: "the system's accounts cannot be read", Err: err,
		Remedy: "Repair the file; it must be a plain file that all can read."}
}

// isLive tells whether root is the running system.
func isLive(root string) bool { return root == "" || path.Clean(root) == "/" }

// accountWord is a name for a command line that the operator will copy.
func accountWord(name string) string {
	if usableName(name) {
		return name
	}
	return strconv.Quote(name)
}
