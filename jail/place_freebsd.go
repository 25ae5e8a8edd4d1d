package jail

import "golang.org/x/sys/unix"

// mountFlags asks how the file system of a path is mounted. FreeBSD has no
// nodev any more: nodes outside devfs never work there.
func mountFlags(at string) (mountState, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(at, &st); err != nil {
		return mountState{}, err
	}
	return mountState{readonly: st.Flags&unix.MNT_RDONLY != 0, noexec: st.Flags&unix.MNT_NOEXEC != 0}, nil
}
