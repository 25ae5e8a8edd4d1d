package zones

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// foldLines are records with names in their data; @ stands for a name that is
// in lower case in one record and in upper case in the other.
var foldLines = []string{"NS @", "MX 1 @", "PTR @", "SRV 1 1 1 @", "AFSDB 1 @", "RT 1 @", "KX 1 @", "PX 1 @ x.test.", "PX 1 x.test. @", "RP @ x.test.",
	"RP x.test. @", "MINFO @ x.test.", "MINFO x.test. @", "MB @", "MG @", "MR @", "NSAP-PTR @", "NAPTR 1 1 \"\" \"\" \"\" @", "NAPTR 1 1 \"S\" \"sip\" \"\" @", "LP 1 @",
	"HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdx @", "HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdx x.test. @", "AMTRELAY 1 0 3 @",
	"NSEC @ A", "SVCB 1 @", "HTTPS 1 @", "TALINK @ .", "URI 1 1 \"@\"", "TXT @", "CAA 0 issue \"@\"", "RRSIG A 8 2 3600 20990101000000 20200101000000 1 @ AAAA"}

// TestFolded compares what we say of records that differ in the case of a name
// with named-checkzone's check-dup-records, and our count with what named keeps.
func TestFolded(t *testing.T) {
	dir := t.TempDir()
	for _, form := range foldLines {
		text := head + "a " + strings.ReplaceAll(form, "@", "ab.test.") + "\na " + strings.ReplaceAll(form, "@", "AB.test.") + "\n"
		write(t, dir, "z", text)
		z := example()
		z.Checks = Checks{Names: Ignore, Duplicates: Fail, NoIntegrity: true}
		out, accepts := bind(t, dir, "named-checkzone", append(z.Checks.checkzone(), "example", "z")...)
		r := Check(memFiles{"z": text}, z)
		if ours := r.Diagnostics.Errors() == 0; ours != accepts {
			t.Errorf("%s: named-checkzone accepts: %v, we: %v\n%s%s", form, accepts, ours, out, found(r))
		}
		out, ok := bind(t, dir, "named-compilezone", "-i", "none", "-k", "ignore", "-o", "-", "example", "z")
		if !ok {
			continue // a singleton
		}
		kept := 0
		for _, line := range strings.Split(out, "\n") {
			if strings.HasPrefix(line, "a.example.") {
				kept++
			}
		}
		if r.Records != 3+kept {
			t.Errorf("%s: named keeps %d, we count %d\n%s%s", form, kept, r.Records-3, out, found(r))
		}
	}
}

func TestRepeatRules(t *testing.T) {
	lp := "a LP 1 ab.test.\na LP 1 AB.test.\n"
	runRules(t, []ruleTest{
		{name: "plain", lines: "a A 192.0.2.1\na A 192.0.2.2\na A 192.0.2.1\n", want: "7 w NJ425"},
		{name: "plain, ignore", lines: "a A 192.0.2.1\na A 192.0.2.1\n", checks: Checks{Duplicates: Ignore}},
		{name: "plain, fail", lines: "a A 192.0.2.1\na A 192.0.2.1\n", checks: Checks{Duplicates: Fail}, want: "6 w NJ425"},
		{name: "merged", lines: "_a._tcp SRV 1 1 1 NS\n_a._tcp SRV 1 1 1 ns\n", checks: Checks{Duplicates: Fail}, want: "6 w NJ425"},
		{name: "kept", lines: lp, want: "6 w NJ425", named: "a.example/LP has semantically identical records"},
		{name: "kept, fail", lines: lp, checks: Checks{Duplicates: Fail}, want: "6 e NJ425", named: "semantically identical"},
		{name: "kept, ignore", lines: lp, checks: Checks{Duplicates: Ignore}},
		{name: "text", lines: "a TXT x\na TXT X\n"},
		{name: "large", lines: "a TYPE999 \\# 65000 " + strings.Repeat("00", 65000) + "\na TYPE999 \\# 600 " + strings.Repeat("00", 600) + "\n", want: "6 e NJ448", named: "ran out of space"},
		{name: "large, apart", lines: "a TYPE999 \\# 40000 " + strings.Repeat("00", 40000) + "\na TYPE998 \\# 40000 " + strings.Repeat("00", 40000) + "\n"},
		{name: "large, twice", lines: strings.Repeat("a TYPE999 \\# 40000 "+strings.Repeat("00", 40000)+"\n", 2), want: "6 w NJ425"},
	})
}

func TestTTLRules(t *testing.T) {
	low := Checks{MaxTTL: 100}
	head := "$TTL 100\n@ SOA ns.test. b 1 3600 600 86400 300\n@ NS ns.test.\n"
	runRules(t, []ruleTest{
		{name: "sound", head: head, lines: "a A 192.0.2.1\n", checks: low},
		{name: "no bound", head: head, lines: "a 9999 A 192.0.2.1\n"},
		{name: "above", head: head, lines: "a 101 A 192.0.2.1\nb 102 TXT x\n", checks: low, want: "4 e NJ426, 5 e NJ426", named: "z:4: TTL 101 exceeds configured max-zone-ttl 100"},
		{name: "takes the first", head: head, lines: "a 100 A 192.0.2.1\na 101 A 192.0.2.2\n", checks: low, want: "5 w NJ424", named: "TTL set to prior TTL"},
		{name: "apart", head: head, lines: "a 100 A 192.0.2.1\nb A 192.0.2.1\na 101 A 192.0.2.2\n", checks: low, want: "6 w NJ424, 6 e NJ426"},
		{name: "default", head: "$TTL 101\n@ SOA ns.test. b 1 3600 600 86400 300\n", lines: "@ 100 NS ns.test.\n", checks: low, want: "2 e NJ426"},
		{name: "differing", head: head, lines: "a 1 A 192.0.2.1\na 2 A 192.0.2.2\na 2 TXT x\n", want: "5 w NJ424", named: "z:5: TTL set to prior TTL (1)"},
	})
}

// TestLimits checks max-records-per-type and max-types-per-name, which
// named-checkzone does not know; TestLimitsOfNamed compares them.
func TestLimits(t *testing.T) {
	for _, test := range limitTests() {
		z := example()
		z.Checks.MaxRecordsPerType, z.Checks.MaxTypesPerName = test.records, test.types
		r := Check(memFiles{"z": head + test.lines}, z)
		if got := strings.Count(found(r), "NJ448"); (got > 0) != test.bad || r.Diagnostics.Errors() > 0 != test.bad {
			t.Errorf("%s: %d findings NJ448\n%s", test.name, got, found(r))
		}
	}
}

type limitTest struct {
	name           string
	records, types int
	lines          string
	bad            bool
}

func limitTests() []limitTest {
	var five, signed strings.Builder
	for i := range 5 {
		fmt.Fprintf(&five, "a A 192.0.2.%d\n", i)
		fmt.Fprintf(&signed, "a RRSIG %s 8 2 3600 20990101000000 20200101000000 1 example. AAAA\n", []string{"A", "TXT", "MX", "AAAA", "HINFO"}[i])
	}
	return []limitTest{
		{"five of five", 5, 0, five.String(), false},
		{"five of four", 4, 0, five.String(), true},
		{"no bound", 0, 0, five.String(), false},
		{"one twice, bound of one", 1, 0, "a A 192.0.2.1\na A 192.0.2.1\n", true},
		{"signatures of five types", 1, 0, signed.String(), false},
		{"two signatures of a type", 1, 0, strings.ReplaceAll(signed.String(), "TXT", "A"), true},
		{"two types of two", 0, 2, "a A 192.0.2.1\na TXT x\n", false},
		{"three types of two", 0, 2, "a A 192.0.2.1\na TXT x\na AAAA ::1\n", true},
		{"a signature is a type", 0, 2, "a A 192.0.2.1\na TXT x\n" + signed.String()[:strings.IndexByte(signed.String(), '\n')+1], true},
		{"at the origin", 0, 2, "", false},
		{"at the origin, one more", 0, 2, "@ TXT x\n", true},
		{"records of the origin", 1, 0, "@ NS ns.test.\n", true},
	}
}

// TestLimitsOfNamed compares TestLimits' verdicts with what a named says that
// loads the zones.
func TestLimitsOfNamed(t *testing.T) {
	dir := t.TempDir()
	var conf strings.Builder
	fmt.Fprintf(&conf, "options { directory \"%s\"; listen-on { none; }; listen-on-v6 { none; }; pid-file none; recursion no; notify no; session-keyfile none; };\ncontrols { };\n", dir)
	tests := limitTests()
	for i, test := range tests {
		name := fmt.Sprintf("z%d", i)
		write(t, dir, name, head+test.lines)
		fmt.Fprintf(&conf, "zone \"%s.example\" { type primary; file \"%s\"; max-records-per-type %d; max-types-per-name %d; };\n", name, name, test.records, test.types)
	}
	file := write(t, dir, "named.conf", conf.String())
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "named", "-g", "-4", "-n", "1", "-c", file)
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("named cannot be run, install BIND: %v", err)
	}
	loaded := map[string]bool{}
	seen := 0
	var log strings.Builder
	for s := bufio.NewScanner(out); seen < len(tests) && s.Scan(); {
		log.WriteString(s.Text() + "\n")
		var name string
		if _, rest, found := strings.Cut(s.Text(), "zone z"); found {
			name, _, _ = strings.Cut("z"+rest, ".")
			switch {
			case strings.Contains(rest, "loaded serial"):
				loaded[name] = true
				seen++
			case strings.Contains(rest, "not loaded due to errors"):
				seen++
			}
		}
	}
	cmd.Process.Kill()
	cmd.Wait()
	if seen < len(tests) {
		t.Fatalf("named tells of %d zones only:\n%s", seen, log.String())
	}
	for i, test := range tests {
		if loaded[fmt.Sprintf("z%d", i)] == test.bad {
			t.Errorf("%s: named loads it: %v\n%s", test.name, test.bad, log.String())
		}
	}
}
