package zones

import (
	"strings"

	"github.com/miekg/dns"
)

// first and second labels of a name, "" where there is none.
func twoLabels(n []byte) (first, second string) {
	if n[0] == 0 {
		return "", ""
	}
	first = string(n[1 : 1+int(n[0])])
	if rest := n[1+int(n[0]):]; rest[0] > 0 {
		second = string(rest[1 : 1+int(rest[0])])
	}
	return first, second
}

// placedTypes is the table of types that are looked for at names of one shape;
// wrong says what is wrong with the first two labels of an owner, "" for nothing. Only
// plain slips count: a CNAME may lead to such a record at any name.
//
// Source: RFC 6698 section 3, RFC 8162 section 3, RFC 7929 section 3, RFC 2782.
var placedTypes = []struct {
	rtype uint16
	flag  uint32
	wrong func(first, second string) string
}{
	{dns.TypeSRV, hasSRV, func(first, second string) string {
		switch {
		case second == "tcp", second == "udp":
			return "_SERVICE._" + second
		case !strings.HasPrefix(first, "_") && first != "*" && !strings.HasPrefix(second, "_"):
			return "_SERVICE._tcp"
		case (second == "_tcp" || second == "_udp") && first != "*" && !strings.HasPrefix(first, "_"):
			return "_SERVICE." + second
		}
		return ""
	}},
	{dns.TypeTLSA, hasPlaced, func(first, second string) string {
		port := strings.TrimPrefix(first, "_")
		digits := port != "" && strings.Trim(port, "0123456789") == ""
		switch {
		case digits && (second == "tcp" || second == "udp" || second == "sctp"):
			return "_PORT._" + second
		case digits && port == first && (second == "_tcp" || second == "_udp" || second == "_sctp"):
			return "_PORT." + second
		case !strings.HasPrefix(first, "_") && first != "*" && !strings.HasPrefix(second, "_"):
			return "_PORT._tcp"
		case first == "_tcp" || first == "_udp" || first == "_sctp":
			return "_PORT." + first
		}
		return ""
	}},
	{dns.TypeSMIMEA, hasPlaced, hashedAt("_smimecert")},
	{dns.TypeOPENPGPKEY, hasPlaced, hashedAt("_openpgpkey")},
}

// hashedAt is for names that begin with the hash of the left side of a mail
// address, 28 bytes in hex.
func hashedAt(want string) func(first, second string) string {
	return func(first, second string) string {
		isHash := len(first) == 56 && strings.Trim(first, "0123456789abcdef") == ""
		if isHash != (second == want) && first != "*" {
			if isHash || second == want {
				return "HASH." + want
			}
		}
		return ""
	}
}

// misplaced finds records that nobody looks for at their name.
func misplaced(x *scan) {
	if x.c.class != dns.ClassINET {
		return
	}
	for _, p := range placedTypes {
		if x.flags&p.flag == 0 {
			continue
		}
		set := x.set(p.rtype)
		if len(set) == 0 {
			continue
		}
		if shape := p.wrong(twoLabels(x.name())); shape != "" {
			x.say(set[0], finding{code: "NJ446", message: "programs look for " + typeName(p.rtype) + " records at names like " + shape + ".HOST only",
				remedy: "correct the owner name"})
		}
	}
}

// keyBelow finds DNSKEY records below the origin of the zone.
//
// Source: RFC 4035 section 2.1.
func keyBelow(x *scan) {
	if x.id != 0 && !x.hidden() && x.flags&hasNS == 0 {
		x.say(x.set(dns.TypeDNSKEY)[0], finding{code: "NJ446", message: "a DNSKEY record below the origin of the zone, where no resolver looks for it",
			remedy: "take it out, or write @ as its owner"})
	}
}

// personText finds RP records whose text is not there.
//
// Source: RFC 1183 section 2.2.
func personText(x *scan) {
	for _, rec := range x.set(dns.TypeRP) {
		data := x.s.data(rec)
		n := nameAt(data, len(nameAt(data, 0)))
		if n == nil || n[0] == 0 {
			continue
		}
		n = inLower(n)
		if !underWire(n, x.s.zone.bytes()) {
			continue
		}
		switch got, _ := x.s.lookup(n, hasTXT, false); got {
		case noData, emptyName, noName:
			x.say(rec, finding{code: "NJ446", message: "the TXT record that this RP record names is not in the zone",
				remedy: "add it, or write a dot alone in its place"})
		}
	}
}

// inLower gives a name in lower case: n itself when it is.
func inLower(n []byte) []byte {
	for _, c := range n {
		if c >= 'A' && c <= 'Z' { // no length is as high
			var low name
			low.wireName(n)
			return low.bytes()
		}
	}
	return n
}

// resolverService finds SVCB records of a name server's own service, at _dns,
// that named 9.20 does not load: it must say by which protocols, and where the
// path is for DNS over HTTPS.
//
// Source: RFC 9461; BIND 9.20, check-svcb, by trial.
func resolverService(x *scan) {
	if x.checks.NoSVCB || x.c.class != dns.ClassINET || !fromText(x) || !serviceOwner(x.name()) {
		return
	}
	fatal := x.loadedBy(since920)
	for _, rec := range x.set(dns.TypeSVCB) {
		alpn, path := serviceKeys(x.s.data(rec))
		switch {
		case alpn == nil:
			x.say(rec, finding{code: "NJ446", fatal: fatal, message: "this SVCB record of a name server does not say by which protocols it serves; named 9.20 refuses it",
				remedy: "add alpn=dot, alpn=h2 or the like to it, or write check-svcb no; into the zone"})
		case overHTTP(alpn) && !path:
			x.say(rec, finding{code: "NJ446", fatal: fatal, message: "this SVCB record of a name server offers DNS over HTTPS and no path for it; named 9.20 refuses it",
				remedy: "add dohpath=/dns-query{?dns} to it, or write check-svcb no; into the zone"})
		}
	}
}

// serviceOwner tells whether a name is that of a name server's own service:
// _dns, or _PORT._dns.
func serviceOwner(n []byte) bool {
	first, second := twoLabels(n)
	port, found := strings.CutPrefix(first, "_")
	return first == "_dns" || second == "_dns" && found && port != "" && strings.Trim(port, "0123456789") == ""
}

// The keys of SVCB records that are looked at.
//
// Source: RFC 9460 section 14.3, RFC 9461 section 5.
const (
	keyALPN    = 1
	keyDoHPath = 7
)

// serviceKeys finds the protocols of a SVCB record, nil for none, and whether
// it has a path for DNS over HTTPS.
func serviceKeys(data []byte) (alpn []byte, path bool) {
	n := nameAt(data, 2)
	for at := 2 + len(n); n != nil && at+4 <= len(data); {
		key, size := int(data[at])<<8|int(data[at+1]), int(data[at+2])<<8|int(data[at+3])
		value := data[at+4 : min(at+4+size, len(data))]
		switch key {
		case keyALPN:
			alpn = value
		case keyDoHPath:
			path = true
		}
		at += 4 + size
	}
	return alpn, path
}

// overHTTP tells whether a list of protocols has one of HTTP.
func overHTTP(alpn []byte) bool {
	for at := 0; at < len(alpn); at += int(alpn[at]) + 1 {
		switch string(alpn[at+1 : min(at+1+int(alpn[at]), len(alpn))]) {
		case "h2", "h3", "http/1.1":
			return true
		}
	}
	return false
}
