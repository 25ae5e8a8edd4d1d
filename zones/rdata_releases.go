package zones

import "github.com/miekg/dns"

// readByMiekg are the types whose text miekg/dns reads for us: rare ones, in
// which it reads all that BIND reads as BIND does.
var readByMiekg = map[uint16]bool{
	dns.TypeMB: true, dns.TypeMG: true, dns.TypeMR: true, dns.TypeMINFO: true, dns.TypeRP: true,
	dns.TypeAFSDB: true, dns.TypeRT: true, dns.TypeKX: true, dns.TypePX: true,
	dns.TypeTALINK: true, dns.TypeLP: true,
}

// refusals is the table of checks of the words that BIND makes and miekg/dns
// does not: at is the index of the word among the data words.
var refusals = map[uint16]func(word []byte, at int) bool{
	dns.TypeMB: namesFrom(0), dns.TypeMG: namesFrom(0), dns.TypeMR: namesFrom(0), dns.TypeMINFO: namesFrom(0),
	dns.TypeRP: namesFrom(0), dns.TypeTALINK: namesFrom(0), dns.TypeAFSDB: namesFrom(1), dns.TypeRT: namesFrom(1),
	dns.TypeKX: namesFrom(1), dns.TypePX: namesFrom(1), dns.TypeLP: namesFrom(1),
}

// namesFrom checks the words from the first one on as names: miekg/dns takes
// \300 for three digits, and a bit string label.
func namesFrom(first int) func(word []byte, at int) bool {
	return func(word []byte, at int) bool {
		var n name
		return at < first || n.parse(word, &rootName) == ""
	}
}

// laterRule is something that BIND refuses since some release, on top of what
// every release refuses.
type laterRule struct {
	types []uint16
	since []release
	holds func(rtype uint16, wire []byte) bool
	wrong string
}

// laterRules is the table of them. The first release of the rules of 9.20 is
// not known: 9.20.30 has them, 9.18.49 has not.
//
// Source: experiments with BIND 9.16.50, 9.18.49 and 9.20.30.
var laterRules = []laterRule{
	{types: []uint16{dns.TypeURI}, since: since920,
		holds: func(_ uint16, wire []byte) bool { return len(wire) > 4 },
		wrong: "the target of the URI record is empty"},
	{types: []uint16{dns.TypeKEY, dns.TypeDNSKEY, dns.TypeCDNSKEY, dns.TypeRKEY, dns.TypeSIG, dns.TypeRRSIG},
		since: since920, holds: namesAlgorithm,
		wrong: "the key or signature of a private algorithm does not begin with the name or the object identifier of the algorithm"},
	{types: []uint16{dns.TypeRRSIG}, since: []release{{9, 18, 49}, {9, 20, 30}}, holds: signerAbove,
		wrong: "the signer's name has more labels than the number of labels of the RRSIG record"},
	{types: []uint16{dns.TypeNSEC3}, since: []release{{9, 18, 0}},
		holds: func(_ uint16, wire []byte) bool { return wire[0] != 1 || wire[5+int(wire[4])] == 20 },
		wrong: "the next hash of the NSEC3 record has the wrong length"},
}

// laterRulesOf is the table by type.
var laterRulesOf = func() map[uint16][]*laterRule {
	m := make(map[uint16][]*laterRule)
	for i := range laterRules {
		for _, t := range laterRules[i].types {
			m[t] = append(m[t], &laterRules[i])
		}
	}
	return m
}()

// refusedLater applies the rules to valid data. The result is "" or what is wrong.
func refusedLater(r release, rtype uint16, wire []byte) string {
	if traitsOf[rtype]&younger == 0 {
		return ""
	}
	for _, rule := range laterRulesOf[rtype] {
		if r.has(rule.since) && !rule.holds(rtype, wire) {
			return rule.wrong
		}
	}
	return ""
}

// signerAbove tells whether the signer can be a zone at or above the owner, which
// has as many labels as the record says.
//
// Source: RFC 4034 sections 3.1.3 and 3.1.7.
func signerAbove(_ uint16, wire []byte) bool {
	labels := 0
	for at := 18; wire[at] > 0; at += 1 + int(wire[at]) {
		labels++
	}
	return labels <= int(wire[3])
}

// namesAlgorithm tells whether a key or signature of a private algorithm begins
// with the algorithm's name or object identifier.
//
// Source: RFC 4034 appendix A.1.1.
func namesAlgorithm(rtype uint16, wire []byte) bool {
	w := wireData{data: wire, at: 4}
	algorithm := wire[3]
	if rtype == dns.TypeSIG || rtype == dns.TypeRRSIG {
		algorithm, w.at = wire[2], 18
		checkName(&w, nil)
	}
	if w.at == len(wire) {
		return true // a KEY record without a key
	}
	switch algorithm {
	case dns.PRIVATEDNS:
		return checkName(&w, nil)
	case dns.PRIVATEOID:
		rest := w.rest()
		n := int(rest[0])
		return n < len(rest) && n > 2 && rest[1] == 6 && int(rest[2]) == n-2 && validIdentifier(rest[3:n+1])
	}
	return true
}

// validIdentifier checks the numbers of an object identifier: seven bits a byte,
// the last byte of each with a clear first bit, none with a zero before it.
//
// Source: ITU-T X.690 section 8.19.
func validIdentifier(id []byte) bool {
	start := true
	for _, c := range id {
		if start && c == 0x80 {
			return false
		}
		start = c < 0x80
	}
	return start
}
