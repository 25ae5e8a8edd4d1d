package parser

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// fuzzVersions are the releases that fuzzed text is read for.
var fuzzVersions = []Version{{}, V(8, 4, 7), V(9, 0, 0), V(9, 11, 0), V(9, 16, 50), V(9, 18, 49), V(9, 20, 30), V(9, 21, 14)}

// seeds are texts that lead into each part of the parser.
var seeds = []string{
	"options { };", `zone "x" { file "a\"b"; };`, `include "/x";`, "}{;!/\"", `dyndb "a" "b" { { } };`, "view v { zone x { }; ",
	"acl a { 10/8; ! { any; }; key k; geoip country US; };", "key k { algorithm hmac-md5; secret \"c2VjcmV0\"; };",
	"options { directory \"/d\"; recursion yes/* x */; };\r\n", "\xef\xbb\xbfoptions { };", "o\x00p\x00t\x00;\x00", "options { };\x00\x00",
	"// x\roptions { };", "logging { channel c { file \"l\" versions 3 size 1m; }; category default { c; }; };",
	"zone a { type secondary; primaries port 53 { 192.0.2.1 key k tls t; }; max-transfer-time-in 1h; };",
	"options { max-cache-size 90%; max-cache-ttl P1DT2H; listen-on port 53 tls t http h { any; }; };",
	"template t { }; plugin query \"p\" { { } }; trusted-keys { \"a\" 1 2 3 \"x\"; };",
}

// FuzzParse reads any text for any release: the tokens joined give the text,
// each term lies in its file, and each finding has a place that exists and
// prints as plain text.
func FuzzParse(f *testing.F) {
	for i, s := range seeds {
		f.Add(s, byte(i))
	}
	f.Fuzz(func(t *testing.T, text string, release byte) {
		if got := joined(text); got != text {
			t.Fatalf("joined tokens are %q", got)
		}
		c, ds := Load(tree{"/n.conf": text, "/x": "recursion no;"}, "/n.conf", Options{Version: fuzzVersions[int(release)%len(fuzzVersions)]})
		sound(t, c, ds)
	})
}

// FuzzIncludes reads files that include each other: the text is cut into them
// at each byte 0x01.
func FuzzIncludes(f *testing.F) {
	for _, s := range []string{
		"include \"a\";\x01include \"b\"; options { \x01recursion yes; }; include \"c\";\x01acl a { any; };",
		"include \"?\";\x01include \"a\";", "options { directory \"/d\"; include \"../a\"; };\x01include \"a\";",
		"include \"a\"; include \"a\";\x01include \"b\"; include \"b\";\x01include \"c\"; include \"c\";\x01x;",
		"# offsets are larger here than the other file is long\ninclude \"a\"; recursion yes; };\x01options {",
		"key k { include \"a\"; };\x01secret x;\x01", "include \"link\";\x01include \"b\";\x01zone z { include \"c\"; };\x01type hint;",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		src := linked{tree{}}
		for i, part := range strings.Split(text, "\x01") {
			if i == len(fuzzFiles) {
				break
			}
			src.tree[fuzzFiles[i]] = part
		}
		c, ds := Load(src, "/n.conf", Options{})
		sound(t, c, ds)
	})
}

var fuzzFiles = []string{"/n.conf", "/a", "/b", "/c", "/d/a"}

// linked is a tree in which /link and /d/link lead to the configuration file.
type linked struct{ tree }

func (l linked) RealPath(p string) (string, error) {
	if strings.HasSuffix(p, "/link") {
		return "/n.conf", nil
	}
	return p, nil
}

func (l linked) ReadFile(p string) (string, string, error) {
	real, _ := l.RealPath(p)
	text, _, err := l.tree.ReadFile(real)
	return text, p, err
}

// sound states what holds for whatever was read.
func sound(t *testing.T, c *Config, ds Diagnostics) {
	t.Helper()
	for _, s := range c.Statements {
		soundTerms(t, s.Terms)
	}
	files := map[string]*File{}
	for _, f := range c.Files {
		files[f.Name] = f
	}
	for _, d := range ds {
		if f := files[d.File]; f != nil && d.Line > 0 {
			if _, _, ok := f.lineIndex().bounds(d.Line); !ok || d.Column < 1 || d.Column > len(f.Line(d.Line))+2 {
				t.Fatalf("no such place: %+v", d)
			}
		}
		printsPlainly(t, d)
	}
}

func soundTerms(t *testing.T, terms []Term) {
	if len(terms) == 0 {
		t.Fatal("a statement without terms")
	}
	for i := range terms {
		x := &terms[i]
		if x.File == nil || x.Start < 0 || int(x.Start) > len(x.File.Text) || int(x.End) > len(x.File.Text) {
			t.Fatalf("a term outside its file: %+v", x)
		}
		if x.Kind != BlockTerm {
			if x.Start > x.End {
				t.Fatalf("a term that ends before it begins: %+v", x)
			}
			continue
		}
		for j := range x.Block.Statements {
			soundTerms(t, x.Block.Statements[j].Terms)
		}
	}
}

// printsPlainly states that a finding prints as a headline and at most three
// more lines, without anything that a terminal acts on.
func printsPlainly(t *testing.T, d Diagnostic) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.Fprint(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) > 4 || lines[0] != d.Headline() || !strings.Contains(lines[0], d.Severity.String()+": ") {
		t.Fatalf("not a headline and a few lines: %q", text)
	}
	if !utf8.ValidString(text) {
		t.Fatalf("not UTF-8: %q", text)
	}
	for i, line := range lines {
		for _, r := range line {
			if !unicode.IsPrint(r) && !(r == '\t' && i > 0) {
				t.Fatalf("%q in %q", r, text)
			}
		}
		if len(line) > 10*(maxMessage+maxName) {
			t.Fatalf("a line of %d bytes", len(line))
		}
	}
	return text
}

// FuzzDiagnostic prints findings of any content.
func FuzzDiagnostic(f *testing.F) {
	f.Add("/n.conf", 1, 3, 4, "message", "remedy", "source line", false)
	f.Add("\x1b[2J\n", -1, 1<<20, -5, "a\nb\x9b", "\xff", "\t\u202e\x00é日本", true)
	f.Add("", 0, 0, 0, "", "", strings.Repeat("日", 200), false)
	f.Fuzz(func(t *testing.T, file string, line, column, width int, message, remedy, source string, warning bool) {
		var ds Diagnostics
		d := Diagnostic{Code: "NJ204", File: file, Line: line, Column: column, Width: width, Message: message, Remedy: remedy, Source: strings.ReplaceAll(source, "\n", " ")}
		if warning {
			d.Severity = Warning
		}
		ds.Add(d)
		if len(file) < maxName {
			printsPlainly(t, ds[0])
		}
	})
}

// mark is a secret that must not come out. No text around it can make it
// another's, for the word secret stands before it.
const mark = "uN5hOwNvA1uEoFk3y"

var secretForms = []string{
	`secret "` + mark + `"`, `secret ` + mark, "secret\n\t\"" + mark + `"`, `SECRET /* ; */ "` + mark + `"`, "secret # ;\n " + mark,
	`secret "` + mark, `secret x ` + mark, `secret { "` + mark + `"; }`, "secret\r\n'" + mark + "'", `secret=` + mark,
	`cookie-secret "` + mark + `"`, `secret "x\"` + mark + `"`, `secret "" ` + mark, `key k { algorithm hmac-sha256; secert "` + mark + `"; }`,
	`key k { ` + mark + `; }`, `key "k" { algorithm hmac-sha256 ` + mark + `; }`, "key k /* { */ {\nalgorithm \"" + mark + `"; };`,
	`key k { algorithm ` + mark + `; }`, `key k { algorithm hmac-sha256; { secert ` + mark + `; }; };`,
}

// FuzzSecret puts a secret between two texts and looks for it in all findings,
// and in what would be taken over from named-checkconf.
func FuzzSecret(f *testing.F) {
	for i := range secretForms {
		f.Add("key k { algorithm hmac-sha256; ", "; };", byte(i), byte(i))
		f.Add("kye k {", "", byte(i), byte(0))
		f.Add("x \" ", " y", byte(i), byte(0))
		f.Add("include \"", "\";", byte(i), byte(0))
		f.Add("options { pass=x ", "}", byte(i), byte(0))
	}
	f.Fuzz(func(t *testing.T, before, after string, form, release byte) {
		if strings.HasSuffix(before, `"`) || strings.Contains(strings.ToLower(before+after), strings.ToLower(mark[:4])) {
			return // a string that begins with the word is another thing
		}
		if n := len(before); n > 0 && classes[before[n-1]] == inWord {
			before += " " // or it is not the word key
		}
		text := before + secretForms[int(form)%len(secretForms)] + after
		c, ds := Load(tree{"/n.conf": text}, "/n.conf", Options{Version: fuzzVersions[int(release)%len(fuzzVersions)]})
		for _, d := range ds {
			out := printsPlainly(t, d)
			if strings.Contains(strings.ToLower(out), strings.ToLower(mark)) {
				t.Fatalf("%q: the secret is in %q", text, out)
			}
		}
		if out := c.Files[0].Hide("unknown '" + mark[:9] + "...' near '" + mark + "'"); strings.Contains(out, mark[:9]) {
			t.Fatalf("%q: the secret is in %q", text, out)
		}
	})
}

// FuzzQuote writes a value and reads it again.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", `a"b`, `a\`, `a\"`, `\\`, "a\nb", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		Unquote(value) // whatever it is
		quoted, ok := Quote(value)
		if !ok {
			return
		}
		if Unquote(quoted) != value {
			t.Fatalf("Quote(%q) is %s, which stands for %q", value, quoted, Unquote(quoted))
		}
		c, _ := Load(tree{"/n.conf": "x " + quoted + ";"}, "/n.conf", Options{})
		if len(value) < maxToken && (len(c.Statements) != 1 || c.Statements[0].Text(1) != value) {
			t.Fatalf("%s is not read as the one value %q: %+v", quoted, value, c.Statements)
		}
	})
}

// FuzzValue judges any value of statements that take numbers, durations, sizes,
// addresses and lists: there are no more findings of form than words.
func FuzzValue(f *testing.F) {
	for _, s := range []string{"1h", "P1Y2M3DT4H5M6S", "100m", "unlimited", "50%", "0x10", "-1", "4294967296", "{ any; }", "192.0.2.1 port 53", "::1", "1/8"} {
		for i := range valued {
			f.Add(s, byte(i))
		}
	}
	f.Fuzz(func(t *testing.T, value string, statement byte) {
		keyword := valued[int(statement)%len(valued)]
		c, ds := Load(tree{"/n.conf": "options { " + keyword + " " + value + "; };"}, "/n.conf", Options{})
		sound(t, c, ds)
		if strings.ContainsAny(value, ";{}\"/#") {
			return
		}
		n := 0
		for _, d := range ds {
			if d.Code == "NJ204" {
				n++
			}
		}
		if n > len(strings.FieldsFunc(value, func(r rune) bool { return classes[byte(r)] != inWord }))+1 {
			t.Fatalf("%d findings of form: %v", n, ds)
		}
	})
}

var valued = []string{"max-cache-ttl", "max-cache-size", "recursion", "listen-on", "query-source", "port", "allow-query", "interface-interval", "forwarders", "sig-validity-interval"}

// FuzzLines compares the line index with a plain count.
func FuzzLines(f *testing.F) {
	f.Add("a\nb\n\nc", 3, uint16(7))
	f.Add("\n", 1000, uint16(1))
	f.Fuzz(func(t *testing.T, text string, offset int, repeat uint16) {
		text = strings.Repeat(text, int(repeat)%300+1)
		if len(text) > 1<<16 {
			return
		}
		offset = int(uint(offset) % uint(len(text)+1))
		file := &File{Text: text}
		line, column := file.Position(offset)
		if want := strings.Count(text[:offset], "\n") + 1; line != want {
			t.Fatalf("line %d, want %d", line, want)
		}
		if want := offset - strings.LastIndexByte(text[:offset], '\n'); column != want {
			t.Fatalf("column %d, want %d", column, want)
		}
		if got, want := file.Line(line), strings.TrimSuffix(strings.Split(text, "\n")[line-1], "\r"); got != want {
			t.Fatalf("line %q, want %q", got, want)
		}
		if file.Line(0) != "" || file.Line(strings.Count(text, "\n")+2) != "" {
			t.Fatal("a line that is not there has text")
		}
	})
}
