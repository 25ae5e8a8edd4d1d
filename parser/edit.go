package parser

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ErrOverlap says that two edits want the same bytes.
var ErrOverlap = errors.New("two changes want the same bytes")

// Edits are changes to one text by byte offset. What no edit names stays as it
// is, byte for byte. The zero value has no changes.
type Edits struct {
	list []edit
}

// edit replaces the bytes [start, end) by text; start == end inserts.
type edit struct {
	start, end int
	text       string
}

// Replace queues a change of the bytes [start, end); start == end inserts.
// Offsets are those of the old text, whatever else is queued.
func (e *Edits) Replace(start, end int, text string) {
	e.list = append(e.list, edit{start, end, text})
}

// Len counts the queued changes.
func (e *Edits) Len() int { return len(e.list) }

// Settle puts the changes in order and drops what is said twice. size is the
// length of the text in bytes. Errors: ErrOverlap, and another one for offsets
// outside the text.
func (e *Edits) Settle(size int) error {
	slices.SortStableFunc(e.list, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) // inserts first
	})
	e.list = slices.Compact(e.list)
	at := 0
	for _, ed := range e.list {
		switch {
		case ed.start < 0 || ed.end < ed.start || ed.end > size:
			return fmt.Errorf("bytes %d to %d are not in a text of %d bytes", ed.start, ed.end, size)
		case ed.start < at:
			return fmt.Errorf("bytes %d to %d: %w", ed.start, ed.end, ErrOverlap)
		}
		at = ed.end
	}
	return nil
}

// Write writes the changed text without holding it as a whole. Settle must
// have gone well. Errors: those of w.
func (e *Edits) Write(w io.Writer, text string) (int64, error) {
	out := bufio.NewWriterSize(w, 64<<10)
	at, n := 0, 0
	for _, ed := range e.list {
		n += ed.start - at + len(ed.text)
		out.WriteString(text[at:ed.start])
		out.WriteString(ed.text)
		at = ed.end
	}
	out.WriteString(text[at:])
	return int64(n + len(text) - at), out.Flush()
}

// Apply gives the changed text. The same change twice counts once. Errors:
// those of Settle.
func (e *Edits) Apply(text string) (string, error) {
	if err := e.Settle(len(text)); err != nil {
		return "", err
	}
	var b strings.Builder
	_, err := e.Write(&b, text)
	return b.String(), err
}

// Changes are the edits of a configuration, file by file. The zero value has
// none. Nothing is written to a disk: Text gives what a file is to hold.
type Changes struct {
	files map[*File]*Edits
}

// Replace queues new text for the bytes of a span.
func (c *Changes) Replace(at Span, text string) {
	if c.files == nil {
		c.files = map[*File]*Edits{}
	}
	if c.files[at.File] == nil {
		c.files[at.File] = &Edits{}
	}
	c.files[at.File].Replace(int(at.Start), int(at.End), text)
}

// InsertBefore queues text in front of a span, InsertAfter behind it.
func (c *Changes) InsertBefore(at Span, text string) {
	c.Replace(Span{at.File, at.Start, at.Start}, text)
}

// InsertAfter queues text behind a span.
func (c *Changes) InsertAfter(at Span, text string) { c.Replace(Span{at.File, at.End, at.End}, text) }

// SetText queues another value for a word or string, in quotes. Errors: a term
// that is neither, and a value that named.conf cannot hold (see Quote).
func (c *Changes) SetText(t *Term, value string) error {
	quoted, ok := Quote(value)
	switch {
	case t == nil || !t.IsText():
		return errors.New("there is no word or string to change")
	case !ok:
		return fmt.Errorf("%q cannot be written in named.conf", value)
	}
	c.Replace(t.Span(), quoted)
	return nil
}

// Of gives the edits of a file, nil when it has none.
func (c *Changes) Of(f *File) *Edits { return c.files[f] }

// Text gives the new text of a file, the old one where nothing changes.
// Errors: ErrOverlap.
func (c *Changes) Text(f *File) (string, error) {
	e := c.files[f]
	if e == nil {
		return f.Text, nil
	}
	text, err := e.Apply(f.Text)
	if err != nil {
		err = fmt.Errorf("%s: %w", f.Name, err)
	}
	return text, err
}
