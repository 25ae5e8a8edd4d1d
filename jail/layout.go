package jail

import (
	"os"
	"path"
	"runtime"
	"strings"

	"named-jail/parser"
	"named-jail/rewrite"
)

// Files is what the inventory reads of the host; *Host is one. Paths are
// absolute as that system names them, links are followed except by Lstat.
type Files interface {
	ReadFile(path string) ([]byte, error)
	Open(path string) (*os.File, error)
	Stat(path string) (Info, error)
	Lstat(path string) (Info, error)
	RealPath(path string) (string, error)
	Glob(pattern string) ([]string, error)
}

// LayoutOptions says for which server the jail is laid out.
//
// GOOS is the operating system whose device table holds, "" for the running
// one. Version is that of named; not known means that rows for old versions
// hold too. NeedsBind8 adds what BIND 8 executes and opens in the jail:
// NamedXfer (its path; "" looks at the usual places) with its libraries.
// Services adds the tables of services and protocols, which zones with WKS
// records need. Jail is the jail's path on the host, "" when it has none yet.
// Notify is the service manager's socket, the value of NOTIFY_SOCKET, "" when
// nobody said.
type LayoutOptions struct {
	GOOS       string
	Version    parser.Version
	NeedsBind8 bool
	NamedXfer  string
	Services   bool
	Jail       string
	Notify     string
}

// goos gives the operating system in force.
func (o LayoutOptions) goos() string {
	if o.GOOS == "" {
		return runtime.GOOS
	}
	return o.GOOS
}

// treeRow is one directory of the article.
type treeRow struct {
	path  rewrite.JailPath
	owner rewrite.Principal
	group rewrite.Principal
	mode  os.FileMode
}

// tree is the table of the article's directories, parents first. Directories
// that only some servers need (usr, lib) come with what lies in them.
//
// Source: "Name Server Security with BIND and chroot()", steps 1 and 5;
// zones/dynamic is our own.
var tree = []treeRow{
	{"/", rewrite.Root, rewrite.Daemon, 0o511},
	{"/dev", rewrite.Root, rewrite.Daemon, 0o111},
	{"/etc", rewrite.Root, rewrite.Daemon, 0o111},
	{"/var", rewrite.Root, rewrite.Daemon, 0o111},
	{"/var/run", rewrite.User, rewrite.User, 0o700},
	{"/zones", rewrite.Root, rewrite.Daemon, 0o111},
	{"/zones/dynamic", rewrite.User, rewrite.User, 0o700},
	{"/zones/master", rewrite.Root, rewrite.Daemon, 0o111},
	{"/zones/slave", rewrite.User, rewrite.User, 0o700},
}

// readRow is one file that a server, or its C library, reads in the jail.
type readRow struct {
	path   string
	goos   string // "" for every system
	wanted func(LayoutOptions) bool
	reason string
}

// readFiles is the table of such files. /etc/group is not among them: BIND 8
// would take supplementary groups from it, and named is better off without.
var readFiles = []readRow{
	{"/etc/netconfig", "solaris", always, "the transport table of Solaris' network library"},
	{"/etc/netconfig", "illumos", always, "the transport table of illumos' network library"},
	{"/etc/protocols", "", needsServices, "names of protocols"},
	{"/etc/services", "", needsServices, "names of services"},
}

func always(LayoutOptions) bool          { return true }
func needsServices(o LayoutOptions) bool { return o.Services || o.NeedsBind8 }

// Layout is what every jail holds besides the server's own files: the article's
// directories, devices, the time zone, and what BIND 8 executes there. Findings:
// NJ512, NJ513, NJ517.
func Layout(files Files, o LayoutOptions) ([]rewrite.Wanted, parser.Diagnostics) {
	var want []rewrite.Wanted
	for _, r := range tree {
		want = append(want, rewrite.Wanted{Path: r.path, Kind: rewrite.Directory, Class: rewrite.ClassTree,
			Owner: r.owner, Group: r.group, Mode: r.mode, Reason: "the jail's tree"})
	}
	want = append(want, windowWants(Windows(files, o))...)
	nodes, problems := Devices(files, o)
	want = append(want, nodes...)
	want = append(want, localtime(files)...)
	for _, r := range readFiles {
		if (r.goos == "" || r.goos == o.goos()) && r.wanted(o) {
			want = append(want, publicFile(files, r.path, r.path, r.reason)...)
		}
	}
	if o.NeedsBind8 {
		more, ds := namedXfer(files, o.NamedXfer)
		want = append(want, more...)
		problems = append(problems, ds...)
	}
	return want, problems
}

// publicFile wants a copy of source, readable for all, when it is a file.
func publicFile(files Files, at, source, reason string) []rewrite.Wanted {
	info, err := files.Stat(source)
	if err != nil || info.Kind != RegularFile {
		return nil
	}
	return []rewrite.Wanted{{Path: rewrite.JailPath(at), Kind: rewrite.File, Class: rewrite.ClassRead,
		Owner: rewrite.Root, Group: rewrite.Root, Mode: 0o444, Transfer: rewrite.Copy, Source: source,
		Optional: true, Reason: reason}}
}

const localtimePath = "/etc/localtime"

// localtime wants the time zone as the host has it: a link stays a link with
// the same text, and what it leads to lies as one plain file at the place that
// the text names, however many links the host has in between.
func localtime(files Files) []rewrite.Wanted {
	const reason = "the local time zone"
	info, err := files.Lstat(localtimePath)
	if err != nil {
		return nil
	}
	if info.Kind != LinkFile {
		return publicFile(files, localtimePath, localtimePath, reason)
	}
	at := info.Target
	if !path.IsAbs(at) {
		at = path.Dir(localtimePath) + "/" + at
	}
	at = path.Clean(at)
	if at == localtimePath || !strings.Contains(at[1:], "/") {
		return publicFile(files, localtimePath, localtimePath, reason)
	}
	real, err := files.RealPath(localtimePath)
	if err != nil {
		return nil // a dangling link: named takes UTC, in the jail as outside
	}
	zone := publicFile(files, at, real, reason)
	if zone == nil {
		return nil
	}
	return append(zone, rewrite.Wanted{Path: localtimePath, Kind: rewrite.Symlink, Class: rewrite.ClassRead,
		Owner: rewrite.Root, Group: rewrite.Root, Mode: 0o777, Target: info.Target, Reason: reason})
}

// xferPlaces is the table of the places where BIND 8 looks for named-xfer when
// named.conf does not say.
//
// Source: BIND 8 src/port/SYSTEM/include (_PATH_XFER).
var xferPlaces = []string{"/usr/libexec/named-xfer", "/usr/sbin/named-xfer", "/usr/lib/named-xfer",
	"/usr/local/libexec/named-xfer", "/etc/named-xfer"}

// namedXfer wants the program by which BIND 8 transfers zones.
func namedXfer(files Files, program string) ([]rewrite.Wanted, parser.Diagnostics) {
	if program == "" {
		for _, p := range xferPlaces {
			if info, err := files.Stat(p); err == nil && info.Kind == RegularFile {
				program = p
				break
			}
		}
	}
	if program == "" {
		var ds parser.Diagnostics
		ds.Add(parser.Diagnostic{Code: "NJ513",
			Message: "BIND 8 transfers zones with the program named-xfer, and none of the usual places has it: " +
				strings.Join(xferPlaces, ", "),
			Remedy: `Name it in named.conf: options { named-xfer "/path/named-xfer"; };`})
		return nil, ds
	}
	return ProgramWants(files, program)
}
