package zones

import (
	"fmt"

	"github.com/miekg/dns"
)

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

func ttlBounded(x *scan) bool { return x.checks.MaxTTL > 0 }

// ttlAbove finds records with a TTL above max-zone-ttl. Records that stand right
// behind each other take the TTL of the first of their type, and that is what
// named compares.
//
// Source: BIND, lib/dns/master.c (load_text, load_raw).
func ttlAbove(x *scan) {
	limit, some := x.checks.MaxTTL, false
	for _, rec := range x.recs {
		some = some || rec.ttl > limit
	}
	if !some {
		return
	}
	seen := map[uint16]bool{}
	last := none
	for n := x.s.owners.at(x.id).first; n != none; {
		rec := x.s.recs.at(n)
		if last != none && n != last+1 {
			clear(seen) // other names stand between
		}
		last = n
		n = rec.next
		if rec.rtype == 0 || seen[rec.rtype] {
			continue
		}
		seen[rec.rtype] = true
		if rec.ttl > limit {
			x.say(rec, finding{code: "NJ426", message: fmt.Sprintf("the TTL %d is above max-zone-ttl, which is %d", rec.ttl, limit),
				remedy: "lower the TTL, or raise max-zone-ttl"})
		}
	}
}
