package parser_test

import (
	"fmt"
	"slices"

	"named-jail/parser"
)

// Quote and Unquote know what named makes of a string: a backslash escapes a quote
// and nothing else.
func ExampleQuote() {
	for _, value := range []string{"/etc/bind/db.a", `C:\zones "old"`, "line\nbreak", `ends with \`} {
		text, ok := parser.Quote(value)
		if !ok {
			text = "cannot be written in named.conf"
		}
		fmt.Println(text)
	}
	fmt.Println(parser.Unquote(`"C:\zones \"old\""`))
	// Output:
	// "/etc/bind/db.a"
	// "C:\zones \"old\""
	// cannot be written in named.conf
	// cannot be written in named.conf
	// C:\zones "old"
}

// Printable is for names and values that go to a terminal or a log.
func ExamplePrintable() {
	fmt.Println(parser.Printable("db.\x1b[31mevil\u202e"))
	// Output: db.\x1b[31mevil\u202e
}

// Seconds reads times in each of the ways of named.conf.
func ExampleSeconds() {
	for _, word := range []string{"3600", "1h30m", "2w", "PT1H", "soon"} {
		if n, ok := parser.Seconds(word); ok {
			fmt.Println(word, "is", n)
		} else {
			fmt.Println(word, "is no time")
		}
	}
	// Output:
	// 3600 is 3600
	// 1h30m is 5400
	// 2w is 1209600
	// PT1H is 3600
	// soon is no time
}

// Resolve gives the file that named opens for a path; HasGlob says whether an
// include statement names a pattern instead.
func ExampleResolve() {
	fmt.Println(parser.Resolve("/var/cache/bind", "db.example"), parser.Resolve("/var/cache/bind", "/etc/bind/db.local"))
	fmt.Println(parser.HasGlob("zones.d/*.conf"), parser.HasGlob("zones.conf"))
	// Output:
	// /var/cache/bind/db.example /etc/bind/db.local
	// true false
}

// Branch stands for the newest release of a branch, whatever that is.
func ExampleBranch() {
	v := parser.Branch(9, 20)
	fmt.Println(v, v.AtLeast(9, 20, 30), v.Before(parser.V(9, 21, 0)))
	// Output:
	// 9.20 true true
}

// ParseVersion takes what `named -v` prints behind the name, and what people write.
func ExampleParseVersion() {
	for _, text := range []string{"9.18.49-1~deb12u3-Debian", "9.20", "eight"} {
		fmt.Println(parser.ParseVersion(text))
	}
	v, _ := parser.ParseVersion("9.18.49")
	fmt.Println(v.AtLeast(9, 18, 0), v.Before(parser.V(9, 20, 0)))
	// Output:
	// 9.18.49 <nil>
	// 9.20.0 <nil>
	// 0.0.0 "eight" is not a BIND version; write it like 9.18 or 9.18.49
	// true true
}

// Branches are those that the table tells apart: what Options and a Checker can be
// told to judge for.
func ExampleBranches() {
	fmt.Println(slices.Contains(parser.Branches(), "9.20"), slices.Contains(parser.Branches(), "10.0"))
	// Output: true false
}

// Nearest finds what somebody may have meant.
func ExampleNearest() {
	types := slices.Values(parser.ZoneTypes())
	fmt.Printf("%q %q\n", parser.Nearest("secondry", types), parser.Nearest("tertiary", types))
	// Output: "secondary" ""
}

// ZoneType makes one word of the two that many types have.
func ExampleZoneType() {
	fmt.Println(parser.ZoneType("slave"), parser.ZoneType("Primary"), parser.ZoneType("tertiary") == "")
	fmt.Println(parser.ZoneTypes())
	// Output:
	// secondary primary true
	// [delegation-only forward hint mirror primary redirect secondary static-stub stub]
}

// Outward is the way that named goes to find what is in force in a zone.
func ExampleOutward() {
	fmt.Println(parser.Outward())
	// Output: [zone template view options top level]
}
