package parser_test

import (
	"fmt"
	"testing/fstest"

	"named-jail/parser"
)

// A Checker judges the statements that a Reader gives, for one release: Load does
// the same for a whole configuration.
func ExampleChecker() {
	text := "options { recursion maybe; };\nzone \"a.example\" { type secondary; file \"a\"; };\n"
	host := parser.FromFS(fstest.MapFS{"named.conf": {Data: []byte(text)}})
	release := parser.V(9, 18, 49)
	r, c := parser.NewReader(host, "/named.conf", parser.Options{Version: release}), parser.NewChecker(release)
	for s := r.Next(); s != nil; s = r.Next() {
		c.Statement(s)
	}
	c.End(false)
	for _, d := range append(r.Diagnostics(), c.Diagnostics()...) {
		fmt.Println(d.Headline())
	}
	// Output:
	// /named.conf:1:21: error: 'recursion' wants yes or no [NJ204]
	// /named.conf:2:6: error: zone 'a.example' has no 'primaries' [NJ206]
}

// Each code has a title, a severity and what to do, and Explain has a paragraph and
// an example.
func ExampleLookupCode() {
	info, _ := parser.LookupCode("NJ106")
	fmt.Printf("%s: %s. %s\n", info.Severity, info.Title, info.Remedy)
	e, _ := parser.Explain("NJ106")
	fmt.Println(e.Text)
	fmt.Println(e.Example)
	// Output:
	// error: an empty statement. Remove it.
	// A semicolon stands where no statement is before it. named takes that for a syntax error and refuses the file.
	// options {
	// 	recursion no;
	// };;
}

// The codes come in groups, by what they are about.
func ExampleGroups() {
	n := 0
	for _, g := range parser.Groups() {
		fmt.Printf("%sxx: %s\n", g.Prefix, g.Title)
		n += len(g.Codes())
	}
	fmt.Println("all codes have a group:", n == len(parser.Codes()))
	// Output:
	// NJ1xx: Scan and syntax
	// NJ2xx: Statements
	// NJ3xx: Paths
	// NJ4xx: Zone files
	// NJ5xx: Jail and plan
	// NJ6xx: Launch
	// all codes have a group: true
}

// apart has the text of a file cut into tokens by another one than the Reader. Here
// that is the same process; a program of root has it done by one without rights,
// for files that others can write.
type apart struct{ parser.Source }

// Apart says that every file is to be read so.
func (apart) Apart(_, text string) parser.Apart { return reader(text) }

// reader is the one who has the text.
type reader string

// Ask hands a question over. Errors: those of the other side.
func (r reader) Ask(question []byte) ([]byte, error) { return parser.Answer(string(r), question) }

// The Reader goes by the tokens that the other side tells, and believes them no
// further than an author of the text could go.
func ExampleApart() {
	host := parser.FromFS(fstest.MapFS{"named.conf": {Data: []byte("options { directory \"/srv\"; };\n")}})
	conf, findings := parser.Load(apart{host}, "/named.conf", parser.Options{})
	fmt.Println(conf.Value("directory"), findings.Err())
	// Output: "/srv" <nil>
}
