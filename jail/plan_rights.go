package jail

import (
	"errors"
	"io/fs"
	"strings"

	"golang.org/x/sys/unix"

	"named-jail/rewrite"
)

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
	digest, err := digestSpot(at)
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
	digest, err := digestSpot(at)
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
