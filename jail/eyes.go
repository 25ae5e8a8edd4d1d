package jail

import (
	"errors"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Viewer is the account through whose eyes files are looked at. Groups are all
// of its groups, the primary one included.
//
// UID 0 is root as a named without -u keeps it: on Linux named gives up the
// right to pass over permissions, so that root is an account like any other
// there (bin/named/os.c of BIND 9). Able is for an account that is not known:
// it may do everything, so that only what is missing is seen.
type Viewer struct {
	UID, GID int
	Groups   []int
	Able     bool
}

// Groups gives the groups that the account has on the system: its own gid and
// those of /etc/group that list it, on the running system also those that a
// directory service adds. named takes them all (initgroups) before it enters
// the jail. root is for the root directory of the system.
func Groups(files Files, root, user string, gid int) []int {
	list := []int{gid}
	if isLive(root) {
		list = append(list, groupsFromService(user)...)
	}
	data, err := files.ReadFile(groupPath)
	if err != nil {
		return list
	}
	for line := range accountLines(data) {
		f := strings.SplitN(line, ":", 4)
		if len(f) < 4 {
			continue
		}
		id, ok := accountID(f[2])
		for _, member := range strings.Split(f[3], ",") {
			if ok && strings.TrimSpace(member) == user && !slices.Contains(list, id) {
				list = append(list, id)
			}
		}
	}
	return list
}

// Eyes tell what an account may do with files, each of which it reaches from
// one directory: the host's root, or the jail.
//
// On Linux, as root, the kernel is asked, on a thread that has taken on the
// account's identity for file systems; so access lists and read-only mounts
// count. Elsewhere, and for what a plan has yet to make, the permission bits
// are read by hand.
//
// Close must be called. Eyes belong to one goroutine.
type Eyes struct {
	who     Viewer
	s       *session
	top     string // link-free path on the host where the eyes' root is
	planned map[string]Info
	kernel  *witness
	dirs    map[string]Sight
}

// HostEyes look at the host from its root, as an unjailed named does.
func HostEyes(h *Host, who Viewer) *Eyes { return newEyes(h, h.session(), "/", who) }

// JailEyes look at the jail from its top. With a plan they see it as it will
// be once the plan is carried out, without one as it is.
func JailEyes(t *Tree, plan *Plan, who Viewer) *Eyes {
	e := newEyes(t.h, t.session(), t.real, who)
	if plan != nil {
		e.planned = plan.after()
	}
	return e
}

func newEyes(h *Host, s *session, top string, who Viewer) *Eyes {
	s.rights = true
	return &Eyes{who: who, s: s, top: top, dirs: map[string]Sight{}, kernel: newWitness(h, who)}
}

// Close lets go of the thread and of opened directories.
func (e *Eyes) Close() {
	e.kernel.close()
	e.s.close()
}

// after gives what the plan changes, by path on the host, as it will be.
func (p *Plan) after() map[string]Info {
	m := make(map[string]Info, len(p.Ops))
	for i := range p.Ops {
		st := &p.Ops[i].step
		if st.onHost {
			continue
		}
		now, seen := m[st.place]
		if !seen {
			now = st.before
		}
		switch st.kind {
		case stepMkdir:
			now = Info{Kind: DirectoryFile, UID: st.uid, GID: st.gid, Mode: st.mode}
		case stepData:
			now = Info{Kind: RegularFile, UID: st.uid, GID: st.gid, Mode: st.mode, Nlink: 1}
		case stepNode:
			now = Info{Kind: CharFile, UID: st.uid, GID: st.gid, Mode: st.mode}
		case stepLink:
			now = Info{Kind: LinkFile, Mode: 0o777, Target: st.target}
		case stepOwn:
			now.UID, now.GID = st.uid, st.gid
		case stepMode:
			now.Mode = st.mode
		case stepRemove:
			now = Info{}
		case stepNone:
			continue
		}
		m[st.place] = now
	}
	return m
}

// Sight is what an account sees at a path.
//
// Path is where the path leads without links. When the account cannot get
// there, Barred is the directory that it may not pass. When something is
// missing, Gone is the first component that is not there and Info is Absent.
// Unknown is set where this process itself may not look.
type Sight struct {
	Info    Info
	Path    string
	Barred  string
	Gone    string
	Unknown bool

	Read, Write, Search bool
}

// Owner says who owns the object and with which permissions, for messages.
func (s Sight) Owner() string {
	return "it is " + octal(s.Info.Mode&0o7777) + ", owner " + strconv.Itoa(s.Info.UID) + ", group " + strconv.Itoa(s.Info.GID)
}

// The permissions that are asked for, as access(2) has them.
const (
	mayRead   = 4
	mayWrite  = 2
	maySearch = 1
)

// See looks at an absolute path as the account does: absolute links begin
// again at the eyes' root, ".." does not leave it.
func (e *Eyes) See(name string) Sight {
	up, last := splitPath(path.Clean("/" + name))
	if last == "" || last == "." {
		return e.dir("/")
	}
	return e.in(e.dir(up), last, 0)
}

// dir sees a directory and remembers it.
func (e *Eyes) dir(p string) Sight {
	return e.dirAt(p, 0)
}

func (e *Eyes) dirAt(p string, links int) Sight {
	if s, ok := e.dirs[p]; ok {
		return s
	}
	var s Sight
	if p == "/" {
		info, _, unknown := e.lstat("/")
		s = Sight{Info: info, Path: "/", Unknown: unknown}
		if !info.Exists() && !unknown {
			s.Gone = "/"
		}
		e.judge(&s)
	} else {
		up, last := splitPath(p)
		s = e.in(e.dirAt(up, links), last, links)
	}
	e.dirs[p] = s
	return s
}

// in sees one name in a directory that was seen.
func (e *Eyes) in(d Sight, name string, links int) Sight {
	switch {
	case d.Barred != "" || d.Unknown:
		return Sight{Path: joinPath(d.Path, name), Barred: d.Barred, Unknown: d.Unknown}
	case d.Gone != "":
		return Sight{Path: joinPath(d.Path, name), Gone: d.Gone}
	case d.Info.Kind != DirectoryFile:
		return Sight{Path: joinPath(d.Path, name), Gone: d.Path}
	case !d.Search:
		return Sight{Path: joinPath(d.Path, name), Barred: d.Path}
	}
	p := joinPath(d.Path, name)
	info, _, unknown := e.lstat(p)
	s := Sight{Info: info, Path: p, Unknown: unknown}
	switch {
	case unknown:
		return s
	case !info.Exists():
		s.Gone = p
		return s
	case info.Kind == LinkFile:
		if links >= maxLinks {
			s.Gone = p
			return s
		}
		target := info.Target
		if !path.IsAbs(target) {
			target = d.Path + "/" + target
		}
		target = path.Clean("/" + target)
		if target == "/" {
			return e.dirAt("/", links+1)
		}
		up, last := splitPath(target)
		return e.in(e.dirAt(up, links+1), last, links+1)
	}
	e.judge(&s)
	return s
}

// lstat looks at an object by its link-free path below the eyes' root. The
// second result tells whether the plan makes it what it is.
func (e *Eyes) lstat(p string) (info Info, planned, unknown bool) {
	e.s.trim()
	real := e.hostPath(p)
	if info, ok := e.planned[real]; ok {
		return info, true, false
	}
	at, err := e.s.strict(real)
	switch {
	case err == nil:
		return at.info, false, false
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return Info{}, false, false
	}
	return Info{}, false, true
}

func (e *Eyes) hostPath(p string) string {
	switch {
	case e.top == "/":
		return p
	case p == "/":
		return e.top
	}
	return e.top + p
}

// judge fills in what the account may do with an object that is there.
//
// A file that its permission bits let everybody read is not asked about: there
// may be hundreds of thousands of them.
func (e *Eyes) judge(s *Sight) {
	if !s.Info.Exists() {
		return
	}
	bits := byHand(e.who, s.Info)
	if _, planned := e.planned[e.hostPath(s.Path)]; !planned && e.kernel != nil {
		sure := s.Info.Kind == RegularFile && bits&mayRead != 0 && s.Info.Mode&0o022 == 0
		if !sure {
			if asked, ok := e.ask(s.Path); ok {
				bits = asked
			}
		}
	}
	s.Read, s.Write, s.Search = bits&mayRead != 0, bits&mayWrite != 0, bits&maySearch != 0
}

// ask puts the question to the kernel.
func (e *Eyes) ask(p string) (int, bool) {
	at, err := e.s.strict(e.hostPath(p))
	if err != nil {
		return 0, false
	}
	bits, ok := e.kernel.access(at)
	if e.kernel != nil {
		at.dir.watcher().sawRight(e.who, at, bits, ok)
	}
	return bits, ok
}

// byHand reads the permission bits: the owner's for the owner, the group's for
// its members, the others' for all others.
func byHand(who Viewer, i Info) int {
	mode := int(i.Mode)
	switch {
	case who.Able, who.UID == 0 && runtime.GOOS != "linux":
		return mayRead | mayWrite | maySearch
	case i.UID == who.UID:
		return mode >> 6 & 7
	}
	if i.GID == who.GID {
		return mode >> 3 & 7
	}
	for _, g := range who.Groups {
		if i.GID == g {
			return mode >> 3 & 7
		}
	}
	return mode & 7
}

// Near gives the nearest directory on the way to a path that is there already:
// where the directories that are missing would be made.
func (e *Eyes) Near(name string) Sight {
	for p := path.Clean("/" + name); ; p = path.Dir(p) {
		s := e.See(p)
		if s.Gone == "" || p == "/" {
			return s
		}
	}
}

// HostPath is the host's name of a path that the eyes see.
func (e *Eyes) HostPath(p string) string { return e.hostPath(p) }
