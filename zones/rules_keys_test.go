package zones

import (
	"strings"
	"testing"
)

const (
	aDigest = "D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A"
	aSHA1   = "D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4"
	aKey    = "AwEAAcMnWBKLuvG/LwnPVykcmpvnntwxfshHlHRhlY0F3oz8AMcuF8gw9Mj9NdyZSzRGbWBVRxnrqBn+PNEeTHm7WL0="
)

func TestKeyRules(t *testing.T) {
	runRules(t, []ruleTest{
		{name: "sound", lines: "sub NS x.test.\nsub DS 1 8 2 " + aDigest + "\n@ DNSKEY 256 3 8 " + aKey + "\n@ CDS 1 8 2 " + aDigest + "\n@ CDNSKEY 256 3 8 " + aKey + "\na KEY 256 3 8 " + aKey + "\n"},
		{name: "DS digest", lines: "sub NS x.test.\nsub DS 1 8 1 " + aSHA1 + "\nsub DS 2 8 1 " + aSHA1 + "\n", want: "6 w NJ444", named: "deprecated digest type 1 (SHA-1)"},
		{name: "DS algorithm", lines: "sub NS x.test.\nsub DS 1 5 2 " + aDigest + "\nsub DS 1 7 2 " + aDigest + "\n", want: "6 w NJ444, 7 w NJ444", named: "deprecated algorithm 5 (RSASHA1)"},
		{name: "DNSKEY", lines: "@ DNSKEY 256 3 5 " + aKey + "\n@ DNSKEY 257 3 5 " + aKey + "\n@ DNSKEY 256 3 13 " + aKey + "\n", want: "5 w NJ444", named: "deprecated DNSKEY algorithm found: 5 (RSASHA1)"},
		{name: "DNSKEY below", lines: "a DNSKEY 256 3 8 " + aKey + "\n", want: "5 w NJ446"},
		{name: "exponent", lines: "@ DNSKEY 256 3 8 AQPDJ1gSi7rxvy8Jz1cpHJqb557cMX7IR5R0YZWNBd6M/ADHLhfIMPTI/TXcmUs0Rm1gVUcZ66gZ/jzRHkx5u1i9\n", want: "5 w NJ444", named: "weak RSASHA256 (8) key found (exponent=3"},
		{name: "KEY", lines: "a KEY 256 3 5 " + aKey + "\na KEY 49152 3 5\n", want: "5 w NJ444", named: "a.example/KEY deprecated algorithm 5"},
		{name: "old", lines: "a NXT b A\nb NXT c A\n", want: "5 w NJ444", named: "old style DNSSEC"},
		{name: "DS at the origin", lines: "@ DS 1 8 2 " + aDigest + "\n", want: "5 e NJ439", named: "z:5: DS record at top of zone"},
		{name: "DS without NS", lines: "a DS 1 8 2 " + aDigest + "\nsub NS x.test.\nb.sub DS 1 8 2 " + aDigest + "\n", want: "5 w NJ439, 7 w NJ430"},
		{name: "CDS without key", lines: "@ CDS 1 8 2 " + aDigest + "\n", want: "5 e NJ439", named: "CDS/CDNSKEY consistency checks failed"},
		{name: "CDS of another algorithm", lines: "@ CDS 1 13 2 " + aDigest + "\n@ CDS 1 8 2 " + aDigest + "\n@ DNSKEY 256 3 8 " + aKey + "\n", want: "5 e NJ439"},
		{name: "CDS that removes", lines: "@ CDS 0 0 0 00\n@ CDNSKEY 0 3 0 AA==\n"},
		{name: "CDS that removes, and another", lines: "@ CDS 0 0 0 00\n@ CDS 1 8 2 " + aDigest + "\n@ DNSKEY 256 3 8 " + aKey + "\n", want: "6 e NJ439"},
		{name: "CDNSKEY without key", lines: "@ CDNSKEY 256 3 8 " + aKey + "\n", want: "5 e NJ439"},
		{name: "CDNSKEY of another algorithm", lines: "@ CDNSKEY 256 3 13 " + aKey + "\n@ DNSKEY 256 3 8 " + aKey + "\n", want: "5 e NJ439"},
		{name: "CDS digest", lines: "@ CDS 1 8 1 " + aSHA1 + "\n@ DNSKEY 256 3 8 " + aKey + "\n", want: "5 w NJ444", named: "deprecated CDS digest type 1"},
		{name: "CDS below", lines: "a CDS 1 8 2 " + aDigest + "\n"},
		{name: "NSEC3 parameters", lines: "@ NSEC3PARAM 1 0 0 -\n"},
		{name: "NSEC3 hash", lines: "@ NSEC3PARAM 2 0 0 -\n", want: "5 e NJ445", named: "no supported nsec3 hash algorithm"},
		{name: "NSEC3 hash beside another", lines: "@ NSEC3PARAM 2 0 0 -\n@ NSEC3PARAM 1 0 0 -\n", want: "5 w NJ445", named: "unsupported nsec3 hash algorithm: 2"},
		{name: "NSEC3 iterations", lines: "@ NSEC3PARAM 1 0 151 -\n", want: "5 w NJ444", named: "excessive NSEC3PARAM iterations 151"},
		{name: "NSEC3 and a key of NSEC", lines: "@ NSEC3PARAM 1 0 0 -\n@ DNSKEY 256 3 5 " + aKey + "\n", want: "5 w NJ445, 6 w NJ444"},
	})
}

// TestKeyRulesOfCopies checks that what named looks at in primary zones only is
// not looked at in copies.
func TestKeyRulesOfCopies(t *testing.T) {
	z := example()
	z.Type, z.Format = "secondary", "text"
	z.Checks = Checks{Names: Fail, MX: Fail, MXCNAME: Fail, SRVCNAME: Fail, Duplicates: Fail}
	r := Check(memFiles{"z": head + "@ NS gone\n@ MX 1 gone\n@ CDS 1 8 2 " + aDigest + "\nsub NS ns.sub\n@ SPF x\n@ TXT \"v=spf1 foo\"\na.*.b TXT x\n@ DS 1 8 2 " + aDigest + "\n"}, z)
	if len(r.Diagnostics) > 0 {
		t.Errorf("%s", found(r))
	}
	r = Check(memFiles{"z": head + "a_b A 192.0.2.1\n* NS ns\n"}, z)
	if r.Diagnostics.Errors() > 0 || strings.Count(found(r), "named transfers the zone again") == 0 && len(r.Diagnostics) != 2 {
		t.Errorf("%s", found(r))
	}
}

// TestDSWithoutDelegation checks what named 9.20 refuses and older ones do not.
func TestDSWithoutDelegation(t *testing.T) {
	text := head + "a DS 1 8 2 " + aDigest + "\n"
	for _, test := range []struct {
		checks Checks
		errors int
	}{{Checks{Release: [3]int{9, 20, 1}}, 1}, {Checks{}, 1}, {Checks{Release: [3]int{9, 18, 49}}, 0}, {Checks{Release: [3]int{9, 20, 1}, NoIntegrity: true}, 0}} {
		z := example()
		z.Checks = test.checks
		if r := Check(memFiles{"z": text}, z); r.Diagnostics.Errors() != test.errors || len(r.Diagnostics) != 1 {
			t.Errorf("%+v: %s", test.checks, found(r))
		}
	}
}
