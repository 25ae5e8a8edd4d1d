package command

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/rewrite"
)

// outlineOf gives the tree of a plan on a terminal without colours.
func outlineOf(ops []jail.Op, width int, verbose bool) string {
	var out bytes.Buffer
	printer{out: &out, screen: screen{width: width}, flags: flags{verbose: verbose}}.printTree("/j", ops)
	return out.String()
}

func TestOutline(t *testing.T) {
	t.Setenv("LC_ALL", "C.UTF-8")
	ops := []jail.Op{
		{Op: "mkdir", Path: "/", Owner: "root", Group: "daemon", Mode: "0511", Reason: "the jail's tree"},
		{Op: "move", Path: "/zones/db\x1b[2J", From: "/etc/db", Owner: "root", Group: "root", Mode: "0644", Reason: "zone file that named only reads"},
		{Op: "link", Path: "/run/named.pid", From: "/run/named.pid", Reason: "pid-file"},
	}
	wide := `
/j                 mkdir  root:daemon  0511  the jail's tree
└── zones
    └── db\x1b[2J  move   root:root    0644  zone file that named only reads, from /etc/db

On the host:
  link   /run/named.pid -> /j/run/named.pid pid-file
`
	narrow := `
/j                mkdir  root:daemon  0511
│     the jail's tree
└── zones
    └── db\x1b[2J
          move root:root 0644 zone file
          that named only reads, from
          /etc/db

On the host:
  link   /run/named.pid ->
         /j/run/named.pid pid-file
`
	for width, want := range map[int]string{100: wide, 42: narrow} {
		if got := outlineOf(ops, width, false); got != want {
			t.Errorf("%d cells: got\n%s\nwant\n%s", width, got, want)
		}
	}
	for width := range 30 {
		outlineOf(ops, width, false) // does not panic
	}
}

// TestFold: of many like files the first are shown, and those that differ.
func TestFold(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	var ops []jail.Op
	for i := range 20000 {
		o := jail.Op{Op: "move", Path: rewrite.JailPath(fmt.Sprintf("/m/%05d", i)), Owner: "root", Group: "root", Mode: "0644", Reason: "zone"}
		if i == 777 {
			o.Mode = "0640"
		}
		ops = append(ops, o, jail.Op{Op: "link", Path: o.Path, From: "/etc/b" + string(o.Path)})
	}
	got := outlineOf(ops, 80, false)
	if n := strings.Count(got, "\n"); n > 20 {
		t.Errorf("%d lines:\n%.2000s", n, got)
	}
	for _, want := range []string{"... and 19,994 more (-v shows them): move root:root 0644, zone\n", "00777", "... and 19,995 more (-v shows them): link in /etc/b/m\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%.2000s", want, got)
		}
	}
	for _, all := range []string{outlineOf(ops, 80, true), outlineOf(ops, 0, false)} {
		if strings.Count(all, "\n") < 40000 || strings.Contains(all, "...") {
			t.Errorf("something is left out:\n%.500s", all)
		}
	}
}

func TestTable(t *testing.T) {
	tab := table{heading: []string{"RUN", "PLACE", "WHAT"}, rows: []tableRow{
		{cells: []string{"1", "/日本", "done"}}, {cells: []string{"12", "/x", "a text of some words"}, advice: "Do it."}}}
	for width, want := range map[int]string{
		0:  "RUN  PLACE  WHAT\n1    /日本  done\n12   /x     a text of some words\n      Do it.\n",
		30: "RUN  PLACE  WHAT\n1    /日本  done\n12   /x\n      a text of some words\n      Do it.\n",
		10: "run 1,\n  place\n  /日本\n  done\nrun 12,\n  place /x\n  a text\n  of some\n  words\n      Do\n      it.\n",
	} {
		if got := tab.layout(screen{width: width}, ""); got != want {
			t.Errorf("%d cells: got\n%s\nwant\n%s", width, got, want)
		}
	}
}

// TestFindingOnScreen: the mark stands below what is wrong, and long lines are
// cut around it.
func TestFindingOnScreen(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	d := parser.Diagnostic{Code: "NJ201", File: "/etc/n", Line: 1, Column: 64, Width: 3, Message: "not known", Remedy: "leave it out",
		Source: strings.Repeat("x", 60) + "\x1b日bad" + strings.Repeat("y", 60)}
	d.Column = 65
	var out bytes.Buffer
	screen{width: 40, color: true}.finding(&out, d)
	want := "\x1b[1m/etc/n:1:65:\x1b[0m \x1b[31merror:\x1b[0m not known \x1b[2m[NJ201]\x1b[0m\n"
	if got := out.String(); !strings.HasPrefix(got, want) {
		t.Errorf("got %q", got)
	}
	lines := strings.Split(uncolored(out.String()), "\n")
	text, mark := lines[1], lines[2]
	at := strings.IndexByte(mark, '^')
	if i := strings.Index(text, "bad"); cells(text) > 40 || cells(text[:i]) != at || !strings.Contains(text, `\x1b`) || strings.TrimSpace(mark) != "^~~" {
		t.Errorf("got\n%s\n%s", text, mark)
	}
}
