package jail

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// maxTries bounds how often the lock is tried again because another run removed
// the store meanwhile.
const maxTries = 100

// Lock takes the jail for this process; it ends with Unlock, Close or the
// process. A store that does not exist yet has nothing to lock. Errors: *Error
// NJ508 when another run has it.
func (s *Store) Lock() error {
	if s.lock != nil || s.h.euid != 0 {
		return nil
	}
	for range maxTries {
		if s.dir == nil {
			return nil
		}
		gone, err := s.tryLock()
		if err != nil {
			return err
		}
		if !gone {
			// Another run may have changed everything before we got the lock.
			if err := s.openBackups(); err != nil {
				return err
			}
			return s.load()
		}
		s.closeDirs()
		if err := s.open(); err != nil {
			return err
		}
	}
	return changedUnderUs(s.path)
}

// tryLock takes the lock. A run that changed nothing for good removes the store
// while it has the lock; who opened the lock file before that gets a lock that
// nobody else will see: then it is gone.
func (s *Store) tryLock() (gone bool, err error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(s.dir.fd, lockName, unix.O_RDWR|unix.O_CREAT|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0o600)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, changeError(joinPath(s.path, lockName), "opening the lock", err)
	}
	f := os.NewFile(uintptr(fd), joinPath(s.path, lockName))
	err = lockFile(f)
	if err == nil {
		var st unix.Stat_t
		here, statErr := s.dir.lstat(lockName)
		if unix.Fstat(fd, &st) != nil || statErr != nil || here.Ino != uint64(st.Ino) || here.Dev != uint64(st.Dev) {
			f.Close()
			return true, nil
		}
		if st.Nlink == 1 { // the number only serves the message below
			f.Truncate(0)
			f.WriteAt([]byte(itoa(os.Getpid())+"\n"), 0)
		}
		s.lock = f
		return false, nil
	}
	holder := "another run of named-jail"
	buf := make([]byte, 20)
	if n, _ := f.ReadAt(buf, 0); n > 0 {
		if pid, err := strconv.Atoi(strings.TrimSpace(string(buf[:n]))); err == nil {
			holder += " (process " + itoa(pid) + ")"
		}
	}
	f.Close()
	return false, &Error{Code: "NJ508", Path: s.jail, Message: holder + " is working on this jail",
		Remedy: "Wait until it has ended, then run the command again."}
}

// Unlock gives the jail free again.
func (s *Store) Unlock() {
	if s.lock != nil {
		s.lock.Close()
		s.lock = nil
	}
}

// madeDir is a directory that was made for the store. Was and Is are the times
// of the directory that it lies in, before and after. Units: nanoseconds since
// 1970.
type madeDir struct {
	Path string `json:"path"`
	Was  int64  `json:"was"`
	Is   int64  `json:"is"`
}

// noteMade remembers a directory that was made on the way to the store.
func (s *Store) noteMade(d *dir, name string, above Info) {
	if s.dir != nil {
		return // what lies in the store goes with it
	}
	now, err := d.lstat(".")
	if err != nil {
		return
	}
	s.made = append(s.made, madeDir{joinPath(d.path, name), above.Mtime, now.Mtime})
}

// dropUnused removes a store in which no run was ever recorded: a first run
// that failed leaves nothing behind. The caller holds the lock, which is given
// up. What cannot be removed stays, for the next command to try.
func (s *Store) dropUnused() {
	if s.lock == nil || s.dir == nil {
		return
	}
	for _, name := range []string{manifestName, journalName} {
		if info, err := s.dir.lstat(name); err != nil || info.Exists() {
			return
		}
	}
	// A directory that is not empty holds the backups of a run; it stays.
	if err := removeDir(s.dir, backupName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return
	}
	if s.backups != nil {
		s.backups.close()
		s.backups = nil
	}
	for _, name := range append(slices.Clone(memos), lockName) {
		if err := removeFile(s.dir, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return
		}
	}
	here := s.dir.path
	s.Unlock()
	s.closeDirs()
	ss := s.h.session()
	defer ss.close()
	if len(s.made) == 0 || s.made[len(s.made)-1].Path != here {
		s.made = append(s.made, madeDir{Path: here})
	}
	for i := len(s.made) - 1; i >= 0; i-- {
		ss.unmake(s.made[i])
	}
	s.made, s.manifest, s.seen = nil, newManifest(s.jail), Info{}
}

// unmake removes a directory, and puts the time of the one above it back if
// nothing else has changed that. A directory in which something lies stays.
func (s *session) unmake(m madeDir) {
	up, name := splitPath(m.Path)
	d, err := s.dirAt(up)
	if err != nil {
		return
	}
	above, err := d.lstat(".")
	s.forget(m.Path)
	if err != nil || removeDir(d, name) != nil || m.Is == 0 || above.Mtime != m.Is {
		return
	}
	if f, err := d.reopen("."); err == nil {
		timeFile(f, d, ".", m.Was)
		f.Close()
	}
}

// dropMade removes what was made of a store that could not be made whole.
func (s *Store) dropMade() {
	s.closeDirs()
	ss := s.h.session()
	defer ss.close()
	for i := len(s.made) - 1; i >= 0; i-- {
		ss.unmake(s.made[i])
	}
	s.made = nil
}
