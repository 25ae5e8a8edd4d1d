package jail

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"

	"named-jail/rewrite"
)

// directory plans a directory of the jail: owner, group and mode are exact.
func (p *planner) directory(w rewrite.Wanted) {
	info, known := p.look(w.Path)
	if !known {
		return
	}
	p.keeps(w)
	uid, gid, mode := p.ids.uid(w.Owner, info), p.ids.gid(w.Group, info), uint32(w.Mode.Perm())
	switch info.Kind {
	case Absent:
		p.add("mkdir", w, info, "", step{kind: stepMkdir, phase: phaseDirectory, uid: uid, gid: gid, mode: mode})
	case DirectoryFile:
		if info.UID != uid || info.GID != gid || info.Mode != mode {
			if of := p.h.systemDir(info); of != "" {
				p.fail(mounted(p.t.HostPath(w.Path), of))
				return
			}
		}
		p.meta(w, info, phaseDirectory, uid, gid, mode)
	default:
		p.fail(inTheWay(p.t.HostPath(w.Path), "%s stands where a directory of the jail must be", info.Kind))
	}
}

// meta plans owner and mode of something that is there already.
func (p *planner) meta(w rewrite.Wanted, info Info, phase, uid, gid int, mode uint32) {
	if info.UID != uid || info.GID != gid {
		p.add("chown", w, info, "", step{kind: stepOwn, phase: phase, uid: uid, gid: gid})
	}
	if info.Mode != mode {
		p.add("chmod", w, info, "", step{kind: stepMode, phase: phase, mode: mode})
	}
}

// device plans a device node. Anything but a directory in its place is
// replaced: a file there is what somebody wrote to a device that was missing.
func (p *planner) device(w rewrite.Wanted) {
	info, known := p.look(w.Path)
	if !known {
		return
	}
	kind := BlockFile
	if w.Char {
		kind = CharFile
	}
	rdev := deviceNumber(w.Major, w.Minor)
	uid, gid, mode := p.ids.uid(w.Owner, info), p.ids.gid(w.Group, info), uint32(w.Mode.Perm())
	switch {
	case info.Kind == DirectoryFile:
		p.fail(inTheWay(p.t.HostPath(w.Path), "a directory stands where a device node must be"))
	case info.Kind == kind && info.Rdev == rdev:
		p.meta(w, info, phaseDevice, uid, gid, mode)
	default:
		reason := w.Reason
		if info.Exists() {
			reason = "replaces " + info.Kind.String() + " that was there"
		}
		p.add("mknod", w, info, reason, step{kind: stepNode, phase: phaseDevice, uid: uid, gid: gid, mode: mode, rdev: rdev, char: w.Char})
	}
}

// symlink plans a link inside the jail.
func (p *planner) symlink(w rewrite.Wanted) {
	info, known := p.look(w.Path)
	if !known {
		return
	}
	switch {
	case info.Kind == DirectoryFile:
		p.fail(inTheWay(p.t.HostPath(w.Path), "a directory stands where a symbolic link must be"))
	case info.Kind == LinkFile && info.Target == w.Target:
	default:
		reason := w.Reason
		if info.Exists() {
			reason = "replaces " + info.Kind.String() + " that was there; a copy is kept"
		}
		p.add("link", w, info, reason, step{kind: stepLink, phase: phaseJailLink, target: w.Target})
	}
}

// hostLink plans a link on the host to a place of the jail, for programs that
// look for named's files at the old place.
func (p *planner) hostLink(w rewrite.Wanted) {
	p.linked[w.Source] = true
	if p.leaves(w) {
		return
	}
	target := p.t.HostPath(w.Path)
	at, err := p.s.resolve(w.Source, false)
	if errors.Is(err, fs.ErrNotExist) {
		if !w.Optional {
			p.warn(&Error{Code: "NJ306", Path: path.Dir(w.Source), Message: "the directory is missing, so no link to " + target + " is put there",
				Remedy: "Make the directory if other programs look for named's file in it."})
		}
		return
	}
	if err != nil {
		p.skip(err)
		return
	}
	if at.path() == target {
		return
	}
	p.next.HostLinks[w.Source] = w.Path
	info := at.info
	reason := w.Reason
	switch info.Kind {
	case Absent:
	case LinkFile:
		if info.Target == target {
			return
		}
		reason = "replaces a link to " + info.Target
	case RegularFile:
		if _, ours := p.old.HostLinks[w.Source]; !ours && w.Class != rewrite.ClassWritten {
			p.skip(inTheWay(w.Source, "a file stands where the link to %s must be", target))
			return
		}
		reason = "replaces the file that named left there; a copy is kept"
	case SocketFile, FIFOFile:
		if w.Class != rewrite.ClassWritten {
			p.skip(inTheWay(w.Source, "%s stands where the link to %s must be", info.Kind, target))
			return
		}
		reason = "replaces " + info.Kind.String() + " that named left there"
	default:
		p.skip(inTheWay(w.Source, "%s stands where the link to %s must be", info.Kind, target))
		return
	}
	o := p.add("link", w, info, reason, step{kind: stepLink, phase: phaseHostLink, place: at.path(), target: target, onHost: true})
	o.From = w.Source
}

// obsolete plans the removal of what was put into the jail and is no longer
// wanted. What was moved there stays: it is the only copy.
func (p *planner) obsolete() {
	for _, place := range slices.Sorted(maps.Keys(p.old.Entries)) {
		e := p.old.Entries[place]
		if _, ok := p.wanted[place]; ok || e.Transfer == rewrite.Move || e.Class.Living() {
			continue
		}
		p.obsoleteFile(place, e)
	}
	for _, source := range slices.Sorted(maps.Keys(p.old.HostLinks)) {
		if !p.linked[source] {
			p.obsoleteLink(source, p.old.HostLinks[source])
		}
	}
}

func (p *planner) obsoleteFile(place rewrite.JailPath, e *Entry) {
	info, known := p.look(place)
	if !known {
		return
	}
	if info.Kind != RegularFile {
		delete(p.next.Entries, place)
		return
	}
	if digest, ok := p.jailDigest(place, info, e); !ok || digest != e.Written {
		if ok {
			p.warn(&Error{Code: "NJ506", Path: p.t.HostPath(place), Message: "the file is no longer wanted, but somebody changed it, so it stays",
				Remedy: "Remove it when you have saved the change."})
		}
		return
	}
	delete(p.next.Entries, place)
	w := rewrite.Wanted{Path: place, Class: e.Class}
	p.add("remove", w, info, "the configuration no longer names it; a copy is kept", step{kind: stepRemove, phase: phaseRemove})
}

func (p *planner) obsoleteLink(source string, place rewrite.JailPath) {
	delete(p.next.HostLinks, source)
	at, err := p.s.resolve(source, false)
	if err != nil || at.info.Kind != LinkFile || at.info.Target != p.t.HostPath(place) {
		return
	}
	w := rewrite.Wanted{Path: place, Class: rewrite.ClassWritten}
	o := p.add("remove", w, at.info, "the link is no longer needed", step{kind: stepRemove, phase: phaseRemove, place: at.path(), onHost: true})
	o.From = source
}
