package launcher

import "golang.org/x/sys/unix"

// auditArch is what the kernel calls this kind of processor.
const auditArch = unix.AUDIT_ARCH_X86_64

func init() {
	for number, c := range map[uint64]*call{
		unix.SYS_NEWFSTATAT: looks("stat", 0, 1), unix.SYS_STAT: looks("stat", -1, 0), unix.SYS_LSTAT: looks("stat", -1, 0),
		unix.SYS_ACCESS: looks("access", -1, 0), unix.SYS_READLINK: looks("readlink", -1, 0),
		unix.SYS_OPEN: opens("open", -1, 0, 1, false), unix.SYS_CREAT: makes("open", -1, 0),
		unix.SYS_MKDIR: makes("mkdir", -1, 0), unix.SYS_RMDIR: makes("rmdir", -1, 0), unix.SYS_MKNOD: makes("mknod", -1, 0),
		unix.SYS_UNLINK: makes("unlink", -1, 0), unix.SYS_SYMLINK: makes("symlink", -1, 1),
		unix.SYS_CHMOD: makes("chmod", -1, 0), unix.SYS_CHOWN: makes("chown", -1, 0), unix.SYS_LCHOWN: makes("chown", -1, 0),
		unix.SYS_UTIME: makes("utime", -1, 0), unix.SYS_UTIMES: makes("utimes", -1, 0),
		unix.SYS_RENAME: {name: "rename", paths: []pathArg{{dir: -1, path: 0, makes: true}, {dir: -1, path: 1, makes: true}}},
		unix.SYS_LINK:   {name: "link", paths: []pathArg{{dir: -1, path: 0}, {dir: -1, path: 1, makes: true}}},
	} {
		calls[number] = c
	}
}
