package zones

import (
	"sync"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// hidden tells whether the owner lies below a delegation or a DNAME of the zone,
// where no client ever gets its data from here. An owner with a cut at it is not
// hidden by that.
//
// Source: BIND, lib/dns/zone.c (integrity_checks: bottom).
func (x *scan) hidden() bool {
	if x.s.flags&hasCut == 0 || x.id == 0 {
		return false
	}
	if x.judged != x.id {
		x.judged, x.below = x.id, x.isBelow()
	}
	return x.below
}

func (x *scan) isBelow() bool {
	if x.s.owners.at(0).flags&hasDNAME != 0 {
		return true
	}
	n := x.name()
	for at := int(n[0]) + 1; len(n)-at > x.s.zone.n; at += int(n[at]) + 1 {
		if id := x.s.find(n[at:]); id != none && x.s.owners.at(id).flags&(hasNS|hasDNAME) != 0 {
			return true
		}
	}
	return false
}

// hasCuts tells whether something of the zone can be hidden.
func hasCuts(x *scan) bool { return x.s.flags&hasCut != 0 }

// Where a type may stand although a cut is there.
const (
	atCut  = 1 << iota // at the owner of the delegation
	asGlue             // below it
)

// besideCut is the table of types that belong to the zone at or below a
// delegation. KEY and NXT were kept there once.
//
// Source: RFC 1034 section 4.2.1, RFC 4035 section 2.
var besideCut = map[uint16]uint8{
	dns.TypeA: atCut | asGlue, dns.TypeAAAA: atCut | asGlue, typeA6: atCut | asGlue, dns.TypeNS: atCut, dns.TypeDS: atCut,
	dns.TypeNSEC: atCut, dns.TypeRRSIG: atCut, dns.TypeNSEC3: atCut | asGlue, dns.TypeKEY: atCut, dns.TypeSIG: atCut,
	dns.TypeNXT: atCut, dns.TypeDLV: atCut,
}

// unreachable finds data that a delegation or a DNAME hides. named loads it and
// never answers with it.
//
// Source: RFC 6672 section 2.4, RFC 2136 section 7.18.
func unreachable(x *scan) {
	if x.id == 0 {
		return
	}
	hidden := x.hidden()
	if !hidden && x.flags&hasNS == 0 {
		return
	}
	place, where := uint8(atCut), "beside the NS records of a delegation"
	if hidden {
		place, where = asGlue, "below a delegation or a DNAME"
	}
	for i := range x.sets {
		set := &x.sets[i]
		if set.rtype == dns.TypeA || set.rtype == dns.TypeAAAA {
			if !x.isServer() {
				x.say(set.recs[0], finding{code: "NJ430", message: "an address " + where + ", of no name server: nobody ever gets it from this zone",
					remedy: "take it out, or put it into the zone that is delegated"})
				return
			}
			continue
		}
		if besideCut[set.rtype]&place != 0 || hidden && set.rtype == dns.TypeRRSIG && x.flags&hasNSEC3 != 0 {
			continue
		}
		x.say(set.recs[0], finding{code: "NJ430", message: article(typeName(set.rtype)) + " record " + where + ", where nobody ever gets it from this zone",
			remedy: "take it out, or put it into the zone that is delegated"})
		return
	}
}

// servers are the owners that NS records of the zone name, a bit each.
type servers struct {
	once sync.Once
	bits []uint64
}

// isServer tells whether an NS record of the zone names the owner.
func (x *scan) isServer() bool {
	v := x.c.servers
	v.once.Do(func() {
		s := x.s
		v.bits = make([]uint64, (s.owners.n+63)/64)
		for id := range uint32(s.owners.n) {
			if s.owners.at(id).flags&hasNS == 0 {
				continue
			}
			s.each(id, func(rec *stored) bool {
				if rec.rtype == dns.TypeNS {
					if to := s.find(s.data(rec)); to != none {
						v.bits[to/64] |= 1 << (to % 64)
					}
				}
				return true
			})
		}
	})
	return v.bits[x.id/64]&(1<<(x.id%64)) != 0
}

// wildcardTypes is the table of types that cannot, or should not, stand at a
// wildcard.
//
// Source: BIND, lib/dns/rbtdb.c (loading_addrdataset); RFC 4592 section 4.
var wildcardTypes = []struct {
	rtype    uint16
	flag     uint32
	severity parser.Severity
	message  string
}{
	{dns.TypeNS, hasNS, parser.Error, "an NS record at a wildcard; a delegation needs a name of its own"},
	{dns.TypeNSEC3, hasNSEC3, parser.Error, "an NSEC3 record at a wildcard"},
	{dns.TypeDNAME, hasDNAME, parser.Warning, "a DNAME record at a wildcard; name servers and resolvers do different things with it"},
}

// atWildcard finds records that cannot belong to a wildcard.
func atWildcard(x *scan) {
	for _, r := range wildcardTypes {
		if x.flags&r.flag != 0 {
			x.say(x.set(r.rtype)[0], finding{code: "NJ428", severity: r.severity, message: r.message,
				remedy: "write the record at each name that needs it"})
		}
	}
}

// starsChecked tells whether check-wildcard is on; named looks as it reads text.
func starsChecked(x *scan) bool { return !x.checks.NoWildcard && fromText(x) }

// starInside finds owner names with an asterisk for a label that is not the
// first.
//
// Source: BIND, lib/dns/master.c (check_wildcard), lib/dns/name.c
// (dns_name_internalwildcard).
func starInside(x *scan) {
	if rec := x.recs[0]; hasStarInside(x.name()) && rec.marks&byGenerate == 0 {
		x.say(rec, finding{code: "NJ429", message: "an asterisk inside the owner name, where it is no wildcard",
			remedy: "write the asterisk as the first label, or check-wildcard no; into the zone if it is meant as it stands"})
	}
}

func hasStarInside(n []byte) bool {
	for at := int(n[0]) + 1; at < len(n) && n[at] != 0; at += int(n[at]) + 1 {
		if n[at] == 1 && n[at+1] == '*' {
			return true
		}
	}
	return false
}
