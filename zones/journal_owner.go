package zones

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"

	"github.com/miekg/dns"
)

// changed marks an owner whose records a journal has changed.
const changed = 1 << 31

// manyRecords is how many records an owner has from which on they are found by
// an index.
const manyRecords = 64

// ownerKey is an owner of the zone, or of what lies outside.
type ownerKey struct {
	outside bool
	id      uint32
}

// ownerRecords is an owner whose records change. Places of records that were
// taken out serve for others, so that a long journal makes no long list.
type ownerRecords struct {
	s     *store
	id    uint32
	index *ownerIndex // nil: few records
	buf   []byte
}

// ownerIndex finds the records of an owner that has many.
type ownerIndex struct {
	recs  map[uint64]uint32   // by hash of type and data
	again map[uint64][]uint32 // repetitions
	sets  map[uint32]setOf    // by type and covered type
	free  []uint32            // records that were taken out
}

// setOf is an RRset: how many records, their bytes with 2 for each, and the TTL
// that named takes for all.
type setOf struct {
	n, size int
	ttl     uint32
}

// plus is the set with one more record.
func (s setOf) plus(size int, ttl uint32) setOf {
	if s.n == 0 {
		s.ttl = ttl
	}
	return setOf{s.n + 1, s.size + 2 + size, s.ttl}
}

// ownerOf gives the records of an owner, with an index when there are many.
func (a *applier) ownerOf(s *store, key ownerKey) *ownerRecords {
	o := &ownerRecords{s: s, id: key.id}
	own := s.owners.at(key.id)
	if own.flags&changed == 0 {
		own.flags |= changed
		o.evenTTLs()
	}
	if o.index = a.large[key]; o.index != nil {
		return o
	}
	count := 0
	for n := own.first; n != none && count <= manyRecords; n = s.recs.at(n).next {
		count++
	}
	if count <= manyRecords {
		return o
	}
	if a.large == nil {
		a.large = map[ownerKey]*ownerIndex{}
	}
	o.index = o.makeIndex()
	a.large[key] = o.index
	return o
}

// evenTTLs gives the records of a set the TTL that named took for all when it
// read the file: that of the first record, of those that stood together with no
// other owner between, the last such group counts.
//
// Source: BIND, lib/dns/master.c (load_text, commit), lib/dns/rdataslab.c
// (dns_rdataslab_merge).
func (o *ownerRecords) evenTTLs() {
	type seen struct {
		group int
		ttl   uint32
	}
	own := o.s.owners.at(o.id)
	if own.first == own.last {
		return
	}
	sets := map[uint32]seen{}
	group, before := 0, own.first
	for n := own.first; n != none; n = o.s.recs.at(n).next {
		if rec := o.s.recs.at(n); rec.rtype != 0 {
			if n > before+1 {
				group++
			}
			key := setKey(rec.rtype, o.covers(rec))
			if set, ok := sets[key]; !ok || set.group != group {
				sets[key] = seen{group, rec.ttl}
			}
		}
		before = n
	}
	o.s.each(o.id, func(rec *stored) bool {
		rec.ttl = sets[setKey(rec.rtype, o.covers(rec))].ttl
		return true
	})
}

func (o *ownerRecords) makeIndex() *ownerIndex {
	ix := &ownerIndex{recs: map[uint64]uint32{}, again: map[uint64][]uint32{}, sets: map[uint32]setOf{}}
	for n := o.s.owners.at(o.id).first; n != none; n = o.s.recs.at(n).next {
		rec := o.s.recs.at(n)
		if rec.rtype == 0 {
			ix.free = append(ix.free, n)
			continue
		}
		ix.note(rec.rtype, o.covers(rec), o.canonical(rec), n, rec.ttl)
	}
	return ix
}

// recordHash names a record of an owner. Two that differ have the same one
// with a chance of 1 in 2^64, whoever wrote them: the seed is secret.
func recordHash(rtype uint16, data []byte) uint64 {
	return maphash.Bytes(seed, data) ^ uint64(rtype)<<48
}

func setKey(rtype, covers uint16) uint32 { return uint32(rtype)<<16 | uint32(covers) }

func (ix *ownerIndex) note(rtype, covers uint16, data []byte, n, ttl uint32) {
	hash := recordHash(rtype, data)
	if _, there := ix.recs[hash]; there {
		ix.again[hash] = append(ix.again[hash], n)
		return
	}
	ix.recs[hash] = n
	ix.sets[setKey(rtype, covers)] = ix.sets[setKey(rtype, covers)].plus(len(data), ttl)
}

// covers is the type that a signature covers, 0 for other records.
func (o *ownerRecords) covers(rec *stored) uint16 {
	if rec.rtype != dns.TypeRRSIG || rec.size < 2 {
		return 0
	}
	return binary.BigEndian.Uint16(o.s.data(rec))
}

// canonical gives the data of a record with its names in lower case. It is good
// until the next call.
func (o *ownerRecords) canonical(rec *stored) []byte {
	data := o.s.data(rec)
	if _, ok := namesIn[rec.rtype]; !ok {
		return data
	}
	o.buf = append(o.buf[:0], data...)
	lowerNames(rec.rtype, o.buf)
	return o.buf
}

// set gives a set of the owner, as named has it.
func (o *ownerRecords) set(rtype, covers uint16) (set setOf) {
	if o.index != nil {
		return o.index.sets[setKey(rtype, covers)]
	}
	o.s.each(o.id, func(rec *stored) bool {
		if rec.rtype == rtype && o.covers(rec) == covers {
			set = set.plus(int(rec.size), rec.ttl)
		}
		return true
	})
	return set
}

// bars tells whether a record of the type cannot stand at the owner, because
// it or one that is there is a CNAME.
func (o *ownerRecords) bars(rtype uint16) bool {
	if rtype != dns.TypeCNAME {
		return flagsOf(rtype)&hasOther != 0 && o.set(dns.TypeCNAME, 0).n > 0
	}
	other := false
	if o.index != nil {
		for key := range o.index.sets {
			other = other || flagsOf(uint16(key>>16))&hasOther != 0
		}
		return other
	}
	o.s.each(o.id, func(rec *stored) bool {
		other = other || flagsOf(rec.rtype)&hasOther != 0
		return !other
	})
	return other
}

// find gives a record of the type with the data, none when there is none.
func (o *ownerRecords) find(rtype uint16, data []byte) uint32 {
	if o.index != nil {
		if n, ok := o.index.recs[recordHash(rtype, data)]; ok {
			return n
		}
		return none
	}
	for n := o.s.owners.at(o.id).first; n != none; n = o.s.recs.at(n).next {
		if rec := o.s.recs.at(n); rec.rtype == rtype && bytes.Equal(o.canonical(rec), data) {
			return n
		}
	}
	return none
}

// remove takes a record out with its repetitions, which are one to named, and
// gives their number.
func (o *ownerRecords) remove(rtype, covers uint16, data []byte) int {
	count := 0
	out := func(n uint32) {
		o.s.recs.at(n).rtype = 0
		o.s.live--
		count++
	}
	if o.index == nil {
		for n := o.find(rtype, data); n != none; n = o.find(rtype, data) {
			out(n)
		}
		return count
	}
	ix, hash := o.index, recordHash(rtype, data)
	for _, n := range append(ix.again[hash], ix.recs[hash]) {
		out(n)
		ix.free = append(ix.free, n)
	}
	delete(ix.again, hash)
	delete(ix.recs, hash)
	set := ix.sets[setKey(rtype, covers)]
	set.n, set.size = set.n-1, set.size-2-len(data)
	if ix.sets[setKey(rtype, covers)] = set; set.n == 0 {
		delete(ix.sets, setKey(rtype, covers))
	}
	return count
}

// add puts a record in, where one was taken out if there is such a place.
func (o *ownerRecords) add(r *record, covers uint16) {
	n := o.vacant()
	if n == none {
		n = o.s.add(o.id, r)
	} else {
		rec := o.s.recs.at(n)
		if int(rec.size) >= len(r.wire) {
			copy(o.s.data(rec), r.wire)
		} else {
			rec.data = o.s.bytes.add(r.wire)
		}
		rec.size, rec.rtype, rec.ttl = uint16(len(r.wire)), r.rtype, r.ttl
		rec.file, rec.line, rec.column, rec.marks = o.s.file(r.file), 0, 0, r.marks
		o.s.live++
	}
	if o.index != nil {
		o.index.note(r.rtype, covers, r.wire, n, r.ttl)
	}
}

// vacant gives a record of the owner that was taken out, none when there is
// none.
func (o *ownerRecords) vacant() uint32 {
	if o.index != nil {
		last := len(o.index.free) - 1
		if last < 0 {
			return none
		}
		n := o.index.free[last]
		o.index.free = o.index.free[:last]
		return n
	}
	for n := o.s.owners.at(o.id).first; n != none; n = o.s.recs.at(n).next {
		if o.s.recs.at(n).rtype == 0 {
			return n
		}
	}
	return none
}

// settle counts anew what stands at the owners that were changed. Their mark
// stays until unmark.
func (s *store) settle() {
	s.filled = false
	for id := range uint32(s.owners.n) {
		o := s.owners.at(id)
		if o.flags&changed == 0 {
			continue
		}
		o.flags &= isWild | changed
		s.each(id, func(rec *stored) bool {
			o.flags |= flagsOf(rec.rtype)
			return true
		})
		s.flags |= o.flags &^ changed
	}
}

// unmark takes the marks of changed owners away.
func (s *store) unmark() {
	for id := range uint32(s.owners.n) {
		s.owners.at(id).flags &^= changed
	}
}

// namesIn is the table of the types whose data has names in it that are compared
// without case, and of what stands before: that many bytes, that many strings,
// that many names.
//
// Source: RFC 4034 section 6.2 as RFC 6840 section 5.1 has it; BIND,
// lib/dns/rdata (compare_mx and its fellows).
var namesIn = map[uint16]struct{ bytes, strings, names int }{
	dns.TypeNS: {0, 0, 1}, dns.TypeCNAME: {0, 0, 1}, dns.TypeDNAME: {0, 0, 1}, dns.TypePTR: {0, 0, 1}, dns.TypeSOA: {0, 0, 2},
	dns.TypeMB: {0, 0, 1}, dns.TypeMG: {0, 0, 1}, dns.TypeMR: {0, 0, 1}, dns.TypeMD: {0, 0, 1}, dns.TypeMF: {0, 0, 1},
	dns.TypeMINFO: {0, 0, 2}, dns.TypeRP: {0, 0, 2}, dns.TypeTALINK: {0, 0, 2}, dns.TypeNSAPPTR: {0, 0, 1},
	dns.TypeMX: {2, 0, 1}, dns.TypeAFSDB: {2, 0, 1}, dns.TypeRT: {2, 0, 1}, dns.TypeKX: {2, 0, 1}, dns.TypePX: {2, 0, 2},
	dns.TypeSRV: {6, 0, 1}, dns.TypeNAPTR: {4, 3, 1}, dns.TypeLP: {2, 0, 1},
	dns.TypeSIG: {18, 0, 1}, dns.TypeRRSIG: {18, 0, 1}, dns.TypeNXT: {0, 0, 1}, dns.TypeNSEC: {0, 0, 1},
	dns.TypeSVCB: {2, 0, 1}, dns.TypeHTTPS: {2, 0, 1},
}

// lowerNames makes the names in data lower-case; false when one is none.
func lowerNames(rtype uint16, data []byte) bool {
	form := namesIn[rtype]
	at := form.bytes
	for range form.strings {
		if at >= len(data) {
			return false
		}
		at += 1 + int(data[at])
	}
	for range form.names {
		if at >= len(data) {
			return false
		}
		n := lowered(data[at:])
		if at += n; n == 0 {
			return false
		}
	}
	return true
}
