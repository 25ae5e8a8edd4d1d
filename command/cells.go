package command

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Text on a screen is measured in cells: a Chinese character takes two, an
// accent that combines none, and an escape sequence that colours none.

// cells counts those of a text, colours left out.
func cells(text string) int {
	if singleCells(text) {
		return len(text)
	}
	return uniseg.StringWidth(uncolored(text))
}

// singleCells tells whether each byte of a text is one cell.
func singleCells(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] < 0x20 || text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// uncolored takes our colours out of a text.
func uncolored(text string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "\x1b[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, text, _ = strings.Cut(after, "m")
	}
}

// padded fills up with blanks to a width in cells.
func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-cells(text)))
}

// fill breaks a text at blanks into lines of at most width cells, the first of
// which has taken cells already. Words are never broken, because paths and
// command lines are copied from the screen. Width 0: one line.
func fill(text string, taken, width int, hang string) string {
	if width <= 0 {
		return text
	}
	var b strings.Builder
	column, begun := taken, false
	for _, word := range unbroken(text) {
		n := cells(word)
		switch {
		case begun && column+1+n > width:
			b.WriteString("\n" + hang)
			column = cells(hang)
		case begun:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column, begun = column+n, true
	}
	return b.String()
}

// unbroken gives the words of a text. A command line is one of them: what stands
// between two backquotes, and what follows a colon, begins with the name of a program
// and goes on to the end of the sentence.
func unbroken(text string) []string {
	var words []string
	quoted, command := false, false
	for _, word := range strings.Fields(text) {
		begins := len(words) > 0 && strings.HasSuffix(words[len(words)-1], ":") && slices.Contains(programs, word)
		if quoted || command {
			words[len(words)-1] += " " + word
		} else {
			words = append(words, word)
		}
		command = (command || begins) && !strings.ContainsAny(word[len(word)-1:], ".;,)")
		if strings.Count(word, "`")%2 == 1 {
			quoted = !quoted
		}
	}
	return words
}

// programs are those that advice names after a colon.
var programs = []string{"named-jail", "rndc", "systemctl", "chmod", "chown", "mkdir", "install", "mount", "usermod", "useradd", "pw", "kill",
	"namei", "named-checkconf", "named-checkzone", "dnssec-settime", "dnssec-dsfromkey"}

// window cuts a line of text to width cells around the byte at, and says how
// many cells lie before that byte then. Tabs are spread out. What is cut off
// shows as more.
func window(line string, at, width int, more string) (string, int) {
	var parts []string // one a character
	var sizes []int
	total, before, marked := 0, 0, 0
	for i, state, rest := 0, -1, line; len(rest) > 0; {
		var c string
		var n int
		c, rest, n, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if c == "\t" {
			n = tabWidth - total%tabWidth
			c = strings.Repeat(" ", n)
			i++
		} else {
			i += len(c)
		}
		parts, sizes = append(parts, c), append(sizes, n)
		total += n
		if i <= at {
			before, marked = total, len(parts)
		}
	}
	if total <= width {
		return strings.Join(parts, ""), before
	}
	// Two thirds of the room go to what stands before the mark.
	room := max(width-2*cells(more), 1)
	first := marked
	for used := 0; first > 0 && used+sizes[first-1] <= room*2/3; first-- {
		used += sizes[first-1]
	}
	if first == 0 {
		room += cells(more) // nothing is cut off there
	}
	end, used := first, 0
	for ; end < len(parts) && used+sizes[end] <= room; end++ {
		used += sizes[end]
	}
	if end == len(parts) {
		room += cells(more)
	}
	for ; first > 0 && used+sizes[first-1] <= room; first-- { // little stands behind it
		used += sizes[first-1]
	}
	lead, tail := "", ""
	if first > 0 {
		lead = more
	}
	if end < len(parts) {
		tail = more
	}
	column := cells(lead)
	for _, n := range sizes[first:marked] {
		column += n
	}
	return lead + strings.Join(parts[first:end], "") + tail, column
}

// tabWidth is how far apart the stops of a terminal are.
const tabWidth = 8
