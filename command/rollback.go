package command

import (
	"context"
	"fmt"

	"named-jail/jail"
	"named-jail/parser"
)

// rollback restores the state before the first apply.
func rollback(ctx context.Context, f flags) error {
	p := newPrinter(f)
	return withStore(f, p, func(sys *system, store *jail.Store) error {
		report, err := store.Rollback(ctx, sys.host)
		if err != nil {
			return told(p, asDiagnostics(err))
		}
		if f.json {
			return p.document(sys.jail, parser.Diagnostics{}, nil)
		}
		if f.verbose {
			sayList(p, "restored", report.Restored)
		}
		sayList(p, "carried back, because named wrote it since", report.Carried)
		sayList(p, "changed on the host since, and left as it is", report.Kept)
		sayList(p, "still in the jail", report.Left)
		sayList(p, "saved, because it was changed in the jail", report.Saved)
		p.say("%s: the state before the first apply is back: %s restored, %d carried back.", sys.host.OSPath(sys.jail), count(len(report.Restored), "place"), len(report.Carried))
		return nil
	})
}

// withStore opens the memory of the jail that the flags name and hands it over.
func withStore(f flags, p printer, do func(sys *system, s *jail.Store) error) error {
	sys := &system{flags: f}
	host, err := jail.OpenHost(f.root)
	if err != nil {
		return usageError{"--root " + f.root + ": " + plainText(err)}
	}
	sys.host = host
	defer sys.close()
	if err := sys.placeJail(); err != nil {
		return err
	}
	if sys.tree == nil {
		return told(p, sys.diags)
	}
	store, err := jail.OpenStore(host, sys.jail, false)
	if err != nil {
		return told(p, asDiagnostics(err))
	}
	defer store.Close()
	return do(sys, store)
}

// sayList prints a heading with the places under it.
func sayList(p printer, heading string, places []string) {
	if len(places) == 0 || p.flags.quiet {
		return
	}
	fmt.Fprintf(p.out, "%s:\n", heading)
	for _, place := range places {
		fmt.Fprintf(p.out, "  %s\n", parser.Printable(place))
	}
}
