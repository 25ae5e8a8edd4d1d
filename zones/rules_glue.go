package zones

import (
	"github.com/miekg/dns"
)

// delegation judges the name servers of a delegation: those in the zone need
// addresses there.
//
// Source: BIND, lib/dns/zone.c (zone_check_glue).
func delegation(x *scan) {
	if x.hidden() {
		return
	}
	for _, rec := range x.set(dns.TypeNS) {
		target := x.s.data(rec)
		if underWire(target, x.s.zone.bytes()) {
			x.server(rec, target)
		}
	}
}

func (x *scan) server(rec *stored, target []byte) {
	got, _ := x.s.lookup(target, hasA, false)
	if x.id == 0 && got != delegated {
		return // serverWithoutAddress speaks of it
	}
	switch got {
	case hit:
		return
	case belowDNAME, isCNAME:
	default:
		if got, _ = x.s.lookup(target, hasA, true); got == hit {
			return
		}
	}
	switch got {
	case noData, delegated, isGlue:
		six, _ := x.s.lookup(target, hasAAAA, true)
		if got == isGlue || six == hit || six == isGlue {
			return
		}
	}
	f := finding{code: "NJ423", remedy: "add an A or AAAA record for it, its glue"}
	switch got {
	case noData, noName, emptyName, delegated:
		switch {
		case x.id == 0 && x.checks.NoSibling:
			return
		case x.id == 0:
			f.message = "a name server of the zone lies at or below a delegation, and has no address here"
		case underWire(target, x.name()):
			f.message = "a name server inside the zone that it serves has no address here: nobody can reach it without this glue"
		case got != delegated:
			f.message = "the name server of this delegation has no address record in the zone"
			f.remedy = "add an A or AAAA record for it, or end the name with a dot if it lies in another zone"
		case x.checks.NoSibling:
			return
		default:
			f.message = "the name server of this delegation lies in another delegated zone, and has no address here"
		}
	case isCNAME:
		f.code, f.message = "NJ422", "the name server of this delegation is a CNAME"
		f.remedy = "name the host that the CNAME leads to"
	case belowDNAME:
		f.code, f.message = "NJ422", "the name server of this delegation lies below a DNAME"
		f.remedy = "name the host where the DNAME leads to"
	default:
		return
	}
	x.say(rec, f)
}

// serverWithoutAddress finds name servers of the zone, in the zone, that have
// no address there. named refuses such a zone; of a copied one it complains
// and loads it.
//
// Source: BIND, lib/dns/zone.c (zone_count_ns_rr, zone_check_ns).
func serverWithoutAddress(c *check) []zoneFinding {
	if c.class != dns.ClassINET || !c.isPrimary() {
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
		switch s.address(target, false) {
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
