//go:build linux

package jail

import (
	"os"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFailedFirstApply shows that a first run that fails leaves the host as it
// was, the memory outside the jail and the times of directories too.
func TestFailedFirstApply(t *testing.T) {
	for _, had := range []bool{false, true} {
		w := newWorld(t)
		if had {
			w.dir(storeDir, 0o700, 0, 0)
		}
		w.age()
		before := w.mtime("/var/lib")
		last := countCalls(func() {
			v := newWorld(t)
			_, _, err := v.apply(wantAll(), PlanOptions{})
			v.must(err)
		})
		for at := 5; at < last-20; at += 17 {
			failAt(at, syscall.ENOSPC, false)
			_, _, err := w.apply(wantAll(), PlanOptions{})
			hook = nil
			if err == nil {
				t.Fatalf("call %d: no error", at)
			}
			if _, err := os.Lstat(w.os(storeDir)); (err == nil) != had {
				t.Errorf("call %d: the directory of all stores: %v", at, err)
			}
			w.absent(storeDir + "/var-named")
			if now := w.mtime("/var/lib"); !now.Equal(before) {
				t.Errorf("call %d: /var/lib has the time %v", at, now)
			}
			if had && !w.mtime(storeDir).Equal(oldTime) {
				t.Errorf("call %d: %s has the time %v", at, storeDir, w.mtime(storeDir))
			}
		}
		w.applied(wantAll(), PlanOptions{})
	}
}

// TestLockOfARemovedStore takes the lock of a store that the run before removed
// between the opening of the lock file and the taking of the lock.
func TestLockOfARemovedStore(t *testing.T) {
	w := newWorld(t)
	first, second := w.store(w.host()), w.store(w.host())
	w.must(first.make())
	w.must(first.Lock())
	w.must(second.open())
	fd, err := unix.Openat(second.dir.fd, lockName, unix.O_RDWR, 0)
	w.must(err)
	f := os.NewFile(uintptr(fd), lockName)
	defer f.Close()
	first.dropUnused()
	w.must(lockFile(f)) // what a careless waiter would have got
	w.absent(storeDir)
	w.must(second.Lock())
	if second.lock != nil {
		t.Error("there is a lock on a store that is gone")
	}
	release, err := second.ready()
	w.must(err)
	third := w.store(w.host())
	if err := third.Lock(); err == nil || Diagnose(err).Code != "NJ508" {
		t.Errorf("the store that was made anew is not locked: %v", err)
	}
	release()
	w.absent(storeDir)
}

// TestManyFirstApplies lets runs fail and succeed side by side. Each either
// does its work, or is told that another is at it; what is there in the end is
// whole.
func TestManyFirstApplies(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 200 {
				h, err := OpenHost(w.root)
				if err != nil {
					t.Error(err)
					return
				}
				s, err := OpenStore(h, testJail, false)
				if err != nil {
					t.Errorf("run %d: opening: %v", i, err)
					h.Close()
					continue
				}
				release, err := s.ready()
				if err == nil {
					if s.lock == nil || s.backups == nil {
						t.Errorf("run %d has no lock or no backups", i)
					}
					here, _ := s.dir.lstat(lockName)
					var st unix.Stat_t
					w.must(unix.Fstat(int(s.lock.Fd()), &st))
					if here.Ino != st.Ino {
						t.Errorf("run %d holds a lock that nobody else sees", i)
					}
					release()
				} else if Diagnose(err).Code != "NJ508" {
					t.Errorf("run %d: %v", i, err)
				}
				s.Close()
				h.Close()
			}
		})
	}
	wg.Wait()
	w.applied(wantAll(), PlanOptions{})
}
