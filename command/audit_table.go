package command

import (
	"fmt"
	"io"

	"named-jail/parser"
)

// table prints the audit for people: what apply mends, what only a person can.
func (a *auditor) table(p printer) {
	at := a.host.OSPath(a.jail)
	if len(a.rows) == 0 {
		if a.audited.Unseen {
			p.tell("%s: nothing wrong in what could be seen", parser.Printable(at))
			return
		}
		p.tell("%s: as %s wants it, and nothing else in it (%s looked at)", parser.Printable(at), parser.Printable(a.host.OSPath(a.conf)), count(a.audited.Objects, "object"))
		return
	}
	var mended, left []auditRow
	for _, r := range a.rows {
		if r.finding == nil {
			mended = append(mended, r)
		} else {
			left = append(left, r)
		}
	}
	p.tell("%s: %s from what it should be", parser.Printable(at), count(len(a.rows), "difference"))
	if len(mended) > 0 {
		fmt.Fprintln(p.out, "\n"+p.screen.paint(bold, "apply mends:"))
		p.auditRows(mended, a.rows)
		then := ""
		if a.blocked {
			then = " (once what stops it is mended, see below)"
		}
		if p.screen.width == 0 {
			fmt.Fprintf(p.out, "      %s%s\n", a.applyLine(), then)
		}
	}
	if len(left) > 0 {
		fmt.Fprintln(p.out, "\n"+p.screen.paint(bold, "Only a person can mend:"))
		p.auditRows(left, a.rows)
	}
	if p.screen.width > 0 {
		a.closing(p, len(mended), len(left))
	}
}

// closing says on a terminal what to do with the differences.
func (a *auditor) closing(p printer, mended, left int) {
	outcome := fmt.Sprintf("%s: apply mends %d, only a person can mend %d.", count(len(a.rows), "difference"), mended, left)
	var steps []nextStep
	switch {
	case mended > 0 && a.blocked:
		outcome += " apply refuses until what stops it is mended."
		steps = []nextStep{{"Then", a.applyLine()}}
	case mended > 0:
		steps = []nextStep{{"Mend", a.applyLine()}}
	}
	color := yellow
	for _, r := range a.rows {
		if r.severity == parser.Error {
			color = red
		}
	}
	if !p.flags.quiet && !p.flags.json {
		io.WriteString(p.out, "\n"+p.screen.closing(color, "", outcome, append(steps, nextStep{"Look again", a.sameLine("audit")})))
	}
}

// applyLine is the command that mends.
func (a *auditor) applyLine() string {
	return a.sameLine("apply")
}

// brief prints only what is wrong: findings as every command prints them,
// changes as lines of the table.
func (a *auditor) brief(p printer) {
	var t table
	for i, r := range a.rows {
		if i == maxPrinted {
			fmt.Fprintf(p.err, "... and %d more; --json lists them all\n", len(a.rows)-i)
			break
		}
		if r.finding != nil {
			p.errScreen.finding(p.err, *r.finding)
			continue
		}
		t.rows = append(t.rows, r.row())
	}
	io.WriteString(p.out, t.layout(p.screen, ""))
}

// row is the row of the table.
func (r auditRow) row() tableRow {
	what, advice := parser.Printable(r.what), ""
	if r.finding != nil {
		what += " [" + string(r.finding.Code) + "]"
		advice = parser.Printable(r.finding.Advice())
	}
	return tableRow{cells: []string{fmt.Sprintf("%-7s", r.severity), r.op, parser.Printable(r.place), what},
		color: severityColors[r.severity], advice: advice}
}

// auditRows prints rows, in the columns of all.
func (p printer) auditRows(rows, all []auditRow) {
	var t, whole table
	for _, r := range all[:min(len(all), maxPrinted)] {
		whole.rows = append(whole.rows, r.row())
	}
	for _, r := range rows[:min(len(rows), maxPrinted)] {
		t.rows = append(t.rows, r.row())
	}
	t.fixed = whole.widths()
	io.WriteString(p.out, t.layout(p.screen, "  "))
	if n := len(rows) - maxPrinted; n > 0 {
		fmt.Fprintf(p.out, "  ... and %d more; --json lists them all\n", n)
	}
}
