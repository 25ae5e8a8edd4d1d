package jail

import (
	"errors"
	"slices"
)

// Folder is a directory of the host that stays open, for looks at many of its
// files. It is reached as every path is, and what is exchanged for it later is
// not noticed. Its methods may be called from several goroutines.
type Folder struct {
	s *session
	d *dir
}

// Folder opens a directory. Errors: as Stat.
func (h *Host) Folder(name string) (*Folder, error) {
	s := h.session()
	d, err := s.resolveDir(name)
	if err != nil {
		s.close()
		return nil, err
	}
	return &Folder{s, d}, nil
}

// Lstat looks at what stands under a name in the directory, a link itself; it
// is Absent when nothing does. Errors: those of lstat; a name with a slash.
func (f *Folder) Lstat(name string) (Info, error) {
	for i := range len(name) {
		if name[i] == '/' {
			return Info{}, errors.New("not a name in a directory")
		}
	}
	return f.d.lstat(name)
}

// Names lists the directory, in no order. Errors: those of reading it.
func (f *Folder) Names() ([]string, error) {
	d, err := f.d.reopen(".")
	if err != nil {
		f.d.watcher().failed(f.d, ".", err)
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if w := f.d.watcher(); w != nil {
		w.sawList(f.d, slices.Sorted(slices.Values(names)))
		w.failed(f.d, ".", err)
	}
	return names, err
}

// Close closes the directory. Errors: never.
func (f *Folder) Close() error {
	f.s.close()
	return nil
}
