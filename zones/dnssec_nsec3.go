package zones

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// hashChain is one chain of NSEC3 records: its parameters, and the hashes that
// the zone has records for.
type hashChain struct {
	rec        *stored // the NSEC3PARAM record
	iterations uint16
	salt       []byte
	list       []hashOwner // in order
	wanted     []atomic.Uint32
}

// hashOwner is the hash that an NSEC3 record stands at.
type hashOwner struct {
	hash [hashSize]byte
	id   uint32
	rec  *stored // its NSEC3 record of the chain, the first
}

const hashSize = 20 // SHA-1

// hashLabel is how hashes are written as labels.
//
// Source: RFC 5155 section 3.3, RFC 4648 section 7.
var hashLabel = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// hashLabelSize is the length of a hash as a label.
const hashLabelSize = 32

// maxChains bounds the chains that are verified.
const maxChains = 8

// iterationBounds is the table of how many iterations named still proves with,
// by the release in which the bound came.
//
// Source: BIND, lib/dns/include/dns/nsec3.h (DNS_NSEC3_MAXITERATIONS); RFC 9276
// section 3.2.
var iterationBounds = []struct {
	since []release
	most  uint16
}{
	{[]release{{9, 19, 19}}, 50},
	{[]release{{9, 0, 0}}, 150},
}

// maxIterations is the bound of a release; the zero release is the newest.
func maxIterations(r release) uint16 {
	for _, b := range iterationBounds {
		if r.has(b.since) {
			return b.most
		}
	}
	return iterationBounds[len(iterationBounds)-1].most
}

// readParams reads the NSEC3PARAM records. Those with flags are notes of named
// on chains that it is making or taking away.
//
// Source: RFC 5155 section 4; BIND, lib/dns/zoneverify.c (verifynsec3).
func (p *proof) readParams(v *prover) {
	recs := v.set(dns.TypeNSEC3PARAM)
	for i, rec := range recs {
		data := p.s.data(rec)
		if len(data) < 5 || len(data) != 5+int(data[4]) || data[1] != 0 {
			continue
		}
		if i > 0 && bytes.Equal(data, p.s.data(recs[i-1])) {
			continue
		}
		h := hashChain{rec: rec, iterations: binary.BigEndian.Uint16(data[2:]), salt: data[5:]}
		switch most := maxIterations(p.c.zone.Checks.Release); {
		case data[0] != dns.SHA1:
			p.say(rec, "NJ438", parser.Warning, "this NSEC3PARAM record has a hash algorithm that named-jail does not know; its chain is not verified",
				"sign the zone with hash algorithm 1, the only one there is")
		case h.iterations > most:
			p.say(rec, "NJ438", parser.Error, fmt.Sprintf("%d iterations of the NSEC3 hash; named and other resolvers take zones with more than %d for unsigned, or refuse them",
				h.iterations, most), "sign the zone with 0 iterations (dnssec-signzone -H 0, or nsec3param iterations 0; in the dnssec-policy)")
		case len(p.params) == maxChains:
			p.say(rec, "NJ438", parser.Error, fmt.Sprintf("the zone has more than %d NSEC3 chains; the others are not verified", maxChains),
				"take the NSEC3PARAM records of chains that are not needed out")
			return
		default:
			p.params = append(p.params, h)
		}
	}
}

// sortHashes reads the owners of NSEC3 records into their chains.
func (p *proof) sortHashes() {
	if len(p.params) == 0 {
		if len(p.hashed) > 0 && p.nsec {
			rec := p.s.first(p.hashed[0], dns.TypeNSEC3)
			p.say(rec, "NJ438", parser.Warning, fmt.Sprintf("the zone has NSEC3 records at %s and no NSEC3PARAM record for them; named does not use them",
				plural(len(p.hashed), "name")), signAgain)
		}
		return
	}
	for i := range p.params {
		h := &p.params[i]
		if len(p.params) == 1 {
			h.list = make([]hashOwner, 0, len(p.hashed)) // all are of this chain
		}
		for k, id := range p.hashed {
			if k&0xfff == 0 && p.c.halted() {
				return
			}
			rec := p.nsec3Of(h, id)
			if rec == nil {
				continue
			}
			o := hashOwner{id: id, rec: rec}
			if !hashOf(p.s.name(id), p.s.zone.n, &o.hash) {
				if len(p.list) < p.c.zone.maxErrors() {
					p.say(rec, "NJ438", parser.Error, "this NSEC3 record stands at a name that is no hash of a name", signAgain)
				}
				continue
			}
			h.list = append(h.list, o)
		}
		sortUntil(h.list, p.c.halted, func(a, b hashOwner) int {
			return cmp.Or(bytes.Compare(a.hash[:], b.hash[:]), cmp.Compare(a.id, b.id))
		})
		h.wanted = make([]atomic.Uint32, len(h.list)/32+1)
	}
}

// hashOf reads the hash that is the first label of a name just below the
// zone's origin.
func hashOf(n []byte, zone int, hash *[hashSize]byte) bool {
	if n[0] != hashLabelSize || len(n) != 1+hashLabelSize+zone {
		return false
	}
	_, err := hashLabel.Decode(hash[:], n[1:1+hashLabelSize])
	return err == nil
}

// nsec3Of finds the NSEC3 record of a chain at an owner, nil when there is
// none.
func (p *proof) nsec3Of(h *hashChain, id uint32) (found *stored) {
	p.s.each(id, func(rec *stored) bool {
		if rec.rtype == dns.TypeNSEC3 && h.has(p.s.data(rec)) {
			found = rec
		}
		return found == nil
	})
	return found
}

// has tells whether the data of an NSEC3 record has the parameters of the
// chain.
func (h *hashChain) has(data []byte) bool {
	at := 5 + len(h.salt)
	return len(data) > at+hashSize && data[0] == dns.SHA1 && binary.BigEndian.Uint16(data[2:]) == h.iterations &&
		int(data[4]) == len(h.salt) && bytes.Equal(data[5:at], h.salt) && data[at] == hashSize
}

// next and types give the parts of the data of an NSEC3 record of the chain.
func (h *hashChain) next(data []byte) []byte {
	at := 6 + len(h.salt)
	return data[at : at+hashSize]
}

func (h *hashChain) types(data []byte) []byte { return data[6+len(h.salt)+hashSize:] }

// hashName computes the hash of a name.
//
// Source: RFC 5155 section 5.
func (v *prover) hashName(h *hashChain, n []byte, sum *[hashSize]byte) {
	v.text = append(append(v.text[:0], n...), h.salt...)
	for range int(h.iterations) + 1 {
		*sum = sha1.Sum(v.text)
		v.text = append(append(v.text[:0], sum[:]...), h.salt...)
	}
}

// find gives the place of a hash in the chain, or where it would stand.
func (h *hashChain) find(sum *[hashSize]byte) (int, bool) {
	return slices.BinarySearchFunc(h.list, sum, func(o hashOwner, s *[hashSize]byte) int { return bytes.Compare(o.hash[:], s[:]) })
}

// optedOut tells whether the record that covers a hash lets delegations
// without a DS record go without one of their own.
//
// Source: RFC 5155 section 6.
func (p *proof) optedOut(h *hashChain, place int) bool {
	if len(h.list) == 0 {
		return false
	}
	before := &h.list[(place+len(h.list)-1)%len(h.list)]
	return p.s.data(before.rec)[1]&1 != 0
}

// hashedAt verifies that the current name of the chain of names, and the empty
// names between it and the one before, have their NSEC3 record.
//
// Source: RFC 5155 section 7.1.
func (v *prover) hashedAt(h *hashChain, at int) {
	n := v.name()
	shared := countLabels(v.s.zone.bytes())
	if at > 0 {
		shared = max(shared, sharedLabels(v.s.name(v.p.chain[at-1]), n))
	}
	var starts [128]uint8
	count := labelStarts(n, &starts)
	for labels := shared + 1; labels < count; labels++ {
		v.types = v.types[:0]
		v.matches(h, n[starts[count-labels]:], at, true)
	}
	role := v.p.roles[v.id]
	v.types = v.types[:0]
	v.typesHere(role != owned)
	v.matches(h, n, at, false)
}

// matches verifies the NSEC3 record of one name; empty tells that only others
// below it exist, the first of which is the current owner.
func (v *prover) matches(h *hashChain, n []byte, at int, empty bool) {
	var sum [hashSize]byte
	v.hashName(h, n, &sum)
	place, found := h.find(&sum)
	here := v.sets[0].recs[0]
	if !found {
		free := v.p.roles[v.id] == cutUnsigned
		if empty {
			free = v.onlyUnsigned(n, at)
		}
		switch {
		case !free:
			v.report(here, "NJ438", nameText(n)+" has no NSEC3 record", signAgain)
		case !v.p.optedOut(h, place):
			v.report(here, "NJ438", nameText(n)+" has no NSEC3 record, and none with opt-out covers it", signAgain)
		}
		return
	}
	h.wanted[place/32].Or(1 << (place % 32))
	var rec *stored
	v.s.each(h.list[place].id, func(r *stored) bool {
		if r.rtype == dns.TypeNSEC3 && h.has(v.s.data(r)) {
			if rec != nil && !bytes.Equal(v.s.data(r), v.s.data(rec)) {
				v.report(r, "NJ438", nameText(n)+" has two NSEC3 records of one chain", signAgain)
				return false
			}
			rec = r
		}
		return true
	})
	if rec != nil && !bytes.Equal(h.types(v.s.data(rec)), v.typeBitmap()) {
		v.report(rec, "NJ438", "the NSEC3 record of "+nameText(n)+" does not list the types that are there", signAgain)
	}
}

// onlyUnsigned tells whether all that lies below an empty name is delegations
// without DS record. The chain of names is in canonical order: what lies below
// stands together.
func (v *prover) onlyUnsigned(n []byte, at int) bool {
	for ; at < len(v.p.chain) && (at&0xfff != 0 || !v.c.halted()); at++ {
		id := v.p.chain[at]
		if !underWire(v.s.name(id), n) {
			break
		}
		if v.p.roles[id] != cutUnsigned {
			return false
		}
	}
	return true
}

// linked verifies that each NSEC3 record names the next hash, and stands for a
// name of the zone.
func (p *proof) linked(h *hashChain) {
	limit := p.c.zone.maxErrors()
	for i := 0; i < len(h.list) && limit > 0 && !p.stop.Load(); i++ {
		if i&0xfff == 0 && p.c.halted() {
			return
		}
		o := &h.list[i]
		rec := o.rec
		if h.wanted[i/32].Load()&(1<<(i%32)) == 0 {
			p.say(rec, "NJ438", parser.Error, "this NSEC3 record is of no name of the zone", signAgain)
			limit--
		}
		if after := &h.list[(i+1)%len(h.list)]; !bytes.Equal(h.next(p.s.data(rec)), after.hash[:]) {
			p.say(rec, "NJ438", parser.Error, "this NSEC3 record does not name the next hash of the chain", signAgain)
			limit--
		}
	}
}
