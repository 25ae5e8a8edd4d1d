package parser

import (
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"
	"testing"
)

// heads gives the headlines of findings.
func headlines(ds Diagnostics) []string {
	var list []string
	for _, d := range ds {
		list = append(list, d.Headline())
	}
	return list
}

// allocated runs f and gives the bytes that it took from the heap in all.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestHostileTexts reads texts that no server has. Each yields the findings
// that are stated and no others, and takes no more memory than stated.
func TestHostileTexts(t *testing.T) {
	const mega = 1 << 20
	rep := strings.Repeat
	for _, c := range []struct {
		name   string
		text   func() string
		memory uint64
		want   []string
	}{
		{"100,000 braces in options", func() string { return "options " + rep("{", 100000) }, 4 * mega,
			[]string{"/n.conf:1:10: error: a statement begins with a plain word, not with '{' [NJ114]", "/n.conf:1:509: error: more than 500 blocks in blocks [NJ108]"}},
		{"100,000 braces in options, closed", func() string { return "options " + rep("{", 100000) + rep("};", 100000) }, 4 * mega,
			[]string{"/n.conf:1:10: error: a statement begins with a plain word, not with '{' [NJ114]", "/n.conf:1:509: error: more than 500 blocks in blocks [NJ108]"}},
		{"100,000 braces in an acl", func() string { return "acl a " + rep("{\n", 100000) }, 4 * mega,
			[]string{"/n.conf:501:1: error: more than 500 blocks in blocks [NJ108]"}},
		{"100,000 braces in an acl, closed", func() string { return "acl a " + rep("{", 100000) + " any; " + rep("};", 100000) }, 4 * mega,
			[]string{"/n.conf:1:507: error: more than 500 blocks in blocks [NJ108]"}},
		{"100,000 braces in text for a module", func() string { return `dyndb "a" "b" {` + rep("{", 100000) }, 4 * mega,
			[]string{"/n.conf:1:15: error: a '{' is opened here and never closed [NJ104]"}},
		{"100,000 braces in text for a module, closed", func() string { return `dyndb "a" "b" {` + rep("{", 100000) + rep("}", 100000) + "};" }, 4 * mega, nil},
		{"100,000 braces that close nothing", func() string { return rep("}", 10000) + rep("};\n", 90000) }, 64 * mega, nil},
		{"a string of 50 MB", func() string { return `options { directory "` + rep("x", 50*mega) + `"; };` }, 4 * mega,
			[]string{"/n.conf:1:21: error: a value of 52428802 bytes; what comes behind is not read [NJ116]"}},
		{"a string of 50 MB, not closed", func() string { return "options { };\nzone \"" + rep("x; \\\"\n", 50*mega/6) }, 8 * mega,
			[]string{"/n.conf:2:6: error: a string is opened here and never closed [NJ102]"}},
		{"a word of 50 MB", func() string { return "acl " + rep("x", 50*mega) + " { any; };" }, 4 * mega,
			[]string{"/n.conf:1:5: error: a value of 52428800 bytes; what comes behind is not read [NJ116]"}},
		{"a keyword of 50 MB", func() string { return rep("x", 50*mega) + " { any; };" }, 4 * mega,
			[]string{"/n.conf:1:1: error: a value of 52428800 bytes; what comes behind is not read [NJ116]"}},
		{"a comment of 50 MB", func() string { return "/*" + rep("\n{\"", 50*mega/3) + "*/ opitons { };" }, 4 * mega,
			[]string{"/n.conf:17476267:6: error: unknown statement 'opitons' [NJ201]"}},
		{"a comment of 50 MB, not closed", func() string { return "options { };\n/*" + rep("*/ /*", 10*mega) }, 8 * mega,
			[]string{"/n.conf:2:52428801: error: a comment is opened here and never closed [NJ103]"}},
		{"a raw block of 50 MB", func() string { return `dyndb "a" "b" {` + rep("{\"} ", 12*mega) + "};" }, 4 * mega, nil},
		{"a statement of 1,000,000 words", func() string { return "options { forwarders " + rep("a ", 1000000) + "; };" }, 500 * mega,
			[]string{"/n.conf:1:22: error: 'forwarders' wants port or dscp or a list in braces [NJ204]"}},
		{"a statement without an end", func() string { return rep("a ", 25*mega) }, 500 * mega,
			[]string{"/n.conf:1:2097153: error: a statement of more than 1048576 words; what comes behind is not read [NJ116]"}},
		{"an acl of 1,000,000 addresses", func() string { return "acl a { " + rep("::1;", 1000000) + " };" }, 600 * mega, nil},
		{"an acl of 12,000,000 addresses", func() string { return "acl a {" + rep("a;", 12000000) + "};" }, 800 * mega,
			[]string{"/n.conf:1:4194312: error: a block of more than 2097152 statements; what comes behind is not read [NJ116]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := c.text()
			var ds Diagnostics
			took := allocated(func() { _, ds = Load(tree{"/n.conf": text}, "/n.conf", Options{}) })
			if took > c.memory {
				t.Errorf("took %d MB for a text of %d", took/mega, len(text)/mega)
			}
			if c.name == "100,000 braces that close nothing" {
				if len(ds) != MaxFindings+1 || ds[MaxFindings].Code != "NJ116" {
					t.Errorf("%d findings, the last is %s", len(ds), ds[len(ds)-1].Headline())
				}
				return
			}
			if got := strings.Join(headlines(ds), "\n"); got != strings.Join(c.want, "\n") {
				t.Errorf("got %.2000s\nwant %s", got, strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestManyTerms lowers the bound that only a gigabyte of memory would reach.
func TestManyTerms(t *testing.T) {
	list := "{" + strings.Repeat("{"+strings.Repeat("a;", 1000)+"};", 10) + "};"
	r := NewReader(tree{"/n.conf": "acl a " + list + " acl b {" + list + list + "};"}, "/n.conf", Options{})
	r.maxTerms = 15000
	for r.Next() != nil {
	}
	if got := headlines(r.Diagnostics()); len(got) != 1 || !strings.HasSuffix(got[0], "error: a statement that holds more than 15000 words in its blocks; what comes behind is not read [NJ116]") {
		t.Error(got)
	}
}

// endless is a Source with one file that is larger than it should be.
type endless struct{ text string }

func (e endless) ReadFile(p string) (string, string, error) {
	switch p {
	case "/n.conf":
		return e.text, p, nil
	case "/gigabyte":
		return "", p, ErrTooLarge
	case "/half":
		return strings.Repeat("#", MaxText*2/3), p, nil
	case "/half2":
		return strings.Repeat("#", MaxText*2/3), p, nil
	}
	return strings.Repeat(" ", MaxText+1), p, nil
}

func (endless) Glob(string) ([]string, error) { return nil, nil }

func TestTooLarge(t *testing.T) {
	for text, want := range map[string]string{
		`include "/gigabyte";`:                  `/n.conf:1:9: error: include file "/gigabyte": it is larger than 256 MB, which no configuration is [NJ109]`,
		"\ninclude \"/spaces\";":                `/n.conf:2:9: error: include file "/spaces": it is larger than 256 MB, which no configuration is [NJ109]`,
		"include \"/half\";include \"/half2\";": `/n.conf:1:25: error: include file "/half2": with it the configuration is larger than 256 MB [NJ109]`,
	} {
		_, ds := Load(endless{text}, "/n.conf", Options{})
		if got := strings.Join(headlines(ds), "\n"); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
	for _, conf := range []string{"/gigabyte", "/spaces"} {
		_, ds := Load(endless{}, conf, Options{})
		if got, want := strings.Join(headlines(ds), "\n"), conf+": error: the configuration cannot be read: it is larger than 256 MB, which no configuration is [NJ101]"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// countingTree counts what is read of it.
type countingTree struct {
	linked
	read *int
}

func (c countingTree) ReadFile(p string) (string, string, error) {
	*c.read++
	if path.Base(p) == "zero" {
		return "", p, errors.New("this is a character device, not a regular file")
	}
	return c.linked.ReadFile(p)
}

// TestHostileIncludes reads include files in loops, chains and masses.
func TestHostileIncludes(t *testing.T) {
	chain := func(n int, text string) tree {
		src := tree{"/n.conf": fmt.Sprintf(text, 0)}
		for i := range n {
			src[fmt.Sprintf("/%d", i)] = fmt.Sprintf(text, i+1)
		}
		src[fmt.Sprintf("/%d", n)] = "controls { };"
		return src
	}
	many := func(n int) tree {
		src := tree{}
		var b strings.Builder
		for i := range n {
			src[fmt.Sprintf("/d/%05d.conf", i)] = fmt.Sprintf("acl a%d { any; };", i)
			fmt.Fprintf(&b, "include \"d/%05d.conf\";\n", i)
		}
		src["/n.conf"] = b.String()
		return src
	}
	globbed := many(10000)
	globbed["/n.conf"] = `include "d/*.conf";`
	big := many(200)
	for p := range big {
		if p != "/n.conf" {
			big[p] = "# " + strings.Repeat("x", 1<<20)
		}
	}
	again := tree{"/n.conf": strings.Repeat("include \"/big\";\n", 100), "/big": strings.Repeat("#", 20<<20)}
	loop := `include file %q includes itself [NJ110]`
	for _, c := range []struct {
		name       string
		src        tree
		statements int
		want       []string
	}{
		{"itself", tree{"/n.conf": `options { }; include "n.conf"; acl a { any; };`}, 3, []string{`/n.conf:1:22: error: ` + fmt.Sprintf(loop, "/n.conf")}},
		{"a pair", tree{"/n.conf": `include "a";`, "/a": "\n include \"n.conf\";"}, 2, []string{`/a:2:10: error: ` + fmt.Sprintf(loop, "/n.conf")}},
		{"a pair that includes twice", tree{"/n.conf": `include "a";include "a";`, "/a": `include "n.conf";include "/a";`}, 6,
			[]string{`/a:1:9: error: ` + fmt.Sprintf(loop, "/n.conf"), `/a:1:26: error: ` + fmt.Sprintf(loop, "/a")}},
		{"by way of a glob", tree{"/n.conf": `include "?.conf";`}, 1, []string{`/n.conf:1:9: error: ` + fmt.Sprintf(loop, "/n.conf")}},
		{"by way of a link", tree{"/n.conf": `include "link";`}, 1, []string{`/n.conf:1:9: error: ` + fmt.Sprintf(loop, "/link")}},
		{"by way of ..", tree{"/n.conf": `include "/d/../x/../a";`, "/a": `include "../../n.conf";`}, 2, []string{`/a:1:9: error: ` + fmt.Sprintf(loop, "/n.conf")}},
		{"by way of a directory", tree{"/n.conf": `options { directory "d"; include "link"; };`}, 1, []string{`/n.conf:1:34: error: ` + fmt.Sprintf(loop, "/d/link")}},
		{"a device", tree{"/n.conf": "\n\n   include \"/dev/zero\";"}, 1, []string{`/n.conf:3:12: error: include file "/dev/zero": this is a character device, not a regular file [NJ109]`}},
		{"10,000 in one file", many(10000), 20000, nil},
		{"10,000 of one glob", globbed, 10001, nil},
		{"a chain of 99", chain(99, `include "/%d";`), 101, nil},
		{"a chain of 10,000", chain(10000, `include "/%d";`), 101, []string{`/99:1:9: error: more than 100 files include each other [NJ113]`}},
		{"each includes the next twice", chain(40, `include "/%[1]d";include "/%[1]d";`), 2 * maxIncludes, []string{`/36:1:9: error: more than 100000 include files [NJ113]`}},
		{"200 files of a megabyte", big, 200, nil},
		{"a large file 100 times", again, 52, []string{`/n.conf:52:9: error: the include files come to more than 1024 MB, each counted as often as it is included [NJ113]`}},
		{"a name of 50 MB", tree{"/n.conf": `include "` + strings.Repeat("a/", 25<<20) + `";`}, 0, []string{`/n.conf:1:9: error: a value of 52428802 bytes; what comes behind is not read [NJ116]`}},
		{"a name of 5,000 bytes", tree{"/n.conf": `include "/` + strings.Repeat("*/", 2500) + `";`}, 1, []string{`/n.conf:1:9: error: include with a name of 5001 bytes, longer than any file's [NJ109]`}},
		{"a name with a NUL byte", tree{"/n.conf": "include \"/a\x00b\";", "/a": "acl a { any; };"}, 2, []string{`/n.conf:1:12: error: a NUL byte in a value [NJ107]`}},
		{"an empty name", tree{"/n.conf": `include "";`}, 1, []string{`/n.conf:1:9: error: include with an empty name [NJ109]`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ds Diagnostics
			var config *Config
			read := 0
			took := allocated(func() { config, ds = Load(countingTree{linked{c.src}, &read}, "/n.conf", Options{}) })
			if took > 500<<20 {
				t.Errorf("took %d MB", took>>20)
			}
			if read > len(c.src)+1 {
				t.Errorf("files were read %d times", read)
			}
			got := strings.Join(headlines(ds), "\n")
			if got != strings.Join(c.want, "\n") {
				t.Errorf("got %.2000s\nwant %s", got, strings.Join(c.want, "\n"))
			}
			if n := len(config.Statements); n != c.statements && !(c.statements == 2*maxIncludes && n > maxIncludes && n <= c.statements) {
				t.Errorf("%d statements, want %d", n, c.statements)
			}
		})
	}
}

// TestGlobInDirectory: named has changed to its directory, so that only the
// name in the statement is a pattern.
func TestGlobInDirectory(t *testing.T) {
	for _, dir := range []string{"/a[bc]", "/a*", "/a?", `/a\\b`} {
		src := tree{"/n.conf": `options { directory "` + dir + `"; include "x.conf"; include "*.inc"; };`, "/ab/x.conf": "no;", "/ab/y.inc": "no;",
			dir + "/x.conf": "recursion no;", dir + "/y.inc": "version none;"}
		c, ds := Load(src, "/n.conf", Options{})
		if len(ds) > 0 || len(c.Includes) != 2 || len(c.Includes[1].Files) != 1 {
			t.Errorf("%s: %v %+v", dir, headlines(ds), c.Includes)
		}
	}
}

// TestGlobOrder: named pushes all matches on a stack, so the last is read first.
func TestGlobOrder(t *testing.T) {
	src := tree{"/n.conf": `include "/d/*";`}
	for i := range 300 {
		src[fmt.Sprintf("/d/%03d", i)] = fmt.Sprintf("acl a%03d { any; };", i)
	}
	c, _ := Load(src, "/n.conf", Options{})
	for i, f := range c.Includes[0].Files {
		if want := fmt.Sprintf("a%03d", 299-i); c.Statements[i+1].Text(1) != want || f != c.Statements[i+1].Terms[0].File {
			t.Fatalf("match %d is %s, want %s", i, c.Statements[i+1].Text(1), want)
		}
	}
}

// TestDamagedFiles: whatever became of a file, there is one finding.
func TestDamagedFiles(t *testing.T) {
	const good = "options {\n\trecursion no; // end\n};\n"
	utf16 := func(order string) string {
		var b strings.Builder
		for _, c := range []byte(good) {
			b.WriteString(strings.Replace(strings.Replace(order, "c", string(rune(c)), 1), "0", "\x00", 1))
		}
		return b.String()
	}
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"CR LF", strings.ReplaceAll(good, "\n", "\r\n"), ""},
		{"no line end at the end", strings.TrimSuffix(good, "\n"), ""},
		{"a comment at the end", good + "# end", ""},
		{"CR alone", "options {\r\trecursion no;\r};\r", ""},
		{"CR alone behind a comment", strings.ReplaceAll(good, "\n", "\r"),
			"/n.conf:1:1: error: a '{' is opened here and never closed [NJ104]"},
		{"CR alone, all in a comment", "// x\roptions { recursion no; };\r//y\r",
			"/n.conf:1:1: warning: a comment that goes on behind a carriage return, which ends no line for named [NJ107]"},
		{"byte order mark", "\ufeff" + good, "/n.conf:1:1: error: the file begins with a byte order mark, which named takes for letters of the first word [NJ107]"},
		{"byte order mark before a comment", "\ufeff// x\n" + good, "/n.conf:1:1: error: the file begins with a byte order mark, which named takes for letters of the first word [NJ107]"},
		{"nothing but a mark", "\ufeff", "/n.conf:1:1: error: the file begins with a byte order mark, which named takes for letters of the first word [NJ107]"},
		{"UTF-16, little end first", "\xff\xfe" + utf16("c0"), "/n.conf:1:1: error: the file is UTF-16 text, which named cannot read [NJ107]"},
		{"UTF-16, big end first", "\xfe\xff" + utf16("0c"), "/n.conf:1:1: error: the file is UTF-16 text, which named cannot read [NJ107]"},
		{"UTF-16 without mark", utf16("c0"), "/n.conf:1:1: error: the file is UTF-16 text, which named cannot read [NJ107]"},
		{"UTF-16 without mark, big end first", utf16("0c"), "/n.conf:1:1: error: the file is UTF-16 text, which named cannot read [NJ107]"},
		{"NUL in a keyword", "options\x00 { };", "/n.conf:1:8: error: a NUL byte in a value [NJ107]"},
		{"NUL in a word", "acl a { f\x00oo; };", "/n.conf:1:10: error: a NUL byte in a value [NJ107]"},
		{"NUL in a string", "options { directory \"/tmp\x00x\"; };", "/n.conf:1:26: error: a NUL byte in a value [NJ107]"},
		{"NUL in a comment", "/* \x00 */ options { // \x00\n # \x00\n};", ""},
		{"NUL bytes behind the text", good + strings.Repeat("\x00", 5000), "/n.conf:4:1: error: the file ends in 5000 NUL bytes [NJ107]"},
		{"nothing but NUL bytes", strings.Repeat("\x00", 50<<20), "/n.conf:1:1: error: the file holds nothing but 52428800 NUL bytes [NJ107]"},
	} {
		for _, text := range []string{c.text, "included"} {
			src, want := tree{"/n.conf": text}, c.want
			if text == "included" {
				src, want = tree{"/n.conf": "include \"/x\";\n", "/x": c.text}, strings.ReplaceAll(c.want, "/n.conf", "/x")
			}
			_, ds := Load(src, "/n.conf", Options{Version: V(9, 18, 0)})
			got := headlines(ds)
			if c.name == "CR alone behind a comment" && len(got) == 2 {
				got = got[:1] // the warning about the comment, behind it, says why
				want = strings.Replace(want, ":1:1:", ":1:9:", 1)
			}
			if strings.Join(got, "\n") != want {
				t.Errorf("%s: got %.500q, want %q", c.name, got, want)
			}
		}
	}
}

// TestManyFindings: of a file of nothing but mistakes 10,000 findings are kept,
// then one of each kind, with the number of the others.
func TestManyFindings(t *testing.T) {
	var ds Diagnostics
	for i := range 1000000 {
		ds.Add(Diagnostic{Code: "NJ209", File: "/n.conf", Line: i + 1, Message: "old"})
	}
	ds.Add(Diagnostic{Code: "NJ204", File: "/n.conf", Line: 7, Message: "bad"})
	ds.Add(Diagnostic{Code: "NJ204", File: "/n.conf", Line: 8, Message: "bad"})
	ds.Add(Diagnostic{Code: "NJ206", File: "/n.conf", Line: 9, Message: "none"})
	if len(ds) != MaxFindings+3 || ds.Errors() != 2 || ds.Unlisted() != 1000000-MaxFindings-1+1 || !ds.Full() {
		t.Errorf("%d findings, %d errors, %d unlisted", len(ds), ds.Errors(), ds.Unlisted())
	}
	for i, want := range []string{
		"/n.conf:10001:1: warning: old (and 989999 more findings of this kind, which are not listed) [NJ209]",
		"/n.conf:7:1: error: bad (and 1 more findings of this kind, which are not listed) [NJ204]",
		"/n.conf:9:1: error: none [NJ206]",
	} {
		if got := ds[MaxFindings+i].Headline(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	c, ds := Load(tree{"/n.conf": strings.Repeat("optiosn;\n", 500000)}, "/n.conf", Options{Version: V(9, 18, 0)})
	if n := len(c.Statements); n > 3*MaxFindings {
		t.Errorf("%d statements were read after 10,000 mistakes", n)
	}
	if ds.First().Code != "NJ116" || ds.Errors() > 2*MaxFindings {
		t.Errorf("%d errors, the first is %s", ds.Errors(), ds.First().Headline())
	}
	long := Diagnostics{}
	long.Add(Diagnostic{Code: "NJ204", Message: strings.Repeat("é", 1<<20)})
	if n := len(long[0].Message); n > maxMessage+10 {
		t.Errorf("a message of %d bytes", n)
	}
}

// TestSameMistakeOnce: a file that is included twice has its mistakes once.
func TestSameMistakeOnce(t *testing.T) {
	_, ds := Load(tree{"/n.conf": `include "/a"; include "/a";`, "/a": "; include \"/none\";"}, "/n.conf", Options{})
	if len(ds) != 2 {
		t.Error(headlines(ds))
	}
}

// TestStop: a Reader that is told to stop says so once, and gives no more.
func TestStop(t *testing.T) {
	r := NewReader(tree{"/n.conf": strings.Repeat("acl a { any; };\n", 5000)}, "/n.conf", Options{})
	r.Chunk()
	r.Stop()
	if c := r.Chunk(); len(c) > 0 || r.Next() != nil || len(r.Diagnostics()) != 1 || r.Diagnostics()[0].Code != "NJ116" {
		t.Errorf("%d statements, findings %v", len(c), headlines(r.Diagnostics()))
	}
	r = NewReader(tree{}, "/n.conf", Options{})
	r.Stop()
	if c := r.Chunk(); len(c) > 0 || len(r.Diagnostics()) != 1 {
		t.Errorf("%d statements, findings %v", len(c), headlines(r.Diagnostics()))
	}
}
