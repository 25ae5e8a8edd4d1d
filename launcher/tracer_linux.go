//go:build linux && (amd64 || arm64)

package launcher

import (
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tracer follows the system calls of a process, of all its threads and of what
// it starts, by ptrace(2). attach and loop belong to one thread.
type tracer struct {
	jail    string
	pid     int
	stops   counter // how often anything stopped
	entered flag    // chroot(2) has succeeded
	tasks   map[int]*task
	mu      sync.Mutex // of the keys of tasks
	missed  map[missKey]*Miss
	order   []missKey
	found   map[string]bool
	status  syscall.WaitStatus
	failed  error
}

// task is a thread that is traced, with the call that it is in.
type task struct {
	begun bool // its first stop has been seen
	call  *call
	args  [6]uint64
}

type missKey struct {
	path  string
	errno syscall.Errno
	makes bool
}

// maxPaths bounds what is remembered of one trace.
const maxPaths = 200000

func newTracer(jail string) *tracer {
	return &tracer{jail: jail, tasks: map[int]*task{}, missed: map[missKey]*Miss{}, found: map[string]bool{}}
}

// syscallInfo is struct ptrace_syscall_info of linux/ptrace.h.
type syscallInfo struct {
	op    uint8
	_     [3]uint8
	arch  uint32
	_     [2]uint64 // instruction and stack pointers
	first uint64    // entry: the number of the call; exit: its result
	args  [6]uint64 // entry; exit: the first byte tells that the result is an error
	_     uint64
}

// attach takes over a child that was started with PTRACE_TRACEME, and lets it
// run.
func (t *tracer) attach(pid int) error {
	t.pid = pid
	var status unix.WaitStatus
	if _, err := wait(pid, &status); err != nil {
		return err
	}
	if !status.Stopped() {
		return errors.New("it ended before it could be followed")
	}
	if err := unix.PtraceSetOptions(pid, unix.PTRACE_O_EXITKILL|unix.PTRACE_O_TRACESYSGOOD|unix.PTRACE_O_TRACEEXEC|
		unix.PTRACE_O_TRACECLONE|unix.PTRACE_O_TRACEFORK|unix.PTRACE_O_TRACEVFORK); err != nil {
		return err
	}
	if _, err := t.info(pid); err != nil {
		return err
	}
	t.add(pid).begun = true
	return unix.PtraceSyscall(pid, 0)
}

// info asks in which call a stopped thread is. Kernels before 5.3 cannot tell.
func (t *tracer) info(tid int) (syscallInfo, error) {
	var info syscallInfo
	_, _, no := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_GET_SYSCALL_INFO, uintptr(tid), unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	switch {
	case no != 0:
		return info, no
	case info.arch != auditArch:
		return info, errors.New("it is a program for another kind of processor than named-jail")
	}
	return info, nil
}

// wait waits for a child or traced thread of this thread alone, so that nobody
// else's children are taken away.
func wait(pid int, status *unix.WaitStatus) (int, error) {
	for {
		got, err := unix.Wait4(pid, status, unix.WALL|unix.WNOTHREAD, nil)
		if err != unix.EINTR {
			return got, err
		}
	}
}

// loop follows until all that is traced has ended.
func (t *tracer) loop() {
	for {
		var status unix.WaitStatus
		tid, err := wait(-1, &status)
		if err != nil {
			return // none is left
		}
		t.stops.Add(1)
		if status.Exited() || status.Signaled() {
			if tid == t.pid {
				t.status = syscall.WaitStatus(status)
			}
			t.drop(tid)
			continue
		}
		// A new thread may stop before the call that made it is reported.
		task := t.tasks[tid]
		if task == nil {
			task = t.add(tid)
		}
		signal := t.stopped(tid, task, status)
		// A thread that is being killed meanwhile cannot go on; its end comes next.
		if err := unix.PtraceSyscall(tid, int(signal)); err != nil && err != unix.ESRCH && t.failed == nil {
			t.failed = cannotTrace(err, "following its system calls", "Run the command again.")
			t.killAll()
		}
	}
}

// stopped deals with one stop and gives the signal to hand on, 0 for none.
func (t *tracer) stopped(tid int, task *task, status unix.WaitStatus) unix.Signal {
	signal := status.StopSignal()
	first := !task.begun
	task.begun = true
	switch {
	case signal == unix.SIGTRAP|0x80:
		t.atCall(tid, task)
	case signal == unix.SIGTRAP && status.TrapCause() > 0: // a thread or program was begun
	case signal == unix.SIGSTOP && first: // how a new thread shows up
	default:
		return signal
	}
	return 0
}

// atCall is the stop before a call, and that after it.
func (t *tracer) atCall(tid int, task *task) {
	info, err := t.info(tid)
	if err != nil {
		if err != unix.ESRCH && t.failed == nil {
			t.failed = cannotTrace(err, "following its system calls", "Install the named-jail that was built for named's kind of processor.")
			t.killAll()
		}
		return
	}
	switch info.op {
	case unix.PTRACE_SYSCALL_INFO_ENTRY:
		task.call, task.args = calls[info.first], info.args
	case unix.PTRACE_SYSCALL_INFO_EXIT:
		if task.call == nil {
			return
		}
		errno := syscall.Errno(0)
		if *(*uint8)(unsafe.Pointer(&info.args)) != 0 {
			errno = syscall.Errno(-int64(info.first))
		}
		t.result(tid, task, errno)
		task.call = nil
	}
}

// telling are the errors that say something of a path.
var telling = []syscall.Errno{unix.ENOENT, unix.EACCES, unix.EPERM, unix.EROFS, unix.ENOTDIR, unix.ELOOP, unix.ENXIO, unix.ECONNREFUSED}

// result notes what came of a call.
func (t *tracer) result(tid int, task *task, errno syscall.Errno) {
	if !t.entered.Load() {
		if task.call.enters && errno == 0 && path.Clean(readText(tid, task.args[0])) == t.jail {
			t.entered.Store(true)
		}
		return
	}
	if errno != 0 && !slices.Contains(telling, errno) {
		return
	}
	for _, a := range task.call.paths {
		p := t.resolve(tid, task, a)
		if p == "" || len(t.found) > maxPaths || len(t.missed) > maxPaths {
			continue
		}
		if errno == 0 {
			t.found[p] = true
			continue
		}
		key := missKey{p, errno, a.makes || task.writes(tid)}
		m := t.missed[key]
		if m == nil {
			m = &Miss{Path: p, Call: task.call.name, Errno: errno, Makes: key.makes}
			t.missed[key] = m
			t.order = append(t.order, key)
		}
		m.Count++
	}
}

// resolve gives a path of a call as the jailed process means it; "" for none.
func (t *tracer) resolve(tid int, task *task, a pathArg) string {
	text := ""
	switch a.kind {
	case plainPath:
		text = readText(tid, task.args[a.path])
	case socketPath:
		text = readSocket(tid, task.args[a.path], uint32(task.args[a.path+1]))
	case messagePath:
		text = readMessage(tid, task.args[a.path])
	}
	if text == "" {
		return ""
	}
	if path.IsAbs(text) {
		return path.Clean(text)
	}
	name := "cwd"
	if a.dir >= 0 && int32(task.args[a.dir]) != unix.AT_FDCWD {
		name = "fd/" + strconv.Itoa(int(int32(task.args[a.dir])))
	}
	base := threadLink(tid, name)
	inside, below := strings.CutPrefix(base, strings.TrimSuffix(t.jail, "/"))
	if !below || inside != "" && inside[0] != '/' {
		return ""
	}
	return path.Join("/", inside, text)
}

// writes tells whether the call opens a file for writing.
func (t *task) writes(tid int) bool {
	if t.call.flags == 0 {
		return false
	}
	flags := t.args[t.call.flags]
	if t.call.flagsAt { // struct open_how
		flags = readWord(tid, flags)
	}
	return flags&(unix.O_WRONLY|unix.O_RDWR|unix.O_CREAT) != 0
}

func (t *tracer) add(tid int) *task {
	t.mu.Lock()
	defer t.mu.Unlock()
	task := &task{}
	t.tasks[tid] = task
	return task
}

func (t *tracer) drop(tid int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.tasks, tid)
}

// killAll kills whatever is traced: named, and the programs that it started.
func (t *tracer) killAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for tid := range t.tasks {
		unix.Kill(tid, unix.SIGKILL)
	}
}

// report gives what was seen. It is called when all has ended.
func (t *tracer) report(r *TraceReport) {
	r.Entered, r.Status, r.Found = t.entered.Load(), t.status, t.found
	for _, key := range t.order {
		r.Missed = append(r.Missed, *t.missed[key])
	}
}
