package parser_test

import (
	"fmt"
	"os"
	"strings"
	"testing/fstest"

	"named-jail/parser"
)

// Reading loses nothing: each file's text is kept, and every statement knows
// its bytes there. Include files are spliced in where they stand.
func ExampleLoad() {
	host := parser.FromFS(fstest.MapFS{
		"etc/named.conf":   {Data: []byte("// main\noptions { directory \"/etc/bind\"; };\ninclude \"zones.*\";\n")},
		"etc/bind/zones.a": {Data: []byte("zone \"a.example\" { type primary; file \"a\"; };\n")},
		"etc/bind/zones.b": {Data: []byte("zone \"b.example\" { type primary; file \"b\"; }; # the last\n")},
	})
	conf, findings := parser.Load(host, "/etc/named.conf", parser.Options{Version: parser.V(9, 18, 49)})
	if err := findings.Err(); err != nil {
		fmt.Println(err)
		return
	}
	for _, inc := range conf.Includes {
		line, _ := inc.At.File.Position(int(inc.At.Start))
		fmt.Printf("%s:%d includes %q:\n", inc.At.File.Name, line, inc.Pattern)
		for _, f := range inc.Files {
			fmt.Printf("  %s: %q\n", f.Name, f.Text)
		}
	}
	for _, s := range conf.Statements {
		fmt.Printf("%s %q\n", s.Keyword(), s.Text(1))
	}
	// Output:
	// /etc/named.conf:3 includes "zones.*":
	//   /etc/bind/zones.b: "zone \"b.example\" { type primary; file \"b\"; }; # the last\n"
	//   /etc/bind/zones.a: "zone \"a.example\" { type primary; file \"a\"; };\n"
	// options ""
	// include "zones.*"
	// zone "b.example"
	// zone "a.example"
}

const sample = `acl lan { 10.0.0.0/8; };
options {
	directory "/var/cache/bind";
	allow-transfer { none; };
};
view "inside" {
	match-clients { lan; };
	allow-transfer { lan; };
	zone "example.com" { type master; file "inside/example.com"; };
	zone "example.net" { type slave; masters { 10.0.0.1; }; };
};
view "outside" {
	zone "example.com" { type master; file "outside/example.com"; allow-transfer { 192.0.2.1; }; };
	zone "example.net" { in-view "inside"; };
};
`

// Select follows a path of keywords.
func ExampleConfig_Select() {
	conf, _ := parser.Parse("named.conf", []byte(sample))
	for s := range conf.Select("view", "zone", "file") {
		line, column := s.Terms[0].File.Position(int(s.Terms[0].Start))
		fmt.Printf("%d:%d: %s\n", line, column, s.Whole().Text())
	}
	// Output:
	// 9:36: file "inside/example.com";
	// 13:36: file "outside/example.com";
}

// All visits every statement, however deep, and tells where it stands.
func ExampleConfig_All() {
	conf, _ := parser.Parse("named.conf", []byte(sample))
	for place, s := range conf.All() {
		if s.Def != nil && len(s.Def.Paths) > 0 {
			fmt.Printf("%s in [%s], a %s block: %s\n", s.Keyword(), place, place.Context(), s.Text(1))
		}
	}
	// Output:
	// directory in [options], a options block: /var/cache/bind
	// file in [view "inside", zone "example.com"], a zone block: inside/example.com
	// file in [view "outside", zone "example.com"], a zone block: outside/example.com
}

// Zones come with what is in force in them, wherever it is written.
func ExampleZone_Value() {
	conf, _ := parser.Parse("named.conf", []byte(sample))
	for v := range conf.Views() {
		for z := range v.Zones() {
			transfer, notify := z.Value("allow-transfer"), z.Value("notify")
			fmt.Printf("%s %s (%s): allow-transfer %s from %s; notify %s from %s\n",
				v.Name, z.Name, z.Type, transfer, transfer.From, notify, notify.From)
		}
	}
	fmt.Println("outside:", conf.View("outside").Value("allow-transfer"), conf.View("outside").Value("recursion"))
	fmt.Println("server:", conf.Value("directory"), conf.Value("port"))
	// Output:
	// inside example.com (primary): allow-transfer { lan; } from view; notify yes from none
	// inside example.net (secondary): allow-transfer { lan; } from view; notify yes from none
	// outside example.com (primary): allow-transfer { 192.0.2.1; } from zone; notify yes from none
	// outside example.net (in-view): allow-transfer { lan; } from view; notify yes from none
	// outside: { none; } true
	// server: "/var/cache/bind" 53
}

// A change names the bytes that it is for; all others stay as they are.
func ExampleChanges() {
	conf, _ := parser.Parse("named.conf", []byte(sample))
	z, _ := conf.View("outside").Zone("example.com")
	var changes parser.Changes
	if err := changes.SetText(z.Value("file").Statement.Arg(1), "/srv/zones/example.com"); err != nil {
		fmt.Println(err)
		return
	}
	changes.InsertAfter(z.Value("type").Statement.Whole(), " notify no;")
	after, err := changes.Text(conf.Files[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	was, is := strings.Split(sample, "\n"), strings.Split(after, "\n")
	for i := range was {
		if was[i] != is[i] {
			fmt.Printf("%d\n-%s\n+%s\n", i+1, was[i], is[i])
		}
	}
	// Output:
	// 13
	// -	zone "example.com" { type master; file "outside/example.com"; allow-transfer { 192.0.2.1; }; };
	// +	zone "example.com" { type master; notify no; file "/srv/zones/example.com"; allow-transfer { 192.0.2.1; }; };
}

// Edits change any text by offset.
func ExampleEdits() {
	text := "type master;"
	var edits parser.Edits
	edits.Replace(5, 11, "primary")
	fmt.Println(edits.Apply(text))
	// Output: type primary; <nil>
}

// The table says what a keyword means in a place.
func ExampleLookup() {
	d := parser.Lookup(parser.ZoneBlock, "Allow-Transfer")
	fmt.Println(d.Keyword, "stands in", d.In)
	fmt.Println("a zone takes it from its view:", d.InheritsFrom(parser.ViewBlock))
	fmt.Println("forward zones have a use for it:", d.IsFor("forward"))
	for _, v := range []parser.Version{parser.V(9, 18, 0), parser.V(9, 20, 0)} {
		fmt.Printf("default in %s: %s\n", v, d.DefaultFor(v, "primary"))
	}
	fmt.Println(parser.Lookup(parser.ZoneBlock, "recursion") == nil)
	// Output:
	// allow-transfer stands in options|view|zone|template
	// a zone takes it from its view: true
	// forward zones have a use for it: false
	// default in 9.18.0: { any; }
	// default in 9.20.0: { none; }
	// true
}

// Which statements name a directory that named writes?
func ExampleStatements() {
	for _, d := range parser.Statements() {
		for _, p := range d.Paths {
			if p.Kind == parser.DirectoryPath && p.Access == parser.Writes && d.Since.Known() {
				fmt.Println(d.Keyword, "since", d.Since)
			}
		}
	}
	// Output:
	// managed-keys-directory since 9.7.1
	// new-zones-directory since 9.12.0
	// catalog-zones since 9.11.0
}

// Findings say where, what and what to do; the tree is there all the same.
func ExampleDiagnostic() {
	conf, findings := parser.Parse("named.conf", []byte("options {\n\trecursoin yes;\n\tdirectory \"/var/named\"\n};\n"))
	findings.Sort()
	for _, d := range findings {
		fmt.Println(d.Code, d.Severity, d.Line, d.Column)
		if err := d.Fprint(os.Stdout); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(findings.Errors(), "errors;", "directory is", conf.Value("directory"))
	// Output:
	// NJ201 error 2 2
	// named.conf:2:2: error: unknown statement 'recursoin' [NJ201]
	//     	recursoin yes;
	//     	^~~~~~~~~
	//     Did you mean 'recursion'?
	// NJ105 error 4 1
	// named.conf:4:1: error: a ';' is missing before '}' [NJ105]
	//     };
	//     ^
	//     Put it in line 3 at column 24. Every statement ends with ';', the one before a '}' and the block itself too.
	// 2 errors; directory is "/var/named"
}

// A Reader gives one statement after the other and keeps none, for
// configurations that are too large to hold as a tree.
func ExampleReader() {
	host := parser.FromFS(fstest.MapFS{"named.conf": {Data: []byte(sample)}})
	r := parser.NewReader(host, "/named.conf", parser.Options{})
	for s := r.Next(); s != nil; s = r.Next() {
		fmt.Println(s.Keyword(), len(s.Terms), "terms")
	}
	fmt.Println(len(r.Diagnostics()), "findings")
	// Output:
	// acl 3 terms
	// options 2 terms
	// view 3 terms
	// view 3 terms
	// 0 findings
}
