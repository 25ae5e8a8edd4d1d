package command

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"named-jail/zones"
)

// answers is what the reader may ask, and what it is told. It opens nothing for
// the reader but what the zone statement itself leads to: the zone's file, the
// journals and the signed copy beside it, its keys, and what lines of files that
// were opened so include: each is read again here.
type answers struct {
	src source

	mu   sync.Mutex
	jobs map[int]*job
}

// job is a zone that the reader is judging.
type job struct {
	zone   *zones.Zone
	weight int
	mu     sync.Mutex
	read   []zones.Stamp   // what was opened for it
	lines  []zones.Include // what included some of that
}

// begin takes a task up.
func (a *answers) begin(t zones.Task) *job {
	j := &job{zone: t.Zone}
	a.mu.Lock()
	a.jobs[t.N] = j
	a.mu.Unlock()
	return j
}

// job gives one that has been begun, and has not ended.
func (a *answers) job(n int) *job {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.jobs[n]
}

// end takes a job out.
func (a *answers) end(n int) (*job, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	j, ok := a.jobs[n]
	delete(a.jobs, n)
	return j, ok
}

// open opens a file for a job.
func (a *answers) open(j *job, name string, open func() (zones.File, string, error)) sent {
	f, shown, err := open()
	s, stamp := send(name, f, shown, err)
	if s.err == nil {
		j.mu.Lock()
		j.read = append(j.read, stamp)
		j.mu.Unlock()
	}
	return s
}

// beforehand opens what is surely wanted: the zone's file, and its journal, which
// mostly is not there. names tells under which names.
func (a *answers) beforehand(j *job) (names []string, files []sent) {
	for i, name := range j.zone.Names() {
		if i > 2 {
			break
		}
		if i > 0 && a.src.Lacks(name) {
			names, files = append(names, name), append(files, sent{err: fs.ErrNotExist, fd: -1})
			continue
		}
		s := a.open(j, name, func() (zones.File, string, error) { return a.src.Open(name) })
		names, files = append(names, name), append(files, s)
		if i == 0 && s.err != nil || i > 0 && s.err == nil {
			break // there is nothing to join a journal to; it is found
		}
	}
	return names, files
}

// What the reader asks.
const (
	askOpen = iota
	askInclude
	askStamp
	askList
)

// listFails begins the answer that a directory cannot be listed.
const listFails = 1

// maxLine bounds how far before the name of a file its $INCLUDE may stand.
const maxLine = 4 << 10

// answer answers a question about a job. Errors: errFrame, for what no honest
// reader asks.
func (a *answers) answer(w *wire, reply []byte) ([]byte, *sent, error) {
	j := a.job(w.number(1 << 31))
	what := w.number(askList)
	if j == nil || w.bad {
		return nil, nil, errFrame
	}
	switch what {
	case askOpen, askStamp:
		name := w.text()
		if w.bad || !slices.Contains(j.zone.Names(), name) && (what == askStamp || !j.zone.HasKey(name)) {
			return nil, nil, errFrame
		}
		if what == askStamp {
			stamp, ok := a.src.Stamp(name)
			return appendStamp(reply, stamp, ok), nil, nil
		}
		s := a.open(j, name, func() (zones.File, string, error) { return a.src.Open(name) })
		return s.append(reply), &s, nil
	case askInclude:
		line := readLine(w)
		from, ok := j.opened(line.Opened)
		if w.bad || !ok {
			return nil, nil, errFrame
		}
		s := a.open(j, line.Name, func() (zones.File, string, error) {
			if err := a.stands(line, from); err != nil {
				return nil, line.Name, err
			}
			j.mu.Lock()
			j.lines = append(j.lines, line)
			j.mu.Unlock()
			return a.src.Include(line, from)
		})
		return s.append(reply), &s, nil
	}
	dir := w.text()
	if w.bad || !slices.Contains(j.zone.KeyDirectories(), dir) {
		return nil, nil, errFrame
	}
	names, err := a.src.List(dir)
	if err != nil {
		s := sent{err: err, shown: dir, fd: -1}
		return s.append(append(reply, listFails)), nil, nil
	}
	reply = append(reply, 0)
	for _, name := range names {
		if zones.IsKeyFile(name) {
			reply = appendText(reply, name)
		}
	}
	return reply, nil, nil
}

// opened gives the stamp of a file that was opened for the job.
func (j *job) opened(name string) (zones.Stamp, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	at := slices.IndexFunc(j.read, func(s zones.Stamp) bool { return s.Name == name })
	if at < 0 {
		return zones.Stamp{}, false
	}
	return j.read[at], true
}

var errLongName = errors.New("the name is too long")

var errExchanged = errors.New("the zone file was changed while it was being read")

// stands looks whether a line that includes a file is there: where the reader says,
// in a file that was opened for it. Errors: it is not.
func (a *answers) stands(line zones.Include, from zones.Stamp) error {
	no := &zones.Refusal{Why: errExchanged.Error(), Remedy: "Run the command again."}
	f, shown, err := a.src.Open(line.Opened)
	if err != nil {
		return no
	}
	defer f.Close()
	file, fd := descriptor(f)
	info, err := f.Stat()
	if err != nil || file == nil {
		return no
	}
	now := zones.StampOf(line.Opened, info)
	begin := max(line.Start-maxLine, 0)
	if shown != from.Shown || now.Dev != from.Dev || now.Inode != from.Inode || line.Start < begin || line.End <= line.Start || line.End-line.Start > maxLine*2 {
		return no
	}
	text := make([]byte, line.End-begin)
	if n, err := unix.Pread(fd, text, int64(begin)); err != nil || n != len(text) || !spells(text, line.Start-begin, line.Name) {
		return no
	}
	return nil
}

// spells tells whether the text from at on is a name, in quotes or not, and $INCLUDE
// stands before it.
func spells(text []byte, at int, name string) bool {
	word := string(text[at:])
	if quoted, ok := strings.CutPrefix(word, `"`); ok && strings.HasSuffix(quoted, `"`) {
		word = strings.ReplaceAll(strings.TrimSuffix(quoted, `"`), `\"`, `"`)
	}
	before := string(text[:at])
	for {
		before = strings.TrimRight(before, " \t\r\n(\"")
		line := before[strings.LastIndexByte(before, '\n')+1:]
		comment := strings.IndexByte(line, ';')
		if comment < 0 {
			break
		}
		before = before[:len(before)-len(line)+comment]
	}
	const directive = "$INCLUDE"
	return word == name && len(before) >= len(directive) && strings.EqualFold(before[len(before)-len(directive):], directive)
}

// settle makes a verdict trustworthy: it speaks of files that were opened for the
// job, and of lines that were seen to be there. Errors: errFrame.
func (j *job) settle(v *zones.Verdict) error {
	for i := range v.Report.Files {
		s := &v.Report.Files[i]
		at := slices.IndexFunc(j.read, func(r zones.Stamp) bool {
			return r.Name == s.Name && r.Shown == s.Shown && r.Dev == s.Dev && r.Inode == s.Inode
		})
		if at < 0 {
			return errFrame
		}
		if *s != j.read[at] {
			v.Changed()
		}
	}
	v.Report.Includes = slices.DeleteFunc(v.Report.Includes, func(in zones.Include) bool {
		return !slices.ContainsFunc(j.lines, func(l zones.Include) bool { return sameLine(l, in) })
	})
	return nil
}

func sameLine(a, b zones.Include) bool {
	a.File, a.Line, a.Column = b.File, b.Line, b.Column
	return a == b
}

func appendLine(b []byte, line zones.Include) []byte {
	b = appendText(appendText(b, line.Opened), line.Name)
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(line.Start)), uint64(line.End))
}

func readLine(w *wire) zones.Include {
	return zones.Include{Opened: w.text(), Name: w.text(), Start: w.number(1 << 60), End: w.number(1 << 60)}
}

func appendStamp(b []byte, s zones.Stamp, ok bool) []byte {
	if !ok {
		return append(b, 0)
	}
	b = appendText(append(b, 1), s.Shown)
	b = binary.AppendUvarint(binary.AppendUvarint(b, s.Dev), s.Inode)
	return binary.AppendVarint(binary.AppendVarint(binary.AppendVarint(b, s.Size), s.Mtime), s.Ctime)
}

func readStamp(w *wire, name string) (zones.Stamp, bool) {
	if w.number(1) == 0 {
		return zones.Stamp{}, false
	}
	s := zones.Stamp{Name: name, Shown: w.text(), Dev: uint64(w.number(1<<63 - 1)), Inode: uint64(w.number(1<<63 - 1)),
		Size: w.signed(), Mtime: w.signed(), Ctime: w.signed()}
	return s, !w.bad
}
