package zones

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"named-jail/parser"
)

// format is what the first bytes of a zone file say that it is.
type format uint8

const (
	isText format = iota
	isRaw
	isMap
)

// formatOf looks at the first 8 bytes of a file.
// Source: BIND, lib/dns/masterdump.c (writeheader).
func formatOf(head []byte) format {
	if len(head) < 8 || head[0] != 0 || head[1] != 0 || head[2] != 0 {
		return isText
	}
	version := binary.BigEndian.Uint32(head[4:])
	switch {
	case head[3] == 2 && version <= 1:
		return isRaw
	case head[3] == 3 && version <= 1:
		return isMap
	}
	return isText
}

// rawReader reads a zone file in raw format.
//
// Source: BIND, lib/dns/master.c (load_raw), lib/dns/masterdump.c
// (dump_rdataset_raw).
type rawReader struct {
	c     *check
	src   *source
	r     *bufio.Reader
	at    int64 // offset in the file
	buf   []byte
	owner name
	rec   record
}

// broken reports that the file is damaged at the current offset.
func (x *rawReader) broken(what string) {
	x.c.add(parser.Diagnostic{Code: "NJ402", File: x.src.shown,
		Message: fmt.Sprintf("the raw zone file is damaged at byte %d: %s", x.at, what),
		Remedy:  "restore it, or let named transfer the zone again"})
}

// take reads n bytes into x.buf[from:].
func (x *rawReader) take(from, n int) bool {
	got, err := io.ReadFull(x.r, x.buf[from:from+n])
	x.at += int64(got)
	if err != nil {
		if err != io.EOF && err != io.ErrUnexpectedEOF {
			x.src.lex.err = err
			return false
		}
		x.broken("it ends in the middle of a record")
		return false
	}
	return true
}

// rawPrefix is what is put before the data for miekg/dns: root owner, type,
// class, TTL and length.
const rawPrefix = 11

// read reads the file, whose bytes come from r.
func (x *rawReader) read(r io.Reader) {
	x.buf = make([]byte, rawPrefix+65536)
	x.r = bufio.NewReaderSize(r, 64<<10)
	if !x.take(0, 12) {
		return
	}
	if binary.BigEndian.Uint32(x.buf[4:]) == 1 {
		if !x.take(0, 12) {
			return
		}
		x.c.from.later(binary.BigEndian.Uint32(x.buf[4:]), x.buf[3]&2 != 0)
	}
	for !x.c.stop() {
		if _, err := x.r.Peek(1); err != nil {
			if err != io.EOF {
				x.src.lex.err = err
			}
			return
		}
		if !x.rrset() {
			return
		}
	}
}

// rrset reads one RRset: total length, class, type, covered type, TTL, count,
// owner, data.
func (x *rawReader) rrset() bool {
	if !x.take(0, 20) {
		return false
	}
	b := x.buf
	left := int64(binary.BigEndian.Uint32(b)) - 20
	r := &x.rec
	r.class, r.rtype = binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:])
	r.ttl = binary.BigEndian.Uint32(b[10:])
	count := binary.BigEndian.Uint32(b[14:])
	size := int(binary.BigEndian.Uint16(b[18:]))
	switch {
	case left < int64(size):
		x.broken("the length of a record set is too small")
		return false
	case count == 0 || count > 65535:
		x.broken("the number of records of a set is impossible")
		return false
	case size > 255:
		x.broken("an owner name is longer than 255 bytes")
		return false
	case r.rtype == 0 || metaTypes[r.rtype]:
		x.broken("a record has a type that cannot stand in a zone")
		return false
	}
	if !x.take(0, size) {
		return false
	}
	if x.owner.wireName(b[:size]) != size {
		x.broken("an owner name is not a name")
		return false
	}
	left -= int64(size)
	r.owner, r.newOwner, r.file = &x.owner, true, x.src.shown
	for range count {
		if left < 2 || !x.take(0, 2) {
			if left < 2 {
				x.broken("the length of a record set does not fit its records")
			}
			return false
		}
		n := int(binary.BigEndian.Uint16(b))
		left -= int64(n) + 2
		if left < 0 {
			x.broken("the length of a record set does not fit its records")
			return false
		}
		if !x.take(rawPrefix, n) {
			return false
		}
		if !validData(r, x.buf[:rawPrefix+n]) {
			x.broken("the data of a " + typeName(r.rtype) + " record is not valid")
			return false
		}
		x.c.record(r)
		r.newOwner = false
		if x.c.stop() {
			return false
		}
	}
	if left != 0 {
		x.broken("the length of a record set does not fit its records")
		return false
	}
	return true
}
