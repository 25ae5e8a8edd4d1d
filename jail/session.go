package jail

import (
	"path"
	"strings"
	"syscall"
)

// maxDirs bounds the directories that a session holds open at once.
const maxDirs = 200

// maxLinks bounds the symbolic links of one path, as the kernel does.
const maxLinks = 40

// session holds the directories that one piece of work has opened, so that
// each of them is looked up once and 20,000 files of one directory cost one
// walk. It belongs to one goroutine.
type session struct {
	h     *Host
	dirs  map[string]*dir
	links map[string]string // what we left on the host: place to text

	rights bool // it only asks who may do what
}

// spot is where a path ends: a directory and the name in it. The Info is Absent
// when nothing is there.
type spot struct {
	dir  *dir
	name string
	info Info
}

// path is the link-free path of the spot.
func (s spot) path() string { return joinPath(s.dir.path, s.name) }

func (h *Host) session() *session {
	return &session{h: h, dirs: map[string]*dir{"/": h.top}}
}

// adopt lends the session a directory that somebody else opened and closes.
func (s *session) adopt(d *dir) {
	if d != nil {
		s.dirs[d.path] = d
	}
}

func (s *session) close() {
	for _, d := range s.dirs {
		if !d.keep {
			d.close()
		}
	}
	s.dirs = nil
}

// trim closes the directories of a session that has grown large. It is called
// only where no dir or spot of the session is in use.
func (s *session) trim() {
	if len(s.dirs) < maxDirs {
		return
	}
	for p, d := range s.dirs {
		if !d.keep {
			d.close()
			delete(s.dirs, p)
		}
	}
}

// forget drops a directory that was removed or replaced.
func (s *session) forget(real string) {
	for p, d := range s.dirs {
		if (p == real || strings.HasPrefix(p, real+"/")) && !d.keep {
			d.close()
			delete(s.dirs, p)
		}
	}
}

// sub is d.sub with memory.
func (s *session) sub(d *dir, name string) (*dir, error) {
	p := joinPath(d.path, name)
	if known, ok := s.dirs[p]; ok {
		return known, nil
	}
	opened, err := d.sub(name)
	if err != nil {
		return nil, err
	}
	s.dirs[p] = opened
	return opened, nil
}

// dirAt opens the directory at a link-free path; a link on the way is an error.
func (s *session) dirAt(real string) (*dir, error) {
	if d, ok := s.dirs[real]; ok {
		return d, nil
	}
	parent, name := splitPath(real)
	up, err := s.dirAt(parent)
	if err != nil {
		return nil, err
	}
	return s.sub(up, name)
}

// strict looks at a link-free path. The directory that holds it must be there.
func (s *session) strict(real string) (spot, error) {
	if real == "/" {
		return spot{s.h.top, ".", s.h.top.info}, nil
	}
	parent, name := splitPath(real)
	d, err := s.dirAt(parent)
	if err != nil {
		return spot{}, err
	}
	look := d.lstatLink
	if s.rights {
		look = d.lstatRights
	}
	info, err := look(name)
	return spot{d, name, info}, err
}

// resolve follows a path as the system below the host's root would: absolute
// links begin again at that root, ".." never leaves it. With follow the last
// component is followed too. Only the last component may be absent.
//
// As root, a link is followed only as far as its owner can be trusted: see
// checkLink and checkEnd.
func (s *session) resolve(name string, follow bool) (spot, error) {
	if !path.IsAbs(name) {
		return spot{}, pathError("open", name, syscall.EINVAL)
	}
	s.trim()
	cur, todo := s.start(name)
	links, owner := 0, 0 // owner: of the untrusted link that led here
	for len(todo) > 0 {
		part, last := todo[0], len(todo) == 1
		todo = todo[1:]
		if part == ".." {
			up, _ := splitPath(cur.path)
			d, err := s.dirAt(up)
			if err != nil {
				return spot{}, err
			}
			cur = d
			continue
		}
		if !last {
			if known, ok := s.dirs[joinPath(cur.path, part)]; ok {
				cur = known
				continue
			}
		}
		info, err := cur.lstatLink(part)
		if err != nil {
			return spot{}, err
		}
		here := spot{cur, part, info}
		switch {
		case info.Kind == Absent && !last:
			return spot{}, pathError("open", name, syscall.ENOENT)
		case info.Kind == LinkFile && (follow || !last):
			if links++; links > maxLinks {
				return spot{}, pathError("open", name, syscall.ELOOP)
			}
			if owner, err = s.checkLink(here, owner); err != nil {
				return spot{}, err
			}
			if path.IsAbs(info.Target) {
				cur = s.h.top
			}
			if last && path.IsAbs(info.Target) {
				cur, todo = s.start(info.Target)
			} else {
				todo = append(components(info.Target), todo...)
			}
		case last:
			return here, s.checkEnd(here, owner)
		case info.Kind != DirectoryFile:
			return spot{}, pathError("open", name, syscall.ENOTDIR)
		default:
			if cur, err = s.sub(cur, part); err != nil {
				return spot{}, err
			}
		}
	}
	here := spot{cur, ".", cur.info}
	return here, s.checkEnd(here, owner)
}

// start gives where to begin with a path: in the directory that it names where
// that is open already, else at the top.
func (s *session) start(name string) (*dir, []string) {
	if plain(name) {
		up, last := splitPath(name)
		if d, ok := s.dirs[up]; ok {
			return d, []string{last}
		}
	}
	return s.h.top, components(name)
}

// ourLink tells whether a link to target lies at a path, and where that is, in
// one call to the system; it only looks into a directory that is open already.
// False says nothing.
func (s *session) ourLink(name, target string) (string, bool) {
	cur, todo := s.start(name)
	if len(todo) != 1 || cur == s.h.top {
		return "", false
	}
	if cur.watcher() != nil {
		cur.lstat(todo[0]) // to be noted
	}
	if text, err := readlinkAt(cur, todo[0]); err != nil || text != target {
		return "", false
	}
	return joinPath(cur.path, todo[0]), true
}

// plain tells whether an absolute path is clean, so that it means the same to
// us, cut at its last slash, as to the system.
func plain(name string) bool {
	if len(name) < 2 || name[0] != '/' || name[len(name)-1] == '/' {
		return false
	}
	for i := 0; i+1 < len(name); i++ {
		if name[i] == '/' && (name[i+1] == '/' || name[i+1] == '.') {
			return false // a name that begins with a dot goes the long way
		}
	}
	return true
}

// checkLink tells on whose word we stand after following the link at here:
// 0 is root's. A link of an unprivileged user counts as his. A relative one of
// root's in a directory of such a user counts as that user's too, for he can
// move it to where it means something else.
func (s *session) checkLink(here spot, owner int) (int, error) {
	if s.h.euid != 0 {
		return 0, nil
	}
	by := here.info.UID
	if by == 0 && here.dir.info.UID != 0 && !path.IsAbs(here.info.Target) {
		by = here.dir.info.UID
	}
	if by != 0 && here.dir.info.UID != 0 && here.dir.info.UID != by {
		return 0, refused(here.path(), "this symbolic link and the directory it lies in belong to different users (%d and %d)", by, here.dir.info.UID)
	}
	if by != 0 && owner != 0 && by != owner {
		return 0, refused(here.path(), "symbolic links of two different users (%d and %d) lead here", owner, by)
	}
	if by == 0 {
		return owner, nil
	}
	return by, nil
}

// checkEnd refuses what an untrusted link or directory may have been made to
// give away: something that does not belong to the link's owner, and a file of
// somebody else that has a second name outside.
func (s *session) checkEnd(here spot, owner int) error {
	if s.h.euid != 0 || !here.info.Exists() {
		return nil
	}
	if owner != 0 && here.info.UID != owner {
		return refused(here.path(), "a symbolic link of user %d leads here, to an object of user %d", owner, here.info.UID)
	}
	if here.info.Kind == RegularFile && here.info.Nlink > 1 && !rootsOwn(here.dir.info) {
		if here.info.UID != here.dir.info.UID || here.dir.info.UID == 0 {
			e := refused(here.path(), "this file has %d names (hard links) and lies in a directory that others can write", here.info.Nlink)
			e.Remedy = "Put a copy of its own in its place: cp -p FILE FILE.new && mv FILE.new FILE."
			return e
		}
	}
	return nil
}

// components cuts a path at its slashes; "." and empty parts vanish.
func components(p string) []string {
	parts := strings.Split(p, "/")
	out := parts[:0]
	for _, c := range parts {
		if c != "" && c != "." {
			out = append(out, c)
		}
	}
	return out
}
