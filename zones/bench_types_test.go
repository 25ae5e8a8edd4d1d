package zones

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// bigSignedZone writes a zone such as a signer makes: delegations with DS, RRSIG
// and NSEC or NSEC3 records, and hosts with addresses. It gives the number of
// records.
func bigSignedZone(b testing.TB, path string, names int) int {
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	key := make([]byte, 64)
	rand.Read(key)
	sig := base64.StdEncoding.EncodeToString(key)
	digest := fmt.Sprintf("%x", key[:32])
	rrsig := func(covered string) string {
		return fmt.Sprintf("\t\t\t3600\tRRSIG\t%s 13 2 3600 (\n\t\t\t\t\t20300101000000 20200101000000 12345 example.\n\t\t\t\t\t%s\n\t\t\t\t\t%s )\n", covered, sig[:56], sig[56:])
	}
	fmt.Fprintf(w, "$TTL 3600\n@ IN SOA ns.other. hostmaster 7 3600 600 86400 300\n@ NS ns.other.\n@ DNSKEY 257 3 13 %s\n", sig)
	n := 3
	for i := range names {
		fmt.Fprintf(w, "h%07d.example.\t3600\tIN NS\tns%d.other.\n\t\t\t3600\tDS\t12345 13 2 (\n\t\t\t\t\t%s )\n%s\t\t\t3600\tNSEC\th%07d.example. NS DS RRSIG NSEC\n%s",
			i, i%10, digest, rrsig("DS"), i+1, rrsig("NSEC"))
		n += 5
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	f.Close()
	return n
}

// BenchmarkSigned checks a signed zone of 500,000 records.
func BenchmarkSigned(b *testing.B) {
	path := filepath.Join(b.TempDir(), "signed")
	n := bigSignedZone(b, path, 100000)
	var spent time.Duration
	for b.Loop() {
		start := time.Now()
		r := Check(&hostFiles{}, Zone{Name: "example", Type: "primary", File: path})
		spent += time.Since(start)
		if r.Records != n || r.Diagnostics.Errors() > 0 {
			b.Fatalf("%d records of %d\n%.500s", r.Records, n, found(r))
		}
	}
	b.ReportMetric(float64(n*b.N)/spent.Seconds(), "records/s")
}

// BenchmarkData reads the data of one record of a type again and again.
func BenchmarkData(b *testing.B) {
	for _, line := range []string{
		"A 192.0.2.1", "AAAA 2001:db8::1:2", "NS ns1.example.net.", "MX 10 mail", "SRV 0 5 5060 sip.example.net.",
		"RRSIG DS 13 2 3600 20300101000000 20200101000000 12345 example. mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==",
		"NSEC h0000001.example. A NS SOA MX TXT AAAA RRSIG NSEC DNSKEY",
		"NSEC3 1 1 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR NS DS RRSIG",
		"DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==",
		"TLSA 3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971",
		"CAA 0 issue \"ca.example.net\"", "NAPTR 100 10 \"S\" \"SIP+D2U\" \"\" _sip._udp",
		"HTTPS 1 . alpn=h3,h2 ipv4hint=192.0.2.1", "SSHFP 1 1 0123456789abcdef0123456789abcdef01234567", "RP a b",
	} {
		kind, _, _ := strings.Cut(line, " ")
		b.Run(kind, func(b *testing.B) {
			var x lexer
			x.reset(strings.NewReader("o " + line + "\n"))
			x.next()
			rtype, _ := typeOf([]byte(kind))
			origin, _ := parseNameString("example")
			var m rrReader
			r := record{class: 1, rtype: rtype}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, wrong := m.read(&r, &origin, &x.entry, 2); wrong != "" {
					b.Fatal(wrong)
				}
			}
		})
	}
}
