package zones

import (
	"bytes"
	"io"
	"runtime"
)

// A large text file is read in parts at the same time: the file is cut at lines
// that begin with an owner name, outside parentheses and quotes, and each part
// goes to a worker with a reader of its own. The parts come together again in
// their order, so that the outcome is that of reading from the start to the end.
// Directives, and lines that the cutter does not understand, are left to the
// text reader, as is a file in which the TTL of a record can depend on the
// record before.

// Sizes of parts. Only tests change them. partSize and readSize together stay
// below what makes one entry too long for the lexer: no part holds an entry that
// is refused for its length.
var (
	partSize  = 128 << 10 // bytes of a part, about
	readSize  = 64 << 10  // bytes that are read at once
	leastPart = 32 << 10  // less is not worth a worker
	// A file whose parts turned out too small is read on in one piece for so
	// many entries before it is tried again.
	patience = 2000
)

// part is a piece of a file on its way through a worker.
type part struct {
	text   []byte
	line   int
	offset int64
	origin name
	own    name // owner before the part
	hasOwn bool
	fresh  bool // that owner has had no record yet
	deflt  uint32
	out    batch
	done   chan struct{}
}

// crew are the workers of one text reader.
type crew struct {
	todo  chan *part
	spare []*part
	size  int
}

// start makes the workers when the machine has processors for them.
func (w *crew) start(class uint16, hints bool, r release) {
	if w.todo != nil {
		return
	}
	w.size = runtime.GOMAXPROCS(0)
	todo := make(chan *part, 2*w.size)
	w.todo = todo // the workers keep the channel when the crew has gone
	for range w.size {
		go func() {
			m := recordReader{class: class, hints: hints} // the zone is not asked about where there is a default TTL
			m.rr.release = r
			var x lexer
			for p := range todo {
				m.readPart(&x, p)
				close(p.done)
			}
		}()
	}
}

// end lets the workers go.
func (w *crew) end() {
	if w.todo != nil {
		close(w.todo)
		*w = crew{}
	}
}

// take gives a part to fill.
func (w *crew) take() *part {
	if n := len(w.spare); n > 0 {
		p := w.spare[n-1]
		w.spare = w.spare[:n-1]
		return p
	}
	return &part{text: make([]byte, 0, partSize+readSize)}
}

// readPart reads the records of a part.
func (m *recordReader) readPart(x *lexer, p *part) {
	m.deflt, m.hasDeflt, m.out = p.deflt, true, &p.out
	x.load(p.text, p.line, p.offset)
	owner, hasOwn := p.own, p.hasOwn
	m.fresh = p.fresh
	for {
		p.out.entry++
		ok, wrong := x.next()
		if wrong != nil {
			p.out.fault(wrong)
		} else if ok {
			m.entry(&owner, &hasOwn, &p.origin, &x.entry)
		}
		if !ok {
			break
		}
	}
	p.out.last, p.out.hasLast, p.out.fresh = owner, hasOwn, m.fresh
}

// load starts the lexer on text in memory that stands at a line and an offset
// of a file.
func (x *lexer) load(text []byte, line int, offset int64) {
	*x = lexer{buf: text, end: len(text), err: io.EOF, base: offset, line: line, lineStart: offset,
		entry: entry{text: x.entry.text[:0], words: x.entry.words[:0]}}
}

// inParts reads on in parts as far as that goes. It gives false when it read
// nothing.
func (t *textReader) inParts(src *source) bool {
	x := &src.lex
	if !t.hasDeflt || src.moved || x.offset() != x.lineStart || x.stopped {
		return false
	}
	if t.quiet > 0 {
		t.quiet--
		return false
	}
	t.crew.start(t.c.class, t.c.kind == hint, t.rr.release)
	w := &t.crew
	var flying []*part
	land := func() {
		p := flying[0]
		flying = flying[1:]
		<-p.done
		if !t.c.stop() {
			p.out.pour(t.c, src.shown)
		}
		src.owner, src.hasOwn, t.fresh = p.out.last, p.out.hasLast, p.out.fresh // what follows may lean on it
		w.spare = append(w.spare, p)
	}
	line, offset := x.line, x.offset()
	p := w.take()
	p.text = append(p.text[:0], x.buf[x.pos:x.end]...)
	err, read := x.err, false
	for {
		for err == nil && len(p.text) < partSize {
			if t.c.poll() {
				err = io.EOF
				x.stopped = true
				break
			}
			var n int
			n, err = src.file.Read(p.text[len(p.text):min(cap(p.text), len(p.text)+readSize)])
			p.text = p.text[:len(p.text)+n]
			if err == nil && offset > x.most {
				err = errGrows
			}
		}
		cut, lines, on := cutPart(p.text, err != nil)
		if cut < leastPart && !read || cut == 0 || t.c.stop() || x.stopped {
			break
		}
		read = true
		t.parts++
		rest := w.take()
		rest.text = append(rest.text[:0], p.text[cut:]...)
		p.text = p.text[:cut]
		p.line, p.offset, p.origin, p.deflt = line, offset, src.origin, t.deflt
		p.own, p.hasOwn, p.fresh = src.owner, src.hasOwn, t.fresh // only the first can lean on it
		p.out.reset(&p.own)
		p.done = make(chan struct{})
		line, offset = line+lines, offset+int64(cut)
		flying = append(flying, p)
		w.todo <- p
		if len(flying) >= 2*w.size {
			land()
		}
		p = rest
		if !on {
			break
		}
	}
	for len(flying) > 0 {
		land()
	}
	if !read {
		t.quiet = patience
	}
	// The lexer goes on with what is left.
	if len(x.buf) < len(p.text) {
		x.buf = make([]byte, len(p.text))
	}
	x.pos, x.end = 0, copy(x.buf, p.text)
	x.base, x.line, x.lineStart, x.err = offset, line, offset, err
	w.spare = append(w.spare, p)
	return read
}

// cutPart finds how much of text, which starts at the beginning of an entry,
// can be read apart from what follows, and how many lines that is. on tells
// whether more parts may follow at once: not where a directive stands, or
// something that only the lexer can judge. last says that the file ends there.
func cutPart(text []byte, last bool) (cut, lines int, on bool) {
	depth, line, n := 0, 0, len(text)
	for i := 0; i < n; {
		if depth == 0 { // the beginning of a line
			switch classes[text[i]] {
			case plain, backslash:
				if text[i] == '$' {
					return i, line, false
				}
				cut, lines = i, line
			case quote, opening, closing, nul:
				return i, line, false
			}
		}
		for ends := false; !ends; {
			for i < n && classes[text[i]] == plain {
				i++
			}
			if i >= n {
				if last && depth == 0 {
					return n, line, true
				}
				return cut, lines, !last
			}
			switch classes[text[i]] {
			case blank:
				i++
			case newline:
				i, line, ends = i+1, line+1, true
			case carriage:
				if i+1 == n && !last {
					return cut, lines, true
				}
				if i+1 == n || text[i+1] != '\n' {
					return cut, lines, false
				}
				i++
			case comment:
				size := bytes.IndexByte(text[i:], '\n')
				if size < 0 {
					size = n - i
				}
				i += size
			case opening:
				depth++
				i++
			case closing:
				if depth--; depth < 0 {
					return cut, lines, false
				}
				i++
			case backslash:
				if i++; i < n && text[i] != '\n' && text[i] != '\r' {
					i++
				}
			case quote:
				end, inside := quotedEnd(text, i+1)
				if end < 0 {
					return cut, lines, !last && end == unfinished
				}
				i, line = end, line+inside
			default:
				return cut, lines, false
			}
		}
	}
	if last && depth == 0 {
		return n, line, true
	}
	return cut, lines, !last
}

// What quotedEnd gives in place of an end.
const (
	unclosed   = -1
	unfinished = -2
)

// quotedEnd finds the byte behind the quote that closes a string, and how many
// lines end inside the string.
func quotedEnd(text []byte, i int) (end, lines int) {
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i + 1, lines
		case '\n', 0:
			return unclosed, lines
		case '\\':
			if i++; i < len(text) && text[i] == '\n' {
				lines++
			} else if i < len(text) && text[i] == 0 {
				return unclosed, lines
			}
		}
	}
	return unfinished, lines
}
