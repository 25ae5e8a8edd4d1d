package jail

import (
	"fmt"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// PutSystemFile puts a file of the system's own, such as a drop-in or a boot
// script, into its place in one step: owner root, the mode as given. Directories
// that are missing are made, root's, 0755. It is for places that only root can
// write: a directory that others can write, and what is no regular file, is
// refused (NJ511).
func (h *Host) PutSystemFile(name string, content []byte, mode uint32) error {
	defer h.forgetDirs()
	s := h.session()
	defer s.close()
	parent, base := splitPath(path.Clean(name))
	if base == "" || base == "." {
		return inTheWay(name, "this is no place for a file")
	}
	d, err := s.systemDir(parent)
	if err != nil {
		return err
	}
	if !d.trusted() {
		return inTheWay(d.path, "others than root can write this directory, so nothing that root starts is put into it")
	}
	info, err := d.lstat(base)
	if err != nil {
		return err
	}
	if info.Exists() && info.Kind != RegularFile {
		return inTheWay(name, "this is a %s, where a plain file is wanted", info.Kind)
	}
	temp := fmt.Sprintf(".%s.%d.%d", base, os.Getpid(), time.Now().UnixNano())
	if _, err := placeFile(d, base, temp, State{Kind: RegularFile, Mode: mode, UID: h.euid, GID: os.Getegid()}, fillWith(content)); err != nil {
		return err
	}
	return syncDir(d)
}

// systemDir opens a directory and makes what of it is missing.
func (s *session) systemDir(name string) (*dir, error) {
	d, err := s.h.top, error(nil)
	for i, part := range components(name) {
		here := "/" + strings.Join(components(name)[:i+1], "/")
		at, failed := s.resolve(here, true)
		if failed != nil {
			return nil, failed
		}
		if !at.info.Exists() {
			if !d.trusted() {
				return nil, inTheWay(d.path, "others than root can write this directory, so nothing that root starts is put into it")
			}
			if err := makeDir(d, part, 0o755); err != nil && err != unix.EEXIST {
				return nil, err
			}
			f, err := d.reopen(part)
			if err != nil {
				return nil, err
			}
			err = modeFile(f, d, part, 0o755)
			f.Close()
			if err == nil {
				err = syncDir(d)
			}
			if err != nil {
				return nil, err
			}
		}
		if d, err = s.resolveDir(here); err != nil {
			return nil, err
		}
	}
	return d, nil
}
