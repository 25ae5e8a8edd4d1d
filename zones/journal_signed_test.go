package zones

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withSource states in the header of a journal to which serial of the unsigned
// zone it goes.
func withSource(journal []byte, serial uint32) string {
	binary.BigEndian.PutUint32(journal[36:], serial)
	journal[40] = 1
	return string(journal)
}

// TestSigned judges zones that named signs beside their file. What named makes
// of each was measured with BIND 9.18.49: it loads the zone but for the errors.
func TestSigned(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "z", head)
	raw := func(source string) string {
		if out, ok := bind(t, dir, "named-compilezone", "-q", "-F", "raw", "-L", source, "-o", "raw", "example", "z"); !ok {
			t.Fatal(out)
		}
		text, err := os.ReadFile(filepath.Join(dir, "raw"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	seven := raw("7")
	good := func() []byte { return changesJournal(t, change{7, 8, "+x.example. 60 A 192.0.2.1", false}) }
	bad := string(changesJournal(t, change{7, 8, "-x.example. 60 A 192.0.2.1", false}))
	nine := strings.Replace(head, " 7 3600", " 9 3600", 1)
	jump := string(changesJournal(t, change{from: 7, to: 9}))
	tests := []struct {
		name  string
		files memFiles
		want  string
	}{
		{"nothing yet", memFiles{"z": head}, ""},
		{"signed", memFiles{"z": head, "z.signed": seven}, ""},
		{"signed, journal", memFiles{"z": head, "z.signed": seven, "z.signed.jnl": string(good())}, ""},
		{"file ahead", memFiles{"z": nine, "z.signed": seven}, ""},
		{"file behind", memFiles{"z": strings.Replace(head, " 7 3600", " 5 3600", 1), "z.signed": seven}, ""},
		{"signed is cut", memFiles{"z": head, "z.signed": seven[:len(seven)-5]}, "error /w/z.signed NJ402"},
		{"signed is text", memFiles{"z": head, "z.signed": head}, "error /w/z.signed NJ409"},
		{"signed journal is none", memFiles{"z": head, "z.signed": seven, "z.signed.jnl": "hello"}, "error /w/z.signed.jnl NJ419"},
		{"signed journal out of step", memFiles{"z": head, "z.signed": seven, "z.signed.jnl": string(makeJournal(t, formatNew, journalNew, false, 8, 9))}, "error /w/z.signed.jnl NJ412"},
		{"signed journal cannot be applied", memFiles{"z": head, "z.signed": seven, "z.signed.jnl": bad}, "error /w/z.signed.jnl NJ447"},
		{"no copy, its journal joins the file", memFiles{"z": head, "z.signed.jnl": string(good())}, ""},
		{"no copy, its journal does not join the file", memFiles{"z": nine, "z.signed.jnl": string(good())}, "error /w/z.signed.jnl NJ412"},
		{"the file's journal is out of step", memFiles{"z": nine, "z.jnl": string(good()), "z.signed": seven}, "error /w/z.jnl NJ412"},
		{"changes that named takes for signed", memFiles{"z": nine, "z.jnl": withSource([]byte(jump), 9), "z.signed": seven}, "warning /w/z.signed NJ447"},
		{"changes that are still to be signed", memFiles{"z": nine, "z.jnl": withSource([]byte(jump), 7), "z.signed": seven}, ""},
		{"changes that are signed", memFiles{"z": nine, "z.jnl": withSource([]byte(jump), 9), "z.signed": seven, "z.signed.jnl": withSource(good(), 9)}, ""},
	}
	for _, test := range tests {
		z := example()
		z.Inline = true
		r := Check(test.files, z)
		var got []string
		for _, d := range r.Diagnostics {
			got = append(got, d.Severity.String()+" "+d.File+" "+string(d.Code))
		}
		if text := strings.Join(got, ", "); text != test.want {
			t.Errorf("%s: %q, want %q\n%s", test.name, text, test.want, found(r))
		}
		z.Inline = false
		if strings.Contains(test.want, "signed") {
			if r := Check(test.files, z); len(r.Diagnostics) > 0 {
				t.Errorf("%s: not signed, and its copy is looked at\n%s", test.name, found(r))
			}
		}
	}
}
