package parser

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
)

// Apart has one text cut into tokens somewhere else, such as in a process without
// rights. A Source that also has Apart(path, text string) Apart says of each file
// that it has given whether that is wanted, nil where it is not. The Reader then
// goes by the tokens that it is told: it puts them together and looks at each word,
// but neither looks for the ends of words, strings, comments and raw blocks in that
// text, nor for its secrets.
//
// What is told is not believed further than this: tokens follow each other without
// a gap, none leaves the text, each begins with a byte that such a token can begin with,
// and regions of secrets are in order. Whoever lies can make another
// text of this one, as its author could, and nothing more.
type Apart interface {
	// Ask has a question answered there, by Answer. Errors: whatever went wrong;
	// the configuration is not read further.
	Ask(question []byte) (answer []byte, err error)
}

// errAnswer is the error of what is no answer to a question.
var errAnswer = errors.New("what it sent cannot be understood")

// The questions about a text. Each has two offsets: from where, and where the text
// is to end.
const (
	askTokens  = iota // and how many; answered by a kind and a length each
	askRaw            // answered by a length
	askSecrets        // answered by a gap and a length each
)

// How many tokens are asked for at once: few at first, for raw blocks can make
// those behind them useless.
const (
	fewTokens  = 64
	manyTokens = 4096
)

// question writes one.
func question(what byte, from, to, most int) []byte {
	b := append(make([]byte, 0, 32), what)
	for _, n := range [...]int{from, to, most} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

// numbers reads numbers without sign; what does not fit sets bad.
type numbers struct {
	b   []byte
	bad bool
}

func (n *numbers) next(limit int) int {
	v, size := binary.Uvarint(n.b)
	if n.bad || size <= 0 || v > uint64(limit) {
		n.bad = true
		return 0
	}
	n.b = n.b[size:]
	return int(v)
}

// Answer answers a question about a text. Errors: what no Reader asks.
func Answer(text string, asked []byte) ([]byte, error) {
	n := numbers{b: asked}
	what, to := n.next(askSecrets), 0
	from := n.next(len(text))
	to = n.next(len(text))
	most := n.next(manyTokens)
	if n.bad || len(n.b) > 0 || from > to {
		return nil, errAnswer
	}
	s := scanner{src: text[:to], pos: from}
	var b []byte
	switch what {
	case askTokens:
		for range most {
			t := s.next()
			if t.kind == tokEOF {
				break
			}
			b = binary.AppendUvarint(append(b, byte(t.kind)), uint64(t.end-t.start))
		}
	case askRaw:
		t := s.raw()
		b = binary.AppendUvarint(b, uint64(t.end-t.start))
	case askSecrets:
		last := 0
		for _, r := range findSecrets(text[:to]) {
			b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(r.start-last)), uint64(r.end-r.start))
			last = r.end
		}
	}
	return b, nil
}

// fits tells whether bytes of a text can be such a token.
func (t token) fits(src string) bool {
	first, size := src[t.start], t.end-t.start
	block := strings.HasPrefix(src[t.start:], "/*")
	switch t.kind {
	case tokSpace:
		return classes[first] == isSpace
	case tokWord:
		return classes[first] == inWord
	case tokString:
		return size > 1 && first == '"' && src[t.end-1] == '"'
	case tokComment:
		return first == '#' || size > 1 && (block || strings.HasPrefix(src[t.start:], "//"))
	case tokBad:
		return t.end == len(src) && (first == '"' || block)
	case tokSlash:
		return size == 1 && first == '/'
	case tokOpen, tokClose, tokSemicolon, tokBang:
		return size == 1 && specialKind[first] == t.kind
	}
	return false
}

// told gives the next token as it is told. After a failure the text has ended, and
// err says why.
func (s *scanner) told() token {
	if len(s.ahead) == 0 || s.ahead[0].start != s.pos {
		if s.most = min(2*s.most, manyTokens); s.most == 0 || len(s.ahead) > 0 {
			s.most = fewTokens
		}
		if s.ahead, s.err = readTokens(s.apart, s.src, s.pos, s.most); s.err != nil {
			s.pos = len(s.src)
			return token{tokEOF, s.pos, s.pos}
		}
	}
	t := s.ahead[0]
	s.ahead, s.pos = s.ahead[1:], t.end
	return t
}

// readTokens asks for tokens; there is one at least. Errors: those of apart,
// errAnswer.
func readTokens(apart Apart, src string, from, most int) ([]token, error) {
	b, err := apart.Ask(question(askTokens, from, len(src), most))
	if err != nil {
		return nil, err
	}
	n, list := numbers{b: b}, make([]token, 0, min(most, len(b)/2))
	for len(n.b) > 0 && len(list) < most {
		t := token{kind: tokenKind(n.next(int(tokBad))), start: from}
		t.end = from + n.next(len(src)-from)
		if n.bad || t.end == t.start || !t.fits(src) {
			return nil, errAnswer
		}
		list, from = append(list, t), t.end
	}
	if len(list) == 0 || len(n.b) > 0 || len(list) < most && from < len(src) {
		return nil, errAnswer
	}
	return list, nil
}

// toldRaw is raw as it is told.
func (s *scanner) toldRaw() token {
	t := token{tokRaw, s.pos, len(s.src)}
	b, err := s.apart.Ask(question(askRaw, s.pos, len(s.src), 0))
	n := numbers{b: b}
	if size := n.next(len(s.src) - s.pos); err == nil && !n.bad && len(n.b) == 0 {
		t.end = s.pos + size
	} else if err == nil {
		err = errAnswer
	}
	if err == nil && t.end < len(s.src) && s.src[t.end] != '}' {
		t.end, err = len(s.src), errAnswer
	}
	s.pos, s.err = t.end, err
	return t
}

// readSecrets asks for the regions of a text that must not be shown. Errors: those of
// apart, errAnswer.
func readSecrets(apart Apart, text string) ([]region, error) {
	b, err := apart.Ask(question(askSecrets, 0, len(text), 0))
	if err != nil {
		return nil, err
	}
	n, list, last := numbers{b: b}, []region(nil), 0
	for len(n.b) > 0 {
		r := region{start: last + n.next(len(text)-last)}
		r.end = r.start + n.next(len(text)-r.start)
		if n.bad {
			return nil, errAnswer
		}
		list, last = append(list, r), r.end
	}
	return list, nil
}

// cutter gives a scanner for some bytes of the file.
func (f *File) cutter(from, to int) scanner {
	return scanner{src: f.Text[:to], pos: from, apart: f.apart}
}

// untold says that a file could not be had in tokens; the rest is not read.
func (r *Reader) untold(f *File, err error) {
	r.cutOff = true
	r.stop(Diagnostic{Code: "NJ449", File: f.Name, Message: fmt.Sprintf("others than root can write this file, and the process that takes it apart failed: %v", err),
		Remedy: "Look what has been written there. Run the command again; where it fails again, look at the system log whether memory ran out."})
}

// apartOf asks the source whether a file is to be cut somewhere else.
func (r *Reader) apartOf(path, text string) Apart {
	src, ok := r.src.(interface{ Apart(path, text string) Apart })
	if !ok || text == "" || len(text) > math.MaxInt32 {
		return nil
	}
	return src.Apart(path, text)
}
