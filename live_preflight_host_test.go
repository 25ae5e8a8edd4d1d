//go:build linux

package main

import (
	"os"
	"strings"
	"testing"
)

// hostScene is the system's own install, which its boot script starts without a
// jail: check gets no flag at all.
func hostScene(t *testing.T, log *logLines) *scene {
	s := &scene{t: t, log: log, conf: "/etc/bind/named.conf", zones: "/etc/bind/db.m",
		check:     []string{product, "check", "--no-checkconf", "--no-cache"},
		named:     []string{"named", "-u", "bind", "-f"},
		checkconf: []string{"named-checkconf", "-z"},
		usual:     map[string]string{"directory": `directory "/var/cache/bind";`, "dnssec-validation": "dnssec-validation no;"}}
	s.build = func(s *scene) {
		for _, dir := range []string{"/srv", "/etc/bind", "/var/cache/bind", "/var/lib/bind", "/var/none"} {
			must(t, os.RemoveAll(dir))
		}
		s.mkdir("/srv", "root", 0o755)
		s.mkdir("/var/cache/bind", "root:bind", 0o775)
		s.mkdir("/var/lib/bind", "root:bind", 0o775)
		s.mkdir("/run/named", "root:bind", 0o775)
		s.mkdir("/etc/bind", "root:bind", 0o755)
	}
	return s
}

// hostTraps are the traps of a host without a jail.
var hostTraps = []trap{
	{name: "baseline"},
	{name: "log-dir-missing", top: logTo("/var/log/none/named.log"), line: "logging", code: "NJ311", fatal: true},
	{name: "log-dir-not-writable", top: logTo("/var/log/named.log"), line: "logging", code: "NJ312", fatal: true,
		repair: func(s *scene) {
			s.mkdir("/var/log/named", "bind", 0o755)
			s.edit("/var/log/named.log", "/var/log/named/named.log")
		}},
	{name: "log-roots-own", top: logTo("/var/cache/bind/log"), line: "logging", code: "NJ313", fatal: true, spoil: put("/var/cache/bind/log", "root", 0o644)},
	{name: "log-relative", top: logTo("logs/named.log"), line: "logging", code: "NJ311", fatal: true},
	{name: "directory-not-writable", options: `directory "/etc/bind";`, line: "directory", code: "NJ312", fatal: true,
		repair: changes(`directory "/etc/bind"`, `directory "/var/cache/bind"`)},
	{name: "managed-keys-directory", options: `managed-keys-directory "keys";`, line: "managed-keys", code: "NJ311", fatal: true},
	{name: "new-zones-directory", options: `new-zones-directory "/srv/nzd";`, line: "new-zones", code: "NJ312", fatal: true, spoil: mkdir("/srv/nzd", "root", 0o755)},
	{name: "lock-file", options: `lock-file "/var/none/lock";`, line: "lock-file", code: "NJ311", fatal: true},
	{name: "conf-roots-own", code: "NJ310", line: "options", fatal: true, spoil: own("/etc/bind/named.conf", "root:root", 0o600)},
	{name: "conf-of-binds-group", spoil: own("/etc/bind/named.conf", "root:bind", 0o640)},
	{name: "etc-bind-closed", code: "NJ310", line: "options", fatal: true, spoil: own("/etc/bind", "root:root", 0o750)},
	{name: "include-unreadable", top: `include "/etc/bind/more.conf";`, line: "include", code: "NJ310", fatal: true,
		spoil: func(s *scene) { s.put("/etc/bind/more.conf", "// nothing\n", "root", 0o600) }},
	{name: "tls-key-roots-own", options: "listen-on port 5302 tls t { 127.0.0.1; };", top: `tls t { cert-file "/etc/bind/cert.pem"; key-file "/etc/bind/key.pem"; };`,
		line: "key-file", code: "NJ310", fatal: true, spoil: func(s *scene) {
			run(s.t, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/etc/bind/key.pem", "-out", "/etc/bind/cert.pem", "-subj", "/CN=x", "-days", "9").want(s.t, 0)
			s.own("/etc/bind/key.pem", "root:root", 0o600)
		}},
	{name: "dlz-0111", top: `dlz "d" { database "dlopen /usr/local/lib/named/dlz.so x"; };`, line: "dlz", code: "NJ310", fatal: true,
		spoil: func(s *scene) { s.dlz(); s.own("/usr/local/lib/named/dlz.so", "root", 0o111) }},
	{name: "dlz-library-missing", top: `dlz "d" { database "dlopen /usr/local/lib/named/dlz.so x"; };`, line: "dlz", code: "NJ512", fatal: true,
		spoil:  func(s *scene) { s.dlz(); s.sh("mv /usr/local/lib/named/libdlzhelper.so.1 /tmp").want(s.t, 0) },
		repair: func(s *scene) { s.sh("mv /tmp/libdlzhelper.so.1 /usr/local/lib/named").want(s.t, 0) }},
	{name: "zone-unreadable", top: strings.Replace(staticU, "/zones/master", "/etc/bind", 1), line: "u.example", code: "NJ310", lost: unserved("u.example"), spoil: staticFile("/etc/bind/u", "root:root", 0o600)},
	{name: "zone-relative", top: strings.Replace(staticU, "/zones/master/", "", 1), line: "u.example", code: "NJ310", lost: unserved("u.example"), spoil: staticFile("/var/cache/bind/u", "root:root", 0o640)},
	{name: "zone-behind-a-closed-directory", top: strings.Replace(staticU, "/zones/master", "/srv/shut", 1), line: "u.example", code: "NJ310", lost: unserved("u.example"),
		spoil: after(staticFile("/srv/shut/u", "root", 0o644), mkdir("/srv/shut", "root", 0o700))},
	{name: "dynamic-dir-not-writable", top: strings.Replace(updated, "/zones/dynamic", "/etc/bind", 1), line: "d.example", code: "NJ312", lost: noUpdate("d.example"),
		spoil: staticFile("/etc/bind/d", "bind", 0o644),
		repair: func(s *scene) {
			s.edit(`/etc/bind/d"`, `/var/lib/bind/d"`)
			s.put("/var/lib/bind/d", plainZone, "bind", 0o644)
		}},
	{name: "key-directory-not-writable", top: strings.NewReplacer("/zones/dynamic", "/var/lib/bind", "/zones/keys", "/etc/bind/keys").Replace(signed), line: "sig.example", code: "NJ312", lost: unsigned("sig.example"),
		spoil: after(staticFile("/var/lib/bind/sig", "bind", 0o644), mkdir("/etc/bind/keys", "root:root", 0o755))},
	{name: "secondary-dir-missing", top: strings.Replace(transfer, "/zones/slave/s", "copies/s", 1), line: "slave.example", code: "NJ311", lost: missing("/var/cache/bind/copies/s")},
	{name: "pid-file-dir-missing", options: `pid-file "/var/none/named.pid";`, line: "pid-file", code: "NJ311", lost: missing("/var/none/named.pid")},
	{name: "dump-file", options: `dump-file "/srv/dump/d";`, top: rndcControls, line: "dump-file", code: "NJ312", lost: noCommand("/srv/dump/d", "dumpdb", "-all"), spoil: mkdir("/srv/dump", "root", 0o755)},
}

// rootTraps are those of a named that is started without -u: root, but without
// the right to pass over permissions.
var rootTraps = []trap{
	{name: "root, baseline"},
	{name: "root, log dir of another account", top: logTo("/srv/log/named.log"), line: "logging", code: "NJ312", fatal: true, spoil: mkdir("/srv/log", "bind", 0o755)},
	{name: "root, log file of another account", top: logTo("/srv/log"), line: "logging", code: "NJ313", fatal: true, spoil: put("/srv/log", "bind", 0o644)},
	{name: "root, zone of another account", top: strings.Replace(staticU, "/zones/master", "/etc/bind", 1), line: "u.example", code: "NJ310", lost: unserved("u.example"), spoil: staticFile("/etc/bind/u", "bind:bind", 0o600)},
	{name: "root, its own log dir", top: logTo("/srv/log/named.log"), spoil: mkdir("/srv/log", "root", 0o700)},
}

// TestLivePreflightHost sets traps on the host: first as Debian's service starts
// named, then without -u, then as a unit of systemd says.
func TestLivePreflightHost(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := hostScene(t, startNetwork(t))
		startRemote(t)
		for _, trap := range hostTraps {
			s.judge(trap)
		}
		writeFile(t, "/etc/default/named", "OPTIONS=\"\"\n")
		s.named = []string{"named", "-f"}
		build := s.build
		s.build = func(s *scene) {
			build(s)
			s.mkdir("/run/named", "root", 0o755)
			s.mkdir("/var/cache/bind", "root", 0o755)
		}
		for _, trap := range rootTraps {
			s.judge(trap)
		}
		// a drop-in takes the place of the command line
		run(t, "useradd", "-r", "-U", "-s", "/usr/sbin/nologin", "trapped").want(t, 0)
		writeFile(t, "/etc/systemd/system/named.service.d/account.conf", "[Service]\nEnvironment=\"WHO=trapped\"\nExecStart=\nExecStart=/usr/sbin/named -f \\\n  -u ${WHO}\n")
		s.named = []string{"named", "-f", "-u", "trapped"}
		s.build = func(s *scene) {
			build(s)
			s.mkdir("/var/cache/bind", "trapped", 0o755)
			s.mkdir("/run/named", "trapped", 0o755)
		}
		s.judge(trap{name: "a drop-in's account", top: logTo("/srv/log/named.log"), line: "logging", code: "NJ312", fatal: true, spoil: mkdir("/srv/log", "bind", 0o755)})
	})
}
