package launcher

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"named-jail/parser"
)

// Exit statuses. StatusCannotExecute and StatusNotFound are those a shell gives.
const (
	StatusFailed        = 1
	StatusUsage         = 2
	StatusCannotExecute = 126
	StatusNotFound      = 127
)

// ExitError is a failure with the exit status that belongs to it and the
// finding to show to the operator.
type ExitError struct {
	Status     int
	Diagnostic parser.Diagnostic
	Cause      error // nil where there is no deeper one
}

// Error is the message and the remedy, in one line, fit for a terminal.
func (e *ExitError) Error() string {
	text := parser.Printable(e.Diagnostic.Message)
	if e.Diagnostic.Remedy != "" {
		text += "; " + parser.Printable(e.Diagnostic.Remedy)
	}
	return text
}

// Unwrap gives the cause. Errors: it makes none of its own.
func (e *ExitError) Unwrap() error { return e.Cause }

// Code is the exit status that an error asks for: 0 for nil, the status of an
// ExitError, else 1.
func Code(err error) int {
	if err == nil {
		return 0
	}
	var exit *ExitError
	if errors.As(err, &exit) {
		return exit.Status
	}
	return StatusFailed
}

// fail builds an ExitError.
func fail(status int, code parser.Code, cause error, message, remedy string) *ExitError {
	return &ExitError{
		Status:     status,
		Diagnostic: parser.Diagnostic{Code: code, Message: message, Remedy: remedy},
		Cause:      cause,
	}
}

// reason is what an error of the system means for a program to be run.
type reason struct {
	errno  syscall.Errno
	text   string
	remedy string
}

// reasons is the table behind cannotRun. ENOENT is not in it: see cannotRun.
var reasons = []reason{
	{syscall.EACCES, "permission denied",
		"make the file executable (chmod 0755), check that each directory above it can be searched and that its file system is not mounted noexec"},
	{syscall.EPERM, "the system forbids it",
		"look for the refusal in the logs of AppArmor, SELinux or the service manager"},
	{syscall.ENOEXEC, "it is no program for this machine",
		"install the named that was built for this kind of processor"},
	{syscall.ENOTDIR, "a part of its path is no directory",
		"correct --named or NAMED_JAIL_NAMED"},
	{syscall.ELOOP, "its path is a loop of symbolic links",
		"correct the links, or give the file itself with --named"},
	{syscall.ETXTBSY, "the file is being written",
		"wait for the installation of named to end, then try again"},
	{syscall.E2BIG, "the command line and the environment are too long",
		"shorten them; the limit belongs to the system"},
	{syscall.ENOMEM, "there is not enough memory",
		"free memory, or raise the limit of the service"},
	{syscall.EAGAIN, "the limit of processes is reached",
		"raise the limit of processes, or end some"},
	{syscall.EMFILE, "too many files are open", "raise the limit of open files"},
	{syscall.ENFILE, "too many files are open in the system", "raise the system's limit of open files"},
	{syscall.EINVAL, "an argument, the environment or the file holds what the system does not take",
		"look for a zero byte in the arguments, and reinstall named"},
	{syscall.EIO, "the file cannot be read from its device", "look at the kernel's log; the disk may be failing"},
	{syscall.EISDIR, "its loader is a directory", "reinstall named"},
}

// cannotRun turns an error of exec into status 127 (no such file) or 126 (it is
// there and cannot be run). A file that is there and yet "not found" lacks its
// loader, or the interpreter of its first line. Under a changed root the file
// cannot be looked at from here, so exists says whether it is there.
func cannotRun(path string, err error, exists bool) *ExitError {
	if errors.Is(err, fs.ErrNotExist) {
		if !exists {
			return fail(StatusNotFound, "NJ601", err, path+": there is no such file",
				"install BIND, or give the real named with --named FILE or in NAMED_JAIL_NAMED")
		}
		return fail(StatusCannotExecute, "NJ602", err,
			path+" cannot be executed: its loader or interpreter is missing",
			"reinstall named for this system; ldd or file tells which loader it wants")
	}
	for _, r := range reasons {
		if errors.Is(err, r.errno) {
			return fail(StatusCannotExecute, "NJ602", err, path+" cannot be executed: "+r.text, r.remedy)
		}
	}
	return fail(StatusCannotExecute, "NJ602", err, path+" cannot be executed: "+plain(err),
		"check the file, or give another named with --named FILE")
}

// plain is the system's own words for an error, without the names of calls and
// files that Go puts before them.
func plain(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}

// fileExists tells whether something is at path.
func fileExists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
