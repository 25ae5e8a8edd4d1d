package zones

import (
	"context"
	"strings"
	"testing"
)

// TestProgressOfOneFile: one large zone moves by its bytes, what it includes is
// added when it is opened, and an unchanged zone counts as read.
func TestProgressOfOneFile(t *testing.T) {
	dir := t.TempDir()
	text := head + strings.Repeat("a A 192.0.2.1\n", 200000) + "$INCLUDE more\n"
	write(t, dir, "z", text)
	write(t, dir, "more", strings.Repeat("b A 192.0.2.1\n", 1000))
	all := int64(len(text) + 14*1000)
	zs := []Zone{{Name: "example", Type: "primary", File: "z"}}
	var steps int
	var last Progress
	CheckAll(context.Background(), &stamped{hostFiles{dir: dir}}, zs, Options{Progress: func(p Progress) {
		if steps++; p.TotalBytes < p.Bytes || p.Bytes < last.Bytes || p.TotalBytes < int64(len(text)) {
			t.Errorf("%+v after %+v", p, last)
		}
		last = p
	}})
	if want := (Progress{Zones: 1, TotalZones: 1, Bytes: all, TotalBytes: all}); steps < 20 || last != want {
		t.Errorf("%d steps, the last is %+v, want %+v", steps, last, want)
	}
	m := newMeter(func(p Progress) { last = p }, &stamped{hostFiles{dir: dir}}, zs)
	m.zone(&Report{Zone: &zs[0], Cached: true})
	if want := (Progress{Zones: 1, TotalZones: 1, Bytes: int64(len(text)), TotalBytes: int64(len(text))}); last != want {
		t.Errorf("unchanged: %+v, want %+v", last, want)
	}
}

// stamped are files of the host that can be looked at without opening them.
type stamped struct{ hostFiles }

// Stamp opens all the same: it is for tests.
func (s *stamped) Stamp(name string) (Stamp, bool) {
	f, shown, err := s.Open(name)
	if err != nil {
		return Stamp{}, false
	}
	defer f.Close()
	info, err := f.Stat()
	return stampOf(name, shown, info), err == nil
}
