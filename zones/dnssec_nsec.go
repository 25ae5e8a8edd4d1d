package zones

import (
	"bytes"

	"github.com/miekg/dns"
)

// nsecAt verifies the NSEC record of a name of the chain: one, naming the next
// name and the types that are there.
//
// Source: RFC 4034 section 4, RFC 4035 section 2.3; BIND, lib/dns/zoneverify.c
// (verifynsec), lib/dns/nsec.c (dns_nsec_buildrdata).
func (v *prover) nsecAt(at int) {
	recs := v.set(dns.TypeNSEC)
	if len(recs) == 0 {
		v.report(v.sets[0].recs[0], "NJ437", v.ownerText()+" has no NSEC record", signAgain)
		return
	}
	data := v.s.data(recs[0])
	for _, rec := range recs[1:] {
		if !bytes.Equal(v.s.data(rec), data) {
			v.report(rec, "NJ437", v.ownerText()+" has two NSEC records", signAgain)
			return
		}
	}
	next := v.s.zone.bytes()
	if at+1 < len(v.p.chain) {
		next = v.s.name(v.p.chain[at+1])
	}
	var named name
	used := named.wireName(data)
	if used == 0 || !bytes.Equal(named.bytes(), next) {
		v.report(recs[0], "NJ437", "the NSEC record of "+v.ownerText()+" does not name the next name of the zone, which is "+nameText(next), signAgain)
		return
	}
	v.types = append(v.types[:0], dns.TypeRRSIG, dns.TypeNSEC)
	v.typesHere(v.p.roles[v.id] != owned)
	if !bytes.Equal(data[used:], v.typeBitmap()) {
		v.report(recs[0], "NJ437", "the NSEC record of "+v.ownerText()+" does not list the types that are there", signAgain)
	}
}

// cutTypes are the types that belong to the zone above a delegation.
var cutTypes = map[uint16]bool{dns.TypeNS: true, dns.TypeDS: true, dns.TypeNSEC: true, dns.TypeRRSIG: true, dns.TypeKEY: true}

// typesHere adds the types of the current owner to v.types; at a cut only
// those that count there.
func (v *prover) typesHere(cut bool) {
	for i := range v.sets {
		t := v.sets[i].rtype
		if t != dns.TypeNSEC3 && (!cut || cutTypes[t]) {
			v.types = append(v.types, t)
		}
	}
}

// typeBitmap writes v.types as NSEC and NSEC3 records list them.
func (v *prover) typeBitmap() []byte {
	for _, t := range v.types {
		v.listed.add(t)
	}
	v.bitmap = v.listed.appendTo(v.bitmap[:0])
	return v.bitmap
}
