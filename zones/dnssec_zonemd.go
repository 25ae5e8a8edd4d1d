package zones

import (
	"bytes"
	"crypto"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// zoneDigests is the table of the digests of zones, by the hash algorithm of a
// ZONEMD record. The only scheme there is has number 1, SIMPLE.
//
// Source: RFC 8976 sections 2.2.2, 2.2.3 and 5.
var zoneDigests = map[uint8]crypto.Hash{1: crypto.SHA384, 2: crypto.SHA512}

const simpleScheme = 1

// maxDigests bounds the ZONEMD records that are looked at.
const maxDigests = 100

const digestRemedy = "make the zone's digest anew after the last change and signing, or take the ZONEMD record out"

// zoneDigest verifies the ZONEMD records at the origin.
//
// Source: RFC 8976 section 4.
func (p *proof) zoneDigest() {
	x := &scan{c: p.c, s: p.s}
	if !x.take(0) {
		return
	}
	recs := x.set(dns.TypeZONEMD)
	soa := x.set(dns.TypeSOA)
	if len(recs) == 0 || len(soa) == 0 {
		return
	}
	recs = recs[:min(len(recs), maxDigests)]
	serial := soaSerial(p.s.data(soa[0]))
	type check struct {
		rec  *stored
		want []byte
		sum  hash.Hash
	}
	var checks []check
	for i, rec := range recs {
		data := p.s.data(rec)
		kind, known := zoneDigests[byteAt(data, 5)]
		switch {
		case len(data) < 6+12:
			p.say(rec, "NJ441", parser.Error, "the digest of this ZONEMD record is shorter than 12 bytes", digestRemedy)
		case slices.ContainsFunc(recs[:i], func(o *stored) bool { return sameScheme(p.s.data(o), data) }):
			if !slices.ContainsFunc(recs[:i], func(o *stored) bool { return bytes.Equal(p.s.data(o), data) }) {
				p.say(rec, "NJ441", parser.Error, "two ZONEMD records of the same scheme and hash; none of them counts", "keep the right one")
			}
		case data[4] != simpleScheme || !known:
			p.say(rec, "NJ441", parser.Warning, fmt.Sprintf("this ZONEMD record has scheme %d and hash %d, which named-jail does not know; it is not verified", data[4], data[5]),
				"use scheme 1 with hash 1 (SHA-384)")
		case binary.BigEndian.Uint32(data) != serial:
			p.say(rec, "NJ441", parser.Error, fmt.Sprintf("this ZONEMD record is of serial %d, the zone has serial %d", binary.BigEndian.Uint32(data), serial), digestRemedy)
		case len(data) != 6+kind.Size():
			p.say(rec, "NJ441", parser.Error, "the digest of this ZONEMD record does not have the length of its hash", digestRemedy)
		case len(checks) < len(zoneDigests):
			checks = append(checks, check{rec, data[6:], kind.New()})
		}
	}
	if len(checks) == 0 {
		return
	}
	var sums []hash.Hash
	for i := range checks {
		sums = append(sums, checks[i].sum)
	}
	if !p.digestInto(sums) {
		return
	}
	for i := range checks {
		if !bytes.Equal(checks[i].sum.Sum(nil), checks[i].want) {
			p.say(checks[i].rec, "NJ441", parser.Error, "the digest of this ZONEMD record is not that of the zone: a record was changed, added or taken out after it was made", digestRemedy)
		}
	}
}

// byteAt gives a byte of data, 0 where there is none.
func byteAt(data []byte, i int) byte {
	if i < len(data) {
		return data[i]
	}
	return 0
}

// sameScheme tells whether two ZONEMD records have the same scheme and hash.
func sameScheme(a, b []byte) bool { return len(a) >= 6 && len(b) >= 6 && a[4] == b[4] && a[5] == b[5] }

// digestInto writes all records of the zone in canonical form and order, but
// the ZONEMD records at its origin and their signatures; false when the check
// was stopped.
//
// Source: RFC 8976 section 3.3.
func (p *proof) digestInto(sums []hash.Hash) bool {
	s := p.s
	order := p.inOrder()
	v := p.prover()
	var buf []byte
	var fixed [10]byte
	ttls := map[uint16]uint32{} // of signatures at a name, by what they cover
	binary.BigEndian.PutUint16(fixed[2:], p.c.class)
	flush := func() {
		for _, h := range sums {
			h.Write(buf)
		}
		buf = buf[:0]
	}
	for i, id := range order {
		if i&0xfff == 0 && p.c.halted() {
			return false
		}
		if !v.take(id) {
			continue
		}
		n := v.name()
		for k := range v.sets {
			set := &v.sets[k]
			if id == 0 && set.rtype == dns.TypeZONEMD {
				continue
			}
			binary.BigEndian.PutUint16(fixed[:], set.rtype)
			clear(ttls)
			var last []byte
			for _, rec := range v.canonical(set.recs) {
				data := s.data(rec)
				ttl := set.recs[0].ttl
				if set.rtype == dns.TypeRRSIG && len(data) > 2 {
					covers := binary.BigEndian.Uint16(data)
					if id == 0 && covers == dns.TypeZONEMD {
						continue
					}
					if _, known := ttls[covers]; !known {
						ttls[covers] = rec.ttl
					}
					ttl = ttls[covers]
				}
				if last != nil && bytes.Equal(last, data) {
					continue
				}
				last = data
				binary.BigEndian.PutUint32(fixed[4:], ttl)
				binary.BigEndian.PutUint16(fixed[8:], uint16(len(data)))
				buf = append(append(append(buf, n...), fixed[:]...), data...)
				if len(buf) > 32<<10 {
					flush()
				}
			}
		}
	}
	flush()
	return true
}
