package zones

import (
	"bytes"

	"github.com/miekg/dns"
)

// trait says what is special about a record type.
type trait uint8

// The flags of a type.
const (
	meta      trait = 1 << iota // for questions only, never in a zone
	singleton                   // one record of it at a name
	withCNAME                   // may stand beside a CNAME record
	refused                     // obsolete: BIND refuses a line with it
	bare                        // no text form but \# LENGTH HEX
	inOnly                      // the data has a form of its own in class IN only
	younger                     // some releases refuse more than others, see laterRules
)

// release is a release of BIND, such as 9.18.31.
type release [3]int

// rrType is a record type that BIND knows by name.
//
// since lists, for a type younger than 9.16.0, the first release of each branch
// that knows its name, oldest first; the releases before take the type as
// TYPE123 with data in the form \# LENGTH HEX only.
type rrType struct {
	name  string
	code  uint16
	flags trait
	since []release
}

// rrTypes is the table of the record types of BIND 9.20.
//
// Source: BIND, lib/dns/rdata/* (the number is in the file's name, the class
// that binds the form in the directory's), lib/dns/gen.c (100 to 103, 251 to
// 255), the attributes of each file, doc/changelog (first release); IANA,
// registry "Resource Record (RR) TYPEs".
var rrTypes = []rrType{
	{name: "A", code: 1}, {name: "NS", code: 2},
	{name: "MD", code: 3, flags: refused}, {name: "MF", code: 4, flags: refused},
	{name: "CNAME", code: 5, flags: singleton}, {name: "SOA", code: 6, flags: singleton},
	{name: "MB", code: 7}, {name: "MG", code: 8}, {name: "MR", code: 9},
	{name: "NULL", code: 10, flags: bare}, {name: "WKS", code: 11, flags: inOnly},
	{name: "PTR", code: 12}, {name: "HINFO", code: 13}, {name: "MINFO", code: 14},
	{name: "MX", code: 15}, {name: "TXT", code: 16}, {name: "RP", code: 17},
	{name: "AFSDB", code: 18}, {name: "X25", code: 19}, {name: "ISDN", code: 20},
	{name: "RT", code: 21}, {name: "NSAP", code: 22, flags: inOnly},
	{name: "NSAP-PTR", code: 23, flags: inOnly}, {name: "SIG", code: 24},
	{name: "KEY", code: 25, flags: withCNAME}, {name: "PX", code: 26, flags: inOnly},
	{name: "GPOS", code: 27}, {name: "AAAA", code: 28, flags: inOnly}, {name: "LOC", code: 29},
	{name: "NXT", code: 30}, {name: "EID", code: 31, flags: inOnly},
	{name: "NIMLOC", code: 32, flags: inOnly}, {name: "SRV", code: 33, flags: inOnly},
	{name: "ATMA", code: 34, flags: inOnly}, {name: "NAPTR", code: 35},
	{name: "KX", code: 36, flags: inOnly}, {name: "CERT", code: 37},
	{name: "A6", code: 38, flags: inOnly}, {name: "DNAME", code: 39, flags: singleton},
	{name: "SINK", code: 40}, {name: "OPT", code: 41, flags: meta | singleton},
	{name: "APL", code: 42, flags: inOnly}, {name: "DS", code: 43}, {name: "SSHFP", code: 44},
	{name: "IPSECKEY", code: 45}, {name: "RRSIG", code: 46, flags: withCNAME},
	{name: "NSEC", code: 47, flags: withCNAME}, {name: "DNSKEY", code: 48},
	{name: "DHCID", code: 49, flags: inOnly}, {name: "NSEC3", code: 50},
	{name: "NSEC3PARAM", code: 51}, {name: "TLSA", code: 52}, {name: "SMIMEA", code: 53},
	{name: "HIP", code: 55}, {name: "NINFO", code: 56}, {name: "RKEY", code: 57},
	{name: "TALINK", code: 58}, {name: "CDS", code: 59}, {name: "CDNSKEY", code: 60},
	{name: "OPENPGPKEY", code: 61}, {name: "CSYNC", code: 62}, {name: "ZONEMD", code: 63},
	{name: "SVCB", code: 64, flags: inOnly, since: []release{{9, 16, 21}}},
	{name: "HTTPS", code: 65, flags: inOnly, since: []release{{9, 16, 21}}},
	{name: "DSYNC", code: 66, since: []release{{9, 18, 39}, {9, 20, 12}}},
	{name: "HHIT", code: 67, since: []release{{9, 18, 41}, {9, 20, 15}}},
	{name: "BRID", code: 68, since: []release{{9, 18, 41}, {9, 20, 15}}},
	{name: "SPF", code: 99},
	{name: "UINFO", code: 100, flags: bare}, {name: "UID", code: 101, flags: bare},
	{name: "GID", code: 102, flags: bare}, {name: "UNSPEC", code: 103, flags: bare},
	{name: "NID", code: 104}, {name: "L32", code: 105}, {name: "L64", code: 106}, {name: "LP", code: 107},
	{name: "EUI48", code: 108}, {name: "EUI64", code: 109},
	{name: "TKEY", code: 249, flags: meta}, {name: "TSIG", code: 250, flags: meta},
	{name: "IXFR", code: 251, flags: meta}, {name: "AXFR", code: 252, flags: meta},
	{name: "MAILB", code: 253, flags: meta}, {name: "MAILA", code: 254, flags: meta},
	{name: "ANY", code: 255, flags: meta},
	{name: "URI", code: 256}, {name: "CAA", code: 257}, {name: "AVC", code: 258}, {name: "DOA", code: 259},
	{name: "AMTRELAY", code: 260},
	{name: "RESINFO", code: 261, flags: singleton, since: []release{{9, 18, 26}, {9, 20, 0}}},
	{name: "WALLET", code: 262, since: []release{{9, 18, 31}, {9, 20, 3}}},
	{name: "TA", code: 32768}, {name: "DLV", code: 32769}, {name: "KEYDATA", code: 65533},
}

// The table as it is asked: by name, by number, and its flags by number.
var (
	typesByName = make(map[string]uint16, len(rrTypes))
	shortTypes  wordTable // the names of up to eight letters
	typesByCode = make(map[uint16]*rrType, len(rrTypes))
	traitsOf    [1 << 16]trait
	metaTypes   = [1 << 16]bool{0: true} // those in a zone BIND refuses, known by name or not
	obsolete    [1 << 16]bool
)

func init() {
	for t := 128; t <= 255; t++ { // RFC 6895 section 3.1: question and meta types
		metaTypes[t] = true
	}
	for i := range rrTypes {
		t := &rrTypes[i]
		typesByName[t.name], typesByCode[t.code] = t.code, t
		if len(t.name) <= 8 {
			shortTypes.add(t.name, t.code)
		}
		if len(laterRulesOf[t.code]) > 0 {
			t.flags |= younger
		}
		traitsOf[t.code] = t.flags
		metaTypes[t.code] = t.flags&meta != 0
		obsolete[t.code] = t.flags&refused != 0
	}
}

// knownTo tells whether a release knows the type's name. The zero release
// knows all.
func (t *rrType) knownTo(r release) bool {
	if len(t.since) == 0 {
		return true
	}
	return r.has(t.since)
}

// has tells whether a release comes with what was new in the releases of
// since: of each branch the first one, oldest branch first. The zero release
// has all.
func (r release) has(since []release) bool {
	if r == (release{}) {
		return true
	}
	for i := len(since) - 1; i >= 0; i-- {
		first := since[i]
		if r[0] == first[0] && r[1] == first[1] {
			return r[2] >= first[2]
		}
		if r[0] > first[0] || r[0] == first[0] && r[1] > first[1] {
			return true // a later branch
		}
	}
	return false
}

// Branches in which something was new.
var (
	since917 = []release{{9, 17, 0}}
	since920 = []release{{9, 20, 0}}
)

// loadedBy tells whether the zone is for a named that comes with what was new in
// the releases of since.
func (x *scan) loadedBy(since []release) bool { return release(x.checks.Release).has(since) }

// typeOf finds the type of a word: a mnemonic in either case, or TYPE12. The
// number has at most five digits.
//
// Source: RFC 3597 section 5; BIND, lib/dns/rdata.c (dns_rdatatype_fromtext).
func typeOf(text []byte) (uint16, bool) {
	if t, ok := shortTypes.find(text); ok {
		return t, true
	}
	if len(text) > 12 {
		return 0, false
	}
	up := bytes.ToUpper(text)
	if t, ok := typesByName[string(up)]; ok {
		return t, true
	}
	return numbered(up, "TYPE")
}

// numbered reads a word such as TYPE12 or CLASS12, in capitals. BIND takes a
// plus sign before the number.
func numbered(word []byte, before string) (uint16, bool) {
	if len(word) <= len(before) || len(word) > len(before)+5 || string(word[:len(before)]) != before {
		return 0, false
	}
	v, ok := number(bytes.TrimPrefix(word[len(before):], []byte("+")), 65535)
	return uint16(v), ok
}

// unknownTo tells whether a release does not know the name of a type: it
// refuses a line with it.
func unknownTo(r release, rtype uint16) bool {
	t := typesByCode[rtype]
	return t != nil && len(t.since) > 0 && !t.knownTo(r)
}

// typeName is the mnemonic of a type, or TYPE12.
func typeName(t uint16) string {
	if known := typesByCode[t]; known != nil {
		return known.name
	}
	return dns.Type(t).String()
}

// classWords are the classes by their words. NONE and ANY are no classes of
// records.
// Source: BIND, lib/dns/rdataclass.c, lib/dns/rcode.c (dns_rdataclass_fromtext).
var classWords = map[string]uint16{
	"IN": dns.ClassINET, "CH": dns.ClassCHAOS, "CHAOS": dns.ClassCHAOS,
	"HS": dns.ClassHESIOD, "HESIOD": dns.ClassHESIOD,
	"NONE": dns.ClassNONE, "ANY": dns.ClassANY, "RESERVED0": 0,
}

// shortClasses is the table again.
var shortClasses = func() *wordTable {
	var t wordTable
	for word, class := range classWords {
		if len(word) <= 8 {
			t.add(word, class)
		}
	}
	return &t
}()

// classOf finds the class of a word, or CLASS12.
func classOf(text []byte) (uint16, bool) {
	if len(text) < 2 || len(text) > 10 {
		return 0, false
	}
	if class, ok := shortClasses.find(text); ok {
		return class, true
	}
	if c := lower(text[0]); len(text) < 6 || c != 'c' && c != 'r' {
		return 0, false
	}
	up := bytes.ToUpper(text)
	if class, ok := classWords[string(up)]; ok {
		return class, true
	}
	return numbered(up, "CLASS")
}

// className is the word for a class.
func className(c uint16) string { return dns.Class(c).String() }
