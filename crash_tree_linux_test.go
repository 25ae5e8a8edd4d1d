package main

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// crashEntry is one object of a small system: all that a command may change.
type crashEntry struct {
	st     unix.Stat_t
	text   []byte            // of a file
	target string            // of a symbolic link
	attrs  map[string]string // extended attributes
}

// crashTree is a small system in memory, by path.
type crashTree map[string]*crashEntry

// crashPrograms and crashProc are of the test and no part of the system.
const (
	crashPrograms = "/crash-programs"
	crashProc     = "/proc"
	crashStore    = "/var/lib/named-jail"
)

// readTree reads the system below root.
func readTree(root string) (crashTree, error) {
	t := crashTree{}
	var visit func(name string) error
	visit = func(name string) error {
		if name == crashPrograms || name == crashProc {
			return nil
		}
		at := root + name
		e := &crashEntry{}
		if err := unix.Lstat(at, &e.st); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		t[name] = e
		var err error
		switch e.st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			if e.text, err = os.ReadFile(at); err != nil {
				return err
			}
			e.attrs, err = attributesOf(at)
		case unix.S_IFLNK:
			e.target, err = os.Readlink(at)
		case unix.S_IFDIR:
			var list []os.DirEntry
			if list, err = os.ReadDir(at); err != nil {
				return err
			}
			for _, d := range list {
				if err := visit(path.Join("/", name, d.Name())); err != nil {
					return err
				}
			}
		}
		return err
	}
	return t, visit("/")
}

func attributesOf(at string) (map[string]string, error) {
	buf := make([]byte, 4096)
	n, err := unix.Llistxattr(at, buf)
	if err == unix.EOPNOTSUPP || n == 0 && err == nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	attrs := map[string]string{}
	value := make([]byte, 4096)
	for _, name := range strings.Split(strings.TrimSuffix(string(buf[:n]), "\x00"), "\x00") {
		n, err := unix.Lgetxattr(at, name, value)
		if err != nil {
			return nil, err
		}
		attrs[name] = string(value[:n])
	}
	return attrs, nil
}

// paths gives all paths, parents first.
func (t crashTree) paths() []string {
	list := make([]string, 0, len(t))
	for p := range t {
		list = append(list, p)
	}
	slices.Sort(list)
	return list
}

// plant makes the system below root what the tree says.
func (t crashTree) plant(root string) error {
	there, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	for _, d := range there {
		if name := "/" + d.Name(); name != crashPrograms && name != crashProc {
			if err := os.RemoveAll(root + name); err != nil {
				return err
			}
		}
	}
	paths := t.paths()
	for _, p := range paths {
		if err := t[p].make(root + p); err != nil {
			return fmt.Errorf("planting %s: %w", p, err)
		}
	}
	for _, p := range slices.Backward(paths) { // what is made in a directory changes its time
		e := t[p]
		times := []unix.Timespec{e.st.Mtim, e.st.Mtim}
		if err := unix.UtimesNanoAt(unix.AT_FDCWD, root+p, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return fmt.Errorf("planting %s: %w", p, err)
		}
	}
	return nil
}

// make makes one object.
func (e *crashEntry) make(at string) (err error) {
	kind := e.st.Mode & unix.S_IFMT
	switch kind {
	case unix.S_IFDIR:
		if err = unix.Mkdir(at, 0o700); err == unix.EEXIST {
			err = nil // the root
		}
	case unix.S_IFREG:
		err = os.WriteFile(at, e.text, 0o600)
	case unix.S_IFLNK:
		err = os.Symlink(e.target, at)
	default:
		err = unix.Mknod(at, e.st.Mode&^0o7777|0o600, int(e.st.Rdev))
	}
	if err != nil {
		return err
	}
	if err := unix.Lchown(at, int(e.st.Uid), int(e.st.Gid)); err != nil {
		return err
	}
	if kind == unix.S_IFLNK {
		return nil
	}
	if err := unix.Chmod(at, e.st.Mode&0o7777); err != nil {
		return err
	}
	for name, value := range e.attrs {
		if err := unix.Lsetxattr(at, name, []byte(value), 0); err != nil {
			return err
		}
	}
	return nil
}

// line describes an object but for its time.
func (e *crashEntry) line() string {
	s := fmt.Sprintf("%06o %d:%d", e.st.Mode, e.st.Uid, e.st.Gid)
	switch e.st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		text := e.text
		if len(text) > 60 {
			text = text[:60]
		}
		s += fmt.Sprintf(" %d bytes %q", len(e.text), text)
	case unix.S_IFLNK:
		s += " -> " + e.target
	case unix.S_IFCHR, unix.S_IFBLK:
		s += fmt.Sprintf(" device %d", e.st.Rdev)
	}
	if len(e.attrs) > 0 {
		s += fmt.Sprintf(" %q", e.attrs)
	}
	return s
}

// crashEpoch parts the times of what was there from those of what a command
// wrote, which are the present.
const crashEpoch = 1_500_000_000

func (e *crashEntry) old() bool { return e.st.Mtim.Sec < crashEpoch }

// compareTrees tells where got is not what want is, "" where it is. Times that
// are old in want must be the same; new ones only have to be new. skip leaves a
// path out, with all below it.
func compareTrees(want, got crashTree, skip func(string) bool) string {
	all := map[string]bool{}
	for p := range want {
		all[p] = true
	}
	for p := range got {
		all[p] = true
	}
	var lines []string
	say := func(p, what string, args ...any) {
		lines = append(lines, fmt.Sprintf("%q ", p)+fmt.Sprintf(what, args...))
	}
	for p := range all {
		if skip != nil && skip(p) {
			continue
		}
		w, g := want[p], got[p]
		switch {
		case w == nil:
			say(p, "is there: %s", g.line())
		case g == nil:
			say(p, "is missing: %s", w.line())
		case w.line() != g.line() || !bytes.Equal(w.text, g.text):
			say(p, "is\n\t%s and should be\n\t%s", g.line(), w.line())
		case w.st.Mode&unix.S_IFMT == unix.S_IFLNK: // the time of a link is not kept
		case w.old() && w.st.Mtim != g.st.Mtim, w.old() != g.old():
			say(p, "has the time %d.%09d and should have %d.%09d", g.st.Mtim.Sec, g.st.Mtim.Nsec, w.st.Mtim.Sec, w.st.Mtim.Nsec)
		}
	}
	slices.Sort(lines)
	if len(lines) > 12 {
		lines = append(lines[:12], fmt.Sprintf("and %d more", len(lines)-12))
	}
	return strings.Join(lines, "\n")
}

// read follows a path as the small system itself would, and gives the bytes of
// the file there, nil where there is none.
func (t crashTree) read(name string) []byte {
	for links := 0; links < 10; links++ {
		dir, base := path.Split(path.Clean(name))
		real := t.dir(path.Clean(dir), 0)
		if real == "" {
			return nil
		}
		e := t[path.Join(real, base)]
		if e == nil {
			return nil
		}
		switch e.st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			return append([]byte{}, e.text...)
		case unix.S_IFLNK:
			name = e.target
			if !path.IsAbs(name) {
				name = path.Join(real, name)
			}
			continue
		}
		return nil
	}
	return nil
}

// dir gives where a directory lies when links are followed, "" for nowhere.
func (t crashTree) dir(name string, links int) string {
	if name == "/" {
		return name
	}
	up := t.dir(path.Dir(name), links)
	if up == "" || links > 10 {
		return ""
	}
	at := path.Join(up, path.Base(name))
	e := t[at]
	switch {
	case e == nil:
		return ""
	case e.st.Mode&unix.S_IFMT == unix.S_IFDIR:
		return at
	case e.st.Mode&unix.S_IFMT == unix.S_IFLNK && path.IsAbs(e.target):
		return t.dir(path.Clean(e.target), links+1)
	case e.st.Mode&unix.S_IFMT == unix.S_IFLNK:
		return t.dir(path.Join(up, e.target), links+1)
	}
	return ""
}

// texts gives the bytes of all files, the store's too.
func (t crashTree) texts() map[string]bool {
	texts := map[string]bool{}
	for _, e := range t {
		texts[string(e.text)] = true
	}
	return texts
}

// storeFiles names what lies in the memory of all jails, but for the records of
// checks: that one could not be kept costs time only.
func (t crashTree) storeFiles() string {
	var out []string
	rank := map[string]int{} // a run that was cut off has used its number up
	for _, p := range t.paths() {
		if name := path.Base(p); inStore(p) && name != "zones.cache" && name != "check.record" && name != "build.record" {
			out = append(out, runNumber.ReplaceAllStringFunc(strings.TrimPrefix(p, filepath.Dir(crashStore)), func(n string) string {
				if rank[n] == 0 {
					rank[n] = len(rank) + 1
				}
				return fmt.Sprintf("/backup/%d", rank[n])
			}))
		}
	}
	return strings.Join(out, "\n")
}

// runNumber is the part of a backup's path that tells its run.
var runNumber = regexp.MustCompile(`/backup/[0-9]{6}`)

// inStore tells whether a path belongs to the memory of all jails.
// wayToStore tells whether the directory is there in which the store is made, as
// root makes it for all to read.
func (t crashTree) wayToStore() bool {
	n := t[filepath.Dir(crashStore)]
	return n != nil && n.st.Mode == unix.S_IFDIR|0o755 && n.st.Uid == 0 && n.st.Gid == 0
}

func inStore(p string) bool { return p == crashStore || strings.HasPrefix(p, crashStore+"/") }

// nearStore tells it of the directories on the way there too.
func nearStore(p string) bool { return inStore(p) || p == "/" || p == "/var" || p == "/var/lib" }
