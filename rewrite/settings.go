package rewrite

import (
	"math/bits"
	"slices"
	"strings"
	"sync"

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
	primaryNamesSlot
	secondaryNamesSlot
	mxSlot
	mxCNAMESlot
	srvCNAMESlot
	spfSlot
	duplicatesSlot
	wildcardSlot
	integritySlot
	siblingSlot
	svcbSlot
	maxTTLSlot
	recordsSlot
	typesSlot
	slots
)

// rows say which statement a slot holds, in which block it is at home, and
// what is kept of it; read tells too whether the statement is one for the slot.
// What a block takes from the next one out is the table's column Inherits, and
// by the column Zones only a zone that may have the statement itself. anyType
// is for those that named takes from view and options for every type of zone.
var rows = [slots]struct {
	keyword string
	in      parser.Context
	read    func(*parser.Statement) (string, bool)
	anyType bool
}{
	fileSlot:           {keyword: "file", in: parser.ZoneBlock, read: asWritten},
	journalSlot:        {keyword: "journal", in: parser.ZoneBlock, read: asWritten},
	initialSlot:        {keyword: "initial-file", in: parser.ZoneBlock, read: asWritten},
	keyDirectorySlot:   {keyword: "key-directory", in: parser.ZoneBlock, read: asWritten},
	newZonesSlot:       {keyword: "new-zones-directory", in: parser.ViewBlock, read: asWritten},
	typeSlot:           {keyword: "type", in: parser.ZoneBlock, read: lowered},
	templateSlot:       {keyword: "template", in: parser.ZoneBlock, read: asWritten},
	inViewSlot:         {keyword: "in-view", in: parser.ZoneBlock, read: present},
	primariesSlot:      {keyword: "primaries", in: parser.ZoneBlock, read: present},
	mastersSlot:        {keyword: "masters", in: parser.ZoneBlock, read: present},
	databaseSlot:       {keyword: "database", in: parser.ZoneBlock, read: asWritten},
	dlzSlot:            {keyword: "dlz", in: parser.ZoneBlock, read: present},
	allowUpdateSlot:    {keyword: "allow-update", in: parser.ZoneBlock, read: matched},
	updatePolicySlot:   {keyword: "update-policy", in: parser.ZoneBlock, read: present},
	inlineSlot:         {keyword: "inline-signing", in: parser.ZoneBlock, read: lowered},
	differencesSlot:    {keyword: "ixfr-from-differences", in: parser.ZoneBlock, read: lowered},
	policySlot:         {keyword: "dnssec-policy", in: parser.ZoneBlock, read: asWritten},
	autoDNSSECSlot:     {keyword: "auto-dnssec", in: parser.ZoneBlock, read: lowered},
	formatSlot:         {keyword: "masterfile-format", in: parser.ZoneBlock, read: lowered},
	addZonesSlot:       {keyword: "allow-new-zones", in: parser.ViewBlock, read: lowered},
	catalogSlot:        {keyword: "catalog-zones", in: parser.ViewBlock, read: present},
	primaryNamesSlot:   {keyword: "check-names", in: parser.ZoneBlock, read: groupOf("primary", "master")},
	secondaryNamesSlot: {keyword: "check-names", in: parser.ZoneBlock, read: groupOf("secondary", "slave")},
	mxSlot:             {keyword: "check-mx", in: parser.ZoneBlock, read: lowered},
	mxCNAMESlot:        {keyword: "check-mx-cname", in: parser.ZoneBlock, read: lowered},
	srvCNAMESlot:       {keyword: "check-srv-cname", in: parser.ZoneBlock, read: lowered},
	spfSlot:            {keyword: "check-spf", in: parser.ZoneBlock, read: lowered},
	duplicatesSlot:     {keyword: "check-dup-records", in: parser.ZoneBlock, read: lowered},
	wildcardSlot:       {keyword: "check-wildcard", in: parser.ZoneBlock, read: lowered},
	integritySlot:      {keyword: "check-integrity", in: parser.ZoneBlock, read: lowered},
	siblingSlot:        {keyword: "check-sibling", in: parser.ZoneBlock, read: lowered},
	svcbSlot:           {keyword: "check-svcb", in: parser.ZoneBlock, read: lowered},
	maxTTLSlot:         {keyword: "max-zone-ttl", in: parser.ZoneBlock, read: lowered, anyType: true},
	recordsSlot:        {keyword: "max-records-per-type", in: parser.ZoneBlock, read: lowered, anyType: true},
	typesSlot:          {keyword: "max-types-per-name", in: parser.ZoneBlock, read: lowered, anyType: true},
}

// slotsOf finds the slots of a keyword.
var slotsOf = func() map[string][]slot {
	m := make(map[string][]slot, slots)
	for i := range rows {
		m[rows[i].keyword] = append(m[rows[i].keyword], slot(i))
	}
	return m
}()

// lent are the slots that a block takes from a block of the context further
// out, as bits: the column Inherits of the parser's table.
var lent = sync.OnceValue(func() map[parser.Context]uint64 {
	m := map[parser.Context]uint64{}
	for _, outer := range parser.Outward() {
		for i := range rows {
			if d := parser.Lookup(rows[i].in, rows[i].keyword); d != nil && d.InheritsFrom(outer) {
				m[outer] |= 1 << i
			}
		}
	}
	return m
})

// useful are the slots that a zone of a type has a use for, as bits.
var useful = sync.OnceValue(func() map[string]uint64 {
	m := map[string]uint64{}
	for _, word := range parser.ZoneTypes() {
		for i := range rows {
			if d := parser.Lookup(rows[i].in, rows[i].keyword); d != nil && (d.IsFor(word) || rows[i].anyType) {
				m[word] |= 1 << i
			}
		}
	}
	return m
})

// settings are what a block states in the slots, as far as it matters here.
type settings struct {
	stated uint64 // the slots that are filled, as bits
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
		for _, i := range slotsOf[st.Keyword()] {
			word, ok := rows[i].read(st)
			if !ok {
				continue
			}
			s.words[i] = word
			if i < pathSlots {
				s.places[i] = st.Arg(1).Span()
			}
			s.stated |= 1 << i
		}
	}
}

// inherit fills what s does not state from a block further out, as far as the
// table lends it.
func (s *settings) inherit(outer *settings, from parser.Context) {
	if outer == nil {
		return
	}
	s.fill(outer, lent()[from])
}

// inheritFor does the same for a zone of a type, without what such a zone has
// no use for.
func (s *settings) inheritFor(zoneType string, outer *settings, from parser.Context) {
	if mask, known := useful()[zoneType]; known && outer != nil {
		s.fill(outer, lent()[from]&mask)
		return
	}
	s.inherit(outer, from)
}

func (s *settings) fill(outer *settings, which uint64) {
	for missing := which & outer.stated &^ s.stated; missing != 0; missing &= missing - 1 {
		i := bits.TrailingZeros64(missing)
		s.words[i] = outer.words[i]
		if i < int(pathSlots) {
			s.places[i] = outer.places[i]
		}
		s.stated |= 1 << i
	}
}

// asWritten keeps the first value.
func asWritten(st *parser.Statement) (string, bool) {
	t := st.Arg(1)
	return st.Text(1), t != nil && t.IsText()
}

// lowered keeps a first value that named compares ignoring case.
func lowered(st *parser.Statement) (string, bool) {
	word, ok := asWritten(st)
	return strings.ToLower(word), ok
}

// present keeps only that the statement is there.
func present(*parser.Statement) (string, bool) { return "yes", true }

// groupOf keeps the last value of a statement that is for one group of zones
// in options and view, and for the zone itself in a zone.
func groupOf(names ...string) func(*parser.Statement) (string, bool) {
	return func(st *parser.Statement) (string, bool) {
		word, ok := lowered(st)
		if second := st.Arg(2); second != nil && second.IsText() {
			return strings.ToLower(second.Value), slices.Contains(names, word)
		}
		return word, ok
	}
}

// matched keeps whether an address match list can match anybody: not when it is
// empty, or its one element is none.
func matched(st *parser.Statement) (string, bool) {
	b := st.Block()
	if b == nil || len(b.Statements) == 0 || len(b.Statements) == 1 && b.Statements[0].Keyword() == "none" {
		return "no", true
	}
	return "yes", true
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
