package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is how wide help is: it fits a terminal of 80 columns.
const helpWidth = 79

// flagsTopic is the word for the help on the flags that all commands have.
const flagsTopic = "flags"

// helpCommand prints the help of another command.
func helpCommand() *cobra.Command {
	return &cobra.Command{Use: "help [COMMAND | flags]", GroupID: "other", Annotations: apart, Short: "the help of a command, or of the flags that all have",
		Long:    "Print the help of a command. The word flags tells the flags that all commands have. The manual pages say more: man named-jail, man named-jail-COMMAND.",
		Example: "  named-jail help apply\n  named-jail help flags",
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			switch {
			case len(args) == 0:
				printHelp(out, cmd.Root())
				return nil
			case len(args) > 1:
				return noOperands(cmd, args[1:])
			case args[0] == flagsTopic:
				printFlagsTopic(out, cmd.Root())
				return nil
			}
			for _, c := range cmd.Root().Commands() {
				if c.Name() == args[0] {
					printHelp(out, c)
					return nil
				}
			}
			return unknownCommand(cmd.Root(), args[0])
		}}
}

// printHelp prints the help of a command, or of the program.
func printHelp(w io.Writer, c *cobra.Command) {
	if !c.HasParent() {
		printCommands(w, c)
		return
	}
	fmt.Fprintf(w, "Usage: %s\n\n", usageLine(c))
	printProse(w, c.Long)
	fmt.Fprintf(w, "\nExamples:\n%s\n", c.Example)
	if c.LocalFlags().HasAvailableFlags() {
		fmt.Fprintf(w, "\nFlags:\n%s", c.LocalFlags().FlagUsagesWrapped(helpWidth))
	}
	if takesCommon(c) {
		fmt.Fprintf(w, "\nFlags of all commands (named-jail help %s says more):\n%s\n", flagsTopic, indented(flagList(c.Root().PersistentFlags()), "  "))
	}
}

// apart marks the commands to which the flags of all commands mean nothing.
var apart = map[string]string{"flags": "own"}

// takesCommon tells whether the flags of all commands mean something to a command.
func takesCommon(c *cobra.Command) bool { return !c.DisableFlagParsing && c.Annotations["flags"] == "" }

// printCommands prints the first screen: what there is, by what the user wants.
func printCommands(w io.Writer, root *cobra.Command) {
	fmt.Fprintf(w, "%s\n%s    stands where named stood\n", root.Long, root.Example)
	var others []string
	for _, g := range groups {
		if g.id != "other" {
			fmt.Fprintf(w, "\n%s:\n", g.title)
		}
		for _, c := range root.Commands() {
			switch {
			case c.GroupID != g.id || c.Hidden:
			case g.id == "other":
				others = append(others, c.Name())
			default:
				fmt.Fprintf(w, "  %-9s %s\n", c.Name(), c.Short)
			}
		}
	}
	fmt.Fprintf(w, "\nEverything else: %s COMMAND; man named-jail\n", strings.Join(others, ", "))
	fmt.Fprintf(w, "Flags of most: -t JAIL, -u USER, -c FILE, --json, -q (named-jail help %s)\n", flagsTopic)
}

// printFlagsTopic prints the flags that all commands have.
func printFlagsTopic(w io.Writer, root *cobra.Command) {
	fmt.Fprintf(w, "Flags of all commands but run, which takes those of named:\n\n%s\n", root.PersistentFlags().FlagUsagesWrapped(helpWidth))
	fmt.Fprintf(w, "Examples:\n  named-jail check -t /srv/named -u named\n  named-jail plan --root /mnt/image --bind-version 9.20\n")
}

// printProse prints a text, wrapped.
func printProse(w io.Writer, text string) {
	before := item
	for i, b := range prose(text) {
		if i > 0 && (b.kind != item || before != item) {
			fmt.Fprintln(w)
		}
		before = b.kind
		switch b.kind {
		case literal:
			fmt.Fprintln(w, indented(b.text, "    "))
		case item:
			fmt.Fprintf(w, "  %s\n%s\n", b.term, indented(wrap(b.text, helpWidth-6), "      "))
		default:
			fmt.Fprintln(w, wrap(b.text, helpWidth))
		}
	}
}

// indented puts a lead before each line.
func indented(text, lead string) string {
	return lead + strings.ReplaceAll(text, "\n", "\n"+lead)
}

// usageLine is the command as it is typed.
func usageLine(c *cobra.Command) string {
	name, operands, _ := strings.Cut(c.Use, " ")
	line := c.Root().Name() + " " + name
	if takesCommon(c) || c.LocalFlags().HasAvailableFlags() && !c.DisableFlagParsing {
		line += " [FLAGS]"
	}
	return strings.TrimSpace(line + " " + operands)
}

// flagList is the flags in a few lines, without what they do. A flag and its
// value stay on one line.
func flagList(set *pflag.FlagSet) string {
	var b strings.Builder
	column := 0
	set.VisitAll(func(f *pflag.Flag) {
		word := shortFlag(f)
		switch {
		case f.Hidden || f.Name == "help":
			return
		case column == 0:
		case column+len(word)+4 > helpWidth:
			b.WriteString(",\n")
			column = 0
		default:
			b.WriteString(", ")
		}
		b.WriteString(word)
		column += len(word) + 2
	})
	return b.String()
}

// shortFlag is a flag as it is mostly typed: "-t JAIL", "--root DIR".
func shortFlag(f *pflag.Flag) string {
	word := "--" + f.Name
	if f.Shorthand != "" {
		word = "-" + f.Shorthand
	}
	if value, _ := pflag.UnquoteUsage(f); value != "" {
		word += " " + value
	}
	return word
}

// longFlag is a flag with two dashes and its value: "--named=FILE".
func longFlag(f *pflag.Flag) string {
	word := "--" + f.Name
	if value, _ := pflag.UnquoteUsage(f); value != "" {
		word += "=" + value
	}
	return word
}
