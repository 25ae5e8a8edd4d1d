package parser

import (
	"fmt"
	"path"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Bounds that keep hostile input from eating the machine. named has none: it
// ends with "too many open files" or a full stack.
const (
	maxDepth    = 500    // blocks in blocks
	maxChain    = 100    // files that include each other
	maxIncludes = 100000 // include files in all
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
// in as named does it. Memory holds one top-level statement at a time, besides
// the text of the files.
type Reader struct {
	src      Source
	opt      Options
	cwd      string
	open     []cursor
	files    map[string]*File
	order    []*File
	includes []Include
	diags    Diagnostics
	grammar  *participle.Parser[statementGrammar]
	queue    queue
	cut      []place // places of queue.tokens, by the same index
	frames   []frame
	held     *piece
	last     piece
	cutOff   bool // a string, comment or block runs to the end of the file
}

// cursor is a file that is being read.
type cursor struct {
	file   *File
	scan   scanner
	parent int // index in Reader.open of the file that includes it, -1 for none
}

// place is where a token stands; context is set for braces that open a block.
type place struct {
	file       *File
	start, end int
	context    Context
}

// piece is a token with its file.
type piece struct {
	token
	file *File
}

// frame is a block that is open while a statement is cut: what the statement
// under way in it is, and how many terms it has.
type frame struct {
	context Context
	open    piece
	def     *Def
	terms   int
	ended   bool // the statement can only be followed by a semicolon
	first   piece
	second  piece
}

// NewReader starts to read the configuration file at an absolute path.
// Findings, a missing file too, are in Diagnostics.
func NewReader(src Source, conf string, opt Options) *Reader {
	r := &Reader{src: src, opt: opt, cwd: opt.Directory, files: map[string]*File{}}
	if r.cwd == "" {
		r.cwd = "/"
	}
	r.grammar = newParser(r)
	f, err := r.load(path.Clean(conf))
	if err != nil {
		r.diags.Add(Diagnostic{Code: "NJ101", File: conf,
			Message: fmt.Sprintf("the configuration cannot be read: %s", reason(err)),
			Remedy:  "Give the right file with -c FILE."})
		return r
	}
	r.push(f, -1)
	return r
}

// Diagnostics gives the findings so far.
func (r *Reader) Diagnostics() Diagnostics { return r.diags }

// Files gives the files so far, the configuration file first.
func (r *Reader) Files() []*File { return r.order }

// Includes gives the include statements so far.
func (r *Reader) Includes() []Include { return r.includes }

// Directory is named's working directory as of now.
func (r *Reader) Directory() string { return r.cwd }

// load reads a file once; a file that is included twice is one File.
func (r *Reader) load(p string) (*File, error) {
	if f := r.files[p]; f != nil {
		return f, nil
	}
	text, name, err := r.src.ReadFile(p)
	if err != nil {
		return nil, err
	}
	f := &File{Path: p, Name: name, Text: string(text), Index: len(r.order)}
	r.files[p] = f
	r.order = append(r.order, f)
	return f, nil
}

func (r *Reader) push(f *File, parent int) {
	r.open = append(r.open, cursor{file: f, scan: scanner{src: f.Text}, parent: parent})
}

// Next gives the next top-level statement, nil at the end. An include
// statement is given too, before the statements that it brings in.
func (r *Reader) Next() *Statement {
	for {
		r.queue = queue{tokens: r.queue.tokens[:0]}
		r.cut = r.cut[:0]
		if !r.statementTokens() {
			return nil
		}
		lex, err := lexer.Upgrade(&r.queue)
		if err == nil {
			r.cut = append(r.cut, place{})
			var g *statementGrammar
			if g, err = r.grammar.ParseFromLexer(lex); err == nil {
				s := &Statement{Terms: make([]Term, len(g.Terms))}
				for i, n := range g.Terms {
					s.Terms[i] = *n.term()
				}
				s.Def = Lookup(Top, s.Keyword())
				r.spliceAfter(s)
				return s
			}
		}
		p := r.cut[0]
		r.diags.Add(at(p.file, p.start, p.end, "NJ114", "the statement cannot be understood: "+err.Error(),
			"Compare it with the manual of this statement."))
	}
}

// spliceAfter opens the file of a top-level include statement.
func (r *Reader) spliceAfter(s *Statement) {
	if s.Keyword() == "include" && len(s.Terms) == 2 && s.Terms[1].Kind == StringTerm {
		r.include(s.Terms[1])
	}
}

// token gives the next token that means something, from whichever file it is.
func (r *Reader) token() piece {
	if r.held != nil {
		p := *r.held
		r.held = nil
		return p
	}
	for len(r.open) > 0 {
		c := &r.open[len(r.open)-1]
		t := c.scan.next()
		p := piece{t, c.file}
		switch t.kind {
		case tokEOF:
			if len(r.open) == 1 {
				return p
			}
			r.open = r.open[:len(r.open)-1]
		case tokSpace:
		case tokComment:
			if t.start == r.last.end && r.last.file == c.file && r.last.kind == tokWord &&
				strings.HasPrefix(c.scan.src[t.start:], "/*") {
				r.diags.Add(at(c.file, t.start, t.start+2, "NJ112", "a comment directly behind a word ends it with a stray '/'",
					"Put a space before the comment."))
			}
		case tokBad:
			r.unclosed(p)
		default:
			if t.kind == tokWord || t.kind == tokString {
				if n := strings.IndexByte(c.scan.src[t.start:t.end], 0); n >= 0 {
					r.diags.Add(at(c.file, t.start+n, t.start+n+1, "NJ107", "a NUL byte in a value",
						"named cuts the value there; write the file anew in plain text."))
				}
			}
			r.last = p
			return p
		}
	}
	return piece{}
}

// CutOff tells whether the last statement was cut off by the end of the file,
// so that to judge what is in it would only repeat the one mistake.
func (r *Reader) CutOff() bool { return r.cutOff }

func (r *Reader) unclosed(p piece) {
	r.cutOff = true
	if p.file.Text[p.start] == '"' {
		r.diags.Add(at(p.file, p.start, p.start+1, "NJ102", "a string is opened here and never closed",
			"Add the closing quote; inside a string a quote is written \\\"."))
		return
	}
	r.diags.Add(at(p.file, p.start, p.start+2, "NJ103", "a comment is opened here and never closed",
		"Add the closing */; comments do not nest."))
}

// emit queues a token for the grammar.
func (r *Reader) emit(p piece, kind tokenKind, c Context) {
	value := ""
	switch kind {
	case tokWord, tokRaw:
		value = p.file.Text[p.start:p.end]
	case tokString:
		value = Unquote(p.file.Text[p.start:p.end])
	}
	r.queue.tokens = append(r.queue.tokens, lexer.Token{Type: symbolOf[kind], Value: value})
	r.cut = append(r.cut, place{p.file, p.start, p.end, c})
}

// statementTokens queues the tokens of the next top-level statement and keeps
// them well formed: what is missing is reported and put in. False at the end.
func (r *Reader) statementTokens() bool {
	r.frames = append(r.frames[:0], frame{context: Top})
	for {
		p := r.token()
		f := &r.frames[len(r.frames)-1]
		if f.ended && p.kind != tokSemicolon {
			r.missing(p)
			if r.endStatement(p) {
				r.held = &p
				return true
			}
			f = &r.frames[len(r.frames)-1]
		}
		switch p.kind {
		case tokEOF:
			return r.endOfFile(p)
		case tokSemicolon:
			if f.terms == 0 {
				r.empty(p, f)
				continue
			}
			if r.endStatement(p) {
				return true
			}
		case tokClose:
			if len(r.frames) == 1 {
				if f.terms > 0 {
					r.missing(p)
					r.endStatement(p)
					r.held = &p
					return true
				}
				r.diags.Add(at(p.file, p.start, p.end, "NJ104", "a '}' that closes nothing",
					"Remove it, or look above for a '{' that is missing."))
				if next := r.token(); next.kind != tokSemicolon {
					r.held = &next
				}
				continue
			}
			if f.terms > 0 {
				r.missing(p)
				r.endStatement(p)
			}
			r.frames = r.frames[:len(r.frames)-1]
			r.emit(p, tokClose, None)
			f = &r.frames[len(r.frames)-1]
			f.ended = f.def != nil && f.def.Shape.endsWithBlock()
		case tokOpen:
			if !r.openBlock(p) {
				return false
			}
		default:
			r.part(p, f)
		}
	}
}

// part takes a word, string, '!' or '/' into the statement under way.
func (r *Reader) part(p piece, f *frame) {
	f.terms++
	switch f.terms {
	case 1:
		f.first = p
		if p.kind == tokWord {
			f.def = Lookup(f.context, p.file.Text[p.start:p.end])
		} else if f.context.holdsStatements() {
			r.diags.Add(at(p.file, p.start, p.end, "NJ114", "a statement begins with a plain word",
				"Take the quotes or the sign away, or look above for a ';' or '{' that is missing."))
		}
	case 2:
		f.second = p
	}
	f.ended = f.def != nil && f.terms-1 == f.def.Shape.terms()
	r.emit(p, p.kind, None)
}

// openBlock enters a block; false when it is nested too deeply to go on.
func (r *Reader) openBlock(p piece) bool {
	f := &r.frames[len(r.frames)-1]
	if f.terms == 0 && f.context.holdsStatements() {
		r.diags.Add(at(p.file, p.start, p.end, "NJ114", "a statement begins with a plain word, not with '{'",
			"Look above for a ';' too many, or write the statement's name."))
	}
	f.terms++
	inner := List
	switch {
	case f.context == Unknown, f.context.holdsStatements() && f.def == nil:
		inner = Unknown
	case f.def != nil:
		inner = f.def.block()
	}
	if len(r.frames) >= maxDepth {
		r.diags.Add(at(p.file, p.start, p.end, "NJ108", fmt.Sprintf("more than %d blocks in blocks", maxDepth),
			"Take braces away; no statement of named.conf needs so many."))
		r.open = nil
		return false
	}
	r.emit(p, tokOpen, inner)
	if inner == Raw {
		c := &r.open[len(r.open)-1]
		r.emit(piece{c.scan.raw(), c.file}, tokRaw, None)
	}
	r.frames = append(r.frames, frame{context: inner, open: p})
	return true
}

// endStatement queues the semicolon and acts on what named acts on at once:
// directory and include. True when the statement was a top-level one.
func (r *Reader) endStatement(p piece) bool {
	f := &r.frames[len(r.frames)-1]
	r.emit(p, tokSemicolon, None)
	top := len(r.frames) == 1
	if f.terms == 2 && f.second.kind == tokString && f.context.holdsStatements() {
		switch text := f.first.file.Text[f.first.start:f.first.end]; {
		case f.context == OptionsBlock && strings.EqualFold(text, "directory"):
			r.cwd = Resolve(r.cwd, Unquote(f.second.file.Text[f.second.start:f.second.end]))
		case !top && strings.EqualFold(text, "include"):
			s := f.second
			r.include(Term{File: s.file, Start: s.start, End: s.end, Kind: StringTerm,
				Value: Unquote(s.file.Text[s.start:s.end])})
		}
	}
	*f = frame{context: f.context, open: f.open}
	return top
}

// Resolve makes a path absolute: a relative one hangs off dir.
func Resolve(dir, p string) string {
	if path.IsAbs(p) {
		return path.Clean(p)
	}
	return path.Join(dir, p)
}

func (r *Reader) missing(p piece) {
	if r.cutOff {
		return
	}
	before := "the end of the file"
	if p.kind != tokEOF {
		before = "'" + shorten(p.file.Text[p.start:p.end]) + "'"
	}
	r.diags.Add(at(p.file, p.start, p.end, "NJ105", "a ';' is missing before "+before,
		"Every statement ends with ';', the one before a '}' and the block itself too."))
}

// shorten cuts a text for a message and keeps it on one line.
func shorten(s string) string {
	if n := strings.IndexAny(s, "\r\n"); n >= 0 {
		s = s[:n]
	}
	if len(s) > 40 {
		s = s[:37] + "..."
	}
	return s
}

func (r *Reader) empty(p piece, f *frame) {
	if r.opt.Version.Major == 8 && (f.context == OptionsBlock || f.context == ControlsBlock) {
		return
	}
	r.diags.Add(at(p.file, p.start, p.end, "NJ106", "a ';' with no statement before it", "Remove it."))
}

// endOfFile ends a statement that the last file leaves open.
func (r *Reader) endOfFile(p piece) bool {
	r.open = nil
	if p.file == nil || len(r.frames) == 1 && r.frames[0].terms == 0 {
		return false
	}
	if len(r.frames) == 1 {
		r.missing(p)
		r.endStatement(p)
		return true
	}
	defer func() { r.cutOff = true }()
	for i := len(r.frames) - 1; i >= 0; i-- {
		f := r.frames[i]
		if i == len(r.frames)-1 && !r.cutOff {
			r.diags.Add(at(f.open.file, f.open.start, f.open.end, "NJ104", "a '{' is opened here and never closed",
				"Add the '};' that belongs to it."))
		}
		if f.terms > 0 {
			r.emit(p, tokSemicolon, None)
		}
		if i > 0 {
			r.emit(p, tokClose, None)
		}
	}
	return true
}
