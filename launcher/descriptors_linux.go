package launcher

import (
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// closeOnExec marks every descriptor above 2. Kernels before 5.11 lack the
// call, and some sandboxes forbid it: then the list of /proc is walked. Errors:
// when that cannot be read either.
func closeOnExec() error {
	if err := unix.CloseRange(3, uint(^uint32(0)), unix.CLOSE_RANGE_CLOEXEC); err == nil {
		return nil
	}
	return closeOnExecByList("/proc/self/fd")
}

// closeOnExecByList marks every descriptor above 2 that the directory lists.
func closeOnExecByList(list string) error {
	dir, err := os.Open(list)
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		fd, err := strconv.Atoi(name)
		if err != nil || fd <= 2 {
			continue
		}
		_, err = unix.FcntlInt(uintptr(fd), unix.F_SETFD, unix.FD_CLOEXEC)
		if err != nil && !errors.Is(err, unix.EBADF) { // closed since it was listed
			return err
		}
	}
	return nil
}
