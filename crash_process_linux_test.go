package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The crash test of whole commands. Each command runs as a process of its own
// on a small copy of an install that lies in memory (its root directory), and
// the kernel asks us before each of its system calls that change something:
// there we kill it, or let the call fail. Then the next command runs without
// any fault, and the system must be what two runs without faults make of it.
//
// What it does not promise: the memory's file system keeps what was not synced,
// so a missing fsync does not show here.

// crashPoints names how many points of each case are tried: a number, "kills" for
// a SIGKILL at every call, or "all". All of them take an hour and more (go test
// -timeout 0).
const crashPoints = "NAMED_JAIL_CRASH_POINTS"

// crashSample is that number where none is given.
const crashSample = 12

// crashStart is how often named is started after a point: a tree that is the
// wanted one has shown that it starts.
const crashStart = 4

// crashKind is a kind of fault.
type crashKind struct {
	name  string
	fault fault
}

// crashKinds are the kinds of the promise, and disks that go on failing.
var crashKinds = []crashKind{
	{"SIGKILL", fault{kill: true}},
	{"ENOSPC", fault{no: unix.ENOSPC}},
	{"EIO", fault{no: unix.EIO}},
	{"EMFILE", fault{no: unix.EMFILE}},
	{"EACCES", fault{no: unix.EACCES}},
	{"EROFS", fault{no: unix.EROFS}},
	{"ENOSPC from there on", fault{no: unix.ENOSPC, lasting: true}},
	{"EROFS from there on", fault{no: unix.EROFS, lasting: true}},
	{"EIO from there on", fault{no: unix.EIO, lasting: true}},
}

// crashCase is a command on a system.
type crashCase struct {
	name  string
	start crashTree
	jail  string
	do    []string
	next  [][][]string // what runs afterwards, one of these sequences
	after crashTree    // what do makes of start
	want  [][]crashEnd // for each of next, what may come of it
	calls []string     // the changing calls of do
}

// crashEnd is what sequence of commands ends in.
type crashEnd struct {
	tree     crashTree
	statuses string
	starts   string // what the stand-in for named says, bare and in the jail
	untimed  bool   // a command was cut off in front of the very last call of a rollback
	over     bool   // a rollback was cut off when it had written down that all is done
}

// crashInstall makes the cases of one install.
type crashInstall struct {
	in liveInstall
	crashBinaries
}

type crashBinaries struct{ product, standin []byte }

func TestCrashProcess(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("this test needs root: run it with sudo")
	}
	if os.Getenv("NAMED_JAIL_SKIP_LIVE") != "" {
		t.Skip("NAMED_JAIL_SKIP_LIVE is set")
	}
	binaries := buildCrashBinaries(t)
	var total crashCount
	begin := time.Now()
	for _, in := range liveInstalls {
		name := in.name
		if in.jail != "/var/named" {
			name += "-" + filepath.Base(in.jail)
		}
		t.Run(name, func(t *testing.T) {
			i := crashInstall{in, binaries}
			var cases []*crashCase
			bare := i.template(t)
			err := i.inWorker(t.TempDir(), func(w *crashWorker) (err error) {
				cases, err = w.cases(bare)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) { total.add(i.tryAll(t, c)) })
			}
		})
	}
	t.Logf("%d points tried, %d failures, in %v", total.points, total.failures, time.Since(begin).Round(time.Second))
}

// buildCrashBinaries gives the program under test and the stand-in.
func buildCrashBinaries(t *testing.T) crashBinaries {
	t.Helper()
	file := filepath.Join(t.TempDir(), "standin")
	cmd := exec.Command("go", "build", "-o", file, "./testdata/standin")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	var b crashBinaries
	for to, from := range map[*[]byte]string{&b.product: buildProduct(t), &b.standin: file} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		*to = text
	}
	return b
}

// crashWorker is a thread with a file system in memory of its own.
type crashWorker struct {
	in   liveInstall
	root string
}

// inWorker runs do in a worker, whose system lies at root, an empty directory.
// The thread, and with it its mounts, end afterwards.
func (i crashInstall) inWorker(root string, do func(w *crashWorker) error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for ever: the thread is of no other use
		w := &crashWorker{in: i.in, root: root}
		err := w.mount(i.crashBinaries)
		if err != nil {
			err = fmt.Errorf("a system in memory cannot be made (are mounts allowed here?): %w", err)
		} else {
			err = do(w)
		}
		done <- err
	}()
	return <-done
}

func (w *crashWorker) mount(b crashBinaries) error {
	if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", w.root, "tmpfs", 0, "mode=0755,size=256m"); err != nil {
		return err
	}
	for _, dir := range []string{crashPrograms, crashProc} {
		if err := os.Mkdir(w.root+dir, 0o755); err != nil {
			return err
		}
	}
	if err := unix.Mount("proc", w.root+crashProc, "proc", 0, ""); err != nil {
		return err
	}
	// A child that is forked while a program is open for writing keeps it busy.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	for name, text := range map[string][]byte{"named-jail": b.product, "named": b.standin} {
		if err := os.WriteFile(filepath.Join(w.root, crashPrograms, name), text, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// crashEnvironment is that of the commands. The runtime of Go must not
// interrupt its own system calls: they would be counted twice.
var crashEnvironment = []string{"PATH=/usr/sbin:/usr/bin", "LC_ALL=C", "NO_COLOR=1", "GODEBUG=asyncpreemptoff=1",
	"NAMED_JAIL_NAMED=" + crashPrograms + "/named"}

// run runs named-jail.
func (w *crashWorker) run(f fault, command []string) (crashOutcome, error) {
	return watched(filepath.Join(w.root, crashPrograms, "named"), w.root, crashEnvironment, f,
		append([]string{crashPrograms + "/named-jail"}, command...)...)
}

// starts gives what the stand-in for named finds, without a jail and, where
// there is one, in it.
func (w *crashWorker) starts() (string, error) {
	program := crashPrograms + "/named"
	bare := []string{program, "-u", w.in.user}
	if w.in.conf != "" {
		bare = append(bare, "-c", w.in.conf)
	}
	lines := [][]string{bare}
	if _, err := os.Stat(w.root + w.in.jail + "/etc/named.conf"); err == nil {
		lines = append(lines, []string{program, "-t", w.in.jail, "-u", w.in.user, "-c", "/etc/named.conf"})
	}
	text := ""
	for _, line := range lines {
		cmd := exec.Command(filepath.Join(w.root, program), append([]string{w.root, "", line[0]}, line[1:]...)...)
		cmd.Args[0], cmd.Env = "stage", crashEnvironment
		out, err := cmd.CombinedOutput()
		text += fmt.Sprintf("%v: %v\n%s", line, err, out)
	}
	return text, nil
}

// end runs commands without a fault, and gives what comes of it. start asks for
// starts too.
func (w *crashWorker) end(commands [][]string, start bool) (e crashEnd, said string, err error) {
	for _, c := range commands {
		o, err := w.run(fault{}, c)
		if err != nil {
			return e, said, fmt.Errorf("%v: %w", c, err)
		}
		e.statuses += strconv.Itoa(o.status) + " "
		said += fmt.Sprintf("%v: %v\n", c, o)
	}
	if start {
		e.starts, err = w.starts()
	}
	if err == nil {
		e.tree, err = readTree(w.root)
	}
	return e, said, err
}

// template is the install as it is before the first command.
func (i crashInstall) template(t *testing.T) crashTree {
	t.Helper()
	dir := t.TempDir()
	if i.in.name == "b" { // the files of the distribution's own package
		if out, err := exec.Command("sh", "-c", "cd "+dir+" && mkdir -p etc var/cache/bind usr/share && cp -a /etc/bind etc && cp -a /usr/share/dns usr/share").CombinedOutput(); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
	}
	if i.in.name != "d" { // there the way to the store is missing too
		if err := os.MkdirAll(filepath.Join(dir, "var/lib"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	unpackInstall(t, i.in.name, dir)
	tree, err := readTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	i.giveOwners(t, tree)
	tree.devices()
	tree.fewZones("/etc/namedb/many.conf", "/etc/namedb/many/", 5)
	if i.in.moved != nil && tree[i.in.moved[0]] != nil {
		tree[i.in.moved[0]].attrs = map[string]string{"user.origin": "the registry"}
	}
	for n, p := range tree.paths() { // a time of its own for each
		tree[p].st.Mtim = unix.Timespec{Sec: fixtureTime.Unix() + int64(n), Nsec: 123456789}
	}
	return tree
}

// giveOwners does what unpackInstall does on a live system only.
func (i crashInstall) giveOwners(t *testing.T, tree crashTree) {
	t.Helper()
	numbers := map[string]int{}
	for _, file := range []string{"/etc/passwd", "/etc/group"} {
		for _, line := range strings.Split(string(tree[file].text), "\n") {
			if f := strings.Split(line, ":"); len(f) > 2 {
				n, err := strconv.Atoi(f[2])
				if err != nil {
					t.Fatal(err)
				}
				numbers[file+f[0]] = n
			}
		}
	}
	text, err := installFiles.ReadFile("testdata/install/" + i.in.name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	head, _ := splitArchive(string(text))
	for _, line := range strings.Split(head, "\n") {
		words := fixtureWords(line)
		if len(words) != 4 || words[0] != "dir" && words[0] != "own" || tree[words[1]] == nil {
			continue
		}
		user, group, _ := strings.Cut(words[3], ":")
		uid, ok1 := numbers["/etc/passwd"+user]
		gid, ok2 := numbers["/etc/group"+group]
		if !ok1 || !ok2 {
			t.Fatalf("fixture: no %s", words[3])
		}
		tree[words[1]].st.Uid, tree[words[1]].st.Gid = uint32(uid), uint32(gid)
	}
}

// devices adds those that every system has.
func (t crashTree) devices() {
	t["/dev"] = &crashEntry{st: unix.Stat_t{Mode: unix.S_IFDIR | 0o755}}
	for name, minor := range map[string]uint32{"null": 3, "zero": 5, "random": 8, "urandom": 9} {
		t["/dev/"+name] = &crashEntry{st: unix.Stat_t{Mode: unix.S_IFCHR | 0o666, Rdev: unix.Mkdev(1, minor)}}
	}
}

// fewZones leaves n of the many zones of an include file, which are all alike.
func (t crashTree) fewZones(conf, dir string, n int) {
	if t[conf] == nil {
		return
	}
	lines := strings.SplitAfter(string(t[conf].text), "\n")
	t[conf].text = []byte(strings.Join(lines[:n], ""))
	for _, p := range t.paths() {
		if name, ok := strings.CutPrefix(p, dir); ok && !strings.Contains(string(t[conf].text), name+`"`) {
			delete(t, p)
		}
	}
}

// clone copies a tree; its entries are changed by replacing them.
func (t crashTree) clone() crashTree {
	c := crashTree{}
	for p, e := range t {
		c[p] = e
	}
	return c
}

// write puts a file into a tree, like another one's owner and mode, with a time
// that is old and no other's.
func (t crashTree) write(name string, text []byte, like unix.Stat_t) {
	e := &crashEntry{text: text, st: like}
	e.st.Mtim = unix.Timespec{Sec: 1_200_000_000 + int64(len(t)), Nsec: 5}
	t[name] = e
}

// cases makes the cases of an install, with what must come of them.
func (w *crashWorker) cases(bare crashTree) ([]*crashCase, error) {
	apply := slices.Concat([]string{"apply"}, w.in.dropIn)
	if w.in.broken != nil {
		apply = append(apply, "--keep-going")
	}
	start := slices.Concat([]string{"run"}, w.in.dropIn)
	rollback := []string{"rollback", "-t", w.in.jail}
	forward := [][][]string{{apply}, {rollback}, {apply, rollback}}
	cases := []*crashCase{
		{name: "apply", start: bare, do: apply, next: forward},
		{name: "run", start: bare, do: start, next: [][][]string{{start}, {rollback}, {start, rollback}}},
	}
	if err := bare.plant(w.root); err != nil {
		return nil, err
	}
	e, said, err := w.end([][]string{apply}, false)
	if err != nil || e.statuses != "0 " {
		return nil, fmt.Errorf("%w\n%s", err, said)
	}
	cases = append(cases,
		&crashCase{name: "apply again", start: w.grown(bare, e.tree), do: apply, next: forward},
		&crashCase{name: "rollback", start: w.written(bare, e.tree), do: rollback, next: [][][]string{{rollback}, {apply}, {apply, rollback}}})
	for _, c := range cases {
		c.jail = w.in.jail
		if err := w.complete(c); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return cases, nil
}

// moved gives the files of the host that lie in a directory of the jail now.
func (w *crashWorker) moved(bare, applied crashTree, dir string) []string {
	var out []string
	for _, p := range bare.paths() {
		e := applied[p]
		if bare[p].st.Mode&unix.S_IFMT == unix.S_IFREG && e != nil && strings.HasPrefix(e.target, w.in.jail+dir) {
			out = append(out, p)
		}
	}
	return out
}

// grown is an applied system on which the administrator put a newer zone file
// in the place of a link, and changed the configuration.
func (w *crashWorker) grown(bare, applied crashTree) crashTree {
	t := applied.clone()
	for n, p := range w.moved(bare, applied, "/zones/master") {
		if n < 2 {
			t.write(p, append(slices.Clone(bare[p].text), "; a newer one\n"...), bare[p].st)
		}
	}
	conf := w.in.conf
	if conf == "" {
		conf = "/etc/bind/named.conf"
	}
	t.write(conf, append(slices.Clone(t[conf].text), "\n// a newer one\n"...), t[conf].st)
	return t
}

// written is an applied system on which named wrote what it writes.
func (w *crashWorker) written(bare, applied crashTree) crashTree {
	t := applied.clone()
	for n, p := range w.moved(bare, applied, "/zones/dynamic") {
		inJail := applied[p].target
		t.write(inJail+".jnl", emptyJournal(n), applied[inJail].st)
		if n%2 == 1 {
			t.write(inJail, append(slices.Clone(applied[inJail].text), "; by named\n"...), applied[inJail].st)
		}
	}
	if dir := applied[w.in.jail+"/zones/slave"]; dir != nil {
		like := dir.st
		like.Mode = unix.S_IFREG | 0o644
		t.write(w.in.jail+"/zones/slave/"+filepath.Base(w.in.secondary), []byte("; a secondary's copy\n"), like)
	}
	return t
}

// emptyJournal is a journal as named makes it before the first change; n makes
// it another than others.
//
// Source: BIND, lib/dns/journal.c (journal_rawheader_t).
func emptyJournal(n int) []byte {
	b := make([]byte, 64)
	copy(b, ";BIND LOG V9.2\n")
	b[63] = byte(n) // of the padding
	return b
}

// complete runs a case without faults.
func (w *crashWorker) complete(c *crashCase) error {
	if err := c.start.plant(w.root); err != nil {
		return err
	}
	o, err := w.run(fault{list: true}, c.do)
	if err != nil {
		return err
	}
	if o.status != 0 {
		return fmt.Errorf("without a fault: %v", o)
	}
	c.calls = o.list
	if c.after, err = readTree(w.root); err != nil {
		return err
	}
	for _, next := range c.next {
		var ends []crashEnd
		for _, done := range []bool{false, true} {
			if err := c.start.plant(w.root); err != nil {
				return err
			}
			if done {
				if _, err := w.run(fault{}, c.do); err != nil {
					return err
				}
			}
			e, said, err := w.end(next, true)
			if err != nil {
				return err
			}
			for n, status := range strings.Fields(e.statuses) {
				if status != "0" && next[n][0] != "rollback" { // there may be nothing to roll back
					return fmt.Errorf("without a fault:\n%s", said)
				}
			}
			ends = append(ends, e)
		}
		c.want = append(c.want, ends)
	}
	return nil
}

// crashCount counts.
type crashCount struct {
	mu                       sync.Mutex
	points, missed, failures int
}

func (c *crashCount) add(d *crashCount) {
	c.points += d.points
	c.failures += d.failures
}

// crashTask is one point: a fault of the command, the sequence that follows,
// and a second cut of the first command of that.
type crashTask struct {
	kind   crashKind
	next   int
	second int
	start  bool // named is started at the end
}

// tasks lists the points of a case.
func (c *crashCase) tasks() ([]crashTask, error) {
	var out []crashTask
	calls := len(c.calls)
	add := func(at int, kind crashKind, second int) {
		kind.fault.at = at
		out = append(out, crashTask{kind, len(out) % len(c.next), second, len(out)%crashStart == 0})
	}
	if points := os.Getenv(crashPoints); points != "all" {
		sample := crashSample
		switch points {
		case "":
		case "kills":
			sample = 0
			for at := 1; at <= calls; at++ {
				add(at, crashKinds[0], 0)
			}
		default:
			var err error
			if sample, err = strconv.Atoi(points); err != nil {
				return nil, fmt.Errorf("%s: %w", crashPoints, err)
			}
		}
		for n, at := range c.spread(sample) {
			kind := crashKinds[0]
			if n%2 > 0 { // half of them are kills
				kind = crashKinds[1+n/2%(len(crashKinds)-1)]
			}
			add(at, kind, 0)
		}
		for n := range 6 {
			add(calls*(4+n/3*4)/10, crashKinds[0], 1+n%3*calls/5)
		}
		return out, nil
	}
	for at := 1; at <= calls; at++ {
		for _, kind := range crashKinds {
			add(at, kind, 0)
		}
	}
	for at := 1; at <= calls; at += 1 + calls/12 {
		for second := 1; second <= calls; second += 1 + calls/40 {
			add(at, crashKinds[0], second)
		}
	}
	return out, nil
}

// spread chooses so many of the calls that each kind of call in each part of the
// system is among them, as far as they reach.
func (c *crashCase) spread(sample int) []int {
	groups := map[string][]int{}
	for n, text := range c.calls {
		call, at, _ := strings.Cut(text, " ")
		part := "host"
		switch {
		case strings.Contains(at, crashStore):
			part = "store"
		case strings.Contains(at, c.jail+"/"):
			part = "jail"
		}
		groups[call+" "+part] = append(groups[call+" "+part], n+1)
	}
	var out []int
	for len(out) < min(sample, len(c.calls)) {
		for _, key := range slices.Sorted(maps.Keys(groups)) {
			if left := groups[key]; len(left) > 0 {
				n := len(left) / 2
				out = append(out, left[n])
				groups[key] = slices.Delete(left, n, n+1)
			}
		}
	}
	return out[:min(sample, len(out))]
}

// tryAll tries the points of a case, with as many workers as there are
// processors.
func (i crashInstall) tryAll(t *testing.T, c *crashCase) *crashCount {
	count := &crashCount{}
	tasks := make(chan crashTask)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		root := t.TempDir()
		wg.Go(func() {
			err := i.inWorker(root, func(w *crashWorker) error {
				for task := range tasks {
					w.try(t, c, task, count)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
				for range tasks { // nobody must wait for us
				}
			}
		})
	}
	begin := time.Now()
	list, err := c.tasks()
	if err != nil {
		t.Error(err)
	}
	for _, task := range list {
		tasks <- task
	}
	close(tasks)
	wg.Wait()
	t.Logf("%d changing calls; %d points tried, %d failures (%d not reached) in %v", len(c.calls), count.points, count.failures, count.missed,
		time.Since(begin).Round(10*time.Millisecond))
	if count.points == 0 {
		t.Error("no point was reached")
	}
	return count
}

// try tries one point.
func (w *crashWorker) try(t *testing.T, c *crashCase, task crashTask, count *crashCount) {
	f := task.kind.fault
	what := fmt.Sprintf("call %d of %d, %s", f.at, len(c.calls), task.kind.name)
	problem, hit, err := w.point(c, task)
	if err != nil {
		problem = err.Error()
	}
	count.mu.Lock()
	defer count.mu.Unlock()
	if !hit && problem == "" {
		count.missed++
		return
	}
	count.points++
	if problem == "" {
		return
	}
	if count.failures++; count.failures <= 5 {
		if task.second > 0 {
			what += fmt.Sprintf(", and again at call %d of the next command", task.second)
		}
		t.Errorf("%s, then %v:\n%s", what, c.next[task.next], problem)
	}
}

// point does the work of one point and tells what is wrong then.
func (w *crashWorker) point(c *crashCase, task crashTask) (problem string, hit bool, err error) {
	if err := c.start.plant(w.root); err != nil {
		return "", false, err
	}
	f := task.kind.fault
	first, err := w.run(f, c.do)
	if err != nil {
		return fmt.Sprint(first), true, err
	}
	if first.hit == "" {
		return "", false, nil
	}
	said := fmt.Sprintf("%v: %v\n", c.do, first)
	between, err := readTree(w.root)
	if err != nil {
		return "", true, err
	}
	for _, wrong := range []string{c.judgeEnd(f, first), c.judgeBetween(between), c.judgeState(f, first, between)} {
		if wrong != "" {
			return wrong + "\n" + said, true, nil
		}
	}
	next, last := c.next[task.next], first.hit
	if task.second > 0 {
		again, err := w.run(fault{at: task.second, kill: true}, next[0])
		if err != nil {
			return said, true, err
		}
		if again.hit == "" {
			return "", false, nil // it was done before
		}
		said += fmt.Sprintf("%v: %v\n", next[0], again)
		last = again.hit
		if between, err = readTree(w.root); err != nil {
			return said, true, err
		}
		// The next command may go the other way, so both ends count.
		if wrong := c.judgeBetween(between, c.want[task.next][0].tree, c.want[task.next][1].tree); wrong != "" {
			return wrong + "\n" + said, true, nil
		}
	}
	got, more, err := w.end(next, task.start)
	said += more
	if err != nil {
		return said, true, err
	}
	got.over = task.second > 0 && next[0][0] == "rollback" && strings.HasPrefix(last, "fsync ") && strings.HasSuffix(last, crashStore+"/var-named") &&
		strings.Contains(between.storeFiles(), "/manifest") && !strings.Contains(between.storeFiles(), "/journal")
	got.untimed = strings.HasPrefix(last, "utimensat ") && strings.HasSuffix(last, filepath.Dir(crashStore))
	for _, want := range c.want[task.next] {
		wrong := got.differs(want)
		if wrong == "" {
			return "", true, nil
		}
		problem += wrong + "\n\nor:\n"
	}
	return problem + said, true, nil
}

// judgeEnd tells what is wrong with how a command with a fault ended.
func (c *crashCase) judgeEnd(f fault, o crashOutcome) string {
	switch {
	case f.kill:
		if o.status != 128+int(syscall.SIGKILL) {
			return "it was to be killed"
		}
	case strings.Contains(o.err, "panic:") || strings.Contains(o.err, "goroutine "):
		return "it panicked"
	case o.status != 0 && o.status != 1:
		return "its exit status is wrong"
	case o.status == 1 && o.err == "":
		return "it failed and said nothing"
	}
	return ""
}

// judgeBetween tells what is lost at the instant after a fault: every file that
// can be read under its name before and after must be there in between too,
// whole, and no bytes of a file may be nowhere.
func (c *crashCase) judgeBetween(now crashTree, also ...crashTree) string {
	ends := append([]crashTree{c.start, c.after}, also...)
	texts := now.texts()
	kept := c.start.texts() // by all ends: what some end drops may be dropped
	for _, t := range ends[1:] {
		has := t.texts()
		maps.DeleteFunc(kept, func(text string, _ bool) bool { return !has[text] })
	}
	for _, p := range c.start.paths() {
		if inStore(p) {
			continue
		}
		if text := string(c.start[p].text); kept[text] && !texts[text] {
			return fmt.Sprintf("the bytes of %s are nowhere", p)
		}
		found, always := now.read(p), true
		same := false
		for _, t := range ends {
			text := t.read(p)
			always = always && text != nil
			same = same || string(text) == string(found)
		}
		if always && (found == nil || !same) {
			return fmt.Sprintf("%s reads %d bytes %.80q", p, len(found), found)
		}
	}
	return ""
}

// judgeState tells what is wrong with what a command left that met a single
// error: it has put everything back by itself, or has done its work. A rollback
// goes forward only.
func (c *crashCase) judgeState(f fault, o crashOutcome, now crashTree) string {
	if f.kill || f.lasting || c.do[0] == "rollback" {
		return ""
	}
	left := now[crashStore] != nil
	skip := inStore
	if left {
		skip = nearStore
	}
	after := compareTrees(c.after, now, skip)
	if after == "" {
		return ""
	}
	if o.status == 0 {
		return "it said that it was done:\n" + after
	}
	if before := compareTrees(c.start, now, skip); before != "" {
		return "nothing was put back; against the state before:\n" + before
	}
	return ""
}

// differs tells how an end differs from the one that is wanted.
func (e crashEnd) differs(want crashEnd) string {
	skip := inStore
	a, b := want.tree.storeFiles(), e.tree.storeFiles()
	if a == "" && b == "" && e.untimed {
		skip = nearStore // what the time of that directory was went with the store
	}
	if a == "" && (b == "/named-jail" || b == "" && e.tree.wayToStore() && !want.tree.wayToStore()) {
		// A run that was cut off before its journal could not tell which of the
		// directories on the way to the store it had made.
		b, skip = a, nearStore
	}
	if d := compareTrees(want.tree, e.tree, skip); d != "" {
		return d
	}
	if a != b {
		return fmt.Sprintf("the store holds\n%s\nand should hold\n%s", b, a)
	}
	nothingLeft := e.over && e.statuses == "1 " && want.statuses == "0 "
	if e.statuses != want.statuses && !nothingLeft {
		return fmt.Sprintf("the exit statuses are %s and should be %s", e.statuses, want.statuses)
	}
	if e.starts != "" && e.starts != want.starts {
		return fmt.Sprintf("named says\n%s\nand should say\n%s", e.starts, want.starts)
	}
	return ""
}
