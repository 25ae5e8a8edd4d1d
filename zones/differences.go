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
