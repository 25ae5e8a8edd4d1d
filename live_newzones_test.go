//go:build linux

package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestLiveNewZones shows that zones which rndc addzone made go into the jail,
// from named's database, and are served there; and that zones added in the jail
// stay when the jail is brought up to date again.
func TestLiveNewZones(t *testing.T) {
	inClone(t, func(t *testing.T) {
		writeFile(t, "/etc/bind/named.conf.options", "options {\n\tdirectory \"/var/cache/bind\";\n\tallow-new-zones yes;\n\tdnssec-validation no;\n};\n")
		s := newServer(t, debian())
		s.startBare()
		zone := "$TTL 300\n@ SOA ns h 1 3600 600 86400 300\n NS ns\nns A 192.0.2.77\n"
		add := func(name, file, rest string) {
			t.Helper()
			writeFile(t, file, zone)
			uid, gid := ids(t, "bind:bind")
			must(t, os.Chown(file, uid, gid))
			must(t, os.Chmod(file, 0o644))
			s.rndc("addzone", name, "{ type primary; file \""+file+"\"; "+rest+"};").want(t, 0)
		}
		add("added.example", "/etc/bind/db.added", "")
		add("moving.example", "/var/lib/bind/db.moving", "allow-update { 127.0.0.1; }; ")
		wantAnswer(t, question{name: "ns.added.example", answer: "192.0.2.77"})
		s.stop()

		s.apply()
		for _, at := range []string{"/var/named/zones/master/db.added", "/var/named/zones/dynamic/db.moving"} {
			if _, err := os.Lstat(at); err != nil {
				t.Error(err)
			}
		}
		s.startJailed()
		wantAnswer(t, question{name: "ns.added.example", answer: "192.0.2.77"})
		wantAnswer(t, question{name: "ns.moving.example", answer: "192.0.2.77"})
		runInput(t, "server 127.0.0.1\nzone moving.example\nupdate add new.moving.example 60 A 192.0.2.78\nsend\n", "nsupdate").want(t, 0)
		wantAnswer(t, question{name: "new.moving.example", answer: "192.0.2.78"})

		// one more, made in the jail
		writeFile(t, "/var/named/zones/dynamic/db.inside", zone)
		must(t, os.Chmod("/var/named/zones/dynamic/db.inside", 0o644))
		s.rndc("addzone", "inside.example", `{ type primary; file "/zones/dynamic/db.inside"; };`).want(t, 0)
		s.stop()
		time.Sleep(100 * time.Millisecond)
		s.startJailed()
		for _, name := range []string{"ns.added.example", "ns.moving.example", "ns.inside.example"} {
			wantAnswer(t, question{name: name, answer: "192.0.2.77"})
		}
		wantAnswer(t, question{name: "new.moving.example", answer: "192.0.2.78"})
		s.stop()
		run(t, product, "plan", "--exit-code", "-t", s.in.jail, "-u", "bind").want(t, 0)
	})
}

// TestLiveNewZonesBack shows that a rollback leaves the zones that rndc addzone
// made before the migration as they were, whether named kept them in a database
// or, as text, still had to make one.
func TestLiveNewZonesBack(t *testing.T) {
	for _, kept := range []string{"nzd", "nzf"} {
		t.Run(kept, func(t *testing.T) {
			inClone(t, func(t *testing.T) {
				writeFile(t, "/etc/bind/named.conf.options", "options {\n\tdirectory \"/var/cache/bind\";\n\tallow-new-zones yes;\n};\n")
				s := newServer(t, debian())
				writeFile(t, "/etc/bind/db.before", newZone("192.0.2.71"))
				if kept == "nzd" {
					s.startBare()
					s.rndc("addzone", "before.example", `{ type primary; file "/etc/bind/db.before"; };`).want(t, 0)
					s.stop()
				} else {
					writeFile(t, "/var/cache/bind/_default.nzf", "zone before.example { type primary; file \"/etc/bind/db.before\"; };\n")
				}
				s.apply()
				s.startJailed()
				wantAnswer(t, question{name: "www.before.example", answer: "192.0.2.71"})
				writeFile(t, "/var/named/zones/master/db.inside", newZone("192.0.2.72"))
				s.rndc("addzone", "inside.example", `{ type primary; file "/zones/master/db.inside"; };`).want(t, 0)
				wantAnswer(t, question{name: "www.inside.example", answer: "192.0.2.72"})
				s.stop()
				// what was made in the jail has the jail's paths, and stays there
				r := run(t, product, "rollback", "-t", s.in.jail).want(t, 0)
				if !strings.Contains(r.out+r.err, "/var/named/var/run/_default.nzd") {
					t.Errorf("%s\ndoes not say where the zones are that were added in the jail", r)
				}
				s.startBare()
				wantAnswer(t, question{name: "www.before.example", answer: "192.0.2.71"})
				s.stop()
			})
		})
	}
}

// TestLiveNewZonesUnread shows what happens where BIND's reader of the database
// is not installed: apply refuses and says what to do; a start goes on without
// the zones, and says so.
func TestLiveNewZonesUnread(t *testing.T) {
	inClone(t, func(t *testing.T) {
		writeFile(t, "/etc/bind/named.conf.options", "options {\n\tdirectory \"/var/cache/bind\";\n\tallow-new-zones yes;\n};\n")
		s := newServer(t, debian())
		s.startBare()
		s.stop()
		must(t, os.Rename("/usr/bin/named-nzd2nzf", "/usr/bin/hidden"))
		before := takeSnapshot(t)
		if r := s.product("apply").want(t, 1); !strings.Contains(r.err, "/var/cache/bind/_default.nzd: error: ") || !strings.Contains(r.err, "install it") {
			t.Error(r)
		}
		before.wantUnchanged(t, takeSnapshot(t), "a refused apply")
		s.startJailed()
		s.answers()
		s.stop()
	})
}
