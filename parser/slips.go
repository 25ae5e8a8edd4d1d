package parser

import (
	"fmt"
	"strings"
)

// Slips are mistakes of form that people make: a semicolon, a brace or a quote
// that is missing or is another sign. Each is told once, at the place of the
// slip, and the cutter goes on as if it were not there, so that what stands
// behind is not reported for it.

// lacksSemicolon tells whether the statement under way ends before p without
// its semicolon.
func (r *Reader) lacksSemicolon(p piece, f *frame) bool {
	if !f.ended {
		return r.complete(p, f)
	}
	last := &f.terms[len(f.terms)-1]
	if p.kind == tokClose || p.kind == tokEOF || r.newLine(p, last) || last.Kind == BlockTerm || len(f.terms) != 2 {
		return true
	}
	next := p.kind == tokWord && Lookup(f.context, p.file.Text[p.start:p.end]) != nil
	if r.fits(f) && (next || !r.judges(f.def)) {
		return true
	}
	f.ended = false // the value is wrong, or more than one; the rest of the line belongs to it
	return false
}

// judges tells whether the Checker compares the values of a statement, so that
// a word too many is reported.
func (r *Reader) judges(d *Def) bool { return d.value != nil && r.release().Major == 9 }

// complete tells whether a statement of several words has all that it needs and
// p begins the next one, on a line of its own.
func (r *Reader) complete(p piece, f *frame) bool {
	if p.kind != tokWord || f.def == nil || f.def.Shape != Several || len(f.terms) < 2 || !r.newLine(p, &f.terms[len(f.terms)-1]) {
		return false
	}
	word := p.file.Text[p.start:p.end]
	return Lookup(f.context, word) != nil && r.judges(f.def) && !hasWord(f.def.Value, word) && r.fits(f)
}

// release is the release that it is read for.
func (r *Reader) release() Version {
	if !r.opt.Version.Known() {
		return V(9, 18, 0)
	}
	return r.opt.Version
}

// hasWord tells whether a value has the word as one of its own.
func hasWord(value, word string) bool {
	for _, w := range strings.Fields(value) {
		if strings.EqualFold(strings.TrimRight(w, ";"), word) {
			return true
		}
	}
	return false
}

// fits tells whether what stands in a statement so far has its form.
func (r *Reader) fits(f *frame) bool {
	if r.judges(f.def) {
		j := judge{release: r.release()}
		return j.whole(f.def.value, f.terms, 1)
	}
	t := &f.terms[1]
	switch f.def.Shape {
	case Word:
		return t.IsText()
	case Quoted:
		return t.Kind == StringTerm
	case QuotedNone:
		return t.Kind == StringTerm || t.Is("none")
	case Boolean:
		return t.Kind == WordTerm && booleans[strings.ToLower(t.Value)]
	}
	return true
}

// newLine tells whether a line ends between a term and the token behind it.
func (r *Reader) newLine(p piece, t *Term) bool {
	return p.file != t.File || p.start < int(t.End) || strings.Contains(p.file.Text[t.End:p.start], "\n")
}

// ends are signs that people write for a semicolon.
var ends = []string{":", ",", "\uff1b", "\uff1a", "\uff0c", "\u037e"}

// missing reports that a ';' is missing before a token.
func (r *Reader) missing(p piece) {
	if r.cutOff || p.file == nil {
		return
	}
	before := "the end of the file"
	if p.kind != tokEOF {
		before = "'" + shorten(p.file.Text[p.start:p.end]) + "'"
	}
	remedy := "Every statement ends with ';', the one before a '}' and the block itself too."
	if f := &r.frames[r.depth]; len(f.terms) > 0 {
		last := &f.terms[len(f.terms)-1]
		if r.otherSign(p, last) {
			return
		}
		if p.file == last.File && r.newLine(p, last) {
			line, column := last.File.Position(int(last.End))
			remedy = fmt.Sprintf("Put it in line %d at column %d. ", line, column) + remedy
		}
	}
	r.report(at(p.file, p.start, p.end, "NJ105", "a ';' is missing before "+before, remedy))
}

// otherSign reports a sign at the end of a word that stands for the ';', and
// takes it away from the word.
func (r *Reader) otherSign(p piece, last *Term) bool {
	if last.Kind != WordTerm || !r.newLine(p, last) || strings.HasSuffix(last.Value, "::") {
		return false
	}
	for _, sign := range ends {
		if len(last.Value) > len(sign) && strings.HasSuffix(last.Value, sign) {
			end := int(last.End)
			r.report(at(last.File, end-len(sign), end, "NJ105", fmt.Sprintf("'%s' stands where the ';' belongs", sign), "Write ';' in its place."))
			last.End -= int32(len(sign))
			last.Value = strings.TrimSuffix(last.Value, sign)
			return true
		}
	}
	return false
}

// lacksBrace tells whether p begins the block of the statement under way, whose
// '{' is missing.
func (r *Reader) lacksBrace(p piece, f *frame) bool {
	if p.kind != tokWord || f.def == nil || f.def.Shape != Named || len(f.terms) == 0 || !f.def.Inside.holdsStatements() {
		return false
	}
	last := &f.terms[len(f.terms)-1]
	return (len(f.terms) > 1 || r.newLine(p, last)) && Lookup(f.def.Inside, p.file.Text[p.start:p.end]) != nil
}

// openMissing opens the block without its brace, and reads p again inside.
func (r *Reader) openMissing(p piece) bool {
	r.report(at(p.file, p.start, p.end, "NJ104", fmt.Sprintf("a '{' is missing before '%s'", shorten(p.file.Text[p.start:p.end])),
		"The statements of a block stand between '{' and '};'."))
	if !r.openBlock(piece{token{tokOpen, p.start, p.start}, p.file}) {
		return false
	}
	r.hold(p)
	return true
}

// suspicion is a block that is probably not closed, for what stands in it
// belongs further out.
type suspicion struct {
	open piece
	next piece
}

// suspect looks whether a keyword that its block does not take belongs further
// out: then a '}' may be missing before it.
func (r *Reader) suspect(p piece) {
	if r.unclosedBlock.next.file != nil {
		return
	}
	for d := r.depth - 1; d >= 0; d-- {
		if r.frames[d].context.holdsStatements() && Lookup(r.frames[d].context, p.file.Text[p.start:p.end]) != nil {
			r.unclosedBlock = suspicion{r.frames[r.depth].open, p}
			return
		}
	}
}

// neverClosed reports a block that the last file leaves open: the one that the
// suspicion is about, or the innermost.
func (r *Reader) neverClosed(open piece) {
	message := "a '{' is opened here and never closed"
	if s := r.unclosedBlock; s.next.file != nil && s.open.file != nil {
		open = s.open
		line, _ := s.next.file.Position(s.next.start)
		message = fmt.Sprintf("a '{' is opened here and not closed before '%s' in line %d", shorten(s.next.file.Text[s.next.start:s.next.end]), line)
		if s.next.file != open.file {
			message = fmt.Sprintf("a '{' is opened here and not closed before '%s' at %s:%d", shorten(s.next.file.Text[s.next.start:s.next.end]), s.next.file.Name, line)
		}
	}
	r.report(at(open.file, open.start, open.end, "NJ104", message, "Add the '};' that belongs to it."))
}

// fellOut tells whether a keyword that has no place here belongs into the block
// before it, which a '}' too many has closed: then another one closes nothing,
// further down. It is reported, and the block is opened again.
func (r *Reader) fellOut(p piece) bool {
	s := r.before()
	if s == nil || s.Def == nil || !s.Def.Inside.holdsStatements() || len(s.Terms) == 0 {
		return false
	}
	last := s.Terms[len(s.Terms)-1]
	if last.Kind != BlockTerm || last.File != p.file || last.End-last.Start < 2 || Lookup(s.Def.Inside, p.file.Text[p.start:p.end]) == nil || !r.strays(p) {
		return false
	}
	r.report(at(p.file, int(last.End)-1, int(last.End), "NJ104", fmt.Sprintf("a '}' that closes '%s' too early: '%s' behind it belongs there", s.Def.Keyword, shorten(p.file.Text[p.start:p.end])),
		"Remove it with its ';', or look above for a '{' that is missing."))
	r.reopen(s, last)
	return true
}

// before gives the statement before the one under way in its block, nil when
// there is none, or none any more.
func (r *Reader) before() *Statement {
	if r.depth > 0 {
		if list := r.frames[r.depth].statements; len(list) > 0 {
			return &list[len(list)-1]
		}
		return nil
	}
	if r.lastCut >= len(r.cut) {
		return nil
	}
	terms := r.cut[r.lastCut : len(r.cut)-1]
	return &Statement{Terms: terms, Def: Lookup(Top, terms[0].Value)}
}

// strays tells whether a '}' behind p closes nothing. A file in which none does
// is not looked through again.
func (r *Reader) strays(p piece) bool {
	if r.balanced == p.file || len(r.open) == 0 {
		return false
	}
	depth := 0
	for _, f := range r.frames[:r.depth+1] {
		if f.open.file == p.file {
			depth++
		}
	}
	for ahead := r.open[len(r.open)-1].scan; depth >= 0; {
		switch ahead.next().kind {
		case tokOpen:
			depth++
		case tokClose:
			depth--
		case tokEOF, tokBad:
			r.balanced = p.file
			return false
		}
	}
	return true
}

// reopen takes the block of a statement that has ended up again.
func (r *Reader) reopen(s *Statement, last Term) {
	f := &r.frames[r.depth]
	f.terms, f.def, f.ended = append(f.terms[:0], s.Terms[:len(s.Terms)-1]...), s.Def, false
	if r.depth > 0 {
		f.statements = f.statements[:len(f.statements)-1]
	} else {
		r.cut, r.queue.tokens = r.cut[:r.lastCut], r.queue.tokens[:r.lastCut]
	}
	r.enter(last.Block.Context, piece{token{tokOpen, int(last.Start), int(last.Start) + 1}, last.File})
	f = &r.frames[r.depth]
	f.statements = append(f.statements, last.Block.Statements...)
}

// openQuote looks for a string whose closing quote is missing: it goes on to
// the quote that opens the next string, whose text is then glued to it.
// Everything behind is turned inside out, so it is not read.
func (r *Reader) openQuote(p piece) bool {
	text := p.file.Text
	if p.end >= len(text) || classes[text[p.end]] != inWord && text[p.end] != '/' {
		return false
	}
	if !strings.Contains(text[p.start:p.end], "\n") {
		if r.glued.file != p.file || strings.Contains(text[r.glued.start:p.start], "\n") {
			r.glued = p
		}
		return false
	}
	if r.glued.file == p.file && !strings.Contains(text[r.glued.start:p.start], "\n") {
		p = r.glued // an earlier one of the line
	}
	r.cutOff = true
	r.stop(at(p.file, p.start, p.start+1, "NJ102", "a string is opened here and not closed in its line",
		"Add the closing quote; what stands behind it was not read."))
	return true
}
