package command

import (
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"named-jail/zones"
)

// barAfter is how long a work has to last before a bar shows how far it is.
const barAfter = time.Second

// newProgress gives a function that shows how far the check of zones is, with
// rate and time left, on a terminal only, and one that takes the bar away
// again. A few zones are measured by the bytes of their files, many by their
// number, with the bytes beside it. The first may be called with every step.
func newProgress(p printer) (step func(zones.Progress), end func()) {
	if p.flags.quiet || p.flags.json || !p.errScreen.moves {
		return nil, func() {}
	}
	var bar *progressbar.ProgressBar
	begun, drawn, shown := time.Now(), time.Time{}, false
	step = func(at zones.Progress) {
		now := time.Now()
		if bar == nil {
			bar = newBar(at) // which takes the time from here on
		}
		if now.Sub(begun) < barAfter || now.Sub(drawn) < 100*time.Millisecond {
			return
		}
		drawn, shown = now, true
		if at.TotalBytes > 0 {
			if total := max(at.TotalBytes, at.Bytes, 1); total != bar.GetMax64() { // draws the bar
				bar.ChangeMax64(total)
			}
			_ = bar.Set64(at.Bytes)
			return
		}
		_ = bar.Set(at.Zones)
		bar.Describe(fmt.Sprintf("zones read, %.1f MB", float64(at.Bytes)/1e6))
	}
	return step, func() {
		if shown {
			_ = bar.Clear()
		}
	}
}

// newBar makes the bar for what is to be counted, and does not draw it yet.
func newBar(at zones.Progress) *progressbar.ProgressBar {
	options := []progressbar.Option{progressbar.OptionSetWriter(os.Stderr), progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(), progressbar.OptionSetRenderBlankState(false)}
	total := int64(at.TotalZones)
	if at.TotalBytes > 0 {
		total = at.TotalBytes
		options = append(options, progressbar.OptionShowBytes(true), progressbar.OptionSetDescription("zone files read"))
	} else {
		options = append(options, progressbar.OptionShowIts(), progressbar.OptionSetItsString("zones"), progressbar.OptionSetDescription("zones read"))
	}
	bar := progressbar.NewOptions64(max(total, 1), options...)
	bar.StartWithoutRender()
	return bar
}
