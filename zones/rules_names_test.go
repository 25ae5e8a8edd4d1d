package zones

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// oddNames are owner names and targets that the parts of check-names judge
// differently.
var oddNames = []string{"a", "a-b", "-a", "a-", "a_b", "_a", "1", "*", "*.a", "a.*", "*a", "a.b_c", "A.B", `a\046b`, `a\032b`, `a\000`, `\195\164`,
	"gc._msdcs", "gc._msdcs.a_b", "x.gc._msdcs", "_spf.a", "a._spf.b", "_SPF_VERIFY.a", "x._spf_rate", "_spf", "a@b", "a_b.c", `a\127.b`,
	"b._dns-sd._udp", "lb._dns-sd._udp.x", "2T7B4G4VSA5SMI47K61MV5BV1A22BOJR", "2t", "2t7", "2u7b4", "w", "00"}

// nameLines are records with a place for an owner or a target.
var nameLines = []string{"%s A 192.0.2.9", "%s AAAA ::9", "%s A6 0 ::9", "%s WKS 192.0.2.9 tcp 25", "%s MX 1 ns", "%s MB ns", "%s MG ns", "%s MR ns",
	"%s TXT x", "%s CNAME ns", "%s NS ns", "%s SRV 1 1 1 ns", "%s PTR ns", "%s NSEC3 1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A", "%s HINFO a b", "%s SVCB 1 ns",
	"q MX 1 %s", "q MB %s", "q MG %s", "q MR %s", "q CNAME %s", "q DNAME %s", "q NS %s", "q PTR %s", "q MINFO %s ns", "q MINFO ns %s", "q RP %s .", "q RP . %s",
	"q AFSDB 1 %s", "q RT 1 %s", "q KX 1 %s", "q SRV 1 1 1 %s", "q SVCB 1 %s", "q SVCB 0 %s", "q HTTPS 1 %s", "q HTTPS 0 %s", "q LP 1 %s"}

// TestCheckNames compares what check-names refuses with named-checkzone, for
// every type that it looks at and every kind of name, in a zone of hosts and in
// one of addresses.
func TestCheckNames(t *testing.T) {
	dir := t.TempDir()
	z := example()
	z.Checks.NoIntegrity = true
	compared := 0
	for _, zone := range []string{"example", "2.0.192.in-addr.arpa"} {
		z.Name = zone
		for _, form := range nameLines {
			if zone != "example" && !strings.Contains(form, "PTR") && !strings.Contains(form, " A ") {
				continue
			}
			// One file for all names: the lines tell them apart.
			var lines []string
			for i, n := range oddNames {
				line := fmt.Sprintf(form, n)
				if strings.HasPrefix(line, "q ") {
					line = fmt.Sprintf("q%d %s", i, line[2:])
				}
				lines = append(lines, line)
			}
			text := head + strings.Join(lines, "\n") + "\n"
			write(t, dir, "z", text)
			for _, level := range []Level{Warn, Ignore} {
				z.Checks.Names = level
				out, _ := bind(t, dir, "named-checkzone", append(z.Checks.checkzone(), zone, "z")...)
				r := Check(memFiles{"z": text}, z)
				ours := map[int]bool{}
				for _, d := range r.Diagnostics {
					if d.Code == "NJ420" {
						ours[d.Line] = true
					}
				}
				for i, line := range lines {
					at := fmt.Sprintf("z:%d: ", i+5)
					theirs := false
					for _, said := range strings.Split(out, "\n") {
						theirs = theirs || strings.HasPrefix(said, at) && (strings.Contains(said, "bad owner name") || strings.Contains(said, "bad name"))
					}
					compared++
					if theirs != ours[i+5] {
						t.Errorf("zone %s, %q, level %v: named-checkzone complains: %v, we: %v", zone, line, levelWords[level], theirs, ours[i+5])
					}
				}
			}
		}
	}
	t.Logf("%d lines compared", compared)
}

func TestNameRules(t *testing.T) {
	fail, none := Checks{Names: Fail}, Checks{Names: Ignore}
	runRules(t, []ruleTest{
		{name: "owner", lines: "a_b A 192.0.2.2\na_b AAAA ::2\n", want: "5 w NJ420, 6 w NJ420", named: "z:5: a_b.example: bad owner name"},
		{name: "owner, fail", lines: "a_b A 192.0.2.2\n", checks: fail, want: "5 e NJ420"},
		{name: "owner, ignore", lines: "a_b A 192.0.2.2\n", checks: none},
		{name: "data", lines: "a MX 1 b_c.\n", want: "5 w NJ420", named: "z:5: warning: b_c: bad name"},
		{name: "data, fail", lines: "a MX 1 b_c.\n", checks: fail, want: "5 e NJ420"},
		{name: "data, ignore", lines: "a MX 1 b_c.\n", checks: none},
		{name: "SOA", head: "$TTL 5\n@ SOA a_b. c.d_e. 1 3600 600 86400 300\n@ NS ns.\n", checks: fail, want: "2 e NJ420"},
		{name: "mailbox", head: "$TTL 5\n@ SOA a. c_d.e. 1 3600 600 86400 300\n@ NS ns.\n", checks: fail},
		{name: "hosts of CH", head: "$TTL 5\n@ SOA a. b. 1 3600 600 86400 300\n@ NS ns.\n", lines: "a_b A c. 1\na_b MX 1 c.\n", class: "CH", checks: fail, want: "5 e NJ420"},
		{name: "hash", lines: "wxyz NSEC3 1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A\n", want: "5 e NJ420"},
		{name: "hash, ignore", lines: "wxyz NSEC3 1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A\n", checks: none},
	})
}

// TestNamesOfRaw checks that names are not looked at in raw files, as named
// does not.
func TestNamesOfRaw(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "z", head+"a_b A 192.0.2.2\nb.*.c A 192.0.2.2\n")
	if out, ok := bind(t, dir, "named-compilezone", "-k", "ignore", "-F", "raw", "-o", "raw", "example", "z"); !ok {
		t.Fatal(out)
	}
	z := example()
	z.File, z.Format, z.Checks.Names = "raw", "raw", Fail
	if r := Check(&hostFiles{dir: dir}, z); len(r.Diagnostics) > 0 {
		t.Errorf("%s", found(r))
	}
	if out, ok := bind(t, dir, "named-checkzone", "-f", "raw", "-k", "fail", "-W", "warn", "example", "raw"); !ok || strings.Contains(out, "bad") || strings.Contains(out, "wildcard") {
		t.Errorf("named-checkzone: %s", out)
	}
}

func TestArticle(t *testing.T) {
	for typ, want := range map[uint16]string{dns.TypeA: "an A", dns.TypeMX: "an MX", dns.TypeTXT: "a TXT", dns.TypeLOC: "a LOC", dns.TypeRP: "an RP", dns.TypePTR: "a PTR"} {
		if got := article(typeName(typ)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
