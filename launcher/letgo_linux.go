package launcher

import (
	"os"
	"slices"
	"strings"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// ownMounts lists the mounts of this thread, which may be in another namespace
// than the process was started in.
func ownMounts() ([]*mountinfo.Info, error) {
	f, err := os.Open("/proc/thread-self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return mountinfo.GetMountsFromReader(f, nil)
}

// systemPlaces are the directories that named may read from before it is in the
// jail.
var systemPlaces = []string{"/bin", "/dev", "/etc", "/gnu", "/lib", "/lib64", "/nix", "/opt", "/proc", "/run", "/sbin", "/sys", "/usr", "/var"}

// letGo unmounts, in this namespace alone, what named has no use for and what
// would not go when the host unmounts it, because the mount is not shared: a
// disk must not stay busy for named's sake. What cannot be unmounted stays.
func letGo(keep ...string) {
	mounts, err := ownMounts()
	if err != nil {
		return
	}
	keep = append(keep, systemPlaces...)
	for _, m := range slices.Backward(mounts) {
		if strings.Contains(m.Optional, "master:") || strings.Contains(m.Optional, "shared:") {
			continue
		}
		needed := slices.ContainsFunc(keep, func(p string) bool { return lies(p, m.Mountpoint) || lies(m.Mountpoint, p) })
		if !needed {
			_ = unix.Unmount(m.Mountpoint, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
		}
	}
}

// lies tells whether a path is a directory or lies below it.
func lies(path, dir string) bool {
	return path == dir || dir == "/" || strings.HasPrefix(path, dir+"/")
}
