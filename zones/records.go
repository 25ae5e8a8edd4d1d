package zones

import "github.com/miekg/dns"

// maxTTL is the highest TTL; BIND takes 0 in place of a higher one.
// Source: RFC 2181 section 8.
const maxTTL = 1<<31 - 1

// record is one record, as the judge sees it. owner and wire (the data,
// uncompressed, names lower-case for the types of rdata_quick.go) are good until the
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
	badTTL   bool // a $TTL line could not be read, which has been said
	warned   bool // that TTLs are taken from the record before
	fresh    bool // the next record's owner was just written
	rr       rrReader
	rec      record
	out      sink
}

// syntax reports a syntax error at a word.
func (m *recordReader) syntax(w *word, message, remedy string) {
	m.out.fault(&fault{code: "NJ402", line: w.line, column: w.column, message: message, remedy: remedy})
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

// limit warns of a TTL above the highest one and gives what BIND takes for it.
func (m *recordReader) limit(w *word, v uint32) uint32 {
	if v <= maxTTL {
		return v
	}
	m.out.fault(&fault{code: "NJ416", line: w.line, column: w.column,
		message: "the TTL is above 2147483647 seconds; named takes 0 in its place"})
	return 0
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
				m.ttl, m.hasTTL = own, true // for the records behind it, whatever is wrong with this one
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
		r.ttl = own
	case m.hasDeflt:
		r.ttl = m.deflt
	case m.hasTTL:
		r.ttl = m.ttl
		if !m.warned && !m.badTTL {
			m.warned = true
			m.out.fault(&fault{code: "NJ416", line: at.line, column: at.column,
				message: "no TTL here and no $TTL before; named takes the TTL of the record before",
				remedy:  "put a $TTL line at the top of the file"})
		}
	case r.rtype == dns.TypeSOA:
		m.deflt, m.hasDeflt = m.limit(at, soaMinimum(r.wire)), true
		r.ttl = m.deflt
		if m.badTTL {
			break
		}
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
