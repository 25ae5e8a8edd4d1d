package command

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"named-jail/parser"
)

// confReader has configuration text that others than root can write taken apart by a
// process without root's rights: parser.Apart. It is a reader's process, but not the one
// that judges the zones; it is started when the first such file is met.
type confReader struct {
	r *reader

	mu    sync.Mutex
	used  bool
	texts map[string]*confText
	sent  int // texts that were sent, or begun
	in    frameReader
	err   error
}

// askTime bounds how long a question may take.
const askTime = time.Minute

// piece is how much of a text goes into a frame.
const piece = 1 << 20

// newConfReader makes one, nil where this process has no rights that could be given up.
func newConfReader() *confReader {
	r := newReader()
	if r == nil {
		return nil
	}
	return &confReader{r: r, texts: map[string]*confText{}}
}

// text takes a text, nil where there is no such process; it is started if need be.
func (c *confReader) text(text string) *confText {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used = true
	if c.r.begin(); c.r.without != "" {
		return nil
	}
	t := c.texts[text] // a configuration is read more than once
	if t == nil {
		t = &confText{c: c, text: text}
		c.texts[text] = t
	}
	return t
}

// close ends it, if it was begun.
func (c *confReader) close() {
	if c == nil {
		return
	}
	c.r.close()
}

// said tells how such text was read, "" when there was none.
func (c *confReader) said() string {
	switch {
	case c == nil || !c.used:
		return ""
	case c.r.without != "":
		return "configuration that others can write was read with root's rights: a process without them cannot be had here: " + c.r.without
	}
	return "configuration that others can write was taken apart by a process without root's rights: " + c.r.gaveUp
}

// ask has a question about a text answered. After a failure there are no more answers.
// Errors: what became of the process.
func (c *confReader) ask(t *confText, question []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	answer, err := c.exchange(t, question)
	if err == nil {
		return answer, nil
	}
	c.r.stop()
	if c.err = c.r.why(err); errors.Is(err, os.ErrDeadlineExceeded) {
		c.err = fmt.Errorf("it did not answer in %v", askTime)
	}
	return nil, c.err
}

func (c *confReader) exchange(t *confText, question []byte) ([]byte, error) {
	if err := c.r.conn.SetDeadline(time.Now().Add(askTime)); err != nil {
		return nil, err
	}
	if t.sent == 0 {
		t.n = c.sent
		c.sent++
	}
	for t.sent < len(t.text) {
		end := min(t.sent+piece, len(t.text))
		b := binary.AppendUvarint(newFrame(frameText, end-t.sent+16), uint64(t.n))
		if err := sendFrame(c.r.conn, append(b, t.text[t.sent:end]...), nil); err != nil {
			return nil, err
		}
		t.sent = end
	}
	b := binary.AppendUvarint(newFrame(frameAsk, 64), uint64(t.n))
	if err := sendFrame(c.r.conn, append(b, question...), nil); err != nil {
		return nil, err
	}
	c.in.conn = c.r.conn
	what, w, err := c.in.next()
	switch {
	case err != nil:
		return nil, err
	case what != frameTold:
		return nil, errFrame
	}
	return slices.Clone(w.b), nil
}

// confText is a text of a confReader.
type confText struct {
	c    *confReader
	n    int // its number, in the order in which they are sent
	text string
	sent int // bytes of it
}

// Ask is that of parser.Apart.
func (t *confText) Ask(question []byte) ([]byte, error) { return t.c.ask(t, question) }

// Apart says whether text that was read is others' word: that of a file which others than
// root can write, or which was not read from a file, as a database of zones. A list of
// access shows as rights of the group.
func (s source) Apart(p, text string) parser.Apart {
	if s.conf == nil || s.owners.onlyRoots(p) {
		return nil
	}
	if t := s.conf.text(text); t != nil {
		return t
	}
	return nil
}

// texts answers questions about texts, until something else is sent: then it gives that.
// Errors: those of the socket; errFrame.
func (c *child) texts() (frame, wire, error) {
	var parts [][]byte
	var whole []string
	for {
		what, w, err := c.in.next()
		if err != nil || what != frameText && what != frameAsk {
			return what, w, err
		}
		n := w.number(1 << 31)
		switch {
		case w.bad || n > len(parts) || n == len(parts) && what == frameAsk:
			return 0, w, errFrame
		case n == len(parts):
			parts, whole = append(parts, nil), append(whole, "")
		}
		if what == frameText {
			parts[n] = append(parts[n], w.b...)
			continue
		}
		if parts[n] != nil {
			whole[n], parts[n] = string(parts[n]), nil
		}
		answer, err := parser.Answer(whole[n], w.b)
		if err != nil {
			return 0, w, errFrame
		}
		c.send(append(newFrame(frameTold, len(answer)), answer...))
	}
}
