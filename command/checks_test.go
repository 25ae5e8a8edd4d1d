package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
	"named-jail/rewrite"
	"named-jail/zones"
)

// readChecks reads a configuration for a release and gives what it asks of each
// zone's file.
func readChecks(t *testing.T, v parser.Version, conf string) []zones.Checks {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "n.conf"), []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	host, err := jail.OpenHost(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	in, _ := rewrite.Read(source{host: host}, "/n.conf", rewrite.Options{Defaults: rewrite.Defaults{Version: v}})
	s := &survey{system: &system{host: host, build: launcher.Build{Version: v}}, install: in}
	var list []zones.Checks
	for _, z := range s.toCheck() {
		list = append(list, z.Checks)
	}
	return list
}

// The releases that were asked what they load, and the first with templates.
var (
	v916 = parser.V(9, 16, 50)
	v918 = parser.V(9, 18, 49)
	v920 = parser.V(9, 20, 30)
	v921 = parser.V(9, 21, 9)
)

// zoneTypes are the types of zones that have a file, and how they are written.
var zoneTypes = map[string]string{
	"primary":   `type primary; file "z";`,
	"secondary": `type secondary; primaries { 192.0.2.1; }; file "z";`,
	"mirror":    `type mirror; primaries { 192.0.2.1; }; file "z";`,
	"stub":      `type stub; primaries { 192.0.2.1; }; file "z";`,
	"redirect":  `type redirect; file "z";`,
	"hint":      `type hint; file "z";`,
}

// unstated is what named does for a zone where nothing is stated.
func unstated(zoneType string, v parser.Version) zones.Checks {
	c := zones.Checks{Names: zones.Ignore, MX: zones.Ignore, MXCNAME: zones.Ignore, SRVCNAME: zones.Ignore, SPF: zones.Ignore,
		Duplicates: zones.Ignore, NoWildcard: true, NoIntegrity: true, NoSibling: true, NoSVCB: true,
		MaxRecordsPerType: 100, MaxTypesPerName: 100, Release: [3]int{v.Major, v.Minor, v.Patch}}
	switch zoneType {
	case "primary":
		c.Names = zones.Fail
		c.MX, c.MXCNAME, c.SRVCNAME, c.SPF, c.Duplicates = zones.Warn, zones.Warn, zones.Warn, zones.Warn, zones.Warn
		c.NoWildcard, c.NoIntegrity, c.NoSibling = false, false, false
		c.NoSVCB = !v.AtLeast(9, 19, 0)
	case "secondary", "mirror":
		c.Names = zones.Warn
	case "hint":
		c.MaxRecordsPerType, c.MaxTypesPerName = 0, 0
	}
	return c
}

// TestChecksUnstated holds what named has built in for each type and release.
func TestChecksUnstated(t *testing.T) {
	for _, v := range []parser.Version{v916, v918, v920} {
		for zoneType, text := range zoneTypes {
			got := readChecks(t, v, `zone "." { `+text+` };`)[0]
			if d := cmp.Diff(unstated(zoneType, v), got); d != "" {
				t.Errorf("%s, %s: %s", v, zoneType, d)
			}
		}
	}
	if c := readChecks(t, parser.V(9, 18, 27), `zone "." { type primary; file "z"; };`)[0]; c.MaxRecordsPerType != 0 || c.MaxTypesPerName != 0 {
		t.Errorf("9.18.27 has no bounds: %+v", c)
	}
	if c := readChecks(t, parser.Version{}, `zone "." { type primary; file "z"; };`)[0]; c.Release != [3]int{} || c.NoSVCB || c.MaxTypesPerName != 100 {
		t.Errorf("an unknown release counts as 9.20: %+v", c)
	}
}

// stating is a statement with what it makes of the checks, by the types of
// zones for which named goes by it when it stands further out.
type stating struct {
	outside, inZone string
	since           parser.Version
	types           string
	set             func(*zones.Checks)
}

var statings = []stating{
	{"check-names primary ignore;", "check-names ignore;", v916, "primary", func(c *zones.Checks) { c.Names = zones.Ignore }},
	{"check-names master warn;", "check-names warn;", v916, "primary", func(c *zones.Checks) { c.Names = zones.Warn }},
	{"check-names secondary fail;", "", v916, "secondary mirror", func(c *zones.Checks) { c.Names = zones.Fail }},
	{"check-names slave ignore;", "", v916, "secondary mirror", func(c *zones.Checks) { c.Names = zones.Ignore }},
	{"check-names response fail;", "", v916, "", nil},
	{"check-names response fail; check-names primary WARN; check-names secondary warn;", "", v916, "primary", func(c *zones.Checks) { c.Names = zones.Warn }},
	{"check-mx fail;", "check-mx fail;", v916, "primary", func(c *zones.Checks) { c.MX = zones.Fail }},
	{"check-mx ignore;", "check-mx Ignore;", v916, "primary", func(c *zones.Checks) { c.MX = zones.Ignore }},
	{"check-mx-cname fail;", "check-mx-cname fail;", v916, "primary", func(c *zones.Checks) { c.MXCNAME = zones.Fail }},
	{"check-srv-cname ignore;", "check-srv-cname ignore;", v916, "primary", func(c *zones.Checks) { c.SRVCNAME = zones.Ignore }},
	{"check-spf ignore;", "check-spf ignore;", v916, "primary", func(c *zones.Checks) { c.SPF = zones.Ignore }},
	{"check-dup-records fail;", "check-dup-records fail;", v916, "primary", func(c *zones.Checks) { c.Duplicates = zones.Fail }},
	{"check-wildcard no;", "check-wildcard no;", v916, "primary", func(c *zones.Checks) { c.NoWildcard = true }},
	{"check-integrity no;", "check-integrity false;", v916, "primary", func(c *zones.Checks) { c.NoIntegrity = true }},
	{"check-integrity yes;", "check-integrity 1;", v916, "primary", func(*zones.Checks) {}},
	{"check-sibling no;", "check-sibling 0;", v916, "primary", func(c *zones.Checks) { c.NoSibling = true }},
	{"check-svcb no;", "check-svcb no;", v920, "primary", func(c *zones.Checks) { c.NoSVCB = true }},
	{"max-zone-ttl 1h;", "max-zone-ttl PT1H;", v916, "primary secondary mirror stub redirect", func(c *zones.Checks) { c.MaxTTL = 3600 }},
	{"max-zone-ttl 0;", "max-zone-ttl unlimited;", v916, "primary", func(*zones.Checks) {}},
	{"max-records-per-type 7;", "max-records-per-type 7;", v916, "primary secondary mirror stub redirect", func(c *zones.Checks) { c.MaxRecordsPerType = 7 }},
	{"max-records-per-type 0;", "max-records-per-type 0;", v916, "primary secondary mirror stub redirect", func(c *zones.Checks) { c.MaxRecordsPerType = 0 }},
	{"max-types-per-name 0x10;", "max-types-per-name 16;", v916, "primary secondary mirror stub redirect", func(c *zones.Checks) { c.MaxTypesPerName = 16 }},
}

// TestChecksStated writes each statement at each place, for each type of zone
// and release.
func TestChecksStated(t *testing.T) {
	for _, v := range []parser.Version{v916, v918, v920, v921} {
		for _, s := range statings {
			if v.Before(s.since) {
				continue
			}
			for zoneType, text := range zoneTypes {
				want := unstated(zoneType, v)
				if strings.Contains(s.types, zoneType) {
					s.set(&want)
				}
				places := map[string]string{
					"options": `options { ` + s.outside + ` }; zone "." { ` + text + ` };`,
					"view":    `view "v" { ` + s.outside + ` zone "." { ` + text + ` }; };`,
					"behind":  `zone "." { ` + text + ` }; options { ` + s.outside + ` };`,
				}
				if s.inZone != "" && zoneType == "primary" {
					places["zone"] = `zone "." { ` + text + s.inZone + ` };`
					if v == v921 {
						places["template"] = `template "t" { ` + s.inZone + ` }; zone "." { template "t"; ` + text + ` };`
					}
				}
				for place, conf := range places {
					if d := cmp.Diff(want, readChecks(t, v, conf)[0]); d != "" {
						t.Errorf("%s, in %s: %s\n%s", v, place, conf, d)
					}
				}
			}
		}
	}
}

// TestChecksInner shows which of several statements holds: the zone's, then
// that of its template, its view, the options.
func TestChecksInner(t *testing.T) {
	const frame = `options { check-names primary %s; check-names secondary ignore; max-zone-ttl %s; };
template "t" { %s };
view "v" { %s zone "." { type primary; file "z"; %s }; };`
	for _, x := range []struct {
		template, view, zone string
		names                zones.Level
		ttl                  uint32
	}{
		{"", "", "", zones.Warn, 9},
		{"", "check-names primary fail; max-zone-ttl 8;", "", zones.Fail, 8},
		{"", "check-names secondary fail;", "", zones.Warn, 9}, // not about primaries: options go on
		{"check-names ignore; max-zone-ttl 7;", "check-names primary fail; max-zone-ttl 8;", `template "t";`, zones.Ignore, 7},
		{"check-names ignore;", "max-zone-ttl 8;", `template "t";`, zones.Ignore, 8},
		{"check-names ignore; max-zone-ttl 7;", "", `template "t"; check-names fail; max-zone-ttl unlimited;`, zones.Fail, 0},
		{"check-names ignore; max-zone-ttl 7;", "", ``, zones.Warn, 9}, // a template that the zone does not name
	} {
		c := readChecks(t, v921, fmt.Sprintf(frame, "warn", "9", x.template, x.view, x.zone))[0]
		if c.Names != x.names || c.MaxTTL != x.ttl {
			t.Errorf("%+v: %+v", x, c)
		}
	}
}

// TestChecksOfPolicies: who signs a zone bounds its TTLs and has its keys.
func TestChecksOfPolicies(t *testing.T) {
	const policies = `options { directory "/d"; }; key-store "hsm" { directory "hsm"; };
dnssec-policy "own" { max-zone-ttl 2h; keys { csk key-store "hsm" lifetime unlimited algorithm 13; zsk key-directory lifetime 30d algorithm 13; }; };
dnssec-policy "silent" { keys { csk lifetime unlimited algorithm 13; }; };
dnssec-policy "open" { max-zone-ttl 0; };
`
	type result struct {
		MaxTTL    uint32
		Signed    bool
		Directory string
		Stores    []string
	}
	for _, x := range []struct {
		v    parser.Version
		zone string
		want result
	}{
		{v920, `dnssec-policy own; key-directory "k";`, result{7200, true, "/d/k", []string{"/d/hsm"}}},
		{v920, `dnssec-policy own;`, result{7200, true, "/d", []string{"/d/hsm"}}},
		{v916, `dnssec-policy silent; inline-signing yes; max-zone-ttl 5;`, result{86400, true, "/d", nil}},
		{v918, `dnssec-policy default; key-directory "/k";`, result{86400, true, "/k", nil}},
		{v920, `dnssec-policy open;`, result{0, true, "/d", nil}},
		{v920, `dnssec-policy none; max-zone-ttl 5;`, result{5, false, "", nil}},
		{v920, `dnssec-policy insecure;`, result{0, false, "/d", nil}},
		{v918, `dnssec-policy insecure;`, result{0, false, "/d", nil}},
		{v916, `dnssec-policy insecure;`, result{86400, false, "/d", nil}},
		{parser.V(9, 18, 5), `dnssec-policy own; max-zone-ttl 5;`, result{5, true, "/d", []string{"/d/hsm"}}},
		{parser.V(9, 16, 31), `dnssec-policy own;`, result{0, true, "/d", []string{"/d/hsm"}}},
		{v918, `auto-dnssec maintain; key-directory "/k";`, result{0, true, "/k", nil}},
		{v918, `inline-signing yes; key-directory "/k";`, result{0, true, "/k", nil}},
		{v918, `allow-update { localhost; }; key-directory "/k";`, result{0, false, "/k", nil}},
		{v918, `key-directory "/k";`, result{0, false, "", nil}},
	} {
		c := readChecks(t, x.v, policies+`zone "." { type primary; file "z"; `+x.zone+` };`)[0]
		if d := cmp.Diff(x.want, result{c.MaxTTL, c.Signed, c.KeyDirectory, c.KeyStores}); d != "" {
			t.Errorf("%s, %s: %s", x.v, x.zone, d)
		}
	}
}

// TestChecksAreShared: a zone that says the same as the one before has the same
// checks, and one that does not has its own.
func TestChecksAreShared(t *testing.T) {
	list := readChecks(t, v918, `zone "a" { type primary; file "a"; check-mx fail; }; zone "b" { type primary; file "b"; check-mx fail; };
zone "c" { type primary; file "c"; }; zone "d" { type secondary; primaries { 192.0.2.1; }; file "d"; };`)
	if list[0].MX != zones.Fail || list[1].MX != zones.Fail || list[2].MX != zones.Warn || list[3].MX != zones.Ignore {
		t.Errorf("%+v", list)
	}
}

// TestSpan reads times of the command line.
func TestSpan(t *testing.T) {
	for word, want := range map[string]string{"7d": "168h0m0s", "12h": "12h0m0s", "2w": "336h0m0s", "1W2D": "216h0m0s", "90s": "1m30s", "P1DT1H": "25h0m0s", "0": "-1ns"} {
		var s span
		if err := s.Set(word); err != nil || s.Duration.String() != want || s.String() != word {
			t.Errorf("%s: %s, %s, %v; want %s", word, s.String(), s.Duration, err, want)
		}
	}
	var long span
	if err := long.Set("4294967295w"); err != nil || long.Duration <= 100*365*24*time.Hour {
		t.Errorf("a long time is %s, %v", long.String(), err)
	}
	for _, word := range []string{"", "7", "d", "-1d", "7 d", "1.5h", "P", "7y", "soon", "0x7d"} {
		var s span
		if err := s.Set(word); err == nil {
			t.Errorf("%q: %s", word, s.String())
		}
	}
}
