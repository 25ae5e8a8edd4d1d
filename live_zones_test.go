//go:build linux

package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

// TestLiveSomeZones shows that a check of some zones leaves the memory of whole
// checks alone, and does not go by it: the next whole check and the next start see
// what has become wrong elsewhere.
func TestLiveSomeZones(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := recordServer(t)
		run(t, product, "rollback", "-t", s.in.jail).want(t, 0)
		whole := []string{product, "check"}
		some := func(zones ...string) result { return run(t, append(append([]string{}, whole...), zones...)...) }
		memos := func() (list [][]byte) {
			for _, name := range []string{"zones.cache", "check.record"} {
				data, err := os.ReadFile("/var/lib/named-jail/var-named/" + name)
				must(t, err)
				list = append(list, data)
			}
			return list
		}
		s.recordNow(whole)
		before := memos()
		r := some("b.example").want(t, 0)
		if strings.Contains(r.out, unchangedSince) || !strings.Contains(r.out, "1 of ") {
			t.Errorf("a check of one zone: %s", r)
		}

		const other = "/etc/bind/db.old.example"
		text, err := os.ReadFile(other)
		must(t, err)
		must(t, os.WriteFile(other, append(text, "broken A 192.0.2.\n"...), 0o644))
		some("b.example").want(t, 0)
		some("old.example").want(t, 1)
		some("b.example", "old.example", "--no-cache").want(t, 1)
		if !bytes.Equal(before[0], memos()[0]) || !bytes.Equal(before[1], memos()[1]) {
			t.Error("a check of some zones has changed the memory of whole checks")
		}
		if r := run(t, whole...).want(t, 1); !strings.Contains(r.err, "NJ402") {
			t.Errorf("the whole check: %s", r)
		}
		must(t, os.WriteFile(other, text, 0o644))
		time.Sleep(2100 * time.Millisecond)
		s.recordNow(whole)
	})
}
