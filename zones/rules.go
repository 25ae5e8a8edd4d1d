package zones

import (
	"github.com/miekg/dns"
	"named-jail/parser"
)

// rulesVersion counts the changes of the rules and readers: a report of
// another version is not taken from the cache.
const rulesVersion = 2

// verdict is what a rule says of one record. An empty message is no finding;
// ignore leaves the record out of all that follows.
type verdict struct {
	message, remedy string
	ignore          bool
}

// recordRule is a rule that looks at each record when it comes by.
type recordRule struct {
	code parser.Code
	look func(*judge, *record) verdict
}

// recordRules is the table of rules for records, in the order in which BIND
// applies them.
//
// Source: BIND, lib/dns/master.c (load_text, commit), lib/dns/rbtdb.c
// (cname_and_other_data), lib/dns/rdataslab.c (singletons).
var recordRules = []recordRule{
	{"NJ411", wrongClass},
	{"NJ406", outside},
	{"NJ417", soaBelow},
	{"NJ404", secondSOA},
	{"NJ407", besideCNAME},
	{"NJ414", secondDNAME},
}

func wrongClass(j *judge, r *record) verdict {
	if r.class == j.class {
		return verdict{}
	}
	return verdict{ignore: true,
		message: "this record has class " + className(r.class) + ", the zone has class " + className(j.class),
		remedy:  "take the class out, or give the zone statement the class that is meant"}
}

func outside(j *judge, r *record) verdict {
	if j.inside {
		return verdict{}
	}
	v := verdict{ignore: true}
	if r.newOwner {
		v.message = "the owner name lies outside the zone; named ignores the record"
		v.remedy = "a name without a dot at its end gets the origin; look at the $ORIGIN lines above"
	}
	return v
}

func soaBelow(j *judge, r *record) verdict {
	if r.rtype != dns.TypeSOA || j.atTop || j.kind == hint {
		return verdict{}
	}
	return verdict{ignore: true, message: "an SOA record below the origin of the zone",
		remedy: "its owner name must be the name of the zone; write @ before any $ORIGIN line"}
}

func secondSOA(j *judge, r *record) verdict {
	if r.rtype != dns.TypeSOA || j.soa == nil || string(j.soa) == string(r.wire) {
		return verdict{}
	}
	return verdict{ignore: true, message: "a second SOA record that differs from the first", remedy: "keep one of them"}
}

func besideCNAME(j *judge, r *record) verdict {
	has := j.here()
	switch {
	case r.rtype == dns.TypeCNAME && has&hasOther != 0,
		r.rtype != dns.TypeCNAME && has&hasCNAME != 0 && flagsOf(r.rtype) != 0:
		return verdict{message: "a CNAME record stands beside other data at the same name",
			remedy: "keep either the CNAME record or the other records of this name"}
	case r.rtype == dns.TypeCNAME && has&hasCNAME != 0 && !j.repeated(r):
		return verdict{message: "a second, different CNAME record at the same name", remedy: "keep one of them"}
	}
	return verdict{}
}

func secondDNAME(j *judge, r *record) verdict {
	if r.rtype != dns.TypeDNAME || j.here()&hasDNAME == 0 || j.repeated(r) {
		return verdict{}
	}
	return verdict{message: "a second, different DNAME record at the same name", remedy: "keep one of them"}
}

// place is where a finding of a zone rule stands; the zero place is the zone's
// file as a whole.
type place struct {
	file         string
	line, column int
	verdict
}

// zoneRule is a rule that looks at the zone when all of it has been read
// without an error.
type zoneRule struct {
	code  parser.Code
	kinds []kind
	look  func(*judge) []place
}

// zoneRules is the table of rules for whole zones.
//
// Source: BIND, lib/dns/zone.c (zone_postload, zone_check_ns),
// lib/dns/rootns.c (check_hints).
var zoneRules = []zoneRule{
	{"NJ403", []kind{primary, copied}, noSOA},
	{"NJ405", []kind{primary, copied, hint}, noNS},
	{"NJ415", []kind{primary}, serverWithoutAddress},
}

func noSOA(j *judge) []place {
	if j.soa != nil {
		return nil
	}
	return []place{{verdict: verdict{message: "the zone has no SOA record at its origin",
		remedy: "look whether the file belongs to this zone, and at its $ORIGIN lines"}}}
}

func noNS(j *judge) []place {
	if j.nsRR > 0 {
		return nil
	}
	v := verdict{message: "the zone has no NS record at its origin", remedy: "name at least one name server of the zone there"}
	if j.kind == hint {
		v = verdict{message: "the hints name no root server: there is no NS record at the zone's name",
			remedy: "get a fresh copy of the root hints"}
	}
	return []place{{verdict: v}}
}

// serverWithoutAddress finds name servers of the zone, in the zone, that have
// no address there. named refuses such a zone.
func serverWithoutAddress(j *judge) []place {
	if j.class != dns.ClassINET {
		return nil
	}
	var found []place
	for i := range j.ns {
		s := &j.ns[i]
		p := place{file: s.file, line: s.line, column: s.column}
		flags, exists := j.names.flags(s.target.bytes())
		switch {
		case j.delegated(&s.target):
			continue
		case flags&hasCNAME != 0:
			p.message = "the name server that this NS record names is a CNAME"
			p.remedy = "give the server's name address records, or name the CNAME's target here"
		case flags&hasAddress != 0 || !exists && j.wildcard(&s.target):
			continue
		default:
			p.message = "the name server that this NS record names has no address record in the zone"
			p.remedy = "add an A or AAAA record for it, or end the name with a dot if it lies in another zone"
		}
		found = append(found, p)
	}
	return found
}

// delegated tells whether a name lies at or below a zone cut.
func (j *judge) delegated(n *name) bool {
	for at := 0; n.n-at > j.zone.n; at += int(n.wire[at]) + 1 {
		if flags, _ := j.names.flags(n.wire[at:n.n]); flags&hasNS != 0 {
			return true
		}
	}
	return false
}

// wildcard tells whether a wildcard gives the name an address.
func (j *judge) wildcard(n *name) bool {
	for at := int(n.wire[0]) + 1; n.n-at >= j.zone.n; at += int(n.wire[at]) + 1 {
		star := append([]byte{1, '*'}, n.wire[at:n.n]...)
		if flags, ok := j.names.flags(star); ok {
			return flags&hasAddress != 0
		}
		if n.n-at == j.zone.n {
			break
		}
	}
	return false
}
