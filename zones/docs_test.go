package zones

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"named-jail/parser"
)

// page is the file that documents the checks; NAMED_JAIL_DOCS=write writes it.
const page = "../docs/zones.md"

// documented is one row of the page: what is looked for, the statement that
// decides about it ("" for none), and where it is said that it is wrong.
type documented struct {
	code           parser.Code
	what           string
	option, source string
}

// sections are the parts of the page.
var sections = []struct {
	title string
	rows  []documented
}{
	{"The file and how it is read", []documented{
		{"NJ401", "a zone file that is not there or cannot be read", "file", "BIND, lib/dns/zone.c"},
		{"NJ418", "a zone file that the account of the check may not read", "", ""},
		{"NJ402", "text that named cannot read, a damaged raw file", "", "RFC 1035 section 5.1; BIND, lib/dns/master.c, lib/isc/lex.c"},
		{"NJ408", "an `$INCLUDE` file that is missing or cannot be read", "directory", "RFC 1035 section 5.1"},
		{"NJ410", "an `$INCLUDE` of a file that is being read", "", "named reads on until it has no file left to open"},
		{"NJ413", "bounds: entries, `$INCLUDE`, `$GENERATE`, errors of one zone", "", "see the differences below"},
		{"NJ409", "text where named reads raw, raw where it reads text, map", "masterfile-format", "ARM, masterfile-format"},
		{"NJ411", "a record of another class than the zone's", "", "BIND, lib/dns/master.c"},
		{"NJ406", "an owner name outside the zone; named leaves the record out", "", "BIND, lib/dns/master.c"},
		{"NJ416", "a TTL that is not written, or above 2147483647", "", "RFC 2181 section 8, RFC 2308 section 4"},
		{"NJ426", "a TTL above the bound of the zone", "max-zone-ttl, dnssec-policy", "ARM, max-zone-ttl"},
		{"NJ448", "more records or types at one name than named loads, or a record set larger than an answer", "max-records-per-type, max-types-per-name", "BIND, lib/dns/rdataslab.c"},
	}},
	{"Records that a zone must have, and must not", []documented{
		{"NJ403", "no SOA record at the origin", "", "RFC 1035 section 5.2"},
		{"NJ404", "two different SOA records", "", "RFC 1035 section 5.2"},
		{"NJ417", "an SOA record below the origin", "", "BIND, lib/dns/master.c"},
		{"NJ405", "no NS record at the origin; hints without a root server", "", "RFC 1035 section 5.2"},
		{"NJ407", "a CNAME record beside other data, or two of them", "", "RFC 1034 section 3.6.2"},
		{"NJ414", "two different DNAME records at one name", "", "RFC 6672 section 2.4"},
		{"NJ428", "an NS, NSEC3 or DNAME record at a wildcard", "", "RFC 4592 section 4"},
		{"NJ429", "an asterisk for a label that is not the first", "check-wildcard", "BIND, lib/dns/name.c"},
		{"NJ424", "different TTLs in one record set", "", "RFC 2181 section 5.2"},
		{"NJ425", "a record that is there twice, or twice but for the case of a name", "check-dup-records", "RFC 2181 section 5"},
		{"NJ420", "names that are no host names or mailboxes where these are wanted", "check-names", "RFC 952, RFC 1123 section 2.1"},
	}},
	{"Names that records lead to", []documented{
		{"NJ415", "a name server of the zone, in the zone, without an address, or a CNAME", "", "BIND, lib/dns/zone.c"},
		{"NJ421", "a mail server or service, in the zone, without an address", "check-integrity, check-mx", "RFC 1123 section 5.3.5, RFC 9460 section 2.4"},
		{"NJ422", "a mail server or service that is a CNAME or lies below a DNAME", "check-integrity, check-mx-cname, check-srv-cname", "RFC 2181 section 10.3, RFC 2782"},
		{"NJ423", "a delegation without the addresses that it needs", "check-integrity, check-sibling", "RFC 1034 section 4.2.1"},
		{"NJ430", "data below a delegation or a DNAME, which nobody gets", "", "RFC 1034 section 4.2.1, RFC 6672 section 2.4"},
		{"NJ442", "slips: a dot that is missing, an address in place of a name, an @ in the mail address of the SOA record", "check-mx", "RFC 1035 section 5.1"},
		{"NJ446", "SRV, TLSA, SMIMEA, OPENPGPKEY records at names where nobody looks, an RP record without its text, a DNSKEY record below the origin", "", "RFC 2782, RFC 6698 section 3, RFC 8162 section 3, RFC 7929 section 3, RFC 1183 section 2.2"},
		{"NJ446", "an SVCB record of a name server without alpn or dohpath", "check-svcb", "RFC 9461"},
		{"NJ427", "SPF, DMARC and DKIM records that mail servers do not take", "", "RFC 7208, RFC 7489 section 6.3, RFC 6376 section 3.6.1"},
		{"NJ427", "a record of type SPF without a TXT record", "check-spf", "RFC 7208 section 3.1"},
	}},
	{"Timers, serial and journal", []documented{
		{"NJ443", "timers of the SOA record that do not fit together", "", "RFC 1912 section 2.2, RFC 2308 section 5"},
		{"NJ431", "records that changed without the serial, or a serial that went back, since the last check", "", "RFC 1982"},
		{"NJ412", "a journal that does not lead on from the file's serial", "journal", "BIND, lib/dns/journal.c"},
		{"NJ419", "a journal that is damaged or cannot be read", "journal", "BIND, lib/dns/journal.c"},
		{"NJ447", "a change of the journal that cannot be made, or does nothing; a signed copy that has fallen behind", "journal, inline-signing", "BIND, lib/dns/diff.c, lib/dns/zone.c"},
	}},
	{"DNSSEC, always", []documented{
		{"NJ432", "signatures that have expired", "", "RFC 4034 section 3.1.5"},
		{"NJ433", "signatures that expire within three days, or as `--expire-within` says", "", "RFC 4034 section 3.1.5"},
		{"NJ434", "signatures that are not yet valid", "", "RFC 4034 section 3.1.5"},
		{"NJ439", "DS records at the origin, without a delegation, or of unknown digests; CDS and CDNSKEY records of no key", "check-integrity", "RFC 4035 section 2.4, RFC 8078 section 4"},
		{"NJ440", "key files that do not fit the DNSKEY records, for a zone that named signs", "key-directory, dnssec-policy", "ARM, key-directory"},
		{"NJ444", "algorithms and digests out of use, too many NSEC3 iterations, SIG and NXT records", "", "RFC 8624 section 3.1, RFC 9905, RFC 9276"},
		{"NJ445", "NSEC3PARAM records that named or the keys cannot work with", "", "RFC 5155 section 2; BIND, lib/dns/zone.c"},
	}},
	{"DNSSEC, with `--dnssec`", []documented{
		{"NJ435", "record sets without a signature that fits", "", "RFC 4035 sections 2.2 and 5.3"},
		{"NJ436", "DNSKEY records that do not sign the zone", "", "RFC 4035 section 2.2, RFC 5011 section 2.1"},
		{"NJ437", "an NSEC chain with gaps or wrong types", "", "RFC 4034 section 4, RFC 4035 section 2.3"},
		{"NJ438", "an NSEC3 chain with gaps or wrong types", "", "RFC 5155 section 7.1"},
		{"NJ441", "a ZONEMD record that is not the digest of the zone", "", "RFC 8976 section 4"},
	}},
}

// written makes the page.
func written() string {
	var b strings.Builder
	b.WriteString(`# What is checked in zones

` + "`named-jail check`" + ` reads every zone file of the configuration as named would read
it, with its ` + "`$INCLUDE`" + ` files and its journal, and judges what it finds. The tables
below list what it looks for; ` + "`named-jail explain CODE`" + ` says more of each.

An error means that named does not load the zone, or, with ` + "`--dnssec`" + `, that validating
resolvers refuse it. Statements in the fourth column decide about a check: one with
` + "`warn`, `fail` or `ignore`" + ` about its severity, one with ` + "`yes` or `no`" + ` about whether it is
made. Where nothing is written, the default of named's release counts.

The file of a copy (secondary, mirror, stub) is not the operator's: what is wrong
with it is a warning, because named transfers the zone again. Rules of the zone's
data as a whole are for primary zones.

This page is made from tables (` + "`zones/docs_test.go`" + `); do not edit it by hand.
`)
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n| code | severity | what | statement | source |\n|---|---|---|---|---|\n", s.title)
		for _, r := range s.rows {
			info, _ := parser.LookupCode(r.code)
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.code, info.Severity, r.what, r.option, r.source)
		}
	}
	b.WriteString("\n## Where the check differs from BIND\n\n| case | release | reason |\n|---|---|---|\n")
	for _, d := range knownDifferences {
		release := d.release
		if release == "" {
			release = "all"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", d.what, release, d.reason)
	}
	return b.String()
}

// TestDocs holds the page to the tables, and the tables to the sources.
func TestDocs(t *testing.T) {
	want := written()
	if os.Getenv("NAMED_JAIL_DOCS") == "write" {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(page); err != nil || string(text) != want {
		t.Errorf("%s is stale (%v); make it with NAMED_JAIL_DOCS=write go test -run TestDocs ./zones", page, err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var used []string
	for _, f := range files {
		if text, err := os.ReadFile(f); err != nil {
			t.Fatal(err)
		} else if !strings.HasSuffix(f, "_test.go") {
			used = append(used, regexp.MustCompile(`NJ4\d\d`).FindAllString(string(text), -1)...)
		}
	}
	var told []string
	for _, s := range sections {
		for _, r := range s.rows {
			told = append(told, string(r.code))
		}
	}
	slices.Sort(used)
	slices.Sort(told)
	if used, told = slices.Compact(used), slices.Compact(told); !slices.Equal(used, told) {
		t.Errorf("the sources have the codes\n%v\nthe page\n%v", used, told)
	}
}
