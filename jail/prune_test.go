//go:build linux

package jail

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// everything is what prune is asked to remove where a test is not choosy.
func everything() PruneOptions { return PruneOptions{Before: time.Now().Add(time.Hour), Saved: true} }

// past makes a world in which a jail was applied twice, rolled back, applied
// and changed again: runs 1 to 5. What the runs 1 to 3 kept is of no use any
// more, and of run 5 the copies of what run 4 had put into the jail.
func past(t *testing.T) *world {
	w := newWorld(t)
	w.applied(wantAll(), PlanOptions{})
	w.edit(2)
	w.applied(wantAll(), PlanOptions{})
	w.file(testJail+"/etc/named.conf", "edited in the jail\n", 0o644, 0, testDaemon) // which the rollback saves
	w.rollback()
	w.applied(wantAll(), PlanOptions{})
	w.edit(3)
	w.applied(wantAll(), PlanOptions{})
	return w
}

// edit gives some files of the host new bytes.
func (w *world) edit(n int) {
	w.t.Helper()
	os.Remove(w.os("/etc/bind/db.a"))
	w.file("/etc/bind/db.a", fmt.Sprintf("zone a, state %d\n", n), 0o644, 0, testGID)
	w.file("/etc/bind/rndc.key", fmt.Sprintf("key %d\n", n), 0o640, testUID, testGID)
	w.file("/usr/share/dns/root.hints", fmt.Sprintf("hints %d\n", n), 0o644, 0, 0)
}

func (w *world) prune(opt PruneOptions) ([]Pruning, error) {
	w.t.Helper()
	return w.store(w.host()).Prune(w.t.Context(), opt)
}

func (w *world) history() History {
	w.t.Helper()
	h, err := w.store(w.host()).History()
	w.must(err)
	return h
}

// stored lists the files of the store's backups.
func (w *world) stored() []string {
	w.t.Helper()
	var list []string
	top := w.os(storeDir + "/var-named/" + backupName)
	w.must(filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, strings.TrimPrefix(p, top+"/"))
		}
		return err
	}))
	return list
}

func TestHistory(t *testing.T) {
	Program = "1.2.3"
	defer func() { Program = "" }()
	if h := newWorld(t).history(); len(h.Runs) != 0 || h.Open != "" {
		t.Errorf("of nothing: %+v", h)
	}
	w := past(t)
	h := w.history()
	var got []string
	for _, r := range h.Runs {
		got = append(got, fmt.Sprintf("%d %s back=%v saved=%d pruned=%v by %s", r.Number(), r.Kind, r.RolledBack, r.Saved, !r.Pruned.IsZero(), r.Program))
		if age := time.Since(r.Time); age < 0 || age > time.Minute {
			t.Errorf("run %d was at %v", r.Number(), r.Time)
		}
		if dead := r.Number() < 4; r.Ops == 0 || dead && r.Needed != 0 || r.Needed > r.Backups || r.Kind == KindApply && r.Bytes == 0 {
			t.Errorf("%+v", r)
		}
	}
	want := []string{"1 apply back=true saved=0 pruned=false by 1.2.3", "2 apply back=true saved=0 pruned=false by 1.2.3",
		"3 rollback back=false saved=1 pruned=false by 1.2.3", "4 apply back=false saved=0 pruned=false by 1.2.3", "5 apply back=false saved=0 pruned=false by 1.2.3"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if r := h.Runs[3]; r.Needed == 0 {
		t.Errorf("nothing of run 4 is needed: %+v", r)
	}
	if r := h.Runs[4]; r.Needed == r.Backups {
		t.Errorf("all of run 5 is needed: %+v", r)
	}
}

// TestHistoryOfCuts shows that a run that was cut off is seen, and what became
// of it.
func TestHistoryOfCuts(t *testing.T) {
	again := func(w *world) error { _, _, err := w.apply(wantAll(), PlanOptions{}); return err }
	start := func() *world {
		w := newWorld(t)
		w.applied(wantAll(), PlanOptions{})
		w.edit(2)
		return w
	}
	whole := start()
	calls := countCalls(func() { whole.must(again(whole)) })
	for cut, want := range map[int]string{calls - 12: KindUndone, calls - 1: KindApply} {
		w := start()
		failAt(cut, errKilled, true)
		if again(w) == nil {
			t.Fatal("not cut off")
		}
		hook = nil
		if h := w.history(); h.Open != KindApply || time.Since(h.Since) > time.Minute {
			t.Errorf("cut at %d of %d: %q since %v", cut, calls, h.Open, h.Since)
		}
		w.recover()
		h := w.history()
		last := h.Runs[len(h.Runs)-1]
		if h.Open != "" || len(h.Runs) != 2 || last.Kind != want || last.Cut != (want == KindApply) {
			t.Errorf("cut at %d of %d: %+v", cut, calls, h)
		}
		if want == KindUndone && last.Backups != 0 {
			t.Errorf("an undone run keeps backups: %+v", last)
		}
	}
}

// TestPruneKeepsTheFirstState shows that a rollback restores the same after
// everything that may go has gone, and that there was something to go.
func TestPruneKeepsTheFirstState(t *testing.T) {
	plain := past(t)
	plain.rollback()
	want := timeless(plain.snapshot())

	w := past(t)
	h, before := w.history(), w.stored()
	needed := 0
	for _, r := range h.Runs {
		needed += r.Needed
	}
	plan, err := w.store(w.host()).PlanPrune(everything())
	w.must(err)
	if got := w.stored(); !slices.Equal(got, before) {
		t.Errorf("planning removed something")
	}
	done, err := w.prune(everything())
	w.must(err)
	if fmt.Sprint(plan) != fmt.Sprint(done) {
		t.Errorf("planned: %+v\ndone: %+v", plan, done)
	}
	left := w.stored()
	if len(left) != needed+2 { // and two indexes
		t.Errorf("left: %q; needed are %d", left, needed)
	}
	for _, r := range w.history().Runs {
		if r.Backups != r.Needed || r.Saved != 0 || r.Pruned.IsZero() {
			t.Errorf("after pruning: %+v", r)
		}
	}
	if again, err := w.prune(everything()); err != nil || again != nil && len(again) != 2 || slices.ContainsFunc(again, func(p Pruning) bool { return p.Files > 0 }) {
		t.Errorf("pruning twice: %+v, %v", again, err)
	}
	w.rollback()
	w.same("rollback after pruning", want, timeless(w.snapshot()))
	w.must(os.Remove(w.os("/etc/bind/db.a")))
	w.edit(4)
	w.applied(wantAll(), PlanOptions{})
	if runs := w.history().Runs; runs[len(runs)-1].Number() != 7 {
		t.Errorf("the number of a run was given twice: %+v", runs)
	}
}

func TestPruneChooses(t *testing.T) {
	w := past(t)
	before := w.stored()
	if got, err := w.prune(PruneOptions{Before: time.Now().Add(-time.Hour), Saved: true}); err != nil || len(got) != 0 {
		t.Errorf("nothing is that old: %+v %v", got, err)
	}
	if got, err := w.prune(PruneOptions{Run: 3}); err != nil || len(got) != 1 || got[0].Files != 0 || got[0].Saved != 1 {
		t.Errorf("the saved file: %+v %v", got, err)
	}
	if got := w.stored(); !slices.Equal(got, before) {
		t.Errorf("something went: %q, %q", before, got)
	}
	if got, err := w.prune(PruneOptions{Run: 2}); err != nil || len(got) != 1 || got[0].ID != "000002" || got[0].Backups == 0 {
		t.Errorf("run 2: %+v %v", got, err)
	}
	want := slices.DeleteFunc(before, func(s string) bool { return strings.HasPrefix(s, "000002/") })
	if got := w.stored(); !slices.Equal(got, want) {
		t.Errorf("left: %q, want %q", got, want)
	}
	w.absent(storeDir + "/var-named/" + backupName + "/000002")
	w.file(storeDir+"/var-named/"+backupName+"/000001/notes", "mine\n", 0o600, 0, 0)
	if _, err := w.prune(everything()); err != nil {
		t.Error(err)
	}
	if got := w.stored(); !slices.Contains(got, "000001/notes") {
		t.Errorf("a file that is not ours went: %q", got)
	}
	other := newWorld(t)
	if got, err := other.prune(everything()); err != nil || got != nil {
		t.Errorf("without a store: %+v %v", got, err)
	}
	other.absent(storeDir)
}

// TestPruneCut stops a pruning before each of its calls, and lets each fail. The
// next command finishes it, be it a rollback, which restores everything.
func TestPruneCut(t *testing.T) {
	plain := past(t)
	calls := countCalls(func() { _, err := plain.prune(everything()); plain.must(err) })
	left := plain.stored()
	plain.rollback()
	want := timeless(plain.snapshot())
	if calls < 20 {
		t.Fatalf("%d calls", calls)
	}
	for at := 1; at <= calls; at += stride() {
		killed, no := at%2 == 0, []syscall.Errno{syscall.ENOSPC, syscall.EIO, syscall.EROFS, syscall.EACCES}[at/2%4]
		w := past(t)
		if failAt(at, no, false); killed {
			failAt(at, errKilled, true)
		}
		_, err := w.prune(everything())
		hook = nil
		if err == nil { // it was a temporary name that is gone anyway
			if got := w.stored(); killed || !slices.Equal(got, left) {
				t.Errorf("call %d of %d: no error, left are %q", at, calls, got)
			}
		} else if d := Diagnose(err); !killed && (d.Message == "" || d.Remedy == "") {
			t.Errorf("call %d of %d: %+v", at, calls, d)
		}
		if at%3 == 0 {
			w.rollback() // at once
		} else {
			w.recover()
			w.absent(storeDir + "/var-named/" + journalName)
			begun := w.history().Runs[0].Pruned
			if got := w.stored(); !begun.IsZero() && !slices.Equal(got, left) {
				t.Errorf("call %d of %d: left are %q, want %q", at, calls, got, left)
			}
			if begun.IsZero() && at > 12 {
				t.Errorf("call %d of %d: it was not finished", at, calls)
			}
			w.rollback()
		}
		w.same(fmt.Sprintf("call %d of %d", at, calls), want, timeless(w.snapshot()))
		w.noTemps("prune")
		w.absent(storeDir + "/var-named/" + journalName)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d points", calls)
}

// TestPruneAtRandom changes host and jail at random between applies. Whether
// backups are pruned all the time or never, the rollback restores the same.
func TestPruneAtRandom(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		var results []string
		for _, pruning := range []bool{false, true} {
			random := rand.New(rand.NewPCG(seed, 7))
			w := newWorld(t)
			for step := range 3 + random.IntN(4) {
				for range 1 + random.IntN(3) {
					w.disturb(random, step)
				}
				w.age()
				if _, _, err := w.apply(wantAll(), PlanOptions{KeepGoing: true}); err != nil {
					t.Logf("seed %d step %d: %v", seed, step, err)
				}
				if random.IntN(6) == 0 {
					w.rollback()
				}
				if pruning {
					_, err := w.prune(everything())
					w.must(err)
				}
			}
			if h := w.history(); slices.ContainsFunc(h.Runs, func(p Past) bool { return live(p.Run) }) {
				w.rollback()
			}
			results = append(results, timeless(w.snapshot()))
		}
		if d := lineDiff(results[0], results[1]); d != "" {
			t.Errorf("seed %d: with pruning another state is restored:\n%s", seed, d)
		}
	}
}

// disturb changes one thing.
func (w *world) disturb(random *rand.Rand, n int) {
	w.t.Helper()
	text := fmt.Sprintf("state %d\n", n)
	switch random.IntN(6) {
	case 0:
		w.edit(n)
	case 1:
		w.file("/etc/bind/rndc.key", text, 0o600, testUID, testGID)
	case 2:
		if _, err := os.Lstat(w.os(testJail + "/zones/dynamic/db.dyn")); err == nil {
			w.file(testJail+"/zones/dynamic/db.dyn", text, 0o644, testUID, testGID)
		}
	case 3:
		os.Remove(w.os("/etc/bind/db.secret"))
		w.file("/etc/bind/db.secret", text, 0o640, 0, 0)
	case 4:
		if _, err := os.Lstat(w.os(testJail + "/etc/bind")); err == nil {
			os.Remove(w.os(testJail + "/etc/bind/rndc.key"))
		}
	case 5:
		w.file("/usr/share/dns/root.hints", text, 0o644, 0, 0)
	}
}
