package zones

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// Flags of a DNSKEY record.
//
// Source: RFC 4034 section 2.1.1, RFC 5011 section 7.
const (
	flagZone   = 0x0100
	flagRevoke = 0x0080
	flagSEP    = 0x0001
)

// maxKeys bounds the DNSKEY records that are looked at.
const maxKeys = 100

// zoneKey is a DNSKEY record of the zone.
type zoneKey struct {
	rec       *stored
	data      []byte
	flags     uint16
	protocol  uint8
	algorithm uint8
	tag       uint16
	verify    verifier // nil: not verifiable, or damaged
	damaged   bool
	selfSigns bool // signs the DNSKEY records
	signs     bool // signs the SOA record
}

// usable tells whether signatures of the key count.
func (k *zoneKey) usable() bool {
	return k.flags&flagZone != 0 && k.protocol == 3 && k.verify != nil
}

func (k *zoneKey) revoked() bool { return k.flags&flagRevoke != 0 }
func (k *zoneKey) sep() bool     { return k.flags&flagSEP != 0 }

// text names the key in a message.
func (k *zoneKey) text() string { return fmt.Sprintf("%d (%s)", k.tag, algorithmName(k.algorithm)) }

// readKey takes the data of a DNSKEY record apart; false when it is too short.
func readKey(data []byte) (zoneKey, bool) {
	if len(data) < 4 {
		return zoneKey{}, false
	}
	k := zoneKey{data: data, flags: binary.BigEndian.Uint16(data), protocol: data[2], algorithm: data[3], tag: keyTag(data)}
	if a, ok := verifiable[k.algorithm]; ok {
		var good bool
		k.verify, good = a.parse(data[4:])
		k.damaged = !good
	}
	return k, true
}

// keyTag is the tag of a key, computed from the data of its DNSKEY record.
//
// Source: RFC 4034 appendix B.
func keyTag(data []byte) uint16 {
	if len(data) >= 7 && data[3] == dns.RSAMD5 {
		return binary.BigEndian.Uint16(data[len(data)-3:])
	}
	sum := uint32(0)
	for i, b := range data {
		if i&1 == 0 {
			sum += uint32(b) << 8
		} else {
			sum += uint32(b)
		}
	}
	sum += sum >> 16
	return uint16(sum)
}

// readKeys reads the DNSKEY records and finds out which algorithms the zone is
// signed with; false when nothing more can be verified.
//
// A key counts as one that signs when it signs the DNSKEY records, or the SOA
// record. Where there are keys with the SEP flag, which the parent zone's DS
// record names, one of them must sign the DNSKEY records.
//
// Source: RFC 4035 section 2.2, RFC 5011 section 2.1; BIND,
// lib/dns/zoneverify.c (check_dnskey).
func (p *proof) readKeys(v *prover) bool {
	v.sigs = v.sigsOf(v.sigs)
	set := rrset{dns.TypeDNSKEY, v.set(dns.TypeDNSKEY)}
	if len(set.recs) > maxKeys {
		p.say(set.recs[maxKeys], "NJ436", parser.Error, fmt.Sprintf("the zone has more than %d DNSKEY records; its signatures are not verified", maxKeys),
			"take out those of keys that sign nothing")
		return false
	}
	for _, rec := range set.recs {
		k, ok := readKey(p.s.data(rec))
		k.rec = rec
		switch {
		case !ok || k.damaged:
			p.say(rec, "NJ436", parser.Error, "the public key of this DNSKEY record is damaged", "make the record anew from the key file")
		case k.protocol != 3:
			p.say(rec, "NJ436", parser.Error, "the protocol of this DNSKEY record is not 3; validating resolvers do not use it", "make the record anew from the key file")
		case k.flags&flagZone == 0:
			p.say(rec, "NJ436", parser.Warning, "this DNSKEY record lacks the flag of zone keys (256); validating resolvers do not use it", "make the record anew from the key file")
		}
		if ok {
			p.keys = append(p.keys, k)
		}
	}
	soa := rrset{dns.TypeSOA, v.set(dns.TypeSOA)}
	for i := range p.keys {
		k := &p.keys[i]
		k.selfSigns = v.signedBy(&set, k)
		k.signs = len(soa.recs) > 0 && v.signedBy(&soa, k)
	}
	return p.judgeKeys(v, &set)
}

// judgeKeys says what is wrong with the keys as a whole.
func (p *proof) judgeKeys(v *prover, set *rrset) bool {
	var sep, self, foreign [256]bool
	for i := range p.keys {
		k := &p.keys[i]
		a := k.algorithm
		if _, can := verifiable[a]; !can {
			foreign[a] = true
			continue
		}
		if k.revoked() {
			if k.sep() && !k.selfSigns && k.usable() {
				p.say(k.rec, "NJ436", parser.Error, "the revoked key "+k.text()+" does not sign the DNSKEY records; resolvers do not see that it is revoked",
					"sign the DNSKEY records with it as well, or take the record out")
			}
			continue
		}
		p.active[a] = p.active[a] || k.selfSigns || k.signs
		sep[a] = sep[a] || k.sep()
		self[a] = self[a] || k.selfSigns && k.sep()
	}
	some, ours := false, false
	for a := range 256 {
		if p.active[a] {
			p.algorithms = append(p.algorithms, uint8(a))
			some = true
			if sep[a] && !self[a] {
				p.say(set.recs[0], "NJ436", parser.Error, "no key-signing key of "+algorithmName(uint8(a))+" signs the DNSKEY records; the DS record of the parent zone leads nowhere",
					"sign the DNSKEY records with the key-signing key again")
			}
		}
		if foreign[a] {
			p.say(set.recs[0], "NJ436", parser.Warning, "the signatures of "+algorithmName(uint8(a))+" cannot be verified by named-jail", "verify them with dnssec-verify")
		}
		p.foreign[a] = foreign[a]
		ours = ours || !foreign[a] && p.hasAlgorithm(uint8(a))
	}
	if !some && ours {
		p.say(set.recs[0], "NJ436", parser.Error, "no key of the zone signs its DNSKEY records or its SOA record; nothing in the zone can be verified",
			"sign the zone again with the keys whose DNSKEY records it has")
		return false
	}
	for i := range p.keys {
		if k := &p.keys[i]; some && !p.active[k.algorithm] && k.usable() && !k.revoked() {
			p.say(k.rec, "NJ436", parser.Warning, "the key "+k.text()+" is of an algorithm that the zone is not signed with; strict resolvers then refuse the zone",
				"sign the zone with it too before its DNSKEY record is published, or take the record out")
		}
	}
	return true
}

func (p *proof) hasAlgorithm(a uint8) bool {
	return slices.ContainsFunc(p.keys, func(k zoneKey) bool { return k.algorithm == a })
}

// signedBy tells whether a key signs a set at the origin.
func (v *prover) signedBy(set *rrset, k *zoneKey) bool {
	if !k.usable() {
		return false
	}
	tries := 0
	for _, sig := range v.signatures(set.rtype) {
		if sig.tag != k.tag || sig.algorithm != k.algorithm || int(sig.labels) != countLabels(v.name()) {
			continue
		}
		if tries++; tries > maxTries {
			break
		}
		if v.verify(set, &sig, k) {
			return true
		}
	}
	return false
}
