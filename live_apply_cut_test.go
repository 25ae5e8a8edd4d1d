//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestLiveApplyStopped stops apply --live by each signal as soon as a zone is
// frozen. The zone is thawed, and everything is as it was.
func TestLiveApplyStopped(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, debian())
		s.apply()
		s.startJailed()
		s.update("192.0.2.150")
		s.becomeStatic()
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
			cmd := exec.Command(product, append([]string{"apply", "--live"}, s.in.dropIn...)...)
			out, err := cmd.StderrPipe()
			must(t, err)
			must(t, cmd.Start())
			begin := time.Now()
			var said strings.Builder
			lines := bufio.NewScanner(out)
			for sent := false; lines.Scan(); {
				fmt.Fprintln(&said, lines.Text())
				if !sent && strings.Contains(lines.Text(), "takes no updates") {
					sent = true
					must(t, cmd.Process.Signal(sig))
				}
			}
			if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 1 || !strings.Contains(said.String(), "NJ509") {
				t.Errorf("%v: %v\n%s", sig, err, said.String())
			}
			t.Logf("%v: ended after %v", sig, time.Since(begin))
			if strings.Contains(said.String(), "NJ520") {
				t.Errorf("%v: %s", sig, said.String())
			}
			waitUntil(t, "the zone is thawed", func() bool { return strings.Contains(s.rndc("zonestatus", "dyn.example").out, "frozen: no") })
			s.update("192.0.2.15" + fmt.Sprint(int(sig)%10))
		}
		s.product("apply", "--live").want(t, 0)
		s.stop()
	})
}

// TestLiveTogether runs apply, apply --live, rollback and starts as processes
// of their own at the same time, again and again. Each does its work or is
// refused in words; nothing that was acknowledged is lost, and in the end the
// server is served from the jail.
func TestLiveTogether(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, debian())
		s.startBare()
		s.update("192.0.2.150")
		s.stop()
		commands := [][]string{{"apply"}, {"apply", "--live"}, {"rollback"}, {"apply", "--live"}, {"run"}}
		done := map[string]int{}
		for round := range 4 {
			var all sync.WaitGroup
			results := make([]result, len(commands))
			for i, words := range commands {
				words := append(append([]string{product}, words...), s.in.dropIn...)
				if commands[i][0] == "rollback" {
					words = []string{product, "rollback", "-t", s.in.jail}
				}
				all.Go(func() { results[i] = run(t, words...) })
			}
			all.Wait()
			for i, r := range results {
				switch {
				case r.status == 0:
					done[commands[i][0]]++
				case r.status != 1 || !strings.Contains(r.err, "[NJ5"):
					t.Errorf("round %d: %s", round, r)
				case strings.Contains(r.err, "panic"):
					t.Error(r)
				}
			}
			for _, pid := range namedProcesses(t, s.remote) {
				stopProcess(t, pid)
			}
		}
		t.Logf("done: %v", done)
		s.product("apply").want(t, 0)
		s.startJailed()
		wantAnswer(t, question{name: "updated.dyn.example", answer: "192.0.2.150"})
		s.exercise("192.0.2.151")
		s.stop()
		time.Sleep(100 * time.Millisecond)
		s.product("rollback").want(t, 0)
		s.startBare()
		wantAnswer(t, question{name: "updated.dyn.example", answer: "192.0.2.151"})
		s.stop()
	})
}
