package jail

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Recover deals with a run that was cut off: an unfinished one is undone, one
// that only had to be written down is finished, a rollback goes on. It says
// which, "" when there was nothing. The caller should hold the lock.
//
// Errors: *Error; the journal stays then, and the next Recover begins anew.
func (s *Store) Recover() (string, error) {
	what, err := s.recover()
	if err == nil {
		s.dropUnused()
	}
	return what, err
}

func (s *Store) recover() (string, error) {
	if s.dir == nil || s.hidden || s.h.euid != 0 {
		return "", nil
	}
	if err := s.sweepStore(); err != nil {
		return "", err
	}
	defer s.h.forgetDirs()
	data, err := s.read(journalName)
	if err != nil {
		return "", s.readFailed(journalName, err)
	}
	if data == nil {
		return "", s.dropStray()
	}
	j, err := readJournal(data, joinPath(s.path, journalName))
	if err != nil {
		return "", err
	}
	j.cut = true
	switch {
	case j.Kind == KindPrune:
		return "a pruning of backups that was cut off is finished now", s.prune(j)
	case j.Kind == KindRollback:
		report, err := s.rollBack(j)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("a rollback that was cut off is finished now (%d places restored)", len(report.Restored)), nil
	case j.State == stateCommitted:
		return "a run that was cut off at its very end is finished now", s.finish(j)
	}
	if err := s.undo(j); err != nil {
		return "", err
	}
	if len(s.made) == 0 {
		s.made = j.Made
	}
	return "a run that was cut off has been undone; everything is as before it", nil
}

// readJournal decodes the journal.
func readJournal(data []byte, path string) (journal, error) {
	var j journal
	err := json.Unmarshal(data, &j)
	ofRun := j.Run != "" && (j.Kind == KindApply || j.Kind == KindRollback)
	if err != nil || !ofRun && j.Kind != KindPrune {
		return j, &Error{Code: "NJ515", Path: path, Message: "the journal of a run that was cut off cannot be understood",
			Remedy: "Keep the directory, and restore the files from its backup directory by hand."}
	}
	return j, nil
}

// readIndex reads the records of one run.
func (s *Store) readIndex(id string) ([]*Record, error) {
	d, err := s.runDir(id)
	if err != nil {
		return nil, err
	}
	defer d.close()
	data, err := readFrom(d, indexName)
	if err == nil {
		var list []*Record
		if err = json.Unmarshal(data, &list); err == nil {
			for i, r := range list {
				list[i] = r.withNames(fromText)
				list[i].run = id
			}
			return list, nil
		}
	}
	return nil, s.readFailed(joinPath(joinPath(backupName, id), indexName), err)
}

// sweepStore removes the unfinished files of the store itself.
func (s *Store) sweepStore() error {
	names, err := s.dir.list()
	if err != nil {
		return s.readFailed(".", err)
	}
	for _, name := range names {
		if slices.ContainsFunc(storeFiles, func(file string) bool { return isPending(name, file) }) {
			if err := removeFile(s.dir, name); err != nil {
				return changeError(joinPath(s.path, name), "removing an unfinished file", err)
			}
		}
	}
	return nil
}

// dropStray removes the backups of runs that never began to change anything.
func (s *Store) dropStray() error {
	if s.backups == nil {
		return nil
	}
	names, err := s.backups.list()
	if err != nil {
		return s.readFailed(backupName, err)
	}
	for _, name := range names {
		known := slices.ContainsFunc(s.manifest.Runs, func(r Run) bool { return r.ID == name })
		if known {
			continue
		}
		if err := s.dropRun(name); err != nil {
			return changeError(joinPath(s.backups.path, name), "removing the backups of a run that did not happen", err)
		}
	}
	return nil
}

// finish does what is left of a run whose changes are all on the disk.
func (s *Store) finish(j journal) error {
	d, err := s.runDir(j.Run)
	if err != nil {
		return err
	}
	defer d.close()
	data, err := readFrom(d, manifestName)
	if err != nil || data == nil {
		return s.readFailed(joinPath(joinPath(backupName, j.Run), manifestName), err)
	}
	m, err := readManifest(data, joinPath(d.path, manifestName))
	if err != nil {
		return err
	}
	if n := len(m.Runs); n > 0 {
		m.Runs[n-1].Cut = j.cut
	}
	if err := s.saveManifest(m); err != nil {
		return err
	}
	return s.removeJournal()
}

// undo puts back what an unfinished run changed, and forgets it.
func (s *Store) undo(j journal) error {
	list, err := s.readIndex(j.Run)
	if err != nil {
		return err
	}
	r := newRestorer(s, j)
	defer r.s.close()
	r.prepare(list)
	if err := r.restore(list); err != nil {
		return err
	}
	if len(r.report.Carried) > 0 || len(r.saved) > 0 {
		// Something was newer than the backups; they are kept to be safe.
		if err := s.noteRun(j, KindUndone, 0); err != nil {
			return err
		}
		return s.removeJournal()
	}
	if err := s.removeJournal(); err != nil {
		return err
	}
	if err := s.dropStray(); err != nil {
		return err
	}
	s.noteUndone(j)
	return nil
}

// sweep removes temporary files that a run left behind: those with the names
// that its records give, and in directories that are root's alone those that
// renameio makes.
func (r *restorer) sweep(list []*Record) {
	listed := map[string][]string{}
	for i, rec := range list {
		working("looking for what to put back", i, len(list))
		r.s.trim()
		at, err := r.s.strict(rec.Path)
		if err != nil {
			continue
		}
		for _, temp := range []string{rec.Temp, rec.back} {
			if temp == "" {
				continue
			}
			if info, err := at.dir.lstat(temp); err == nil && info.Exists() && info.Kind != DirectoryFile {
				removeFile(at.dir, temp)
			}
		}
		names, ok := listed[at.dir.path]
		if !ok {
			names, _ = at.dir.list()
			r.sweepOwn(at.dir, names)
			names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, ".") })
			listed[at.dir.path] = names // few: each record of the directory looks at them
		}
		if !at.dir.trusted() {
			continue
		}
		for _, name := range names {
			if isPending(name, at.name) {
				removeFile(at.dir, name)
			}
		}
	}
}

// sweepOwn removes what this rollback left in a directory before it was cut off.
// Nobody else can know the token in those names.
func (r *restorer) sweepOwn(d *dir, names []string) {
	prefix := strings.TrimSuffix(tempName(r.j.Token+"r", 0), "0")
	for _, name := range names {
		if strings.HasPrefix(name, prefix) {
			if info, err := d.lstat(name); err == nil && info.Exists() && info.Kind != DirectoryFile {
				removeFile(d, name)
			}
		}
	}
}

// isPending tells whether name is a temporary one that renameio made for base:
// a dot, base, and a number of many digits.
func isPending(name, base string) bool {
	digits, ok := strings.CutPrefix(name, "."+base)
	return ok && len(digits) >= 12 && strings.Trim(digits, "0123456789") == ""
}
