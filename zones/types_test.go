package zones

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// TestTypes checks the table of types by itself: each has a layout unless it is
// for questions, and its name finds it.
func TestTypes(t *testing.T) {
	for i := range rrTypes {
		r := &rrTypes[i]
		if layoutOf(r.code, dns.ClassINET) == nil && !metaTypes[r.code] && r.code != dns.TypeA {
			t.Errorf("%s has no layout", r.name)
		}
		for _, word := range []string{r.name, strings.ToLower(r.name)} {
			if code, ok := typeOf([]byte(word)); !ok || code != r.code || typeName(code) != r.name {
				t.Errorf("%s is found as %d, %v", word, code, ok)
			}
		}
	}
	for word, want := range map[string]int{"TYPE1": 1, "type65535": 65535, "TYPE00002": 2, "TYPE65536": -1, "TYPE000002": -1, "TYPE": -1,
		"TYPE-1": -1, "": -1, "AA": -1, "NSEC3PARAMX": -1, "NSEC4": -1, "CH": -1, "\x00A": -1, "A\x00": -1} {
		if got, ok := typeOf([]byte(word)); ok != (want >= 0) || ok && int(got) != want {
			t.Errorf("%q is type %d, %v", word, got, ok)
		}
	}
	for word, want := range map[string]int{"IN": 1, "in": 1, "CH": 3, "Chaos": 3, "hs": 4, "HESIOD": 4, "ANY": 255, "NONE": 254,
		"CLASS12": 12, "class00001": 1, "CLASS65536": -1, "CLASS": -1, "I": -1, "A": -1, "RRSIG": -1, "reserved0": 0} {
		if got, ok := classOf([]byte(word)); ok != (want >= 0) || ok && int(got) != want {
			t.Errorf("%q is class %d, %v", word, got, ok)
		}
	}
}

// TestReleases checks what a release comes with.
func TestReleases(t *testing.T) {
	wallet := typesByCode[typeWALLET]
	for _, test := range []struct {
		r    release
		want bool
	}{
		{release{}, true}, {release{9, 16, 50}, false}, {release{9, 18, 30}, false}, {release{9, 18, 31}, true},
		{release{9, 20, 2}, false}, {release{9, 20, 3}, true}, {release{9, 21, 0}, true}, {release{8, 4, 7}, false}, {release{10, 0, 0}, true},
	} {
		if got := wallet.knownTo(test.r); got != test.want || unknownTo(test.r, typeWALLET) == got {
			t.Errorf("BIND %v knows WALLET: %v", test.r, got)
		}
	}
}

// TestCanonical checks which names in data become small letters: those of the
// types that RFC 4034 section 6.2 lists, NSEC no longer (RFC 6840 section 5.1).
func TestCanonical(t *testing.T) {
	const upper, small = "0141024243", "0161026263" // A.BC and a.bc without their end
	var m rrReader
	for line, want := range map[string]string{
		"NS A.BC.": small, "CNAME A.BC.": small, "DNAME A.BC.": small, "PTR A.BC.": small, "MX 1 A.BC.": small,
		"SOA A.BC. A.BC. 1 2 3 4 5": small, "MB A.BC.": small, "MG A.BC.": small, "MR A.BC.": small, "MINFO A.BC. A.BC.": small,
		"RP A.BC. A.BC.": small, "AFSDB 1 A.BC.": small, "RT 1 A.BC.": small, "PX 1 A.BC. A.BC.": small, "KX 1 A.BC.": small,
		"NXT A.BC. A": small, "SRV 0 0 0 A.BC.": small, "NAPTR 0 0 \"\" \"\" \"\" A.BC.": small, "A6 128 A.BC.": small,
		"RRSIG A 8 2 0 1 1 1 A.BC. AAAA": small, "SIG A 8 2 0 20300101000000 20300101000000 1 A.BC. AAAA": small,
		"NSEC A.BC. A": upper, "LP 1 A.BC.": upper, "TALINK A.BC. A.BC.": upper, "HTTPS 1 A.BC.": upper, "NSAP-PTR A.BC.": small,
		"IPSECKEY 1 3 0 A.BC. AAAA": upper, "AMTRELAY 1 0 3 A.BC.": upper, "DSYNC CDS 1 1 A.BC.": upper, "HIP 2 00 AAAA A.BC.": upper,
		"TXT \"\\001A\\002BC\"": upper,
	} {
		_, wire, wrong := readLine(&m, dns.ClassINET, line)
		text := hex.EncodeToString(wire)
		if n := strings.Count(text, upper) + strings.Count(text, small); wrong != "" || n == 0 || strings.Count(text, want) != n {
			t.Errorf("%s: %s %s", line, text, wrong)
		}
	}
}

// TestOwnWords checks that no text of the file gets into a message about data.
func TestOwnWords(t *testing.T) {
	var m rrReader
	for _, line := range expandCases(typeCases) {
		line += " zqzqzq"
		if _, _, wrong := readLine(&m, dns.ClassINET, line); strings.Contains(wrong, "zqzq") || strings.ContainsFunc(wrong, func(c rune) bool { return c < ' ' }) {
			t.Errorf("%s: %s", line, wrong)
		}
	}
}

// TestCaseless compares records whose names differ in case, of the types that
// BIND calls semantically identical.
func TestCaseless(t *testing.T) {
	lines := map[uint16]string{dns.TypeNSEC: "NSEC A.B. A", dns.TypeHIP: "HIP 2 00 AAAA A.B.", dns.TypeIPSECKEY: "IPSECKEY 1 3 0 A.B. AAAA",
		dns.TypeLP: "LP 1 A.B.", dns.TypeAMTRELAY: "AMTRELAY 1 0 3 A.B."}
	for rtype := range caseless {
		line := lines[rtype]
		var m, n rrReader
		_, upper, wrong := readLine(&m, dns.ClassINET, line)
		_, small, wrong2 := readLine(&n, dns.ClassINET, strings.Replace(line, "A.B.", "a.b.", 1))
		if wrong+wrong2 != "" || string(upper) == string(small) {
			t.Fatalf("%s: %s %s % x", line, wrong, wrong2, upper)
		}
		if foldNames(rtype, dns.ClassINET, upper); string(upper) != string(small) {
			t.Errorf("%s: % x is not % x", line, upper, small)
		}
	}
}
