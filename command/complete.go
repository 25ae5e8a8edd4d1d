package command

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
)

// asking is a shell that wants to complete a word: f holds what the flags before it
// say, words are the operands before it. Completing changes nothing, runs no other
// program, and says nothing of what is wrong.
type asking struct {
	f     *flags
	cmd   *cobra.Command
	words []string
	word  string
}

// completer gives the words that fit, each with a tab and what it is where there is
// something to say, and what the shell is to do beside.
type completer func(a *asking) ([]string, cobra.ShellCompDirective)

// What the shell is to do: take the words and no file names; put no blank behind
// them; complete file names itself.
const (
	theseWords = cobra.ShellCompDirectiveNoFileComp
	partWords  = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	inOrder    = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	anyFile    = cobra.ShellCompDirectiveDefault
)

// flagCompleters is the table of flags with a value, by name.
var flagCompleters = map[string]completer{
	"jail":          jails,
	"user":          users,
	"group":         groupWords,
	"conf":          confFiles,
	"root":          directories,
	"output":        directories,
	"named":         func(*asking) ([]string, cobra.ShellCompDirective) { return nil, anyFile },
	"bind-version":  func(*asking) ([]string, cobra.ShellCompDirective) { return parser.Branches(), inOrder },
	"color":         func(*asking) ([]string, cobra.ShellCompDirective) { return colors, inOrder },
	"max-errors":    fixed("1", "10", "100", "1000"),
	"expire-within": fixed("1d", "3d", "7d", "2w"),
	"older-than":    fixed("1d", "7d", "30d", "26w"),
	"for":           fixed("10s", "30s", "1m", "5m"),
	"run":           pastRuns,
}

// operandCompleters is the table of commands that take operands, by name.
var operandCompleters = map[string]completer{
	"check":      zoneWords,
	"explain":    codeWords,
	"service":    mannerChoices,
	"trace":      func(a *asking) ([]string, cobra.ShellCompDirective) { return a.namedFlags(a.words) },
	"run":        runWords,
	"help":       helpWords,
	"completion": shellNames,
}

// addCompletions gives all commands and flags their completers.
func addCompletions(root *cobra.Command, f *flags) {
	for _, c := range append([]*cobra.Command{root}, root.Commands()...) {
		words := operandCompleters[c.Name()]
		c.ValidArgsFunction = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if words == nil {
				return nil, theseWords
			}
			return words(&asking{f, cmd, args, word})
		}
		c.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			if words := flagCompleters[flag.Name]; words != nil {
				_ = c.RegisterFlagCompletionFunc(flag.Name, func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
					return words(&asking{f, cmd, args, word})
				})
			}
		})
	}
}

// fixed completes the same words always.
func fixed(words ...string) completer {
	return func(*asking) ([]string, cobra.ShellCompDirective) { return words, inOrder }
}

// offered tells whether a word can be shown and typed: what configuration, files
// and directories hold may be anything.
func offered(word string) bool {
	return word != "" && !strings.ContainsFunc(word, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// system finds the system that is meant, without running named: what it said that
// it is counts where it is remembered. nil: there is none.
func (a *asking) system() *system {
	host, err := jail.OpenHost(a.f.root)
	if err != nil {
		return nil
	}
	s := &system{flags: *a.f, host: host}
	if s.placeJail() != nil {
		s.close()
		return nil
	}
	version, _ := parser.ParseVersion(a.f.bindVersion)
	s.build = launcher.AssumedBuild(version)
	self, _ := launcher.Self()
	if program, err := launcher.Find(a.f.named, os.Getenv("NAMED_JAIL_NAMED"), self); err == nil {
		if known, ok := s.recallBuild(program); ok {
			s.build = known
		}
	}
	s.findConf()
	return s
}

// jails are those of which there is a memory, and directories.
func jails(a *asking) ([]string, cobra.ShellCompDirective) {
	host, err := jail.OpenHost(a.f.root)
	if err != nil {
		return nil, theseWords
	}
	defer host.Close()
	var list []string
	for _, p := range jail.Jails(host) {
		if strings.HasPrefix(p, a.word) && offered(p) {
			list = append(list, p+"\ta jail")
		}
	}
	if len(list) == 0 && host.Root() == "/" {
		return nil, cobra.ShellCompDirectiveFilterDirs // the shell knows better how to write them
	}
	return append(list, directoriesOf(host, a.word)...), partWords
}

// directoriesOf lists the directories that begin with a word.
func directoriesOf(host *jail.Host, word string) []string {
	dir := path.Dir(word)
	if strings.HasSuffix(word, "/") {
		dir = path.Clean(word)
	}
	names, err := host.ReadDir(dir)
	if err != nil || !path.IsAbs(word) {
		return nil
	}
	var list []string
	for _, name := range names {
		p := path.Join(dir, name)
		if info, err := host.Stat(p); err == nil && info.Kind == jail.DirectoryFile && strings.HasPrefix(p, word) && offered(p) {
			list = append(list, p+"/")
		}
	}
	return list
}

func directories(*asking) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// confFiles are the shell's to complete.
func confFiles(*asking) ([]string, cobra.ShellCompDirective) {
	return []string{"conf"}, cobra.ShellCompDirectiveFilterFileExt
}

// users are those that named can run as.
func users(a *asking) ([]string, cobra.ShellCompDirective) {
	host, err := jail.OpenHost(a.f.root)
	if err != nil {
		return nil, theseWords
	}
	defer host.Close()
	var list []string
	for _, account := range jail.Accounts(host) {
		if account.UID != 0 && strings.HasPrefix(account.Name, a.word) && offered(account.Name) {
			list = append(list, fmt.Sprintf("%s\tuser %d", account.Name, account.UID))
		}
	}
	return list, theseWords
}

func groupWords(a *asking) ([]string, cobra.ShellCompDirective) {
	host, err := jail.OpenHost(a.f.root)
	if err != nil {
		return nil, theseWords
	}
	defer host.Close()
	return slices.DeleteFunc(jail.GroupNames(host), func(name string) bool { return !strings.HasPrefix(name, a.word) || !offered(name) }), theseWords
}

// codeWords are the codes with their titles.
func codeWords(a *asking) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, c := range parser.Codes() {
		if info, _ := parser.LookupCode(c); len(a.words) == 0 && strings.HasPrefix(string(c), strings.ToUpper(a.word)) {
			list = append(list, string(c)+"\t"+info.Title)
		}
	}
	return list, theseWords
}

// mannerChoices are the words of service.
func mannerChoices(a *asking) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, m := range manners {
		if len(a.words) == 0 && strings.HasPrefix(m.word, a.word) {
			list = append(list, m.word+"\t"+m.name)
		}
	}
	return list, inOrder
}

func shellNames(a *asking) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, s := range shells {
		if len(a.words) == 0 && strings.HasPrefix(s.word, a.word) {
			list = append(list, s.word)
		}
	}
	return list, inOrder
}

// helpWords are the commands, and the topic.
func helpWords(a *asking) ([]string, cobra.ShellCompDirective) {
	if len(a.words) > 0 {
		return nil, theseWords
	}
	list := []string{flagsTopic + "\tthe flags that all commands have"}
	for _, c := range a.cmd.Root().Commands() {
		if !c.Hidden {
			list = append(list, c.Name()+"\t"+c.Short)
		}
	}
	return slices.DeleteFunc(list, func(word string) bool { return !strings.HasPrefix(word, a.word) }), theseWords
}

// pastRuns are the numbers of the runs, for those who may read the memory of the jail.
func pastRuns(a *asking) ([]string, cobra.ShellCompDirective) {
	s := a.system()
	if s == nil {
		return nil, theseWords
	}
	defer s.close()
	store, err := jail.OpenStore(s.host, s.jail, false)
	if err != nil {
		return nil, theseWords
	}
	defer store.Close()
	h, err := store.History()
	if err != nil {
		return nil, theseWords
	}
	var list []string
	for _, r := range h.Runs {
		if number := strconv.Itoa(r.Number()); strings.HasPrefix(number, a.word) {
			list = append(list, fmt.Sprintf("%s\t%s, %s", number, r.Time.Format(time.DateOnly), whatHappened(r)))
		}
	}
	return list, inOrder
}
