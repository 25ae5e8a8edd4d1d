package jail

import (
	"encoding/binary"
	"path"
	"path/filepath"
	"slices"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"

	"named-jail/rewrite"
)

// capabilityAttribute holds what capabilities(7) a program gives.
const capabilityAttribute = "security.capability"

// hasCapability tells whether a file gives rights to whoever executes it.
func hasCapability(d *dir, name string, info Info) bool {
	fd, _, err := d.openSeen(name, info)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	n, err := unix.Fgetxattr(fd, capabilityAttribute, nil)
	return err == nil && n > 0
}

// The tags of an access list.
//
// Source: Linux include/uapi/linux/posix_acl.h.
const (
	aclUser  = 0x02
	aclGroup = 0x08
	aclMask  = 0x10
)

// widens tells whether an access list grants reading or writing to a user or
// group that it names, where the mode grants it not to all others.
func widens(list []byte, mode uint32) bool {
	const header, entry = 4, 8
	if len(list) < header {
		return false
	}
	granted, mask := uint16(0), uint16(7)
	for e := range slices.Chunk(list[header:], entry) {
		if len(e) < entry {
			break
		}
		tag, perm := binary.LittleEndian.Uint16(e), binary.LittleEndian.Uint16(e[2:])
		switch tag {
		case aclUser, aclGroup:
			granted |= perm
		case aclMask:
			mask = perm
		}
	}
	return granted&mask&6&^uint16(mode&7) != 0
}

// kernelFileSystems are those whose files the kernel makes up.
//
// Source: filesystems(5), proc(5), sysfs(5).
var kernelFileSystems = []string{"proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "securityfs", "debugfs",
	"tracefs", "bpf", "configfs", "pstore", "efivarfs", "mqueue", "binfmt_misc", "fusectl", "autofs"}

// hostMounts gives the places of the jail where a part of the host is mounted,
// and what it is; "" for one that is told elsewhere or belongs there. A file
// system of its own is no such place.
func hostMounts(root, jail string) map[rewrite.JailPath]string {
	top, err := filepath.EvalSymlinks(filepath.Join("/", root, jail))
	if err != nil {
		return nil
	}
	list, err := mountinfo.GetMounts(mountinfo.PrefixFilter(top))
	if err != nil {
		return nil
	}
	found := map[rewrite.JailPath]string{}
	for _, m := range list {
		jp := rewrite.JailPath(m.Mountpoint[len(top):])
		switch {
		case jp == "":
		case slices.Contains(auditPlaces, jp), slices.Contains(usualBinds, string(jp)):
			found[jp] = ""
		case slices.Contains(kernelFileSystems, m.FSType):
			found[jp] = "the host's " + m.FSType
		case m.Root != "/" && m.FSType != "btrfs":
			found[jp] = "a part of the host (" + path.Clean(m.Root) + ")"
		}
	}
	return found
}

func deviceMajor(rdev uint64) uint32 { return unix.Major(rdev) }

func deviceMinor(rdev uint64) uint32 { return unix.Minor(rdev) }
