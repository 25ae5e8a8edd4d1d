package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"named-jail/jail"
	"named-jail/parser"
)

func TestHideSecrets(t *testing.T) {
	for _, text := range []string{
		`key "k" { algorithm hmac-sha256; secret "c2VjcmV0"; };`,
		`key k { SECRET	c2VjcmV0; };`,
		"key k { secret\n\"c2VjcmV0\"; };",
		"key k { secret\"(hidden)\"; secret /* here */ c2VjcmV0; };",
	} {
		if got := hideSecrets(text); strings.Contains(got, "c2VjcmV0") || !strings.Contains(got, "(hidden)") {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestShellLine(t *testing.T) {
	got := shellLine([]string{"named-jail", "-t", "/var/my jail", "-c", "/it's", "-u", "named"})
	if want := `named-jail -t '/var/my jail' -c '/it'\''s' -u named`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, word := range []string{"", "a b", "it's", "new\nline", "\x1b[2J", "tab\tin it's \\ word", "\xff\xfe", "ü", "日本", "\u202eback", "$(id)`id`;*?", "end\n"} {
		line := shellLine([]string{"printf", "%s", word})
		if parser.Printable(line) != line {
			t.Errorf("%q is written as %q", word, line)
		}
		if got, err := exec.Command("bash", "-c", line).Output(); err != nil || string(got) != word {
			t.Errorf("%q: bash makes %q of %s: %v", word, got, line, err)
		}
	}
}

// TestLongDiff: where every line changes, a terminal shows lines of both sides.
func TestLongDiff(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	var old, text strings.Builder
	for i := range 500 {
		fmt.Fprintf(&old, "file \"%d\";\n", i)
		fmt.Fprintf(&text, "file \"/zones/%d\";\n", i)
	}
	show := func(width int, verbose bool) string {
		var out bytes.Buffer
		printer{out: &out, screen: screen{width: width}, flags: flags{verbose: verbose}}.printDiff("a", "b", old.String(), text.String())
		return out.String()
	}
	got := show(80, false)
	for _, want := range []string{"--- a\n+++ b\n@@ ", "\n-file \"19\";\n... and 480 more lines that begin with - (-v shows them)\n+file \"/zones/0\";\n",
		"\n+file \"/zones/19\";\n... and 480 more lines that begin with + (-v shows them)\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	if n := strings.Count(got, "\n"); n > 50 {
		t.Errorf("%d lines:\n%s", n, got)
	}
	for _, all := range []string{show(80, true), show(0, false)} {
		if strings.Count(all, "\n") != 1004 || strings.Contains(all, "...") {
			t.Errorf("something is left out:\n%.500s", all)
		}
	}
}

func TestTree(t *testing.T) {
	ops := []jail.Op{
		{Op: "mkdir", Path: "/", Owner: "root", Group: "daemon", Mode: "0511", Reason: "the jail's tree"},
		{Op: "move", Path: "/zones/master/db\x1b[2J", From: "/etc/db", Owner: "root", Group: "root", Mode: "0644"},
		{Op: "link", Path: "/run/named.pid", From: "/run/named.pid", Reason: "pid-file"},
	}
	for locale, want := range map[string]string{
		"C.UTF-8": "/j  mkdir root:daemon 0511  the jail's tree\n└── zones\n    └── master\n        └── db\\x1b[2J  move root:root 0644 from /etc/db\n\nOn the host:\n  link   /run/named.pid -> /j/run/named.pid  pid-file\n",
		"C":       "/j  mkdir root:daemon 0511  the jail's tree\n`-- zones\n    `-- master\n        `-- db\\x1b[2J  move root:root 0644 from /etc/db\n\nOn the host:\n  link   /run/named.pid -> /j/run/named.pid  pid-file\n",
	} {
		t.Setenv("LC_ALL", locale)
		t.Setenv("NO_COLOR", "1")
		var out bytes.Buffer
		printer{out: &out, err: &out}.printTree("/j", ops)
		if out.String() != want {
			t.Errorf("%s: got\n%s\nwant\n%s", locale, out.String(), want)
		}
	}
}

// TestConfinement warns of AppArmor and SELinux only where they hold named.
func TestConfinement(t *testing.T) {
	for text, want := range map[string]int{
		"apparmor named (enforce)\n/usr/sbin/tcpdump (enforce)\n": 1, "apparmor /usr/sbin/named (enforce)": 1,
		"apparmor named (complain)": 0, "apparmor unnamed (enforce)": 0, "selinux 1\n": 1, "selinux 0": 0,
	} {
		dir := t.TempDir()
		kind, text, _ := strings.Cut(text, " ")
		file := map[string]string{"apparmor": confinements[0].file, "selinux": confinements[1].file}[kind]
		if err := os.MkdirAll(filepath.Dir(dir+file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		host, err := jail.OpenHost(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := (&system{host: host, flags: flags{jail: "/var/named"}}).confined(); len(got) != want {
			t.Errorf("%s %q: %d findings, want %d", kind, text, len(got), want)
		}
		host.Close()
	}
}

func TestRotates(t *testing.T) {
	text := "# /var/log/named/q.log\nweekly\n\"/var/log/named/*.log\" /var/log/other {\n\tsize 1M\n}\n"
	for file, want := range map[string]int{"/var/log/named/q.log": 3, "/var/log/other": 3, "/var/log/named/q.txt": 0, "/var/log/named/sub/q.log": 0} {
		if got := rotates(text, file); got != want {
			t.Errorf("%s: line %d, want %d", file, got, want)
		}
	}
}

func TestUnknownWords(t *testing.T) {
	for _, words := range [][]string{{"named-jail", "frobnicate"}, {"named-jail", "apply", "stray"}, {"named-jail", "plan", "--nosuch"}} {
		if _, err := dispatch(words); statusOf(err) != statusUsage {
			t.Errorf("%v: status %d, want %d", words, statusOf(err), statusUsage)
		}
	}
}

// TestNamedsName has every word be named's when we are called by its name: no
// command, no completion.
func TestNamedsName(t *testing.T) {
	for _, word := range []string{"help", "__complete", "generate", "check"} {
		if _, err := dispatch([]string{"/usr/sbin/named", word, ""}); err == nil {
			t.Errorf("named %s: it is taken for a command of ours", word)
		}
	}
}

// TestDocumentIsPlain: the JSON document holds nothing that a terminal acts on,
// and reads as what was put in.
func TestDocumentIsPlain(t *testing.T) {
	const name = "/a\x1b[2J\x7f\u009b\u202e\U000e0001\u00e9\u65e5\\u009b"
	var out bytes.Buffer
	if err := (printer{out: &out}).document("/var/named", parser.Diagnostics{{Code: "NJ201", File: name, Message: name}}, nil); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%q is in the document", r)
		}
	}
	var doc document
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil || len(doc.Problems) != 1 || doc.Problems[0].File != name || doc.Problems[0].Message != name {
		t.Errorf("%v: %s", err, out.String())
	}
}

// TestManyFindingsOnTheTerminal: the last line counts what is not listed too.
func TestManyFindingsOnTheTerminal(t *testing.T) {
	var ds parser.Diagnostics
	for range parser.MaxFindings + 500 {
		ds.Add(parser.Diagnostic{Code: "NJ209", Message: "old"})
	}
	var out bytes.Buffer
	printer{err: &out}.findings(ds)
	if want := "... and 10300 more; --json lists 9801 of them\n"; !strings.HasSuffix(out.String(), "\n"+want) || strings.Count(out.String(), "\n") < maxPrinted {
		t.Errorf("got %q", out.String()[max(0, out.Len()-200):])
	}
}
