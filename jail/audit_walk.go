package jail

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"named-jail/rewrite"
)

// place says in whose part of the jail a directory lies: mine are the
// directories that named writes, given those that others fill, foreign those
// that have been reported as a whole.
type place struct {
	mine, given, foreign bool
}

// users tells whether a directory belongs to named's part: it is wanted as
// such, or lies in one that is.
func (a *auditor) users(jp rewrite.JailPath, above bool) bool {
	if w, ok := a.plan.wanted[jp]; ok && w.Kind == rewrite.Directory {
		return w.Owner == rewrite.User
	}
	return above
}

// directory looks at what lies in a directory, in portions.
func (a *auditor) directory(d *dir, jp rewrite.JailPath, in place, depth int) error {
	f, err := d.reopen(".")
	if errors.Is(err, fs.ErrPermission) {
		a.out.Unseen = true
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		batch, err := f.Readdirnames(auditBatch)
		for _, name := range batch {
			if a.out.Objects >= a.limit {
				if a.alike[strayMany] == 0 {
					a.report(strayMany, jp, d.info, a.t.HostPath(jp))
				}
				return nil
			}
			a.out.Objects++
			if err := a.object(d, name, rewrite.JailPath(path.Join(string(jp), name)), in, depth); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || err == nil && len(batch) == 0 {
			return nil
		}
		if err != nil {
			return pathError("read", d.path, err)
		}
	}
}

// object looks at one thing in a directory, and into it when it is one.
func (a *auditor) object(d *dir, name string, jp rewrite.JailPath, in place, depth int) error {
	info, err := d.look(name)
	switch {
	case errors.Is(err, fs.ErrPermission):
		a.out.Unseen = true
		return nil
	case err != nil:
		return err
	case !info.Exists():
		return nil // it went away
	}
	if what, ok := a.mounts[jp]; ok {
		if what != "" {
			a.report(strayMount, jp, info, what)
		}
		return nil
	}
	in.given = in.given || a.free[jp]
	if info.Kind != DirectoryFile {
		a.file(d, name, jp, info, in)
		return nil
	}
	in = a.folder(jp, info, in)
	if depth >= maxDepth {
		a.report(strayDeep, jp, info, a.t.HostPath(jp))
		return nil
	}
	sub, err := d.sub(name)
	if errors.Is(err, fs.ErrPermission) {
		a.out.Unseen = true
		return nil
	}
	if err != nil {
		return nil // exchanged for something else while we looked
	}
	defer sub.close()
	return a.directory(sub, jp, in, depth+1)
}

// known tells whether the plan wants something at a place, or the manifest
// remembers that it was put there.
func (a *auditor) known(jp rewrite.JailPath) bool {
	if _, ok := a.plan.wanted[jp]; ok {
		return true
	}
	return a.plan.old.Entries[jp] != nil
}

// folder judges a directory and says what lies in it belongs to.
func (a *auditor) folder(jp rewrite.JailPath, info Info, in place) place {
	in.mine = a.users(jp, in.mine)
	_, wanted := a.plan.wanted[jp]
	switch {
	case wanted, in.given, in.foreign: // the plan compares it; it is another's
	case in.mine:
		a.stranger(jp, info)
	case !rootsOwn(info):
		in.foreign = !a.parents[jp]
		a.report(strayWritable, jp, info, a.describe(info))
	}
	return in
}

// file judges everything but a directory. Of several things to say about one
// object the worst is said.
func (a *auditor) file(d *dir, name string, jp rewrite.JailPath, info Info, in place) {
	w, wanted := a.plan.wanted[jp]
	regular := info.Kind == RegularFile
	if info.Kind == LinkFile && a.ourLink(d, name, jp) {
		return
	}
	if wanted && (w.Kind == rewrite.Device) != (info.Kind == CharFile || info.Kind == BlockFile) {
		return // the plan says so
	}
	switch {
	case regular && info.Mode&0o6000 != 0 && !wanted:
		a.report(straySetID, jp, info, a.describe(info))
	case regular && info.Mode&0o111 != 0 && hasCapability(d, name, info):
		a.report(strayCapability, jp, info, a.describe(info))
	case !wanted && (info.Kind == CharFile || info.Kind == BlockFile):
		a.report(strayDevice, jp, info, a.describe(info))
	case regular && in.mine && info.Nlink > 1 && info.UID != a.plan.ids.UserUID:
		a.report(strayHardLink, jp, info, a.describe(info))
	case in.given, in.foreign:
	case in.mine && wanted, in.mine && a.known(jp):
	case in.mine && (info.Kind == FIFOFile || info.Kind == SocketFile):
		a.report(strayPipe, jp, info, a.describe(info))
	case in.mine && info.Kind == LinkFile:
		a.report(strayLink, jp, info, a.describe(info))
	case in.mine:
		a.stranger(jp, info)
	case !a.known(jp):
		a.report(strayForeign, jp, info, a.describe(info))
	case regular && a.opened(d, name, info, w):
		a.report(strayACL, jp, info, a.describe(info))
	}
	if regular && info.Nlink > 1 && !in.mine {
		a.count(jp, info)
	}
}

// ourLink tells whether a link is the one that was left in place of an original
// that lay in the jail.
func (a *auditor) ourLink(d *dir, name string, jp rewrite.JailPath) bool {
	want, ok := a.left[a.t.HostPath(jp)]
	if !ok {
		return false
	}
	text, err := readlinkAt(d, name)
	return err == nil && text == want
}

// stranger reports what lies in a directory of named's and belongs to somebody
// else.
func (a *auditor) stranger(jp rewrite.JailPath, info Info) {
	if info.UID != a.plan.ids.UserUID && info.UID != a.plan.ids.Root {
		a.report(strayOwner, jp, info, a.describe(info))
	}
}

// count notes one name of a file that has several.
func (a *auditor) count(jp rewrite.JailPath, info Info) {
	id := inode{info.Dev, info.Ino}
	if a.linked[id] == nil {
		a.linked[id] = &names{first: jp, info: info}
	}
	a.linked[id].seen++
}

// outside reports the files of root's directories that have more names than
// the jail shows.
func (a *auditor) outside() {
	for _, n := range a.linked {
		if n.info.Nlink > n.seen {
			a.report(strayHardLink, n.first, n.info, a.describe(n.info))
		}
	}
}

// describe names an object with what is to be known of it: "a FIFO (0600
// root:root)".
func (a *auditor) describe(info Info) string {
	owner := octal(info.Mode) + " " + a.plan.ids.ownerName(info.UID) + ":" + a.plan.ids.groupName(info.GID)
	switch info.Kind {
	case LinkFile:
		return info.Kind.String()
	case CharFile, BlockFile:
		owner += fmt.Sprintf(", numbers %d:%d", deviceMajor(info.Rdev), deviceMinor(info.Rdev))
	}
	return info.Kind.String() + " (" + owner + ")"
}

// opened tells whether an access list lets others read or write a file whose
// mode does not. One that the original has too came with it.
func (a *auditor) opened(d *dir, name string, info Info, w rewrite.Wanted) bool {
	if aclAttribute == "" {
		return false
	}
	list := accessList(d, name, info)
	if !widens(list, info.Mode) {
		return false
	}
	if w.Source == "" {
		return true
	}
	f, _, err := a.h.open(w.Source)
	if err != nil {
		return true
	}
	defer f.Close()
	attributes, err := readAttributes(f)
	return err != nil || string(attributes[aclAttribute]) != string(list)
}

// accessList gives the access list of a regular file, nil when it has none.
func accessList(d *dir, name string, info Info) []byte {
	f, _, err := d.openFile(name, info)
	if err != nil {
		return nil
	}
	defer f.Close()
	attributes, err := readAttributes(f)
	if err != nil {
		return nil
	}
	return attributes[aclAttribute]
}
