package command

import (
	"context"
	"fmt"

	"named-jail/parser"
)

// plan shows what apply would do.
func plan(ctx context.Context, f flags) error {
	p := newPrinter(f)
	w, err := begin(ctx, f, p, false)
	if err != nil {
		return err
	}
	defer w.close()
	w.compare(p, f.keepGoing)
	if !f.noCheckconf && w.writesConfig() {
		w.hearCheckconf(ctx, p)
	}
	all := w.all()
	p.findings(all)
	if f.json {
		if err := p.document(w.jail, all, w.ops()); err != nil {
			return err
		}
	} else if w.plan != nil {
		w.show(p, all)
	}
	switch {
	case all.Errors() > 0 && !f.keepGoing:
		p.failed(all, "apply would change nothing. Mend the errors, then again:", nextStep{"Check", w.checkLine()}, nextStep{"Plan", w.sameLine("plan")})
		return exit(statusFailed)
	case w.plan == nil:
		return exit(statusFailed)
	case f.exitCode && !w.plan.Empty():
		return exit(statusPending)
	}
	return nil
}

// show prints the plan for people: the tree, the diffs, what to do next.
func (w *walk) show(p printer, all parser.Diagnostics) {
	if w.plan.Empty() && all.Errors() > 0 && !w.keepGoing {
		if p.screen.width == 0 { // else what is told of that comes next
			p.say("%s: no change to make, and apply refuses: %s.", w.host.OSPath(w.jail), tally(all))
		}
		return
	}
	if w.plan.Empty() {
		p.tell("%s: nothing to do: the jail is as %s wants it", w.host.OSPath(w.jail), w.host.OSPath(w.conf))
		return
	}
	if !p.flags.quiet {
		p.printTree(w.jail, w.plan.Ops)
		w.printDiffs(p)
		fmt.Fprintln(p.out)
	}
	n, line := len(w.plan.Ops), w.sameLine("apply")
	refused := all.Errors() > 0 && !w.keepGoing
	switch {
	case p.screen.width > 0 && refused: // what is told of that comes next
	case refused:
		p.say("%s to make, which apply refuses: %s.", count(n, "change"), tally(all))
	case p.screen.width > 0:
		p.next(w.host.OSPath(w.jail), fmt.Sprintf("%s to make: %s.", count(n, "change"), opSum(w.plan.Ops)), nextStep{"Do it", line})
	default:
		p.say("%s to make. Next: %s", count(n, "change"), line)
	}
}
