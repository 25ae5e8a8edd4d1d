package command

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/rewrite"
	"named-jail/zones"
)

// source is the system as the configuration sees it: the host, or the jail
// where the configuration lies in the jail already. It is the rewrite.Host and
// the zones.Files of a run.
type source struct {
	host *jail.Host
	tree *jail.Tree // the jail, where files are that have moved; nil: none
	cwd  string     // named's working directory, for zone files
	dirs *folders   // nil: each look walks its path
	who  *includers // judges who includes a file; nil: nobody does
	bare bool       // what a zone file includes is not opened

	owners owners      // of the configuration files, noted as they are read; nil: they are not
	conf   *confReader // takes those apart that others can write; nil: nobody does
}

var (
	_ rewrite.Host   = source{}
	_ zones.Files    = source{}
	_ zones.Stamper  = source{}
	_ zones.Lister   = source{}
	_ zones.Absences = source{}
	_ zones.Includer = source{}
)

// plainError is a failure without the path and the operation, for messages that
// name the file already. What to do about it stays known.
type plainError struct{ cause *jail.Error }

// Error is the message alone.
func (e plainError) Error() string { return e.cause.Message }

// Diagnostic is the failure with what to do about it.
func (e plainError) Diagnostic() parser.Diagnostic { return e.cause.Diagnostic() }

// plain takes the path and the operation out of an error.
func plain(err error) error {
	var e *jail.Error
	if errors.As(err, &e) {
		return plainError{e}
	}
	return err
}

// ReadFile reads a configuration file. An include of /dev/null is an include of
// nothing, as for named. Units: at most parser.MaxText bytes. Errors: those of
// the host; parser.ErrTooLarge; a file that has no end or waits for somebody,
// as some of /proc do.
func (s source) ReadFile(p string) (string, string, error) {
	if p == os.DevNull {
		return "", p, nil
	}
	shown := s.host.OSPath(p)
	f, err := s.host.Open(p)
	if err != nil {
		return "", shown, plain(err)
	}
	defer f.Close()
	s.owners.note(p, f)
	text, err := readText(f)
	if info, no := f.Stat(); no != nil || info.Size() != int64(len(text)) {
		s.host.Odd(p)
	}
	return text, shown, err
}

// readText reads a regular file into its place once: a configuration of
// 100,000 zones has many megabytes.
func readText(f *os.File) (string, error) {
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if info.Size() > parser.MaxText {
		return "", parser.ErrTooLarge
	}
	// A file of /proc that has nothing to give at present says so, and does
	// not wait.
	if err := unix.SetNonblock(int(f.Fd()), true); err != nil {
		return "", err
	}
	var b strings.Builder
	b.Grow(int(info.Size()))
	n, err := io.Copy(&b, io.LimitReader(f, parser.MaxText+1))
	switch {
	case errors.Is(err, unix.EAGAIN):
		return "", errors.New("it is no plain file: it waits for somebody to write")
	case err != nil:
		return "", err
	case n > parser.MaxText:
		return "", parser.ErrTooLarge
	}
	return b.String(), nil
}

// Glob lists what matches a pattern. Errors: those of the host.
func (s source) Glob(pattern string) ([]string, error) { return s.host.Glob(pattern) }

// Stat follows links. Errors: those of the host.
func (s source) Stat(p string) (fs.FileInfo, error) {
	info, err := s.host.Stat(p)
	if err != nil {
		return nil, err
	}
	return info.FileInfo(), nil
}

// ReadDir lists a directory. Errors: those of the host.
func (s source) ReadDir(p string) ([]string, error) { return s.host.ReadDir(p) }

// RealPath resolves links. Errors: those of the host.
func (s source) RealPath(p string) (string, error) { return s.host.RealPath(p) }

// Open opens a zone file, or a file that one includes: as the host has it, or,
// where the host has none, as the jail does. Errors: those of the host.
func (s source) Open(name string) (zones.File, string, error) {
	name = under(s.cwd, name)
	f, err := s.host.OpenPlain(name)
	shown := s.host.OSPath(name)
	if err != nil && errors.Is(err, fs.ErrNotExist) && s.tree != nil && s.tree.Exists() {
		if g, second := s.tree.Open(rewrite.JailPath(path.Clean(name))); second == nil {
			return g, s.host.OSPath(s.tree.HostPath(rewrite.JailPath(path.Clean(name)))), nil
		}
	}
	if err != nil {
		return nil, shown, plain(err)
	}
	return f, shown, nil
}

// List lists a directory of keys. Errors: those of the host.
func (s source) List(dir string) ([]string, error) {
	return s.host.ReadDir(under(s.cwd, dir))
}

// Stamp looks at a zone file that was read by an earlier run.
func (s source) Stamp(name string) (zones.Stamp, bool) {
	p := under(s.cwd, name)
	if s.dirs != nil {
		if stamp, ok := s.dirs.stamp(name, p); ok {
			return stamp, true
		}
	}
	info, shown, err := s.look(p)
	if err != nil || info.Kind != jail.RegularFile {
		return zones.Stamp{}, false
	}
	return stampOf(name, shown, info), true
}

// look looks at a file where Open finds it.
func (s source) look(p string) (info jail.Info, shown string, err error) {
	info, err = s.host.Stat(p)
	if err != nil && errors.Is(err, fs.ErrNotExist) && s.tree != nil && s.tree.Exists() {
		place := rewrite.JailPath(path.Clean(p))
		info, err = s.tree.Lstat(place)
		return info, s.host.OSPath(s.tree.HostPath(place)), err
	}
	return info, s.host.OSPath(p), err
}

func stampOf(name, shown string, info jail.Info) zones.Stamp {
	return zones.Stamp{Name: name, Shown: shown, Dev: info.Dev, Inode: info.Ino, Size: info.Size, Mtime: info.Mtime, Ctime: info.Ctime}
}

// Lacks tells whether it is known, from lists of directories, that there is no
// such file, neither on the host nor in the jail.
func (s source) Lacks(name string) bool {
	if s.dirs == nil || !path.IsAbs(name) || !s.dirs.lacks(name) {
		return false
	}
	return s.tree == nil || !s.tree.Exists() || s.dirs.lacks(s.tree.HostPath(rewrite.JailPath(path.Clean(name))))
}

// under makes a path absolute. It does not clean one that is: what stands behind
// a link and "..", only a walk can tell.
func under(dir, name string) string {
	if path.IsAbs(name) {
		return name
	}
	return path.Join(dir, name)
}

// below tells whether p is dir or lies in it, and gives the rest of the path.
func below(dir, p string) (string, bool) {
	if p == dir {
		return "/", true
	}
	rest, ok := strings.CutPrefix(p, strings.TrimSuffix(dir, "/")+"/")
	return "/" + rest, ok
}
