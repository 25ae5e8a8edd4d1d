package jail_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"named-jail/command"
	"named-jail/jail"
)

// programEnv makes this test program the whole of named-jail. The reader that it
// starts has no environment.
const programEnv = "NAMED_JAIL_TEST_PROGRAM"

func init() {
	if os.Getenv(programEnv) != "" || command.Reads(os.Args) {
		os.Exit(command.Main(os.Args))
	}
}

// maxCommand is more than any command may take here.
const maxCommand = 20 * time.Second

// program runs the whole of named-jail on a world. kill, unless 0, is when it is
// killed.
func program(t *testing.T, w jail.RacedWorld, kill time.Duration, words ...string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), maxCommand)
	defer cancel()
	args := append(words, "--root", w.Root(), "-t", "/var/named", "-u", "named")
	switch words[0] {
	case "rollback", "history", "prune":
	default:
		args = append(args, "-c", "/etc/bind/named.conf", "--bind-version", "9.18", "--no-checkconf")
	}
	cmd := exec.CommandContext(ctx, "/proc/self/exe", args...)
	cmd.Env = []string{programEnv + "=1", "PATH=/nowhere", "NAMED_JAIL_NAMED=/nowhere/named", "NO_COLOR=1"}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if kill > 0 {
		timer := time.AfterFunc(kill, func() { cmd.Process.Kill() })
		defer timer.Stop()
	}
	cmd.Wait()
	status, text := cmd.ProcessState.ExitCode(), out.String()
	if ctx.Err() != nil {
		t.Errorf("%v hangs:\n%s", words, text)
	}
	judgeTalk(t, words, text)
	switch {
	case kill > 0 && status == -1:
	case status != 0 && status != 1:
		t.Errorf("%v ended with status %d:\n%s", words, status, text)
	case status == 1 && !strings.Contains(text, "error"):
		t.Errorf("%v failed and does not say why:\n%s", words, text)
	}
	return status, text
}

// judgeTalk looks at what a command prints.
func judgeTalk(t *testing.T, words []string, text string) {
	t.Helper()
	for _, mark := range []string{"SECRETSECRET", "NOTESNOTES", "panic:", "goroutine "} {
		if strings.Contains(text, mark) {
			t.Errorf("%v says %q:\n%s", words, mark, text)
		}
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < 0x20 && r != '\n' && r != '\t' || r == 0x7f || r == 0xfffd }) {
		t.Errorf("%v writes raw control characters: %q", words, text)
	}
}

// TestRacesOfTheProgram is TestRaces for the commands, which read zones that
// named can write as root.
func TestRacesOfTheProgram(t *testing.T) {
	jail.InMemory(t)
	racer, s := jail.NewRacer(t), newStarter(t)
	for _, work := range []struct {
		name   string
		jailed bool // an apply stands before it begins
		stable bool // what lies in the jail stays
		do     func(t *testing.T, w jail.RacedWorld)
	}{
		{"check", false, false, func(t *testing.T, w jail.RacedWorld) {
			program(t, w, 0, "check", "--no-cache")
			program(t, w, 0, "check", "--json")
			program(t, w, 0, "plan")
		}},
		{"apply", false, false, func(t *testing.T, w jail.RacedWorld) {
			program(t, w, 0, "apply", "--keep-going")
			program(t, w, 0, "apply")
		}},
		{"check of the jail", true, true, func(t *testing.T, w jail.RacedWorld) {
			program(t, w, 0, "check")
			program(t, w, 0, "plan", "-v")
			program(t, w, 0, "apply", "--keep-going")
		}},
		{"rollback", true, false, func(t *testing.T, w jail.RacedWorld) {
			program(t, w, 0, "rollback", "-v")
			program(t, w, 0, "apply")
			program(t, w, 0, "rollback", "--json")
		}},
		{"run", false, false, func(t *testing.T, w jail.RacedWorld) {
			s.run(t, w)
			s.run(t, w)
		}},
		{"run in the jail", true, true, func(t *testing.T, w jail.RacedWorld) {
			s.run(t, w)
			program(t, w, 0, "history")
			program(t, w, 0, "prune", "--older-than", "0", "--saved", "--yes")
			s.run(t, w)
		}},
		{"killed", false, false, func(t *testing.T, w jail.RacedWorld) {
			program(t, w, time.Duration(5+rand.IntN(25))*time.Millisecond, "apply", "--keep-going")
			program(t, w, time.Duration(5+rand.IntN(25))*time.Millisecond, "rollback")
			program(t, w, 0, "apply")
		}},
	} {
		t.Run(work.name, func(t *testing.T) {
			rounds, exchanges, sound := 0, 0, 0
			for end := time.Now().Add(jail.RaceTime() / 2); time.Now().Before(end) && !t.Failed(); rounds++ {
				t.Run(strconv.Itoa(rounds), func(t *testing.T) {
					w := jail.NewRacedWorld(t)
					start := w.Start()
					if work.jailed {
						if status, text := program(t, w, 0, "apply"); status != 0 {
							t.Fatalf("the first apply: %s", text)
						}
					}
					before := w.Before(work.stable)
					traps, what := w.Traps(rounds, work.jailed)
					racer.Start(traps)
					work.do(t, w)
					exchanges += racer.Stop()
					w.Unharmed(what, before)
					if t.Failed() {
						t.Log(what)
						return
					}
					w.Calm()
					status, text := program(t, w, 0, "rollback")
					if status != 0 && !strings.Contains(text, "NJ516") {
						t.Errorf("%s: rollback when all is quiet: %s", what, text)
					} else if status == 0 {
						sound++
					}
					w.Same(what+", after all", start)
				})
			}
			t.Logf("%d rounds, %d exchanges, %d rollbacks at the end", rounds, exchanges, sound)
		})
	}
}
