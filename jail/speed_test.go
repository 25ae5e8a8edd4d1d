//go:build linux

package jail

import (
	"fmt"
	"testing"
	"time"

	"named-jail/rewrite"
)

// manyZones makes a world with n zone files that are in the jail already.
func manyZones(t *testing.T, n int) (*world, []rewrite.Wanted) {
	w := newWorld(t)
	want := wantTree()
	for i := range n {
		name := fmt.Sprintf("db.%05d", i)
		w.file("/etc/bind/"+name, name+"\n", 0o644, 0, 0)
		want = append(want, wantStatic(rewrite.JailPath("/zones/master/"+name), "/etc/bind/"+name))
	}
	return w, want
}

// TestManyZones moves a thousand files and looks at what a plan costs when
// nothing has changed. The bound is wide; it catches reading files again.
func TestManyZones(t *testing.T) {
	w, want := manyZones(t, 1000)
	before := w.snapshot()
	start := time.Now()
	w.applied(want, PlanOptions{})
	t.Logf("apply: %v", time.Since(start))
	h := w.host()
	tree, s := w.tree(h), w.store(h)
	start = time.Now()
	p, diags := NewPlan(h, tree, s.Manifest(), want, testIDs, PlanOptions{})
	took := time.Since(start)
	if !p.Empty() || len(diags) > 0 {
		t.Errorf("%v %v", p.Ops, diags)
	}
	t.Logf("plan: %v", took)
	if took > time.Second {
		t.Errorf("a plan without changes took %v", took)
	}
	start = time.Now()
	w.rollback()
	t.Logf("rollback: %v", time.Since(start))
	w.same("after rollback", before, w.snapshot())
}
