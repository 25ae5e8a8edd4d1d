package command

import (
	"slices"
	"sort"
	"strings"
)

// unitText is a unit of systemd as it is in force: the strongest unit file and
// its drop-ins.
//
// Set holds the assignments of [Service], in order; an empty one has taken back
// those before it. Order lists the drop-ins in the order of their reading, by
// path.
type unitText struct {
	name  string
	set   map[string][]string
	env   map[string]string
	order []string
}

// readUnit reads a unit, without the drop-in that is to be left out ("": none).
// The second result is false where there is no such unit.
//
// Source: systemd.unit(5), systemd.syntax(7), systemd.exec(5).
func (s *system) readUnit(name, without string) (*unitText, bool) {
	var texts []string
	dropIns := map[string]string{}
	for _, dir := range slices.Backward(unitDirs) {
		if data, err := s.host.ReadFile(dir + "/" + name); err == nil {
			texts = []string{string(data)}
		}
		names, _ := s.host.ReadDir(dir + "/" + name + ".d")
		for _, n := range names {
			if strings.HasSuffix(n, ".conf") {
				dropIns[n] = dir + "/" + name + ".d/" + n
			}
		}
	}
	if len(texts) == 0 {
		return nil, false
	}
	u := &unitText{name: name, set: map[string][]string{}, env: map[string]string{}}
	names := make([]string, 0, len(dropIns))
	for n := range dropIns {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		if dropIns[n] == without {
			continue
		}
		if data, err := s.host.ReadFile(dropIns[n]); err == nil {
			texts = append(texts, string(data))
			u.order = append(u.order, dropIns[n])
		}
	}
	for _, text := range texts {
		u.read(s, text)
	}
	return u, true
}

// read takes one file in.
func (u *unitText) read(s *system, text string) {
	for key, value := range serviceLines(text) {
		if value == "" {
			u.set[key] = nil
			continue
		}
		u.set[key] = append(u.set[key], value)
		switch key {
		case "Environment":
			for _, word := range shellWords(value) {
				if k, v, ok := strings.Cut(word, "="); ok {
					u.env[k] = v
				}
			}
		case "EnvironmentFile":
			if data, err := s.host.ReadFile(strings.TrimPrefix(value, "-")); err == nil {
				for k, v := range assignments(string(data)) {
					u.env[k] = v
				}
			}
		}
	}
}

// serviceLines are the assignments of a unit file's section [Service].
func serviceLines(text string) func(yield func(key, value string) bool) {
	return func(yield func(key, value string) bool) {
		section := ""
		for _, line := range strings.Split(strings.ReplaceAll(text, "\\\n", " "), "\n") {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "[") {
				section = line
			}
			key, value, ok := strings.Cut(line, "=")
			if !ok || section != "[Service]" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
				continue
			}
			if !yield(strings.TrimSpace(key), strings.TrimSpace(value)) {
				return
			}
		}
	}
}

// last is the value of an assignment of which the last one counts.
func (u *unitText) last(key string) string {
	values := u.set[key]
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// expand puts the variables into a word of a command line. $NAME alone gives
// any number of words.
func (u *unitText) expand(word string) []string {
	if name, ok := strings.CutPrefix(word, "$"); ok && !strings.HasPrefix(name, "{") {
		return strings.Fields(u.env[name])
	}
	for k, v := range u.env {
		word = strings.ReplaceAll(word, "${"+k+"}", v)
	}
	return []string{word}
}

// words are those of the unit's command line, variables put in.
func (u *unitText) words() []string {
	var words []string
	for _, w := range shellWords(u.last("ExecStart")) {
		words = append(words, u.expand(w)...)
	}
	return words
}
