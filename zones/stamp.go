package zones

import (
	"io/fs"
	"time"
)

// Stamp tells whether a file is still the one that was read: its identity,
// size and times. Name is the name it was opened under, Shown its path for
// messages. Units: bytes; nanoseconds since 1970. A system without such stamps
// has zeros here.
type Stamp struct {
	Name  string
	Shown string
	Dev   uint64
	Inode uint64
	Size  int64
	Mtime int64
	Ctime int64
}

// Stamper is a Files that can look at a file without opening it.
//
// Stamp follows links as Open does and gives false for everything but a regular
// file. Name and Shown are those of Open.
type Stamper interface {
	Stamp(name string) (Stamp, bool)
}

// Absences is a Files that knows without a look of its own that nothing is there
// under a name, from a list of the directory that was made during the run. false
// says nothing.
type Absences interface {
	Lacks(name string) bool
}

// stampOf takes the stamp of an open file.
func stampOf(name, shown string, info fs.FileInfo) Stamp {
	s := Stamp{Name: name, Shown: shown, Size: info.Size(), Mtime: info.ModTime().UnixNano()}
	if own, ok := info.(interface {
		Identity() (dev, inode uint64, ctime int64)
	}); ok {
		s.Dev, s.Inode, s.Ctime = own.Identity()
	} else {
		s.identify(info)
	}
	return s
}

// sameFile tells whether two stamps are of one file, whatever its names.
func (s *Stamp) sameFile(t *Stamp) bool {
	return s.Inode != 0 && s.Dev == t.Dev && s.Inode == t.Inode
}

// racy is how close to the check a change may lie for the stamps to miss a
// second one; coarse is the same where a file system counts whole seconds, as
// old ones and some servers of files do, whose clock may differ.
const (
	racy   = 2 * time.Second
	coarse = time.Minute
)

// settled tells whether the file lay still for long enough before now. A time
// in the future never counts as settled: a clock was set.
func (s *Stamp) settled(now time.Time) bool {
	still := racy
	if s.Ctime%int64(time.Second) == 0 {
		still = coarse
	}
	limit := now.Add(-still).UnixNano()
	return s.Inode != 0 && s.Mtime < limit && s.Ctime < limit
}
