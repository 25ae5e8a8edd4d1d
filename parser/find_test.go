package parser

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const findConf = `acl a { 10.0.0.1; { key k; }; };
options { Recursion yes; /* why */ dns64 64:ff9b::/96 { mapped { any; }; }; };
view "v 1" { zone "z" { type hint; file "h" /* x */ // y
 ; }; };
plugin query "p" { zone { file "not parsed"; }; };
newstatement { deeper { file 1; }; };
zone last { file "l" }`

func TestAllAndSelect(t *testing.T) {
	c, _ := Parse("/n.conf", []byte(findConf))
	var got []string
	for place, s := range c.All() {
		got = append(got, fmt.Sprintf("%s|%s", place, s.Keyword()))
	}
	want := []string{"|acl", "|options", "options|recursion", "options|dns64", "options, dns64 64:ff9b::/96|mapped", "|view", `view "v 1"|zone`,
		`view "v 1", zone "z"|type`, `view "v 1", zone "z"|file`, "|plugin", "|newstatement", "newstatement|deeper", "newstatement, deeper|file", "|zone", "zone last|file"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for place, s := range c.All() {
		if want := map[string]Context{"mapped": DNS64Block, "type": ZoneBlock, "deeper": Unknown, "options": Top}[s.Keyword()]; want != None && place.Context() != want {
			t.Errorf("%s is in %b, want %b", s.Keyword(), place.Context(), want)
		}
	}
	for n := range len(want) { // every statement can be the last
		i := 0
		for range c.All() {
			if i++; i > n {
				break
			}
		}
		if i != n+1 {
			t.Errorf("stopped at %d, want %d", i, n+1)
		}
	}
	for path, want := range map[string]int{"view zone file": 1, "zone file": 1, "OPTIONS recursion": 1, "options dns64 mapped any": 1, "file": 0, "": 0} {
		n := 0
		for range c.Select(strings.Fields(path)...) {
			n++
		}
		if n != want {
			t.Errorf("%q leads to %d statements, want %d", path, n, want)
		}
	}
	for s := range c.Select("view") {
		for place, inner := range s.Block().All() {
			if inner.Keyword() == "file" && place.String() != `zone "z"` {
				t.Errorf("in the block the place is %q", place)
			}
		}
		for inner := range s.Block().Select("zone", "file") {
			if inner.Text(1) != "h" {
				t.Errorf("selected %q", inner.Text(1))
			}
		}
	}
}

func TestSpans(t *testing.T) {
	c, _ := Parse("/n.conf", []byte(findConf))
	for path, want := range map[string][3]string{
		"view zone file":    {`file "h"`, "file \"h\" /* x */ // y\n ;", `"h"`},
		"zone file":         {`file "l"`, `file "l"`, `"l"`},
		"options recursion": {"Recursion yes", "Recursion yes;", "yes"},
		"acl":               {"acl a { 10.0.0.1; { key k; }; }", "acl a { 10.0.0.1; { key k; }; };", "a { 10.0.0.1; { key k; }; }"},
	} {
		for s := range c.Select(strings.Fields(path)...) {
			if got := [3]string{s.Span().Text(), s.Whole().Text(), s.Value()}; got != want {
				t.Errorf("%s: got %q, want %q", path, got, want)
			}
		}
	}
	src := tree{"/n.conf": `include "/i"; }; zone "x" { include "/j"; };`, "/i": "options {\n", "/j": `type hint; }; acl "longer than the first file" {`}
	c, _ = Load(src, "/n.conf", Options{})
	for _, s := range c.All() {
		s.Span().Text() // across files: no panic
		s.Value()
	}
	for s := range c.Select("options") {
		if s.Span().Text() != "options" {
			t.Errorf("a statement that begins in an include file is %q", s.Span().Text())
		}
	}
	src = tree{"/n.conf": `zone "x" { include "/j"; /* closed elsewhere */ `, "/j": `type hint; file "h"; };`}
	c, _ = Load(src, "/n.conf", Options{})
	for s := range c.Select("zone") {
		if s.Span().Text() != `zone "x"` {
			t.Errorf("a statement that ends in an include file is %q", s.Span().Text())
		}
	}
	if (&Statement{}).Whole().Text() != "" || (&Statement{}).Value() != "" {
		t.Error("an empty statement has text")
	}
}

func TestEdits(t *testing.T) {
	for _, x := range []struct {
		edits []edit
		want  string
		err   bool
	}{
		{nil, "0123456789", false},
		{[]edit{{2, 4, "ab"}, {0, 0, ">"}, {10, 10, "<"}}, ">01ab456789<", false},
		{[]edit{{2, 4, "x"}, {2, 2, "+"}, {4, 4, "-"}}, "01+x-456789", false},
		{[]edit{{2, 4, "x"}, {2, 4, "x"}}, "01x456789", false},
		{[]edit{{2, 4, "x"}, {2, 4, "y"}}, "", true},
		{[]edit{{2, 5, "x"}, {4, 6, "y"}}, "", true},
		{[]edit{{9, 11, "x"}}, "", true},
		{[]edit{{5, 4, "x"}}, "", true},
		{[]edit{{-1, 4, "x"}}, "", true},
	} {
		var e Edits
		for _, ed := range x.edits {
			e.Replace(ed.start, ed.end, ed.text)
		}
		got, err := e.Apply("0123456789")
		if got != x.want || (err != nil) != x.err {
			t.Errorf("%v: %q, %v; want %q", x.edits, got, err, x.want)
		}
	}
}

func TestChanges(t *testing.T) {
	c, _ := Load(tree{"/n.conf": `include "/i"; zone a { file old; };`, "/i": "acl x { any; };"}, "/n.conf", Options{})
	var ch Changes
	for s := range c.Select("zone", "file") {
		if err := ch.SetText(s.Arg(1), `a "b"`); err != nil {
			t.Fatal(err)
		}
		ch.InsertBefore(s.Whole(), "/* before */ ")
		ch.InsertAfter(s.Whole(), " /* behind */")
		for _, bad := range []string{"a\n", `a\`, "\x00"} {
			if err := ch.SetText(s.Arg(1), bad); err == nil {
				t.Errorf("%q was taken", bad)
			}
		}
	}
	for s := range c.Select("zone") {
		if err := ch.SetText(s.Arg(2), "x"); err == nil {
			t.Error("a block was taken for a word")
		}
		if err := ch.SetText(s.Arg(7), "x"); err == nil {
			t.Error("nothing was taken for a word")
		}
	}
	got, err := ch.Text(c.Files[0])
	if want := `include "/i"; zone a { /* before */ file "a \"b\""; /* behind */ };`; got != want || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err := ch.Text(c.Files[1]); got != "acl x { any; };" || err != nil || ch.Of(c.Files[1]) != nil {
		t.Errorf("the other file is %q, %v", got, err)
	}
	ch.Replace(Span{c.Files[1], 0, 3}, "x")
	ch.Replace(Span{c.Files[1], 2, 4}, "y")
	if _, err := ch.Text(c.Files[1]); !errors.Is(err, ErrOverlap) || !strings.HasPrefix(err.Error(), "/i: ") {
		t.Errorf("an overlap is %v", err)
	}
}

func TestParseKeepsToOneText(t *testing.T) {
	for _, name := range []string{"named.conf", "./named.conf", "a/../named.conf", "/named.conf"} {
		c, ds := Parse(name, []byte(`include "x"; acl a { any; };`))
		if len(c.Statements) != 2 || len(c.Files) != 1 || len(ds) != 0 || len(c.Includes) != 1 || c.Includes[0].Files != nil {
			t.Errorf("%s: %d statements, %d files, %v", name, len(c.Statements), len(c.Files), ds)
		}
	}
}

func TestContextsHaveNames(t *testing.T) {
	for c, want := range map[Context]string{None: "none", Top: "top level", OptionsBlock | DNS64Block: "options|dns64", Unknown: "unknown", List: "list"} {
		if c.String() != want {
			t.Errorf("%d is %q, want %q", c, c, want)
		}
	}
	if Context(1)<<(len(contextWords)-1) != Unknown {
		t.Error("a context has no word")
	}
}

func TestFromFS(t *testing.T) {
	src := FromFS(fstest.MapFS{"etc/a": {Data: []byte("x")}, "etc/b": {}, "pipe": {Mode: fs.ModeNamedPipe}})
	for p, want := range map[string]string{"/etc/a": "x", "/etc/../etc/a": "x", "/../etc/a": "x"} {
		if text, name, err := src.ReadFile(p); text != want || name != p || err != nil {
			t.Errorf("%s: %q, %q, %v", p, text, name, err)
		}
	}
	for p, want := range map[string]error{"/none": fs.ErrNotExist, "/etc": fs.ErrInvalid, "/": fs.ErrInvalid, "/pipe": fs.ErrInvalid} {
		if _, _, err := src.ReadFile(p); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", p, err, want)
		}
	}
	if list, err := src.Glob("/etc/*"); err != nil || !slices.Equal(list, []string{"/etc/a", "/etc/b"}) {
		t.Errorf("/etc/*: %q, %v", list, err)
	}
	if _, err := src.Glob("/etc/["); err == nil {
		t.Error("a bad pattern was taken")
	}
}
