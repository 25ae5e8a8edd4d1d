package launcher

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// ProbeMark is the environment variable that Probe gives to the program it
// asks. When named-jail meets it, it was itself taken for named.
const ProbeMark = "NAMED_JAIL_PROBE"

// directories is where named lies when it is not in PATH, in this order.
var directories = []string{
	"/usr/sbin",       // Linux distributions, NetBSD, Solaris
	"/usr/local/sbin", // FreeBSD and OpenBSD packages, make install
	"/usr/bin",        // Fedora
	"/usr/pkg/sbin",   // NetBSD packages
	"/opt/homebrew/opt/bind/sbin",
	"/usr/local/opt/bind/sbin",
}

// Self is the file of the running program, for Find. Errors: when the system
// cannot tell.
func Self() (os.FileInfo, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.Stat(path)
}

// Find gives the absolute path of the real named: explicit (--named), else env
// (the value of NAMED_JAIL_NAMED), else the first file "named" in PATH and in
// the usual directories that can be executed. self, when not nil, is our own
// file: it is never the answer, whatever links lead to it. Relative parts of
// PATH are not searched, and root takes nothing from there that others can
// change.
//
// Errors: an ExitError: 127 there is none (NJ601), 126 the one that was given
// cannot be executed (NJ602).
func Find(explicit, env string, self os.FileInfo) (string, error) {
	if os.Getenv(ProbeMark) != "" {
		return "", fail(StatusCannotExecute, "NJ602", nil,
			"the file that was taken for named starts named-jail again",
			"give the real named with --named FILE or in NAMED_JAIL_NAMED")
	}
	given := []struct{ path, origin string }{{explicit, "--named"}, {env, "NAMED_JAIL_NAMED"}}
	for _, g := range given {
		if g.path == "" {
			continue
		}
		path, err := filepath.Abs(g.path)
		if err != nil {
			return "", fail(StatusCannotExecute, "NJ602", err,
				fmt.Sprintf("%s %s: the current directory cannot be found out", g.origin, g.path),
				"give the whole path of named")
		}
		if err := judge(path, self); err != nil {
			err.Diagnostic.Message = g.origin + ": " + err.Diagnostic.Message
			return "", err
		}
		return path, nil
	}
	var passed []string
	for _, dir := range searchPath(os.Getenv("PATH")) {
		path := filepath.Join(dir, "named")
		err := judge(path, self)
		if err == nil && os.Geteuid() == 0 && !slices.Contains(directories, dir) {
			err = foreign(path)
		}
		if err == nil {
			return path, nil
		}
		if err.Status != StatusNotFound {
			passed = append(passed, err.Diagnostic.Message)
		}
	}
	message := "named is not installed here: it is neither in PATH nor in " + strings.Join(directories, ", ")
	if len(passed) > 0 {
		message = "no named can be used: " + strings.Join(passed, "; ")
	}
	return "", fail(StatusNotFound, "NJ601", nil, message,
		"install BIND, or give the real named with --named FILE or in NAMED_JAIL_NAMED")
}

// searchPath is PATH's absolute directories, then the usual ones, each once.
func searchPath(path string) []string {
	var dirs []string
	seen := map[string]bool{}
	for _, dir := range append(filepath.SplitList(path), directories...) {
		if !filepath.IsAbs(dir) || seen[filepath.Clean(dir)] {
			continue
		}
		seen[filepath.Clean(dir)] = true
		dirs = append(dirs, filepath.Clean(dir))
	}
	return dirs
}

// judge says why path cannot be the real named, or nil.
func judge(path string, self os.FileInfo) *ExitError {
	remedy := "give the real named with --named FILE or in NAMED_JAIL_NAMED"
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && fileExists(path):
		return fail(StatusCannotExecute, "NJ602", err, path+" is a symbolic link to a file that is missing", remedy)
	case err != nil && isNotDir(err):
		return fail(StatusNotFound, "NJ601", err, path+": there is no such file", remedy)
	case err != nil:
		return cannotRun(path, err, false)
	case self != nil && os.SameFile(info, self):
		return fail(StatusCannotExecute, "NJ602", nil, path+" is named-jail itself", remedy)
	case !info.Mode().IsRegular():
		return fail(StatusCannotExecute, "NJ602", nil, path+" is no regular file", remedy)
	}
	if err := unix.Access(path, unix.X_OK); err != nil {
		return cannotRun(path, err, true)
	}
	return nil
}

// foreign says why root does not take a program that lies in a directory of
// PATH: another than root can exchange it. What is given by name is taken.
func foreign(path string) *ExitError {
	for _, p := range []string{path, filepath.Dir(path)} {
		info, err := os.Stat(p)
		if err != nil {
			continue
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		everybody := info.Mode()&0o002 != 0 && info.Mode()&os.ModeSticky == 0
		if ok && st.Uid != 0 || everybody {
			return fail(StatusCannotExecute, "NJ602", nil, path+" can be changed by others than root, and is passed over in PATH",
				"give the real named with --named FILE or in NAMED_JAIL_NAMED")
		}
	}
	return nil
}

// isNotDir tells whether a part of a path is a file where a directory should be.
func isNotDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

// FindIn gives the path of named as a system below the directory root sees it,
// for --root: explicit, else the first of the usual directories that has one. A
// symbolic link is taken on trust, since only a look from inside shows where it
// leads; Probe does that.
//
// Errors: as those of Find.
func FindIn(root, explicit string) (string, error) {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return "", fail(StatusNotFound, "NJ601", err, fmt.Sprintf("--root %s: %s", root, plain(err)),
			"give the directory in which the other system lies")
	}
	defer dir.Close()
	paths := []string{explicit}
	if explicit == "" {
		paths = nil
		for _, d := range directories {
			paths = append(paths, d+"/named")
		}
	}
	for _, path := range paths {
		path = filepath.Join("/", path)
		info, err := dir.Lstat(strings.TrimPrefix(path, "/"))
		if err != nil {
			continue
		}
		if info.Mode()&fs.ModeSymlink != 0 || info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
		if explicit != "" {
			return "", fail(StatusCannotExecute, "NJ602", nil, path+" below "+root+" is no program",
				"give the real named, as that system sees it, with --named FILE")
		}
	}
	return "", fail(StatusNotFound, "NJ601", nil, "named is not installed below "+root,
		"give it, as that system sees it, with --named FILE, or its release with --bind-version 9.18")
}
