//go:build !linux

package jail

import (
	"golang.org/x/sys/unix"

	"named-jail/rewrite"
)

// hasCapability is for systems that have file capabilities.
func hasCapability(*dir, string, Info) bool { return false }

// widens is for systems whose access lists are carried along.
func widens([]byte, uint32) bool { return false }

// hostMounts knows of one mount that belongs there: the devices of FreeBSD are
// a file system of their own.
func hostMounts(string, string) map[rewrite.JailPath]string {
	return map[rewrite.JailPath]string{"/dev": ""}
}

func deviceMajor(rdev uint64) uint32 { return unix.Major(rdev) }

func deviceMinor(rdev uint64) uint32 { return unix.Minor(rdev) }
