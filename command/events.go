package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"named-jail/parser"
	"named-jail/rewrite"
)

// events is where run reports: it becomes a server, and what it says is read in
// logs. Each event is one line with its fields, on standard error and in syslog:
//
//	named-jail[123]: zone=example.com file=/etc/bind/db.x line=3 column=5 code=NJ412: /etc/bind/db.x:3:5: error: TEXT [NJ412]. WHAT TO DO.
//
// A terminal gets findings as every command prints them, because somebody looks
// on. Where standard error is the journal of systemd already, syslog is left out:
// its socket is the journal's there too, and each line would stand in it twice.
// Instead the line begins with its severity, which the journal takes off.
type events struct {
	out    io.Writer
	screen screen
	form   eventForm
	log    syslog
}

// eventForm is what standard error is.
type eventForm uint8

const (
	toFile     eventForm = iota // a file, a pipe, a console of the boot
	toTerminal                  // somebody looks on
	toJournal                   // systemd's journal
)

// newEvents looks at what standard error is.
func newEvents(stderr *os.File) *events {
	e := &events{out: stderr, screen: newScreen(stderr, "auto"), log: syslog{sockets: syslogSockets}}
	switch {
	case isTerminal(stderr):
		e.form = toTerminal
	case isJournal(stderr, os.Getenv("JOURNAL_STREAM")):
		e.form = toJournal
	}
	return e
}

// isJournal tells whether a file is the stream that the variable names, by device
// and inode. The variable is inherited, and says nothing when the file has been
// turned elsewhere since.
//
// Source: systemd.exec(5) JOURNAL_STREAM.
func isJournal(f *os.File, stream string) bool {
	info, err := f.Stat()
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && stream == fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}

// priorities are the severities of syslog.
var priorities = map[parser.Severity]priority{parser.Error: priorityError, parser.Warning: priorityWarning}

// finding reports a finding.
func (e *events) finding(d parser.Diagnostic) {
	if e.form == toTerminal {
		e.screen.finding(e.out, d)
	}
	e.line(priorities[d.Severity], eventLine(d))
}

// notice reports what is done.
func (e *events) notice(text string) {
	if e.form == toTerminal {
		fmt.Fprintln(e.out, fill("named-jail: "+parser.Printable(text), 0, e.screen.width, findingIndent))
	}
	e.line(priorityNotice, parser.Printable(text))
}

// line puts a line out: on standard error, but for a terminal, which has it in
// another form, and in syslog.
func (e *events) line(p priority, text string) {
	switch e.form {
	case toJournal:
		fmt.Fprintf(e.out, "<%d>%s\n", p, text)
		return
	case toFile:
		fmt.Fprintf(e.out, "named-jail[%d]: %s\n", os.Getpid(), text)
	}
	e.log.send(p, text)
}

// end reports what ended the command, and gives the error to end with. Main
// prints an error itself on a terminal.
func (e *events) end(err error) error {
	if err == nil || err.Error() == "" {
		return err
	}
	d := parser.Diagnostic{Message: err.Error(), Remedy: "Run `named-jail help` for the commands."}
	if usage := (usageError{}); !errors.As(err, &usage) {
		d = diagnose(err)
	}
	e.line(priorities[d.Severity], eventLine(d))
	if e.form == toTerminal {
		return err
	}
	return exit(statusOf(err))
}

// eventLine writes a finding as one line: the fields that it has, then what every
// command prints of it, with the code once more, and what to do.
func eventLine(d parser.Diagnostic) string {
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s=%s ", name, fieldValue(value))
		}
	}
	field("zone", d.Zone)
	field("file", d.File)
	if d.Line > 0 {
		field("line", fmt.Sprint(d.Line))
		field("column", fmt.Sprint(max(d.Column, 1)))
	}
	field("code", string(d.Code))
	line := strings.TrimSuffix(b.String(), " ")
	if line != "" {
		line += ": "
	}
	line += d.Headline()
	if advice := d.Advice(); advice != "" {
		line += ". " + parser.Printable(advice)
	}
	return line
}

// fieldValue writes the value of a field. It is quoted where it could be taken
// for more than one.
func fieldValue(text string) string {
	text = parser.Printable(text)
	if !strings.ContainsAny(text, " \"=:;") {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"`
}

// place is a line of a file.
type place struct {
	file string
	line int
}

// ofZones names the zone in findings that are about the file of one zone alone:
// at the statement that names it, or at the file itself.
func (w *walk) ofZones(ds parser.Diagnostics) parser.Diagnostics {
	if len(ds) == 0 || w.install == nil {
		return ds
	}
	const several = " "
	names := map[place]string{}
	note := func(at place, name string) {
		if old, known := names[at]; known && old != name {
			name = several
		}
		names[at] = name
	}
	for _, z := range w.install.Zones {
		for _, p := range []*rewrite.Path{z.File, z.Journal} {
			if p == nil {
				continue
			}
			if p.At.File != nil {
				line, _ := p.At.File.Position(int(p.At.Start))
				note(place{p.At.File.Name, line}, z.Name)
			}
			note(place{w.host.OSPath(p.Host), 0}, z.Name)
		}
	}
	for i := range ds {
		if name := names[place{ds[i].File, ds[i].Line}]; name != several && ds[i].Zone == "" {
			ds[i].Zone = name
		}
	}
	return ds
}
