package jail

import (
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// placeFile writes a file beside its place, reads it back, gives it owner,
// mode, time and attributes, and renames it into place. fill writes the bytes
// and gives their digest. An mtime of 0 is the present.
//
// The directory's entry lasts only once the directory is synced: the caller
// does that, for many files at once.
func placeFile(d *dir, name, temp string, st State, fill func(io.Writer) (string, error)) (string, error) {
	p, err := newPending(d, name, temp)
	if err != nil {
		return "", err
	}
	defer p.discard()
	digest, err := fill(writer{p.File, d, name})
	if err != nil {
		return "", err
	}
	back, err := digestOpen(p.File)
	if err != nil {
		return "", err
	}
	if back != digest {
		return "", errors.New("what was written cannot be read back")
	}
	for _, attribute := range slices.Sorted(maps.Keys(st.Attributes)) {
		err := attributeFile(p.File, d, name, attribute, st.Attributes[attribute])
		if err != nil && !strings.HasPrefix(attribute, "security.") {
			return "", err // a label may be the system's to give, and only its
		}
	}
	if err := ownFile(p.File, d, p.temp, st.UID, st.GID); err != nil {
		return "", err
	}
	if err := modeFile(p.File, d, p.temp, st.Mode); err != nil {
		return "", err
	}
	if st.Mtime != 0 {
		if err := timeFile(p.File, d, p.temp, st.Mtime); err != nil {
			return "", err
		}
	}
	return digest, p.place()
}

// fillFrom copies an open file.
func fillFrom(f *os.File, info Info) func(io.Writer) (string, error) {
	return func(w io.Writer) (string, error) { return copyBytes(w, f, info) }
}

// fillWith writes given bytes.
func fillWith(content []byte) func(io.Writer) (string, error) {
	return func(w io.Writer) (string, error) {
		_, err := w.Write(content)
		return digestBytes(content), err
	}
}

// placeLink puts a symbolic link into a place in one step; what lies there is
// replaced.
func placeLink(target string, d *dir, name, temp string, uid, gid int) error {
	if err := makeLink(target, d, temp); err != nil {
		return err
	}
	err := ownLink(d, temp, uid, gid)
	if err == nil {
		err = renameIn(d, temp, name)
	}
	if err != nil {
		removeFile(d, temp)
	}
	return err
}

// placeNode puts a device node into a place in one step. Only root may be able
// to change the directory: the mode is set by name.
func placeNode(d *dir, name, temp string, st State) error {
	if !d.trusted() {
		return inTheWay(d.path, "others than root can write this directory, so no device is made in it")
	}
	kind := uint32(unix.S_IFBLK)
	if st.Kind == CharFile {
		kind = unix.S_IFCHR
	}
	if err := makeNode(d, temp, kind|0o600, st.Rdev); err != nil {
		return err
	}
	err := ownName(d, temp, st.UID, st.GID)
	if err == nil {
		err = modeNode(d, temp, st.Mode)
	}
	if err == nil {
		err = renameIn(d, temp, name)
	}
	if err != nil {
		removeFile(d, temp)
	}
	return err
}

// changeMeta gives an existing file or directory another owner (uid >= 0),
// mode (setMode) and time (mtime not 0). It acts on what it has opened, and
// refuses what the named user may have put there to have it given away.
func changeMeta(at spot, uid, gid int, mode uint32, setMode bool, mtime int64, mayOwn ...int) error {
	switch at.info.Kind {
	case CharFile, BlockFile, LinkFile:
		if !at.dir.trusted() {
			return inTheWay(at.path(), "%s lies in a directory that others than root can write", at.info.Kind)
		}
		if uid >= 0 {
			if err := ownName(at.dir, at.name, uid, gid); err != nil {
				return err
			}
		}
		if setMode && at.info.Kind != LinkFile {
			return modeNode(at.dir, at.name, mode)
		}
		return nil
	}
	var f *os.File
	var info Info
	var err error
	if at.info.Kind == DirectoryFile {
		f, err = at.dir.reopen(at.name)
	} else {
		f, info, err = at.dir.openRegular(at.name)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return err
	}
	info = infoOf(at.name, &st)
	if info.Dev != at.info.Dev || info.Ino != at.info.Ino {
		return changedUnderUs(at.path())
	}
	if info.Kind == RegularFile && !sameMount(at.dir, f) {
		return mounted(at.path(), "a file from elsewhere")
	}
	if at.name != "." && !at.dir.trusted() {
		if info.Kind == RegularFile && info.Nlink > 1 {
			return inTheWay(at.path(), "this file has %d names (hard links), one of which may lie outside the jail", info.Nlink)
		}
		if !slices.Contains(mayOwn, info.UID) {
			return inTheWay(at.path(), "this belongs to user %d, neither to root nor to the named user, in a directory that others can write", info.UID)
		}
	}
	if uid >= 0 && (info.UID != uid || info.GID != gid) {
		if err := ownFile(f, at.dir, at.name, uid, gid); err != nil {
			return err
		}
	}
	if setMode {
		if err := modeFile(f, at.dir, at.name, mode); err != nil {
			return err
		}
	}
	if mtime != 0 {
		return timeFile(f, at.dir, at.name, mtime)
	}
	return nil
}
