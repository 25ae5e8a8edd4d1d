package zones

import (
	"math"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// bigFile is the size from which a file is read in parts, in bytes. Only tests
// change it.
var bigFile int64 = 1 << 20

// maxDepth bounds how deep $INCLUDE files nest. BIND has no bound but that of
// its open files.
const maxDepth = 100

// maxIncludes bounds the $INCLUDE lines that one zone carries out: files that
// include each other twice would double the work with each. Fewer than the
// store can number files. BIND has no bound.
const maxIncludes = 60000

// maxTTL is the highest TTL; BIND takes 0 in place of a higher one.
// Source: RFC 2181 section 8.
const maxTTL = 1<<31 - 1

// record is one record, as the judge sees it. owner and wire (the data,
// uncompressed, names lower-case for the types of quick.go) are good until the
// next record only.
type record struct {
	owner        *name
	newOwner     bool // the owner is not known to be that of the record before
	class, rtype uint16
	ttl          uint32
	wire         []byte
	file         string
	line, column int
	marks        textMarks
}

// textMarks is what the rules want to know of the text of a record.
type textMarks uint8

const (
	byGenerate  textMarks = 1 << iota // $GENERATE made it
	addressText                       // an IP address stands where a name should
)

// source is one open text file.
type source struct {
	lex    lexer
	file   File
	opened string // the name it was opened under
	shown  string
	stamp  Stamp
	origin name
	owner  name
	hasOwn bool // owner has been set
	moved  bool // $ORIGIN was the last line
}

// recordReader makes records of entries. What it finds goes to out.
type recordReader struct {
	class    uint16
	hints    bool   // records need no TTL
	zone     *name  // records outside it need none either
	file     string // path for messages
	ttl      uint32 // of the record before
	hasTTL   bool
	deflt    uint32 // from $TTL, or the SOA's minimum
	hasDeflt bool
	warned   bool // that TTLs are taken from the record before
	fresh    bool // the next record's owner was just written
	rr       rrReader
	rec      record
	out      sink
}

// textReader reads a text file and what it includes, and hands the records to
// the check.
type textReader struct {
	recordReader
	c        *check
	stack    []*source
	dated    bool  // $DATE was seen
	made     int64 // records that $GENERATE made
	madeText int64 // bytes of their text
	gen      lexer
	genLine  []byte
	crew     crew
	parts    int  // that were read
	tired    bool // too many files: reading ends
	quiet    int  // entries to read before parts are tried again
}

// top is the file that is being read.
func (t *textReader) top() *source { return t.stack[len(t.stack)-1] }

// syntax reports a syntax error at a word.
func (m *recordReader) syntax(w *word, message, remedy string) {
	m.out.fault(&fault{code: "NJ402", line: w.line, column: w.column, message: message, remedy: remedy})
}

// read reads everything from the pushed file on.
func (t *textReader) read() {
	defer t.crew.end()
	for len(t.stack) > 0 && !t.c.stop() && !t.tired {
		src := t.top()
		t.file = src.shown
		if src.stamp.Size >= bigFile && t.inParts(src) {
			continue
		}
		ok, wrong := src.lex.next()
		if wrong != nil {
			t.out.fault(wrong)
		} else if ok {
			t.entry(src, &src.lex.entry)
		}
		if !ok {
			if src.lex.stopped {
				t.c.report.Stopped = true
			}
			t.c.ended(src)
			t.stack = t.stack[:len(t.stack)-1]
			t.fresh = true
		}
	}
	for len(t.stack) > 0 { // stopped early
		t.c.ended(t.top())
		t.stack = t.stack[:len(t.stack)-1]
	}
}

// directives is the table of $ directives.
// Source: BIND, lib/dns/master.c (load_text).
var directives = map[string]func(*textReader, *source, *entry){
	"$ORIGIN":   (*textReader).originLine,
	"$TTL":      (*textReader).ttlLine,
	"$INCLUDE":  (*textReader).includeLine,
	"$GENERATE": (*textReader).generateLine,
	"$DATE":     (*textReader).dateLine,
}

// entry takes one entry: a directive or a record.
func (t *textReader) entry(src *source, e *entry) {
	first := &e.words[0]
	if text := e.bytes(first); !e.blank && len(text) > 0 && text[0] == '$' {
		do, known := directives[strings.ToUpper(string(text))]
		if !known {
			t.syntax(first, "an unknown $ directive; BIND knows $ORIGIN, $TTL, $INCLUDE, $GENERATE and $DATE", "")
			return
		}
		if last := &e.words[len(e.words)-1]; e.unended && (len(e.words) != 2 || !strings.EqualFold(string(text), "$INCLUDE")) {
			t.syntax(last, "the file ends right behind this directive, and named refuses it", "end the line, as every line of a text file")
		}
		do(t, src, e)
		return
	}
	if src.moved && e.blank {
		t.out.fault(&fault{code: "NJ442", line: first.line, column: first.column,
			message: "this record takes its owner name from before the $ORIGIN line, which does not change it",
			remedy:  "write the owner name in column 1; @ is the new origin"})
	}
	src.moved = false
	t.recordReader.entry(&src.owner, &src.hasOwn, &src.origin, e)
}

// entry takes an entry that is a record. owner is that of the entry before and
// becomes that of this one.
func (m *recordReader) entry(owner *name, hasOwn *bool, origin *name, e *entry) {
	rest := 0
	if !e.blank {
		first := &e.words[0]
		if wrong := owner.parse(e.bytes(first), origin); wrong != "" {
			m.syntax(first, "the owner name is not a name: "+wrong, "")
			*hasOwn = false
			return
		}
		*hasOwn, m.fresh = true, true
		rest = 1
	}
	if !*hasOwn {
		m.syntax(&e.words[0], "the line starts with white space, but no record stands before it whose owner name it could take",
			"write the owner name, or @ for the origin, in column 1")
		return
	}
	m.record(owner, origin, e, rest, nil)
}

// args checks how many words a directive has, its own included, and that only
// the word mayQuote (0 for none) is quoted.
func (t *textReader) args(e *entry, least, most, mayQuote int, form string) bool {
	if len(e.words) >= least && len(e.words) <= most {
		for k := 1; k < len(e.words); k++ {
			if e.words[k].quoted && k != mayQuote {
				t.syntax(&e.words[k], "this part of the directive cannot be quoted", "its form is: "+form)
				return false
			}
		}
		return true
	}
	at := &e.words[0]
	what := "the directive is not complete"
	if len(e.words) > most {
		at, what = &e.words[most], "there is more text after the directive"
	}
	t.syntax(at, what, "its form is: "+form)
	return false
}

func (t *textReader) originLine(src *source, e *entry) {
	if !t.args(e, 2, 2, 0, "$ORIGIN NAME") {
		return
	}
	if wrong := src.origin.parse(e.bytes(&e.words[1]), &src.origin); wrong != "" {
		t.syntax(&e.words[1], "the origin is not a name: "+wrong, "")
		return
	}
	src.moved = true
}

func (t *textReader) ttlLine(src *source, e *entry) {
	if !t.args(e, 2, 2, 0, "$TTL SECONDS") {
		return
	}
	v, ok := seconds(e.bytes(&e.words[1]))
	if !ok {
		t.syntax(&e.words[1], "this is not a TTL", "write seconds, or numbers with units such as 1h30m")
	}
	t.deflt, t.hasDeflt = t.limit(&e.words[1], v), true
}

// limit warns of a TTL above the highest one and gives what BIND takes for it.
func (m *recordReader) limit(w *word, v uint32) uint32 {
	if v <= maxTTL {
		return v
	}
	m.out.fault(&fault{code: "NJ416", line: w.line, column: w.column,
		message: "the TTL is above 2147483647 seconds; named takes 0 in its place"})
	return 0
}

func (t *textReader) dateLine(src *source, e *entry) {
	if !t.args(e, 2, 2, 0, "$DATE YYYYMMDDHHMMSS") {
		return
	}
	if at, ok := dateOf(e.bytes(&e.words[1])); !ok || at < 0 || at > math.MaxUint32 { // BIND keeps 32 bits
		t.syntax(&e.words[1], "this is not a date from 1970 to 2105", "write it like 20240131120000")
	}
	t.dated = true
}

func (t *textReader) includeLine(src *source, e *entry) {
	if !t.args(e, 2, 3, 1, "$INCLUDE FILE [ORIGIN]") {
		return
	}
	at := &e.words[1]
	if t.dated {
		t.syntax(&e.words[0], "$INCLUDE cannot stand in a file with $DATE", "")
		return
	}
	origin := src.origin
	if len(e.words) == 3 {
		if wrong := origin.parse(e.bytes(&e.words[2]), &src.origin); wrong != "" {
			t.syntax(&e.words[2], "the origin after the file name is not a name: "+wrong, "")
			return
		}
	}
	inc := includeOf(e)
	inc.File, inc.Opened = src.shown, src.opened
	t.c.report.Includes = append(t.c.report.Includes, inc)
	if len(t.c.report.Includes) > maxIncludes {
		t.c.report.Includes = t.c.report.Includes[:maxIncludes]
		t.out.fault(&fault{code: "NJ413", line: at.line, column: at.column,
			message: "the zone has more than " + strconv.Itoa(maxIncludes) + " $INCLUDE lines, those of included files counted"})
		t.tired = true
		return
	}
	if len(t.stack) > maxDepth {
		t.out.fault(&fault{code: "NJ413", line: at.line, column: at.column,
			message: "$INCLUDE files are nested more than " + strconv.Itoa(maxDepth) + " deep"})
		return
	}
	next, wrong := t.c.open(inc.Name)
	if wrong != nil {
		if wrong.code == missing || wrong.remedy == "" {
			wrong.remedy = "named looks for it from its working directory, not beside the file that includes it"
		}
		wrong.code, wrong.line, wrong.column = "NJ408", at.line, at.column
		wrong.message = "the $INCLUDE file " + wrong.message
		t.out.fault(wrong)
		return
	}
	for _, open := range t.stack {
		if open.stamp.sameFile(&next.stamp) || open.shown == next.shown {
			t.c.ended(next)
			t.out.fault(&fault{code: "NJ410", line: at.line, column: at.column,
				message: "this $INCLUDE opens a file that is already being read, without end",
				remedy:  "take the line out, or let it name another file"})
			return
		}
	}
	next.origin = origin
	next.owner, next.hasOwn = src.owner, src.hasOwn
	t.fresh = true
	t.stack = append(t.stack, next)
	src.lex.trim()
}

// includeOf describes a $INCLUDE entry.
func includeOf(e *entry) Include {
	w := &e.words[1]
	name := string(e.bytes(w))
	if w.quoted {
		name = strings.ReplaceAll(name, `\"`, `"`)
	}
	return Include{Start: int(w.from), End: int(w.to), Line: w.line, Column: w.column, Name: name}
}

// record reads TTL, class, type and data from e.words[i:] and hands the record
// on. Where TTL and class may stand: TTL class, class TTL, one, or none. place,
// unless nil, is the word that stands for the whole record in messages.
//
// Source: BIND, lib/dns/master.c (load_text).
func (m *recordReader) record(owner, origin *name, e *entry, i int, place *word) {
	r := &m.rec
	r.class, r.rtype = m.class, 0
	if place == nil {
		place = &e.words[0]
	}
	r.file, r.line, r.column = m.file, place.line, place.column

	own, hasOwn, hasClass := uint32(0), false, false
	for ; i < len(e.words) && !e.words[i].quoted; i++ {
		text := e.bytes(&e.words[i])
		if !hasOwn && isDigit(text) {
			if v, ok := seconds(text); ok {
				own, hasOwn = m.limit(place, v), true
				continue
			}
		}
		if !hasClass {
			if c, ok := classOf(text); ok {
				if hasClass = c != 0; hasClass { // CLASS0 is as good as none
					r.class = c
				}
				continue
			}
		}
		break
	}
	if i == len(e.words) {
		last := &e.words[len(e.words)-1]
		m.syntax(last, "the line ends before the type of the record", "")
		return
	}
	if r.class != m.class {
		m.out.fault(wrongClass(r.class, m.class, place))
		return
	}
	at := &e.words[i]
	if place != &e.words[0] {
		at = place
	}
	rtype, ok := typeOf(e.bytes(&e.words[i]))
	if !ok || e.words[i].quoted || unknownTo(m.rr.release, rtype) {
		m.syntax(at, "here the type of the record should stand, and this is none that is known", "")
		return
	}
	if obsolete[rtype] {
		m.syntax(at, "this type is obsolete and BIND refuses it", "use an MX record")
		return
	}
	if metaTypes[rtype] {
		m.syntax(at, "this type is for questions and cannot stand in a zone file", "")
		return
	}
	r.rtype = rtype
	wire, bad, wrong := m.rr.read(r, origin, e, i+1)
	if wrong != "" {
		w := place
		if w == &e.words[0] && bad < len(e.words) {
			w = &e.words[bad]
		}
		m.syntax(w, wrong, "")
		return
	}
	r.wire = wire
	r.marks &= byGenerate
	if rtype == dns.TypeMX || rtype == dns.TypeNS {
		if isAddressText(e.bytes(&e.words[len(e.words)-1])) {
			r.marks |= addressText
		}
	}
	r.owner, r.newOwner = owner, m.fresh
	m.fresh = false
	if !m.setTTL(r, own, hasOwn, place) {
		return
	}
	m.out.record(r)
}

// setTTL gives the record its TTL: its own, else the default, else that of the
// record before it (RFC 1035), else the minimum of an SOA record.
func (m *recordReader) setTTL(r *record, own uint32, hasOwn bool, at *word) bool {
	switch {
	case hasOwn:
		m.ttl, m.hasTTL = own, true
		r.ttl = own
	case m.hasDeflt:
		r.ttl = m.deflt
	case m.hasTTL:
		r.ttl = m.ttl
		if !m.warned {
			m.warned = true
			m.out.fault(&fault{code: "NJ416", line: at.line, column: at.column,
				message: "no TTL here and no $TTL before; named takes the TTL of the record before",
				remedy:  "put a $TTL line at the top of the file"})
		}
	case r.rtype == dns.TypeSOA:
		m.deflt, m.hasDeflt = m.limit(at, soaMinimum(r.wire)), true
		r.ttl = m.deflt
		m.out.fault(&fault{code: "NJ416", line: at.line, column: at.column,
			message: "no TTL here and no $TTL before; named takes the last number of the SOA record",
			remedy:  "put a $TTL line at the top of the file"})
	case m.hints, !r.owner.under(m.zone):
		r.ttl = 0
	default:
		m.syntax(at, "the record has no TTL: no $TTL line and no SOA record stands before it",
			"put a $TTL line at the top of the file")
		return false
	}
	return true
}

func isNumber(text []byte) bool {
	_, ok := number(text, 1<<63)
	return ok
}

func isDigit(text []byte) bool { return len(text) > 0 && text[0] >= '0' && text[0] <= '9' }

// soaMinimum is the last number of an SOA record's data.
func soaMinimum(wire []byte) uint32 { return tailNumber(wire, 4) }

// soaSerial is its serial.
func soaSerial(wire []byte) uint32 { return tailNumber(wire, 20) }

// tailNumber reads the 32-bit number that starts back bytes before the end.
func tailNumber(wire []byte, back int) uint32 {
	if len(wire) < back {
		return 0
	}
	b := wire[len(wire)-back:]
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}
