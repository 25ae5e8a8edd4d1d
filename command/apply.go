package command

import (
	"context"
	"fmt"
	"os"
	"strings"

	"named-jail/jail"
	"named-jail/parser"
)

// apply makes the jail what the configuration wants, or changes nothing.
func apply(ctx context.Context, f flags) error {
	p := newPrinter(f)
	if os.Geteuid() != 0 {
		return told(p, parser.Diagnostics{{Code: "NJ504", Message: "apply needs root: it gives files to other accounts and makes device nodes",
			Remedy: "Run the same command as root (sudo); plan and check work without."}})
	}
	if f.createUser {
		if err := createUser(ctx, f); err != nil {
			return told(p, asDiagnostics(err))
		}
	}
	if f.serving {
		return applyLive(ctx, f, p)
	}
	w, err := begin(ctx, f, p, true)
	if err != nil {
		return err
	}
	defer w.close()
	all := w.judge(ctx, p, f)
	if w.plan == nil || w.refuses(all) {
		return w.refused(p, all)
	}
	return carryOut(ctx, w, p, all, nil)
}

// refused is the end where findings stop apply.
func (w *walk) refused(p printer, all parser.Diagnostics) error {
	err := told(p, all)
	p.failed(all, "Nothing was changed. Mend the errors, then again:", nextStep{"Check", w.checkLine()}, nextStep{"Apply", w.sameLine("apply")})
	return err
}

// judge makes the plan and gives all findings.
func (w *walk) judge(ctx context.Context, p printer, f flags) parser.Diagnostics {
	w.compare(p, f.keepGoing)
	if !f.noCheckconf && w.writesConfig() {
		w.hearCheckconf(ctx, p)
	}
	w.ds = append(w.ds, w.busy(false)...)
	return w.all()
}

// carryOut does what the plan says, and tells it. s is the server that --live
// deals with, nil: none.
func carryOut(ctx context.Context, w *walk, p printer, all parser.Diagnostics, s *liveServer) error {
	ops, left := w.ops(), w.plan.Left
	w.plan.LastLook = func() error { return w.lastLook(false) }
	end := p.showWork()
	err := w.store.Apply(ctx, w.host, w.tree, w.plan)
	end()
	after := s.finish(ctx, err == nil)
	all = append(all, after...)
	if err != nil {
		all = append(all, asDiagnostics(err)...)
		err = told(p, all)
		p.failed(all, "Mend what stopped it, then again:", nextStep{"Apply", w.sameLine("apply")}, nextStep{"History", w.jailLine("history")})
		return err
	}
	p.findings(all)
	if p.flags.json {
		err = p.document(w.jail, all, ops)
	} else {
		if p.flags.verbose && len(ops) > 0 {
			p.printTree(w.jail, ops)
		}
		w.sayDone(p, len(ops), left, s)
	}
	if after.Errors() > 0 {
		return exit(statusFailed)
	}
	return err
}

// refuses tells whether findings stop apply. With --keep-going faulty zone
// files do not: they stay where they are.
func (w *walk) refuses(all parser.Diagnostics) bool {
	for _, d := range all {
		if d.Severity == parser.Error && !(w.keepGoing && (isZoneFinding(d.Code) || isPreflight(d.Code))) {
			return true
		}
	}
	return false
}

// isZoneFinding tells whether a finding is about the data of zones, with which
// named starts all the same.
func isZoneFinding(c parser.Code) bool {
	return len(c) == 5 && c[:3] == "NJ4" || c == "NJ307" || c == "NJ309"
}

// ops gives the plan's changes, none where there is no plan.
func (w *walk) ops() []jail.Op {
	if w.plan == nil {
		return nil
	}
	return w.plan.Ops
}

// sayDone is the closing line. left is what the server s goes on writing.
func (w *walk) sayDone(p printer, n int, left []string, s *liveServer) {
	jailPath := w.host.OSPath(w.jail)
	made, wide := count(n, "change")+" made.", p.screen.width > 0
	if n == 0 {
		made = "nothing to do: the jail is as " + w.host.OSPath(w.conf) + " wants it"
	}
	switch {
	case s != nil && s.remote == nil:
		w.sayServing(p, made, left)
	case s != nil && wide:
		p.next(jailPath, strings.TrimSuffix(made, ".")+". "+w.tookIn(), nextStep{"Look at it", w.sameLine("audit")})
	case s != nil:
		p.say("%s: %s", jailPath, made)
		p.say("%s", w.tookIn())
	case n == 0:
		p.tell("%s: %s", jailPath, made)
	case wide:
		p.next(jailPath, made, w.afterApply()...)
	default:
		p.say("%s: %s", jailPath, made)
		if w.live() {
			p.say("Next: start named in it with: %s", shellLine(w.startLine()))
			p.say("Undo: %s", w.undoLine())
		}
	}
}

// tookIn says what the server in the jail did.
func (w *walk) tookIn() string {
	return fmt.Sprintf("The running named (process %d) has loaded its configuration and zones again.", w.served.PID)
}

// sayServing is the closing line beside a server that runs unjailed.
func (w *walk) sayServing(p printer, made string, left []string) {
	start, stop := shellLine(w.startLine()), stopWords(w.served)
	made = strings.TrimSuffix(made, ".") + "."
	serves := fmt.Sprintf("Process %d goes on serving.", w.served.PID)
	sayList(p, fmt.Sprintf("%s that it writes will follow at the start in the jail", count(len(left), "file")), left)
	if p.screen.width > 0 {
		p.next(w.host.OSPath(w.jail), made+" "+serves, nextStep{"Stop named", stop}, nextStep{"Start it at once", start}, nextStep{"Undo", w.undoLine()})
		return
	}
	p.say("%s: %s %s", w.host.OSPath(w.jail), made, serves)
	p.say("Next: stop it (%s), and at once start named in the jail with: %s", stop, start)
	p.say("Undo: %s", w.undoLine())
}

// afterApply is what can be done with a jail that is up to date.
func (w *walk) afterApply() []nextStep {
	audit, undo := nextStep{"Look at it", w.sameLine("audit")}, nextStep{"Undo", w.undoLine()}
	if !w.live() {
		return []nextStep{audit, undo}
	}
	return []nextStep{{"Start named", shellLine(w.startLine())}, audit, undo}
}

// startLine is the line that starts named in the jail as this command was
// told to set it up.
func (w *walk) startLine() []string {
	line := []string{"named-jail", "-t", w.jail, "-u", w.account.Name}
	if w.flags.named != "" {
		line = append([]string{"named-jail", "run", "--named=" + w.flags.named}, line[1:]...)
	}
	if w.group != "" {
		line = append(line, "-g", w.group)
	}
	if w.flags.conf != "" {
		line = append(line, "-c", w.flags.conf)
	}
	return line
}

// createUser makes the account where it is missing.
func createUser(ctx context.Context, f flags) error {
	host, err := jail.OpenHost(f.root)
	if err != nil {
		return err
	}
	defer host.Close()
	name := f.user
	if name == "" {
		if _, err := jail.DefaultAccount(host, host.Root()); err == nil {
			return nil
		}
		name = "named"
	}
	if _, err := jail.LookupAccount(host, host.Root(), name); err == nil {
		return nil
	}
	if err := jail.CreateAccount(ctx, host, host.Root(), name); err != nil {
		return err
	}
	if !f.quiet && !f.json {
		fmt.Printf("created the system account %s\n", name)
	}
	return nil
}
