//go:build freebsd || openbsd || netbsd || dragonfly || darwin

package jail

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func symlinkAt(target string, d *dir, name string) error {
	return unix.Symlinkat(target, d.fd, name)
}

func readlinkAt(d *dir, name string) (string, error) {
	buf := make([]byte, 4096)
	n, err := unix.Readlinkat(d.fd, name, buf)
	if err != nil {
		return "", err
	}
	if n == len(buf) {
		return "", syscall.ENAMETOOLONG
	}
	return string(buf[:n]), nil
}

func lockFile(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}
