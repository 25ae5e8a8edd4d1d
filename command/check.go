package command

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"named-jail/jail"
	"named-jail/parser"
)

// check validates the configuration and the zones and changes nothing.
func check(ctx context.Context, f flags) error {
	p := newPrinter(f)
	// The other processor collects garbage while this one reads: a large
	// configuration needs no more memory than named-checkconf takes then.
	defer debug.SetGCPercent(debug.SetGCPercent(80))
	w, err := enter(ctx, f, p)
	if err != nil {
		return err
	}
	defer w.close()
	if v := w.recall(ctx, jail.LastCheck); v != nil {
		return w.told(p, append(append(parser.Diagnostics{}, w.system.diags...), v.Findings...), v.Summary)
	}
	if err := w.openStore(p, false); err != nil {
		return err
	}
	w.beginRecord()
	w.asks = !f.noCheckconf
	if err := w.examine(ctx, p); err != nil {
		return err
	}
	if f.jailGiven && w.inJail == "" {
		w.makePlan(f.keepGoing)
	} else {
		w.ds = append(w.ds, w.install.Findings()...)
	}
	if (w.plan != nil || w.inJail != "" || !f.jailGiven) && !w.malformed() {
		w.ds = append(w.ds, w.takePreflight()...)
	}
	if !f.noCheckconf {
		w.hearCheckconf(ctx, p)
	}
	if ctx.Err() != nil {
		return stopped(p)
	}
	w.record(ctx, jail.LastCheck)
	return w.told(p, w.all(), w.summary())
}

// told prints the outcome of a check.
func (w *walk) told(p printer, all parser.Diagnostics, summary string) error {
	p.findings(all)
	if p.flags.json {
		if err := p.document(w.jail, all, nil); err != nil {
			return err
		}
	}
	if all.Errors() > 0 {
		p.failed(all, "Mend the errors, then again:", nextStep{"Check", w.checkLine()})
		return exit(statusFailed)
	}
	if p.screen.width > 0 && w.inJail == "" {
		text := fmt.Sprintf("sound for BIND %s: %s", w.build.Version, summary)
		if len(all) > 0 {
			p.say("")
			text += "; " + tally(all)
		}
		p.next(w.host.OSPath(w.conf), text+".", nextStep{"Next", w.sameLine("plan")})
		return nil
	}
	p.tell("%s: sound for BIND %s: %s", w.host.OSPath(w.conf), w.build.Version, summary)
	return nil
}

// malformed tells whether the configuration could not be understood, so that
// what is in it cannot be looked at with named's eyes.
func (w *walk) malformed() bool {
	for _, d := range w.ds {
		if d.Severity == parser.Error && strings.HasPrefix(string(d.Code), "NJ1") && d.Code != "NJ115" {
			return true
		}
	}
	return false
}

// summary counts what was checked.
func (w *walk) summary() string {
	read, cached := 0, 0
	for i := range w.reports {
		r := &w.reports[i]
		switch {
		case r.Cached:
			cached++
		case len(r.Files) > 0:
			read++
		}
	}
	if cached > 0 {
		return w.extent() + fmt.Sprintf(" (%s read, %d unchanged since the last check)", count(read, "zone file"), cached)
	}
	return w.extent()
}

// extent counts what was checked.
func (w *walk) extent() string {
	text := count(len(w.install.Files), "configuration file") + ", "
	if w.chosen != nil {
		text += fmt.Sprintf("%d of ", len(w.chosen))
	}
	text += count(len(w.install.Zones), "zone")
	if w.noZones {
		return text
	}
	return text + ", " + count(w.records(), "record")
}

// records counts those of all zones.
func (w *walk) records() int {
	n := 0
	for i := range w.reports {
		n += w.reports[i].Records
	}
	return n
}
