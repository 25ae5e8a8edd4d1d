package zones

import (
	"bytes"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// miekgDifferences are lines that miekg/dns reads differently from BIND, and how.
// They are why most types have readers of their own, and why the few that
// miekg/dns reads have refusals.
var miekgDifferences = []struct{ line, how string }{
	{`A6 0 ::1`, "knows no A6"},
	{`AMTRELAY 10 0 4 192.0.2.1`, "takes kinds of relay that are not there"},
	{`AMTRELAY 10 1 1 192.0.2.1`, "refuses or loses the discovery bit"},
	{`APL 1:192.0.2.1/24`, "refuses bits behind the prefix"},
	{`APL 01:1.2.3.4/5`, "refuses a zero before the family"},
	{`ATMA 3133`, "knows no ATMA"},
	{`AVC`, "takes no string at all"},
	{`BRID AAAA`, "knows no BRID"},
	{`CAA 0 is-sue "ca.example.net"`, "takes any tag"},
	{`CAA 0 issue a\256`, "takes escapes above 255"},
	{`CDNSKEY 256 DNSSEC 0 AA==`, "knows no words for flags, protocol and algorithm"},
	{`CDS 1 8 2 00`, "takes digests of the wrong length"},
	{`CERT pkix 0 0 AAAA`, "knows words for the type in capitals only, and not all"},
	{`DHCID`, "takes no data at all"},
	{`DLV 1 8 1 00`, "takes digests of the wrong length"},
	{`DNSKEY ZONE 3 13 AAAA`, "knows no words for flags, protocol and algorithm"},
	{`DNSKEY 256 3 13`, "takes no key at all"},
	{`DOA 0 1 2 "" AAAA`, "knows no DOA"},
	{`DS 1 8 1 0123456789abcdef0123456789abcdef012345`, "takes digests of the wrong length"},
	{`DS 1 8 SHA1 0123456789abcdef0123456789abcdef01234567`, "knows no words for digests"},
	{`DSYNC CDS NOTIFY 5359 Ns.Example.`, "knows no DSYNC"},
	{`EID`, "takes no data at all"},
	{`EUI48`, "takes no data at all"},
	{`GID 1`, "takes a number"},
	{`GPOS a 116.8652 10.0`, "wants numbers"},
	{`HHIT AAAA`, "knows no HHIT"},
	{`HINFO PC a b c`, "joins strings"},
	{`HINFO PC`, "cuts a string into two"},
	{`IPSECKEY 10 4 2 192.0.2.38 AQNRU3mG`, "takes kinds of gateway that are not there"},
	{`IPSECKEY 10 0 2 .`, "takes no key at all"},
	{`ISDN 150862028003217`, "adds an empty second string"},
	{`KEY 0x100 3 8 AAAA`, "wants decimal flags"},
	{`KEYDATA 20300101000000 20300101000000 20300101000000 257 3 8 AAAA`, "knows no KEYDATA"},
	{`L32 10 ::1`, "takes an IPv6 address"},
	{`L64 10 2001:db8:1140:1000`, "wants all digits of each group"},
	{`LOC 45 30 S 180 W 0`, "wants N and E to have minutes"},
	{`LOC 51 30 12 N 0 7 39 W -10.5m 20m 2000m 20m x`, "overlooks what follows"},
	{`MD a`, "takes the type, which BIND refuses"},
	{`MF a`, "takes the type, which BIND refuses"},
	{`MR \[a`, "takes bit string labels"},
	{`MR a\300b`, "takes escapes above 255"},
	{`NAPTR 100 10 "S" "http+I2R" "!(a!b!" .`, "does not look at the regular expression"},
	{`NAPTR 100 10 "S" "http+I2R" !a!b! .`, "wants quotes"},
	{`NID 10 1:2:3:4`, "wants all digits of each group"},
	{`NIMLOC`, "takes no data at all"},
	{`NINFO`, "takes no string at all"},
	{`NS a\256`, "takes escapes above 255"},
	{`NSAP 0x47`, "knows no NSAP"},
	{`NSEC b NSEC RRSIG A`, "wants the types in order"},
	{`NSEC b`, "takes no type at all"},
	{`NSEC b NXNAME`, "knows NXNAME"},
	{`NSEC3 1 0 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22boj A RRSIG`, "takes hashes of the wrong length"},
	{`NSEC3PARAM SHA-1 0 0 -`, "knows no words for the hash"},
	{`NULL`, "takes no data at all"},
	{`NXT a A`, "writes the bit map of NSEC"},
	{`OPENPGPKEY`, "takes no data at all"},
	{`RESINFO`, "takes no string at all"},
	{`RKEY 256 3 5 AAAA`, "takes flags that must be zero"},
	{`RRSIG 65534 8 2 3600 20300101000000 20200101000000 12345 example. AAAA`, "takes no number for the type"},
	{`RRSIG A 8 2 3600 20300101000000 20200101000000 12345 example.`, "takes no signature at all"},
	{`SIG A 5 2 3600 1893456000 20200101000000 1 signer AAAA`, "takes seconds for the date"},
	{`SIG A 5 2 3600 20300101000000 20200101000000 1 signer AB==`, "takes bits that base64 leaves over"},
	{`SINK 1 0 0 AAAA`, "knows no SINK"},
	{`SMIMEA 3 1 1`, "takes no data at all"},
	{`SOA a b 1 1h30 3 4 5`, "takes a number without a unit behind one with"},
	{`SPF`, "takes no string at all"},
	{`SSHFP 1 1 00`, "takes fingerprints of the wrong length"},
	{`SVCB 0 svc mandatory=alpn`, "does not compare the parameters"},
	{`SVCB 1 . alpn`, "takes alpn without a value"},
	{`SVCB 1 "svc"`, "refuses quotes"},
	{`TA 1 8 1 00`, "takes digests of the wrong length"},
	{`TLSA 3 1 1`, "takes no data at all"},
	{`TXT a\256`, "takes escapes above 255"},
	{`TXT ` + strings.Repeat("x", 256), "cuts a string that is too long into two"},
	{`UID 1`, "takes a number"},
	{`UINFO x`, "takes a string"},
	{`UNSPEC`, "takes no data at all"},
	{`URI 10 1 ""`, "takes an empty target, as BIND before 9.20 does"},
	{`WALLET "x y"`, "knows no WALLET"},
	{`WKS 1.2.3.4 6 25`, "knows no WKS"},
	{`X25 123`, "takes any string"},
	{`ZONEMD 1 1 3 c68090d90a7aed716bc459`, "takes digests of the wrong length"},
	{`TYPE000001 192.0.2.1`, "takes more than five digits"},
}

// miekgReads reads a line with nothing but miekg/dns.
func miekgReads(line string) (wire []byte, ok bool) {
	zp := dns.NewZoneParser(strings.NewReader(". 0 IN "+line+"\n"), "example.", "")
	rr, ok := zp.Next()
	if !ok || zp.Err() != nil {
		return nil, false
	}
	buf := make([]byte, 66<<10)
	end, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		return nil, false
	}
	return buf[rawPrefix:end], true
}

// readByBoth tells whether we and miekg/dns read a line alike.
func readByBoth(line string) (rtype uint16, alike bool) {
	var m rrReader
	rtype, ours, wrong := readLine(&m, dns.ClassINET, line)
	theirs, ok := miekgReads(line)
	if ok && wrong == "" {
		validWire(rtype, dns.ClassINET, theirs) // small letters
	}
	return rtype, ok == (wrong == "") && (!ok || bytes.Equal(ours, theirs))
}

// TestMiekgDifferences checks each row, and that each type in which miekg/dns
// reads some case differently has a row.
func TestMiekgDifferences(t *testing.T) {
	listed := make(map[string]bool)
	for _, row := range miekgDifferences {
		word, _, _ := strings.Cut(row.line, " ")
		listed[word] = true
		if _, alike := readByBoth(row.line); alike {
			t.Errorf("%s: listed (%s), but read alike", row.line, row.how)
		}
	}
	for _, line := range expandCases(typeCases) {
		word, _, _ := strings.Cut(line, " ")
		if rtype, alike := readByBoth(line); !alike && !strings.Contains(line, `\#`) && !listed[typeName(rtype)] && !listed[word] && !strings.HasPrefix(word, "TYPE") {
			t.Errorf("%s: read differently, but no row is there for the type", line)
		}
	}
}
