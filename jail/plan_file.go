package jail

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"golang.org/x/sys/unix"

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
	info, known := p.look(w.Path)
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
	st := &p.ops[len(p.ops)-1].step
	if op != "write" {
		st.source, st.found, st.original = o.real, o.info, op == "move"
		p.ops[len(p.ops)-1].From = w.Source
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

// settle plans owner and mode of a file whose bytes are right, and writes it
// down.
//
// A file that named writes is made anew by named, with its own umask; only its
// owner, and that the owner may read and write it, are held on to.
func (p *planner) settle(w rewrite.Wanted, info, src Info, e *Entry) {
	if e != nil {
		p.next.Entries[w.Path] = e
	}
	uid, gid, mode := p.rights(w, src)
	if w.Class.Living() {
		if info.UID == uid {
			gid = info.GID
		}
		if info.Mode&0o600 == 0o600 && info.Mode&^0o777 == 0 {
			mode = info.Mode
		}
	}
	p.meta(w, info, p.phase(w), uid, gid, mode)
}

// rights gives owner, group and mode of a file. They are never wider than the
// original's where the entry says how to be strict. A mode of 0 is the
// original's.
func (p *planner) rights(w rewrite.Wanted, src Info) (int, int, uint32) {
	mode, group := uint32(w.Mode.Perm()), w.Group
	if mode == 0 && src.Exists() {
		mode = src.Mode & 0o777
	}
	if w.StrictMode != 0 && src.Exists() && mode&0o007&^src.Mode != 0 {
		mode, group = uint32(w.StrictMode.Perm()), w.StrictGroup
	}
	return p.ids.uid(w.Owner, src), p.ids.gid(group, src), mode
}

// sourceInfo is the original for the purpose of rights: itself, or what the
// manifest remembers of it, or the jail's file that took its place.
func (p *planner) sourceInfo(o original, jail Info, old *Entry) Info {
	if o.info.Exists() && !o.here {
		return o.info
	}
	if old != nil && old.SourceMode != 0 {
		jail.Mode = old.SourceMode
	}
	return jail
}

// entryOf begins the manifest's entry of a file.
func (p *planner) entryOf(w rewrite.Wanted, o original, written, source string) *Entry {
	e := &Entry{Class: w.Class, Transfer: w.Transfer, Source: w.Source, Real: o.real, Written: written, SourceDigest: source}
	old := p.old.Entries[w.Path]
	if o.info.Exists() && !o.here {
		e.SourceMode, e.SourceStamp = o.info.Mode, stampOf(o.info)
	} else if old != nil {
		e.SourceMode = old.SourceMode
		e.Real = nonEmpty(e.Real, old.Real)
	}
	if e.Real == "" && w.Source != "" {
		e.Real = p.wouldBe(w.Source)
	}
	if w.Class.Living() {
		e.UID, e.GID, e.Mode = p.ids.UserUID, p.ids.UserGID, uint32(w.Mode.Perm())
	}
	return e
}

// wouldBe is where a file would lie that is not there: its directory without
// links, and its name. Empty when the directory is missing too.
func (p *planner) wouldBe(source string) string {
	at, err := p.s.resolve(source, false)
	if err != nil {
		return ""
	}
	return at.path()
}

// belongsElsewhere tells whether an original must be left where it is: it is
// the system's, or another place of the jail gets or holds it.
func (p *planner) belongsElsewhere(w rewrite.Wanted, o original) bool {
	if strings.HasPrefix(o.real, "/usr/") && !strings.HasPrefix(o.real, "/usr/local/") && !strings.HasPrefix(o.real, p.t.real+"/") {
		return true
	}
	if other, ok := p.taken[o.real]; ok && other != w.Path {
		return true
	}
	if inside, ok := p.t.JailPath(o.real); ok {
		other, wanted := p.wanted[inside]
		return wanted && other.Kind == rewrite.File
	}
	return false
}

// readOnly tells whether nothing can be changed in a directory of the host.
func (p *planner) readOnly(dir string) bool {
	if ro, ok := p.dirRO[dir]; ok {
		return ro
	}
	ro := false
	if d, err := p.s.dirAt(dir); err == nil {
		ro = unix.Faccessat(d.fd, ".", unix.W_OK, 0) == unix.EROFS
	}
	p.dirRO[dir] = ro
	return ro
}

// jailDigest gives the digest of a file of the jail, from the manifest when
// the stamps say that the bytes are the same. False when it may not be read.
func (p *planner) jailDigest(place rewrite.JailPath, info Info, old *Entry) (string, bool) {
	if old != nil && old.Written != "" && old.Stamp == stampOf(info) {
		return old.Written, true
	}
	at, err := p.t.at(p.s, place)
	if err != nil {
		return "", false
	}
	digest, _, err := digestFile(at.dir, at.name)
	if errors.Is(err, fs.ErrPermission) {
		p.cannotLook(p.t.HostPath(place))
		return "", false
	}
	if err != nil {
		p.skip(changeError(p.t.HostPath(place), "reading it", err))
		return "", false
	}
	return digest, true
}

// sourceDigest is jailDigest for an original; "" when it may not be read.
func (p *planner) sourceDigest(o original, old *Entry) string {
	if old != nil && old.SourceDigest != "" && old.SourceStamp == stampOf(o.info) && old.Real == o.real {
		return old.SourceDigest
	}
	at, err := p.s.strict(o.real)
	if err != nil {
		return ""
	}
	digest, _, err := digestFile(at.dir, at.name)
	if errors.Is(err, fs.ErrPermission) {
		p.cannotLook(o.real)
	} else if err != nil {
		p.skip(changeError(o.real, "reading it", err))
	}
	return digest
}

// bothDigests gives what the place should hold and what it holds.
func (p *planner) bothDigests(w rewrite.Wanted, info Info, o original, old *Entry) (want, have string, ok bool) {
	if w.Edited {
		want = digestBytes(w.Content)
	} else {
		want = p.sourceDigest(o, old)
	}
	have, ok = p.jailDigest(w.Path, info, old)
	return want, have, ok && want != ""
}

// phase gives a file its place in the order.
func (p *planner) phase(w rewrite.Wanted) int {
	switch {
	case w.Path == configPath:
		return phaseConfig
	case w.Class == rewrite.ClassConfig:
		return phaseInclude
	}
	return phaseData
}
