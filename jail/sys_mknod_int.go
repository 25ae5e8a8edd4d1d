//go:build openbsd || netbsd || solaris || dragonfly

package jail

import "golang.org/x/sys/unix"

func mknodAt(fd int, name string, mode uint32, rdev uint64) error {
	return unix.Mknodat(fd, name, mode, int(rdev))
}

// deviceNumber packs the two numbers of a device.
func deviceNumber(major, minor uint32) uint64 { return unix.Mkdev(major, minor) }
