package zones

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// rrReader reads the data of records: by the quick table where it can, else by
// the layout of the type, a few with miekg/dns. miekg's parser is fed one
// record at a time and made anew after each error, so that one error does not
// hide the next.
type rrReader struct {
	q      quickData
	feed   feeder
	zp     *dns.ZoneParser
	origin name // the origin that zp has
	starts []int
	pack   []byte

	release release // of the BIND whose reading counts; zero is the newest
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
	q := &m.q
	q.e, q.i, q.origin, q.class, q.rtype, q.out = e, i, origin, r.class, r.rtype, q.out[:0]
	q.release = m.release
	if i < len(e.words) && isGeneric(e, i, r.rtype) {
		return m.generic(r, e, i)
	}
	if int(r.rtype) < len(quick) && quick[r.rtype] != nil {
		q.keep = false
		wrong = quick[r.rtype](q)
		return q.out, q.bad, wrong
	}
	l := layoutOf(r.rtype, r.class)
	switch {
	case l == nil && layoutOf(r.rtype, dns.ClassINET) != nil:
		wrong = noForm
	case l == nil:
		wrong = `the data of a type without a name must be written as \# LENGTH HEX`
	case readByMiekg[r.rtype]:
		return m.slow(r, origin, e, i)
	default:
		q.keep = !l.small
		for k := range l.fields {
			p := &l.fields[k]
			if wrong = p.read(q, p); wrong != "" {
				return nil, q.bad, wrong
			}
		}
		if wrong = q.end(); wrong == "" {
			wrong = refusedLater(m.release, r.rtype, q.out)
		}
		return q.out, q.bad, wrong
	}
	return nil, min(i, len(e.words)-1), wrong
}

// isGeneric tells whether the data has the generic form. In a TXT record the
// same word may be a string: then no length follows.
//
// Source: BIND, lib/dns/rdata.c (dns_rdata_fromtext).
func isGeneric(e *entry, i int, rtype uint16) bool {
	if w := &e.words[i]; w.quoted || w.end-w.start != 2 || string(e.bytes(w)) != `\#` {
		return false
	}
	if rtype != dns.TypeTXT {
		return true
	}
	if i+1 == len(e.words) || e.words[i+1].quoted {
		return false
	}
	_, ok := number(e.bytes(&e.words[i+1]), 1<<32-1)
	return ok
}

// generic reads \# LENGTH HEX, a form that every type can have.
//
// Source: RFC 3597 section 5; BIND, lib/dns/rdata.c (unknown_fromtext).
func (m *rrReader) generic(r *record, e *entry, i int) (wire []byte, bad int, wrong string) {
	q := &m.q
	q.i = i + 1
	text, wrong := q.word()
	if wrong != "" {
		return nil, q.bad, wrong
	}
	size, ok := number(text, maxData)
	if !ok {
		return nil, i + 1, "the length of the generic data is not a number from 0 to 65535"
	}
	if wrong := q.hex("generic data"); wrong != "" {
		return nil, q.bad, wrong
	}
	if len(q.out) != int(size) {
		return nil, i + 1, "the generic data is not as long as its length says"
	}
	if !validWire(r.rtype, r.class, q.out) {
		return nil, i, "the generic data does not fit the type of the record"
	}
	return q.out, i, refusedLater(m.release, r.rtype, q.out)
}

// slow reads the data with miekg/dns and packs it. The check of the wire form
// is ours.
func (m *rrReader) slow(r *record, origin *name, e *entry, i int) (wire []byte, bad int, wrong string) {
	if i == len(e.words) {
		return nil, i - 1, tooShort
	}
	if m.zp == nil || string(m.origin.bytes()) != string(origin.bytes()) {
		m.origin = *origin
		m.zp = dns.NewZoneParser(&m.feed, origin.text(), "")
	}
	line := append(m.feed.line[:0], ". 0 IN "...)
	line = append(line, typeName(r.rtype)...)
	m.starts = m.starts[:0]
	for k := i; k < len(e.words); k++ {
		w := &e.words[k]
		if look := refusals[r.rtype]; w.quoted || look != nil && !look(e.bytes(w), k-i) {
			m.zp = nil
			return nil, k, "this part of the " + typeName(r.rtype) + " record is not valid"
		}
		line = append(line, ' ')
		m.starts = append(m.starts, len(line))
		line = append(line, e.bytes(w)...)
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
	if !validWire(r.rtype, r.class, wire) {
		return nil, i, "the data of the " + typeName(r.rtype) + " record is not valid"
	}
	return wire, 0, ""
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
