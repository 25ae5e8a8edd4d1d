package jail

import (
	"context"
	"slices"
	"time"
)

// PruneOptions says which backups may go. Run is the number of one run, 0 for
// those of all that ended before Before. Saved: also the copies of files that
// were changed in the jail and lie nowhere else.
type PruneOptions struct {
	Run    int
	Before time.Time
	Saved  bool
}

// Pruning is what of one run is removed. Files counts everything, Backups the
// copies among them; Bytes is the size of all. Kept are copies that stay because
// a rollback needs them, Saved those that stay because they lie nowhere else.
type Pruning struct {
	Run
	Files, Backups, Kept, Saved int
	Bytes                       int64
}

// PlanPrune tells what Prune would remove, run by run; runs of which nothing
// would go or stay are left out. It only looks.
//
// Of runs that stand only those copies may go that a rollback does not need: a
// later run made them of what an earlier one had put there. So the state before
// the first apply can always be restored, by any pruning. Of runs that were
// rolled back or undone everything may go.
//
// Errors: as History.
func (s *Store) PlanPrune(opt PruneOptions) ([]Pruning, error) {
	if err := s.readable(); err != nil || s.dir == nil {
		return nil, err
	}
	need, err := s.needed()
	if err != nil {
		return nil, err
	}
	var out []Pruning
	for _, run := range s.manifest.Runs {
		if !opt.chooses(run) {
			continue
		}
		p := Pruning{Run: run}
		err := s.eachFile(run.ID, func(name string, info Info) {
			n, isCopy := copyNumber(name)
			switch {
			case removable(run, name, need, opt.Saved):
				p.Files++
				p.Bytes += info.Size
				if isCopy || isSaved(name) {
					p.Backups++
				}
			case isCopy && need[backupKey{run.ID, n}]:
				p.Kept++
			case isSaved(name):
				p.Saved++
			}
		})
		if err != nil {
			return nil, s.readFailed(joinPath(backupName, run.ID), err)
		}
		if p.Files+p.Kept+p.Saved > 0 {
			out = append(out, p)
		}
	}
	return out, nil
}

// chooses tells whether a run is one of those that are meant.
func (o PruneOptions) chooses(r Run) bool {
	if o.Run != 0 {
		return r.Number() == o.Run
	}
	return r.Time.Before(o.Before)
}

// removable tells whether a file of a run's directory may go. What is not known
// here stays.
func removable(run Run, name string, need map[backupKey]bool, saved bool) bool {
	n, isCopy := copyNumber(name)
	switch {
	case isCopy:
		return !need[backupKey{run.ID, n}]
	case name == indexName:
		return !live(run) // of a run that stands it says what belongs where
	case name == manifestName:
		return true // it was for the end of the run
	case isSaved(name):
		return saved
	}
	return false
}

// Prune removes what PlanPrune tells, and gives that back. Cut off, it is
// finished by the next command that changes something.
//
// Errors: *Error NJ504 without root, NJ508, NJ509, NJ515.
func (s *Store) Prune(ctx context.Context, opt PruneOptions) ([]Pruning, error) {
	if err := needRoot(s.h, s.jail); err != nil || s.dir == nil {
		return nil, err
	}
	release, err := s.ready()
	if err != nil {
		return nil, err
	}
	defer release()
	if err := ctx.Err(); err != nil {
		return nil, stopped(err)
	}
	list, err := s.PlanPrune(opt)
	if err != nil {
		return nil, err
	}
	j := journal{Kind: KindPrune, State: stateApplying, Saved: opt.Saved}
	for _, p := range list {
		if p.Files > 0 {
			j.Prune = append(j.Prune, p.ID)
		}
	}
	if len(j.Prune) == 0 {
		return list, nil
	}
	if err := s.saveJournal(j); err != nil {
		return nil, err
	}
	return list, s.prune(j)
}

// prune does the work of Prune, from the beginning or after a cut. What may go
// does not depend on what has gone, so the order is free, and a cut at any place
// leaves a store from which a rollback restores everything.
func (s *Store) prune(j journal) error {
	need, err := s.needed()
	if err != nil {
		return err
	}
	next := s.manifest.clone()
	for i := range next.Runs {
		run := &next.Runs[i]
		if !slices.Contains(j.Prune, run.ID) {
			continue
		}
		if err := s.pruneRun(*run, need, j.Saved); err != nil {
			return changeError(joinPath(joinPath(s.path, backupName), run.ID), "removing old backups", err)
		}
		run.Pruned = now()
	}
	if err := s.saveManifest(next); err != nil {
		return err
	}
	return s.removeJournal()
}

// pruneRun removes what may go of one run, and its directory when it is empty.
func (s *Store) pruneRun(run Run, need map[backupKey]bool, saved bool) error {
	d, names, err := s.kept(run.ID)
	if d == nil {
		return err
	}
	defer d.close()
	left := 0
	for i, name := range names {
		working("removing old backups", i, len(names))
		if !removable(run, name, need, saved) {
			left++
			continue
		}
		if err := removeFile(d, name); err != nil {
			return err
		}
	}
	if left > 0 {
		return syncDir(d)
	}
	if err := removeDir(s.backups, run.ID); err != nil {
		return err
	}
	return syncDir(s.backups)
}
