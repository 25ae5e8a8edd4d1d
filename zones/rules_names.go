package zones

import (
	"net/netip"
	"strings"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// nameRule says what check-names wants of the records of a type: of their
// owner name, and of the names in their data. Class 0 is every class.
type nameRule struct {
	class uint16
	owner func(owner []byte) bool
	data  func(owner, data []byte) bool
}

// nameRules is the table of types that check-names looks at.
//
// Source: BIND, lib/dns/rdata/*/*.c (checkowner_*, fromtext_* with
// DNS_RDATA_CHECKNAMES), lib/dns/master.c (load_text).
var nameRules = map[uint16]nameRule{
	dns.TypeA:     {class: dns.ClassINET, owner: addressOwner},
	dns.TypeAAAA:  {class: dns.ClassINET, owner: address6Owner},
	typeA6:        {class: dns.ClassINET, owner: hostOwner, data: prefixHost},
	typeWKS:       {class: dns.ClassINET, owner: hostOwner},
	dns.TypeMX:    {owner: hostOwner, data: hostAt(2)},
	dns.TypeMB:    {owner: isMailbox},
	dns.TypeMG:    {owner: isMailbox},
	dns.TypeNS:    {data: hostAt(0)},
	dns.TypeSOA:   {data: soaNames},
	dns.TypePTR:   {class: dns.ClassINET, data: reverseHost},
	dns.TypeMINFO: {data: twoMailboxes},
	dns.TypeRP:    {data: firstMailbox},
	dns.TypeAFSDB: {data: hostAt(2)},
	dns.TypeRT:    {data: hostAt(2)},
	dns.TypeSRV:   {class: dns.ClassINET, data: hostAt(6)},
	dns.TypeSVCB:  {class: dns.ClassINET, data: serviceHost},
	dns.TypeHTTPS: {class: dns.ClassINET, data: serviceHost},
	typeDSYNC:     {data: hostAt(5)},
	dns.TypeNSEC3: {owner: hashedOwner},
}

// nameRuleOf has the rules of the types below 256.
var nameRuleOf = func() (list [256]*nameRule) {
	for t, r := range nameRules {
		list[t] = &r
	}
	return list
}()

// namesChecked tells whether named looks at names when it loads the zone: it
// does so as it reads text.
func namesChecked(x *scan) bool {
	return x.checks.Names != Ignore && fromText(x)
}

// fromText tells whether the zone's file is text.
func fromText(x *scan) bool { return x.c.report.Format != "raw" }

// checkNames finds owner names and names in data that check-names refuses, each
// time that they stand there. What $GENERATE made is not looked at.
func checkNames(x *scan) {
	for i := range x.sets {
		set := &x.sets[i]
		if set.rtype > 255 {
			continue
		}
		r := nameRuleOf[set.rtype]
		if r == nil || r.class != 0 && r.class != x.c.class {
			continue
		}
		badOwner := r.owner != nil && !r.owner(x.name())
		if !badOwner && r.data == nil {
			continue
		}
		for _, rec := range set.recs {
			if rec.marks&byGenerate != 0 {
				continue
			}
			if badOwner {
				x.sayOwner(rec)
			} else if !r.data(x.name(), x.s.data(rec)) {
				x.say(rec, finding{code: "NJ420", severity: x.namesLevel(),
					message: "check-names does not take a name in the data of this " + typeName(set.rtype) + " record: its labels should be letters, digits and hyphens",
					remedy:  "correct the name, or write check-names warn; or ignore; into the zone"})
			}
		}
	}
}

// sayOwner reports that check-names refuses the owner name of a record.
func (x *scan) sayOwner(rec *stored) {
	f := finding{code: "NJ420", severity: x.namesLevel(),
		message: "check-names does not take this owner name for " + article(typeName(rec.rtype)) + " record: its labels should be letters, digits and hyphens",
		remedy:  "correct the name, or write check-names warn; or ignore; into the zone"}
	if rec.rtype == dns.TypeNSEC3 {
		f.severity = parser.Error
		f.message = "the owner name of this NSEC3 record does not begin with a hash in base 32"
		f.remedy = "sign the zone again"
	}
	x.say(rec, f)
}

// article puts "a" or "an" before the name of a type.
func article(typ string) string {
	if strings.IndexByte("AEFHILMNORSX", typ[0]) >= 0 && typ != "LOC" && typ != "NULL" && typ != "HIP" {
		return "an " + typ
	}
	return "a " + typ
}

// How a byte may stand in the label of a host name.
const (
	atBorder = 1 << iota // first or last
	inMiddle
)

var hostBytes = func() (list [256]uint8) {
	for c := range list {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			list[c] = atBorder | inMiddle
		}
	}
	list['-'] = inMiddle
	return list
}()

// isHost tells whether a name is a host name.
//
// Source: RFC 952, RFC 1123 section 2.1; BIND, lib/dns/name.c
// (dns_name_ishostname).
func isHost(n []byte) bool {
	for at := 0; n[at] != 0; {
		size := int(n[at])
		label := n[at+1 : at+1+size]
		if hostBytes[label[0]]&atBorder == 0 || hostBytes[label[size-1]]&atBorder == 0 {
			return false
		}
		for _, c := range label {
			if hostBytes[c] == 0 {
				return false
			}
		}
		at += size + 1
	}
	return true
}

// hostOwner is isHost for owner names, which may be wildcards.
func hostOwner(n []byte) bool {
	if n[0] == 1 && n[1] == '*' {
		n = n[2:]
	}
	return isHost(n)
}

// isMailbox tells whether a name is one label of any printable text and a host
// name.
//
// Source: BIND, lib/dns/name.c (dns_name_ismailbox).
func isMailbox(n []byte) bool {
	if n[0] == 0 {
		return true
	}
	size := int(n[0])
	for _, c := range n[1 : 1+size] {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return isHost(n[1+size:])
}

// spfLabels are the labels of names that SPF macros make.
var spfLabels = []string{"\x04_spf", "\x0b_spf_verify", "\x09_spf_rate"}

// addressOwner is the rule for A records. Names of Active Directory and of SPF
// are let through.
func addressOwner(n []byte) bool {
	if address6Owner(n) {
		return true
	}
	for at, left := 0, countLabels(n)-1; left > 0; at, left = at+int(n[at])+1, left-1 {
		for _, label := range spfLabels {
			if strings.HasPrefix(string(n[at:]), label) {
				return true
			}
		}
	}
	return false
}

// address6Owner is the rule for AAAA records.
func address6Owner(n []byte) bool {
	if hostOwner(n) {
		return true
	}
	rest, found := strings.CutPrefix(string(n), "\x02gc\x06_msdcs")
	return found && rest != "\x00" && isHost([]byte(rest))
}

// nameAt gives the name that begins at an offset of data; nil when there is none.
func nameAt(data []byte, at int) []byte {
	from := at
	for at < len(data) {
		if data[at] == 0 {
			return data[from : at+1]
		}
		at += int(data[at]) + 1
	}
	return nil
}

// hostAt makes the rule for data with a host name at an offset.
func hostAt(at int) func(owner, data []byte) bool {
	return func(_, data []byte) bool {
		n := nameAt(data, at)
		return n == nil || isHost(n)
	}
}

func soaNames(_, data []byte) bool {
	first := nameAt(data, 0)
	second := nameAt(data, len(first))
	return first == nil || second == nil || isHost(first) && isMailbox(second)
}

func twoMailboxes(_, data []byte) bool {
	first := nameAt(data, 0)
	second := nameAt(data, len(first))
	return first == nil || second == nil || isMailbox(first) && isMailbox(second)
}

func firstMailbox(_, data []byte) bool {
	n := nameAt(data, 0)
	return n == nil || isMailbox(n)
}

// serviceHost is the rule for SVCB and HTTPS records; an alias may be any name.
func serviceHost(_, data []byte) bool {
	n := nameAt(data, 2)
	return n == nil || data[0] == 0 && data[1] == 0 || isHost(n)
}

// prefixHost is the rule for A6 records: the name behind the prefix.
func prefixHost(_, data []byte) bool {
	if len(data) == 0 || data[0] == 0 || data[0] > 128 {
		return true
	}
	n := nameAt(data, 1+16-int(data[0])/8)
	return n == nil || isHost(n)
}

// reverseZones are the zones in which PTR records name hosts.
var reverseZones = []string{"\x07in-addr\x04arpa\x00", "\x03ip6\x04arpa\x00", "\x03ip6\x03int\x00"}

// serviceLists are the beginnings of names whose PTR records list services.
var serviceLists = []string{"\x01b\x07_dns-sd\x04_udp", "\x02db\x07_dns-sd\x04_udp", "\x01r\x07_dns-sd\x04_udp",
	"\x02dr\x07_dns-sd\x04_udp", "\x02lb\x07_dns-sd\x04_udp"}

// reverseHost is the rule for PTR records: those of addresses name hosts.
func reverseHost(owner, data []byte) bool {
	return isHost(data) || !isReverse(owner) || listsServices(owner)
}

// listsServices tells whether the PTR records of a name list services.
//
// Source: RFC 6763 section 11; BIND, lib/dns/name.c (dns_name_isdnssd).
func listsServices(n []byte) bool {
	for _, list := range serviceLists {
		if strings.HasPrefix(string(n), list) {
			return true
		}
	}
	return false
}

// isReverse tells whether a name lies in a tree of addresses.
func isReverse(n []byte) bool {
	for _, zone := range reverseZones {
		if underWire(n, []byte(zone)) {
			return true
		}
	}
	return false
}

// hashedOwner tells whether the first label of a name is base 32 with the
// extended hex alphabet, of a length that decodes.
//
// Source: RFC 5155 section 3; BIND, lib/dns/rdata/generic/nsec3_50.c
// (checkowner_nsec3), lib/isc/base32.c.
func hashedOwner(n []byte) bool {
	label := n[1 : 1+int(n[0])]
	last := 0
	for _, c := range label {
		v := strings.IndexByte("0123456789abcdefghijklmnopqrstuv", c)
		if v < 0 {
			return false
		}
		last = v
	}
	spare, ok := map[int]int{0: 0, 2: 2, 4: 4, 5: 1, 7: 3}[len(label)%8]
	return ok && last&(1<<spare-1) == 0
}

// namesLevel is the severity of what check-names refuses.
func (x *scan) namesLevel() parser.Severity {
	if x.checks.Names == Fail {
		return parser.Error
	}
	return parser.Warning
}

// outside looks at the names of a record outside the zone: named does before it
// drops the record.
func (c *check) outside(r *record) {
	if c.kind == hint || r.marks&byGenerate != 0 || c.report.Format == "raw" {
		return
	}
	owner := r.owner.bytes()
	say := func(code parser.Code, severity parser.Severity, message string) {
		c.add(parser.Diagnostic{Code: code, Severity: severity, File: r.file, Line: r.line, Column: r.column, Message: message,
			Remedy: "correct the name, or take the record out of this zone"})
	}
	if r.newOwner && !c.zone.Checks.NoWildcard && hasStarInside(owner) {
		say("NJ429", parser.Warning, "an asterisk inside the owner name, where it is no wildcard, outside the zone too")
	}
	if c.zone.Checks.Names == Ignore || r.rtype > 255 {
		return
	}
	x := scan{checks: &c.zone.Checks}
	if rule := nameRuleOf[r.rtype]; rule != nil && (rule.class == 0 || rule.class == c.class) {
		if rule.owner != nil && !rule.owner(owner) || rule.data != nil && !rule.data(owner, r.wire) {
			say("NJ420", x.namesLevel(), "check-names does not take a name of this record outside the zone: its labels should be letters, digits and hyphens")
		}
	}
}

// isAddressText tells whether text is an IP address, with a dot behind it or not.
//
// Source: BIND, lib/dns/rdata/generic/mx_15.c (check_mx), lib/dns/master.c (check_ns).
func isAddressText(text []byte) bool {
	if len(text) == 0 || len(text) > 46 || hostBytes[text[0]]&atBorder == 0 && text[0] != ':' {
		return false
	}
	if text[len(text)-1] == '.' {
		text = text[:len(text)-1]
	}
	for _, c := range text {
		if c = lower(c); (c < '0' || c > '9') && (c < 'a' || c > 'f') && c != '.' && c != ':' {
			return false
		}
	}
	ip, err := netip.ParseAddr(string(text))
	return err == nil && ip.Zone() == ""
}
