package command

import (
	"path"
	"strings"

	"named-jail/jail"
	"named-jail/launcher"
)

// service is how the system itself starts named. user is "" for root; known is
// false where nothing on the system says.
type service struct {
	user  string
	known bool
}

// unitDirs are where systemd looks for units, the strongest first.
//
// Source: systemd.unit(5).
var unitDirs = []string{"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"}

// unitNames are what distributions call named's unit.
var unitNames = []string{"named.service", "bind9.service", "bind.service"}

// optionFiles are what boot scripts read named's flags from, and the account
// that the script itself gives.
//
// Source: the init scripts of Debian's bind9, Red Hat's bind, Gentoo's
// net-dns/bind, FreeBSD's dns/bind918.
var optionFiles = []struct{ file, variable, user string }{
	{"/etc/default/named", "OPTIONS", ""},
	{"/etc/default/bind9", "OPTIONS", ""},
	{"/etc/sysconfig/named", "OPTIONS", "named"},
	{"/etc/conf.d/named", "OPTIONS", "named"},
	{"/etc/rc.conf", "named_flags", "bind"},
}

// service finds out which account the system's own service starts named as.
func (s *system) service() service {
	for _, name := range unitNames {
		if words, user := s.unit(name); len(words) > 0 {
			if given, ok := s.userOf(words); ok {
				return service{or(given, user), true}
			}
		}
	}
	for _, o := range optionFiles {
		data, err := s.host.ReadFile(o.file)
		if err != nil {
			continue
		}
		value, ok := assignments(string(data))[o.variable]
		if !ok && (o.user == "" || o.file == "/etc/rc.conf") {
			continue
		}
		if given, ok := s.userOf(append([]string{"named"}, strings.Fields(value)...)); ok {
			return service{or(given, o.user), true}
		}
	}
	return service{}
}

// userOf reads the -u flag of a command line of named, or of named-jail in its
// place. The second result is false for other programs.
func (s *system) userOf(words []string) (string, bool) {
	flags := words[1:]
	switch path.Base(strings.TrimLeft(words[0], "-@:+!")) {
	case "named":
	case "named-jail":
		if len(flags) > 0 && flags[0] == "run" {
			flags = flags[1:]
		}
		_, flags = launcher.SplitOwn(flags)
	default:
		return "", false
	}
	inv, err := launcher.ParseArgs(s.build, flags, func(group string) bool {
		_, err := jail.LookupGroup(s.host, s.host.Root(), group)
		return err == nil
	})
	if err != nil {
		return "", false
	}
	return inv.User, true
}

// unit gives the words of a unit's command line, variables put in, and its
// User. Drop-ins count.
func (s *system) unit(name string) ([]string, string) {
	u, ok := s.readUnit(name, "")
	if !ok {
		return nil, ""
	}
	return u.words(), u.last("User")
}

// assignments reads lines NAME=VALUE of a shell, quotes taken off.
func assignments(text string) map[string]string {
	m := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && !strings.HasPrefix(name, "#") {
			m[strings.TrimPrefix(name, "export ")] = strings.Join(shellWords(value), " ")
		}
	}
	return m
}

// shellWords splits at blanks that no quotes enclose, up to a comment.
func shellWords(text string) []string {
	var words []string
	var word strings.Builder
	var quote rune
	begun := false
	flush := func() {
		if begun {
			words = append(words, word.String())
		}
		word.Reset()
		begun = false
	}
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, begun = r, true
		case r == ' ' || r == '\t' || r == '\r':
			flush()
		case r == '#' && !begun:
			return words
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	flush()
	return words
}
