package jail

import (
	"bytes"
	"errors"
	"io/fs"
	"strconv"
	"strings"
)

// The files that hold accounts. Only root can read those with passwords.
const (
	passwdPath = "/etc/passwd"
	groupPath  = "/etc/group"
)

// shadowPaths is the table of files with passwords: Linux and Solaris, BSD.
var shadowPaths = []string{"/etc/shadow", "/etc/master.passwd"}

// maxID is the largest uid or gid; the number above it means "no change" to
// chown(2).
const maxID = 1<<32 - 2

// groupEntry is one line of /etc/group.
type groupEntry struct {
	name string
	gid  int
}

// accountInFiles looks a user up in the system's own files.
func accountInFiles(files Files, name string) (Account, bool, error) {
	data, err := files.ReadFile(passwdPath)
	if err != nil {
		if isMissing(err) {
			return Account{}, false, nil
		}
		return Account{}, false, unreadableAccounts(passwdPath, err)
	}
	a, field, ok := findAccount(data, name)
	if !ok {
		return Account{}, false, nil
	}
	a.Password = passwordState(field)
	for _, p := range shadowPaths {
		shadow, err := files.ReadFile(p)
		if err != nil {
			continue // not root, or another system's file
		}
		if field, ok := shadowField(shadow, a.Name); ok {
			a.Password = passwordState(field)
			break
		}
	}
	return a, true, nil
}

// findAccount finds a user, by uid when the name is all digits, in the text of
// /etc/passwd. The second result is the password field.
func findAccount(data []byte, name string) (Account, string, bool) {
	id, byID := accountID(name)
	for line := range accountLines(data) {
		a, field, ok := parseAccount(line)
		if ok && (byID && a.UID == id || !byID && a.Name == name) {
			return a, field, true
		}
	}
	return Account{}, "", false
}

// accountLines gives the entries of such a file: not empty, no comment, and
// not a line of the old network service, which begins with + or -.
func accountLines(data []byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for len(data) > 0 {
			line := data
			if i := bytes.IndexByte(data, '\n'); i >= 0 {
				line, data = data[:i], data[i+1:]
			} else {
				data = nil
			}
			text := strings.TrimLeft(string(bytes.TrimRight(line, "\r")), " \t")
			if text == "" || strings.ContainsRune("#+-", rune(text[0])) {
				continue
			}
			if !yield(text) {
				return
			}
		}
	}
}

// parseAccount reads name:password:uid:gid:comment:home:shell; the last three
// may be missing, as the C library allows.
func parseAccount(line string) (Account, string, bool) {
	f := strings.Split(line, ":")
	if len(f) < 4 || f[0] == "" {
		return Account{}, "", false
	}
	uid, ok := accountID(f[2])
	if !ok {
		return Account{}, "", false
	}
	gid, ok := accountID(f[3])
	if !ok {
		return Account{}, "", false
	}
	f = append(f, "", "", "")
	return Account{Name: f[0], UID: uid, GID: gid, Home: f[5], Shell: f[6]}, f[1], true
}

// accountID reads a number of a user or group. Signs and blanks are refused.
func accountID(s string) (int, bool) {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || n > maxID {
		return 0, false
	}
	return int(n), true
}

// findGroup finds the first entry of /etc/group that fits.
func findGroup(data []byte, fits func(groupEntry) bool) (groupEntry, bool) {
	for line := range accountLines(data) {
		f := strings.SplitN(line, ":", 4)
		if len(f) < 3 || f[0] == "" {
			continue
		}
		if gid, ok := accountID(f[2]); ok && fits(groupEntry{f[0], gid}) {
			return groupEntry{f[0], gid}, true
		}
	}
	return groupEntry{}, false
}

// groupName gives the name of a gid.
func groupName(files Files, root string, gid int) (string, bool) {
	data, err := files.ReadFile(groupPath)
	if err == nil {
		if g, ok := findGroup(data, func(g groupEntry) bool { return g.gid == gid }); ok {
			return g.name, true
		}
	}
	if isLive(root) {
		if g, ok := groupFromService(strconv.Itoa(gid)); ok {
			return g.name, true
		}
	}
	return "", false
}

// shadowField gives the password field of a user; no more of it is kept than
// passwordState needs.
func shadowField(data []byte, name string) (string, bool) {
	for line := range accountLines(data) {
		user, rest, ok := strings.Cut(line, ":")
		if ok && user == name {
			field, _, _ := strings.Cut(rest, ":")
			return field, true
		}
	}
	return "", false
}

// passwordState judges a password field. No hash begins with * or !, so either
// locks the account; NP, NL and UP are Solaris' words for no password, no
// login and not yet set up; x means that another file has it.
func passwordState(field string) PasswordState {
	switch {
	case field == "":
		return PasswordEmpty
	case field == "x":
		return PasswordUnknown
	case field[0] == '*' || field[0] == '!' || field == "NP" || field == "NL" || field == "UP":
		return PasswordLocked
	}
	return PasswordSet
}

// isMissing tells whether there is nothing at a path.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// Accounts lists the users in the system's own file; none where it cannot be read.
func Accounts(files Files) []Account {
	data, err := files.ReadFile(passwdPath)
	if err != nil {
		return nil
	}
	var list []Account
	for line := range accountLines(data) {
		if a, _, ok := parseAccount(line); ok {
			list = append(list, a)
		}
	}
	return list
}

// GroupNames lists the groups in the system's own file; none where it cannot be read.
func GroupNames(files Files) []string {
	data, err := files.ReadFile(groupPath)
	if err != nil {
		return nil
	}
	var list []string
	findGroup(data, func(g groupEntry) bool {
		list = append(list, g.name)
		return false
	})
	return list
}
