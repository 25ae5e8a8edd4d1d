//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// loop asks the server for a name until it is stopped, every few milliseconds,
// and counts the answers that did not come.
type loop struct {
	stop        chan struct{}
	done        chan struct{}
	asked, lost atomic.Int64
}

// queryLoop begins to ask.
func queryLoop(name string) *loop {
	l := &loop{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		for {
			select {
			case <-l.stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			l.asked.Add(1)
			out, err := exec.Command("dig", "+short", "+time=2", "+tries=1", "@127.0.0.1", name, "A").Output()
			if err != nil || len(out) == 0 {
				l.lost.Add(1)
			}
		}
	}()
	return l
}

// end stops the loop and fails the test where an answer was lost.
func (l *loop) end(t *testing.T, during string) {
	t.Helper()
	close(l.stop)
	<-l.done
	t.Logf("%s: %d queries, %d lost", during, l.asked.Load(), l.lost.Load())
	if l.lost.Load() > 0 || l.asked.Load() < 3 {
		t.Errorf("%s: %d of %d queries had no answer", during, l.lost.Load(), l.asked.Load())
	}
}

// updater sends one update after the other and remembers which were
// acknowledged, and when none was.
type updater struct {
	stop, done chan struct{}
	accepted   []int
	refused    int
	longest    time.Duration // between two that were acknowledged
}

// updateLoop begins to add the names u1, u2 and so on to dyn.example.
func updateLoop(s *server) *updater {
	u := &updater{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(u.done)
		last := time.Now()
		for i := 1; ; i++ {
			select {
			case <-u.stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
			cmd := exec.Command("nsupdate", append([]string{"-t", "2"}, s.in.updates...)...)
			cmd.Stdin = strings.NewReader(fmt.Sprintf("server 127.0.0.1\nzone dyn.example.\nupdate add u%d.dyn.example. 60 A 192.0.2.1\nsend\n", i))
			if cmd.Run() != nil {
				u.refused++
				continue
			}
			u.accepted = append(u.accepted, i)
			u.longest = max(u.longest, time.Since(last))
			last = time.Now()
		}
	}()
	return u
}

// end stops the updates.
func (u *updater) end(t *testing.T) {
	t.Helper()
	close(u.stop)
	<-u.done
	t.Logf("updates: %d acknowledged, %d refused, at most %v between two", len(u.accepted), u.refused, u.longest)
	if len(u.accepted) < 5 {
		t.Errorf("only %d updates were acknowledged", len(u.accepted))
	}
}

// wantAll fails the test when the server lacks an update that was acknowledged.
func (u *updater) wantAll(s *server) {
	s.t.Helper()
	for _, i := range u.accepted {
		wantAnswer(s.t, question{name: fmt.Sprintf("u%d.dyn.example", i), answer: "192.0.2.1"})
	}
}

// TestLiveApplyBare migrates a server that runs unjailed, with updates,
// transfers and queries going on all the time. Nothing that was acknowledged is
// lost, and until it is stopped the server does all that it did.
func TestLiveApplyBare(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, debian())
		s.startBare()
		s.exercise("192.0.2.150")
		if r := s.product("apply").want(t, 1); !strings.Contains(r.err, "NJ510") || !strings.Contains(r.err, "--live") {
			t.Errorf("%s\ndoes not name --live", r)
		}
		queries, updates := queryLoop("updated.dyn.example"), updateLoop(s)
		time.Sleep(500 * time.Millisecond)
		begin := time.Now()
		r := s.product("apply", "--live").want(t, 0)
		t.Logf("apply --live took %v\n%s", time.Since(begin), r)
		if !strings.Contains(r.out, s.in.dynamic) || !strings.Contains(r.out, s.in.secondary) {
			t.Errorf("%s\ndoes not tell what is left", r)
		}
		if st, err := os.Lstat(s.in.dynamic); err != nil || !st.Mode().IsRegular() {
			t.Errorf("the dynamic zone's file was moved from under the server: %v", err)
		}
		s.transfer() // the secondary zone goes on too
		s.update("192.0.2.151")
		s.product("apply", "--live").want(t, 0) // again, with nothing more to do
		time.Sleep(300 * time.Millisecond)
		queries.end(t, "apply --live beside the unjailed server")
		if updates.refused > 0 {
			t.Errorf("%d updates were refused while the server ran", updates.refused)
		}
		s.rndc("stop").want(t, 0)
		wantNoNamed(t, s.remote)
		s.startJailed()
		time.Sleep(300 * time.Millisecond)
		updates.end(t)
		updates.wantAll(s)
		wantAnswer(t, question{name: "updated.dyn.example", answer: "192.0.2.151"})
		for _, file := range []string{s.in.dynamic, s.in.secondary} {
			if target, err := os.Readlink(file); err != nil || !strings.HasPrefix(target, s.in.jail+"/zones/") {
				t.Errorf("%s did not follow at the start: %q %v", file, target, err)
			}
		}
		s.product("plan", "--exit-code").want(t, 0)
		s.exercise("192.0.2.152")
		s.stop()
	})
}

// TestLiveApplyJailed changes the configuration under a jailed server: a dynamic
// zone becomes static and gets another place, a zone is new. The server goes on
// answering, takes all of it in, and loses no update.
func TestLiveApplyJailed(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, debian())
		s.apply()
		s.startJailed()
		s.exercise("192.0.2.150")
		queries := queryLoop("updated.dyn.example")
		updates := updateLoop(s)
		time.Sleep(500 * time.Millisecond)
		s.newZone("fresh.example")
		r := s.product("apply", "--live").want(t, 0)
		t.Log(r)
		wantAnswer(t, question{name: "www.fresh.example", answer: "192.0.2.170"})
		updates.end(t)
		if updates.refused > 0 {
			t.Errorf("%d updates were refused although no dynamic zone was touched", updates.refused)
		}
		updates.wantAll(s)
		s.becomeStatic()
		r = s.product("apply", "--live").want(t, 0)
		t.Log(r)
		if !strings.Contains(r.err, "rndc thaw dyn.example") {
			t.Errorf("%s\ndoes not say that dyn.example was frozen", r)
		}
		updates.wantAll(s)
		queries.end(t, "apply --live beside the jailed server")
		s.wantJailed(s.pid)
		if status := s.rndc("zonestatus", "dyn.example").want(t, 0); !strings.Contains(status.out, "dynamic: no") || strings.Contains(status.out, "frozen: yes") {
			t.Errorf("%s\nis not static now", status)
		}
		s.product("plan", "--exit-code").want(t, 0)
		s.stop()
		s.startJailed()
		updates.wantAll(s)
		s.stop()
	})
}

// newZone adds a zone to the host's configuration.
func (s *server) newZone(name string) {
	s.t.Helper()
	file := "/etc/bind/db." + name
	writeFile(s.t, file, "$TTL 300\n@ SOA ns hostmaster 1 60 60 86400 60\n@ NS ns\nns A 127.0.0.1\nwww A 192.0.2.170\n")
	appendTo(s.t, "/etc/bind/named.conf", fmt.Sprintf("zone %q { type primary; file %q; };\n", name, file))
}

// becomeStatic takes the right to update dyn.example out of the configuration.
func (s *server) becomeStatic() {
	s.t.Helper()
	files, _ := filepath.Glob("/etc/bind/named.conf*")
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(s.t, err)
		before, zone, found := strings.Cut(string(text), `zone "dyn.example"`)
		if !found {
			continue
		}
		lines := strings.Split(zone, "\n")
		for i, line := range lines {
			if word := strings.TrimSpace(line); strings.HasPrefix(word, "allow-update") || strings.HasPrefix(word, "update-policy") {
				lines[i] = ""
				break
			}
		}
		must(s.t, os.WriteFile(file, []byte(before+`zone "dyn.example"`+strings.Join(lines, "\n")), 0o644))
		return
	}
	s.t.Fatal("no configuration has dyn.example")
}

func appendTo(t *testing.T, file, text string) {
	t.Helper()
	old, err := os.ReadFile(file)
	must(t, err)
	must(t, os.WriteFile(file, append(old, text...), 0o644))
}

// TestLiveRollbackRunning shows that a rollback does not take the files from a
// server in the jail.
func TestLiveRollbackRunning(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, debian())
		s.apply()
		s.startJailed()
		r := s.product("rollback").want(t, 1)
		if !strings.Contains(r.err, "NJ510") || !strings.Contains(r.err, strconv.Itoa(s.pid)) {
			t.Error(r)
		}
		s.exercise("192.0.2.150")
		s.stop()
		s.product("rollback").want(t, 0)
	})
}
