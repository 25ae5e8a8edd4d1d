package zones

import (
	"strconv"

	"github.com/miekg/dns"
)

// quickData is what the readers of data work on: the words of a record, taken
// one after the other, and the wire form that they make.
type quickData struct {
	e      *entry
	i      int // the next word
	bad    int // the last word taken: messages stand there
	origin *name
	class  uint16
	rtype  uint16
	keep   bool // names keep their case
	out    []byte
	types  typeSet

	release release // of the BIND whose reading counts; zero is the newest
}

// quickReader reads the data of one type: it takes the words and appends the
// wire form to q.out. The result is "" or what is wrong with the word q.bad.
type quickReader func(q *quickData) string

// quick is the table of the types with readers of their own: they are nearly
// all of most zones.
var quick = [64]quickReader{
	dns.TypeA:     (*quickData).a,
	dns.TypeAAAA:  (*quickData).aaaa,
	dns.TypeNS:    (*quickData).oneName,
	dns.TypeCNAME: (*quickData).oneName,
	dns.TypeDNAME: (*quickData).oneName,
	dns.TypePTR:   (*quickData).oneName,
	dns.TypeMX:    (*quickData).mx,
	dns.TypeTXT:   (*quickData).txt,
	dns.TypeSOA:   (*quickData).soa,
}

// Messages that several readers share.
const (
	tooShort = "the data of the record ends too early"
	tooLong  = "there is more text after the data of the record"
	noQuotes = "this part of the record cannot be quoted"
	badText  = "a bad escape; a backslash takes one character or three digits up to 255"
	tooBig   = "the data of the record is longer than 65535 bytes"
)

// maxData bounds the data of a record, in bytes.
const maxData = 65535

// more tells whether there is another word.
func (q *quickData) more() bool { return q.i < len(q.e.words) }

// any takes the next word, quoted or not.
func (q *quickData) any() ([]byte, string) {
	if q.i >= len(q.e.words) {
		q.bad = len(q.e.words) - 1
		return nil, tooShort
	}
	w := &q.e.words[q.i]
	q.bad = q.i
	q.i++
	return q.e.text[w.start:w.end], ""
}

// word takes the next word, which may not be quoted.
func (q *quickData) word() ([]byte, string) {
	if q.i < len(q.e.words) && q.e.words[q.i].quoted {
		q.bad = q.i
		return nil, noQuotes
	}
	return q.any()
}

// end checks that no word is left.
func (q *quickData) end() string {
	if q.more() {
		q.bad = q.i
		return tooLong
	}
	if len(q.out) > maxData {
		return tooBig
	}
	return ""
}

// addNumber takes a decimal number and appends it in size bytes.
func (q *quickData) addNumber(what string, size int) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	limit := uint64(1)<<(8*size) - 1
	v, ok := number(text, limit)
	if !ok {
		return q.not(what, "a number from 0 to "+strconv.FormatUint(limit, 10))
	}
	q.put(uint32(v), size)
	return ""
}

// put appends a number in size bytes.
func (q *quickData) put(v uint32, size int) {
	switch size {
	case 1:
		q.out = append(q.out, byte(v))
	case 2:
		q.out = append(q.out, byte(v>>8), byte(v))
	default:
		q.out = append(q.out, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
	}
}

// not says that a part of the record is not what it should be.
func (q *quickData) not(what, should string) string {
	return "the " + what + " of the " + typeName(q.rtype) + " record is not " + should
}

// addName takes a name and appends it.
func (q *quickData) addName() string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	return q.appendName(text)
}

// appendName appends the name that text holds; a relative one gets the origin.
// Letters become small unless q.keep says otherwise.
//
// Source: BIND, lib/dns/name.c (dns_name_fromtext).
func (q *quickData) appendName(text []byte) string {
	start := len(q.out)
	if len(text) == 1 && text[0] == '@' {
		q.out = append(q.out, q.origin.bytes()...)
		return ""
	}
	if len(text) == 1 && text[0] == '.' {
		q.out = append(q.out, 0)
		return ""
	}
	if len(text) == 0 {
		return notName + "an empty name"
	}
	out := append(q.out, 0)
	label := start // where the label's length stands
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch c {
		case '.':
			n := len(out) - label - 1
			if n == 0 {
				return notName + "a name with an empty label"
			}
			out[label] = byte(n)
			label = len(out)
			out = append(out, 0)
			if len(out)-start > 255 {
				return notName + "a name longer than 255 bytes"
			}
			continue
		case '\\':
			var used int
			c, used = unescape(text[i:])
			if used == 0 || c == '[' && used == 2 && len(out) == label+1 { // a bit string label
				return notName + "a name with a bad escape; a backslash takes one character or three digits up to 255"
			}
			i += used - 1
		}
		if len(out)-label > 63 {
			return notName + "a name with a label longer than 63 bytes"
		}
		if len(out)-start > 254 {
			return notName + "a name longer than 255 bytes"
		}
		if c >= 'A' && c <= 'Z' && !q.keep {
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	if len(out) == label+1 { // ended with a dot
		q.out = out
		return ""
	}
	out[label] = byte(len(out) - label - 1)
	if len(out)-start+q.origin.n > 255 {
		return notName + "a name longer than 255 bytes (with its origin)"
	}
	q.out = append(out, q.origin.bytes()...)
	return ""
}

const notName = "this is not a name: "

func (q *quickData) oneName() string {
	if wrong := q.addName(); wrong != "" {
		return wrong
	}
	return q.end()
}

// a reads an IPv4 address; in class CH a name and an octal number.
func (q *quickData) a() string {
	switch q.class {
	case dns.ClassCHAOS:
		return q.chaos()
	case dns.ClassINET, dns.ClassHESIOD:
	default:
		return noForm
	}
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	var ok bool
	if q.out, ok = ipv4(q.out, text); !ok {
		return notIPv4
	}
	return q.end()
}

const (
	notIPv4 = "this is not an IPv4 address"
	notIPv6 = "this is not an IPv6 address"
	noForm  = `in this class the data of this type has no form of its own; it must be written as \# LENGTH HEX`
)

func (q *quickData) chaos() string {
	q.keep = true
	if wrong := q.addName(); wrong != "" {
		return wrong
	}
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	v := 0
	for _, c := range text {
		if c < '0' || c > '7' || v > 0xffff>>3 {
			return "this is not an octal CHAOS address"
		}
		v = v<<3 | int(c-'0')
	}
	q.put(uint32(v), 2)
	return q.end()
}

func (q *quickData) aaaa() string {
	if q.class != dns.ClassINET {
		return noForm
	}
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	var ok bool
	if q.out, ok = ipv6(q.out, text); !ok {
		return notIPv6
	}
	return q.end()
}

func (q *quickData) mx() string {
	if wrong := q.addNumber("preference", 2); wrong != "" {
		return wrong
	}
	return q.oneName()
}

// txt reads character strings to the end of the record, at least one.
func (q *quickData) txt() string {
	for first := true; first || q.more(); first = false {
		if wrong := q.addString(); wrong != "" {
			return wrong
		}
		if len(q.out) > maxData {
			return tooBig
		}
	}
	return ""
}

// addString takes a character string of up to 255 bytes, quoted or not.
func (q *quickData) addString() string {
	text, wrong := q.any()
	if wrong != "" {
		return wrong
	}
	size := len(q.out)
	q.out = append(q.out, 0)
	if !q.unescaped(text) {
		return badText
	}
	n := len(q.out) - size - 1
	if n > 255 {
		return "this string is longer than 255 bytes; cut it into several quoted strings"
	}
	q.out[size] = byte(n)
	return ""
}

// unescaped appends text with its escapes decoded.
func (q *quickData) unescaped(text []byte) bool {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' {
			var used int
			if c, used = unescape(text[i:]); used == 0 {
				return false
			}
			i += used - 1
		}
		q.out = append(q.out, c)
	}
	return true
}

// soaFields names the numbers of an SOA record, in order.
var soaFields = [5]string{"serial", "refresh", "retry", "expire", "minimum"}

func (q *quickData) soa() string {
	for range 2 {
		if wrong := q.addName(); wrong != "" {
			return wrong
		}
	}
	for k, field := range soaFields {
		text, wrong := q.word()
		if wrong != "" {
			return wrong
		}
		v, ok := uint32(0), false
		if k == 0 {
			var n uint64
			n, ok = number(text, 1<<32-1)
			v = uint32(n)
		} else {
			v, ok = seconds(text)
		}
		if !ok {
			return "the " + field + " of the SOA record is not a number that fits"
		}
		q.put(v, 4)
	}
	return q.end()
}
