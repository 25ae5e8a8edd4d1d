package command

import (
	"os"
	"strings"

	"golang.org/x/term"
)

// screen is what a stream of ours is shown on. The zero screen is a pipe or a
// file: text goes out as it is, one line for each thing, because scripts read it.
type screen struct {
	width int  // in cells; 0: it is no terminal, and no line is broken
	color bool // colours are wanted
	moves bool // the cursor can be moved, so that a line can be drawn again
}

// Bounds of the width that text is laid out for: narrower terminals break lines
// themselves, and nobody reads wider paragraphs.
const (
	minWidth     = 20
	defaultWidth = 80
)

// newScreen looks at a stream. color is the word of --color.
func newScreen(f *os.File, color string) screen {
	var s screen
	kind := os.Getenv("TERM") // not set: nothing is known of it
	if dumb := kind == "" || kind == "dumb"; isTerminal(f) {
		s.width = widthOf(f)
		s.moves = !dumb
		s.color = !dumb && os.Getenv("NO_COLOR") == ""
	}
	switch color {
	case "always":
		s.color = true
	case "never":
		s.color = false
	}
	return s
}

// widthOf asks the terminal. A serial console does not know how wide it is.
func widthOf(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		width = defaultWidth
	}
	return max(width, minWidth)
}

// isTerminal tells whether a file is a terminal.
func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// Colours, by what they say.
const (
	red    = "31" // it is wrong, or it goes away
	yellow = "33" // look at it: something that is there changes
	green  = "32" // something new, and all is well
	cyan   = "36" // where in a text
	bold   = "1"
	faint  = "2"
)

// paint colours a text where colours are wanted.
func (s screen) paint(color, text string) string {
	if !s.color || text == "" || color == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// glyphs are the characters beyond letters that the output is drawn with.
type glyphs struct {
	middle, last, through string // the lines of a tree
	more                  string // something is left out
}

var (
	unicodeGlyphs = glyphs{"├── ", "└── ", "│   ", "…"}
	asciiGlyphs   = glyphs{"|-- ", "`-- ", "|   ", "..."}
)

// localeGlyphs gives those that the locale can show. The first variable that is
// set decides, and without any the locale is C.
func localeGlyphs() glyphs {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToUpper(os.Getenv(name)); locale != "" {
			if strings.Contains(locale, "UTF-8") || strings.Contains(locale, "UTF8") {
				return unicodeGlyphs
			}
			break
		}
	}
	return asciiGlyphs
}
