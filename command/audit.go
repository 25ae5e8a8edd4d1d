package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"named-jail/jail"
	"named-jail/parser"
)

// auditor is one audit: the walk, and what it found besides the plan.
type auditor struct {
	*walk
	audited jail.Audited
	notes   parser.Diagnostics // what cannot be judged; no drift
	rows    []auditRow
	blocked bool // apply refuses until a person has mended something
}

// auditRow is one line of the table. op is the change that apply makes, or what
// it is in one word.
type auditRow struct {
	severity parser.Severity
	op       string
	place    string
	what     string
	finding  *parser.Diagnostic // of what only a person can mend; nil: apply mends it
}

// audit compares the jail with what it should be, and changes nothing.
func audit(ctx context.Context, f flags) error {
	p := newPrinter(f)
	f.asMade = true
	w, err := begin(ctx, f, p, false)
	if err != nil {
		return err
	}
	defer w.close()
	a := &auditor{walk: w}
	w.makePlan(false)
	if w.plan == nil {
		return told(p, w.all())
	}
	if a.blocked = w.refuses(w.all()); !a.blocked { // else named's eyes see what follows from that
		w.ds = append(w.ds, w.takePreflight()...)
		a.blocked = w.refuses(w.all())
	}
	a.audited, err = jail.Audit(w.host, w.tree, w.plan, jail.AuditOptions{Provided: w.install.Provided()})
	if err != nil {
		w.ds.Add(diagnose(err))
	}
	if ctx.Err() != nil {
		return stopped(p)
	}
	a.changes()
	a.findings(ctx)
	return a.tell(p)
}

// applied tells whether the jail is in use: something was put there.
func (w *walk) applied() bool { return len(w.store.Manifest().Runs) > 0 }

// changes makes rows of what apply would do.
func (a *auditor) changes() {
	for _, o := range a.plan.Ops {
		r := auditRow{severity: parser.Warning, op: o.Op, place: a.tree.HostPath(o.Path), what: a.drift(o)}
		if o.Op == "link" && o.From != "" || o.Op == "remove" && o.From != "" {
			r.place = o.From
		}
		if a.serious(o) {
			r.severity = parser.Error
		}
		a.rows = append(a.rows, r)
	}
}

// drift says how a place differs from what it should be.
func (a *auditor) drift(o jail.Op) string {
	before := o.Before()
	switch {
	case o.Op == "chmod":
		return fmt.Sprintf("mode is %04o, should be %s", before.Mode, o.Mode)
	case o.Op == "chown":
		return fmt.Sprintf("owner is %s:%s, should be %s:%s", a.plan.OwnerName(before.UID), a.plan.GroupName(before.GID), o.Owner, o.Group)
	case o.Op == "remove":
		return "no longer wanted: " + o.Reason
	case o.Op == "link" && o.From != "" && before.Exists():
		return "not the link into the jail that it should be: " + o.Reason
	case !before.Exists():
		return "missing: " + o.Reason
	case o.Op == "mknod":
		return "not the device that it should be: " + o.Reason
	}
	return "out of date: " + o.Reason
}

// serious tells whether a difference takes something from named, or gives
// somebody something.
func (a *auditor) serious(o jail.Op) bool {
	before := o.Before()
	switch o.Op {
	case "chmod":
		var mode uint32
		fmt.Sscanf(o.Mode, "%o", &mode)
		return before.Mode&^mode != 0
	case "chown", "mknod":
		return true
	case "mkdir", "write", "copy", "move":
		return !before.Exists()
	}
	return false
}

// findings makes rows of what only a person can mend. What says something of
// the configuration or the zones and is no error is left to check.
func (a *auditor) findings(ctx context.Context) {
	confined := a.confined()
	for _, d := range a.all() {
		switch {
		case d.Code == "NJ504", slices.ContainsFunc(confined, func(c parser.Diagnostic) bool { return c.Message == d.Message }):
			a.notes.Add(d)
			a.audited.Unseen = a.audited.Unseen || d.Code == "NJ504"
		case d.Severity == parser.Error, strings.HasPrefix(string(d.Code), "NJ5"):
			a.add(auditWords[d.Code], d)
		}
	}
	for _, s := range a.audited.Strays {
		a.add(s.Word, s.Diagnostic)
	}
	if a.applied() {
		for _, d := range a.starters() {
			a.add("service", d)
		}
		for _, d := range a.runningNow(ctx) {
			a.add("process", d)
		}
	}
}

// auditWords are the words of the table for findings of others.
var auditWords = map[parser.Code]string{"NJ401": "zone", "NJ402": "zone", "NJ501": "place", "NJ503": "account", "NJ505": "conflict",
	"NJ506": "edited", "NJ511": "in-the-way", "NJ512": "library", "NJ513": "system", "NJ514": "file-system", "NJ517": "library"}

func (a *auditor) add(word string, d parser.Diagnostic) {
	if word == "" {
		word = "problem"
	}
	place := d.File
	if place == "" {
		place = "-"
	} else if d.Line > 0 {
		place += fmt.Sprintf(":%d", d.Line)
	}
	if d.Code == "NJ511" && slices.ContainsFunc(a.rows, func(r auditRow) bool { return r.finding != nil && r.finding.Code == d.Code && r.finding.File == d.File }) {
		return // the same object bars the way to several places
	}
	a.rows = append(a.rows, auditRow{severity: d.Severity, op: word, place: place, what: d.Message, finding: &d})
}

// tell prints the outcome. Status 3: there is drift; 1: there is none in what
// could be seen, and not all could.
func (a *auditor) tell(p printer) error {
	if a.audited.Unseen && len(a.notes) == 0 {
		a.notes.Add(parser.Diagnostic{Code: "NJ504", Severity: parser.Warning, File: a.jail, Message: "parts of the jail cannot be seen without root and were not looked at",
			Remedy: "Run the command as root to see all."})
	}
	var problems parser.Diagnostics
	for _, r := range a.rows {
		if r.finding != nil {
			problems.Add(*r.finding)
		}
	}
	p.findings(a.notes)
	switch {
	case p.flags.json:
		if err := p.document(a.jail, append(problems, a.notes...), a.ops()); err != nil {
			return err
		}
	case p.flags.quiet:
		a.brief(p)
	default:
		a.table(p)
	}
	switch {
	case len(a.rows) > 0:
		return exit(statusPending)
	case a.audited.Unseen:
		return exit(statusFailed)
	}
	return nil
}
