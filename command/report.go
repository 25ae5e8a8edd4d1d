package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
	"named-jail/rewrite"
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
	out, err  io.Writer
	screen    screen // that out is
	errScreen screen // that err is
	flags     flags
	events    *events // of run; nil: findings and notices go to err
}

func newPrinter(f flags) printer {
	return printer{out: os.Stdout, err: os.Stderr, screen: newScreen(os.Stdout, f.color), errScreen: newScreen(os.Stderr, f.color), flags: f}
}

// findings prints the diagnostics to standard error, unless they go out as
// JSON.
func (p printer) findings(ds parser.Diagnostics) {
	if p.flags.json {
		return
	}
	for i, d := range ds {
		if i == maxPrinted {
			p.more(ds, i)
			return
		}
		if p.flags.quiet && d.Severity == parser.Warning {
			continue
		}
		p.finding(d)
	}
}

// finding prints one.
func (p printer) finding(d parser.Diagnostic) {
	if p.events != nil {
		p.events.finding(d)
		return
	}
	p.errScreen.finding(p.err, d)
}

// more says how many findings there are from number i on, and where to see them.
func (p printer) more(ds parser.Diagnostics, i int) {
	n := len(ds) - i + ds.Unlisted()
	if p.events != nil {
		p.events.notice(fmt.Sprintf("and %d findings more; named-jail check --json lists them", n))
		return
	}
	fmt.Fprintf(p.err, "... and %d more; --json lists %s\n", n, listed(ds[i:]))
}

// notice says on standard error what is done.
func (p printer) notice(text string) {
	if p.events != nil {
		p.events.notice(text)
		return
	}
	fmt.Fprintln(p.err, fill("named-jail: "+text, 0, p.errScreen.width, findingIndent))
}

// listed says how many of the findings the JSON document has.
func listed(ds parser.Diagnostics) string {
	if ds.Unlisted() == 0 {
		return "them all"
	}
	return fmt.Sprintf("%d of them", len(ds))
}

// document prints the JSON document. Errors: those of standard output.
func (p printer) document(jailPath string, ds parser.Diagnostics, ops []jail.Op) error {
	return p.encode(newDocument(jailPath, ds, ops))
}

func newDocument(jailPath string, ds parser.Diagnostics, ops []jail.Op) document {
	doc := document{Version: 1, Jail: jailPath, Problems: []problem{}, Changes: ops}
	if ops == nil {
		doc.Changes = []jail.Op{}
	}
	for _, d := range ds {
		doc.Problems = append(doc.Problems, problem{d.Severity.String(), d.Code, inJSON(d.File), d.Line, d.Column, inJSON(d.Message)})
	}
	for i, o := range ops {
		if !utf8.ValidString(string(o.Path) + o.From) {
			doc.Changes = slices.Clone(doc.Changes)
			doc.Changes[i].Path, doc.Changes[i].From = rewrite.JailPath(inJSON(string(o.Path))), inJSON(o.From)
		}
	}
	return doc
}

// inJSON gives what is no UTF-8 as messages do elsewhere: JSON would have one sign
// for each byte that it cannot tell, and two files under one name.
func inJSON(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return parser.Printable(text)
}

// inDocument puts an error that ends a command, and that nothing has told yet,
// into the document that --json asks for; the status stays. A mistake on the
// command line has no document.
func inDocument(c *cobra.Command, err error) error {
	var usage usageError
	if asked, _ := c.Flags().GetBool("json"); !asked || err == nil || err.Error() == "" || errors.As(err, &usage) {
		return err
	}
	at, _ := c.Flags().GetString("jail")
	p := printer{out: os.Stdout, flags: flags{json: true}}
	if p.document(at, asDiagnostics(err), nil) != nil {
		return err
	}
	return exit(statusOf(err))
}

// encode prints a document. Errors: those of standard output.
func (p printer) encode(doc any) error {
	enc := json.NewEncoder(printing{p.out}) // which writes the document at once
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(doc)
}

// printing escapes what JSON leaves as it is and a terminal acts on: DEL, the
// control characters above it, and marks that turn the direction of text.
type printing struct{ w io.Writer }

// Write takes a whole document, for a character must not be cut in two.
func (p printing) Write(doc []byte) (int, error) {
	var b bytes.Buffer
	for rest := doc; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r < 0x7f || unicode.IsPrint(r):
			b.Write(rest[:n])
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		rest = rest[n:]
	}
	if _, err := p.w.Write(b.Bytes()); err != nil {
		return 0, err
	}
	return len(doc), nil
}

// say prints one line for the operator, unless -q or --json hold it back.
func (p printer) say(format string, args ...any) {
	if !p.flags.quiet && !p.flags.json {
		fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// tell is say for sentences: a terminal gets them broken at its width.
func (p printer) tell(format string, args ...any) {
	p.say("%s", fill(fmt.Sprintf(format, args...), 0, p.screen.width, ""))
}

// count gives a number with its noun: "1 zone", "3 zones".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%s %ss", thousands(n), noun)
}
