//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLiveRollback shows that apply and rollback, with nothing between, leave
// the host as it was: bytes, owners, modes, times and links.
func TestLiveRollback(t *testing.T) {
	for _, in := range liveInstalls {
		name := in.name
		if in.jail != "/var/named" {
			name += "-" + filepath.Base(in.jail)
		}
		t.Run(name, func(t *testing.T) {
			inClone(t, func(t *testing.T) {
				s := &server{t: t, in: in}
				s.hidePackage()
				unpackInstall(t, in.name, "/")
				state := func() snapshot { return takeSnapshot(t, "/var/lib/named-jail").without("/var/lib") }
				before := state()
				s.product("apply", s.keepGoing()...).want(t, 0)
				if before[in.dynamic] == state()[in.dynamic] {
					t.Errorf("apply did not move %s", in.dynamic)
				}
				run(t, product, "rollback", "-t", in.jail).want(t, 0)
				before.wantUnchanged(t, state(), "apply and rollback")
			})
		})
	}
}

// TestLiveCopy shows that with --copy the originals stay what they are, also
// when the server is started later by the usual line and writes in the jail.
func TestLiveCopy(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, liveInstalls[0])
		// /run holds what named makes at its start
		state := func() snapshot {
			return takeSnapshot(t, "/var/named", "/var/lib/named-jail", "/run", "/srv/remote").without("/var", "/var/lib")
		}
		before := state()
		s.product("apply", "--copy").want(t, 0)
		before.wantUnchanged(t, state(), "apply --copy")
		s.product("plan", "--exit-code").want(t, 0)
		s.startJailed()
		s.answers()
		s.update("192.0.2.153")
		s.transfer()
		s.stop()
		s.startJailed()
		wantAnswer(t, question{name: "updated.dyn.example", answer: "192.0.2.153"})
		s.stop()
		before.wantUnchanged(t, state(), "serving from copies")
	})
}

// TestLiveRoot shows that --root works on the system below a directory, and on
// nothing else.
func TestLiveRoot(t *testing.T) {
	inClone(t, func(t *testing.T) {
		const image = "/srv/image"
		s := &server{t: t, in: liveInstalls[0]}
		unpackInstall(t, "a", image)
		before := takeSnapshot(t, image)
		s.product("check", "--root", image).want(t, 0)
		s.product("apply", "--root", image).want(t, 0)
		s.product("plan", "--root", image, "--exit-code").want(t, 0)
		before.wantUnchanged(t, takeSnapshot(t, image), "apply --root")
		text, err := os.ReadFile(image + "/var/named/etc/named.conf")
		if err != nil || !strings.Contains(string(text), `file "/zones/master/db.example.net"`) {
			t.Errorf("the image's jailed configuration: %v\n%s", err, text)
		}
		if target, err := os.Readlink(image + "/etc/namedb/root.cache"); err != nil || target != "/var/named/zones/master/root.cache" {
			t.Errorf("the old place of root.cache in the image points at %q, %v", target, err)
		}
		run(t, "named-checkconf", "-z", "-t", image+"/var/named", "/etc/named.conf").want(t, 0)
	})
}
