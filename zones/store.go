package zones

import (
	"hash/maphash"

	"github.com/miekg/dns"
)

// store keeps the records of a zone: owners, found by name, each with its
// records in the order in which they were read. A record takes 32 bytes and
// its data, an owner 32 bytes, its name and a slot of 8 to 16 bytes.
//
// Owner 0 is the origin of the zone, whether it has records or not. The record
// store knows no rule; it may be read from several goroutines at once when
// nothing is added meanwhile.
type store struct {
	zone   name
	bytes  arena
	owners slab[owner]
	recs   slab[stored]
	table  []uint64 // hash in the upper half, number of the owner + 1 in the lower
	used   int
	files  []string // what the records' places name
	flags  uint32   // of all owners together
	filled bool     // owners between others have been made
	live   int      // records that are there
}

// owner is an owner name: where its bytes are, its first and last record, and
// what stands at it.
type owner struct {
	name        uint64
	first, last uint32 // none: no record, as at a name that only others lie below
	flags       uint32
	hash        uint32
	size        uint8
}

// stored is one record. A type of 0 marks one that a journal took out again.
// The column is 65535 where it is higher.
type stored struct {
	data   uint64
	next   uint32
	ttl    uint32
	line   uint32
	size   uint16
	rtype  uint16
	file   uint16
	column uint16
	marks  textMarks
}

// none is the number of no record and no owner.
const none = ^uint32(0)

// What stands at an owner name.
const (
	hasCNAME = 1 << iota
	hasOther // data that cannot stand beside a CNAME
	hasA
	hasAAAA
	hasNS
	hasDNAME
	hasDS
	hasSOA
	hasMX
	hasSRV
	hasTXT
	hasDNSKEY
	hasRRSIG
	hasNSEC
	hasNSEC3
	hasKEY
	isWild
	hasSPF
	hasPTR
	hasKeys    // CDS or CDNSKEY
	hasService // SVCB or HTTPS
	hasPlaced  // a type that only works at some names, see rules_placed.go
	hasOld     // SIG or NXT
	hasCut     // of the zone: a delegation or a DNAME somewhere
)

// typeFlags is the table of what a record's type makes of its owner; hasOther
// is for every type but those of noCompany.
var typeFlags = [256]uint32{
	dns.TypeA: hasA, dns.TypeAAAA: hasAAAA, dns.TypeCNAME: hasCNAME, dns.TypeNS: hasNS, dns.TypeDNAME: hasDNAME,
	dns.TypeDS: hasDS, dns.TypeSOA: hasSOA, dns.TypeMX: hasMX, dns.TypeSRV: hasSRV, dns.TypeTXT: hasTXT,
	dns.TypeSPF: hasSPF, dns.TypePTR: hasPTR, dns.TypeCDS: hasKeys, dns.TypeCDNSKEY: hasKeys, dns.TypeSVCB: hasService, dns.TypeHTTPS: hasService,
	dns.TypeSIG: hasOld, dns.TypeNXT: hasOld, dns.TypeRP: hasPlaced, dns.TypeTLSA: hasPlaced, dns.TypeSMIMEA: hasPlaced, dns.TypeOPENPGPKEY: hasPlaced,
	dns.TypeDNSKEY: hasDNSKEY, dns.TypeRRSIG: hasRRSIG, dns.TypeNSEC: hasNSEC, dns.TypeNSEC3: hasNSEC3, dns.TypeKEY: hasKEY,
}

// flagsOf says what a record of the type makes of its owner.
//
// Source: BIND, lib/dns/rbtdb.c (cname_and_other_data, prio_type; NSEC3 records
// have a tree of their own).
func flagsOf(rtype uint16) uint32 {
	var flags uint32
	if rtype < 256 {
		flags = typeFlags[rtype]
	}
	switch rtype {
	case dns.TypeCNAME, dns.TypeRRSIG, dns.TypeNSEC, dns.TypeKEY, dns.TypeSIG, dns.TypeNSEC3:
		return flags
	}
	return flags | hasOther
}

// seed of the hashes; one for the life of the process, so that nobody can
// write names that all fall into one slot.
var seed = maphash.MakeSeed()

// reset empties the store for another zone.
func (s *store) reset(zone *name) {
	s.bytes.reset()
	s.owners.reset()
	s.recs.reset()
	s.used, s.flags, s.filled, s.live = 0, 0, false, 0
	if len(s.table) > 1<<12 {
		s.table = nil
	}
	clear(s.table)
	s.files = s.files[:0]
	s.zone = *zone
	s.owner(zone.bytes())
}

// find gives the number of an owner name in wire form, lower-case; none when
// there is none.
func (s *store) find(wire []byte) uint32 {
	if len(s.table) == 0 {
		return none
	}
	hash := uint32(maphash.Bytes(seed, wire))
	mask := uint32(len(s.table) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := s.table[i]
		if slot == 0 {
			return none
		}
		if uint32(slot>>32) == hash {
			if id := uint32(slot) - 1; string(s.name(id)) == string(wire) {
				return id
			}
		}
	}
}

// owner finds or makes the owner of a name.
func (s *store) owner(wire []byte) uint32 { return s.ownerAt(wire, none64) }

// none64 is no place of the arena.
const none64 = ^uint64(0)

// ownerAt is owner for a name whose bytes are in the arena already, at a place
// that lies behind one that add gave: a name's end is a name.
func (s *store) ownerAt(wire []byte, at uint64) uint32 {
	if s.used*4 >= len(s.table)*3 {
		s.grow()
	}
	hash := uint32(maphash.Bytes(seed, wire))
	mask := uint32(len(s.table) - 1)
	i := hash & mask
	for ; s.table[i] != 0; i = (i + 1) & mask {
		if slot := s.table[i]; uint32(slot>>32) == hash {
			if id := uint32(slot) - 1; string(s.name(id)) == string(wire) {
				return id
			}
		}
	}
	if at == none64 {
		at = s.bytes.add(wire)
	}
	o := owner{name: at, size: uint8(len(wire)), first: none, last: none, hash: hash}
	if len(wire) > 1 && wire[0] == 1 && wire[1] == '*' {
		o.flags = isWild
		s.flags |= isWild
	}
	id := s.owners.add(o)
	s.table[i] = uint64(hash)<<32 | uint64(id+1)
	s.used++
	return id
}

// grow doubles the table.
func (s *store) grow() {
	old := s.table
	s.table = make([]uint64, max(64, 2*len(old)))
	mask := uint32(len(s.table) - 1)
	for _, slot := range old {
		if slot == 0 {
			continue
		}
		i := uint32(slot>>32) & mask
		for s.table[i] != 0 {
			i = (i + 1) & mask
		}
		s.table[i] = slot
	}
}

// add keeps a record of an owner.
func (s *store) add(id uint32, r *record) uint32 {
	rec := stored{data: s.bytes.add(r.wire), size: uint16(len(r.wire)), rtype: r.rtype, ttl: r.ttl, next: none, marks: r.marks,
		line: uint32(r.line), column: uint16(min(r.column, 65535)), file: s.file(r.file)}
	n := s.recs.add(rec)
	o := s.owners.at(id)
	if o.first == none {
		o.first = n
	} else {
		s.recs.at(o.last).next = n
	}
	o.last = n
	flags := flagsOf(r.rtype)
	o.flags |= flags
	s.flags |= flags
	if flags&(hasNS|hasDNAME) != 0 && (id != 0 || flags&hasDNAME != 0) {
		s.flags |= hasCut
	}
	s.live++
	return n
}

// file gives the number of a file's path; the last one is nearly always right.
func (s *store) file(path string) uint16 {
	for i := len(s.files) - 1; i >= 0; i-- {
		if s.files[i] == path {
			return uint16(i)
		}
		if i < len(s.files)-64 {
			break // many includes: the path may stand twice
		}
	}
	if len(s.files) == 1<<16 {
		return 1<<16 - 1
	}
	s.files = append(s.files, path)
	return uint16(len(s.files) - 1)
}

// name gives the wire form of an owner's name.
func (s *store) name(id uint32) []byte {
	o := s.owners.at(id)
	return s.bytes.get(o.name, int(o.size))
}

// data gives the data of a record.
func (s *store) data(rec *stored) []byte { return s.bytes.get(rec.data, int(rec.size)) }

// place gives the place of a record in the files.
func (s *store) place(rec *stored) place {
	return place{file: s.files[rec.file], line: int(rec.line), column: int(rec.column)}
}

// each calls do with the records of an owner, in the order in which they were
// read, until it gives false.
func (s *store) each(id uint32, do func(rec *stored) bool) {
	for n := s.owners.at(id).first; n != none; {
		rec := s.recs.at(n)
		if rec.rtype != 0 && !do(rec) {
			return
		}
		n = rec.next
	}
}

// first gives the first record of a type at an owner, nil when there is none.
func (s *store) first(id uint32, rtype uint16) (found *stored) {
	s.each(id, func(rec *stored) bool {
		if rec.rtype == rtype {
			found = rec
		}
		return found == nil
	})
	return found
}

// has tells whether an owner has a record at all.
func (s *store) has(id uint32) bool {
	some := false
	s.each(id, func(*stored) bool { some = true; return false })
	return some
}

// fill makes the owners that have no record and others below them, as names of
// the zone that exist and are empty.
//
// Source: RFC 4592 section 2.2.2.
func (s *store) fill() {
	if s.filled {
		return
	}
	s.filled = true
	n := uint32(s.owners.n)
	var wire [255]byte
	for id := range n {
		own, place := wire[:copy(wire[:], s.name(id))], s.owners.at(id).name
		for at := int(own[0]) + 1; len(own)-at > s.zone.n; at += int(own[at]) + 1 {
			before := s.owners.n
			s.ownerAt(own[at:], place+uint64(at))
			if s.owners.n == before {
				break // its parents are there, or will be made from it
			}
		}
	}
}
