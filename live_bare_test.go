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

// TestLiveBare proves that each install is a sound one before it is migrated:
// bare named serves it, transfers, takes updates and obeys rndc.
func TestLiveBare(t *testing.T) {
	for _, in := range liveInstalls {
		if in.jail != "/var/named" {
			continue // the jail makes no difference to bare named
		}
		t.Run(in.name, func(t *testing.T) {
			inClone(t, func(t *testing.T) {
				s := newServer(t, in)
				s.startBare()
				s.exercise("192.0.2.150")
				s.stop()
			})
		})
	}
}

// server is one install that is being served in the clone.
type server struct {
	t      *testing.T
	in     liveInstall
	log    *logLines
	remote int // process number of the remote server
	pid    int // of the server, 0 when it is stopped
	serial int // of slave.example at its primary
}

// newServer unpacks the install and starts the remote server.
func newServer(t *testing.T, in liveInstall) *server {
	t.Helper()
	s := &server{t: t, in: in, serial: 1}
	s.in.checks = slices.Clone(in.checks)
	s.hidePackage()
	unpackInstall(t, in.name, "/")
	s.log = startNetwork(t)
	s.remote = startRemote(t)
	t.Cleanup(func() {
		for _, pid := range namedProcesses(t, s.remote) {
			stopProcess(t, pid)
		}
	})
	return s
}

// hidePackage removes what the BIND package of the system put into /etc/bind,
// apart from the keys, when the install is not the package's.
func (s *server) hidePackage() {
	s.t.Helper()
	if s.in.name == "b" {
		return
	}
	for _, pattern := range []string{"named.conf*", "db.*", "zones.*"} {
		files, _ := filepath.Glob("/etc/bind/" + pattern)
		for _, f := range files {
			if err := os.Remove(f); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// startBare starts named without a jail, as the install's boot script did.
func (s *server) startBare() {
	s.t.Helper()
	args := []string{"named", "-u", s.in.user}
	if s.in.conf != "" {
		args = append(args, "-c", s.in.conf)
	}
	begin := time.Now()
	run(s.t, args...).want(s.t, 0)
	s.t.Logf("bare named started in %v", time.Since(begin))
	s.pid = wantOneNamed(s.t, s.remote)
}

// rndc asks the running server, from the host, with the host's key.
func (s *server) rndc(args ...string) result {
	s.t.Helper()
	return run(s.t, append(append([]string{"rndc"}, s.in.rndc...), args...)...)
}

// stop stops the server with rndc.
func (s *server) stop() {
	s.t.Helper()
	s.rndc("stop").want(s.t, 0)
	wantNoNamed(s.t, s.remote)
	s.pid = 0
}

// answers asks every question of the install.
func (s *server) answers() {
	s.t.Helper()
	for _, q := range s.in.checks {
		wantAnswer(s.t, q)
	}
	for _, zone := range s.in.broken {
		wantAnswer(s.t, question{name: "www." + zone})
	}
}

// exercise does what an administrator's day does to the server: queries,
// an update, a transfer, a reload.
func (s *server) exercise(address string) {
	s.t.Helper()
	s.answers()
	s.update(address)
	s.transfer()
	s.rndc("status").want(s.t, 0)
	s.rndc("reload").want(s.t, 0)
	s.answers()
	wantAnswer(s.t, question{name: "updated.dyn.example", answer: address})
}

// update sets the address of updated.dyn.example.
func (s *server) update(address string) {
	s.t.Helper()
	input := "server 127.0.0.1\nzone dyn.example.\nupdate delete updated.dyn.example. A\n" +
		"update add updated.dyn.example. 60 A " + address + "\nsend\n"
	runInput(s.t, input, append([]string{"nsupdate"}, s.in.updates...)...).want(s.t, 0)
	wantAnswer(s.t, question{name: "updated.dyn.example", answer: address})
	if s.in.local {
		input := "zone local.example.\nupdate delete updated.local.example. A\n" +
			"update add updated.local.example. 60 A " + address + "\nsend\n"
		runInput(s.t, input, "nsupdate", "-l").want(s.t, 0)
		wantAnswer(s.t, question{name: "updated.local.example", answer: address})
	}
}

// transfer changes slave.example at its primary and fetches it.
func (s *server) transfer() {
	s.t.Helper()
	s.serial++
	address := "192.0.2." + []string{"110", "111", "112", "113", "114", "115"}[s.serial%6]
	setRemoteSlave(s.t, s.serial, address)
	hangUp(s.t, s.remote)
	wantAnswer(s.t, question{remote: true, name: "www.slave.example", answer: address})
	args := []string{"retransfer", "slave.example"}
	if s.in.secondaryView != "" {
		args = append(args, "IN", s.in.secondaryView)
	}
	s.rndc(args...).want(s.t, 0)
	wantAnswer(s.t, question{name: "www.slave.example", answer: address})
	for i := range s.in.checks {
		if q := &s.in.checks[i]; q.name == "www.slave.example" && q.from == "" {
			q.answer = address
		}
	}
}

// secondaryFile waits until the secondary zone's file is newer than since.
func (s *server) secondaryFile(path string, since time.Time) {
	s.t.Helper()
	for range 50 {
		if st, err := os.Lstat(path); err == nil && st.Mode().IsRegular() && st.ModTime().After(since) && st.Size() > 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	list, _ := filepath.Glob(filepath.Dir(path) + "/*")
	s.t.Errorf("named did not write %s; there is: %s", path, strings.Join(list, " "))
}
