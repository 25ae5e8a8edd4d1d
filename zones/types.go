package zones

import (
	"bytes"
	"strings"

	"github.com/miekg/dns"
)

// metaTypes are the types that cannot stand in a zone.
// Source: BIND, lib/dns/rdata.c (attribute META).
var metaTypes = map[uint16]bool{
	0: true, dns.TypeOPT: true, dns.TypeTKEY: true, dns.TypeTSIG: true, dns.TypeIXFR: true,
	dns.TypeAXFR: true, dns.TypeMAILA: true, dns.TypeMAILB: true, dns.TypeANY: true,
}

// extraTypes are the types that BIND knows by name and miekg/dns does not.
// Their data is not looked into unless it is in the generic form.
// Source: BIND, lib/dns/rdata/*.
var extraTypes = map[string]uint16{
	"WKS": 11, "A6": 38, "NSAP": 22, "PX": 26, "SINK": 40, "DOA": 259,
	"NSAP-PTR": 23, "ATMA": 34, "KEYDATA": 65533, "DSYNC": 66, "RESINFO": 261, "WALLET": 262,
}

// typeOf finds the type of a word: a mnemonic in either case, or TYPE12.
func typeOf(text []byte) (uint16, bool) {
	var up [12]byte
	if len(text) > len(up) || len(text) == 0 {
		return 0, false
	}
	for i, c := range text {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		up[i] = c
	}
	word := up[:len(text)]
	switch string(word) {
	case "A":
		return dns.TypeA, true
	case "AAAA":
		return dns.TypeAAAA, true
	}
	if t, ok := dns.StringToType[string(word)]; ok {
		return t, t != 0
	}
	if t, ok := extraTypes[string(word)]; ok {
		return t, true
	}
	if bytes.HasPrefix(word, []byte("TYPE")) {
		v, ok := number(word[4:], 65535)
		return uint16(v), ok
	}
	return 0, false
}

// typeName is the mnemonic of a type, or TYPE12.
func typeName(t uint16) string {
	if s, ok := dns.TypeToString[t]; ok {
		return s
	}
	for s, v := range extraTypes {
		if v == t {
			return s
		}
	}
	return dns.Type(t).String()
}

// classes of a zone, by their words. NONE and ANY are no classes of records.
// Source: BIND, lib/dns/rdataclass.c.
var classWords = map[string]uint16{
	"IN": dns.ClassINET, "CH": dns.ClassCHAOS, "CHAOS": dns.ClassCHAOS,
	"HS": dns.ClassHESIOD, "HESIOD": dns.ClassHESIOD,
	"NONE": dns.ClassNONE, "ANY": dns.ClassANY,
}

// classOf finds the class of a word, or CLASS12.
func classOf(text []byte) (uint16, bool) {
	if len(text) < 2 || len(text) > 10 {
		return 0, false
	}
	switch lower(text[0]) {
	case 'i', 'c', 'h', 'n', 'a':
	default:
		return 0, false
	}
	if len(text) == 2 && lower(text[0]) == 'i' && lower(text[1]) == 'n' {
		return dns.ClassINET, true
	}
	up := strings.ToUpper(string(text))
	if c, ok := classWords[up]; ok {
		return c, true
	}
	if rest, ok := strings.CutPrefix(up, "CLASS"); ok {
		v, ok := number([]byte(rest), 65535)
		return uint16(v), ok
	}
	return 0, false
}

// className is the word for a class.
func className(c uint16) string { return dns.Class(c).String() }
