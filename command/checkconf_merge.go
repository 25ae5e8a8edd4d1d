package command

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"

	"named-jail/parser"
)

// statement of named-checkconf: FILE:LINE: TEXT.
var checkconfLine = regexp.MustCompile(`^([^:]+):(\d+): (.*)$`)

// What kind of message it is, by its words: the program prints no severity.
//
// Source: lib/isccfg/parser.c, lib/bind9/check.c of BIND 9.16, 9.18, 9.20.
var (
	// grammar are the messages after which it may misunderstand all that follows.
	grammar = regexp.MustCompile(`^missing |expected|unexpected|unbalanced|syntax error|^unknown option|end of (input|file)|parsing failed|^open: `)
	// mild are those that do not make it refuse.
	mild = regexp.MustCompile(`has a weak exponent|specified more than once in|not recommended|deprecated|obsolete|experimental|exceeds 100|` +
		`greater than 'nta|seconds or higher|unsupported element|both (initial|trusted)|multiple keys with|shorter than 30 days|` +
		`without the updated|: ignoring$|digest-bits too small|revoke bit set|key-directory: |will be disabled|was disabled at|` +
		`WILL FAIL|allows access to|but 'notify' is disabled|'max-zone-ttl' is ignored|contains relative path`)
	// quoted are the names in a message.
	quoted = regexp.MustCompile(`'([^']+)'|"([^"]+)"`)
)

// merger takes over the messages of one run of named-checkconf.
type merger struct {
	v     *survey
	files map[string]*parser.File // by the path that named opens
	units map[*parser.File][]lines
	read  bool
	known []known
	away  bool // the working directory is not there: check has its own finding, or the jail has another
	wrong bool // a finding of ours is about grammar, so that it stopped there too
}

// lines are the lines of one statement.
type lines struct{ first, last int }

// known is one finding that there is already.
type known struct {
	file     string
	path     bool // it is about what a path leads to, which named-checkconf hardly looks at
	line     int
	severity parser.Severity
	names    map[string]bool
	keyword  string // the first word of its line, "" when it is a common one
}

// mergeCheckconf takes over the messages that say something new. Two messages
// are about one fault when they stand on one line, or in one statement and name
// one thing.
func (v *survey) mergeCheckconf(text string, refused bool, program string) {
	m := &merger{v: v, files: map[string]*parser.File{}, units: map[*parser.File][]lines{}}
	for _, f := range v.install.Files {
		m.files[f.Path] = f
	}
	for _, inc := range v.install.Includes {
		if !inc.Glob && len(inc.Files) == 1 {
			m.files[inc.Pattern] = inc.Files[0]
		}
	}
	before := append(append(parser.Diagnostics{}, v.system.diags...), v.ds...)
	for _, d := range before {
		m.know(d)
	}
	explained := before.Errors() > 0
	first := ""
	// A message about what we only warn of may be a warning too; when nothing
	// else explains that it refuses, it was none.
	var doubtful []string
	for _, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) != "" && first == "" {
			first = line
		}
		switch m.take(line, refused) {
		case tells:
			explained = true
		case warnedOf:
			doubtful = append(doubtful, line)
		}
	}
	for i := 0; i < len(doubtful) && refused && !explained; i++ {
		m.known = nil
		explained = m.take(doubtful[i], refused) == tells
	}
	if refused && !explained {
		v.ds.Add(parser.Diagnostic{Code: "NJ607", File: v.host.OSPath(v.conf),
			Message: fmt.Sprintf("%s refuses the configuration: %s", program, v.withoutSecrets(first)),
			Remedy:  "Run it by hand to see all that it says."})
	}
}

// know notes a finding.
func (m *merger) know(d parser.Diagnostic) {
	k := known{file: d.File, path: d.Code >= "NJ3", line: d.Line, severity: d.Severity, names: namesIn(d.Message)}
	if word, _, _ := strings.Cut(strings.TrimSpace(d.Source), " "); strings.Contains(word, "-") {
		k.keyword = word
	}
	if end := d.Column - 1 + d.Width; d.Column > 0 && end <= len(d.Source) && d.Width > 0 {
		addName(k.names, strings.Trim(d.Source[d.Column-1:end], `"`))
	}
	m.known = append(m.known, k)
	m.wrong = m.wrong || d.Severity == parser.Error && strings.HasPrefix(string(d.Code), "NJ1")
}

// weight is what a line of output says of a refusal.
type weight uint8

const (
	light    weight = iota // nothing
	warnedOf               // it may be the reason, and is about what we warn of
	tells                  // it is a reason
)

// take deals with one line of output.
func (m *merger) take(line string, refused bool) weight {
	parts := checkconfLine.FindStringSubmatch(line)
	if parts == nil {
		return light
	}
	text := strings.TrimSpace(parts[3])
	number, _ := strconv.Atoi(parts[2])
	file := m.file(parts[1])
	if file == nil {
		return light // a built-in configuration, or none of ours
	}
	switch {
	case strings.HasSuffix(text, "permission denied") && os.Geteuid() != 0:
		return tells // this account may not look; named's may
	case strings.HasPrefix(text, "change directory to "):
		m.away = true
		return tells
	case m.away && strings.HasPrefix(text, "parsing failed: "):
		return tells
	}
	severe := refused && !mild.MatchString(text)
	if same, severity := m.same(file, number, text, severe); same {
		switch {
		case !severe:
			return light
		case severity != parser.Error:
			return warnedOf
		}
		return tells
	}
	d := parser.Diagnostic{Code: "NJ607", Severity: parser.Warning, File: file.Name, Line: number, Column: 1, Message: "named-checkconf: " + m.v.withoutSecrets(text)}
	if severe {
		d.Severity, d.Remedy = parser.Error, "This named refuses the configuration; correct the line."
	}
	m.v.ds.Add(d)
	k := known{file: d.File, line: d.Line, severity: d.Severity, names: namesIn(text)}
	m.known = append(m.known, k)
	if severe {
		return tells
	}
	return light
}

// file finds the file that a message means: as named opened it, so perhaps by a
// name relative to its working directory.
func (m *merger) file(name string) *parser.File {
	if f := m.files[name]; f != nil {
		return f
	}
	return m.files[parser.Resolve(m.v.install.Directory, path.Clean(name))]
}

// same tells whether a message is about a fault that is known, and how severe
// that is.
func (m *merger) same(file *parser.File, line int, text string, severe bool) (bool, parser.Severity) {
	if severe && m.wrong && grammar.MatchString(text) {
		return true, parser.Error
	}
	warned := false
	names := namesIn(text)
	for _, k := range m.known {
		if k.file != file.Name || k.line == 0 {
			continue
		}
		shared := common(names, k.names) || k.keyword != "" && strings.Contains(" "+text+" ", " "+k.keyword+" ")
		enough := !k.path && (!severe || k.severity == parser.Error)
		if k.line == line && (enough || shared) || shared && m.together(file, line, k.line) {
			if k.severity == parser.Error {
				return true, parser.Error
			}
			warned = true
		}
	}
	return warned, parser.Warning
}

// namesIn gives the quoted words of a message, whole and one by one.
func namesIn(text string) map[string]bool {
	names := map[string]bool{}
	for _, q := range quoted.FindAllStringSubmatch(text, -1) {
		addName(names, q[1]+q[2])
	}
	return names
}

func addName(names map[string]bool, text string) {
	text = strings.ToLower(text)
	names[strings.TrimSuffix(text, ".")] = true
	for _, word := range strings.Fields(text) {
		names[strings.TrimSuffix(word, ".")] = true
	}
}

func common(a, b map[string]bool) bool {
	for name := range a {
		if b[name] {
			return true
		}
	}
	return false
}

// together tells whether two lines of a file belong to one statement: of
// options and views, to one of the statements in it.
func (m *merger) together(file *parser.File, a, b int) bool {
	if !m.read {
		m.read = true
		config, _ := parser.Load(m.v.source, m.v.conf, parser.Options{Version: m.v.build.Version})
		byPath := map[string]*parser.File{}
		for _, f := range m.v.install.Files {
			byPath[f.Path] = f
		}
		var unit func(s *parser.Statement)
		unit = func(s *parser.Statement) {
			if k := s.Keyword(); k == "options" || k == "view" {
				for i := range s.Terms {
					if b := s.Terms[i].Block; b != nil {
						for j := range b.Statements {
							unit(&b.Statements[j])
						}
					}
				}
				return
			}
			if len(s.Terms) == 0 {
				return
			}
			from, to := s.Terms[0], s.Terms[len(s.Terms)-1]
			if from.File != to.File {
				return
			}
			first, _ := from.File.Position(int(from.Start))
			last, _ := to.File.Position(int(max(to.Start, to.End-1)))
			f := byPath[from.File.Path]
			m.units[f] = append(m.units[f], lines{first, last})
		}
		for _, s := range config.Statements {
			unit(s)
		}
	}
	for _, u := range m.units[file] {
		if u.first <= a && a <= u.last && u.first <= b && b <= u.last {
			return true
		}
	}
	return false
}

// maxSaid bounds one message, in bytes.
const maxSaid = 300

// withoutSecrets takes the secrets of the configuration out of a message of
// named-checkconf, which quotes the word that it cannot take.
func (v *survey) withoutSecrets(text string) string {
	for _, f := range v.install.Files {
		text = f.Hide(text)
	}
	if len(text) > maxSaid {
		text = strings.ToValidUTF8(text[:maxSaid], "") + "..."
	}
	return text
}
