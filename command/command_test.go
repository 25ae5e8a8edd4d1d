package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/rewrite"
)

func TestHideSecrets(t *testing.T) {
	for _, text := range []string{
		`key "k" { algorithm hmac-sha256; secret "c2VjcmV0"; };`,
		`key k { SECRET	c2VjcmV0; };`,
		"key k { secret\n\"c2VjcmV0\"; };",
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

// TestCheckconfMessages merges what named-checkconf says: nothing twice, nothing
// that the jail cures, and never a refusal without a finding.
func TestCheckconfMessages(t *testing.T) {
	host, err := jail.OpenHost("/")
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	known := parser.Diagnostic{Code: "NJ205", File: "/n.conf", Line: 3, Message: "known"}
	for _, c := range []struct {
		text    string
		refused bool
		before  parser.Diagnostics
		want    string
	}{
		{"/n.conf:3: 'x' redefined near 'x'\n/n.conf:5: unknown option 'y'\n", true, parser.Diagnostics{known}, "/n.conf:5:1: error: named-checkconf: unknown option 'y' [NJ607]"},
		{"/n.conf:2: change directory to '/x' failed: file not found\n\n/n.conf:2: parsing failed: file not found\n", true, nil, ""},
		{"/n.conf:7: option 'z' is deprecated\n", false, nil, "/n.conf:7:1: warning: named-checkconf: option 'z' is deprecated [NJ607]"},
		{"/n.conf:4: 'c2VjcmV0IG9mIHRoZSBrZX...' is not base64 near 'c2VjcmV0IG9mIHRoZSBrZXk= and more'\n", true, nil, "/n.conf:4:1: error: named-checkconf: '(hidden)' is not base64 near '(hidden)' [NJ607]"},
		{"near 'c2Vj'\n", true, nil, "/n.conf: error: /sbin/named-checkconf refuses the configuration: near '(hidden)' [NJ607]"},
		{"something else\n", true, nil, "/n.conf: error: /sbin/named-checkconf refuses the configuration: something else [NJ607]"},
		{"something else\n", true, parser.Diagnostics{known}, ""},
		{"", false, nil, ""},
	} {
		v := &survey{system: &system{host: host, conf: "/n.conf"}, ds: c.before, install: &rewrite.Install{Files: []*parser.File{
			{Name: "/n.conf", Text: "options { };\nkey k { algorithm hmac-sha256;\n secret\n \"c2VjcmV0IG9mIHRoZSBrZXk= and more\"; };\n"}}}}
		v.mergeCheckconf(c.text, c.refused, "", "/sbin/named-checkconf")
		var heads []string
		for _, d := range v.ds[len(c.before):] {
			heads = append(heads, d.Headline())
		}
		if got := strings.Join(heads, "\n"); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
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
	for _, words := range [][]string{{"named-jail", "frobnicate"}, {"named-jail", "check", "stray"}, {"named-jail", "plan", "--nosuch"}} {
		if got := statusOf(dispatch(words)); got != statusUsage {
			t.Errorf("%v: status %d, want %d", words, got, statusUsage)
		}
	}
}
