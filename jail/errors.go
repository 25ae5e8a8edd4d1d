package jail

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"named-jail/parser"
)

// Error is a failure that the operator can act on. Path is the host's name of
// the object in question.
type Error struct {
	Code    parser.Code
	Path    string
	Message string
	Remedy  string
	Err     error // the cause, nil when there is none
}

// Error is one line: path, message, cause.
func (e *Error) Error() string { return e.Diagnostic().Headline() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Diagnostic is the failure in the form in which all findings are shown.
func (e *Error) Diagnostic() parser.Diagnostic {
	d := parser.Diagnostic{Code: e.Code, File: e.Path, Message: e.Message, Remedy: e.Remedy}
	if e.Err != nil {
		d.Message += ": " + plainCause(e.Err)
	}
	if info, ok := parser.LookupCode(e.Code); ok {
		d.Severity = info.Severity
	}
	return d
}

// Diagnose makes a finding of any error of this package.
func Diagnose(err error) parser.Diagnostic {
	var e *Error
	if errors.As(err, &e) {
		return e.Diagnostic()
	}
	d := parser.Diagnostic{Code: "NJ509", Message: plainCause(err)}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		d.File = pe.Path
	}
	return d
}

// causes puts the system's error numbers into words that need no manual.
var causes = map[syscall.Errno]string{
	syscall.ENOSPC:       "the file system is full",
	syscall.EDQUOT:       "the disk quota is used up",
	syscall.EROFS:        "the file system is mounted read-only",
	syscall.EIO:          "the disk reported an error",
	syscall.EACCES:       "permission denied",
	syscall.EPERM:        "the system does not allow it",
	syscall.ENOENT:       "there is no such file or directory",
	syscall.ENOTDIR:      "a part of the path is not a directory",
	syscall.EISDIR:       "it is a directory",
	syscall.EEXIST:       "something is there already",
	syscall.ENOTEMPTY:    "the directory is not empty",
	syscall.ELOOP:        "a symbolic link is in the way, or too many of them",
	syscall.ENAMETOOLONG: "the name is too long",
	syscall.EMFILE:       "too many files are open",
	syscall.ENFILE:       "too many files are open in the system",
	syscall.EXDEV:        "it lies on another file system",
	syscall.EBUSY:        "it is in use (a mount point?)",
	syscall.ENXIO:        "it is a FIFO, a socket or a device without a partner",
	syscall.EFBIG:        "the file is too large",
	syscall.EINTR:        "the call was interrupted",
}

// plainCause gives the innermost reason of an error in words.
func plainCause(err error) string {
	var own *Error
	if errors.As(err, &own) {
		return own.Diagnostic().Message
	}
	var no syscall.Errno
	if errors.As(err, &no) {
		if text, ok := causes[no]; ok {
			return text
		}
	}
	return parser.Printable(err.Error())
}

// remedies says what to do about the causes that have an answer of their own.
var remedies = map[syscall.Errno]string{
	syscall.ENOSPC: "Make room on that file system (df shows it), then run the command again; nothing was changed.",
	syscall.EDQUOT: "Raise the quota or make room, then run the command again; nothing was changed.",
	syscall.EROFS:  "Remount the file system for writing, or use --copy if only the originals lie on it; nothing was changed.",
	syscall.EIO:    "Look at the kernel's log (dmesg) for the disk's fault; nothing was changed.",
	syscall.EMFILE: "Raise the limit of open files (ulimit -n) and run the command again; nothing was changed.",
}

// changeError is the failure of one change: doing is what was tried.
func changeError(path, doing string, err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	e := &Error{Code: "NJ509", Path: path, Message: doing + " failed", Err: err,
		Remedy: "Remove the cause and run the command again; what had been changed is put back."}
	var no syscall.Errno
	if errors.As(err, &no) {
		if no == syscall.ENOSPC || no == syscall.EDQUOT || no == syscall.EROFS {
			e.Code = "NJ514"
		}
		if text, ok := remedies[no]; ok {
			e.Remedy = text
		}
	}
	return e
}

// pathError is a failed look at path, with the cause kept for errors.Is.
func pathError(op, path string, err error) error {
	return &fs.PathError{Op: op, Path: path, Err: err}
}

// refused is a path that must not be followed or touched as root.
func refused(path, format string, args ...any) *Error {
	return &Error{Code: "NJ307", Path: path, Message: fmt.Sprintf(format, args...),
		Remedy: "Make root the owner of the link or directory (chown -h root), or name the file itself in named.conf.",
		Err:    nil}
}

// mounted is what lies elsewhere too, where its owner and mode are not ours to
// change.
func mounted(path, what string) *Error {
	e := inTheWay(path, "%s is mounted here, and would change its owner or mode there too", what)
	e.Remedy = "Unmount it (umount " + path + ") and run the command again."
	return e
}

// inTheWay is an object of the wrong kind at a place that is wanted.
func inTheWay(path, format string, args ...any) *Error {
	return &Error{Code: "NJ511", Path: path, Message: fmt.Sprintf(format, args...),
		Remedy: "Correct the path where the configuration names it by mistake; else move what is there away, and run the command again."}
}
