package parser

import (
	"sort"
	"strings"
	"sync"
)

// File is one file of a configuration: its name, as the host sees it, and its
// text, byte for byte.
type File struct {
	Path  string // the path that led to it, clean and absolute
	Name  string // what messages call it
	Text  string
	Index int // the order in which files were first opened, from 0
	once  sync.Once
	lines []int // offsets of line starts, made when first asked for
}

// Position gives the 1-based line and column (in bytes) of a byte offset.
func (f *File) Position(offset int) (line, column int) {
	f.once.Do(f.findLines)
	n := sort.SearchInts(f.lines, offset+1)
	return n, offset - f.lines[n-1] + 1
}

func (f *File) findLines() {
	f.lines = []int{0}
	for i := 0; ; {
		n := strings.IndexByte(f.Text[i:], '\n')
		if n < 0 {
			return
		}
		i += n + 1
		f.lines = append(f.lines, i)
	}
}

// Line gives the text of a 1-based line without its line end.
func (f *File) Line(line int) string {
	f.Position(0)
	if line < 1 || line > len(f.lines) {
		return ""
	}
	end := len(f.Text)
	if line < len(f.lines) {
		end = f.lines[line] - 1
	}
	return strings.TrimSuffix(f.Text[f.lines[line-1]:end], "\r")
}

// Span is bytes of a file, half-open: a Term that has been reduced to its
// place.
type Span struct {
	File       *File
	Start, End int32
}

// Diagnostic starts a finding at the span, as Term.Diagnostic does.
func (s Span) Diagnostic(code Code, message, remedy string) Diagnostic {
	return at(s.File, int(s.Start), int(s.End), code, message, remedy)
}

// TermKind tells what a Term is.
type TermKind uint8

// A Term is an unquoted word, a quoted string, a '!' , a '/' or a block.
const (
	WordTerm TermKind = iota
	StringTerm
	BangTerm
	SlashTerm
	BlockTerm
)

// Term is one part of a statement. Start and End are byte offsets in File,
// half-open, quotes and braces included. Value is the word, or the string
// without its quotes and escapes.
type Term struct {
	File       *File
	Start, End int32
	Value      string
	Block      *Block // of a BlockTerm
	Kind       TermKind
}

// IsText tells whether the term is a word or a string.
func (t *Term) IsText() bool { return t != nil && (t.Kind == WordTerm || t.Kind == StringTerm) }

// Span gives the place of the term.
func (t *Term) Span() Span { return Span{t.File, t.Start, t.End} }

// Is compares a word with a keyword as named does, ignoring case.
func (t *Term) Is(keyword string) bool {
	return t != nil && t.Kind == WordTerm && strings.EqualFold(t.Value, keyword)
}

// Diagnostic starts a finding at the term: file, line, column and the source
// line, which is left out where it holds a secret.
func (t *Term) Diagnostic(code Code, message, remedy string) Diagnostic {
	return at(t.File, int(t.Start), int(t.End), code, message, remedy)
}

// at starts a finding at bytes of a file.
func at(f *File, start, end int, code Code, message, remedy string) Diagnostic {
	d := Diagnostic{Code: code, Message: message, Remedy: remedy}
	if f == nil {
		return d
	}
	d.File = f.Name
	d.Line, d.Column = f.Position(start)
	d.Width = end - start
	if source := f.Line(d.Line); !strings.Contains(strings.ToLower(source), "secret") {
		d.Source = source
	}
	return d
}

// Block is what stands between two braces. Statements is empty where Raw is
// set: there Text holds what named hands on unparsed.
type Block struct {
	Context    Context
	Statements []Statement
	Raw        bool
	Text       string
}

// Statement is a keyword, its values and its blocks, up to the semicolon. In a
// list (an address match list, say) an element is a statement too, without
// Def. Def is the row of the table of statements, nil when there is none.
type Statement struct {
	Terms []Term
	Def   *Def
	// CutOff: the end of the file cut the statement off. What is in it is not
	// judged, for that would only repeat the one mistake.
	CutOff bool
}

// Keyword is the first word in lower case, "" when the statement does not
// begin with a word.
func (s *Statement) Keyword() string {
	if len(s.Terms) == 0 || s.Terms[0].Kind != WordTerm {
		return ""
	}
	return strings.ToLower(s.Terms[0].Value)
}

// Arg gives the n-th term after the keyword, from 1; nil when there is none.
func (s *Statement) Arg(n int) *Term {
	if s == nil || n < 0 || n >= len(s.Terms) {
		return nil
	}
	return &s.Terms[n]
}

// Text gives the value of the n-th term after the keyword, "" when that is no
// word or string.
func (s *Statement) Text(n int) string {
	if t := s.Arg(n); t != nil && t.IsText() {
		return t.Value
	}
	return ""
}

// Block gives the statement's first block, nil when there is none.
func (s *Statement) Block() *Block {
	if s == nil {
		return nil
	}
	for i := range s.Terms {
		if s.Terms[i].Kind == BlockTerm {
			return s.Terms[i].Block
		}
	}
	return nil
}

// Find gives the last statement with that keyword directly in the block, nil
// when there is none.
func (b *Block) Find(keyword string) *Statement {
	if b == nil {
		return nil
	}
	for i := len(b.Statements) - 1; i >= 0; i-- {
		if b.Statements[i].Keyword() == keyword {
			return &b.Statements[i]
		}
	}
	return nil
}
