package zones

import (
	"bytes"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// rulesVersion counts the changes of the rules and readers: a report of
// another version is not taken from the cache.
const rulesVersion = 3

// ownerRule is a rule that looks at the records of one owner, when all of the
// zone has been read.
//
// code is that of most of its findings. kinds are the zones to which it
// belongs. It is asked about owners with one of the flags in needs only, 0 for
// all. A rule with whole speaks of what is missing, and is not asked when a part
// of the file could not be read. when tells whether it is asked at all, nil for
// always. look reports with scan.say.
type ownerRule struct {
	code  parser.Code
	kinds []kind
	needs uint32
	whole bool
	when  func(x *scan) bool
	look  func(x *scan)
}

// Kinds of zones that rules belong to.
var (
	loaded    = []kind{primary, copied}
	primaries = []kind{primary}
	every     = []kind{primary, copied, hint}
)

// ownerRules is the table of rules for owners.
//
// Source: BIND, lib/dns/rbtdb.c (cname_and_other_data), lib/dns/rdataslab.c
// (singletons), lib/dns/master.c (commit); those of the other rules stand at
// their functions.
var ownerRules = []ownerRule{
	{code: "NJ407", kinds: every, needs: hasCNAME, look: besideCNAME},
	{code: "NJ404", kinds: loaded, needs: hasSOA, look: secondSOA},
	{code: "NJ414", kinds: every, needs: hasDNAME, look: secondDNAME},
	{code: "NJ420", kinds: loaded, when: namesChecked, look: checkNames},
	{code: "NJ421", kinds: primaries, needs: hasMX | hasSRV, whole: true, when: integral, look: targets},
	{code: "NJ421", kinds: primaries, needs: hasService, whole: true, when: integral, look: serviceTargets},
	{code: "NJ423", kinds: primaries, needs: hasNS, whole: true, when: integral, look: delegation},
	{code: "NJ424", kinds: every, look: differingTTLs},
	{code: "NJ425", kinds: every, look: repeated},
	{code: "NJ426", kinds: loaded, when: ttlBounded, look: ttlAbove},
	{code: "NJ427", kinds: primaries, needs: hasSPF, whole: true, when: integral, look: spfType},
	{code: "NJ427", kinds: primaries, needs: hasTXT, look: texts},
	{code: "NJ428", kinds: every, needs: isWild, look: atWildcard},
	{code: "NJ429", kinds: primaries, when: starsChecked, look: starInside},
	{code: "NJ430", kinds: primaries, when: hasCuts, look: unreachable},
	{code: "NJ439", kinds: primaries, needs: hasDS, look: dsAtTop},
	{code: "NJ439", kinds: primaries, needs: hasDS, whole: true, look: misplacedDS},
	{code: "NJ439", kinds: primaries, needs: hasDS, look: unknownDigest},
	{code: "NJ442", kinds: primaries, needs: leads, look: slips},
	{code: "NJ442", kinds: primaries, look: doubledOwner},
	{code: "NJ443", kinds: primaries, needs: hasSOA, look: timers},
	{code: "NJ444", kinds: primaries, needs: hasKEY | hasDS | hasKeys | hasDNSKEY, when: isPrimary, look: weakKeys},
	{code: "NJ444", kinds: primaries, needs: hasOld, look: oldStyle},
	{code: "NJ446", kinds: primaries, needs: hasService, look: resolverService},
	{code: "NJ446", kinds: primaries, needs: hasSRV | hasPlaced, look: misplaced},
	{code: "NJ446", kinds: primaries, needs: hasDNSKEY, look: keyBelow},
	{code: "NJ446", kinds: primaries, needs: hasPlaced, whole: true, look: personText},
	{code: "NJ448", kinds: loaded, when: counted, look: tooMany},
}

// besideCNAME finds other data beside a CNAME record, and a second CNAME.
func besideCNAME(x *scan) {
	cnames := x.set(dns.TypeCNAME)
	for _, rec := range cnames[1:] {
		if !bytes.Equal(x.s.data(rec), x.s.data(cnames[0])) {
			x.say(rec, finding{code: "NJ407", message: "a second, different CNAME record at the same name", remedy: "keep one of them"})
		}
	}
	if x.flags&hasOther == 0 {
		return
	}
	x.say(x.later(cnames[0]), finding{code: "NJ407", message: "a CNAME record stands beside other data at the same name",
		remedy: "keep either the CNAME record or the other records of this name"})
}

// later gives the record that came too late beside a CNAME record: the first
// other one behind it, or the CNAME behind the others.
func (x *scan) later(cname *stored) *stored {
	late, begun := cname, false
	x.s.each(x.id, func(rec *stored) bool {
		other := flagsOf(rec.rtype)&hasOther != 0
		if rec != cname && !other {
			return true
		}
		if begun {
			if other && late == nil {
				late = rec
			}
			return false
		}
		if begun = true; rec == cname {
			late = nil
		}
		return true
	})
	return late
}

func secondSOA(x *scan) {
	recs := x.set(dns.TypeSOA)
	for _, rec := range recs[1:] {
		if !bytes.Equal(x.s.data(rec), x.s.data(recs[0])) {
			x.say(rec, finding{code: "NJ404", message: "a second SOA record that differs from the first", remedy: "keep one of them"})
		}
	}
}

func secondDNAME(x *scan) {
	recs := x.set(dns.TypeDNAME)
	for _, rec := range recs[1:] {
		if !bytes.Equal(x.s.data(rec), x.s.data(recs[0])) {
			x.say(rec, finding{code: "NJ414", message: "a second, different DNAME record at the same name", remedy: "keep one of them"})
		}
	}
}

// zoneRule is a rule that looks at the zone when all of it has been read
// without an error.
type zoneRule struct {
	code  parser.Code
	kinds []kind
	look  func(*check) []zoneFinding
}

// zoneFinding is what a rule for whole zones says, and where.
type zoneFinding struct {
	place
	finding
}

// zoneRules is the table of rules for whole zones.
//
// Source: BIND, lib/dns/zone.c (zone_postload, zone_check_ns),
// lib/dns/rootns.c (check_hints).
var zoneRules = []zoneRule{
	{"NJ403", loaded, noSOA},
	{"NJ405", every, noNS},
	{"NJ415", primaries, serverWithoutAddress},
	{"NJ439", primaries, childKeys},
	{"NJ445", loaded, nsec3Parameters},
	{"NJ432", loaded, signatureTimes},
	{"NJ435", loaded, prove},
	{"NJ440", primaries, keyFiles},
}

func noSOA(c *check) []zoneFinding {
	if c.store.owners.at(0).flags&hasSOA != 0 {
		return nil
	}
	return []zoneFinding{{finding: finding{message: "the zone has no SOA record at its origin",
		remedy: "look whether the file belongs to this zone, and at its $ORIGIN lines"}}}
}

func noNS(c *check) []zoneFinding {
	if c.store.owners.at(0).flags&hasNS != 0 {
		return nil
	}
	f := finding{message: "the zone has no NS record at its origin", remedy: "name at least one name server of the zone there"}
	if c.kind == hint {
		f = finding{message: "the hints name no root server: there is no NS record at the zone's name",
			remedy: "get a fresh copy of the root hints"}
	}
	return []zoneFinding{{finding: f}}
}
