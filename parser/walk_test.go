package parser

import (
	"fmt"
	"strings"
	"testing"
)

// walkConf has each way in which a setting can come to a zone.
const walkConf = `
options {
	allow-transfer { 192.0.2.1; };
	allow-query-cache { 10.0.0.0/8; };
	dnssec-policy default;
	inline-signing yes;
	ixfr-from-differences yes;
	auto-dnssec maintain;
	forwarders { 192.0.2.53; };
	check-names primary warn;
	check-names response ignore;
	pid-file "/run/p";
};
template "t" { type slave; primaries { 192.0.2.9; }; file "t.db"; notify explicit; zone-statistics full; };
key "outer" { algorithm hmac-sha256; secret "c2VjcmV0"; };
server 192.0.2.7 { edns no; };
plugin query "outer.so";
zone "Own.example." CHAOS { type master; file "own"; notify no; };
view "inside" {
	match-clients { 10.0.0.0/8; };
	allow-transfer { none; };
	recursion no;
	key "inner" { algorithm hmac-sha256; secret "c2VjcmV0"; };
	zone "a.example" { type master; file "a"; allow-transfer { 192.0.2.2; }; };
	zone "b.example" { type secondary; primaries { 192.0.2.9; }; };
	zone "t.example" { template "t"; notify no; };
	zone "m.example" { type mirror; };
	zone "odd.example" { type nonsense; };
};
view "outside" IN {
	zone "A.example." { in-view "inside"; forward only; forwarders { 192.0.2.3; }; };
	zone "c.example" { in-view "later"; };
	zone "d.example" { in-view "outside"; };
};
view "later" HESIOD {
	zone "c.example" IN { type hint; file "c"; };
	zone "a.example" IN { in-view "outside"; };
	zone "e.example" { type hint; file "e"; };
};
`

func TestViewsAndZones(t *testing.T) {
	c, _ := Load(tree{"/n.conf": walkConf}, "/n.conf", Options{Version: V(9, 18, 49)})
	var got []string
	for v := range c.Views() {
		got = append(got, fmt.Sprintf("view %s %s %v", v.Name, v.Class, v.Statement != nil))
		for z := range v.Zones() {
			got = append(got, strings.TrimSpace(fmt.Sprintf("  %s %s %s %s%s", z.Name, z.Class, z.Type, z.InView, z.Template)))
		}
	}
	want := `view inside IN true
a.example IN primary
b.example IN secondary
t.example IN secondary t
m.example IN mirror
odd.example IN
view outside IN true
A.example. IN in-view inside
c.example IN in-view later
d.example IN in-view outside
view later HS true
c.example IN hint
a.example IN in-view outside
e.example HS hint
view _default IN false
Own.example. CH primary`
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
	n := 0
	for range c.Zones() {
		if n++; n == 3 {
			break // the walk can be left
		}
	}
	if z, ok := c.View("inside").Zone("B.EXAMPLE."); !ok || z.Name != "b.example" {
		t.Errorf("B.EXAMPLE. is %v, %v", z.Name, ok)
	}
	if _, ok := c.View("inside").Zone("none.example"); ok || c.View("none") != nil {
		t.Error("what is not there was found")
	}
}

func TestSettingsInForce(t *testing.T) {
	c, _ := Load(tree{"/n.conf": walkConf}, "/n.conf", Options{Version: V(9, 18, 49)})
	zone := func(view, name string) Zone {
		for v := range c.Views() {
			for z := range v.Zones() {
				if v.Name == view && z.Name == name {
					return z
				}
			}
		}
		t.Fatalf("no zone %s in %s", name, view)
		return Zone{}
	}
	for _, x := range []struct {
		view, zone, keyword string
		value               string
		from                Context
	}{
		{"inside", "a.example", "allow-transfer", "{ 192.0.2.2; }", ZoneBlock},
		{"inside", "b.example", "allow-transfer", "{ none; }", ViewBlock},
		{"inside", "b.example", "Allow-Transfer", "{ none; }", ViewBlock},
		{"inside", "a.example", "dnssec-policy", "default", OptionsBlock},
		{"inside", "a.example", "notify", "yes", None},
		{"inside", "m.example", "notify", "explicit", None},
		{"inside", "m.example", "dnssec-policy", "", None},    // no use for it
		{"inside", "a.example", "inline-signing", "no", None}, // a zone's own, for all that options say
		{"inside", "a.example", "auto-dnssec", "off", None},
		{"inside", "a.example", "forwarders", "", None},
		{"inside", "a.example", "plugin", "", None},
		{"inside", "a.example", "file", `"a"`, ZoneBlock},
		{"inside", "b.example", "file", "", None},
		{"inside", "b.example", "masterfile-format", "raw", None},
		{"inside", "a.example", "masterfile-format", "text", None},
		{"inside", "b.example", "allow-update", "", None},
		{"inside", "a.example", "allow-update", "{ none; }", None},
		{"inside", "t.example", "file", `"t.db"`, TemplateBlock},
		{"inside", "t.example", "notify", "no", ZoneBlock},
		{"inside", "t.example", "zone-statistics", "full", TemplateBlock},
		{"inside", "t.example", "allow-transfer", "{ none; }", ViewBlock},
		{"inside", "a.example", "recursion", "no", ViewBlock},
		{"inside", "a.example", "pid-file", `"/run/p"`, OptionsBlock},
		{"inside", "a.example", "no-such", "", None},
		{"inside", "a.example", "check-names", "response ignore", OptionsBlock},
		{"outside", "A.example.", "allow-transfer", "{ 192.0.2.2; }", ZoneBlock},
		{"outside", "A.example.", "forward", "only", ZoneBlock},
		{"later", "a.example", "file", `"a"`, ZoneBlock}, // through two views
		{"outside", "c.example", "file", "", None},       // the view stands further down
		{"outside", "d.example", "file", "", None},       // itself
		{"_default", "Own.example.", "notify", "no", ZoneBlock},
		{"_default", "Own.example.", "allow-transfer", "{ 192.0.2.1; }", OptionsBlock},
		{"inside", "", "recursion", "no", ViewBlock},
		{"outside", "", "recursion", "true", None},
		{"outside", "", "allow-transfer", "{ 192.0.2.1; }", OptionsBlock},
		{"outside", "", "forwarders", "{ 192.0.2.53; }", OptionsBlock},
		{"outside", "", "allow-recursion", "{ 10.0.0.0/8; }", OptionsBlock}, // allow-query-cache lends it
		{"outside", "", "allow-recursion-on", "{ any; }", None},
		{"outside", "", "server", "192.0.2.7 { edns no; }", Top},
		{"outside", "", "plugin", "", None},
		{"_default", "", "plugin", `query "outer.so"`, Top},
		{"outside", "", "file", "", None},
		{"", "", "pid-file", `"/run/p"`, OptionsBlock},
		{"", "", "port", "53", None},
		{"", "", "match-clients", "", None},
	} {
		var s Setting
		switch {
		case x.zone != "":
			s = zone(x.view, x.zone).Value(x.keyword)
		case x.view != "":
			s = c.View(x.view).Value(x.keyword)
		default:
			s = c.Value(x.keyword)
		}
		if s.String() != x.value || s.From != x.from {
			t.Errorf("%s %s %s is %q from %b, want %q from %b", x.view, x.zone, x.keyword, s, s.From, x.value, x.from)
		}
	}
	for keyword, want := range map[string]string{"key": "inner outer", "check-names": "primary response", "recursion": "no", "notify": "",
		"allow-transfer": "" /* one statement without a first word */} {
		var got []string
		for s := range c.View("inside").Value(keyword).All() {
			got = append(got, s.Text(1))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("all of %s are %q, want %q", keyword, got, want)
		}
	}
}

func TestDefaultsByRelease(t *testing.T) {
	for _, x := range []struct {
		v    Version
		want string
	}{{V(9, 16, 50), "{ any; }"}, {V(9, 20, 30), "{ none; }"}, {Version{}, "{ none; }"}} {
		c, _ := Load(tree{"/n.conf": `zone "a" { type primary; file "a"; };`}, "/n.conf", Options{Version: x.v})
		for z := range c.Zones() {
			if got := z.Value("allow-transfer").String(); got != x.want {
				t.Errorf("%s: %s, want %s", x.v, got, x.want)
			}
		}
	}
}

// TestWalksHostileTrees reads what no server would run.
func TestWalksHostileTrees(t *testing.T) {
	for _, text := range []string{"", "zone;", "zone { };", "zone \"a\";", "view;", "view \"v\";", "view { zone; };", "template;", "options;", "options; options { };",
		"zone \"a\" { template; in-view; type; };", "zone a { template none; };", "view a { zone x { in-view b; }; }; view b { zone x { in-view a; }; };", "acl", "{", "zone \"a\" {"} {
		c, _ := Parse("/n.conf", []byte(text))
		for z := range c.Zones() {
			z.Value("file")
			z.Value("notify")
			z.Value("")
			z.Origin()
		}
		for v := range c.Views() {
			v.Value("recursion")
			v.Zone("a")
		}
		c.Value("port")
		for place, s := range c.All() {
			_, _, _, _ = place.String(), place.Context(), s.Whole(), s.Value()
		}
	}
}

func BenchmarkWalk100kZones(b *testing.B) {
	for _, frame := range []string{"%s", "view \"v\" {\n%s};\n"} {
		c, _ := Load(tree{"/n.conf": fmt.Sprintf(frame, strings.SplitN(zonesConf(100000), "\n", 2)[1])}, "/n.conf", Options{})
		b.Run(frame[:2], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for z := range c.Zones() {
					if z.Value("allow-transfer").From == ZoneBlock && z.Value("notify").String() == "yes" {
						n++
					}
				}
				if n != 100000 {
					b.Fatal(n)
				}
			}
		})
	}
}
