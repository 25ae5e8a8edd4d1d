//go:build linux

package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

// startConf is a server with one zone that takes a while to load and one that
// takes updates. rndc finds the package's key.
const startConf = `
options { directory "/var/cache/bind"; listen-on { 127.0.0.1; }; listen-on-v6 { none; }; recursion no;
	dnssec-validation no; notify no; pid-file "/run/named/named.pid"; };
zone "small.example" { type primary; file "/etc/bind/db.small"; };
zone "big.example" { type primary; file "/etc/bind/db.big"; };
zone "dyn.example" { type primary; file "/var/lib/bind/db.dyn"; allow-update { 127.0.0.1; }; };
`

const startZone = "$TTL 300\n@ SOA ns.root.test. hostmaster.root.test. 1 60 60 86400 60\n@ NS ns.root.test.\nwww A 192.0.2.1\n"

// bigRecords is enough for a load that takes a while.
const bigRecords = 40000

// releases are the systems that a start is tested on: the installed BIND, and
// those below $NAMED_JAIL_BIND916 and _BIND920.
var releases = []struct{ name, variable string }{{"installed", ""}, {"9.16", "NAMED_JAIL_BIND916"}, {"9.20", "NAMED_JAIL_BIND920"}}

// onReleases runs body in a clone of each system.
func onReleases(t *testing.T, body func(t *testing.T)) {
	for _, r := range releases {
		root := or(os.Getenv(r.variable), "/")
		if r.variable != "" && root == "/" && os.Getenv(cloneStage) == "" {
			continue
		}
		t.Run(r.name, func(t *testing.T) { inCloneOf(t, root, body) })
	}
}

// starter is the install of startConf in a clone, with a stand-in for the
// service manager and one for syslogd.
type starter struct {
	t       *testing.T
	manager *datagrams
	syslog  *datagrams
}

// newStarter sets the clone up as systemd leaves a host, where /dev/log is a
// link to the journal's socket, or as a plain syslogd does.
func newStarter(t *testing.T, systemd bool) *starter {
	t.Helper()
	writeFile(t, "/etc/bind/named.conf", startConf)
	for path, text := range map[string]string{"/etc/bind/db.small": startZone, "/var/lib/bind/db.dyn": startZone,
		"/etc/bind/db.big": startZone + fmt.Sprintf("$GENERATE 1-%d h$ A 192.0.2.1\n", bigRecords)} {
		writeFile(t, path, text)
	}
	if err := os.MkdirAll("/run/named", 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, "ip", "link", "set", "lo", "up").want(t, 0)
	run(t, "chown", "bind:bind", "/run/named", "/var/lib/bind", "/var/lib/bind/db.dyn", "/etc/bind/rndc.key").want(t, 0)
	s := &starter{t: t}
	logs := "/dev/log"
	if systemd {
		for _, dir := range []string{"/run/systemd/system", "/run/systemd/journal"} {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		logs = "/run/systemd/journal/dev-log"
		if err := os.Symlink(logs, "/dev/log"); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll("/run/systemd", 0o755); err != nil {
		t.Fatal(err)
	}
	s.syslog = listenDatagrams(t, logs)
	s.manager = listenDatagrams(t, "/run/systemd/notify")
	t.Cleanup(func() {
		for _, pid := range namedProcesses(t, 0) {
			stopProcess(t, pid)
		}
		if t.Failed() {
			t.Logf("the service manager heard:\n%s\nthe last of syslog:\n%s", s.manager.all(), tail(s.syslog.all(), 40))
		}
	})
	return s
}

func tail(text string, lines int) string {
	all := strings.Split(text, "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// datagrams is a socket and what has come in by it.
type datagrams struct {
	t    *testing.T
	path string
	mu   sync.Mutex
	got  []datagram
	conn *net.UnixConn
}

// datagram is a message, when it came, and the process that its sender says.
type datagram struct {
	text string
	pid  int
	at   time.Time
}

func listenDatagrams(t *testing.T, path string) *datagrams {
	t.Helper()
	d := &datagrams{t: t, path: path}
	d.renew()
	t.Cleanup(func() { d.conn.Close() })
	return d
}

// renew puts another socket into the place of the one there, by rename, as a
// daemon that is started anew does.
func (d *datagrams) renew() {
	d.t.Helper()
	fresh := d.path + ".new"
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: fresh, Net: "unixgram"})
	if err != nil {
		d.t.Fatal(err)
	}
	raw, err := conn.SyscallConn()
	if err == nil {
		raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PASSCRED, 1) })
	}
	if err == nil {
		err = os.Chmod(fresh, 0o777)
	}
	if err == nil {
		err = os.Rename(fresh, d.path)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	if d.conn != nil {
		d.conn.Close()
	}
	d.conn = conn
	go d.take(conn)
}

func (d *datagrams) take(conn *net.UnixConn) {
	text, rights := make([]byte, 8192), make([]byte, 1024)
	for {
		n, oobn, _, _, err := conn.ReadMsgUnix(text, rights)
		if err != nil {
			return
		}
		got := datagram{text: string(text[:n]), at: time.Now()}
		if list, err := unix.ParseSocketControlMessage(rights[:oobn]); err == nil && len(list) > 0 {
			if c, err := unix.ParseUnixCredentials(&list[0]); err == nil {
				got.pid = int(c.Pid)
			}
		}
		d.mu.Lock()
		d.got = append(d.got, got)
		d.mu.Unlock()
	}
}

func (d *datagrams) list() []datagram {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.got)
}

func (d *datagrams) all() string {
	var b strings.Builder
	for _, g := range d.list() {
		fmt.Fprintf(&b, "%s %d %q\n", g.at.Format("05.000"), g.pid, g.text)
	}
	return b.String()
}

// wait waits for the first message that holds a text.
func (d *datagrams) wait(text string) datagram {
	d.t.Helper()
	for range 200 {
		if g, ok := d.find(text); ok {
			return g
		}
		time.Sleep(50 * time.Millisecond)
	}
	d.t.Fatalf("%s: no %q has come", d.path, text)
	return datagram{}
}

func (d *datagrams) find(text string) (datagram, bool) {
	for _, g := range d.list() {
		if strings.Contains(g.text, text) {
			return g, true
		}
	}
	return datagram{}, false
}

func (d *datagrams) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.got = nil
}

// start starts a command line as the service manager does, with more variables
// in its environment.
func (s *starter) start(env []string, words ...string) *exec.Cmd {
	s.t.Helper()
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = append(os.Environ(), env...)
	out := outputFile(s.t)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		text := contents(s.t, out)
		if s.t.Failed() {
			s.t.Logf("%v printed:\n%s", words, tail(text, 40))
		}
	})
	return cmd
}

// answersAt asks without pause until the server knows a name of the big zone,
// and gives the time of that answer.
func answersAt(t *testing.T) time.Time {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if r := askOnce("www.big.example."); r != nil && r.Rcode == dns.RcodeSuccess {
			return time.Now()
		}
	}
	t.Fatal("the server does not answer")
	return time.Time{}
}

func askOnce(name string) *dns.Msg {
	q := new(dns.Msg)
	q.SetQuestion(name, dns.TypeA)
	c := dns.Client{Timeout: 100 * time.Millisecond}
	r, _, _ := c.Exchange(q, "127.0.0.1:53")
	return r
}

// hostMounts is the mount table of this process.
func hostMounts(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// mute is a named that tells the service manager nothing, as upstream's 9.18
// and everything before it: the real one behind a script.
const mute = "/usr/local/sbin/mute-named"

func makeMute(t *testing.T) {
	t.Helper()
	// the variable's name must not stand in the script
	text := "#!/bin/sh\nn=NOTIFY; unset ${n}_SOCKET\nexec /usr/sbin/named \"$@\"\n"
	writeFile(t, mute, text)
	if err := os.Chmod(mute, 0o755); err != nil {
		t.Fatal(err)
	}
}

const notifyEnv = "NOTIFY_SOCKET=/run/systemd/notify"

// TestLiveReady starts named in every way below a service manager: it hears
// READY from the main process when named answers and not before.
func TestLiveReady(t *testing.T) {
	onReleases(t, func(t *testing.T) {
		s := newStarter(t, true)
		makeMute(t)
		run(t, product, "apply", "-u", "bind").want(t, 0)
		before := hostMounts(t)
		for _, own := range [][]string{nil, {"--isolate"}, {"--named=" + mute}} {
			for _, way := range [][]string{{"-f"}, {"-g"}, nil} {
				name := strings.Join(append(append([]string{}, own...), way...), " ")
				s.manager.forget()
				cmd := s.start([]string{notifyEnv}, append(append(append([]string{product, "run"}, own...), "-u", "bind"), way...)...)
				answer := answersAt(t)
				ready := s.wantReady(cmd.Process.Pid)
				if way == nil {
					cmd.Wait()
				}
				if pid := wantOneNamed(t, 0); ready.pid != pid || way != nil && pid != cmd.Process.Pid {
					t.Errorf("%s: READY from process %d, named is %d", name, ready.pid, pid)
				}
				late := ready.at.Sub(answer)
				t.Logf("%s: READY %v after the first answer", name, late)
				if late < -100*time.Millisecond || late > time.Second {
					t.Errorf("%s: READY %v after the first answer", name, late)
				}
				wantNoMessenger(t)
				if got := hostMounts(t); got != before {
					t.Errorf("%s: the host's mounts are\n%s", name, got)
				}
				if n := strings.Count(s.manager.all(), "READY=1"); n != 1 {
					t.Errorf("%s: READY %d times:\n%s", name, n, s.manager.all())
				}
				run(t, "rndc", "-s", "127.0.0.1", "-k", "/etc/bind/rndc.key", "stop").want(t, 0)
				wantNoNamed(t, 0)
				cmd.Wait()
			}
		}
	})
}

// wantReady waits until the service manager takes a unit for ready. It listens
// to the main process only, as systemd does by default (NotifyAccess=main), and
// takes another one for it when the main process says so.
func (s *starter) wantReady(main int) datagram {
	s.t.Helper()
	for range 200 {
		main := main
		for _, g := range s.manager.list() {
			if g.pid != main {
				continue
			}
			for line := range strings.Lines(g.text) {
				if pid, ok := strings.CutPrefix(line, "MAINPID="); ok {
					main, _ = strconv.Atoi(strings.TrimSpace(pid))
				}
			}
			if strings.Contains(g.text, "READY=1") {
				return g
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatalf("the main process %d has not said that it is ready", main)
	return datagram{}
}

// wantNoMessenger shows that named alone is left.
func wantNoMessenger(t *testing.T) {
	t.Helper()
	var left []string
	for range 20 {
		left = nil
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, f := range lines {
			if text, err := os.ReadFile(f); err == nil && bytes.HasPrefix(text, []byte("named-jail")) {
				left = append(left, f)
			}
		}
		if left == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("left behind: %v", left)
}

// accountID is the number of the account that named runs as.
func accountID(t *testing.T, name string) int {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	id, _ := strconv.Atoi(u.Uid)
	return id
}
