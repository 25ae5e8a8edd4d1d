package zones

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// inSmallParts reads files of any size in parts of about size bytes while do
// runs; a size of 0 reads all files in one piece.
func inSmallParts(size int, do func()) {
	file, part, read, least, wait := bigFile, partSize, readSize, leastPart, patience
	defer func() { bigFile, partSize, readSize, leastPart, patience = file, part, read, least, wait }()
	bigFile, partSize, readSize, leastPart, patience = 0, size, max(size/4, 1), 1, 1
	if size == 0 {
		bigFile, partSize, readSize = 1<<62, part, read
	}
	do()
}

// dump checks a zone and prints all that is known of it then: the findings, the
// counts, and the records of the store with their places.
func dump(files Files, z Zone, size int) string {
	var b strings.Builder
	inSmallParts(size, func() {
		c := newChecker(context.Background(), files, nil)
		c.workers = 3
		r := c.check(z)
		for _, d := range r.Diagnostics {
			fmt.Fprintf(&b, "%s|%s\n", d.Headline(), d.Remedy)
		}
		fmt.Fprintf(&b, "serial %d, %d records, %d seen, includes %+v\n", r.Serial, r.Records, c.seen, r.Includes)
		if c.enough || r.Stopped {
			return // the rest is in no use
		}
		for id := range uint32(c.store.owners.n) {
			c.store.each(id, func(rec *stored) bool {
				p := c.store.place(rec)
				fmt.Fprintf(&b, "%x %d %d %x %s:%d:%d\n", c.store.name(id), rec.ttl, rec.rtype, c.store.data(rec), p.file, p.line, p.column)
				return true
			})
		}
	})
	return b.String()
}

// pieces are what random zone texts are made of: lines, and beginnings and ends
// of lines that go wrong together.
var pieces = []string{
	"a A 192.0.2.1\n", "b.c AAAA 2001:db8::1\n", "\tTXT \"x y\" z\n", " MX 10 a\n", "*.w A 192.0.2.1\n", "c 60 IN CNAME a\n",
	"d IN 60 SRV 0 0 1 a\n", "@ TXT x\n", "e\\.f TXT \"a\\\"b\" c\\\n", "e TXT \"a\\\nb\" c\n", "g TXT ( a\n b ; c )\n c )\n", "h TXT \"(\" ; (\n",
	"i CAA 0 issue \"x;y\"\n", "j A 192.0.2.1\r\n", "k A 192.0.2.1\r", "l A 192.0.2.\r\n", "\r", "\r\n", "\n", "  \n", "; comment \"(\n", ";\r\n",
	"m A 192.0.2.1 ; c\r;\n", "n\tA\t192.0.2.300\n", "out.side. A 192.0.2.1\n\tTXT x\n", "o CH TXT x\n", "p 4294967295 A 192.0.2.1\n",
	"q FOO x\n", "..r A 192.0.2.1\n", "s", "\"", "(", ")", "\\", "\x00", " ", "$", "\n(\n", "t A ( 192.0.2.1\n)\n", "u TXT \"open\n", "v TXT ) x\n",
	"$ORIGIN sub\n", "$ORIGIN example.\n", "$ORIGIN other.\n", "$ORIGIN ..\n", "$TTL 60\n", "$TTL 4294967295\n", "$TTL x\n", "$INCLUDE inc\n",
	"$INCLUDE inc sub\n", "$INCLUDE z\n", "$INCLUDE none\n", "$GENERATE 1-3 g$ A 192.0.2.$\n", "$GENERATE 1-3 g$ A 192.0.2.300\n", "$DATE 20240131120000\n", "$FOO\n",
	"w TXT " + strings.Repeat("x", 90) + "\n", "x TYPE999 \\# 2 0a0b\n", "y \"A\" 192.0.2.1\n", "\"z\" A 192.0.2.1\n", "\\$a A 192.0.2.1\n",
	"A A 192.0.2.1\nA AAAA 2001:db8::2\n", "d DNAME x\n", "n NS 192.0.2.1\n", "n MX 1 192.0.2.1.\n", "@ SOA ns hostmaster 7 3600 600 86400 300\n", "@ SOA ns hostmaster 8 3600 600 86400 300\n",
}

// randomZone puts pieces together; most of them are sound ones, so that reading
// does not end at once.
func randomZone(r *rand.Rand) string {
	b := []byte(head)
	if r.IntN(8) == 0 {
		b = b[10:] // no $TTL
	}
	odd := r.IntN(30) + 1
	for range r.IntN(120) {
		if r.IntN(30) < odd {
			b = append(b, pieces[r.IntN(len(pieces))]...)
		} else {
			b = append(b, pieces[r.IntN(8)]...)
		}
	}
	if r.IntN(3) == 0 {
		b = bytes.TrimSuffix(b, []byte("\n"))
	}
	return string(b)
}

// sameInParts checks that a zone text reads alike in one piece and in parts.
func sameInParts(t *testing.T, text string, sizes []int, max int) {
	t.Helper()
	files := memFiles{"z": text, "inc": "in A 192.0.2.9\n\tTXT x\nin2 A 192.0.2.9\n\n(in3 TXT\n x)\n in4 FOO\n"}
	for _, kind := range []string{"primary", "secondary", "hint"} {
		z := Zone{Name: "example", Type: kind, File: "z", Format: "text", MaxErrors: max}
		want := dump(files, z, 0)
		for _, size := range sizes {
			if got := dump(files, z, size); got != want {
				a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
				i := 0
				for i < min(len(a), len(b))-1 && a[i] == b[i] {
					i++
				}
				t.Fatalf("in parts of %d bytes, type %s, at most %d errors:\n%s\nin one piece:\n%s\nthe text:\n%q", size, kind, max, a[i], b[i], text)
			}
		}
	}
}

// TestParts checks that reading in parts gives the records, the findings and
// the places of reading in one piece, whatever stands in the file and wherever
// it is cut.
func TestParts(t *testing.T) {
	rounds := 600
	if testing.Short() {
		rounds = 200
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 1))
		sameInParts(t, randomZone(r), []int{1, 20, 64, 300, 5000}, []int{0, 2, 5}[r.IntN(3)])
	}
}

// TestPartsOfManyWarnings checks that an error behind many warnings is found.
func TestPartsOfManyWarnings(t *testing.T) {
	text := head + strings.Repeat("a 4294967295 A 192.0.2.1\n", 300)
	sameInParts(t, text, []int{100, 2000, 1 << 20}, 0)
	sameInParts(t, text+"b A 192.0.2.300\n", []int{100, 2000, 1 << 20}, 0)
	if got := dump(memFiles{"z": text + "b A 192.0.2.300\n"}, example(), 1<<20); !strings.Contains(got, "/w/z:305:5: error") {
		t.Errorf("the error is lost:\n%.500s", got)
	}
}

// TestPartsAtWork checks that large files are read in parts at all: the tests
// above would pass without.
func TestPartsAtWork(t *testing.T) {
	text := head + strings.Repeat("a A 192.0.2.1\n\tAAAA 2001:db8::1\n$ORIGIN example.\nb A 192.0.2.1\n", 200)
	inSmallParts(100, func() {
		c := newChecker(context.Background(), memFiles{"z": text}, nil)
		c.check(example())
		if n := c.text.parts; n < 100 {
			t.Errorf("%d parts were read", n)
		}
	})
}

// BenchmarkParts checks a zone of a million records in parts and in one piece.
func BenchmarkParts(b *testing.B) {
	path := filepath.Join(b.TempDir(), "big")
	bigZone(b, path, 400000)
	for _, whole := range []bool{false, true} {
		b.Run(map[bool]string{false: "parts", true: "piece"}[whole], func(b *testing.B) {
			defer func(n int64) { bigFile = n }(bigFile)
			if whole {
				bigFile = 1 << 62
			}
			for b.Loop() {
				if r := Check(&hostFiles{}, Zone{Name: "example", Type: "primary", File: path}); r.Records != 1000005 {
					b.Fatalf("%d records\n%s", r.Records, found(r))
				}
			}
		})
	}
}

// FuzzParts is TestParts on texts of the fuzzer's own.
func FuzzParts(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(randomZone(rand.New(rand.NewPCG(seed, 2))), uint16(seed*7+1))
	}
	f.Fuzz(func(t *testing.T, text string, size uint16) {
		if len(text) > 1<<16 || strings.Contains(strings.ToUpper(text), "$GENERATE") {
			return // a long range only takes time
		}
		sameInParts(t, text, []int{int(size) + 1}, 0)
	})
}
