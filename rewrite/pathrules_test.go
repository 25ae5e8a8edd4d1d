package rewrite

import (
	"fmt"
	"strings"
	"testing"

	"named-jail/parser"
)

// pathCases states for each rule of relocation where a path goes: a configuration
// of a release, and "KEYWORD: HOST in JAIL CLASS" of the rule's path in it.
var pathCases = []struct{ release, conf, want string }{
	{"9.20", `key-store k { directory "/keys"; };`, "directory: /keys in /keys written"},
	{"9.18", `options { directory "/d"; key-directory "keys"; };`, "key-directory: /d/keys in /etc/keys read"},
	{"9.18", `options { directory "/d"; managed-keys-directory "m"; };`, "managed-keys-directory: /d/m in /var/run/m written"},
	{"9.18", `options { directory "/d"; new-zones-directory "/new"; };`, "new-zones-directory: /new in /new written"},
	{"9.18", `options { directory "/d"; bindkeys-file "/etc/my.keys"; };`, "bindkeys-file: /etc/my.keys in /etc/my.keys read"},
	{"9.18", `options { directory "/d"; dump-file "data/x"; };`, "dump-file: /d/data/x in /var/run/data/x written"},
	{"9.18", `options { directory "/d"; statistics-file "/data/x"; };`, "statistics-file: /data/x in /data/x written"},
	{"9.18", `options { directory "/d"; memstatistics-file "x"; };`, "memstatistics-file: /d/x in /var/run/x written"},
	{"9.18", `options { directory "/d"; secroots-file "x"; };`, "secroots-file: /d/x in /var/run/x written"},
	{"9.18", `options { directory "/d"; recursing-file "x"; };`, "recursing-file: /d/x in /var/run/x written"},
	{"9.18", `options { directory "/d"; pid-file "/run/x.pid"; };`, "pid-file: /run/x.pid in /run/x.pid written"},
	{"9.18", `options { directory "/d"; lock-file "/run/x.lock"; };`, "lock-file: /run/x.lock in /run/x.lock written"},
	{"9.18", `options { directory "/d"; session-keyfile "/run/x.key"; };`, "session-keyfile: /run/x.key in /run/x.key written"},
	{"9.18", `options { directory "/d"; tkey-gssapi-keytab "FILE:/etc/x.keytab"; };`, "tkey-gssapi-keytab: /etc/x.keytab in /etc/x.keytab read"},
	{"9.18", `options { directory "/d"; geoip-directory "/geo"; };`, "geoip-directory: /geo in /geo read"},
	{"9.11", `options { directory "/d"; random-device "/dev/urandom"; };`, "random-device: /dev/urandom in /dev/urandom read"},
	{"9.18.49", `options { directory "/d"; random-device "/dev/gone"; };`, ""}, // has no effect any more
	{"9.1", `options { directory "/d"; random-seed-file "seed"; };`, "random-seed-file: /d/seed in /etc/seed read"},
	{"9.18", `options { directory "/d"; dnstap-output file "tap"; };`, "dnstap-output: /d/tap in /var/run/tap written"},
	{"9.18", `options { directory "/d"; dnstap-output unix "/run/tap.sock"; };`, "dnstap-output: /run/tap.sock in /run/tap.sock written"},
	{"9.20", `options { directory "/d"; dnsrps-library "/usr/lib/librps.so"; };`, "dnsrps-library: /usr/lib/librps.so in /usr/lib/librps.so library"},
	{"9.16", `options { directory "/d"; cache-file "cache"; };`, "cache-file: /d/cache in /var/run/cache written"},
	{"8.4", `options { directory "/d"; named-xfer "/usr/libexec/named-xfer"; };`, "named-xfer: /usr/libexec/named-xfer in /usr/libexec/named-xfer library"},
	{"9.16", `controls { unix "/run/ctl" perm 0600 owner 0 group 0; };`, "unix: /run/ctl in /run/ctl written"},
	{"9.18", `tls t { cert-file "/etc/c.pem"; key-file "/etc/k.pem"; };`, "cert-file: /etc/c.pem in /etc/c.pem read, key-file: /etc/k.pem in /etc/k.pem read"},
	{"9.18", `tls t { ca-file "ca.pem"; dhparam-file "/etc/dh.pem"; };`, "ca-file: /ca.pem in /etc/ca.pem read, dhparam-file: /etc/dh.pem in /etc/dh.pem read"},
	{"9.17.18", `tls t { dh-param "/etc/dh.pem"; };`, "dh-param: /etc/dh.pem in /etc/dh.pem read"},
	{"9.18", `logging { channel c { file "/var/log/named.log" versions 3; }; };`, "file: /var/log/named.log in /var/log/named.log written"},
	{"9.21.9", `zone "a" { type primary; file "f"; initial-file "first"; };`, "initial-file: /first in /etc/first read"},
	{"8.4", `zone "a" { type slave; masters { 192.0.2.1; }; file "f"; ixfr-base "f.ixfr"; ixfr-tmp-file "f.tmp"; };`, "ixfr-base: /f.ixfr in /var/run/f.ixfr written, ixfr-tmp-file: /f.tmp in /var/run/f.tmp written"},
	{"9.18", `dlz "d" { database "dlopen /usr/lib/dlz.so example"; };`, "database: /usr/lib/dlz.so in /usr/lib/dlz.so library"},
	{"9.18", `dyndb "d" "/usr/lib/dyn.so" { };`, "dyndb: /usr/lib/dyn.so in /usr/lib/dyn.so library"},
	{"9.18", `plugin query "filter-aaaa.so";`, "plugin: /usr/lib/bind/filter-aaaa.so in /usr/lib/bind/filter-aaaa.so library"},
	{"9.21.14", `zone "a" { type primary; file "f"; plugin query "/usr/lib/p.so"; };`, "plugin: /usr/lib/p.so in /usr/lib/p.so library"},
	{"9.18", `options { directory "/d"; catalog-zones { zone "c" zone-directory "cz"; }; }; zone "c" { type secondary; primaries { 192.0.2.1; }; };`, "catalog-zones: /d/cz in /var/run/cz written"},
}

// shownElsewhere are paths that other tests look at: the configuration's own
// files, the working directory, and what goes with its zone.
var shownElsewhere = map[string]bool{"include": true, "directory": true, "file": true, "journal": true}

// classWords are the classes as the cases name them.
var classWords = map[Class]string{ClassRead: "read", ClassWritten: "written", ClassLibrary: "library"}

// TestPathRules shows where each rule of the table sends its path, and that there
// is a case for every rule.
func TestPathRules(t *testing.T) {
	shown := map[*parser.PathRule]bool{}
	for _, c := range pathCases {
		defaults := debian
		version, err := parser.ParseVersion(c.release)
		if err != nil {
			t.Fatal(err)
		}
		defaults.Version = version
		in, ds := Read(files{"/n.conf": c.conf}, "/n.conf", Options{Defaults: defaults})
		if ds.Errors() > 0 {
			t.Errorf("%s: %v", c.conf, ds)
		}
		in.Outputs()
		var got []string
		for _, p := range in.Paths {
			if p.At.File != nil && p.Rule.Access != parser.Chdir {
				got = append(got, fmt.Sprintf("%s: %s in %s %s", p.Keyword, p.Host, p.Jail, classWords[p.Class]))
			}
			shown[p.Rule] = true
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.conf, strings.Join(got, ", "), c.want)
		}
	}
	for _, d := range parser.Statements() {
		for i := range d.Paths {
			if rule := &d.Paths[i]; !shown[rule] && !shownElsewhere[d.Keyword] {
				t.Errorf("no case shows where the path of %s goes", d.Keyword)
			}
		}
	}
}
