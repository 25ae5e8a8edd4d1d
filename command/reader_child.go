package command

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"named-jail/zones"
)

// readerSocket is the descriptor of the reader's end of the socket.
const readerSocket = 3

// read is what the process of a reader does, from its start to its end: it gives
// up its rights, then judges what it is sent. It gives the exit status.
func read() int {
	runtime.LockOSThread()
	file := os.NewFile(readerSocket, "parent")
	conn, err := net.FileConn(file)
	if err != nil {
		return statusUsage // somebody called us by this name
	}
	file.Close()
	parent, ok := conn.(*net.UnixConn)
	if !ok {
		return statusUsage
	}
	gaveUp, err := giveUp()
	if err != nil {
		_ = sendFrame(parent, appendText(newFrame(frameUnable, 256), err.Error()), nil)
		return statusFailed
	}
	runtime.UnlockOSThread()
	if sendFrame(parent, appendText(newFrame(frameReady, 256), gaveUp), nil) != nil {
		return statusFailed
	}
	c := &child{conn: parent, in: frameReader{conn: parent, takes: true}, tasks: make(chan []childTask, maxFlying+maxFrameFDs*16),
		waits: map[int]chan wire{}}
	if c.run() != nil {
		return statusFailed
	}
	return 0
}

// child is the process of a reader at work.
type child struct {
	conn  *net.UnixConn
	in    frameReader
	tasks chan []childTask
	moved atomic.Int64

	sendMu sync.Mutex
	mu     sync.Mutex // guards what follows
	asked  int
	waits  map[int]chan wire // who waits for the answer to a question
	done   []byte            // verdicts that have not been sent
	spare  []byte            // room for others
	busy   bool              // somebody is sending them
}

// childTask is a task with the files that came with it.
type childTask struct {
	zones.Task
	files []childFile
}

// childFile is a file under its name; one that was opened has none.
type childFile struct {
	name string
	*sent
}

// file gives the file of a name, nil when it did not come with the task.
func (t *childTask) file(name string) *childFile {
	for i := range t.files {
		if f := &t.files[i]; f.name == name && f.sent != nil {
			return f
		}
	}
	return nil
}

// ballast is memory that is never used: garbage is collected when there is as much
// of it again, and not for each few zones.
const ballast = 16 << 20

// run works until the parent has closed the connection. Errors: those of the
// socket; errFrame.
func (c *child) run() error {
	what, w, err := c.texts()
	if err != nil || what != frameTerms {
		return errors.Join(err, errFrame)
	}
	procs := w.number(1 << 16)
	terms, err := zones.ReadTerms(w.b)
	if err != nil || w.bad {
		return errFrame
	}
	runtime.GOMAXPROCS(max(procs, 1))
	defer runtime.KeepAlive(make([]byte, ballast))
	for range max(procs, 1) {
		go c.judge(terms)
	}
	for {
		what, w, err := c.in.next()
		if err != nil {
			return err
		}
		switch what {
		case frameTasks:
			w.b, w.own = slices.Clone(w.b), true // for all files in it
			if err := c.take(&w); err != nil {
				return err
			}
		case frameAnswer:
			n := w.number(1 << 31)
			c.mu.Lock()
			to := c.waits[n]
			delete(c.waits, n)
			c.mu.Unlock()
			if to == nil {
				return errFrame
			}
			to <- wire{b: slices.Clone(w.b), fds: slices.Clone(w.fds), own: true}
		default:
			return errFrame
		}
	}
}

// fewTasks is how many small tasks a judge takes at once: each time that one is woken up
// costs as much as a small zone.
const fewTasks = 16

// take reads tasks and hands them to the judges. Errors: errFrame.
func (c *child) take(w *wire) error {
	var few []childTask
	for w.more() {
		t, err := c.task(w)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(t.files, func(f childFile) bool { return f.file != nil }) { // a large one
			c.tasks <- []childTask{t}
			continue
		}
		if few == nil {
			few = make([]childTask, 0, fewTasks)
		}
		if few = append(few, t); len(few) == fewTasks {
			c.tasks <- few
			few = nil
		}
	}
	if len(few) > 0 {
		c.tasks <- few
	}
	return nil
}

// task reads a task and the files that come with it.
func (c *child) task(w *wire) (childTask, error) {
	task, err := zones.ReadTask(w.bytes(maxFrame))
	if err != nil || w.bad {
		return childTask{}, errFrame
	}
	t := childTask{Task: task}
	for n := w.number(maxFrameFDs); n > 0 && !w.bad; n-- {
		name := w.textLike(task.Zone.File)
		t.files = append(t.files, childFile{name, readSent(w, name)})
	}
	if w.bad {
		return childTask{}, errFrame
	}
	return t, nil
}

// judge judges tasks.
func (c *child) judge(terms zones.Terms) {
	files := &childFiles{c: c}
	judge := zones.NewJudge(context.Background(), files, terms, c.read)
	for {
		for _, t := range c.next() {
			files.task = t
			v := judge.Judge(t.Task)
			for _, f := range files.task.files {
				if f.sent != nil {
					f.drop()
				}
			}
			c.verdict(t.N, v)
		}
	}
}

// tellAfter is how many bytes are read before the parent is told.
const tellAfter = 1 << 18

// read counts bytes that were read.
func (c *child) read(n int64) {
	if c.moved.Add(n) < tellAfter {
		return
	}
	if n = c.moved.Swap(0); n > 0 {
		c.send(binary.AppendUvarint(newFrame(frameMoved, 16), uint64(n)))
	}
}

// send sends a frame; without a parent there is nothing left to do.
func (c *child) send(b []byte) {
	c.sendMu.Lock()
	defer c.sendMu.Unlock()
	if sendFrame(c.conn, b, nil) != nil {
		os.Exit(statusFailed)
	}
}

// verdict takes a verdict. It is sent with others: each frame wakes the parent up.
func (c *child) verdict(n int, v *zones.Verdict) {
	text := v.Append(make([]byte, 0, 512))
	c.mu.Lock()
	if len(c.done) == 0 {
		c.done = append(c.spare, newFrame(frameVerdicts, 0)...)
		c.spare = nil
	}
	c.done = appendText(binary.AppendUvarint(c.done, uint64(n)), text)
	full := len(c.done) >= fullBatch
	c.mu.Unlock()
	if full {
		c.flush()
	}
}

// flush sends the verdicts that were taken.
func (c *child) flush() {
	c.mu.Lock()
	b := c.done
	c.done = nil
	c.mu.Unlock()
	if len(b) > 0 {
		c.send(b)
		c.mu.Lock()
		c.spare = b[:0]
		c.mu.Unlock()
	}
}

// next gives the next tasks; before it waits, what is done is sent.
func (c *child) next() []childTask {
	select {
	case t := <-c.tasks:
		return t
	default:
		c.flush()
		return <-c.tasks
	}
}

// ask asks the parent about a task.
func (c *child) ask(task, what int, parts func(b []byte) []byte) wire {
	to := make(chan wire, 1)
	c.mu.Lock()
	c.asked++
	n := c.asked
	c.waits[n] = to
	c.mu.Unlock()
	b := newFrame(frameQuestion, 256)
	for _, v := range [...]int{n, task, what} {
		b = binary.AppendUvarint(b, uint64(v))
	}
	c.send(parts(b))
	return <-to
}

// childFiles are the files of the task that one judge is at.
type childFiles struct {
	c    *child
	task childTask
}

var (
	_ zones.Files    = (*childFiles)(nil)
	_ zones.Stamper  = (*childFiles)(nil)
	_ zones.Lister   = (*childFiles)(nil)
	_ zones.Absences = (*childFiles)(nil)
	_ zones.Includer = (*childFiles)(nil)
)

// sent asks for a file.
func (f *childFiles) sent(name string, what int, parts func(b []byte) []byte) (zones.File, string, error) {
	w := f.c.ask(f.task.N, what, parts)
	s := readSent(&w, name)
	if w.bad {
		os.Exit(statusFailed)
	}
	return s.open()
}

// Open gives a file that came with the task, or asks for it. Errors: as zones.Files.
func (f *childFiles) Open(name string) (zones.File, string, error) {
	if here := f.task.file(name); here != nil {
		s := here.sent
		if s.err == nil {
			here.sent = nil
		}
		return s.open()
	}
	return f.sent(name, askOpen, func(b []byte) []byte { return appendText(b, name) })
}

// Include asks for a file that a line includes. Errors: as zones.Includer.
func (f *childFiles) Include(line zones.Include, _ zones.Stamp) (zones.File, string, error) {
	if len(line.Name) > maxWireText {
		return nil, line.Name, errLongName
	}
	return f.sent(line.Name, askInclude, func(b []byte) []byte { return appendLine(b, line) })
}

// Lacks tells whether the parent has said that there is no such file.
func (f *childFiles) Lacks(name string) bool {
	here := f.task.file(name)
	return here != nil && errors.Is(here.err, os.ErrNotExist)
}

// Stamp looks at a file.
func (f *childFiles) Stamp(name string) (zones.Stamp, bool) {
	if here := f.task.file(name); here != nil {
		return here.look(name)
	}
	w := f.c.ask(f.task.N, askStamp, func(b []byte) []byte { return appendText(b, name) })
	return readStamp(&w, name)
}

// List lists a directory of keys. Errors: those of the parent.
func (f *childFiles) List(dir string) ([]string, error) {
	w := f.c.ask(f.task.N, askList, func(b []byte) []byte { return appendText(b, dir) })
	if w.number(listFails) == listFails {
		return nil, readSent(&w, dir).err
	}
	var names []string
	for w.more() {
		names = append(names, w.text())
	}
	return names, nil
}
