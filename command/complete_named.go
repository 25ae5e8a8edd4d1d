package command

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"named-jail/launcher"
)

// valueCompleters are those for the values of named's flags, by kind.
var valueCompleters = map[launcher.Kind]completer{
	launcher.Chroot: jails, launcher.User: users, launcher.Group: groupWords, launcher.Config: confFiles, launcher.WorkingDirectory: directories,
}

// runWords completes the words of run: named-jail's own flags while there are no
// others before, and the flags of named with their values.
func runWords(a *asking) ([]string, cobra.ShellCompDirective) {
	own, named := launcher.SplitOwn(a.words)
	if len(named) > 0 || len(own) > 0 && a.words[len(a.words)-1] == "--" {
		return a.namedFlags(named)
	}
	if strings.HasPrefix(a.word, "--") && strings.Contains(a.word, "=") {
		return nil, anyFile // --named=FILE
	}
	var list []string
	new(runFlags).set().VisitAll(func(f *pflag.Flag) {
		word := "--" + f.Name
		if f.Value.Type() != "bool" {
			word += "="
		}
		if strings.HasPrefix(word, a.word) {
			_, text := pflag.UnquoteUsage(f)
			list = append(list, word+"\t"+text)
		}
	})
	if len(list) == 1 && strings.Contains(list[0], "=\t") {
		return list, partWords
	}
	more, _ := a.namedFlags(nil)
	return append(more, list...), inOrder
}

// namedFlags completes a flag of named, or the value of the flag before the word.
func (a *asking) namedFlags(before []string) ([]string, cobra.ShellCompDirective) {
	s := a.system()
	if s == nil {
		return nil, theseWords
	}
	defer s.close()
	if len(before) > 0 {
		last := before[len(before)-1]
		if strings.HasPrefix(last, "-") && len(last) > 1 {
			if f, ok := launcher.LookupFlag(last[len(last)-1], s.build.Family, s.build.Version); ok && f.Arg {
				if words := valueCompleters[f.Kind]; words != nil {
					return words(a)
				}
				return f.Words, theseWords
			}
		}
	}
	var list []string
	for _, f := range launcher.Flags(s.build.Family, s.build.Version) {
		if word := "-" + string(rune(f.Letter)); strings.HasPrefix(word, a.word) && f.Kind != launcher.Refused && f.Letter != '?' {
			list = append(list, word+"\t"+f.Meaning)
		}
	}
	return list, theseWords
}
