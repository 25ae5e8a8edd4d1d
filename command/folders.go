package command

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"named-jail/jail"
	"named-jail/zones"
)

// folders holds the directories open in which zone files lie: zones share few,
// and a look at a file costs one call then. It serves one run of the check.
type folders struct {
	host *jail.Host
	mu   sync.RWMutex
	open map[string]*folder
}

// folder is a directory, and which journals and signed copies are in it.
type folder struct {
	dir     *jail.Folder // nil: it cannot be opened
	plain   bool         // its files are shown as they are named
	missing bool         // there is none

	mu     sync.Mutex // of what follows
	asked  int
	listed bool
	beside map[string]bool // nil: not known
}

// worthList is how many questions make a list of the directory worth while.
const worthList = 32

func newFolders(host *jail.Host) *folders { return &folders{host: host, open: map[string]*folder{}} }

// close lets go of the directories.
func (f *folders) close() {
	for _, d := range f.open {
		if d.dir != nil {
			d.dir.Close()
		}
	}
}

// at gives the directory of a path, with the name in it.
func (f *folders) at(p string) (*folder, string) {
	slash := strings.LastIndexByte(p, '/')
	if slash < 0 {
		return nil, ""
	}
	name, base := p[:max(slash, 1)], p[slash+1:]
	f.mu.RLock()
	d := f.open[name]
	f.mu.RUnlock()
	if d != nil {
		return d, base
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if d = f.open[name]; d == nil {
		d = &folder{}
		var err error
		d.dir, err = f.host.Folder(name)
		d.plain = f.host.OSPath(name) == name
		d.missing = err != nil && errors.Is(err, fs.ErrNotExist)
		f.open[name] = d
	}
	return d, base
}

// stamp looks at the file that is opened under a name and lies at p; false when
// it is none, or only a longer way leads to it.
func (f *folders) stamp(name, p string) (zones.Stamp, bool) {
	d, base := f.at(p)
	if d == nil || d.dir == nil || base == "" {
		return zones.Stamp{}, false
	}
	info, err := d.dir.Lstat(base)
	if err != nil || info.Kind != jail.RegularFile {
		return zones.Stamp{}, false
	}
	shown := p
	if !d.plain {
		shown = f.host.OSPath(p)
	}
	return stampOf(name, shown, info), true
}

// besideZones are the ends of the names of what named keeps beside zone files.
var besideZones = []string{".jnl", ".jbk", ".signed"}

func isBeside(name string) bool {
	return slices.ContainsFunc(besideZones, func(end string) bool { return strings.HasSuffix(name, end) })
}

// lacks tells whether it is known that no such file is there.
func (f *folders) lacks(p string) bool {
	d, base := f.at(p)
	if d == nil || d.dir == nil {
		return d != nil && d.missing
	}
	return isBeside(base) && d.lacks(base)
}

func (d *folder) lacks(base string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asked++; d.asked <= worthList {
		return false
	}
	if !d.listed {
		d.listed = true
		if names, err := d.dir.Names(); err == nil {
			d.beside = map[string]bool{}
			for _, name := range names {
				if isBeside(name) {
					d.beside[name] = true
				}
			}
		}
	}
	return d.beside != nil && !d.beside[base]
}
