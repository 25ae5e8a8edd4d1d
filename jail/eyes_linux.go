package jail

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// witness is a thread of this process that has the account's identity for file
// systems, and asks the kernel as that account.
//
// The C library and the Go runtime would change the identity of all threads;
// the raw calls change that of one, which is never given back to the runtime:
// it ends with its goroutine.
type witness struct {
	ask    chan int // descriptors, opened as root
	answer chan int // permission bits, or -1
}

// faccessAt2 is faccessat2(2), which is the same number on all architectures.
const faccessAt2 = unix.SYS_FACCESSAT2

// newWitness starts the thread; nil where that cannot be done: without root.
func newWitness(h *Host, who Viewer) *witness {
	if h.euid != 0 || who.Able {
		return nil
	}
	w := &witness{ask: make(chan int), answer: make(chan int)}
	ready := make(chan bool)
	go w.stand(who, ready)
	if !<-ready {
		close(w.ask)
		return nil
	}
	return w
}

func (w *witness) stand(who Viewer, ready chan<- bool) {
	runtime.LockOSThread() // never unlocked
	ready <- become(who)
	for fd := range w.ask {
		w.answer <- permissions(fd)
	}
}

// become takes on the identity: groups first, while that is allowed.
// setfsgid and setfsuid do not report failure, so they are asked again.
func become(who Viewer) bool {
	groups := make([]uint32, 0, len(who.Groups)+1)
	for _, g := range who.Groups {
		groups = append(groups, uint32(g))
	}
	if !setGroups(groups) {
		return false
	}
	if who.UID == 0 {
		return passNothing()
	}
	unix.RawSyscall(unix.SYS_SETFSGID, uintptr(who.GID), 0, 0)
	unix.RawSyscall(unix.SYS_SETFSUID, uintptr(who.UID), 0, 0)
	const same = ^uintptr(0)
	gid, _, _ := unix.RawSyscall(unix.SYS_SETFSGID, same, 0, 0)
	uid, _, _ := unix.RawSyscall(unix.SYS_SETFSUID, same, 0, 0)
	return uint32(gid) == uint32(who.GID) && uint32(uid) == uint32(who.UID)
}

// passOver are the capabilities that let root pass over permissions, as bits:
// CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.
const passOver = 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH

// passNothing takes them from this thread, as a named without -u does.
func passNothing() bool {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var caps [2]unix.CapUserData // the kernel fills in both
	if unix.Capget(&head, &caps[0]) != nil {
		return false
	}
	caps[0].Effective &^= passOver
	return unix.Capset(&head, &caps[0]) == nil
}

// permissions asks for each permission by itself. -1: the kernel cannot tell.
func permissions(fd int) int {
	bits := 0
	for _, bit := range []int{mayRead, mayWrite, maySearch} {
		_, _, no := unix.RawSyscall6(faccessAt2, uintptr(fd), uintptr(emptyName()), uintptr(bit), unix.AT_EACCESS|unix.AT_EMPTY_PATH, 0, 0)
		switch no {
		case 0:
			bits |= bit
		case unix.EACCES, unix.EROFS, unix.EPERM:
		default:
			return -1
		}
	}
	return bits
}

// NoExec tells whether programs and modules cannot be loaded from where a path
// leads, given without links as in Sight: the file system is mounted noexec.
func (e *Eyes) NoExec(p string) bool {
	at, err := e.s.strict(e.hostPath(p))
	if err != nil {
		return false
	}
	fd, err := holdPath(at)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	var st unix.Statfs_t
	return unix.Fstatfs(fd, &st) == nil && int64(st.Flags)&stNoexec != 0
}

// holdPath opens an object without any right to what is in it.
func holdPath(at spot) (int, error) {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS}
	return retry(func() (int, error) { return unix.Openat2(at.dir.fd, at.name, &how) })
}

// access tells what the account may do with an object, and whether the kernel
// could tell. The object is held by a descriptor that root opens and that
// gives no right of its own.
func (w *witness) access(at spot) (int, bool) {
	if w == nil {
		return 0, false
	}
	fd, err := holdPath(at)
	if err != nil {
		return 0, false
	}
	defer unix.Close(fd)
	w.ask <- fd
	bits := <-w.answer
	return max(bits, 0), bits >= 0
}

func (w *witness) close() {
	if w != nil {
		close(w.ask)
	}
}
