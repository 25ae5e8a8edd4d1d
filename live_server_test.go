//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// result is what a command did.
type result struct {
	args   []string
	status int
	out    string // standard output
	err    string // standard error
}

func (r result) String() string {
	return strings.Join(r.args, " ") + ": status " + strconv.Itoa(r.status) + "\n" + r.out + r.err
}

// run runs a command of the clone, with a time limit. What it prints goes
// through files, because a daemon that it leaves behind would hold a pipe open.
func run(t *testing.T, args ...string) result {
	t.Helper()
	return runInput(t, "", args...)
}

func runInput(t *testing.T, input string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	stdout, stderr := outputFile(t), outputFile(t)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), stdout, stderr
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	r := result{args: args, out: contents(t, stdout), err: contents(t, stderr)}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		t.Fatalf("%s\nhangs", r)
	case errors.As(err, &exit):
		r.status = exit.ExitCode()
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		t.Fatalf("%v: %v", args, err)
	}
	return r
}

func outputFile(t *testing.T) *os.File {
	t.Helper()
	f, err := os.CreateTemp("/tmp", "output-")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func contents(t *testing.T, f *os.File) string {
	t.Helper()
	text, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	os.Remove(f.Name())
	return string(text)
}

// want fails the test when the command ended with another status.
func (r result) want(t *testing.T, status int) result {
	t.Helper()
	if r.status != status {
		t.Fatalf("%s\nwant status %d", r, status)
	}
	return r
}

// logLines is what the servers of the clone said to syslog.
type logLines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// logNoise is what named says at every start, and about a network that is not
// there.
var logNoise = regexp.MustCompile(`built with|compiled (by|with)|linked to|-----|BIND 9 is|Inc\. \(ISC\)|corporation\.|available at|` +
	`algorithms:|TKEY mode|network unreachable|running on|UDP listeners|port range|automatic empty zone`)

// startNetwork sets up the clone's loopback interface and listens on /dev/log.
// On failure of the test the log is shown.
func startNetwork(t *testing.T) *logLines {
	t.Helper()
	run(t, "ip", "link", "set", "lo", "up").want(t, 0)
	run(t, "ip", "addr", "add", "127.0.0.2/8", "dev", "lo").want(t, 0)
	run(t, "ip", "addr", "add", "127.0.0.3/8", "dev", "lo").want(t, 0)
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: "/dev/log", Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod("/dev/log", 0o666); err != nil {
		t.Fatal(err)
	}
	l := &logLines{}
	go func() {
		buf := make([]byte, 8192)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			l.mu.Lock()
			l.text.Write(buf[:n])
			l.text.WriteByte('\n')
			l.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		if t.Failed() {
			l.mu.Lock()
			defer l.mu.Unlock()
			lines := slices.DeleteFunc(strings.Split(l.text.String(), "\n"), func(line string) bool {
				return logNoise.MatchString(line)
			})
			t.Logf("the last of syslog:\n%s", strings.Join(lines[max(0, len(lines)-60):], "\n"))
		}
	})
	return l
}

// remote is the primary server of the secondary zones, the root of the test
// network and the server of a zone that only the root leads to. It runs bare,
// on port 5399 too, because the server under test may take every port 53.
const remoteConf = `
options { directory "/srv/remote"; listen-on { 127.0.0.2; }; listen-on port 5399 { 127.0.0.2; };
	listen-on-v6 { none; }; pid-file none;
	session-keyfile none; recursion no; dnssec-validation no; allow-transfer { any; }; notify no; };
controls { };
zone "." { type primary; file "root"; };
zone "elsewhere.test" { type primary; file "elsewhere"; };
zone "slave.example" { type primary; file "slave"; };
`

// startRemote starts the remote server and gives its process number.
func startRemote(t *testing.T) int {
	t.Helper()
	const soa = "$TTL 300\n@ SOA ns.root.test. hostmaster.root.test. 1 60 60 86400 60\n@ NS ns.root.test.\n"
	writeFile(t, "/srv/remote/named.conf", remoteConf)
	writeFile(t, "/srv/remote/root", soa+"ns.root.test. A 127.0.0.2\nelsewhere.test. NS ns.root.test.\n")
	writeFile(t, "/srv/remote/elsewhere", soa+"www A 192.0.2.200\n")
	setRemoteSlave(t, 1, "192.0.2.101")
	cmd := exec.Command("named", "-c", "/srv/remote/named.conf", "-f")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go cmd.Wait()
	t.Cleanup(func() { stopProcess(t, cmd.Process.Pid) })
	wantAnswer(t, question{remote: true, name: "www.slave.example", answer: "192.0.2.101"})
	return cmd.Process.Pid
}

// setRemoteSlave writes the zone slave.example as its primary has it.
func setRemoteSlave(t *testing.T, serial int, address string) {
	t.Helper()
	writeFile(t, "/srv/remote/slave", "$TTL 300\n@ SOA ns.root.test. hostmaster.root.test. "+strconv.Itoa(serial)+
		" 60 60 86400 60\n@ NS ns.root.test.\nwww A "+address+"\n")
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// question is one query and what dig +short has to print: the answers, sorted,
// blank between them. An empty answer stands for SERVFAIL or a refusal.
type question struct {
	remote bool   // ask the remote server instead
	from   string // source address, any when empty
	key    string // "algorithm:name:secret" of TSIG, none when empty
	name   string
	kind   string // A when empty
	answer string
}

// ask asks once.
func ask(t *testing.T, q question) string {
	t.Helper()
	args := []string{"dig", "+short", "+time=3", "+tries=1"}
	if q.remote {
		args = append(args, "@127.0.0.2", "-p", "5399")
	} else {
		args = append(args, "@127.0.0.1")
	}
	if q.from != "" {
		args = append(args, "-b", q.from)
	}
	if q.key != "" {
		args = append(args, "-y", q.key)
	}
	args = append(args, q.name, or(q.kind, "A"))
	r := run(t, args...)
	if r.status != 0 {
		return "dig failed: " + r.out
	}
	return strings.Join(strings.Fields(r.out), " ")
}

// wantAnswer asks until the answer is right, because a server loads zones after
// it says that it has started; at most ten seconds.
func wantAnswer(t *testing.T, q question) {
	t.Helper()
	var got string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if got = ask(t, q); got == q.answer {
			return
		}
	}
	t.Fatalf("%+v: the answer is %q", q, got)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// namedProcesses gives the processes of the clone that run named, without the
// remote server.
func namedProcesses(t *testing.T, remote int) []int {
	t.Helper()
	var pids []int
	exes, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, exe := range exes {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(exe)))
		if target, err := os.Readlink(exe); err == nil && filepath.Base(target) == "named" && pid != remote {
			pids = append(pids, pid)
		}
	}
	return pids
}

// wantOneNamed waits until exactly one named runs, and gives its number.
func wantOneNamed(t *testing.T, remote int) int {
	t.Helper()
	var pids []int
	for range 50 {
		if pids = namedProcesses(t, remote); len(pids) == 1 {
			return pids[0]
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("one named should run; these do: %v", pids)
	return 0
}

// wantNoNamed waits until no named runs but the remote one.
func wantNoNamed(t *testing.T, remote int) {
	t.Helper()
	var pids []int
	for range 100 {
		if pids = namedProcesses(t, remote); len(pids) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("named still runs: %v", pids)
}

// stopProcess ends a process that the test started, gently and then not.
func stopProcess(t *testing.T, pid int) {
	t.Helper()
	for i := range 50 {
		signal := unix.SIGTERM
		if i == 40 {
			signal = unix.SIGKILL
		}
		if i == 0 || i == 40 {
			unix.Kill(pid, signal)
		}
		if _, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe"); err != nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("process %d cannot be ended", pid)
}

// hangUp makes a server read its zones again.
func hangUp(t *testing.T, pid int) {
	t.Helper()
	if err := unix.Kill(pid, unix.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

// sameFile tells whether two paths lead to one file or directory.
func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(one, other)
}
