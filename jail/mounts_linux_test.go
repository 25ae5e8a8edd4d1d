package jail

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"named-jail/parser"
)

// inNamespace runs do on a thread with mounts of its own, which vanish with it.
func inNamespace(t *testing.T, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends with the function
		if err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
			t.Error(err)
			return
		}
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			t.Error(err)
			return
		}
		do()
	}()
	<-done
}

func TestFullFileSystem(t *testing.T) {
	w := newWorld(t)
	w.dir(testJail, 0o755, 0, 0)
	w.file("/etc/bind/db.a", strings.Repeat("zone a\n", 20000), 0o644, 0, testGID)
	inNamespace(t, func() {
		w.must(unix.Mount("tmpfs", w.os(testJail), "tmpfs", 0, "size=64k,mode=0755"))
		w.age()
		before := w.snapshot()
		_, _, err := w.apply(wantAll(), PlanOptions{})
		if err == nil || Diagnose(err).Code != "NJ514" || Diagnose(err).Remedy == "" {
			t.Errorf("%v", err)
		}
		w.same("after the failure", before, w.snapshot())
		w.noTemps("full")
	})
}

func TestReadOnlyOriginals(t *testing.T) {
	w := newWorld(t)
	inNamespace(t, func() {
		dir := w.os("/etc/bind")
		w.must(unix.Mount(dir, dir, "", unix.MS_BIND, ""))
		w.must(unix.Mount("", dir, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""))
		before := w.snapshot()
		_, diags, err := w.apply(wantAll(), PlanOptions{})
		if err == nil || !hasCode(diags, "NJ514", parser.Error) || !strings.Contains(diags[0].Remedy, "--copy") {
			t.Errorf("%v %v", err, diags)
		}
		w.same("after the refusal", before, w.snapshot())
		w.applied(wantAll(), PlanOptions{Copy: true})
	})
}

func TestReadOnlyJail(t *testing.T) {
	w := newWorld(t)
	w.dir(testJail, 0o755, 0, 0)
	inNamespace(t, func() {
		dir := w.os(testJail)
		w.must(unix.Mount(dir, dir, "", unix.MS_BIND, ""))
		w.must(unix.Mount("", dir, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""))
		before := w.snapshot()
		_, _, err := w.apply(wantAll(), PlanOptions{})
		if err == nil || Diagnose(err).Code != "NJ514" {
			t.Errorf("%v", err)
		}
		w.same("after the failure", before, w.snapshot())
	})
}

func TestAcrossFileSystems(t *testing.T) {
	w := newWorld(t)
	w.dir(testJail, 0o755, 0, 0)
	inNamespace(t, func() {
		w.must(unix.Mount("tmpfs", w.os(testJail), "tmpfs", 0, "mode=0755"))
		w.age()
		before := w.snapshot()
		w.applied(wantAll(), PlanOptions{})
		if w.read(testJail+"/zones/master/db.a") != "zone a\n" {
			t.Error("the file did not arrive")
		}
		w.rollback()
		w.same("after rollback", before, w.snapshot())
	})
}

func TestDeviceInTheJail(t *testing.T) {
	w := newWorld(t)
	w.dir(testJail+"/dev", 0o755, 0, 0)
	w.file(testJail+"/dev/null", "somebody wrote here\n", 0o644, 0, 0)
	w.age()
	before := w.snapshot()
	w.applied(wantAll(), PlanOptions{})
	var st unix.Stat_t
	w.must(unix.Lstat(w.os(testJail+"/dev/null"), &st))
	if st.Mode&unix.S_IFMT != unix.S_IFCHR || st.Rdev != unix.Mkdev(1, 3) {
		t.Errorf("the node is %o %x", st.Mode, st.Rdev)
	}
	// Wrong numbers, as in a jail that was copied from another system.
	w.must(os.Remove(w.os(testJail + "/dev/null")))
	w.must(unix.Mknod(w.os(testJail+"/dev/null"), unix.S_IFCHR|0o666, int(unix.Mkdev(2, 2))))
	if p := w.applied(wantAll(), PlanOptions{}); len(p.Ops) == 0 || p.Ops[0].Op != "mknod" {
		t.Errorf("plan: %+v", p.Ops)
	}
	w.rollback()
	w.same("after rollback", before, w.snapshot())
}

func TestAccessListsTravel(t *testing.T) {
	w := newWorld(t)
	// user::rw- user:1234:r-- group::r-- mask::r-- other::---
	acl := []byte{2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 0xd2, 4, 0, 0, 4, 0, 4, 0, 255, 255, 255, 255,
		0x10, 0, 4, 0, 255, 255, 255, 255, 0x20, 0, 0, 0, 255, 255, 255, 255}
	path := w.os("/etc/bind/db.a")
	if err := unix.Setxattr(path, aclAttribute, acl, 0); err == unix.EOPNOTSUPP {
		t.Skip("the file system of the test has no access control lists")
	} else if err != nil {
		t.Fatal(err)
	}
	check := func(p string) {
		t.Helper()
		buf := make([]byte, 100)
		n, err := unix.Getxattr(w.os(p), aclAttribute, buf)
		if err != nil || string(buf[:n]) != string(acl) {
			t.Errorf("%s has the list %v (%v)", p, buf[:max(n, 0)], err)
		}
	}
	want := wantAll()
	for i := range want {
		if want[i].Path == "/zones/master/db.a" {
			want[i].Mode, want[i].StrictMode = 0o640, 0
		}
	}
	w.applied(want, PlanOptions{})
	check(testJail + "/zones/master/db.a")
	w.rollback()
	check("/etc/bind/db.a")
}
