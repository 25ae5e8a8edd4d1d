package zones

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// rrReader reads the data of records: by the quick table where it can, else
// with miekg/dns. miekg's parser is fed one record at a time and made anew
// after each error, so that one error does not hide the next.
type rrReader struct {
	q      quickData
	feed   feeder
	zp     *dns.ZoneParser
	origin name // the origin that zp has
	starts []int
	pack   []byte
}

// feeder is the input of miekg's lexer: the bytes of one record. It implements
// io.ByteReader, which keeps miekg from reading ahead.
type feeder struct {
	line []byte
	pos  int
}

func (f *feeder) ReadByte() (byte, error) {
	if f.pos == len(f.line) {
		return 0, io.EOF
	}
	f.pos++
	return f.line[f.pos-1], nil
}

func (f *feeder) Read(p []byte) (int, error) {
	n := copy(p, f.line[f.pos:])
	f.pos += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// read reads the data of a record of type r.rtype from e.words[i:]. The wire
// form is good until the next call. wrong is "" or what is wrong, bad the
// index of the word.
func (m *rrReader) read(r *record, origin *name, e *entry, i int) (wire []byte, bad int, wrong string) {
	generic := i < len(e.words) && !e.words[i].quoted && string(e.bytes(&e.words[i])) == `\#`
	if generic {
		return m.generic(r, e, i)
	}
	if do := quick[r.rtype]; do != nil {
		m.q.e, m.q.i, m.q.origin, m.q.class, m.q.out = e, i, origin, r.class, m.q.out[:0]
		bad, wrong = do(&m.q)
		return m.q.out, bad, wrong
	}
	if i == len(e.words) {
		if r.rtype == dns.TypeAPL {
			return nil, 0, ""
		}
		return nil, i - 1, tooShort
	}
	if genericOnly[r.rtype] {
		return nil, i, `the data of this type must be written as \# LENGTH HEX`
	}
	if look := refusals[r.rtype]; look != nil {
		if bad, wrong := look(e, i); wrong != "" {
			return nil, i + bad, wrong
		}
	}
	if _, known := dns.TypeToRR[r.rtype]; !known {
		if _, extra := extraByNumber[r.rtype]; extra {
			return nil, 0, ""
		}
		return nil, i, `the data of a type without a name must be written as \# LENGTH HEX`
	}
	return m.slow(r, origin, e, i)
}

// extraByNumber are the numbers of extraTypes.
var extraByNumber = func() map[uint16]struct{} {
	m := make(map[uint16]struct{})
	for _, v := range extraTypes {
		m[v] = struct{}{}
	}
	return m
}()

// generic reads \# LENGTH HEX, a form that every type can have.
// Source: RFC 3597 section 5.
func (m *rrReader) generic(r *record, e *entry, i int) (wire []byte, bad int, wrong string) {
	if i+1 == len(e.words) {
		return nil, i, tooShort
	}
	size, ok := number(e.bytes(&e.words[i+1]), 65535)
	if !ok {
		return nil, i + 1, "the length of the generic data is not a number from 0 to 65535"
	}
	out := append(m.pack[:0], make([]byte, rawPrefix)...)
	high, digits := byte(0), 0
	for k := i + 2; k < len(e.words); k++ {
		for _, c := range e.bytes(&e.words[k]) {
			v := strings.IndexByte("0123456789abcdef", lower(c))
			if v < 0 || e.words[k].quoted {
				return nil, k, "the generic data is not hexadecimal"
			}
			if digits++; digits%2 == 1 {
				high = byte(v) << 4
			} else {
				out = append(out, high|byte(v))
			}
		}
	}
	m.pack = out[:cap(out)]
	if digits != 2*int(size) {
		return nil, i + 1, "the generic data is not as long as its length says"
	}
	if !validData(r, out) {
		return nil, i, "the generic data does not fit the type of the record"
	}
	return r.wire, 0, ""
}

// slow reads the data with miekg/dns and packs it, which finds what miekg's
// parser leaves unread, such as base64.
func (m *rrReader) slow(r *record, origin *name, e *entry, i int) (wire []byte, bad int, wrong string) {
	if m.zp == nil || string(m.origin.bytes()) != string(origin.bytes()) {
		m.origin = *origin
		m.zp = dns.NewZoneParser(&m.feed, origin.text(), "")
	}
	line := append(m.feed.line[:0], ". 0 IN "...)
	line = append(line, typeName(r.rtype)...)
	m.starts = m.starts[:0]
	for k := i; k < len(e.words); k++ {
		w := &e.words[k]
		if k == i || w.from != e.words[k-1].to { // key="value" stays in one piece
			line = append(line, ' ')
		}
		m.starts = append(m.starts, len(line))
		fix := feeds[r.rtype][k-i]
		if v, ok := fix.words[strings.ToUpper(string(e.bytes(w)))]; ok && !w.quoted {
			line = strconv.AppendUint(line, uint64(v), 10)
		} else if w.quoted || fix.quote {
			line = append(line, '"')
			line = append(line, e.bytes(w)...)
			line = append(line, '"')
		} else {
			line = append(line, e.bytes(w)...)
		}
	}
	m.feed.line, m.feed.pos = append(line, '\n'), 0

	rr, ok := m.zp.Next()
	if !ok || m.feed.pos != len(m.feed.line) {
		err := m.zp.Err()
		m.zp = nil
		text, column := describe(err, typeName(r.rtype))
		return nil, i + m.wordAt(column), text
	}
	if len(m.pack) < 66<<10 {
		m.pack = make([]byte, 66<<10)
	}
	end, err := dns.PackRR(rr, m.pack, 0, nil, false)
	if err != nil || end < rawPrefix {
		return nil, i, "the data of the " + typeName(r.rtype) + " record is not valid: a part of it is too long or badly encoded"
	}
	wire = m.pack[rawPrefix:end]
	if look := wireRules[r.rtype]; look != nil && !look(wire) {
		return nil, len(e.words) - 1, "the digest of the " + typeName(r.rtype) + " record has the wrong length for its type"
	}
	return wire, 0, ""
}

// wireRules is the table of what BIND wants of data beyond its form: digests
// must have the length of their type.
//
// Source: BIND, lib/dns/rdata/generic/{ds_43,sshfp_44,zonemd_63}.c.
var wireRules = map[uint16]func(wire []byte) bool{
	dns.TypeDS: digestLength(3, 4, 0, 20, 32, 32, 48), dns.TypeCDS: digestLength(3, 4, 0, 20, 32, 32, 48),
	dns.TypeDLV: digestLength(3, 4, 0, 20, 32, 32, 48), dns.TypeTA: digestLength(3, 4, 0, 20, 32, 32, 48),
	dns.TypeSSHFP: digestLength(1, 2, 0, 20, 32), dns.TypeZONEMD: digestLength(5, 6, 0, 48, 64),
	dns.TypeCAA: func(wire []byte) bool { return len(wire) > 2 && wire[1] > 0 },
}

// digestLength makes a check of a digest that starts at from and whose type is
// the byte at kind; sizes has the length for each type, 0 for any.
func digestLength(kind, from int, sizes ...int) func([]byte) bool {
	return func(wire []byte) bool {
		if len(wire) <= from {
			return false
		}
		k := int(wire[kind])
		return k >= len(sizes) || sizes[k] == 0 || len(wire)-from == sizes[k]
	}
}

// wordAt is the data word that a column of the fed line belongs to. miekg's
// column is that of the byte that ended the word.
func (m *rrReader) wordAt(column int) int {
	at := 0
	for k, start := range m.starts {
		if start < column-1 {
			at = k
		}
	}
	return at
}

// describe turns miekg's error into words of our own. It never lets through
// what miekg quotes from the zone file. column is that of miekg, 0 when it has
// none.
func describe(err error, typ string) (text string, column int) {
	text = "the data of the " + typ + " record is not valid"
	var pe *dns.ParseError
	if err == nil || !errors.As(err, &pe) {
		return text, 0
	}
	full := pe.Error()
	if at := strings.LastIndexByte(full, ':'); at >= 0 {
		column, _ = strconv.Atoi(full[at+1:])
	}
	if strings.Contains(full, `: "\n" at line: `) || strings.Contains(full, `: "" at line: `) {
		return "the data of the " + typ + " record ends too early", column
	}
	rest, found := strings.CutPrefix(full, "dns: ")
	if !found {
		return text, column
	}
	if strings.HasPrefix(rest, "garbage after") {
		return "there is more text after the data of the " + typ + " record", column
	}
	field, found := strings.CutPrefix(rest, "bad "+typ+" ")
	field, _, quoted := strings.Cut(field, `: "`)
	if !found || !quoted || len(field) > 40 {
		return text, column
	}
	for _, c := range field {
		if c != ' ' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return text, column
		}
	}
	return "the " + field + " of the " + typ + " record is not valid", column
}
