//go:build linux

package main

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// unserved: queries for the zone are not answered, after a moment's patience.
func unserved(zone string) func(*scene) bool {
	return func(*scene) bool {
		refused := 0
		return !within(5*time.Second, func() bool {
			r := query(zone+".", dns.TypeSOA)
			if r != nil && r.Rcode != dns.RcodeSuccess {
				refused++
			}
			return r != nil && r.Rcode == dns.RcodeSuccess && len(r.Answer) > 0 || refused > 10
		}) || refused > 10
	}
}

// noUpdate: updates of the zone fail.
func noUpdate(zone string) func(*scene) bool {
	return func(s *scene) bool {
		unserved(zone)(s) // waits until it is loaded
		text := strconv.FormatInt(time.Now().UnixNano(), 10)
		return runInput(s.t, "server 127.0.0.1 5301\nzone "+zone+"\nupdate add x."+zone+" 60 TXT "+text+"\nsend\n", "nsupdate").status != 0
	}
}

// notSigning is what named logs when it cannot sign.
var notSigning = regexp.MustCompile(`zone_rekey|permission denied|does not exist`)

// unsigned: named does not sign the zone, or says that it cannot.
func unsigned(zone string) func(*scene) bool {
	return func(s *scene) bool {
		given := 0
		return !within(8*time.Second, func() bool {
			if notSigning.MatchString(s.log.from(s.begun)) {
				given++
			}
			r := query(zone+".", dns.TypeDNSKEY)
			return r != nil && len(r.Answer) > 0 || given > 10
		}) || given > 10
	}
}

// missing: named does not make the file.
func missing(file string) func(*scene) bool {
	return func(s *scene) bool {
		return !within(2500*time.Millisecond, func() bool {
			info, err := os.Stat(s.at(file))
			return err == nil && info.Mode().IsRegular() && info.Size() > 0
		})
	}
}

// untapped: of more queries than its buffer takes, named writes nothing.
func untapped(file string) func(*scene) bool {
	return func(s *scene) bool {
		for range 300 {
			query("m.example.", dns.TypeSOA)
		}
		return missing(file)(s)
	}
}

// says: named logs it.
func says(text string) func(*scene) bool {
	return func(s *scene) bool {
		return within(2500*time.Millisecond, func() bool { return strings.Contains(s.log.from(s.begun), text) })
	}
}

// rndcKey is the key of rndcControls.
const rndcKey = `key k { algorithm hmac-sha256; secret "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U="; };`

// rndcControls lets rndc command the trap's named.
const rndcControls = rndcKey + ` controls { inet 127.0.0.1 port 5953 allow { any; } keys { k; }; };`

// noCommand: rndc does not get it done, or the file is not written.
func noCommand(file string, words ...string) func(*scene) bool {
	return func(s *scene) bool {
		writeFile(s.t, "/tmp/rndc.conf", rndcKey+" options { default-key k; };")
		r := run(s.t, append([]string{"rndc", "-c", "/tmp/rndc.conf", "-s", "127.0.0.1", "-p", "5953"}, words...)...)
		return r.status != 0 || file != "" && missing(file)(s)
	}
}

// dynamicFile is a zone file that named may write.
func dynamicFile(name string) func(*scene) {
	return func(s *scene) { s.put("/zones/dynamic/"+name, plainZone, "trapped", 0o644) }
}

// staticFile is a zone file of root's.
func staticFile(p, owner string, mode os.FileMode) func(*scene) {
	return func(s *scene) { s.put(p, plainZone, owner, mode) }
}

// after does one thing after the other.
func after(steps ...func(*scene)) func(*scene) {
	return func(s *scene) {
		for _, step := range steps {
			step(s)
		}
	}
}

func mkdir(p, owner string, mode os.FileMode) func(*scene) {
	return func(s *scene) { s.mkdir(p, owner, mode) }
}

func put(p, owner string, mode os.FileMode) func(*scene) {
	return func(s *scene) { s.put(p, "", owner, mode) }
}

func own(p, owner string, mode os.FileMode) func(*scene) {
	return func(s *scene) { s.own(p, owner, mode) }
}

// journaled gives the zone d.example a journal.
func journaled(s *scene) { s.once(func() { noUpdate("d.example")(s) }) }

// signedOnce lets named sign the zone sig.example.
func signedOnce(s *scene) {
	s.once(func() {
		unsigned("sig.example")(s)
		missing("/zones/dynamic/sig.signed")(s)
	})
}

// transferred lets named make the copy of slave.example.
func transferred(s *scene) { s.once(func() { missing("/zones/slave/s")(s) }) }

func remove(p string) func(*scene) {
	return func(s *scene) { must(s.t, os.Remove(s.at(p))) }
}

const (
	staticU  = `zone "u.example" { type primary; file "/zones/master/u"; };`
	staticD  = `zone "d.example" { type primary; file "/zones/master/u"; };`
	updated  = `zone "d.example" { type primary; allow-update { 127.0.0.1; }; file "/zones/dynamic/d"; };`
	signed   = `zone "sig.example" { type primary; file "/zones/dynamic/sig"; inline-signing yes; dnssec-policy default; key-directory "/zones/keys"; };`
	transfer = `zone "slave.example" { type secondary; primaries { 127.0.0.2 port 5399; }; file "/zones/slave/s"; };`
)

// zoneTraps are those on which a zone is lost, or what can be done with it.
var zoneTraps = []trap{
	{name: "zone-unreadable", top: staticU, line: "u.example", code: "NJ310", lost: unserved("u.example"), spoil: staticFile("/zones/master/u", "root", 0o600)},
	{name: "zone-behind-a-closed-directory", top: strings.Replace(staticU, "/u\"", "/shut/u\"", 1), line: "u.example", code: "NJ310", lost: unserved("u.example"),
		spoil: after(staticFile("/zones/master/shut/u", "root", 0o644), mkdir("/zones/master/shut", "root", 0o700))},
	{name: "zone-far-behind-a-closed-directory", top: strings.Replace(staticU, "/u\"", "/shut/a/b/u\"", 1), line: "u.example", code: "NJ310", lost: unserved("u.example"),
		spoil: after(staticFile("/zones/master/shut/a/b/u", "root", 0o644), mkdir("/zones/master/shut", "root", 0o700))},
	{name: "zone-behind-a-link", top: staticU, line: "u.example", code: "NJ310", lost: unserved("u.example"),
		spoil: after(staticFile("/srv/shut/u", "root", 0o644), mkdir("/srv/shut", "root", 0o700), func(s *scene) { s.sh("ln -s /srv/shut/u zones/master/u").want(s.t, 0) })},
	{name: "zone-of-a-supplementary-group", top: staticU, lost: unserved("u.example"), spoil: staticFile("/zones/master/u", "root:readers", 0o640)},
	{name: "directory-of-a-supplementary-group", top: strings.Replace(staticU, "/u\"", "/g/u\"", 1), lost: unserved("u.example"),
		spoil: after(staticFile("/zones/master/g/u", "root", 0o644), mkdir("/zones/master/g", "root:readers", 0o710))},
	{name: "zone-that-the-group-denies", top: staticU, line: "u.example", code: "NJ310", lost: unserved("u.example"), spoil: staticFile("/zones/master/u", "root:trapped", 0o604)},
	{name: "zone-that-a-supplementary-group-denies", top: staticU, line: "u.example", code: "NJ310", lost: unserved("u.example"), spoil: staticFile("/zones/master/u", "root:readers", 0o604)},
	{name: "zone-that-its-owner-may-not-read", top: staticU, line: "u.example", code: "NJ310", lost: unserved("u.example"), spoil: staticFile("/zones/master/u", "trapped", 0o044)},
	{name: "directory-that-a-supplementary-group-denies", top: strings.Replace(staticU, "/u\"", "/g/u\"", 1), line: "u.example", code: "NJ310", lost: unserved("u.example"),
		spoil: after(staticFile("/zones/master/g/u", "root", 0o644), mkdir("/zones/master/g", "root:readers", 0o701))},
	{name: "zone-include-unreadable", top: staticU, code: "NJ310", lost: unserved("u.example"), spoil: func(s *scene) {
		s.put("/zones/master/u", plainZone+"$INCLUDE /zones/master/inc\n", "root", 0o644)
		s.put("/zones/master/inc", "www A 192.0.2.1\n", "root", 0o600)
	}},
	{name: "dynamic-dir-not-writable", top: strings.Replace(updated, "dynamic", "master", 1), line: "d.example", code: "NJ312", lost: noUpdate("d.example"),
		spoil: staticFile("/zones/master/d", "trapped", 0o644), repair: func(s *scene) {
			dynamicFile("d")(s)
			s.edit(`/zones/master/d"`, `/zones/dynamic/d"`)
		}},
	{name: "journal-dir-missing", top: strings.Replace(updated, "file", `journal "/zones/none/d"; file`, 1), line: "d.example", code: "NJ311", lost: noUpdate("d.example"), spoil: dynamicFile("d")},
	{name: "journal-dir-not-writable", top: strings.Replace(updated, "file", `journal "/srv/d"; file`, 1), line: "d.example", code: "NJ312", lost: noUpdate("d.example"),
		spoil: after(dynamicFile("d"), mkdir("/srv", "root", 0o755))},
	{name: "journal-of-a-static-zone", top: strings.Replace(staticU, "file", `journal "/zones/none/u"; file`, 1), lost: unserved("u.example"), spoil: staticFile("/zones/master/u", "root", 0o644)},
	{name: "journal-unreadable", top: updated, line: "d.example", code: "NJ310", lost: unserved("d.example"),
		spoil: after(dynamicFile("d"), journaled, own("/zones/dynamic/d.jnl", "root", 0o600))},
	{name: "journal-not-writable", top: updated, line: "d.example", code: "NJ313", lost: noUpdate("d.example"),
		spoil: after(dynamicFile("d"), journaled, own("/zones/dynamic/d.jnl", "root", 0o644))},
	{name: "journal-of-a-static-zone-unreadable", top: staticD, line: "d.example", code: "NJ310", lost: unserved("d.example"), repair: remove("/zones/master/u.jnl"),
		spoil: func(s *scene) {
			s.edit(staticD, updated)
			dynamicFile("d")(s)
			journaled(s)
			s.edit(updated, staticD)
			s.sh("mv zones/dynamic/d.jnl zones/master/u.jnl && cp zones/dynamic/d zones/master/u").want(s.t, 0)
			s.own("/zones/master/u.jnl", "root", 0o600)
			s.own("/zones/master/u", "root", 0o644)
		}},
	{name: "unsigned-zone-with-a-key-directory", top: strings.Replace(staticU, "file", `key-directory "/zones/none"; file`, 1), lost: unserved("u.example"), spoil: staticFile("/zones/master/u", "root", 0o644)},
	{name: "secondary-dir-missing", top: strings.Replace(transfer, "slave/s", "none/s", 1), line: "slave.example", code: "NJ311", lost: missing("/zones/none/s")},
	{name: "secondary-dir-not-writable", top: strings.Replace(transfer, "/zones/slave/s", "/srv/s", 1), line: "slave.example", code: "NJ312", lost: missing("/srv/s"), spoil: mkdir("/srv", "root", 0o755)},
	{name: "stub-dir-not-writable", top: strings.NewReplacer("/zones/slave/s", "/srv/s", "secondary", "stub").Replace(transfer), line: "slave.example", code: "NJ312", lost: missing("/srv/s"), spoil: mkdir("/srv", "root", 0o755)},
	{name: "secondary-file-unreadable", top: transfer, line: "slave.example", code: "NJ310", warning: true, lost: says("failed: permission denied"),
		spoil: after(transferred, own("/zones/slave/s", "root", 0o600))},
	{name: "catz-directory", options: `catalog-zones { zone "c.example" default-primaries { 127.0.0.1 port 5399; } zone-directory "/zones/catz"; };`,
		top: `zone "c.example" { type secondary; primaries { 127.0.0.1 port 5399; }; file "/zones/slave/c"; };`, line: "catalog-zones", code: "NJ311", lost: says("zone files will not be saved")},
}

// TestLivePreflightZones sets the traps of zones.
func TestLivePreflightZones(t *testing.T) { inTraps(t, zoneTraps) }

// signingTraps are those on which named does not sign.
var signingTraps = []trap{
	{name: "key-directory-missing", top: signed, line: "sig.example", code: "NJ311", lost: unsigned("sig.example"), spoil: dynamicFile("sig")},
	{name: "key-directory-not-writable", top: signed, line: "sig.example", code: "NJ312", lost: unsigned("sig.example"), spoil: after(dynamicFile("sig"), mkdir("/zones/keys", "root", 0o755))},
	{name: "key-directory-not-listable", top: signed, line: "sig.example", code: "NJ312", lost: unsigned("sig.example"), spoil: after(dynamicFile("sig"), mkdir("/zones/keys", "trapped", 0o300))},
	{name: "key-directory-not-searchable", top: signed, line: "sig.example", code: "NJ312", lost: unsigned("sig.example"), spoil: after(dynamicFile("sig"), mkdir("/zones/keys", "trapped", 0o600))},
	{name: "working-directory-with-keys-not-listable", options: `directory "/srv/d";`, top: strings.Replace(signed, `key-directory "/zones/keys"; `, "", 1), line: "sig.example", code: "NJ312",
		lost: unsigned("sig.example"), spoil: after(dynamicFile("sig"), mkdir("/srv/d", "trapped", 0o300))},
	{name: "signed-zone-dir-not-writable", top: strings.NewReplacer("dynamic", "master", `key-directory "/zones/keys"; `, "").Replace(signed), line: "sig.example", code: "NJ312",
		lost: unsigned("sig.example"), spoil: staticFile("/zones/master/sig", "root", 0o644),
		repair: func(s *scene) { dynamicFile("sig")(s); s.edit("/zones/master/sig", "/zones/dynamic/sig") }},
	{name: "signed-copy-unreadable", top: strings.Replace(signed, `key-directory "/zones/keys"; `, "", 1), line: "sig.example", code: "NJ310", lost: unserved("sig.example"),
		spoil: after(dynamicFile("sig"), signedOnce, own("/zones/dynamic/sig.signed", "root", 0o600))},
	{name: "signing-journal-unreadable", top: strings.Replace(signed, `key-directory "/zones/keys"; `, "", 1), line: "sig.example", code: "NJ310", lost: unserved("sig.example"),
		spoil: after(dynamicFile("sig"), signedOnce, own("/zones/dynamic/sig.jbk", "root", 0o600))},
	{name: "key-unreadable", top: signed, line: "sig.example", code: "NJ310", lost: says("permission denied"),
		spoil: after(dynamicFile("sig"), mkdir("/zones/keys", "trapped", 0o700), func(s *scene) {
			s.sh("dnssec-keygen -q -K zones/keys -a 13 -f KSK sig.example && chown trapped zones/keys/* && chown root zones/keys/*.private && chmod 600 zones/keys/*.private").want(s.t, 0)
		})},
}

// TestLivePreflightSigning sets the traps of zones that named signs.
func TestLivePreflightSigning(t *testing.T) { inTraps(t, signingTraps) }

// lossTraps are those on which some other function is lost.
var lossTraps = []trap{
	{name: "pid-file-in-etc", options: `pid-file "/etc/named.pid";`, line: "pid-file", code: "NJ303", lost: says("could not open file '/etc/named.pid'"),
		repair: changes(`pid-file "/etc/named.pid";`, `pid-file none;`)},
	{name: "pid-file-dir-missing", options: `pid-file "/none/named.pid";`, line: "pid-file", code: "NJ311", lost: missing("/none/named.pid")},
	{name: "pid-file-dir-not-writable", options: `pid-file "/srv/named.pid";`, line: "pid-file", code: "NJ312", lost: missing("/srv/named.pid"), spoil: mkdir("/srv", "root", 0o755)},
	{name: "pid-file-fifo", options: `pid-file "/var/run/p";`, line: "pid-file", code: "NJ313", lost: missing("/var/run/p"), repair: func(*scene) {}, // named removes it when it ends
		spoil: func(s *scene) { s.sh("mkfifo var/run/p").want(s.t, 0) }},
	{name: "pid-file-that-named-removes-first", options: `pid-file "/var/run/p";`, lost: missing("/var/run/p"), spoil: put("/var/run/p", "root", 0o644)},
	{name: "pid-file-whose-directories-named-makes", options: `pid-file "/var/run/a/b/p";`, lost: missing("/var/run/a/b/p")},
	{name: "session-key-that-nobody-needs", options: `session-keyfile "/none/key";`, line: "session-keyfile", code: "NJ311", warning: true, lost: missing("/none/key")},
	{name: "dump-file", options: `dump-file "/srv/dump";`, top: rndcControls, line: "dump-file", code: "NJ312", lost: noCommand("/srv/dump", "dumpdb", "-all"), spoil: mkdir("/srv", "root", 0o755)},
	{name: "dump-file-roots-own", options: `dump-file "/var/run/dump";`, top: rndcControls, line: "dump-file", code: "NJ313", lost: noCommand("/var/run/dump", "dumpdb", "-all"),
		spoil: put("/var/run/dump", "root", 0o644)},
	{name: "statistics-file", options: `statistics-file "/srv/stats";`, top: rndcControls, line: "statistics-file", code: "NJ312", lost: noCommand("/srv/stats", "stats"), spoil: mkdir("/srv", "root", 0o755)},
	{name: "secroots-file", options: `secroots-file "/none/roots";`, top: rndcControls, line: "secroots-file", code: "NJ311", lost: noCommand("/none/roots", "secroots")},
	{name: "recursing-file", options: `recursing-file "/none/rec";`, top: rndcControls, line: "recursing-file", code: "NJ311", lost: noCommand("/none/rec", "recursing")},
	{name: "rndc-key-missing", top: "controls { inet 127.0.0.1 port 5953 allow { any; }; };", code: "NJ306", warning: true, lost: noDefaultKey},
	{name: "rndc-key-unreadable", top: "controls { inet 127.0.0.1 port 5953 allow { any; }; };", code: "NJ310", warning: true, lost: noDefaultKey,
		spoil: func(s *scene) {
			run(s.t, "install", "-D", "-m", "0600", "/etc/bind/rndc.key", s.at("/etc/bind/rndc.key")).want(s.t, 0)
		}},
	{name: "dnstap-file", options: `dnstap { all; }; dnstap-output file "/none/dnstap";`, line: "dnstap", code: "NJ311", lost: untapped("/none/dnstap")},
	{name: "dnstap-file-roots-own", options: `dnstap { all; }; dnstap-output file "/var/run/dnstap";`, line: "dnstap", code: "NJ313", lost: untapped("/var/run/dnstap"),
		spoil: put("/var/run/dnstap", "root", 0o644)},
	{name: "keytab-unreadable", options: `tkey-gssapi-keytab "/etc/keytab";`, line: "keytab", code: "NJ310", spoil: put("/etc/keytab", "root", 0o600)},
}

// noDefaultKey: rndc does not reach named with the host's key.
func noDefaultKey(s *scene) bool {
	return run(s.t, "rndc", "-s", "127.0.0.1", "-p", "5953", "status").status != 0
}

// TestLivePreflightLoss sets the traps that named survives.
func TestLivePreflightLoss(t *testing.T) { inTraps(t, lossTraps) }
