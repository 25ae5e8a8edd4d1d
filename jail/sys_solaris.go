package jail

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Solaris and illumos have the calls, but no binding of them: os.Root, checked
// to be the same directory, does the same.

func symlinkAt(target string, d *dir, name string) error {
	root, err := d.osRoot()
	if err != nil {
		return err
	}
	defer root.Close()
	return root.Symlink(target, name)
}

func readlinkAt(d *dir, name string) (string, error) {
	root, err := d.osRoot()
	if err != nil {
		return "", err
	}
	defer root.Close()
	return root.Readlink(name)
}

func lockFile(f *os.File) error {
	return unix.FcntlFlock(f.Fd(), unix.F_SETLK, &unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart})
}
