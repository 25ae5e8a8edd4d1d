package parser

import (
	"fmt"
	"strings"
)

// inspect looks at a file as a whole for what makes it no text of named.conf,
// says it once, and leaves out what could only repeat it.
func (r *Reader) inspect(f *File) {
	f.hasNUL = strings.IndexByte(f.Text, 0) >= 0
	switch {
	case inUTF16(f.Text):
		f.from = f.to
		r.report(at(f, 0, 0, "NJ107", "the file is UTF-16 text, which named cannot read",
			"Save it as UTF-8 without a byte order mark: iconv -f UTF-16 -t UTF-8."))
		return
	case strings.HasPrefix(f.Text, "\ufeff"):
		f.from = len("\ufeff")
		r.report(at(f, 0, f.from, "NJ107", "the file begins with a byte order mark, which named takes for letters of the first word",
			"Save it as plain UTF-8, without the mark."))
	}
	if !f.hasNUL {
		return
	}
	if text := strings.TrimRight(f.Text, "\x00"); len(text) < len(f.Text) {
		f.to = max(len(text), f.from)
		message := fmt.Sprintf("the file ends in %d NUL bytes", len(f.Text)-len(text))
		if text == "" {
			message = fmt.Sprintf("the file holds nothing but %d NUL bytes", len(f.Text))
		}
		d := at(f, len(text), len(text), "NJ107", message,
			"A crash or a full disk leaves such files; restore it, or take the bytes away.")
		d.Source = ""
		r.report(d)
	}
}

// inUTF16 tells UTF-16 by its byte order mark, or by the NUL byte beside each
// of the first letters.
func inUTF16(text string) bool {
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		return true
	}
	if len(text) < 8 {
		return false
	}
	for low := range 2 {
		found := true
		for i := 0; i < 8; i += 2 {
			c := text[i+low]
			found = found && text[i+1-low] == 0 && (c == '\t' || c == '\n' || c == '\r' || c >= ' ' && c < 0x7f)
		}
		if found {
			return true
		}
	}
	return false
}

// fewNULs is how many NUL bytes may be slips; a file with more is no text.
const fewNULs = 3

// nul reports a NUL byte in a word or string. True when the file is not read
// further, because it is no text.
func (r *Reader) nul(p piece, c *cursor) bool {
	n := strings.IndexByte(p.file.Text[p.start:p.end], 0)
	if n < 0 {
		return false
	}
	rest := p.file.Text[p.start+n : p.file.to]
	if count := strings.Count(rest, "\x00"); count > fewNULs {
		d := at(p.file, p.start+n, p.start+n, "NJ107", fmt.Sprintf("the file is no text: it holds %d NUL bytes", count),
			"Is it the right file? Move away what an editor or another program has left in the directory.")
		d.Source = ""
		r.report(d)
		f := &r.frames[r.depth]
		f.terms, f.def, f.ended = f.terms[:0], nil, false
		c.scan.pos, r.torn = p.file.to, true
		return true
	}
	r.report(at(p.file, p.start+n, p.start+n+1, "NJ107", "a NUL byte in a value",
		"named cuts the value there; write the file anew in plain text."))
	return false
}

// comment looks at a comment for what makes it more or less than it seems.
func (r *Reader) comment(p piece) {
	text := p.file.Text[p.start:p.end]
	block := strings.HasPrefix(text, "/*")
	if block && p.start == r.last.end && r.last.file == p.file && r.last.kind == tokWord {
		r.report(at(p.file, p.start, p.start+2, "NJ112", "a comment directly behind a word ends it with a stray '/'",
			"Put a space before the comment."))
	}
	if n := strings.IndexByte(text, '\r'); !block && n >= 0 && n < len(text)-1 && !p.file.saidCR {
		p.file.saidCR = true
		d := at(p.file, p.start, p.start+n, "NJ107", "a comment that goes on behind a carriage return, which ends no line for named",
			"What stands behind it is comment too. Write the line ends as LF or CR LF.")
		d.Severity = Warning
		r.report(d)
	}
}

// unclosed reports a string or comment that runs to the end of its file.
func (r *Reader) unclosed(p piece) {
	r.cutOff = true
	if p.file.Text[p.start] == '"' {
		r.report(at(p.file, p.start, p.start+1, "NJ102", "a string is opened here and never closed",
			"Add the closing quote; inside a string a quote is written \\\"."))
		return
	}
	r.report(at(p.file, p.start, p.start+2, "NJ103", "a comment is opened here and never closed",
		"Add the closing */; comments do not nest."))
}
