//go:build linux

package main

import (
	"strings"
	"testing"
)

// TestLiveRunning shows that a server that runs on the files which are to be
// moved is noticed, and so is a second start in the same jail; other servers of
// the same program do not count.
func TestLiveRunning(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, debian())
		s.startBare()
		r := run(t, product, "apply", "-t", s.in.jail, "-u", "bind").want(t, 1)
		if text := r.String(); !strings.Contains(text, "NJ510") || !strings.Contains(text, "rndc stop") {
			t.Error(text)
		}
		s.exercise("192.0.2.151") // it serves on, unharmed
		s.stop()
		s.apply() // the primary of the secondary zone runs on, with files of its own
		s.startJailed()
		r = run(t, product, "-t", s.in.jail, "-u", "bind").want(t, 1)
		if text := r.String(); !strings.Contains(text, "NJ510") {
			t.Error(text)
		}
		s.exercise("192.0.2.152")
		run(t, product, "apply", "-t", s.in.jail, "-u", "bind").want(t, 0) // a change is applied under a running server
		s.stop()
	})
}
