//go:build linux

package jail

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRightsOfTheJailStayThere gives files of the jail what named could give
// them: set-id bits, another group, attributes and an access list. A rollback
// carries their bytes to the host and nothing of that.
func TestRightsOfTheJailStayThere(t *testing.T) {
	w := newWorld(t)
	w.applied(wantAll(), PlanOptions{})
	// user::rwx user:1234:rwx group::rwx mask::rwx other::rwx
	acl := []byte{2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 7, 0, 0xd2, 4, 0, 0, 4, 0, 7, 0, 255, 255, 255, 255,
		0x10, 0, 7, 0, 255, 255, 255, 255, 0x20, 0, 7, 0, 255, 255, 255, 255}
	lists := true
	for _, p := range []string{"/zones/dynamic/db.dyn", "/zones/slave/db.sec"} {
		w.file(testJail+p, "written by named\n", 0o644, testUID, 100)
		w.must(unix.Setxattr(w.os(testJail+p), "user.test", []byte("planted"), 0))
		if err := unix.Setxattr(w.os(testJail+p), aclAttribute, acl, 0); err == unix.EOPNOTSUPP {
			lists = false
		} else {
			w.must(err)
		}
		w.must(unix.Chmod(w.os(testJail+p), 0o6777))
	}
	w.rollback()
	for _, p := range []string{"/var/lib/bind/db.dyn", "/var/cache/bind/db.sec"} {
		if got := w.read(p); got != "written by named\n" {
			t.Errorf("%s is %q", p, got)
		}
		w.is(p, "0644 65534:65534")
		for _, attribute := range []string{"user.test", aclAttribute} {
			if n, err := unix.Getxattr(w.os(p), attribute, make([]byte, 200)); err == nil {
				t.Errorf("%s has %s, %d bytes (lists: %v)", p, attribute, n, lists)
			}
		}
	}
}

// TestNoDeviceWhereOthersWrite shows that no node is made, and none changed, in
// a directory in which somebody else could exchange it.
func TestNoDeviceWhereOthersWrite(t *testing.T) {
	for name, own := range map[string]func(w *world){
		"his":       func(w *world) { w.own("/srv", 0o755, testUID, 0) },
		"group's":   func(w *world) { w.own("/srv", 0o775, 0, testGID) },
		"everybody": func(w *world) { w.own("/srv", 0o1777, 0, 0) },
	} {
		w := newWorld(t)
		w.dir("/srv", 0o755, 0, 0)
		w.must(unix.Mknod(w.os("/srv/null"), unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3))))
		own(w)
		s := w.host().session()
		at, err := s.strict("/srv/null")
		w.must(err)
		st := State{Kind: CharFile, Mode: 0o666, Rdev: unix.Mkdev(1, 3)}
		if err := placeNode(at.dir, "new", ".new", st); err == nil || Diagnose(err).Code != "NJ511" {
			t.Errorf("%s: making one: %v", name, err)
		}
		if err := changeMeta(at, testUID, testGID, 0o666, true, 0, 0, testUID); err == nil || Diagnose(err).Code != "NJ511" {
			t.Errorf("%s: changing one: %v", name, err)
		}
		w.is("/srv/null", "0600 0:0")
		if list, err := os.ReadDir(w.os("/srv")); err != nil || len(list) != 1 {
			t.Errorf("%s: %v %v", name, list, err)
		}
		s.close()
	}
}
