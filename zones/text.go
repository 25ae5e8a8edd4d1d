package zones

import (
	"math"
	"strconv"
	"strings"
)

// bigFile is the size from which a file is read in parts, in bytes. Only tests
// change it.
var bigFile int64 = 1 << 20

// maxDepth bounds how deep $INCLUDE files nest. BIND has no bound but that of
// its open files.
const maxDepth = 100

// maxIncludes bounds the $INCLUDE lines that one zone carries out: files that
// include each other twice would double the work with each. Fewer than the
// store can number files. BIND has no bound.
const maxIncludes = 60000

// source is one open text file.
type source struct {
	lex    lexer
	file   File
	opened string // the name it was opened under
	shown  string
	stamp  Stamp
	origin name
	owner  name
	hasOwn bool // owner has been set
	moved  bool // $ORIGIN was the last line
}

// textReader reads a text file and what it includes, and hands the records to
// the check.
type textReader struct {
	recordReader
	c        *check
	stack    []*source
	dated    bool  // $DATE was seen
	made     int64 // records that $GENERATE made
	madeText int64 // bytes of their text
	gen      lexer
	genLine  []byte
	crew     crew
	parts    int  // that were read
	tired    bool // too many files: reading ends
	quiet    int  // entries to read before parts are tried again
}

// top is the file that is being read.
func (t *textReader) top() *source { return t.stack[len(t.stack)-1] }

// read reads everything from the pushed file on.
func (t *textReader) read() {
	defer t.crew.end()
	for len(t.stack) > 0 && !t.c.stop() && !t.tired {
		src := t.top()
		t.file = src.shown
		if src.stamp.Size >= bigFile && t.inParts(src) {
			continue
		}
		ok, wrong := src.lex.next()
		if wrong != nil {
			t.out.fault(wrong)
		} else if ok {
			t.entry(src, &src.lex.entry)
		}
		if !ok {
			if src.lex.stopped {
				t.c.report.Stopped = true
			}
			t.c.ended(src)
			t.stack = t.stack[:len(t.stack)-1]
			t.fresh = true
		}
	}
	for len(t.stack) > 0 { // stopped early
		t.c.ended(t.top())
		t.stack = t.stack[:len(t.stack)-1]
	}
}

// directives is the table of $ directives.
// Source: BIND, lib/dns/master.c (load_text).
var directives = map[string]func(*textReader, *source, *entry){
	"$ORIGIN":   (*textReader).originLine,
	"$TTL":      (*textReader).ttlLine,
	"$INCLUDE":  (*textReader).includeLine,
	"$GENERATE": (*textReader).generateLine,
	"$DATE":     (*textReader).dateLine,
}

// entry takes one entry: a directive or a record.
func (t *textReader) entry(src *source, e *entry) {
	first := &e.words[0]
	if text := e.bytes(first); !e.blank && len(text) > 0 && text[0] == '$' {
		do, known := directives[strings.ToUpper(string(text))]
		if !known {
			t.syntax(first, "an unknown $ directive; BIND knows $ORIGIN, $TTL, $INCLUDE, $GENERATE and $DATE", "")
			return
		}
		if last := &e.words[len(e.words)-1]; e.unended && (len(e.words) != 2 || !strings.EqualFold(string(text), "$INCLUDE")) {
			t.syntax(last, "the file ends right behind this directive, and named refuses it", "end the line, as every line of a text file")
		}
		do(t, src, e)
		return
	}
	if src.moved && e.blank {
		t.out.fault(&fault{code: "NJ442", line: first.line, column: first.column,
			message: "this record takes its owner name from before the $ORIGIN line, which does not change it",
			remedy:  "write the owner name in column 1; @ is the new origin"})
	}
	src.moved = false
	t.recordReader.entry(&src.owner, &src.hasOwn, &src.origin, e)
}

// args checks how many words a directive has, its own included, and that only
// the word mayQuote (0 for none) is quoted.
func (t *textReader) args(e *entry, least, most, mayQuote int, form string) bool {
	if len(e.words) >= least && len(e.words) <= most {
		for k := 1; k < len(e.words); k++ {
			if e.words[k].quoted && k != mayQuote {
				t.syntax(&e.words[k], "this part of the directive cannot be quoted", "its form is: "+form)
				return false
			}
		}
		return true
	}
	at := &e.words[0]
	what := "the directive is not complete"
	if len(e.words) > most {
		at, what = &e.words[most], "there is more text after the directive"
	}
	t.syntax(at, what, "its form is: "+form)
	return false
}

func (t *textReader) originLine(src *source, e *entry) {
	if !t.args(e, 2, 2, 0, "$ORIGIN NAME") {
		return
	}
	if wrong := src.origin.parse(e.bytes(&e.words[1]), &src.origin); wrong != "" {
		t.syntax(&e.words[1], "the origin is not a name: "+wrong, "")
		return
	}
	src.moved = true
}

func (t *textReader) ttlLine(src *source, e *entry) {
	if !t.args(e, 2, 2, 0, "$TTL SECONDS") {
		t.badTTL = true
		return
	}
	v, ok := seconds(e.bytes(&e.words[1]))
	if !ok {
		t.syntax(&e.words[1], "this is not a TTL", "write seconds, or numbers with units such as 1h30m")
	}
	t.deflt, t.hasDeflt = t.limit(&e.words[1], v), true
}

func (t *textReader) dateLine(src *source, e *entry) {
	if !t.args(e, 2, 2, 0, "$DATE YYYYMMDDHHMMSS") {
		return
	}
	if at, ok := dateOf(e.bytes(&e.words[1])); !ok || at < 0 || at > math.MaxUint32 { // BIND keeps 32 bits
		t.syntax(&e.words[1], "this is not a date from 1970 to 2105", "write it like 20240131120000")
	}
	t.dated = true
}

func (t *textReader) includeLine(src *source, e *entry) {
	if !t.args(e, 2, 3, 1, "$INCLUDE FILE [ORIGIN]") {
		return
	}
	at := &e.words[1]
	if t.dated {
		t.syntax(&e.words[0], "$INCLUDE cannot stand in a file with $DATE", "")
		return
	}
	origin := src.origin
	if len(e.words) == 3 {
		if wrong := origin.parse(e.bytes(&e.words[2]), &src.origin); wrong != "" {
			t.syntax(&e.words[2], "the origin after the file name is not a name: "+wrong, "")
			return
		}
	}
	inc := includeOf(e)
	inc.File, inc.Opened = src.shown, src.opened
	t.c.report.Includes = append(t.c.report.Includes, inc)
	if len(t.c.report.Includes) > maxIncludes {
		t.c.report.Includes = t.c.report.Includes[:maxIncludes]
		t.out.fault(&fault{code: "NJ413", line: at.line, column: at.column,
			message: "the zone has more than " + strconv.Itoa(maxIncludes) + " $INCLUDE lines, those of included files counted"})
		t.tired = true
		return
	}
	if len(t.stack) > maxDepth {
		t.out.fault(&fault{code: "NJ413", line: at.line, column: at.column,
			message: "$INCLUDE files are nested more than " + strconv.Itoa(maxDepth) + " deep"})
		return
	}
	next, wrong := t.c.openIncluded(&inc, src)
	if wrong != nil && wrong.code == barred {
		t.out.fault(&fault{code: unsafe, line: at.line, column: at.column, message: "$INCLUDE: " + wrong.message, remedy: wrong.remedy})
		return
	}
	if wrong != nil {
		if wrong.code == missing || wrong.remedy == "" {
			wrong.remedy = "named looks for it from its working directory, not beside the file that includes it"
		}
		wrong.code, wrong.line, wrong.column = "NJ408", at.line, at.column
		wrong.message = "the $INCLUDE file " + wrong.message
		t.out.fault(wrong)
		return
	}
	for _, open := range t.stack {
		if open.stamp.sameFile(&next.stamp) || open.shown == next.shown {
			t.c.ended(next)
			t.out.fault(&fault{code: "NJ410", line: at.line, column: at.column,
				message: "this $INCLUDE opens a file that is already being read, without end",
				remedy:  "take the line out, or let it name another file"})
			return
		}
	}
	next.origin = origin
	next.owner, next.hasOwn = src.owner, src.hasOwn
	t.fresh = true
	t.stack = append(t.stack, next)
	src.lex.trim()
}

// includeOf describes a $INCLUDE entry.
func includeOf(e *entry) Include {
	w := &e.words[1]
	name := string(e.bytes(w))
	if w.quoted {
		name = strings.ReplaceAll(name, `\"`, `"`)
	}
	return Include{Start: int(w.from), End: int(w.to), Line: w.line, Column: w.column, Name: name}
}
