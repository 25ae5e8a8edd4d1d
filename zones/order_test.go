package zones

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCanonicalOrder puts the names of RFC 4034 section 6.1, and others with
// odd bytes, in order.
func TestCanonicalOrder(t *testing.T) {
	want := []string{"example.", "a.example.", "yljkjljk.a.example.", `z.a.example.`, `zabc.a.example.`, `z.example.`,
		`\001.z.example.`, `*.z.example.`, `\200.z.example.`, `zz.example.`}
	want = slices.Insert(want, 1, `\000.example.`, `a.\000.example.`, `\000\000.example.`, `\000\001.example.`, `\001.example.`, `a.\001.example.`, `\001\000.example.`, `\002.example.`)
	zone, _ := parseNameString("example.")
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		var s store
		s.reset(&zone)
		for _, i := range rnd.Perm(len(want)) {
			n, ok := parseNameString(want[i])
			if !ok {
				t.Fatal(want[i])
			}
			s.owner(n.bytes())
		}
		for at, id := range s.ordered(1, never, func(uint32) bool { return true }) {
			if n, _ := parseNameString(want[at]); !bytes.Equal(s.name(id), n.bytes()) {
				t.Fatalf("place %d has %s, not %s", at, nameText(s.name(id)), want[at])
			}
		}
	}
}

// TestOrderInParts sorts many names in parts, and compares with one sort.
func TestOrderInParts(t *testing.T) {
	zone, _ := parseNameString("example.")
	var s store
	s.reset(&zone)
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 4 * leastShare {
		n := name{}
		var wire []byte
		for range 1 + rnd.IntN(3) {
			label := make([]byte, 1+rnd.IntN(3)*9)
			for i := range label {
				label[i] = byte(rnd.IntN(3)) + "\x00aa"[rnd.IntN(3)]
			}
			wire = append(append(wire, byte(len(label))), label...)
		}
		n.set(append(wire, zone.bytes()...))
		s.owner(n.bytes())
	}
	got := s.ordered(4, never, func(id uint32) bool { return id%5 != 0 })
	if !slices.IsSortedFunc(got, func(a, b uint32) int { return compareNames(s.name(a), s.name(b)) }) {
		t.Error("not in order")
	}
	if n := s.owners.n - (s.owners.n+4)/5; len(got) != n {
		t.Errorf("%d names, want %d", len(got), n)
	}
}

func never() bool { return false }
