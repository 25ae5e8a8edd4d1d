//go:build !linux && !windows

package jail

import (
	"os"

	"golang.org/x/sys/unix"
)

// openDirFlags open a directory; here the right to read it is needed.
const openDirFlags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC | unix.O_NONBLOCK

// setTimes sets the time of modification by name: these systems give no way to
// do it on a descriptor with nanoseconds. The name is never followed.
func setTimes(_ *os.File, d *dir, name string, mtime int64) error {
	ts := []unix.Timespec{unix.NsecToTimespec(mtime), unix.NsecToTimespec(mtime)}
	return unix.UtimesNanoAt(d.fd, name, ts, unix.AT_SYMLINK_NOFOLLOW)
}

// aclAttribute is empty where extended attributes are not carried along.
const aclAttribute = ""

func readAttributes(*os.File) (map[string][]byte, error) { return nil, nil }

func writeAttribute(*os.File, string, []byte) error { return nil }

// canSyncAll is false: each file is synced for itself.
const canSyncAll = false

func syncFileSystem(f *os.File) error { return f.Sync() }

// sameMount is for systems that mount single files.
func sameMount(*dir, *os.File) bool { return true }

// ownLinkAt goes by name, without following it: a link cannot be held open here.
// Where others can write, a link of theirs may have taken the place of ours, and
// must not become root's, whose links are followed: only the group is changed.
func ownLinkAt(d *dir, name string, uid, gid int) error {
	if uid == os.Geteuid() && !d.trusted() {
		uid = -1
	}
	return unix.Fchownat(d.fd, name, uid, gid, unix.AT_SYMLINK_NOFOLLOW)
}

// linksProtected is for Linux alone.
var linksProtected = func() bool { return false }
