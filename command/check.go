package command

import (
	"context"
	"fmt"
)

// check validates the configuration and the zones and changes nothing.
func check(ctx context.Context, f flags) error {
	p := newPrinter(f)
	w, err := begin(ctx, f, p, false)
	if err != nil {
		return err
	}
	defer w.close()
	if f.jailGiven && w.inJail == "" {
		w.makePlan(f.keepGoing)
	} else {
		_, ds := w.install.Wanted(w.faulty)
		w.ds = append(w.ds, ds...)
	}
	if w.plan != nil || w.inJail != "" || !f.jailGiven {
		w.ds = append(w.ds, w.takePreflight()...)
	}
	if !f.noCheckconf {
		w.askCheckconf(ctx)
	}
	all := w.all()
	p.findings(all)
	if f.json {
		if err := p.document(w.jail, all, nil); err != nil {
			return err
		}
	}
	if all.Errors() > 0 {
		return exit(statusFailed)
	}
	p.say("%s: sound for BIND %s: %s", w.host.OSPath(w.conf), w.build.Version, w.summary())
	return nil
}

// summary counts what was checked.
func (w *walk) summary() string {
	records, read, cached := 0, 0, 0
	for _, r := range w.reports {
		records += r.Records
		switch {
		case r.Cached:
			cached++
		case len(r.Files) > 0:
			read++
		}
	}
	text := count(len(w.install.Files), "configuration file") + ", " + count(len(w.install.Zones), "zone")
	if !w.noZones {
		text += fmt.Sprintf(", %s", count(records, "record"))
		if cached > 0 {
			text += fmt.Sprintf(" (%s read, %d unchanged since the last check)", count(read, "zone file"), cached)
		}
	}
	return text
}
