package zones

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"
)

// later is how far the clock of a check runs ahead, so that files written just
// now count as settled: ctime cannot be set back.
const later = time.Hour

// checkWith checks one zone with a cache, by a clock that runs ahead.
func checkWith(files Files, cache *Cache, z Zone, ahead time.Duration) Report {
	c := newChecker(context.Background(), files, cache)
	c.now = func() time.Time { return time.Now().Add(ahead) }
	return c.check(z)
}

func TestCache(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "z", head+"$INCLUDE a.inc\na.b. A 1.2.3.4\n")
	inc := write(t, dir, "a.inc", "x A 1.2.3.4\n")
	files := &hostFiles{dir: dir}
	cache := &Cache{}
	first := checkWith(files, cache, example(), later)
	if first.Cached || cache.Len() != 1 || len(first.Diagnostics) != 1 {
		t.Fatalf("first: %+v", first)
	}
	again := func(what string, want bool) {
		t.Helper()
		r := checkWith(files, cache, example(), later)
		if r.Cached != want {
			t.Errorf("%s: Cached is %v", what, r.Cached)
		}
	}
	second := checkWith(files, cache, example(), later)
	if !second.Cached {
		t.Error("an unchanged zone is read again")
	}
	second.Cached = false
	if !reflect.DeepEqual(first, second) {
		t.Errorf("the cached report differs:\n%+v\n%+v", first, second)
	}

	var stored bytes.Buffer
	if err := cache.Save(&stored); err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadCache(bytes.NewReader(stored.Bytes()))
	if err != nil || loaded.Len() != 1 {
		t.Fatalf("LoadCache: %v, %d entries", err, loaded.Len())
	}
	if !cache.Changed() || !loaded.Changed() {
		t.Error("an entry that was made, or that nobody has used, is no change")
	}
	if r := checkWith(files, loaded, example(), later); !r.Cached || loaded.Changed() {
		t.Error("a cache all of which was used has changed")
	}
	third := checkWith(files, loaded, example(), later)
	if !third.Cached {
		t.Error("not found in the loaded cache")
	}
	third.Cached = false
	if !reflect.DeepEqual(first, third) {
		t.Errorf("the stored report differs:\n%+v\n%+v", first, third)
	}

	for what, other := range map[string]Zone{
		"name": {Name: "other", Type: "primary", File: "z"}, "type": {Name: "example", Type: "secondary", File: "z"},
		"class": {Name: "example", Class: "HS", Type: "primary", File: "z"}, "format": {Name: "example", Type: "primary", File: "z", Format: "raw"},
	} {
		if r := checkWith(files, cache, other, later); r.Cached {
			t.Errorf("another %s gets the cached report", what)
		}
	}

	write(t, dir, "a.inc", "x A 1.2.3.5\n")
	again("include written anew", false)
	again("and unchanged", true)
	if err := os.Chmod(path, 0o600); err != nil { // changes ctime only
		t.Fatal(err)
	}
	again("ctime changed", false)
	info, _ := os.Stat(inc)
	copied := write(t, dir, "copy", "x A 1.2.3.5\n")
	os.Chtimes(copied, info.ModTime(), info.ModTime())
	os.Rename(copied, inc)
	again("include replaced, same size and mtime", false)
	again("and unchanged", true)
	write(t, dir, "z", head+"a A 1\n")
	entries := cache.Len()
	again("now with an error", false)
	if cache.Len() != entries-1 {
		t.Errorf("a zone with errors stays in the cache: %d entries of %d", cache.Len(), entries)
	}
	again("with an error, again", false)
	os.Remove(path)
	again("gone", false)
}

// TestCacheRacy checks that a file that changed just now, or in the future, is
// not remembered.
func TestCacheRacy(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "z", head)
	for _, test := range []struct {
		mtime, ahead time.Duration
		want         int
	}{{0, 0, 0}, {0, time.Second, 0}, {0, -later, 0}, {0, later, 1}, {2 * later, later, 0}} {
		when := time.Now().Add(test.mtime)
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
		cache := &Cache{}
		checkWith(&hostFiles{dir: dir}, cache, example(), test.ahead)
		if cache.Len() != test.want {
			t.Errorf("%+v: %d entries", test, cache.Len())
		}
	}
}

// changing appends to the file once while it is read.
type changing struct {
	hostFiles
	path string
}

type changingFile struct {
	File
	path string
	once sync.Once
}

func (c *changingFile) Read(p []byte) (int, error) {
	c.once.Do(func() {
		f, err := os.OpenFile(c.path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			panic(err)
		}
		f.WriteString(";")
		f.Close()
	})
	return c.File.Read(p)
}

func (c *changing) Open(name string) (File, string, error) {
	f, shown, err := c.hostFiles.Open(name)
	return &changingFile{File: f, path: c.path}, shown, err
}

func TestCacheChangedWhileRead(t *testing.T) {
	dir := t.TempDir()
	files := &changing{hostFiles: hostFiles{dir: dir}, path: write(t, dir, "z", head)}
	cache := &Cache{}
	if r := checkWith(files, cache, example(), later); len(r.Diagnostics) > 0 || cache.Len() != 0 {
		t.Errorf("remembered though it changed: %d entries\n%s", cache.Len(), found(r))
	}
}

// TestCacheDamaged checks that no damage gets through LoadCache and none
// makes it fall over.
func TestCacheDamaged(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "z", head)
	cache := &Cache{}
	checkWith(&hostFiles{dir: dir}, cache, example(), later)
	var stored bytes.Buffer
	cache.Save(&stored)
	whole := stored.Bytes()
	for n := len(cacheMagic) + 1; n < len(whole); n++ {
		c, err := LoadCache(bytes.NewReader(whole[:n]))
		if !errors.Is(err, ErrCache) || c == nil || c.Len() != 0 {
			t.Fatalf("cut at %d of %d: %v", n, len(whole), err)
		}
	}
	if _, err := LoadCache(bytes.NewReader(append(bytes.Clone(whole), 1))); !errors.Is(err, ErrCache) {
		t.Errorf("text after the end: %v", err)
	}
	for name, text := range map[string]string{"empty": "", "other": "{}\n", "old": "named-jail zones cache 0\n\x01\x00"} {
		if c, err := LoadCache(bytes.NewReader([]byte(text))); err != nil || c.Len() != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	huge := append([]byte(cacheMagic), rulesVersion, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)
	if _, err := LoadCache(bytes.NewReader(huge)); !errors.Is(err, ErrCache) {
		t.Errorf("huge length: %v", err)
	}
}

// TestCacheForgets checks that Save drops zones that were not asked for.
func TestCacheForgets(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		write(t, dir, fmt.Sprint(i), head)
	}
	files := &hostFiles{dir: dir}
	cache := &Cache{}
	for i := range 3 {
		checkWith(files, cache, Zone{Name: "example", Type: "primary", File: fmt.Sprint(i)}, later)
	}
	var one, two bytes.Buffer
	cache.Save(&one)
	cache, _ = LoadCache(&one)
	checkWith(files, cache, Zone{Name: "example", Type: "primary", File: "1"}, later)
	cache.Save(&two)
	if cache, _ = LoadCache(&two); cache.Len() != 1 {
		t.Errorf("%d entries after a run on one zone", cache.Len())
	}
	if _, err := os.Stat(filepath.Join(dir, "1")); err != nil {
		t.Fatal(err)
	}
}

// FuzzLoadCache reads anything as a stored cache, with a digest that fits and
// without, and as a report.
func FuzzLoadCache(f *testing.F) {
	f.Add([]byte("\x01\x01\x01k\x00\x00\x00\x01\x01z\x02/z\x01\x01\x02\x02\x02\x00\x00"))
	var key digestKey
	start := appendString(append([]byte(cacheMagic), rulesVersion), program())
	start = append(start, make([]byte, 32)...)
	f.Fuzz(func(t *testing.T, b []byte) {
		whole := append(bytes.Clone(start), b...)
		sum := key.of(3, whole)
		whole = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(whole, sum[0]), sum[1])
		for _, text := range [][]byte{b, whole} {
			c, err := LoadCache(bytes.NewReader(text))
			if c == nil || err != nil && c.Len() != 0 {
				t.Fatalf("%v with %v", c, err)
			}
		}
		r := Report{Zone: &Zone{}}
		r.decode(b)
	})
}

// TestCacheKey: whatever a zone's statements and the caller ask for makes
// another key, and the same makes the same.
func TestCacheKey(t *testing.T) {
	seen := map[string]int{}
	for i, x := range []struct {
		checks  Checks
		judging Judging
	}{
		{}, {checks: Checks{Names: Fail}}, {checks: Checks{Names: Ignore}}, {checks: Checks{MX: Fail}}, {checks: Checks{MXCNAME: Fail}},
		{checks: Checks{SRVCNAME: Fail}}, {checks: Checks{SPF: Ignore}}, {checks: Checks{Duplicates: Fail}}, {checks: Checks{NoWildcard: true}},
		{checks: Checks{NoIntegrity: true}}, {checks: Checks{NoSibling: true}}, {checks: Checks{NoSVCB: true}}, {checks: Checks{MaxTTL: 300}},
		{checks: Checks{MaxRecordsPerType: 300}}, {checks: Checks{MaxTypesPerName: 300}}, {checks: Checks{Signed: true}},
		{checks: Checks{KeyDirectory: "/k"}}, {checks: Checks{KeyStores: []string{"/k"}}}, {checks: Checks{KeyStores: []string{"/", "k"}}},
		{checks: Checks{Release: [3]int{9, 18, 49}}}, {checks: Checks{Release: [3]int{9, 16, 50}}},
		{judging: Judging{DNSSEC: true}}, {judging: Judging{ExpireWithin: time.Hour}}, {judging: Judging{ExpireWithin: -1}},
	} {
		key := keyOf(&x.checks, &x.judging)
		if other, found := seen[key]; found || key != keyOf(&x.checks, &x.judging) {
			t.Errorf("%d and %d have the same key", other, i)
		}
		seen[key] = i
	}
	for _, x := range []any{&Checks{}, &Judging{}} { // a new field belongs into the key
		v := reflect.ValueOf(x).Elem()
		for i := range v.NumField() {
			checks, judging := Checks{}, Judging{}
			target := reflect.ValueOf(&checks).Elem()
			if v.Type() == reflect.TypeFor[Judging]() {
				target = reflect.ValueOf(&judging).Elem()
			}
			name := target.Type().Field(i).Name
			setTo(target.Field(i))
			if same := keyOf(&checks, &judging) == keyOf(&Checks{}, &Judging{}); same != (name == "Now") {
				t.Errorf("%s: the same key: %v", name, same)
			}
		}
	}
	z := example()
	cache := &Cache{}
	cache.begin()
	if z.MaxErrors++; cache.id(&z, &Judging{}) == cache.id(&Zone{Name: z.Name, Type: z.Type, File: z.File}, &Judging{}) {
		t.Error("the bound on findings is not in the key")
	}
	c := newChecker(t.Context(), &hostFiles{}, nil)
	c.judging = Judging{DNSSEC: true, Now: time.Now()}
	if keyOf(&Checks{}, &c.judging) != keyOf(&Checks{}, &Judging{DNSSEC: true}) {
		t.Error("the time of day makes another key")
	}
}

// setTo gives a field a value that is not its zero one.
func setTo(f reflect.Value) {
	switch f.Kind() {
	case reflect.Bool:
		f.SetBool(true)
	case reflect.String:
		f.SetString("x")
	case reflect.Slice:
		f.Set(reflect.MakeSlice(f.Type(), 1, 1))
	case reflect.Array:
		setTo(f.Index(0))
	case reflect.Struct: // a time
		f.Set(reflect.ValueOf(time.Now()))
	case reflect.Uint8, reflect.Uint32:
		f.SetUint(1)
	default:
		f.SetInt(1)
	}
}
