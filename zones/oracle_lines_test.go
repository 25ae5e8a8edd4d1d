package zones

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// oracleLines are put, one at a time, below a sound zone; our verdict and that
// of named-checkzone must be the same or the line must be in
// lineDifferences.
const oracleLines = `
a SSHFP 1 1 00
a ZONEMD 1 1 1 AA
@ ZONEMD 1 1 200 AABBCCDDEEFF001122334455
a DS 1 8 200 AB
a DS 1 RSASHA256 SHA-256 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A
a CERT PKIX 1 RSASHA256 AAAA
a DNSKEY 256 3 RSASHA256 AAAA
a DNSKEY ZONE 3 8 AAAA
a RRSIG A 8 2 1h 20990101000000 20200101000000 1 example. AAAA
a RRSIG A 8 2 1 4070908800 1577836800 1 example. AAAA
a NSEC3PARAM 1 0 10 AABB
a NSEC3PARAM 1 0 10 -
a NSEC3 1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG
a NSEC b.example. A TYPE1234
a NAPTR 1 2 S http+I2R "" ns
a HINFO PC
a HINFO "a" "b" "c"
a LOC 51 N 0 W 0
a LOC 51 30 12 N 0 7 39 W -10.5m 20m
a WKS 1.2.3.4 nosuchproto 25
a GPOS -32.6882 116.8652 10.0
a PX 10 a.b. c.d.
a TKEY x
a EUI48 00-00-5e-00-53
a TLSA 256 1 1 AA
a CAA 0 is-sue "x"
a CAA 0 issue x
a URI 10 1 https://x/
a HTTPS 0 ns
a HTTPS 1 . key65=abc
a HTTPS 1 . mandatory=alpn alpn=h2
a HTTPS 1 . mandatory=alpn
a HTTPS 1 . nosuch=1
a HTTPS 1 . alpn="h2,h3" port=8443
a IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
a IPSECKEY 10 0 2 . AQNRU3mG
a HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdx ns
a TALINK . .
a NINFO "x"
a RKEY 0 3 5 AAAA
a AMTRELAY 10 0 1 192.0.2.1
a L64 10 2001:0db8:1140:1000
a NID 10 2001:db8:1140:1000
a EID ABCD
a NIMLOC ABCD
a DLV 1 8 1 AB
a TA 1 8 1 AB
a MB ns
a MG ns
a MR ns
a MINFO ns ns
a NULL \# 1 AA
a NXT b A
a TYPE0 \# 0
a SPF x
a AVC "x"
a DOA 0 1 2 "" AAAA
a SINK 1 0 0 AAAA
a OPENPGPKEY A B
a CERT 65536 0 0 AA==
a A \# 5 0102030405
a MX \# 3 000100
a TXT \# 2 0161
a DHCID AAA
a CSYNC x 3 A
a MX 010 ns
a SRV 1 2 0x10 ns
a LP 10 .
a RT 1 ns
a ATMA 3133
a NSAP-PTR ns
a KX 1 ns
a UNSPEC x
a UID 1
a A6 64 ::1 x
a A6 129 ::1
a RESINFO qnamemin exterr=15
a NXNAME
a DSYNC CDS NOTIFY 5300 ns
a MD ns
a MF ns
a TXT a\
a AAAA ::1.2.3.4
a AAAA 1:2:3:4:5:6:7::
a AAAA ::1%1
a AAAA 01::00001
a AAAA 1:2:3:4:5:6:7:8:9
a A 1.2.3.4.
a A 00.1.2.3
a CNAME @
a CNAME .
a CNAME ..
a PTR a\.b
"" A 1.2.3.4
a  IN\ IN A 1.2.3.4
a ANY A 1.2.3.4
a NONE A 1.2.3.4
a CLASS65535 A 1.2.3.4
a TYPE70000 \# 0
a 0 A 1.2.3.4
a 1.5 A 1.2.3.4
a A A 1.2.3.4
A A 1.2.3.4
in in in A 1.2.3.4
1h 1h A 1.2.3.4
@ @ A 1.2.3.4
$TTL -1
$TTL 1h30
$ORIGIN a..b
$ORIGIN "q"
$DATE x
$DATE 2020
$DATE 21000101000000
$DATE 21100101000000
$DATE 19690101000000
$DATE 20230229000000
$DATE 20240229235960
$GENERATE 1-3
$GENERATE 1-2 a$ A
$GENERATE 1 a$ A 1.2.3.4
$GENERATE 1-2/ a$ A 1.2.3.4
$GENERATE 1-2/1x a$ A 1.2.3.4
$GENERATE 0x1-0x2 a$ A 1.2.3.4
$GENERATE 1-2 a${1 A 1.2.3.4
$GENERATE 1-2 a${x} A 1.2.3.4
$GENERATE 1-2 a${1,2,d,4} A 1.2.3.4
$GENERATE 1-2 a${0,300} A 1.2.3.4
$GENERATE 1-2 a${0,3,N} A 1.2.3.4
$GENERATE 1-2 a$ SOA x
$GENERATE 1-2 a$ 1h A 1.2.3.$
$GENERATE 1-2 a$ IN 1h A 1.2.3.$
$GENERATE 1-2 a$ 1h IN A 1.2.3.$
$GENERATE 1-2 a$ 1h IN 1h A 1.2.3.$
$GENERATE 1-2 a$ AAAA 2001:db8::${0,4,x}
$GENERATE 1-2 "a$" A "1.2.3.$"
$GENERATE 1-2 a$ TXT "(x"
$GENERATE 1-2 a$ TXT ";x"
$GENERATE 1-2 a$$ A 1.2.3.4
$GENERATE 1-2 @ TXT $
$GENERATE 1-2 a$.example. CNAME a$.q.
$GENERATE 1-2 a CNAME b$
$GENERATE 3000000000-3000000001 a$ TXT x
$
$$ A 1.2.3.4
$TTLX 5
a ( ) A 1.2.3.4
a A ( 1.2.3.4
a )( A 1.2.3.4
a ; A 1.2.3.4
a A 1.2.3.4 ) (
a\(b A 1.2.3.4
a\"b A 1.2.3.4
a"b" A 1.2.3.4
a TXT \
a TXT "\
`

// TestOracleLines compares verdicts line by line.
func TestOracleLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "z")
	release := bindReleases(t)[0].release
	for line := range strings.Lines(oracleLines) {
		line = strings.TrimSuffix(line, "\n")
		if err := os.WriteFile(path, []byte(head+line+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		out, accepts := bind(t, "..", "named-checkzone", "example", path)
		r := Check(&hostFiles{}, Zone{Name: "example", Type: "primary", File: path, Checks: Checks{Release: release}})
		ours := r.Diagnostics.Errors() == 0
		known := differs(t.Name(), line, "")
		switch {
		case ours == accepts && known != nil:
			t.Errorf("%q is listed as a difference (%s), but there is none", line, known.reason)
		case ours != accepts && known == nil:
			t.Errorf("%q: we say %v, named-checkzone %v\n%s\nnamed-checkzone:\n%s", line, ours, accepts, found(r), out)
		}
	}
}
