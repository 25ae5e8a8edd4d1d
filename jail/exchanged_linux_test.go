package jail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The tests of this file make one exchange at the worst moment, where
// TestRaces only may meet it.

// spotOf looks at a path of the world as the code does.
func (w *world) spotOf(s *session, p string) spot {
	w.t.Helper()
	at, err := s.strict(p)
	w.must(err)
	return at
}

// A link that named put in the place of our temporary one does not become
// root's: root's links are followed.
func TestLinkOfAnotherIsNotTaken(t *testing.T) {
	w := newRaced(t)
	w.link("/etc/secret", "/var/cache/bind/temp")
	w.must(os.Lchown(w.os("/var/cache/bind/temp"), testUID, testGID))
	s := w.host().session()
	defer s.close()
	at := w.spotOf(s, "/var/cache/bind/temp")
	if err := ownLink(at.dir, at.name, 0, 0); err == nil || Diagnose(err).Code != "NJ507" {
		t.Errorf("%v", err)
	}
	w.is("/var/cache/bind/temp", "0777 65534:65534")
	// One that we made gets what it is to have.
	w.link("/etc/secret", "/var/cache/bind/ours")
	w.must(ownLink(at.dir, "ours", testUID, testGID))
	w.is("/var/cache/bind/ours", "0777 65534:65534")
}

// A directory of root's that lies in one of named's can be moved away by named,
// who may put a FIFO in its place.
func TestDirectoryExchangedForAFIFO(t *testing.T) {
	w := newRaced(t)
	s := w.host().session()
	defer s.close()
	at := w.spotOf(s, "/var/cache/bind/roots/db.r")
	w.must(os.Rename(w.os("/var/cache/bind/roots"), w.os("/var/cache/bind/away")))
	w.must(unix.Mkfifo(w.os("/var/cache/bind/roots"), 0o666))
	inTime(t, func() {
		if _, err := placeFile(at.dir, at.name, "temp", State{Mode: 0o644}, fillWith([]byte("new"))); err == nil {
			t.Log("it was put into the directory that was opened")
		}
	})
	if fi, err := os.Lstat(w.os("/var/cache/bind/roots")); err != nil || fi.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the FIFO is %v, %v", fi, err)
	}
}

// What is read is what was judged: a file that takes its place is not.
func TestReadIsWhatWasJudged(t *testing.T) {
	for name, read := range map[string]func(w *world, s *session, at spot) error{
		"backup": func(w *world, s *session, at spot) error {
			to := w.spotOf(s, "/etc/bind/db.a").dir
			return newRecorder(s, to, "1", "token").backup(&Record{Path: at.path(), Backup: 7}, at)
		},
		"digest": func(_ *world, _ *session, at spot) error { _, err := digestSpot(at); return err },
		"carry": func(w *world, s *session, at spot) error {
			r := &restorer{s: s}
			return r.carry(&Record{back: "back"}, w.spotOf(s, "/etc/bind/db.a"), at)
		},
	} {
		w := newRaced(t)
		s := w.host().session()
		at := w.spotOf(s, "/var/cache/bind/db.sec")
		w.must(os.Remove(w.os("/var/cache/bind/db.sec")))
		w.must(os.Link(w.os("/etc/secret"), w.os("/var/cache/bind/db.sec")))
		if err := read(w, s, at); err == nil || Diagnose(err).Code != "NJ507" {
			t.Errorf("%s: %v", name, err)
		}
		s.close()
		w.absent("/etc/bind/7")
		if w.read("/etc/bind/db.a") != "zone a\n" {
			t.Errorf("%s: the secret was carried", name)
		}
	}
}

// A file of another with a second name in a directory of named's is not read
// through that name, in the jail as on the host.
func TestHardLinkIsNotReadFromTheJail(t *testing.T) {
	w := newRaced(t)
	w.applied(wantRaced(), PlanOptions{})
	w.must(os.Link(w.os("/etc/secret"), w.os(testJail+"/zones/dynamic/more")))
	h := w.host()
	tree := w.tree(h)
	for _, read := range []func() ([]byte, error){
		func() ([]byte, error) { return tree.ReadFile("/zones/dynamic/more") },
		func() ([]byte, error) { return h.ReadFile(testJail + "/zones/dynamic/more") },
	} {
		if b, err := read(); err == nil || Diagnose(err).Code != "NJ307" {
			t.Errorf("it gave %q, %v", b, err)
		}
	}
	if _, err := tree.ReadFile("/zones/dynamic/db.dyn"); err != nil {
		t.Errorf("named's own file: %v", err)
	}
}

// Records that somebody else could have written are not believed.
func TestPlantedRecords(t *testing.T) {
	store := storeDir + "/var-named"
	for name, spoil := range map[string]func(w *world){
		"manifest of named's":    func(w *world) { w.own(store+"/manifest", 0o600, testUID, testGID) },
		"manifest for everybody": func(w *world) { w.own(store+"/manifest", 0o666, 0, 0) },
		"manifest is a link": func(w *world) {
			w.must(os.Remove(w.os(store + "/manifest")))
			w.link("/var/cache/bind/m", store+"/manifest")
		},
		"manifest is a FIFO": func(w *world) {
			w.must(os.Remove(w.os(store + "/manifest")))
			w.must(unix.Mkfifo(w.os(store+"/manifest"), 0o600))
		},
		"manifest is a directory": func(w *world) { w.must(os.Remove(w.os(store + "/manifest"))); w.dir(store+"/manifest", 0o700, 0, 0) },
		"manifest is sparse":      func(w *world) { w.must(os.Truncate(w.os(store+"/manifest"), 8<<40)) },
		"journal of named's": func(w *world) {
			w.file(store+"/journal.json", `{"kind":"rollback","run":"000001"}`, 0o600, testUID, testGID)
		},
		"journal for everybody": func(w *world) { w.file(store+"/journal.json", `{"kind":"rollback","run":"000001"}`, 0o622, 0, 0) },
		"journal is a FIFO":     func(w *world) { w.must(unix.Mkfifo(w.os(store+"/journal.json"), 0o600)) },
		"backups are a link": func(w *world) {
			w.must(os.Rename(w.os(store+"/backup"), w.os("/var/cache/bind/b")))
			w.link("/var/cache/bind/b", store+"/backup")
		},
		"backups of named's":       func(w *world) { w.own(store+"/backup", 0o700, testUID, testGID) },
		"a run's of named's":       func(w *world) { w.own(store+"/backup/000001", 0o777, testUID, testGID) },
		"a run's index is named's": func(w *world) { w.own(store+"/backup/000001/index.json", 0o600, testUID, testGID) },
		"the store is named's":     func(w *world) { w.own(store, 0o700, testUID, testGID) },
		"the base is named's":      func(w *world) { w.own(storeDir, 0o755, testUID, testGID) },
		"the base is a link": func(w *world) {
			w.must(os.Rename(w.os(storeDir), w.os("/var/cache/bind/base")))
			w.link("/var/cache/bind/base", storeDir)
			w.must(os.Lchown(w.os(storeDir), testUID, testGID))
		},
		"the lock is a FIFO": func(w *world) {
			w.must(os.Remove(w.os(store + "/lock")))
			w.must(unix.Mkfifo(w.os(store+"/lock"), 0o600))
		},
		"the lock is a link": func(w *world) { w.must(os.Remove(w.os(store + "/lock"))); w.link("/etc/secret", store+"/lock") },
		"the lock has two names": func(w *world) {
			w.must(os.Remove(w.os(store + "/lock")))
			w.must(os.Link(w.os("/etc/secret"), w.os(store+"/lock")))
		},
		"a backup is a link": func(w *world) {
			all, err := filepath.Glob(w.os(store + "/backup/000001/[0-9]*"))
			w.must(err)
			for _, b := range all {
				w.must(os.Remove(b))
				w.must(os.Symlink("/etc/secret", b))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newRaced(t)
			w.applied(wantRaced(), PlanOptions{})
			spoil(w)
			places := []string{"/etc", "/srv", "/usr", testJail + "/etc", testJail + "/zones/master"}
			before := w.snapshotBelow(places...)
			k := &talk{t, map[string]int{}}
			inTime(t, func() {
				err := w.raceRollback(k)
				if lock := strings.HasPrefix(name, "the lock"); (err == nil) && !lock {
					t.Error("rollback believed it")
				}
				if err == nil {
					before = ""
				}
			})
			if before != "" && name != "a backup is a link" { // that one is noticed on the way
				w.same("after the refusal", before, w.snapshotBelow(places...))
			}
			if w.read("/etc/secret") != secretText {
				t.Error("the secret was written")
			}
		})
	}
}
