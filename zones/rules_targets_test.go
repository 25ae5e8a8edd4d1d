package zones

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTargetRules(t *testing.T) {
	runRules(t, []ruleTest{
		{name: "MX sound", lines: "@ MX 1 mail\nmail A 192.0.2.2\n@ MX 2 mail6\nmail6 AAAA ::2\n@ MX 3 far.test.\n"},
		{name: "MX none", lines: "@ MX 0 .\n"},
		{name: "MX without address", lines: "@ MX 1 mail\nmail TXT x\n", want: "5 w NJ421", named: "example/MX 'mail.example' has no address records"},
		{name: "MX without address, fail", lines: "@ MX 1 mail\n", checks: Checks{MX: Fail}, want: "5 e NJ421"},
		{name: "MX without address, ignore", lines: "@ MX 1 mail\n", checks: Checks{MX: Ignore}, want: "5 w NJ421", named: "has no address records"},
		{name: "no integrity", lines: "@ MX 1 mail\nsub NS ns.sub\n", checks: Checks{NoIntegrity: true, MX: Fail}},
		{name: "MX empty name", lines: "@ MX 1 b\na.b A 192.0.2.2\n", want: "5 w NJ421"},
		{name: "MX by wildcard", lines: "@ MX 1 mail\n* A 192.0.2.2\n"},
		{name: "MX beside wildcard", lines: "@ MX 1 mail.b\n* A 192.0.2.2\nb A 192.0.2.3\n", want: "5 w NJ421"},
		{name: "MX by wildcard, text", lines: "@ MX 1 mail\n* TXT x\n", want: "5 w NJ421"},
		{name: "MX CNAME", lines: "@ MX 1 mail\nmail CNAME ns\n", want: "5 w NJ422", named: "is a CNAME (illegal)"},
		{name: "MX CNAME, fail", lines: "@ MX 1 mail\nmail CNAME ns\n", checks: Checks{MXCNAME: Fail}, want: "5 e NJ422"},
		{name: "MX CNAME, ignore", lines: "@ MX 1 mail\nmail CNAME ns\n", checks: Checks{MXCNAME: Ignore}},
		{name: "MX DNAME", lines: "@ MX 1 mail.d\nd DNAME x.test.\n", want: "5 w NJ422", named: "below a DNAME"},
		{name: "MX DNAME, fail", lines: "@ MX 1 mail.d\nd DNAME x.test.\n", checks: Checks{MXCNAME: Fail}, want: "5 e NJ422"},
		{name: "MX at DNAME", lines: "@ MX 1 d\nd DNAME x.test.\n", want: "5 w NJ421"},
		{name: "MX delegated", lines: "@ MX 1 mail.sub\nsub NS x.test.\n"},
		{name: "MX address", lines: "@ MX 1 192.0.2.9.\n", want: "5 w NJ442", named: "z:5: warning: '192.0.2.9.': MX is an address"},
		{name: "MX address, relative, fail", lines: "@ MX 1 192.0.2.9\n", checks: Checks{MX: Fail}, want: "5 e NJ421, 5 e NJ442", named: "MX is an address"},
		{name: "MX address, ignore", lines: "@ MX 1 192.0.2.9.\n", checks: Checks{MX: Ignore}},
		{name: "MX address 6, fail", lines: "@ MX 1 2001:db8::1.\n", checks: Checks{MX: Fail, Names: Ignore}, want: "5 e NJ442", named: "MX is an address"},
		{name: "MX address written out, fail", lines: "@ MX 1 192.0.2.9.example.\n192.0.2.9 A 192.0.2.9\n", checks: Checks{MX: Fail}},
		{name: "MX hidden", lines: "sub NS x.test.\nsub MX 1 gone\na.sub MX 1 gone\n", checks: Checks{MX: Fail}, want: "6 w NJ430, 7 w NJ430"},
		{name: "SRV", lines: "_a._tcp SRV 0 0 1 gone\n_b._tcp SRV 0 0 1 c\nc CNAME ns\n_d._tcp SRV 0 0 0 .\n_E._tcp SRV 0 0 1 NS\n", want: "5 w NJ421, 6 w NJ422"},
		{name: "SRV CNAME, fail", lines: "_b._tcp SRV 0 0 1 c\nc CNAME ns\n", checks: Checks{SRVCNAME: Fail}, want: "5 e NJ422"},
		{name: "SRV CNAME, ignore", lines: "_b._tcp SRV 0 0 1 c\nc CNAME ns\n", checks: Checks{SRVCNAME: Ignore}},
		{name: "SRV without address, all fail", lines: "_a._tcp SRV 0 0 1 gone\n", checks: Checks{SRVCNAME: Fail, MX: Fail, MXCNAME: Fail}, want: "5 w NJ421", named: "_a._tcp.example/SRV 'gone.example' has no address"},
		{name: "HTTPS", lines: "a HTTPS 1 gone\nb HTTPS 1 c\nc CNAME ns\nd HTTPS 1 .\ne HTTPS 0 x.test.\n", want: "5 w NJ421"},
		{name: "MX of CH", head: "$TTL 5\n@ SOA a. b. 1 3600 600 86400 300\n@ NS ns.\n", lines: "@ MX 1 gone\n", class: "CH", checks: Checks{MX: Fail}, want: "4 e NJ421"},
		{name: "SPF type", lines: "@ SPF \"v=spf1 -all\"\n", want: "5 w NJ427", named: "no SPF TXT record found"},
		{name: "SPF type, other text", lines: "@ SPF \"v=spf1 -all\"\n@ TXT \"v=spf10\"\n", want: "5 w NJ427", named: "no SPF TXT record found"},
		{name: "SPF type and TXT", lines: "@ SPF \"v=spf1 -all\"\n@ TXT \"v=sp\" \"f1 -all\"\n"},
		{name: "SPF type, ignore", lines: "@ SPF \"v=spf1 -all\"\n", checks: Checks{SPF: Ignore}},
	})
}

func TestGlueRules(t *testing.T) {
	runRules(t, []ruleTest{
		{name: "sound", lines: "sub NS ns.sub\nns.sub A 192.0.2.2\nsub NS ns6.sub\nns6.sub AAAA ::2\nsub NS ns\nsub NS x.test.\n"},
		{name: "at the cut", lines: "sub NS sub\nsub A 192.0.2.2\n"},
		{name: "required", lines: "sub NS ns.sub\n", want: "5 w NJ423", named: "has no REQUIRED GLUE address records"},
		{name: "required, no sibling", lines: "sub NS ns.sub\n", checks: Checks{NoSibling: true}, want: "5 w NJ423"},
		{name: "sibling", lines: "sub NS ns.other\nother NS x.test.\n", want: "5 w NJ423", named: "has no SIBLING GLUE address records"},
		{name: "sibling there", lines: "sub NS ns.other\nother NS x.test.\nns.other A 192.0.2.2\n"},
		{name: "in the zone", lines: "sub NS gone\n", want: "5 w NJ423", named: "has no address records"},
		{name: "CNAME", lines: "sub NS c\nc CNAME ns\n", want: "5 w NJ422", named: "sub.example/NS 'c.example' is a CNAME"},
		{name: "CNAME below the cut", lines: "sub NS c.sub\nc.sub CNAME ns\n", want: "5 w NJ423, 6 w NJ430", named: "REQUIRED GLUE"},
		{name: "DNAME", lines: "sub NS c.d\nd DNAME x.test.\n", want: "5 w NJ422", named: "sub.example/NS 'c.d.example' is below a DNAME"},
		{name: "hidden cut", lines: "sub NS x.test.\na.sub NS gone\n", want: "6 w NJ430"},
		{name: "apex, CNAME", lines: "@ NS c\nc CNAME ns\n", want: "5 e NJ415", named: "NS 'c.example' is a CNAME"},
		{name: "apex, DNAME", lines: "@ NS c.d\nd DNAME x.test.\n", want: "5 e NJ415"},
		{name: "apex, wildcard", lines: "@ NS c\n* A 192.0.2.3\n"},
		{name: "apex, gone, no integrity", lines: "@ NS c\n", checks: Checks{NoIntegrity: true}, want: "5 e NJ415"},
		{name: "apex, delegated", lines: "@ NS c.sub\nsub NS c.sub\nc.sub A 192.0.2.3\n"},
		{name: "apex, delegated, no glue", lines: "@ NS c.sub\nsub NS x.test.\n", want: "5 w NJ423"},
		{name: "apex DNAME", head: "$TTL 5\n@ SOA a. b. 1 3600 600 86400 300\n@ NS ns.test.\n@ DNAME x.test.\n", lines: "a NS gone\nb MX 1 gone\n", want: "5 w NJ430, 6 w NJ430"},
		{name: "NS address", lines: "@ NS 192.0.2.9.\n", want: "5 w NJ442", named: "appears to be an address"},
	})
}

func TestCutRules(t *testing.T) {
	runRules(t, []ruleTest{
		{name: "wildcard NS", lines: "*.a NS x.test.\n", want: "5 e NJ428", named: "invalid NS owner name (wildcard)"},
		{name: "wildcard NSEC3", lines: "* NSEC3 1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A\n", checks: Checks{Names: Ignore}, want: "5 e NJ428", named: "*.example: invalid NSEC3 owner name"},
		{name: "wildcard DNAME", lines: "* DNAME x.test.\n", want: "5 w NJ428"},
		{name: "wildcard", lines: "* A 192.0.2.1\n* MX 1 ns\n*a CNAME ns\n"},
		{name: "asterisk inside", lines: "a.*.b TXT x\n", want: "5 w NJ429", named: "non-terminal wildcard"},
		{name: "asterisk inside, ignore", lines: "a.*.b TXT x\n", checks: Checks{NoWildcard: true}},
		{name: "asterisk of the zone", zone: "*.example", head: "$TTL 5\n@ SOA a. b. 1 3600 600 86400 300\n", lines: "@ NS x.test.\n", want: "3 e NJ428", named: "invalid NS owner name"},
		{name: "below DNAME", lines: "d DNAME x.test.\na.d A 192.0.2.2\nd TXT x\n", want: "6 w NJ430"},
		{name: "below NS", lines: "sub NS ns.sub\nns.sub A 192.0.2.2\nother.sub A 192.0.2.2\na.sub TXT x\nsub DS 1 8 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A\n", want: "7 w NJ430, 8 w NJ430"},
		{name: "beside NS", lines: "sub NS x.test.\nsub TXT x\nsub DNAME x.test.\n", want: "6 w NJ430"},
		{name: "glue of another", lines: "a NS ns.b\nb NS x.test.\nns.b A 192.0.2.2\n"},
		{name: "outside", lines: "a_b.test. A 192.0.2.1\na.*.test. TXT x\n", want: "5 w NJ420, 5 w NJ406, 6 w NJ429, 6 w NJ406", named: "z:5: a_b.test: bad owner name"},
		{name: "outside, fail", lines: "x.test. MX 1 a_b.\n", checks: Checks{Names: Fail}, want: "5 e NJ420, 5 w NJ406"},
		{name: "generated", lines: "$GENERATE 1-2 a_$ A 192.0.2.$\n$GENERATE 1-2 a.*.b$ TXT x\nq TXT x\n", checks: Checks{Names: Fail, MX: Fail}},
	})
}

// TestManyRecords checks that no rule takes the square of the records of one
// owner, of the name servers of one cut, or of the signatures of one name.
func TestManyRecords(t *testing.T) {
	const many = 200000
	builds := map[string]func(i int) string{
		"addresses": func(i int) string { return fmt.Sprintf("a A 10.%d.%d.%d\n", i>>16, i>>8&255, i&255) },
		"servers":   func(i int) string { return fmt.Sprintf("sub NS ns%d.sub\n", i) },
		"mail":      func(i int) string { return fmt.Sprintf("@ MX 1 mail%d\n", i) },
		"text":      func(i int) string { return fmt.Sprintf("@ TXT \"v=spf1 a:a%d.example -all\"\n", i) },
		"services":  func(i int) string { return fmt.Sprintf("a SRV 1 1 %d NS\n", i&0xffff) },
		"below":     func(i int) string { return fmt.Sprintf("a%d.sub A 192.0.2.1\n", i) },
		"deep":      func(i int) string { return strings.Repeat("a.", 100) + fmt.Sprintf("b%d.sub TXT x\n", i%1000) },
		"signatures": func(i int) string {
			return fmt.Sprintf("a RRSIG TYPE%d 8 2 3600 20990101000000 20200101000000 1 example. AAAA\n", 300+i%60000)
		},
	}
	for name, build := range builds {
		n := many
		if name == "services" || name == "signatures" {
			n = many / 8 // read slowly
		}
		var b strings.Builder
		b.WriteString(head + "sub NS ns\n")
		for i := range n {
			b.WriteString(build(i))
		}
		z := example()
		z.Checks = Checks{MaxRecordsPerType: 1e9, MaxTypesPerName: 1e9, MaxTTL: 3599}
		start := time.Now()
		r := Check(memFiles{"z": b.String()}, z)
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%s: %v for %d records", name, took, n)
		} else {
			t.Logf("%s: %v, %d findings", name, took, len(r.Diagnostics))
		}
	}
}
