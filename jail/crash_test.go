//go:build linux

package jail

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// errKilled stands for a process that is gone: nothing is changed any more.
var errKilled = errors.New("killed")

// countCalls gives the number of changing calls that do makes.
func countCalls(do func()) int {
	n := 0
	hook = func(string, string) error { n++; return nil }
	defer func() { hook = nil }()
	do()
	return n
}

// failAt makes the call number at fail, and with forever all later ones too.
func failAt(at int, err error, forever bool) {
	n := 0
	hook = func(string, string) error {
		n++
		if n == at || forever && n > at {
			return err
		}
		return nil
	}
}

// stride leaves out points where the tests are asked to be short.
func stride() int {
	if testing.Short() {
		return 6
	}
	return 1
}

// noTemps fails when a temporary file was left behind anywhere.
func (w *world) noTemps(what string) {
	w.t.Helper()
	w.must(filepath.WalkDir(w.root, func(p string, d fs.DirEntry, err error) error {
		name := filepath.Base(p)
		if err == nil && (strings.HasPrefix(name, ".named") || strings.HasPrefix(name, ".db") || strings.HasPrefix(name, ".manifest") || strings.HasSuffix(name, ".new")) {
			w.t.Errorf("%s: %s was left behind", what, p)
		}
		return err
	}))
}

// scenario makes a world and what is to be done in it.
type scenario struct {
	name string
	make func(t *testing.T) (*world, func(w *world) error)
}

var scenarios = []scenario{
	{"first apply", func(t *testing.T) (*world, func(*world) error) {
		return newWorld(t), func(w *world) error { _, _, err := w.apply(wantAll(), PlanOptions{}); return err }
	}},
	{"second apply", func(t *testing.T) (*world, func(*world) error) {
		w := newWorld(t)
		w.applied(wantAll(), PlanOptions{})
		w.must(os.Remove(w.os("/etc/bind/db.a")))
		w.file("/etc/bind/db.a", "zone a, new\n", 0o644, 0, testGID)
		w.file("/etc/bind/rndc.key", "new key\n", 0o600, testUID, testGID)
		w.own(testJail+"/zones/dynamic", 0o755, 0, 0)
		w.age()
		want := wantAll()
		for i := range want {
			if want[i].Path == configPath {
				want[i].Content = []byte("new configuration\n")
			}
		}
		return w, func(w *world) error { _, _, err := w.apply(want[:len(want)-2], PlanOptions{}); return err }
	}},
	{"rollback", func(t *testing.T) (*world, func(*world) error) {
		w := newWorld(t)
		w.applied(wantAll(), PlanOptions{})
		w.file(testJail+"/zones/dynamic/db.dyn", "zone dyn 2\n", 0o644, testUID, testGID)
		w.file(testJail+"/zones/slave/db.sec", "zone sec\n", 0o644, testUID, testGID)
		w.age()
		return w, func(w *world) error {
			h := w.host()
			_, err := w.store(h).Rollback(context.Background(), h)
			return err
		}
	}},
}

// recover opens the store as the next command would, and lets it recover.
func (w *world) recover() string {
	w.t.Helper()
	h := w.host()
	s := w.store(h)
	w.must(s.Lock())
	defer s.Unlock()
	what, err := s.Recover()
	w.must(err)
	return what
}

// TestKilledAnywhere stops the work before each changing call in turn. The next
// command must find the state before or the state after, and nothing else.
func TestKilledAnywhere(t *testing.T) {
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			w, do := sc.make(t)
			before := w.snapshot()
			calls := countCalls(func() { w.must(do(w)) })
			after := timeless(w.snapshot())
			points := 0
			for at := 1; at <= calls; at += stride() {
				w, do := sc.make(t)
				failAt(at, errKilled, true)
				err := do(w)
				hook = nil
				if err == nil {
					t.Fatalf("call %d of %d: no error", at, calls)
				}
				what := w.recover()
				got := w.snapshot()
				if got != before && timeless(got) != after {
					t.Errorf("call %d of %d (%v), recovered: %q\nagainst before:\n%s\nagainst after:\n%s", at, calls, err, what,
						lineDiff(before, got), lineDiff(after, timeless(got)))
				}
				w.noTemps(what)
				if got == before && sc.name == "first apply" {
					w.absent(storeDir + "/var-named")
				}
				points++
				// It must be possible to go on.
				if at%7 == 0 {
					if err := do(w); err != nil && Diagnose(err).Code != "NJ516" {
						t.Errorf("call %d: going on: %v", at, err)
					}
				}
				if t.Failed() {
					return
				}
			}
			t.Logf("%d points", points)
		})
	}
}

// TestFailedAnywhere lets one call fail in turn: the command itself must put
// everything back, or have finished.
func TestFailedAnywhere(t *testing.T) {
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			w, do := sc.make(t)
			before := w.snapshot()
			calls := countCalls(func() { w.must(do(w)) })
			after := timeless(w.snapshot())
			for at := 1; at <= calls; at += stride() {
				w, do := sc.make(t)
				no := []syscall.Errno{syscall.ENOSPC, syscall.EIO, syscall.EROFS, syscall.EMFILE, syscall.EACCES}[at%5]
				failAt(at, no, false)
				err := do(w)
				hook = nil
				got := w.snapshot()
				if sc.name == "rollback" || err == nil {
					w.recover() // a rollback goes forward
					got = w.snapshot()
				}
				if got != before && timeless(got) != after {
					t.Errorf("call %d of %d (%v)\nagainst before:\n%s\nagainst after:\n%s", at, calls, err,
						lineDiff(before, got), lineDiff(after, timeless(got)))
				}
				if got == before && sc.name == "first apply" {
					w.recover() // tries again what could not be removed
					w.absent(storeDir + "/var-named")
				}
				if err != nil {
					d := Diagnose(err)
					if d.Message == "" || d.Remedy == "" || strings.Contains(d.Message, "errno") {
						t.Errorf("call %d: finding %+v", at, d)
					}
					if want := no == syscall.ENOSPC || no == syscall.EROFS; want && d.Code != "NJ514" {
						t.Errorf("call %d: %v has code %s: %s", at, no, d.Code, d.Message)
					}
				}
				if t.Failed() {
					return
				}
			}
			t.Logf("%d points", calls)
		})
	}
}

// TestKilledTwice stops the recovery of a killed run too, at each of its calls.
func TestKilledTwice(t *testing.T) {
	w := newWorld(t)
	before := w.snapshot()
	apply := func(w *world) error { _, _, err := w.apply(wantAll(), PlanOptions{}); return err }
	calls := countCalls(func() { w.must(apply(w)) })
	cut := calls - 12 // among the links on the host: most is to be undone
	for second := 1; ; second++ {
		w := newWorld(t)
		failAt(cut, errKilled, true)
		if err := apply(w); err == nil {
			t.Fatal("not killed")
		}
		failAt(second, errKilled, true)
		h := w.host()
		s := w.store(h)
		_, err := s.Recover()
		hook = nil
		s.Close()
		w.recover()
		w.same("killed twice", before, w.snapshot())
		w.noTemps("killed twice")
		if err == nil {
			t.Logf("%d points", second-1)
			return
		}
		if t.Failed() {
			return
		}
	}
}

// timeless takes the times of directories and of what named-jail writes itself
// out of a snapshot: they are the present's.
func timeless(snapshot string) string {
	lines := strings.Split(snapshot, "\n")
	for i, line := range lines {
		f := strings.SplitN(line, " ", 5)
		if len(f) >= 4 && len(f[3]) > 15 && !strings.HasPrefix(f[3], "981173106") {
			f[3] = "now"
			lines[i] = strings.Join(f, " ")
		}
	}
	return strings.Join(lines, "\n")
}
