package launcher

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"named-jail/parser"
)

// The answers below are made up after the form that each release has.

const debian918 = `BIND 9.18.30-1~deb12u2-Debian (Extended Support Version) <id:>
running on Linux x86_64 6.1.0
built by make with  '--build=x86_64-linux-gnu' '--prefix=/usr' '--sysconfdir=/etc' '--localstatedir=/var' '--libdir=${prefix}/lib/x86_64-linux-gnu' '--libdir=/usr/lib/x86_64-linux-gnu' '--sysconfdir=/etc/bind' '--localstatedir=/' '--with-maxminddb' 'CFLAGS=-g -O2 -DPREFIX='\''"x y"'\''' 'LDFLAGS=-Wl,-z,relro'
compiled by GCC 12.2.0
threads support is enabled

default paths:
  named configuration:  /etc/bind/named.conf
  rndc configuration:   /etc/bind/rndc.conf
  DNSSEC root key:      /etc/bind/bind.keys
  nsupdate session key: //run/named/session.key
  named PID file:       //run/named/named.pid
  named lock file:      //run/named/named.lock
  geoip-directory:      /usr/share/GeoIP
`

const red911 = `BIND 9.11.36-RedHat-9.11.36-11.el8 (Extended Support Version) <id:68dbd5b>
running on Linux x86_64
built by make with '--prefix=/usr' '--exec-prefix=/usr' '--bindir=/usr/bin' '--sysconfdir=/etc' '--libdir=/usr/lib64' '--localstatedir=/var' '--with-geoip2'
compiled by GCC 8.5.0

default paths:
  named configuration:  /etc/named.conf
  rndc configuration:   /etc/rndc.conf
  DNSSEC root key:      /etc/bind.keys
  nsupdate session key: /var/run/named/session.key
  named PID file:       /var/run/named/named.pid
  named lock file:      /var/run/named/named.lock
`

const old911 = `BIND 9.11.2 <id:0a2b929>
running on Linux x86_64
built by make with '--prefix=/opt/bind' '--with-geoip=/usr'
compiled by GCC 7
`

const freebsd920 = `BIND 9.20.3 (Stable Release) <id:d53c12b>
running on FreeBSD amd64 14.1-RELEASE
built by make with  '--disable-linux-caps' '--localstatedir=/var' '--sysconfdir=/usr/local/etc/namedb' '--prefix=/usr/local' '--libdir=${exec_prefix}/lib'
compiled by CLANG 18

default paths:
  named configuration:  /usr/local/etc/namedb/named.conf
  rndc configuration:   /usr/local/etc/namedb/rndc.conf
  nsupdate session key: /var/run/named/session.key
  named PID file:       /var/run/named/pid
`

const meson921 = `BIND 9.21.25 (Development Release) <id:abc1234>
running on Linux x86_64
built by meson with -Dprefix=/usr -Dsysconfdir=/etc -Dlocalstatedir=/var -Dlibdir=lib/x86_64-linux-gnu
compiled by GCC 14

default paths:
  named configuration:  /etc/named.conf
  rndc configuration:   /etc/rndc.conf
  nsupdate session key: /var/run/named/session.key
  named PID file:       /var/run/named/named.pid
  geoip-directory:      /usr/share/GeoIP
`

func TestParseBuild(t *testing.T) {
	cases := []struct {
		name string
		v, V string
		want Build
	}{
		{"8.2.3", "named 8.2.3-REL Fri Jan 26 03:12:09 EST 2001\n\troot@host:/usr/src/bin/named\n", "",
			Build{Version: parser.V(8, 2, 3), Family: 8, Conf: "/etc/named.conf", PIDFile: "/var/run/named.pid",
				Sysconfdir: "/etc", Localstatedir: "/var", Libdir: "/usr/local/lib"}},
		{"Solaris 8.1.2", "in.named BIND 8.1.2 Tue Nov 10 18:10:26 PST 1998\n\tGeneric@host\n", "",
			Build{Version: parser.V(8, 1, 2), Family: 8, Conf: "/etc/named.conf", PIDFile: "/var/run/named.pid",
				Sysconfdir: "/etc", Localstatedir: "/var", Libdir: "/usr/local/lib"}},
		{"9.4.3", "BIND 9.4.3-P5\n", "",
			Build{Version: parser.V(9, 4, 3), Family: 9, Conf: "/etc/named.conf", PIDFile: "/var/run/named.pid",
				RndcConf: "/etc/rndc.conf", RndcKey: "/etc/rndc.key",
				Sysconfdir: "/etc", Localstatedir: "/var", Libdir: "/usr/local/lib"}},
		{"9.7.3 one line", "BIND 9.7.3-P3-RedHat-9.7.3-8.P3.el6\n",
			"BIND 9.7.3-P3-RedHat-9.7.3-8.P3.el6 built with '--prefix=/usr' '--sysconfdir=/srv/etc' '--localstatedir' '/srv/var' '--libdir=/usr/lib64'\n",
			Build{Version: parser.V(9, 7, 3), Family: 9, Conf: "/srv/etc/named.conf", PIDFile: "/srv/var/run/named/named.pid",
				RndcConf: "/srv/etc/rndc.conf", RndcKey: "/srv/etc/rndc.key", BindKeys: "/srv/etc/bind.keys",
				SessionKey: "/srv/var/run/named/session.key",
				Sysconfdir: "/srv/etc", Localstatedir: "/srv/var", Libdir: "/usr/lib64"}},
		{"9.11.2 without a block", "BIND 9.11.2 <id:0a2b929>\n", old911,
			Build{Version: parser.V(9, 11, 2), Family: 9, Conf: "/opt/bind/etc/named.conf", PIDFile: "/opt/bind/var/run/named/named.pid",
				RndcConf: "/opt/bind/etc/rndc.conf", RndcKey: "/opt/bind/etc/rndc.key", BindKeys: "/opt/bind/etc/bind.keys",
				SessionKey: "/opt/bind/var/run/named/session.key", LockFile: "/opt/bind/var/run/named/named.lock",
				GeoIP: "/usr/share/GeoIP", Sysconfdir: "/opt/bind/etc", Localstatedir: "/opt/bind/var", Libdir: "/opt/bind/lib"}},
		{"9.11.36", "BIND 9.11.36-RedHat-9.11.36-11.el8 (Extended Support Version) <id:68dbd5b>\n", red911,
			Build{Version: parser.V(9, 11, 36), Family: 9, Conf: "/etc/named.conf", PIDFile: "/var/run/named/named.pid",
				RndcConf: "/etc/rndc.conf", RndcKey: "/etc/rndc.key", BindKeys: "/etc/bind.keys",
				SessionKey: "/var/run/named/session.key", LockFile: "/var/run/named/named.lock",
				Sysconfdir: "/etc", Localstatedir: "/var", Libdir: "/usr/lib64"}},
		{"9.16 bare", "BIND 9.16.50 (Extended Support Version) <id:>\n", "",
			Build{Version: parser.V(9, 16, 50), Family: 9, Conf: "/usr/local/etc/named.conf", PIDFile: "/usr/local/var/run/named/named.pid",
				RndcConf: "/usr/local/etc/rndc.conf", RndcKey: "/usr/local/etc/rndc.key", BindKeys: "/usr/local/etc/bind.keys",
				SessionKey: "/usr/local/var/run/named/session.key", LockFile: "/usr/local/var/run/named/named.lock",
				PluginDir: "/usr/local/lib/bind", Sysconfdir: "/usr/local/etc", Localstatedir: "/usr/local/var", Libdir: "/usr/local/lib"}},
		{"9.18 Debian", "BIND 9.18.30-1~deb12u2-Debian (Extended Support Version) <id:>\n", debian918,
			Build{Version: parser.V(9, 18, 30), Family: 9, Conf: "/etc/bind/named.conf", PIDFile: "/run/named/named.pid",
				RndcConf: "/etc/bind/rndc.conf", RndcKey: "/etc/bind/rndc.key", BindKeys: "/etc/bind/bind.keys",
				SessionKey: "/run/named/session.key", LockFile: "/run/named/named.lock", GeoIP: "/usr/share/GeoIP",
				PluginDir: "/usr/lib/x86_64-linux-gnu/bind", Sysconfdir: "/etc/bind", Localstatedir: "/", Libdir: "/usr/lib/x86_64-linux-gnu"}},
		{"9.20 FreeBSD", "BIND 9.20.3 (Stable Release) <id:d53c12b>\r\n", freebsd920,
			Build{Version: parser.V(9, 20, 3), Family: 9, Conf: "/usr/local/etc/namedb/named.conf", PIDFile: "/var/run/named/pid",
				RndcConf: "/usr/local/etc/namedb/rndc.conf", RndcKey: "/usr/local/etc/namedb/rndc.key",
				SessionKey: "/var/run/named/session.key", PluginDir: "/usr/local/lib/bind",
				Sysconfdir: "/usr/local/etc/namedb", Localstatedir: "/var", Libdir: "/usr/local/lib"}},
		{"9.21 meson", "BIND 9.21.25 (Development Release) <id:abc1234>\n", meson921,
			Build{Version: parser.V(9, 21, 25), Family: 9, Conf: "/etc/named.conf", PIDFile: "/var/run/named/named.pid",
				RndcConf: "/etc/rndc.conf", RndcKey: "/etc/rndc.key", SessionKey: "/var/run/named/session.key",
				GeoIP: "/usr/share/GeoIP", PluginDir: "/usr/lib/x86_64-linux-gnu/bind",
				Sysconfdir: "/etc", Localstatedir: "/var", Libdir: "/usr/lib/x86_64-linux-gnu"}},
	}
	for _, c := range cases {
		b, err := ParseBuild(c.v, c.V)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.want, b, cmpopts.IgnoreFields(Build{}, "Text")); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
		if first, _, _ := strings.Cut(c.v, "\n"); b.Text != strings.TrimSpace(first) {
			t.Errorf("%s: text %q", c.name, b.Text)
		}
	}
}

func TestParseBuildErrors(t *testing.T) {
	for _, text := range []string{"", "usage: named [-f]", "BIND", "named: unknown option '-v'\n",
		"BIND 4.9.7", "BIND 10.0.0", "BIND 99999999999999999999.1", "BIND 0.0.0", "BIND x9.1"} {
		_, err := ParseBuild(text, "")
		var exit *ExitError
		if !errors.As(err, &exit) || exit.Diagnostic.Code != "NJ605" || exit.Status != StatusFailed || exit.Diagnostic.Remedy == "" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAssumedBuild(t *testing.T) {
	b := AssumedBuild(parser.Version{})
	if b.Version != DefaultVersion || b.Family != 9 || b.Conf != "/etc/named.conf" || b.PIDFile != "/var/run/named/named.pid" {
		t.Errorf("%+v", b)
	}
	if b := AssumedBuild(parser.V(8, 3, 0)); b.Family != 8 || b.Conf != "/etc/named.conf" || b.RndcKey != "" {
		t.Errorf("%+v", b)
	}
	if b := AssumedBuild(parser.V(9, 20, 0)); b.BindKeys != "" || b.LockFile != "" {
		t.Errorf("%+v", b)
	}
}

// FuzzParseBuild: no panic; every path of a result is absolute, clean and free of
// control characters.
func FuzzParseBuild(f *testing.F) {
	f.Add("BIND 9.18.30-Debian <id:>\n", debian918)
	f.Add("BIND 9.21.25 (Development Release) <id:abc>\n", meson921)
	f.Add("named 8.2.3-REL Fri Jan 26\n\tx@y:/z\n", "")
	f.Add("BIND 9.7.3\n", "BIND 9.7.3 built with '--prefix=${prefix}/x' --libdir")
	f.Fuzz(func(t *testing.T, v, V string) {
		b, err := ParseBuild(v, V)
		if err != nil {
			if Code(err) != StatusFailed {
				t.Fatal(err)
			}
			return
		}
		if !b.Version.Known() || b.Family != b.Version.Major {
			t.Fatalf("%+v", b)
		}
		for _, p := range []string{b.Conf, b.RndcConf, b.RndcKey, b.BindKeys, b.SessionKey, b.PIDFile, b.LockFile, b.GeoIP,
			b.PluginDir, b.Sysconfdir, b.Localstatedir, b.Libdir} {
			if p == "" {
				continue
			}
			if !filepath.IsAbs(p) || filepath.Clean(p) != p || strings.ContainsFunc(p, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
				t.Fatalf("path %q", p)
			}
		}
		if b.Conf == "" || b.PIDFile == "" || b.Sysconfdir == "" {
			t.Fatalf("%+v", b)
		}
	})
}
