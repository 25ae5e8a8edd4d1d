package parser

import "strings"

// tokenKind is what the scanner found.
type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokSpace
	tokComment
	tokWord
	tokString
	tokOpen      // {
	tokClose     // }
	tokSemicolon // ;
	tokSlash     // /
	tokBang      // !
	tokRaw       // the text of a block that named hands on unparsed
	tokBad       // an unclosed string or comment, up to the end of the file
)

// token is a run of bytes of one file, half-open. Every byte of a file belongs
// to exactly one token, so the tokens joined give the file, for any input.
type token struct {
	kind       tokenKind
	start, end int
}

// class tells the scanner what a byte begins.
type class uint8

const (
	inWord class = iota
	isSpace
	isSpecial
	isHash
)

// classes is the byte table of BIND's lexer: four bytes are white space, six
// are tokens of their own, '#' starts a comment even inside a word, and
// everything else belongs to words (VT, FF and all bytes from 0x80 too).
//
// Source: lib/isc/lex.c and cfg_parser_create in lib/isccfg/parser.c.
var classes = func() (t [256]class) {
	for _, c := range " \t\r\n" {
		t[c] = isSpace
	}
	for _, c := range "{};/\"!" {
		t[c] = isSpecial
	}
	t['#'] = isHash
	return t
}()

// scanner cuts the text of one file into tokens.
type scanner struct {
	src string
	pos int

	apart Apart   // cuts the text; nil: the scanner does
	ahead []token // what it has told
	most  int     // tokens that it was asked for
	err   error   // why it tells no more
}

// next gives the token at the current place and steps over it.
func (s *scanner) next() token {
	start := s.pos
	if start >= len(s.src) {
		return token{tokEOF, start, start}
	}
	if s.apart != nil {
		return s.told()
	}
	switch c := s.src[start]; classes[c] {
	case isSpace:
		for s.pos++; s.pos < len(s.src) && classes[s.src[s.pos]] == isSpace; s.pos++ {
		}
		return token{tokSpace, start, s.pos}
	case isHash:
		return s.lineComment(start)
	case isSpecial:
		switch c {
		case '"':
			return s.quoted(start)
		case '/':
			return s.slash(start)
		}
		s.pos++
		return token{specialKind[c], start, s.pos}
	}
	for s.pos++; s.pos < len(s.src) && classes[s.src[s.pos]] == inWord; s.pos++ {
	}
	return token{tokWord, start, s.pos}
}

// specialKind names the one-byte tokens.
var specialKind = map[byte]tokenKind{'{': tokOpen, '}': tokClose, ';': tokSemicolon, '!': tokBang}

func (s *scanner) lineComment(start int) token {
	if n := strings.IndexByte(s.src[start:], '\n'); n >= 0 {
		s.pos = start + n
	} else {
		s.pos = len(s.src)
	}
	return token{tokComment, start, s.pos}
}

// slash tells a comment from a slash. "/*/" does not close itself.
func (s *scanner) slash(start int) token {
	rest := s.src[start:]
	switch {
	case strings.HasPrefix(rest, "//"):
		return s.lineComment(start)
	case strings.HasPrefix(rest, "/*"):
		n := strings.Index(rest[2:], "*/")
		if n < 0 {
			s.pos = len(s.src)
			return token{tokBad, start, s.pos}
		}
		s.pos = start + 2 + n + 2
		return token{tokComment, start, s.pos}
	}
	s.pos++
	return token{tokSlash, start, s.pos}
}

// quoted reads a string up to the quote that no backslash escapes. A backslash
// that is itself escaped does not escape.
func (s *scanner) quoted(start int) token {
	for i := start + 1; i < len(s.src); i++ {
		switch s.src[i] {
		case '"':
			s.pos = i + 1
			return token{tokString, start, s.pos}
		case '\\':
			i++
		}
	}
	s.pos = len(s.src)
	return token{tokBad, start, s.pos}
}

// raw reads the inside of a block that named does not parse: only braces and
// backslashes count there, neither quotes nor comments protect a brace. It
// stops before the brace that closes the block, or at the end of the file.
func (s *scanner) raw() token {
	if s.apart != nil {
		return s.toldRaw()
	}
	start, depth := s.pos, 0
	for ; s.pos < len(s.src); s.pos++ {
		switch s.src[s.pos] {
		case '\\':
			if s.pos+1 < len(s.src) {
				s.pos++
			}
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return token{tokRaw, start, s.pos}
			}
			depth--
		}
	}
	return token{tokRaw, start, s.pos}
}

// Unquote gives the value of a quoted string with its quotes: \" stands for a
// quote, every other backslash for itself.
func Unquote(text string) string {
	text = strings.TrimSuffix(strings.TrimPrefix(text, `"`), `"`)
	if !strings.Contains(text, `\"`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			if text[i+1] != '"' {
				b.WriteByte('\\')
			}
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// Quote writes a value as named.conf wants it. The second result is false for
// a value that no string can hold: one that ends in a lone backslash, has one
// before a quote, or holds a NUL byte or a line end.
func Quote(value string) (string, bool) {
	quoted := `"` + strings.ReplaceAll(value, `"`, `\"`) + `"`
	s := scanner{src: quoted}
	t := s.next()
	ok := t.kind == tokString && t.end == len(quoted) && Unquote(quoted) == value &&
		!strings.ContainsAny(value, "\x00\n\r")
	return quoted, ok
}
