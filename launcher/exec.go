package launcher

import (
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Exec becomes the program at path: same process, same standard descriptors,
// same limits. It returns only when that failed. Every descriptor above 2 is
// marked close-on-exec first, because named closes none: an open directory
// outside the jail would be a way out of it. unix.Exec gives back the limit of
// open files, which the Go runtime raises at its start.
//
// Errors: an ExitError: 127 there is no such file (NJ601), 126 it cannot be
// executed (NJ602). After an error the process is as before, but its descriptors
// above 2 will not reach any program that it starts.
func Exec(path string, argv, env []string) error {
	if !filepath.IsAbs(path) {
		return notAbsolute(path)
	}
	if len(argv) == 0 {
		argv = []string{path}
	}
	for _, text := range append(append([]string{path}, argv...), env...) {
		if strings.IndexByte(text, 0) >= 0 {
			return fail(StatusCannotExecute, "NJ602", nil, path+" cannot be executed: an argument or the environment holds a zero byte",
				"correct the line that starts named-jail")
		}
	}
	if err := closeOnExec(); err != nil {
		return fail(StatusCannotExecute, "NJ602", err,
			"the open files cannot be kept from named: "+plain(err),
			"mount /proc, or use a kernel that has close_range(2); named is not started, because an open directory leads out of the jail")
	}
	return cannotRun(path, unix.Exec(path, argv, env), fileExists(path))
}
