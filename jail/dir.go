package jail

import (
	"errors"
	"io"
	"os"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxFile bounds what is read or copied of one file; no zone comes near it.
const maxFile = 64 << 30

// minHoles is the size from which on a file of holes is not copied.
const minHoles = 1 << 30

// maxRead bounds what ReadFile takes into memory.
const maxRead = 1 << 30

// dir is an opened directory. Everything that happens in it happens by
// descriptor and one name without a slash, so nobody can lead it elsewhere.
type dir struct {
	fd   int
	path string // link-free path on the host
	os   string // the same for this process: the host's root put before it
	info Info   // as it was when it was opened
	keep bool   // owned by somebody else than the session

	watch *watching // that of the host
}

// watcher gives who notes what is looked at, nil for nobody: then nothing is noted.
func (d *dir) watcher() *Watch {
	if d.watch == nil {
		return nil
	}
	return d.watch.Watch
}

// openRootDir opens the directory that a Host begins at. Here links are
// followed: the operator named it.
func openRootDir(name string) (*dir, error) {
	flags := openDirFlags &^ unix.O_NOFOLLOW
	fd, err := retry(func() (int, error) { return unix.Open(name, flags, 0) })
	if err != nil {
		return nil, pathError("open", name, err)
	}
	d, err := newDir(fd, "/", name)
	if err == nil {
		d.watch = &watching{}
	}
	return d, err
}

func newDir(fd int, path, osPath string) (*dir, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		unix.Close(fd)
		return nil, pathError("stat", path, err)
	}
	d := &dir{fd: fd, path: path, os: osPath, info: infoOf(baseName(path), &st)}
	if d.info.Kind != DirectoryFile {
		unix.Close(fd)
		return nil, pathError("open", path, syscall.ENOTDIR)
	}
	return d, nil
}

func (d *dir) close() { unix.Close(d.fd) }

// sub opens the directory called name; a link is not followed.
func (d *dir) sub(name string) (*dir, error) {
	path := joinPath(d.path, name)
	fd, err := retry(func() (int, error) { return unix.Openat(d.fd, name, openDirFlags, 0) })
	if err != nil {
		if w := d.watcher(); w != nil {
			d.lstat(name) // what is in the way, or that nothing is there, is noted
			switch err {
			case unix.ENOENT, unix.ENOTDIR, unix.ELOOP:
			default:
				w.failed(d, name, err)
			}
		}
		return nil, pathError("open", path, err)
	}
	sub, err := newDir(fd, path, joinPath(d.os, name))
	if err == nil {
		sub.watch = d.watch
		d.watcher().saw(d, name, sub.info, false) // that it is no link counts too
		d.watcher().sawDir(sub)
	}
	return sub, err
}

// lstat looks at name. Nothing there is no error: the Info is Absent then.
func (d *dir) lstat(name string) (Info, error) {
	i, err := d.look(name)
	d.watcher().saw(d, name, i, true)
	d.watcher().failed(d, name, err)
	return i, err
}

// look is lstat that nobody notes.
func (d *dir) look(name string) (Info, error) {
	var st unix.Stat_t
	err := unix.Fstatat(d.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW)
	for err == unix.EINTR {
		err = unix.Fstatat(d.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW)
	}
	if err == unix.ENOENT {
		return Info{Base: name}, nil
	}
	if err != nil {
		return Info{Base: name}, pathError("lstat", joinPath(d.path, name), err)
	}
	return infoOf(name, &st), nil
}

// lstatLink is lstat that also reads a link's text.
func (d *dir) lstatLink(name string) (Info, error) {
	i, err := d.lstat(name)
	return d.withTarget(name, i, err)
}

// lstatRights is lstatLink for one who only asks who may do what.
func (d *dir) lstatRights(name string) (Info, error) {
	i, err := d.look(name)
	d.watcher().saw(d, name, i, false)
	d.watcher().failed(d, name, err)
	return d.withTarget(name, i, err)
}

// withTarget adds a link's text to what lstat gave.
func (d *dir) withTarget(name string, i Info, err error) (Info, error) {
	if err == nil && i.Kind == LinkFile {
		i.Target, err = readlinkAt(d, name)
		if err != nil {
			return i, pathError("readlink", joinPath(d.path, name), err)
		}
	}
	return i, err
}

// openRegular opens a file for reading and never anything else: not through a
// link, and without waiting for the other end of a FIFO.
func (d *dir) openRegular(name string) (*os.File, Info, error) {
	before, err := d.lstat(name)
	if err != nil {
		return nil, before, err
	}
	return d.openFile(name, before)
}

// openFile is openRegular for what was just looked at.
func (d *dir) openFile(name string, before Info) (*os.File, Info, error) {
	fd, info, err := d.openSeen(name, before)
	if err != nil {
		return nil, info, err
	}
	path := joinPath(d.path, name)
	if err := unix.SetNonblock(fd, false); err != nil {
		unix.Close(fd)
		return nil, info, pathError("open", path, err)
	}
	return os.NewFile(uintptr(fd), path), info, nil
}

// openSeen is openFile that gives a bare descriptor. It does not block: that
// means nothing for a regular file.
func (d *dir) openSeen(name string, before Info) (int, Info, error) {
	switch before.Kind {
	case RegularFile:
	case Absent:
		return -1, before, pathError("open", joinPath(d.path, name), syscall.ENOENT)
	default:
		return -1, before, inTheWay(joinPath(d.path, name), "this is %s, not a regular file", before.Kind)
	}
	fd, err := retry(func() (int, error) {
		return unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		d.watcher().failed(d, name, err)
		return -1, before, pathError("open", joinPath(d.path, name), err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		unix.Close(fd)
		return -1, before, pathError("stat", joinPath(d.path, name), err)
	}
	info := infoOf(name, &st)
	if info.Kind != RegularFile || info.Ino != before.Ino || info.Dev != before.Dev {
		unix.Close(fd)
		return -1, info, changedUnderUs(joinPath(d.path, name))
	}
	if err := d.mayShow(info); err != nil {
		unix.Close(fd)
		return -1, info, err
	}
	d.watcher().saw(d, name, info, true)
	return fd, info, nil
}

// mayShow refuses to read, as root, what those who can write the directory could
// not read themselves, where the system lets them give a second name to a file
// from elsewhere. The number of names tells nothing then, for such a name can be
// taken away again before we ask. In a sticky directory of root's it cannot.
func (d *dir) mayShow(i Info) error {
	if os.Geteuid() != 0 || linksProtected() {
		return nil
	}
	now := d.now()
	if rootsOwn(now) || now.UID == 0 && now.Mode&unix.S_ISVTX != 0 {
		return nil
	}
	own := i.UID == now.UID && i.UID != 0
	forAll := i.Mode&0o004 != 0
	group := i.GID == now.GID && i.GID != 0 && (i.Mode&0o040 != 0 || now.Mode&0o020 != 0 && i.UID != 0)
	if own || forAll || group {
		return nil
	}
	e := refused(joinPath(d.path, i.Base), "others than root can write this directory, and they could not read this file (owner %d, group %d, mode %04o)", i.UID, i.GID, i.Mode)
	e.Remedy = "If it belongs here, let its directory's group read it (chgrp GROUP FILE; chmod 640 FILE), or keep it in a directory that only root can write."
	return e
}

// reopen opens the directory itself, or one in it, so that it can be listed,
// synced and given another owner.
func (d *dir) reopen(name string) (*os.File, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, pathError("open", joinPath(d.path, name), err)
	}
	return os.NewFile(uintptr(fd), joinPath(d.path, name)), nil
}

// list gives the names in the directory, sorted.
func (d *dir) list() ([]string, error) {
	names, err := d.names()
	slices.Sort(names)
	return names, err
}

// names is list in no order.
func (d *dir) names() ([]string, error) {
	f, err := d.reopen(".")
	if err != nil {
		d.watcher().failed(d, ".", err)
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	d.watcher().sawList(d, names)
	d.watcher().failed(d, ".", err)
	return names, err
}

// osRoot gives the directory as an os.Root. Opening it goes by path, so it is
// checked to be the directory that we stand in. The dot at the end keeps a FIFO
// that somebody put in its place from holding us up.
func (d *dir) osRoot() (*os.Root, error) {
	root, err := os.OpenRoot(d.os + "/.")
	if err != nil {
		return nil, err
	}
	fi, err := root.Stat(".")
	if err == nil {
		var st unix.Stat_t
		if err = unix.Fstat(d.fd, &st); err == nil && !sameStat(fi, &st) {
			err = changedUnderUs(d.path)
		}
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

// sameStat compares an os.FileInfo with what fstat said.
func sameStat(fi os.FileInfo, st *unix.Stat_t) bool {
	s, ok := fi.Sys().(*syscall.Stat_t)
	return ok && uint64(s.Dev) == uint64(st.Dev) && uint64(s.Ino) == uint64(st.Ino)
}

// trusted tells whether only root can change what lies in the directory now.
func (d *dir) trusted() bool { return rootsOwn(d.now()) }

// now is the directory as it is now. One that cannot be asked is nobody's.
func (d *dir) now() Info {
	var st unix.Stat_t
	if unix.Fstat(d.fd, &st) != nil {
		return Info{UID: -1, GID: -1, Mode: 0o777}
	}
	return infoOf("", &st)
}

// rootsOwn tells whether a directory belongs to root and nobody else may write
// it.
func rootsOwn(i Info) bool {
	if i.UID != 0 || i.Mode&0o002 != 0 {
		return false
	}
	return i.Mode&0o020 == 0 || i.GID == 0
}

// changedUnderUs is an object that was exchanged between two looks.
func changedUnderUs(path string) *Error {
	return &Error{Code: "NJ507", Path: path, Message: "it was changed or exchanged while it was being looked at",
		Remedy: "Stop what is working on it (named, an editor, another copy of this program) and run the command again."}
}

// readAll reads a whole file into memory, at most limit bytes.
func readAll(f *os.File, info Info, limit int64) ([]byte, error) {
	if info.Size > limit {
		return nil, &Error{Code: "NJ509", Path: f.Name(), Message: "the file is too large to be read",
			Remedy: "Is it the right file? Nothing that named needs is that large."}
	}
	buf := make([]byte, 0, info.Size+1)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := f.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return nil, &Error{Code: "NJ509", Path: f.Name(), Message: "the file grew too large while it was read",
				Remedy: "Stop what writes it and run the command again."}
		}
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if err != nil {
			return nil, pathError("read", f.Name(), err)
		}
	}
}

// retry repeats a call that a signal interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return n, err
		}
	}
}

// joinPath puts a name below a clean directory.
func joinPath(dir, name string) string {
	if name == "." {
		return dir
	}
	if dir == "/" {
		return "/" + name
	}
	return dir + "/" + name
}

// splitPath cuts a clean absolute path in two: "/a/b" is "/a" and "b".
func splitPath(path string) (string, string) {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			if i == 0 {
				return "/", path[1:]
			}
			return path[:i], path[i+1:]
		}
	}
	return "/", path
}

func baseName(path string) string {
	_, name := splitPath(path)
	return name
}
