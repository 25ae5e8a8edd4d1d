//go:build linux

package main

import (
	"os"
	"strings"
	"testing"
)

// now gives where a file of the host lies at present: in the jail, once the
// configuration is there.
func (s *server) now(path, inJail string) string {
	if _, err := os.Stat(s.jail("/etc/named.conf")); err == nil {
		return s.jail(inJail)
	}
	return path
}

// wantText shows that a file holds a text.
func (s *server) wantText(path, text string) {
	s.t.Helper()
	s.waitFor(text+" in "+path, func() bool {
		got, err := os.ReadFile(path)
		return err == nil && strings.Contains(string(got), text)
	})
}

// TestLiveLogs shows that logs, dumps and statistics go on being written, with
// what was in them before, rotated logs included.
func TestLiveLogs(t *testing.T) {
	feature{
		conf: `options { ` + featureOptions + ` statistics-file "/var/log/named/stats"; dump-file "data/dump"; recursing-file "recursing";
	secroots-file "roots"; memstatistics yes; memstatistics-file "/var/log/named/memory"; pid-file none; lock-file "/run/named/named.lock"; session-keyfile none; random-device "/dev/urandom"; };
logging {
	channel all { file "/var/log/named/all.log" versions 3 size 1m; severity debug 1; print-time yes; };
	channel near { file "data/near.log" versions unlimited size 1m suffix timestamp; };
	channel here { file "here.log"; };
	category default { all; near; here; };
	category queries { all; };
};
statistics-channels { inet 127.0.0.1 port 8053 allow { 127.0.0.1; }; };
zone "log.example" { type primary; file "/etc/bind/db.log"; };
`,
		files: map[string]string{
			"/etc/bind/db.log":                                featureZone("192.0.2.41"),
			"/var/log/named/all.log":                          "an old line\n",
			"/var/log/named/all.log.0":                        "an older line\n",
			"/var/log/named/all.log.1":                        "the oldest line\n",
			"/var/log/named/all.logic":                        "not a log of named\n",
			"/var/cache/bind/data/near.log":                   "an old line\n",
			"/var/cache/bind/data/near.log.20240131120000123": "an older line\n",
			"/var/cache/bind/here.log":                        "an old line\n",
			"/var/log/named/stats":                            "old statistics\n",
			"/var/cache/bind/data/dump":                       "an old dump\n",
			"/var/cache/bind/recursing":                       "old clients\n",
		},
		owned: []string{"/var/log/named/", "/var/log/named/all.log", "/var/log/named/all.log.0", "/var/log/named/all.log.1", "/var/cache/bind/data/", "/var/cache/bind/data/near.log",
			"/var/cache/bind/data/near.log.20240131120000123", "/var/cache/bind/here.log", "/var/log/named/stats", "/var/cache/bind/data/dump", "/var/cache/bind/recursing"},
		pid: "none",
		use: func(s *server) {
			wantAnswer(s.t, question{name: "www.log.example", answer: "192.0.2.41"})
			s.rndc("stats").want(s.t, 0)
			s.rndc("dumpdb").want(s.t, 0)
			s.rndc("recursing").want(s.t, 0)
			s.rndc("secroots").want(s.t, 0)
			for path, inJail := range map[string]string{"/var/log/named": "/var/log/named", "/var/cache/bind/data": "/var/run/data", "/var/cache/bind": "/var/run"} {
				dir := s.now(path, inJail)
				switch path {
				case "/var/log/named":
					s.wantText(dir+"/all.log", "www.log.example")
					s.wantText(dir+"/all.log", "an old line")
					s.wantText(dir+"/all.log.0", "an older line")
					s.wantText(dir+"/all.log.1", "the oldest line")
					s.wantText(dir+"/stats", "old statistics")
					s.wantText(dir+"/stats", "+++ Statistics Dump +++")
				case "/var/cache/bind/data":
					s.wantText(dir+"/near.log", "an old line")
					s.wantText(dir+"/near.log", "running")
					s.wantText(dir+"/near.log.20240131120000123", "an older line")
					s.wantText(dir+"/dump", "; Start view _default")
				case "/var/cache/bind":
					s.wantText(dir+"/here.log", "an old line")
					s.wantText(dir+"/recursing", "; Recursing Queries")
					s.wantText(dir+"/roots", "secure roots")
				}
			}
			// the old places lead to the files, wherever these are
			s.wantText("/var/log/named/all.log", "www.log.example")
			s.wantText("/var/cache/bind/here.log", "an old line")
			s.wantText("/var/log/named/all.logic", "not a log of named")
			if _, err := os.Lstat(s.jail("/var/log/named/all.logic")); err == nil {
				s.t.Error("all.logic is in the jail")
			}
		},
	}.try(t)
}
