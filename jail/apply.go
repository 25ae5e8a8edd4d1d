package jail

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"time"

	"named-jail/rewrite"
)

// journal says what is being done. It lies in the store from before the first
// change until after the last one.
type journal struct {
	Kind  string `json:"kind"`  // "apply" or "rollback"
	Run   string `json:"run"`   // the directory of the backups
	State string `json:"state"` // "applying" until all is on the disk, then "committed"
	Token string `json:"token"` // part of all temporary names
}

const (
	stateApplying  = "applying"
	stateCommitted = "committed"
	kindApply      = "apply"
	kindRollback   = "rollback"
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
	if err := x.run(ctx); err != nil {
		return err
	}
	return t.reopen()
}

// ready makes and locks the store, and deals with a run that was cut off. What
// it gives back undoes the locking.
func (s *Store) ready() (func(), error) {
	if s.backups == nil {
		if s.dir != nil {
			s.dir.close()
			s.dir = nil
		}
		if err := s.make(); err != nil {
			return nil, err
		}
	}
	release := func() {}
	if s.lock == nil {
		if err := s.Lock(); err != nil {
			return nil, err
		}
		release = s.Unlock
	}
	if _, err := s.Recover(); err != nil {
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

// newToken draws the part of temporary names that nobody can foresee.
func newToken() string {
	b := make([]byte, 6)
	rand.Read(b)
	return hex.EncodeToString(b)
}

func (x *executor) run(ctx context.Context) error {
	id, err := x.st.nextRun()
	if err != nil {
		return x.st.readFailed(backupName, err)
	}
	x.j = journal{Kind: kindApply, Run: id, State: stateApplying, Token: newToken()}
	if err := x.prepare(ctx); err != nil {
		x.st.dropRun(id) // nothing was changed; Recover removes what this leaves
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
	if _, undoErr := x.st.Recover(); undoErr != nil {
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
	err := writeJSON(to, indexName, list)
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
	if st.digest, _, err = digestFile(at.dir, at.name); err != nil {
		return changeError(st.source, "reading it", err)
	}
	if own := x.rec.byPath[st.place]; own != nil {
		own.After = st.digest
	}
	return nil
}

// execute does the work: the jail, a sync, and then what others see.
func (x *executor) execute(ctx context.Context) error {
	split := slices.IndexFunc(x.p.Ops, func(o Op) bool { return o.step.phase >= phaseHostLink })
	if split < 0 {
		split = len(x.p.Ops)
	}
	each := func(ops []Op, do func(*Op) error) error {
		for i := range ops {
			if err := ctx.Err(); err != nil {
				return stopped(err)
			}
			x.s.trim()
			if err := do(&ops[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if err := each(x.p.Ops[:split], x.do); err != nil {
		return err
	}
	if err := x.sync(); err != nil {
		return err
	}
	if err := each(x.p.Ops, x.linkOriginal); err != nil {
		return err
	}
	if err := each(x.p.Ops[split:], x.do); err != nil {
		return err
	}
	return x.sync()
}

// sync makes the entries of all directories that were changed last.
func (x *executor) sync() error {
	for _, path := range slices.Sorted(maps.Keys(x.touched)) {
		x.s.trim()
		d, err := x.s.dirAt(path)
		if err == nil {
			err = syncDir(d)
		}
		if err != nil {
			return changeError(path, "syncing the directory", err)
		}
	}
	clear(x.touched)
	return nil
}

// do carries out one operation, except for the link at its original's place.
func (x *executor) do(o *Op) error {
	st := &o.step
	if st.kind == stepNone {
		return nil
	}
	at, err := x.s.strict(st.place)
	if err == nil && at.info.Kind == DirectoryFile && st.kind != stepOwn && st.kind != stepMode {
		err = inTheWay(st.place, "a directory appeared here")
	}
	if err != nil {
		return changeError(st.place, "opening its directory", err)
	}
	x.touched[at.dir.path] = true
	switch st.kind {
	case stepMkdir:
		err = x.mkdir(at, st)
	case stepData:
		err = x.data(at, o)
	case stepLink:
		err = placeLink(st.target, at.dir, at.name, x.temp(st.place), 0, 0)
	case stepNode:
		kind := BlockFile
		if st.char {
			kind = CharFile
		}
		err = placeNode(at.dir, at.name, x.temp(st.place), State{Kind: kind, Mode: st.mode, UID: st.uid, GID: st.gid, Rdev: st.rdev})
		if errors.Is(err, fs.ErrPermission) {
			return &Error{Code: "NJ509", Path: st.place, Message: "the device node cannot be made: the system does not allow it",
				Remedy: "In a container, give it the right to make devices (CAP_MKNOD), or run named-jail outside."}
		}
	case stepOwn:
		err = changeMeta(at, st.uid, st.gid, 0, false, 0, 0, x.p.ids.UserUID)
	case stepMode:
		err = changeMeta(at, -1, -1, st.mode, true, 0, 0, x.p.ids.UserUID)
	case stepRemove:
		err = removeFile(at.dir, at.name)
	}
	if err != nil {
		return changeError(st.place, doing[st.kind], err)
	}
	if st.kind == stepOwn || st.kind == stepMode {
		x.refresh(o.Path, st.place)
	}
	return nil
}

// doing are the words for the operations in messages.
var doing = map[stepKind]string{stepMkdir: "making the directory", stepData: "putting the file there", stepLink: "making the link",
	stepNode: "making the device node", stepOwn: "changing the owner", stepMode: "changing the mode", stepRemove: "removing the file"}

// temp is the temporary name that the journal knows for a place.
func (x *executor) temp(place string) string { return x.rec.byPath[place].Temp }

func (x *executor) mkdir(at spot, st *step) error {
	if err := makeDir(at.dir, at.name); err != nil {
		return err
	}
	at, err := x.s.strict(st.place)
	if err != nil {
		return err
	}
	if at.info.Kind != DirectoryFile {
		return changedUnderUs(st.place)
	}
	return changeMeta(at, st.uid, st.gid, st.mode, true, 0, 0, x.p.ids.UserUID)
}

// data puts a file in its place.
func (x *executor) data(at spot, o *Op) error {
	st := &o.step
	want := State{Mode: st.mode, UID: st.uid, GID: st.gid}
	var err error
	if st.source == "" {
		_, err = placeFile(at.dir, at.name, x.temp(st.place), want, fillWith(st.content))
	} else {
		err = x.fromSource(at, st, want)
	}
	if err != nil {
		return err
	}
	now, err := at.dir.lstat(at.name)
	if err != nil {
		return err
	}
	e := *st.entry
	e.Written, e.Stamp = st.digest, stampOf(now)
	if st.source != "" {
		e.Linked = st.original
	}
	x.next.Entries[o.Path] = &e
	if rec := x.rec.byPath[st.place]; rec != nil {
		rec.After = st.digest
	}
	return nil
}

// fromSource copies an original, which must still be as the plan saw it.
func (x *executor) fromSource(at spot, st *step, want State) error {
	src, err := x.s.strict(st.source)
	if err != nil {
		return err
	}
	f, info, err := src.dir.openRegular(src.name)
	if err != nil {
		return err
	}
	defer f.Close()
	if !sameBytes(info, st.found) {
		return changedUnderUs(st.source)
	}
	want.Mtime = info.Mtime
	if want.Attributes, err = readAttributes(f); err != nil {
		return err
	}
	if info.UID != 0 {
		delete(want.Attributes, aclAttribute) // it could let its author back in
	}
	fill := fillFrom(f, info)
	if st.content != nil {
		fill = fillWith(st.content)
		st.entry.SourceDigest, err = copyBytes(io.Discard, f, info)
		if err != nil {
			return err
		}
	}
	digest, err := placeFile(at.dir, at.name, x.temp(st.place), want, fill)
	if err != nil {
		return err
	}
	if st.content == nil {
		if st.digest != "" && digest != st.digest {
			return changedUnderUs(st.source)
		}
		st.digest, st.entry.SourceDigest = digest, digest
	}
	return nil
}

// linkOriginal puts the link in the place of a file that the jail holds now.
func (x *executor) linkOriginal(o *Op) error {
	st := &o.step
	if !st.original {
		return nil
	}
	at, err := x.s.strict(st.source)
	if err != nil {
		return changeError(st.source, "opening its directory", err)
	}
	if !sameObject(at.info, st.found) {
		return changedUnderUs(st.source)
	}
	x.touched[at.dir.path] = true
	if err := placeLink(st.place, at.dir, at.name, x.temp(st.source), 0, 0); err != nil {
		return changeError(st.source, "putting a link in its place", err)
	}
	return nil
}

// refresh takes the new stamps of a file whose owner or mode was changed.
func (x *executor) refresh(place rewrite.JailPath, real string) {
	e := x.next.Entries[place]
	if e == nil || e.Stamp == (Stamp{}) {
		return
	}
	at, err := x.s.strict(real)
	if err != nil || at.info.Ino != e.Stamp.Ino || at.info.Size != e.Stamp.Size || at.info.Mtime != e.Stamp.Mtime {
		return // read anew next time
	}
	c := *e
	c.Stamp = stampOf(at.info)
	x.next.Entries[place] = &c
}

// commit writes down that all is done: from here on nothing is undone.
func (x *executor) commit() error {
	to, err := x.st.runDir(x.j.Run)
	if err != nil {
		return err
	}
	defer to.close()
	x.next.Runs = append(slices.Clone(x.st.manifest.Runs), Run{ID: x.j.Run, Kind: kindApply, Time: time.Now().UTC().Truncate(time.Second), Ops: len(x.p.Ops)})
	if err := writeJSON(to, manifestName, x.next); err != nil {
		return changeError(to.path, "writing the record of what was done", err)
	}
	if err := x.st.saveIndex(to, x.rec.list); err != nil {
		return err
	}
	done := x.j
	done.State = stateCommitted
	if err := x.st.saveJournal(done); err != nil {
		return err
	}
	x.j = done
	if err := x.st.saveManifest(x.next); err != nil {
		return err
	}
	return x.st.removeJournal()
}
