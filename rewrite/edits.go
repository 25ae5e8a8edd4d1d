package rewrite

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
// is, byte for byte.
type Edits struct {
	list []edit
}

// edit replaces the bytes [start, end) by text; start == end inserts.
type edit struct {
	start, end int
	text       string
}

// Replace queues a change of the bytes [start, end).
func (e *Edits) Replace(start, end int, text string) {
	e.list = append(e.list, edit{start, end, text})
}

// Len counts the queued changes.
func (e *Edits) Len() int { return len(e.list) }

// settle puts the changes in order and drops what is said twice. Errors:
// ErrOverlap, and offsets outside a text of that size.
func (e *Edits) settle(size int) error {
	slices.SortStableFunc(e.list, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	e.list = slices.Compact(e.list)
	at := 0
	for _, ed := range e.list {
		if ed.start < at || ed.end < ed.start || ed.end > size {
			return fmt.Errorf("bytes %d to %d: %w", ed.start, ed.end, ErrOverlap)
		}
		at = ed.end
	}
	return nil
}

// writeTo writes the changed text; the changes are settled. Errors: those of w.
func (e *Edits) writeTo(w io.Writer, text string) (int64, error) {
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
// ErrOverlap, and offsets outside the text.
func (e *Edits) Apply(text string) (string, error) {
	if err := e.settle(len(text)); err != nil {
		return "", err
	}
	var b strings.Builder
	_, err := e.writeTo(&b, text)
	return b.String(), err
}
