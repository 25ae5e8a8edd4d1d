package jail

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
)

// journal says what is being done. It lies in the store from before the first
// change until after the last one.
type journal struct {
	Kind  string `json:"kind"`  // "apply" or "rollback"
	Run   string `json:"run"`   // the directory of the backups
	State string `json:"state"` // "applying" until all is on the disk, then "committed"
	Token string `json:"token"` // part of all temporary names

	Made []madeDir `json:"made,omitempty"` // directories that were made for the store

	Prune []string `json:"prune,omitempty"` // the runs whose backups are being removed
	Saved bool     `json:"saved,omitempty"` // with what lies nowhere else

	cut bool // it was found by a later command
}

const (
	stateApplying  = "applying"
	stateCommitted = "committed"
)

// Apply carries a plan out, all of it or nothing: after a failure everything
// is as it was. It makes the store where it is missing and takes the lock if
// the caller has not.
//
// Errors: *Error NJ504 without root, NJ508 when another run has the lock, NJ507
// when host or jail are no longer as the plan saw them, NJ514 and NJ509 when a
// change failed (and was undone), NJ515.
func (s *Store) Apply(ctx context.Context, h *Host, t *Tree, p *Plan) error {
	if p.broken {
		return &Error{Code: "NJ509", Path: t.real, Message: "a plan with errors is not carried out",
			Remedy: "Remove the errors that were shown with the plan."}
	}
	if p.Empty() && equalManifests(p.old, p.next) {
		return nil
	}
	if err := needRoot(h, t.real); err != nil {
		return err
	}
	release, err := s.ready()
	if err != nil {
		return err
	}
	defer release()
	if !equalManifests(s.manifest, p.old) {
		return changedUnderUs(joinPath(s.path, manifestName))
	}
	if p.Empty() {
		next := p.next.clone()
		next.Runs = s.manifest.Runs
		return s.saveManifest(next)
	}
	x := &executor{st: s, s: t.session(), t: t, p: p, next: p.next.clone(), touched: map[string]bool{}}
	defer x.s.close()
	defer h.forgetDirs()
	defer t.looks.drop()
	if err := x.run(ctx); err != nil {
		return err
	}
	return t.reopen()
}

// ready makes and locks the store, and deals with a run that was cut off. What
// it gives back undoes the locking, and removes a store that stayed empty.
func (s *Store) ready() (func(), error) {
	release := s.dropUnused
	if s.lock == nil {
		release = func() { s.dropUnused(); s.Unlock() }
	}
	for try := 0; s.lock == nil; try++ {
		if s.dir == nil || try > 0 {
			if err := s.make(); err != nil {
				s.dropMade()
				if errors.Is(err, fs.ErrNotExist) && try < maxTries {
					continue // another run removed a directory that it had made
				}
				return nil, err
			}
		}
		if err := s.Lock(); err != nil {
			return nil, err
		}
		if try > maxTries {
			return nil, changedUnderUs(s.path)
		}
	}
	err := s.makeBackups()
	if err == nil {
		_, err = s.recover()
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// executor carries out one plan.
type executor struct {
	st      *Store
	s       *session
	t       *Tree
	p       *Plan
	next    *Manifest
	rec     *recorder
	j       journal
	touched map[string]bool // directories that must be synced
}

// NewToken draws the part of temporary names that nobody can foresee.
func NewToken() string {
	b := make([]byte, 6)
	rand.Read(b)
	return hex.EncodeToString(b)
}

func (x *executor) run(ctx context.Context) error {
	id, err := x.st.nextRun()
	if err != nil {
		return x.st.readFailed(backupName, err)
	}
	x.j = journal{Kind: KindApply, Run: id, State: stateApplying, Token: NewToken(), Made: x.st.made}
	if err := x.prepare(ctx); err != nil {
		// Nothing was changed yet. Recover removes what this leaves.
		if x.st.removeJournal() == nil {
			x.st.dropRun(id)
		}
		return err
	}
	err = x.execute(ctx)
	if err == nil {
		err = x.commit()
	}
	if err == nil {
		return nil
	}
	if x.j.State == stateCommitted {
		return err // all is done; the next run only has to tidy up
	}
	if _, undoErr := x.st.recover(); undoErr != nil {
		d := Diagnose(undoErr)
		return &Error{Code: "NJ509", Path: Diagnose(err).File,
			Message: Diagnose(err).Message + "; and putting things back failed: " + d.Message,
			Remedy:  "Remove the cause (" + d.Remedy + ") and run the command again: it goes on with putting things back."}
	}
	return err
}

// prepare compares everything with the plan, makes the backups, and writes the
// journal.
func (x *executor) prepare(ctx context.Context) error {
	to, err := x.st.newRun(x.j.Run)
	if err != nil {
		return err
	}
	defer to.close()
	x.rec = newRecorder(x.s, to, x.j.Run, x.j.Token)
	for i := range x.p.Ops {
		if err := ctx.Err(); err != nil {
			return stopped(err)
		}
		working("keeping what changes", i, len(x.p.Ops))
		x.s.trim()
		if err := x.record(&x.p.Ops[i]); err != nil {
			return err
		}
	}
	if err := x.st.saveIndex(to, x.rec.list); err != nil {
		return err
	}
	return x.st.saveJournal(x.j)
}

// newRun makes the directory for the backups of a run.
func (s *Store) newRun(id string) (*dir, error) {
	ss := s.h.session()
	defer ss.close()
	if _, err := s.makeSub(ss, s.backups, id, 0o700); err != nil {
		return nil, changeError(joinPath(s.backups.path, id), "making the directory for backups", err)
	}
	return s.backups.sub(id)
}

// saveIndex writes the records of a run and makes its directory last.
func (s *Store) saveIndex(to *dir, list []*Record) error {
	kept := make([]*Record, len(list))
	for i, r := range list {
		kept[i] = r.withNames(toText)
	}
	err := writeJSON(to, indexName, kept)
	if err == nil {
		err = syncAll(to)
	}
	if err != nil {
		return changeError(joinPath(to.path, indexName), "writing the record of the change", err)
	}
	return nil
}

func (s *Store) saveJournal(j journal) error {
	if err := writeJSON(s.dir, journalName, j); err != nil {
		return changeError(joinPath(s.path, journalName), "writing the journal", err)
	}
	return nil
}

func (s *Store) removeJournal() error {
	err := removeFile(s.dir, journalName)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = syncDir(s.dir)
	}
	if err != nil {
		return changeError(joinPath(s.path, journalName), "removing the journal", err)
	}
	return nil
}

func stopped(err error) error {
	return &Error{Code: "NJ509", Message: "the work was stopped before it was done", Err: err,
		Remedy: "Run the command again; what had been changed is put back."}
}

// record notes all places that one operation changes.
func (x *executor) record(o *Op) error {
	st := &o.step
	var as role
	switch st.kind {
	case stepMkdir:
		as = roleMade
	case stepOwn, stepMode:
		as = roleMeta
	case stepData, stepNode:
		as = roleData
	case stepLink, stepRemove:
		if as = roleData; st.onHost {
			as = roleLink
		}
	}
	if st.kind != stepNone {
		rec, err := x.rec.add(st.place, as, st.class, st.before)
		if err != nil {
			return err
		}
		rec.After, rec.Target = nonEmpty(st.digest, rec.After), nonEmpty(st.target, rec.Target)
		if st.source != "" {
			rec.Partner, rec.Moved = st.source, st.original
		}
		if as != roleMeta {
			if err := x.rec.parent(st.place); err != nil {
				return err
			}
		}
	}
	if st.source == "" {
		return nil
	}
	if !st.original {
		return x.compare(st)
	}
	rec, err := x.rec.add(st.source, roleOriginal, st.class, st.found)
	if err != nil {
		return err
	}
	rec.Partner, rec.Target = st.place, st.place
	// The backup has read the original: what goes into the jail is known now.
	if st.content == nil {
		st.digest = rec.Before.Digest
	}
	rec.After = st.digest
	if own := x.rec.byPath[st.place]; own != nil && own.Role == roleData {
		own.After = st.digest
	}
	return x.rec.parent(st.source)
}

// compare checks that the original of a copy is as the plan saw it.
func (x *executor) compare(st *step) error {
	at, err := x.s.strict(st.source)
	if err != nil {
		return changeError(st.source, "looking at it", err)
	}
	if !sameObject(at.info, st.found) {
		return changedUnderUs(st.source)
	}
	if st.content != nil {
		return nil
	}
	if st.digest, err = digestSpot(at); err != nil {
		return changeError(st.source, "reading it", err)
	}
	if own := x.rec.byPath[st.place]; own != nil {
		own.After = st.digest
	}
	return nil
}
