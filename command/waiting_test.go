package command

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestWaiting: what takes more than a second is shown in one line, which is gone
// afterwards; what is quicker, and a screen whose cursor does not move, shows nothing.
func TestWaiting(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	for _, x := range []struct {
		screen screen
		flags  flags
		takes  time.Duration
		shown  bool
	}{
		{screen{width: 30, moves: true}, flags{}, 1300 * time.Millisecond, true},
		{screen{width: 30, moves: true}, flags{}, 300 * time.Millisecond, false},
		{screen{width: 30}, flags{}, 1300 * time.Millisecond, false},
		{screen{width: 30, moves: true}, flags{quiet: true}, 1300 * time.Millisecond, false},
		{screen{width: 30, moves: true}, flags{json: true}, 1300 * time.Millisecond, false},
	} {
		t.Run("", func(t *testing.T) {
			var err bytes.Buffer
			end := printer{err: &err, errScreen: x.screen, flags: x.flags}.waiting("something with a name that is long")
			time.Sleep(x.takes)
			end()
			got := err.String()
			if (got != "") != x.shown || x.shown && (!strings.HasPrefix(got, "\rsomething with a name that...\x1b[K\r") || !strings.HasSuffix(got, "\r\x1b[K") || strings.Contains(got, "\n")) {
				t.Errorf("%+v: got %q", x, got)
			}
		})
	}
}
