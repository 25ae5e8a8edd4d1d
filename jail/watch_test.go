//go:build linux

package jail

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestWatch checks that notes tell every change of what was looked at, and
// nothing else.
func TestWatch(t *testing.T) {
	long := time.Now().Add(-time.Hour)
	type step struct {
		name string
		do   func(root string) error
		same bool // nothing that was looked at changed
	}
	at := filepath.Join
	put := func(p string, text string) error { return os.WriteFile(p, []byte(text), 0o644) }
	steps := []step{
		{"nothing", func(string) error { return nil }, true},
		{"content", func(r string) error { return put(at(r, "etc/conf"), "other") }, false},
		{"content of the same size and time", func(r string) error {
			if err := put(at(r, "etc/conf"), "TEXT"); err != nil {
				return err
			}
			return os.Chtimes(at(r, "etc/conf"), long, long)
		}, false},
		{"another file of the name", func(r string) error {
			if err := put(at(r, "etc/new"), "text"); err != nil {
				return err
			}
			return os.Rename(at(r, "etc/new"), at(r, "etc/conf"))
		}, false},
		{"mode", func(r string) error { return os.Chmod(at(r, "etc/conf"), 0o600) }, false},
		{"gone", func(r string) error { return os.Remove(at(r, "etc/conf")) }, false},
		{"what was missing", func(r string) error { return put(at(r, "zones/absent"), "") }, false},
		{"a missing directory", func(r string) error { return os.Mkdir(at(r, "none"), 0o755) }, false},
		{"a name in a listed directory", func(r string) error { return put(at(r, "list/new"), "") }, false},
		{"a name gone from a listed directory", func(r string) error { return os.Remove(at(r, "list/one")) }, false},
		{"a name in another directory", func(r string) error { return put(at(r, "zones/new"), "") }, true},
		{"a file that was not looked at", func(r string) error { return put(at(r, "zones/other"), "x") }, true},
		{"content of what only rights were asked of", func(r string) error { return put(at(r, "zones/log"), "more and more") }, true},
		{"rights of it", func(r string) error { return os.Chmod(at(r, "zones/log"), 0o600) }, false},
		{"a directory's mode", func(r string) error { return os.Chmod(at(r, "zones"), 0o700) }, false},
		{"a directory exchanged", func(r string) error {
			if err := os.Rename(at(r, "zones"), at(r, "old")); err != nil {
				return err
			}
			return os.CopyFS(at(r, "zones"), os.DirFS(at(r, "old")))
		}, false},
		{"a directory behind a link", func(r string) error {
			if err := os.Rename(at(r, "zones"), at(r, "old")); err != nil {
				return err
			}
			return os.Symlink("old", at(r, "zones"))
		}, false},
		{"a link", func(r string) error {
			if err := os.Remove(at(r, "link")); err != nil {
				return err
			}
			return os.Symlink("zones", at(r, "link"))
		}, false},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			root := t.TempDir()
			for _, dir := range []string{"etc", "zones", "list"} {
				if err := os.Mkdir(at(root, dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			for _, file := range []string{"etc/conf", "zones/log", "zones/other", "list/one"} {
				if err := put(at(root, file), "text"); err != nil {
					t.Fatal(err)
				}
				if err := os.Chtimes(at(root, file), long, long); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink("etc", at(root, "link")); err != nil {
				t.Fatal(err)
			}
			h, err := OpenHost(root)
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()
			w := NewWatch()
			w.began = time.Now().Add(time.Hour) // as if all had lain still for long
			h.Stat("/zones/absent")             // before, and so again
			w.Add(h, nil)
			if text, err := h.ReadFile("/link/conf"); err != nil || string(text) != "text" {
				t.Fatal(err)
			}
			h.Stat("/zones/absent")
			h.Stat("/none/x")
			h.ReadDir("/list")
			eyes := HostEyes(h, Viewer{UID: 65534, GID: 65534})
			eyes.See("/zones/log")
			eyes.See("/zones")
			eyes.Close()
			w.End(h)
			h.Stat("/etc/unseen")
			notes, err := w.Notes()
			if err != nil {
				t.Fatal(err)
			}
			text := notes.Append(nil)
			if notes, err = ReadNotes(string(text)); err != nil {
				t.Fatal(err)
			}
			if what := notes.Unchanged(h); what != "" {
				t.Fatalf("%s at once", what)
			}
			if err := s.do(root); err != nil {
				t.Fatal(err)
			}
			if what := notes.Unchanged(h); (what == "") != s.same {
				t.Errorf("changed: %q", what)
			}
			for cut := range len(text) {
				if _, err := ReadNotes(string(text[:cut])); err == nil {
					t.Fatalf("notes cut at %d are taken", cut)
				}
			}
		})
	}
}

// TestWatchDoubts checks that what is too new, or changes meanwhile, leaves no
// notes.
func TestWatchDoubts(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "file")
	h, err := OpenHost(root)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	watch := func(early time.Duration, do func()) error {
		if err := os.WriteFile(file, []byte("text"), 0o644); err != nil {
			t.Fatal(err)
		}
		w := NewWatch()
		w.began = w.began.Add(early)
		w.Add(h, nil)
		defer w.End(h)
		do()
		_, err := w.Notes()
		return err
	}
	read := func() { h.ReadFile("/file") }
	if err := watch(0, read); err == nil {
		t.Error("a file that was just written is trusted")
	}
	if err := watch(-time.Hour, read); err == nil {
		t.Error("a file of the future is trusted")
	}
	if err := watch(time.Hour, read); err != nil {
		t.Error(err)
	}
	if err := watch(time.Hour, func() { read(); os.WriteFile(file, []byte("other"), 0o644); read() }); err == nil {
		t.Error("a file that changed meanwhile is trusted")
	}
	if err := watch(time.Hour, func() { read(); os.Remove(file); read() }); err == nil {
		t.Error("a file that vanished meanwhile is trusted")
	}
}

// FuzzReadNotes reads anything as kept notes; what is taken is written as it was
// read, but for numbers that were written longer than they need be.
func FuzzReadNotes(f *testing.F) {
	w := NewWatch()
	w.began = time.Now().Add(time.Hour)
	root := f.TempDir()
	h, err := OpenHost(root)
	if err != nil {
		f.Fatal(err)
	}
	defer h.Close()
	w.Add(h, nil)
	h.Stat("/a")
	h.ReadDir("/")
	w.End(h)
	notes, err := w.Notes()
	if err != nil {
		f.Fatal(err)
	}
	notes.rights = append(notes.rights, watchedRight{who: Viewer{Groups: []int{1}}, dir: "/", name: "a", bits: -1})
	notes.said = append(notes.said, watchedAnswer{"group", "bind", "", false})
	f.Add(notes.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		notes, err := ReadNotes(string(b))
		if err != nil {
			return
		}
		once := notes.Append(nil)
		again, err := ReadNotes(string(once))
		if err != nil || string(again.Append(nil)) != string(once) {
			t.Fatalf("%v: %q", err, once)
		}
	})
}
