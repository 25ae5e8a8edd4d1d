package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
)

// maxPrinted bounds the findings on a terminal; --json gives all.
const maxPrinted = 200

// diagnose turns any error of the packages below into a finding.
func diagnose(err error) parser.Diagnostic {
	var launch *launcher.ExitError
	if errors.As(err, &launch) {
		return launch.Diagnostic
	}
	return jail.Diagnose(err)
}

// plainText gives the words of an error without the path, which the message
// names already.
func plainText(err error) string {
	var p *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file or directory"
	case errors.Is(err, fs.ErrPermission):
		return "it may not be used by this account"
	case errors.As(err, &p):
		if errors.Is(p.Err, syscall.ENOTDIR) {
			return "it is not a directory"
		}
		return p.Err.Error()
	}
	return err.Error()
}

// document is the JSON of every command.
type document struct {
	Version  int       `json:"version"`
	Jail     string    `json:"jail"`
	Problems []problem `json:"problems"`
	Changes  []jail.Op `json:"changes"`
}

type problem struct {
	Severity string      `json:"severity"`
	Code     parser.Code `json:"code"`
	File     string      `json:"file"`
	Line     int         `json:"line"`
	Column   int         `json:"column"`
	Message  string      `json:"message"`
}

// printer writes what a command has to say.
type printer struct {
	out, err io.Writer
	flags    flags
}

func newPrinter(f flags) printer { return printer{os.Stdout, os.Stderr, f} }

// findings prints the diagnostics to standard error, unless they go out as
// JSON.
func (p printer) findings(ds parser.Diagnostics) {
	if p.flags.json {
		return
	}
	for i, d := range ds {
		if i == maxPrinted {
			fmt.Fprintf(p.err, "... and %d more; --json lists them all\n", len(ds)-i)
			return
		}
		if p.flags.quiet && d.Severity == parser.Warning {
			continue
		}
		d.Fprint(p.err)
	}
}

// document prints the JSON document. Errors: those of standard output.
func (p printer) document(jailPath string, ds parser.Diagnostics, ops []jail.Op) error {
	doc := document{Version: 1, Jail: jailPath, Problems: []problem{}, Changes: ops}
	if ops == nil {
		doc.Changes = []jail.Op{}
	}
	for _, d := range ds {
		doc.Problems = append(doc.Problems, problem{d.Severity.String(), d.Code, d.File, d.Line, d.Column, d.Message})
	}
	enc := json.NewEncoder(p.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(doc)
}

// say prints one line for the operator, unless -q or --json hold it back.
func (p printer) say(format string, args ...any) {
	if !p.flags.quiet && !p.flags.json {
		fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// count gives a number with its noun: "1 zone", "3 zones".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
