//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// A recordChange changes one thing of a system whose last check is recorded. The
// next check then has to say what one without a record says.
//
// do and undo are for sh. $F is the file on, where it lies without links: it is
// put back by itself afterwards. $J is the jail, $S the directory of the records.
type recordChange struct {
	name, on, do, undo string
	args               []string // more of the command line of the check
	by                 []string // what starts the check
}

// recordConf is a configuration with some of everything that a check looks at.
const recordConf = `include "/etc/bind/rndc.key";
controls { inet 127.0.0.1 port 953 allow { 127.0.0.1; } keys { "rndc-key"; }; };
options {
	directory "/var/cache/bind"; key-directory "/etc/bind/keys"; pid-file "/run/named/named.pid";
	session-keyfile "/run/named/session.key"; recursion no; notify no; listen-on { 127.0.0.1; }; listen-on-v6 { none; };
	dump-file "/var/cache/bind/dump.db"; statistics-file "/var/cache/bind/named.stats";
};
tls "local" { cert-file "/etc/bind/tls/cert.pem"; key-file "/etc/bind/tls/key.pem"; };
logging {
	channel "file" { file "/var/log/named/named.log" versions 3 size 1m; severity info; };
	category "default" { "file"; };
};
view "inside" {
	match-clients { 127.0.0.0/8; };
	zone "." { type hint; file "/usr/share/dns/root.hints"; };
	include "/etc/bind/zones.d/*.conf";
	zone "dyn.example" { type primary; file "/var/lib/bind/db.dyn.example"; allow-update { 127.0.0.1; }; };
	zone "local.example" { type primary; file "/var/lib/bind/db.local.example"; update-policy local; };
	zone "slave.example" { type secondary; primaries { 127.0.0.2 port 5399; }; file "db.slave.example"; };
	zone "signed.example" { type primary; file "/etc/bind/db.signed.example"; };
	zone "keys.example" { type primary; file "/var/lib/bind/db.keys.example"; dnssec-policy "default"; inline-signing yes; };
	zone "later.example" { type secondary; primaries { 127.0.0.2 port 5399; }; file "db.later.example"; };
	zone "old.example" { type primary; file "/etc/bind/db.old.example"; };
};
view "outside" {
	zone "example.org" { type primary; file "/etc/bind/db.example.org.outside"; };
};
`

const recordZone = "$TTL 3600\n@ IN SOA ns hostmaster 7 10800 3600 604800 3600\n@ IN NS ns\nns IN A 192.0.2.1\nwww IN A 192.0.2.30\n"

// recordServer makes the install, its journals, its records: a server whose
// changes are applied and, in some modes, rolled back.
func recordServer(t *testing.T) *server {
	s := newServer(t, debian())
	s.startBare()
	s.update("192.0.2.150")
	s.stop()
	for _, dir := range []string{"/etc/bind/zones.d", "/etc/bind/tls", "/etc/bind/keys", "/var/log/named"} {
		must(t, os.MkdirAll(dir, 0o755))
	}
	run(t, "chown", "bind:bind", "/var/log/named", "/etc/bind/keys").want(t, 0)
	for path, text := range map[string]string{
		"/etc/bind/named.conf":                recordConf,
		"/etc/bind/zones.d/a.conf":            `zone "example.org" { type primary; file "/etc/bind/db.example.org"; };` + "\n",
		"/etc/bind/zones.d/b.conf":            `zone "b.example" { type primary; file "/etc/bind/db.b.example"; };` + "\n",
		"/etc/bind/db.example.org":            recordZone + "$INCLUDE /etc/bind/db.part\n",
		"/etc/bind/db.part":                   "part IN A 192.0.2.31\n",
		"/etc/bind/db.b.example":              recordZone + "wks IN WKS 192.0.2.30 TCP myservice\n",
		"/etc/services":                       "domain 53/tcp\nmyservice 4711/tcp\n",
		"/etc/bind/db.example.org.outside":    recordZone,
		"/var/lib/bind/db.keys.example":       recordZone,
		"/etc/bind/db.old.example":            recordZone,
		"/etc/bind/tls/cert.pem":              "no certificate\n",
		"/etc/bind/tls/key.pem":               "no key\n",
		"/var/log/named/named.log":            "old\n",
		"/etc/bind/db.signed.example":         recordZone,
		"/etc/logrotate.d/own":                "/var/log/other.log { daily }\n",
		"/var/cache/bind/db.slave.example":    recordZone,
		"/usr/local/lib/systemd/system/empty": "",
	} {
		must(t, os.MkdirAll(path[:strings.LastIndex(path, "/")], 0o755))
		writeFile(t, path, text)
	}
	run(t, "chown", "bind:bind", "/var/log/named/named.log", "/var/lib/bind/db.keys.example", "/var/cache/bind/db.slave.example").want(t, 0)
	s.product("apply").want(t, 0)
	return s
}

// outcome is what counts of a check.
func (s *server) outcome(args []string) (result, any) {
	r := run(s.t, args...)
	var doc any
	if err := json.Unmarshal([]byte(r.out), &doc); err != nil {
		return r, fmt.Sprint(r.status, r.out, r.err)
	}
	if m, ok := doc.(map[string]any); ok { // NJ431 compares with what is remembered
		if list, ok := m["problems"].([]any); ok {
			kept := []any{}
			for _, d := range list {
				if d, ok := d.(map[string]any); !ok || d["code"] != "NJ431" {
					kept = append(kept, d)
				}
			}
			m["problems"] = kept
		}
	}
	return r, []any{r.status, doc}
}

const unchangedSince = "nothing has changed since the last check"

// try makes the change and compares.
func (s *server) tryChange(c recordChange, check []string) {
	s.t.Helper()
	sh := func(script string) {
		s.t.Helper()
		head := fmt.Sprintf("set -e; J=%s; S=/var/lib/named-jail/var-named; on='%s'; F=; [ -z \"$on\" ] || F=$(cat /tmp/on); ", s.in.jail, c.on)
		if r := run(s.t, "sh", "-c", head+script); r.status != 0 {
			s.t.Errorf("%s: %s", c.name, r)
		}
	}
	if _, err := os.Stat(s.in.jail); err != nil && strings.HasPrefix(c.name, "jail: ") {
		return
	}
	recorded := false
	for try := 0; try < 3 && !recorded; try++ {
		run(s.t, check...)
		recorded = strings.Contains(run(s.t, check...).out, unchangedSince)
		if !recorded {
			time.Sleep(2100 * time.Millisecond)
		}
	}
	if !recorded {
		s.t.Errorf("%s: nothing is recorded before: %s", c.name, run(s.t, append(check, "--verbose")...))
		return
	}
	if c.on != "" {
		run(s.t, "sh", "-c", "readlink -f '"+c.on+"' >/tmp/on; rm -rf /tmp/saved; cp -a \"$(cat /tmp/on)\" /tmp/saved").want(s.t, 0)
	}
	sh(c.do)
	used := "full"
	with := slices.Concat(c.by, check, c.args)
	if strings.Contains(run(s.t, with...).out, unchangedSince) {
		used = "recorded"
	}
	with = append(with, "--json")
	r1, o1 := s.outcome(with)
	r2, o2 := s.outcome(append(with, "--no-cache"))
	if !reflect.DeepEqual(o1, o2) {
		s.t.Errorf("DIFFERENCE after %s\nrecorded: %s\nanew: %s", c.name, r1, r2)
	}
	s.t.Logf("%-50s status %d, %s", c.name, r2.status, used)
	if c.undo != "" {
		sh(c.undo)
	}
	if c.on != "" {
		sh(`rm -rf "$F"; cp -a /tmp/saved "$F"`)
	}
}

// recordModes are the ways to check that are recorded.
var recordModes = []struct {
	name  string
	setup func(s *server)
	args  []string
}{
	{"jailed", func(*server) {}, []string{"-t", "/var/named", "-u", "bind"}},
	{"planned", func(s *server) { run(s.t, product, "rollback", "-t", s.in.jail).want(s.t, 0) }, []string{"-t", "/var/named", "-u", "bind"}},
	{"copied", func(s *server) {
		run(s.t, product, "rollback", "-t", s.in.jail).want(s.t, 0)
		s.product("apply", "--copy").want(s.t, 0)
	}, []string{"-t", "/var/named", "-u", "bind"}},
	{"bare", func(s *server) { run(s.t, product, "rollback", "-t", s.in.jail).want(s.t, 0) }, nil},
}

// TestLiveRecord shows that a recorded check says what a new one says. Each
// change is tried in one of the ways of checking, in all of them with
// NAMED_JAIL_LONG set.
func TestLiveRecord(t *testing.T) {
	parts, ways := 2, len(recordModes) // each part a clone; each change in one of the ways
	if os.Getenv("NAMED_JAIL_LONG") != "" {
		parts, ways = 8, 1
	}
	for way, mode := range recordModes {
		for part := range parts {
			t.Run(fmt.Sprintf("%s/%d", mode.name, part), func(t *testing.T) {
				inClone(t, func(t *testing.T) {
					s := recordServer(t)
					mode.setup(s)
					check := append([]string{product, "check"}, mode.args...)
					for i, c := range recordChanges {
						if i%ways == way%ways && i/ways%parts == part {
							s.tryChange(c, check)
						}
					}
				})
			})
		}
	}
}
