package jail

import "golang.org/x/sys/unix"

// stReadonly is the one flag of statvfs(2) that says something of use here.
const stReadonly = 0x1

// mountFlags asks how the file system of a path is mounted. Whether devices or
// programs work there cannot be asked this way.
func mountFlags(at string) (mountState, error) {
	var st unix.Statvfs_t
	if err := unix.Statvfs(at, &st); err != nil {
		return mountState{}, err
	}
	return mountState{readonly: st.Flag&stReadonly != 0}, nil
}
