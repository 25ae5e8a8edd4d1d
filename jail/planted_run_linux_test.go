package jail_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"named-jail/jail"
)

// starter is named-jail and a named that can be run with a world as the root
// directory: run knows no other one.
type starter struct{ product, named string }

// silentNamed answers what it is asked, and is done when it is started.
const silentNamed = `package main

import "os"

func main() {
	for _, a := range os.Args[1:] {
		if a == "-v" || a == "-V" {
			println("")
			os.Stdout.WriteString("BIND 9.18.49 (Extended Support Version) <id:>\n")
		}
	}
}
`

func newStarter(t *testing.T) starter {
	t.Helper()
	dir := t.TempDir()
	s := starter{filepath.Join(dir, "named-jail"), filepath.Join(dir, "named")}
	source := filepath.Join(dir, "named.go")
	if err := os.WriteFile(source, []byte(silentNamed), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"build", "-o", s.product, "named-jail"}, {"build", "-o", s.named, source}} {
		cmd := exec.Command("go", args...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
	return s
}

// run is "named-jail run" on a world.
func (s starter) run(t *testing.T, w jail.RacedWorld) (int, string) {
	t.Helper()
	programs := filepath.Join(w.Root(), "programs")
	if err := os.Mkdir(programs, 0o755); err == nil {
		for _, p := range []string{s.product, s.named} {
			if err := os.Link(p, filepath.Join(programs, filepath.Base(p))); err != nil {
				t.Fatal(err)
			}
		}
	}
	null := filepath.Join(w.Root(), "dev/null")
	if err := os.MkdirAll(filepath.Dir(null), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mknod(null, unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))); err != nil && err != unix.EEXIST {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), maxCommand)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/programs/named-jail", "run", "--no-checkconf", "-t", "/var/named", "-u", "named", "-c", "/etc/bind/named.conf")
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: w.Root()}
	cmd.Dir, cmd.Env = "/", []string{"PATH=/nowhere", "NAMED_JAIL_NAMED=/programs/named", "NO_COLOR=1"}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	status, text := cmd.ProcessState.ExitCode(), out.String()
	if ctx.Err() != nil {
		t.Errorf("run hangs:\n%s", text)
	}
	judgeTalk(t, []string{"run"}, text)
	if status != 0 && (status != 1 || !strings.Contains(text, "error")) {
		t.Errorf("run ended with status %d:\n%s", status, text)
	}
	return status, text
}

// TestPlantedForTheProgram plants things where named writes, and lets every
// command come by.
func TestPlantedForTheProgram(t *testing.T) {
	jail.InMemory(t)
	s := newStarter(t)
	for _, name := range jail.Plants() {
		t.Run(name, func(t *testing.T) {
			w := jail.NewRacedWorld(t)
			start := w.Start()
			if status, text := program(t, w, 0, "apply"); status != 0 {
				t.Fatalf("the first apply: %s", text)
			}
			w.Plant(name)
			before := w.Before(true)
			for _, words := range [][]string{{"check", "--no-cache"}, {"check", "--json"}, {"plan"}, {"apply"}, {"apply", "--keep-going"},
				{"run"}, {"history"}, {"prune", "--older-than", "0", "--yes"}, {"prune", "--older-than", "0", "--saved", "--yes"}} {
				if words[0] == "run" {
					s.run(t, w)
				} else {
					program(t, w, 0, words...)
				}
				w.Unharmed(words[0]+", "+name, before)
			}
			if status, text := program(t, w, 0, "rollback", "-v"); status != 0 {
				t.Errorf("rollback: %s", text)
			}
			w.Same(name+", after all", start)
		})
	}
}

// TestRacedConfiguration lets named exchange a configuration file that it can
// write for one of root's and back: whose word a line is, is known from the file
// that it was read from.
func TestRacedConfiguration(t *testing.T) {
	jail.InMemory(t)
	racer, s := jail.NewRacer(t), newStarter(t)
	rounds, exchanges := 0, 0
	for end := time.Now().Add(jail.RaceTime() / 2); time.Now().Before(end) && !t.Failed(); rounds++ {
		w := jail.NewRacedWorld(t)
		traps := w.EvilInclude()
		before := w.Before(false)
		racer.Start(traps)
		program(t, w, 0, "check", "--no-cache")
		program(t, w, 0, "plan")
		program(t, w, 0, "apply", "--keep-going")
		s.run(t, w)
		exchanges += racer.Stop()
		w.Unharmed("an include file exchanged", before)
	}
	t.Logf("%d rounds, %d exchanges", rounds, exchanges)
	if exchanges < rounds {
		t.Error("the racer did not race")
	}
}
