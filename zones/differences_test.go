package zones

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// difference is a case on which we differ from BIND, and why that is left so.
//
// test is the test that compares the case, or shows what we do; name is the
// case there or a part of its line, what its words for docs/zones.md, release
// the series of BIND, "" for all.
type difference struct {
	test, name, release string
	what, reason        string
}

// knownDifferences are the differences that are left. One that a test does not
// meet any more fails that test.
var knownDifferences = []difference{
	// what BIND of some release reads otherwise
	{"TestOracleReleases", "SVCB 0 svc ", "9.16", "parameters of an SVCB record of priority 0", "9.16 takes none there; they mean nothing"},
	{"TestOracleReleases", "SVCB 0 svc ", "9.20", "parameters of an SVCB record of priority 0", "not read differently: check-svcb finds them"},
	{"TestOracleReleases", "dohpath=", "9.16", "the template of dohpath", "9.16 takes fewer templates of a path"},
	{"TestOracleReleases", "0007 0007", "9.16", "the template of dohpath, in generic form", "9.16 takes fewer templates of a path"},
	{"TestOracleReleases", "AMTRELAY 10 0 0 .", "9.16", "AMTRELAY without a relay", "9.16 takes no dot for no relay, and cannot read what it writes itself"},
	{"TestOracleReleases", "AMTRELAY 10 1 0 .", "9.16", "AMTRELAY without a relay, with the discovery bit", "9.16 takes no dot for no relay, and cannot read what it writes itself"},

	// what the corpus shows
	{"TestCorpus", "soa/bad-after-delegation-to-origin.db", "", "an SOA record behind a delegation to the origin", "named takes it for the address of its name server"},
	{"TestCorpus", "cname/bad-caa.db", "9.16", "a CAA record beside a CNAME record", "9.16 lets a type that it does not look for stand beside a CNAME; that is wrong all the same"},
	{"TestCorpus", "cname/bad-nxt-after.db", "9.16", "an NXT record beside a CNAME record", "9.16 lets a type that it does not look for stand beside a CNAME; that is wrong all the same"},
	{"TestCorpus", "cname/bad-unknown-type.db", "9.16", "a record of a type without a name beside a CNAME record", "9.16 lets a type that it does not look for stand beside a CNAME; that is wrong all the same"},
	{"TestCorpus", "limits/bad-set-too-large-apart.db", "9.16", "the same, with other records between", "9.16 loads record sets that no answer holds"},
	{"TestCorpus", "twice/good-case-rrsig-fail.db", "9.16", "RRSIG records that differ in the case of the signer, with check-dup-records fail", "9.16 takes them for two"},
	{"TestCorpus", "twice/good-case-rrsig-warn.db", "9.16", "RRSIG records that differ in the case of the signer, with check-dup-records warn", "9.16 takes them for two"},

	// what dnssec-verify lets pass
	{"TestDamages", "signed by a revoked key alone", "", "a record set that only a revoked key signs", "RFC 5011 section 2.1: a revoked key signs nothing but the DNSKEY records; dnssec-verify does not look at the flag there"},
	{"TestDamages", "a damaged key", "", "a DNSKEY record whose public key is damaged", "RFC 6605 section 4: a key has 64 bytes; dnssec-verify counts it as a key that stands by"},
	{"TestDamages", "NSEC3 at a name that is no hash", "", "an NSEC3 record at a name that is no hash", "RFC 5155 section 3: the owner is a hash; dnssec-verify skips records of other lengths"},
	{"TestDamages", "no NSEC3 of a delegation without DS", "", "a delegation without DS and NSEC3 records, and no opt-out", "RFC 5155 section 7.1: only opt-out excuses it; dnssec-verify never asks for the record. Resolvers cannot prove that there is no DS record"},
	{"TestDamages", "NSEC3PARAM with flags", "", "a zone whose only NSEC3PARAM record has flags", "the chain is then being made, and named uses none; dnssec-verify does not look whether another is left"},
	{"TestDamages", "CDS that takes away beside another", "", "a CDS record that takes all keys away beside another one", "named does not load the zone; dnssec-verify does not look at these records"},

	// bounds of ours
	{"TestHostileLines", "", "", "more than 64 MB without the end of a line or of a record", "no zone file has it; memory is bounded"},
	{"TestHostileIncludes", "", "", "$INCLUDE more than 100 deep, or more than 60000 times", "files that include each other twice double the work with each; named reads until it has no file left to open"},
	{"TestHostileGenerate", "", "", "$GENERATE of more than 16777216 records or 1 GB of text in one zone", "memory is bounded; named makes up to 2147483648 records for each line"},
	{"TestHostileFiles", "", "", "a file that grows by more than 64 MB while it is read", "reading must end"},
	{"TestSpecialFiles", "", "", "a zone file that is no regular file", "a FIFO or device could keep the check waiting"},
	{"TestHostileProof", "", "", "more than 100 DNSKEY records or 8 NSEC3 chains, when signatures are verified", "zones may be made to keep a verifier busy"},
}

// differs finds the difference that a case is listed with, nil for none.
func differs(test, name, release string) *difference {
	for i := range knownDifferences {
		d := &knownDifferences[i]
		if d.test == test && d.name != "" && strings.Contains(name, d.name) && (d.release == "" || d.release == release) {
			return d
		}
	}
	return nil
}

// TestDifferencesHaveTests looks for the test of each difference.
func TestDifferencesHaveTests(t *testing.T) {
	var all strings.Builder
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, d := range knownDifferences {
		if !strings.Contains(all.String(), "\nfunc "+d.test+"(") {
			t.Errorf("%s: no test %s", d.what, d.test)
		}
		if d.what == "" || d.reason == "" {
			t.Errorf("%s %s: what differs, and why?", d.test, d.name)
		}
	}
}
