//go:build linux

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A feature is a part of named's work that a plain server does not use. The
// test of it states one configuration and what that has to do, and shows that
// it does so bare, in the jail, in the jail again, and bare after a rollback.
type feature struct {
	conf  string            // the whole of /etc/bind/named.conf
	files map[string]string // on the host
	owned []string          // files and directories that belong to the account
	setup func(s *server)   // what else has to be there, before the first start
	use   func(s *server)   // what must hold, whenever the server runs
	pid   string            // the pid file, when it is not the built-in one; none
	// unused: bare named would change what the feature is about, so that the
	// migration comes first.
	unused bool
}

// The configurations of the features have this in common.
const featureOptions = `directory "/var/cache/bind"; recursion no; notify no; `

// featureZone is a zone file with one address for www.
func featureZone(address string) string { return newZone(address) }

// try takes a feature the whole way.
func (f feature) try(t *testing.T) {
	t.Helper()
	inClone(t, func(t *testing.T) {
		s := f.server(t)
		if !f.unused {
			s.startBare()
			f.use(s)
			s.stop()
		}
		s.apply()
		f.jailed(s)
		f.jailed(s)
		s.product("plan", "--exit-code").want(t, 0)
		run(t, product, "rollback", "-t", s.in.jail).want(t, 0)
		s.startBare()
		f.use(s)
		s.stop()
	})
}

// jailed starts the server in the jail, uses the feature and stops it.
func (f feature) jailed(s *server) {
	s.t.Helper()
	s.startJailed()
	f.use(s)
	s.stop()
}

// server sets the feature up on Debian's install.
func (f feature) server(t *testing.T) *server {
	t.Helper()
	s := newServer(t, debian())
	if s.in.pidFile = or(f.pid, s.in.pidFile); f.pid == "none" {
		s.in.pidFile = ""
	}
	writeFile(t, "/etc/bind/named.conf", f.conf)
	for path, text := range f.files {
		writeFile(t, path, text)
	}
	if f.setup != nil {
		f.setup(s)
	}
	for _, path := range f.owned {
		s.own(path)
	}
	return s
}

// own gives a path to the account; a directory is made.
func (s *server) own(path string) {
	s.t.Helper()
	if strings.HasSuffix(path, "/") {
		must(s.t, os.MkdirAll(path, 0o755))
	}
	uid, gid := ids(s.t, s.in.user+":"+s.in.user)
	must(s.t, os.Chown(path, uid, gid))
}

// waitFor asks until ok, at most ten seconds.
func (s *server) waitFor(what string, ok func() bool) {
	s.t.Helper()
	for range 100 {
		if ok() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Fatalf("%s does not come", what)
}

// same shows that a value is what it was when it was first seen.
func (s *server) same(first map[string]string, what, value string) {
	s.t.Helper()
	if was, seen := first[what]; !seen {
		first[what] = value
	} else if was != value {
		s.t.Errorf("%s was %q and is now %q", what, was, value)
	}
}

// baseNames gives the names of files, sorted, without what suffix tells.
func baseNames(t *testing.T, pattern string) string {
	t.Helper()
	list, err := filepath.Glob(pattern)
	must(t, err)
	for i, p := range list {
		list[i] = filepath.Base(p)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// TestLiveKeys shows that a zone that named signs keeps its keys, wherever they
// lie: in the working directory by default, in a directory of the server's or
// the zone's, named absolutely or not; and that its signed copy goes along.
func TestLiveKeys(t *testing.T) {
	first := map[string]string{}
	address := "192.0.2.10"
	feature{
		conf: `options { ` + featureOptions + ` dnssec-validation no; };
zone "inline.example" { type primary; file "/etc/bind/db.inline"; inline-signing yes; dnssec-policy default; };
zone "dynamic.example" { type primary; file "/var/lib/bind/db.dynamic"; allow-update { 127.0.0.1; }; dnssec-policy default; key-directory "/etc/bind/keys"; };
zone "relative.example" { type primary; file "db.relative"; update-policy local; dnssec-policy default; key-directory "more/keys"; };
`,
		files: map[string]string{"/etc/bind/db.inline": featureZone(address), "/var/lib/bind/db.dynamic": featureZone(address), "/var/cache/bind/db.relative": featureZone(address)},
		owned: []string{"/var/lib/bind/db.dynamic", "/var/cache/bind/db.relative", "/etc/bind/keys/", "/var/cache/bind/more/", "/var/cache/bind/more/keys/", "/etc/bind/db.inline"},
		setup: func(s *server) { // named writes the signed copy beside the file
			run(s.t, "chgrp", "bind", "/etc/bind").want(s.t, 0)
			run(s.t, "chmod", "2775", "/etc/bind").want(s.t, 0)
		},
		use: func(s *server) {
			for _, zone := range []string{"inline.example", "dynamic.example", "relative.example"} {
				s.waitFor("a signature for "+zone, func() bool {
					return strings.Contains(run(s.t, "dig", "+short", "+dnssec", "@127.0.0.1", "www."+zone, "A").out, " "+zone+". ")
				})
				s.same(first, "the keys of "+zone, ask(s.t, question{name: zone, kind: "DNSKEY"}))
			}
			runInput(s.t, "server 127.0.0.1\nzone dynamic.example\nupdate delete new.dynamic.example\nupdate add new.dynamic.example 60 A 192.0.2.20\nsend\n", "nsupdate").want(s.t, 0)
			wantAnswer(s.t, question{name: "new.dynamic.example", answer: "192.0.2.20"})
			runInput(s.t, "zone relative.example\nupdate delete new.relative.example\nupdate add new.relative.example 60 A 192.0.2.21\nsend\n", "nsupdate", "-l").want(s.t, 0)
			wantAnswer(s.t, question{name: "new.relative.example", answer: "192.0.2.21"})
			s.rndc("sync").want(s.t, 0)
			if _, err := os.Stat(s.jail("/etc/named.conf")); err == nil {
				for dir, zone := range map[string]string{"/var/run": "inline.example", "/etc/bind/keys": "dynamic.example", "/var/run/more/keys": "relative.example"} {
					s.same(first, "the key files in "+dir, baseNames(s.t, s.jail(dir)+"/K"+zone+"*"))
					if first["the key files in "+dir] == "" {
						s.t.Errorf("no keys in %s", dir)
					}
				}
			}
		},
	}.try(t)
}

// TestLiveOldJournal shows that a journal which a zone has from the time when it
// was dynamic goes on being read: the changes in it are not in the zone file.
func TestLiveOldJournal(t *testing.T) {
	conf := `options { ` + featureOptions + `}; zone "was.example" { type primary; file "/var/lib/bind/db.was"; UPDATE };`
	feature{
		conf:  strings.Replace(conf, "UPDATE", "allow-update { 127.0.0.1; };", 1),
		files: map[string]string{"/var/lib/bind/db.was": featureZone("192.0.2.11")},
		owned: []string{"/var/lib/bind/db.was"},
		setup: func(s *server) {
			s.startBare()
			runInput(s.t, "server 127.0.0.1\nzone was.example\nupdate add new.was.example 60 A 192.0.2.22\nsend\n", "nsupdate").want(s.t, 0)
			stopProcess(s.t, s.pid) // so that the file stays as it is
			writeFile(s.t, "/etc/bind/named.conf", strings.Replace(conf, "UPDATE", "", 1))
		},
		use: func(s *server) {
			wantAnswer(s.t, question{name: "www.was.example", answer: "192.0.2.11"})
			wantAnswer(s.t, question{name: "new.was.example", answer: "192.0.2.22"})
		},
	}.try(t)
}
