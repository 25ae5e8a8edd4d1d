package command

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"named-jail/jail"
	"named-jail/parser"
)

// surveyOf reads a configuration /n.conf of a system of its own.
func surveyOf(t *testing.T, text string) *survey {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "n.conf"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	host, err := jail.OpenHost(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { host.Close() })
	s := &system{host: host, conf: "/n.conf", source: source{host: host}}
	s.build.Version = parser.V(9, 18, 49)
	return s.readConfig(nil)
}

// heads gives the headlines of findings, the root taken off.
func heads(v *survey, ds parser.Diagnostics) string {
	var list []string
	for _, d := range ds {
		list = append(list, strings.ReplaceAll(d.Headline(), v.host.Root(), ""))
	}
	return strings.Join(list, "\n")
}

// TestCheckconfMessages merges what named-checkconf says: nothing twice, no
// secret, and never a refusal without a finding.
func TestCheckconfMessages(t *testing.T) {
	const conf = "options {\n\tallow-query {\n\t\tnosuch;\n\t};\n};\nkey k {\n\tsecret \"c2VjcmV0 hidden\";\n};\nzone \"a.\" {\n\ttype hint;\n\tfile \"x\";\n};\n"
	at := func(line int, code parser.Code, severity parser.Severity, message string) parser.Diagnostic {
		return parser.Diagnostic{Code: code, Severity: severity, File: "/n.conf", Line: line, Column: 1, Message: message}
	}
	for name, c := range map[string]struct {
		text    string
		refused bool
		before  parser.Diagnostics
		want    string
	}{
		"one line":              {"/n.conf:3: 'x' redefined near 'x'\n", true, parser.Diagnostics{at(3, "NJ205", parser.Error, "known")}, ""},
		"another line":          {"/n.conf:5: unknown option 'y'\n", true, parser.Diagnostics{at(3, "NJ205", parser.Error, "known")}, "/n.conf:5:1: error: named-checkconf: unknown option 'y' [NJ607]"},
		"the same statement":    {"/n.conf:2: undefined ACL 'nosuch'\n", true, parser.Diagnostics{at(3, "NJ210", parser.Error, "there is no acl \"nosuch\"")}, ""},
		"the zone's first line": {"/n.conf:9: zone 'a': bad file 'x'\n", true, parser.Diagnostics{at(11, "NJ210", parser.Error, "zone \"a.\": bad")}, ""},
		"another thing in the statement": {"/n.conf:2: undefined ACL 'other'\n", true, parser.Diagnostics{at(3, "NJ210", parser.Error, "there is no acl \"nosuch\"")},
			"/n.conf:2:1: error: named-checkconf: undefined ACL 'other' [NJ607]"},
		"an error where we only warn": {"/n.conf:3: undefined ACL 'nosuch'\n", true, parser.Diagnostics{at(3, "NJ209", parser.Warning, "'other' is old")},
			"/n.conf:3:1: error: named-checkconf: undefined ACL 'nosuch' [NJ607]"},
		"an error about what we only warn of": {"/n.conf:3: option 'old' is deprecated\n/n.conf:3: zone 'z': option 'old' cannot be used with 'other'\n", true, parser.Diagnostics{at(3, "NJ209", parser.Warning, "'old' is deprecated")},
			"/n.conf:3:1: error: named-checkconf: zone 'z': option 'old' cannot be used with 'other' [NJ607]"},
		"the same beside its reason": {"/n.conf:3: option 'old' odd\n/n.conf:5: bad\n", true, parser.Diagnostics{at(3, "NJ209", parser.Warning, "'old' is odd")},
			"/n.conf:5:1: error: named-checkconf: bad [NJ607]"},
		"a warning twice":          {"/n.conf:3: option 'nosuch' is deprecated\n/n.conf:3: 'nosuch' option is deprecated and will be removed\n", false, nil, "/n.conf:3:1: warning: named-checkconf: option 'nosuch' is deprecated [NJ607]"},
		"a warning beside errors":  {"/n.conf:3: option 'z' is deprecated\n/n.conf:5: bad\n", true, nil, "/n.conf:3:1: warning: named-checkconf: option 'z' is deprecated [NJ607]\n/n.conf:5:1: error: named-checkconf: bad [NJ607]"},
		"a cascade":                {"/n.conf:12: unexpected end of input \n", true, parser.Diagnostics{at(1, "NJ102", parser.Error, "a string is not closed")}, ""},
		"no directory":             {"/n.conf:2: change directory to '/x' failed: file not found\n\n/n.conf:2: parsing failed: file not found\n", true, nil, ""},
		"parsing failed by itself": {"/n.conf:2: parsing failed: file not found\n", true, nil, "/n.conf:2:1: error: named-checkconf: parsing failed: file not found [NJ607]"},
		"no place":                 {"something else\n", true, nil, "/n.conf: error: /sbin/named-checkconf refuses the configuration: something else [NJ607]"},
		"no place, explained":      {"something else\n", true, parser.Diagnostics{at(3, "NJ205", parser.Error, "known")}, ""},
		"no place, no refusal":     {"something else\n", false, nil, ""},
		"built in":                 {"none:3: whatever\n", false, nil, ""},
		"only mild, and refused":   {"/n.conf:3: option 'z' is deprecated\n", true, nil, "/n.conf:3:1: warning: named-checkconf: option 'z' is deprecated [NJ607]\n/n.conf: error: /sbin/named-checkconf refuses the configuration: /n.conf:3: option 'z' is deprecated [NJ607]"},
		"a secret":                 {"/n.conf:7: unknown option 'hidden'\n/n.conf:6: c2VjcmV0 is bad\n", true, nil, "/n.conf:7:1: error: named-checkconf: unknown option '(hidden)' [NJ607]\n/n.conf:6:1: error: named-checkconf: (hidden) is bad [NJ607]"},
		"control bytes":            {"/n.conf:3: unknown option '\x1b[31mfoo\xff'\n", true, nil, `/n.conf:3:1: error: named-checkconf: unknown option '\x1b[31mfoo\xff' [NJ607]`},
		"nothing":                  {"", false, nil, ""},
	} {
		v := surveyOf(t, conf)
		v.ds = nil
		for _, d := range c.before {
			d.File = v.install.Files[0].Name
			v.ds = append(v.ds, d)
		}
		v.mergeCheckconf(c.text, c.refused, "/sbin/named-checkconf")
		if got := heads(v, v.ds[len(c.before):]); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// TestCheckconfEnds runs programs that end in every way: only a refusal counts
// as one.
func TestCheckconfEnds(t *testing.T) {
	before := checkconfTime
	checkconfTime = 500 * time.Millisecond
	defer func() { checkconfTime = before }()
	for name, c := range map[string]struct{ script, want string }{
		"sound":           {"exit 0", ""},
		"refusal":         {"[ $1 = -v ] && echo 9.18.49-1 && exit; echo 'all wrong'; exit 1", "/n.conf: error: P refuses the configuration: all wrong [NJ607]"},
		"another release": {"[ $1 = -v ] && echo 9.16.50-Debian && exit; echo 'all wrong'; exit 1", "warning: P gives no verdict: it belongs to BIND 9.16.50, and named is 9.18.49 [NJ607]"},
		"crash":           {"echo 'REQUIRE failed'; kill -ABRT $$", "warning: P gives no verdict: it ended with signal: aborted: REQUIRE failed [NJ607]"},
		"not loaded":      {"echo 'libisc: cannot open shared object'; exit 127", "warning: P gives no verdict: it ended with exit status 127: libisc: cannot open shared object [NJ607]"},
		"hang":            {"sleep 20", "warning: P gives no verdict: it did not end in time [NJ607]"},
		"hang of a child": {"sleep 3 & exit 0", "warning: P gives no verdict: it did not end in time [NJ607]"},
		"flood":           {"[ $1 = -v ] && echo 9.18.49 && exit; yes 'no end' | head -c 9000000; exit 1", "/n.conf: error: P refuses the configuration: no end [NJ607]"},
	} {
		v := surveyOf(t, "options { };\n")
		dir := t.TempDir()
		program := filepath.Join(dir, "named-checkconf")
		if err := os.WriteFile(program, []byte("#!/bin/sh\n"+c.script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		v.build.Path = filepath.Join(dir, "named")
		begin := time.Now()
		v.askCheckconf(context.Background())
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		if got := strings.ReplaceAll(heads(v, v.ds), program, "P"); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestCheckconfWouldHang leaves a configuration with a FIFO to check itself.
func TestCheckconfWouldHang(t *testing.T) {
	v := surveyOf(t, "include \"/fifo\";\n")
	if v.wouldHang() {
		t.Error("a missing file")
	}
	if err := unix.Mkfifo(filepath.Join(v.host.Root(), "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	if !v.wouldHang() {
		t.Error("a FIFO is not seen")
	}
}
