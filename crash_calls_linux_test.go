package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// changingCall is a system call that changes something on a file system. dir
// and path are the numbers of the arguments that name its object, -1 for none.
type changingCall struct {
	number    int
	name      string
	dir, path int
}

// changingCalls is the list of them. Those that open and write are only
// counted when they make or empty a file, or write to one. Source: syscalls(2).
var changingCalls = []changingCall{
	{unix.SYS_OPENAT, "openat", 0, 1},
	{unix.SYS_OPENAT2, "openat2", 0, 1},
	{unix.SYS_WRITE, "write", 0, -1},
	{unix.SYS_WRITEV, "writev", 0, -1},
	{unix.SYS_PWRITE64, "pwrite64", 0, -1},
	{unix.SYS_FTRUNCATE, "ftruncate", 0, -1},
	{unix.SYS_TRUNCATE, "truncate", -1, 0},
	{unix.SYS_FALLOCATE, "fallocate", 0, -1},
	{unix.SYS_COPY_FILE_RANGE, "copy_file_range", 2, -1},
	{unix.SYS_SENDFILE, "sendfile", 0, -1},
	{unix.SYS_RENAMEAT, "renameat", 2, 3},
	{unix.SYS_RENAMEAT2, "renameat2", 2, 3},
	{unix.SYS_LINKAT, "linkat", 2, 3},
	{unix.SYS_SYMLINKAT, "symlinkat", 1, 2},
	{unix.SYS_UNLINKAT, "unlinkat", 0, 1},
	{unix.SYS_MKDIRAT, "mkdirat", 0, 1},
	{unix.SYS_MKNODAT, "mknodat", 0, 1},
	{unix.SYS_FCHOWN, "fchown", 0, -1},
	{unix.SYS_FCHOWNAT, "fchownat", 0, 1},
	{unix.SYS_FCHMOD, "fchmod", 0, -1},
	{unix.SYS_FCHMODAT, "fchmodat", 0, 1},
	{unix.SYS_FCHMODAT2, "fchmodat2", 0, 1},
	{unix.SYS_UTIMENSAT, "utimensat", 0, 1},
	{unix.SYS_SETXATTR, "setxattr", -1, 0},
	{unix.SYS_LSETXATTR, "lsetxattr", -1, 0},
	{unix.SYS_FSETXATTR, "fsetxattr", 0, -1},
	{unix.SYS_REMOVEXATTR, "removexattr", -1, 0},
	{unix.SYS_LREMOVEXATTR, "lremovexattr", -1, 0},
	{unix.SYS_FREMOVEXATTR, "fremovexattr", 0, -1},
	{unix.SYS_FSYNC, "fsync", 0, -1},
	{unix.SYS_FDATASYNC, "fdatasync", 0, -1},
	{unix.SYS_SYNCFS, "syncfs", 0, -1},
	{unix.SYS_MOUNT, "mount", -1, 1},
	{unix.SYS_UMOUNT2, "umount2", -1, 0},
}

// oldCalls are those that only x86-64 has, by its numbers.
var oldCalls = []changingCall{
	{2, "open", -1, 0}, {85, "creat", -1, 0}, {82, "rename", -1, 1}, {83, "mkdir", -1, 0}, {84, "rmdir", -1, 0},
	{86, "link", -1, 1}, {87, "unlink", -1, 0}, {88, "symlink", -1, 1}, {90, "chmod", -1, 0}, {92, "chown", -1, 0},
	{94, "lchown", -1, 0}, {132, "utime", -1, 0}, {133, "mknod", -1, 0}, {235, "utimes", -1, 0}, {261, "futimesat", 0, 1},
}

// callTable gives the calls of this machine by number, and the numbers as
// stage takes them.
func callTable() (map[int]changingCall, string) {
	list := changingCalls
	if runtime.GOARCH == "amd64" {
		list = append(list[:len(list):len(list)], oldCalls...)
	}
	table := map[int]changingCall{}
	var numbers []string
	for _, c := range list {
		table[c.number] = c
		numbers = append(numbers, strconv.Itoa(c.number))
	}
	return table, strings.Join(numbers, ",")
}

// notice is struct seccomp_notif, and answer struct seccomp_notif_resp.
//
// Source: seccomp_unotify(2).
type notice struct {
	id         uint64
	pid, flags uint32
	nr         int32
	arch       uint32
	ip         uint64
	args       [6]uint64
}

type answer struct {
	id    uint64
	val   int64
	error int32
	flags uint32
}

// fault is what happens to a watched command: at is the number of the changing
// call, from 1 on, 0 for none. kill ends the process before the call is made;
// otherwise the call fails with no. With lasting all later ones fail too, if no
// is an error that they can have. list asks for the names of all calls.
type fault struct {
	at      int
	kill    bool
	no      syscall.Errno
	lasting bool
	list    bool
}

// crashOutcome is how a watched command ended.
type crashOutcome struct {
	status   int    // exit status, 128 and the signal for a signal
	out, err string // what it wrote
	calls    int    // changing calls that it came to
	list     []string
	hit      string // the call that the fault came to, "" when it did not come
}

func (o crashOutcome) String() string {
	return fmt.Sprintf("status %d, fault at %q\nstdout:\n%s\nstderr:\n%s", o.status, o.hit, o.out, o.err)
}

// watchTime bounds one command.
const watchTime = 30 * time.Second

// errHang is the error of a command that did not end.
var errHang = errors.New("the command did not end in time and was killed")

// watched runs a command in a system below root. stage is the program that
// prepares it. The caller's thread must stay the same (runtime.LockOSThread).
func watched(stage, root string, env []string, f fault, command ...string) (o crashOutcome, err error) {
	table, numbers := callTable()
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return o, err
	}
	defer unix.Close(ends[0])
	theirs := os.NewFile(uintptr(ends[1]), "stage's end")
	var out, errs bytes.Buffer
	cmd := exec.Command(stage, append([]string{root, numbers}, command...)...)
	cmd.Args[0] = "stage"
	cmd.Env = env
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.ExtraFiles = []*os.File{theirs}
	err = cmd.Start()
	theirs.Close()
	if err != nil {
		return o, err
	}
	w := watcher{table: table, f: f, pid: cmd.Process.Pid, o: &o}
	err = w.watch(ends[0])
	if err != nil {
		cmd.Process.Kill()
	}
	waitErr := cmd.Wait()
	o.out, o.err = out.String(), errs.String()
	var exit *exec.ExitError
	if waitErr != nil && !errors.As(waitErr, &exit) {
		return o, errors.Join(err, waitErr)
	}
	if ws := cmd.ProcessState.Sys().(syscall.WaitStatus); ws.Signaled() {
		o.status = 128 + int(ws.Signal())
	} else {
		o.status = ws.ExitStatus()
	}
	return o, err
}

// watcher answers the kernel for each reported call.
type watcher struct {
	table map[int]changingCall
	f     fault
	pid   int
	o     *crashOutcome
	dead  bool
}

// watch takes the reports until the process has ended.
func (w *watcher) watch(from int) error {
	listener, err := receive(from)
	if err != nil {
		return fmt.Errorf("the stage did not come to its program: %w", err)
	}
	defer unix.Close(listener)
	process, err := unix.PidfdOpen(w.pid, 0)
	if err != nil {
		return err
	}
	defer unix.Close(process)
	for end := time.Now().Add(watchTime); ; {
		fds := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}, {Fd: int32(process), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, int(time.Until(end)/time.Millisecond))
		switch {
		case err == unix.EINTR:
		case err != nil:
			return err
		case n == 0:
			return errHang
		case fds[1].Revents != 0:
			return nil
		case fds[0].Revents&unix.POLLIN != 0:
			if err := w.take(listener); err != nil {
				return err
			}
		}
	}
}

// receive takes a descriptor from the stage.
func receive(from int) (int, error) {
	space := make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := unix.Recvmsg(from, make([]byte, 1), space, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, errors.New("it ended")
	}
	messages, err := unix.ParseSocketControlMessage(space[:oobn])
	if err != nil {
		return 0, err
	}
	if len(messages) != 1 {
		return 0, errors.New("it sent no descriptor")
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return 0, err
	}
	return fds[0], nil
}

// take answers one report.
func (w *watcher) take(listener int) error {
	var n notice
	if no := control(listener, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n)); no != 0 {
		if no == unix.ENOENT || no == unix.EINTR {
			return nil // it is gone
		}
		return fmt.Errorf("taking a report: %w", no)
	}
	a := answer{id: n.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
	call := w.table[int(n.nr)]
	if isChange(&n, call) {
		w.o.calls++
		hit := w.f.at > 0 && w.o.calls == w.f.at
		if w.f.list || hit {
			text := describe(&n, call)
			if w.f.list {
				w.o.list = append(w.o.list, text)
			}
			if hit {
				w.o.hit = text
			}
		}
		switch later := w.f.lasting && w.o.calls > w.f.at && w.f.at > 0 && canFail(call, w.f.no); {
		case hit && w.f.kill:
			w.dead = true
			return unix.Kill(w.pid, unix.SIGKILL)
		case hit, later:
			a.flags, a.error = 0, -int32(w.f.no)
		}
	}
	if no := control(listener, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&a)); no != 0 && no != unix.ENOENT {
		return fmt.Errorf("answering a report: %w", no)
	}
	return nil
}

func control(fd int, request uintptr, arg unsafe.Pointer) syscall.Errno {
	_, _, no := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg))
	return no
}

// canFail tells whether a lasting fault reaches a call too: a full disk can
// still remove and rename, one that is read-only can do nothing.
func canFail(c changingCall, no syscall.Errno) bool {
	if no != unix.ENOSPC {
		return true
	}
	switch c.name {
	case "unlinkat", "unlink", "rmdir", "renameat", "renameat2", "rename", "fchown", "fchownat", "fchmod", "fchmodat", "utimensat", "ftruncate":
		return false
	}
	return true
}

// isChange tells whether a reported call is one that changes a file system: what
// is written to a pipe, and what is only opened for reading, does not count.
func isChange(n *notice, c changingCall) bool {
	switch c.name {
	case "openat2":
		how, err := remember(n.pid, n.args[2], 8)
		return err == nil && binary.NativeEndian.Uint64(how)&(unix.O_CREAT|unix.O_TRUNC) != 0
	case "open":
		return n.args[1]&(unix.O_CREAT|unix.O_TRUNC) != 0
	case "write", "writev", "pwrite64", "copy_file_range", "sendfile":
		var st unix.Stat_t
		fd := int32(n.args[c.dir])
		return unix.Stat(fmt.Sprintf("/proc/%d/fd/%d", n.pid, fd), &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG
	}
	return true
}

// remember reads the memory of a watched process.
func remember(pid uint32, at uint64, size int) ([]byte, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, size)
	n, err := f.ReadAt(b, int64(at))
	if n > 0 && errors.Is(err, syscall.EIO) {
		err = nil // the end of a mapping
	}
	return b[:n], err
}

// describe writes a call as "name path".
func describe(n *notice, c changingCall) string {
	place := ""
	if c.dir >= 0 {
		if fd := int32(n.args[c.dir]); fd != unix.AT_FDCWD {
			place, _ = os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", n.pid, fd))
		}
	}
	if c.path >= 0 && n.args[c.path] != 0 {
		if b, err := remember(n.pid, n.args[c.path], 300); err == nil {
			name, _, _ := bytes.Cut(b, []byte{0})
			if filepath.IsAbs(string(name)) {
				place = ""
			}
			place = filepath.Join(place, string(name))
		}
	}
	return c.name + " " + place
}
