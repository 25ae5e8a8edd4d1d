package zones

import (
	"strings"
	"testing"
)

// TestSlowGoesOn checks that miekg's parser is right again after each error
// and each change of the origin.
func TestSlowGoesOn(t *testing.T) {
	text := head
	for i := range 20 {
		switch i % 4 {
		case 0:
			text += "a AFSDB 0 x\n"
		case 1:
			text += "b AFSDB y x\n"
		case 2:
			text += "$ORIGIN sub\n"
		case 3:
			text += "c RT 0 x\n"
		}
	}
	r := Check(memFiles{"z": text}, example())
	if len(r.Diagnostics) != 5 || r.Records != 3+10 {
		t.Errorf("%d records, findings:\n%s", r.Records, found(r))
	}
	for _, d := range r.Diagnostics {
		if d.Column != 9 || (d.Line-6)%4 != 0 {
			t.Errorf("at the wrong place: %s", d.Headline())
		}
	}
}

// TestNames checks names and TTLs at their edges.
func TestNames(t *testing.T) {
	origin, _ := parseNameString("example")
	long := strings.Repeat(strings.Repeat("a", 49)+".", 5) // 250 bytes in wire form, without root
	for text, want := range map[string]string{
		"a": "a.example.", "A.": "a.", "@": "example.", ".": ".", "a\\.b.": "a\\046b.", "\\065": "a.example.",
		"..": "!", ".a": "!", "a..": "!", "": "!", "a\\": "!", "a\\25": "!", "a\\256": "!",
		long: long, long + "abc.": long + "abc.", long + "abcd.": "!", long + "a": "!",
		strings.Repeat("x", 63): strings.Repeat("x", 63) + ".example.", strings.Repeat("x", 64): "!",
	} {
		var n name
		if wrong := n.parse([]byte(text), &origin); wrong != "" {
			if want != "!" {
				t.Errorf("%q: %s", text, wrong)
			}
		} else if n.text() != want {
			t.Errorf("%q: got %q, want %q", text, n.text(), want)
		}
	}
	for text, want := range map[string]int64{
		"0": 0, "300": 300, "1h": 3600, "1H30m": 5400, "1m1h": 3660, "2w1d": 1296000, "4294967295": 4294967295,
		"4294967296": -1, "1h30": -1, "h": -1, "": -1, "1x": -1, "99999999999999999999": -1, "8000w": -1, "-1": -1,
	} {
		got, ok := seconds([]byte(text))
		if ok != (want >= 0) || ok && int64(got) != want {
			t.Errorf("seconds(%q) = %d, %v", text, got, ok)
		}
	}
}
