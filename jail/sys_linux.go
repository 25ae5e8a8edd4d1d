package jail

import (
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// openDirFlags open a directory only to stand in it; O_PATH needs no right to
// read it, so a jail of mode 0111 can be walked by everybody who may enter it.
const openDirFlags = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC

func symlinkAt(target string, d *dir, name string) error {
	return unix.Symlinkat(target, d.fd, name)
}

func readlinkAt(d *dir, name string) (string, error) {
	var short [256]byte
	if n, err := unix.Readlinkat(d.fd, name, short[:]); err != nil || n < len(short) {
		return string(short[:max(n, 0)]), err
	}
	for size := 1024; ; size *= 4 {
		buf := make([]byte, size)
		n, err := unix.Readlinkat(d.fd, name, buf)
		if err != nil {
			return "", err
		}
		if n < size {
			return string(buf[:n]), nil
		}
		if size > 1<<16 {
			return "", syscall.ENAMETOOLONG
		}
	}
}

// setTimes sets the time of modification of an open file. Both times get the
// same value: the time of access is of no use to anybody here.
func setTimes(f *os.File, _ *dir, _ string, mtime int64) error {
	ts := [2]unix.Timespec{unix.NsecToTimespec(mtime), unix.NsecToTimespec(mtime)}
	// utimensat(2) with a null path acts on the descriptor.
	_, _, no := unix.Syscall6(unix.SYS_UTIMENSAT, f.Fd(), 0, uintptr(unsafe.Pointer(&ts[0])), 0, 0, 0)
	runtime.KeepAlive(f)
	if no != 0 {
		return no
	}
	return nil
}

func lockFile(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}

// attributePrefixes are the extended attributes that travel with a file.
// Capabilities and set-id bits are left behind on purpose.
var attributePrefixes = []string{"user.", "security.selinux", "system.posix_acl_access"}

// aclAttribute holds an access control list.
const aclAttribute = "system.posix_acl_access"

// readAttributes gives the extended attributes of an open file. A file system
// without any gives none.
func readAttributes(f *os.File) (map[string][]byte, error) {
	fd := int(f.Fd())
	size, err := unix.Flistxattr(fd, nil)
	if err != nil || size == 0 {
		return nil, ignoreUnsupported(err)
	}
	buf := make([]byte, size)
	if size, err = unix.Flistxattr(fd, buf); err != nil {
		return nil, ignoreUnsupported(err)
	}
	var out map[string][]byte
	for _, name := range strings.Split(strings.TrimSuffix(string(buf[:size]), "\x00"), "\x00") {
		if !travels(name) {
			continue
		}
		n, err := unix.Fgetxattr(fd, name, nil)
		if err != nil {
			continue
		}
		value := make([]byte, n)
		if n, err = unix.Fgetxattr(fd, name, value); err != nil {
			continue
		}
		if out == nil {
			out = map[string][]byte{}
		}
		out[name] = value[:n]
	}
	return out, nil
}

func travels(name string) bool {
	for _, p := range attributePrefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// writeAttribute sets one extended attribute.
func writeAttribute(f *os.File, name string, value []byte) error {
	return ignoreUnsupported(unix.Fsetxattr(int(f.Fd()), name, value, 0))
}

func ignoreUnsupported(err error) error {
	if err == syscall.EOPNOTSUPP || err == syscall.ENOSYS {
		return nil
	}
	return err
}

func mknodAt(fd int, name string, mode uint32, rdev uint64) error {
	return unix.Mknodat(fd, name, mode, int(rdev))
}

// deviceNumber packs the two numbers of a device.
func deviceNumber(major, minor uint32) uint64 { return unix.Mkdev(major, minor) }

// canSyncAll: syncfs(2) makes thousands of small files last in one call.
const canSyncAll = true

func syncFileSystem(f *os.File) error { return unix.Syncfs(int(f.Fd())) }

// sameMount tells whether a file belongs to the mount that its directory lies on.
// A kernel before 5.8 does not tell.
func sameMount(d *dir, f *os.File) bool {
	var up, here unix.Statx_t
	if unix.Statx(d.fd, "", unix.AT_EMPTY_PATH, unix.STATX_MNT_ID, &up) != nil ||
		unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_MNT_ID, &here) != nil {
		return true
	}
	return up.Mask&here.Mask&unix.STATX_MNT_ID == 0 || up.Mnt_id == here.Mnt_id
}

// ownLinkAt holds the link before it is looked at and given another owner. One
// that somebody else put in the place of ours stays his: root's links are
// followed.
func ownLinkAt(d *dir, name string, uid, gid int) error {
	fd, err := unix.Openat(d.fd, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFLNK || st.Nlink != 1 || int(st.Uid) != os.Geteuid() {
		return changedUnderUs(joinPath(d.path, name))
	}
	return unix.Fchownat(fd, "", uid, gid, unix.AT_EMPTY_PATH)
}

// linksProtected tells whether the kernel lets nobody give a second name to a file
// that he does not own and cannot both read and write.
//
// Source: proc_sys_fs(5), protected_hardlinks. The tests take it for off.
var linksProtected = sync.OnceValue(func() bool {
	text, err := os.ReadFile("/proc/sys/fs/protected_hardlinks")
	return err == nil && strings.TrimSpace(string(text)) == "1"
})
