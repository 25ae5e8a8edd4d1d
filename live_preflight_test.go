//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// trap is one configuration in the article's jail, and what becomes of it.
type trap struct {
	name    string
	options string // statements of the options block, beside the usual ones
	top     string // statements behind it
	line    string // the text whose line the finding must name
	code    string
	fatal   bool // named refuses to start
	warning bool // check warns only, because named runs
	told    bool // named-checkconf finds it too
	spoil   func(t *testing.T)
}

const (
	trapJail = "/srv/jail"
	pidLine  = "\tpid-file \"/var/run/named.pid\";\n"
	dirLine  = "\tdirectory \"/var/run\";\n"
)

var traps = []trap{
	{name: "baseline"},
	{name: "log-dir-missing", top: `logging { channel f { file "/var/log/named/named.log"; }; category default { f; }; };`, line: "logging", code: "NJ311", fatal: true},
	{name: "log-fifo", top: `logging { channel f { file "/var/run/fifo"; }; category default { f; }; };`, line: "logging", code: "NJ313", fatal: true,
		spoil: func(t *testing.T) { run(t, "mkfifo", trapJail+"/var/run/fifo").want(t, 0) }},
	{name: "plugin-missing", top: `plugin query "/usr/lib/named/none.so" { };`, line: "plugin", code: "NJ305", fatal: true, told: true},
	{name: "dlz-missing", top: `dlz "d" { database "dlopen /usr/lib/named/none.so"; };`, line: "dlz", code: "NJ305", fatal: true},
	{name: "dyndb-missing", top: `dyndb "d" "/usr/lib/named/none.so" { x; };`, line: "dyndb", code: "NJ305", fatal: true},
	{name: "geoip", top: `acl us { geoip country US; };` + "\n" + `zone "geo.example" { type primary; file "/zones/master/db"; allow-query { us; }; };`, line: "acl us", code: "NJ315", fatal: true},
	{name: "tls-key", options: "listen-on port 5302 tls t { 127.0.0.1; };", top: `tls t { cert-file "/etc/cert.pem"; key-file "/etc/key.pem"; };`, line: "cert-file", code: "NJ305", fatal: true},
	{name: "new-zones-directory", options: `allow-new-zones yes; new-zones-directory "/zones/nzd";`, line: "new-zones", code: "NJ311", fatal: true},
	{name: "managed-keys-directory", options: `managed-keys-directory "/zones/keys";`, line: "managed-keys", code: "NJ311", fatal: true},
	{name: "lock-file", options: `lock-file "/nodir/named.lock";`, line: "lock-file", code: "NJ311", fatal: true},
	{name: "directory-missing", options: `directory "/var/nowhere";`, line: "directory", code: "NJ311", fatal: true, told: true},
	{name: "directory-not-writable", options: `directory "/zones/master";`, line: "directory", code: "NJ312", fatal: true},
	{name: "controls-unix", top: `controls { unix "/var/run/ndc" perm 0600 owner 0 group 0; };`, line: "unix", code: "NJ202", fatal: true},
	{name: "key-directory-missing", top: `zone "sig.example" { type primary; file "/zones/dynamic/db.sig"; inline-signing yes; dnssec-policy default; key-directory "/zones/keys"; };`,
		line: "sig.example", code: "NJ311"},
	{name: "key-directory-not-writable", top: `zone "sig.example" { type primary; file "/zones/dynamic/db.sig"; inline-signing yes; dnssec-policy default; key-directory "/zones/keys"; };`,
		line: "sig.example", code: "NJ312", spoil: func(t *testing.T) { must(t, os.Mkdir(trapJail+"/zones/keys", 0o755)) }},
	{name: "slave-dir-missing", top: `zone "s.example" { type secondary; primaries { 127.0.0.1 port 5399; }; file "/zones/none/db"; };`, line: "s.example", code: "NJ311"},
	{name: "dynamic-dir-not-writable", top: `zone "d.example" { type primary; allow-update { 127.0.0.1; }; file "/zones/master/d"; };`, line: "d.example", code: "NJ312",
		spoil: func(t *testing.T) { copyMode(t, "/zones/master/db", "/zones/master/d", 0o644) }},
	{name: "dnstap-file", options: `dnstap { all; }; dnstap-output file "/var/log/dnstap.out";`, line: "dnstap", code: "NJ311"},
	{name: "pid-file-dir", options: `pid-file "/etc/named.pid";`, line: "pid-file", code: "NJ303"},
	{name: "pid-file-dir-missing", options: `pid-file "/none/named.pid";`, line: "pid-file", code: "NJ311"},
	{name: "catz-directory", options: `catalog-zones { zone "c.example" default-primaries { 127.0.0.1 port 5399; } zone-directory "/zones/catz"; };`,
		top: `zone "c.example" { type secondary; primaries { 127.0.0.1 port 5399; }; file "/zones/slave/c"; };`, line: "catalog-zones", code: "NJ311", warning: true},
	{name: "zone-unreadable", top: `zone "u.example" { type primary; file "/zones/master/u"; };`, line: "u.example", code: "NJ310",
		spoil: func(t *testing.T) { copyMode(t, "/zones/master/db", "/zones/master/u", 0o600) }},
	{name: "zone-behind-a-closed-directory", top: `zone "u.example" { type primary; file "/zones/master/shut/u"; };`, line: "u.example", code: "NJ310",
		spoil: func(t *testing.T) {
			must(t, os.Mkdir(trapJail+"/zones/master/shut", 0o700))
			copyMode(t, "/zones/master/db", "/zones/master/shut/u", 0o644)
		}},
	{name: "hint-unreadable", top: `zone "." { type hint; file "/zones/master/root"; };`, line: "hint", code: "NJ310", fatal: true,
		spoil: func(t *testing.T) {
			writeFile(t, trapJail+"/zones/master/root", ". 3600000 NS a.root.test.\na.root.test. 3600000 A 127.0.0.1\n")
			must(t, os.Chmod(trapJail+"/zones/master/root", 0o600))
		}},
	{name: "include-unreadable", top: `include "/etc/more.conf";`, code: "NJ310", fatal: true,
		spoil: func(t *testing.T) {
			writeFile(t, trapJail+"/etc/more.conf", "// nothing\n")
			must(t, os.Chmod(trapJail+"/etc/more.conf", 0o600))
		}},
	{name: "include-glob-not-listable", top: `include "/etc/conf.d/*.conf";`, line: "include", code: "NJ314", fatal: true,
		spoil: func(t *testing.T) {
			writeFile(t, trapJail+"/etc/conf.d/more.conf", "// nothing\n")
			must(t, os.Chmod(trapJail+"/etc/conf.d", 0o711))
		}},
}

func copyMode(t *testing.T, from, to string, mode os.FileMode) {
	t.Helper()
	text, err := os.ReadFile(trapJail + from)
	must(t, err)
	writeFile(t, trapJail+to, string(text))
	must(t, os.Chmod(trapJail+to, mode))
}

// TestLivePreflight puts each trap into a jail and compares the verdicts of
// named-checkconf, of check and of the real named. All of them are in one clone;
// a failure names its trap.
func TestLivePreflight(t *testing.T) {
	inClone(t, func(t *testing.T) {
		startNetwork(t)
		run(t, "useradd", "-r", "-s", "/usr/sbin/nologin", "trapped").want(t, 0)
		for _, trap := range traps {
			trap.judge(t)
		}
	})
}

func (trap trap) judge(t *testing.T) {
	must(t, os.RemoveAll(trapJail))
	for _, d := range []string{"etc", "var/run", "zones/master", "zones/slave", "zones/dynamic", "dev"} {
		must(t, os.MkdirAll(trapJail+"/"+d, 0o755))
	}
	for _, d := range []string{"var/run", "zones/slave", "zones/dynamic"} {
		run(t, "chown", "trapped:", trapJail+"/"+d).want(t, 0)
		must(t, os.Chmod(trapJail+"/"+d, 0o700))
	}
	must(t, os.Chmod(trapJail, 0o511))
	const zone = "$TTL 300\n@ SOA ns.example. h.example. 1 60 60 86400 60\n@ NS ns.example.\n"
	writeFile(t, trapJail+"/zones/master/db", zone)
	writeFile(t, trapJail+"/zones/dynamic/db.sig", zone)
	usual := dirLine + pidLine + "\tlisten-on port 5301 { 127.0.0.1; };\n\tlisten-on-v6 { none; };\n\tdnssec-validation no;\n\tsession-keyfile none;\n"
	if strings.HasPrefix(trap.options, "directory") {
		usual = strings.Replace(usual, dirLine, "", 1)
	}
	if strings.HasPrefix(trap.options, "pid-file") {
		usual = strings.Replace(usual, pidLine, "", 1)
	}
	text := "options {\n" + usual + "\t" + trap.options + "\n};\nzone \"m.example\" { type primary; file \"/zones/master/db\"; };\n" + trap.top + "\n"
	if !strings.Contains(trap.top, "controls") {
		text += "controls { };\n"
	}
	writeFile(t, trapJail+"/etc/named.conf", text)
	if trap.spoil != nil {
		trap.spoil(t)
	}
	if r := run(t, "named-checkconf", "-t", trapJail, "-z", "/etc/named.conf"); (r.status == 0) == trap.told {
		t.Errorf("%s: named-checkconf: %s", trap.name, r)
	}
	r := run(t, product, "check", "-t", trapJail, "-u", "trapped", "-c", trapJail+"/etc/named.conf", "--no-checkconf")
	want := 1
	if trap.code == "" || trap.warning {
		want = 0
	}
	if r.status != want || strings.Count(r.err, "[NJ") != min(1, len(trap.code)) || !strings.Contains(r.err, trap.code) {
		if trap.name != "tls-key" || strings.Count(r.err, "[NJ305]") != 2 {
			t.Errorf("%s: want status %d and one %s: %s", trap.name, want, trap.code, r)
		}
	}
	if trap.line != "" {
		before, _, _ := strings.Cut(text, trap.line)
		place := trapJail + "/etc/named.conf:" + strconv.Itoa(strings.Count(before, "\n")+1) + ":"
		if !strings.Contains(r.err, place) {
			t.Errorf("%s: does not name %s: %s", trap.name, place, r)
		}
	}
	if refused := startsNot(t); refused != trap.fatal {
		t.Errorf("%s: named refuses to start: %v", trap.name, refused)
	}
}

// startsNot starts named in the trap's jail and tells whether it ends by itself.
func startsNot(t *testing.T) bool {
	t.Helper()
	cmd := exec.Command("named", "-t", trapJail, "-u", "trapped", "-c", "/etc/named.conf", "-f")
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
		return true
	case <-time.After(time.Second):
	}
	must(t, cmd.Process.Signal(os.Interrupt))
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		cmd.Process.Kill()
		<-ended
	}
	if left, _ := filepath.Glob(trapJail + "/zones/master/tmp-*"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	return false
}
