package zones

import (
	"encoding/binary"
	"fmt"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// weakAlgorithms are the algorithms of DNSSEC that are out of use.
//
// Source: BIND, lib/dns/zone.c (zone_check_dnskeys); RFC 8624 section 3.1,
// RFC 9905, RFC 9906.
var weakAlgorithms = map[uint8]string{1: "RSAMD5", 3: "DSA", 5: "RSASHA1", 6: "NSEC3DSA", 7: "NSEC3RSASHA1", 12: "ECC-GOST"}

// weakDigests are the digests of DS records that are out of use.
//
// Source: BIND, lib/dns/zone.c (integrity_checks).
var weakDigests = map[uint8]string{1: "SHA-1", 3: "GOST"}

// weakRecords is the table of types that hold an algorithm or a digest: the
// offsets in the data, below 0 for none.
var weakRecords = []struct {
	rtype             uint16
	flag              uint32
	algorithm, digest int
}{
	{dns.TypeKEY, hasKEY, 3, -1},
	{dns.TypeDS, hasDS, 2, 3},
	{dns.TypeCDS, hasKeys, -1, 3},
	{dns.TypeDNSKEY, hasDNSKEY, 3, -1},
}

// weakKeys finds algorithms and digests that are out of use, each once at a
// name, and RSA keys with the exponent 3.
func weakKeys(x *scan) {
	if x.hidden() {
		return
	}
	for _, w := range weakRecords {
		if x.flags&w.flag == 0 {
			continue
		}
		said := map[string]bool{}
		say := func(rec *stored, what string) {
			if what != "" && !said[what] {
				said[what] = true
				x.say(rec, finding{code: "NJ444", message: "the " + what + " of this " + typeName(w.rtype) + " record is out of use",
					remedy: "roll over to a key of algorithm 13 (ECDSAP256SHA256) and digests of type 2 (SHA-256)"})
			}
		}
		for _, rec := range x.set(w.rtype) {
			data := x.s.data(rec)
			if len(data) < 4 || w.rtype == dns.TypeKEY && data[0]&0xc0 == 0xc0 { // a KEY that says there is none
				continue
			}
			if w.algorithm >= 0 {
				if word := weakAlgorithms[data[w.algorithm]]; word != "" {
					say(rec, fmt.Sprintf("algorithm %d (%s)", data[w.algorithm], word))
				}
			}
			if w.digest >= 0 {
				if word := weakDigests[data[w.digest]]; word != "" {
					say(rec, fmt.Sprintf("digest type %d (%s)", data[w.digest], word))
				}
			}
			if w.rtype == dns.TypeDNSKEY && exponentThree(data) {
				x.say(rec, finding{code: "NJ444", message: "an RSA key with the exponent 3, which is weak",
					remedy: "roll over to a key of algorithm 13 (ECDSAP256SHA256)"})
			}
		}
	}
}

// rsaAlgorithms are the algorithms whose keys begin with the exponent.
var rsaAlgorithms = map[uint8]bool{1: true, 5: true, 7: true, 8: true, 10: true}

// exponentThree tells whether the data of a DNSKEY record is an RSA key with
// the public exponent 3.
//
// Source: RFC 3110 section 2; BIND, lib/dns/zone.c (zone_check_dnskeys).
func exponentThree(data []byte) bool {
	return len(data) > 5 && rsaAlgorithms[data[3]] && data[4] == 1 && data[5] == 3
}

// nsecOnly are the algorithms of keys that cannot prove with NSEC3.
//
// Source: RFC 5155 section 2; BIND, lib/dns/nsec.c (dns_nsec_nseconly).
var nsecOnly = map[uint8]bool{1: true, 3: true, 5: true}

// nsec3Parameters judges the NSEC3PARAM records of the zone: named loads no zone
// whose hashes it does not know.
//
// Source: BIND, lib/dns/zone.c (check_nsec3param); RFC 9276.
func nsec3Parameters(c *check) []zoneFinding {
	if c.store.owners.at(0).flags&hasOther == 0 {
		return nil
	}
	var list []zoneFinding
	var unknown *stored
	known := false
	nsecKey := false
	s, most := &c.store, maxIterations(c.zone.Checks.Release)
	s.each(0, func(rec *stored) bool {
		data := s.data(rec)
		if rec.rtype == dns.TypeDNSKEY && len(data) > 3 && nsecOnly[data[3]] {
			nsecKey = true
		}
		return true
	})
	s.each(0, func(rec *stored) bool {
		data := s.data(rec)
		if rec.rtype != dns.TypeNSEC3PARAM || len(data) < 5 {
			return true
		}
		if data[0] != 1 {
			unknown = rec
			return true
		}
		known = true
		if n := binary.BigEndian.Uint16(data[2:]); n > most && !c.judging.DNSSEC {
			list = append(list, zoneFinding{s.place(rec), finding{code: "NJ444",
				message: fmt.Sprintf("%d iterations of NSEC3; resolvers take a zone with more than %d for unsigned, or refuse it", n, most),
				remedy:  "sign the zone with 0 iterations"}})
		}
		if nsecKey {
			list = append(list, zoneFinding{s.place(rec), finding{severity: parser.Warning,
				message: "the zone has NSEC3 parameters and a key whose algorithm knows only NSEC",
				remedy:  "sign the zone with a key of algorithm 8 or higher, or with NSEC"}})
			nsecKey = false
		}
		return true
	})
	if unknown != nil {
		f := finding{severity: parser.Warning, message: "an NSEC3 hash that is not defined", remedy: "sign the zone again, with hash 1"}
		if !known || c.zone.Living && c.isPrimary() {
			f.severity = parser.Error
			f.message = "an NSEC3 hash that named does not know; it does not load the zone"
		}
		list = append(list, zoneFinding{s.place(unknown), f})
	}
	return list
}

// The data that asks the parent zone to take all DS records away.
//
// Source: RFC 8078 section 4.
const (
	removeCDS     = "\x00\x00\x00\x00\x00"
	removeCDNSKEY = "\x00\x00\x03\x00\x00"
)

// childRecords is the table of the records with which a zone tells its parent
// about its keys: where their algorithm stands, and the data that asks to take
// all DS records away.
//
// Source: BIND, lib/dns/zone.c (dns_zone_cdscheck).
var childRecords = []struct {
	rtype     uint16
	algorithm int
	remove    string
}{
	{dns.TypeCDS, 2, removeCDS},
	{dns.TypeCDNSKEY, 3, removeCDNSKEY},
}

// childKeys finds CDS and CDNSKEY records whose algorithm no DNSKEY record of
// the zone has. named refuses such a primary zone.
func childKeys(c *check) []zoneFinding {
	s := &c.store
	if s.owners.at(0).flags&hasKeys == 0 || !c.isPrimary() {
		return nil
	}
	var keys [256]bool
	s.each(0, func(rec *stored) bool {
		if data := s.data(rec); rec.rtype == dns.TypeDNSKEY && len(data) > 3 {
			keys[data[3]] = true
		}
		return true
	})
	var list []zoneFinding
	for _, r := range childRecords {
		remove, other := false, false
		s.each(0, func(rec *stored) bool {
			if rec.rtype == r.rtype {
				removes := string(s.data(rec)) == r.remove
				remove, other = remove || removes, other || !removes
			}
			return true
		})
		s.each(0, func(rec *stored) bool {
			data := s.data(rec)
			if rec.rtype != r.rtype || string(data) == r.remove || len(data) <= r.algorithm {
				return true
			}
			f := finding{code: "NJ439", fatal: true, remedy: "make the record anew from a key of the zone; named does not load the zone with it"}
			switch {
			case remove && other:
				f.message = "a " + typeName(r.rtype) + " record beside one that asks to take all keys away"
				f.remedy = "take one of the two out; named does not load the zone with both"
			case !keys[data[r.algorithm]]:
				f.message = fmt.Sprintf("a %s record of algorithm %d, and no DNSKEY record of the zone has this algorithm", typeName(r.rtype), data[r.algorithm])
			default:
				return true
			}
			list = append(list, zoneFinding{s.place(rec), f})
			return len(list) <= c.zone.maxErrors()
		})
	}
	return list
}

// misplacedDS finds a DS record that no delegation stands beside.
//
// Source: RFC 4035 section 2.4.
func misplacedDS(x *scan) {
	if x.id == 0 || x.flags&hasNS != 0 || x.hidden() {
		return
	}
	f := finding{code: "NJ439", message: "a DS record where the zone delegates nothing: it proves nothing, and named 9.20 refuses the zone",
		remedy: "put it beside the NS records of the delegation, or take it out"}
	f.fatal = x.loadedBy(since920) && integral(x)
	x.say(x.set(dns.TypeDS)[0], f)
}

// lastDigest is the highest digest type of DS records that is given out.
//
// Source: IANA, DNSSEC Delegation Signer Digest Algorithms (RFC 9563, RFC 9558).
const lastDigest = 6

// unknownDigest finds DS records with a digest type that nobody knows.
func unknownDigest(x *scan) {
	if x.hidden() {
		return
	}
	for _, rec := range x.set(dns.TypeDS) {
		if data := x.s.data(rec); len(data) > 3 && (data[3] == 0 || data[3] > lastDigest) {
			x.say(rec, finding{code: "NJ439", message: fmt.Sprintf("the digest type %d of this DS record is none that is known; resolvers do without the record", data[3]),
				remedy: "make the record anew from the key, with dnssec-dsfromkey"})
		}
	}
}

// oldStyle tells once of SIG and NXT records, which DNSSEC had before 2005.
//
// Source: RFC 3755; BIND, lib/dns/master.c (warn_tcr).
func oldStyle(x *scan) {
	for _, rec := range x.recs {
		if !x.old && (rec.rtype == dns.TypeSIG || rec.rtype == dns.TypeNXT) {
			x.old = true
			x.say(rec, finding{code: "NJ444", message: article(typeName(rec.rtype)) + " record, of the DNSSEC before 2005: no resolver looks at it",
				remedy: "take these records out, and sign the zone anew"})
		}
	}
}

// dsAtTop finds a DS record at the origin of the zone; it belongs to the zone above.
//
// Source: RFC 4035 section 2.4; BIND, lib/dns/master.c (dns_rdatatype_atparent).
func dsAtTop(x *scan) {
	if x.id != 0 || !fromText(x) {
		return
	}
	for _, rec := range x.set(dns.TypeDS) {
		x.say(rec, finding{code: "NJ439", fatal: true, message: "a DS record at the origin of the zone; named does not load the zone",
			remedy: "hand the record to the zone above, and take it out here"})
	}
}
