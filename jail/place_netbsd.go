package jail

import "golang.org/x/sys/unix"

// mountFlags asks how the file system of a path is mounted.
func mountFlags(at string) (mountState, error) {
	var st unix.Statvfs_t
	if err := unix.Statvfs(at, &st); err != nil {
		return mountState{}, err
	}
	return mountState{st.Flag&unix.MNT_RDONLY != 0, st.Flag&unix.MNT_NODEV != 0, st.Flag&unix.MNT_NOEXEC != 0}, nil
}
