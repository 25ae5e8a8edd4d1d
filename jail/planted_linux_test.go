package jail

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// flagImmutable is FS_IMMUTABLE_FL of linux/fs.h.
const flagImmutable = 0x10

// setImmutable sets or clears what chattr +i sets; false where the file system has
// no such thing.
func setImmutable(name string, on bool) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	flags, err := unix.IoctlGetUint32(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	if err != nil {
		return false
	}
	if flags &^= flagImmutable; on {
		flags |= flagImmutable
	}
	return unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, int(flags)) == nil
}

// immutable does so for a file of the world.
func (w *world) immutable(p string, on bool) {
	w.t.Helper()
	if !setImmutable(w.os(p), on) {
		w.t.Fatalf("%s: immutable %v is refused", p, on)
	}
	if on {
		w.t.Cleanup(func() { setImmutable(w.os(p), false) })
	}
}

// whereImmutable puts the worlds of a test on a file system that knows
// immutable files: that of other tests, that of shared memory (Linux 6.6), or
// that of the sources.
func whereImmutable(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{os.TempDir(), "/dev/shm", "/var/tmp", here} {
		f, err := os.CreateTemp(dir, "immutable-")
		if err != nil {
			continue
		}
		f.Close()
		knows := setImmutable(f.Name(), true) && setImmutable(f.Name(), false)
		os.Remove(f.Name())
		if knows {
			t.Setenv("TMPDIR", dir)
			return
		}
	}
	t.Skip("no file system here knows immutable files")
}

// What cannot be changed stops the work; what had been changed is put back.
func TestImmutable(t *testing.T) {
	whereImmutable(t)
	for _, p := range []string{"/etc/bind/db.a", "/etc/bind", "/var/lib/bind/db.dyn", "/var/lib/bind"} {
		w := newRaced(t)
		before := w.snapshot()
		w.immutable(p, true)
		k := &talk{t, map[string]int{}}
		inTime(t, func() {
			if w.raceApply(k, PlanOptions{}) == nil {
				t.Errorf("%s: apply moved what is immutable", p)
			}
		})
		w.same("apply, immutable "+p, before, w.snapshot())
		w.immutable(p, false)
		w.applied(wantRaced(), PlanOptions{})
	}
	for _, p := range []string{"/zones/dynamic/db.dyn", "/zones/master/db.a", "/zones/dynamic", "/etc/named.conf"} {
		w := newRaced(t)
		before := w.snapshot()
		w.applied(wantRaced(), PlanOptions{})
		w.immutable(testJail+p, true)
		k := &talk{t, map[string]int{}}
		inTime(t, func() {
			if w.raceRollback(k) == nil {
				t.Errorf("%s: rollback removed what is immutable", p)
			}
		})
		w.immutable(testJail+p, false)
		w.must(w.raceRecover(k))
		w.same("rollback, immutable "+p, before, w.snapshot())
	}
}

// A directory of the host that is mounted where a directory of the jail is
// wanted keeps its owner.
func TestMountInTheJail(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string
		refused  bool
	}{
		"etc":             {"/etc", "/var/run/keys", true},
		"usr":             {"/usr", "/zones/dynamic", true},
		"secret":          {"/etc/secret", "/zones/dynamic/db.dyn", true},
		"its own":         {testJail + "/var/run/keys", "/var/run/keys", false},
		"zones elsewhere": {"/srv/zones", "/zones/slave", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newRaced(t)
			w.applied(wantRaced(), PlanOptions{})
			w.dir("/srv/zones", 0o755, 0, 0)
			before := w.canaries(true)
			inNamespace(t, func() {
				w.must(unix.Mount(w.os(c.from), w.os(testJail+c.to), "", unix.MS_BIND, ""))
				k := &talk{t, map[string]int{}}
				for _, opt := range []PlanOptions{{}, {KeepGoing: true}} {
					if err := w.raceApply(k, opt); c.refused != (err != nil) {
						t.Errorf("apply: %v", err)
					}
				}
				w.unharmed("apply", before)
				if err := w.raceRollback(k); c.refused != (err != nil) {
					t.Logf("rollback: %v", err)
				}
				w.is("/etc", "0755 0:0")
				w.is("/usr", "0755 0:0")
				w.is("/etc/secret", "0600 0:0")
			})
			w.must(w.raceRecover(&talk{t, map[string]int{}}))
		})
	}
}

// Nor does a rollback change what was mounted since in the place of a directory
// that was there before.
func TestMountBeforeRollback(t *testing.T) {
	w := newRaced(t)
	w.dir(testJail+"/zones", 0o700, testUID, testGID)
	w.age()
	w.applied(wantRaced(), PlanOptions{})
	before := w.canaries(true)
	delete(before, testJail+"/zones")
	for p := range before {
		if strings.HasPrefix(p, testJail) || strings.HasPrefix(p, "/etc/bind") {
			delete(before, p)
		}
	}
	inNamespace(t, func() {
		w.must(unix.Mount(w.os("/usr"), w.os(testJail+"/zones"), "", unix.MS_BIND, ""))
		w.raceRollback(&talk{t, map[string]int{}})
		w.unharmed("rollback", before)
		w.is("/usr", "0755 0:0")
	})
}

// deepTree makes directories in one another, far deeper than a path can be long.
func (w *world) deepTree(p string, levels int) {
	w.t.Helper()
	fd, err := unix.Open(w.os(p), unix.O_RDONLY|unix.O_DIRECTORY, 0)
	w.must(err)
	name := strings.Repeat("d", 200)
	for range levels {
		w.must(unix.Mkdirat(fd, name, 0o700))
		w.must(unix.Fchownat(fd, name, testUID, testGID, 0))
		next, err := unix.Openat(fd, name, unix.O_RDONLY|unix.O_DIRECTORY, 0)
		unix.Close(fd)
		w.must(err)
		fd = next
	}
	unix.Close(fd)
}

// many fills a directory with empty files.
func (w *world) many(p string, n int) {
	w.t.Helper()
	fd, err := unix.Open(w.os(p), unix.O_RDONLY|unix.O_DIRECTORY, 0)
	w.must(err)
	defer unix.Close(fd)
	for i := range n {
		w.must(unix.Mknodat(fd, "x\n\x1b"+strconv.Itoa(i), unix.S_IFREG|0o600, 0))
	}
}

// crowdEnv asks for more entries than the short run makes: 1000000 is usual.
const crowdEnv = "NAMED_JAIL_CROWD_ENTRIES"

// TestCrowdedDirectories: what named piles up in its directories costs neither
// time nor memory, and is no secret that it is left there.
func TestCrowdedDirectories(t *testing.T) {
	inMemory(t)
	entries := 20000
	if n, err := strconv.Atoi(os.Getenv(crowdEnv)); err == nil {
		entries = n
	}
	w := newRaced(t)
	w.applied(wantRaced(), PlanOptions{})
	w.deepTree(testJail+"/zones/dynamic", 1000)
	w.deepTree(testJail+"/var/run", 1000)
	w.many(testJail+"/zones/slave", entries)
	w.many(testJail+"/var/run", entries)
	w.changed()
	k := &talk{t, map[string]int{}}
	began := time.Now()
	inTime(t, func() { w.must(w.raceApply(k, PlanOptions{})) })
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("apply took %v", took)
	}
	var r Report
	inTime(t, func() { r = w.rollback() })
	if len(r.Left) > 10*maxContents {
		t.Errorf("%d places are left", len(r.Left))
	}
	if all := fmt.Sprint(r.Left); !strings.Contains(all, "more)") {
		t.Errorf("what is left is not said: %.300q", all)
	}
	t.Logf("%d entries, apply and rollback took %v", entries, time.Since(began))
}

// A file of holes is neither read nor copied to fill the disk.
func TestFileOfHoles(t *testing.T) {
	for _, size := range []int64{8 << 40, maxFile - 1, 2 << 30} {
		w := newRaced(t)
		w.applied(wantRaced(), PlanOptions{})
		for _, p := range []string{"/zones/dynamic/db.dyn", "/zones/slave/db.sec", "/var/run/keys/K"} {
			w.must(os.Truncate(w.os(testJail+p), size))
		}
		began := time.Now()
		k := &talk{t, map[string]int{}}
		inTime(t, func() {
			w.raceApply(k, PlanOptions{})
			if r := w.rollback(); len(r.Left) < 3 {
				t.Errorf("%d bytes: left is %v", size, r.Left)
			}
		})
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%d bytes took %v", size, took)
		}
		var st unix.Stat_t
		if unix.Lstat(w.os("/var/lib/bind/db.dyn"), &st) != nil || st.Size > 1<<20 {
			t.Errorf("%d bytes are there", st.Size)
		}
	}
}
