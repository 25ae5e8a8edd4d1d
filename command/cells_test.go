package command

import (
	"strings"
	"testing"
)

func TestCells(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "日本": 4, "e\u0301": 1, "\x1b[31mred\x1b[0m": 3, "\x1b[1m日\x1b[0m x": 4} {
		if got := cells(text); got != want {
			t.Errorf("%q: %d cells, want %d", text, got, want)
		}
	}
	if got := padded("日", 4) + "|"; got != "日  |" {
		t.Errorf("got %q", got)
	}
}

// TestFill: words stay whole, command lines between backquotes too.
func TestFill(t *testing.T) {
	for _, x := range []struct {
		text  string
		taken int
		width int
		want  string
	}{
		{"one two three", 0, 0, "one two three"},
		{"one two three", 0, 7, "one two\n> three"},
		{"one two three", 5, 9, "one\n> two\n> three"},
		{"日本 日本 x", 0, 9, "日本 日本\n> x"},
		{"/a/path/that/is/too/long x", 0, 8, "/a/path/that/is/too/long\n> x"},
		{"run `rm -r x` now", 0, 6, "run\n> `rm -r x`\n> now"},
		{"Mend it: chown root /x. Then again.", 0, 12, "Mend it:\n> chown root /x.\n> Then\n> again."},
		{"Run: rndc stop; or wait: a while", 0, 9, "Run:\n> rndc stop;\n> or\n> wait: a\n> while"},
		{"a b", 0, 1, "a\n> b"},
		{"", 0, 10, ""},
	} {
		if got := fill(x.text, x.taken, x.width, "> "); got != x.want {
			t.Errorf("%q in %d: got %q, want %q", x.text, x.width, got, x.want)
		}
	}
}

// TestWindow: the mark stays below what it is about, whatever stands before it.
func TestWindow(t *testing.T) {
	long := strings.Repeat("a", 50) + "X" + strings.Repeat("b", 50)
	for _, x := range []struct {
		line      string
		at, width int
		want      string
		column    int
	}{
		{"short", 2, 20, "short", 2},
		{"\tx", 1, 20, "        x", 8},
		{"ab\tx", 3, 20, "ab      x", 8},
		{"日本x", 6, 20, "日本x", 4},
		{"e\u0301x", 3, 20, "e\u0301x", 1},
		{long, 50, 11, "…aaaaaaXbb…", 7},
		{long, 0, 11, "aaaaaaaaaa…", 0},
		{long, 101, 11, "…bbbbbbbbbb", 11},
		{long, 50, 1, "…X…", 1},
		{"", 0, 0, "", 0},
	} {
		got, column := window(x.line, x.at, x.width, "…")
		if got != x.want || column != x.column {
			t.Errorf("%q at %d in %d: got %q, column %d; want %q, column %d", x.line, x.at, x.width, got, column, x.want, x.column)
		}
	}
}
