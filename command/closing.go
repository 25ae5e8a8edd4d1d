package command

import (
	"fmt"
	"io"
	"strings"

	"named-jail/parser"
)

// nextStep is a command line to go on with, and what it does in one or two words.
// It is never broken, so that it can be copied.
type nextStep struct{ does, line string }

// next is the end of what a command says on a terminal: what came of it at which
// place, and what to do now. Pipes get lines that each command words itself.
func (p printer) next(place, outcome string, steps ...nextStep) {
	p.end(green, place, outcome, steps...)
}

// end is next in the colour of what came of it.
func (p printer) end(color, place, outcome string, steps ...nextStep) {
	if !p.flags.quiet && !p.flags.json {
		io.WriteString(p.out, p.screen.closing(color, place+": ", outcome, steps))
	}
}

// steps are those alone, below an outcome that stands there already. A pipe gets
// none.
func (p printer) steps(steps ...nextStep) {
	if p.screen.width > 0 && !p.flags.quiet && !p.flags.json {
		io.WriteString(p.out, p.screen.steps(steps))
	}
}

// failed is next for a command that found errors, beside them on standard error.
func (p printer) failed(all parser.Diagnostics, then string, steps ...nextStep) {
	if p.errScreen.width > 0 && p.events == nil && !p.flags.quiet && !p.flags.json {
		io.WriteString(p.err, "\n"+p.errScreen.closing(red, "", tally(all)+". "+then, steps))
	}
}

// closing lays the end out. place may be empty.
func (s screen) closing(color, place, outcome string, steps []nextStep) string {
	var b strings.Builder
	place = parser.Printable(place)
	b.WriteString(place + s.paintLines(bold+";"+color, fill(parser.Printable(outcome), cells(place), s.width, ""), "") + "\n")
	b.WriteString(s.steps(steps))
	return b.String()
}

// steps lays out what can be done next, the command lines below each other.
func (s screen) steps(steps []nextStep) string {
	var b strings.Builder
	width := 0
	for _, step := range steps {
		width = max(width, cells(step.does)+1)
	}
	for _, step := range steps {
		fmt.Fprintf(&b, "%s %s\n", padded(step.does+":", width), s.paint(bold, parser.Printable(step.line)))
	}
	return b.String()
}

// sameLine is another command on the same system, with the flags that this one
// was given. The jail and the account are always named, because whoever copies
// the line is to see them.
func (w *walk) sameLine(command ...string) string {
	line := append(append([]string{"named-jail"}, command...), "-t", w.jail)
	if w.account.Name != "" {
		line = append(line, "-u", w.account.Name)
	}
	if w.group != "" {
		line = append(line, "-g", w.group)
	}
	return shellLine(append(line, w.givenFlags(command[0])...))
}

// givenFlags are those that say what is worked on and how, as they were given.
func (w *walk) givenFlags(command string) []string {
	var line []string
	for _, f := range []struct {
		name, value string
		of          string // the commands that have it; "": all
	}{
		{"-c", w.flags.conf, ""},
		{"--root", w.otherRoot(), ""},
		{"--named", w.flags.named, ""},
		{"--bind-version", w.flags.bindVersion, ""},
		{"--max-errors", w.maxErrors.String(), "check plan apply"},
		{"--expire-within", w.expireWithin.String(), "check plan apply"},
	} {
		if f.value != "" && (f.of == "" || strings.Contains(f.of, command)) {
			line = append(line, f.name, f.value)
		}
	}
	for _, f := range []struct {
		name  string
		given bool
		of    string
	}{
		{"--copy", w.copy, "plan apply"},
		{"--keep-going", w.keepGoing, "plan apply"},
		{"--dnssec", w.dnssec, "check plan apply"},
		{"--no-checkconf", w.noCheckconf, "check plan apply"},
		{"--no-zones", w.noZones, "check"},
		{"--live", w.flags.serving, "apply"},
	} {
		if f.given && strings.Contains(f.of, command) {
			line = append(line, f.name)
		}
	}
	return line
}

// otherRoot is --root, "" on the running system.
func (s *system) otherRoot() string {
	if s.live() {
		return ""
	}
	return s.host.Root()
}

// undoLine is the command that takes everything back.
func (s *system) undoLine() string { return s.jailLine("rollback") }

// jailLine is a command that needs to know which jail is meant, and nothing else.
func (s *system) jailLine(command ...string) string {
	line := append(append([]string{"named-jail"}, command...), "-t", s.jail)
	if root := s.otherRoot(); root != "" {
		line = append(line, "--root", root)
	}
	return shellLine(line)
}

// checkLine is check once more, of the same zones.
func (w *walk) checkLine() string {
	line := []string{"named-jail", "check"}
	if w.jailGiven {
		line = append(line, "-t", w.jail)
	}
	if w.user != "" {
		line = append(line, "-u", w.user)
	}
	if w.group != "" {
		line = append(line, "-g", w.group)
	}
	return shellLine(append(append(line, w.givenFlags("check")...), w.flags.zones...))
}
