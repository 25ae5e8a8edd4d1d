package zones

// sink takes what a reader finds: records, and faults of the file that is being
// read, in the order in which they stand there.
type sink interface {
	record(r *record)
	fault(f *fault)
}

// batch keeps the records and faults of a part of a file until their turn
// comes. Each takes at least two bytes of the part, which bounds both.
type batch struct {
	text   []byte // owner names and data
	recs   []batched
	faults []batchedFault
	entry  uint32 // the number of the entry that is being read
	owner  name

	last    name // the owner that a line without one would have behind the part
	hasLast bool
	fresh   bool // that owner has had no record yet
}

// batched is a record of a batch: its owner name and its data are at text[name:]
// and text[data:]. A size of 0 for the name means the owner of the record before.
type batched struct {
	name, data   uint32
	ttl          uint32
	line, column uint32
	entry        uint32
	size         uint16 // of the data
	nameSize     uint8
	marks        textMarks
	class, rtype uint16
}

// batchedFault is a fault of a batch.
type batchedFault struct {
	fault
	entry uint32
}

// reset empties the batch; owner is that of the record before the part.
func (b *batch) reset(owner *name) {
	b.text, b.recs, b.faults = b.text[:0], b.recs[:0], b.faults[:0]
	b.hasLast, b.owner, b.entry = false, *owner, 0
}

func (b *batch) record(r *record) {
	k := batched{ttl: r.ttl, line: uint32(r.line), column: uint32(r.column), entry: b.entry, class: r.class, rtype: r.rtype, marks: r.marks}
	if r.newOwner {
		k.name, k.nameSize = uint32(len(b.text)), uint8(r.owner.n)
		b.text = append(b.text, r.owner.bytes()...)
	}
	k.data, k.size = uint32(len(b.text)), uint16(len(r.wire))
	b.text = append(b.text, r.wire...)
	b.recs = append(b.recs, k)
}

func (b *batch) fault(f *fault) { b.faults = append(b.faults, batchedFault{*f, b.entry}) }

// pour hands everything on to the check, until that has enough: it is asked
// after each entry, as it is when there are no parts. file is the path of the
// file.
func (b *batch) pour(c *check, file string) {
	next, entry := 0, uint32(0)
	faults := func(until uint32) (enough bool) {
		for ; next < len(b.faults) && b.faults[next].entry <= until; next++ {
			if b.faults[next].entry > entry && c.stop() {
				return true
			}
			entry = b.faults[next].entry
			c.faultIn(file, &b.faults[next].fault)
		}
		return until > entry && c.stop()
	}
	r := record{owner: &b.owner, file: file}
	for i := range b.recs {
		k := &b.recs[i]
		if faults(k.entry) {
			return
		}
		entry = k.entry
		if r.newOwner = k.nameSize > 0; r.newOwner {
			b.owner.set(b.text[k.name : k.name+uint32(k.nameSize)])
		}
		r.class, r.rtype, r.ttl, r.marks, r.line, r.column = k.class, k.rtype, k.ttl, k.marks, int(k.line), int(k.column)
		r.wire = b.text[k.data : k.data+uint32(k.size)]
		c.record(&r)
	}
	faults(b.entry)
}
