package launcher

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAliveWhileExecuting shows that a process counts as alive at every moment of
// executing programs, also from another thread than its first, and as ended when
// it has ended, whether its parent has noticed or not.
func TestAliveWhileExecuting(t *testing.T) {
	cmd := exec.Command("/proc/self/exe", "300")
	cmd.Env = append(os.Environ(), roleVariable+"=again")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s, ok := readStat(cmd.Process.Pid)
	if !ok {
		t.Fatal("it is not there")
	}
	r := Readiness{PID: cmd.Process.Pid, Start: s.start}
	ended := func() bool { // without taking notice for Wait
		var info unix.Siginfo
		err := unix.Waitid(unix.P_PID, r.PID, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
		return err != nil || info.Signo != 0
	}
	looks, odd := 0, 0
	for !ended() {
		if s, ok := readStat(r.PID); ok && s.state == "Z" {
			odd++
		}
		if looks++; !r.alive() && !ended() {
			t.Fatalf("look %d: the process is said to have ended", looks)
		}
	}
	if r.alive() {
		t.Error("what has ended is said to be alive")
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if r.alive() {
		t.Error("what has ended and is gone is said to be alive")
	}
	t.Logf("%d looks, about %d of them at a first thread that had ended before the others", looks, odd)
}
