package command

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"named-jail/launcher"
	"named-jail/parser"
)

// codeOf gives the lines and spans of code of a page, each with its line.
func codeOf(text string) map[int][]string {
	code := map[int][]string{}
	fenced := false
	var prose strings.Builder
	for i, line := range strings.Split(text, "\n") {
		blank := ""
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "```"):
			fenced = !fenced
		case fenced || strings.HasPrefix(line, "    "):
			code[i+1] = append(code[i+1], strings.TrimSpace(line))
		default:
			blank = line
		}
		prose.WriteString(blank + "\n")
	}
	for _, at := range regexp.MustCompile("`[^`]+`").FindAllStringIndex(prose.String(), -1) {
		line := strings.Count(prose.String()[:at[0]], "\n") + 1
		code[line] = append(code[line], strings.Join(strings.Fields(strings.Trim(prose.String()[at[0]:at[1]], "`")), " "))
	}
	return code
}

// beginOfCommand is named-jail where a shell or a unit would start it,
// endOfCommand where its command line ends.
var (
	beginOfCommand = regexp.MustCompile(`(^|[;&|=] ?-?|\b(exec|sudo) |^setpriv .* )(/usr/local/sbin/)?named-jail `)
	endOfCommand   = regexp.MustCompile(`\s(#|\||\|\||&&|&|>)(\s|$)|;|2>|\)|\\n`)
)

// parses says what is wrong with a command line of named-jail, without running it.
func parses(words []string) error {
	if len(words) > 0 && (words[0] == "run" || strings.HasPrefix(words[0], "-") && !ours[words[0]]) {
		own, named := launcher.SplitOwn(words[map[bool]int{true: 1}[words[0] == "run"]:])
		if _, err := ownFlags(own); err != nil {
			return err
		}
		for i, w := range named { // a variable holds any flags
			if strings.HasPrefix(w, "$") {
				named = named[:i]
				break
			}
		}
		_, err := launcher.ParseArgs(launcher.AssumedBuild(parser.V(9, 18, 0)), named, func(string) bool { return true })
		return err
	}
	root := newRoot()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	cmd, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	if cmd == root && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		return unknownCommand(root, rest[0])
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	if cmd.Args == nil {
		return cobra.ArbitraryArgs(cmd, cmd.Flags().Args())
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// TestPageCommands shows that every command line of named-jail in the pages has
// words and flags that there are.
func TestPageCommands(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"../*.md", "../docs/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	seen := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for line, all := range codeOf(string(text)) {
			for _, c := range all {
				for _, at := range beginOfCommand.FindAllStringIndex(c, -1) {
					rest := c[at[1]:]
					if end := endOfCommand.FindStringIndex(" " + rest); end != nil {
						rest = rest[:max(end[0]-1, 0)]
					}
					words := shellWords(rest)
					if len(words) == 0 || strings.Contains(rest, "[") { // "[--FLAG]" tells a form
						continue
					}
					seen++
					if err := parses(words); err != nil {
						t.Errorf("%s:%d: named-jail %s: %v", strings.TrimPrefix(page, "../"), line, rest, err)
					}
				}
			}
		}
	}
	if seen < 150 {
		t.Errorf("only %d command lines were found", seen)
	}
	for _, wrong := range []string{"chek", "check --jsn", "plan stray", "run --copi -t /x", "-t /x -Q"} {
		if parses(strings.Fields(wrong)) == nil {
			t.Errorf("nothing is said of named-jail %s", wrong)
		}
	}
	t.Log(fmt.Sprint(seen, " command lines"))
}
