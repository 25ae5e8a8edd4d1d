package zones

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// Layout of a journal, all numbers big-endian.
//
// Source: BIND, lib/dns/journal.c (journal_rawheader_t, journal_rawpos_t,
// journal_rawxhdr_t, journal_rawxhdr_ver1_t, journal_rawrrhdr_t).
const (
	journalHead   = 64 // format, first and last position, size of the index
	journalPlace  = 8  // one position: serial, offset
	journalOld    = 12 // head of a transaction: size, serial before, serial after
	journalNew    = 16 // the same with the number of records behind the size
	journalRecord = 1 + 10
	longestRecord = 255 + 10 + 65535
)

// journalFormats are the first 16 bytes of a journal, and how long the head of
// a transaction is in it. BIND before 9.16.12 wrote both lengths under the old
// words, so that the new length is tried there too.
var journalFormats = map[string]int{
	";BIND LOG V9\n\x00\x00\x00": journalOld,
	";BIND LOG V9.2\n\x00":       journalNew,
}

// journalAt is a position in a journal: where the changes of a serial begin.
type journalAt struct {
	serial uint32
	offset int64
}

// journalReader reads a journal from its start to its end, never back.
type journalReader struct {
	r        *bufio.Reader
	at, size int64
	headSize int
	begin    journalAt
	end      journalAt
	index    []journalAt
	buf      []byte
	rec      record
	loads    bool   // named takes the zone as far as it was read
	cut      bool   // the file ends where a change should stand
	reached  uint32 // the serial of the last SOA record that was read whole
	err      error  // of the file, not of what stands in it
	stop     func() bool
}

// journalNames are the names under which named looks for the zone's journal,
// in its order: the second is the backup that named makes while it writes the
// journal anew.
//
// Source: BIND, lib/dns/journal.c (dns_journal_open).
func (z *Zone) journalNames() [2]string {
	name := z.Journal
	if name == "" {
		name = z.File + ".jnl"
	}
	return [2]string{name, strings.TrimSuffix(name, ".jnl") + ".jbk"}
}

// journal judges the zone's journal as named does after it has read the file:
// when the journal cannot be joined to the file's serial, the zone is not
// loaded. The report's serial becomes the one that the zone has then.
//
// Source: BIND, lib/dns/zone.c (zone_journal_rollforward).
func (c *check) journal() {
	if c.kind == hint {
		return
	}
	for _, name := range c.zone.journalNames() {
		src, wrong := c.open(name)
		if src == nil && wrong.code == missing {
			continue
		}
		if wrong != nil {
			code := parser.Code("NJ419")
			if wrong.code == denied {
				code = "NJ418"
			}
			d := c.zone.At
			d.Code, d.Severity, d.Source = code, parser.Error, ""
			d.Message, d.Remedy = "the zone's journal "+wrong.message, wrong.remedy
			c.steady = false
			c.add(d)
			return
		}
		x := journalReader{r: bufio.NewReaderSize(src.file, 64<<10), size: src.stamp.Size, stop: c.poll}
		serial, code, what := x.join(c.report.Serial)
		src.lex.err = x.err
		c.ended(src)
		if x.err == nil && !c.report.Stopped {
			c.joined(src.shown, serial, code, what, x.loads)
		}
		return
	}
}

// joined reports what the journal said. A journal that ends in the middle of a
// change is no error to named, which goes on with what it has read.
func (c *check) joined(shown string, serial uint32, code parser.Code, what string, loads bool) {
	if code == "" {
		c.report.Serial = serial
		return
	}
	d := parser.Diagnostic{Code: code, File: shown, Message: "the journal " + what,
		Remedy: "named does not load the zone; put back the zone file that this journal was made for, " +
			"or move the journal away, with which its changes are lost"}
	if loads {
		c.report.Serial, d.Severity = serial, parser.Warning
		d.Remedy = "named loads the zone without the changes that are missing; restore the journal, " +
			"or write the zone's file anew with rndc sync -clean"
	}
	c.add(d)
}

// join finds the serial in the journal and reads on to its end. Without a code
// it gives the zone's new serial.
//
// Source: BIND, lib/dns/journal.c (dns_journal_rollforward, journal_find).
func (x *journalReader) join(serial uint32) (uint32, parser.Code, string) {
	if what := x.head(); what != "" {
		return 0, "NJ419", what
	}
	if x.begin.offset == x.end.offset {
		return serial, "", "" // empty, as named makes one for a zone that it signs: nothing to join
	}
	if serialAfter(x.begin.serial, serial) || serialAfter(serial, x.end.serial) {
		return 0, "NJ412", fmt.Sprintf("leads from serial %d to %d, the zone file has serial %d",
			x.begin.serial, x.end.serial, serial)
	}
	if serial == x.end.serial {
		return serial, "", ""
	}
	x.reached = serial
	pos := x.begin
	for _, p := range x.index {
		if !serialAfter(p.serial, serial) && !serialAfter(pos.serial, p.serial) {
			pos = p
		}
	}
	joined := pos.serial == serial
	for pos.serial != x.end.serial {
		if !joined && serialAfter(pos.serial, serial) {
			return 0, "NJ412", fmt.Sprintf("has no change that starts at the zone file's serial %d", serial)
		}
		next, what := x.transaction(pos, joined)
		if what != "" && x.cut {
			x.loads = true
			return x.reached, "NJ419", what
		}
		if what != "" {
			return 0, "NJ419", what
		}
		pos = next
		joined = joined || pos.serial == serial
	}
	if !joined {
		return 0, "NJ412", fmt.Sprintf("has no change that starts at the zone file's serial %d", serial)
	}
	return pos.serial, "", ""
}

// serialAfter tells whether serial a comes after b, in the arithmetic of serials.
// Source: RFC 1982.
func serialAfter(a, b uint32) bool { return int32(a-b) > 0 }

// take reads n bytes. What is missing is said in words.
func (x *journalReader) take(n int) ([]byte, string) {
	if cap(x.buf) < n {
		x.buf = make([]byte, max(n, 4096))
	}
	b := x.buf[:n]
	start := x.at
	got, err := io.ReadFull(x.r, b)
	x.at += int64(got)
	if err != nil {
		return nil, x.short(start, err)
	}
	return b, ""
}

// short says that the file ended, or keeps the error that reading met.
func (x *journalReader) short(at int64, err error) string {
	if err != io.EOF && err != io.ErrUnexpectedEOF {
		x.err = err
	}
	x.cut = true
	return damagedAt(at, "it ends too early")
}

func damagedAt(at int64, what string) string {
	return fmt.Sprintf("is damaged at byte %d: %s", at, what)
}

// skip goes forward to an offset.
func (x *journalReader) skip(to int64) string {
	if to < x.at {
		return damagedAt(x.at, "a position points back")
	}
	for to > x.at {
		n, err := x.r.Discard(int(min(to-x.at, 1<<20)))
		x.at += int64(n)
		if err != nil {
			return x.short(x.at, err)
		}
		if x.stop() {
			return "was not read to its end"
		}
	}
	return ""
}

func placeOf(b []byte) journalAt {
	return journalAt{binary.BigEndian.Uint32(b), int64(binary.BigEndian.Uint32(b[4:]))}
}

// head reads the header and the index.
func (x *journalReader) head() string {
	b, what := x.take(journalHead)
	if what != "" {
		return what
	}
	size, ok := journalFormats[string(b[:16])]
	if !ok {
		return "is none: it does not begin as a journal of BIND does"
	}
	x.headSize, x.begin, x.end = size, placeOf(b[16:]), placeOf(b[24:])
	n := int64(binary.BigEndian.Uint32(b[32:]))
	if n > (x.size-journalHead)/journalPlace {
		return damagedAt(32, "its index does not fit into it")
	}
	for range n {
		if b, what = x.take(journalPlace); what != "" {
			return what
		}
		// An offset of zero marks an entry that is not in use.
		if p := placeOf(b); p.offset != 0 {
			x.index = append(x.index, p)
		}
	}
	return ""
}

// transaction reads the head of the transaction at pos, and its records when
// named would apply them. It gives the position of the next one.
//
// Source: BIND, lib/dns/journal.c (journal_next, maybe_fixup_xhdr).
func (x *journalReader) transaction(pos journalAt, applied bool) (journalAt, string) {
	if what := x.skip(pos.offset); what != "" {
		return pos, what
	}
	size, from, to, what := x.transactionHead(pos.serial)
	if what != "" {
		return pos, what
	}
	if from != pos.serial || !serialAfter(to, from) {
		return pos, damagedAt(pos.offset, "the serials of a change do not follow one another")
	}
	end := x.at + size
	if !applied {
		return journalAt{to, end}, x.skip(end)
	}
	soas := 0
	for x.at < end {
		rtype, what := x.record(end)
		if what != "" {
			return pos, what
		}
		if rtype == dns.TypeSOA {
			soas++
		}
		if soas == 2 { // the first is taken out, the second put in
			x.reached = to
		}
		if soas == 0 {
			return pos, damagedAt(pos.offset, "a change does not begin with an SOA record")
		}
		if x.stop() {
			return pos, "was not read to its end"
		}
	}
	return journalAt{to, end}, ""
}

// transactionHead reads the head of a transaction in the length in which its
// first serial is the one expected.
func (x *journalReader) transactionHead(serial uint32) (size int64, from, to uint32, what string) {
	b, err := x.r.Peek(journalNew)
	if len(b) < journalOld {
		return 0, 0, 0, x.short(x.at, err)
	}
	n := x.headSize
	if other := journalNew; n == journalOld && !startsAt(b, n, serial) && startsAt(b, other, serial) {
		n = other
	}
	if b, what = x.take(n); what != "" {
		return 0, 0, 0, what
	}
	return int64(binary.BigEndian.Uint32(b)), binary.BigEndian.Uint32(b[n-8:]), binary.BigEndian.Uint32(b[n-4:]), ""
}

// startsAt tells whether b, read as a head of n bytes, leads on from serial.
func startsAt(b []byte, n int, serial uint32) bool {
	return len(b) >= n && binary.BigEndian.Uint32(b[n-8:]) == serial && serialAfter(binary.BigEndian.Uint32(b[n-4:]), serial)
}

// record reads one record of a transaction that ends at end.
//
// Source: BIND, lib/dns/journal.c (read_one_rr).
func (x *journalReader) record(end int64) (rtype uint16, what string) {
	at := x.at
	b, what := x.take(4)
	if what != "" {
		return 0, what
	}
	size := int64(binary.BigEndian.Uint32(b))
	if size < journalRecord || size > longestRecord || at+4+size > end {
		return 0, damagedAt(at, "the length of a record is impossible")
	}
	if b, what = x.take(int(size)); what != "" {
		return 0, what
	}
	var owner name
	used := owner.wireName(b)
	if used == 0 || len(b)-used < 10 {
		return 0, damagedAt(at, "an owner name is not a name")
	}
	b = b[used:]
	r := &x.rec
	r.rtype, r.class = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	if n := int(binary.BigEndian.Uint16(b[8:])); n != len(b)-10 {
		return 0, damagedAt(at, "the length of a record does not fit its data")
	}
	data := append(make([]byte, rawPrefix, rawPrefix+len(b)), b[10:]...)
	if r.rtype == 0 || metaTypes[r.rtype] || !validData(r, data) {
		return 0, damagedAt(at, "the data of a "+typeName(r.rtype)+" record is not valid")
	}
	return r.rtype, ""
}

// sameJournal tells whether the zone's journal, there or not, is still as the
// remembered report found it.
func sameJournal(files Files, z *Zone, known []Stamp) bool {
	if z.kind() == hint {
		return true
	}
	for _, name := range z.journalNames() {
		for i := range known {
			if known[i].Name == name { // lookup compares its stamp
				return true
			}
		}
		if exists(files, name) {
			return false
		}
	}
	return true
}

// exists tells whether there is something under the name.
func exists(files Files, name string) bool {
	if stamper, ok := files.(Stamper); ok {
		_, ok = stamper.Stamp(name)
		return ok
	}
	f, _, err := files.Open(name)
	if err != nil {
		return false
	}
	f.Close()
	return true
}
