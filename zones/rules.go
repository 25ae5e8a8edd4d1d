package zones

import (
	"bytes"
	"slices"

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
// (singletons), lib/dns/master.c (commit).
var ownerRules = []ownerRule{
	{code: "NJ407", kinds: every, needs: hasCNAME, look: besideCNAME},
	{code: "NJ404", kinds: loaded, needs: hasSOA, look: secondSOA},
	{code: "NJ414", kinds: every, needs: hasDNAME, look: secondDNAME},
	{code: "NJ424", kinds: every, look: differingTTLs},
	{code: "NJ425", kinds: every, look: repeated},
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
	for _, rec := range x.later(cnames[0]) {
		x.say(rec, finding{code: "NJ407", message: "a CNAME record stands beside other data at the same name",
			remedy: "keep either the CNAME record or the other records of this name"})
	}
}

// later gives the records that came too late beside a CNAME record: the others
// behind it, or the CNAME behind the others.
func (x *scan) later(cname *stored) []*stored {
	first := true
	var list []*stored
	x.s.each(x.id, func(rec *stored) bool {
		switch {
		case rec.rtype == dns.TypeCNAME:
			if rec == cname && !first {
				list = append(list, rec)
			}
			first = false
			if len(list) > 0 {
				return false
			}
		case flagsOf(rec.rtype)&hasOther != 0:
			if !first {
				list = append(list, rec)
				return len(list) < x.c.zone.maxErrors()+1
			}
			first = false
		}
		return true
	})
	return list
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

// differingTTLs finds records whose TTL is not that of the first of their set.
// The TTLs of signatures are those of what they sign.
//
// Source: RFC 2181 section 5.2; BIND, lib/dns/master.c (load_text).
func differingTTLs(x *scan) {
	for i := range x.sets {
		set := &x.sets[i]
		if len(set.recs) == 1 || set.rtype == dns.TypeRRSIG {
			continue
		}
		for _, rec := range set.recs[1:] {
			if rec.ttl != set.recs[0].ttl {
				x.say(rec, finding{code: "NJ424", message: "the TTL differs from that of the first record of this name and type; named takes one for all",
					remedy: "give the records of one name and type the same TTL"})
				break
			}
		}
	}
}

// repeated finds records that are there twice; named keeps one.
func repeated(x *scan) {
	for i := range x.sets {
		set := &x.sets[i]
		if len(set.recs) == 1 {
			continue
		}
		recs := set.recs
		if len(recs) > 2 {
			recs = slices.Clone(recs)
			slices.SortStableFunc(recs, func(a, b *stored) int { return bytes.Compare(x.s.data(a), x.s.data(b)) })
		}
		for k := 1; k < len(recs); k++ {
			if bytes.Equal(x.s.data(recs[k-1]), x.s.data(recs[k])) {
				x.twice++
				x.say(recs[k], finding{code: "NJ425", message: "this record stands in the zone already; named keeps one of them",
					remedy: "take one of them out"})
			}
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

// serverWithoutAddress finds name servers of the zone, in the zone, that have
// no address there. named refuses such a zone.
func serverWithoutAddress(c *check) []zoneFinding {
	if c.class != dns.ClassINET {
		return nil
	}
	s := &c.store
	var list []zoneFinding
	s.each(0, func(rec *stored) bool {
		if rec.rtype != dns.TypeNS {
			return true
		}
		target := s.data(rec)
		if !underWire(target, s.zone.bytes()) {
			return true
		}
		f := finding{}
		got, _ := s.lookup(target, hasA, true)
		if got != hit && got != isGlue {
			if six, _ := s.lookup(target, hasAAAA, true); six == hit || six == isGlue {
				return true
			}
		}
		switch got {
		case isCNAME:
			f.message = "the name server that this NS record names is a CNAME"
			f.remedy = "give the server's name address records, or name the CNAME's target here"
		case belowDNAME:
			f.message = "the name server that this NS record names lies below a DNAME"
			f.remedy = "name the server where the DNAME leads to"
		case noData, emptyName, noName:
			f.message = "the name server that this NS record names has no address record in the zone"
			f.remedy = "add an A or AAAA record for it, or end the name with a dot if it lies in another zone"
		default:
			return true
		}
		list = append(list, zoneFinding{s.place(rec), f})
		return len(list) <= c.zone.maxErrors()
	})
	return list
}
