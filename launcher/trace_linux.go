//go:build linux && (amd64 || arm64)

package launcher

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Times of a trace.
const (
	quietFor  = 300 * time.Millisecond // that long with few calls: named has nothing left to do
	quietMost = 60                     // stops in that time, of timers and keep-alives
	stopTime  = 10 * time.Second       // for an orderly end; then it is killed
)

// conductor leads one trace from the outside; the tracer follows the calls on
// a thread of its own.
type conductor struct {
	opt   TraceOptions
	tr    *tracer
	ears  *ears
	pidfd int           // of named; -1 before it runs
	net   int           // the room's network
	ready chan error    // named runs, or cannot be started
	ended chan struct{} // all of its processes are gone
	said  *tail
}

func trace(ctx context.Context, opt TraceOptions) (*TraceReport, error) {
	if err := closeOnExec(); err != nil {
		return nil, cannotTrace(err, "the open files cannot be kept from named", "Mount /proc, or use a kernel that has close_range(2).")
	}
	c := &conductor{opt: opt, tr: newTracer(opt.Jail), pidfd: -1, net: -1, ready: make(chan error), ended: make(chan struct{}), said: &tail{}}
	defer c.close()
	go c.follow()
	if err := <-c.ready; err != nil {
		<-c.ended
		return nil, err
	}
	settled := c.lead(ctx)
	report := &TraceReport{Settled: settled}
	select {
	case <-c.ended:
		report.Ended = true
	default:
		c.stop()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.tr.report(report)
	c.ears.close()
	report.Said = c.said.text()
	return report, c.tr.failed
}

func (c *conductor) close() {
	c.ears.close()
	for _, fd := range []int{c.pidfd, c.net} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// follow is the tracer's thread. It is never unlocked: the thread ends with the
// goroutine, and with it the room and whatever still ran in it.
func (c *conductor) follow() {
	runtime.LockOSThread()
	defer close(c.ended)
	if err := c.begin(); err != nil {
		c.ready <- err
		return
	}
	c.ready <- nil
	c.tr.loop()
}

// begin makes the room and starts named in it, stopped at its first
// instruction.
func (c *conductor) begin() error {
	room, err := enterRoom(c.opt.Jail)
	if err != nil {
		return err
	}
	defer room.close()
	if c.net, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		return cannotTrace(err, "its network cannot be found in /proc", "Mount /proc.")
	}
	if c.ears, err = listen(room, c.said); err != nil {
		return cannotTrace(err, "a place for its messages cannot be made", "See whether /tmp and /dev can be used as usual.")
	}
	pid, err := syscall.ForkExec(c.opt.Program, c.opt.Argv, &syscall.ProcAttr{Dir: "/", Env: c.opt.Env, Files: c.ears.files(),
		Sys: &syscall.SysProcAttr{Ptrace: true, Pdeathsig: unix.SIGKILL, Setsid: true}})
	c.ears.handOver()
	if err == unix.EPERM {
		return cannotTrace(err, "the system does not let processes be traced",
			"Outside of a container, or in one with the capability SYS_PTRACE; see /proc/sys/kernel/yama/ptrace_scope too.")
	}
	if err != nil {
		return cannotRun(c.opt.Program, err, fileExists(c.opt.Program))
	}
	if c.pidfd, err = unix.PidfdOpen(pid, 0); err == nil {
		err = c.tr.attach(pid)
	}
	if err != nil {
		unix.Kill(pid, unix.SIGKILL) // it is our child, and nobody has waited for it
		unix.Wait4(pid, nil, unix.WALL, nil)
		return cannotTrace(err, "following its system calls", "Linux 5.3 or newer is needed, and the right to trace (capability SYS_PTRACE).")
	}
	return nil
}

// lead waits until named has settled, has it asked, and waits again. It tells
// whether named had settled in time.
func (c *conductor) lead(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, c.opt.Limit)
	defer cancel()
	if !c.settle(ctx) {
		return false
	}
	if c.opt.Ask != nil {
		asked := make(chan struct{})
		go c.ask(ctx, asked)
		select {
		case <-asked:
		case <-c.ended:
			cancel()
			<-asked
			return true
		}
	}
	c.settle(ctx)
	return true
}

// ask runs Ask on a thread that is in the room's network, and ends with it.
func (c *conductor) ask(ctx context.Context, asked chan<- struct{}) {
	runtime.LockOSThread()
	defer close(asked)
	if unix.Setns(c.net, unix.CLONE_NEWNET) == nil {
		c.opt.Ask(ctx)
	}
}

// settle waits until named makes next to no calls. False: it ended, or the time
// is over.
func (c *conductor) settle(ctx context.Context) bool {
	tick := time.NewTicker(quietFor)
	defer tick.Stop()
	for before := c.tr.stops.Load(); ; {
		select {
		case <-c.ended:
			return false
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
		now := c.tr.stops.Load()
		if c.tr.entered.Load() && now-before <= quietMost {
			return true
		}
		before = now
	}
}

// stop ends named: in order, so that it does what it does at its end, then by
// force, with whatever it had started.
func (c *conductor) stop() {
	for _, signal := range []unix.Signal{unix.SIGTERM, unix.SIGKILL} {
		unix.PidfdSendSignal(c.pidfd, signal, nil, 0)
		select {
		case <-c.ended:
			return
		case <-time.After(stopTime):
		}
	}
	c.tr.killAll()
	<-c.ended
}

// counter is a number that two goroutines share.
type counter = atomic.Int64

// flag is a fact that two goroutines share.
type flag = atomic.Bool

// threadLink reads a link of a traced thread's directory in /proc, "" when it
// is gone.
func threadLink(tid int, name string) string {
	target, err := os.Readlink(fmt.Sprintf("/proc/%d/%s", tid, name))
	if err != nil {
		return ""
	}
	return target
}
