package jail

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"named-jail/rewrite"
)

// Tree is the jail. Its top is opened once; below it no symbolic link is
// followed. A jail that does not exist yet is an empty Tree.
type Tree struct {
	h    *Host
	path string // as it was asked for, clean
	real string // the same without links
	top  *dir   // nil while it does not exist

	looks pool
}

// OpenJail opens the jail at a path of the host. Errors: *Error NJ501 when it
// is "/", a link or no directory; NJ307.
func OpenJail(h *Host, jail string) (*Tree, error) {
	t := &Tree{h: h, path: path.Clean("/" + jail)}
	wrong := func(message string) error {
		return &Error{Code: "NJ501", Path: t.path, Message: message,
			Remedy: "Give the jail a directory of its own, with -t DIRECTORY."}
	}
	if t.path == "/" {
		return nil, wrong("the jail cannot be the root directory")
	}
	s := h.session()
	defer s.close()
	at, rest, err := s.deepest(t.path)
	if err != nil {
		return nil, err
	}
	t.real = joinPath(at.path(), rest)
	switch {
	case rest != "." || !at.info.Exists():
		return t, nil
	case at.info.Kind == LinkFile:
		return nil, wrong("the jail is a symbolic link")
	case at.info.Kind != DirectoryFile:
		return nil, wrong("the jail is " + at.info.Kind.String() + ", not a directory")
	}
	if t.top, err = at.dir.sub(at.name); err != nil {
		return nil, err
	}
	t.top.keep = true
	return t, nil
}

// deepest resolves the longest part of a path whose directory exists and gives
// what is left of it, "." when nothing is. The last component is not followed.
func (s *session) deepest(name string) (spot, string, error) {
	rest := "."
	for {
		at, err := s.resolve(name, rest != ".")
		if !errors.Is(err, fs.ErrNotExist) {
			return at, rest, err
		}
		var last string
		name, last = splitPath(name)
		if rest == "." {
			rest = last
		} else {
			rest = last + "/" + rest
		}
	}
}

// reopen opens the top of a jail that was made just now.
func (t *Tree) reopen() error {
	if t.top != nil {
		return nil
	}
	s := t.h.session()
	defer s.close()
	at, err := s.strict(t.real)
	if err != nil || !at.info.Exists() {
		return err
	}
	if t.top, err = at.dir.sub(at.name); err == nil {
		t.top.keep = true
	}
	return err
}

// Reopen opens the jail anew after Recover, which may have removed it or put
// another directory in its place. Errors: those of opening it.
func (t *Tree) Reopen() error {
	t.Close()
	err := t.reopen()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // not even what it lies in is there
	}
	return err
}

// Close lets go of the directory. Errors: never.
func (t *Tree) Close() error {
	t.looks.drop()
	if t.top != nil {
		t.top.close()
		t.top = nil
	}
	return nil
}

// Exists tells whether the jail's directory is there.
func (t *Tree) Exists() bool { return t.top != nil }

// Path is the jail as it was asked for, RealPath the same without links.
func (t *Tree) Path() string { return t.path }

// RealPath is the jail's path on the host, free of links.
func (t *Tree) RealPath() string { return t.real }

// HostPath is the host's name of a path of the jail.
func (t *Tree) HostPath(p rewrite.JailPath) string {
	clean := path.Clean("/" + string(p))
	if clean == "/" {
		return t.real
	}
	return t.real + clean
}

// JailPath is the jail's name of a link-free path of the host; false when it
// lies outside.
func (t *Tree) JailPath(real string) (rewrite.JailPath, bool) {
	if real == t.real {
		return "/", true
	}
	if rest, ok := strings.CutPrefix(real, t.real+"/"); ok {
		return rewrite.JailPath("/" + rest), true
	}
	return "", false
}

// session begins a piece of work that stands in the opened jail.
func (t *Tree) session() *session {
	s := t.h.session()
	s.adopt(t.top)
	return s
}

// Lstat looks at an entry of the jail; its Info is Absent when nothing is
// there. Errors: a link or a file where a directory should be; missing rights.
func (t *Tree) Lstat(p rewrite.JailPath) (Info, error) {
	s := t.looks.borrow(t.session)
	defer t.looks.giveBack(s)
	at, err := t.at(s, p)
	return at.info, err
}

// at is strict for a jail path: a missing directory on the way is absence.
func (t *Tree) at(s *session, p rewrite.JailPath) (spot, error) {
	at, err := s.strict(t.HostPath(p))
	if errors.Is(err, fs.ErrNotExist) {
		return spot{}, nil
	}
	return at, err
}

// Open opens a regular file of the jail for reading. Errors: as Host.Open; a
// symbolic link anywhere on the way; NJ307 for another's file with a second name.
func (t *Tree) Open(p rewrite.JailPath) (*os.File, error) {
	f, _, err := t.open(p)
	return f, err
}

func (t *Tree) open(p rewrite.JailPath) (*os.File, Info, error) {
	s := t.looks.borrow(t.session)
	defer t.looks.giveBack(s)
	at, err := t.at(s, p)
	if err != nil {
		return nil, Info{}, err
	}
	if !at.info.Exists() {
		return nil, Info{}, pathError("open", t.HostPath(p), syscall.ENOENT)
	}
	if err := s.checkEnd(at, 0); err != nil {
		return nil, Info{}, err
	}
	return at.dir.openFile(at.name, at.info)
}

// ReadFile gives the bytes of a regular file of the jail. Units: at most 1 GiB.
// Errors: as Open.
func (t *Tree) ReadFile(p rewrite.JailPath) ([]byte, error) {
	f, info, err := t.open(p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, info, maxRead)
}
