package zones

import (
	"bytes"
	"crypto"
	"encoding/binary"
	"slices"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// digestKinds is the table of the digests of keys, by their type in DS and CDS
// records. A hash of 0 is one that named-jail does not compute.
//
// Source: RFC 4034 section 5.1.3, RFC 4509, RFC 6605; IANA, "DNSSEC Delegation
// Signer (DS) Resource Record (RR) Type Digest Algorithms".
var digestKinds = map[uint8]crypto.Hash{1: crypto.SHA1, 2: crypto.SHA256, 3: 0, 4: crypto.SHA384}

// keyAlgorithms are the algorithms that keys of zones can have.
//
// Source: IANA, "DNS Security Algorithm Numbers", those for zone signing.
var keyAlgorithms = map[uint8]bool{3: true, 5: true, 6: true, 7: true, 8: true, 10: true, 12: true, 13: true, 14: true, 15: true, 16: true,
	17: true, 23: true, 253: true, 254: true}

// delegationSigner judges the DS records of a delegation.
func (v *prover) delegationSigner(set *rrset) {
	for _, rec := range set.recs {
		data := v.s.data(rec)
		if len(data) < 4 {
			continue
		}
		if _, known := digestKinds[data[3]]; !known {
			v.count(&v.counts.digests, rec)
		}
		if !keyAlgorithms[data[2]] {
			v.count(&v.counts.algorithm, rec)
		}
	}
}

// parentKeys judges the CDS and CDNSKEY records, with which the parent zone
// renews the DS records: each must be of a key that signs the DNSKEY records,
// and both types must name the same keys.
//
// Source: RFC 7344 sections 4.1 and 5, RFC 8078 section 4.
func (p *proof) parentKeys(v *prover) {
	var byDigest, byKey [maxKeys]bool
	cds, cdnskey := v.set(dns.TypeCDS), v.set(dns.TypeCDNSKEY)
	for _, rec := range cds[:min(len(cds), maxKeys)] {
		data := p.s.data(rec)
		if len(data) < 4 || string(data) == removeCDS || !p.hasAlgorithm(data[2]) {
			continue // the rule for what named refuses says it
		}
		known, at := p.keyOfDigest(data)
		if !known {
			continue
		}
		p.named(rec, "CDS", at, &byDigest)
	}
	for _, rec := range cdnskey[:min(len(cdnskey), maxKeys)] {
		data := p.s.data(rec)
		if len(data) < 4 || string(data) == removeCDNSKEY || !p.hasAlgorithm(data[3]) {
			continue
		}
		at := slices.IndexFunc(p.keys, func(k zoneKey) bool { return bytes.Equal(k.data, data) })
		p.named(rec, "CDNSKEY", at, &byKey)
	}
	if len(cds) > 0 && len(cdnskey) > 0 && byDigest != byKey {
		p.say(cds[0], "NJ439", parser.Warning, "the CDS and the CDNSKEY records are not of the same keys",
			"make both from the keys that the DS records of the parent zone shall name")
	}
}

// named judges a CDS or CDNSKEY record whose key was looked for.
func (p *proof) named(rec *stored, typ string, at int, seen *[maxKeys]bool) {
	const remedy = "make the record anew from the key, with dnssec-dsfromkey, or take it out"
	switch {
	case at < 0:
		p.say(rec, "NJ439", parser.Warning, "this "+typ+" record is of no DNSKEY record of the zone; a parent zone that follows it breaks the zone", remedy)
	case !p.keys[at].selfSigns && p.active[p.keys[at].algorithm]:
		seen[at] = true
		p.say(rec, "NJ439", parser.Warning, "this "+typ+" record is of the key "+p.keys[at].text()+", which does not sign the DNSKEY records", remedy)
	default:
		seen[at] = true
	}
}

// keyOfDigest finds the key that a CDS record is of, -1 for none; known is
// false for digests that cannot be computed.
func (p *proof) keyOfDigest(data []byte) (known bool, at int) {
	kind := digestKinds[data[3]]
	if kind == 0 {
		return false, -1
	}
	tag := binary.BigEndian.Uint16(data)
	for i := range p.keys {
		k := &p.keys[i]
		if k.tag != tag || k.algorithm != data[2] {
			continue
		}
		h := kind.New()
		h.Write(p.s.zone.bytes())
		h.Write(k.data)
		if bytes.Equal(h.Sum(nil), data[4:]) {
			return true, i
		}
	}
	return true, -1
}
