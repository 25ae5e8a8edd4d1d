package jail

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"
	"syscall"

	"named-jail/parser"
	"named-jail/rewrite"
)

// PlanOptions change how a plan is made. Copy leaves all originals where they
// are, now and for good. KeepGoing leaves alone what cannot be had (a missing
// file, a conflict) and plans the rest; its findings are warnings then. Leave,
// unless nil, tells which files and links of the host a later plan is to take
// care of: a running server works on them. Added are files that become part of
// Manifest.Added.
type PlanOptions struct {
	Copy      bool
	KeepGoing bool
	Leave     func(rewrite.Wanted) bool
	Added     []rewrite.JailPath
}

// Plan is what has to be done, in the order in which it is done.
//
// LastLook, unless nil, is called when all that lies in the jail is done and
// before the first original on the host gives way to a link; after its error
// everything is undone. Left are the host's paths that the options left alone.
type Plan struct {
	Ops      []Op
	LastLook func() error
	Left     []string

	jail   string
	ids    IDs
	next   *Manifest // the manifest as it will be
	old    *Manifest
	broken bool // it was made with errors and must not be carried out

	wanted map[rewrite.JailPath]rewrite.Wanted // what it was made for
}

// Empty tells whether the jail is as wanted.
func (p *Plan) Empty() bool { return len(p.Ops) == 0 }

// planner is the work of making one plan.
type planner struct {
	h    *Host
	t    *Tree
	s    *session
	ids  IDs
	opt  PlanOptions
	old  *Manifest
	next *Manifest

	wanted  map[rewrite.JailPath]rewrite.Wanted
	taken   map[string]rewrite.JailPath // originals that are moved, by link-free path
	dirRO   map[string]bool             // directories on file systems that cannot be written
	unknown map[string]bool             // directories that may not be looked into
	linked  map[string]bool             // host links that this plan wants
	ops     []Op
	left    []string
	diags   parser.Diagnostics
}

// NewPlan compares what the jail must hold with what is there. It reads and
// never changes anything. m is the store's manifest. Without root it does what
// can be done and says once what it could not look into.
//
// The plan is the same for the same input, whatever the order of want. With an
// error among the findings it cannot be applied.
func NewPlan(h *Host, t *Tree, m *Manifest, want []rewrite.Wanted, ids IDs, opt PlanOptions) (*Plan, parser.Diagnostics) {
	p := &planner{h: h, t: t, ids: ids, opt: opt, old: m, next: m.clone(),
		wanted: map[rewrite.JailPath]rewrite.Wanted{}, taken: map[string]rewrite.JailPath{},
		dirRO: map[string]bool{}, unknown: map[string]bool{}, linked: map[string]bool{}}
	p.s = t.session()
	defer p.s.close()
	p.next.Jail = t.real
	p.next.Copy, p.next.User = m.Copy || opt.Copy, ids.User
	if len(opt.Added) > 0 {
		p.next.Added = append(p.next.Added, opt.Added...)
		slices.Sort(p.next.Added)
		p.next.Added = slices.Compact(p.next.Added)
	}

	p.above()
	links := p.collect(want)
	p.parents()
	for _, place := range p.places() {
		p.s.trim()
		p.entry(p.wanted[place])
	}
	for _, w := range links {
		p.s.trim()
		p.hostLink(w)
	}
	p.obsolete()
	sort.SliceStable(p.ops, func(i, j int) bool { return before(p.ops[i], p.ops[j]) })
	return &Plan{Ops: p.ops, jail: t.real, ids: ids, next: p.next, old: m, Left: p.left, broken: p.diags.Errors() > 0, wanted: p.wanted}, p.diags
}

// above says that the directory is missing in which the jail would be made: it is
// the administrator's, with an owner and a mode that he must choose.
func (p *planner) above() {
	up, _ := splitPath(p.t.real)
	if p.t.Exists() || strings.HasPrefix(storeDir+"/", up+"/") { // which the records make anyway
		return
	}
	if _, err := p.h.Stat(up); errors.Is(err, fs.ErrNotExist) {
		p.diags.Add(parser.Diagnostic{Code: "NJ501", File: p.h.OSPath(p.t.real), Message: fmt.Sprintf("the directory %s, in which it would lie, does not exist", up),
			Remedy: fmt.Sprintf("Make it first, as root: mkdir -p -m 755 %s. Or is -t a slip?", p.h.OSPath(up))})
	}
}

// before is the order of operations: by phase, then by path, so that a parent
// comes before what lies in it.
func before(a, b Op) bool {
	if a.step.phase != b.step.phase {
		return a.step.phase < b.step.phase
	}
	if a.Path != b.Path {
		return a.Path < b.Path
	}
	return a.From < b.From
}

// collect merges the entries by place. Two that agree are one; the links on
// the host are given back, they have no place in the jail.
func (p *planner) collect(want []rewrite.Wanted) []rewrite.Wanted {
	var links []rewrite.Wanted
	seen := map[string]rewrite.JailPath{}
	for _, w := range want {
		w.Path = rewrite.JailPath(path.Clean("/" + string(w.Path)))
		if w.Kind == rewrite.HostLink {
			if other, ok := seen[w.Source]; !ok {
				seen[w.Source] = w.Path
				links = append(links, w)
			} else if other != w.Path {
				p.fail(&Error{Code: "NJ505", Path: w.Source, Message: "two places of the jail want their link here: " + string(other) + " and " + string(w.Path)})
			}
			continue
		}
		first, ok := p.wanted[w.Path]
		if !ok {
			p.wanted[w.Path] = w
			continue
		}
		if err := p.agree(first, w); err != nil {
			p.fail(err)
		}
	}
	sort.Slice(links, func(i, j int) bool { return links[i].Source < links[j].Source })
	return links
}

// agree tells whether two entries for one place are the same wish.
func (p *planner) agree(a, b rewrite.Wanted) *Error {
	place := p.t.HostPath(a.Path)
	switch {
	case a.Kind != b.Kind:
		return &Error{Code: "NJ308", Path: place, Message: "a directory and something else are wanted at the same place",
			Remedy: "Change one of the two paths in named.conf."}
	case a.Kind == rewrite.Directory && (a.Owner != b.Owner || a.Group != b.Group || a.Mode != b.Mode):
		return &Error{Code: "NJ308", Path: place, Message: "the directory is wanted with two different owners or modes",
			Remedy: "Let named write in one of the two directories of named.conf only."}
	case a.Kind == rewrite.File && a.Source != b.Source && !p.sameOriginal(a.Source, b.Source):
		return &Error{Code: "NJ505", Path: place, Message: "two files would have to lie here: " + nonEmpty(a.Source, "one of named-jail's own") + " and " + nonEmpty(b.Source, "one of named-jail's own"),
			Remedy: "Give one of them another name in named.conf."}
	case a.Kind == rewrite.Symlink && a.Target != b.Target:
		return &Error{Code: "NJ505", Path: place, Message: "two different links would have to lie here",
			Remedy: "Change one of the two paths in named.conf."}
	}
	return nil
}

// sameOriginal tells whether two names lead to one file.
func (p *planner) sameOriginal(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	x, err := p.s.resolve(a, true)
	if err != nil {
		return false
	}
	first := x.path()
	y, err := p.s.resolve(b, true)
	return err == nil && first == y.path()
}

// parents adds the directories that nobody wants for themselves, where they
// are missing, and where somebody else than root can write them: root's, to pass
// through only.
func (p *planner) parents() {
	for _, place := range p.places() {
		for up := path.Dir(string(place)); ; up = path.Dir(up) {
			jp := rewrite.JailPath(up)
			if w, ok := p.wanted[jp]; ok {
				if w.Kind != rewrite.Directory {
					p.fail(&Error{Code: "NJ308", Path: p.t.HostPath(jp), Message: "something that is no directory is wanted here, and " + string(place) + " below it",
						Remedy: "Change one of the two paths in named.conf."})
				}
				break
			}
			if info, known := p.look(jp); known && (!info.Exists() || info.Kind == DirectoryFile && !rootsOwn(info) && !p.belowUsers(up)) {
				p.wanted[jp] = rewrite.Wanted{Path: jp, Kind: rewrite.Directory, Class: rewrite.ClassTree,
					Owner: rewrite.Root, Group: rewrite.Daemon, Mode: 0o111, Reason: "leads to " + string(place)}
			}
			if up == "/" {
				break
			}
		}
	}
}

// belowUsers tells whether a directory lies in one that named writes.
func (p *planner) belowUsers(dir string) bool {
	for up := path.Dir(dir); up != "/"; up = path.Dir(up) {
		if w, ok := p.wanted[rewrite.JailPath(up)]; ok {
			return w.Kind == rewrite.Directory && w.Owner == rewrite.User
		}
	}
	return false
}

// places gives the wanted places in order, parents first.
func (p *planner) places() []rewrite.JailPath {
	out := make([]rewrite.JailPath, 0, len(p.wanted))
	for place := range p.wanted {
		out = append(out, place)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// look gives what lies at a place of the jail. It is not known where rights
// are missing (said once per directory) or the way is barred (an error).
func (p *planner) look(jp rewrite.JailPath) (Info, bool) {
	at, err := p.t.at(p.s, jp)
	if err == nil {
		return at.info, true
	}
	place := p.t.HostPath(jp)
	switch {
	case errors.Is(err, fs.ErrPermission):
		p.cannotLook(path.Dir(place))
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ELOOP):
		if dir := path.Dir(place); !p.unknown[dir] {
			p.unknown[dir] = true
			p.fail(inTheWay(dir, "a symbolic link or a file stands where a directory of the jail must be"))
		}
	default:
		p.fail(changeError(place, "looking at it", err))
	}
	return Info{}, false
}

// cannotLook says once what is taken on trust.
func (p *planner) cannotLook(dir string) {
	if p.unknown[dir] {
		return
	}
	p.unknown[dir] = true
	p.diags.Add(parser.Diagnostic{Code: "NJ504", Severity: parser.Warning, File: dir,
		Message: "what lies here cannot be seen without root and is taken to be right",
		Remedy:  "Run the command as root to see all changes."})
}

// fail notes an error.
func (p *planner) fail(err error) {
	p.diags.Add(Diagnose(err))
}

// skip notes an error that with KeepGoing only leaves one file alone.
func (p *planner) skip(err error) {
	d := Diagnose(err)
	if p.opt.KeepGoing {
		d.Severity = parser.Warning
	}
	p.diags.Add(d)
}

func (p *planner) warn(err error) {
	d := Diagnose(err)
	d.Severity = parser.Warning
	p.diags.Add(d)
}

// entry plans one place of the jail.
func (p *planner) entry(w rewrite.Wanted) {
	switch w.Kind {
	case rewrite.Directory:
		p.directory(w)
	case rewrite.Device:
		p.device(w)
	case rewrite.Symlink:
		p.symlink(w)
	case rewrite.File:
		if w.Source != "" {
			p.next.Names[w.Source] = w.Path
		}
		if !p.leaves(w) {
			p.file(w)
		}
	}
}

// leaves tells whether something is left to a later plan. What an earlier one
// made of it stands.
func (p *planner) leaves(w rewrite.Wanted) bool {
	if p.opt.Leave == nil || w.Source == "" || !p.opt.Leave(w) {
		return false
	}
	if at, err := p.s.resolve(w.Source, false); err == nil && at.info.Exists() && at.info.Target != p.t.HostPath(w.Path) {
		p.left = append(p.left, w.Source)
	}
	return true
}

// add appends one operation; its place, what lies there and the class come
// from w and info.
func (p *planner) add(op string, w rewrite.Wanted, info Info, reason string, st step) *Op {
	if st.place == "" {
		st.place = p.t.HostPath(w.Path)
	}
	st.before, st.class = info, w.Class
	o := Op{Op: op, Path: w.Path, Reason: nonEmpty(reason, w.Reason), step: st}
	switch st.kind {
	case stepMkdir, stepData, stepNode:
		o.Owner, o.Group, o.Mode = p.ids.ownerName(st.uid), p.ids.groupName(st.gid), octal(st.mode)
	case stepOwn:
		o.Owner, o.Group = p.ids.ownerName(st.uid), p.ids.groupName(st.gid)
	case stepMode:
		o.Mode = octal(st.mode)
	}
	p.ops = append(p.ops, o)
	return &p.ops[len(p.ops)-1]
}

// equalManifests tells whether there is nothing new to write down.
func equalManifests(a, b *Manifest) bool {
	return a.Version == b.Version && a.Jail == b.Jail && a.Copy == b.Copy && maps.Equal(a.Names, b.Names) &&
		maps.Equal(a.HostLinks, b.HostLinks) && slices.Equal(a.Added, b.Added) &&
		maps.EqualFunc(a.Keeps, b.Keeps, sameKeep) &&
		maps.EqualFunc(a.Entries, b.Entries, func(x, y *Entry) bool { return *x == *y })
}
