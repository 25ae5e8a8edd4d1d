//go:build linux

package jail

import (
	"context"
	"net/netip"
	"os"
	"slices"
	"testing"

	"named-jail/rewrite"
)

// TestLastLook shows that what is seen at the last moment stops an apply: by
// then all lies in the jail, no original has given way, and everything is undone.
func TestLastLook(t *testing.T) {
	w := newWorld(t)
	before := w.snapshot()
	h := w.host()
	tree, s := w.tree(h), w.store(h)
	p, diags := NewPlan(h, tree, s.Manifest(), wantAll(), testIDs, PlanOptions{})
	w.must(diags.Err())
	looked := false
	p.LastLook = func() error {
		looked = true
		w.is(testJail+"/zones/dynamic/db.dyn", "0644 65534:65534")
		for _, original := range []string{"/etc/bind/db.a", "/var/lib/bind/db.dyn"} {
			if st, err := os.Lstat(w.os(original)); err != nil || !st.Mode().IsRegular() {
				t.Errorf("%s has given way already", original)
			}
		}
		return &Error{Code: "NJ510", Message: "a named was started meanwhile"}
	}
	err := s.Apply(context.Background(), h, tree, p)
	if !looked || Diagnose(err).Code != "NJ510" {
		t.Errorf("looked: %v; %v", looked, err)
	}
	s.Close()
	w.same("after the last look", before, w.snapshot())
}

// TestLeave shows that a plan leaves alone what it is told to, and that the next
// one does the rest.
func TestLeave(t *testing.T) {
	w := newWorld(t)
	p := w.applied(wantAll(), PlanOptions{Leave: func(e rewrite.Wanted) bool { return e.Class.Living() || e.Kind == rewrite.HostLink }})
	for _, file := range []string{"/var/lib/bind/db.dyn", "/var/lib/bind/db.dyn.jnl"} {
		if !slices.Contains(p.Left, file) {
			t.Errorf("%s is not among what was left: %q", file, p.Left)
		}
		w.is(file, "0644 65534:65534")
	}
	w.absent(testJail + "/zones/dynamic/db.dyn")
	w.absent("/run/named/named.pid")
	w.is(testJail+"/zones/master/db.a", "0644 0:0")
	w.file("/var/lib/bind/db.dyn", "zone dyn, written since\n", 0o644, testUID, testGID)
	w.applied(wantAll(), PlanOptions{})
	if got := w.read(testJail + "/zones/dynamic/db.dyn"); got != "zone dyn, written since\n" {
		t.Errorf("the zone in the jail is %q", got)
	}
	if got := w.target("/run/named/named.pid"); got != testJail+"/run/named/named.pid" {
		t.Errorf("the pid file leads to %s", got)
	}
	// what was put there before is not given up when it is left
	again, diags := w.plan(wantAll(), PlanOptions{Leave: func(e rewrite.Wanted) bool { return e.Class.Living() || e.Kind == rewrite.HostLink }})
	w.must(diags.Err())
	if !again.Empty() || len(again.Left) > 0 {
		t.Errorf("there is something to do: %v, left %q", again.Ops, again.Left)
	}
}

// TestListening shows how the tables of sockets are read, with the lines of a
// running system.
func TestListening(t *testing.T) {
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:03B9 00000000:0000 0A 00000000:00000000 00:00000000 00000000   104        0 31001 1 0 100 0 0 10 0
   1: 0100007F:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000   104        0 31002 1 0 100 0 0 10 0
   2: 0100007F:03B9 0100007F:8D3E 01 00000000:00000000 00:00000000 00000000   104        0 31003 1 0 100 0 0 10 0
   3: 00000000000000000000000001000000:03B9 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000   104        0 31004 1 0
   4: zz:03B9 00000000:0000 0A 00000000:00000000 00:00000000 00000000   104        0 31001 1 0 100 0 0 10 0
`
	got := listening(table, map[uint64]bool{31001: true, 31003: true, 31004: true})
	want := []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:953"), netip.MustParseAddrPort("[::1]:953")}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
