package parser

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// FromFS makes a Source of a file system: FromFS(os.DirFS("/")) is the host,
// FromFS(os.DirFS("/var/named")) what a named in that jail sees, and an
// fstest.MapFS a configuration in memory. Globs are those of path.Match, which
// knows no character classes by name.
func FromFS(fsys fs.FS) Source { return fileSystem{fsys} }

type fileSystem struct{ fsys fs.FS }

// inside turns an absolute path into the one that fs.FS wants.
func inside(p string) string {
	if p = strings.TrimPrefix(path.Clean("/"+p), "/"); p != "" {
		return p
	}
	return "."
}

// ReadFile reads a regular file. Errors: those of the file system, and
// fs.ErrInvalid for a directory, a pipe or a device, on which reading could
// wait for ever.
func (s fileSystem) ReadFile(p string) (string, string, error) {
	info, err := fs.Stat(s.fsys, inside(p))
	if err != nil {
		return "", p, err
	}
	if !info.Mode().IsRegular() {
		return "", p, &fs.PathError{Op: "read", Path: p, Err: fs.ErrInvalid}
	}
	text, err := fs.ReadFile(s.fsys, inside(p))
	return string(text), p, err
}

// Glob lists what matches, in alphabetical order. Errors: path.ErrBadPattern.
func (s fileSystem) Glob(pattern string) ([]string, error) {
	list, err := fs.Glob(s.fsys, inside(pattern))
	for i := range list {
		list[i] = "/" + list[i]
	}
	slices.Sort(list)
	return list, err
}
