package zones

import "hash/maphash"

// seed of the hashes; one for the life of the process.
var seed = maphash.MakeSeed()

// hashOf is the hash of a name in wire form, its low bits left for the flags.
func hashOf(wire []byte) uint64 {
	h := maphash.Bytes(seed, wire) &^ flagBits
	if h == 0 {
		h = flagBits + 1
	}
	return h
}

// The flags of an owner name: what stands at it.
const (
	hasCNAME = 1 << iota
	hasOther // data that cannot stand beside a CNAME
	hasAddress
	hasNS
	hasDNAME
	flagBits = 1<<iota - 1
)

// nameTable is a set of hashed names, each with flags: 8 bytes a slot, open
// addressing, at most three quarters full.
type nameTable struct {
	slots []uint64
	used  int
}

// clear empties the table; a large one is given back.
func (t *nameTable) clear() {
	t.used = 0
	if len(t.slots) > 1<<14 {
		t.slots = nil
		return
	}
	clear(t.slots)
}

// at is the slot of hash h, or the free one where it would go.
func (t *nameTable) at(h uint64) *uint64 {
	mask := uint64(len(t.slots) - 1)
	for i := (h >> 8) & mask; ; i = (i + 1) & mask {
		if s := &t.slots[i]; *s == 0 || *s&^flagBits == h {
			return s
		}
	}
}

// slot finds or makes the slot of hash h. It is good until the next call.
func (t *nameTable) slot(h uint64) *uint64 {
	if t.used*4 >= len(t.slots)*3 {
		old := t.slots
		t.slots = make([]uint64, max(64, 2*len(old)))
		for _, s := range old {
			if s != 0 {
				*t.at(s &^ flagBits) = s
			}
		}
	}
	s := t.at(h)
	if *s == 0 {
		*s = h
		t.used++
	}
	return s
}

// flags gives the flags of a name; ok is false for one that is not there.
func (t *nameTable) flags(wire []byte) (flags uint64, ok bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	s := *t.at(hashOf(wire))
	return s & flagBits, s != 0
}
