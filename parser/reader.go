package parser

import (
	"fmt"
	"path"
	"strings"
	"sync/atomic"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Options says how a configuration is read.
type Options struct {
	// Version is the named that it is read for; unknown means the newest.
	Version Version
	// Directory is the working directory that named starts in; "/" if empty.
	Directory string
}

// Include is one include statement and the files it brought in, in the order
// in which named reads them.
type Include struct {
	At        Term // the file name
	Pattern   string
	Glob      bool // Pattern has glob characters, in a version that expands them
	Directory string
	Files     []*File
}

// Reader reads a configuration statement by statement, include files spliced
// in as named does it. Besides the text of the files, memory holds no more than
// a few hundred top-level statements at a time.
type Reader struct {
	src      Source
	opt      Options
	cwd      string
	open     []cursor
	files    map[string]*File
	size     int // bytes of the files
	opened   int // include files, each as often as it is read
	reading  int // bytes of the files, each as often as it is read
	order    []*File
	includes []Include
	diags    Diagnostics
	told     map[place]bool // what diags has
	asked    atomic.Bool    // by Stop
	stopped  bool           // the rest is not read, and diags says why
	held     piece          // a token that is to be read again
	isHeld   bool
	last     piece
	cutOff   bool // a string, comment or block runs to the end of the file
	unread   bool // an include file could not be read
	torn     bool // a '}' too many

	glued         piece // a string with a word directly behind it
	lastCut       int   // index in cut of the last top-level statement
	balanced      *File // no '}' behind here closes nothing
	unclosedBlock suspicion

	grammar *participle.Parser[fileGrammar]
	queue   queue
	cut     []Term       // the terms of queue.tokens, by the same index
	given   []*Statement // what Next has still to give
	ended   bool

	frames     []frame // open blocks; frames[0] is the top level
	depth      int
	count      int         // terms of the top-level statement under way
	maxTerms   int         // how many it may have
	top        int         // top-level statements so far
	terms      []Term      // room for the terms of kept statements
	statements []Statement // room for the statements of kept blocks
}

// chunkTerms is how many top-level terms are put through the grammar at once.
const chunkTerms = 1024

// cursor is a file that is being read.
type cursor struct {
	file   *File
	scan   scanner
	parent int // index in Reader.open of the file that includes it, -1 for none
}

// piece is a token with its file.
type piece struct {
	token
	file *File
}

// term makes a term of a word, string, '!' or '/'.
func (p piece) term() Term {
	t := Term{File: p.file, Start: int32(p.start), End: int32(p.end), Kind: termKindOf[p.kind]}
	switch p.kind {
	case tokWord:
		t.Value = p.file.Text[p.start:p.end]
	case tokString:
		t.Value = Unquote(p.file.Text[p.start:p.end])
	}
	if p.file.hasNUL {
		t.Value, _, _ = strings.Cut(t.Value, "\x00") // so named does, up to 9.20
	}
	return t
}

var termKindOf = [...]TermKind{tokWord: WordTerm, tokString: StringTerm, tokSlash: SlashTerm, tokBang: BangTerm, tokBad: WordTerm}

// NewReader starts to read the configuration file at an absolute path.
// Findings, a missing file too, are in Diagnostics.
func NewReader(src Source, conf string, opt Options) *Reader {
	r := &Reader{src: src, opt: opt, cwd: opt.Directory, files: map[string]*File{}, told: map[place]bool{}, maxTerms: maxTerms}
	if r.cwd == "" {
		r.cwd = "/"
	}
	r.grammar = newParser(r)
	f, err := r.load(path.Clean(conf), false)
	if err != nil {
		r.report(Diagnostic{Code: "NJ101", File: conf,
			Message: fmt.Sprintf("the configuration cannot be read: %s", reason(err)),
			Remedy:  "Give the right file with -c FILE."})
		return r
	}
	r.push(f, -1)
	return r
}

// Diagnostics gives the findings so far.
func (r *Reader) Diagnostics() Diagnostics { return r.diags }

// Partial tells whether a part of the configuration is missing: the text ended
// in the middle of a string, a comment or a block, a brace closed nothing, or an
// include file could not be read.
func (r *Reader) Partial() bool { return r.cutOff || r.torn || r.unread || r.stopped || r.asked.Load() }

// Files gives the files so far, the configuration file first.
func (r *Reader) Files() []*File { return r.order }

// Includes gives the include statements so far.
func (r *Reader) Includes() []Include { return r.includes }

// Directory is named's working directory as of now.
func (r *Reader) Directory() string { return r.cwd }

// place is where a finding stands, and what it is.
type place struct {
	file         string
	line, column int
	code         Code
}

// report keeps a finding, once: a file that is included again has the same
// mistakes again. When there are too many the rest is not read.
func (r *Reader) report(d Diagnostic) {
	p := place{d.File, d.Line, d.Column, d.Code}
	if r.told[p] || r.stopped {
		return
	}
	r.told[p] = true
	if len(r.diags) >= MaxFindings {
		r.tooMany(d)
		return
	}
	r.diags.Add(d)
}

// tooMany says that the rest is not read, from the place of a finding on.
func (r *Reader) tooMany(d Diagnostic) {
	d.Code, d.Message = "NJ116", fmt.Sprintf("more than %d mistakes; what comes behind is not read", MaxFindings)
	d.Remedy = "Correct the first ones; or is this no named.conf?"
	r.diags.Add(d)
	r.stopped, r.open = true, nil
}

// stop reports why the rest is not read, and sees to that.
func (r *Reader) stop(d Diagnostic) {
	r.report(d)
	r.stopped, r.open = true, nil
}

// Stop ends the reading: after what has been read ahead, Chunk and Next give no
// more. Another goroutine than the one that reads may call it, when it has seen
// enough mistakes.
func (r *Reader) Stop() { r.asked.Store(true) }

// load reads a file once; a file that is included twice is one File. What is
// included in a key is private.
func (r *Reader) load(p string, private bool) (*File, error) {
	if f := r.files[p]; f != nil {
		return f, nil
	}
	text, name, err := r.src.ReadFile(p)
	if err == nil && len(text) > MaxText {
		err = ErrTooLarge
	}
	if err == nil && r.size+len(text) > MaxText {
		err = fmt.Errorf("with it the configuration is larger than %s", inMega(MaxText))
	}
	if err != nil {
		return nil, err
	}
	r.size += len(text)
	f := &File{Path: p, Name: name, Text: text, Index: len(r.order), real: p, to: len(text), private: private, apart: r.apartOf(p, text)}
	if src, ok := r.src.(interface{ RealPath(string) (string, error) }); ok {
		if real, err := src.RealPath(p); err == nil {
			f.real = real
		}
	}
	r.files[p] = f
	r.order = append(r.order, f)
	r.inspect(f)
	return f, nil
}

// push reads a file next; it may be one that was read before.
func (r *Reader) push(f *File, parent int) {
	r.reading += f.to - f.from
	r.open = append(r.open, cursor{file: f, scan: f.cutter(f.from, f.to), parent: parent})
}

// Next gives the next top-level statement, nil at the end. An include
// statement is given too, before the statements that it brings in.
func (r *Reader) Next() *Statement {
	if len(r.given) == 0 {
		r.given = r.Chunk()
	}
	if len(r.given) == 0 {
		return nil
	}
	s := r.given[0]
	r.given = r.given[1:]
	return s
}

// Chunk gives the next few hundred statements at once, none at the end. They
// stay as they are while the next chunk is read, even by another goroutine.
func (r *Reader) Chunk() []*Statement {
	if !r.ended && !r.stopped && len(r.order) > 0 && r.asked.Load() {
		r.tooMany(Diagnostic{File: r.order[0].Name})
		r.ended = true
	}
	if r.ended {
		return nil
	}
	nodes := r.fill()
	list := make([]*Statement, len(nodes))
	for i, n := range nodes {
		list[i] = n.statement()
	}
	if r.ended && r.cutOff && len(list) > 0 {
		list[len(list)-1].CutOff = true
	}
	return list
}

// fill cuts some statements and puts them through the grammar.
func (r *Reader) fill() []node {
	r.queue = queue{tokens: r.queue.tokens[:0]}
	r.cut, r.lastCut = r.cut[:0], 0
	r.terms, r.statements = nil, nil // a chunk must not keep the one before it alive
	for len(r.cut) < chunkTerms && !r.ended {
		r.ended = !r.cutStatement()
	}
	lex, err := lexer.Upgrade(&r.queue)
	if err == nil {
		var g *fileGrammar
		if g, err = r.grammar.ParseFromLexer(lex); err == nil {
			return g.Statements
		}
	}
	r.report(r.cut[0].Diagnostic("NJ114", "the statements from here on cannot be understood: "+err.Error(), "Compare them with the manual."))
	return nil
}

// keep makes a statement that outlives the scratch space of its terms.
func (r *Reader) keep(terms []Term, def *Def) *Statement {
	s := r.keepValue(terms, def)
	return &s
}

func (r *Reader) keepValue(terms []Term, def *Def) Statement {
	if cap(r.terms)-len(r.terms) < len(terms) {
		r.terms = make([]Term, 0, max(512, len(terms)))
	}
	n := len(r.terms)
	r.terms = append(r.terms, terms...)
	return Statement{Terms: r.terms[n:len(r.terms):len(r.terms)], Def: def}
}

// keepStatements does the same for the statements of a block. A large block
// gets the scratch space itself: it is too much to have twice.
func (r *Reader) keepStatements(f *frame) []Statement {
	list := f.statements
	if len(list) > 1<<16 {
		f.statements = nil
		return list[:len(list):len(list)]
	}
	if cap(r.statements)-len(r.statements) < len(list) {
		r.statements = make([]Statement, 0, max(512, len(list)))
	}
	n := len(r.statements)
	r.statements = append(r.statements, list...)
	return r.statements[n:len(r.statements):len(r.statements)]
}

// token gives the next token that means something, from whichever file it is.
func (r *Reader) token() piece {
	if r.isHeld {
		r.isHeld = false
		return r.held
	}
	for len(r.open) > 0 {
		c := &r.open[len(r.open)-1]
		t := c.scan.next()
		p := piece{t, c.file}
		switch t.kind {
		case tokEOF:
			if c.scan.err != nil {
				r.untold(c.file, c.scan.err)
				return piece{}
			}
			if len(r.open) == 1 {
				return p
			}
			r.open = r.open[:len(r.open)-1]
		case tokSpace:
		case tokComment:
			r.comment(p)
		case tokBad:
			r.unclosed(p)
		default:
			if c.file.hasNUL && (t.kind == tokWord || t.kind == tokString) && r.nul(p, c) {
				continue
			}
			r.last = p
			return p
		}
	}
	return piece{}
}

// hold gives a token back.
func (r *Reader) hold(p piece) { r.held, r.isHeld = p, true }

// Resolve makes a path absolute: a relative one hangs off dir.
func Resolve(dir, p string) string {
	if path.IsAbs(p) {
		return path.Clean(p)
	}
	return path.Join(dir, p)
}
