//go:build linux

package jail

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"named-jail/parser"
	"named-jail/rewrite"
)

// The account that stands for named's in these tests.
const (
	testUID    = 65534
	testGID    = 65534
	testDaemon = 1
	testJail   = "/var/named"
)

var testIDs = IDs{Daemon: testDaemon, UserUID: testUID, UserGID: testGID, User: "named", Group: "named"}

// world is a small system below a temporary directory.
type world struct {
	t    *testing.T
	root string
}

// oldTime is when everything in a new world was made.
var oldTime = time.Date(2001, 2, 3, 4, 5, 6, 789000000, time.UTC)

// newWorld makes a system with a server that has a static, a secondary and a
// dynamic zone.
func newWorld(t *testing.T) *world {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("this test needs root: run it with sudo")
	}
	w := &world{t: t, root: t.TempDir()}
	w.dir("/etc", 0o755, 0, 0)
	w.dir("/etc/bind", 0o2755, 0, testGID)
	w.dir("/var", 0o755, 0, 0)
	w.dir("/var/lib", 0o755, 0, 0)
	w.dir("/var/lib/bind", 0o775, 0, testGID)
	w.dir("/var/cache", 0o755, 0, 0)
	w.dir("/var/cache/bind", 0o755, testUID, testGID)
	w.dir("/run", 0o755, 0, 0)
	w.dir("/run/named", 0o775, 0, testGID)
	w.dir("/usr", 0o755, 0, 0)
	w.dir("/usr/share", 0o755, 0, 0)
	w.dir("/usr/share/dns", 0o755, 0, 0)
	w.file("/etc/bind/named.conf", "zone \"a\" { type master; file \"/etc/bind/db.a\"; };\n", 0o644, 0, testGID)
	w.file("/etc/bind/db.a", "zone a\n", 0o644, 0, testGID)
	w.file("/etc/bind/db.secret", "zone secret\n", 0o600, 0, 0)
	w.file("/etc/bind/rndc.key", "key\n", 0o640, testUID, testGID)
	w.file("/var/lib/bind/db.dyn", "zone dyn\n", 0o644, testUID, testGID)
	w.file("/var/lib/bind/db.dyn.jnl", "journal of dyn\n", 0o644, testUID, testGID)
	w.file("/usr/share/dns/root.hints", "hints\n", 0o644, 0, 0)
	w.link("db.a", "/etc/bind/db.alias")
	w.age()
	return w
}

func (w *world) os(p string) string { return filepath.Join(w.root, p) }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) dir(p string, mode uint32, uid, gid int) {
	w.t.Helper()
	w.must(os.MkdirAll(w.os(p), 0o755))
	w.own(p, mode, uid, gid)
}

func (w *world) file(p, text string, mode uint32, uid, gid int) {
	w.t.Helper()
	if fi, err := os.Lstat(w.os(p)); err == nil && fi.Mode()&fs.ModeSymlink != 0 {
		w.must(os.Remove(w.os(p))) // it would lead out of the test's directory
	}
	w.must(os.WriteFile(w.os(p), []byte(text), 0o644))
	w.own(p, mode, uid, gid)
}

func (w *world) link(target, p string) {
	w.t.Helper()
	w.must(os.Symlink(target, w.os(p)))
}

func (w *world) own(p string, mode uint32, uid, gid int) {
	w.t.Helper()
	w.must(os.Chown(w.os(p), uid, gid))
	w.must(unix.Chmod(w.os(p), mode))
}

// age gives everything an old time, so that a new time shows.
func (w *world) age() {
	w.t.Helper()
	w.must(filepath.WalkDir(w.root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		ts := []unix.Timespec{unix.NsecToTimespec(oldTime.UnixNano()), unix.NsecToTimespec(oldTime.UnixNano())}
		return unix.UtimesNanoAt(unix.AT_FDCWD, p, ts, unix.AT_SYMLINK_NOFOLLOW)
	}))
}

func (w *world) read(p string) string {
	w.t.Helper()
	b, err := os.ReadFile(w.os(p))
	w.must(err)
	return string(b)
}

func (w *world) target(p string) string {
	w.t.Helper()
	s, err := os.Readlink(w.os(p))
	w.must(err)
	return s
}

// is checks mode, owner and group: "0644 0:1".
func (w *world) is(p, want string) {
	w.t.Helper()
	var st unix.Stat_t
	w.must(unix.Lstat(w.os(p), &st))
	if got := fmt.Sprintf("%04o %d:%d", st.Mode&0o7777, st.Uid, st.Gid); got != want {
		w.t.Errorf("%s is %s, want %s", p, got, want)
	}
}

func (w *world) mtime(p string) time.Time {
	w.t.Helper()
	fi, err := os.Lstat(w.os(p))
	w.must(err)
	return fi.ModTime()
}

func (w *world) absent(p string) {
	w.t.Helper()
	if _, err := os.Lstat(w.os(p)); err == nil {
		w.t.Errorf("%s is there", p)
	}
}

// snapshot is everything that must be restored, one line for each object. The
// store and the time of its parent are not part of it.
func (w *world) snapshot() string {
	w.t.Helper()
	var lines []string
	w.must(filepath.WalkDir(w.root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(p, w.root)
		if name == storeDir {
			return fs.SkipDir
		}
		var st unix.Stat_t
		if err := unix.Lstat(p, &st); err != nil {
			return err
		}
		line := fmt.Sprintf("%s %06o %d:%d", name, st.Mode, st.Uid, st.Gid)
		if name != "/var/lib" {
			line += fmt.Sprint(" ", st.Mtim.Nano())
		}
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			line += fmt.Sprintf(" %q", b)
			value := make([]byte, 100)
			if n, err := unix.Lgetxattr(p, "user.test", value); err == nil {
				line += fmt.Sprintf(" user.test=%q", value[:n])
			}
		case unix.S_IFLNK:
			t, err := os.Readlink(p)
			if err != nil {
				return err
			}
			lines = append(lines, fmt.Sprintf("%s -> %s %d:%d", name, t, st.Uid, st.Gid))
			return nil // the time of a link is not kept
		}
		lines = append(lines, line)
		return nil
	}))
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// snapshotBelow is the part of a snapshot below some directories: what a test
// with huge files in the jail can read.
func (w *world) snapshotBelow(dirs ...string) string {
	w.t.Helper()
	whole := w.root
	var out []string
	for _, d := range dirs {
		w.root = whole + d
		for _, line := range strings.Split(w.snapshot(), "\n") {
			out = append(out, d+line)
		}
	}
	w.root = whole
	return strings.Join(out, "\n")
}

// same compares two snapshots.
func (w *world) same(what, want, got string) {
	w.t.Helper()
	if d := lineDiff(want, got); d != "" {
		w.t.Errorf("%s:\n%s", what, d)
	}
}

// lineDiff shows the lines that only one of two snapshots has.
func lineDiff(want, got string) string {
	a, b := map[string]bool{}, map[string]bool{}
	for _, l := range strings.Split(want, "\n") {
		a[l] = true
	}
	for _, l := range strings.Split(got, "\n") {
		b[l] = true
	}
	var out []string
	for l := range a {
		if !b[l] {
			out = append(out, "- "+l)
		}
	}
	for l := range b {
		if !a[l] {
			out = append(out, "+ "+l)
		}
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}

// host, tree and store open the three for one test.
func (w *world) host() *Host {
	w.t.Helper()
	h, err := OpenHost(w.root)
	w.must(err)
	w.t.Cleanup(func() { h.Close() })
	return h
}

func (w *world) tree(h *Host) *Tree {
	w.t.Helper()
	t, err := OpenJail(h, testJail)
	w.must(err)
	w.t.Cleanup(func() { t.Close() })
	return t
}

func (w *world) store(h *Host) *Store {
	w.t.Helper()
	s, err := OpenStore(h, testJail, false)
	w.must(err)
	w.t.Cleanup(func() { s.Close() })
	return s
}

// plan makes a plan of the present state.
func (w *world) plan(want []rewrite.Wanted, opt PlanOptions) (*Plan, parser.Diagnostics) {
	w.t.Helper()
	h := w.host()
	return NewPlan(h, w.tree(h), w.store(h).Manifest(), want, testIDs, opt)
}

// apply plans and applies; the errors of both are given back.
func (w *world) apply(want []rewrite.Wanted, opt PlanOptions) (*Plan, parser.Diagnostics, error) {
	w.t.Helper()
	h := w.host()
	t, s := w.tree(h), w.store(h)
	p, diags := NewPlan(h, t, s.Manifest(), want, testIDs, opt)
	err := s.Apply(context.Background(), h, t, p)
	return p, diags, err
}

// applied is apply without errors, and a second plan that must be empty.
func (w *world) applied(want []rewrite.Wanted, opt PlanOptions) *Plan {
	w.t.Helper()
	p, diags, err := w.apply(want, opt)
	if err == nil {
		err = diags.Err()
	}
	w.must(err)
	again, diags := w.plan(want, opt)
	w.must(diags.Err())
	if !again.Empty() {
		w.t.Errorf("the plan after apply is not empty: %+v", again.Ops)
	}
	// An original that is reached by way of another's link has moved by now;
	// that is written down once, and no more.
	if !equalManifests(again.old, again.next) {
		_, _, err = w.apply(want, opt)
		w.must(err)
		again, _ = w.plan(want, opt)
		if !equalManifests(again.old, again.next) {
			w.t.Errorf("every plan has something new to write down")
		}
	}
	return p
}

func (w *world) rollback() Report {
	w.t.Helper()
	h := w.host()
	r, err := w.store(h).Rollback(context.Background(), h)
	w.must(err)
	return r
}

// The wants of the world's server.
func wantDir(p rewrite.JailPath, owner, group rewrite.Principal, mode fs.FileMode) rewrite.Wanted {
	return rewrite.Wanted{Path: p, Kind: rewrite.Directory, Owner: owner, Group: group, Mode: mode, Reason: "the article's tree"}
}

func wantTree() []rewrite.Wanted {
	return []rewrite.Wanted{
		wantDir("/", rewrite.Root, rewrite.Daemon, 0o511),
		wantDir("/etc", rewrite.Root, rewrite.Daemon, 0o111),
		wantDir("/var", rewrite.Root, rewrite.Daemon, 0o111),
		wantDir("/dev", rewrite.Root, rewrite.Daemon, 0o111),
		wantDir("/zones", rewrite.Root, rewrite.Daemon, 0o111),
		wantDir("/zones/master", rewrite.Root, rewrite.Daemon, 0o111),
		wantDir("/var/run", rewrite.User, rewrite.User, 0o700),
		wantDir("/zones/slave", rewrite.User, rewrite.User, 0o700),
		wantDir("/zones/dynamic", rewrite.User, rewrite.User, 0o700),
		{Path: "/dev/null", Kind: rewrite.Device, Class: rewrite.ClassDevice, Mode: 0o666, Major: 1, Minor: 3, Char: true},
	}
}

func wantStatic(p rewrite.JailPath, source string) rewrite.Wanted {
	return rewrite.Wanted{Path: p, Kind: rewrite.File, Class: rewrite.ClassStatic, Transfer: rewrite.Move, Source: source,
		Mode: 0o644, StrictGroup: rewrite.User, StrictMode: 0o640, Reason: "a zone file that named reads"}
}

func wantLiving(p rewrite.JailPath, source string, optional bool) rewrite.Wanted {
	return rewrite.Wanted{Path: p, Kind: rewrite.File, Class: rewrite.ClassDynamic, Transfer: rewrite.Move, Source: source,
		Owner: rewrite.User, Group: rewrite.User, Mode: 0o644, Optional: optional}
}

func wantConfig(text string) rewrite.Wanted {
	return rewrite.Wanted{Path: "/etc/named.conf", Kind: rewrite.File, Class: rewrite.ClassConfig, Transfer: rewrite.Write,
		Source: "/etc/bind/named.conf", Content: []byte(text), Group: rewrite.Daemon, Mode: 0o644, StrictGroup: rewrite.User, StrictMode: 0o640}
}

const jailedConf = "zone \"a\" { type master; file \"/zones/master/db.a\"; };\n"

// wantAll is the whole jail of the world's server.
func wantAll() []rewrite.Wanted {
	return append(wantTree(),
		wantConfig(jailedConf),
		wantStatic("/zones/master/db.a", "/etc/bind/db.a"),
		wantStatic("/zones/master/db.secret", "/etc/bind/db.secret"),
		wantLiving("/zones/dynamic/db.dyn", "/var/lib/bind/db.dyn", false),
		wantLiving("/zones/dynamic/db.dyn.jnl", "/var/lib/bind/db.dyn.jnl", true),
		wantLiving("/zones/dynamic/db.dyn.signed", "/var/lib/bind/db.dyn.signed", true),
		wantLiving("/zones/slave/db.sec", "/var/cache/bind/db.sec", true),
		rewrite.Wanted{Path: "/etc/bind/rndc.key", Kind: rewrite.File, Class: rewrite.ClassRead, Transfer: rewrite.Copy,
			Source: "/etc/bind/rndc.key", Owner: rewrite.Root, Group: rewrite.User, Mode: 0o640},
		rewrite.Wanted{Path: "/usr/share/dns/root.hints", Kind: rewrite.File, Class: rewrite.ClassStatic, Transfer: rewrite.Move,
			Source: "/usr/share/dns/root.hints", Mode: 0o644},
		rewrite.Wanted{Path: "/etc/bind/bind.keys", Kind: rewrite.Symlink, Class: rewrite.ClassRead, Target: "../named.keys"},
		rewrite.Wanted{Path: "/run/named/named.pid", Kind: rewrite.HostLink, Class: rewrite.ClassWritten, Source: "/run/named/named.pid"},
	)
}

// hasCode tells whether a finding of a code is among them.
func hasCode(diags parser.Diagnostics, code parser.Code, severity parser.Severity) bool {
	for _, d := range diags {
		if d.Code == code && d.Severity == severity {
			return true
		}
	}
	return false
}
