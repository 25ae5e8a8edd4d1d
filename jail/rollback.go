package jail

import (
	"context"
	"maps"
	"slices"
)

// Rollback restores the state before the first Apply: bytes, owner, group,
// mode, time, extended attributes and links; directories that were made go
// where they are empty. What named has written since in the jail is carried
// back to where it would have written it; what was changed on the host since
// is kept. The report names all of it.
//
// Errors: *Error NJ516 when nothing was ever applied, NJ504 without root,
// NJ508; any other leaves the journal, and the next command goes on.
func (s *Store) Rollback(ctx context.Context, h *Host) (Report, error) {
	if err := needRoot(h, s.jail); err != nil {
		return Report{}, err
	}
	nothing := &Error{Code: "NJ516", Path: s.jail, Message: "nothing was put into this jail, so there is nothing to roll back",
		Remedy: "Is it the right jail? Name it with -t DIRECTORY."}
	if s.dir == nil {
		return Report{}, nothing
	}
	release, err := s.ready()
	if err != nil {
		return Report{}, err
	}
	defer release()
	if err := ctx.Err(); err != nil {
		return Report{}, stopped(err)
	}
	if !slices.ContainsFunc(s.manifest.Runs, live) {
		if s.finished != nil {
			return *s.finished, nil // it was one that had been cut off
		}
		return Report{}, nothing
	}
	id, err := s.nextRun()
	if err != nil {
		return Report{}, s.readFailed(backupName, err)
	}
	to, err := s.newRun(id)
	if err != nil {
		return Report{}, err
	}
	to.close()
	j := journal{Kind: KindRollback, Run: id, State: stateApplying, Token: NewToken()}
	if err := s.saveJournal(j); err != nil {
		return Report{}, err
	}
	defer h.forgetDirs()
	return s.rollBack(j)
}

// live tells whether a run still stands.
func live(r Run) bool { return r.Kind == KindApply && !r.RolledBack }

// rollBack does the work of Rollback, from the beginning or after a cut.
func (s *Store) rollBack(j journal) (Report, error) {
	if !slices.ContainsFunc(s.manifest.Runs, live) {
		s.finished = &Report{}
		return Report{}, s.removeJournal() // only that was missing
	}
	list, err := s.merged()
	if err != nil {
		return Report{}, err
	}
	r := newRestorer(s, j)
	defer r.s.close()
	list = append(list, s.awaited(list)...)
	known := map[string]bool{}
	for _, rec := range list {
		known[rec.Path] = true
	}
	list = append(list, r.kept(known)...)
	r.prepare(list)
	if err := r.restore(list); err != nil {
		return r.report, err
	}
	if err := s.noteRun(j, KindRollback, len(r.report.Restored)+len(r.report.Carried)); err != nil {
		return r.report, err
	}
	s.finished = &r.report
	return r.report, s.removeJournal()
}

// noteRun writes a rollback, or a run that was undone, into the manifest. After
// a rollback the manifest begins anew.
func (s *Store) noteRun(j journal, kind string, ops int) error {
	next := s.manifest.clone()
	if kind == KindRollback {
		next = newManifest(s.jail)
		next.Names = maps.Clone(s.manifest.Names) // a name once given stays
		for _, run := range s.manifest.Runs {
			run.RolledBack = true
			next.Runs = append(next.Runs, run)
		}
	}
	next.Runs = append(next.Runs, Run{ID: j.Run, Kind: kind, Time: now(), Ops: ops, Program: Program, Cut: j.cut && kind == KindRollback})
	return s.saveManifest(next)
}

// merged makes one list of the records of all runs that still stand: for each
// place what was there before the first of them, and what lies there since the
// last.
func (s *Store) merged() ([]*Record, error) {
	byPath := map[string]*Record{}
	var list []*Record
	for _, run := range s.manifest.Runs {
		if !live(run) {
			continue
		}
		records, err := s.readIndex(run.ID)
		if err != nil {
			return nil, err
		}
		for _, rec := range records {
			first := byPath[rec.Path]
			if first == nil {
				byPath[rec.Path] = rec
				list = append(list, rec)
				continue
			}
			mergeRecord(first, rec)
		}
	}
	for _, rec := range list {
		if rec.Role == roleMade && rec.Before.Exists() {
			rec.Role = roleMeta
		}
	}
	return list, nil
}

// mergeRecord takes into first what a later run did at the same place.
func mergeRecord(first, later *Record) {
	held := rank[first.Role] >= rank[roleLink]
	if rank[later.Role] >= rank[roleLink] {
		first.Partner, first.Target, first.After, first.Class = later.Partner, later.Target, later.After, later.Class
		first.Moved = first.Moved || later.Moved
		switch {
		case held && later.Role == roleOriginal && later.Backup != 0:
			// The administrator put a newer original there, which was moved
			// again: it is the one that goes back, with the first one's rights.
			if later.Before.Digest != first.Before.Digest {
				takeBytes(first, later)
			}
		case !held && first.Before.Kind == RegularFile && later.Backup != 0:
			takeBytes(first, later) // before, only owner or mode had changed
		}
	}
	if rank[later.Role] > rank[first.Role] {
		first.Role = later.Role
	}
}

// takeBytes makes the bytes that a later run saved the ones to restore.
func takeBytes(first, later *Record) {
	first.Backup, first.run = later.Backup, later.run
	first.Before.Digest, first.Before.Size, first.Before.Mtime = later.Before.Digest, later.Before.Size, later.Before.Mtime
	first.Before.Attributes = later.Before.Attributes
}

// awaited makes records for the files that named may have made in the jail and
// that the host never had (a secondary zone's copy, a journal), and for copies
// that named went on writing while the original stayed. They go to where named
// would have written them without a jail.
func (s *Store) awaited(list []*Record) []*Record {
	known := map[string]bool{}
	for _, rec := range list {
		known[rec.Path] = true
	}
	var out []*Record
	for _, place := range slices.Sorted(maps.Keys(s.manifest.Entries)) {
		e := s.manifest.Entries[place]
		if !e.Class.Living() || e.Real == "" || e.Found || known[e.Real] {
			continue
		}
		inJail := joinPath(s.jail, string(place)[1:])
		out = append(out, &Record{Path: e.Real, Role: roleAwaited, Class: e.Class, Partner: inJail, After: e.SourceDigest,
			Before: State{UID: e.UID, GID: e.GID, Mode: e.Mode}})
		if !known[inJail] {
			out = append(out, &Record{Path: inJail, Role: roleData, Class: e.Class, Partner: e.Real, Moved: true})
		}
	}
	return out
}
