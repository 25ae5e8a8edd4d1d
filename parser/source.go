package parser

import (
	"errors"
	"io/fs"
)

// Source is where the text of a configuration comes from: the host, the tree
// below --root, or a jail. Paths are absolute, as named sees them there.
//
// A Source that also has RealPath(path) (string, error), the path without
// symbolic links, lets the Reader see that two paths lead to one file.
type Source interface {
	// ReadFile gives the text of a regular file and the name that messages
	// call it by. Units: at most MaxText bytes. Errors: ErrTooLarge; those
	// that fs.ErrNotExist and fs.ErrPermission match, or any other with its
	// own text.
	ReadFile(path string) (text, name string, err error)
	// Glob lists what matches a POSIX glob(3) pattern, in alphabetical order.
	Glob(pattern string) ([]string, error)
}

// reason turns an error of a Source into words for the operator.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "it may not be read by the account that runs this command"
	}
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}
