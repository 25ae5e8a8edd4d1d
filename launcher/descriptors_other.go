//go:build !linux

package launcher

import (
	"errors"

	"golang.org/x/sys/unix"
)

// mostDescriptors bounds the walk of closeOnExec where the limit is endless.
const mostDescriptors = 1 << 20

// closeOnExec marks every descriptor above 2, one by one up to the limit of open
// files. A descriptor that was opened before somebody lowered the limit below
// its number is not found; Linux has a call that finds it, these systems differ.
// Errors: when the limit cannot be read.
func closeOnExec() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	last := mostDescriptors
	if highest := uint64(limit.Max); highest < mostDescriptors {
		last = int(highest)
	}
	for fd := 3; fd < last; fd++ {
		_, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, unix.FD_CLOEXEC)
		if err != nil && !errors.Is(err, unix.EBADF) {
			return err
		}
	}
	return nil
}
