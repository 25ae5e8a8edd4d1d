package command

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// newProgress gives a function that shows how far a long work is, on a
// terminal only, and one that takes the bar away again. The first may be
// called with every step.
func newProgress(p printer, what string) (step func(done, total int), end func()) {
	if p.flags.quiet || p.flags.json || !isTerminal(os.Stderr) {
		return nil, func() {}
	}
	var bar *progressbar.ProgressBar
	begun := time.Now()
	step = func(done, total int) {
		if bar == nil {
			if time.Since(begun) < time.Second {
				return
			}
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription(what),
				progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionClearOnFinish(),
				progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionFullWidth())
		}
		_ = bar.Set(done)
	}
	return step, func() {
		if bar != nil {
			_ = bar.Finish()
		}
	}
}
