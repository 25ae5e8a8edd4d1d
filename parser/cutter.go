package parser

import (
	"fmt"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// frame is a block that is open: the statement under way in it, and those
// before it.
type frame struct {
	context    Context
	open       piece
	count      int // statements, the one under way too
	def        *Def
	ended      bool // the statement can only be followed by a semicolon
	terms      []Term
	statements []Statement
}

// enter opens a frame, with the scratch space of an earlier one of its depth.
func (r *Reader) enter(c Context, open piece) {
	r.depth++
	if r.depth >= len(r.frames) {
		r.frames = append(r.frames, frame{})
	}
	f := &r.frames[r.depth]
	*f = frame{context: c, open: open, terms: f.terms[:0], statements: f.statements[:0]}
}

// cutStatement cuts the next top-level statement and keeps it well formed:
// what is missing is reported and put in. False at the end.
func (r *Reader) cutStatement() bool {
	r.depth, r.count, r.unclosedBlock = -1, 0, suspicion{}
	r.enter(Top, piece{})
	r.frames[0].count = r.top
	r.top++
	for {
		p := r.token()
		f := &r.frames[r.depth]
		if p.kind != tokSemicolon && r.lacksSemicolon(p, f) {
			r.missing(p)
			if r.endStatement() {
				r.hold(p)
				return true
			}
		}
		switch p.kind {
		case tokEOF:
			return r.endOfFile(p)
		case tokSemicolon:
			if len(f.terms) == 0 {
				r.empty(p, f)
				continue
			}
			if r.endStatement() {
				return true
			}
		case tokClose:
			if len(f.terms) > 0 {
				r.missing(p)
				if r.endStatement() {
					r.hold(p)
					return true
				}
			}
			if r.depth == 0 {
				r.torn = true
				r.report(at(p.file, p.start, p.end, "NJ104", "a '}' that closes nothing",
					"Remove it, or look above for a '{' that is missing."))
				if next := r.token(); next.kind != tokSemicolon {
					r.hold(next)
				}
				continue
			}
			r.leave(p)
		case tokOpen:
			if !r.openBlock(p) {
				return false
			}
		default:
			if p.kind == tokString && r.openQuote(p) {
				return false
			}
			if r.lacksBrace(p, f) {
				if !r.openMissing(p) {
					return false
				}
				continue
			}
			r.part(p, f)
		}
	}
}

// part takes a word, string, '!' or '/' into the statement under way.
func (r *Reader) part(p piece, f *frame) {
	if r.tooLong(p, f) {
		return
	}
	f.terms = append(f.terms, p.term())
	if len(f.terms) == 1 {
		switch {
		case !f.context.holdsStatements():
		case p.kind == tokWord:
			f.def = Lookup(f.context, f.terms[0].Value)
			if f.def == nil && r.fellOut(p) {
				f = &r.frames[r.depth]
				f.terms, f.def = append(f.terms, p.term()), Lookup(f.context, p.file.Text[p.start:p.end])
			} else if f.def == nil && r.depth > 0 {
				r.suspect(p)
			}
		default:
			r.report(at(p.file, p.start, p.end, "NJ114", "a statement begins with a plain word",
				"Take the quotes or the sign away, or look above for a ';' or '{' that is missing."))
		}
	}
	f.ended = f.def != nil && len(f.terms)-1 == f.def.Shape.terms()
}

// tooLong refuses what is longer than any server's: it is not read further.
func (r *Reader) tooLong(p piece, f *frame) bool {
	if r.count++; len(f.terms) == 0 {
		f.count++
	}
	if p.end-p.start <= maxToken && len(f.terms) < maxWords && r.count <= r.maxTerms && f.count <= maxBlock {
		return false
	}
	what, remedy := "", "Look above for a ';' that is missing, or write several statements."
	switch {
	case p.end-p.start > maxToken:
		what, remedy = fmt.Sprintf("a value of %d bytes", p.end-p.start), fmt.Sprintf("No value has more than %d bytes; look for a quote that is missing.", maxToken)
	case len(f.terms) >= maxWords:
		what = fmt.Sprintf("a statement of more than %d words", maxWords)
	case r.count > r.maxTerms:
		what = fmt.Sprintf("a statement that holds more than %d words in its blocks", r.maxTerms)
	case f.count > maxBlock && r.depth == 0:
		what = fmt.Sprintf("more than %d statements", maxBlock)
	default:
		what = fmt.Sprintf("a block of more than %d statements", maxBlock)
	}
	r.stop(at(p.file, p.start, p.start+1, "NJ116", what+"; what comes behind is not read", remedy))
	return true
}

// openBlock enters a block; false when it is nested too deeply to go on.
func (r *Reader) openBlock(p piece) bool {
	f := &r.frames[r.depth]
	if len(f.terms) == 0 && f.context.holdsStatements() {
		r.report(at(p.file, p.start, p.end, "NJ114", "a statement begins with a plain word, not with '{'",
			"Look above for a ';' too many, or write the statement's name."))
	}
	inner := List
	switch {
	case f.context == Unknown, f.context.holdsStatements() && f.def == nil:
		inner = Unknown
	case f.def != nil:
		inner = f.def.block()
	}
	if r.depth >= maxDepth {
		r.stop(at(p.file, p.start, p.end, "NJ108", fmt.Sprintf("more than %d blocks in blocks", maxDepth),
			"Take braces away; no statement of named.conf needs so many."))
		return false
	}
	if r.tooLong(p, f) {
		return false
	}
	r.enter(inner, p)
	if inner == Raw {
		c := &r.open[len(r.open)-1]
		t := c.scan.raw()
		r.frames[r.depth].open.end = t.end // the text that leave takes
	}
	return true
}

// leave closes a block and gives it to the statement that it belongs to.
func (r *Reader) leave(p piece) {
	f := &r.frames[r.depth]
	b := &Block{Context: f.context}
	if f.context == Raw {
		b.Raw, b.Text = true, f.open.file.Text[f.open.start+1:f.open.end]
	} else {
		b.Statements = r.keepStatements(f)
	}
	t := Term{File: f.open.file, Start: int32(f.open.start), End: int32(p.end), Kind: BlockTerm, Block: b}
	if p.file != f.open.file {
		t.End = t.Start + 1 // it ends in another file
	}
	r.depth--
	f = &r.frames[r.depth]
	f.terms = append(f.terms, t)
	f.ended = f.def != nil && f.def.Shape.endsWithBlock()
}

// endStatement ends the statement under way and acts on what named acts on at
// once: directory and include. True when it was a top-level one.
func (r *Reader) endStatement() bool {
	f := &r.frames[r.depth]
	if r.depth == 0 {
		r.lastCut = len(r.cut)
		for i := range f.terms {
			r.queue.tokens = append(r.queue.tokens, lexer.Token{Type: symbolOfTerm[f.terms[i].Kind]})
		}
		r.queue.tokens = append(r.queue.tokens, lexer.Token{Type: symSemicolon})
		r.cut = append(append(r.cut, f.terms...), Term{})
	} else {
		f.statements = append(f.statements, r.keepValue(f.terms, f.def))
	}
	if len(f.terms) > 1 && f.context == OptionsBlock && f.terms[0].Is("directory") {
		if dir := Resolve(r.cwd, directory(f.terms[1:])); len(dir) <= maxName {
			r.cwd = dir
		}
	}
	if len(f.terms) == 2 && f.terms[1].Kind == StringTerm && f.context.holdsStatements() {
		if f.terms[0].Is("include") {
			r.include(f.terms[1], f.context)
		}
	}
	f.terms, f.def, f.ended = f.terms[:0], nil, false
	return r.depth == 0
}

// directory gives the value of a directory statement, also where its quotes are
// missing or none: what is relative to it is not to be at fault too.
func directory(terms []Term) string {
	if terms[0].Kind == StringTerm {
		return terms[0].Value
	}
	text := ""
	for i := range terms {
		if terms[i].File == terms[0].File && terms[i].Kind != BlockTerm {
			text = terms[0].File.Text[terms[0].Start:terms[i].End]
		}
	}
	return strings.Trim(text, "'"+typographic)
}

func (r *Reader) empty(p piece, f *frame) {
	if r.opt.Version.Major == 8 && (f.context == OptionsBlock || f.context == ControlsBlock) {
		return
	}
	r.report(at(p.file, p.start, p.end, "NJ106", "a ';' with no statement before it", "Remove it."))
}

// endOfFile ends a statement that the last file leaves open.
func (r *Reader) endOfFile(p piece) bool {
	r.open = nil
	f := &r.frames[r.depth]
	if p.file == nil || r.depth == 0 && len(f.terms) == 0 {
		return false
	}
	if r.depth > 0 {
		if !r.cutOff {
			r.neverClosed(f.open)
		}
		r.cutOff = true
	}
	r.missing(p)
	for r.depth > 0 {
		if len(r.frames[r.depth].terms) > 0 {
			r.endStatement()
		}
		r.leave(p)
	}
	r.cutOff = true
	return r.endStatement()
}
