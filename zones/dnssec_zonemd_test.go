package zones

import (
	"bytes"
	"cmp"
	"crypto/sha512"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// digestZone has delegations, glue, data that nobody gets, empty names and
// capitals; its digests were made by ldns-signzone -Z.
const digestZone = `$TTL 300
@ SOA ns.Example. hostmaster 1 3600 600 86400 300
@ NS ns
@ NS NS2.other.
@ MX 10 Mail.example.
@ TXT "apex"
ns A 192.0.2.1
ns AAAA 2001:db8::1
*.wild A 192.0.2.2
a.b.ent A 192.0.2.3
a.c.ent TXT "x" "y"
dn DNAME target.other.
secure NS ns.secure
secure DS 12345 13 2 0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20
ns.secure A 192.0.2.4
plain NS ns.plain
plain NS ns.other.
ns.plain AAAA 2001:db8::2
sub.below.plain A 192.0.2.8
deep.opt NS ns.other.
Mail A 192.0.2.5
mail A 192.0.2.6
alias CNAME mail
`

const (
	digest384 = "@ ZONEMD 1 1 1 9c592ba7379e2802cb887ed69d9a3a989704c0d98e9911a28cb9a33eac281875223bfc3276702b01a14bd4c6ec35147c\n"
	digest512 = "@ ZONEMD 1 1 2 8064fe87645583cb5277c955996591b25a3d9e8fd7fa93a8be19e608b423a978663f9139ef112542a60673a81e9cbc3018013acf37cf5f89efb0c0e03636c4bf\n"
)

// simpleExample is that of RFC 8976, appendix A.1.
const simpleExample = `@ 86400 SOA ns1 admin 2018031900 1800 900 604800 86400
@ 86400 NS ns1
@ 86400 NS ns2
@ 86400 ZONEMD 2018031900 1 1 c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c
ns1 3600 A 203.0.113.63
ns2 3600 AAAA 2001:db8::63
`

// TestZoneDigest verifies digests of unsigned zones, which have no other
// finding than that they are not signed.
func TestZoneDigest(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"RFC 8976", simpleExample, ""},
		{"both hashes", digestZone + digest384 + digest512, ""},
		{"twice", digestZone + digest384 + digest384, ""},
		{"order and case of no matter", "$TTL 300\nMAIL A 192.0.2.6\n" + strings.Replace(digestZone, "mail A 192.0.2.6\n", "", 1) + digest512, ""},
		{"a record of another digest below", digestZone + digest384 + "mail ZONEMD 1 1 1 " + strings.Repeat("00", 48) + "\n", "NJ441"},
		{"other data", strings.Replace(digestZone, "192.0.2.3", "192.0.2.33", 1) + digest384 + digest512, "NJ441 NJ441"},
		{"other glue", strings.Replace(digestZone, "192.0.2.4", "192.0.2.44", 1) + digest384, "NJ441"},
		{"other TTL", strings.Replace(digestZone, "ns A", "ns 301 A", 1) + digest384, "NJ441"},
		{"a record less", strings.Replace(digestZone, "alias CNAME mail\n", "", 1) + digest384, "NJ441"},
		{"a record less that nobody gets", strings.Replace(digestZone, "sub.below.plain A 192.0.2.8\n", "", 1) + digest384, "NJ441"},
		{"of another serial", digestZone + strings.Replace(digest384, "ZONEMD 1 ", "ZONEMD 2 ", 1), "NJ441"},
		{"one bit", digestZone + strings.Replace(digest384, "147c", "147d", 1), "NJ441"},
		{"unknown scheme", digestZone + strings.Replace(digest384, "ZONEMD 1 1 ", "ZONEMD 1 250 ", 1), "wNJ441"},
		{"unknown hash", digestZone + "@ ZONEMD 1 1 250 " + strings.Repeat("00", 48) + "\n", "wNJ441"},
		{"two of one kind", digestZone + digest384 + strings.Replace(digest384, "147c", "147d", 1), "NJ441"},
	}
	for _, test := range tests {
		r := judged(test.text)
		got := strings.Split(strings.TrimSpace(strings.Replace(" "+codesOf(r)+" ", " NJ436 ", " ", 1)), " ")
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %q, want %q\n%s", test.name, got, test.want, found(r))
		}
	}
	if r := Check(memFiles{"z": digestZone + strings.Replace(digest384, "147c", "147d", 1)}, example()); has(r, "NJ44") {
		t.Errorf("verified without being asked:\n%s", found(r))
	}
}

// TestSignedZoneDigest makes the digest of a signed zone with miekg/dns: the
// signature of the ZONEMD record is no part of it.
func TestSignedZoneDigest(t *testing.T) {
	needTools(t, "dnssec-keygen", "dnssec-signzone")
	dir, signed := signedZone(t, &signings[0], damageZone+"@ ZONEMD 1 1 1 "+strings.Repeat("00", 48)+"\n")
	z := parseSigned(t, dir, &signings[0], signed)
	type record struct {
		owner name
		rtype uint16
		wire  []byte
	}
	var list []record
	for _, rr := range z.rrs {
		s, isSig := rr.(*dns.RRSIG)
		if rr.Header().Rrtype == dns.TypeZONEMD || isSig && s.TypeCovered == dns.TypeZONEMD {
			continue
		}
		buf := make([]byte, 4096)
		end, err := dns.PackRR(rr, buf, 0, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		owner, _ := parseNameString(rr.Header().Name)
		list = append(list, record{owner, rr.Header().Rrtype, buf[:end]})
	}
	slices.SortFunc(list, func(a, b record) int {
		return cmp.Or(compareNames(a.owner.bytes(), b.owner.bytes()), cmp.Compare(a.rtype, b.rtype), bytes.Compare(a.wire[a.owner.n+10:], b.wire[b.owner.n+10:]))
	})
	sum := sha512.New384()
	for _, r := range list {
		sum.Write(r.wire)
	}
	z.of("example.", dns.TypeZONEMD)[0].(*dns.ZONEMD).Digest = hex.EncodeToString(sum.Sum(nil))
	z.again("example.", dns.TypeZONEMD)
	if r := judged(z.text()); codesOf(r) != "" {
		t.Errorf("%s", found(r))
	}
	z.sigs("host.example.", dns.TypeA)[0].Hdr.Ttl++
	if r := judged(z.text()); codesOf(r) != "NJ441 wNJ435" {
		t.Errorf("%s", found(r))
	}
}
