package zones

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/miekg/dns"
)

func wireOf(t testing.TB, s string) []byte {
	n, ok := parseNameString(s)
	if !ok {
		t.Fatalf("%q is not a name", s)
	}
	return append([]byte(nil), n.bytes()...)
}

// TestStore compares the store with a map while records come.
func TestStore(t *testing.T) {
	zone, _ := parseNameString("example.")
	var s store
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 3 { // the buffers serve again
		s.reset(&zone)
		want := map[string][]string{}
		for i := range 30000 {
			owner := fmt.Sprintf("h%d.example.", rnd.IntN(9000))
			data := []byte(fmt.Sprintf("data %d of round %d", i, round))
			id := s.owner(wireOf(t, owner))
			s.add(id, &record{rtype: dns.TypeTXT, ttl: uint32(i), wire: data, file: "f", line: i, column: 1})
			want[owner] = append(want[owner], string(data))
		}
		live := 0
		for owner, datas := range want {
			id := s.find(wireOf(t, owner))
			if id == none {
				t.Fatalf("%s is lost", owner)
			}
			live += len(datas)
			s.each(id, func(rec *stored) bool {
				if len(datas) == 0 || string(s.data(rec)) != datas[0] {
					t.Fatalf("%s: %q where %q should be", owner, s.data(rec), datas)
				}
				datas = datas[1:]
				return true
			})
			if has := s.owners.at(id).flags&hasTXT != 0; len(datas) > 0 || has != (len(want[owner]) > 0) {
				t.Fatalf("%s: %d records are lost, flags %v", owner, len(datas), has)
			}
		}
		if live != s.live || s.find(wireOf(t, "no.example.")) != none {
			t.Fatalf("%d records are there, the store says %d", live, s.live)
		}
	}
}

// TestStoreFill makes the names between.
func TestStoreFill(t *testing.T) {
	zone, _ := parseNameString("example.")
	var s store
	s.reset(&zone)
	for _, owner := range []string{"a.b.c.example.", "x.b.c.example.", "example.", "q.example."} {
		s.add(s.owner(wireOf(t, owner)), &record{rtype: dns.TypeA, wire: []byte{1, 2, 3, 4}})
	}
	s.fill()
	for owner, want := range map[string]bool{"b.c.example.": true, "c.example.": true, "example.": true, "a.q.example.": false} {
		if got := s.find(wireOf(t, owner)) != none; got != want {
			t.Errorf("%s is there: %v", owner, got)
		}
	}
	if s.owners.n != 6 || s.has(s.find(wireOf(t, "c.example."))) {
		t.Errorf("%d owners", s.owners.n)
	}
}

// TestArena keeps strings over the bounds of chunks.
func TestArena(t *testing.T) {
	var a arena
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 2 {
		a.reset()
		var places []uint64
		var texts []string
		for i := range 200 {
			b := make([]byte, rnd.IntN(65536))
			for k := range b {
				b[k] = byte(i)
			}
			places, texts = append(places, a.add(b)), append(texts, string(b))
		}
		for i, at := range places {
			if string(a.get(at, len(texts[i]))) != texts[i] {
				t.Fatalf("string %d has changed", i)
			}
		}
	}
}
