package parser

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

// tree is a Source of files in memory.
type tree map[string]string

func (t tree) ReadFile(path string) (string, string, error) {
	text, ok := t[path]
	if !ok {
		return "", path, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return text, path, nil
}

func (t tree) Glob(pattern string) ([]string, error) {
	var out []string
	for p := range t {
		if ok, _ := filepath.Match(pattern, p); ok {
			out = append(out, p)
		}
	}
	sort.Strings(out)
	return out, nil
}

func load(t *testing.T, src tree, opt Options) (*Config, []string) {
	t.Helper()
	c, ds := Load(src, "/n.conf", opt)
	var heads []string
	for _, d := range ds {
		heads = append(heads, d.Headline())
	}
	return c, heads
}

func keywords(c *Config) string {
	var out []string
	for _, s := range c.Statements {
		out = append(out, s.Keyword())
	}
	return strings.Join(out, " ")
}

func joined(text string) string {
	s := scanner{src: text}
	var b strings.Builder
	for t := s.next(); t.kind != tokEOF; t = s.next() {
		b.WriteString(text[t.start:t.end])
	}
	return b.String()
}

func TestTokensJoinToTheInput(t *testing.T) {
	files, _ := filepath.Glob("../testdata/install/*/*.conf")
	for _, text := range append(files, "", `a "b\"c\\" /* x */ //y`, "\"open", "/* open", "a#b\nc//d\n/*/ */;\x00\xff{}!/") {
		if b, err := os.ReadFile(text); err == nil {
			text = string(b)
		}
		if got := joined(text); got != text {
			t.Errorf("joined tokens are %q, want %q", got, text)
		}
	}
}

func TestQuote(t *testing.T) {
	for value, ok := range map[string]bool{"": true, "a b;c": true, `a"b`: true, `a\b`: true, `a\\`: true, `a\`: false, `a\"b`: false, "a\nb": false, "a\x00": false} {
		q, got := Quote(value)
		if got != ok {
			t.Errorf("Quote(%q) = %s, %v; want %v", value, q, got, ok)
		}
		if ok && Unquote(q) != value {
			t.Errorf("Unquote(%s) = %q, want %q", q, Unquote(q), value)
		}
	}
}

func TestIncludes(t *testing.T) {
	src := tree{
		"/n.conf":     `include "first.inc"; options { directory "/d"; include "o.inc"; }; include "c/*.conf"; view "w" { zone "z" { type hint; file "h"; }; };`,
		"/first.inc":  `acl one { any; };`,
		"/d/o.inc":    `recursion yes; }; view "v" { match-clients { any; };`,
		"/d/c/a.conf": `acl a { any; };`,
		"/d/c/b.conf": `acl b { any; }; include "x.inc";`,
		"/d/x.inc":    `acl x { any; };`,
	}
	c, heads := load(t, src, Options{Version: V(9, 18, 0)})
	if len(heads) > 0 {
		t.Fatal(heads)
	}
	if got := keywords(c); got != "include acl options view include acl include acl acl view" {
		t.Errorf("statements are %q", got)
	}
	if got := c.Statements[5].Text(1) + c.Statements[7].Text(1) + c.Statements[8].Text(1); got != "bxa" {
		t.Errorf("glob matches are read in the order %q, want bxa: the last match first", got)
	}
	if c.Directory != "/d" {
		t.Errorf("directory is %q", c.Directory)
	}
}

func TestNoGlobsBefore917(t *testing.T) {
	_, heads := load(t, tree{"/n.conf": `include "/c*";`, "/c1": ``}, Options{Version: V(9, 16, 0)})
	if len(heads) != 1 || !strings.Contains(heads[0], "NJ109") {
		t.Error(heads)
	}
	_, ds := Load(tree{"/n.conf": `include "/c*";`}, "/n.conf", Options{Version: V(9, 16, 0)})
	if len(ds) != 1 || !strings.Contains(ds[0].Remedy, "patterns came with 9.17.0") {
		t.Error(ds)
	}
	_, heads = load(t, tree{"/n.conf": `include "/c*";`, "/c*": ``}, Options{Version: V(9, 16, 0)})
	if len(heads) != 0 {
		t.Error(heads)
	}
}

// TestFindings states message for message what each mistake yields.
func TestFindings(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"options { directory \"/x\" };", []string{`/n.conf:1:26: error: a ';' is missing before '}' [NJ105]`}},
		{"options { recursion yes\n  directory \"/x\"; };", []string{`/n.conf:2:3: error: a ';' is missing before 'directory' [NJ105]`}},
		{"zone \"a\" { type hint; file \"x\"; }\nzone \"b\" { type hint; file \"y\"; };", []string{`/n.conf:2:1: error: a ';' is missing before 'zone' [NJ105]`}},
		{"options { };\nacl a { any; }", []string{`/n.conf:2:15: error: a ';' is missing before the end of the file [NJ105]`}},
		{"options {\n recursion yes;", []string{`/n.conf:1:9: error: a '{' is opened here and never closed [NJ104]`}},
		{"acl a { any; }; };\noptions { };", []string{`/n.conf:1:17: error: a '}' that closes nothing [NJ104]`}},
		{"options { ; };;", []string{`/n.conf:1:11: error: a ';' with no statement before it [NJ106]`, `/n.conf:1:15: error: a ';' with no statement before it [NJ106]`}},
		{"options { recursion yes/* glued */; };", []string{`/n.conf:1:24: error: a comment directly behind a word ends it with a stray '/' [NJ112]`}},
		{"\"options\" { };", []string{`/n.conf:1:1: error: a statement begins with a plain word [NJ114]`}},
		{"options { directory \"/x; };\n", []string{`/n.conf:1:21: error: a string is opened here and never closed [NJ102]`}},
		{"options { };\n/* no end", []string{`/n.conf:2:1: error: a comment is opened here and never closed [NJ103]`}},
		{"opitons { };", []string{`/n.conf:1:1: error: unknown statement 'opitons' [NJ201]`}},
		{"options { zone \"x\" { }; };", []string{`/n.conf:1:11: error: 'zone' is not allowed here [NJ201]`}},
		{"options { named-xfer \"/x\"; };", []string{`/n.conf:1:11: error: 'named-xfer' no longer exists in BIND 9.18.0; 9.13.7 was the first release without it [NJ202]`}},
		{"options { key-store \"/x\"; };", []string{`/n.conf:1:11: error: 'key-store' is not allowed here [NJ201]`}},
		{"options { recursion yes; recursion no; };", []string{`/n.conf:1:26: error: 'recursion' stands twice; it is first at /n.conf:1 [NJ205]`}},
		{"options { }; options { };", []string{`/n.conf:1:14: error: 'options' stands twice; it is first at /n.conf:1 [NJ205]`}},
		{"zone \"a\" { type hint; file a; };", []string{`/n.conf:1:28: error: 'file' wants a string in quotes [NJ204]`}},
		{"include \"/none\";", []string{`/n.conf:1:9: error: include file "/none": there is no such file [NJ109]`}},
		{"include \"n.conf\";", []string{`/n.conf:1:9: error: include file "/n.conf" includes itself [NJ110]`}},
		{"acl a { 10.0.0.0/8; ! { any; }; \"x\"; };dyndb \"d\" \"/l\" { a \"x}y\"; };", []string{`/n.conf:1:62: error: a ';' is missing before 'y' [NJ105]`, `/n.conf:1:63: error: a string is opened here and never closed [NJ102]`}},
		{"plugin query \"/l\" { // \\} \n # };", nil},
	} {
		_, heads := load(t, tree{"/n.conf": c.text}, Options{Version: V(9, 18, 0)})
		if strings.Join(heads, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s\n got %s\nwant %s", c.text, strings.Join(heads, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
}

func TestEveryRowHasASource(t *testing.T) {
	seen := map[string]Context{}
	for _, d := range Statements() {
		if d.Source == "" {
			t.Errorf("%s has no source", d.Keyword)
		}
		if both := seen[d.Keyword] & d.In; both != 0 {
			t.Errorf("%s has two rows for context %b", d.Keyword, both)
		}
		seen[d.Keyword] |= d.In
	}
}

func TestDeepNestingIsRefused(t *testing.T) {
	_, heads := load(t, tree{"/n.conf": "acl a " + strings.Repeat("{", 100000)}, Options{})
	if len(heads) == 0 || !strings.Contains(heads[0], "NJ108") {
		t.Error(heads)
	}
}

// TestPartial: where a part of the configuration cannot be read, what is missing
// may be defined there.
func TestPartial(t *testing.T) {
	for text, want := range map[string]string{
		`include "/none"; options { allow-query { customers; }; };`: "[/n.conf:1:9: error: include file \"/none\": there is no such file [NJ109]]",
		`options { allow-query { customers; }; };`:                  "[/n.conf:1:25: error: the acl 'customers' is not defined [NJ210]]",
	} {
		_, heads := load(t, tree{"/n.conf": text}, Options{Version: V(9, 18, 0)})
		if got := fmt.Sprint(heads); got != want {
			t.Errorf("%s: got %s", text, got)
		}
	}
}
