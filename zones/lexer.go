package zones

import (
	"bytes"
	"errors"
	"io"

	"named-jail/parser"
)

// Bounds of one entry. The text of a record's data is at most four times as
// long as its 65535 bytes (every byte written as \DDD), hex takes two.
const (
	maxEntryText  = 1 << 20 // bytes of words, comments and blanks not counted
	maxEntryWords = 1 << 17

	// maxSpan bounds an entry with its comments and blanks, and a comment: what
	// goes on for so long without a line end is no zone file.
	maxSpan = 64 << 20
)

// maxGrowth is by how many bytes a file may outgrow what it was when it was
// opened, so that reading ends. Only tests change it.
var maxGrowth int64 = 64 << 20

// errGrows is the end of reading a file that is being written.
var errGrows = errors.New("it grows while it is read")

// word is one word of an entry: text[start:end] is what it holds, without
// quotes, escapes as written. from and to are byte offsets in the file, quotes
// included; line and column are 1-based, column counts bytes.
type word struct {
	start, end   int
	from, to     int64
	line, column int
	quoted       bool
}

// entry is one record or directive. blank says that it starts with white
// space: the owner name is that of the record before it.
type entry struct {
	text    []byte
	words   []word
	blank   bool
	unended bool // the file ends behind it, without a line end
}

// bytes gives the text of a word.
func (e *entry) bytes(w *word) []byte { return e.text[w.start:w.end] }

// fault is something wrong at one place of a file.
type fault struct {
	code         parser.Code
	line, column int
	message      string
	remedy       string
}

// lexer cuts a zone file into entries. The states are those of BIND's lexer:
// parentheses join lines, a semicolon outside quotes starts a comment, a
// backslash takes the special meaning from the next byte, quotes end at the
// end of the line, a carriage return outside quotes ends the line.
//
// Source: BIND, lib/isc/lex.c with the options of lib/dns/master.c.
type lexer struct {
	r         io.Reader
	buf       []byte
	pos, end  int
	base      int64 // offset of buf[0] in the file
	line      int
	lineStart int64 // offset of the line's first byte
	began     int64 // offset of the entry's first byte, or of the line's before it
	most      int64 // offset at which reading ends, 0 for none
	endless   bool  // reading ended within an entry, by maxSpan
	err       error // read error, io.EOF at the end
	entry     entry
	poll      func() bool // asked between the parts of a long file; true stops
	stopped   bool
}

// Byte classes of the lexer.
const (
	plain = iota
	blank
	newline
	carriage
	comment
	opening
	closing
	quote
	backslash
	nul
)

var classes = [256]uint8{
	' ': blank, '\t': blank, '\n': newline, '\r': carriage, ';': comment,
	'(': opening, ')': closing, '"': quote, '\\': backslash, 0: nul,
}

// reset starts the lexer at the beginning of r; it keeps the buffers.
func (x *lexer) reset(r io.Reader) {
	if x.buf == nil {
		x.buf = make([]byte, 32<<10)
	}
	*x = lexer{r: r, buf: x.buf, line: 1, poll: x.poll, most: x.most,
		entry: entry{text: x.entry.text[:0], words: x.entry.words[:0]}}
}

// trim gives up the room of an entry that was longer than most are: files that
// include one another are open at the same time.
func (x *lexer) trim() {
	if cap(x.entry.words) > 1<<10 || cap(x.entry.text) > 64<<10 {
		x.entry = entry{}
	}
}

// fill reads the next part of the file. False at its end.
func (x *lexer) fill() bool {
	if x.err != nil {
		return false
	}
	if x.poll != nil && x.poll() {
		x.stopped, x.err = true, io.EOF
		return false
	}
	x.base += int64(x.end)
	x.pos, x.end = 0, 0
	switch {
	case x.base-x.began > maxSpan:
		x.endless, x.err = true, io.EOF
		return false
	case x.most > 0 && x.base > x.most:
		x.err = errGrows
		return false
	}
	for tries := 0; tries < 100; tries++ {
		n, err := x.r.Read(x.buf)
		x.end, x.err = n, err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	x.err = io.ErrNoProgress
	return false
}

// peek gives the first n bytes of the file, fewer where it has no more. Nothing
// has been read before. Errors: that of reading; io.EOF.
func (x *lexer) peek(n int) ([]byte, error) {
	for tries := 0; x.end < n && x.err == nil && tries < 100; tries++ {
		var k int
		k, x.err = x.r.Read(x.buf[x.end:])
		x.end += k
	}
	return x.buf[:min(n, x.end)], x.err
}

// rest gives all that the lexer has not stepped over, to another reader.
func (x *lexer) rest() io.Reader {
	return io.MultiReader(bytes.NewReader(x.buf[x.pos:x.end]), x.r)
}

// more tells whether there is a byte at x.pos.
func (x *lexer) more() bool { return x.pos < x.end || x.fill() }

// offset is the place of x.pos in the file; column is its column.
func (x *lexer) offset() int64 { return x.base + int64(x.pos) }
func (x *lexer) column() int   { return int(x.offset()-x.lineStart) + 1 }

// here is a fault at the byte that comes next.
func (x *lexer) here(message string) *fault {
	return &fault{code: "NJ402", line: x.line, column: x.column(), message: message}
}

// next reads the next entry that has words. ok is false at the end of the
// file. After a fault the rest of the line is skipped and next can go on.
func (x *lexer) next() (ok bool, wrong *fault) {
	e := &x.entry
	e.text, e.words, e.blank, e.unended = e.text[:0], e.words[:0], false, false
	depth := 0
	x.began = x.offset()
	var open fault // where the outermost parenthesis stands
	atStart := x.offset() == x.lineStart
	for x.more() {
		c := x.buf[x.pos]
		switch classes[c] {
		case blank:
			if atStart && depth == 0 && len(e.words) == 0 {
				e.blank = true
			}
			x.pos++
		case newline, carriage:
			x.endLine()
			if depth == 0 {
				if len(e.words) > 0 {
					return true, nil
				}
				e.blank, atStart, x.began = false, true, x.offset()
				continue
			}
		case comment:
			x.skipLine()
		case opening:
			if depth == 0 {
				open = *x.here("this parenthesis is never closed")
			}
			depth++
			x.pos++
		case closing:
			if depth == 0 {
				return x.fail(x.here("a closing parenthesis without an opening one"))
			}
			depth--
			x.pos++
		case quote:
			if wrong := x.quoted(); wrong != nil {
				return x.fail(wrong)
			}
		case nul:
			return x.fail(x.here("a NUL byte, which text cannot hold"))
		default:
			x.bare()
		}
		atStart = false
		if len(e.text) > maxEntryText || len(e.words) > maxEntryWords {
			wrong := x.here("this record is longer than any record can be")
			wrong.code = "NJ413"
			if len(e.words) > 0 {
				wrong.line, wrong.column = e.words[0].line, e.words[0].column
			}
			return x.fail(wrong)
		}
	}
	if x.endless {
		return false, x.tooLong()
	}
	if depth > 0 && !x.stopped {
		wrong := open // a copy, so that open itself costs nothing where all is well
		wrong.remedy = "close it with ) where the record ends"
		return false, &wrong
	}
	e.unended = true
	return len(e.words) > 0, nil
}

// tooLong is the fault of an entry, a line or a comment that does not end within
// bounds.
func (x *lexer) tooLong() *fault {
	return &fault{code: "NJ413", line: x.line, column: 1, remedy: "this is no zone file, or a damaged one",
		message: "more than 64 MB without the end of a line or of a record; the rest of the file was not read"}
}

// endLine steps over LF, CR LF or a lone CR. Only LF counts as a line, as it
// does in named's own messages.
func (x *lexer) endLine() {
	if x.buf[x.pos] == '\r' {
		x.pos++
		if !x.more() || x.buf[x.pos] != '\n' {
			// A lone CR: the line's columns start again.
			x.lineStart = x.offset()
			return
		}
	}
	x.pos++
	x.line++
	x.lineStart = x.offset()
}

// skipLine goes to the next LF and leaves it in place.
func (x *lexer) skipLine() {
	for x.more() {
		if size := bytes.IndexByte(x.buf[x.pos:x.end], '\n'); size >= 0 {
			x.pos += size
			return
		}
		x.pos = x.end
	}
}

// fail skips the rest of the line after a fault.
func (x *lexer) fail(wrong *fault) (bool, *fault) {
	x.skipLine()
	if x.more() {
		x.endLine()
	}
	x.entry.words = x.entry.words[:0]
	return true, wrong
}

// bare reads a word without quotes.
func (x *lexer) bare() {
	e := &x.entry
	w := word{start: len(e.text), from: x.offset(), line: x.line, column: x.column()}
	escaped := false
	for x.more() && len(e.text) <= maxEntryText {
		from := x.pos
		done := false
		for x.pos < x.end {
			c := x.buf[x.pos]
			class := classes[c]
			if class == plain {
				escaped = false
			} else if class == newline || class == carriage {
				done = true
				break
			} else if escaped {
				escaped = false
			} else if class == backslash {
				escaped = true
			} else {
				done = true
				break
			}
			x.pos++
		}
		e.text = append(e.text, x.buf[from:x.pos]...)
		if done {
			break
		}
	}
	w.end, w.to = len(e.text), x.offset()
	e.words = append(e.words, w)
}

// quoted reads a word in quotes. A fault is a quote that is not closed on its
// line; an escaped line end may stand inside.
func (x *lexer) quoted() *fault {
	e := &x.entry
	open := x.here("this quote is not closed on its line")
	open.remedy = `close it with " on the same line`
	w := word{start: len(e.text), from: x.offset(), line: x.line, column: x.column(), quoted: true}
	x.pos++
	escaped := false
	for x.more() && len(e.text) <= maxEntryText {
		c := x.buf[x.pos]
		switch {
		case c == '\n' && !escaped:
			return open
		case c == '"' && !escaped:
			x.pos++
			w.end, w.to = len(e.text), x.offset()
			e.words = append(e.words, w)
			return nil
		}
		escaped = c == '\\' && !escaped
		e.text = append(e.text, c)
		x.pos++
		if c == '\n' {
			x.line++
			x.lineStart = x.offset()
		}
	}
	if len(e.text) > maxEntryText {
		open.code, open.message, open.remedy = "NJ413", "this text is longer than any record can be", ""
	}
	return open
}
