//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a program that runs on a terminal of its own.
type terminal struct {
	cmd    *exec.Cmd
	master *os.File
	mu     sync.Mutex
	text   bytes.Buffer
	ended  chan error
	closed chan bool
}

// onTerminal starts a program with a terminal of 100 columns for all its streams.
func onTerminal(t *testing.T, cmd *exec.Cmd) *terminal { return onScreen(t, cmd, 100) }

// onScreen starts a program with a terminal that is so many columns wide.
func onScreen(t *testing.T, cmd *exec.Cmd, columns uint16) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	if err := unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	x := &terminal{cmd: cmd, master: master, ended: make(chan error, 1), closed: make(chan bool)}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(x.closed)
		for b := make([]byte, 4096); ; {
			n, err := master.Read(b)
			x.mu.Lock()
			x.text.Write(b[:n])
			x.mu.Unlock()
			if err != nil { // EIO once the last program has closed it
				return
			}
		}
	}()
	go func() { x.ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		master.Close()
	})
	return x
}

// shown gives what the terminal has got so far.
func (x *terminal) shown() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.text.String()
}

// slowZones lays out a system whose zones take a while to read.
func slowZones(t *testing.T, zones, records int) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range slowFiles(zones, records) {
		writeFile(t, filepath.Join(root, name), text)
	}
	for name, text := range map[string]string{"etc/passwd": accounts["passwd"], "etc/group": accounts["group"], "var/lib/none": ""} {
		writeFile(t, filepath.Join(root, name), text)
	}
	return root
}

// slowFiles are a configuration and its zones that take a while to read: many that
// share one large file.
func slowFiles(zones, records int) map[string]string {
	var zone, conf strings.Builder
	zone.WriteString(zoneHead)
	for i := range records {
		fmt.Fprintf(&zone, "h%07d A 10.0.0.1\n", i)
	}
	for i := range zones {
		fmt.Fprintf(&conf, "zone \"z%d.example\" { type primary; file \"/etc/z\"; };\n", i)
	}
	return map[string]string{"etc/z": zone.String(), "etc/named.conf": conf.String()}
}

// everything lists what lies below a directory, with times.
func everything(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		fmt.Fprintln(&b, p, info.Mode(), info.Size(), info.ModTime().UnixNano())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// barLine is the bar: how far the work is, how fast it goes, the time that it
// took and the time that is left.
var barLine = regexp.MustCompile(`zone files read +\d+% [^\r]*\( ?(\d+(?:\.\d+)?(?: [kM]?B)?)/[\d.]+ [MG]B, [\d.]+ [kMG]?B/s\) \[\w+:\w+\]`)

// TestInterrupt: a long check shows on a terminal how far it is, and ^C ends it
// within a second: status 1, a message, no bar, and nothing written.
func TestInterrupt(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: check looks into another system")
	}
	product := buildProduct(t)
	for _, zones := range []int{900, 1500} { // measured by their bytes, and by their number
		root, temp := slowZones(t, zones, 200_000), t.TempDir()
		before := everything(t, root)
		cmd := exec.Command(product, "check", "--root", root, "--no-checkconf", "--color", "never")
		cmd.Env = append(os.Environ(), "TMPDIR="+temp, "TERM=xterm", "NAMED_JAIL_NAMED=")
		x := onTerminal(t, cmd)
		moves := func() bool {
			if zones > 1000 {
				return strings.Count(x.shown(), "zones/hr")+strings.Count(x.shown(), "zones/min")+strings.Count(x.shown(), "zones/s") > 5
			}
			return len(barLine.FindAllString(x.shown(), -1)) > 5
		}
		for end := time.Now().Add(20 * time.Second); !moves() && time.Now().Before(end); {
			time.Sleep(50 * time.Millisecond)
		}
		if !moves() {
			t.Fatalf("no bar: %q", x.shown())
		}
		if m := barLine.FindAllStringSubmatch(x.shown(), -1); zones < 1000 && m[0][1] == m[len(m)-1][1] {
			t.Errorf("the bar does not move: %q", x.shown())
		}
		pressed := time.Now()
		if _, err := x.master.Write([]byte{3}); err != nil { // ^C
			t.Fatal(err)
		}
		select {
		case err := <-x.ended:
			var exit *exec.ExitError
			if took := time.Since(pressed); !errors.As(err, &exit) || exit.ExitCode() != 1 || took > time.Second {
				t.Errorf("%d zones: %v, %s after ^C", zones, err, took)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%d zones: it goes on after ^C", zones)
		}
		<-x.closed
		lines := strings.Split(strings.ReplaceAll(x.shown(), "\r\n", "\n"), "\n")
		parts := strings.Split(lines[0], "\r")
		last := parts[len(parts)-1]
		if blank := parts[len(parts)-2]; !strings.HasPrefix(last, "error: stopped; nothing was changed [NJ509]") || strings.TrimSpace(strings.ReplaceAll(blank, "\x1b[2K", "")) != "" {
			t.Errorf("%d zones: the line after ^C: %q", zones, parts[max(0, len(parts)-3):])
		}
		if after := everything(t, root); after != before {
			t.Errorf("%d zones: before:\n%safter:\n%s", zones, before, after)
		}
		if left := everything(t, temp); strings.Count(left, "\n") != 1 {
			t.Errorf("%d zones: left behind:\n%s", zones, left)
		}
	}
}

// TestLiveInterrupt: ^C on a terminal ends a start before named is there: a message
// on a line of its own, status 1, and no jail.
func TestLiveInterrupt(t *testing.T) {
	inClone(t, func(t *testing.T) {
		must(t, os.MkdirAll("/dev/pts", 0o755)) // the clone has no terminals
		must(t, unix.Mount("devpts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666"))
		must(t, os.Symlink("pts/ptmx", "/dev/ptmx"))
		for name, text := range slowFiles(900, 200_000) {
			must(t, os.WriteFile("/"+name, []byte(text), 0o644))
		}
		cmd := exec.Command(product, "run", "--no-checkconf", "-t", "/var/slow", "-u", "bind", "-c", "/etc/named.conf", "-f")
		cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1")
		x := onTerminal(t, cmd)
		for end := time.Now().Add(20 * time.Second); !barLine.MatchString(x.shown()) && time.Now().Before(end); {
			time.Sleep(50 * time.Millisecond)
		}
		if _, err := x.master.Write([]byte{3}); err != nil {
			t.Fatal(err)
		}
		err := <-x.ended
		<-x.closed
		lines := strings.Split(strings.ReplaceAll(x.shown(), "\r\n", "\n"), "\n")
		parts := strings.Split(lines[0], "\r")
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 || len(parts) < 3 || !strings.HasPrefix(parts[len(parts)-1], "error: stopped; nothing was changed [NJ509]") {
			t.Errorf("%v: %q", err, x.shown())
		}
		if _, err := os.Lstat("/var/slow"); !os.IsNotExist(err) {
			t.Errorf("the jail is there: %v", err)
		}
	})
}

// TestNoBar: there is no bar on a pipe, on a dumb terminal, with --quiet and
// with --json.
func TestNoBar(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: check looks into another system")
	}
	product := buildProduct(t)
	root := slowZones(t, 20, 200_000)
	run := func(term bool, env string, more ...string) string {
		cmd := exec.Command(product, append([]string{"check", "--root", root, "--no-checkconf"}, more...)...)
		cmd.Env = append(os.Environ(), env, "NAMED_JAIL_NAMED=")
		if !term {
			out, _ := cmd.CombinedOutput()
			return string(out)
		}
		x := onTerminal(t, cmd)
		<-x.ended
		<-x.closed
		return strings.ReplaceAll(x.shown(), "\r\n", "\n")
	}
	for _, x := range []struct {
		term bool
		env  string
		more []string
		bar  bool
	}{
		{true, "TERM=xterm", nil, true}, {false, "TERM=xterm", nil, false}, {true, "TERM=dumb", nil, false},
		{true, "TERM=xterm", []string{"--quiet"}, false}, {true, "TERM=xterm", []string{"--json"}, false},
	} {
		out := run(x.term, x.env, x.more...)
		if strings.ContainsAny(out, "\r\x1b") != x.bar || strings.Contains(out, "zone files read") != x.bar {
			t.Errorf("%+v: %q", x, out)
		}
		if last := out[strings.LastIndexByte(out, '\r')+1:]; x.bar && !strings.HasPrefix(last, root) {
			t.Errorf("the bar is left over: %q", last)
		}
	}
}
