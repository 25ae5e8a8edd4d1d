//go:build linux && (amd64 || arm64)

package launcher

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// call is one system call that takes paths.
type call struct {
	name    string
	paths   []pathArg
	flags   int  // the argument with the flags of open(2), 0 for none
	flagsAt bool // it is the address of a struct open_how
	enters  bool // it is chroot(2)
}

// pathArg is where a call has a path: the argument, and the one with the
// directory's descriptor (-1: the working directory). makes: the call makes
// something there, or changes it.
type pathArg struct {
	dir, path int
	kind      pathKind
	makes     bool
}

// pathKind is how a path is handed over.
type pathKind uint8

// A text; an address of a socket, with its length in the next argument; a
// struct msghdr that has such an address.
const (
	plainPath pathKind = iota
	socketPath
	messagePath
)

func looks(name string, dir, path int) *call {
	return &call{name: name, paths: []pathArg{{dir: dir, path: path}}}
}

func makes(name string, dir, path int) *call {
	return &call{name: name, paths: []pathArg{{dir: dir, path: path, makes: true}}}
}

func opens(name string, dir, path, flags int, at bool) *call {
	return &call{name: name, paths: []pathArg{{dir: dir, path: path}}, flags: flags, flagsAt: at}
}

// calls is the table of calls by number: those of every architecture, to which
// the file of each adds its own.
var calls = map[uint64]*call{
	unix.SYS_CHROOT:    {name: "chroot", enters: true, paths: []pathArg{{dir: -1}}},
	unix.SYS_OPENAT:    opens("open", 0, 1, 2, false),
	unix.SYS_OPENAT2:   opens("open", 0, 1, 2, true),
	unix.SYS_STATX:     looks("stat", 0, 1),
	unix.SYS_FACCESSAT: looks("access", 0, 1), unix.SYS_FACCESSAT2: looks("access", 0, 1),
	unix.SYS_READLINKAT: looks("readlink", 0, 1),
	unix.SYS_STATFS:     looks("statfs", -1, 0),
	unix.SYS_CHDIR:      looks("chdir", -1, 0),
	unix.SYS_EXECVE:     looks("execve", -1, 0), unix.SYS_EXECVEAT: looks("execve", 0, 1),
	unix.SYS_GETXATTR: looks("getxattr", -1, 0),
	unix.SYS_MKDIRAT:  makes("mkdir", 0, 1), unix.SYS_MKNODAT: makes("mknod", 0, 1),
	unix.SYS_UNLINKAT: makes("unlink", 0, 1), unix.SYS_SYMLINKAT: makes("symlink", 1, 2),
	unix.SYS_FCHMODAT: makes("chmod", 0, 1), unix.SYS_FCHOWNAT: makes("chown", 0, 1),
	unix.SYS_UTIMENSAT: makes("utimensat", 0, 1), unix.SYS_TRUNCATE: makes("truncate", -1, 0),
	unix.SYS_RENAMEAT2: {name: "rename", paths: []pathArg{{dir: 0, path: 1, makes: true}, {dir: 2, path: 3, makes: true}}},
	unix.SYS_RENAMEAT:  {name: "rename", paths: []pathArg{{dir: 0, path: 1, makes: true}, {dir: 2, path: 3, makes: true}}},
	unix.SYS_LINKAT:    {name: "link", paths: []pathArg{{dir: 0, path: 1}, {dir: 2, path: 3, makes: true}}},
	unix.SYS_CONNECT:   {name: "connect", paths: []pathArg{{dir: -1, path: 1, kind: socketPath}}},
	unix.SYS_BIND:      {name: "bind", paths: []pathArg{{dir: -1, path: 1, kind: socketPath, makes: true}}},
	unix.SYS_SENDTO:    {name: "sendto", paths: []pathArg{{dir: -1, path: 4, kind: socketPath}}},
	unix.SYS_SENDMSG:   {name: "sendmsg", paths: []pathArg{{dir: -1, path: 1, kind: messagePath}}},
}

// readMemory reads at most n bytes of a stopped thread's memory; fewer where
// what follows is not there.
func readMemory(tid int, at uint64, n int) []byte {
	if at == 0 || n <= 0 {
		return nil
	}
	buf := make([]byte, n)
	local := []unix.Iovec{{Base: &buf[0]}}
	local[0].SetLen(n)
	got, err := unix.ProcessVMReadv(tid, local, []unix.RemoteIovec{{Base: uintptr(at), Len: n}}, 0)
	if err != nil || got < 0 {
		return nil
	}
	return buf[:got]
}

// readText reads a path: page by page, because the next one may not be there.
func readText(tid int, at uint64) string {
	var text []byte
	for len(text) < unix.PathMax {
		part := readMemory(tid, at, int(page-at%page))
		if len(part) == 0 {
			break
		}
		if end := bytes.IndexByte(part, 0); end >= 0 {
			return string(append(text, part[:end]...))
		}
		text = append(text, part...)
		at += uint64(len(part))
	}
	return "" // no end: no path
}

// page is no larger than any page of memory, in bytes.
const page = 4096

func readWord(tid int, at uint64) uint64 {
	b := readMemory(tid, at, 8)
	if len(b) < 8 {
		return 0
	}
	return binary.NativeEndian.Uint64(b)
}

// readSocket reads the path of a struct sockaddr_un; "" for other families and
// for abstract names.
func readSocket(tid int, at uint64, size uint32) string {
	b := readMemory(tid, at, int(min(size, unix.SizeofSockaddrUnix)))
	if len(b) < 3 || binary.NativeEndian.Uint16(b) != unix.AF_UNIX {
		return ""
	}
	name, _, _ := bytes.Cut(b[2:], []byte{0})
	return string(name)
}

// readMessage reads the address of a struct msghdr.
func readMessage(tid int, at uint64) string {
	b := readMemory(tid, at, 12)
	if len(b) < 12 {
		return ""
	}
	return readSocket(tid, binary.NativeEndian.Uint64(b), binary.NativeEndian.Uint32(b[8:]))
}
