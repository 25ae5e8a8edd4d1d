package jail

import (
	"errors"
	"io/fs"
	"path"

	"named-jail/rewrite"
)

// original is what lies at a Wanted's Source.
type original struct {
	real string // link-free path; where nothing lies, where it would lie
	info Info   // Absent when there is no file of its own
	here bool   // the path leads to the place in the jail already
}

// file plans one file of the jail.
func (p *planner) file(w rewrite.Wanted) {
	p.s.rights = w.Transfer == rewrite.Adopt || w.Class.Living() // its content is named's affair
	info, known := p.look(w.Path)
	p.s.rights = false
	if !known {
		return
	}
	if info.Exists() && info.Kind != RegularFile {
		err := inTheWay(p.t.HostPath(w.Path), "%s stands where a file of the jail must be", info.Kind)
		if w.Class.Living() {
			p.skip(err) // what named did in its own directory must not stop the rest
		} else {
			p.fail(err)
		}
		return
	}
	if w.Transfer == rewrite.Adopt {
		if info.Exists() {
			p.settle(w, info, info, nil)
		}
		return
	}
	o, err := p.original(w)
	if err != nil {
		p.skip(err)
		return
	}
	if o.info.Exists() && w.Class.Living() {
		info, _ = p.look(w.Path) // two files, which are compared
	}
	switch {
	case w.Transfer == rewrite.Write:
		p.write(w, info, o)
	case w.Transfer == rewrite.Move && !p.next.Copy:
		p.move(w, info, o)
	default:
		p.copy(w, info, o)
	}
}

// original finds the file that Source leads to.
func (p *planner) original(w rewrite.Wanted) (original, error) {
	if w.Source == "" {
		return original{}, nil
	}
	target := p.t.HostPath(w.Path)
	if at, ok := p.s.ourLink(w.Source, target); ok {
		return original{real: at, here: true}, nil
	}
	at, err := p.s.resolve(w.Source, false)
	if errors.Is(err, fs.ErrNotExist) {
		return original{}, nil
	}
	if err != nil {
		return original{}, err
	}
	if at.info.Kind == LinkFile {
		// Our own link need not be followed, nor judged by its owner.
		if at.info.Target == target {
			return original{real: at.path(), here: true}, nil
		}
		if at, err = p.s.resolve(w.Source, true); errors.Is(err, fs.ErrNotExist) {
			return original{}, nil
		} else if err != nil {
			return original{}, err
		}
	}
	o := original{real: at.path(), info: at.info}
	switch {
	case o.real == target:
		o.here = true
		if e := p.old.Entries[w.Path]; e != nil {
			o.real = e.Real
		}
	case o.info.Exists() && o.info.Kind != RegularFile:
		return o, inTheWay(w.Source, "this is %s, not a file", o.info.Kind)
	}
	return o, nil
}

// write plans a file whose whole text is given.
func (p *planner) write(w rewrite.Wanted, info Info, o original) {
	old := p.old.Entries[w.Path]
	digest := digestBytes(w.Content)
	if !info.Exists() {
		p.put("write", w, info, o, digest, "")
		return
	}
	src := p.sourceInfo(o, info, old)
	if w.Source == "" {
		src = Info{}
	}
	there, ok := p.jailDigest(w.Path, info, old)
	switch {
	case !ok:
		p.settle(w, info, src, nil)
	case there == digest || w.Class.Living():
		e := p.entryOf(w, o, there, "")
		e.Stamp = stampOf(info)
		p.settle(w, info, src, e)
	case old != nil && there != old.Written:
		p.edited(w, o)
	case old != nil:
		p.put("write", w, info, o, digest, "")
	default:
		p.put("write", w, info, o, digest, "replaces the file that was there; a copy is kept")
	}
}

// edited is a file of ours that somebody else changed in the jail.
func (p *planner) edited(w rewrite.Wanted, o original) {
	place := p.t.HostPath(w.Path)
	remedy := "Save the change elsewhere, remove " + place + ", and run the command again."
	if w.Source != "" {
		remedy = "Make the change in " + w.Source + ", remove " + place + ", and run the command again."
	}
	p.skip(&Error{Code: "NJ506", Path: place, Message: "somebody changed this file, which named-jail writes; it would be overwritten", Remedy: remedy})
}

// move plans a file that goes into the jail and leaves a link behind.
func (p *planner) move(w rewrite.Wanted, info Info, o original) {
	old := p.old.Entries[w.Path]
	if o.here {
		p.inPlace(w, info, o, old)
		return
	}
	if !o.info.Exists() {
		p.missing(w, info, o, old)
		return
	}
	if p.belongsElsewhere(w, o) {
		p.copy(w, info, o)
		return
	}
	if p.readOnly(path.Dir(o.real)) {
		p.fail(&Error{Code: "NJ514", Path: o.real, Message: "the file cannot be moved: its file system is mounted read-only",
			Remedy: "Remount it for writing, or use --copy to leave all originals where they are."})
		return
	}
	p.taken[o.real] = w.Path
	if !info.Exists() {
		p.put("move", w, info, o, "", "")
		return
	}
	want, have, ok := p.bothDigests(w, info, o, old)
	switch {
	case !ok:
	case want == have:
		p.link(w, info, o, want)
	case w.Class.Living():
		p.conflict(w, o)
	default:
		p.put("move", w, info, o, "", "the file on the host is newer than the jail's, of which a copy is kept")
	}
}

// conflict is a file that exists twice where both may hold data that named
// wrote.
func (p *planner) conflict(w rewrite.Wanted, o original) {
	place := p.t.HostPath(w.Path)
	p.skip(&Error{Code: "NJ505", Path: o.real, Message: "this file and " + place + " differ, and named may have written either",
		Remedy: "Compare the two (the serial number of the SOA record tells the newer), move the wrong one away, and run the command again."})
}

// inPlace settles a file that was moved before. An edit that became needed
// since is made; not in a file that named writes, whose copy is the living one.
func (p *planner) inPlace(w rewrite.Wanted, info Info, o original, old *Entry) {
	if !info.Exists() {
		p.missing(w, info, original{real: o.real}, old)
		return
	}
	e := p.entryOf(w, o, "", "")
	e.Linked = true
	if old != nil {
		e.Written, e.Stamp, e.SourceDigest = old.Written, old.Stamp, old.SourceDigest
		e.SourceStamp, e.Found = old.SourceStamp, old.Found
	}
	if w.Edited && !w.Class.Living() {
		digest := digestBytes(w.Content)
		have, ok := p.jailDigest(w.Path, info, old)
		if ok && have != digest {
			src := p.sourceInfo(o, info, old)
			p.putEntry("write", w, info, src, e, digest, "paths in it have to change; a copy is kept")
			return
		}
		if ok {
			e.Written, e.Stamp = digest, stampOf(info)
		}
	}
	p.settle(w, info, p.sourceInfo(o, info, old), e)
}

// missing is a file whose original is not there: named may have made it in the
// jail, or may do so yet.
func (p *planner) missing(w rewrite.Wanted, info Info, o original, old *Entry) {
	switch {
	case info.Exists():
		e := p.entryOf(w, o, "", "")
		e.Found = old == nil
		if old != nil {
			*e = *old
			e.Class, e.Source = w.Class, w.Source
		}
		p.settle(w, info, p.sourceInfo(o, info, old), e)
	case w.Optional:
		if w.Class.Living() {
			p.next.Entries[w.Path] = p.entryOf(w, o, "", "")
		}
	default:
		p.skip(&Error{Code: "NJ305", Path: w.Source, Message: "the file is missing",
			Remedy: "Put the file there, or take the statement that names it out of the configuration."})
	}
}

// copy plans a file of which the original stays.
func (p *planner) copy(w rewrite.Wanted, info Info, o original) {
	old := p.old.Entries[w.Path]
	if o.here {
		p.inPlace(w, info, o, old)
		return
	}
	if !o.info.Exists() {
		p.missing(w, info, o, old)
		return
	}
	if !info.Exists() {
		p.put("copy", w, info, o, "", "")
		return
	}
	if w.Class.Living() && old != nil {
		p.copied(w, info, o, old)
		return
	}
	want, have, ok := p.bothDigests(w, info, o, old)
	if !ok {
		p.settle(w, info, p.sourceInfo(o, info, old), nil)
		return
	}
	e := p.entryOf(w, o, have, p.sourceDigest(o, old))
	e.Transfer, e.Stamp = rewrite.Copy, stampOf(info)
	switch {
	case want == have:
		p.settle(w, info, o.info, e)
	case w.Class.Living():
		p.conflict(w, o)
	case old != nil && have != old.Written:
		p.edited(w, o)
	case old != nil:
		p.put("copy", w, info, o, "", "the original has changed")
	default:
		p.put("copy", w, info, o, "", "replaces the file that was there; a copy is kept")
	}
}

// copied is a file that named writes, and of which the jail got a copy before.
// It is not read again; only its original is, when that has changed.
func (p *planner) copied(w rewrite.Wanted, info Info, o original, old *Entry) {
	if digest := p.sourceDigest(o, old); digest != "" && digest != old.SourceDigest {
		p.warn(&Error{Code: "NJ506", Path: o.real, Message: "this file was changed since it was copied into the jail; named goes on with its own, " + p.t.HostPath(w.Path),
			Remedy: "Bring the change to named (nsupdate, or a change at the primary server), or replace the jail's file while named is stopped."})
	}
	keep := *old
	p.settle(w, info, o.info, &keep)
}

// put plans the bytes of a file.
func (p *planner) put(op string, w rewrite.Wanted, info Info, o original, digest, reason string) {
	e := p.entryOf(w, o, "", "")
	if op == "copy" {
		e.Transfer = rewrite.Copy
	}
	p.putEntry(op, w, info, p.sourceInfo(o, o.info, nil), e, digest, reason)
	made := &p.ops[len(p.ops)-1]
	made.From = w.Source
	if st := &made.step; op != "write" {
		st.source, st.found, st.original = o.real, o.info, op == "move"
	}
}

func (p *planner) putEntry(op string, w rewrite.Wanted, info, src Info, e *Entry, digest, reason string) {
	st := step{kind: stepData, phase: p.phase(w), entry: e, digest: digest}
	st.uid, st.gid, st.mode = p.rights(w, src)
	if w.Transfer == rewrite.Write || w.Edited {
		st.content = w.Content
		if st.content == nil {
			st.content = []byte{}
		}
		st.digest = digestBytes(w.Content)
	}
	p.next.Entries[w.Path] = e
	p.add(op, w, info, reason, st)
}

// link plans only the link at the original's place; the bytes are in the jail.
func (p *planner) link(w rewrite.Wanted, info Info, o original, digest string) {
	e := p.entryOf(w, o, digest, digest)
	e.Linked, e.Stamp = true, stampOf(info)
	p.settle(w, info, o.info, e)
	op := p.add("link", w, info, "the jail holds the same bytes already", step{kind: stepNone, phase: phaseHostLink,
		entry: e, digest: digest, source: o.real, found: o.info, original: true})
	op.From = w.Source
}
