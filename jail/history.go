package jail

import (
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The kinds of runs. A pruning is one only while it has not ended.
const (
	KindApply    = "apply"
	KindRollback = "rollback"
	KindUndone   = "undone" // an apply that was cut off or failed, and was undone
	KindPrune    = "prune"
)

// Program is the version that is written down with each run. The command sets
// it before it opens a store.
var Program string

// now is the time of a run, in whole seconds of UTC.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// noteUndone writes down that a run was undone, where earlier ones are written
// down: a first run that failed leaves nothing behind at all. All is as it was
// before already, so a note that cannot be written (the disk is full) is left out.
func (s *Store) noteUndone(j journal) {
	if len(s.manifest.Runs) > 0 {
		_ = s.noteRun(j, KindUndone, 0)
	}
}

// Past is one run as the store remembers it.
//
// Backups is the number of copies of files that it still holds, Needed how many
// of them a rollback would put back, Saved the number of copies of files that
// lie nowhere else. Bytes is the size of all that is kept of the run.
type Past struct {
	Run
	Backups, Needed, Saved int
	Bytes                  int64
}

// Number is the run's number, from 1 on.
func (r Run) Number() int {
	n, _ := strconv.Atoi(r.ID)
	return n
}

// History is what was done to a jail, in that order.
//
// Open is the kind of a run that has begun and not ended, "" when there is none:
// it is at work, or was cut off and waits for the next command. Since is when it
// began to change something.
type History struct {
	Runs  []Past
	Open  string
	Since time.Time
}

// History tells what was done to the jail. It only looks. Errors: *Error NJ504
// when the store may not be read without root; NJ515.
func (s *Store) History() (History, error) {
	var h History
	if err := s.readable(); err != nil || s.dir == nil {
		return h, err
	}
	if err := s.openRun(&h); err != nil {
		return h, err
	}
	var needed map[backupKey]bool
	var err error
	if h.Open == "" {
		if needed, err = s.needed(); err != nil {
			return h, err
		}
	}
	for _, run := range s.manifest.Runs {
		p := Past{Run: run}
		err := s.eachFile(run.ID, func(name string, info Info) {
			p.Bytes += info.Size
			switch n, isCopy := copyNumber(name); {
			case isCopy:
				p.Backups++
				if needed[backupKey{run.ID, n}] {
					p.Needed++
				}
			case isSaved(name):
				p.Saved++
			}
		})
		if err != nil {
			return h, s.readFailed(joinPath(backupName, run.ID), err)
		}
		h.Runs = append(h.Runs, p)
	}
	return h, nil
}

// readable says that root is needed where the store may not be read.
func (s *Store) readable() error {
	if !s.hidden {
		return nil
	}
	return &Error{Code: "NJ504", Path: s.path, Message: "what was done to this jail is written down where only root may read it",
		Remedy: "Run the same command as root (sudo)."}
}

// openRun looks for a journal.
func (s *Store) openRun(h *History) error {
	info, err := s.dir.lstat(journalName)
	if err != nil || !info.Exists() {
		return err
	}
	data, err := s.read(journalName)
	if err != nil || data == nil {
		return err // it ended this moment
	}
	j, err := readJournal(data, joinPath(s.path, journalName))
	if err != nil {
		return err
	}
	h.Open, h.Since = j.Kind, time.Unix(0, info.Mtime).UTC().Truncate(time.Second)
	return nil
}

// kept opens the directory of a run and lists what is kept there; nil for one
// that is gone, and holds nothing.
func (s *Store) kept(id string) (*dir, []string, error) {
	d, err := s.runDir(id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	names, err := d.list()
	if err != nil {
		d.close()
		return nil, nil, err
	}
	return d, names, nil
}

// eachFile goes through what is kept of one run.
func (s *Store) eachFile(id string, do func(name string, info Info)) error {
	d, names, err := s.kept(id)
	if d == nil {
		return err
	}
	defer d.close()
	for _, name := range names {
		info, err := d.lstat(name)
		if err != nil {
			return err
		}
		if info.Exists() {
			do(name, info)
		}
	}
	return nil
}

// copyNumber tells whether a name in a run's directory is that of a backup.
func copyNumber(name string) (int, bool) {
	n, err := strconv.Atoi(name)
	return n, err == nil && n > 0 && itoa(n) == name
}

// isSaved tells whether a name in a run's directory is that of a copy that
// restorer.save made.
func isSaved(name string) bool { return strings.HasPrefix(name, "saved-") }

// backupKey names one backup.
type backupKey struct {
	run    string
	number int
}

// needed are the backups that a rollback puts back: for each place those of the
// state before the first run that changed it.
func (s *Store) needed() (map[backupKey]bool, error) {
	if !slices.ContainsFunc(s.manifest.Runs, live) {
		return nil, nil
	}
	list, err := s.merged()
	if err != nil {
		return nil, err
	}
	need := make(map[backupKey]bool, len(list))
	for _, rec := range list {
		if rec.Backup != 0 {
			need[backupKey{rec.run, rec.Backup}] = true
		}
	}
	return need, nil
}
