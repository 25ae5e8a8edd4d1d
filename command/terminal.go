package command

import (
	"os"

	"golang.org/x/term"
)

// isTerminal tells whether a file is a terminal.
func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// paint gives the functions that colour text, which do nothing where colours
// are not wanted: --color, NO_COLOR, dumb terminals and pipes decide.
func (p printer) paint() func(color, text string) string {
	on := false
	switch p.flags.color {
	case "always":
		on = true
	case "auto", "":
		_, no := os.LookupEnv("NO_COLOR")
		on = !no && os.Getenv("TERM") != "dumb" && isTerminal(os.Stdout)
	}
	return func(color, text string) string {
		if !on || text == "" {
			return text
		}
		return "\x1b[" + color + "m" + text + "\x1b[0m"
	}
}

// The colours of the plan: what is made, what is moved, what goes away.
const (
	green  = "32"
	yellow = "33"
	red    = "31"
	faint  = "2"
	bold   = "1"
)
