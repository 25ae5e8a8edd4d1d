package zones

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// wireRecord packs a record as it stands in a journal.
func wireRecord(t testing.TB, text string) []byte {
	t.Helper()
	rr, err := dns.NewRR(text)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 66000)
	n, err := dns.PackRR(rr, b, 0, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	return append(binary.BigEndian.AppendUint32(nil, uint32(n)), b[:n]...)
}

func soaText(serial uint32) string {
	return "example. 3600 IN SOA ns.example. hostmaster.example. " + strconv.Itoa(int(serial)) + " 3600 600 86400 300"
}

// makeJournal writes a journal with one change for each step between the
// serials; each adds one address.
func makeJournal(t testing.TB, format string, headSize int, indexed bool, serials ...uint32) []byte {
	b := make([]byte, journalHead)
	copy(b, format)
	const slots = 4
	if indexed {
		binary.BigEndian.PutUint32(b[32:], slots)
		b = append(b, make([]byte, slots*journalPlace)...)
	}
	place := func(at int, serial uint32) {
		binary.BigEndian.PutUint32(b[at:], serial)
		binary.BigEndian.PutUint32(b[at+4:], uint32(len(b)))
	}
	place(16, serials[0])
	for i := 1; i < len(serials); i++ {
		if indexed && i <= slots {
			place(journalHead+(i-1)*journalPlace, serials[i-1])
		}
		var records []byte
		records = append(records, wireRecord(t, soaText(serials[i-1]))...)
		records = append(records, wireRecord(t, soaText(serials[i]))...)
		records = append(records, wireRecord(t, "new"+strconv.Itoa(i)+".example. 60 IN A 192.0.2.9")...)
		b = binary.BigEndian.AppendUint32(b, uint32(len(records)))
		if headSize == journalNew {
			b = binary.BigEndian.AppendUint32(b, 3)
		}
		b = binary.BigEndian.AppendUint32(b, serials[i-1])
		b = binary.BigEndian.AppendUint32(b, serials[i])
		b = append(b, records...)
	}
	place(24, serials[len(serials)-1])
	return b
}

const (
	formatOld = ";BIND LOG V9\n"
	formatNew = ";BIND LOG V9.2\n"
)

// TestJournal judges zones with journals, beside named-checkzone -j. The zone
// file has serial 7.
func TestJournal(t *testing.T) {
	good := func() []byte { return makeJournal(t, formatNew, journalNew, true, 5, 6, 7, 8, 9) }
	change := func(at int, to byte) []byte { b := good(); b[at] = to; return b }
	first := journalHead + 4*journalPlace
	third := int(binary.BigEndian.Uint32(good()[journalHead+2*journalPlace+4:]))
	tests := []struct {
		name    string
		journal []byte
		code    string
		serial  uint32
	}{
		{"joins", good(), "", 9},
		{"joins, no index", makeJournal(t, formatNew, journalNew, false, 6, 7, 8), "", 8},
		{"begins at the file", makeJournal(t, formatNew, journalNew, false, 7, 8), "", 8},
		{"ends at the file", makeJournal(t, formatNew, journalNew, false, 5, 7), "", 7},
		{"old format", makeJournal(t, formatOld, journalOld, true, 6, 7, 9), "", 9},
		{"old format, new heads", makeJournal(t, formatOld, journalNew, false, 6, 7, 9), "", 9},
		{"new format, old heads", makeJournal(t, formatNew, journalOld, false, 6, 7, 9), "NJ419", 7},
		{"round the serials", makeJournal(t, formatNew, journalNew, false, 4294967290, 7, 2147483000), "", 2147483000},
		{"wholly older", makeJournal(t, formatNew, journalNew, false, 4, 5, 6), "NJ412", 7},
		{"wholly newer", makeJournal(t, formatNew, journalNew, false, 8, 9), "NJ412", 7},
		{"over the serial", makeJournal(t, formatNew, journalNew, false, 5, 6, 8, 9), "NJ412", 7},
		{"other words", change(1, 'b'), "NJ419", 7},
		{"empty file", nil, "NJ419", 7},
		{"only a header", good()[:journalHead], "NJ419", 7},
		{"cut", good()[:third+60], "NJ419", 7},
		{"cut in the last change", good()[:len(good())-20], "NJ419", 9},
		{"cut after a change", good()[:third+(len(good())-third)/2], "NJ419", 8},
		{"cut before", good()[:first+10], "NJ419", 7},
		{"serial of a change", change(third+11, 77), "NJ419", 7},
		{"length of a record", change(third+journalNew+1, 77), "NJ419", 7},
		{"no SOA first", change(third+journalNew+4+9+1, 1), "NJ419", 7},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "z", head)
			write(t, dir, "z.jnl", string(test.journal))
			z := example()
			z.File = filepath.Join(dir, "z")
			r := Check(&hostFiles{}, z)
			got := ""
			if len(r.Diagnostics) > 0 {
				got = string(r.Diagnostics[0].Code)
			}
			if got != test.code || r.Serial != test.serial {
				t.Errorf("code %q serial %d, want %q %d\n%s", got, r.Serial, test.code, test.serial, found(r))
			}
			out, accepts := bind(t, dir, "named-checkzone", "-j", "example", "z")
			if ours := r.Diagnostics.Errors() == 0; ours != accepts {
				t.Errorf("we say %v\n%s\nnamed-checkzone %v\n%s", ours, found(r), accepts, out)
			}
			if m := loadedSerial.FindStringSubmatch(out); m != nil && m[1] != strconv.Itoa(int(r.Serial)) {
				t.Errorf("serial %d, named-checkzone has %s", r.Serial, m[1])
			}
		})
	}
}

// TestJournalPlaces looks at where the journal is taken from, and that a copy
// with a bad journal is a warning.
func TestJournalPlaces(t *testing.T) {
	bad := string(makeJournal(t, formatNew, journalNew, false, 8, 9))
	ok := string(makeJournal(t, formatNew, journalNew, false, 7, 9))
	tests := []struct {
		name   string
		files  memFiles
		change func(*Zone)
		want   string
	}{
		{"named journal", memFiles{"z": head, "j": bad, "z.jnl": ok}, func(z *Zone) { z.Journal = "j" }, "error NJ412"},
		{"default not looked at", memFiles{"z": head, "j": ok, "z.jnl": bad}, func(z *Zone) { z.Journal = "j" }, ""},
		{"backup", memFiles{"z": head, "z.jbk": bad}, nil, "error NJ412"},
		{"backup beside a journal", memFiles{"z": head, "z.jbk": bad, "z.jnl": ok}, nil, ""},
		{"secondary", memFiles{"z": head, "z.jnl": bad}, func(z *Zone) { z.Type, z.Format = "secondary", "text" }, "warning NJ412"},
	}
	for _, test := range tests {
		z := example()
		if test.change != nil {
			test.change(&z)
		}
		r := Check(test.files, z)
		got := ""
		for _, d := range r.Diagnostics {
			got += d.Severity.String() + " " + string(d.Code)
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q\n%s", test.name, got, test.want, found(r))
		}
	}
}

// TestJournalCached sees that a journal which comes, changes or goes is
// noticed though the zone's file is the same.
func TestJournalCached(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "z", head)
	z := example()
	z.File = filepath.Join(dir, "z")
	cache := &Cache{}
	look := func() Report {
		c := newChecker(t.Context(), &hostFiles{}, cache)
		c.now = func() time.Time { return time.Now().Add(time.Hour) }
		return c.check(z)
	}
	look()
	if r := look(); !r.Cached {
		t.Fatal("an unchanged zone is read again")
	}
	write(t, dir, "z.jnl", string(makeJournal(t, formatNew, journalNew, false, 7, 8)))
	if r := look(); r.Cached || r.Serial != 8 {
		t.Errorf("a new journal is not seen: serial %d", r.Serial)
	}
	if r := look(); !r.Cached || r.Serial != 8 {
		t.Errorf("an unchanged journal is read again: serial %d", r.Serial)
	}
	if err := os.Remove(filepath.Join(dir, "z.jnl")); err != nil {
		t.Fatal(err)
	}
	if r := look(); r.Cached || r.Serial != 7 {
		t.Errorf("a journal that is gone counts: serial %d", r.Serial)
	}
}

// FuzzJournal reads anything as a journal: it ends, and never moves past the
// file.
func FuzzJournal(f *testing.F) {
	f.Add(makeJournal(f, formatNew, journalNew, true, 5, 6, 7, 8), uint32(6))
	f.Add(makeJournal(f, formatOld, journalOld, false, 5, 6, 7, 8), uint32(7))
	f.Fuzz(func(t *testing.T, journal []byte, serial uint32) {
		soa := soaText(serial)
		files := memFiles{"z": soa + "\nexample. 60 IN NS a.b.\n", "z.jnl": string(journal)}
		r := Check(files, example())
		if len(r.Diagnostics) == 0 && serialAfter(serial, r.Serial) {
			t.Fatalf("serial %d went back to %d", serial, r.Serial)
		}
		// One finding at most is about the journal itself, and nothing is told twice.
		// What the changes leave has its own, as an SOA record that is gone.
		damages, told := 0, map[string]bool{}
		for _, d := range r.Diagnostics {
			if d.Code == "NJ419" {
				damages++
			}
			if told[d.Headline()] {
				t.Fatalf("told twice: %s", d.Headline())
			}
			told[d.Headline()] = true
		}
		if damages > 1 {
			t.Fatalf("one journal, more than one finding:\n%s", found(r))
		}
	})
}

// TestJournalRaw joins journals to a secondary's raw file.
func TestJournalRaw(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "z", head)
	if out, ok := bind(t, dir, "named-compilezone", "-q", "-F", "raw", "-o", "raw", "example", "z"); !ok {
		t.Fatal(out)
	}
	for _, serials := range [][]uint32{{6, 7, 9}, {8, 9}, {5, 6}} {
		write(t, dir, "raw.jnl", string(makeJournal(t, formatNew, journalNew, true, serials...)))
		out, accepts := bind(t, dir, "named-checkzone", "-j", "-f", "raw", "example", "raw")
		r := Check(&hostFiles{}, Zone{Name: "example", Type: "secondary", File: filepath.Join(dir, "raw"), Living: true})
		if ours := len(r.Diagnostics) == 0; ours != accepts || r.Format != "raw" {
			t.Errorf("%v: we say %v\n%s\nnamed-checkzone %v\n%s", serials, ours, found(r), accepts, out)
		}
		if accepts && r.Serial != 9 {
			t.Errorf("%v: serial %d, want 9", serials, r.Serial)
		}
	}
}
