package parser

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Severity tells whether a Diagnostic stops the work.
type Severity uint8

// An Error makes the input unusable; a Warning does not.
const (
	Error Severity = iota
	Warning
)

// String gives the word that messages use: "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Diagnostic is one finding, for the operator: where, what is wrong, what to
// do next.
//
// File is the file in which the offending text stands, as the host names it;
// it is empty when the finding belongs to no file. Line and Column are 1-based,
// Column counts bytes; 0 means the file as a whole. Source is the text of the
// line, shown with a caret of Width bytes; it stays empty where the text may
// not be shown (zone files, secrets).
type Diagnostic struct {
	Code     Code
	Severity Severity
	File     string
	Line     int
	Column   int
	Width    int
	Message  string
	Remedy   string
	Source   string
	Zone     string // the zone that the finding is about, "" for none or many
	Fatal    bool   // an error, though its code is mostly a warning

	tail bool   // it may stand for others too
	more int    // how many others
	base string // its own message, where there are others
}

// Diagnostics is a list of findings in the order in which they were made.
// It is not an error: ask Err.
//
// Add keeps the first 10,000 of them one by one. After that the next finding
// of each code and severity is kept too, with the number of those that follow
// it in its message, so that a file of nothing but mistakes does not take all
// memory and no kind of finding gets lost.
type Diagnostics []Diagnostic

// Add appends one finding. Its severity is that of the code's row unless the
// caller set Warning or Fatal, its remedy that of the row unless the caller has one.
func (ds *Diagnostics) Add(d Diagnostic) {
	if info, ok := codes[d.Code]; ok {
		if info.Severity == Warning && !d.Fatal {
			d.Severity = Warning
		}
		if d.Remedy == "" {
			d.Remedy = info.Remedy
		}
	}
	d.Message, d.Remedy = bounded(d.Message), bounded(d.Remedy)
	list := *ds
	if len(list) < MaxFindings {
		*ds = append(list, d)
		return
	}
	for i := len(list) - 1; i >= 0 && list[i].tail; i-- {
		if c := &list[i]; c.Code == d.Code && c.Severity == d.Severity {
			if c.more++; c.more == 1 {
				c.base = c.Message
			}
			c.Message = fmt.Sprintf("%s (and %d more findings of this kind, which are not listed)", c.base, c.more)
			return
		}
	}
	d.tail = true
	*ds = append(list, d)
}

// Full tells whether the list no longer keeps findings one by one.
func (ds Diagnostics) Full() bool { return len(ds) >= MaxFindings }

// Unlisted counts the findings that others in the list stand for.
func (ds Diagnostics) Unlisted() int {
	n := 0
	for _, d := range ds {
		n += d.more
	}
	return n
}

// Errors counts the findings that are errors.
func (ds Diagnostics) Errors() int {
	n := 0
	for _, d := range ds {
		if d.Severity == Error {
			n++
		}
	}
	return n
}

// Err is nil when no finding is an error, else an error that carries the first
// one's message. Errors: the summary only; the findings stay in the list.
func (ds Diagnostics) Err() error {
	for _, d := range ds {
		if d.Severity == Error {
			return fmt.Errorf("%s", d.Headline())
		}
	}
	return nil
}

// First gives the first finding that is an error, nil when there is none.
func (ds Diagnostics) First() *Diagnostic {
	for i := range ds {
		if ds[i].Severity == Error {
			return &ds[i]
		}
	}
	return nil
}

// Sort orders by file, line and column; findings of one place keep their order.
func (ds Diagnostics) Sort() {
	sort.SliceStable(ds, func(i, j int) bool {
		a, b := ds[i], ds[j]
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
}

// Headline is the first line of the message:
// FILE:LINE:COLUMN: error: MESSAGE [code].
func (d Diagnostic) Headline() string {
	var b strings.Builder
	if d.File != "" {
		b.WriteString(Printable(d.File))
		b.WriteByte(':')
		if d.Line > 0 {
			fmt.Fprintf(&b, "%d:%d:", d.Line, max(d.Column, 1))
		}
		b.WriteByte(' ')
	}
	fmt.Fprintf(&b, "%s: %s", d.Severity, Printable(d.Message))
	if d.Code != "" {
		fmt.Fprintf(&b, " [%s]", d.Code)
	}
	return b.String()
}

// Advice says what to do, in sentences: the finding's own remedy, else that of
// its code, "" where there is none.
func (d Diagnostic) Advice() string {
	if d.Remedy != "" {
		return sentence(d.Remedy)
	}
	return sentence(codes[d.Code].Remedy)
}

// Fprint writes the whole finding: headline, source line, caret, remedy.
// Errors: those of w.
func (d Diagnostic) Fprint(w io.Writer) error {
	var b strings.Builder
	b.WriteString(d.Headline())
	b.WriteByte('\n')
	if d.Source != "" {
		b.WriteString(excerpt(d.Source, d.Column, d.Width))
	}
	remedy := d.Advice()
	if remedy != "" {
		b.WriteString("    ")
		b.WriteString(Printable(remedy))
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sentence begins a remedy with a capital, unless it begins with the name of
// a program, and ends it with a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	if r, n := utf8.DecodeRuneInString(s); !strings.HasPrefix(s, "named") && !strings.HasPrefix(s, "rndc") {
		s = string(unicode.ToUpper(r)) + s[n:]
	}
	if strings.ContainsAny(s[len(s)-1:], ".!?)`;}") {
		return s
	}
	return s + "."
}

// excerptWidth bounds the shown part of a source line, in bytes.
const excerptWidth = 160

// excerpt is the source line and a line with a caret below the column. The
// caret line repeats the tabs of the source line, so that both line up however
// wide the terminal makes a tab.
func excerpt(line string, column, width int) string {
	start := 0
	at := min(max(column-1, 0), len(line))
	if at > excerptWidth-40 {
		start = at - (excerptWidth - 40)
		for start < at && !utf8.RuneStart(line[start]) {
			start++
		}
	}
	end := min(len(line), start+excerptWidth)
	for end > start && end < len(line) && !utf8.RuneStart(line[end]) {
		end--
	}
	text, pad := line[start:end], line[start:max(start, min(at, end))]
	var b strings.Builder
	b.WriteString("    ")
	b.WriteString(printableLine(text))
	b.WriteString("\n    ")
	for _, r := range printableLine(pad) {
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	b.WriteByte('^')
	marked := text[min(at-start, len(text)):]
	marked = marked[:min(max(width, 1), len(marked))]
	for i := 1; i < utf8.RuneCountInString(printableLine(marked)); i++ {
		b.WriteByte('~')
	}
	b.WriteByte('\n')
	return b.String()
}

// printableLine is Printable that keeps tabs.
func printableLine(s string) string {
	parts := strings.Split(s, "\t")
	for i, p := range parts {
		parts[i] = Printable(p)
	}
	return strings.Join(parts, "\t")
}

// Printable makes text from a file or a name fit for a terminal and a log:
// control characters, bytes that are no UTF-8 and characters that print as
// nothing (bidirectional marks among them) become \xNN or \uNNNN.
func Printable(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1, r < 0x20, r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}
