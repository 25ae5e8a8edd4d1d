package zones

import (
	"bytes"
	"hash/maphash"

	"github.com/miekg/dns"
)

// judge keeps the facts about a zone that the rules need, and no record.
type judge struct {
	zone    name
	class   uint16
	kind    kind
	records int

	inside bool    // the current owner lies in the zone
	atTop  bool    // it is the zone's origin
	slot   *uint64 // its flags, nil outside

	names  nameTable
	values nameTable // owner and data of CNAME and DNAME records
	soa    []byte    // data of the first SOA record
	ns     []nameServer
	nsRR   int // NS records at the origin
}

// nameServer is an NS record of the origin whose server lies in the zone.
type nameServer struct {
	target       name
	file         string
	line, column int
}

// maxServers bounds the name servers that are kept for the rules.
const maxServers = 1000

// reset makes the judge ready for a zone.
func (j *judge) reset(zone name, class uint16, k kind) {
	j.names.clear()
	j.values.clear()
	*j = judge{zone: zone, class: class, kind: k, names: j.names, values: j.values, ns: j.ns[:0]}
}

// meet looks at the owner name before the rules do.
func (j *judge) meet(r *record) {
	if !r.newOwner {
		return
	}
	j.inside = r.owner.under(&j.zone)
	j.atTop = j.inside && r.owner.n == j.zone.n
	j.slot = nil
	if j.inside {
		j.slot = j.names.slot(hashOf(r.owner.bytes()))
	}
}

// here gives the flags of the current owner.
func (j *judge) here() uint64 {
	if j.slot == nil {
		return 0
	}
	return *j.slot & flagBits
}

// flagsOf says what a record of the type makes of its owner.
func flagsOf(rtype uint16) uint64 {
	switch rtype {
	case dns.TypeA, dns.TypeAAAA:
		return hasOther | hasAddress
	case dns.TypeCNAME:
		return hasCNAME
	case dns.TypeNS:
		return hasOther | hasNS
	case dns.TypeDNAME:
		return hasOther | hasDNAME
	case dns.TypeRRSIG, dns.TypeNSEC, dns.TypeKEY, dns.TypeSIG:
		return 0
	}
	return hasOther
}

// note keeps what later rules need of a record in the zone.
func (j *judge) note(r *record) {
	j.records++
	*j.slot |= flagsOf(r.rtype)
	switch r.rtype {
	case dns.TypeCNAME, dns.TypeDNAME:
		j.values.slot(j.valueHash(r))
	case dns.TypeSOA:
		if j.soa == nil {
			j.soa = bytes.Clone(r.wire)
		}
	case dns.TypeNS:
		if !j.atTop {
			return
		}
		j.nsRR++
		if len(j.ns) < maxServers {
			s := nameServer{file: r.file, line: r.line, column: r.column}
			s.target.set(r.wire)
			if s.target.under(&j.zone) {
				j.ns = append(j.ns, s)
			}
		}
	}
}

// valueHash is the hash of owner, type and data together.
func (j *judge) valueHash(r *record) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	h.Write(r.owner.bytes())
	h.WriteByte(byte(r.rtype))
	h.Write(r.wire)
	if sum := h.Sum64() &^ flagBits; sum != 0 {
		return sum
	}
	return flagBits + 1
}

// repeated tells whether the very record was seen before.
func (j *judge) repeated(r *record) bool {
	if len(j.values.slots) == 0 {
		return false
	}
	return *j.values.at(j.valueHash(r)) != 0
}
