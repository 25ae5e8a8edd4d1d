package rewrite

import (
	"math/bits"
	"strings"

	"named-jail/parser"
)

// slot is a statement that decides what becomes of a zone's files. Those with
// a path come first: of them the place is kept too.
type slot uint8

const (
	fileSlot slot = iota
	journalSlot
	initialSlot
	keyDirectorySlot
	newZonesSlot
	pathSlots

	typeSlot slot = iota - 1
	templateSlot
	inViewSlot
	primariesSlot
	mastersSlot
	databaseSlot
	dlzSlot
	allowUpdateSlot
	updatePolicySlot
	inlineSlot
	differencesSlot
	policySlot
	autoDNSSECSlot
	formatSlot
	addZonesSlot
	catalogSlot
	slots
)

// rows say which statement a slot holds, in which block it is at home, and
// what is kept of it. What a block takes from the next one out is the table's
// column Inherits.
var rows = [slots]struct {
	keyword string
	in      parser.Context
	read    func(*parser.Statement) string
}{
	fileSlot:         {"file", parser.ZoneBlock, asWritten},
	journalSlot:      {"journal", parser.ZoneBlock, asWritten},
	initialSlot:      {"initial-file", parser.ZoneBlock, asWritten},
	keyDirectorySlot: {"key-directory", parser.ZoneBlock, asWritten},
	newZonesSlot:     {"new-zones-directory", parser.ViewBlock, asWritten},
	typeSlot:         {"type", parser.ZoneBlock, lowered},
	templateSlot:     {"template", parser.ZoneBlock, asWritten},
	inViewSlot:       {"in-view", parser.ZoneBlock, present},
	primariesSlot:    {"primaries", parser.ZoneBlock, present},
	mastersSlot:      {"masters", parser.ZoneBlock, present},
	databaseSlot:     {"database", parser.ZoneBlock, asWritten},
	dlzSlot:          {"dlz", parser.ZoneBlock, present},
	allowUpdateSlot:  {"allow-update", parser.ZoneBlock, matched},
	updatePolicySlot: {"update-policy", parser.ZoneBlock, present},
	inlineSlot:       {"inline-signing", parser.ZoneBlock, lowered},
	differencesSlot:  {"ixfr-from-differences", parser.ZoneBlock, lowered},
	policySlot:       {"dnssec-policy", parser.ZoneBlock, asWritten},
	autoDNSSECSlot:   {"auto-dnssec", parser.ZoneBlock, lowered},
	formatSlot:       {"masterfile-format", parser.ZoneBlock, lowered},
	addZonesSlot:     {"allow-new-zones", parser.ViewBlock, lowered},
	catalogSlot:      {"catalog-zones", parser.ViewBlock, present},
}

// slotOf finds the slot of a keyword.
var slotOf = func() map[string]slot {
	m := make(map[string]slot, slots)
	for i := range rows {
		m[rows[i].keyword] = slot(i)
	}
	return m
}()

// lent are the slots that a block takes from a block of the context further
// out, as bits: the column Inherits of the parser's table.
var lent = func() map[parser.Context]uint32 {
	m := map[parser.Context]uint32{}
	for _, outer := range parser.Outward() {
		for i := range rows {
			if d := parser.Lookup(rows[i].in, rows[i].keyword); d != nil && d.InheritsFrom(outer) {
				m[outer] |= 1 << i
			}
		}
	}
	return m
}()

// useful are the slots that a zone of a type has a use for, as bits.
var useful = func() map[string]uint32 {
	m := map[string]uint32{}
	for _, word := range parser.ZoneTypes() {
		for i := range rows {
			if d := parser.Lookup(rows[i].in, rows[i].keyword); d != nil && d.IsFor(word) {
				m[word] |= 1 << i
			}
		}
	}
	return m
}()

// settings are what a block states in the slots, as far as it matters here.
type settings struct {
	stated uint32 // the slots that are filled, as bits
	words  [slots]string
	places [pathSlots]parser.Span
}

// has tells whether the statement is there.
func (s *settings) has(i slot) bool { return s.stated&(1<<i) != 0 }

// yes tells whether the statement is there and switches on.
func (s *settings) yes(i slot) bool { return isYes(s.words[i]) }

// noFile tells whether the zone's data is not in a file.
func (s *settings) noFile() bool {
	return s.has(dlzSlot) || s.has(databaseSlot) && !builtinDatabase(s.words[databaseSlot])
}

// clear empties a slot.
func (s *settings) clear(i slot) {
	s.stated &^= 1 << i
	s.words[i] = ""
	if i < pathSlots {
		s.places[i] = parser.Span{}
	}
}

// collect reads the settings of a block.
func (s *settings) collect(b *parser.Block) {
	if b == nil {
		return
	}
	for j := range b.Statements {
		st := &b.Statements[j]
		i, known := slotOf[st.Keyword()]
		if !known {
			continue
		}
		t := st.Arg(1)
		if word := rows[i].read(st); word != "" {
			s.words[i] = word
		} else if t == nil || !t.IsText() {
			continue
		}
		if i < pathSlots {
			s.places[i] = t.Span()
		}
		s.stated |= 1 << i
	}
}

// inherit fills what s does not state from a block further out, as far as the
// table lends it.
func (s *settings) inherit(outer *settings, from parser.Context) {
	if outer == nil {
		return
	}
	s.fill(outer, lent[from])
}

// inheritFor does the same for a zone of a type, without what such a zone has
// no use for.
func (s *settings) inheritFor(zoneType string, outer *settings, from parser.Context) {
	if mask, known := useful[zoneType]; known && outer != nil {
		s.fill(outer, lent[from]&mask)
		return
	}
	s.inherit(outer, from)
}

func (s *settings) fill(outer *settings, which uint32) {
	for missing := which & outer.stated &^ s.stated; missing != 0; missing &= missing - 1 {
		i := bits.TrailingZeros32(missing)
		s.words[i] = outer.words[i]
		if i < int(pathSlots) {
			s.places[i] = outer.places[i]
		}
		s.stated |= 1 << i
	}
}

// asWritten keeps the first value.
func asWritten(st *parser.Statement) string { return st.Text(1) }

// lowered keeps a first value that named compares ignoring case.
func lowered(st *parser.Statement) string { return strings.ToLower(st.Text(1)) }

// present keeps only that the statement is there.
func present(*parser.Statement) string { return "yes" }

// matched keeps whether an address match list can match anybody: not when it is
// empty, or its one element is none.
func matched(st *parser.Statement) string {
	b := st.Block()
	if b == nil || len(b.Statements) == 0 || len(b.Statements) == 1 && b.Statements[0].Keyword() == "none" {
		return "no"
	}
	return "yes"
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
