//go:build linux

package jail

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"named-jail/parser"
	"named-jail/rewrite"
)

// inTime fails a test whose body hangs.
func inTime(t *testing.T, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("it hangs")
	}
}

func TestPlantedLinkIsNotFollowed(t *testing.T) {
	w := newWorld(t)
	w.applied(wantAll(), PlanOptions{})
	place := testJail + "/zones/dynamic/db.dyn"
	w.must(os.Remove(w.os(place)))
	w.link("../../etc/named.conf", place)
	w.must(os.Lchown(w.os(place), testUID, testGID))
	for _, opt := range []PlanOptions{{}, {KeepGoing: true}} {
		_, diags, _ := w.apply(wantAll(), opt)
		if len(diags) == 0 || diags[0].Code != "NJ511" {
			t.Errorf("findings: %v", diags)
		}
	}
	w.is(testJail+"/etc/named.conf", "0644 0:1")
	// The host's old name leads there too, and must not give anything away.
	if _, err := w.host().ReadFile("/var/lib/bind/db.dyn"); err == nil || Diagnose(err).Code != "NJ307" {
		t.Errorf("reading through the planted link: %v", err)
	}
	w.rollback()
	if got := w.read("/etc/bind/named.conf"); !strings.Contains(got, "/etc/bind/db.a") {
		t.Errorf("named.conf of the host is %q", got)
	}
	if got := w.read("/var/lib/bind/db.dyn"); got != "zone dyn\n" {
		t.Errorf("the zone did not come back from its backup: %q", got)
	}
}

func TestPlantedDirectoryLink(t *testing.T) {
	w := newWorld(t)
	want := append(wantAll(), wantDir("/var/run/keys", rewrite.User, rewrite.User, 0o700))
	w.applied(want, PlanOptions{})
	w.must(os.Remove(w.os(testJail + "/var/run/keys")))
	w.link("../../etc", testJail+"/var/run/keys")
	_, diags, err := w.apply(want, PlanOptions{})
	if err == nil || !hasCode(diags, "NJ511", parser.Error) {
		t.Errorf("%v %v", err, diags)
	}
	w.is(testJail+"/etc", "0111 0:1")

	below := append(wantAll(), wantLiving("/var/run/keys/K", "/var/lib/bind/K", true))
	if _, diags, err := w.apply(below, PlanOptions{}); err == nil || !hasCode(diags, "NJ511", parser.Error) {
		t.Errorf("%v %v", err, diags)
	}
}

func TestFIFODoesNotHang(t *testing.T) {
	for _, place := range []string{testJail + "/zones/dynamic/db.dyn", "/etc/bind/db.a", testJail + "/zones/master/db.a"} {
		w := newWorld(t)
		w.applied(wantAll(), PlanOptions{})
		w.must(os.Remove(w.os(place)))
		w.must(unix.Mkfifo(w.os(place), 0o644))
		inTime(t, func() {
			_, diags, err := w.apply(wantAll(), PlanOptions{})
			if err == nil || !hasCode(diags, "NJ511", parser.Error) {
				t.Errorf("%s: %v %v", place, err, diags)
			}
			if _, err := w.host().ReadFile(place); err == nil {
				t.Errorf("%s could be read", place)
			}
		})
	}
}

func TestHardLinkInTheJail(t *testing.T) {
	w := newWorld(t)
	w.applied(wantAll(), PlanOptions{})
	w.file("/etc/shadow", "secret\n", 0o600, 0, 0)
	place := testJail + "/zones/dynamic/db.dyn"
	w.must(os.Remove(w.os(place)))
	w.must(os.Link(w.os("/etc/shadow"), w.os(place)))
	before := w.snapshot()
	_, _, err := w.apply(wantAll(), PlanOptions{KeepGoing: true})
	if err == nil || Diagnose(err).Code != "NJ511" {
		t.Errorf("%v", err)
	}
	w.is("/etc/shadow", "0600 0:0")
	w.same("after the refusal", before, w.snapshot())
}

// TestHostileFilesAtRollback plants what must neither be carried to the host
// nor stop the rest from being restored.
func TestHostileFilesAtRollback(t *testing.T) {
	for name, plant := range map[string]func(w *world, p string){
		"huge": func(w *world, p string) {
			w.file(p, "", 0o644, testUID, testGID)
			w.must(os.Truncate(w.os(p), maxFile+1))
		},
		"hard link": func(w *world, p string) {
			w.file("/etc/shadow", "secret\n", 0o600, 0, 0)
			w.must(os.Link(w.os("/etc/shadow"), w.os(p)))
		},
		"fifo": func(w *world, p string) { w.must(unix.Mkfifo(w.os(p), 0o644)) },
		"link": func(w *world, p string) { w.link("/etc/shadow", p) },
		"directory": func(w *world, p string) {
			w.dir(p, 0o755, testUID, testGID)
			w.file(p+"/x", "x", 0o644, testUID, testGID)
		},
	} {
		for _, place := range []string{"/zones/dynamic/db.dyn", "/zones/slave/db.sec"} {
			t.Run(name+place, func(t *testing.T) {
				w := newWorld(t)
				before := w.snapshot()
				w.applied(wantAll(), PlanOptions{})
				os.Remove(w.os(testJail + place))
				plant(w, testJail+place)
				var report Report
				inTime(t, func() { report = w.rollback() })
				dirs := []string{"/etc/bind", "/var/lib/bind", "/var/cache", "/run", "/usr"}
				now := w.snapshotBelow(dirs...)
				for _, line := range strings.Split(before, "\n") {
					kept := slices.ContainsFunc(dirs, func(d string) bool { return strings.HasPrefix(line, d+"/") || strings.HasPrefix(line, d+" ") })
					if kept && !strings.Contains(now, line) {
						t.Errorf("not restored: %s\n%+v", line, report)
					}
				}
				if name == "hard link" {
					w.is("/etc/shadow", "0600 0:0")
				}
			})
		}
	}
}

func TestUntrustedLinksOnTheHost(t *testing.T) {
	w := newWorld(t)
	w.file("/etc/shadow", "secret\n", 0o600, 0, 0)
	w.file("/var/cache/bind/own", "own\n", 0o644, testUID, testGID)
	mine := func(target, p string) {
		w.link(target, p)
		w.must(os.Lchown(w.os(p), testUID, testGID))
	}
	mine("/etc/shadow", "/var/cache/bind/evil")
	mine("/etc", "/var/cache/bind/evildir")
	mine("own", "/var/cache/bind/good")
	mine("/var/cache/bind/own", "/var/cache/bind/good2")
	w.link("/etc/bind/db.a", "/var/cache/bind/roots")
	w.link("own", "/var/cache/bind/relative")
	w.link("../../../etc/shadow", "/var/cache/bind/moved") // root made it elsewhere, he moved it
	mine("evil", "/var/cache/bind/chain")
	w.must(os.Link(w.os("/etc/shadow"), w.os("/var/cache/bind/hard")))
	h := w.host()
	for name, ok := range map[string]bool{"evil": false, "evildir/shadow": false, "good": true, "good2": true, "roots": true,
		"relative": true, "moved": false, "chain": false, "hard": false} {
		b, err := h.ReadFile("/var/cache/bind/" + name)
		if ok && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !ok && (err == nil || Diagnose(err).Code != "NJ307") {
			t.Errorf("%s gave %q, %v", name, b, err)
		}
	}
}

func TestLinksBeginAgainAtTheRoot(t *testing.T) {
	w := newWorld(t)
	w.link("/etc/bind", "/etc/namedb")
	w.link("../../../../../../etc/bind/db.a", "/etc/up")
	w.link("loop", "/etc/loop")
	h := w.host()
	for p, want := range map[string]string{"/etc/namedb/db.alias": "/etc/bind/db.a", "/etc/up": "/etc/bind/db.a", "/../etc/./bind/../up": "/etc/bind/db.a"} {
		got, err := h.RealPath(p)
		if err != nil || got != want {
			t.Errorf("%s is %q (%v), want %s", p, got, err, want)
		}
	}
	if _, err := h.Stat("/etc/loop"); !errors.Is(err, unix.ELOOP) {
		t.Errorf("loop: %v", err)
	}
	if _, err := h.Stat("/etc/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
	if _, err := h.ReadFile("/etc"); err == nil {
		t.Error("a directory was read")
	}
	if i, err := h.Lstat("/etc/up"); err != nil || i.Kind != LinkFile || i.Target == "" {
		t.Errorf("lstat: %+v %v", i, err)
	}
}

func TestJailInTheWrongPlace(t *testing.T) {
	w := newWorld(t)
	w.link("/etc", "/var/linked")
	w.file("/var/file", "", 0o644, 0, 0)
	h := w.host()
	for _, jail := range []string{"/", "/var/linked", "/var/file", "//", "/var/.."} {
		if _, err := OpenJail(h, jail); err == nil || Diagnose(err).Code != "NJ501" {
			t.Errorf("%s: %v", jail, err)
		}
	}
	tree, err := OpenJail(h, "/srv/a/b")
	if err != nil || tree.Exists() || tree.RealPath() != "/srv/a/b" {
		t.Errorf("%+v %v", tree, err)
	}
}

func TestUnsafeStore(t *testing.T) {
	for name, spoil := range map[string]func(w *world){
		"foreign":  func(w *world) { w.own(storeDir+"/var-named", 0o700, testUID, testGID) },
		"open":     func(w *world) { w.own(storeDir+"/var-named", 0o755, 0, 0) },
		"base":     func(w *world) { w.own(storeDir, 0o777, 0, 0) },
		"manifest": func(w *world) { w.file(storeDir+"/var-named/manifest", "{]", 0o600, 0, 0) },
		"link": func(w *world) {
			w.must(os.Rename(w.os(storeDir+"/var-named"), w.os("/var/cache/bind/store")))
			w.link("/var/cache/bind/store", storeDir+"/var-named")
		},
	} {
		w := newWorld(t)
		w.applied(wantAll(), PlanOptions{})
		spoil(w)
		if _, err := OpenStore(w.host(), testJail, false); err == nil || Diagnose(err).Code != "NJ515" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWithoutRoot(t *testing.T) {
	w := newWorld(t)
	w.must(os.Chmod(w.root, 0o755))
	for p := w.root; p != "/"; p = p[:strings.LastIndex(p, "/")] {
		if p == os.TempDir() || strings.LastIndex(p, "/") == 0 {
			break
		}
		w.must(os.Chmod(p, 0o755))
	}
	w.applied(wantAll(), PlanOptions{})
	w.file("/etc/bind/db.a", "new\n", 0o644, 0, 0)
	asUser(t, func() {
		h := w.host()
		tree, s := w.tree(h), w.store(h)
		if !s.Hidden() {
			t.Error("the store could be read")
		}
		p, diags := NewPlan(h, tree, s.Manifest(), wantAll(), testIDs, PlanOptions{})
		if diags.Err() != nil {
			t.Errorf("plan: %v", diags)
		}
		if p.Empty() {
			if err := s.Apply(t.Context(), h, tree, p); err == nil || Diagnose(err).Code != "NJ504" {
				t.Errorf("apply: %v", err)
			}
		} else if err := s.Apply(t.Context(), h, tree, p); err == nil || Diagnose(err).Code != "NJ504" {
			t.Errorf("apply: %v", err)
		}
		if _, err := s.Rollback(t.Context(), h); err == nil || Diagnose(err).Code != "NJ504" {
			t.Errorf("rollback: %v", err)
		}
	})
}
