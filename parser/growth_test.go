package parser

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestTimeGrowsWithTheText reads texts of one size and of eight times that.
// Work that grows with the square of the text would take 64 times as long; 40
// is allowed. The processor's time is taken, of the fastest of several runs, so
// that other work on the machine does not count.
func TestTimeGrowsWithTheText(t *testing.T) {
	rep := strings.Repeat
	show := func(ds Diagnostics) {
		for _, d := range ds {
			_ = d.Fprint(discard{})
		}
	}
	parse := func(v Version) func(string) {
		return func(text string) {
			c, ds := Load(tree{"/n.conf": text}, "/n.conf", Options{Version: v})
			show(ds)
			for _, s := range c.Statements {
				s.Terms[0].Diagnostic("NJ209", s.Terms[0].Value, "")
			}
		}
	}
	for _, c := range []struct {
		name string
		text func(n int) string
		n    int
		run  func(string)
	}{
		{"mistakes in one line", func(n int) string { return rep("optiosn x;", n) }, 1000, parse(V(9, 18, 0))},
		{"mistakes in lines", func(n int) string { return rep("optiosn x;\n", n) }, 1000, parse(V(9, 18, 0))},
		{"warnings in one line", func(n int) string { return rep("optiosn x;", n) }, 2500, parse(V(9, 20, 0))},
		{"empty statements in one line", func(n int) string { return rep(";", n) }, 1200, parse(V(9, 18, 0))},
		{"empty statements behind a long line", func(n int) string { return "/*" + rep(" ", n*50) + "*/" + rep(";", n/8) }, 4000, parse(V(9, 18, 0))},
		{"braces", func(n int) string { return rep("};\n", n) }, 1200, parse(V(9, 18, 0))},
		{"statements behind their block", func(n int) string { return rep("options { };\nnotify no;\n", n) }, 1000, parse(V(9, 18, 0))},
		{"blocks that end too early", func(n int) string { return rep("options { };\nnotify no;\n};\n", n) }, 1000, parse(V(9, 18, 0))},
		{"keywords in lines", func(n int) string { return "options { listen-on port\n" + rep("recursion\n", n) + "; };" }, 4000, parse(V(9, 18, 0))},
		{"open blocks", func(n int) string { return rep("a {", n) }, 2500, parse(V(9, 18, 0))},
		{"blocks in blocks", func(n int) string { return rep("acl a "+rep("{", 100)+rep("};", 100), n) }, 100, parse(V(9, 18, 0))},
		{"words", func(n int) string { return "acl a " + rep("a ", n) + ";" }, 12000, parse(V(9, 18, 0))},
		{"optional words", func(n int) string { return "options { listen-on " + rep("port 5 ", n) + "{ any; }; };" }, 6000, parse(V(9, 18, 0))},
		{"exclamation marks", func(n int) string { return "acl a { " + rep("!", n) + "any; };" }, 12000, parse(V(9, 18, 0))},
		{"elements", func(n int) string { return "acl a {" + rep("a;", n) + "};" }, 12000, parse(V(9, 18, 0))},
		{"statements in a block", func(n int) string { return "options {" + rep("also-notify { };", n) + "};" }, 1000, parse(V(9, 18, 0))},
		{"the same statement", func(n int) string { return "logging {" + rep("channel c { null; };", n) + "};" }, 4000, parse(V(9, 18, 0))},
		{"zones", func(n int) string { return rep("zone a { type hint; file \"a\"; };\n", n) }, 2500, parse(V(9, 18, 0))},
		{"deprecated statements", func(n int) string { return rep("trusted-keys { };", n) }, 2000, parse(V(9, 18, 0))},
		{"comments behind words", func(n int) string { return rep("a/**/", n) + ";" }, 1000, parse(V(9, 18, 0))},
		{"NUL bytes", func(n int) string { return rep("a\x00 ", n) + ";" }, 1000, parse(V(9, 18, 0))},
		{"carriage returns", func(n int) string { return rep("// a\rb\n", n) }, 6000, parse(V(9, 18, 0))},
		{"keys", func(n int) string { return rep("key k { secret \"x\"; };", n) + ";" }, 2500, parse(V(9, 18, 0))},
		{"keys in keys", func(n int) string { return ";" + rep("key k { ", n) }, 2500, parse(V(9, 18, 0))},
		{"the word key", func(n int) string { return ";" + rep("key ", n) }, 1500, parse(V(9, 18, 0))},
		{"the word key and comments", func(n int) string { return ";" + rep("key /* ", n) }, 1500, parse(V(9, 18, 0))},
		{"the word key and strings", func(n int) string { return ";" + rep("key \" ", n) }, 1500, parse(V(9, 18, 0))},
		{"comments with the word key", func(n int) string { return ";" + rep("#key\n", n) }, 4000, parse(V(9, 18, 0))},
		{"the word secret", func(n int) string { return ";" + rep("secret ", n) }, 1500, parse(V(9, 18, 0))},
		{"the word secret and comments", func(n int) string { return ";" + rep("secret /* ", n) }, 1500, parse(V(9, 18, 0))},
		{"passwords", func(n int) string { return ";" + rep("pass=", n) }, 3000, parse(V(9, 18, 0))},
		{"backslashes", func(n int) string { return "zone \"" + rep("\\\" ", n/2) }, 150000, parse(V(9, 18, 0))},
		{"lines", func(n int) string { return rep("\n", n) + ";" }, 150000, parse(V(9, 18, 0))},
		{"includes", func(n int) string { return rep("include \"/dev/null\";", n) }, 1200, parse(V(9, 18, 0))},
		{"directories", func(n int) string { return "options {" + rep("directory \"dddd\"; include \"x\";", n) + "};" }, 1000, parse(V(9, 18, 0))},
		{"what named-checkconf quotes", func(n int) string { return rep("key k { secret \"abcdefgh\"; };", n) }, 1000, func(text string) {
			f := &File{Text: text}
			for i := 0; i < len(text); i += 30 {
				f.Hide("bad 'abcde...' near 'x'")
			}
		}},
		{"findings", func(n int) string { return rep("x", n) }, 20000, func(text string) {
			var ds Diagnostics
			for range text {
				ds.Add(Diagnostic{Code: "NJ209", Message: "m"})
			}
		}},
		{"excerpts of a long line", func(n int) string { return rep("x\t\x00é", n) }, 1500, func(text string) {
			for i := 0; i < len(text); i += 50 {
				_ = Diagnostic{File: "/n.conf", Line: 1, Column: i, Width: len(text), Source: text, Message: "m"}.Fprint(discard{})
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			small, large := c.text(c.n), c.text(8*c.n)
			defer debug.SetGCPercent(debug.SetGCPercent(-1)) // its time is not the parser's
			least := [2]time.Duration{1 << 62, 1 << 62}
			ratio := 0.0
			for try := 0; try < 8; try++ {
				for i, text := range []string{small, large} {
					runtime.GC()
					start := processorTime(t)
					c.run(text)
					least[i] = min(least[i], processorTime(t)-start)
				}
				// below that the clock and the collector tell more than the work
				ratio = float64(least[1]) / float64(max(least[0], 200*time.Microsecond))
				if try > 0 && ratio < 24 || try > 2 && ratio > 60 {
					break
				}
			}
			if ratio >= 40 {
				t.Errorf("eight times the text takes %.0f times the time (%v, %v)", ratio, least[0], least[1])
			}
		})
	}
}

// processorTime is what this process has used so far.
func processorTime(t *testing.T) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
