package jail

import (
	"os"
	"path"
	"path/filepath"
	"syscall"
)

// Host is the system below one directory. All paths are absolute as that system
// names them; absolute symbolic links begin again at the directory.
//
// As root, links are followed only where that cannot be abused: see the
// package's text. Refused paths give an *Error with code NJ307.
//
// Directories that were looked into stay open until Close, so that looking at
// 20,000 files of one directory costs one walk; a directory that is exchanged
// for another meanwhile is not noticed.
type Host struct {
	name string
	top  *dir
	euid int

	looks pool
}

// OpenHost opens the system below root; "" is "/". Errors: *fs.PathError.
func OpenHost(root string) (*Host, error) {
	if root == "" {
		root = "/"
	}
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	top, err := openRootDir(abs)
	if err != nil {
		return nil, err
	}
	top.keep = true
	return &Host{name: abs, top: top, euid: os.Geteuid()}, nil
}

// Close lets go of the directory. Errors: never.
func (h *Host) Close() error {
	h.forgetDirs()
	h.top.close()
	return nil
}

// forgetDirs closes what is held open: the tree was changed.
func (h *Host) forgetDirs() { h.looks.drop() }

// Root is the directory that the system lies below, "/" for the real one.
func (h *Host) Root() string { return h.name }

// OSPath is where a path of the host lies for this process. It is for other
// programs and for messages; no work as root goes by it.
func (h *Host) OSPath(p string) string {
	if h.name == "/" && plain(p) {
		return p
	}
	return joinPath(h.name, path.Clean("/" + p)[1:])
}

// Stat follows links; Lstat does not follow the last one and gives its text.
// Errors: fs.ErrNotExist and the like; *Error NJ307.
func (h *Host) Stat(name string) (Info, error) { return h.look(name, true) }

// Lstat looks at the object itself. Errors: as Stat.
func (h *Host) Lstat(name string) (Info, error) { return h.look(name, false) }

func (h *Host) look(name string, follow bool) (Info, error) {
	s := h.looks.borrow(h.session)
	defer h.looks.giveBack(s)
	at, err := s.resolve(name, follow)
	if err == nil && !at.info.Exists() {
		err = pathError("stat", name, syscall.ENOENT)
	}
	at.info.Base = path.Base(name)
	return at.info, err
}

// RealPath is the path without links. Errors: as Stat.
func (h *Host) RealPath(name string) (string, error) {
	s := h.looks.borrow(h.session)
	defer h.looks.giveBack(s)
	at, err := s.resolve(name, true)
	if err != nil {
		return "", err
	}
	if !at.info.Exists() {
		return "", pathError("stat", name, syscall.ENOENT)
	}
	return at.path(), nil
}

// Open opens a regular file for reading. It never waits for a FIFO and never
// opens a device. Errors: as Stat; *Error NJ511 for what is no regular file.
func (h *Host) Open(name string) (*os.File, error) {
	f, _, err := h.open(name)
	return f, err
}

func (h *Host) open(name string) (*os.File, Info, error) {
	s := h.looks.borrow(h.session)
	defer h.looks.giveBack(s)
	at, err := s.resolve(name, true)
	if err != nil {
		return nil, Info{}, err
	}
	return at.dir.openFile(at.name, at.info)
}

// ReadFile gives the bytes of a regular file. Units: at most 1 GiB.
// Errors: as Open; a larger file.
func (h *Host) ReadFile(name string) ([]byte, error) {
	f, info, err := h.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, info, maxRead)
}

// ReadDir gives the names in a directory, sorted. Errors: as Stat.
func (h *Host) ReadDir(name string) ([]string, error) {
	s := h.looks.borrow(h.session)
	defer h.looks.giveBack(s)
	d, err := s.resolveDir(name)
	if err != nil {
		return nil, err
	}
	return d.list()
}

// resolveDir opens the directory that a path leads to.
func (s *session) resolveDir(name string) (*dir, error) {
	at, err := s.resolve(name, true)
	if err != nil {
		return nil, err
	}
	switch {
	case at.name == ".":
		return at.dir, nil
	case at.info.Kind == Absent:
		return nil, pathError("open", name, syscall.ENOENT)
	case at.info.Kind != DirectoryFile:
		return nil, pathError("open", name, syscall.ENOTDIR)
	}
	return s.sub(at.dir, at.name)
}
