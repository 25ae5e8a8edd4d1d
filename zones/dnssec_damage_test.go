package zones

import (
	"crypto"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// signedRecords is a signed zone as records, with the keys to sign parts of it
// again: a damage is then one thing, and not a broken signature too.
type signedRecords struct {
	t    testing.TB
	dir  string
	s    *signing
	rrs  []dns.RR
	ksk  *dns.DNSKEY
	zsk  *dns.DNSKEY
	keys map[*dns.DNSKEY]crypto.Signer
}

// damageZone is signed for the damages.
const damageZone = `$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 192.0.2.1
host A 192.0.2.2
host A 192.0.2.3
*.wild TXT "w"
leaf.ent A 192.0.2.4
dn DNAME target.other.
below.dn A 192.0.2.5
safe NS ns.safe
safe DS 12345 13 2 0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20
ns.safe A 192.0.2.6
plain.opt NS ns.plain.opt
ns.plain.opt A 192.0.2.7
`

// parseSigned reads what signedZone made.
func parseSigned(t testing.TB, dir string, s *signing, text string) *signedRecords {
	z := &signedRecords{t: t, dir: dir, s: s, keys: map[*dns.DNSKEY]crypto.Signer{}}
	zp := dns.NewZoneParser(strings.NewReader(text), "example.", "signed")
	for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
		h := rr.Header()
		h.Name = strings.ToLower(h.Name)
		z.rrs = append(z.rrs, rr)
	}
	if zp.Err() != nil {
		t.Fatal(zp.Err())
	}
	for _, rr := range z.of("example.", dns.TypeDNSKEY) {
		z.takeKey(rr.(*dns.DNSKEY))
	}
	return z
}

// takeKey reads the private key of a DNSKEY record.
func (z *signedRecords) takeKey(k *dns.DNSKEY) {
	f, err := os.Open(filepath.Join(z.dir, fmt.Sprintf("Kexample.+%03d+%05d.private", k.Algorithm, k.KeyTag())))
	if err != nil {
		z.t.Fatal(err)
	}
	defer f.Close()
	private, err := k.ReadPrivateKey(f, f.Name())
	if err != nil {
		z.t.Fatal(err)
	}
	z.keys[k] = private.(crypto.Signer)
	if k.Flags&dns.SEP != 0 {
		z.ksk = k
	} else {
		z.zsk = k
	}
}

// newKey makes a key with dnssec-keygen and adds its record.
func (z *signedRecords) newKey(args ...string) *dns.DNSKEY {
	base := tool(z.t, z.dir, slices.Concat([]string{"dnssec-keygen", "-q"}, args, []string{"example"})...)
	text, err := os.ReadFile(filepath.Join(z.dir, base+".key"))
	if err != nil {
		z.t.Fatal(err)
	}
	rr, err := dns.NewRR(string(text))
	if err != nil {
		z.t.Fatal(err)
	}
	rr.Header().Ttl = 300
	k := rr.(*dns.DNSKEY)
	ksk, zsk := z.ksk, z.zsk
	z.takeKey(k)
	z.ksk, z.zsk = ksk, zsk
	z.rrs = append(z.rrs, k)
	return k
}

// of gives the records of a name and type; for a signature the type is that
// of what it covers, with sigs.
func (z *signedRecords) of(name string, rtype uint16) (list []dns.RR) {
	for _, rr := range z.rrs {
		if rr.Header().Name == name && rr.Header().Rrtype == rtype {
			list = append(list, rr)
		}
	}
	return list
}

func (z *signedRecords) sigs(name string, covers uint16) (list []*dns.RRSIG) {
	for _, rr := range z.of(name, dns.TypeRRSIG) {
		if s := rr.(*dns.RRSIG); s.TypeCovered == covers {
			list = append(list, s)
		}
	}
	return list
}

// drop takes records out.
func (z *signedRecords) drop(gone func(rr dns.RR) bool) {
	before := len(z.rrs)
	z.rrs = slices.DeleteFunc(z.rrs, gone)
	if len(z.rrs) == before {
		z.t.Errorf("nothing was dropped, the test tests nothing")
	}
}

func (z *signedRecords) dropSigs(name string, covers uint16) {
	z.drop(func(rr dns.RR) bool {
		s, ok := rr.(*dns.RRSIG)
		return ok && rr.Header().Name == name && s.TypeCovered == covers
	})
}

// dropSet takes a set and its signatures out.
func (z *signedRecords) dropSet(name string, rtype uint16) {
	z.dropSigs(name, rtype)
	z.drop(func(rr dns.RR) bool { return rr.Header().Name == name && rr.Header().Rrtype == rtype })
}

// add adds a record.
func (z *signedRecords) add(text string) {
	rr, err := dns.NewRR(text)
	if err != nil {
		z.t.Fatal(err)
	}
	z.rrs = append(z.rrs, rr)
}

// sign adds a signature by a key, changed by shape before it is made.
func (z *signedRecords) sign(name string, rtype uint16, k *dns.DNSKEY, shape func(*dns.RRSIG)) *dns.RRSIG {
	now := time.Now()
	s := &dns.RRSIG{Algorithm: k.Algorithm, SignerName: "example.", KeyTag: k.KeyTag(),
		Inception: uint32(now.Add(-time.Hour).Unix()), Expiration: uint32(now.Add(30 * 24 * time.Hour).Unix())}
	if shape != nil {
		shape(s)
	}
	set := z.of(name, rtype)
	if err := s.Sign(z.keys[k], set); err != nil {
		z.t.Fatal(err)
	}
	s.Hdr.Ttl = set[0].Header().Ttl
	z.rrs = append(z.rrs, s)
	return s
}

// again signs a set anew, the DNSKEY records with both keys.
func (z *signedRecords) again(name string, rtype uint16) {
	if len(z.sigs(name, rtype)) > 0 {
		z.dropSigs(name, rtype)
	}
	z.sign(name, rtype, z.zsk, nil)
	if rtype == dns.TypeDNSKEY {
		z.sign(name, rtype, z.ksk, nil)
	}
}

// text writes the zone.
func (z *signedRecords) text() string {
	var b strings.Builder
	for _, rr := range z.rrs {
		b.WriteString(rr.String() + "\n")
	}
	return b.String()
}

// nsec gives the NSEC record of a name.
func (z *signedRecords) nsec(name string) *dns.NSEC { return z.of(name, dns.TypeNSEC)[0].(*dns.NSEC) }

// nsec3 gives the NSEC3 record of a name.
func (z *signedRecords) nsec3(name string) *dns.NSEC3 {
	for _, rr := range z.rrs {
		if n, ok := rr.(*dns.NSEC3); ok && n.Hdr.Name == z.hashed(name) {
			return n
		}
	}
	z.t.Fatalf("no NSEC3 record of %s", name)
	return nil
}

func (z *signedRecords) hashed(name string) string {
	p := z.of("example.", dns.TypeNSEC3PARAM)[0].(*dns.NSEC3PARAM)
	return strings.ToLower(dns.HashName(name, p.Hash, p.Iterations, p.Salt)) + ".example."
}

// unlink takes the NSEC3 record of a name out, and closes the gap.
func (z *signedRecords) unlink(name string) {
	gone := z.nsec3(name)
	label, _, _ := strings.Cut(gone.Hdr.Name, ".")
	for _, rr := range z.rrs {
		if n, ok := rr.(*dns.NSEC3); ok && strings.EqualFold(n.NextDomain, label) {
			n.NextDomain = gone.NextDomain
			z.again(n.Hdr.Name, dns.TypeNSEC3)
			break
		}
	}
	z.dropSet(gone.Hdr.Name, dns.TypeNSEC3)
}

// damage is one thing that is done to a signed zone.
//
// want is the code of the finding, all findings if there are several, "" for
// none; w before it is for a warning. The verdict is that of dnssec-verify but
// for knownDifferences.
type damage struct {
	name string
	base int // of signings
	do   func(z *signedRecords)
	want string
}

var damages = []damage{
	// signatures
	{"no signature of A", 0, func(z *signedRecords) { z.dropSigs("host.example.", dns.TypeA) }, "NJ435"},
	{"no signature of SOA", 0, func(z *signedRecords) { z.dropSigs("example.", dns.TypeSOA) }, "NJ435"},
	{"no signature of NSEC", 0, func(z *signedRecords) { z.dropSigs("host.example.", dns.TypeNSEC) }, "NJ435"},
	{"no signature of DS", 0, func(z *signedRecords) { z.dropSigs("safe.example.", dns.TypeDS) }, "NJ435"},
	{"no signature of a wildcard", 0, func(z *signedRecords) { z.dropSigs("*.wild.example.", dns.TypeTXT) }, "NJ435"},
	{"no signature of NSEC3", 1, func(z *signedRecords) { z.dropSigs(z.hashed("host.example."), dns.TypeNSEC3) }, "NJ435"},
	{"a bit of a signature", 0, func(z *signedRecords) {
		s := z.sigs("host.example.", dns.TypeA)[0]
		s.Signature = "AAAA" + s.Signature[4:]
	}, "NJ435"},
	{"a short signature", 0, func(z *signedRecords) { z.sigs("host.example.", dns.TypeA)[0].Signature = "AAAA" }, "NJ435"},
	{"other data", 0, func(z *signedRecords) { z.of("host.example.", dns.TypeA)[0].(*dns.A).A = net.IPv4(192, 0, 2, 77) }, "NJ435"},
	{"other TTL", 0, func(z *signedRecords) {
		for _, rr := range append(z.of("host.example.", dns.TypeA), z.of("host.example.", dns.TypeRRSIG)...) {
			if s, ok := rr.(*dns.RRSIG); !ok || s.TypeCovered == dns.TypeA {
				rr.Header().Ttl = 301
			}
		}
	}, "NJ435"},
	{"a record more", 0, func(z *signedRecords) { z.add("host.example. 300 A 192.0.2.99") }, "NJ435"},
	{"a record less", 0, func(z *signedRecords) {
		gone := z.of("host.example.", dns.TypeA)[1]
		z.drop(func(rr dns.RR) bool { return rr == gone })
	}, "NJ435"},
	{"a repeated record", 0, func(z *signedRecords) { z.add(z.of("host.example.", dns.TypeA)[0].String()) }, ""},
	{"a name more, unsigned", 0, func(z *signedRecords) { z.add("new.example. 300 A 192.0.2.99") }, "NJ435 NJ437"},
	{"a type more, unsigned", 0, func(z *signedRecords) { z.add("host.example. 300 TXT x") }, "NJ435 NJ437"},
	{"other signer", 0, func(z *signedRecords) {
		z.dropSigs("leaf.ent.example.", dns.TypeA)
		z.sign("leaf.ent.example.", dns.TypeA, z.zsk, func(s *dns.RRSIG) { s.SignerName = "ent.example." })
	}, "NJ435"},
	{"labels of a wildcard", 0, func(z *signedRecords) {
		z.sigs("host.example.", dns.TypeA)[0].Labels = 1
	}, "NJ435"},
	{"too many labels", 0, func(z *signedRecords) { z.sigs("host.example.", dns.TypeA)[0].Labels = 3 }, "NJ435"},
	{"other key tag", 0, func(z *signedRecords) { z.sigs("host.example.", dns.TypeA)[0].KeyTag++ }, "NJ435"},
	{"other algorithm", 0, func(z *signedRecords) { z.sigs("host.example.", dns.TypeA)[0].Algorithm = dns.RSASHA256 }, "NJ435 wNJ435"},
	{"algorithm of nobody", 0, func(z *signedRecords) { z.sigs("host.example.", dns.TypeA)[0].Algorithm = 200 }, "NJ435 wNJ435"},
	{"original TTL", 0, func(z *signedRecords) { z.sigs("host.example.", dns.TypeA)[0].OrigTtl = 299 }, "NJ435"},
	{"TTL of a signature", 0, func(z *signedRecords) { z.sigs("host.example.", dns.TypeA)[0].Hdr.Ttl = 299 }, "wNJ435"},
	{"signed by the KSK too", 0, func(z *signedRecords) { z.sign("host.example.", dns.TypeA, z.ksk, nil) }, ""},
	{"a wrong signature beside the good one", 0, func(z *signedRecords) {
		s := dns.Copy(z.sigs("host.example.", dns.TypeA)[0]).(*dns.RRSIG)
		s.Inception--
		z.rrs = append(z.rrs, s)
	}, "wNJ435"},
	{"a stranger's signature beside the good one", 0, func(z *signedRecords) {
		k := z.newKey("-a", "ECDSAP256SHA256")
		z.sign("host.example.", dns.TypeA, k, nil)
		z.drop(func(rr dns.RR) bool { return rr == k })
	}, "wNJ435"},
	{"a signature of nothing", 0, func(z *signedRecords) {
		s := dns.Copy(z.sigs("host.example.", dns.TypeA)[0]).(*dns.RRSIG)
		s.TypeCovered = dns.TypeAAAA
		z.rrs = append(z.rrs, s)
	}, "wNJ435"},
	{"signed glue", 0, func(z *signedRecords) { z.sign("ns.safe.example.", dns.TypeA, z.zsk, nil) }, "wNJ435"},
	{"a signed delegation", 0, func(z *signedRecords) { z.sign("safe.example.", dns.TypeNS, z.zsk, nil) }, "wNJ435"},
	{"an answer of the wildcard as a record", 0, func(z *signedRecords) {
		z.add("a.wild.example. 300 TXT w")
		s := dns.Copy(z.sigs("*.wild.example.", dns.TypeTXT)[0]).(*dns.RRSIG)
		s.Hdr.Name = "a.wild.example."
		z.rrs = append(z.rrs, s)
	}, "NJ435 NJ437"},

	// times
	{"one expired", 0, func(z *signedRecords) { z.at("host.example.", dns.TypeA, -48, -24) }, "NJ432"},
	{"one expired beside a good one", 0, func(z *signedRecords) {
		s := z.sigs("host.example.", dns.TypeA)[0]
		z.at("host.example.", dns.TypeA, -48, -24)
		z.rrs = append(z.rrs, s)
	}, ""},
	{"one expired beside a wrong one", 0, func(z *signedRecords) {
		s := z.sigs("host.example.", dns.TypeA)[0]
		z.at("host.example.", dns.TypeA, -48, -24)
		s.Signature = "AAAA" + s.Signature[4:]
		z.rrs = append(z.rrs, s)
	}, "NJ435"},
	{"one not yet valid", 0, func(z *signedRecords) { z.at("host.example.", dns.TypeA, 24, 48) }, "NJ434"},
	{"one reversed", 0, func(z *signedRecords) { z.at("host.example.", dns.TypeA, 24, -24) }, "NJ432"},
	{"one expires soon", 0, func(z *signedRecords) { z.at("host.example.", dns.TypeA, -24, 24) }, "wNJ433"},
	{"DNSKEY expired", 0, func(z *signedRecords) {
		z.dropSigs("example.", dns.TypeDNSKEY)
		for _, k := range []*dns.DNSKEY{z.ksk, z.zsk} {
			z.sign("example.", dns.TypeDNSKEY, k, hours(-48, -24))
		}
	}, "NJ432"},

	// keys
	{"no DNSKEY of the KSK", 0, func(z *signedRecords) { z.drop(func(rr dns.RR) bool { return rr == z.ksk }) }, "NJ435"},
	{"no DNSKEY of the ZSK", 0, func(z *signedRecords) { z.drop(func(rr dns.RR) bool { return rr == z.zsk }) }, "NJ436"},
	{"no DNSKEY", 0, func(z *signedRecords) { z.dropSet("example.", dns.TypeDNSKEY) }, "NJ436"},
	{"not signed at all", 0, func(z *signedRecords) {
		z.drop(func(rr dns.RR) bool {
			t := rr.Header().Rrtype
			return t == dns.TypeRRSIG || t == dns.TypeNSEC || t == dns.TypeDNSKEY
		})
	}, "NJ436"},
	{"no signatures", 0, func(z *signedRecords) { z.drop(func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeRRSIG }) }, "NJ436"},
	{"KSK does not sign", 0, func(z *signedRecords) {
		z.dropSigs("example.", dns.TypeDNSKEY)
		z.sign("example.", dns.TypeDNSKEY, z.zsk, nil)
	}, "NJ436"},
	{"ZSK does not sign the keys", 0, func(z *signedRecords) {
		z.dropSigs("example.", dns.TypeDNSKEY)
		z.sign("example.", dns.TypeDNSKEY, z.ksk, nil)
	}, ""},
	{"DNSKEY not signed", 0, func(z *signedRecords) { z.dropSigs("example.", dns.TypeDNSKEY) }, "NJ435 NJ436"},
	{"a KSK that stands by", 0, func(z *signedRecords) {
		z.newKey("-a", "ECDSAP256SHA256", "-f", "KSK")
		z.again("example.", dns.TypeDNSKEY)
	}, ""},
	{"a key of another algorithm that stands by", 0, func(z *signedRecords) { z.newKey("-a", "ED25519"); z.again("example.", dns.TypeDNSKEY) }, "wNJ436"},
	{"a revoked KSK that does not sign", 0, func(z *signedRecords) {
		z.newKey("-a", "ECDSAP256SHA256", "-f", "KSK").Flags |= dns.REVOKE
		z.again("example.", dns.TypeDNSKEY)
	}, "NJ436"},
	{"a revoked KSK that signs", 0, func(z *signedRecords) {
		k := z.newKey("-a", "ECDSAP256SHA256", "-f", "KSK")
		k.Flags |= dns.REVOKE
		z.again("example.", dns.TypeDNSKEY)
		z.sign("example.", dns.TypeDNSKEY, k, nil)
	}, ""},
	{"signed by a revoked key alone", 0, func(z *signedRecords) {
		k := z.newKey("-a", "ECDSAP256SHA256")
		k.Flags |= dns.REVOKE
		z.again("example.", dns.TypeDNSKEY)
		z.dropSigs("host.example.", dns.TypeA)
		z.sign("host.example.", dns.TypeA, k, nil)
	}, "NJ435"},
	{"a key that is not for zones", 0, func(z *signedRecords) {
		z.newKey("-a", "ECDSAP256SHA256").Flags = 0
		z.again("example.", dns.TypeDNSKEY)
	}, "wNJ436"},
	{"a damaged key", 0, func(z *signedRecords) {
		z.newKey("-a", "ECDSAP256SHA256").PublicKey = "AAAA"
		z.again("example.", dns.TypeDNSKEY)
	}, "NJ436"},
	{"a set without one of two algorithms", 9, func(z *signedRecords) {
		z.drop(func(rr dns.RR) bool {
			s, ok := rr.(*dns.RRSIG)
			return ok && s.Hdr.Name == "host.example." && s.Algorithm == dns.ED25519
		})
	}, "NJ435"},

	// NSEC
	{"no NSEC", 0, func(z *signedRecords) { z.dropSet("host.example.", dns.TypeNSEC) }, "NJ437"},
	{"no NSEC at the origin", 0, func(z *signedRecords) { z.dropSet("example.", dns.TypeNSEC) }, "NJ437 wNJ437"},
	{"no NSEC at a delegation", 0, func(z *signedRecords) { z.dropSet("safe.example.", dns.TypeNSEC) }, "NJ437"},
	{"NSEC names another", 0, func(z *signedRecords) {
		z.nsec("host.example.").NextDomain = "ns.example."
		z.nsec("host.example.").NextDomain = "nt.example."
		z.again("host.example.", dns.TypeNSEC)
	}, "NJ437"},
	{"NSEC skips a name", 0, func(z *signedRecords) {
		z.nsec("example.").NextDomain = z.nsec(z.nsec("example.").NextDomain).NextDomain
		z.again("example.", dns.TypeNSEC)
	}, "NJ437"},
	{"the last NSEC", 0, func(z *signedRecords) {
		z.nsec("*.wild.example.").NextDomain = "dn.example."
		z.again("*.wild.example.", dns.TypeNSEC)
	}, "NJ437"},
	{"NSEC lists a type more", 0, func(z *signedRecords) {
		n := z.nsec("host.example.")
		n.TypeBitMap = []uint16{dns.TypeA, dns.TypeTXT, dns.TypeRRSIG, dns.TypeNSEC}
		z.again("host.example.", dns.TypeNSEC)
	}, "NJ437"},
	{"NSEC lists a type less", 0, func(z *signedRecords) {
		n := z.nsec("host.example.")
		n.TypeBitMap = []uint16{dns.TypeRRSIG, dns.TypeNSEC}
		z.again("host.example.", dns.TypeNSEC)
	}, "NJ437"},
	{"NSEC of a delegation lists glue", 0, func(z *signedRecords) {
		z.add("safe.example. 300 A 192.0.2.44")
		n := z.nsec("safe.example.")
		n.TypeBitMap = append([]uint16{dns.TypeA}, n.TypeBitMap...)
		z.again("safe.example.", dns.TypeNSEC)
	}, "NJ437"},
	{"an address at a delegation", 0, func(z *signedRecords) { z.add("safe.example. 300 A 192.0.2.44") }, ""},
	{"two NSEC", 0, func(z *signedRecords) {
		n := dns.Copy(z.nsec("host.example.")).(*dns.NSEC)
		n.NextDomain = "x.example."
		z.rrs = append(z.rrs, n)
		z.again("host.example.", dns.TypeNSEC)
	}, "NJ437"},
	{"NSEC of glue", 0, func(z *signedRecords) {
		z.add("ns.safe.example. 300 NSEC ns.example. A RRSIG NSEC")
		z.sign("ns.safe.example.", dns.TypeNSEC, z.zsk, nil)
	}, "NJ437 wNJ435"},
	{"NSEC below a DNAME", 0, func(z *signedRecords) {
		z.add("below.dn.example. 300 NSEC ns.example. A RRSIG NSEC")
		z.sign("below.dn.example.", dns.TypeNSEC, z.zsk, nil)
	}, "NJ437 wNJ435"},
	{"a signed name without NSEC", 0, func(z *signedRecords) {
		z.add("new.example. 300 A 192.0.2.99")
		z.again("new.example.", dns.TypeA)
	}, "NJ437"},

	// NSEC3
	{"no NSEC3", 1, func(z *signedRecords) { z.unlink("host.example.") }, "NJ438"},
	{"no NSEC3, the gap open", 1, func(z *signedRecords) { z.dropSet(z.hashed("host.example."), dns.TypeNSEC3) }, "NJ438"},
	{"no NSEC3 of the origin", 1, func(z *signedRecords) { z.unlink("example.") }, "NJ438"},
	{"no NSEC3 of an empty name", 1, func(z *signedRecords) { z.unlink("ent.example.") }, "NJ438"},
	{"no NSEC3 of an empty name of the wildcard", 1, func(z *signedRecords) { z.unlink("wild.example.") }, "NJ438"},
	{"no NSEC3 of a delegation with DS", 2, func(z *signedRecords) { z.unlink("safe.example.") }, "NJ438"},
	{"no NSEC3 of a delegation without DS", 1, func(z *signedRecords) { z.unlink("plain.opt.example.") }, "NJ438"},
	{"no NSEC3 of an empty name above a delegation without DS", 1, func(z *signedRecords) { z.unlink("opt.example.") }, "NJ438"},
	{"NSEC3 names another", 1, func(z *signedRecords) {
		n := z.nsec3("host.example.")
		n.NextDomain = "0" + n.NextDomain[1:]
		if z.nsec3("host.example.").NextDomain[0] == '0' {
			n.NextDomain = "00" + n.NextDomain[2:]
		}
		z.again(n.Hdr.Name, dns.TypeNSEC3)
	}, "NJ438"},
	{"NSEC3 lists a type more", 1, func(z *signedRecords) {
		n := z.nsec3("host.example.")
		n.TypeBitMap = []uint16{dns.TypeA, dns.TypeTXT, dns.TypeRRSIG}
		z.again(n.Hdr.Name, dns.TypeNSEC3)
	}, "NJ438"},
	{"NSEC3 of an empty name lists a type", 1, func(z *signedRecords) {
		n := z.nsec3("ent.example.")
		n.TypeBitMap = []uint16{dns.TypeA}
		z.again(n.Hdr.Name, dns.TypeNSEC3)
	}, "NJ438"},
	{"NSEC3 of another salt", 1, func(z *signedRecords) {
		n := z.nsec3("host.example.")
		n.Salt = "dcba"
		z.again(n.Hdr.Name, dns.TypeNSEC3)
	}, "NJ438"},
	{"NSEC3 of no name", 1, func(z *signedRecords) {
		n := dns.Copy(z.nsec3("host.example.")).(*dns.NSEC3)
		n.Hdr.Name = z.hashed("nobody.example.")
		z.rrs = append(z.rrs, n)
		z.again(n.Hdr.Name, dns.TypeNSEC3)
	}, "NJ438"},
	{"NSEC3 at a name that is no hash", 1, func(z *signedRecords) {
		n := dns.Copy(z.nsec3("host.example.")).(*dns.NSEC3)
		n.Hdr.Name = "hash.example."
		z.rrs = append(z.rrs, n)
		z.again(n.Hdr.Name, dns.TypeNSEC3)
	}, "NJ438"},
	{"no NSEC3PARAM", 1, func(z *signedRecords) { z.dropSet("example.", dns.TypeNSEC3PARAM) }, "NJ437"},
	{"NSEC3PARAM with flags", 1, func(z *signedRecords) {
		z.of("example.", dns.TypeNSEC3PARAM)[0].(*dns.NSEC3PARAM).Flags = 1
		z.again("example.", dns.TypeNSEC3PARAM)
	}, "NJ437"},
	{"NSEC3PARAM of another salt", 1, func(z *signedRecords) {
		z.of("example.", dns.TypeNSEC3PARAM)[0].(*dns.NSEC3PARAM).Salt = "dcba"
		z.again("example.", dns.TypeNSEC3PARAM)
	}, "NJ438"},
	{"too many iterations", 1, func(z *signedRecords) {
		z.of("example.", dns.TypeNSEC3PARAM)[0].(*dns.NSEC3PARAM).Iterations = 65535
		z.again("example.", dns.TypeNSEC3PARAM)
	}, "NJ438"},

	// DS, CDS, CDNSKEY
	{"DS without a delegation", 1, func(z *signedRecords) {
		z.add("host.example. 300 DS 12345 13 2 0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20")
		z.again("host.example.", dns.TypeDS)
		n := z.nsec3("host.example.")
		n.TypeBitMap = []uint16{dns.TypeA, dns.TypeDS, dns.TypeRRSIG}
		z.again(n.Hdr.Name, dns.TypeNSEC3)
	}, "wNJ439"},
	{"DS with a digest of nobody", 0, func(z *signedRecords) {
		z.add("safe.example. 300 DS 12345 13 99 0102")
		z.again("safe.example.", dns.TypeDS)
	}, "wNJ439"},
	{"DS with an algorithm of nobody", 0, func(z *signedRecords) {
		z.of("safe.example.", dns.TypeDS)[0].(*dns.DS).Algorithm = 200
		z.again("safe.example.", dns.TypeDS)
	}, "wNJ439"},
	{"right CDS and CDNSKEY", 0, func(z *signedRecords) { z.parentSet(z.ksk.ToDS(dns.SHA256).ToCDS(), z.ksk.ToCDNSKEY()) }, ""},
	{"CDS of no key", 0, func(z *signedRecords) {
		cds := z.ksk.ToDS(dns.SHA256).ToCDS()
		cds.Digest = "00" + cds.Digest[2:]
		z.parentSet(cds, z.ksk.ToCDNSKEY())
	}, "wNJ439 wNJ439"},
	{"CDNSKEY of no key", 0, func(z *signedRecords) {
		k := z.ksk.ToCDNSKEY()
		k.Flags = 256
		z.parentSet(k)
	}, "wNJ439"},
	{"CDS that takes away", 0, func(z *signedRecords) {
		rr, _ := dns.NewRR("example. 300 CDS 0 0 0 00")
		z.parentSet(rr)
	}, ""},
	{"CDS that takes away beside another", 0, func(z *signedRecords) {
		rr, _ := dns.NewRR("example. 300 CDS 0 0 0 00")
		z.parentSet(rr, z.ksk.ToDS(dns.SHA256).ToCDS())
	}, "NJ439"},
}

// parentSet adds CDS and CDNSKEY records, with all that belongs to them.
func (z *signedRecords) parentSet(rrs ...dns.RR) {
	var types []uint16
	for _, rr := range rrs {
		rr.Header().Ttl = 300
		z.rrs = append(z.rrs, rr)
		if t := rr.Header().Rrtype; !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	for _, t := range types {
		z.again("example.", t)
	}
	n := z.nsec("example.")
	n.TypeBitMap = append(n.TypeBitMap, types...)
	slices.Sort(n.TypeBitMap)
	z.again("example.", dns.TypeNSEC)
}

// hours shapes a signature by its times from now.
func hours(from, to int) func(*dns.RRSIG) {
	return func(s *dns.RRSIG) {
		now := time.Now()
		s.Inception = uint32(now.Add(time.Duration(from) * time.Hour).Unix())
		s.Expiration = uint32(now.Add(time.Duration(to) * time.Hour).Unix())
	}
}

// at signs a set anew for a time.
func (z *signedRecords) at(name string, rtype uint16, from, to int) {
	z.dropSigs(name, rtype)
	z.sign(name, rtype, z.zsk, hours(from, to))
}

// codesOf writes those codes of a report that are of the proof, w before
// warnings.
func codesOf(r Report) string {
	var list []string
	for _, d := range r.Diagnostics {
		c := string(d.Code)
		if c < "NJ432" || c > "NJ441" {
			continue
		}
		if d.Severity == parser.Warning {
			c = "w" + c
		}
		list = append(list, c)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// TestDamages does one thing at a time to signed zones, and compares what is
// found with dnssec-verify's verdict.
func TestDamages(t *testing.T) {
	needTools(t, "dnssec-keygen", "dnssec-signzone", "dnssec-verify")
	bases := map[int][2]string{}
	for i := range damages {
		b := damages[i].base
		if _, made := bases[b]; !made {
			dir, text := signedZone(t, &signings[b], damageZone)
			bases[b] = [2]string{dir, text}
		}
	}
	var mu sync.Mutex
	both := 0
	t.Run("each", func(t *testing.T) {
		for i := range damages {
			d := &damages[i]
			t.Run(d.name, func(t *testing.T) {
				t.Parallel()
				b := bases[d.base]
				z := parseSigned(t, b[0], &signings[d.base], b[1])
				d.do(z)
				text := z.text()
				theirs := refuses(t, b[0], z.s, text)
				r := judged(text)
				got := codesOf(r)
				once := strings.Fields(got)
				if strings.Join(slices.Compact(once), " ") != strings.Join(slices.Compact(strings.Fields(d.want)), " ") {
					t.Errorf("got %q, want %q\n%s", got, d.want, found(r))
				}
				same := (theirs != "") == (r.Diagnostics.Errors() > 0)
				if known := differs("TestDamages", d.name, ""); same != (known == nil) {
					t.Errorf("listed as different: %v\nours:\n%stheirs:\n%s", known, found(r), theirs)
				}
				if theirs != "" {
					mu.Lock()
					both++
					mu.Unlock()
				}
			})
		}
	})
	t.Logf("%d damages, %d of them refused by dnssec-verify", len(damages), both)
}
