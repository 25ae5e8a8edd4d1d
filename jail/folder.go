package jail

import (
	"errors"
	"strings"
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
	if strings.Contains(name, "/") {
		return Info{}, errors.New("not a name in a directory")
	}
	return f.d.lstat(name)
}

// Names lists the directory, in no order. Errors: those of reading it.
func (f *Folder) Names() ([]string, error) { return f.d.names() }

// Close closes the directory. Errors: never.
func (f *Folder) Close() error {
	f.s.close()
	return nil
}
