package jail

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"

	"named-jail/rewrite"
)

// execute does the work: the jail, a sync, and then what others see.
func (x *executor) execute(ctx context.Context) error {
	split := slices.IndexFunc(x.p.Ops, func(o Op) bool { return o.step.phase >= phaseHostLink })
	if split < 0 {
		split = len(x.p.Ops)
	}
	each := func(doing string, ops []Op, do func(*Op) error) error {
		for i := range ops {
			if err := ctx.Err(); err != nil {
				return stopped(err)
			}
			working(doing, i, len(ops))
			x.s.trim()
			if err := do(&ops[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if err := each("making the jail", x.p.Ops[:split], x.do); err != nil {
		return err
	}
	if err := x.sync(); err != nil {
		return err
	}
	if x.p.LastLook != nil {
		if err := x.p.LastLook(); err != nil {
			return err
		}
	}
	if err := each("linking to the jail", x.p.Ops, x.linkOriginal); err != nil {
		return err
	}
	if err := each("linking to the jail", x.p.Ops[split:], x.do); err != nil {
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
	if err := makeDir(at.dir, at.name, 0o700); err != nil {
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
	x.next.Runs = append(slices.Clone(x.st.manifest.Runs), Run{ID: x.j.Run, Kind: KindApply, Time: now(), Ops: len(x.p.Ops), Program: Program})
	if err := writeManifest(to, x.next); err != nil {
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
