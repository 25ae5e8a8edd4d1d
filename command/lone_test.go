package command

import (
	"reflect"
	"testing"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/zones"
)

// loneWalk is a walk that has found these zones; each has the file of the inode
// that its place in the list tells, unless it says otherwise.
func loneWalk(change func(n int, r *zones.Report)) *walk {
	w := &walk{survey: &survey{}}
	for n, name := range []string{"a.example", "b.example", "c.example", "d.example"} {
		z := &zones.Zone{Name: name, Class: "IN", Type: "primary", File: "/zones/" + name, MaxErrors: n,
			Checks: zones.Checks{Names: zones.Fail, MaxTTL: uint32(n / 2), Release: [3]int{9, 18, 49}}}
		r := zones.Report{Zone: z, Format: "text", Files: []zones.Stamp{{Dev: 7, Inode: uint64(n + 1)}}}
		if change != nil {
			change(n, &r)
		}
		w.reports = append(w.reports, r)
	}
	return w
}

func rewritten(inodes ...uint64) (list []jail.Rewritten) {
	for _, ino := range inodes {
		list = append(list, jail.Rewritten{Now: jail.Info{Dev: 7, Ino: ino}})
	}
	return list
}

// TestLoneRecord shows that a zone comes back as it was written down, and that
// no other start's, no unknown file and no damage gives one.
func TestLoneRecord(t *testing.T) {
	w := loneWalk(nil)
	data := w.loneZones("token")
	for n := range w.reports {
		want := []zones.Zone{*w.reports[n].Zone}
		if got := findLone(data, "token", rewritten(uint64(n+1))); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if got := findLone(data, "token", rewritten(4, 2)); len(got) != 2 || got[0].Name != "b.example" || got[1].Name != "d.example" {
		t.Errorf("two files: %v", got)
	}
	for what, got := range map[string][]zones.Zone{
		"another start": findLone(data, "other", rewritten(1)),
		"no token":      findLone(w.loneZones(""), "", rewritten(1)),
		"unknown file":  findLone(data, "token", rewritten(1, 9)),
		"no record":     findLone(nil, "token", rewritten(1)),
		"more behind":   findLone(append(data[:len(data):len(data)], 0), "token", rewritten(1)),
	} {
		if got != nil {
			t.Errorf("%s: %v", what, got)
		}
	}
	for n := range data {
		if got := findLone(data[:n], "token", rewritten(1)); got != nil {
			t.Errorf("the first %d bytes give %v", n, got)
		}
		for _, b := range []byte{0, 1, 0x7f, 0x80, 0xff} {
			damaged := append([]byte(nil), data...)
			damaged[n] = b
			findLone(damaged, "token", rewritten(1, 2, 3, 4)) // must not panic
		}
	}
}

// TestLoneZones shows which zones are not judged alone.
func TestLoneZones(t *testing.T) {
	for what, change := range map[string]func(r *zones.Report){
		"raw":             func(r *zones.Report) { r.Format = "raw" },
		"missing":         func(r *zones.Report) { r.Format, r.Files = "", nil },
		"two files":       func(r *zones.Report) { r.Files = append(r.Files, zones.Stamp{Dev: 7, Inode: 99}) },
		"include":         func(r *zones.Report) { r.Includes = make([]zones.Include, 1) },
		"findings":        func(r *zones.Report) { r.Diagnostics = make(parser.Diagnostics, 1) },
		"stopped":         func(r *zones.Report) { r.Stopped = true },
		"services":        func(r *zones.Report) { r.Services = true },
		"dynamic":         func(r *zones.Report) { r.Zone.Living = true },
		"inline":          func(r *zones.Report) { r.Zone.Inline = true },
		"journal":         func(r *zones.Report) { r.Zone.Journal = "/j" },
		"signed":          func(r *zones.Report) { r.Zone.Checks.Signed = true },
		"keys":            func(r *zones.Report) { r.Zone.Checks.KeyDirectory = "/k" },
		"stores of keys":  func(r *zones.Report) { r.Zone.Checks.KeyStores = []string{"/k"} },
		"another's file":  func(r *zones.Report) { r.Files[0].Inode, r.Zone.Living = 1, true },
		"included by one": func(r *zones.Report) { r.Files = append(r.Files, zones.Stamp{Dev: 7, Inode: 1}) },
	} {
		data := loneWalk(func(n int, r *zones.Report) {
			if n == 1 {
				change(r)
			}
		}).loneZones("token")
		if got := findLone(data, "token", rewritten(2)); got != nil {
			t.Errorf("%s: %v", what, got)
		}
		first := findLone(data, "token", rewritten(1))
		if shares := what == "another's file" || what == "included by one"; (first == nil) != shares {
			t.Errorf("%s: of the first zone: %v", what, first)
		}
		if findLone(data, "token", rewritten(3)) == nil {
			t.Errorf("%s: another zone cannot be judged alone", what)
		}
	}
	shared := loneWalk(func(n int, r *zones.Report) { r.Files[0].Inode = uint64(n/2 + 1) }).loneZones("token")
	if got := findLone(shared, "token", rewritten(2)); len(got) != 2 {
		t.Errorf("a file of two zones: %v", got)
	}
}
