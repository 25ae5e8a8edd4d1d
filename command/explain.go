package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"named-jail/parser"
)

func explainCommand() *cobra.Command {
	return &cobra.Command{Use: "explain [CODE]", GroupID: "look", Short: "say what the code of a message means",
		Long:    "Print what a code such as NJ311 means, why named cares and what to do, with an example. Without a code: all of them.",
		Example: "  named-jail explain NJ311\n  named-jail explain",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return noOperands(cmd, args[1:])
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
			var list []string
			for _, c := range parser.Codes() {
				if info, _ := parser.LookupCode(c); len(args) == 0 && strings.HasPrefix(string(c), strings.ToUpper(prefix)) {
					list = append(list, string(c)+"\t"+info.Title)
				}
			}
			return list, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return explain(cmd.OutOrStdout(), parser.Code(strings.ToUpper(args[0])))
			}
			for _, c := range parser.Codes() {
				info, _ := parser.LookupCode(c)
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s  %-7s  %s\n", c, info.Severity, info.Title); err != nil {
					return err
				}
			}
			return nil
		}}
}

// explain prints one code. Errors: an unknown code; those of w.
func explain(w io.Writer, c parser.Code) error {
	info, ok := parser.LookupCode(c)
	e, _ := parser.Explain(c)
	if !ok {
		return usageError{fmt.Sprintf("explain: there is no code %q; `named-jail explain` lists them", string(c))}
	}
	text := fmt.Sprintf("%s (%s): %s\n\n%s\n", c, info.Severity, info.Title, wrap(e.Text, 76))
	if info.Remedy != "" {
		text += "\n" + wrap(info.Remedy, 76) + "\n"
	}
	_, err := fmt.Fprintf(w, "%s\nExample:\n    %s\n", text, e.Example)
	return err
}

// wrap breaks a text at blanks into lines of at most width characters.
func wrap(text string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		if column > 0 && column+1+len(word) > width {
			b.WriteByte('\n')
			column = 0
		} else if column > 0 {
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
