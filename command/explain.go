package command

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"named-jail/parser"
)

func explainCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{Use: "explain [CODE]", GroupID: "look", Annotations: apart, Short: "what the code of a message means",
		Long:    "Print what a code such as NJ311 means, why named cares and what to do, with an example. Without a code: all of them.",
		Example: "  named-jail explain NJ311\n  named-jail explain",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return noOperands(cmd, args[1:])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case asJSON:
				return explainDocuments(printer{out: cmd.OutOrStdout()}, strings.Join(args, ""))
			case len(args) == 1:
				return explain(cmd.OutOrStdout(), args[0])
			}
			return listCodes(cmd.OutOrStdout())
		}}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document on standard output")
	return c
}

// knownCode reads a code as people write it. Errors: there is no such code.
func knownCode(word string) (parser.Code, error) {
	c := parser.Code(strings.ToUpper(strings.Trim(word, "[]")))
	if _, ok := parser.LookupCode(c); !ok {
		return "", usageError{fmt.Sprintf("explain: there is no code %q; %s", word, nearCodes(string(c)))}
	}
	return c, nil
}

// listCodes prints all codes with their titles, by group. Errors: those of w.
func listCodes(w io.Writer) error {
	var b strings.Builder
	for i, g := range parser.Groups() {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(g.Title + ":\n")
		for _, c := range g.Codes() {
			info, _ := parser.LookupCode(c)
			fmt.Fprintf(&b, "  %s  %-7s  %s\n", c, info.Severity, info.Title)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// explain prints one code: paragraph, example, what to do. Errors: an unknown
// code; those of w.
func explain(w io.Writer, word string) error {
	c, err := knownCode(word)
	if err != nil {
		return err
	}
	info, _ := parser.LookupCode(c)
	e, _ := parser.Explain(c)
	width := textWidth
	if s := newScreen(os.Stdout, "never"); s.width > 0 {
		width = min(width, s.width)
	}
	_, err = fmt.Fprintf(w, "%s (%s): %s\n\n%s\n\nExample:\n\n%s\nWhat to do:\n\n%s\n", c, info.Severity, info.Title,
		wrap(e.Text, width), indent(e.Example), indent(wrap(info.Remedy, width-4)))
	return err
}

// textWidth is how wide paragraphs are.
const textWidth = 76

// maxNear is how many codes are named at most in place of an unknown one.
const maxNear = 6

// nearCodes says which codes an unknown word may stand for: those that one
// character makes of it, else those whose title has the word, else the group
// that it would belong to.
func nearCodes(word string) string {
	var typed, titled []string
	for _, c := range parser.Codes() {
		info, _ := parser.LookupCode(c)
		row := fmt.Sprintf("%s (%s)", c, info.Title)
		switch {
		case string(c) == "NJ"+word, oneApart(word, string(c)):
			typed = append(typed, row)
		case word != "" && strings.Contains(strings.ToUpper(info.Title), word):
			titled = append(titled, row)
		}
	}
	for _, list := range [][]string{typed, titled} {
		if len(list) > 0 && len(list) <= maxNear {
			return "did you mean " + strings.Join(list, " or ") + "?"
		}
	}
	for _, g := range parser.Groups() {
		if list := g.Codes(); strings.HasPrefix(word, string(g.Prefix)) {
			return fmt.Sprintf("those for %s are %s to %s; `named-jail explain` lists them", strings.ToLower(g.Title), list[0], list[len(list)-1])
		}
	}
	return "`named-jail explain` lists them"
}

// oneApart tells whether two words differ in one character that was changed,
// left out or put in.
func oneApart(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return a[i+1:] == b[i+1:]
	}
	return a[i:] == b[i+1:]
}

// indent puts four blanks before each line of a text, and ends the last one.
func indent(text string) string {
	return "    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n"
}

// wrap breaks a text at blanks into lines of at most width characters, however
// that takes a command line apart: it is for pages that are read.
func wrap(text string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		if column > 0 && column+1+n > width {
			b.WriteByte('\n')
			column = 0
		} else if column > 0 {
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
