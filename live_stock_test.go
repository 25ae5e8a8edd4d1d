//go:build linux

package main

import (
	"strings"
	"testing"
)

// TestLiveStock checks sound installs on the host, with and without
// named-checkconf, as root and as a plain user: status 0 and not a word. The
// first is the distribution's own, as its package left it.
func TestLiveStock(t *testing.T) {
	t.Run("package", func(t *testing.T) {
		inClone(t, func(t *testing.T) {
			silent(t, nil, "-c", "/etc/bind/named.conf")
			silent(t, nil, "-u", "bind", "-c", "/etc/bind/named.conf")
		})
	})
	for _, in := range liveInstalls {
		t.Run(in.name, func(t *testing.T) {
			inClone(t, func(t *testing.T) {
				if in.name != "b" {
					(&server{t: t, in: in}).hidePackage()
				}
				unpackInstall(t, in.name, "/")
				silent(t, in.broken, "-u", in.user, "-c", or(in.conf, "/etc/bind/named.conf"))
			})
		})
	}
}

// silent runs check in every way; broken zones are the only ones it may name.
func silent(t *testing.T, broken []string, args ...string) {
	t.Helper()
	plain := []string{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"}
	hows := [][]string{{product}, append(plain, product)}
	if run(t, append(plain, "test", "-r", args[len(args)-1])...).status != 0 {
		hows = hows[:1] // it may not read the configuration
	}
	for _, how := range hows {
		for _, more := range [][]string{nil, {"--no-checkconf"}, {"--no-zones"}} {
			all := append(append(append(append([]string{}, how...), "check", "--no-cache"), more...), args...)
			r := run(t, all...)
			said := 0
			for _, line := range strings.Split(r.err, "\n") {
				if !strings.Contains(line, "[NJ") {
					continue
				}
				known := how[0] != product && strings.Contains(line, "warning: ") && (strings.Contains(line, "NJ418") || strings.Contains(line, "NJ115"))
				known = known || strings.Contains(line, "warning: pid-file: ") // bare named cannot write it: the jail mends that
				for _, zone := range broken {
					name, _, _ := strings.Cut(zone, ".")
					known = known || strings.Contains(line, "db."+name)
				}
				if !known {
					said++
				}
			}
			want := 0
			if broken != nil && r.status == 1 {
				want = 1
			}
			if r.status != want || said > 0 {
				t.Errorf("%s", r)
			}
		}
	}
}
