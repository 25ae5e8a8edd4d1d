package jail

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Watch notes all that is looked at on the system while a piece of work is done,
// so that it can be said later whether the work would find everything as it was
// (Unchanged): each object that was looked at, with identity, owner, mode and, as
// far as its content can matter, its times; each name that was not there; each
// directory that was listed; what the kernel said of an account's rights; and
// what a directory service answered.
//
// What happens in between and leaves no trace is not seen: a file whose times
// were set back to the nanosecond, ctime included. A file or a directory that
// changed so recently that another change could leave the same times is a doubt.
type Watch struct {
	mu     sync.Mutex
	began  time.Time
	dirs   map[string]*watchedDir
	rights []watchedRight
	said   []watchedAnswer
	doubt  string
}

// watchedDir is a directory, by its path for this process. seen is what it was
// when it was first opened.
type watchedDir struct {
	seen   Info
	names  map[string]watched
	absent map[string]struct{}
	listed bool
	list   string // digest of the names
}

// watched is an object that was looked at. content says that more was asked for
// than who may do what with it.
type watched struct {
	info    Info // without Base and Target
	content bool
}

// watchedRight is an answer of the kernel: bits are what the viewer may do.
type watchedRight struct {
	who       Viewer
	dir, name string
	bits      int
}

// watchedAnswer is an answer of a directory service.
type watchedAnswer struct {
	table, key, line string
	ok               bool
}

// watching holds the watch of a host, if there is one; all directories of the
// host share it.
type watching struct{ *Watch }

// recent is how close to the beginning a change may lie for the times to miss
// another one; coarse is the same where a file system counts whole seconds, as
// some servers of files do, whose clock may differ.
const (
	recent = 2 * time.Second
	coarse = time.Minute
)

// NewWatch begins a watch; Add says of what.
func NewWatch() *Watch { return &Watch{began: time.Now(), dirs: map[string]*watchedDir{}} }

// Add watches a host, and the jail unless that is nil. What they have opened
// before is looked at again. It is to be called before other goroutines use them.
func (w *Watch) Add(h *Host, t *Tree) {
	h.forgetDirs()
	h.top.watch.Watch = w
	w.sawDir(h.top)
	if t != nil {
		t.looks.drop()
		if t.top != nil {
			w.sawDir(t.top)
		}
	}
	service.mu.Lock()
	service.watch = w
	service.mu.Unlock()
}

// End stops watching a host.
func (w *Watch) End(h *Host) {
	h.top.watch.Watch = nil
	service.mu.Lock()
	service.watch = nil
	service.mu.Unlock()
}

// Doubt notes that the outcome depends on something that is not watched.
func (w *Watch) Doubt(why string) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.doubt == "" {
		w.doubt = why
	}
}

// settled tells whether an object lay still since well before the beginning. A
// time in the future never counts: a clock was set.
func (w *Watch) settled(i Info) bool { return settledBefore(i, w.began) }

func settledBefore(i Info, began time.Time) bool {
	still := recent
	if i.Ctime%int64(time.Second) == 0 {
		still = coarse
	}
	limit := began.Add(-still).UnixNano()
	return i.Mtime < limit && i.Ctime < limit
}

// at gives the notes about a directory. The caller holds the lock.
func (w *Watch) at(path string) *watchedDir {
	d := w.dirs[path]
	if d == nil {
		d = &watchedDir{names: map[string]watched{}, absent: map[string]struct{}{}}
		w.dirs[path] = d
	}
	return d
}

// sawDir notes a directory that was opened.
func (w *Watch) sawDir(d *dir) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	at := w.at(d.os)
	switch {
	case !at.seen.Exists():
		at.seen = bare(d.info)
	case !sameDir(at.seen, d.info):
		w.doubt = "the directory " + d.os + " was exchanged meanwhile"
	}
}

// saw notes an object, or that there is none. content says that its content, its
// size or its times matter.
func (w *Watch) saw(d *dir, name string, info Info, content bool) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	at := w.at(d.os)
	before, known := at.names[name]
	_, gone := at.absent[name]
	if !info.Exists() {
		if known {
			w.doubt = joinPath(d.os, name) + " vanished meanwhile"
		}
		at.absent[name] = struct{}{}
		return
	}
	now := watched{bare(info), content || before.content}
	switch {
	case gone, known && !sameLook(before, watched{now.info, before.content && content}):
		w.doubt = joinPath(d.os, name) + " changed meanwhile"
	case (now.content && info.Kind == RegularFile || info.Kind == LinkFile) && !w.settled(info):
		w.doubt = joinPath(d.os, name) + " is too new"
	}
	if known && !content {
		return // what was noted first is the older
	}
	at.names[name] = now
}

// Odd notes, where somebody takes notes, that a file is none whose times tell
// when it changes, as those of the kernel are.
func (h *Host) Odd(name string) { h.top.watcher().Doubt(name + " is no plain file") }

// failed notes that looking at something failed, which may be for once.
func (w *Watch) failed(d *dir, name string, err error) {
	if err != nil {
		w.Doubt(joinPath(d.os, name) + " could not be looked at")
	}
}

// sawList notes the names of a directory, and sorts them for that.
func (w *Watch) sawList(d *dir, names []string) {
	if w == nil {
		return
	}
	slices.Sort(names)
	list := digestNames(names)
	w.mu.Lock()
	defer w.mu.Unlock()
	at := w.at(d.os)
	if at.listed && at.list != list {
		w.doubt = "the directory " + d.os + " changed meanwhile"
	}
	at.listed, at.list = true, list
}

// sawRight notes what the kernel said.
func (w *Watch) sawRight(who Viewer, at spot, bits int, ok bool) {
	if w == nil {
		return
	}
	if !ok {
		bits = -1
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rights = append(w.rights, watchedRight{who, at.dir.os, at.name, bits})
}

// service is who watches the answers of directory services.
var service struct {
	mu    sync.Mutex
	watch *Watch
}

// sawAnswer notes what a directory service said.
func sawAnswer(table, key, line string, ok bool) {
	service.mu.Lock()
	w := service.watch
	service.mu.Unlock()
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if a := (watchedAnswer{table, key, line, ok}); !slices.Contains(w.said, a) {
		w.said = append(w.said, a)
	}
}

// bare is an Info without what the notes do not keep.
func bare(i Info) Info {
	i.Base, i.Target = "", ""
	return i
}

// sameDir tells whether a directory is the one that it was, with the same owner
// and mode; what is in it is noted by itself.
func sameDir(a, b Info) bool {
	return b.Kind == DirectoryFile && a.Dev == b.Dev && a.Ino == b.Ino && a.Mode == b.Mode && a.UID == b.UID && a.GID == b.GID
}

// sameEntries tells whether nothing has come into a directory, gone from it or
// got another name there, by its times.
func sameEntries(a, b Info) bool { return sameDir(a, b) && a.Mtime == b.Mtime && a.Ctime == b.Ctime }

// sameLook tells whether an object is as it was.
func sameLook(was watched, now watched) bool {
	a, b := was.info, now.info
	switch {
	case a.Kind != b.Kind:
		return false
	case a.Kind == DirectoryFile:
		return sameDir(a, b)
	case a.Kind == RegularFile && !was.content:
		return a.Mode == b.Mode && a.UID == b.UID && a.GID == b.GID && a.Nlink == b.Nlink // whichever file it is
	case a.Dev != b.Dev || a.Ino != b.Ino || a.Mode != b.Mode || a.UID != b.UID || a.GID != b.GID || a.Rdev != b.Rdev:
		return false
	case a.Kind == LinkFile:
		return a.Ctime == b.Ctime // its text cannot be changed
	case a.Nlink != b.Nlink:
		return false
	}
	return a.Kind != RegularFile || !was.content || a.Size == b.Size && a.Mtime == b.Mtime && a.Ctime == b.Ctime
}

// sameRights asks the kernel again.
func (n *Notes) sameRights(h *Host) string {
	s := h.session()
	defer s.close()
	var kernel *witness
	var who Viewer
	for i, r := range n.rights {
		if i == 0 || !sameViewer(who, r.who) {
			kernel.close()
			who, kernel = r.who, newWitness(h, r.who)
		}
		d, err := openRootDir(r.dir)
		if err != nil {
			kernel.close()
			return r.dir
		}
		bits, ok := kernel.access(spot{d, r.name, Info{}})
		d.close()
		if !ok {
			bits = -1
		}
		if bits != r.bits {
			kernel.close()
			return "what the account may do with " + joinPath(r.dir, r.name)
		}
	}
	kernel.close()
	return ""
}

func sameViewer(a, b Viewer) bool {
	return a.UID == b.UID && a.GID == b.GID && a.Able == b.Able && slices.Equal(a.Groups, b.Groups)
}

// maxJob is how many names one goroutine looks at in a row.
const maxJob = 2000

// Notes are those of a Watch in a form that can be kept.
type Notes struct {
	jobs   []*job
	rights []watchedRight
	said   []watchedAnswer
}

// job is a part of the notes about one directory.
type job struct {
	dir     string
	seen    Info
	settled bool // its times tell whether entries came or went
	listed  bool
	list    string
	names   []string
	infos   []watched
	absent  []string
}

// Notes gives the notes. Errors: a doubt.
func (w *Watch) Notes() (*Notes, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.doubt != "" {
		return nil, errors.New(w.doubt)
	}
	n := &Notes{rights: w.rights, said: w.said}
	for _, path := range slices.Sorted(maps.Keys(w.dirs)) {
		d := w.dirs[path]
		if !d.seen.Exists() {
			return nil, errors.New(path + " was not seen")
		}
		names, absent := slices.Sorted(maps.Keys(d.names)), slices.Sorted(maps.Keys(d.absent))
		j := &job{dir: path, seen: d.seen, settled: w.settled(d.seen), listed: d.listed, list: d.list}
		n.jobs = append(n.jobs, j)
		for first := true; first || len(names) > 0 || len(absent) > 0; first = false {
			if !first {
				j = &job{dir: path, seen: d.seen, settled: j.settled}
				n.jobs = append(n.jobs, j)
			}
			k := min(maxJob, len(names))
			j.names, names = names[:k], names[k:]
			for _, name := range j.names {
				j.infos = append(j.infos, d.names[name])
			}
			k = min(maxJob, len(absent))
			j.absent, absent = absent[:k], absent[k:]
		}
	}
	return n, nil
}

func digestNames(names []string) string { return digestBytes([]byte(strings.Join(names, "/"))) }
