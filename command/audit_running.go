package command

import (
	"fmt"

	"named-jail/parser"
)

// runningNow reports a named that runs on the jail's configuration but outside
// of it, and one in the jail whose program is no longer the one on the disk.
func (w *walk) runningNow() parser.Diagnostics {
	var ds parser.Diagnostics
	for _, p := range w.processes() {
		switch {
		case !p.InJail && w.usesConf(p):
			ds.Add(parser.Diagnostic{Code: "NJ534", Severity: parser.Error, Message: fmt.Sprintf("named runs outside of the jail, which is in use: process %d", p.PID),
				Remedy: fmt.Sprintf("Stop it (rndc stop, or kill -TERM %d), then start it with: %s", p.PID, shellLine(w.startLine()))})
		case p.InJail && len(p.Replaced) > 0:
			what := p.Replaced[0]
			if more := len(p.Replaced) - 1; more > 0 {
				what += " and " + count(more, "other file")
			}
			ds.Add(parser.Diagnostic{Code: "NJ534", Severity: parser.Warning, Message: fmt.Sprintf("named in the jail still runs what was replaced since it started (%s): process %d", what, p.PID),
				Remedy: "Restart named through its service, so that it takes the new program and libraries."})
		}
	}
	return ds
}
