//go:build linux

package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// rndc is rndc on the host, with the package's key.
func (s *starter) rndc(words ...string) {
	s.t.Helper()
	run(s.t, append([]string{"rndc", "-s", "127.0.0.1", "-k", "/etc/bind/rndc.key"}, words...)...).want(s.t, 0)
}

// numbers are what differs in notices from start to start.
var noticeNumbers = regexp.MustCompile(`[0-9]{2,}`)

// notices starts a command line, has named read its configuration and zones
// again and stops it, and gives what the service manager heard, without numbers.
func (s *starter) notices(words ...string) []string {
	s.t.Helper()
	s.manager.forget()
	cmd := s.start([]string{notifyEnv}, words...)
	answersAt(s.t)
	time.Sleep(200 * time.Millisecond) // what speaks has spoken
	for _, what := range []string{"reload", "reconfig"} {
		s.rndc(what)
		time.Sleep(700 * time.Millisecond)
	}
	s.rndc("stop")
	wantNoNamed(s.t, 0)
	cmd.Wait()
	time.Sleep(100 * time.Millisecond)
	var heard []string
	for _, g := range s.manager.list() {
		heard = append(heard, noticeNumbers.ReplaceAllString(g.text, "N"))
	}
	return heard
}

// TestLiveNotices: what named tells the service manager at a reload and at its
// end is the same in the jail as without, also when systemd's socket is another
// one by then.
func TestLiveNotices(t *testing.T) {
	onReleases(t, func(t *testing.T) {
		s := newStarter(t, true)
		for _, way := range []string{"-f", "-g"} {
			bare := s.notices("named", "-u", "bind", way)
			run(t, product, "apply", "-u", "bind").want(t, 0)
			jailed := s.notices(product, "run", "-u", "bind", way)
			if len(bare) == 0 { // this named is mute, so READY is all that is told for it
				bare = []string{"READY=1\nMAINPID=N\n"}
			}
			if !slices.Equal(bare, jailed) {
				t.Errorf("%s: bare named tells %q, jailed %q", way, bare, jailed)
			}
			t.Logf("%s: %q", way, jailed)
			run(t, product, "rollback").want(t, 0)
		}
	})
}

// TestLiveSyslog: named's messages come in after syslogd has been started anew,
// and its notices after the service manager has, on a host of systemd and on one
// where the socket is /dev/log itself.
func TestLiveSyslog(t *testing.T) {
	for _, systemd := range []bool{true, false} {
		t.Run(fmt.Sprintf("systemd=%v", systemd), func(t *testing.T) {
			inClone(t, func(t *testing.T) {
				s := newStarter(t, systemd)
				writeFile(t, "/dev/secret/file", "x") // beside the sockets
				writeFile(t, "/run/systemd/system/x", "x")
				for _, own := range []string{"--quiet", "--isolate"} {
					s.syslogSurvives(own)
				}
				if _, err := os.Lstat("/var/named/dev/syslog/log"); err == nil {
					t.Error("the host sees the window")
				}
			})
		})
	}
}

func (s *starter) syslogSurvives(own string) {
	t := s.t
	t.Helper()
	s.manager.forget()
	cmd := s.start([]string{notifyEnv}, product, "run", own, "-u", "bind", "-f")
	s.manager.wait("READY=1")
	inside := fmt.Sprintf("/proc/%d/root", cmd.Process.Pid)
	if !sameFile(inside+"/run/systemd/notify", "/run/systemd/notify") {
		t.Error("systemd's socket is not seen in the jail")
	}
	for _, hidden := range []string{"/dev/syslog/secret/file", "/run/systemd/system/x"} {
		if _, err := os.Stat(inside + hidden); err == nil {
			t.Errorf("%s is seen in the jail", hidden)
		}
	}
	if fd, err := unix.Open(inside+"/dev/syslog/null", unix.O_RDWR, 0); err == nil {
		unix.Close(fd)
		t.Error("a device of the host can be opened in the jail")
	}
	s.syslog.renew()
	s.manager.renew()
	s.syslog.forget()
	s.manager.forget()
	s.rndc("reload")
	s.rndc("reload")
	s.syslog.wait("received control channel command 'reload'")
	s.manager.wait("RELOADING=1")
	s.rndc("stop")
	s.manager.wait("STOPPING=1")
	cmd.Wait()
	wantNoNamed(t, 0)
}

// TestLiveNoNamespace: where mounts cannot be made, named starts all the same
// and the substitutes are named; an isolation that cannot be had is refused.
func TestLiveNoNamespace(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newStarter(t, true)
		without := []string{"setpriv", "--bounding-set", "-sys_admin", product, "run"}
		r := run(t, append(without, "--isolate", "-u", "bind")...).want(t, 1)
		if !strings.Contains(r.err, "NJ612") || !strings.Contains(r.err, "--isolate") {
			t.Errorf("%s", r)
		}
		wantNoNamed(t, 0)
		r = run(t, append([]string{"env", notifyEnv}, append(without, "-u", "bind")...)...).want(t, 0)
		for _, want := range []string{"NJ611", "syslogd -a /var/named/dev/log", "imuxsock", "Type=forking"} {
			if !strings.Contains(r.err, want) {
				t.Errorf("%s\nno %q", r, want)
			}
		}
		answersAt(t)
		s.rndc("stop")
		wantNoNamed(t, 0)
		// a socket in a directory that the jail needs itself
		for _, dir := range []string{"/etc", "/var/run"} {
			r = run(t, "env", "NOTIFY_SOCKET="+dir+"/notify", product, "run", "-u", "bind").want(t, 0)
			if !strings.Contains(r.err, dir+" in the jail is in use") {
				t.Errorf("%s", r)
			}
			answersAt(t)
			s.rndc("stop")
			wantNoNamed(t, 0)
		}
	})
}
