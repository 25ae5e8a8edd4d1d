package rewrite

import (
	"testing"

	"named-jail/parser"
)

// TestSlotsAreRowsOfTheTable holds the slots against the parser's table: each
// statement is in it, and paths are kept for those that name one.
func TestSlotsAreRowsOfTheTable(t *testing.T) {
	for i := range rows {
		d := parser.Lookup(rows[i].in, rows[i].keyword)
		switch {
		case d == nil:
			t.Errorf("%s is no statement of its place", rows[i].keyword)
		case (len(d.Paths) > 0 && d.Paths[0].Arg == 1) != (slot(i) < pathSlots):
			t.Errorf("%s: a path is kept: %v, the table has %d", rows[i].keyword, slot(i) < pathSlots, len(d.Paths))
		case rows[i].read == nil:
			t.Errorf("%s is not read", rows[i].keyword)
		}
	}
}

// TestInheritanceDecidesTheClass reads the same zones below options that lend
// something to them, and that do not.
func TestInheritanceDecidesTheClass(t *testing.T) {
	for _, x := range []struct {
		outside, zone string
		version       parser.Version
		want          Class
		signed        bool
	}{
		{"", "type primary;", parser.V(9, 18, 49), ClassStatic, false},
		{"allow-update { any; };", "type primary;", parser.V(9, 18, 49), ClassDynamic, false},
		{"allow-update { any; };", "type primary; allow-update { none; };", parser.V(9, 18, 49), ClassStatic, false},
		{"allow-update { any; };", "type hint;", parser.V(9, 18, 49), ClassStatic, false},
		{"ixfr-from-differences primary;", "type primary;", parser.V(9, 18, 49), ClassBeside, false},
		{"dnssec-policy default;", "type primary;", parser.V(9, 20, 0), ClassBeside, true},
		{"dnssec-policy default;", "type primary; dnssec-policy none;", parser.V(9, 20, 0), ClassStatic, false},
		{"dnssec-policy default;", "type hint;", parser.V(9, 20, 0), ClassStatic, false}, // no use for it
		{"inline-signing yes;", "type primary;", parser.V(9, 16, 0), ClassStatic, false}, // a zone's own
		{"auto-dnssec maintain;", "type primary;", parser.V(9, 16, 0), ClassStatic, false},
		{"", "type primary; auto-dnssec maintain;", parser.V(9, 16, 0), ClassDynamic, true},
	} {
		for _, frame := range []string{"options { directory \"/d\"; " + x.outside + " }; zone \"z\" { " + x.zone + " file \"f\"; };",
			"options { directory \"/d\"; }; view \"v\" { " + x.outside + " zone \"z\" { " + x.zone + " file \"f\"; }; };"} {
			in, _ := Read(files{"/n.conf": frame}, "/n.conf", Options{Defaults: Defaults{Version: x.version}})
			if z := in.Zones[0]; z.Files != x.want || z.Signed != x.signed {
				t.Errorf("%s for %s: class %v, signed %v; want %v, %v", frame, x.version, z.Files, z.Signed, x.want, x.signed)
			}
		}
	}
}
