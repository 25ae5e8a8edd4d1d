package launcher

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Notifies tells whether a named program speaks to the service manager itself.
// Upstream's 9.18 and all before do not; Debian's 9.18 and everything from 9.20
// on do.
func Notifies(program string) bool { return mentions(program, notifyTexts) }

// Send starts the messenger, which tells the service manager that named is
// ready as soon as it is, in the place of a named that does not tell it itself,
// and then ends. Its parent is not this process, so that named finds no child
// that it does not know. Call it before Enter. Errors: it cannot be started.
func (r Readiness) Send() error {
	r.PID = os.Getpid()
	stat, ok := readStat(r.PID)
	if !ok {
		return fmt.Errorf("/proc has no process %d", r.PID)
	}
	r.Start = stat.start
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{MessengerName, "start"}
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.Stdin = strings.NewReader(string(text))
	return cmd.Run()
}

// Messenger is the main function of the messenger. "start" starts the one that
// waits and ends, so that this one is an orphan. The result is the exit status.
func Messenger(argv []string) int {
	if len(argv) == 2 && argv[1] == "start" {
		cmd := exec.Command("/proc/self/exe")
		cmd.Args = []string{MessengerName, "wait"}
		cmd.Env = []string{}
		cmd.Stdin = os.Stdin
		if cmd.Start() != nil {
			return StatusFailed
		}
		return 0
	}
	var r Readiness
	if json.NewDecoder(os.Stdin).Decode(&r) != nil {
		return StatusFailed
	}
	if r.wait() != nil {
		return StatusFailed
	}
	return 0
}

// The messenger looks often at first and bears with a slow start later.
const (
	firstLook = 5 * time.Millisecond
	slowLook  = 100 * time.Millisecond
)

// wait waits until named is ready and says so. Errors: named has ended, or
// nobody listens.
func (r Readiness) wait() error {
	if r.Background {
		return r.waitForChild()
	}
	l := &look{pending: r.Zones}
	for pause := firstLook; ; pause = min(2*pause, slowLook) {
		if !r.alive() {
			return fmt.Errorf("process %d has ended", r.PID)
		}
		if l.ready(r.PID) {
			return r.tell(r.PID, fmt.Sprintf("READY=1\nMAINPID=%d\n", r.PID))
		}
		time.Sleep(pause)
	}
}

// waitForChild waits for the named that goes to the background. The service
// manager hears of it before the first process ends, which it does when all
// zones are loaded.
func (r Readiness) waitForChild() error {
	child, executed := 0, false
	for r.alive() {
		if executed = executed || r.executed(); executed { // before that its child is no named
			if found := childOf(r.PID); found != 0 && found != child {
				child = found
				if err := r.tell(r.PID, fmt.Sprintf("MAINPID=%d\n", child)); err != nil {
					return err
				}
			}
		}
		time.Sleep(firstLook)
	}
	if child == 0 || unix.Kill(child, 0) != nil {
		return fmt.Errorf("process %d has ended", r.PID)
	}
	if r.Speaks {
		return nil
	}
	return r.tell(child, fmt.Sprintf("READY=1\nMAINPID=%d\n", child))
}

// alive tells whether the process that was to become named is there. One that
// has ended and waits for its parent is not; that is seen twice, because it
// decides.
func (r Readiness) alive() bool {
	if r.there() {
		return true
	}
	time.Sleep(firstLook)
	return r.there()
}

// executed tells whether the process has become another program than this one.
// Before that it has a child, the messenger that starts the one that waits.
func (r Readiness) executed() bool {
	own, err := os.Stat("/proc/self/exe")
	its, err2 := os.Stat(fmt.Sprintf("/proc/%d/exe", r.PID))
	return err == nil && err2 == nil && !os.SameFile(own, its)
}

// there looks once. While a process is about to execute a program from another
// thread than its first, that one is seen as ended, with others beside it.
//
// Source: Linux, fs/exec.c (de_thread).
func (r Readiness) there() bool {
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", r.PID)) // before the state: it is the older
	s, ok := readStat(r.PID)
	if !ok || s.start != r.Start {
		return false
	}
	return s.state != "Z" && s.state != "X" || err == nil && len(threads) > 1
}

// tell sends a message in the name of a process of named's, because the service
// manager listens to the main process of the unit only (NotifyAccess=main). The
// kernel lets root do that.
//
// Source: sd_pid_notify(3), unix(7) SCM_CREDENTIALS.
func (r Readiness) tell(pid int, text string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	to := &unix.SockaddrUnix{Name: r.Socket} // "@" begins an abstract one
	as := unix.UnixCredentials(&unix.Ucred{Pid: int32(pid), Uid: uint32(os.Getuid()), Gid: uint32(os.Getgid())})
	if err = unix.Sendmsg(fd, []byte(text), as, to, 0); err == unix.EPERM {
		err = unix.Sendmsg(fd, []byte(text), nil, to, 0)
	}
	return err
}

// processStat is what /proc/PID/stat says of a process.
type processStat struct {
	state  string
	parent string
	start  string
	ticks  int // processor time used, in clock ticks
}

func readStat(pid int) (processStat, bool) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return processStat{}, false
	}
	text := string(data)
	f := strings.Fields(text[strings.LastIndexByte(text, ')')+1:]) // the name before may hold anything
	if len(f) < 20 {
		return processStat{}, false
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return processStat{state: f[0], parent: f[1], ticks: user + system, start: f[19]}, true
}

// childOf finds a child of a process, 0 for none.
func childOf(parent int) int {
	for _, pid := range processes() {
		if s, ok := readStat(pid); ok && s.parent == fmt.Sprint(parent) {
			return pid
		}
	}
	return 0
}
