//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

// oneDirectory lays out a system with zones that lie in one directory.
func oneDirectory(t *testing.T, n int) string {
	t.Helper()
	root := t.TempDir()
	var conf strings.Builder
	for i := range n {
		name := fmt.Sprintf("/etc/bind/db.zone%03d", i)
		fmt.Fprintf(&conf, "zone \"z%d.example\" { type primary; file %q; };\n", i, name)
		writeFile(t, filepath.Join(root, name), zoneHead)
	}
	for name, text := range map[string]string{"etc/named.conf": conf.String(), "etc/passwd": accounts["passwd"],
		"etc/group": accounts["group"], "var/lib/none": ""} {
		writeFile(t, filepath.Join(root, name), text)
	}
	return root
}

// escape is a sequence that a terminal acts on.
var escape = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// TestTerminals looks at plan and check on terminals of all kinds: colours, the
// characters of the tree, no line that is wider than the screen but for one that
// cannot be broken, a closing line that can be copied, and a fold.
func TestTerminals(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: plan looks into another system")
	}
	product, root := buildProduct(t), oneDirectory(t, 30)
	show := func(columns uint16, environment, command string, more ...string) string {
		cmd := exec.Command(product, append([]string{command, "--root", root, "-u", "named", "--bind-version", "9.18", "--no-checkconf"}, more...)...)
		cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=/", "NAMED_JAIL_NAMED="}, strings.Fields(environment)...)
		x := onScreen(t, cmd, columns)
		<-x.ended
		<-x.closed
		return strings.ReplaceAll(x.shown(), "\r\n", "\n")
	}
	next := "named-jail apply -t /var/named -u named --root " + root + " --bind-version 9.18 --no-checkconf\n"
	for _, x := range []struct {
		columns          uint16
		environment      string
		more             []string
		colored, unicode bool
	}{
		{120, "TERM=xterm LANG=C.UTF-8", nil, true, true},
		{80, "TERM=xterm LANG=de_DE.utf8 NO_COLOR=", nil, true, true}, // empty is as if it were not set
		{80, "TERM=xterm LANG=C.UTF-8 NO_COLOR=1", nil, false, true},
		{80, "TERM=xterm LANG=C.UTF-8 NO_COLOR=1", []string{"--color", "always"}, true, true},
		{80, "TERM=xterm LANG=C.UTF-8", []string{"--color", "never"}, false, true},
		{80, "TERM=dumb LANG=C.UTF-8", nil, false, true},
		{80, "TERM=xterm LANG=C.UTF-8 LC_ALL=C", nil, true, false},
		{80, "TERM=xterm LANG=C LC_CTYPE=C.UTF-8", nil, true, true},
		{80, "TERM=xterm", nil, true, false},   // without any, the locale is C
		{80, "LANG=C.UTF-8", nil, false, true}, // nothing is known of the terminal
		{40, "TERM=xterm LANG=C.UTF-8", nil, true, true},
		{20, "TERM=xterm LANG=C", nil, true, false},
		{1, "TERM=xterm LANG=C.UTF-8", nil, true, true},
		{0, "TERM=xterm LANG=C.UTF-8", nil, true, true},
	} {
		out := show(x.columns, x.environment, "plan", x.more...)
		name := fmt.Sprintf("%d columns, %s %q", x.columns, x.environment, x.more)
		if got := strings.Contains(out, "\x1b["); got != x.colored {
			t.Errorf("%s: colours: %v\n%s", name, got, out)
		}
		plain := escape.ReplaceAllString(out, "")
		if strings.ContainsAny(plain, "\x1b\r") {
			t.Errorf("%s: more than colours: %q", name, out)
		}
		if got := strings.Contains(plain, "└── "); got != x.unicode || !x.unicode && strings.IndexFunc(plain, func(r rune) bool { return r > 126 }) >= 0 {
			t.Errorf("%s: the characters of the tree:\n%s", name, plain)
		}
		if !strings.HasSuffix(plain, next) {
			t.Errorf("%s: the last line:\n%s", name, plain)
		}
		more := "… and 25 more (-v shows them):"
		if !x.unicode {
			more = "... and 25 more (-v shows them):"
		}
		if !strings.Contains(strings.Join(strings.Fields(strings.NewReplacer("│", "", "|", "").Replace(plain)), " "), more) && x.columns >= 40 {
			t.Errorf("%s: nothing is folded:\n%s", name, plain)
		}
		tree, _, _ := strings.Cut(plain, "\n---")
		for _, line := range strings.Split(tree, "\n") {
			if width := uniseg.StringWidth(line); x.columns >= 40 && width > int(x.columns) && len(strings.Fields(strings.Trim(line, "│├└─|`- "))) > 1 {
				t.Errorf("%s: %d cells: %q", name, width, line)
			}
		}
	}
	if out := show(80, "TERM=xterm LANG=C.UTF-8", "plan", "-v"); strings.Contains(out, "…") || !strings.Contains(out, "db.zone029") {
		t.Errorf("-v leaves something out:\n%s", out)
	}
	out := escape.ReplaceAllString(show(80, "TERM=xterm LANG=C.UTF-8", "check"), "")
	if want := "Next: named-jail plan -t /var/named -u named --root " + root; !strings.Contains(out, want) {
		t.Errorf("check: %s", out)
	}
	if out := show(80, "TERM=xterm LANG=C.UTF-8", "check", "-q"); out != "" {
		t.Errorf("check -q: %q", out)
	}
	writeFile(t, filepath.Join(root, "etc/named.conf"), "options {\n\tversion \"日本語\"; reursion yes; };\n")
	out = escape.ReplaceAllString(show(80, "TERM=xterm LANG=C.UTF-8", "check"), "")
	if want := "            version \"日本語\"; reursion yes; };\n" + strings.Repeat(" ", 30) + "^~~~~~~~\n"; !strings.Contains(out, want) ||
		!strings.HasSuffix(out, "\n1 error. Mend the errors, then again:\nCheck: named-jail check -u named --root "+root+" --bind-version 9.18 --no-checkconf\n") {
		t.Errorf("check: %s", out)
	}
}

// TestRewriteOnTerminal prints a configuration that a terminal would act on: the
// terminal sees it escaped, a file gets every byte.
func TestRewriteOnTerminal(t *testing.T) {
	product, root := buildProduct(t), oneDirectory(t, 0)
	const text = "// \x1b]0;title\a\ttab\r\n// M\xfcller\r\noptions { directory \"/var/run\"; }; // \x7f"
	writeFile(t, filepath.Join(root, "etc/named.conf"), text)
	rewrite := func() *exec.Cmd { return exec.Command(product, "rewrite", "--root", root, "--bind-version", "9.18") }
	if out, err := rewrite().Output(); err != nil || string(out) != text {
		t.Errorf("%v, %q", err, out)
	}
	x := onScreen(t, rewrite(), 80)
	<-x.ended
	<-x.closed
	want := "// \\x1b]0;title\\x07\ttab\n// M\\xfcller\noptions { directory \"/var/run\"; }; // \\x7f"
	if out := strings.ReplaceAll(x.shown(), "\r\n", "\n"); out != want {
		t.Errorf("%q, want %q", out, want)
	}
}
