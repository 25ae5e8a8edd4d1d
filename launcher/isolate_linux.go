package launcher

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// isolate makes the jail a mount of its own, read-only but for the written
// directories, and gives the jail's top as it is then. The old top is closed.
func (i Inside) isolate(top int) (int, error) {
	err := mountOn(top, i.Jail, "", unix.MS_BIND|unix.MS_REC, "")
	unix.Close(top)
	if err != nil {
		return -1, fmt.Errorf("%s as a mount of its own: %w", i.Jail, err)
	}
	top, err = unix.Open(i.Jail, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return -1, err
	}
	for _, dir := range slices.Concat(i.Written, i.Devices) {
		if err = bindOnItself(top, dir); err != nil {
			break
		}
	}
	if err == nil {
		err = i.limit(top)
	}
	if err != nil {
		unix.Close(top)
		return -1, err
	}
	return top, nil
}

// bindOnItself makes a directory of the jail a mount, so that it can have
// flags that differ from those around it.
func bindOnItself(top int, dir string) error {
	fd, err := openPoint(top, dir)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := mountOn(fd, ".", "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("%s in the jail as a mount of its own: %w", dir, err)
	}
	return nil
}

// limit gives every mount of the jail its flags. Those that it has stay.
func (i Inside) limit(top int) error {
	mounts, err := ownMounts()
	if err != nil {
		return fmt.Errorf("the mounts of the jail: %w", err)
	}
	for _, m := range mounts {
		point, ok := strings.CutPrefix(m.Mountpoint, i.Jail)
		if !ok || point != "" && point[0] != '/' {
			continue
		}
		at, err := openPoint(top, point)
		if err != nil {
			return err
		}
		var fs unix.Statfs_t
		if err = unix.Fstatfs(at, &fs); err == nil {
			err = mountOn(at, "", "", unix.MS_BIND|unix.MS_REMOUNT|uintptr(fs.Flags)&windowFlags|i.flags(point), "")
		}
		unix.Close(at)
		if err != nil {
			return fmt.Errorf("%s%s with fewer rights: %w", i.Jail, point, err)
		}
	}
	return nil
}

// flags are those of the mount at a place of the jail.
func (i Isolation) flags(point string) uintptr {
	flags := uintptr(unix.MS_NOSUID)
	in := func(dirs []string) bool {
		return slices.ContainsFunc(dirs, func(d string) bool { return lies(point, d) })
	}
	if !in(i.Devices) {
		flags |= unix.MS_NODEV
	}
	if in(i.Written) {
		return flags | unix.MS_NOEXEC
	}
	if !i.Modules {
		flags |= unix.MS_NOEXEC
	}
	return flags | unix.MS_RDONLY
}

// giveUp takes from this thread what named never needs: new privileges by
// executing something, and all capabilities but a few, for good.
func (i Isolation) giveUp() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no new privileges: %w", err)
	}
	var kept [2]uint32
	for _, c := range i.Capabilities {
		kept[c/32] |= 1 << (c % 32)
	}
	for c := uintptr(0); c < 64; c++ {
		if kept[c/32]&(1<<(c%32)) != 0 {
			continue
		}
		err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0)
		if err == unix.EINVAL { // behind the last one that this kernel has
			break
		}
		if err != nil {
			return fmt.Errorf("the capability bounding set: %w", err)
		}
	}
	// What is inheritable comes back when root executes something.
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	err := unix.Capget(&header, &data[0])
	if err == nil {
		for n := range data {
			data[n].Inheritable &= kept[n]
		}
		err = unix.Capset(&header, &data[0])
	}
	if err != nil {
		return fmt.Errorf("the inheritable capabilities: %w", err)
	}
	return nil
}
