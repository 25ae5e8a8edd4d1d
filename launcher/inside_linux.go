package launcher

import (
	"fmt"
	"path"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Enter moves this thread, and so the program that Exec becomes on it, into a
// mount namespace of its own, opens the windows there and isolates named where
// that is asked for. The goroutine stays on its thread from then on; the other
// threads see the host as before. The working directory stays.
//
// What is mounted on the host later is seen where the host's mounts are shared,
// as systemd makes them; nothing goes the other way.
//
// The first result lists the windows that could not be opened: named can start
// without. Errors: isolation was asked for and cannot be had; nothing must be
// executed then.
func (i Inside) Enter() ([]Missed, error) {
	if len(i.Windows) == 0 && i.Isolation == nil {
		return nil, nil
	}
	runtime.LockOSThread()
	if err := ownNamespace(); err != nil {
		return i.allMissed(err), i.refused(err)
	}
	here, err := unix.Open(".", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return i.allMissed(err), i.refused(err)
	}
	defer unix.Close(here)
	defer unix.Fchdir(here)

	top, err := unix.Open(i.Jail, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return i.allMissed(err), i.refused(err)
	}
	if i.Isolation != nil {
		if top, err = i.isolate(top); err != nil {
			return nil, err
		}
	}
	defer unix.Close(top)
	letGo(i.Jail, i.Program)
	var missed []Missed
	for _, w := range i.Windows {
		if err := w.open(top); err != nil {
			missed = append(missed, Missed{w, err})
		}
	}
	if i.Isolation != nil {
		if err := i.Isolation.giveUp(); err != nil {
			return missed, err
		}
	}
	return missed, nil
}

func (i Inside) allMissed(err error) []Missed {
	var missed []Missed
	for _, w := range i.Windows {
		missed = append(missed, Missed{w, err})
	}
	return missed
}

// refused is the error for isolation that cannot be had, nil where it was not
// asked for.
func (i Inside) refused(err error) error {
	if i.Isolation == nil {
		return nil
	}
	return err
}

// ownNamespace gives the thread mounts of its own. They follow those of the
// host and do not lead back.
func ownNamespace() error {
	if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS); err != nil {
		return fmt.Errorf("a mount namespace: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		return fmt.Errorf("the mounts of the namespace: %w", err)
	}
	return nil
}

// openPoint opens a directory of the jail component by component; no link is
// followed, because named may have put one there.
func openPoint(top int, point string) (int, error) {
	fd, err := unix.Openat(top, ".", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	for _, name := range strings.Split(strings.Trim(path.Clean(point), "/"), "/") {
		if err != nil || name == "" {
			break
		}
		var next int
		next, err = unix.Openat(fd, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
		unix.Close(fd)
		fd = next
	}
	if err != nil {
		return -1, fmt.Errorf("%s in the jail: %w", point, err)
	}
	return fd, nil
}

// mountOn mounts on a directory that is open. The thread's working directory is
// there afterwards.
func mountOn(fd int, source, kind string, flags uintptr, data string) error {
	if err := unix.Fchdir(fd); err != nil {
		return err
	}
	return unix.Mount(source, ".", kind, flags, data)
}

// windowFlags are those of every window: nothing can be made there, and no
// device, program or set-id bit works. A socket does.
const windowFlags = unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC

// open binds the window's directory into the jail and hides what lies beside
// the socket. After a failure the window is closed again.
func (w Window) open(top int) error {
	source, err := unix.Open(w.Dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", w.Dir, err)
	}
	unix.Close(source)
	cover, err := newCover(top, w.Point)
	if err != nil {
		return err
	}
	defer cover.close()
	under, err := openPoint(top, w.Point)
	if err != nil {
		return err
	}
	defer unix.Close(under)
	if err := mountOn(under, w.Dir, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("%s: %w", w.Dir, err)
	}
	at, err := openPoint(top, w.Point) // what is mounted now
	if err != nil {
		return err
	}
	defer unix.Close(at)
	err = mountOn(at, "", "", unix.MS_BIND|unix.MS_REMOUNT|windowFlags, "")
	if err == nil {
		err = cover.hide(at, w.Name)
	}
	if err != nil {
		_ = unix.Fchdir(at)
		_ = unix.Unmount(".", unix.MNT_DETACH)
	}
	return err
}
