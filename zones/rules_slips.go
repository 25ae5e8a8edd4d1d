package zones

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// pointers is the table of types with a name in their data that leads
// somewhere: its offset.
var pointers = []struct {
	rtype uint16
	flag  uint32
	at    int
}{
	{dns.TypeNS, hasNS, 0}, {dns.TypeCNAME, hasCNAME, 0}, {dns.TypeDNAME, hasDNAME, 0}, {dns.TypeMX, hasMX, 2},
	{dns.TypeSRV, hasSRV, 6}, {dns.TypePTR, hasPTR, 0}, {dns.TypeSOA, hasSOA, 0}, {dns.TypeSOA, hasSOA, second},
}

// second stands for the place of the second name of the data.
const second = -1

// leads are the flags of pointers.
const leads = hasNS | hasCNAME | hasDNAME | hasMX | hasSRV | hasPTR | hasSOA

const endWithDot = "end the name with a dot"

// slips finds names in data that nobody means.
func slips(x *scan) {
	zone := x.s.zone.bytes()
	for _, p := range pointers {
		if x.flags&p.flag == 0 {
			continue
		}
		for _, rec := range x.set(p.rtype) {
			data := x.s.data(rec)
			at := p.at
			if at == second {
				at = len(nameAt(data, 0))
			}
			n := nameAt(data, at)
			if n == nil {
				continue
			}
			n = inLower(n)
			f := finding{code: "NJ442", remedy: endWithDot}
			typ := typeName(p.rtype)
			switch {
			case x.isAddress(rec, n):
				f.message = "the name that this " + typ + " record leads to looks like an IP address"
				f.remedy = "name the host, and give it the address in an A or AAAA record"
				if p.rtype == dns.TypeMX {
					f = f.at(x.checks.MX)
				}
			case doubled(n, zone) && (countLabels(zone) > 1 || x.whole && x.s.find(n) == none):
				f.message = "the name in this " + typ + " record ends with the zone's name twice"
			case p.rtype == dns.TypePTR && isReverse(x.name()) && isReverse(n) && !listsServices(x.name()):
				f.message = "the name that this PTR record leads to lies among the addresses itself"
			case p.rtype == dns.TypeCNAME && x.flags&hasOther == 0 && x.loops(n):
				f.message = "this CNAME record leads back to itself; resolvers answer SERVFAIL"
				f.remedy = "name the host that is meant"
			case p.at == second && atSign(n):
				f.message = "the mail address of the SOA record has an @; its first dot stands for that"
				f.remedy = "write a dot in place of the @"
			case x.lacksDot(n):
				f.message = "the name in this " + typ + " record ends with " + farZone(n, zone) + " and the zone's name, and is not there"
			default:
				continue
			}
			x.say(rec, f)
		}
	}
}

// longestLoop is how many CNAME records of a loop are followed.
const longestLoop = 8

// loops tells whether the target of the owner's CNAME record leads back to the
// owner inside the zone.
func (x *scan) loops(n []byte) bool {
	for range longestLoop {
		id := x.s.find(n)
		if id == x.id || id == none {
			return id != none
		}
		rec := x.s.first(id, dns.TypeCNAME)
		if rec == nil || x.s.owners.at(id).flags&hasOther != 0 {
			return false
		}
		n = inLower(x.s.data(rec))
	}
	return false
}

// atSign tells whether the first label of a name has an @.
func atSign(n []byte) bool {
	return strings.IndexByte(string(n[1:1+int(n[0])]), '@') >= 0
}

// isAddress tells whether a record leads to an IP address, where somebody forgot
// that names are wanted. With MX records the level of check-mx decides whether it
// matters, and the text that stood there: named looks at that.
//
// Source: BIND, lib/dns/rdata/generic/mx_15.c (check_mx), lib/dns/master.c
// (check_ns).
func (x *scan) isAddress(rec *stored, n []byte) bool {
	switch rec.rtype {
	case dns.TypeMX:
		return x.checks.MX != Ignore && rec.marks == addressText
	case dns.TypeNS:
		return rec.marks == addressText
	case dns.TypeSRV, dns.TypeCNAME:
		return x.looksLikeAddress(n)
	}
	return false
}

// looksLikeAddress tells whether a name is an IPv4 address, or one with the
// zone's name behind it that is not there, or begins with an IPv6 address.
func (x *scan) looksLikeAddress(n []byte) bool {
	if colons(n) {
		return true
	}
	at := 0
	for range 4 {
		size := int(n[at])
		if _, ok := number(n[at+1:at+1+size], 255); !ok || size > 1 && n[at+1] == '0' {
			return false
		}
		at += size + 1
	}
	if n[at] == 0 {
		return true
	}
	return x.whole && !isReverse(n) && string(n[at:]) == string(x.s.zone.bytes()) && x.s.find(n) == none
}

// colons tells whether the first label of a name is an IPv6 address.
func colons(n []byte) bool {
	label := string(n[1 : 1+int(n[0])])
	return strings.Count(label, ":") > 1 && strings.Trim(label, "0123456789abcdef:") == ""
}

// doubled tells whether a name ends with the zone's name twice.
func doubled(n, zone []byte) bool {
	return len(zone) > 1 && len(n) >= 2*len(zone)-1 && underWire(n, zone) && underWire(cutEnd(n, len(zone)), zone[:len(zone)-1])
}

// cutEnd takes the zone off the end of a name; what is left has no root.
func cutEnd(n []byte, size int) []byte { return n[:len(n)-size] }

// doubledOwner finds owner names that end with the zone's name twice. A zone of
// one label may delegate such a name.
func doubledOwner(x *scan) {
	zone := x.s.zone.bytes()
	if doubled(x.name(), zone) && (countLabels(zone) > 1 || x.flags&hasNS == 0 && !x.hidden()) {
		x.say(x.recs[0], finding{code: "NJ442", message: "the owner name ends with the zone's name twice", remedy: endWithDot})
	}
}

// farZones are top-level domains that do not also begin names inside a zone by
// habit; a name in the zone with one of them before the zone's name, and which is
// not there, lacks its dot.
var farZones = []string{"com", "net", "org", "edu", "gov", "info", "biz"}

// lacksDot tells whether a name looks like www.example.com in the zone itself,
// where there is none.
func (x *scan) lacksDot(n []byte) bool {
	if !x.whole || farZone(n, x.s.zone.bytes()) == "" {
		return false
	}
	got, _ := x.s.lookup(n, hasA, false)
	return got == noName
}

// farZone gives the one of farZones that stands before the zone's name in a
// name, "" for none.
func farZone(n, zone []byte) string {
	if !underWire(n, zone) {
		return ""
	}
	last, labels := "", 0
	for at := 0; len(n)-at > len(zone); at += int(n[at]) + 1 {
		last = string(n[at+1 : at+1+int(n[at])])
		labels++
	}
	if labels >= 2 && slices.Contains(farZones, last) {
		return last
	}
	return ""
}

// soaTimers is the table of what the timers of the SOA record should keep to.
//
// Source: RFC 1912 section 2.2, RFC 2308 section 5; BIND, lib/dns/zone.c
// (zone_postload: RANGE).
var soaTimers = []struct {
	wrong   func(refresh, retry, expire, minimum uint64) bool
	message string
	remedy  string
	unless  func(*scan) bool // zones for which it does not matter
}{
	{func(refresh, retry, expire, _ uint64) bool { return refresh == 0 || retry == 0 || expire == 0 },
		"a timer of 0; named takes the least that it is configured for", "give each timer a value", nil},
	{func(refresh, retry, expire, _ uint64) bool { return expire < refresh+retry },
		"expire is less than refresh and retry together: a secondary drops the zone after one failed refresh, and named takes their sum for it",
		"raise expire, to two weeks or more", nil},
	{func(refresh, retry, _, _ uint64) bool { return retry > refresh },
		"retry is more than refresh: a secondary asks less often when something is wrong", "lower retry to a part of refresh", nil},
	{func(refresh, _, _, _ uint64) bool { return refresh > 4*7*86400 },
		"refresh is more than 4 weeks; named takes 4 weeks in its place", "lower refresh, to a day or less", nil},
	{func(_, retry, _, _ uint64) bool { return retry > 2*7*86400 },
		"retry is more than 2 weeks; named takes 2 weeks in its place", "lower retry, to an hour or less", nil},
	{func(_, _, expire, _ uint64) bool { return expire > 24*7*86400 },
		"expire is more than 24 weeks; named takes 24 weeks in its place", "lower expire, to four weeks or less", isCatalog},
	{func(_, _, _, minimum uint64) bool { return minimum > 7*86400 },
		"minimum, the time that a name is remembered as not there, is more than a week", "lower minimum, to three hours or less", nil},
}

// timers judges the timers of the SOA record.
func timers(x *scan) {
	if x.id != 0 || x.c.class != dns.ClassINET || strings.EqualFold(x.c.zone.Type, "redirect") {
		return // nobody transfers or asks for a redirect zone
	}
	rec := x.set(dns.TypeSOA)[0]
	data := x.s.data(rec)
	if len(data) < 20 {
		return
	}
	var v [4]uint64
	for i := range v {
		at := len(data) - 16 + 4*i
		v[i] = uint64(data[at])<<24 | uint64(data[at+1])<<16 | uint64(data[at+2])<<8 | uint64(data[at+3])
	}
	for _, t := range soaTimers {
		if t.wrong(v[0], v[1], v[2], v[3]) && (t.unless == nil || !t.unless(x)) {
			x.say(rec, finding{code: "NJ443", message: fmt.Sprintf("the SOA record has refresh %d, retry %d, expire %d, minimum %d: %s", v[0], v[1], v[2], v[3], t.message),
				remedy: t.remedy})
			return
		}
	}
}

// isCatalog tells whether the zone is a catalog zone: such zones are made with an
// expire time without end, and only name servers look at them.
//
// Source: RFC 9432 sections 3 and 4.2.1.
func isCatalog(x *scan) bool {
	id := x.s.find(append([]byte("\x07version"), x.s.zone.bytes()...))
	if id == none {
		return false
	}
	rec := x.s.first(id, dns.TypeTXT)
	return rec != nil && (string(x.s.data(rec)) == "\x011" || string(x.s.data(rec)) == "\x012")
}
