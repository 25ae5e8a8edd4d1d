package zones

import (
	"strings"

	"github.com/miekg/dns"
)

// isPrimary tells whether the zone is one that named itself is the source of;
// named asks most of its questions about the data of such zones only.
func isPrimary(x *scan) bool { return x.c.isPrimary() }

func (c *check) isPrimary() bool {
	return strings.EqualFold(c.zone.Type, "primary") || strings.EqualFold(c.zone.Type, "master")
}

// integral tells whether named judges the zone's data as a whole.
//
// Source: BIND, lib/dns/zone.c (zone_postload, integrity_checks).
func integral(x *scan) bool { return isPrimary(x) && !x.checks.NoIntegrity }

// targetRule says what a type's records want of the name that they lead to:
// where in the data it stands, and how much it matters that it is a CNAME, or
// has no address, at the levels of the zone's checks.
type targetRule struct {
	what      string // what stands there
	at        int
	cname     func(*Checks) Level
	noAddress func(*Checks) Level
}

// targetRules is the table of types whose targets are looked up.
//
// Source: BIND, lib/dns/zone.c (zone_check_mx, zone_check_srv).
var targetRules = map[uint16]targetRule{
	dns.TypeMX: {"the mail server that this MX record names", 2, func(c *Checks) Level { return c.MXCNAME },
		func(c *Checks) Level { return c.MX }},
	dns.TypeSRV: {"the server that this SRV record names", 6, func(c *Checks) Level { return c.SRVCNAME },
		func(*Checks) Level { return Warn }},
}

// targets finds mail servers and servers of services, in the zone, that have no
// address or are CNAMEs. A zone cut hides what its owner has beside the NS
// records.
func targets(x *scan) {
	if x.flags&hasNS != 0 && x.id != 0 || x.hidden() {
		return
	}
	for _, rtype := range [2]uint16{dns.TypeMX, dns.TypeSRV} {
		set := x.set(rtype)
		if len(set) == 0 || rtype == dns.TypeSRV && x.c.class != dns.ClassINET {
			continue
		}
		r := targetRules[rtype]
		for _, rec := range set {
			target := nameAt(x.s.data(rec), r.at)
			if target == nil || target[0] == 0 {
				continue
			}
			if target = inLower(target); !underWire(target, x.s.zone.bytes()) {
				continue
			}
			x.target(rec, &r, x.s.address(target, false))
		}
	}
}

// target reports what the lookup of a target says.
func (x *scan) target(rec *stored, r *targetRule, got answer) {
	f, level := finding{}, Warn
	switch got {
	case noData, emptyName, noName:
		f.code, level = "NJ421", r.noAddress(x.checks)
		f.message = r.what + " has no address record in the zone"
		f.remedy = "add an A or AAAA record for it, or end the name with a dot if it lies in another zone"
	case isCNAME, belowDNAME:
		if level = r.cname(x.checks); level == Ignore {
			return
		}
		f.code = "NJ422"
		f.message = r.what + " is a CNAME"
		f.remedy = "name the host that the CNAME leads to"
		if got == belowDNAME {
			f.message = r.what + " lies below a DNAME"
			f.remedy = "name the host where the DNAME leads to"
		}
	default:
		return
	}
	x.say(rec, f.at(level))
}

// address looks for an A record and then for an AAAA record of a name, as named
// does; the answer is hit when there is one.
func (s *store) address(n []byte, glue bool) answer {
	got, _ := s.lookup(n, hasA, glue)
	if got == noData {
		got, _ = s.lookup(n, hasAAAA, glue)
	}
	return got
}

// serviceTargets finds SVCB and HTTPS records that lead to a name that does not
// exist in the zone. named lets them pass; a client gets no answer.
//
// Source: RFC 9460 section 2.4.
func serviceTargets(x *scan) {
	if x.c.class != dns.ClassINET || x.flags&hasNS != 0 && x.id != 0 || x.hidden() {
		return
	}
	for _, rtype := range [2]uint16{dns.TypeSVCB, dns.TypeHTTPS} {
		for _, rec := range x.set(rtype) {
			target := nameAt(x.s.data(rec), 2)
			if target == nil || target[0] == 0 {
				continue
			}
			if target = inLower(target); !underWire(target, x.s.zone.bytes()) {
				continue
			}
			if got, _ := x.s.lookup(target, hasA, false); got == noName {
				x.say(rec, finding{code: "NJ421", message: "the name that this " + typeName(rtype) + " record leads to is not in the zone",
					remedy: "add its address records, or end the name with a dot if it lies in another zone"})
			}
		}
	}
}

// spfType finds records of type SPF without a TXT record that says the same.
//
// Source: RFC 7208 section 3.1; BIND, lib/dns/zone.c (isspf, integrity_checks).
func spfType(x *scan) {
	if x.checks.SPF == Ignore || x.c.class != dns.ClassINET || x.flags&hasNS != 0 && x.id != 0 || x.hidden() {
		return
	}
	for _, rec := range x.set(dns.TypeTXT) {
		if isSPF(joinStrings(x.s.data(rec))) {
			return
		}
	}
	x.say(x.set(dns.TypeSPF)[0], finding{code: "NJ427", message: "a record of type SPF without a TXT record of SPF; mail servers look at TXT only",
		remedy: "add a TXT record with the same text"})
}
