package zones

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// checkAt checks a zone with a cache by a clock that shows now.
func checkAt(files Files, cache *Cache, z Zone, j Judging, now time.Time) Report {
	c := newChecker(context.Background(), files, cache)
	c.judging, c.now = j, func() time.Time { return now }
	return c.check(z)
}

// hostStamps is hostFiles that can look without opening.
type hostStamps struct{ hostFiles }

func (h *hostStamps) Stamp(name string) (Stamp, bool) {
	path := name
	if !filepath.IsAbs(name) {
		path = filepath.Join(h.dir, name)
	}
	info, err := os.Stat(path)
	if err != nil {
		return Stamp{}, false
	}
	return stampOf(name, path, info), info.Mode().IsRegular()
}

// signedRecord is a record with a signature that is valid from and to these
// times; nothing here proves it.
func signedRecord(from, to string) string {
	return head + "x A 192.0.2.1\nx RRSIG A 13 2 3600 " + to + " " + from + " 1 @ aGFsbG8=\n"
}

// TestCacheExpires: a report that speaks of signatures holds until the next of
// them expires, is about to, or becomes valid, and not before it was made.
func TestCacheExpires(t *testing.T) {
	base := time.Now().Add(later).UTC().Truncate(time.Second)
	stamp := func(d time.Duration) string { return base.Add(d).Format("20060102150405") }
	const day = 24 * time.Hour
	for _, test := range []struct {
		name     string
		from, to time.Duration
		judging  Judging
		until    time.Duration // 0: for ever
	}{
		{"expires in ten days", -day, 10 * day, Judging{}, 7 * day},
		{"one day before", -day, 10 * day, Judging{ExpireWithin: day}, 9 * day},
		{"no time before", -day, 10 * day, Judging{ExpireWithin: -1}, 10 * day},
		{"expires soon", -day, 2 * day, Judging{}, 2 * day},
		{"expired", -9 * day, -day, Judging{}, 0},
		{"not yet valid", day, 30 * day, Judging{}, day},
		{"a time of its own", -day, 10 * day, Judging{Now: base.Add(8 * day)}, 10 * day},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "z", signedRecord(stamp(test.from), stamp(test.to)))
			files, cache := &hostFiles{dir: dir}, &Cache{}
			made := test.judging.at(base).Sub(base)
			when := func(d time.Duration) bool {
				j := test.judging
				if !j.Now.IsZero() {
					j.Now = base.Add(d)
				}
				// lookup alone: check would make the report anew.
				r := Report{Zone: new(example())}
				return cache.lookup(files, &r, &j, base.Add(d))
			}
			r := checkAt(files, cache, example(), test.judging, base)
			if r.Diagnostics.Errors() > 0 || cache.Len() != 1 {
				t.Fatalf("%d entries\n%s", cache.Len(), found(r))
			}
			if !when(made) || !when(made+time.Second) {
				t.Error("it does not hold now")
			}
			if test.until == 0 {
				if !r.Until.IsZero() || !when(1000*day) || !when(-1000*day) {
					t.Errorf("it holds until %v", r.Until)
				}
				return
			}
			if !r.Until.Equal(base.Add(test.until)) {
				t.Errorf("until %v, want %v", r.Until, base.Add(test.until))
			}
			if !when(test.until-time.Second) || when(test.until) || when(test.until+day) || when(made-day) {
				t.Error("it does not hold as long as it should")
			}
		})
	}
}

// TestCacheExpireWithin: a zone that was judged with another --expire-within is
// judged again.
func TestCacheExpireWithin(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "z", head)
	files, cache := &hostFiles{dir: dir}, &Cache{}
	now := time.Now().Add(later)
	for _, test := range []struct {
		judging Judging
		cached  bool
	}{{Judging{}, false}, {Judging{}, true}, {Judging{ExpireWithin: time.Hour}, false}, {Judging{DNSSEC: true}, false}, {Judging{}, true}} {
		if r := checkAt(files, cache, example(), test.judging, now); r.Cached != test.cached {
			t.Errorf("%+v: Cached is %v", test.judging, r.Cached)
		}
	}
}

// TestCacheClock: what a clock that was set does to times of files.
func TestCacheClock(t *testing.T) {
	second := int64(time.Second)
	now := time.Unix(1800000000, 5)
	at := func(d time.Duration) int64 { return now.Add(d).UnixNano() }
	for _, test := range []struct {
		name         string
		mtime, ctime int64
		want         bool
	}{
		{"long ago", at(-time.Hour), at(-time.Hour), true},
		{"just now", at(-time.Second), at(-time.Second), false},
		{"touch -d into the past, just now", at(-time.Hour), at(-time.Second), false},
		{"touch -d into the future", at(time.Hour), at(-time.Hour), false},
		{"clock set back since", at(time.Hour), at(time.Hour), false},
		{"whole seconds, a while ago", at(-30*time.Second) / second * second, at(-30*time.Second) / second * second, false},
		{"whole seconds, long ago", at(-2*time.Minute) / second * second, at(-2*time.Minute) / second * second, true},
		{"mtime of whole seconds", at(-30*time.Second) / second * second, at(-30 * time.Second), true},
	} {
		s := Stamp{Inode: 1, Mtime: test.mtime, Ctime: test.ctime}
		if got := s.settled(now); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	if (&Stamp{Mtime: 1, Ctime: 1}).settled(now) {
		t.Error("a system without inodes")
	}
}

// TestCacheReplaced: each way to put other bytes in the place of a file, with
// its size and mtime kept, is noticed; another name of the same file is not.
func TestCacheReplaced(t *testing.T) {
	for _, file := range []string{"z", "z.inc", "z.jnl", "z.signed"} {
		for _, test := range []struct {
			name   string
			change func(path, same string) error
			cached bool
		}{
			{"nothing", func(string, string) error { return nil }, true},
			{"written in place", func(path, _ string) error {
				f, err := os.OpenFile(path, os.O_WRONLY, 0)
				if err == nil {
					_, err = f.WriteAt([]byte{';'}, 1<<10)
					f.Truncate(1 << 10)
					f.Close()
				}
				return err
			}, false},
			{"renamed over", func(path, same string) error { return os.Rename(same, path) }, false},
			{"linked over", func(path, same string) error {
				if err := os.Remove(path); err != nil {
					return err
				}
				return os.Link(same, path)
			}, false},
			{"a symbolic link to a copy", func(path, same string) error {
				if err := os.Remove(path); err != nil {
					return err
				}
				return os.Symlink(same, path)
			}, false},
			{"removed and made again", func(path, same string) error {
				text, err := os.ReadFile(path)
				if err == nil {
					err = os.Remove(path)
				}
				if err == nil {
					err = os.WriteFile(path, text, 0o644)
				}
				return err
			}, false},
			{"another link to it", func(path, _ string) error { return os.Link(path, path+".link") }, false},
			{"gone", func(path, _ string) error { return os.Remove(path) }, false},
		} {
			dir := t.TempDir()
			write(t, dir, "z", head+"$INCLUDE z.inc\n")
			write(t, dir, "z.inc", "x A 192.0.2.1\n")
			write(t, dir, "z.jnl", string(changesJournal(t, change{from: 7, to: 8})))
			if out, ok := bind(t, dir, "named-compilezone", "-q", "-F", "raw", "-o", "z.signed", "example", "z"); !ok {
				t.Fatal(out)
			}
			z, cache := example(), &Cache{}
			z.Inline = true
			files := &hostStamps{hostFiles{dir: dir}}
			if r := checkWith(files, cache, z, later); r.Diagnostics.Errors() > 0 || cache.Len() != 1 || len(r.Files) != 4 {
				t.Fatalf("%v\n%s", r.Files, found(r))
			}
			path := filepath.Join(dir, file)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			info, _ := os.Stat(path)
			same := write(t, dir, "same", string(text))
			if err := test.change(path, same); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(path); err == nil && test.name != "nothing" {
				os.Chtimes(path, info.ModTime(), info.ModTime())
			}
			r := Report{Zone: &z}
			if got := cache.lookup(files, &r, &Judging{}, time.Now()); got != test.cached {
				t.Errorf("%s, %s: found is %v", file, test.name, got)
			}
		}
	}
}

// TestCacheComes: a journal, its backup or a signed copy that comes is noticed.
func TestCacheComes(t *testing.T) {
	for name, inline := range map[string]bool{"z.jnl": false, "z.jbk": false, "z.signed": true, "z.signed.jnl": true, "z.signed.jbk": true} {
		dir := t.TempDir()
		write(t, dir, "z", head)
		z, cache := example(), &Cache{}
		files := &hostStamps{hostFiles{dir: dir}}
		look := func() bool {
			r := Report{Zone: &z}
			return cache.lookup(files, &r, &Judging{}, time.Now())
		}
		for _, z.Inline = range []bool{false, true} {
			checkWith(files, cache, z, later)
			if !look() {
				t.Fatal("an unchanged zone is not found")
			}
		}
		write(t, dir, name, "x")
		if look() {
			t.Errorf("%s comes, and is not noticed", name)
		}
		if z.Inline = false; look() != inline {
			t.Errorf("%s comes beside a zone that is not signed: %v", name, !inline)
		}
	}
}
