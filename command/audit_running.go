package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/rewrite"
)

// runningNow reports a named that runs on the jail's configuration but outside
// of it, and one in the jail whose program, libraries or configuration are no
// longer those on the disk.
func (w *walk) runningNow(ctx context.Context) parser.Diagnostics {
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
		case p.InJail:
			if read, written := w.configured(ctx, p), w.written(); !read.IsZero() && written.After(read.Add(time.Second)) {
				ds.Add(parser.Diagnostic{Code: "NJ534", Severity: parser.Warning,
					Message: fmt.Sprintf("named in the jail has read its configuration at %s, and the jail's is of %s: process %d", clock(read), clock(written), p.PID),
					Remedy:  "Run: `rndc reload`"})
			}
		}
	}
	return ds
}

func clock(t time.Time) string { return t.Local().Format(time.DateTime) }

// configured asks named when it last read its configuration; zero where it does
// not tell.
//
// Source: rndc status of BIND 9.18.
func (w *walk) configured(ctx context.Context, p jail.Process) time.Time {
	r, err := w.findRemote(ctx, p)
	if err != nil {
		return time.Time{}
	}
	for line := range strings.Lines(r.ask(ctx, "status").words) {
		if rest, ok := strings.CutPrefix(line, "last configured: "); ok {
			t, _ := time.Parse(time.RFC1123, strings.ToUpper(strings.TrimSpace(rest)))
			return t
		}
	}
	return time.Time{}
}

// written tells when a configuration file of the jail was last written.
func (w *walk) written() time.Time {
	last := int64(0)
	for _, e := range w.store.Manifest().Entries {
		if e.Class == rewrite.ClassConfig {
			last = max(last, e.Stamp.Ctime)
		}
	}
	return time.Unix(0, last)
}
