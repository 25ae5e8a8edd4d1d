package command

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"named-jail/launcher"
	"named-jail/parser"
	"named-jail/zones"
)

// reader judges zones in a process of its own, which has none of root's rights:
// see doc.go. It serves one check. Where such a process cannot be had the zones are judged
// here, and without says why.
type reader struct {
	terms   zones.Terms
	answers answers

	once    sync.Once
	cmd     *exec.Cmd
	conn    *net.UnixConn
	gone    chan struct{} // closed when the process has ended
	gaveUp  string        // what it says that it has given up
	without string
	used    bool  // zones were judged
	err     error // why zones have no verdict
}

// readerName is what the process is called; a command line that begins so is no
// user's.
const readerName = "named-jail: reader"

// Reads tells whether a command line is that of a reader, which Main is to get: a
// program that checks zones starts itself as one.
func Reads(argv []string) bool { return len(argv) == 1 && argv[0] == readerName }

// readerEnv is the reader's whole environment: else the Go runtime keeps files of the
// system open, to see how many processors it may use. It is told.
const readerEnv = "GODEBUG=containermaxprocs=0"

// newReader makes the reader of a check, nil where this process has no rights that
// could be given up.
func newReader() *reader {
	if os.Geteuid() != 0 {
		return nil
	}
	return &reader{answers: answers{jobs: map[int]*job{}}}
}

// soon starts the process beside other work.
func (r *reader) soon() {
	if r != nil {
		go r.begin()
	}
}

// on says what it is to read from, and on which terms.
func (r *reader) on(src source, terms zones.Terms) { r.answers.src, r.terms = src, terms }

// begin starts the process, once.
func (r *reader) begin() {
	r.once.Do(func() {
		if err := r.start(); err != nil {
			r.without = err.Error()
			r.stop()
		}
	})
}

// start starts the process, and waits until it says that it has given up its
// rights. Errors: it cannot be had.
func (r *reader) start() error {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return fmt.Errorf("there is no socket: %w", err)
	}
	unix.CloseOnExec(pair[0])
	unix.CloseOnExec(pair[1])
	mine, its := os.NewFile(uintptr(pair[0]), "reader"), os.NewFile(uintptr(pair[1]), "reader")
	defer its.Close()
	conn, err := net.FileConn(mine)
	mine.Close()
	if err != nil {
		return fmt.Errorf("there is no socket: %w", err)
	}
	r.conn = conn.(*net.UnixConn)
	if err := launcher.CloseOnExec(); err != nil {
		return fmt.Errorf("open files cannot be kept from it: %w", err)
	}
	program := selfProgram
	if _, err := os.Stat(program); err != nil {
		if program, err = os.Executable(); err != nil {
			return err
		}
	}
	r.cmd = &exec.Cmd{Path: program, Args: []string{readerName}, Env: []string{readerEnv}, Dir: "/", ExtraFiles: []*os.File{its}}
	r.gone = make(chan struct{})
	begun := make(chan error)
	go func() {
		runtime.LockOSThread() // the process ends when this thread does
		defer close(r.gone)
		err := r.cmd.Start()
		begun <- err
		if err == nil {
			_ = r.cmd.Wait()
		}
	}()
	if err := <-begun; err != nil {
		r.cmd = nil
		return fmt.Errorf("it cannot be started: %w", err)
	}
	_ = r.conn.SetReadDeadline(time.Now().Add(startTime))
	in := frameReader{conn: r.conn}
	what, w, err := in.next()
	switch {
	case err != nil:
		return errors.New("it did not answer when it was started")
	case what == frameReady:
		r.gaveUp = parser.Printable(w.text())
		return r.conn.SetReadDeadline(time.Time{})
	case what == frameUnable:
		return errors.New(parser.Printable(w.text()))
	}
	return errFrame
}

// startTime bounds how long the process may take to give up its rights.
const startTime = 20 * time.Second

// stop ends the process, and waits for its end.
func (r *reader) stop() {
	if r.conn != nil {
		r.conn.Close()
	}
	if r.cmd != nil {
		_ = r.cmd.Process.Kill()
		<-r.gone
	}
}

// close ends it, if it was begun.
func (r *reader) close() {
	if r == nil {
		return
	}
	r.once.Do(func() {}) // which waits for one that is being started
	r.stop()
}

// said tells how the zones were judged, "" when none was.
func (r *reader) said() string {
	switch {
	case r == nil || !r.used:
		return ""
	case r.without != "":
		return "the zones were judged with root's rights: a process without them cannot be had here: " + r.without
	case r.gaveUp != "":
		return "the zones were judged by a process without root's rights: " + r.gaveUp
	}
	return ""
}

// Judge judges the tasks in the process.
func (r *reader) Judge(ctx context.Context, next func() (zones.Task, bool), done func(int, *zones.Verdict), moved func(int64)) {
	first, ok := next()
	if !ok {
		return
	}
	r.used = true
	var mu sync.Mutex
	more := func() (zones.Task, bool) {
		mu.Lock()
		if t := first; ok {
			ok = false
			mu.Unlock()
			return t, true
		}
		mu.Unlock()
		return next()
	}
	if r.begin(); r.without != "" {
		r.here(ctx, more, done, moved)
		return
	}
	run := newReaderRun(ctx, r, done, moved)
	run.work(more)
	r.stop()
	if run.err != nil && ctx.Err() == nil {
		r.err = r.why(run.err)
	}
}

// here judges the tasks in this process.
func (r *reader) here(ctx context.Context, next func() (zones.Task, bool), done func(int, *zones.Verdict), moved func(int64)) {
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			judge := zones.NewJudge(ctx, r.answers.src, r.terms, moved)
			for t, ok := next(); ok; t, ok = next() {
				done(t.N, judge.Judge(t))
			}
		})
	}
	wg.Wait()
}

// why says what became of the process.
func (r *reader) why(err error) error {
	if errors.Is(err, errFrame) || r.cmd == nil {
		return err
	}
	state := r.cmd.ProcessState
	switch {
	case state.Exited():
		return fmt.Errorf("it ended with status %d", state.ExitCode())
	}
	return fmt.Errorf("it was ended (%s)", state)
}

// readerRun is the work of one Judge.
type readerRun struct {
	r     *reader
	ctx   context.Context
	end   context.CancelFunc
	done  func(int, *zones.Verdict)
	moved func(int64)

	sendMu sync.Mutex // of who sends
	mu     sync.Mutex // guards what follows
	room   *sync.Cond
	flying int // weight of the tasks that are under way
	asked  int // questions that are being answered
	err    error
}

// How much may be under way: tasks, where one that goes by descriptors counts more;
// and questions.
const (
	maxFlying    = 1024
	heavy        = 16
	maxQuestions = 1024
	fullBatch    = 64 << 10
)

func newReaderRun(ctx context.Context, r *reader, done func(int, *zones.Verdict), moved func(int64)) *readerRun {
	run := &readerRun{r: r, done: done, moved: moved}
	run.room = sync.NewCond(&run.mu)
	run.ctx, run.end = context.WithCancel(ctx)
	return run
}

// fail ends the work.
func (run *readerRun) fail(err error) {
	run.mu.Lock()
	if run.err == nil && err != nil {
		run.err = err
	}
	run.mu.Unlock()
	run.end()
}

// work sends the tasks and takes the verdicts.
func (run *readerRun) work(next func() (zones.Task, bool)) {
	stop := context.AfterFunc(run.ctx, func() {
		run.r.stop() // which ends all that waits for the process
		run.mu.Lock()
		defer run.mu.Unlock()
		run.room.Broadcast()
	})
	defer stop()
	defer run.end()
	b := binary.AppendUvarint(newFrame(frameTerms, 128), uint64(runtime.GOMAXPROCS(0)))
	if err := run.send(run.r.terms.Append(b), nil); err != nil {
		run.fail(err)
	}
	var receiver sync.WaitGroup
	receiver.Go(run.receive)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 4) {
		wg.Go(func() { run.produce(next) })
	}
	wg.Wait()
	run.mu.Lock()
	for run.flying > 0 && run.ctx.Err() == nil {
		run.room.Wait()
	}
	finished := run.flying == 0
	run.mu.Unlock()
	if finished {
		_ = run.r.conn.Close() // the receiver ends
	}
	receiver.Wait()
}

func (run *readerRun) send(b []byte, fds []int) error {
	run.sendMu.Lock()
	defer run.sendMu.Unlock()
	return sendFrame(run.r.conn, b, fds)
}

// batch is a frame of tasks that is being filled.
type batch struct {
	b     []byte // empty: nothing has been put in
	task  []byte // room for one, to serve again
	files []sent
	fds   []int
}

// produce opens the files of tasks, and sends them together.
func (run *readerRun) produce(next func() (zones.Task, bool)) {
	out := batch{b: make([]byte, 0, fullBatch+maxSmall)}
	for run.ctx.Err() == nil {
		t, ok := next()
		if !ok {
			break
		}
		run.add(&out, t)
		if len(out.b) > fullBatch || len(out.fds) > maxFrameFDs-3 {
			run.flush(&out)
		}
	}
	run.flush(&out)
}

// add puts a task into the batch. The task, the files that are opened beforehand,
// each with its name.
func (run *readerRun) add(out *batch, t zones.Task) {
	if len(out.b) == 0 {
		out.b = append(out.b, newFrame(frameTasks, 0)...)
	}
	j := run.r.answers.begin(t)
	names, files := run.r.answers.beforehand(j)
	out.task = t.Append(out.task[:0])
	out.b = appendText(out.b, out.task)
	out.b = binary.AppendUvarint(out.b, uint64(len(names)))
	weight := 1
	for i := range names {
		out.b = files[i].append(appendText(out.b, names[i]))
		if files[i].fd >= 0 {
			out.fds, out.files = append(out.fds, files[i].fd), append(out.files, files[i])
			weight = heavy
		}
	}
	j.weight = weight
	run.mu.Lock()
	run.flying += weight
	run.mu.Unlock()
}

// flush sends the batch, and waits while too much is under way.
func (run *readerRun) flush(out *batch) {
	if len(out.b) == 0 {
		return
	}
	err := run.send(out.b, out.fds)
	for i := range out.files {
		_ = out.files[i].close()
	}
	out.b, out.files, out.fds = out.b[:0], out.files[:0], out.fds[:0]
	if err != nil {
		run.fail(err)
		return
	}
	run.mu.Lock()
	for run.flying > maxFlying && run.ctx.Err() == nil {
		run.room.Wait()
	}
	run.mu.Unlock()
}

// receive takes what the process sends, until the connection is closed.
func (run *readerRun) receive() {
	in := frameReader{conn: run.r.conn}
	for {
		what, w, err := in.next()
		if err == nil {
			err = run.take(what, &w)
		}
		if err != nil {
			run.mu.Lock()
			over := run.flying == 0
			run.mu.Unlock()
			if !over {
				run.fail(err)
			}
			return
		}
	}
}

// take takes a frame. Errors: errFrame.
func (run *readerRun) take(what frame, w *wire) error {
	switch what {
	case frameMoved:
		n := w.number(1 << 40)
		if w.bad {
			return errFrame
		}
		run.moved(int64(n))
		return nil
	case frameVerdicts:
		landed := 0
		for w.more() {
			weight, err := run.verdict(w)
			if err != nil {
				return err
			}
			landed += weight
		}
		run.mu.Lock()
		run.flying -= landed
		run.mu.Unlock()
		run.room.Broadcast()
	case frameQuestion:
		run.mu.Lock()
		run.asked++
		crowd := run.asked > maxQuestions
		run.mu.Unlock()
		if crowd {
			return errFrame
		}
		question := wire{b: slices.Clone(w.b)}
		go run.answer(&question)
		return nil
	default:
		return errFrame
	}
	if w.bad {
		return errFrame
	}
	return nil
}

// verdict takes one, and gives the weight of its task. Errors: errFrame.
func (run *readerRun) verdict(w *wire) (int, error) {
	n := w.number(1 << 31)
	text := w.bytes(maxFrame)
	j, ok := run.r.answers.end(n)
	if w.bad || !ok {
		return 0, errFrame
	}
	v, err := zones.ReadVerdict(j.zone, text)
	if err != nil {
		return 0, errFrame
	}
	j.mu.Lock()
	err = j.settle(v)
	j.mu.Unlock()
	if err != nil {
		return 0, err
	}
	run.done(n, v)
	return j.weight, nil
}

// answer answers a question.
func (run *readerRun) answer(w *wire) {
	reply := binary.AppendUvarint(newFrame(frameAnswer, 256), uint64(w.number(1<<31)))
	reply, s, err := run.r.answers.answer(w, reply)
	if err == nil {
		var fds []int
		if s != nil && s.fd >= 0 {
			fds = []int{s.fd}
		}
		err = run.send(reply, fds)
		if fds != nil {
			_ = s.close()
		}
	}
	run.mu.Lock()
	run.asked--
	run.mu.Unlock()
	if err != nil {
		run.fail(err)
	}
}
