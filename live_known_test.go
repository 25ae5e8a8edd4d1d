//go:build linux

package main

import (
	"os"
	"strings"
	"testing"
)

// TestLiveKnownStart: a start asks named what it is, unless the answer is known
// of that very program; and the answer for one is not taken for another.
func TestLiveKnownStart(t *testing.T) {
	inClone(t, func(t *testing.T) {
		const named, trace = "/usr/sbin/named", "/tmp/trace"
		asked := func(more ...string) int {
			t.Helper()
			line := append([]string{"strace", "-f", "-qq", "-o", trace, "-e", "trace=execve", product, "run", "--named=" + named}, more...)
			run(t, append(line, "-V")...).want(t, 0)
			text, err := os.ReadFile(trace)
			must(t, err)
			n := -1 // the last is the start
			for line := range strings.Lines(string(text)) {
				if strings.Contains(line, `execve("`+named+`"`) && !strings.Contains(line, "ERESTART") { // a call that a signal broke off is made again
					n++
				}
			}
			return n
		}
		if n := asked(); n != 2 {
			t.Errorf("named was asked %d times while nothing is known of it", n)
		}
		for _, jail := range []string{"/var/named", "/var/second"} {
			for range 2 { // the first makes the place where the answer is kept
				run(t, product, "apply", "-u", "bind", "-t", jail).want(t, 0)
			}
			for _, words := range [][]string{{"-t", jail}, {"-t" + jail}} {
				if n := asked(words...); n != 0 {
					t.Errorf("%q: named was asked %d times", words, n)
				}
			}
		}
		if n := asked(); n != 0 {
			t.Errorf("with the usual jail named was asked %d times", n)
		}
		for _, words := range [][]string{{"-t", "/var/third"}, {"--no-cache"}} {
			if n := asked(words...); n != 2 {
				t.Errorf("%q: named was asked %d times", words, n)
			}
		}
		program, err := os.ReadFile(named)
		must(t, err)
		must(t, os.Remove(named))
		must(t, os.WriteFile(named, program, 0o755))
		if n := asked(); n != 2 {
			t.Errorf("another named in its place was asked %d times", n)
		}
	})
}
