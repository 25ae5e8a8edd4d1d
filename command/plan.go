package command

import (
	"context"
	"fmt"
)

// plan shows what apply would do.
func plan(ctx context.Context, f flags) error {
	p := newPrinter(f)
	w, err := begin(ctx, f, p, false)
	if err != nil {
		return err
	}
	defer w.close()
	w.makePlan(f.keepGoing)
	if w.plan != nil {
		w.ds = append(w.ds, w.takePreflight()...)
	}
	if !f.noCheckconf && w.writesConfig() {
		w.askCheckconf(ctx)
	}
	all := w.all()
	p.findings(all)
	if f.json {
		if err := p.document(w.jail, all, w.ops()); err != nil {
			return err
		}
	} else if w.plan != nil {
		w.show(p)
	}
	switch {
	case all.Errors() > 0 && !f.keepGoing:
		return exit(statusFailed)
	case w.plan == nil:
		return exit(statusFailed)
	case f.exitCode && !w.plan.Empty():
		return exit(statusPending)
	}
	return nil
}

// show prints the plan for people: the tree, the diffs, what to do next.
func (w *walk) show(p printer) {
	if w.plan.Empty() {
		p.say("%s: nothing to do: the jail is as %s wants it", w.host.OSPath(w.jail), w.host.OSPath(w.conf))
		return
	}
	if !p.flags.quiet {
		p.printTree(w.jail, w.plan.Ops)
		w.printDiffs(p)
		fmt.Fprintln(p.out)
	}
	line := append([]string{"named-jail", "apply"}, w.startLine()[1:]...)
	if !w.live() {
		line = append(line, "--root", w.host.Root())
	}
	if w.copy {
		line = append(line, "--copy")
	}
	if w.keepGoing {
		line = append(line, "--keep-going")
	}
	p.say("%s to make. Next: %s", count(len(w.plan.Ops), "change"), shellLine(line))
}
