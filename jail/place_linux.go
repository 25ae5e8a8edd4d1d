package jail

import (
	"path/filepath"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// Flags of statfs(2); they are those of the mount, not only of the file system.
const (
	stReadonly = 0x1
	stNodev    = 0x4
	stNoexec   = 0x8
)

// mountFlags asks how the file system of a path is mounted.
func mountFlags(at string) (mountState, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(at, &st); err != nil {
		return mountState{}, err
	}
	flags := int64(st.Flags)
	return mountState{flags&stReadonly != 0, flags&stNodev != 0, flags&stNoexec != 0}, nil
}

// mountPoint names the directory that the file system of a path is mounted on,
// for a command line; MOUNTPOINT when it cannot be known.
func mountPoint(at string) string {
	real, err := filepath.EvalSymlinks(at)
	if err != nil {
		return "MOUNTPOINT"
	}
	mounts, err := mountinfo.GetMounts(mountinfo.ParentsFilter(real))
	if err != nil {
		return "MOUNTPOINT"
	}
	best := "MOUNTPOINT"
	for _, m := range mounts {
		if best == "MOUNTPOINT" || len(m.Mountpoint) >= len(best) {
			best = m.Mountpoint
		}
	}
	return best
}
