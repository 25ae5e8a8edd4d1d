package command

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"named-jail/launcher"
)

// visible lists the commands that help tells of.
func visible(root *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(root.Commands()), func(c *cobra.Command) bool { return c.Hidden })
}

// TestFirstScreen holds the help without a command to a terminal of 80 columns
// and 24 lines, of which the last one is the next prompt's.
func TestFirstScreen(t *testing.T) {
	root := newRoot()
	var out bytes.Buffer
	printHelp(&out, root)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) > 23 {
		t.Errorf("%d lines, so that a terminal of 24 loses the first:\n%s", len(lines), out.String())
	}
	for _, line := range lines {
		if len([]rune(line)) > helpWidth {
			t.Errorf("wider than %d columns: %s", helpWidth, line)
		}
	}
	for _, c := range visible(root) {
		if !strings.Contains(out.String(), " "+c.Name()+" ") && !strings.Contains(out.String(), " "+c.Name()+",") {
			t.Errorf("the command %s is not told", c.Name())
		}
		if !slices.ContainsFunc(groups, func(g struct{ id, title string }) bool { return g.id == c.GroupID }) {
			t.Errorf("the command %s is in no group", c.Name())
		}
	}
}

// TestHelp holds the help of each command to 80 columns, with all its flags and
// two examples that the command line takes.
func TestHelp(t *testing.T) {
	root := newRoot()
	var flags bytes.Buffer
	printFlagsTopic(&flags, root)
	for _, c := range visible(root) {
		var out bytes.Buffer
		printHelp(&out, c)
		for line := range strings.SplitSeq(out.String()+flags.String(), "\n") {
			if len([]rune(line)) > helpWidth {
				t.Errorf("%s: wider than %d columns: %s", c.Name(), helpWidth, line)
			}
		}
		for _, name := range flagNames(c) {
			if !strings.Contains(out.String(), " --"+name) {
				t.Errorf("%s: --%s is not told", c.Name(), name)
			}
		}
		examples := exampleLines(c.Example)
		if len(examples) < 2 {
			t.Errorf("%s has %d examples", c.Name(), len(examples))
		}
		for _, words := range examples {
			if err := understood(words); err != nil {
				t.Errorf("%s: the example %q: %v", c.Name(), words, err)
			}
		}
	}
	for _, wrong := range []string{"named-jail check --no-such-flag", "named-jail no-such-command", "named-jail -t /j --copy", "named-jail plan word"} {
		if understood(strings.Fields(wrong)) == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

// TestReadme has the command line take what README.md and the pages of docs/ show.
func TestReadme(t *testing.T) {
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(text), "\n") {
			if line = strings.TrimPrefix(line, "    "); !strings.HasPrefix(line, "named-jail ") {
				continue
			}
			for _, words := range exampleLines(line) {
				if err := understood(words); err != nil {
					t.Errorf("%s: %q: %v", page, line, err)
				}
			}
		}
	}
}

// flagNames lists the flags that a command has of its own.
func flagNames(c *cobra.Command) []string {
	var names []string
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && f.Name != "help" {
			names = append(names, f.Name)
		}
	})
	return names
}

// exampleLines gives the words of each line that calls named-jail.
func exampleLines(text string) [][]string {
	var list [][]string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.NewReplacer("<(", "", ")", "", "$ ", "").Replace(line)
		words := shellWords(line)
		at := slices.Index(words, "named-jail")
		if at < 0 {
			continue
		}
		words = words[at:]
		if end := slices.IndexFunc(words, func(w string) bool { return slices.Contains([]string{"|", "||", "&&", ">", ";", "&"}, w) }); end > 0 {
			words = words[:end]
		}
		list = append(list, words)
	}
	return list
}

// understood tells whether the command line takes the words, as dispatch reads
// them. Nothing is run.
func understood(words []string) error {
	words = words[1:]
	if len(words) > 0 && strings.HasPrefix(words[0], "-") && !ours[words[0]] {
		words = append([]string{"run"}, words...)
	}
	root := newRoot()
	c, args, err := root.Find(words)
	switch {
	case err != nil:
		return err
	case c == root && len(args) > 0 && !ours[args[0]]:
		return errors.New("there is no such command")
	case c.Name() == "run":
		own, named := launcher.SplitOwn(args)
		if _, err := ownFlags(own); err != nil {
			return err
		}
		_, err := launcher.ParseArgs(launcher.AssumedBuild(launcher.DefaultVersion), named, func(string) bool { return true })
		return err
	}
	if err := c.ParseFlags(args); err != nil {
		return err
	}
	return c.ValidateArgs(c.Flags().Args())
}
