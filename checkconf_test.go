//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// badConfigs are configurations with one fault each, or as many as the number
// says. The real named-checkconf is asked about them too.
var badConfigs = []struct {
	name, text string
	faults     int
}{
	{"secret that is not base64", "key k {\n algorithm hmac-sha256;\n secret \"not base64!!\";\n};\n", 1},
	{"secret in two words", "key k { algorithm hmac-sha256; secret abcdefgh ijklmnop; };\n", 1},
	{"secret without a semicolon", "key k { algorithm hmac-sha256; secret \"c2VjcmV0\"\n};\n", 1},
	{"secret with a slash", "key k { algorithm hmac-sha256; secret c2VjcmV0/x=y; };\n", 1},
	{"unknown acl", "options { allow-query { nosuch; }; };\n", 1},
	{"unknown acl over lines", "options {\n allow-query {\n  any;\n  nosuch;\n };\n};\n", 1},
	{"no type", "zone \"a\" {\n file \"x\";\n};\n", 1},
	{"wrong type", "zone \"a\" {\n type primery;\n file \"x\";\n};\n", 1},
	{"no file", "options { directory \"/\"; };\nzone \"a\" {\n type primary;\n};\n", 1},
	{"open block", "options {\n recursion yes;\n\nzone \"a\" { type primary; file \"x\"; };\n", 1},
	{"open string", "options {\n directory \"/tmp;\n};\n", 1},
	{"open comment", "options { /* no end\n};\n", 1},
	{"two semicolons missing", "options {\n recursion yes\n};\nzone \"a\" {\n type hint;\n file \"x\"\n};\n", 2},
	{"three mistakes", "options {\n foo yes;\n bar no;\n recursion maybe;\n};\n", 3},
	{"zone twice", "zone \"a\" { type primary; file \"x\"; };\nzone \"a\" { type primary; file \"y\"; };\n", 1},
	{"file twice", "zone \"a\" { type secondary; primaries { 192.0.2.1; }; file \"x\"; };\nzone \"b\" { type secondary; primaries { 192.0.2.1; }; file \"x\"; };\n", 1},
	{"unknown tls", "options { listen-on port 1 tls none1 { any; }; };\n", 1},
	{"zone beside views", "view \"v\" { zone \"a\" { type primary; file \"x\"; }; };\nzone \"b\" { type primary; file \"y\"; };\n", 1},
	{"unknown category and channel", "logging {\n category nosuch { null; };\n category default { nochan; };\n};\n", 2},
	{"out of range", "options {\n listen-on port 70000 { any; };\n};\n", 1},
	{"control bytes", "options { \x1b[31mfoo yes; };\n", 1},
	{"include of nothing", "include \"/none/x\";\n", 1},
	{"include with no name", "include \"\";\n", 1},
	{"fault in an include file", "options { directory \"/\"; };\ninclude \"part\";\n", 1},
	{"file of a forward zone", "zone \"a\" {\n type forward;\n file \"x\";\n};\n", 1},
	{"secondary without primaries", "zone \"a\" {\n type secondary;\n file \"x\";\n};\n", 1},
	{"no directory", "options {\n directory \"/none\";\n};\n", 1},
	{"unknown policy", "zone \"a\" { type primary; file \"x\"; dnssec-policy nopol; };\n", 1},
	{"control byte in a name", "zone \"a\x07b\" { type primery; };\n", 1},
	{"one line, two faults", "options { recursion yes; allow-query { nosuch; }; forwarders { x; }; };\n", 1},
	{"statement twice", "options {\n recursion yes;\n recursion no;\n};\n", 1},
	{"statement of another place", "file \"x\";\n", 1},
	{"statement that is gone", "options {\n named-xfer \"/x\";\n};\n", 1},
	{"statement that is old", "options {\n resolver-retry-interval 3;\n};\n", 1},
	{"second brace", "options { }; };\n", 1},
	{"empty statement", "options { };;\n", 1},
	{"unquoted file", "zone \"a\" {\n type hint;\n file a;\n};\n", 1},
	{"unknown key of a server", "server 192.0.2.1 {\n keys {\n  nokey;\n };\n};\n", 1},
	{"unknown list", "zone \"a\" {\n type secondary;\n primaries {\n  nolist;\n };\n};\n", 1},
	{"acl twice", "acl a { any; };\nacl a { none; };\n", 1},
	{"key twice", "key k { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\nkey k { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\n", 1},
	{"unknown algorithm", "key k {\n algorithm hmac-none;\n secret \"c2VjcmV0\";\n};\n", 1},
	{"view twice", "view v { };\nview v { };\n", 1},
	{"view twice, with a zone that named writes", "view v {\n zone \"a\" { type secondary; primaries { 192.0.2.1; }; file \"s\"; };\n};\nview v {\n zone \"a\" { type secondary; primaries { 192.0.2.1; }; file \"s\"; };\n};\n", 1},
	{"no opening brace", "options\n recursion yes;\n notify no;\n};\nzone \"a\" { type primary; file \"x\"; };\n", 1},
	{"closed too early", "options {\n allow-query { any; }; };\n recursion yes;\n};\n", 1},
	{"zone not closed", "view v {\n zone \"a\" { type primary; file \"x\";\n zone \"b\" { type primary; file \"y\"; };\n};\n", 1},
	{"directory without quotes", "options {\n directory /tmp;\n recursion yes;\n};\n", 1},
	{"typographic quotes", "options {\n directory “/tmp”;\n};\n", 1},
	{"colon for a semicolon", "options {\n recursion no:\n};\n", 1},
	{"equals sign", "options {\n recursion = no;\n};\n", 1},
	{"parentheses", "options {\n allow-query ( any; );\n};\n", 1},
	{"name that is none", "zone \"a..b\" {\n type primary;\n file \"x\";\n};\n", 1},
}

// TestCheckconfTwice asks with and without named-checkconf: a fault that is
// found without is told once, one that is not is told all the same, and no
// secret comes through.
func TestCheckconfTwice(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: named-checkconf looks into another system")
	}
	program := filepath.Join(t.TempDir(), "named-jail")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	judge := func(name, text string, faults int) {
		root := t.TempDir()
		for file, content := range map[string]string{"named.conf": text, "part": "options2 { };\n", "x": plainZone, "y": plainZone, "etc/passwd": "root:x:0:0::/:/bin/sh\nnamed:*:53:53::/:/usr/sbin/nologin\n", "etc/group": "named:*:53:\n"} {
			writeFile(t, filepath.Join(root, file), content)
		}
		ask := func(more ...string) []string {
			cmd := exec.Command(program, append([]string{"check", "--root", root, "-c", "/named.conf", "--no-zones", "--json"}, more...)...)
			cmd.Env = append(os.Environ(), "NAMED_JAIL_NAMED=")
			out, _ := cmd.Output()
			var doc struct {
				Problems []struct {
					Severity, Code, File, Message string
					Line                          int
				}
			}
			if err := json.Unmarshal(out, &doc); err != nil {
				t.Fatalf("%s: %v: %s", name, err, out)
			}
			var list []string
			for _, p := range doc.Problems {
				if faults == errorsOnly && p.Severity != "error" {
					continue
				}
				if strings.HasPrefix(p.Message, "named-checkconf: ") && anySecret(p.Message) {
					t.Errorf("%s: %q", name, p.Message)
				}
				list = append(list, fmt.Sprintf("%s:%d: %s: %s [%s]", strings.TrimPrefix(p.File, root), p.Line, p.Severity, p.Message, p.Code))
			}
			sort.Strings(list)
			return list
		}
		alone, both := ask("--no-checkconf"), ask()
		want := max(faults, len(alone))
		if len(both) != want {
			t.Errorf("%s: want %d\nalone:\n\t%s\nwith named-checkconf:\n\t%s", name, want, strings.Join(alone, "\n\t"), strings.Join(both, "\n\t"))
		}
	}
	examples, _ := filepath.Glob("testdata/codes/NJ[12]*.txtar")
	corpus, _ := filepath.Glob("testdata/conf/*.txtar")
	judged := 0
	for _, name := range append(examples, corpus...) {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range a.Files {
			// of the corpus a part is enough, for each takes two runs of each program
			if f.Name == "sys/etc/named.conf" || strings.HasPrefix(f.Name, "bad-") && i%5 == 0 {
				judge(name+" "+f.Name, string(f.Data), errorsOnly)
				judged++
			}
		}
	}
	if judged < 60 {
		t.Errorf("%d configurations only", judged)
	}
	for _, c := range badConfigs {
		judge(c.name, c.text, c.faults)
	}
}

// errorsOnly counts the errors: of a refused configuration named-checkconf warns
// of other things too.
const errorsOnly = 0

// anySecret tells whether a message shows a part of a secret above.
func anySecret(message string) bool {
	for _, s := range []string{"not base64!!", "abcdefgh", "ijklmnop", "c2VjcmV0"} {
		if strings.Contains(message, s) {
			return true
		}
	}
	return false
}
