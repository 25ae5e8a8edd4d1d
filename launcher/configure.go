package launcher

import (
	"path"
	"strings"
)

// configured is what the configure arguments of a build say: the last value of
// each directory, "" where there is none.
type configured struct {
	dirs  map[string]string // by the name of the argument: "prefix", "libdir"
	geoIP bool
}

// directoryArguments are the arguments that are kept.
var directoryArguments = map[string]bool{
	"prefix": true, "exec-prefix": true, "sysconfdir": true, "localstatedir": true, "libdir": true,
}

// configureArguments reads the arguments out of named -V: the words behind
// "built with" (9.6, 9.7) or "built by make with" on the line that has it.
// Debian repeats arguments; the last one wins, as in configure. Meson's -Dname=
// is taken too.
func configureArguments(text string) configured {
	c := configured{dirs: map[string]string{}}
	for line := range strings.Lines(text) {
		_, after, ok := strings.Cut(line, "built ")
		if !ok {
			continue
		}
		_, list, ok := strings.Cut(after, "with ")
		if !ok {
			continue
		}
		pending := ""
		for _, word := range shellWords(list) {
			if pending != "" {
				c.dirs[pending] = word
				pending = ""
				continue
			}
			name, value, attached := strings.Cut(word, "=")
			name = strings.TrimPrefix(strings.TrimPrefix(name, "--"), "-D")
			switch {
			case strings.HasPrefix(name, "with-geoip"), name == "with-maxminddb":
				c.geoIP = value != "no"
			case !directoryArguments[name]:
			case attached:
				c.dirs[name] = value
			default:
				pending = name
			}
		}
		break
	}
	return c
}

// shellWords divides a line into words as a shell would, as far as configure's
// own quoting goes: single and double quotes, and a backslash outside them.
func shellWords(line string) []string {
	var words []string
	var word strings.Builder
	inWord := false
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '\'' || c == '"':
			quote, inWord = c, true
		case c == '\\' && i+1 < len(line):
			i++
			word.WriteByte(line[i])
			inWord = true
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}

// setDirectories sets the directories that the configure arguments give. With
// no prefix given, releases up to 9.14 use /etc and /var, later ones the
// directories below /usr/local; BIND 8 has no configure and uses /etc and /var.
func (b *Build) setDirectories(c configured) {
	prefix, given := cleanPath(c.dirs["prefix"])
	if !given {
		prefix = "/usr/local"
	}
	c.dirs["prefix"] = prefix
	exec, ok := cleanPath(expand(c.dirs["exec-prefix"], c.dirs))
	if !ok {
		exec = prefix
	}
	c.dirs["exec_prefix"] = exec // the name it has as a variable
	b.Sysconfdir, b.Localstatedir = path.Join(prefix, "etc"), path.Join(prefix, "var")
	// Without any answer a release up to 9.14, or BIND 8, is taken for one that
	// was built with no arguments.
	if b.Family == 8 || !given && !b.Version.AtLeast(9, 15, 0) {
		b.Sysconfdir, b.Localstatedir = "/etc", "/var"
	}
	b.Libdir = path.Join(exec, "lib")
	for _, row := range []struct {
		name string
		dir  *string
	}{{"sysconfdir", &b.Sysconfdir}, {"localstatedir", &b.Localstatedir}, {"libdir", &b.Libdir}} {
		value := expand(c.dirs[row.name], c.dirs)
		if value != "" && !strings.HasPrefix(value, "/") {
			value = path.Join(prefix, value) // meson: relative to the prefix
		}
		if strings.Contains(value, "$") {
			continue // a variable that we do not know
		}
		if dir, ok := cleanPath(value); ok {
			*row.dir = dir
		}
	}
}

// expand puts the prefixes in the place of ${prefix} and ${exec_prefix}.
func expand(value string, dirs map[string]string) string {
	return strings.NewReplacer("${prefix}", dirs["prefix"], "${exec_prefix}", dirs["exec_prefix"]).Replace(value)
}
