package zones

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/miekg/dns"
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
	longestRecord = 70000
)

// journalFormats are the first 16 bytes of a journal, and whether heads of
// both lengths may stand in it: BIND before 9.16.12 wrote both under the old
// words.
var journalFormats = map[string]bool{
	";BIND LOG V9\n\x00\x00\x00": true,
	";BIND LOG V9.2\n\x00":       false,
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
	mixed    bool // heads of both lengths
	headSize int  // of the transactions, as it was last
	begin    journalAt
	end      journalAt
	source   uint32 // the serial of the unsigned zone that was signed last
	sourced  bool   // it is stated
	buf      []byte
	owner    name
	rec      record
	cut      bool  // the file ends where a change should stand
	err      error // of the file, not of what stands in it
	stop     func() bool
}

// joins says how a journal and a serial meet.
type joins uint8

const (
	joined   joins = iota
	empty          // the journal holds nothing, as named makes one for a zone that it signs
	uptodate       // it ends at the serial
	apart          // it has no change that starts at the serial
	damaged
	stuck // a change cannot be made
)

// journalNames are the names under which named looks for the journal of a
// file, in its order: the second is the backup that named makes while it writes
// the journal anew.
//
// Source: BIND, lib/dns/journal.c (dns_journal_open).
func journalNames(file, journal string) [2]string {
	if journal == "" {
		journal = file + ".jnl"
	}
	return [2]string{journal, strings.TrimSuffix(journal, ".jnl") + ".jbk"}
}

// newJournalReader reads the journal that src has open.
func (c *check) newJournalReader(src *source) *journalReader {
	return &journalReader{r: bufio.NewReaderSize(src.file, 64<<10), size: src.stamp.Size, stop: c.poll, headSize: journalNew}
}

// join reads the header and finds the change that starts at the serial, without
// reading any record. what says what is wrong, in words that go on from "the
// journal".
//
// Source: BIND, lib/dns/journal.c (journal_open, journal_find, index_find).
func (x *journalReader) join(serial uint32) (at journalAt, how joins, what string) {
	best, what := x.head(serial)
	if what != "" {
		return at, damaged, what
	}
	if x.begin.offset == x.end.offset {
		return at, empty, ""
	}
	if serialAfter(x.begin.serial, serial) || serialAfter(serial, x.end.serial) {
		return at, apart, fmt.Sprintf("leads from serial %d to %d, the zone file has serial %d", x.begin.serial, x.end.serial, serial)
	}
	if serial == x.end.serial {
		return x.end, uptodate, ""
	}
	for at = best; at.serial != serial; {
		if serialAfter(at.serial, serial) || at.serial == x.end.serial {
			return at, apart, fmt.Sprintf("has no change that starts at the zone file's serial %d", serial)
		}
		if what := x.skip(at.offset); what != "" {
			return at, damaged, what
		}
		size, to, what := x.transaction(at.serial)
		if what != "" {
			return at, damaged, what
		}
		at = journalAt{to, x.at + size}
	}
	return at, joined, ""
}

// changes reads the records from a position to the end of the journal and
// hands them to do, which says what is wrong with one. A journal that ends too
// early sets cut.
//
// Source: BIND, lib/dns/journal.c (dns_journal_rollforward, read_one_rr).
func (x *journalReader) changes(from journalAt, do func(r *record, add bool) string) string {
	serial, left, soas := from.serial, int64(0), 0
	if from.offset > x.end.offset {
		return damagedAt(from.offset, behindEnd)
	}
	what := x.skip(from.offset)
	for n := 1; what == "" && x.at != x.end.offset; n++ {
		start := x.at
		if start > x.end.offset {
			return damagedAt(start, behindEnd)
		}
		if left == 0 {
			if left, _, what = x.transaction(serial); what != "" {
				return what
			}
			if left == 0 {
				return damagedAt(start, "a change without records")
			}
			start = x.at
		}
		if what = x.record(); what != "" {
			return what
		}
		left -= x.at - start // below 0 no head is looked for any more, as with named
		if x.rec.rtype == dns.TypeSOA {
			serial = soaSerial(x.rec.wire)
			soas = soas%2 + 1 // the first is taken out, the second put in
		}
		if soas == 0 {
			return damagedAt(start, "a change does not begin with an SOA record")
		}
		if what = do(&x.rec, soas == 2); what != "" {
			return what
		}
		if n&0xfff == 0 && x.stop() {
			return "was not read to its end"
		}
	}
	return what
}

const behindEnd = "a change lies behind the end that the header states"

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

// look is take without going on; n is at most the size of the reader's buffer.
func (x *journalReader) look(n int) ([]byte, string) {
	b, err := x.r.Peek(n)
	if err != nil {
		return nil, x.short(x.at, err)
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
	if to > x.size {
		x.cut = true
		return damagedAt(x.size, "it ends too early")
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

// head reads the header and the index, and gives the position nearest before
// the serial that they name.
func (x *journalReader) head(serial uint32) (best journalAt, what string) {
	b, what := x.take(journalHead)
	if what != "" {
		return best, what
	}
	mixed, ok := journalFormats[string(b[:16])]
	if !ok {
		return best, "is none: it does not begin as a journal of BIND does"
	}
	x.mixed, x.begin, x.end = mixed, placeOf(b[16:]), placeOf(b[24:])
	x.source, x.sourced = binary.BigEndian.Uint32(b[36:]), b[40]&1 != 0
	best = x.begin
	n := int64(binary.BigEndian.Uint32(b[32:]))
	if n > (x.size-journalHead)/journalPlace {
		x.cut = true
		return best, damagedAt(32, "its index does not fit into it")
	}
	// The index of a damaged journal can reach into its changes, which named
	// reads all the same.
	read := x.take
	if x.begin.offset < journalHead+n*journalPlace && n <= 4096 {
		read = x.look
	}
	for n > 0 {
		block := min(n, 4096)
		if b, what = read(int(block) * journalPlace); what != "" {
			return best, what
		}
		for ; len(b) > 0; b = b[journalPlace:] {
			if p := placeOf(b); p.offset != 0 && !serialAfter(p.serial, serial) && serialAfter(p.serial, best.serial) {
				best = p
			}
		}
		if n -= block; x.stop() {
			return best, "was not read to its end"
		}
	}
	return best, ""
}

// transaction reads the head of the transaction that starts at a serial. Units:
// size in bytes, of its records.
//
// Source: BIND, lib/dns/journal.c (journal_read_xhdr, maybe_fixup_xhdr).
func (x *journalReader) transaction(serial uint32) (size int64, to uint32, what string) {
	start := x.at
	b, err := x.r.Peek(journalNew)
	if len(b) < x.headSize {
		x.at += int64(len(b))
		return 0, 0, x.short(start, err)
	}
	var w [4]uint32
	for i := range w[:len(b)/4] {
		w[i] = binary.BigEndian.Uint32(b[4*i:])
	}
	from, to, n := x.serials(w)
	if x.mixed {
		if from, to, n, what = x.otherHead(w, len(b), serial); what != "" {
			return 0, 0, what
		}
	}
	if from != serial || !follows(to, from) {
		return 0, 0, damagedAt(start, "the serials of a change do not follow one another")
	}
	_, _ = x.r.Discard(n)
	x.at += int64(n)
	return int64(w[0]), to, ""
}

// serials gives the serials of a head in the length that heads have now.
func (x *journalReader) serials(w [4]uint32) (from, to uint32, n int) {
	if x.headSize == journalOld {
		return w[1], w[2], journalOld
	}
	return w[2], w[3], journalNew
}

// otherHead reads the head of a transaction in a journal in which both lengths
// occur: what of it is the serial decides. A head of the old kind may have a
// number of records, 0, behind it.
func (x *journalReader) otherHead(w [4]uint32, have int, serial uint32) (from, to uint32, n int, what string) {
	from, to, _ = x.serials(w)
	if from != serial || !follows(to, from) {
		switch {
		case x.headSize == journalOld && to == serial:
			x.headSize = journalNew
		case x.headSize == journalNew && w[1] == serial:
			x.headSize = journalOld
		}
		from, to, _ = x.serials(w)
	}
	switch {
	case have < journalNew:
		return 0, 0, 0, x.short(x.at, io.EOF)
	case x.headSize == journalOld && w[3] == 0:
		x.headSize = journalNew
		return from, to, journalNew, ""
	case x.headSize == journalNew && w[1] == serial && w[3] == 0 && serialAfter(w[2], w[1]):
		return w[1], w[2], journalNew, ""
	}
	return from, to, x.headSize, ""
}

// record reads one record of a transaction.
//
// Source: BIND, lib/dns/journal.c (read_one_rr).
func (x *journalReader) record() string {
	at := x.at
	b, what := x.take(4)
	if what != "" {
		return what
	}
	size := int64(binary.BigEndian.Uint32(b))
	if size < journalRecord || size > longestRecord {
		return damagedAt(at, "the length of a record is impossible")
	}
	if b, what = x.take(int(size)); what != "" {
		return what
	}
	used := x.owner.wireName(b)
	if used == 0 || len(b)-used < 10 {
		return damagedAt(at, "an owner name is not a name")
	}
	r, head := &x.rec, b[used:]
	r.rtype, r.class, r.ttl = binary.BigEndian.Uint16(head), binary.BigEndian.Uint16(head[2:]), binary.BigEndian.Uint32(head[4:])
	r.owner = &x.owner
	if n := int(binary.BigEndian.Uint16(head[8:])); n != len(head)-10 {
		return damagedAt(at, "the length of a record does not fit its data")
	}
	// At least rawPrefix bytes stand before the data: they serve as room.
	if metaTypes[r.rtype] && r.rtype != 0 {
		return "" // named takes it as it is
	}
	if r.rtype == 0 || !validData(r, b[used+10-rawPrefix:]) || !lowerNames(r.rtype, r.wire) {
		return damagedAt(at, "the data of a "+typeName(r.rtype)+" record is not valid")
	}
	return ""
}
