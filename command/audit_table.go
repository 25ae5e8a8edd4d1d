package command

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"named-jail/parser"
)

// table prints the audit for people: what apply mends, what only a person can.
func (a *auditor) table(p printer) {
	at := a.host.OSPath(a.jail)
	if len(a.rows) == 0 {
		if a.audited.Unseen {
			p.say("%s: nothing wrong in what could be seen", parser.Printable(at))
			return
		}
		p.say("%s: as %s wants it, and nothing else in it (%s looked at)", parser.Printable(at), parser.Printable(a.host.OSPath(a.conf)), count(a.audited.Objects, "object"))
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
	p.say("%s: %s from what it should be", parser.Printable(at), count(len(a.rows), "difference"))
	w := measure(a.rows)
	if len(mended) > 0 {
		fmt.Fprintln(p.out, "\napply mends:")
		p.auditRows(mended, w)
		then := ""
		if a.blocked {
			then = " (once what stops it is mended, see below)"
		}
		fmt.Fprintf(p.out, "      %s%s\n", a.applyLine(), then)
	}
	if len(left) > 0 {
		fmt.Fprintln(p.out, "\nOnly a person can mend:")
		p.auditRows(left, w)
	}
}

// applyLine is the command that mends.
func (a *auditor) applyLine() string {
	line := append([]string{"named-jail", "apply"}, a.startLine()[1:]...)
	if !a.live() {
		line = append(line, "--root", a.host.Root())
	}
	return shellLine(line)
}

// brief prints only what is wrong: findings as every command prints them,
// changes as lines of the table.
func (a *auditor) brief(p printer) {
	w := measure(a.rows)
	for i, r := range a.rows {
		if i == maxPrinted {
			fmt.Fprintf(p.err, "... and %d more; --json lists them all\n", len(a.rows)-i)
			return
		}
		if r.finding != nil {
			r.finding.Fprint(p.err)
			continue
		}
		p.auditRow(p.out, r, w)
	}
}

// widths are those of the table's columns, in characters.
type widths struct{ op, place int }

// maxPlace bounds the column of places: one long path does not push all text
// aside.
const maxPlace = 60

func measure(rows []auditRow) widths {
	var w widths
	for i, r := range rows {
		if i == maxPrinted {
			break
		}
		w.op = max(w.op, utf8.RuneCountInString(r.op))
		w.place = max(w.place, min(maxPlace, utf8.RuneCountInString(parser.Printable(r.place))))
	}
	return w
}

// auditRows prints rows, those of a person with what to do.
func (p printer) auditRows(rows []auditRow, w widths) {
	for i, r := range rows {
		if i == maxPrinted {
			fmt.Fprintf(p.out, "  ... and %d more; --json lists them all\n", len(rows)-i)
			return
		}
		fmt.Fprint(p.out, "  ")
		p.auditRow(p.out, r, w)
		if r.finding != nil {
			fmt.Fprintf(p.out, "      %s\n", parser.Printable(r.finding.Advice()))
		}
	}
}

// severityColors tells what each severity is printed in.
var severityColors = map[parser.Severity]string{parser.Error: red, parser.Warning: yellow}

func (p printer) auditRow(out io.Writer, r auditRow, w widths) {
	code := ""
	if r.finding != nil {
		code = " [" + string(r.finding.Code) + "]"
	}
	fmt.Fprintf(out, "%s  %s  %s  %s%s\n", p.paint()(severityColors[r.severity], fmt.Sprintf("%-7s", r.severity)),
		padded(r.op, w.op), padded(parser.Printable(r.place), w.place), parser.Printable(r.what), code)
}

// padded fills up with blanks to a width in characters.
func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}
