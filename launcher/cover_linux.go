package launcher

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// cover is an empty directory and an empty file, which are bound over what
// named is not to see.
type cover struct{ dir, file int }

// newCover makes a cover in a small file system in memory, which is mounted at
// a point of the jail. A window that is opened there lies over it.
func newCover(top int, point string) (c cover, err error) {
	c = cover{-1, -1}
	under, err := openPoint(top, point)
	if err != nil {
		return c, err
	}
	defer unix.Close(under)
	if err := unused(under, point); err != nil {
		return c, err
	}
	if err := mountOn(under, "tmpfs", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=0555,size=4k,nr_inodes=4"); err != nil {
		return c, fmt.Errorf("a file system in memory: %w", err)
	}
	at, err := openPoint(top, point)
	if err != nil {
		return c, err
	}
	defer unix.Close(at)
	if err := unix.Mkdirat(at, "dir", 0); err != nil {
		return c, err
	}
	f, err := unix.Openat(at, "file", unix.O_CREAT|unix.O_EXCL|unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return c, err
	}
	unix.Close(f)
	if err := mountOn(at, "", "", unix.MS_BIND|unix.MS_REMOUNT|windowFlags, ""); err != nil {
		return c, err
	}
	if c.dir, err = unix.Openat(at, "dir", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err == nil {
		c.file, err = unix.Openat(at, "file", unix.O_PATH|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		c.close()
	}
	return c, err
}

// unused refuses a directory of the jail that serves something else: a window
// would lie over it.
func unused(dir int, point string) error {
	var st unix.Stat_t
	if err := unix.Fstat(dir, &st); err != nil {
		return err
	}
	fd, err := unix.Openat(dir, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), point)
	defer f.Close()
	if names, err := f.Readdirnames(1); len(names) > 0 || err != io.EOF || st.Uid != 0 || st.Mode&0o022 != 0 {
		return fmt.Errorf("%s in the jail is in use", point)
	}
	return nil
}

func (c cover) close() {
	unix.Close(c.dir)
	unix.Close(c.file)
}

// hide covers the directories, sockets and FIFOs of an open directory but one.
// Devices do not work behind a window and files can only be read, so they stay.
// What is made there later is seen.
func (c cover) hide(at int, but string) error {
	if err := unix.Fchdir(at); err != nil {
		return err
	}
	fd, err := unix.Openat(at, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	dir := os.NewFile(uintptr(fd), ".") // the working directory, for the types of entries
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return err
	}
	for _, e := range entries {
		over := c.file
		switch {
		case e.Name() == but:
			continue
		case e.IsDir():
			over = c.dir
		case e.Type()&(fs.ModeSocket|fs.ModeNamedPipe) == 0:
			continue
		}
		err := unix.Mount(fdPath(over), "./"+e.Name(), "", unix.MS_BIND, "")
		if err != nil && err != unix.ENOENT { // gone since it was listed
			return fmt.Errorf("hiding %s: %w", e.Name(), err)
		}
	}
	return nil
}

// fdPath is a path by which the kernel finds an open file.
func fdPath(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }
