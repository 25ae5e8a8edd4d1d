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
// answering, takes all of it in, and loses no update. (A zone whose file has
// another name is a new one for named, which has no answer until it has read it;
// the queries are for another zone.)
func TestLiveApplyJailed(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, debian())
		s.apply()
		s.startJailed()
		s.exercise("192.0.2.150")
		queries := queryLoop("www.slave.example")
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

// noLive are what makes --live impossible beside a jailed server, and words of
// the message.
var noLive = []struct{ name, spoil, repair, says string }{
	{"no rndc", "mv /usr/sbin/rndc /usr/sbin/rndc.away", "mv /usr/sbin/rndc.away /usr/sbin/rndc", "no rndc beside"},
	{"no key", "mv /etc/bind/rndc.key /etc/bind/away", "mv /etc/bind/away /etc/bind/rndc.key", "is there"},
	{"unreadable key", "mv /etc/bind/rndc.key /etc/bind/away; mkdir /etc/bind/rndc.key", "rmdir /etc/bind/rndc.key; mv /etc/bind/away /etc/bind/rndc.key", "failed"},
	{"wrong key", "cp -a /etc/bind/rndc.key /tmp/key; tsig-keygen rndc-key >/etc/bind/rndc.key", "cat /tmp/key >/etc/bind/rndc.key", "connection to remote host closed"},
	{"no channel", "cp /etc/bind/named.conf /tmp/conf; echo 'controls { };' >>/etc/bind/named.conf", "cat /tmp/conf >/etc/bind/named.conf", "no way in"},
	{"another port", "cp /etc/bind/named.conf /tmp/conf; echo 'controls { inet 127.0.0.1 port 9953 allow { any; }; };' >>/etc/bind/named.conf", "cat /tmp/conf >/etc/bind/named.conf", "does not listen on 127.0.0.1:9953"},
	{"hostile answer", `mv /usr/sbin/rndc /usr/sbin/rndc.away; printf '#!/bin/sh\nprintf "\\033[31mgone\\007\\n" >&2; exit 1\n' >/usr/sbin/rndc; chmod 755 /usr/sbin/rndc`, "mv /usr/sbin/rndc.away /usr/sbin/rndc", `\x1b[31mgone`},
}

// TestLiveApplyRefused shows what is said where the server does not allow
// --live, and that nothing was changed then.
func TestLiveApplyRefused(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, debian())
		s.apply()
		s.startJailed()
		for _, row := range noLive {
			run(t, "sh", "-ec", row.spoil).want(t, 0)
			jail := filepath.Join(s.in.jail, "etc")
			before := run(t, "find", jail, "-printf", "%p %T@ %s\\n")
			r := s.product("apply", "--live", "--no-checkconf").want(t, 1)
			if text := r.String(); !strings.Contains(text, "NJ519") || !strings.Contains(text, row.says) || !strings.Contains(text, "rndc stop") {
				t.Errorf("%s: %q is not in\n%s", row.name, row.says, r)
			}
			if strings.ContainsAny(r.err, "\x1b\x07") {
				t.Errorf("%s: control bytes: %q", row.name, r.err)
			}
			if after := run(t, "find", jail, "-printf", "%p %T@ %s\\n"); after.out != before.out {
				t.Errorf("%s: the jail was changed:\n%s\n%s", row.name, before, after)
			}
			run(t, "sh", "-ec", row.repair).want(t, 0)
		}
		s.product("apply", "--live").want(t, 0)
		s.exercise("192.0.2.150")
		s.stop()
	})
}

// TestLiveApplyChannel shows that the control channel is found where the
// configuration has it, with a key of its own, which stands in no command line;
// and that a zone which the administrator froze stays frozen.
func TestLiveApplyChannel(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, debian())
		appendTo(t, "/etc/bind/named.conf", "key \"own key\" { algorithm hmac-sha256; secret \"c2VjcmV0IG9mIGEgdGVzdA==\"; };\n"+
			"controls { inet 127.0.0.3 port 9953 allow { any; } keys { \"own key\"; }; };\n")
		must(t, os.Remove("/etc/bind/rndc.key"))
		s.apply()
		s.startJailed()
		writeFile(t, "/tmp/rndc.conf", "key \"own key\" { algorithm hmac-sha256; secret \"c2VjcmV0IG9mIGEgdGVzdA==\"; };\n"+
			"options { default-key \"own key\"; default-server 127.0.0.3; default-port 9953; };\n")
		s.in.rndc = []string{"-c", "/tmp/rndc.conf"}
		s.rndc("freeze", "dyn.example").want(t, 0)
		s.newZone("fresh.example")
		s.becomeStatic()
		if r := s.product("apply", "--live").want(t, 0); strings.Contains(r.err, "rndc thaw") {
			t.Errorf("%s\nthe zone was frozen before", r)
		}
		wantAnswer(t, question{name: "www.fresh.example", answer: "192.0.2.170"})
		s.stop()
	})
}

// strangers are other ways in which named may run unjailed on the files, in
// which neither its file nor its root directory tells.
var strangers = []struct{ name, start string }{
	{"from another place", "mkdir -p /opt/bind; cp /usr/sbin/named /opt/bind/named; /opt/bind/named -u bind"},
	{"by another name", "mkdir -p /opt/bind; cp /usr/sbin/named /opt/bind/dnsd; /opt/bind/dnsd -u bind"},
	{"upgraded since", "named -u bind; cp /usr/sbin/named /usr/sbin/new; mv /usr/sbin/new /usr/sbin/named"},
	{"with its own mounts", "unshare -m named -u bind"},
	{"with another root directory", `mount -t tmpfs none /mnt
		for d in bin dev etc lib lib64 proc run sbin srv tmp usr var; do [ -e /$d ] && mkdir /mnt/$d && mount --rbind /$d /mnt/$d; done
		chroot /mnt /usr/sbin/named -u bind`},
}

// TestLiveStrangers shows that each of them is noticed.
func TestLiveStrangers(t *testing.T) {
	for _, row := range strangers {
		t.Run(strings.ReplaceAll(row.name, " ", "-"), func(t *testing.T) {
			inClone(t, func(t *testing.T) {
				s := newServer(t, debian())
				run(t, "sh", "-ec", row.start).want(t, 0)
				wantAnswer(t, question{name: "www.slave.example", answer: "192.0.2.101"})
				r := s.product("apply").want(t, 1)
				if !strings.Contains(r.err, "NJ510") || !strings.Contains(r.err, "kill -TERM") {
					t.Error(r)
				}
				if _, err := os.Readlink(s.in.dynamic); err == nil {
					t.Error("the zone was moved")
				}
				s.rndc("stop").want(t, 0)
				waitUntil(t, "named ended", func() bool { _, err := os.Lstat("/run/named/named.pid"); return err != nil })
				s.product("apply").want(t, 0)
			})
		})
	}
}

// TestLiveStalePIDFile shows that a pid file left over, whose number another
// process of root's has by now, stops nothing.
func TestLiveStalePIDFile(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, debian())
		cmd := exec.Command("sleep", "100")
		must(t, cmd.Start())
		writeFile(t, "/run/named/named.pid", strconv.Itoa(cmd.Process.Pid)+"\n")
		s.product("apply").want(t, 0)
		s.startJailed()
		s.stop()
		must(t, cmd.Process.Kill())
		cmd.Wait()
	})
}

// waitUntil waits up to ten seconds.
func waitUntil(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 100 {
		if is() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("waited in vain until %s", what)
}
