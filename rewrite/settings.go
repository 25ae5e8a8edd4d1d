package rewrite

import (
	"strings"

	"named-jail/parser"
)

// settings are the statements of a block that decide what becomes of a zone's
// files. A field that the block does not state is zero, so that the next
// block out is asked.
type settings struct {
	allowUpdate  answer
	updatePolicy answer
	inline       answer
	differences  string // ixfr-from-differences: yes, no, or a zone type
	policy       string // dnssec-policy
	autoDNSSEC   string
	format       string // masterfile-format
	keyDirectory text
	newZones     text   // new-zones-directory
	addZones     answer // allow-new-zones, or catalog-zones, which add zones too
	file         text   // moves into Zone.file
	journal      text
	initial      text
	template     string
	zoneType     string
	inView       bool
	primaries    bool
	noFile       bool // database or dlz: the data is not in a file
}

// text is a value and where it is written; At.File is nil where it is not
// stated.
type text struct {
	value string
	at    parser.Span
}

func (t text) stated() bool { return t.at.File != nil }

// answer is yes, no, or not stated.
type answer uint8

const (
	unstated answer = iota
	yes
	no
)

func answerOf(b bool) answer {
	if b {
		return yes
	}
	return no
}

// readers take a statement into the settings, by keyword.
var readers = map[string]func(*settings, *parser.Statement){
	"allow-update":          func(s *settings, st *parser.Statement) { s.allowUpdate = answerOf(!matchesNone(st.Block())) },
	"update-policy":         func(s *settings, st *parser.Statement) { s.updatePolicy = yes },
	"inline-signing":        func(s *settings, st *parser.Statement) { s.inline = answerOf(isYes(st.Text(1))) },
	"ixfr-from-differences": func(s *settings, st *parser.Statement) { s.differences = strings.ToLower(st.Text(1)) },
	"dnssec-policy":         func(s *settings, st *parser.Statement) { s.policy = st.Text(1) },
	"auto-dnssec":           func(s *settings, st *parser.Statement) { s.autoDNSSEC = strings.ToLower(st.Text(1)) },
	"masterfile-format":     func(s *settings, st *parser.Statement) { s.format = strings.ToLower(st.Text(1)) },
	"key-directory":         func(s *settings, st *parser.Statement) { s.keyDirectory = textArg(st, 1) },
	"new-zones-directory":   func(s *settings, st *parser.Statement) { s.newZones = textArg(st, 1) },
	"allow-new-zones":       func(s *settings, st *parser.Statement) { s.addZones = answerOf(isYes(st.Text(1))) },
	"catalog-zones":         func(s *settings, st *parser.Statement) { s.addZones = yes },
	"file":                  func(s *settings, st *parser.Statement) { s.file = textArg(st, 1) },
	"journal":               func(s *settings, st *parser.Statement) { s.journal = textArg(st, 1) },
	"initial-file":          func(s *settings, st *parser.Statement) { s.initial = textArg(st, 1) },
	"template":              func(s *settings, st *parser.Statement) { s.template = st.Text(1) },
	"type":                  func(s *settings, st *parser.Statement) { s.zoneType = strings.ToLower(st.Text(1)) },
	"in-view":               func(s *settings, st *parser.Statement) { s.inView = true },
	"primaries":             func(s *settings, st *parser.Statement) { s.primaries = true },
	"masters":               func(s *settings, st *parser.Statement) { s.primaries = true },
	"database":              func(s *settings, st *parser.Statement) { s.noFile = !builtinDatabase(st.Text(1)) },
	"dlz":                   func(s *settings, st *parser.Statement) { s.noFile = true },
}

// collect reads the settings of a block.
func (s *settings) collect(b *parser.Block) {
	if b == nil {
		return
	}
	for i := range b.Statements {
		st := &b.Statements[i]
		if read := readers[st.Keyword()]; read != nil {
			read(s, st)
		}
	}
}

// inherit fills what s does not state from the next block out. What only a
// zone can state is not inherited: named ignores it elsewhere.
func (s *settings) inherit(outer *settings) {
	if outer == nil {
		return
	}
	if s.allowUpdate == unstated {
		s.allowUpdate = outer.allowUpdate
	}
	if s.differences == "" {
		s.differences = outer.differences
	}
	if s.policy == "" {
		s.policy = outer.policy
	}
	if s.autoDNSSEC == "" {
		s.autoDNSSEC = outer.autoDNSSEC
	}
	if s.format == "" {
		s.format = outer.format
	}
	if !s.keyDirectory.stated() {
		s.keyDirectory = outer.keyDirectory
	}
}

// inheritTemplate fills what the zone does not state from its template, which
// can state all that a zone can.
func (s *settings) inheritTemplate(t *settings) {
	if t == nil {
		return
	}
	s.inherit(t)
	if s.updatePolicy == unstated {
		s.updatePolicy = t.updatePolicy
	}
	if s.inline == unstated {
		s.inline = t.inline
	}
	if !s.file.stated() {
		s.file = t.file
	}
	if !s.journal.stated() {
		s.journal = t.journal
	}
	if !s.initial.stated() {
		s.initial = t.initial
	}
	if s.zoneType == "" {
		s.zoneType = t.zoneType
	}
	s.primaries = s.primaries || t.primaries
	s.noFile = s.noFile || t.noFile
}

// textArg keeps a value of a statement, so that the statement itself can be
// forgotten.
func textArg(st *parser.Statement, n int) text {
	t := st.Arg(n)
	if t == nil || !t.IsText() {
		return text{}
	}
	return text{t.Value, t.Span()}
}

// matchesNone tells whether an address match list can match nobody: it is
// empty, or its one element is none.
func matchesNone(b *parser.Block) bool {
	if b == nil || len(b.Statements) == 0 {
		return true
	}
	return len(b.Statements) == 1 && b.Statements[0].Keyword() == "none"
}

func isYes(word string) bool {
	switch strings.ToLower(word) {
	case "yes", "true", "1":
		return true
	}
	return false
}

// builtinDatabase tells whether a database statement names the one that reads
// the zone file.
func builtinDatabase(text string) bool {
	name, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return name == "rbt" || name == "rbt64" || name == "qpzone"
}
