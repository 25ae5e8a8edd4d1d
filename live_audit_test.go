//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// auditRows runs the audit on the running system and gives its rows, "OP PLACE"
// and "CODE PLACE", in order, after checking that the status fits.
func (s *server) auditRows() []string {
	s.t.Helper()
	r := s.product("audit", "--json")
	fitsSchema(s.t, "audit", r.out)
	var doc struct {
		Problems []struct{ Code, File string }
		Changes  []struct{ Op, Path string }
	}
	if err := json.Unmarshal([]byte(r.out), &doc); err != nil {
		s.t.Fatalf("%s: %v", r, err)
	}
	rows := []string{}
	for _, c := range doc.Changes {
		rows = append(rows, c.Op+" "+c.Path)
	}
	for _, p := range doc.Problems {
		rows = append(rows, strings.TrimSpace(p.Code+" "+p.File))
	}
	slices.Sort(rows)
	if want := map[bool]int{true: 3, false: 0}[len(rows) > 0]; r.status != want {
		s.t.Errorf("%s\nends with %d, want %d", r, r.status, want)
	}
	return rows
}

// wantRows compares the audit with what it should say.
func (s *server) wantRows(when string, want ...string) {
	s.t.Helper()
	slices.Sort(want)
	if got := s.auditRows(); fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Errorf("%s: the audit says\n%s\nand should say\n%s", when, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestLiveAudit takes a server with all that named loads in the jail through its
// days: audit is silent about a named at work, sees what is renewed on the host
// (modules and their libraries, databases, a certificate of certbot's, trusted
// certificates, a keytab), what still runs the old files or the old configuration, a boot script that
// knows of no jail and a named outside of it; and apply mends what it can.
func TestLiveAudit(t *testing.T) {
	const (
		live    = "/etc/letsencrypt/live/ns"
		archive = "/etc/letsencrypt/archive/ns"
		bundle  = "/etc/ssl/certs/ca-certificates.crt"
	)
	certificate := func(s *server, n string) {
		must(s.t, os.MkdirAll(live, 0o755))
		must(s.t, os.MkdirAll(archive, 0o755))
		run(s.t, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=renewed"+n,
			"-keyout", archive+"/privkey"+n+".pem", "-out", archive+"/fullchain"+n+".pem").want(s.t, 0)
		run(s.t, "chgrp", "bind", archive+"/privkey"+n+".pem").want(s.t, 0)
		must(s.t, os.Chmod(archive+"/privkey"+n+".pem", 0o640))
		for _, name := range []string{"privkey", "fullchain"} {
			run(s.t, "ln", "-sfn", "../../archive/ns/"+name+n+".pem", live+"/"+name+".pem").want(s.t, 0)
		}
	}
	more := func(s *server, file string) {
		data, err := os.ReadFile(file)
		must(s.t, err)
		must(s.t, os.Remove(file)) // as packages do, which leave the old one to who runs it
		must(s.t, os.WriteFile(file, append(data, '\n'), 0o644))
	}
	inClone(t, func(t *testing.T) {
		plugin := pluginDir(t) + "/filter-aaaa.so"
		f := feature{
			conf: `options { ` + featureOptions + ` dnssec-validation auto; geoip-directory "/usr/local/share/GeoIP"; tkey-gssapi-keytab "/etc/bind/named.keytab";
	listen-on { 127.0.0.1; }; listen-on port 853 tls "own" { 127.0.0.1; }; };
acl "here" { geoip country XX; 127.0.0.0/8; };
tls "own" { cert-file "` + live + `/fullchain.pem"; key-file "` + live + `/privkey.pem"; };
tls "strict" { remote-hostname "primary.example"; };
plugin query "filter-aaaa.so" { filter-aaaa-on-v4 break-dnssec; };
dlz "test" { database "dlopen /usr/local/lib/named/dlz.so argument"; };
zone "both.example" { type primary; file "/etc/bind/db.both"; allow-query { here; }; };
zone "dyn.example" { type primary; file "/var/lib/bind/db.dyn"; allow-update { 127.0.0.1; }; };
zone "copy.example" { type secondary; primaries { 127.0.0.9 tls "strict"; }; file "db.copy"; };
`,
			files: map[string]string{"/etc/bind/db.both": withAAAA, "/var/lib/bind/db.dyn": withAAAA, "/etc/bind/named.keytab": "a keytab\n", bundle: "trusted\n"},
			owned: []string{"/var/lib/bind/db.dyn"},
			setup: func(s *server) {
				buildDLZ(s.t, "/usr/local/lib/named")
				certificate(s, "1")
				must(s.t, os.MkdirAll("/usr/local/share/GeoIP", 0o755))
				must(s.t, os.WriteFile("/usr/local/share/GeoIP/GeoLite2-Country.mmdb", countryDatabase(), 0o644))
				must(s.t, os.RemoveAll("/usr/lib/ssl/cert.pem"))
			},
		}
		s := f.server(t)
		s.apply()
		s.wantRows("with Debian's boot script", "NJ533 /etc/init.d/named")
		writeFile(t, "/etc/default/named", "OPTIONS=\"-u bind -t "+s.in.jail+" -c /etc/named.conf\"\n")
		works := func(subject string) {
			t.Helper()
			wantAnswer(t, question{name: "www.both.example", answer: "192.0.2.51"})
			wantAnswer(t, question{name: "www.dlz.example", answer: "192.0.2.52"})
			r := run(t, "sh", "-c", "openssl s_client -connect 127.0.0.1:853 </dev/null 2>/dev/null | openssl x509 -noout -subject")
			if !strings.Contains(r.out, subject) {
				t.Errorf("%s\ndoes not speak of %s", r, subject)
			}
		}
		s.startJailed()
		works("renewed1")
		update := exec.Command("nsupdate")
		update.Stdin = strings.NewReader("server 127.0.0.1\nzone dyn.example\nupdate add new.dyn.example. 60 A 192.0.2.9\nsend\n")
		if out, err := update.CombinedOutput(); err != nil {
			t.Fatalf("nsupdate: %v: %s", err, out)
		}
		s.rndc("stats").want(t, 0)
		s.rndc("dumpdb", "-all").want(t, 0)
		s.wantRows("while named works")

		more(s, plugin)
		more(s, "/usr/local/lib/named/libdlzhelper.so.1")
		more(s, "/etc/bind/named.keytab")
		more(s, bundle)
		certificate(s, "2")
		must(t, os.WriteFile("/usr/local/share/GeoIP/GeoLite2-Country.mmdb", append(countryDatabase(), 0), 0o644))
		must(t, os.WriteFile("/usr/local/share/GeoIP/GeoLite2-ASN.mmdb", countryDatabase(), 0o644))
		renewed := []string{"copy " + plugin, "copy /usr/local/lib/named/libdlzhelper.so.1", "copy /etc/bind/named.keytab", "copy /usr/lib/ssl/cert.pem",
			"copy " + live + "/fullchain.pem", "copy " + live + "/privkey.pem",
			"copy /usr/local/share/GeoIP/GeoLite2-Country.mmdb", "copy /usr/local/share/GeoIP/GeoLite2-ASN.mmdb"}
		s.wantRows("after renewals on the host", renewed...)
		s.product("apply").want(t, 0)
		s.wantRows("while named runs the old modules", "NJ534")
		s.stop()
		s.startJailed()
		works("renewed2")
		s.wantRows("after a restart")
		more(s, "/etc/bind/named.conf")
		time.Sleep(1100 * time.Millisecond) // named tells the second only
		s.wantRows("after a change of the configuration", "write /etc/named.conf")
		s.product("apply").want(t, 0)
		s.wantRows("before rndc reload", "NJ534")
		s.rndc("reload").want(t, 0)
		s.waitFor("the new configuration", func() bool { return len(s.auditRows()) == 0 })
		for _, file := range renewed {
			place := strings.TrimPrefix(file, "copy ")
			host := place
			if place == "/usr/lib/ssl/cert.pem" {
				host = bundle
			}
			mine, err := os.ReadFile(filepath.Join(s.in.jail, place))
			must(t, err)
			theirs, err := os.ReadFile(host)
			must(t, err)
			if string(mine) != string(theirs) {
				t.Errorf("%s in the jail is not that of the host", place)
			}
		}
		if s.entry("/var/tmp") == "" {
			t.Error("the replay cache has no directory")
		}
		s.stop()
		s.startBare()
		// It takes the places of its pid file and its state back, too.
		if rows := s.auditRows(); !slices.Contains(rows, "NJ534") || !slices.Contains(rows, "link /run/named/named.pid") {
			t.Errorf("with a named outside of the jail: %q", rows)
		}
		s.stop()
	})
}
