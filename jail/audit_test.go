//go:build linux

package jail

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"named-jail/rewrite"
)

// auditedJail makes a jail with a directory of root's and one of named's, and
// gives what audits it.
func auditedJail(t *testing.T) (*world, func(limit int) Audited) {
	t.Helper()
	w := newWorld(t)
	h, err := OpenHost(w.root)
	w.must(err)
	t.Cleanup(func() { h.Close() })
	want := []rewrite.Wanted{
		{Path: "/", Kind: rewrite.Directory, Owner: rewrite.Root, Group: rewrite.Daemon, Mode: 0o511},
		{Path: "/zones", Kind: rewrite.Directory, Owner: rewrite.Root, Group: rewrite.Daemon, Mode: 0o111},
		{Path: "/zones/slave", Kind: rewrite.Directory, Owner: rewrite.User, Group: rewrite.User, Mode: 0o700},
	}
	apply := func() *Plan {
		tree, err := OpenJail(h, testJail)
		w.must(err)
		defer tree.Close()
		store, err := OpenStore(h, testJail, true)
		w.must(err)
		defer store.Close()
		plan, ds := NewPlan(h, tree, store.Manifest(), want, testIDs, PlanOptions{})
		if ds.Errors() > 0 {
			t.Fatal(ds)
		}
		w.must(store.Apply(context.Background(), h, tree, plan))
		return plan
	}
	plan := apply()
	return w, func(limit int) Audited {
		t.Helper()
		tree, err := OpenJail(h, testJail)
		w.must(err)
		defer tree.Close()
		found, err := Audit(h, tree, plan, AuditOptions{Limit: limit, Provided: []rewrite.JailPath{"/zones/slave/given", "/dlz"}})
		w.must(err)
		return found
	}
}

// words lists what was found: "WORD PATH".
func (a Audited) words() string {
	var list []string
	for _, s := range a.Strays {
		list = append(list, s.Word+" "+string(s.Path))
	}
	return strings.Join(list, ", ")
}

// TestAuditBounds shows that an audit ends and stays small whatever the named
// user has made: more objects than it looks at, thousands of one kind, a tree
// deeper than any path.
func TestAuditBounds(t *testing.T) {
	w, audit := auditedJail(t)
	if got := audit(0); got.words() != "" || got.Objects != 2 {
		t.Fatalf("a sound jail: %d objects, %s", got.Objects, got.words())
	}
	slave := w.os(testJail + "/zones/slave")
	for i := range 3000 {
		w.must(unix.Mkfifo(fmt.Sprintf("%s/pipe%d", slave, i), 0o600))
	}
	got := audit(0)
	if len(got.Strays) != maxAlike+1 || got.Objects != 3002 {
		t.Errorf("3000 FIFOs: %d findings, %d objects", len(got.Strays), got.Objects)
	}
	if last := got.Strays[0]; last.Path != "/" || !strings.Contains(last.Message, "2980 more") {
		t.Errorf("the rest is not counted: %+v", last)
	}
	if got := audit(1000); got.Objects != 1000 || !strings.Contains(got.words(), "many /zones/slave") {
		t.Errorf("a limit of 1000: %d objects, %s", got.Objects, got.words())
	}
	w.must(os.RemoveAll(slave))
	w.dir(testJail+"/zones/slave", 0o700, testUID, testGID)
	deep, err := unix.Open(slave, unix.O_PATH|unix.O_DIRECTORY, 0)
	w.must(err)
	for range 3000 { // deeper than PATH_MAX
		w.must(unix.Mkdirat(deep, "dir", 0o700))
		next, err := unix.Openat(deep, "dir", unix.O_PATH|unix.O_DIRECTORY, 0)
		w.must(err)
		unix.Close(deep)
		deep = next
	}
	unix.Close(deep)
	if got := audit(0); len(got.Strays) != 1 || got.Strays[0].Word != "deep" || got.Objects > 200 {
		t.Errorf("3000 directories in each other: %d objects, %s", got.Objects, got.words())
	}
}

// TestAuditProvided shows that what others put where the configuration speaks of
// it is theirs, but for what is dangerous anywhere.
func TestAuditProvided(t *testing.T) {
	w, audit := auditedJail(t)
	w.dir(testJail+"/dlz/data", 0o755, 0, 0)
	w.file(testJail+"/dlz/data/db", "x", 0o644, 0, 0)
	w.must(unix.Mkfifo(w.os(testJail+"/zones/slave/given"), 0o600))
	if got := audit(0); got.words() != "" {
		t.Errorf("what was provided: %s", got.words())
	}
	w.file(testJail+"/dlz/data/sh", "x", 0o4755, 0, 0)
	if got := audit(0); got.words() != "set-id /dlz/data/sh" {
		t.Errorf("a set-id file there: %s", got.words())
	}
}

// TestAuditMounts shows that what is mounted in the jail is told when it is a
// part of the host, that it is not entered, and that a file system of the
// jail's own is.
func TestAuditMounts(t *testing.T) {
	inNamespace(t, func() {
		w, audit := auditedJail(t)
		own := w.os(testJail + "/zones/slave")
		w.must(unix.Mount("tmpfs", own, "tmpfs", 0, "mode=0700,uid=65534"))
		defer unix.Unmount(own, unix.MNT_DETACH)
		w.file(testJail+"/zones/slave/sh", "x", 0o4755, 0, 0)
		for _, d := range []string{"proc", "etc"} {
			w.dir(testJail+"/"+d, 0o111, 0, 0)
			defer unix.Unmount(w.os(testJail+"/"+d), unix.MNT_DETACH)
		}
		w.must(unix.Mount("proc", w.os(testJail+"/proc"), "proc", 0, ""))
		w.must(unix.Mount(w.os("/etc/bind"), w.os(testJail+"/etc"), "", unix.MS_BIND, ""))
		got := audit(0)
		if got.words() != "mount /etc, mount /proc, set-id /zones/slave/sh" || got.Objects > 10 {
			t.Errorf("%d objects, %s", got.Objects, got.words())
		}
	})
}

// TestAuditRace shows that a directory which is exchanged for a link all the
// time does not lead the audit out of the jail.
func TestAuditRace(t *testing.T) {
	w, audit := auditedJail(t)
	w.dir("/secret", 0o755, 0, 0)
	w.file("/secret/sh", "x", 0o4755, 0, 0)
	slave := w.os(testJail + "/zones/slave")
	w.must(os.Mkdir(slave+"/a", 0o700))
	w.must(os.Symlink("../../../../secret", slave+"/b"))
	var stop atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !stop.Load() {
			unix.Renameat2(unix.AT_FDCWD, slave+"/a", unix.AT_FDCWD, slave+"/b", unix.RENAME_EXCHANGE)
		}
	}()
	for range 300 {
		if got := audit(0); strings.Contains(got.words(), "set-id") {
			t.Errorf("it left the jail: %s", got.words())
			break
		}
	}
	stop.Store(true)
	<-done
}
