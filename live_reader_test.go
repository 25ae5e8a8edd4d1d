//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// checkLong starts a check of a zone that takes long, and gives the number of its reader
// when that is at work.
func checkLong(t *testing.T, args ...string) (cmd *exec.Cmd, out *bytes.Buffer, reader int) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: without it there is no reader")
	}
	dir := t.TempDir()
	zone, conf := filepath.Join(dir, "db"), filepath.Join(dir, "named.conf")
	text := "$TTL 300\n@ SOA ns h 1 3 2 6 5\n NS ns\nns A 192.0.2.1\n" + strings.Repeat("; a zone that is not sent by its bytes\n", 1000) +
		"$GENERATE 0-9999999 h$ A 192.0.2.1\n"
	for p, s := range map[string]string{zone: text, conf: fmt.Sprintf("zone \"example\" { type primary; file %q; };\n", zone)} {
		if err := os.WriteFile(p, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out = &bytes.Buffer{}
	cmd = exec.Command(buildProduct(t), append([]string{"check", "--no-cache", "--no-checkconf", "-c", conf}, args...)...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Env = append(os.Environ(), "NAMED_JAIL_TEST_SECRET=x")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", cmd.Process.Pid))
		for _, list := range lists {
			children, _ := os.ReadFile(list)
			for _, word := range strings.Fields(string(children)) {
				name, _ := os.ReadFile("/proc/" + word + "/cmdline")
				status, _ := os.ReadFile("/proc/" + word + "/status")
				if strings.HasPrefix(string(name), "named-jail: reader") && bytes.Contains(status, []byte("\nUid:\t18")) {
					n, _ := strconv.Atoi(word)
					for open := ""; !strings.Contains(open, zone) && time.Now().Before(end); time.Sleep(time.Millisecond) {
						open = opens(n)
					}
					return cmd, out, n
				}
			}
		}
	}
	t.Fatalf("no reader was seen\n%s", out)
	return nil, nil, 0
}

// opens lists what a process has open.
func opens(process int) string {
	list, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", process))
	var b strings.Builder
	for _, fd := range list {
		to, _ := os.Readlink(fd)
		fmt.Fprintf(&b, "%s %s\n", filepath.Base(fd), to)
	}
	return b.String()
}

// ends waits for the end of a check, and for that of its reader.
func ends(t *testing.T, cmd *exec.Cmd, reader int) time.Duration {
	t.Helper()
	begun := time.Now()
	_ = cmd.Wait()
	took := time.Since(begun)
	for i := 0; ; i++ {
		name, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", reader))
		if err != nil || !strings.HasPrefix(string(name), "named-jail: reader") {
			return took
		}
		if i > 100 {
			t.Fatalf("the reader is still there")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestLiveReader looks at the reader in the middle of a check: what it is allowed, what it
// has open and what it knows; then what an interrupt, and its own end, do.
func TestLiveReader(t *testing.T) {
	t.Run("rights", func(t *testing.T) {
		cmd, out, reader := checkLong(t)
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", reader))
		if err != nil {
			t.Fatal(err)
		}
		id := strconv.Itoa(0x70000000 + reader)
		same := "\t" + id + "\t" + id + "\t" + id + "\t" + id + "\n"
		for _, want := range []string{"\nUid:" + same, "\nGid:" + same, "\nGroups:\t \n", "\nNoNewPrivs:\t1\n",
			"\nCapInh:\t0000000000000000\n", "\nCapPrm:\t0000000000000000\n", "\nCapEff:\t0000000000000000\n", "\nCapAmb:\t0000000000000000\n"} {
			if !bytes.Contains(status, []byte(want)) {
				t.Errorf("its status lacks %q:\n%s", want, status)
			}
		}
		if env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", reader)); err != nil || string(env) != "GODEBUG=containermaxprocs=0\x00" {
			t.Errorf("its environment is %q (%v)", env, err)
		}
		limits, _ := os.ReadFile(fmt.Sprintf("/proc/%d/limits", reader))
		for _, name := range []string{"Max file size", "Max core file size"} {
			_, rest, _ := strings.Cut(string(limits), name)
			if f := strings.Fields(rest); len(f) < 2 || f[0] != "0" || f[1] != "0" {
				t.Errorf("%s: %.40s", name, rest)
			}
		}
		for line := range strings.Lines(opens(reader)) {
			fd, to, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch {
			case fd <= "2" && len(fd) == 1 && to == "/dev/null", strings.HasPrefix(to, "socket:"), strings.HasPrefix(to, "anon_inode:["), strings.HasSuffix(to, "/db"):
			default:
				t.Errorf("it has %s open", line)
			}
		}
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		if took := ends(t, cmd, reader); took > 5*time.Second || cmd.ProcessState.ExitCode() != 1 || !strings.Contains(out.String(), "NJ509") {
			t.Errorf("after %v: %v\n%s", took, cmd.ProcessState, out)
		}
	})
	t.Run("killed", func(t *testing.T) {
		cmd, out, reader := checkLong(t)
		if err := syscall.Kill(reader, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		ends(t, cmd, reader)
		if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(out.String(), "1 zone could not be judged: it was ended (signal: killed) [NJ449]") {
			t.Errorf("%v\n%s", cmd.ProcessState, out)
		}
	})
	t.Run("alone", func(t *testing.T) {
		cmd, _, reader := checkLong(t)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		ends(t, cmd, reader)
	})
}
