//go:build !linux

package command

import "golang.org/x/sys/unix"

// selfProgram is asked of the system.
const selfProgram = ""

// confineRoot forbids files of any size, and dumps of memory.
func confineRoot() error {
	for _, what := range []int{unix.RLIMIT_CORE, unix.RLIMIT_FSIZE} {
		if err := unix.Setrlimit(what, &unix.Rlimit{}); err != nil {
			return err
		}
	}
	return nil
}

// confine has nothing more to forbid.
func confine() (string, error) { return "without Landlock, which this system does not have", nil }
