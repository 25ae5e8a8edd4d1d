package jail

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"named-jail/parser"
)

// systemDirs is the table of directories that are the system's own: the jail
// gets root-only modes, so none of them may become one. Directories below them
// may, except where below is set: there the kernel makes the files, or a boot
// removes them.
var systemDirs = []struct {
	path  string
	below bool
}{
	{"/", false}, {"/bin", false}, {"/boot", false}, {"/dev", true}, {"/devices", true}, {"/etc", false},
	{"/export", false}, {"/export/home", false}, {"/home", false}, {"/lib", false}, {"/lib64", false},
	{"/libexec", false}, {"/media", false}, {"/mnt", false}, {"/opt", false}, {"/platform", false},
	{"/proc", true}, {"/root", false}, {"/run", true}, {"/sbin", false}, {"/srv", false}, {"/stand", false},
	{"/sys", true}, {"/system", true}, {"/tmp", false}, {"/usr", false}, {"/usr/bin", false}, {"/usr/home", false},
	{"/usr/lib", false}, {"/usr/lib64", false}, {"/usr/libexec", false}, {"/usr/local", false},
	{"/usr/local/bin", false}, {"/usr/local/etc", false}, {"/usr/local/lib", false}, {"/usr/local/sbin", false},
	{"/usr/sbin", false}, {"/usr/share", false}, {"/var", false}, {"/var/cache", false}, {"/var/db", false},
	{"/var/lib", false}, {"/var/lock", true}, {"/var/log", false}, {"/var/run", true}, {"/var/spool", false},
	{"/var/tmp", false},
}

// maxPathBytes bounds the jail's path, so that paths in it stay below the
// kernel's limit of 4096 bytes.
const maxPathBytes = 1024

// CheckPlace judges whether a jail can be at a path of the system below root,
// before anything is made there. Findings: NJ501, NJ514 (errors), NJ513
// (warning: devices do not work on this file system).
//
// Every directory above the jail must be root's and writable by root alone,
// else its owner could put another tree in the jail's place. A sticky directory
// such as /tmp will do when the next directory is there and root's. Below a
// root other than "/" only the part below it is judged. For an unprivileged
// caller his own directories are as good as root's.
func CheckPlace(root, jail string) parser.Diagnostics {
	var ds parser.Diagnostics
	if d := checkName(jail); d != nil {
		ds.Add(*d)
		return ds
	}
	h, err := OpenHost(root)
	if err != nil {
		ds.Add(parser.Diagnostic{Code: "NJ501", File: root, Message: "the directory given with --root cannot be opened: " + plainCause(err),
			Remedy: "Give a directory that holds a system, with --root DIR."})
		return ds
	}
	defer h.Close()
	w := placeWalk{h: h, euid: os.Geteuid()}
	real, err := w.walk(path.Clean(jail))
	if err != nil {
		ds.Add(placeFinding(err))
		return ds
	}
	if d := w.checkIdentity(path.Clean(jail), real); d != nil {
		ds.Add(*d)
		return ds
	}
	ds = append(ds, checkMount(h.OSPath(w.deepest), path.Clean(jail))...)
	return ds
}

// CheckExec warns when programs and modules cannot be loaded from the jail's
// file system (mounted noexec). It is for jails that hold some. Findings:
// NJ513 (warning).
func CheckExec(root, jail string) parser.Diagnostics {
	var ds parser.Diagnostics
	h, err := OpenHost(root)
	if err != nil || checkName(jail) != nil {
		return ds // CheckPlace has said so
	}
	defer h.Close()
	w := placeWalk{h: h, euid: os.Geteuid()}
	if _, err := w.walk(path.Clean(jail)); err != nil {
		return ds
	}
	at := h.OSPath(w.deepest)
	if flags, err := mountFlags(at); err == nil && flags.noexec {
		ds.Add(parser.Diagnostic{Code: "NJ513", File: path.Clean(jail),
			Message: "the file system is mounted noexec: programs and modules in the jail cannot be loaded",
			Remedy:  "Remount it: mount -o remount,exec " + mountPoint(at) + ", or put the jail elsewhere with -t."})
	}
	return ds
}

// wrongPlace is the finding that the jail cannot be at a path.
func wrongPlace(jail, remedy, format string, args ...any) *parser.Diagnostic {
	if remedy == "" {
		remedy = "Give the jail a directory of its own, as in -t /var/named."
	}
	return &parser.Diagnostic{Code: "NJ501", File: jail, Message: fmt.Sprintf(format, args...), Remedy: remedy}
}

// checkName judges the path as a text.
func checkName(jail string) *parser.Diagnostic {
	clean := path.Clean(jail)
	switch {
	case !path.IsAbs(jail):
		return wrongPlace(jail, "", "the jail's path must be absolute")
	case len(clean) > maxPathBytes:
		return wrongPlace("", "", "the jail's path is longer than %d bytes", maxPathBytes)
	case strings.ContainsFunc(clean, func(r rune) bool { return r < 0x20 || r == 0x7f }):
		return wrongPlace(jail, "", "the jail's path holds control characters")
	case isSystemDir(clean):
		return wrongPlace(clean, "", "this directory belongs to the system and cannot be a jail")
	}
	return nil
}

func isSystemDir(clean string) bool {
	for _, d := range systemDirs {
		if clean == d.path || d.below && strings.HasPrefix(clean, d.path+"/") {
			return true
		}
	}
	return false
}

// placeWalk follows a path one component at a time.
type placeWalk struct {
	h       *Host
	euid    int
	deepest string // the last directory that exists, without links
}

// placeError is a finding on the way.
type placeError struct{ d *parser.Diagnostic }

// Error is the finding's headline.
func (e placeError) Error() string { return e.d.Headline() }

func placeFinding(err error) parser.Diagnostic {
	var pe placeError
	if errors.As(err, &pe) {
		return *pe.d
	}
	d := Diagnose(err)
	d.Code, d.Severity = "NJ501", parser.Error
	if d.Remedy == "" {
		d.Remedy = "Give the jail a directory that can be reached, as in -t /var/named."
	}
	return d
}

// walk gives the jail's path without links. Errors: placeError; those of Host.
func (w *placeWalk) walk(jail string) (string, error) {
	fail := func(at, remedy, format string, args ...any) (string, error) {
		return "", placeError{wrongPlace(at, remedy, format, args...)}
	}
	cur, todo, links := "/", components(jail), 0
	above, err := w.h.Lstat("/")
	if err != nil {
		return "", err
	}
	for len(todo) > 0 {
		w.deepest = cur
		name := todo[0]
		todo = todo[1:]
		at := path.Join(cur, name) // ".." comes from links only and cannot leave "/"
		info, err := w.h.Lstat(at)
		missing := errors.Is(err, fs.ErrNotExist)
		if err != nil && !missing {
			return "", err
		}
		if name == ".." {
			above, cur = info, at
			continue
		}
		judged := cur != "/" || w.h.Root() == "/"
		if d := w.checkAbove(cur, above, at, info); judged && d != nil {
			return "", placeError{d}
		}
		switch {
		case missing:
			for _, part := range todo {
				at = path.Join(at, part)
			}
			return at, nil
		case info.Kind == LinkFile && len(todo) == 0:
			return fail(at, "Give the directory that it leads to: -t "+parser.Printable(info.Target), "the jail is a symbolic link")
		case info.Kind == LinkFile:
			if links++; links > maxLinks {
				return fail(at, "", "too many symbolic links lead to the jail")
			}
			if !w.trusts(info.UID) {
				return fail(at, "Give the jail's path without this link.",
					"the symbolic link above the jail belongs to user %d, who can let it lead elsewhere", info.UID)
			}
			todo = append(components(info.Target), todo...)
			if path.IsAbs(info.Target) {
				cur = "/"
				if above, err = w.h.Lstat("/"); err != nil {
					return "", err
				}
			}
			continue
		case info.Kind != DirectoryFile && len(todo) == 0:
			return fail(at, "", "the jail is %s, not a directory", info.Kind)
		case info.Kind != DirectoryFile:
			return fail(at, "", "this is %s, not a directory; the jail cannot lie below it", info.Kind)
		}
		above, cur = info, at
	}
	w.deepest = cur
	return cur, nil
}

// trusts tells whether what belongs to uid cannot be turned against the caller.
func (w *placeWalk) trusts(uid int) bool { return uid == 0 || uid == w.euid }

// checkAbove judges a directory above the jail; next is what lies in it on the
// way to the jail. Writing by group 0 is writing by root's own group.
func (w *placeWalk) checkAbove(cur string, above Info, at string, next Info) *parser.Diagnostic {
	if !w.trusts(above.UID) {
		return wrongPlace(cur, "Run: chown root "+cur+"; or put the jail below a directory that only root can write, as in -t /var/named.",
			"this directory above the jail belongs to user %d, who could put another tree in the jail's place", above.UID)
	}
	group := above.Mode&0o020 != 0 && above.GID != 0
	others := above.Mode&0o002 != 0
	if !group && !others {
		return nil
	}
	who := "everybody"
	if !others {
		who = fmt.Sprintf("group %d", above.GID)
	}
	if above.Mode&0o1000 == 0 {
		return wrongPlace(cur, "Run: chmod go-w "+cur+"; or put the jail below a directory that only root can write, as in -t /var/named.",
			"this directory above the jail can be written by %s, who could put another tree in the jail's place", who)
	}
	if !next.Exists() {
		return wrongPlace(at, "Make it first, as root: mkdir -m 0755 "+at,
			"this directory does not exist yet, and %s could make it first, because %s can be written by %s", who, cur, who)
	}
	if !w.trusts(next.UID) {
		return wrongPlace(at, "Choose another place for the jail, as in -t /var/named.",
			"this belongs to user %d and lies in a directory that %s can write", next.UID, who)
	}
	return nil
}

// checkIdentity refuses a system directory that is reached by another name.
func (w *placeWalk) checkIdentity(jail, real string) *parser.Diagnostic {
	if isSystemDir(real) {
		return wrongPlace(jail, "", "this is %s, which belongs to the system and cannot be a jail", real)
	}
	info, err := w.h.Stat(real)
	if err != nil {
		return nil
	}
	if of := w.h.systemDir(info); of != "" {
		return wrongPlace(jail, "", "this is the same directory as %s, which belongs to the system", of)
	}
	return nil
}

// systemDir names the directory of the system that was met under another name,
// where it can only be mounted; "" for any other.
func (h *Host) systemDir(info Info) string {
	for _, d := range systemDirs {
		if other, err := h.Stat(d.path); err == nil && other.Dev == info.Dev && other.Ino == info.Ino {
			return d.path
		}
	}
	return ""
}

// mountState is how a file system is mounted.
type mountState struct {
	readonly, nodev, noexec bool
}

// checkMount judges the file system that the jail lies on, or will.
func checkMount(at, jail string) parser.Diagnostics {
	var ds parser.Diagnostics
	flags, err := mountFlags(at)
	if err != nil {
		return ds // not to be known: the changes themselves will tell
	}
	if flags.readonly {
		ds.Add(parser.Diagnostic{Code: "NJ514", File: jail, Message: "the jail's file system is mounted read-only",
			Remedy: "Remount it for writing: mount -o remount,rw " + mountPoint(at) + ", or put the jail elsewhere with -t."})
	}
	if flags.nodev {
		ds.Add(parser.Diagnostic{Code: "NJ513", File: jail,
			Message: "the jail's file system is mounted nodev: /dev/null in the jail cannot be opened",
			Remedy:  "named runs without; to provide it, remount: mount -o remount,dev " + mountPoint(at)})
	}
	return ds
}
