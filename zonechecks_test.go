//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// outcome is what becomes of a zone.
type outcome string

const (
	loads   outcome = "loads"   // and nothing is said of it
	warned  outcome = "warned"  // it loads, and something is said
	refused outcome = "refused" // it does not load
)

// zoneHead begins each zone of these tests.
const zoneHead = "$TTL 300\n@ SOA ns.other. hostmaster.other. 1 3600 600 86400 300\n@ NS ns.other.\n"

// times repeats a line with numbers from 1 on.
func times(n int, line string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, line+"\n", i)
	}
	return b.String()
}

// Data that zone statements are about.
var (
	badHost    = "a_b A 192.0.2.1\n"
	mxAddress  = "@ MX 10 192.0.2.1.\n"
	mxMissing  = "@ MX 10 mail\n"
	mxAlias    = "@ MX 10 mail\nmail CNAME mail.other.\n"
	srvAlias   = "_sip._udp SRV 0 0 5060 sip\nsip CNAME sip.other.\n"
	noGlue     = "sub NS ns.sub\n"
	noSibling  = "one NS ns.two\ntwo NS ns.other.\n"
	onlySPF    = "a SPF \"v=spf1 -all\"\n"
	sameTwice  = "a LP 10 HOST.other.\na LP 10 host.other.\n"
	star       = "a.*.b TXT \"text\"\n"
	dayLong    = "a 86400 A 192.0.2.1\n"
	twoDays    = "a 172800 A 192.0.2.1\n"
	threeOfOne = times(3, "a A 192.0.2.%d")
	manyOfOne  = times(101, "a A 192.0.2.%d")
	fullSet    = times(100, "a A 192.0.2.%d")
	threeTypes = "a A 192.0.2.1\na AAAA 2001:db8::1\na TXT \"text\"\n"
	manyTypes  = times(101, "a TYPE65%03d \\# 0")
)

// zoneStatements is the table of statements about the data of zones, each with
// data that it decides about. view is how it is written in view and options, ""
// where it stands in zones only; zone is how it is written in a zone.
//
// What named does with each is asked of the real one.
var zoneStatements = []struct {
	view, zone, data string
	want             outcome
}{
	{"", "", badHost, refused},
	{"check-names primary fail;", "check-names fail;", badHost, refused},
	{"check-names master warn;", "check-names warn;", badHost, warned},
	{"check-names primary ignore;", "check-names ignore;", badHost, loads},
	{"check-names secondary ignore;", "", badHost, refused},
	{"", "", mxAddress, warned},
	{"check-mx fail;", "check-mx fail;", mxAddress, refused},
	{"check-mx warn;", "check-mx warn;", mxAddress, warned},
	{"check-mx ignore;", "check-mx ignore;", mxAddress, loads},
	{"", "", mxMissing, warned},
	{"check-mx fail;", "check-mx fail;", mxMissing, refused},
	{"check-mx ignore;", "check-mx ignore;", mxMissing, warned},
	{"check-integrity no;", "check-integrity no;", mxMissing, loads},
	{"check-mx fail; check-integrity no;", "check-mx fail; check-integrity no;", mxMissing, loads},
	{"", "", mxAlias, warned},
	{"check-mx-cname fail;", "check-mx-cname fail;", mxAlias, refused},
	{"check-mx-cname warn;", "check-mx-cname warn;", mxAlias, warned},
	{"check-mx-cname ignore;", "check-mx-cname ignore;", mxAlias, loads},
	{"check-mx-cname fail; check-integrity no;", "check-mx-cname fail; check-integrity no;", mxAlias, loads},
	{"", "", srvAlias, warned},
	{"check-srv-cname fail;", "check-srv-cname fail;", srvAlias, refused},
	{"check-srv-cname ignore;", "check-srv-cname ignore;", srvAlias, loads},
	{"", "", noGlue, warned},
	{"check-integrity no;", "check-integrity no;", noGlue, loads},
	{"", "", noSibling, warned},
	{"check-sibling no;", "check-sibling no;", noSibling, loads},
	{"", "", onlySPF, warned},
	{"check-spf warn;", "check-spf warn;", onlySPF, warned},
	{"check-spf ignore;", "check-spf ignore;", onlySPF, loads},
	{"", "", sameTwice, warned},
	{"check-dup-records fail;", "check-dup-records fail;", sameTwice, refused},
	{"check-dup-records ignore;", "check-dup-records ignore;", sameTwice, loads},
	{"", "", star, warned},
	{"check-wildcard no;", "check-wildcard no;", star, loads},
	{"", "", twoDays, loads},
	{"max-zone-ttl 1d;", "max-zone-ttl 86400;", dayLong, loads},
	{"max-zone-ttl 86399;", "max-zone-ttl PT23H59M59S;", dayLong, refused},
	{"max-zone-ttl unlimited;", "max-zone-ttl 0;", dayLong, loads},
	{"", "dnssec-policy default; inline-signing yes;", twoDays, refused},
	{"", "dnssec-policy default; inline-signing yes;", dayLong, loads},
	{"", "dnssec-policy insecure; inline-signing yes;", twoDays, loads},
	{"", "dnssec-policy short; inline-signing yes;", dayLong, refused},
	{"", "dnssec-policy silent; inline-signing yes;", twoDays, refused},
	{"", "dnssec-policy open; inline-signing yes;", twoDays, loads},
	{"", "", fullSet, loads},
	{"", "", manyOfOne, refused},
	{"max-records-per-type 0;", "max-records-per-type 0;", manyOfOne, loads},
	{"max-records-per-type 101;", "max-records-per-type 101;", manyOfOne, loads},
	{"max-records-per-type 2;", "max-records-per-type 2;", threeOfOne, refused},
	{"max-records-per-type 3;", "max-records-per-type 3;", threeOfOne, loads},
	{"", "", threeTypes, loads},
	{"max-types-per-name 2;", "max-types-per-name 2;", threeTypes, refused},
	{"max-types-per-name 3;", "max-types-per-name 3;", threeTypes, loads},
	{"", "", manyTypes, refused},
	{"max-types-per-name 0;", "max-types-per-name 0;", manyTypes, loads},
}

// statementCase is one view of the configuration of TestZoneStatements.
type statementCase struct {
	what, view, zone, data string
	want                   outcome
}

// statementCases writes each statement at each place that it has; the inner one
// holds.
func statementCases() []statementCase {
	var list []statementCase
	for _, s := range zoneStatements {
		switch {
		case s.view == "" && s.zone == "":
			list = append(list, statementCase{"nothing stated", "", "", s.data, s.want})
		case s.view != "":
			list = append(list, statementCase{s.view + " in the view", s.view, "", s.data, s.want})
		}
		if s.zone != "" {
			list = append(list, statementCase{s.zone + " in the zone", "", s.zone, s.data, s.want})
		}
	}
	return append(list,
		statementCase{"zone before view", "check-names primary fail;", "check-names ignore;", badHost, loads},
		statementCase{"zone before view", "max-records-per-type 0;", "max-records-per-type 2;", threeOfOne, refused},
		statementCase{"options", "", "", "a A 192.0.2.1\na AAAA 2001:db8::1\na TXT \"text\"\na MX 1 mail.other.\n", loads})
}

// TestZoneStatements asks the real named and `check` what becomes of zones under
// the statements that are about their data. One named loads them all, each in a
// view of its own.
func TestZoneStatements(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: check looks into another system")
	}
	product := buildProduct(t)
	dir := t.TempDir()
	cases := statementCases()
	conf := `options { directory "` + dir + `"; listen-on port 5643 { 127.0.0.43; }; listen-on-v6 { none; }; pid-file none; session-keyfile none; recursion no; };
controls { };
dnssec-policy short { max-zone-ttl 1h; };
dnssec-policy silent { };
dnssec-policy open { max-zone-ttl 0; };
`
	for i, c := range cases {
		writeFile(t, filepath.Join(dir, fmt.Sprintf("z%d", i)), zoneHead+c.data)
		if err := os.Mkdir(filepath.Join(dir, fmt.Sprintf("k%d", i)), 0o755); err != nil {
			t.Fatal(err)
		}
		conf += fmt.Sprintf("view v%d { match-clients { none; }; key-directory \"k%d\"; %s zone \"example\" { type primary; file \"z%d\"; %s }; };\n", i, i, c.view, i, c.zone)
	}
	writeFile(t, filepath.Join(dir, "n.conf"), conf)
	ours := ourOutcomes(t, product, filepath.Join(dir, "n.conf"), len(cases))
	theirs := namedOutcomes(t, dir, len(cases))
	for i, c := range cases {
		if theirs[i] != c.want {
			t.Errorf("%s, zone:\n%.60s: named says %s, the table %s", c.what, c.data, theirs[i], c.want)
		}
		if ours[i] != c.want {
			t.Errorf("%s, zone:\n%.60s: check says %s, named %s", c.what, c.data, ours[i], c.want)
		}
	}
}

// ourOutcomes asks `check`.
func ourOutcomes(t *testing.T, product, conf string, n int) []outcome {
	t.Helper()
	cmd := exec.Command(product, "check", "-c", conf, "--json", "--no-checkconf", "--no-cache")
	cmd.Env = append(os.Environ(), "NAMED_JAIL_NAMED=")
	out, _ := cmd.Output()
	var doc struct {
		Problems []struct{ Severity, Code, File string }
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	list := make([]outcome, n)
	for i := range list {
		list[i] = loads
	}
	for _, p := range doc.Problems {
		var i int
		if _, err := fmt.Sscanf(filepath.Base(p.File), "z%d", &i); err != nil {
			if p.Code < "NJ3" && p.Severity == "error" {
				t.Errorf("%s: error %s", p.File, p.Code)
			}
			continue
		}
		if p.Severity == "error" {
			list[i] = refused
		} else if list[i] == loads {
			list[i] = warned
		}
	}
	return list
}

// What named logs about a zone: with its view, or with its file.
var (
	ofView    = regexp.MustCompile(`zone example/IN/v(\d+)(?: \(unsigned\))?: (.*)`)
	ofFile    = regexp.MustCompile(`\bz(\d+):\d+: (.*)`)
	notAbout  = regexp.MustCompile(`^(loaded serial|sending notifies|receive_secure_serial|reconfiguring zone keys|next key event|loading from master file|using dnssec-policy)|\(signed\)`)
	notLoaded = regexp.MustCompile(`^not loaded due to errors`)
)

// namedOutcomes lets named load the zones and reads its log.
func namedOutcomes(t *testing.T, dir string, n int) []outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "named", "-g", "-n", "1", "-c", filepath.Join(dir, "n.conf"))
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cancel(); _ = cmd.Wait() }()
	list := make([]outcome, n)
	done, all := 0, ""
	note := func(number, text string) {
		var i int
		fmt.Sscan(number, &i)
		switch {
		case i >= n:
		case notLoaded.MatchString(text):
			list[i] = refused
			done++
		case strings.HasPrefix(text, "loaded serial"):
			done++
			if list[i] == "" {
				list[i] = loads
			}
		case !notAbout.MatchString(text):
			list[i] = warned
		}
	}
	for lines := bufio.NewScanner(log); done < n && lines.Scan(); {
		line := lines.Text()
		all += line + "\n"
		if m := ofView.FindStringSubmatch(line); m != nil {
			note(m[1], m[2])
		} else if m := ofFile.FindStringSubmatch(line); m != nil {
			note(m[1], m[2])
		}
	}
	if done != n {
		t.Fatalf("named spoke of %d zones of %d:\n%s", done, n, all)
	}
	return list
}

// TestMapFormat: map format is refused wherever it is asked for and whatever
// named will be started, with the command that converts it.
func TestMapFormat(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: check looks into another system")
	}
	product := buildProduct(t)
	const head = "\x00\x00\x00\x03\x00\x00\x00\x01"
	for place, conf := range map[string]string{
		"options":  `options { masterfile-format map; }; zone "example" { type primary; file "/z"; };`,
		"view":     `view v { masterfile-format map; zone "example" { type primary; file "/z"; }; };`,
		"zone":     `zone "example" { type primary; file "/z"; masterfile-format map; };`,
		"nowhere":  `zone "example" { type primary; file "/z"; };`,
		"override": `options { masterfile-format map; }; zone "example" { type primary; file "/z"; masterfile-format text; };`,
	} {
		for kind, data := range map[string]string{"map": head + strings.Repeat("x", 100), "text": zoneHead, "empty": ""} {
			wantsMap := place != "nowhere" && place != "override"
			for release, known := range map[string]bool{"9.16": true, "9.18": false, "9.20": false} {
				root := t.TempDir()
				for name, text := range map[string]string{"n.conf": conf, "z": data, "etc/passwd": accounts["passwd"], "etc/group": accounts["group"]} {
					writeFile(t, filepath.Join(root, name), text)
				}
				cmd := exec.Command(product, "check", "--root", root, "-c", "/n.conf", "--bind-version", release, "--no-checkconf", "--color", "never")
				out, err := cmd.CombinedOutput()
				what := fmt.Sprintf("%s in %s, file of %s", release, place, kind)
				sound := !wantsMap && kind == "text" && (place == "nowhere" || known)
				if (err == nil) != sound {
					t.Errorf("%s: %v\n%s", what, err, out)
				}
				if (wantsMap || kind == "map") != strings.Contains(string(out), "[NJ409]") ||
					(wantsMap || kind == "map") != strings.Contains(string(out), "named-compilezone -f map -F text -o NEW ZONE FILE") {
					t.Errorf("%s: the command that converts is there or not:\n%s", what, out)
				}
				if refusesWord := place != "nowhere" && !known; refusesWord != strings.Contains(string(out), "[NJ204]") {
					t.Errorf("%s: the word is refused or not:\n%s", what, out)
				}
			}
		}
	}
}
