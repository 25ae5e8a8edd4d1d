package parser

import (
	"errors"
	"io"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// fileGrammar is the participle grammar of named.conf:
//
//	File      = Statement* .
//	Statement = Term+ ";" .
//	Term      = Word | String | "!" | "/" | Block .
//	Block     = "{" Statement* "}" | "{" Raw "}" .
//
// The statement is its hot node: Reader.node takes the terms as the cutter has
// put them together, blocks whole, because reflection over every word would
// take three times as long as named-checkconf does.
type fileGrammar struct {
	Statements []node `parser:"@@*"`
}

// node is Statement as participle wants a production with a parser of its own:
// an interface.
type node interface{ statement() *Statement }

func (s *Statement) statement() *Statement { return s }

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
	symBlock
)

var symbols = map[string]lexer.TokenType{
	"EOF": lexer.EOF, "Word": symWord, "String": symString, "Open": symOpen, "Close": symClose,
	"Semicolon": symSemicolon, "Slash": symSlash, "Bang": symBang, "Raw": symRaw, "Block": symBlock,
}

// symbolOf turns the scanner's kinds into the grammar's.
var symbolOf = [...]lexer.TokenType{
	tokWord: symWord, tokString: symString, tokOpen: symOpen, tokClose: symClose,
	tokSemicolon: symSemicolon, tokSlash: symSlash, tokBang: symBang, tokRaw: symRaw,
}

// symbolOfTerm turns the kinds of terms into the grammar's.
var symbolOfTerm = [...]lexer.TokenType{
	WordTerm: symWord, StringTerm: symString, BangTerm: symBang, SlashTerm: symSlash, BlockTerm: symBlock,
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

// newParser builds the participle parser of a reader.
func newParser(r *Reader) *participle.Parser[fileGrammar] {
	return participle.MustBuild[fileGrammar](
		participle.Lexer(definition{}),
		participle.ParseTypeWith(r.node),
	)
}

// node parses one statement: terms up to a semicolon. Errors:
// participle.NextMatch where there is none, and a statement without an end.
func (r *Reader) node(lex *lexer.PeekingLexer) (node, error) {
	first := int(lex.RawCursor())
	for {
		switch lex.Peek().Type {
		case lexer.EOF:
			if int(lex.RawCursor()) == first {
				return nil, participle.NextMatch
			}
			return nil, errors.New("a statement is not closed")
		case symSemicolon:
			end := int(lex.RawCursor())
			lex.Next()
			terms := r.cut[first:end]
			var def *Def
			if len(terms) > 0 && terms[0].Kind == WordTerm {
				def = Lookup(Top, terms[0].Value)
			}
			return r.keep(terms, def), nil
		}
		lex.Next()
	}
}
