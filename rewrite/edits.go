package rewrite

import (
	"errors"
	"fmt"
	"sort"
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

// Apply gives the changed text. The same change twice counts once. Errors:
// ErrOverlap, and offsets outside the text.
func (e *Edits) Apply(text string) (string, error) {
	sort.SliceStable(e.list, func(i, j int) bool { return e.list[i].start < e.list[j].start })
	var b strings.Builder
	b.Grow(len(text) + 16*len(e.list))
	at := 0
	for i, ed := range e.list {
		if i > 0 && ed == e.list[i-1] {
			continue
		}
		if ed.start < at || ed.end < ed.start || ed.end > len(text) {
			return "", fmt.Errorf("bytes %d to %d: %w", ed.start, ed.end, ErrOverlap)
		}
		b.WriteString(text[at:ed.start])
		b.WriteString(ed.text)
		at = ed.end
	}
	b.WriteString(text[at:])
	return b.String(), nil
}
