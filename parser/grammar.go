package parser

import (
	"fmt"
	"io"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// statementGrammar is the participle grammar of named.conf: a statement is a
// run of terms up to a semicolon. The term is its hot node: it is parsed, with
// all the blocks and statements in it, by Reader.term and not by reflection,
// which would take most of the time that a file takes.
type statementGrammar struct {
	Terms []node `parser:"@@+"`
	End   string `parser:"@Semicolon"`
}

// node is Term as participle wants a production with a parser of its own: an
// interface.
type node interface{ term() *Term }

func (t *Term) term() *Term { return t }

// The grammar's names for the tokens that carry meaning; blank space and
// comments never reach it.
const (
	symWord lexer.TokenType = lexer.EOF - 1 - iota
	symString
	symOpen
	symClose
	symSemicolon
	symSlash
	symBang
	symRaw
)

var symbols = map[string]lexer.TokenType{
	"EOF": lexer.EOF, "Word": symWord, "String": symString, "Open": symOpen, "Close": symClose,
	"Semicolon": symSemicolon, "Slash": symSlash, "Bang": symBang, "Raw": symRaw,
}

// symbolOf turns the scanner's kinds into the grammar's.
var symbolOf = [...]lexer.TokenType{
	tokWord: symWord, tokString: symString, tokOpen: symOpen, tokClose: symClose,
	tokSemicolon: symSemicolon, tokSlash: symSlash, tokBang: symBang, tokRaw: symRaw,
}

// termKindOf turns the grammar's tokens into the kinds of terms.
var termKindOf = map[lexer.TokenType]TermKind{
	symWord: WordTerm, symString: StringTerm, symSlash: SlashTerm, symBang: BangTerm, symRaw: StringTerm,
}

// definition is the scanner as participle's lexer.Definition.
type definition struct{}

// Symbols lists the tokens of the grammar.
func (definition) Symbols() map[string]lexer.TokenType { return symbols }

// Lex cuts a text that stands alone, without includes. Errors: those of r.
func (definition) Lex(name string, r io.Reader) (lexer.Lexer, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	s := scanner{src: string(text)}
	var q queue
	for {
		t := s.next()
		if t.kind == tokEOF {
			return &q, nil
		}
		if t.kind != tokSpace && t.kind != tokComment && t.kind != tokBad {
			q.tokens = append(q.tokens, lexer.Token{
				Type: symbolOf[t.kind], Value: s.src[t.start:t.end],
				Pos: lexer.Position{Filename: name, Offset: t.start},
			})
		}
	}
}

// queue is a participle lexer over tokens that are cut already.
type queue struct {
	tokens []lexer.Token
	next   int
}

// Next gives the tokens in turn, then end of file for ever. Errors: never.
func (q *queue) Next() (lexer.Token, error) {
	if q.next >= len(q.tokens) {
		return lexer.Token{Type: lexer.EOF}, nil
	}
	q.next++
	return q.tokens[q.next-1], nil
}

// newParser builds the participle parser whose terms carry the reader's files.
func newParser(r *Reader) *participle.Parser[statementGrammar] {
	return participle.MustBuild[statementGrammar](
		participle.Lexer(definition{}),
		participle.ParseTypeWith(r.node),
	)
}

// node parses one term for the grammar. Errors: as term.
func (r *Reader) node(lex *lexer.PeekingLexer) (node, error) {
	t, err := r.term(lex)
	return &t, err
}

// term parses one term, blocks with all that is in them included. It recurses
// no deeper than maxDepth, which the cutter has made sure of. Errors:
// participle.NextMatch at a token that begins no term.
func (r *Reader) term(lex *lexer.PeekingLexer) (Term, error) {
	t := lex.Peek()
	place := r.cut[lex.RawCursor()]
	if t.Type == symOpen {
		return r.block(lex)
	}
	kind, ok := termKindOf[t.Type]
	if !ok {
		return Term{}, participle.NextMatch
	}
	lex.Next()
	return Term{File: place.file, Start: place.start, End: place.end, Value: t.Value, Kind: kind}, nil
}

// block parses from a brace to the brace that closes it.
func (r *Reader) block(lex *lexer.PeekingLexer) (Term, error) {
	open := r.cut[lex.RawCursor()]
	lex.Next()
	b := &Block{Context: open.context}
	term := Term{File: open.file, Start: open.start, Kind: BlockTerm, Block: b}
	if lex.Peek().Type == symRaw {
		b.Raw, b.Text = true, lex.Next().Value
	}
	for {
		switch lex.Peek().Type {
		case symClose:
			term.End = r.cut[lex.RawCursor()].end
			lex.Next()
			return term, nil
		case lexer.EOF:
			return term, fmt.Errorf("a block is not closed")
		}
		s, err := r.statement(lex, b.Context)
		if err != nil {
			return term, err
		}
		b.Statements = append(b.Statements, s)
	}
}

// statement parses terms up to a semicolon: the body of statementGrammar for
// the statements inside a block.
func (r *Reader) statement(lex *lexer.PeekingLexer, c Context) (Statement, error) {
	terms := make([]Term, 0, 2)
	for lex.Peek().Type != symSemicolon {
		t, err := r.term(lex)
		if err != nil {
			return Statement{}, fmt.Errorf("a statement is not closed")
		}
		terms = append(terms, t)
	}
	lex.Next()
	s := Statement{Terms: terms}
	s.Def = Lookup(c, s.Keyword())
	return s, nil
}
