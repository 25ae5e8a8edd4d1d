package command

import (
	"fmt"
	"io"
	"strings"

	"named-jail/parser"
)

// severityColors tells what each severity is printed in.
var severityColors = map[parser.Severity]string{parser.Error: red, parser.Warning: yellow}

// findingIndent is what stands before all but the first line of a finding.
const findingIndent = "    "

// finding writes a finding as the screen shows it best: broken at its width,
// with the place and the severity in colours, and of a long line of source what
// is around the mark. A pipe gets the text that parser makes.
func (s screen) finding(w io.Writer, d parser.Diagnostic) {
	if s.width == 0 && !s.color {
		_ = d.Fprint(w)
		return
	}
	var b strings.Builder
	b.WriteString(s.headline(d) + "\n")
	if d.Source != "" {
		b.WriteString(s.excerpt(d))
	}
	if advice := d.Advice(); advice != "" {
		b.WriteString(findingIndent + fill(parser.Printable(advice), len(findingIndent), s.width, findingIndent) + "\n")
	}
	_, _ = io.WriteString(w, b.String())
}

// headline is that of parser, in colours and lines.
func (s screen) headline(d parser.Diagnostic) string {
	place := ""
	if d.File != "" {
		place = parser.Printable(d.File) + ":"
		if d.Line > 0 {
			place += fmt.Sprintf("%d:%d:", d.Line, max(d.Column, 1))
		}
		place = s.paint(bold, place) + " "
	}
	severity := d.Severity.String() + ":"
	rest := parser.Printable(d.Message)
	if d.Code != "" {
		rest += " " + s.paint(faint, "["+string(d.Code)+"]")
	}
	taken := cells(place) + cells(severity) + 1
	lead := place + s.paint(severityColors[d.Severity], severity)
	if first, _, _ := strings.Cut(rest, " "); s.width > 0 && taken+cells(first) > s.width && place != "" {
		return lead + "\n" + findingIndent + fill(rest, len(findingIndent), s.width, findingIndent)
	}
	return lead + " " + fill(rest, taken, s.width, findingIndent)
}

// excerptCells is how much of a line of source is shown where there is no
// width to keep to.
const excerptCells = 156

// excerpt is the line of source with a mark below what is wrong.
func (s screen) excerpt(d parser.Diagnostic) string {
	at := min(max(d.Column-1, 0), len(d.Source))
	end := min(at+max(d.Width, 1), len(d.Source))
	before, subject := printableTabs(d.Source[:at]), printableTabs(d.Source[at:end])
	room := excerptCells
	if s.width > 0 {
		room = s.width - len(findingIndent)
	}
	text, column := window(before+subject+printableTabs(d.Source[end:]), len(before), room, localeGlyphs().more)
	mark := "^" + strings.Repeat("~", min(max(cells(subject)-1, 0), max(room-column-1, 0)))
	return findingIndent + text + "\n" + findingIndent + strings.Repeat(" ", column) + s.paint(severityColors[d.Severity], mark) + "\n"
}

// tally counts findings by severity: "2 errors, 1 warning".
func tally(ds parser.Diagnostics) string {
	errors := ds.Errors()
	var parts []string
	if errors > 0 {
		parts = append(parts, count(errors, "error"))
	}
	if n := len(ds) - errors; n > 0 {
		parts = append(parts, count(n, "warning"))
	}
	return strings.Join(parts, ", ")
}
