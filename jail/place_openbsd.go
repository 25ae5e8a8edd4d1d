package jail

import "golang.org/x/sys/unix"

// mountFlags asks how the file system of a path is mounted.
func mountFlags(at string) (mountState, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(at, &st); err != nil {
		return mountState{}, err
	}
	return mountState{st.F_flags&unix.MNT_RDONLY != 0, st.F_flags&unix.MNT_NODEV != 0,
		st.F_flags&unix.MNT_NOEXEC != 0}, nil
}
