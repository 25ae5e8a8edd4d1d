package jail

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"named-jail/parser"
	"named-jail/rewrite"
)

// Stray is one thing in the jail that no plan speaks of, because nothing is
// wanted there, and that apply leaves alone, because it did not make it.
//
// Word is what it is in one word: "set-id", "device". Path is its place as
// named sees it. The finding (NJ530 to NJ532, NJ535) says what to do.
type Stray struct {
	Word string
	Path rewrite.JailPath
	parser.Diagnostic
}

// AuditOptions say what may lie in the jail besides what the plan wants and the
// manifest knows. Provided are places that the operator or another program
// fills; what lies below them counts as theirs too. Limit is the number of
// objects that are looked at, 0 for the usual one.
type AuditOptions struct {
	Provided []rewrite.JailPath
	Limit    int
}

// Audited is the result of an audit. Objects is how many things were looked at.
// Unseen says that rights were missing to see all.
type Audited struct {
	Strays  []Stray
	Objects int
	Unseen  bool
}

// The bounds of an audit. A named that was broken into can make millions of
// files and directories without end; root's time and memory are not his.
const (
	maxObjects = 1_000_000
	maxDepth   = 64
	maxAlike   = 20 // findings of one kind
	auditBatch = 512
)

// strayRow is one kind of stray: how it is reported.
type strayRow struct {
	word     string
	code     parser.Code
	severity parser.Severity
	message  string // %s: the object and its owner
	remedy   string // %s: the command that removes it
}

// The kinds of strays.
const (
	straySetID = iota
	strayCapability
	strayDevice
	strayHardLink
	strayMount
	strayForeign
	strayPipe
	strayLink
	strayWritable
	strayOwner
	strayACL
	strayDeep
	strayMany
	strayKinds
)

// strayRows is the table of these kinds.
//
// Source: the attacks that a named can mount on who works in its jail as root,
// chroot(2), capabilities(7), acl(5).
var strayRows = [strayKinds]strayRow{
	straySetID: {"set-id", "NJ530", parser.Error, "%s has a set-user-ID or set-group-ID bit; nothing in a jail needs one",
		"Find out who made it and keep a copy; then stop named and remove it: `%s`"},
	strayCapability: {"capability", "NJ530", parser.Error, "%s gives whoever executes it rights of root (file capabilities); nothing in a jail needs them",
		"Find out who made it and keep a copy; then stop named and remove it: `%s`"},
	strayDevice: {"device", "NJ530", parser.Error, "%s is none of the devices that the jail has; named could reach the disk or the memory of the host through one",
		"Remove it: `%s`"},
	strayHardLink: {"hard-link", "NJ530", parser.Error, "%s has another name somewhere else; who writes one writes both",
		"Give the jail a file of its own: `%s`"},
	strayMount: {"mount", "NJ530", parser.Error, "%s is mounted here; named sees it through the jail",
		"Unmount it: `%s`"},
	strayForeign: {"foreign", "NJ531", parser.Warning, "%s was not put here by named-jail, and nothing in the configuration asks for it",
		"If named needs it, name it in named.conf and run apply; if not: `%s`"},
	strayPipe: {"pipe", "NJ531", parser.Warning, "%s lies where named makes none; a program that opens it waits or talks to a stranger",
		"Remove it: `%s`"},
	strayLink: {"link", "NJ531", parser.Warning, "%s lies where named makes none; on the host it leads who works here as root elsewhere",
		"Remove it: `%s`"},
	strayWritable: {"writable", "NJ532", parser.Error, "%s is not one of named's directories, and others than root can write it",
		"See what is in it; then take the right away (chown root and chmod go-w), or remove it: `%s`"},
	strayOwner: {"owner", "NJ532", parser.Warning, "%s belongs neither to root nor to named's account",
		"Find out who put it here; then give it to named's account, or remove it: `%s`"},
	strayACL: {"acl", "NJ532", parser.Warning, "%s can be used by others than its mode tells (an access list)",
		"See it with getfacl, and take it off: `%s`"},
	strayDeep: {"deep", "NJ535", parser.Warning, "%s holds directories nested so deeply that no zone needs it; they were not looked into",
		"Find out who made them; then stop named and remove them: `%s`"},
	strayMany: {"many", "NJ535", parser.Warning, "%s: the jail holds more objects than are looked at; not all were",
		"Find out who makes so many files there, and remove those that named does not need."},
}

// auditPlaces are places that programs around named fill when it is started.
//
// Source: syslogd(8), sd_notify(3).
var auditPlaces = []rewrite.JailPath{"/dev/log", "/run/systemd/notify"}

// Audit walks the whole jail and reports what should not be there. It goes by
// descriptors, follows no link, enters no file system of the host that is
// mounted in the jail, and is bounded in time and memory whatever the named user
// has made. p is the plan of that jail, for what it wants. Errors: the jail
// cannot be opened or listed for another reason than missing rights.
func Audit(h *Host, t *Tree, p *Plan, opt AuditOptions) (Audited, error) {
	if !t.Exists() {
		return Audited{}, nil
	}
	a := newAuditor(h, t, p, opt)
	defer a.s.close()
	err := a.directory(t.top, "/", place{mine: a.users("/", false)}, 0)
	a.outside()
	a.summary()
	slices.SortFunc(a.out.Strays, func(x, y Stray) int {
		return cmp.Or(cmp.Compare(x.Path, y.Path), cmp.Compare(x.Word, y.Word))
	})
	return a.out, err
}

// auditor is the work of one audit.
type auditor struct {
	h       *Host
	t       *Tree
	s       *session
	plan    *Plan
	limit   int
	parents map[rewrite.JailPath]bool // directories on the way to what is wanted or known
	free    map[rewrite.JailPath]bool // places that others fill
	mounts  map[rewrite.JailPath]string
	left    map[string]string // texts of our links at old places, by path on the host
	linked  map[inode]*names  // files of root's directories with several names
	alike   [strayKinds]int
	out     Audited
}

// inode is the identity of a file.
type inode struct{ dev, ino uint64 }

// names counts the names of a file that lie in the jail.
type names struct {
	first rewrite.JailPath
	info  Info
	seen  uint64
}

func newAuditor(h *Host, t *Tree, p *Plan, opt AuditOptions) *auditor {
	a := &auditor{h: h, t: t, s: h.session(), plan: p, limit: cmp.Or(opt.Limit, maxObjects),
		parents: map[rewrite.JailPath]bool{}, free: map[rewrite.JailPath]bool{}, left: map[string]string{}, linked: map[inode]*names{}}
	for _, list := range [][]rewrite.JailPath{auditPlaces, opt.Provided} {
		for _, jp := range list {
			a.free[jp] = true
			a.onTheWay(jp)
		}
	}
	for jp := range p.wanted {
		a.onTheWay(jp)
	}
	for jp, e := range p.old.Entries {
		a.onTheWay(jp)
		if e.Linked {
			a.left[e.Real] = t.HostPath(jp)
		}
	}
	for at, jp := range p.old.HostLinks {
		a.left[at] = t.HostPath(jp)
	}
	a.mounts = hostMounts(h.Root(), t.RealPath())
	return a
}

// onTheWay notes the directories above a place.
func (a *auditor) onTheWay(jp rewrite.JailPath) {
	for up := rewrite.JailPath(path.Dir(string(jp))); !a.parents[up]; up = rewrite.JailPath(path.Dir(string(up))) {
		a.parents[up] = true
	}
}

// report adds a stray; of one kind only so many, for a named that was broken
// into can make any number. what is the object in words.
func (a *auditor) report(kind int, jp rewrite.JailPath, info Info, what string) {
	if a.alike[kind]++; a.alike[kind] > maxAlike {
		return
	}
	row := strayRows[kind]
	at := a.t.HostPath(jp)
	d := parser.Diagnostic{Code: row.code, Severity: row.severity, File: at, Message: fmt.Sprintf(row.message, what), Remedy: row.remedy}
	if strings.Contains(row.remedy, "%s") {
		d.Remedy = fmt.Sprintf(row.remedy, a.command(kind, jp, info))
	}
	a.out.Strays = append(a.out.Strays, Stray{Word: row.word, Path: jp, Diagnostic: d})
}

// summary says of which kinds there is more than was listed.
func (a *auditor) summary() {
	for kind, n := range a.alike {
		if more := n - maxAlike; more > 0 {
			row := strayRows[kind]
			a.out.Strays = append(a.out.Strays, Stray{Word: row.word, Path: "/", Diagnostic: parser.Diagnostic{
				Code: row.code, Severity: row.severity, File: a.t.RealPath(),
				Message: fmt.Sprintf("%d more of this kind in the jail", more),
				Remedy:  "Deal with those that are listed, and with what made them; then run the command again."}})
		}
	}
}

// command gives the command of a remedy. It goes by the number of the inode
// where the name is not plain, so that nothing in it is taken for something
// else by a shell.
func (a *auditor) command(kind int, jp rewrite.JailPath, info Info) string {
	at := a.h.OSPath(a.t.HostPath(jp))
	verb := "rm "
	switch {
	case kind == strayHardLink && a.known(jp) && plainWord(at):
		return fmt.Sprintf("cp -p %s %s.own && mv %s.own %s", at, at, at, at)
	case kind == strayMount:
		verb = "umount "
	case kind == strayACL:
		verb = "setfacl -b "
	case info.Kind == DirectoryFile:
		verb = "rm -r "
	}
	if plainWord(at) {
		return verb + at
	}
	dir := at
	for dir = path.Dir(dir); !plainWord(dir); dir = path.Dir(dir) {
	}
	return fmt.Sprintf("find %s -xdev -inum %d -exec %s-- {} +", dir, info.Ino, verb)
}

// plainWord tells whether a path means itself in every shell.
func plainWord(p string) bool {
	for i := 0; i < len(p); i++ {
		c := p[i]
		if c < '+' || c > 'z' || strings.IndexByte(";<>?[]\\^`", c) >= 0 {
			return false
		}
	}
	return p != ""
}
