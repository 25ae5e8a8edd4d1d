package command

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/rewrite"
)

// What stands in a configuration file that others than root can write is their
// word. named reads such a file with the rights of its account, we read it as
// root; so of what it names only that goes into the jail which its authors or
// named could have brought there themselves.

// owner is what a configuration file that was opened says of who can write it.
type owner struct {
	uid, gid int
	mode     os.FileMode
}

// owners are those of the configuration files, by path.
type owners map[string]owner

// note takes those of an opened file down. Of a path that is read twice, the
// first that is not root's alone counts.
func (o owners) note(p string, f *os.File) {
	info, err := f.Stat()
	if o == nil || err != nil {
		return
	}
	p = path.Clean(p)
	if before, read := o[p]; read && !before.roots() {
		return
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		o[p] = owner{int(st.Uid), int(st.Gid), info.Mode()}
	}
}

// roots tells whether root alone can write a file, as far as its mode says.
func (o owner) roots() bool {
	return o.uid == 0 && o.mode&0o002 == 0 && (o.mode&0o020 == 0 || o.gid == 0)
}

// onlyRoots tells whether root alone can write a file that was noted, by its owner
// and without any right of a group: an access list shows as one.
func (o owners) onlyRoots(p string) bool {
	of, read := o[path.Clean(p)]
	return read && of.uid == 0 && of.mode&0o022 == 0
}

// author is somebody who can write a configuration file.
type author struct {
	name string
	eyes *jail.Eyes
}

// nobody is a user that owns nothing: what he can write, everybody can.
const nobody = 65534

// authors judges what configuration files name by who can write them.
type authors struct {
	v     *survey
	named author
	seen  map[int]author            // by uid; of a group, by -gid-1
	of    map[*parser.File][]author // nil: root alone
	cwd   bool                      // the working directory is such an author's word
}

func (v *survey) newAuthors() *authors {
	a := &authors{v: v, seen: map[int]author{}, of: map[*parser.File][]author{}}
	if v.account.Name == "" || v.account.UID <= 0 {
		a.named = a.user(nobody, nobody)
		return a
	}
	account := v.account
	account.GID = v.ids.UserGID
	who := jail.Viewer{UID: account.UID, GID: account.GID, Groups: v.groupsOf(account)}
	a.named = author{fmt.Sprintf("user %d (%s)", who.UID, parser.Printable(v.account.Name)), jail.HostEyes(v.host, who)}
	a.seen[who.UID] = a.named
	return a
}

func (a *authors) close() {
	for _, x := range a.seen {
		x.eyes.Close()
	}
}

// user gives one of the users by number; of his groups only one is known.
func (a *authors) user(uid, gid int) author {
	if x, ok := a.seen[uid]; ok {
		return x
	}
	x := author{fmt.Sprintf("user %d", uid), jail.HostEyes(a.v.host, jail.Viewer{UID: uid, GID: gid, Groups: []int{gid}})}
	a.seen[uid] = x
	return x
}

// group gives any member of a group.
func (a *authors) group(gid int) author {
	if x, ok := a.seen[-gid-1]; ok {
		return x
	}
	x := author{fmt.Sprintf("group %d", gid), jail.HostEyes(a.v.host, jail.Viewer{UID: nobody, GID: gid, Groups: []int{gid}})}
	a.seen[-gid-1] = x
	return x
}

// note finds out who can write a configuration file. One that was not read from
// a file is named's own: a database of zones.
func (a *authors) note(f *parser.File) {
	if f.Path == os.DevNull {
		return
	}
	o, read := a.v.source.owners[path.Clean(f.Path)]
	var list []author
	switch {
	case !read:
		list = append(list, a.named)
	case o.uid != 0:
		list = append(list, a.user(o.uid, o.gid))
	}
	if read && o.mode&0o020 != 0 && o.gid != 0 {
		list = append(list, a.group(o.gid))
	}
	if read && o.mode&0o002 != 0 {
		list = append(list, a.user(nobody, nobody))
	}
	if s := a.named.eyes.See(f.Path); len(list) == 0 && s.Write {
		list = append(list, a.named) // an access list lets it
	}
	if len(list) > 0 {
		a.of[f] = list
	}
}

// judgeAuthors reports what a line names that its authors could not have
// brought into the jail, and takes it out of what goes there. Without root
// nothing goes there.
func (v *survey) judgeAuthors() {
	if os.Geteuid() != 0 || v.inJail != "" || len(v.install.Files) == 0 {
		return
	}
	a := v.newAuthors()
	defer a.close()
	for _, f := range v.install.Files {
		a.note(f)
	}
	v.foreign = len(a.of) > 0 || a.exchangeable()
	if len(a.of) == 0 {
		return
	}
	for _, p := range v.install.Paths {
		a.cwd = a.cwd || p.Rule.Access == parser.Chdir && p.At.File != nil && a.of[p.At.File] != nil
	}
	own := map[string]bool{} // what a line of root's makes named's own anyway
	a.each(func(n naming) {
		if n.by == nil {
			own[n.Host] = own[n.Host] || n.living
		}
	})
	a.each(func(n naming) {
		if n.by == nil || own[n.Host] {
			return
		}
		wrong := a.wrong(n.Host, n.Rule.Kind == parser.DirectoryPath, n.living, n.by)
		if wrong == "" {
			return
		}
		v.ds.Add(n.At.Diagnostic("NJ307", n.Keyword+": "+wrong, chownRemedy(n.At.File.Name)))
		if n.zone {
			v.faulty[n.Host] = true
		} else {
			v.refused[n.Host] = true
		}
	})
	a.includes()
}

// includes judges the include files that another than root can have named, and
// that no line of root's names.
func (a *authors) includes() {
	own := map[*parser.File]bool{a.v.install.Files[0]: true}
	for _, inc := range a.v.install.Includes {
		for _, f := range inc.Files {
			own[f] = own[f] || a.of[inc.At.File] == nil
		}
	}
	for _, inc := range a.v.install.Includes {
		for _, f := range inc.Files {
			if own[f] {
				continue
			}
			if wrong := a.wrong(f.Path, false, false, a.of[inc.At.File]); wrong != "" {
				a.v.ds.Add(inc.At.Diagnostic("NJ307", "include: "+wrong, chownRemedy(inc.At.File.Name)))
				a.v.strange[f.Path] = true
			}
		}
	}
}

func chownRemedy(name string) string {
	return runs("chown root "+shellLine([]string{name})+" && chmod go-w "+shellLine([]string{name})) + ", when all that stands in it is meant."
}

// naming is a path of the configuration with those who can have written it
// there, nil for root alone. living says that named gets the file for its own.
type naming struct {
	*rewrite.Path
	by           []author
	living, zone bool
}

// each visits the paths of the configuration.
func (a *authors) each(visit func(n naming)) {
	of := func(p *rewrite.Path) []author {
		switch {
		case p.At.File == nil:
			return nil
		case a.of[p.At.File] == nil && a.cwd && !path.IsAbs(p.Value):
			return []author{a.named}
		}
		return a.of[p.At.File]
	}
	for _, p := range a.v.install.Paths {
		if p.Host != "" {
			visit(naming{p, of(p), p.Class.Living() || p.Rule.Access == parser.Chdir, false})
		}
	}
	for _, z := range a.v.install.Zones {
		if z.File != nil {
			visit(naming{z.File, of(z.File), z.Files.Living(), true})
		}
		if z.Journal != nil {
			visit(naming{z.Journal, of(z.Journal), true, false})
		}
	}
}

// wrong tells why what lies at a path does not go into the jail, "" where it
// may, or nothing is there. What becomes named's own, named or an author must
// be able to take; the rest they must be able to read.
func (a *authors) wrong(p string, isDir, living bool, by []author) string {
	real, err := a.v.host.RealPath(p)
	if err != nil {
		return ""
	}
	if _, inside := a.v.inside(real); inside {
		return ""
	}
	for _, x := range append([]author{a.named}, by...) {
		s := x.eyes.See(p)
		may := s.Read && (!isDir || s.Search)
		if may && living {
			may = s.Write || !isDir && takes(x.eyes.See(path.Dir(s.Path)), s)
		}
		if may {
			return ""
		}
	}
	verb := "read"
	if living {
		verb = "read and write"
	}
	return fmt.Sprintf("this line can be the word of %s, who may not %s %s; it stays where it is", by[0].name, verb, parser.Printable(p))
}

// takes tells whether who sees a directory may take what lies in it away.
func takes(d, s jail.Sight) bool {
	return d.Write && d.Search && (d.Info.Mode&0o1000 == 0 || s.Read && s.Write)
}

// exchangeable tells whether named can put another file in the place of one of
// the configuration files.
func (a *authors) exchangeable() bool {
	for _, f := range a.v.install.Files {
		if f.Path != os.DevNull && a.exchanges(f.Path) != "" {
			return true
		}
	}
	return false
}

// exchanges gives the file or directory with which named can put something else
// at a path, "" for none.
func (a *authors) exchanges(p string) string {
	names := []string{p}
	if real, err := a.v.host.RealPath(p); err == nil && real != p {
		names = append(names, real)
	}
	for _, name := range names {
		last := a.named.eyes.See(name)
		if last.Write || last.Info.Exists() && a.owns(last) {
			return name
		}
		for dir := path.Dir(name); ; dir = path.Dir(dir) {
			d := a.named.eyes.See(dir)
			if d.Info.Exists() && a.owns(d) || d.Write && d.Search && (d.Info.Mode&0o1000 == 0 || a.owns(last)) {
				return dir
			}
			if last = d; dir == "/" {
				break
			}
		}
	}
	return ""
}

func (a *authors) owns(s jail.Sight) bool {
	return a.v.account.UID > 0 && s.Info.UID == a.v.account.UID
}

// judgeModules reports the modules and their libraries that named can exchange:
// in the jail they are root's, and BIND's programs load them.
func (v *survey) judgeModules(m *rewrite.Path, list []rewrite.Wanted) {
	if os.Geteuid() != 0 || v.inJail != "" {
		return
	}
	a := v.newAuthors()
	defer a.close()
	for _, w := range list {
		with := a.exchanges(w.Source)
		if w.Source == "" || with == "" {
			continue
		}
		what := parser.Printable(w.Source)
		if with != w.Source {
			what += " lies below " + parser.Printable(with) + ", which"
		}
		d := m.At.Diagnostic("NJ307", fmt.Sprintf("%s: %s can be changed by %s: it is code that named loads, and root's in the jail from now on", m.Keyword, what, a.named.name),
			"Put it into a directory that root alone can write, such as that of named's own modules, and name it there.")
		d.Severity = parser.Warning // bare named would load it too
		v.ds.Add(d)
	}
}

// without takes out of a list what is refused. Zones' files are not asked about:
// the model leaves the faulty ones out.
func (v *survey) without(list []rewrite.Wanted) []rewrite.Wanted {
	if len(v.refused)+len(v.strange) == 0 {
		return list
	}
	for i := range list { // directories whose contents are brought back by a rollback
		if w := &list[i]; w.Kind == rewrite.Directory && v.refused[w.Source] {
			w.Source, w.Keeps = "", nil
		}
	}
	return slices.DeleteFunc(list, func(w rewrite.Wanted) bool {
		switch w.Class {
		case rewrite.ClassConfig:
			return v.strange[w.Source]
		case rewrite.ClassRead, rewrite.ClassWritten, rewrite.ClassLibrary:
			return w.Source != "" && (v.refused[w.Source] || v.refused[path.Dir(w.Source)])
		}
		return false
	})
}

// core tells named-checkconf to load no plugins where named's account, or
// another than root, could have put them there: it runs as root.
func (v *survey) core(args []string) []string {
	hasFlag := v.build.Version.AtLeast(9, 13, 4)
	if hasFlag && (v.foreign || len(v.install.Modules()) > 0 && v.exchangedModules()) {
		return append([]string{"-c"}, args...)
	}
	return args
}

// exchangedModules tells whether named can exchange a module, or a library of
// one.
func (v *survey) exchangedModules() bool {
	if os.Geteuid() != 0 {
		return false
	}
	a := v.newAuthors()
	defer a.close()
	for _, m := range v.install.Modules() {
		list, _ := jail.ModuleWants(v.host, m.Host, v.build.Path)
		list = append(list, rewrite.Wanted{Source: m.Host})
		for _, w := range list {
			if w.Source != "" && strings.HasPrefix(w.Source, "/") && a.exchanges(w.Source) != "" {
				return true
			}
		}
	}
	return false
}
