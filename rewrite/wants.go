package rewrite

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"

	"named-jail/parser"
)

// builder collects what the jail must hold.
type builder struct {
	in       *Install
	findings bool // only what is to be reported matters
	list     []Wanted
	dirs     map[JailPath]*Wanted
	files    map[JailPath]int   // index in list
	host     map[string]listing // directory listings
	last     listing            // the one that was asked last
	diags    parser.Diagnostics
}

// Wanted lists what the jail must hold for this install, besides the article's
// own tree. Files that do not exist on the host are left out where named does
// without them. faulty are zone files (host paths) to leave where they are: what
// the jail has of them stays.
func (in *Install) Wanted(faulty map[string]bool) ([]Wanted, parser.Diagnostics) {
	b := in.build(faulty, false)
	for _, d := range b.dirs {
		b.list = append(b.list, *d)
	}
	sort.SliceStable(b.list, func(i, j int) bool { return b.list[i].Path < b.list[j].Path })
	return b.list, b.diags
}

// Findings gives what Wanted would report, without the list: a check of a
// hundred thousand zones does not need it.
func (in *Install) Findings() parser.Diagnostics { return in.build(nil, true).diags }

// build collects the list. With findings it leaves out the zone files, of
// which nothing is reported here.
func (in *Install) build(faulty map[string]bool, findings bool) *builder {
	b := &builder{in: in, findings: findings, dirs: map[JailPath]*Wanted{}, files: map[JailPath]int{}, host: map[string]listing{}}
	outputs, ds := in.outputs(findings)
	b.diags = ds
	for _, o := range outputs {
		b.config(o)
	}
	for _, inc := range in.Includes {
		if inc.Glob {
			b.globDir(inc)
		}
	}
	done := map[string]bool{}
	for _, z := range in.Zones {
		if findings && z.File != nil && z.Journal == nil {
			b.zoneDirs(z.File.Jail, z.Files)
			continue
		}
		if z.File != nil && !done[z.File.Host] {
			done[z.File.Host] = true
			b.zoneFile(z, faulty[z.File.Host])
		}
		if z.Journal != nil && !done[z.Journal.Host] {
			done[z.Journal.Host] = true
			b.written(z.Journal)
		}
	}
	b.includedFiles(done, faulty)
	for _, p := range in.Paths {
		b.path(p)
	}
	b.trust()
	b.state()
	b.lasting()
	b.checkRooms()
	b.checkOpaque()
	return b
}

// source gives the path of an original as the system knows it: what the
// configuration calls it, below the jail where the configuration is a jail's.
func (b *builder) source(host string) string {
	if b.in.opt.InJail == "" {
		return host
	}
	return path.Join(b.in.opt.InJail, host)
}

// add takes an entry; of several for the same file the first stays. Two files
// that claim one place stay both, for the plan to refuse.
func (b *builder) add(w Wanted) {
	if i, there := b.files[w.Path]; there && w.Kind != HostLink && b.list[i].sameOrigin(w) {
		return
	}
	if w.Kind != HostLink {
		b.files[w.Path] = len(b.list)
	}
	b.list = append(b.list, w)
}

// dir notes what a directory must allow named to do; the strongest wish
// counts.
func (b *builder) dir(p JailPath, owner Principal, mode fs.FileMode, reason string) *Wanted {
	d := b.dirs[p]
	if d == nil {
		d = &Wanted{Path: p, Kind: Directory, Class: ClassTree, Owner: Root, Group: Daemon, Mode: 0111, Reason: reason}
		b.dirs[p] = d
	}
	if owner == User {
		d.Owner, d.Group, d.Mode, d.Reason = User, User, mode, reason
	} else if d.Owner == Root {
		d.Mode |= mode
	}
	return d
}

func (b *builder) config(o Output) {
	if o.File.Path == nullDevice {
		return // an include of nothing
	}
	if b.in.written[o.File.Path] {
		w := b.writtenEntry(o.File.Path, o.Jail, "zones made by rndc addzone")
		w.Content, w.Edited = o.Bytes(), true
		if strings.HasSuffix(o.File.Path, ".nzd") {
			w.Transfer = Write // named makes its database of it
		}
		b.add(w)
		return
	}
	w := Wanted{Path: o.Jail, Kind: File, Class: ClassConfig, Owner: Root, Group: Root, Mode: 0644, StrictGroup: User, StrictMode: 0640,
		Source: b.source(o.File.Path), Transfer: Copy, Reason: "include file"}
	if o.Changed {
		w.Transfer, w.Content, w.Edited, w.Reason = Write, o.Bytes(), true, "include file, paths relocated"
	}
	if o.Jail == ConfPath {
		w.Transfer, w.Content, w.Group, w.Reason = Write, o.Bytes(), Daemon, "the configuration, paths relocated"
		w.Edited = true
	}
	b.add(w)
	b.dir(JailPath(path.Dir(string(o.Jail))), Root, 0111, "holds configuration")
}

// globDir makes the directory of an include glob listable.
func (b *builder) globDir(inc parser.Include) {
	for _, f := range inc.Files {
		place := string(b.in.configs[f.Path])
		for d := path.Dir(place); d != "/"; d = path.Dir(d) {
			b.dir(JailPath(d), Root, 0555, "named lists it for an include with a pattern")
			if !parser.HasGlob(path.Dir(inc.Pattern)) {
				break
			}
		}
	}
}

// zoneFile adds a zone's file and what named keeps beside it.
func (b *builder) zoneFile(z *Zone, faulty bool) {
	w := b.zoneEntry(z.File.Host, z.File.Jail, z.Files)
	w.Reason = reasons[z.Files]
	w.Optional = z.Files == ClassSecondary
	b.zoneDirs(z.File.Jail, z.Files)
	if faulty {
		w.Transfer, w.Optional = Adopt, true
		b.add(w)
		return
	}
	b.add(w)
	for _, s := range siblings {
		if z.Files == ClassStatic && !s.static {
			continue
		}
		later := s.lasting && z.Files != ClassStatic && (z.Signed || !s.signed)
		if name := z.File.Host + s.suffix; later || b.exists(name) {
			b.add(Wanted{Path: z.File.Jail + JailPath(s.suffix), Kind: File, Class: siblingClass(z.Files), Owner: w.Owner, Group: w.Group,
				Mode: 0644, StrictGroup: w.StrictGroup, StrictMode: w.StrictMode, Transfer: Move, Source: b.source(name), Optional: true,
				Reason: "kept by named beside the zone file"})
		}
	}
}

// reasons tell the operator why a zone file goes where it goes.
var reasons = map[Class]string{
	ClassStatic: "zone file that named only reads", ClassSecondary: "zone file that named writes: a copy from its primary",
	ClassDynamic: "zone file that named writes: the zone is dynamic", ClassBeside: "zone file beside which named writes its journal or signed copy",
}

// siblingClass is the class of what lies beside a zone file: named writes it
// wherever it writes at all.
func siblingClass(c Class) Class {
	if c == ClassBeside {
		return ClassDynamic
	}
	return c
}

// zoneEntry is a zone file, or one that a zone file includes.
func (b *builder) zoneEntry(host string, place JailPath, c Class) Wanted {
	w := Wanted{Path: place, Kind: File, Class: c, Owner: Root, Group: Root, Mode: 0644, StrictGroup: User, StrictMode: 0640,
		Transfer: Move, Source: b.source(host)}
	if c != ClassStatic {
		w.Owner, w.Group, w.StrictMode = User, User, 0600
	}
	if ownSystem(w.Source) {
		w.Transfer = Copy
	}
	return w
}

// zoneDirs adds the directories of a name with more than one component.
func (b *builder) zoneDirs(place JailPath, c Class) {
	for d := path.Dir(string(place)); d != classDirs[c] && strings.HasPrefix(d, "/zones/"); d = path.Dir(d) {
		if c == ClassStatic {
			b.dir(JailPath(d), Root, 0111, "zone files of one view or directory")
		} else {
			b.dir(JailPath(d), User, 0700, "zone files that named writes")
		}
	}
}

// includedFiles adds the files of $INCLUDE lines.
func (b *builder) includedFiles(done, faulty map[string]bool) {
	own := map[string]bool{}
	for _, list := range b.in.includes {
		for _, inc := range list {
			if host := b.in.included(inc); !inc.Foreign && !faulty[inc.File] {
				own[host] = true
			}
		}
	}
	for _, list := range b.in.includes {
		for _, inc := range list {
			host := b.in.included(inc)
			if done[host] || faulty[host] || faulty[inc.File] {
				continue
			}
			done[host] = true
			w := b.zoneEntry(host, b.in.place(host), ClassStatic)
			w.Reason = "included by a zone file"
			if !own[host] {
				w.Transfer, w.Reason = Copy, "included by another user's zone file"
			}
			b.add(w)
			b.zoneDirs(w.Path, ClassStatic)
		}
	}
}

// path adds what one path of the configuration needs in the jail.
func (b *builder) path(p *Path) {
	switch {
	case b.isDevice(p):
		b.device(p)
	case p.Class == ClassWritten && p.Rule.Kind == parser.DirectoryPath:
		b.writtenDir(p)
	case p.Class == ClassWritten:
		b.written(p)
	case p.Class == ClassRead && p.Rule.Kind == parser.DirectoryPath:
		b.readDir(p)
	case p.Class == ClassRead:
		b.read(p)
	}
}

// isDevice tells whether a path of the configuration is a device of the host.
func (b *builder) isDevice(p *Path) bool {
	if p.Rule.Kind != parser.FilePath || !path.IsAbs(p.Value) {
		return false
	}
	info, err := b.in.host.Stat(p.Host)
	return err == nil && info.Mode()&fs.ModeDevice != 0
}

// device says what becomes of a device: nothing. The table of devices says
// which the jail has: /dev/null always, those of random numbers for the
// releases that open them there.
func (b *builder) device(p *Path) {
	if p.Host != nullDevice && p.Keyword != "random-device" {
		b.diags.Add(p.diagnostic("NJ304", fmt.Sprintf("%s: %s is a device, which the jail does not have", p.Keyword, p.Host),
			"Name a file; of devices, only /dev/null can be used here."))
	}
}

// read adds a file that named reads.
func (b *builder) read(p *Path) {
	if !b.exists(p.Host) {
		if p.At.File != nil {
			b.diags.Add(p.At.Diagnostic("NJ306", fmt.Sprintf("%s: there is no file %s", p.Keyword, p.Host),
				"named may refuse to start without it, or lose what it is for; put it there or remove the statement."))
		}
		return
	}
	b.add(b.readEntry(p.Host, p.Jail, p.Keyword))
	b.dir(JailPath(path.Dir(string(p.Jail))), Root, 0111, "holds files that named reads")
}

func (b *builder) readEntry(host string, place JailPath, what string) Wanted {
	return Wanted{Path: place, Kind: File, Class: ClassRead, Owner: Root, Group: Root, Mode: 0644, StrictGroup: User, StrictMode: 0640,
		Transfer: Copy, Source: b.source(host), Optional: true, Reason: what + ", read by named"}
}

// readDir adds a directory whose files named reads: keys or GeoIP databases.
func (b *builder) readDir(p *Path) {
	b.dir(p.Jail, Root, 0555, p.Keyword+", listed by named")
	for _, name := range b.names(p.Host) {
		h, state := isState(name)
		if strings.HasSuffix(name, ".mmdb") && p.Keyword == "geoip-directory" || state && h == keys && p.Keyword != "geoip-directory" {
			b.add(b.readEntry(path.Join(p.Host, name), p.Jail+JailPath("/"+name), p.Keyword))
		}
	}
}

// runtime are the files that others on the host look for while named runs;
// their old places become links into the jail.
var runtime = map[string]bool{"pid-file": true, "session-keyfile": true, "unix": true}

// written adds the directory of a file that named writes, the file as it is
// so far, and a link where the host looks for it.
func (b *builder) written(p *Path) {
	dir := JailPath(path.Dir(string(p.Jail)))
	b.writable(dir, p)
	if p.Rule.Kind == parser.SocketPath && !runtime[p.Keyword] {
		b.diags.Add(p.diagnostic("NJ304", fmt.Sprintf("%s: named connects to the socket %s in the jail, where another program has to listen", p.Keyword, p.Jail),
			"Make that program listen at the same path below the jail."))
		return
	}
	if p.Jail == JailPath(p.Host) && b.in.opt.InJail != "" {
		return
	}
	if runtime[p.Keyword] {
		b.add(Wanted{Path: p.Jail, Kind: HostLink, Class: ClassWritten, Source: b.source(p.Host), Optional: true,
			Reason: p.Keyword + ", where programs of the host look for it"})
		return
	}
	base := path.Base(p.Host)
	for _, name := range b.names(path.Dir(p.Host)) {
		suffix, ok := strings.CutPrefix(name, base)
		if !ok || name != base && !isRotated(base, name) && !(p.Keyword == "journal" && suffix == ".jnl") {
			continue
		}
		b.add(b.writtenEntry(path.Join(path.Dir(p.Host), name), p.Jail+JailPath(suffix), p.Keyword))
	}
}

func (b *builder) writtenEntry(host string, place JailPath, what string) Wanted {
	return Wanted{Path: place, Kind: File, Class: ClassWritten, Owner: User, Group: User, Mode: 0644, StrictGroup: User, StrictMode: 0600,
		Transfer: Move, Source: b.source(host), Optional: true, Reason: what + ", written by named"}
}

// writtenDir adds a directory that named writes, with what named keeps there.
func (b *builder) writtenDir(p *Path) {
	b.writable(p.Jail, p)
	b.keeps(p.Jail, p.Host, func(h home) bool {
		return homeStatements[h] == p.Keyword || h == keys && p.Keyword == "directory"
	})
	for _, name := range b.names(p.Host) {
		if h, ok := isState(name); ok && !b.in.newZones[path.Join(p.Host, name)] && (homeStatements[h] == p.Keyword || h == keys && p.Keyword == "directory") {
			b.add(b.writtenEntry(path.Join(p.Host, name), p.Jail+JailPath("/"+name), p.Keyword))
		}
	}
}

// writable makes a directory named's own. The mode is that of the host's
// directory, less what lets others write.
func (b *builder) writable(dir JailPath, p *Path) {
	if dir == WorkingDir || dir == secondaryDir || dir == dynamicDir {
		return // the article's tree has them
	}
	mode := fs.FileMode(0700)
	host := p.Host
	if p.Rule.Kind != parser.DirectoryPath {
		host = path.Dir(host)
	}
	if info, err := b.in.host.Stat(host); err == nil && info.IsDir() {
		mode |= info.Mode().Perm() & 0750
	}
	b.dir(dir, User, mode, p.Keyword+", written by named")
}

// keeps notes what named makes in a directory without being told a name, so
// that a rollback brings it back to the host.
func (b *builder) keeps(dir JailPath, host string, here func(home) bool) {
	d := b.dirs[dir]
	if d == nil || d.Source != "" && d.Source != b.source(host) {
		return
	}
	d.Source = b.source(host)
	for _, s := range stateFiles {
		if s.home == newZones {
			continue // its paths are the jail's: the host's named would not find the zones
		}
		if here(s.home) && !slices.Contains(d.Keeps, s.pattern) {
			d.Keeps = append(d.Keeps, s.pattern)
		}
	}
}

func (p *Path) diagnostic(code parser.Code, message, remedy string) parser.Diagnostic {
	if p.At.File == nil {
		return parser.Diagnostic{Code: code, Message: message, Remedy: remedy}
	}
	return p.At.Diagnostic(code, message, remedy)
}

// state adds what named keeps in its working directory without a statement.
func (b *builder) state() {
	b.dir(WorkingDir, User, 0700, "named's working directory")
	b.keeps(WorkingDir, b.in.Directory, func(h home) bool { return homeStatements[h] == "" || !b.in.statesHome(h) })
	for _, name := range b.names(b.in.Directory) {
		h, ok := isState(name)
		if !ok || homeStatements[h] != "" && b.in.statesHome(h) || b.in.newZones[path.Join(b.in.Directory, name)] {
			continue
		}
		b.add(b.writtenEntry(path.Join(b.in.Directory, name), JailPath(WorkingDir+"/"+name), "state of named"))
	}
}

// lasting adds the state files that named makes sooner or later and whose names
// are known beforehand, so that a rollback brings them back.
func (b *builder) lasting() {
	if !b.in.opt.Defaults.Version.AtLeast(9, 7, 0) {
		return
	}
	dir, place := b.in.Directory, JailPath(WorkingDir)
	for _, p := range b.in.Paths {
		if p.Keyword == homeStatements[managedKeys] {
			dir, place = p.Host, p.Jail
		}
	}
	names := []string{"managed-keys.bind"}
	if len(b.in.viewNames) > 0 {
		names = nil
		for _, view := range b.in.viewNames {
			files := viewFileNames(view)
			names = append(names, files[len(files)-1]+".mkeys")
		}
	}
	for _, name := range names {
		for _, suffix := range []string{"", ".jnl"} {
			b.add(b.writtenEntry(path.Join(dir, name+suffix), place+JailPath("/"+name+suffix), "managed keys"))
		}
	}
}

// statesHome tells whether the configuration names a directory for a kind of
// state file for all of its users. Keys are taken along in any case: some zone
// may use the working directory.
func (in *Install) statesHome(h home) bool {
	return h != keys && h != catalogZones && in.states(homeStatements[h])
}

// names lists a directory of the host once; none where it cannot be read.
func (b *builder) names(dir string) []string {
	if dir == b.last.dir {
		return b.last.names
	}
	d, ok := b.host[dir]
	if !ok {
		var err error
		d.dir = dir
		d.names, err = b.in.host.ReadDir(dir)
		d.whole = err == nil || errors.Is(err, fs.ErrNotExist)
		sort.Strings(d.names)
		b.host[dir] = d
	}
	b.last = d
	return d.names
}

// listing is what a directory of the host holds; whole says that it could be
// listed, or does not exist.
type listing struct {
	dir   string
	names []string
	whole bool
}

// exists tells whether the host has a file. Where its directory cannot be
// listed the file itself is asked.
func (b *builder) exists(p string) bool {
	list := b.names(path.Dir(p))
	if len(list) == 0 && b.last.whole {
		return false
	}
	if i := sort.SearchStrings(list, path.Base(p)); i < len(list) && list[i] == path.Base(p) {
		return true
	}
	if len(list) > 0 {
		return false
	}
	_, err := b.in.host.Stat(p)
	return err == nil
}

// Merge joins lists of wanted entries. Of a directory that several want, the
// strongest wish counts: named's own before root's, and all permissions that
// any of them grants. Of other entries for the same file the first stays; those
// that cannot lie in one place stay all, for the plan to refuse.
func Merge(lists ...[]Wanted) []Wanted {
	var out []Wanted
	at := map[JailPath]int{}
	for _, list := range lists {
		for _, w := range list {
			i, there := at[w.Path]
			switch {
			case w.Kind == HostLink, !there:
				if w.Kind != HostLink {
					at[w.Path] = len(out)
				}
				out = append(out, w)
			case w.Kind != Directory || out[i].Kind != Directory:
				if w.Kind != out[i].Kind || !out[i].sameOrigin(w) {
					out = append(out, w)
				}
			case w.Owner == User && out[i].Owner != User:
				out[i] = w
			case w.Owner == out[i].Owner:
				out[i].Mode |= w.Mode
				if out[i].Source == "" {
					out[i].Source, out[i].Keeps = w.Source, w.Keeps
				}
			}
		}
	}
	return out
}

// Modules lists the shared libraries that named opens in the jail, by their
// path there and on the host.
func (in *Install) Modules() []*Path { return in.ofKind(parser.LibraryPath) }

// Programs lists the programs that named executes in the jail (BIND 8).
func (in *Install) Programs() []*Path {
	if in.opt.Defaults.Version.Major != 8 {
		return nil
	}
	return in.ofKind(parser.ProgramPath)
}

func (in *Install) ofKind(k parser.PathKind) []*Path {
	var list []*Path
	for _, p := range in.Paths {
		if p.Rule.Kind == k && p.Host != "" {
			list = append(list, p)
		}
	}
	return list
}
