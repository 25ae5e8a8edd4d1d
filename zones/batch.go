package zones

import "named-jail/parser"

// sink takes what a reader finds: records, and faults of the file that is being
// read, in the order in which they stand there.
type sink interface {
	record(r *record)
	fault(f *fault)
}

// batch keeps the records and faults of a part of a file until their turn
// comes.
type batch struct {
	text   []byte // owner names and data
	recs   []batched
	faults []fault
	limit  int // of faults
	owner  name

	last    name // the owner that a line without one would have behind the part
	hasLast bool
}

// batched is a record of a batch: its owner name and its data are at text[name:]
// and text[data:]. A size of 0 for the name means the owner of the record before.
type batched struct {
	name, data   uint32
	ttl          uint32
	line, column int32
	size         uint16 // of the data
	nameSize     uint8
	class, rtype uint16
}

func (b *batch) reset(limit int) {
	b.text, b.recs, b.faults = b.text[:0], b.recs[:0], b.faults[:0]
	b.limit, b.hasLast = limit, false
}

func (b *batch) record(r *record) {
	k := batched{ttl: r.ttl, line: int32(r.line), column: int32(r.column), class: r.class, rtype: r.rtype}
	if r.newOwner {
		k.name, k.nameSize = uint32(len(b.text)), uint8(r.owner.n)
		b.text = append(b.text, r.owner.bytes()...)
	}
	k.data, k.size = uint32(len(b.text)), uint16(len(r.wire))
	b.text = append(b.text, r.wire...)
	b.recs = append(b.recs, k)
}

func (b *batch) fault(f *fault) {
	if len(b.faults) < b.limit {
		b.faults = append(b.faults, *f)
	}
}

// pour hands everything on to the check; file is the path of the file.
func (b *batch) pour(c *check, file string) {
	next := 0
	r := record{owner: &b.owner, file: file}
	for i := range b.recs {
		k := &b.recs[i]
		for ; next < len(b.faults) && b.faults[next].line <= int(k.line); next++ {
			c.faultIn(file, &b.faults[next])
		}
		if r.newOwner = k.nameSize > 0; r.newOwner {
			b.owner.set(b.text[k.name : k.name+uint32(k.nameSize)])
		}
		r.class, r.rtype, r.ttl, r.line, r.column = k.class, k.rtype, k.ttl, int(k.line), int(k.column)
		r.wire = b.text[k.data : k.data+uint32(k.size)]
		c.record(&r)
		if c.stop() {
			return
		}
	}
	for ; next < len(b.faults); next++ {
		c.faultIn(file, &b.faults[next])
	}
}

// faultIn reports a fault of a file.
func (c *check) faultIn(file string, f *fault) {
	c.add(parser.Diagnostic{Code: f.code, File: file, Line: f.line, Column: f.column, Message: f.message, Remedy: f.remedy})
}
