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
	w, err := begin(ctx, f, p, true)
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
	w.ds = append(w.ds, w.busy(false)...)
	all := w.all()
	if w.plan == nil || w.refuses(all) {
		return told(p, all)
	}
	ops := w.ops()
	if err := w.store.Apply(ctx, w.host, w.tree, w.plan); err != nil {
		return told(p, append(all, asDiagnostics(err)...))
	}
	p.findings(all)
	if f.json {
		return p.document(w.jail, all, ops)
	}
	if f.verbose && len(ops) > 0 {
		p.printTree(w.jail, ops)
	}
	w.sayDone(p, len(ops))
	return nil
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

// sayDone is the closing line.
func (w *walk) sayDone(p printer, n int) {
	jailPath := w.host.OSPath(w.jail)
	if n == 0 {
		p.say("%s: nothing to do: the jail is as %s wants it", jailPath, w.host.OSPath(w.conf))
		return
	}
	p.say("%s: %s made.", jailPath, count(n, "change"))
	if w.live() {
		p.say("Next: start named in it with: %s", shellLine(w.startLine()))
		p.say("Undo: %s", shellLine([]string{"named-jail", "rollback", "-t", w.jail}))
	}
}

// startLine is the line that starts named in the jail as this command was
// told to set it up.
func (w *walk) startLine() []string {
	line := []string{"named-jail", "-t", w.jail, "-u", w.account.Name}
	if w.group != "" {
		line = append(line, "-g", w.group)
	}
	if w.flags.conf != "" {
		line = append(line, "-c", w.flags.conf)
	}
	return line
}

// shellLine writes words as a shell would need them.
func shellLine(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = parser.Printable(w)
		if strings.ContainsAny(w, " \t\n'\"\\$`&;|<>()*?[]#~") {
			quoted[i] = "'" + strings.ReplaceAll(parser.Printable(w), "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
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
