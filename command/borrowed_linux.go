package command

import (
	"os"

	"golang.org/x/sys/unix"
)

// capable tells whether our own file has capabilities (setcap), which it would
// lend to whoever calls it, or has lent them to this process: without such a
// file one that is not root's has those of its ambient set alone.
//
// Source: capabilities(7), "Transformation of capabilities during execve()".
func capable() bool {
	if n, err := unix.Getxattr("/proc/self/exe", "security.capability", nil); err == nil && n > 0 {
		return true
	}
	if os.Geteuid() == 0 {
		return false
	}
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if unix.Capget(&head, &sets[0]) != nil {
		return false
	}
	for c := range 64 {
		if sets[c/32].Permitted&(1<<(c%32)) == 0 {
			continue
		}
		if set, err := unix.PrctlRetInt(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_IS_SET, uintptr(c), 0, 0); err != nil || set == 0 {
			return true
		}
	}
	return false
}
