package parser

import (
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

	real     string // Path without symbolic links, where the Source can tell
	from, to int    // what of Text is read: neither a mark before it nor NUL bytes behind it
	hasNUL   bool
	saidCR   bool // a finding that is made once in a file
	private  bool // nothing of it may be shown
	apart    Apart

	lineOnce  sync.Once
	lines     *lineIndex
	hideOnce  sync.Once
	hidden    []region // what messages must not show
	wordsOnce sync.Once
	words     []string // the words of hidden, in order
}

// Position gives the 1-based line and column (in bytes) of a byte offset. An
// offset outside the text is taken for its nearest end.
func (f *File) Position(offset int) (line, column int) {
	return f.lineIndex().position(offset)
}

func (f *File) lineIndex() *lineIndex {
	f.lineOnce.Do(func() { f.lines = newLineIndex(f.Text) })
	return f.lines
}

// Line gives the text of a 1-based line without its line end, "" when there is
// no such line.
func (f *File) Line(line int) string {
	start, end, _ := f.lineIndex().bounds(line)
	return strings.TrimSuffix(f.Text[start:end], "\r")
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
// half-open, quotes and braces included; of a block that ends in another file
// than it begins in they hold the '{' only. Value is the word, or the string
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
	first, last, _ := f.lineIndex().bounds(d.Line)
	if !f.hides(first, last) {
		d.Source = strings.TrimSuffix(f.Text[first:last], "\r")
	}
	d.Message, d.Remedy = f.withoutSecret(start, end, message), f.withoutSecret(start, end, remedy)
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
