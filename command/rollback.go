package command

import (
	"context"
	"fmt"
	"os"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
)

// rollbackDocument is the document of every command with the places that were
// dealt with. Starters are files that still start named in the jail.
type rollbackDocument struct {
	document
	Restored []string `json:"restored"`
	Carried  []string `json:"carried"`
	Kept     []string `json:"kept"`
	Left     []string `json:"left"`
	Saved    []string `json:"saved"`
	Starters []string `json:"starters"`
}

// listOf is a list as JSON has it: an empty one, not null.
func listOf(places []string) []string {
	if places == nil {
		return []string{}
	}
	return places
}

// rollback restores the state before the first apply.
func rollback(ctx context.Context, f flags) error {
	p := newPrinter(f)
	return withStore(f, p, func(sys *system, store *jail.Store) error {
		if d, found := sys.jailedServer(); found {
			return told(p, parser.Diagnostics{d})
		}
		end := p.showWork()
		report, err := store.Rollback(ctx, sys.host)
		end()
		if err != nil {
			return told(p, asDiagnostics(err))
		}
		if f.json {
			return p.encode(rollbackDocument{newDocument(sys.jail, nil, nil), listOf(report.Restored), listOf(report.Carried),
				listOf(report.Kept), listOf(report.Left), listOf(report.Saved), listOf(sys.ourFiles())})
		}
		if f.verbose {
			sayList(p, "restored", report.Restored)
		}
		sayList(p, "carried back, because named wrote it since", report.Carried)
		sayList(p, "changed on the host since, and left as it is", report.Kept)
		sayList(p, "still in the jail", report.Left)
		sayList(p, "saved, because it was changed in the jail", report.Saved)
		sayList(p, "still there, and starts named in the jail: remove it too (systemctl daemon-reload after a drop-in)", sys.ourFiles())
		if p.screen.width > 0 {
			p.next(sys.host.OSPath(sys.jail), fmt.Sprintf("the state before the first apply is back: %s restored, %d carried back.",
				count(len(report.Restored), "place"), len(report.Carried)), sys.afterRollback()...)
			return nil
		}
		p.say("%s: the state before the first apply is back: %s restored, %d carried back.", sys.host.OSPath(sys.jail), count(len(report.Restored), "place"), len(report.Carried))
		return nil
	})
}

// afterRollback is what can be done without a jail: named starts as it did
// before, and what it would read can be checked.
func (s *system) afterRollback() []nextStep {
	line := []string{"named-jail", "check"}
	if !s.live() {
		line = append(line, "--root", s.host.Root())
	}
	return []nextStep{{"Check the host", shellLine(line)}, {"History", shellLine(append([]string{line[0], "history", "-t", s.jail}, line[2:]...))}}
}

// jailedServer finds a named that runs in the jail: a rollback would take its
// files away, and what it wrote afterwards would be lost.
func (s *system) jailedServer() (parser.Diagnostic, bool) {
	if !s.live() {
		return parser.Diagnostic{}, false
	}
	self, _ := launcher.Self()
	program, _ := launcher.Find(s.named, os.Getenv("NAMED_JAIL_NAMED"), self) // "": its name tells
	s.findAccount()
	list, _ := jail.Running(s.tree, program, s.ids.UserUID)
	for _, p := range list {
		if p.InJail && p.Named {
			return parser.Diagnostic{Code: "NJ510", Message: fmt.Sprintf("named runs in this jail: process %d", p.PID),
				Remedy: fmt.Sprintf("Stop it first: %s.", stopWords(p))}, true
		}
	}
	return parser.Diagnostic{}, false
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
	if len(places) == 0 || p.flags.quiet || p.flags.json {
		return
	}
	fmt.Fprintf(p.out, "%s:\n", p.screen.paint(bold, fill(heading, 0, p.screen.width-1, "")))
	for _, place := range places {
		fmt.Fprintf(p.out, "  %s\n", parser.Printable(place))
	}
}
