package jail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"named-jail/parser"
	"named-jail/rewrite"
)

// What must not be read, and what must not be changed.
const (
	secretText = "root:$6$SECRETSECRET:19000:0:99999:7:::\n"
	secretMark = "SECRETSECRET"
	notesText  = "NOTESNOTES of another user\n"
	notesMark  = "NOTESNOTES"
	otherUID   = 12345
)

// raceEnv asks for more than the short run: its value is the seconds that each
// kind of work gets.
const raceEnv = "NAMED_JAIL_RACE_SECONDS"

// raceTime is how long one kind of work is raced.
func raceTime() time.Duration {
	if n, err := strconv.Atoi(os.Getenv(raceEnv)); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	if testing.Short() {
		return time.Second
	}
	return 4 * time.Second
}

// inMemory puts the worlds of a test into memory, where there is a file system
// in memory: a round costs a tenth there.
func inMemory(t *testing.T) {
	t.Helper()
	var st unix.Statfs_t
	if unix.Statfs("/dev/shm", &st) == nil && int64(st.Type) == unix.TMPFS_MAGIC {
		t.Setenv("TMPDIR", "/dev/shm")
	}
}

// newRaced is a world with more that named may write, and with what it may not.
func newRaced(t *testing.T) *world {
	w := newWorld(t)
	w.must(os.Chmod(w.root, 0o755))
	w.must(os.Chmod(filepath.Dir(w.root), 0o755)) // for the racer
	w.file("/etc/secret", secretText, 0o600, 0, 0)
	w.file("/etc/hidden", "hidden TXT \""+secretMark+"\"\n", 0o600, 0, 0) // a part of a zone
	w.dir("/srv/shared", 0o755, 0, 0)
	w.file("/srv/shared/notes", notesText, 0o666, otherUID, otherUID)
	w.file("/var/cache/bind/db.sec", "zone sec\n", 0o644, testUID, testGID)
	w.dir("/var/cache/bind/sub", 0o755, testUID, testGID)
	w.file("/var/cache/bind/sub/K", "key K\n", 0o600, testUID, testGID)
	w.file("/var/cache/bind/x.nta", "nta\n", 0o644, testUID, testGID)
	w.dir("/var/cache/bind/roots", 0o755, 0, 0) // root's, in a directory of named's
	w.file("/var/cache/bind/roots/db.r", "zone r\n", 0o644, 0, 0)
	w.age()
	return w
}

// wantRaced is the jail of that world.
func wantRaced() []rewrite.Wanted {
	want := wantAll()
	for i := range want {
		if want[i].Path == "/var/run" {
			want[i].Source, want[i].Keeps = "/var/cache/bind", []string{"*.nta"}
		}
	}
	return append(want, wantDir("/var/run/keys", rewrite.User, rewrite.User, 0o700),
		wantLiving("/var/run/keys/K", "/var/cache/bind/sub/K", true),
		wantStatic("/zones/master/db.r", "/var/cache/bind/roots/db.r"))
}

// raced is one place that the racer plays with: in the jail or, before a first
// apply, on the host.
type raced struct {
	dir, name string
	isDir     bool
}

var jailPlaces = []raced{
	{testJail + "/zones/dynamic", "db.dyn", false},
	{testJail + "/zones/dynamic", "db.dyn.jnl", false},
	{testJail + "/zones/slave", "db.sec", false},
	{testJail + "/var/run/keys", "K", false},
	{testJail + "/var/run", "keys", true},
}

var hostPlaces = []raced{
	{"/var/lib/bind", "db.dyn", false},
	{"/var/lib/bind", "db.dyn.jnl", false},
	{"/var/cache/bind", "db.sec", false},
	{"/var/cache/bind/sub", "K", false},
	{"/var/cache/bind", "sub", true},
	{"/var/cache/bind", "roots", true},
	{"/run/named", "named.pid", false},
}

// kinds are the exchanges: what the racer does, and the target of its link
// (below the world's root where it begins with "ROOT").
var kinds = []struct{ name, kind, target string }{
	{"link to named.conf", "link", "../../etc/named.conf"},
	{"absolute link to a secret", "link", "/etc/secret"},
	{"link to a secret of the real root", "link", "ROOT/etc/secret"},
	{"link to a master zone", "link", "../master/db.secret"},
	{"link to itself", "link", "db.dyn"},
	{"hard link to another's file", "hard", "ROOT/srv/shared/notes"},
	{"fleeting hard link to another's file", "fleeting", "ROOT/srv/shared/notes"},
	{"hard link to a secret", "given", "ROOT/etc/secret"},
	{"fifo", "fifo", ""},
	{"socket", "socket", ""},
	{"sparse", "sparse", ""},
	{"set-id file", "setuid", ""},
	{"empty file", "empty", ""},
	{"directory", "dir", ""},
	{"vanishing", "vanish", ""},
	{"growing", "grow", ""},
	{"temporary names", "temps", "/etc/secret"},
	{"odd names", "names", ""},
}

// dirKinds are those for a directory.
var dirKinds = []struct{ name, kind, target string }{
	{"link to etc", "link", "../../etc"},
	{"absolute link to etc", "link", "/etc"},
	{"link to etc of the real root", "link", "ROOT/etc"},
	{"link to the master zones", "link", "../../zones/master"},
	{"another directory", "dir", ""},
	{"fifo", "fifo", ""},
	{"vanishing", "vanish", ""},
}

// trap sets one place up for an exchange.
func (w *world) trap(p raced, kind, target string) Trap {
	if rest, ok := strings.CutPrefix(target, "ROOT"); ok {
		target = w.os(rest)
	}
	t := Trap{Dir: w.os(p.dir), Name: p.name, Kind: kind, Target: target}
	if kind == "given" {
		os.Link(target, filepath.Join(t.Dir, t.spareName())) // the directory may be yet to come
	}
	return t
}

// canary is what an object outside looks like.
type canary struct {
	ino, mtime     int64
	mode, uid, gid uint32
	text           string
}

func (w *world) canary(p string) canary {
	w.t.Helper()
	var st unix.Stat_t
	w.must(unix.Lstat(w.os(p), &st))
	c := canary{int64(st.Ino), st.Mtim.Nano(), st.Mode, st.Uid, st.Gid, ""}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		b, err := os.ReadFile(w.os(p))
		w.must(err)
		c.text = fmt.Sprintf("%x", sha256.Sum256(b))
	case unix.S_IFDIR:
		c.mtime = 0
		if p != testJail && p != testJail+"/dev" { // nothing may be put there either
			names, err := os.ReadDir(w.os(p))
			w.must(err)
			c.text = fmt.Sprint(names)
		}
	case unix.S_IFLNK:
		c.text = w.target(p)
	}
	return c
}

// canaries are the objects that no work may change, whatever named does; with
// jailed, those of a jail that is up to date too.
func (w *world) canaries(jailed bool) map[string]canary {
	w.t.Helper()
	out := map[string]canary{}
	paths := []string{"/etc", "/etc/secret", "/etc/hidden", "/srv", "/srv/shared", "/srv/shared/notes", "/usr/share"}
	if jailed {
		for _, p := range []string{"", "/etc", "/etc/named.conf", "/zones", "/zones/master", "/zones/master/db.a", "/zones/master/db.secret", "/dev", "/dev/null"} {
			paths = append(paths, testJail+p)
		}
		paths = append(paths, "/etc/bind/db.a", "/etc/bind/db.secret", "/etc/bind/named.conf")
	}
	for _, p := range paths {
		out[p] = w.canary(p)
	}
	return out
}

// unharmed looks for what must not have happened.
func (w *world) unharmed(what string, before map[string]canary) {
	w.t.Helper()
	for p, c := range before {
		if now := w.canary(p); now != c {
			w.t.Errorf("%s: %s was\n%+v and is\n%+v", what, p, c, now)
		}
	}
	known := map[int64]bool{w.canary("/etc/secret").ino: true, w.canary("/srv/shared/notes").ino: true, w.canary("/etc/hidden").ino: true}
	w.must(filepath.WalkDir(w.root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if os.IsNotExist(err) || errors.Is(err, unix.ENAMETOOLONG) {
				return nil
			}
			return err
		}
		var st unix.Stat_t
		if unix.Lstat(p, &st) != nil {
			return nil
		}
		name := strings.TrimPrefix(p, w.root)
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			if known[int64(st.Ino)] || st.Size > 1<<20 {
				return nil
			}
			b, _ := os.ReadFile(p)
			if bytes.Contains(b, []byte(secretMark)) || bytes.Contains(b, []byte(notesMark)) {
				w.t.Errorf("%s: %s (%o, %d:%d) holds what was read through a link of named's", what, name, st.Mode, st.Uid, st.Gid)
			}
			if st.Mode&0o6000 != 0 && st.Uid == 0 {
				w.t.Errorf("%s: %s has mode %o and is root's", what, name, st.Mode)
			}
		case unix.S_IFLNK:
			target, _ := os.Readlink(p)
			if st.Uid == 0 && (strings.Contains(target, "/etc/secret") || strings.HasSuffix(target, "/etc")) {
				w.t.Errorf("%s: %s -> %s is root's link now", what, name, target)
			}
		}
		return nil
	}))
}

// talk collects what the operator would read.
type talk struct {
	t     *testing.T
	codes map[string]int
}

func (k *talk) findings(what string, err error, diags parser.Diagnostics, paths ...string) {
	k.t.Helper()
	all := slices.Clone(diags)
	if err != nil {
		all = append(all, Diagnose(err))
	}
	for _, d := range all {
		var b bytes.Buffer
		d.Fprint(&b)
		text := b.String()
		k.codes[string(d.Code)]++
		if d.Code == "" || d.Message == "" || strings.Contains(text, "errno") || strings.Contains(text, "%!") {
			k.t.Errorf("%s: no clear finding: %+v", what, d)
		}
		if strings.Contains(text, secretMark) || strings.Contains(text, notesMark) {
			k.t.Errorf("%s: a secret is told: %s", what, text)
		}
		if strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), func(r rune) bool { return r < 0x20 || r == 0x7f || r == 0x202e }) {
			k.t.Errorf("%s: raw control characters: %q", what, text)
		}
	}
	for _, p := range paths {
		if strings.Contains(p, secretMark) {
			k.t.Errorf("%s: a secret is told: %s", what, p)
		}
	}
}

// raceWork is one kind of work: made before the race, done within it as often
// as it likes. stable says that the jail's own canaries must stay.
type raceWork struct {
	name   string
	places []raced
	stable bool
	make   func(w *world)
	do     func(w *world, k *talk)
}

// changed makes something to do for a second apply that leaves the canaries.
func (w *world) changed() {
	w.own(testJail+"/etc/bind/rndc.key", 0o600, 0, testGID)
	w.own(testJail+"/zones/slave", 0o755, 0, testGID)
	w.file(testJail+"/zones/dynamic/db.dyn", "zone dyn 2\n", 0o600, 0, 0)
	w.own(testJail+"/var/run/keys/K", 0o444, 0, 0)
	w.own(testJail+"/var/run/keys", 0o755, testUID, 0)
}

func (w *world) raceApply(k *talk, opt PlanOptions) error {
	_, diags, err := w.apply(wantRaced(), opt)
	k.findings("apply", err, diags)
	return err
}

func (w *world) raceRollback(k *talk) error {
	h := w.host()
	s, err := OpenStore(h, testJail, false)
	if err != nil {
		k.findings("open", err, nil)
		return err
	}
	defer s.Close()
	r, err := s.Rollback(context.Background(), h)
	k.findings("rollback", err, nil, slices.Concat(r.Restored, r.Carried, r.Kept, r.Left, r.Saved)...)
	return err
}

func (w *world) raceRecover(k *talk) error {
	h := w.host()
	s, err := OpenStore(h, testJail, false)
	if err == nil {
		defer s.Close()
		if err = s.Lock(); err == nil {
			_, err = s.Recover()
		}
	}
	k.findings("recover", err, nil)
	return err
}

var raceWorks = []raceWork{
	{"first apply", hostPlaces, false, func(*world) {}, func(w *world, k *talk) {
		for i := range 3 {
			if w.raceApply(k, PlanOptions{KeepGoing: i == 1}) == nil {
				break
			}
		}
		w.raceApply(k, PlanOptions{})
	}},
	{"second apply", jailPlaces, true, (*world).changedJail, func(w *world, k *talk) {
		for i := range 3 {
			w.raceApply(k, PlanOptions{KeepGoing: i == 1})
		}
	}},
	{"plan", jailPlaces, true, (*world).changedJail, func(w *world, k *talk) {
		for range 4 {
			h := w.host()
			tree, err := OpenJail(h, testJail)
			if err != nil {
				k.findings("open", err, nil)
				continue
			}
			s, err := OpenStore(h, testJail, false)
			if err != nil {
				k.findings("open", err, nil)
				continue
			}
			_, diags := NewPlan(h, tree, s.Manifest(), wantRaced(), testIDs, PlanOptions{KeepGoing: true})
			k.findings("plan", nil, diags)
			for range 50 {
				for _, p := range []rewrite.JailPath{"/zones/dynamic/db.dyn", "/zones/slave/db.sec", "/var/run/keys/K"} {
					for _, read := range []func() ([]byte, error){
						func() ([]byte, error) { return tree.ReadFile(p) },
						func() ([]byte, error) { return h.ReadFile(tree.HostPath(p)) },
					} {
						b, err := read()
						k.findings("read", err, nil)
						// The notes are everybody's to read: by a name that was
						// gone when the names were counted they may be read.
						if strings.Contains(string(b), secretMark) {
							w.t.Errorf("%s gave a secret", p)
							return
						}
					}
				}
			}
			s.Close()
			tree.Close()
			h.Close()
		}
	}},
	{"rollback", append(slices.Clone(jailPlaces), raced{"/var/cache/bind", "db.sec", false}), false, func(w *world) {
		w.applied(wantRaced(), PlanOptions{})
		w.file(testJail+"/zones/dynamic/db.dyn", "zone dyn 2\n", 0o644, testUID, testGID)
		w.file(testJail+"/zones/slave/db.sec", "zone sec 2\n", 0o644, testUID, testGID)
		w.file(testJail+"/var/run/y.nta", "nta\n", 0o644, testUID, testGID)
	}, func(w *world, k *talk) {
		for range 3 {
			if w.raceRollback(k) == nil {
				break
			}
		}
	}},
	{"recover", append(slices.Clone(jailPlaces), hostPlaces...), false, func(w *world) {
		if rand.IntN(2) == 0 {
			w.changedJail()
		}
	}, func(w *world, k *talk) {
		for range 2 {
			failAt(1+rand.IntN(120), errKilled, true)
			if rand.IntN(2) == 0 {
				w.raceApply(k, PlanOptions{KeepGoing: true})
			} else {
				w.raceRollback(k)
			}
			hook = nil
			if w.raceRecover(k) != nil {
				w.raceRecover(k)
			}
		}
	}},
}

// changedJail is a jail that is up to date but for a few rights.
func (w *world) changedJail() {
	w.applied(wantRaced(), PlanOptions{})
	w.changed()
}

// calm takes away what the racer left in the directories that it plays in.
func (w *world) calm() {
	w.t.Helper()
	for _, p := range append(slices.Clone(jailPlaces), hostPlaces...) {
		dir := w.os(p.dir)
		if fi, err := os.Lstat(dir); err != nil || !fi.IsDir() {
			continue
		}
		place, spare := filepath.Join(dir, p.name), filepath.Join(dir, Trap{Name: p.name}.spareName())
		now, err := os.Lstat(spare)
		here, none := os.Lstat(place)
		good := none == nil && (p.isDir && here.IsDir() || !p.isDir && here.Mode().IsRegular() && here.Size() < 1<<20)
		if good && !p.isDir {
			var st unix.Stat_t
			good = unix.Lstat(place, &st) == nil && st.Nlink == 1 && st.Mode&0o6000 == 0
		}
		if none == nil && here.Mode()&fs.ModeSymlink != 0 {
			if t, _ := os.Readlink(place); strings.HasPrefix(t, testJail+"/") {
				good = true // ours
			}
		}
		if !good && none == nil {
			w.must(os.RemoveAll(place))
		}
		if err == nil && !good && (p.isDir == now.IsDir()) && now.Mode().Type()&^fs.ModeDir == 0 {
			w.must(os.Rename(spare, place))
		} else if err == nil {
			w.must(os.RemoveAll(spare))
		}
	}
}

// withoutLinkProtection makes the code believe that the kernel lets everybody
// link what he likes.
func withoutLinkProtection(t *testing.T) {
	before := linksProtected
	linksProtected = func() bool { return false }
	t.Cleanup(func() { linksProtected = before })
}

// A file that only root may read is not read, and not given away, in a directory
// that others write, where they could have linked it: its number of names may be
// one by now.
func TestSecretOfOneNameIsNotRead(t *testing.T) {
	for _, test := range []struct {
		protected bool
		mode      uint32
		gid       int
		refused   bool
	}{{false, 0o600, 0, true}, {false, 0o640, 0, true}, {false, 0o640, testGID, false}, {false, 0o644, 0, false}, {true, 0o600, 0, false}} {
		w := newRaced(t)
		withoutLinkProtection(t)
		if test.protected {
			linksProtected = func() bool { return true }
		}
		w.file("/var/cache/bind/db.sec", "a secret\n", test.mode, 0, test.gid)
		s := w.host().session()
		at := w.spotOf(s, "/var/cache/bind/db.sec")
		for name, do := range map[string]func() error{
			"read":  func() error { _, err := digestSpot(at); return err },
			"owner": func() error { return changeMeta(at, 0, test.gid, 0, false, 0, 0) },
		} {
			if err := do(); (err != nil) != test.refused || err != nil && Diagnose(err).Code != "NJ307" {
				t.Errorf("%s of %+v: %v", name, test, err)
			}
		}
		s.close()
	}
}

// TestRaces lets named's user exchange what he may write while root works.
func TestRaces(t *testing.T) {
	inMemory(t)
	withoutLinkProtection(t)
	racer := NewRacer(t)
	for _, work := range raceWorks {
		t.Run(work.name, func(t *testing.T) {
			codes, rounds, exchanges := map[string]int{}, 0, 0
			for end := time.Now().Add(raceTime()); time.Now().Before(end) && !t.Failed(); rounds++ {
				what := ""
				ok := t.Run(strconv.Itoa(rounds), func(t *testing.T) {
					what = raceRound(t, racer, work, rounds, codes, &exchanges)
				})
				if !ok {
					t.Logf("round %d: %s", rounds, what)
				}
			}
			t.Logf("%d rounds, %d exchanges, findings %v", rounds, exchanges, codes)
			if exchanges < rounds {
				t.Error("the racer did not race")
			}
		})
	}
}

// raceRound is one world, raced once.
func raceRound(t *testing.T, racer *Racer, work raceWork, round int, codes map[string]int, exchanges *int) string {
	w := newRaced(t)
	start := w.snapshotBelow("/etc", "/srv", "/usr")
	work.make(w)
	before := w.canaries(work.stable)
	place := work.places[round%len(work.places)]
	list := kinds
	if place.isDir {
		list = dirKinds
	}
	kind := list[rand.IntN(len(list))]
	traps := []Trap{w.trap(place, kind.kind, kind.target)}
	for range round % 3 {
		more := work.places[rand.IntN(len(work.places))]
		taken := slices.ContainsFunc(traps, func(t Trap) bool { return t.Dir == w.os(more.dir) && t.Name == more.name })
		if !more.isDir && !taken {
			other := kinds[rand.IntN(len(kinds))]
			traps = append(traps, w.trap(more, other.kind, other.target))
		}
	}
	what := fmt.Sprintf("%s at %s/%s", kind.name, place.dir, place.name)
	k := &talk{t, codes}
	racer.Start(traps)
	running := true
	defer func() {
		hook = nil
		if running {
			*exchanges += racer.Stop()
		}
	}()
	inTime(t, func() { work.do(w, k) })
	hook = nil
	*exchanges += racer.Stop()
	running = false
	w.unharmed(what, before)
	if t.Failed() {
		return what
	}
	// When it is over, all that is root's can be had back.
	w.calm()
	inTime(t, func() {
		w.must(w.raceRecover(k))
		if err := w.raceRollback(k); err != nil && Diagnose(err).Code != "NJ516" {
			t.Errorf("rollback when all is quiet: %v", err)
		}
	})
	w.unharmed(what+", after all", w.canaries(false))
	w.same(what+", after all", start, w.snapshotBelow("/etc", "/srv", "/usr"))
	return what
}

// RacedWorld is the same for the tests of the whole program, which stand
// outside the package.
type RacedWorld struct{ w *world }

// NewRacedWorld makes one with a configuration and zones that can be read.
func NewRacedWorld(t *testing.T) RacedWorld {
	w := newRaced(t)
	w.file("/etc/passwd", fmt.Sprintf("root:x:0:0::/root:/bin/sh\nnamed:x:%d:%d::/:/usr/sbin/nologin\n", testUID, testGID), 0o644, 0, 0)
	w.file("/etc/group", fmt.Sprintf("root:x:0:\ndaemon:x:%d:\nnamed:x:%d:\n", testDaemon, testGID), 0o644, 0, 0)
	w.file("/etc/bind/named.conf", `options { directory "/var/cache/bind"; pid-file "/run/named/named.pid"; };
zone "a" { type master; file "/etc/bind/db.a"; };
zone "r" { type master; file "/var/cache/bind/roots/db.r"; };
zone "dyn" { type master; file "/var/lib/bind/db.dyn"; allow-update { 127.0.0.1; }; };
zone "sec" { type slave; file "/var/cache/bind/db.sec"; masters { 127.0.0.1; }; };
`, 0o644, 0, testGID)
	for _, p := range []string{"/etc/bind/db.a", "/var/cache/bind/roots/db.r"} {
		w.file(p, wholeZone, 0o644, 0, 0)
	}
	for _, p := range []string{"/var/lib/bind/db.dyn", "/var/cache/bind/db.sec"} {
		w.file(p, wholeZone, 0o644, testUID, testGID)
	}
	w.must(os.Remove(w.os("/var/lib/bind/db.dyn.jnl")))
	w.age()
	return RacedWorld{w}
}

// Root is where it lies.
func (r RacedWorld) Root() string { return r.w.root }

// Traps sets up an exchange at a place of the world chosen by number: of zone
// files in the jail, or on the host.
func (r RacedWorld) Traps(n int, jailed bool) ([]Trap, string) {
	places := []raced{{"/var/lib/bind", "db.dyn", false}, {"/var/cache/bind", "db.sec", false}, {"/var/cache/bind", "roots", true}}
	if jailed {
		places = []raced{{testJail + "/zones/dynamic", "db.dyn", false}, {testJail + "/zones/dynamic", "db.dyn.jnl", false}, {testJail + "/zones/slave", "db.sec", false}}
	}
	p := places[n%len(places)]
	list := kinds
	if p.isDir {
		list = dirKinds
	}
	if !jailed && !p.isDir && n%2 == 0 {
		// The zone includes what only root may read; when it comes to whose it
		// is, it is gone, or root's.
		r.w.file(p.dir+"/"+p.name, wholeZone+"$INCLUDE /etc/hidden\n", 0o644, testUID, testGID)
		t := Trap{Dir: r.w.os(p.dir), Name: p.name, Kind: []string{"vanish", "given"}[n/2%2]}
		if t.Kind == "given" {
			r.w.file(p.dir+"/"+t.spareName(), wholeZone, 0o644, 0, 0)
		}
		return []Trap{t}, t.Kind + " and $INCLUDE at " + p.dir + "/" + p.name
	}
	i := rand.IntN(len(list) + len(evilZones))
	if p.isDir || i < len(list) {
		k := list[i%len(list)]
		return []Trap{r.w.trap(p, k.kind, k.target)}, k.name + " at " + p.dir + "/" + p.name
	}
	text := strings.ReplaceAll(evilZones[i-len(list)], "ROOT", r.w.root)
	return []Trap{{Dir: r.w.os(p.dir), Name: p.name, Kind: "text", Target: text}}, fmt.Sprintf("%q at %s/%s", text, p.dir, p.name)
}

const wholeZone = "$TTL 3600\n@ SOA ns hostmaster 1 3600 900 604800 3600\n@ NS ns\nns A 192.0.2.1\n"

// evilZones are zone files that want to have told what they include.
var evilZones = []string{
	wholeZone + "$INCLUDE /etc/hidden\n",
	"$INCLUDE /etc/secret\n",
	"$INCLUDE ROOT/etc/secret\n",
	"$INCLUDE ../../../etc/secret\n",
	"$INCLUDE /etc/bind/db.secret\n",
	"$INCLUDE /srv/shared/notes\n",
	"$INCLUDE /var/cache/bind/.spare-db.sec\n",
	"$INCLUDE /zones/dynamic/.spare-db.dyn\n",
	"$TTL 1\n@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n$ORIGIN x.\n$INCLUDE /etc/secret\n",
	"$INCLUDE db.dyn\n$INCLUDE /var/lib/bind/db.dyn\n",
	"\x1b[2J\x00\xff SECRET\n",
}

// Before gives what must stay as it is, jailed the jail's own too.
func (r RacedWorld) Before(jailed bool) map[string]canary {
	if _, err := os.Lstat(r.w.os(testJail)); err != nil || !jailed {
		return r.w.canaries(false)
	}
	out := r.w.canaries(false)
	for _, p := range []string{"/etc/named.conf", "/zones/master/db.a", "/zones/master", "/etc"} {
		out[testJail+p] = r.w.canary(testJail + p)
	}
	return out
}

// Unharmed looks for what must not have happened.
func (r RacedWorld) Unharmed(what string, before map[string]canary) { r.w.unharmed(what, before) }

// Calm takes away what the racer left.
func (r RacedWorld) Calm() { r.w.calm() }

// Start is the part of the world that must come back.
func (r RacedWorld) Start() string { return r.w.snapshotBelow("/etc", "/srv", "/usr") }

// Same compares it.
func (r RacedWorld) Same(what, want string) { r.w.t.Helper(); r.w.same(what, want, r.Start()) }

// RaceTime is how long one kind of work is raced.
func RaceTime() time.Duration { return raceTime() }

// InMemory puts the worlds of a test into memory.
func InMemory(t *testing.T) { inMemory(t) }
