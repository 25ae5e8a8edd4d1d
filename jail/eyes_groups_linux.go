package jail

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// empty is the empty name of AT_EMPTY_PATH.
var empty = [1]byte{}

func emptyName() unsafe.Pointer { return unsafe.Pointer(&empty[0]) }

// setGroups sets the supplementary groups of this thread only. The call takes
// numbers of 16 bits on machines of 32 bits; there the bits are read by hand.
func setGroups(groups []uint32) bool {
	if unsafe.Sizeof(uintptr(0)) == 4 {
		return false
	}
	var at unsafe.Pointer
	if len(groups) > 0 {
		at = unsafe.Pointer(&groups[0])
	}
	_, _, no := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(groups)), uintptr(at), 0)
	return no == 0
}
