package zones

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// TestJournalRandom changes journals at random, beside named-checkzone -j; other
// ones with NAMED_JAIL_SEED, more with NAMED_JAIL_RANDOM.
func TestJournalRandom(t *testing.T) {
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return n
		}
		return otherwise
	}
	random := rand.New(rand.NewPCG(1, uint64(number("NAMED_JAIL_SEED", 1))))
	bases := [][]byte{
		makeJournal(t, formatNew, journalNew, true, 5, 6, 7, 8, 9),
		makeJournal(t, formatNew, journalNew, false, 6, 7, 8, 9),
		makeJournal(t, formatOld, journalNew, false, 5, 6, 7, 8, 9),
		makeJournal(t, formatOld, journalOld, true, 5, 6, 7, 8, 9),
		makeJournal(t, formatOld, journalOld, false, 7, 8, 9),
		changesJournal(t, change{7, 8, "+x.example. 60 A 192.0.2.1\n+x.example. 60 MX 1 a.b.", false},
			change{8, 9, "-x.example. 60 A 192.0.2.1\n+s.example. 60 SRV 1 2 3 a.b.", false}),
	}
	dir := t.TempDir()
	write(t, dir, "z", head)
	z := example()
	z.File = filepath.Join(dir, "z")
	for range number("NAMED_JAIL_RANDOM", 100) {
		b := bytes.Clone(bases[random.IntN(len(bases))])
		for range 1 + random.IntN(2) {
			at := random.IntN(len(b))
			if random.IntN(3) == 0 {
				at = random.IntN(min(len(b), 110))
			}
			switch random.IntN(5) {
			case 0:
				b = b[:at+1]
			case 1:
				b[at] = byte(random.IntN(12))
			case 2:
				b[at]++
			case 3:
				b[at] = 0xff
			case 4:
				b[at]--
			}
		}
		write(t, dir, "z.jnl", string(b))
		r := Check(&hostFiles{}, z)
		out, accepts := bind(t, dir, "named-checkzone", "-j", "example", "z")
		serial := loadedSerial.FindStringSubmatch(out)
		if ours := r.Diagnostics.Errors() == 0; ours != accepts || accepts && serial != nil && serial[1] != strconv.Itoa(int(r.Serial)) {
			t.Errorf("%x\nwe say %v, serial %d\n%s\nnamed-checkzone %v\n%s", b, ours, r.Serial, found(r), accepts, out)
		}
	}
}

// TestJournalBytes judges journals whose numbers lie, beside named-checkzone -j.
func TestJournalBytes(t *testing.T) {
	base := makeJournal(t, formatNew, journalNew, true, 5, 6, 7, 8, 9)
	put := func(at int, v uint32) func([]byte) { return func(b []byte) { binary.BigEndian.PutUint32(b[at:], v) } }
	third := int(binary.BigEndian.Uint32(base[journalHead+2*journalPlace+4:]))
	for _, test := range []struct {
		name   string
		change func([]byte)
		code   string
	}{
		{"index beyond the file", put(journalHead+2*journalPlace+4, 1<<31), "NJ419"},
		{"index at 4 GB", put(journalHead+2*journalPlace+4, 1<<32-1), "NJ419"},
		{"index into the header", put(journalHead+2*journalPlace+4, 8), "NJ419"},
		{"index to an older change", put(journalHead+2*journalPlace+4, journalHead+4*journalPlace), "NJ419"},
		{"index with a serial that is not there", put(journalHead+journalPlace, 7), "NJ419"},
		{"index of 4 GB", put(32, 1<<32-1), "NJ419"},
		{"end before the change", put(28, uint32(third)-10), "NJ419"},
		{"end in the middle of a change", put(28, uint32(third)+50), "NJ419"},
		{"end beyond the file", put(28, 1<<31), "NJ419"},
		{"begin beyond the file", put(20, 1<<31), ""},
		{"a change of 4 GB", put(third, 1<<32-1), "NJ419"},
		{"a change of no records", put(third, 0), "NJ419"},
		{"a count of 4 billion", put(third+4, 1<<32-1), ""},
		{"a record of 4 GB", put(third+16, 1<<32-1), "NJ419"},
		{"a record of 69,999 bytes", put(third+16, 69999), "NJ419"},
		{"serials that stand still", put(third+12, 7), "NJ419"},
		{"serials half way round", put(third+12, 7+1<<31), ""},
		{"serials more than half way round", put(third+12, 8+1<<31), "NJ419"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			b := bytes.Clone(base)
			test.change(b)
			write(t, dir, "z", head)
			write(t, dir, "z.jnl", string(b))
			z := example()
			z.File = filepath.Join(dir, "z")
			r := Check(&hostFiles{}, z)
			got := ""
			if len(r.Diagnostics) > 0 {
				got = string(r.Diagnostics[0].Code)
			}
			out, accepts := bind(t, dir, "named-checkzone", "-j", "example", "z")
			if ours := r.Diagnostics.Errors() == 0; got != test.code || ours != accepts {
				t.Errorf("code %q, want %q; we say %v\n%s\nnamed-checkzone %v\n%s", got, test.code, ours, found(r), accepts, out)
			}
		})
	}
}

// TestJournalLarge applies journals that are made to cost time or memory.
func TestJournalLarge(t *testing.T) {
	record := func(b []byte, owner string, i int) []byte {
		b = binary.BigEndian.AppendUint32(b, uint32(1+len(owner)+9+10+4))
		b = append(append(b, byte(len(owner))), owner...)
		b = append(b, "\x07example\x00\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04"...)
		return binary.BigEndian.AppendUint32(b, uint32(i))
	}
	// Changes of many records of one owner: out and in again, and more and more.
	journal := func(steps, each int, keep bool) []byte {
		b := make([]byte, journalHead)
		copy(b, formatNew)
		place := func(at int, serial uint32) {
			binary.BigEndian.PutUint32(b[at:], serial)
			binary.BigEndian.PutUint32(b[at+4:], uint32(len(b)))
		}
		place(16, 7)
		for i := range steps {
			from := uint32(7 + i)
			records := wireRecord(t, soaText(from))
			if i > 0 && !keep {
				for k := range each {
					records = record(records, "x", (i-1)*each+k)
				}
			}
			records = append(records, wireRecord(t, soaText(from+1))...)
			for k := range each {
				records = record(records, "x", i*each+k)
			}
			b = binary.BigEndian.AppendUint32(b, uint32(len(records)))
			b = binary.BigEndian.AppendUint32(b, 0)
			b = binary.BigEndian.AppendUint32(b, from)
			b = binary.BigEndian.AppendUint32(b, from+1)
			b = append(b, records...)
		}
		place(24, uint32(7+steps))
		return b
	}
	sparse := make([]byte, journalHead)
	copy(sparse, formatNew)
	binary.BigEndian.PutUint32(sparse[16:], 5)
	binary.BigEndian.PutUint32(sparse[20:], 1<<27)
	binary.BigEndian.PutUint32(sparse[24:], 9)
	binary.BigEndian.PutUint32(sparse[28:], 1<<27+1)
	binary.BigEndian.PutUint32(sparse[32:], (1<<27-journalHead)/journalPlace)
	for _, test := range []struct {
		name    string
		journal []byte
		size    int64
		serial  uint32
		grows   uint64 // bytes
	}{
		{"one owner, records come and go", journal(400, 500, false), 0, 407, 40 << 20},
		{"one owner, records stay", journal(10, 500, true), 0, 17, 40 << 20},
		{"one owner, too many records", journal(400, 500, true), 0, 7, 40 << 20},
		{"many serials", journal(20000, 1, false), 0, 20007, 20 << 20},
		{"an index of 128 MB", sparse, 1 << 27, 7, 20 << 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "z", head)
			path := write(t, dir, "z.jnl", string(test.journal))
			if test.size > 0 {
				if err := os.Truncate(path, test.size); err != nil {
					t.Fatal(err)
				}
			}
			z := example()
			z.File = filepath.Join(dir, "z")
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			r := Check(&hostFiles{}, z)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if r.Serial != test.serial || (r.Serial == 7) != (r.Diagnostics.Errors() > 0) {
				t.Errorf("serial %d, want %d\n%s", r.Serial, test.serial, found(r))
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > test.grows || took > 20*time.Second {
				t.Errorf("%d bytes, %v", grown, took)
			}
		})
	}
}
