//go:build linux

package main

import (
	"os/exec"
	"testing"
)

// logTo is a logging statement with one file.
func logTo(file string) string {
	return `logging { channel f { file "` + file + `"; }; category default { f; }; };`
}

// startTraps are those on which named refuses to start.
var startTraps = []trap{
	{name: "baseline"},
	{name: "log-dir-missing", top: logTo("/var/log/named/named.log"), line: "logging", code: "NJ311", fatal: true},
	{name: "log-dir-not-writable", top: logTo("/srv/log/named.log"), line: "logging", code: "NJ312", fatal: true,
		spoil: func(s *scene) { s.mkdir("/srv/log", "root", 0o755) }},
	{name: "log-roots-own", top: logTo("/var/run/log"), line: "logging", code: "NJ313", fatal: true,
		spoil: func(s *scene) { s.put("/var/run/log", "", "root", 0o644) }},
	{name: "log-of-our-own-where-we-may-not-write", top: logTo("/srv/log/named.log"),
		spoil: func(s *scene) {
			s.mkdir("/srv/log", "root", 0o755)
			s.put("/srv/log/named.log", "", "trapped", 0o644)
		}},
	{name: "log-fifo", top: logTo("/var/run/fifo"), line: "logging", code: "NJ313", fatal: true,
		spoil: func(s *scene) { s.sh("mkfifo var/run/fifo").want(s.t, 0) }},
	{name: "log-directory", top: logTo("/var/run/d"), line: "logging", code: "NJ313", fatal: true,
		spoil: func(s *scene) { s.mkdir("/var/run/d", "trapped", 0o700) }},
	{name: "log-dangling-link", top: logTo("/var/run/l"), line: "logging", code: "NJ311", fatal: true,
		spoil: func(s *scene) { s.sh("ln -s /none/log var/run/l").want(s.t, 0) }},
	{name: "log-unused-channel", top: `logging { channel f { file "/none/log"; }; };`, line: "logging", code: "NJ311", fatal: true},
	{name: "log-device", top: logTo("/dev/null"), line: "logging", code: "NJ313", fatal: true, repair: changes(`file "/dev/null"`, "null"),
		spoil: func(s *scene) { s.sh("mknod -m 666 dev/null c 1 3").want(s.t, 0) }},
	{name: "directory-missing", options: `directory "/var/nowhere";`, line: "directory", code: "NJ311", fatal: true, told: true},
	{name: "directory-not-writable", options: `directory "/srv/named";`, line: "directory", code: "NJ312", fatal: true,
		spoil: func(s *scene) { s.mkdir("/srv/named", "root", 0o755) }},
	{name: "directory-not-searchable", options: `directory "/srv/named";`, line: "directory", code: "NJ312", fatal: true,
		spoil: func(s *scene) { s.mkdir("/srv/named", "trapped", 0o600) }},
	{name: "directory-none", options: "directory none;", line: "options", code: "NJ312", fatal: true,
		repair: changes("options {", "options { directory \"/var/run\";")},
	{name: "new-zones-directory", options: `allow-new-zones yes; new-zones-directory "/zones/nzd";`, line: "new-zones", code: "NJ311", fatal: true},
	{name: "new-zones-directory-not-writable", options: `new-zones-directory "/zones/nzd";`, line: "new-zones", code: "NJ312", fatal: true,
		spoil: func(s *scene) { s.mkdir("/zones/nzd", "root", 0o755) }},
	{name: "managed-keys-directory", options: `managed-keys-directory "/zones/keys";`, line: "managed-keys", code: "NJ311", fatal: true},
	{name: "managed-keys-directory-not-writable", options: `managed-keys-directory "/zones/keys";`, line: "managed-keys", code: "NJ312", fatal: true,
		spoil: func(s *scene) { s.mkdir("/zones/keys", "root", 0o755) }},
	{name: "lock-file", options: `lock-file "/nodir/named.lock";`, line: "lock-file", code: "NJ311", fatal: true},
	{name: "lock-file-roots-own", options: `lock-file "/var/run/lock";`, line: "lock-file", code: "NJ313", fatal: true,
		spoil: func(s *scene) { s.put("/var/run/lock", "", "root", 0o644) }},
	{name: "lock-file-that-named-can-make", options: `lock-file "/var/run/a/b/lock";`},
	{name: "session-key", options: `session-keyfile "/none/session.key";`, line: "session-keyfile", code: "NJ311", fatal: true,
		top: `zone "l.example" { type primary; update-policy local; file "/zones/dynamic/l"; };`, spoil: dynamicFile("l")},
	{name: "session-key-not-writable", options: `session-keyfile "/srv/key/session.key";`, line: "session-keyfile", code: "NJ312", fatal: true,
		top:   `zone "l.example" { type primary; update-policy local; file "/zones/dynamic/l"; };`,
		spoil: func(s *scene) { dynamicFile("l")(s); s.mkdir("/srv/key", "root", 0o755) }},
	{name: "session-key-that-named-removes-first", options: `session-keyfile "/var/run/session.key";`,
		top:   `zone "l.example" { type primary; update-policy local; file "/zones/dynamic/l"; };`,
		spoil: func(s *scene) { dynamicFile("l")(s); s.put("/var/run/session.key", "", "root", 0o600) }},
	{name: "controls-unix", top: `controls { unix "/var/run/ndc" perm 0600 owner 0 group 0; };`, line: "unix", code: "NJ202", fatal: true,
		repair: changes(`unix "/var/run/ndc" perm 0600 owner 0 group 0;`, "")},
	{name: "conf-roots-own", code: "NJ310", line: "options", fatal: true, spoil: func(s *scene) { s.own("/etc/named.conf", "root", 0o600) }},
	{name: "conf-of-a-foreign-group", code: "NJ310", line: "options", fatal: true, spoil: func(s *scene) { s.own("/etc/named.conf", "root:daemon", 0o640) }},
	{name: "conf-of-a-supplementary-group", spoil: func(s *scene) { s.own("/etc/named.conf", "root:readers", 0o640) }},
	{name: "conf-that-the-group-denies", code: "NJ310", line: "options", fatal: true, spoil: func(s *scene) { s.own("/etc/named.conf", "root:readers", 0o604) }},
	{name: "jail-closed", code: "NJ310", line: "options", fatal: true, spoil: func(s *scene) { s.own("", "root", 0o700) }},
	{name: "etc-closed", code: "NJ310", line: "options", fatal: true, spoil: func(s *scene) { s.own("/etc", "root", 0o700) }},
	{name: "include-unreadable", top: `include "/etc/more.conf";`, line: "include", code: "NJ310", fatal: true,
		spoil: func(s *scene) { s.put("/etc/more.conf", "// nothing\n", "root", 0o600) }},
	{name: "include-glob-not-listable", top: `include "/etc/conf.d/*.conf";`, line: "include", code: "NJ314", fatal: true,
		spoil: func(s *scene) {
			s.put("/etc/conf.d/more.conf", "// nothing\n", "root", 0o644)
			s.own("/etc/conf.d", "root", 0o711)
		}},
	{name: "hint-unreadable", top: `zone "." { type hint; file "/zones/master/root"; };`, line: "hint", code: "NJ310", fatal: true,
		spoil: func(s *scene) {
			s.put("/zones/master/root", ". 3600000 NS a.root.test.\na.root.test. 3600000 A 127.0.0.1\n", "root", 0o600)
		}},
	{name: "redirect-unreadable", top: `zone "." { type redirect; file "/zones/master/r"; };`, line: "redirect", code: "NJ310", fatal: true,
		spoil: func(s *scene) {
			s.put("/zones/master/r", "$TTL 300\n@ SOA ns.example. h.example. 1 60 60 86400 60\n@ NS ns.example.\nns.example. A 127.0.0.1\n", "root", 0o600)
		}},
	{name: "added-zones-unreadable", options: "allow-new-zones yes;", code: "NJ313", line: "options", fatal: true,
		repair: func(s *scene) { s.sh("rm var/run/_default.nzd").want(s.t, 0) },
		spoil:  func(s *scene) { s.put("/var/run/_default.nzd", "", "root", 0o600) }},
	{name: "added-zones-unreadable-and-not-asked", spoil: func(s *scene) { s.put("/var/run/_default.nzd", "", "root", 0o600) }},
}

// TestLivePreflightStart sets the traps on which named refuses to start.
func TestLivePreflightStart(t *testing.T) { inTraps(t, startTraps) }

// moduleTraps are those with modules, certificates and databases.
var moduleTraps = []trap{
	{name: "plugin-missing", top: `plugin query "/usr/lib/named/none.so" { };`, line: "plugin", code: "NJ305", fatal: true, told: true,
		repair: changes(`plugin query "/usr/lib/named/none.so" { };`, "")},
	{name: "plugin-not-in-the-jail", top: `plugin query "` + "/srv/modules/filter.so" + `" { };`, line: "plugin", code: "NJ305", fatal: true, told: true,
		spoil: func(s *scene) { s.onHost("/srv/modules/filter.so") }},
	{name: "plugin-0111", top: `plugin query "/usr/lib/filter.so" { };`, line: "plugin", code: "NJ310", fatal: true,
		spoil: func(s *scene) { s.filter(); s.own("/usr/lib/filter.so", "root", 0o111) }},
	{name: "plugin-roots-own", top: `plugin query "/usr/lib/filter.so" { };`, line: "plugin", code: "NJ310", fatal: true,
		spoil: func(s *scene) { s.filter(); s.own("/usr/lib/filter.so", "root", 0o600) }},
	{name: "plugin-noexec", top: `plugin query "/usr/lib/filter.so" { };`, line: "plugin", code: "NJ316", fatal: true, told: true,
		spoil: func(s *scene) {
			s.mkdir("/usr/lib", "root", 0o755)
			s.sh("mount -t tmpfs -o noexec none usr/lib").want(s.t, 0)
			s.filter()
		}},
	{name: "dlz-missing", top: `dlz "d" { database "dlopen /usr/lib/named/none.so"; };`, line: "dlz", code: "NJ305", fatal: true,
		repair: changes(`dlz "d" { database "dlopen /usr/lib/named/none.so"; };`, "")},
	{name: "dlz-no-module", top: `dlz "d" { database "dlopen /usr/lib/none.so"; };`, line: "dlz", code: "NJ316", fatal: true,
		spoil: func(s *scene) { s.put("/usr/lib/none.so", "#!/bin/sh\n", "root", 0o755) }, repair: changes(`dlz "d" { database "dlopen /usr/lib/none.so"; };`, "")},
	{name: "dlz-library-missing", top: `dlz "d" { database "dlopen /usr/local/lib/named/dlz.so x"; };`, line: "dlz", code: "NJ512", fatal: true,
		spoil: func(s *scene) { s.dlz(); s.sh("rm usr/local/lib/named/libdlzhelper.so.1").want(s.t, 0) }},
	{name: "dlz-library-0111", top: `dlz "d" { database "dlopen /usr/local/lib/named/dlz.so x"; };`, line: "dlz", code: "NJ310", fatal: true,
		spoil: func(s *scene) { s.dlz(); s.own("/usr/local/lib/named/libdlzhelper.so.1", "root", 0o111) }},
	{name: "dlz-0111", top: `dlz "d" { database "dlopen /usr/local/lib/named/dlz.so x"; };`, line: "dlz", code: "NJ310", fatal: true,
		spoil: func(s *scene) { s.dlz(); s.own("/usr/local/lib/named/dlz.so", "root", 0o111) }},
	{name: "dyndb-missing", top: `dyndb "d" "/usr/lib/named/none.so" { x; };`, line: "dyndb", code: "NJ305", fatal: true,
		repair: changes(`dyndb "d" "/usr/lib/named/none.so" { x; };`, "")},
	{name: "geoip", top: "acl us { geoip country US; };\n" + `zone "geo.example" { type primary; file "/zones/master/db"; allow-query { us; }; };`, line: "acl us", code: "NJ315", fatal: true,
		repair: changes("geoip country US;", "any;")},
	{name: "geoip-directory-none", options: "geoip-directory none; blackhole { geoip country US; };", line: "blackhole", code: "NJ315", fatal: true,
		repair: changes("geoip country US;", "none;")},
	{name: "geoip-in-an-acl-that-nothing-uses", top: "acl us { geoip country US; };\nacl more { us; };"},
	{name: "tls-files-missing", options: "listen-on port 5302 tls t { 127.0.0.1; };", top: `tls t { cert-file "/etc/cert.pem"; key-file "/etc/key.pem"; };`,
		line: "cert-file", code: "NJ305", plural: 2, fatal: true, repair: certificate},
	{name: "tls-key-roots-own", options: "listen-on port 5302 tls t { 127.0.0.1; };", top: `tls t { cert-file "/etc/cert.pem"; key-file "/etc/key.pem"; };`,
		line: "key-file", code: "NJ310", fatal: true, spoil: func(s *scene) { certificate(s); s.own("/etc/key.pem", "root", 0o600) }},
	{name: "tls-listener-on-nothing", options: "listen-on port 5302 tls t { none; };", top: `tls t { cert-file "/etc/cert.pem"; key-file "/etc/key.pem"; };`,
		line: "key-file", code: "NJ310", fatal: true, spoil: func(s *scene) { certificate(s); s.own("/etc/key.pem", "root", 0o600) }},
	{name: "tls-http", options: "listen-on port 5302 tls t http h { 127.0.0.1; };",
		top:  `tls t { cert-file "/etc/cert.pem"; key-file "/etc/key.pem"; }; http h { endpoints { "/dns-query"; }; };`,
		line: "key-file", code: "NJ310", fatal: true, spoil: func(s *scene) { certificate(s); s.own("/etc/cert.pem", "root", 0o600) }},
	{name: "tls-ca-missing", options: "listen-on port 5302 tls t { 127.0.0.1; };", top: `tls t { cert-file "/etc/cert.pem"; key-file "/etc/key.pem"; ca-file "/etc/ca.pem"; };`,
		line: "ca-file", code: "NJ305", fatal: true, spoil: certificate, repair: changes(`ca-file "/etc/ca.pem";`, "")},
	{name: "tls-dhparam-missing", options: "listen-on port 5302 tls t { 127.0.0.1; };", top: `tls t { cert-file "/etc/cert.pem"; key-file "/etc/key.pem"; dhparam-file "/etc/dh.pem"; };`,
		line: "dhparam-file", code: "NJ305", fatal: true, spoil: certificate, repair: changes(`dhparam-file "/etc/dh.pem";`, "")},
	{name: "tls-that-nothing-uses", top: `tls t { cert-file "/etc/cert.pem"; key-file "/etc/key.pem"; };`, line: "cert-file", code: "NJ306", plural: 2, warning: true, repair: certificate},
	{name: "tls-of-a-transfer", top: `tls t { ca-file "/etc/ca.pem"; remote-hostname "x"; };` + "\n" +
		`zone "slave.example" { type secondary; primaries { 127.0.0.2 port 5399 tls t; }; file "/zones/slave/s"; };`,
		line: "ca-file", code: "NJ305", lost: says("zone transfer setup failed"),
		repair: func(s *scene) { certificate(s); s.edit("/etc/ca.pem", "/etc/cert.pem") }},
}

// TestLivePreflightModules sets the traps with modules and certificates.
func TestLivePreflightModules(t *testing.T) { inTraps(t, moduleTraps) }

// filter puts a plugin into the scene.
func (s *scene) filter() {
	s.t.Helper()
	s.mkdir("/usr/lib", "root", 0o755)
	run(s.t, "cp", pluginDir(s.t)+"/filter-aaaa.so", s.at("/usr/lib/filter.so")).want(s.t, 0)
}

// onHost puts a plugin on the host at the path that it has to have in the jail.
func (s *scene) onHost(p string) {
	s.t.Helper()
	run(s.t, "install", "-D", "-m", "0644", pluginDir(s.t)+"/filter-aaaa.so", p).want(s.t, 0)
}

// dlz puts the smallest DLZ module and its library into the scene, and on the
// host.
func (s *scene) dlz() {
	s.t.Helper()
	if exec.Command("test", "-e", "/usr/local/lib/named/dlz.so").Run() != nil {
		buildDLZ(s.t, "/usr/local/lib/named")
	}
	s.mkdir("/usr/local/lib/named", "root", 0o755)
	if s.root != "" {
		run(s.t, "cp", "-a", "/usr/local/lib/named", s.at("/usr/local/lib")).want(s.t, 0)
	}
}

// certificate puts a certificate and its key into the scene.
func certificate(s *scene) {
	s.t.Helper()
	if exec.Command("test", "-e", "/srv/cert.pem").Run() != nil {
		run(s.t, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/srv/key.pem", "-out", "/srv/cert.pem", "-subj", "/CN=x", "-days", "9").want(s.t, 0)
	}
	run(s.t, "cp", "/srv/cert.pem", "/srv/key.pem", s.at("/etc/")).want(s.t, 0)
	s.own("/etc/cert.pem", "root", 0o644)
	s.own("/etc/key.pem", "root:trapped", 0o640)
}
