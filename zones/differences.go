package zones

import (
	"github.com/miekg/dns"
)

// Where miekg/dns and BIND read the data of a type differently, BIND's reading
// counts. The tables here say how: what is done to the words before miekg/dns
// sees them, and what BIND refuses that miekg/dns lets pass.

// feed is what happens to one data word of a type.
type feed struct {
	quote bool              // miekg/dns wants quotes, BIND takes both
	words map[string]uint16 // mnemonics that miekg/dns does not know here
}

// feeds is the table of such words: type, then the index of the word.
// Source: BIND, lib/dns/rdata/generic/*, lib/dns/rcode.c (mnemonics).
var feeds = map[uint16]map[int]feed{
	dns.TypeNAPTR:   {2: {quote: true}, 3: {quote: true}, 4: {quote: true}},
	dns.TypeDS:      {2: {words: digests}},
	dns.TypeCDS:     {2: {words: digests}},
	dns.TypeDLV:     {2: {words: digests}},
	dns.TypeDNSKEY:  {0: {words: keyFlags}, 2: {words: algorithms}},
	dns.TypeCDNSKEY: {0: {words: keyFlags}, 2: {words: algorithms}},
	dns.TypeKEY:     {0: {words: keyFlags}, 2: {words: algorithms}},
	dns.TypeRKEY:    {2: {words: algorithms}},
}

var digests = map[string]uint16{"SHA-1": 1, "SHA1": 1, "SHA-256": 2, "SHA256": 2, "GOST": 3, "SHA-384": 4, "SHA384": 4}

var keyFlags = map[string]uint16{"ZONE": 256, "KSK": 1, "REVOKE": 128}

var algorithms = func() map[string]uint16 {
	m := make(map[string]uint16)
	for word, n := range dns.StringToAlgorithm {
		m[word] = uint16(n)
	}
	return m
}()

// refusals is the table of checks of the words that BIND makes and miekg/dns
// does not. bad is the index of the word among the data words.
// Source: BIND, lib/dns/rdata/generic/{hinfo_13,uri_256,caa_257}.c.
var refusals = map[uint16]func(e *entry, i int) (bad int, wrong string){
	dns.TypeHINFO: func(e *entry, i int) (int, string) {
		switch n := len(e.words) - i; {
		case n < 2:
			return 0, tooShort
		case n > 2:
			return 2, tooLong
		}
		return 0, ""
	},
	dns.TypeURI: func(e *entry, i int) (int, string) {
		if len(e.words)-i == 3 && !e.words[i+2].quoted {
			return 2, "the target of a URI record must be quoted"
		}
		return 0, ""
	},
	dns.TypeCAA: func(e *entry, i int) (int, string) {
		if len(e.words)-i < 2 {
			return 0, ""
		}
		for _, c := range e.bytes(&e.words[i+1]) {
			if c = lower(c); (c < 'a' || c > 'z') && (c < '0' || c > '9') {
				return 1, "the tag of a CAA record holds letters and digits only"
			}
		}
		return 0, ""
	},
}

// obsolete are the types that BIND refuses by name.
var obsolete = map[uint16]bool{dns.TypeMD: true, dns.TypeMF: true}

// genericOnly are the types that have a name but whose data BIND takes as
// \# LENGTH HEX only.
var genericOnly = map[uint16]bool{dns.TypeUINFO: true, dns.TypeUID: true, dns.TypeGID: true, dns.TypeUNSPEC: true, dns.TypeNULL: true}
