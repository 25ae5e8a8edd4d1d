package command

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// selfProgram is the running program itself, also when its file was exchanged.
const selfProgram = "/proc/self/exe"

// mostThreads bounds the processes and threads of the reader.
const mostThreads = 1024

// confineRoot does what must be done while the process is root's, so that nobody can
// have a hold on it when it is not any more.
func confineRoot() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("it cannot be kept from being traced: %w", err)
	}
	for what, most := range map[int]uint64{unix.RLIMIT_CORE: 0, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_NPROC: mostThreads} {
		now := unix.Rlimit{}
		if err := unix.Getrlimit(what, &now); err != nil {
			return err
		}
		now.Max = min(now.Max, most)
		now.Cur = min(now.Cur, now.Max)
		if err := unix.Setrlimit(what, &now); err != nil {
			return err
		}
	}
	if err := everyThread(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1); err != nil && !errors.Is(err, errThreads) {
		return fmt.Errorf("it cannot be kept from new privileges: %w", err)
	}
	return nil
}

// confine does the rest, and looks whether it is done.
func confine() (string, error) {
	// The kernel takes both back when the user changes.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return "", err
	}
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return "", err
	}
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var caps [2]unix.CapUserData
	if err := unix.Capget(&head, &caps[0]); err != nil {
		return "", err
	}
	for _, c := range caps {
		if c.Effective|c.Permitted|c.Inheritable != 0 {
			return "", errors.New("it keeps capabilities")
		}
	}
	return landlock()
}

// errThreads says that a call cannot be made for all threads: a program with C code
// has threads that the Go runtime does not know. The released one has none.
var errThreads = errors.New("this program was built with C code")

// everyThread makes a call for all threads of the process.
func everyThread(call, a, b uintptr) error {
	_, _, errno := syscall.AllThreadsSyscall6(call, a, b, 0, 0, 0, 0)
	switch errno {
	case 0:
		return nil
	case syscall.ENOTSUP:
		return errThreads
	}
	return errno
}

// landlockRights are, by the version of the kernel's Landlock, the accesses to files,
// to the network and across its border that it can forbid: all that it knows is forbidden.
//
// Source: landlock(7); Documentation/userspace-api/landlock.rst of the kernel.
var landlockRights = []struct {
	abi               int
	files, net, scope uint64
}{
	{1, 1<<13 - 1, 0, 0},
	{2, 1 << 13, 0, 0}, // refer
	{3, 1 << 14, 0, 0}, // truncate
	{4, 0, unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, 0},
	{5, 1 << 15, 0, 0},     // ioctl of devices
	{6, 0, 0, 1<<0 | 1<<1}, // abstract sockets, signals
}

// landlock forbids all that the kernel's Landlock can, on all threads. The result says
// which version it is, or why there is none.
func landlock() (string, error) {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 || abi < 1 {
		return "without Landlock, which this kernel does not have", nil
	}
	rules := unix.LandlockRulesetAttr{}
	size := unsafe.Sizeof(rules.Handled_access_fs)
	for _, r := range landlockRights {
		if int(abi) >= r.abi {
			rules.Handled_access_fs |= r.files
			rules.Handled_access_net |= r.net
			rules.Scoped |= r.scope
		}
	}
	if abi >= 4 {
		size += unsafe.Sizeof(rules.Handled_access_net)
	}
	if abi >= 6 {
		size += unsafe.Sizeof(rules.Scoped)
	}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), size, 0)
	runtime.KeepAlive(&rules)
	if errno != 0 {
		return "", fmt.Errorf("Landlock refuses its rules: %w", errno)
	}
	defer unix.Close(int(fd))
	switch err := everyThread(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0); {
	case errors.Is(err, errThreads):
		return "without Landlock: " + err.Error(), nil
	case err != nil:
		return "", fmt.Errorf("Landlock does not take its rules: %w", err)
	}
	if f, err := unix.Open("/", unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
		unix.Close(f)
		return "", errors.New("Landlock forbids nothing")
	}
	return fmt.Sprintf("Landlock %d", abi), nil
}
