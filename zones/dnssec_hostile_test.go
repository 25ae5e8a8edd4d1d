package zones

import (
	"context"
	"crypto"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// TestHostileProof verifies zones that are made to keep a verifier busy: the
// work is bounded, and it says so.
func TestHostileProof(t *testing.T) {
	key := &dns.DNSKEY{Hdr: dns.RR_Header{Name: "example.", Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 300}, Flags: 257, Protocol: 3, Algorithm: dns.ECDSAP256SHA256}
	private, err := key.Generate(256)
	if err != nil {
		t.Fatal(err)
	}
	z := &signedRecords{t: t, zsk: key, ksk: key}
	z.keys = map[*dns.DNSKEY]crypto.Signer{key: private.(crypto.Signer)}
	for _, text := range []string{"example. 300 SOA ns.other. h.other. 1 2 3 4 5", "example. 300 NS ns.other."} {
		z.add(text)
	}
	z.rrs = append(z.rrs, key)
	for _, rtype := range []uint16{dns.TypeSOA, dns.TypeNS} {
		z.sign("example.", rtype, key, nil)
	}
	z.sign("example.", dns.TypeDNSKEY, key, nil)
	base := z.text()

	names := func(n int, form string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, form, i)
		}
		return b.String()
	}
	var wrong, twins, both strings.Builder // signatures; keys of one tag, and signatures of them
	sig := dns.Copy(z.sigs("example.", dns.TypeNS)[0]).(*dns.RRSIG)
	sig.Hdr.Name, sig.TypeCovered, sig.Labels = "x.example.", dns.TypeA, 2
	for i := range 20000 {
		sig.Signature = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%064d", i))
		wrong.WriteString(sig.String() + "\n")
	}
	twin := dns.Copy(key).(*dns.DNSKEY)
	twin.Algorithm = dns.RSASHA256
	modulus := make([]byte, 128)
	for i := range modulus {
		modulus[i] = byte(i*i) | 1
	}
	for i := range 90 {
		k := slices.Clone(modulus)
		k[2*(i%60)], k[2*(i%60)+2] = k[2*(i%60)+2], k[2*(i%60)] // the tag is a sum of words
		k[1+2*(i/60)], k[61] = k[61], k[1+2*(i/60)]
		twin.PublicKey = base64.StdEncoding.EncodeToString(append([]byte{3, 1, 0, 1}, k...))
		twins.WriteString(twin.String() + "\n")
	}
	sig.Hdr.Name, sig.TypeCovered, sig.Labels, sig.Algorithm, sig.KeyTag = "example.", dns.TypeSOA, 1, twin.Algorithm, twin.KeyTag()
	for i := range 5000 {
		sig.Signature = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%0128d", i))
		both.WriteString(sig.String() + "\n")
	}
	var odd strings.Builder
	sig.Hdr.Name, sig.Labels, sig.Signature = "x.example.", 2, "AAAA"
	for i := range 30000 {
		sig.TypeCovered = uint16(2000 + i)
		fmt.Fprintf(&odd, "x.example. 300 TYPE%d \\# 0\n%s\n", 33000+i, sig)
	}
	deep := strings.Repeat("a.", 110)
	tests := []struct{ name, text, want string }{
		{"65535 iterations", base + "example. 300 NSEC3PARAM 1 0 65535 AB\n" + names(20000, "n%d.example. 300 A 192.0.2.1\n"), "65535 iterations of"},
		{"keys of one tag", base + twins.String() + both.String(), "NJ435"},
		{"keys without end", base + names(200, "example. 300 DNSKEY 257 3 200 AwEA%04d\n"), "more than 100 DNSKEY"},
		{"wrong signatures without end", base + "x.example. 300 A 192.0.2.1\n" + wrong.String(), "A records of x.example. is wrong"},
		{"all names unsigned", base + names(50000, "n%d.example. 300 A 192.0.2.1\n"), "NJ435"},
		{"chains without end", base + names(5000, "example. 300 NSEC3PARAM 1 0 0 %06x\n"), "NJ438"},
		{"deep empty names", base + "example. 300 NSEC3PARAM 1 0 0 -\n" + names(3000, "%04d."+deep+"example. 300 NS ns.other.\n"), "NJ438"},
		{"types and signatures without end", base + odd.String(), "NJ435"},
		{"digests without end", base + names(50000, "example. 300 ZONEMD 1 1 1 "+strings.Repeat("0", 88)+"%08x\n"), "NJ441"},
		{"DS without end", base + "d.example. 300 NS ns.other.\n" + names(20000, "d.example. 300 DS %d 13 99 00\n"), "NJ439"},
	}
	for _, test := range tests {
		start := time.Now()
		r := CheckAll(context.Background(), memFiles{"z": test.text}, []Zone{example()}, Options{Judging: Judging{DNSSEC: true}})[0]
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: %v", test.name, took)
		}
		if !strings.Contains(found(r), test.want) || len(r.Diagnostics) > 2*DefaultMaxErrors+20 {
			t.Errorf("%s: %d findings\n%.600s", test.name, len(r.Diagnostics), found(r))
		}
		if testing.Verbose() {
			t.Logf("%s: %v\n%.300s", test.name, time.Since(start), found(r))
		}
	}
}

// TestProofStops checks that the proof ends with its context.
func TestProofStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := CheckAll(ctx, memFiles{"z": plainZone}, []Zone{example()}, Options{Judging: Judging{DNSSEC: true}})[0]
	if !r.Stopped {
		t.Error("not stopped")
	}
}
