package parser

import (
	"fmt"
	"strings"
	"testing"
)

// slip is a mistake, and each of the findings: its place, the text under the
// caret, its code, and words of the message or the remedy.
type slip struct {
	name, text string
	want       []string // LINE:COLUMN UNDERLINED CODE WORDS
}

var slipTable = []slip{
	// semicolons
	{"after a string", "options {\n\tdirectory \"/d\"\n\trecursion no;\n};", []string{"3:2 recursion NJ105 Put it in line 2 at column 16."}},
	{"before a comment", "options {\n\tdirectory \"/d\" // ours\n\trecursion no;\n};", []string{"3:2 recursion NJ105 Put it in line 2 at column 16."}},
	{"twice", "options {\n\trecursion no\n\tnotify no\n};", []string{"3:2 notify NJ105 line 2", "4:1 } NJ105 line 3"}},
	{"after a list", "options {\n\tlisten-on { any; }\n\trecursion maybe;\n};", []string{"3:2 recursion NJ105 Put it in line 2", "3:12 maybe NJ204 yes or no"}},
	{"after a number with a unit", "options {\n\tmax-cache-size 10m\n\trecursion no;\n};", []string{"3:2 recursion NJ105 line 2"}},
	{"a colon for it", "options {\n\trecursion no:\n};", []string{"2:14 : NJ105 Write ';' in its place."}},
	{"a wide one", "options {\n\trecursion no；\n\tnotify no;\n};", []string{"2:14 ； NJ105 Write ';' in its place."}},
	{"an address that ends in colons", "acl a {\n\tfe80::\n};", []string{"3:1 } NJ105 line 2"}},
	{"a comma for it", "acl a { 10.0.0.0/8, 127.0.0.1; };", []string{"1:18 8, NJ204 A comma is a letter"}},
	// values
	{"an equals sign", "options { recursion = no; notify = no; };", []string{"1:21 = NJ204 no '='", "1:34 = NJ204 no '='"}},
	{"a path without quotes", "options { directory /var/named; recursion no; };", []string{`1:21 /var/named NJ204 write it in quotes: "/var/named".`}},
	{"an include without quotes", "include /etc/x.conf;\noptions { };", []string{`1:9 /etc/x.conf NJ204 write it in quotes: "/etc/x.conf".`}},
	{"single quotes", "options { directory '/var/named'; };", []string{"1:21 '/var/named' NJ204 write plain quotes"}},
	{"typographic quotes", "options {\n\tdirectory “/var/named”;\n};", []string{"2:12 “/var/named” NJ204 typographic quotes"}},
	{"parentheses", "options { allow-query ( any; ); };", []string{"1:23 ( NJ204 in braces"}},
	{"a netmask", "acl a { 10.0.0.0/255.255.0.0; };", []string{"1:18 255.255.0.0 NJ204 write /16."}},
	{"an address out of range", "options { allow-query { 192.0.2.530; }; };", []string{"1:25 192.0.2.530 NJ210 neither an address"}},
	{"a word too many", "options { recursion no; max-cache-size 10m 5; };", []string{"1:44 5 NJ204 is not part of 'max-cache-size' here"}},
	{"wrong, and the line's end", "options {\n\trecursion maybe\n\tnotify no;\n};", []string{"2:12 maybe NJ204 yes or no", "3:2 notify NJ105 line 2"}},
	// signs of a word processor
	{"a no-break space", "options {\n\trecursion\u00a0yes;\n};", []string{"2:2 recursion\u00a0yes NJ201 no-break space"}},
	{"a dash", "options { allow–query { any; }; };", []string{"1:11 allow–query NJ201 typographic dash"}},
	{"letters exchanged", "zoen \"a\" { type hint; file \"x\"; };", []string{"1:1 zoen NJ201 Did you mean 'zone'?"}},
	{"what a misspelled statement defines", "alc a { any; };\noptions { allow-query { a; }; };", []string{"1:1 alc NJ201 Did you mean 'acl'?"}},
	// quotes
	{"a quote over lines", "options {\n\tdirectory \"/d;\n\tpid-file \"/run/pid\";\n\tnotify maybe;\n};", []string{"2:12 \" NJ102 not closed in its line"}},
	{"a quote before others of its line", "zone \"a { type hint; file \"x\"; };\nzone \"b\" { type hint; file \"x\"; };", []string{"1:6 \" NJ102 not closed in its line"}},
	{"a string over lines", "server 192.0.2.1 { };\nzone \"a\" { type primary; file \"x\ny\"; };", nil},
	// braces
	{"no '{' after a word", "options\n\tdirectory \"/d\";\n\trecursion maybe;\n};\nzone \"a\" { type hint; file \"x\"; };", []string{"2:2 directory NJ104 a '{' is missing", "3:12 maybe NJ204 yes or no"}},
	{"no '{' after a name", "view \"v\" match-clients { any; };\n\tzone \"a\" { type hint; file \"x\"; };\n};", []string{"1:10 match-clients NJ104 a '{' is missing"}},
	{"no '}' of a zone", "view \"v\" {\n\tzone \"a\" {\n\t\ttype hint; file \"x\";\n\n\tzone \"b\" { type hint; file \"y\"; };\n};", []string{"2:11 { NJ104 not closed before 'zone' in line 5"}},
	{"no '}' of a list", "options {\n\tallow-query { any;\n\trecursion no;\n};\nzone \"a\" { type hint; file \"x\"; };\n", []string{"1:9 { NJ104 not closed before 'zone' in line 5"}},
	{"a '}' too many in options", "options {\n\tallow-query { any; }; };\n\trecursion maybe;\n\tnotify no;\n};\nzone \"a\" { type hint; file \"x\"; };", []string{"2:24 } NJ104 'recursion' behind it belongs there", "3:12 maybe NJ204 yes or no"}},
	{"a '}' too many in a zone", "view \"v\" {\n\tzone \"a\" {\n\t\ttype hint; };\n\t\tfile \"x\";\n\t};\n};", []string{"3:14 } NJ104 'file' behind it belongs there"}},
	{"a '}' too many in a view", "view \"v\" {\n\tzone \"a\" { type hint; file \"x\"; }; };\n\tzone \"b\" { type hint; file \"x\"; };\n};", []string{"4:1 } NJ104 closes nothing"}},
	{"a statement in the wrong place", "options { };\nallow-query { any; };\n", []string{"2:1 allow-query NJ201 not allowed here"}},
	// files
	{"a file included twice", "include \"/a\";\ninclude \"/a\";\n", []string{"1:5 a NJ218 included twice"}},
	{"an editor's copy", "include \"/z/*\";\n", []string{"1:6 \"v\" NJ218 /z/a~ looks like a copy"}},
	{"an include that is missing", "include \"/none\";\noptions { allow-query { a; }; };", []string{"1:9 \"/none\" NJ109 no such file"}},
	{"a pattern that matches nothing", "include \"/none*\";\noptions { allow-query { a; }; };", []string{"1:9 \"/none*\" NJ109 nothing matches"}},
	{"a swap file", "include \"/swap\";\noptions { };", []string{"1:6  NJ107 no text"}},
}

// TestSlips states for each mistake where it is told, and that nothing else is.
func TestSlips(t *testing.T) {
	files := tree{"/a": "acl a { any; };", "/z/a": "view \"v\" { };", "/z/a~": "view \"v\" { };", "/swap": "b0VIM\x009.0" + strings.Repeat("\x00x", 20)}
	for _, s := range slipTable {
		files["/n.conf"] = s.text
		_, ds := Load(files, "/n.conf", Options{Version: V(9, 18, 49)})
		ds.Sort()
		for i, d := range ds {
			under := ""
			if d.Source != "" {
				under = d.Source[d.Column-1 : d.Column-1+d.Width]
			}
			got := fmt.Sprintf("%d:%d %s %s ", d.Line, d.Column, under, d.Code)
			if i >= len(s.want) {
				t.Errorf("%s: one finding too many: %s%s", s.name, got, d.Message)
				continue
			}
			words := strings.TrimPrefix(s.want[i], got)
			if words == s.want[i] || !strings.Contains(d.Message+"\n"+d.Remedy, words) {
				t.Errorf("%s:\n got %s%s\n     %s\nwant %s", s.name, got, d.Message, d.Remedy, s.want[i])
			}
		}
		for _, w := range s.want[min(len(ds), len(s.want)):] {
			t.Errorf("%s: not found: %s", s.name, w)
		}
	}
}

// TestReopenedBlock shows that a block which is opened again has what stands
// behind the brace too, and keeps the statements before it.
func TestReopenedBlock(t *testing.T) {
	c, _ := load(t, tree{"/n.conf": "acl a { any; };\noptions { recursion no; };\n notify no;\n};\nacl b { any; };"}, Options{})
	if got := keywords(c); got != "acl options acl" {
		t.Errorf("statements are %q", got)
	}
	if s := c.Value("notify"); s.String() != "no" {
		t.Errorf("notify is %q", s.String())
	}
}

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"zoen", "zone", 1}, {"recurison", "recursion", 1}, {"pirmary", "primary", 1}, {"zone", "view", 4}, {"opitons", "option", 2}, {"ab", "ba", 1}} {
		if got := editDistance(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
