package command

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// shells is the table of shells that completion has a script for.
var shells = []struct {
	word, name string
	write      func(root *cobra.Command, w io.Writer) error
}{
	{"bash", "bash, with the package bash-completion", func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) }},
	{"zsh", "zsh", (*cobra.Command).GenZshCompletion},
	{"fish", "fish", func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) }},
}

// completing makes the commands ready for a shell that asks to complete a line, and
// gives its words. A line that stands in named's place is one of run, which takes none
// of the flags that all other commands have.
func completing(root *cobra.Command, words []string) []string {
	if len(words) < 2 || words[0] != cobra.ShellCompRequestCmd && words[0] != cobra.ShellCompNoDescRequestCmd {
		return words
	}
	if strings.HasPrefix(words[1], "-") {
		words = slices.Insert(slices.Clone(words), 1, "run")
	}
	for _, c := range append([]*cobra.Command{root}, root.Commands()...) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			f.Usage = strings.ReplaceAll(f.Usage, "`", "") // which mark the name of the value
			f.Hidden = f.Hidden || words[1] == "run"
		})
	}
	return words
}

func completionCommand() *cobra.Command {
	var words []string
	for _, s := range shells {
		words = append(words, s.word)
	}
	return &cobra.Command{Use: "completion " + strings.Join(words, "|"), GroupID: "other", Annotations: apart, Short: "print the script that completes words for a shell",
		Long: `Print the script by which a shell completes the words of named-jail: commands, flags,
zones of the configuration, jails, accounts, codes. The packages put it into its place; by
hand that is where the shell looks:

= bash
/usr/share/bash-completion/completions/named-jail

= zsh
/usr/local/share/zsh/site-functions/_named-jail

= fish
/usr/share/fish/vendor_completions.d/named-jail.fish`,
		Example: "  source <(named-jail completion bash)   # in this shell alone\n  named-jail completion fish > ~/.config/fish/completions/named-jail.fish",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{"completion: name one shell: " + strings.Join(words, ", ")}
			}
			for _, s := range shells {
				if s.word == args[0] {
					return s.write(cmd.Root(), cmd.OutOrStdout())
				}
			}
			return usageError{fmt.Sprintf("completion: there is none for %q; the shells are %s", args[0], strings.Join(words, ", "))}
		}}
}
