package command

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"named-jail/parser"
	"named-jail/rewrite"
)

// secret finds the value of a secret statement in a key.
var secret = regexp.MustCompile(`(?i)(\bsecret\s+)("(?:[^"\\]|\\.)*"|[^\s;{}]+)`)

// hideSecrets takes the values of secrets out of a text that is shown: those
// that stand where they usually do, then what the parser finds elsewhere.
func hideSecrets(text string) string {
	f := &parser.File{Text: text}
	return f.Hide(secret.ReplaceAllString(text, `$1"(hidden)"`))
}

// printDiffs prints, for each configuration file that the plan writes, how it
// differs from the jail's present one, or from the original where the jail has
// none.
func (w *walk) printDiffs(p printer) {
	texts := map[rewrite.JailPath]rewrite.Output{}
	outputs, _ := w.install.Outputs()
	for _, o := range outputs {
		texts[o.Jail] = o
	}
	for _, op := range w.plan.Ops {
		content, ok := op.Content()
		o, isConfig := texts[op.Path]
		if !ok || !isConfig {
			continue
		}
		from, old := o.File.Name, o.File.Text
		to := w.host.OSPath(w.tree.HostPath(op.Path))
		if present, err := w.tree.ReadFile(op.Path); err == nil && len(present) > 0 {
			from, old = to, string(present)
		}
		p.printDiff(from, to, old, string(content))
	}
}

// printDiff prints one unified diff, without secrets and control characters.
func (p printer) printDiff(from, to, old, text string) {
	s := p.screen
	diff := udiff.Unified(from, to, hideSecrets(old), hideSecrets(text))
	if diff != "" {
		fmt.Fprintln(p.out)
	}
	lines := strings.SplitAfter(diff, "\n")
	for i, line := range lines {
		if s.width > 0 && !p.flags.verbose && i == maxDiffLines && len(lines) > maxDiffLines+1 {
			fmt.Fprintln(p.out, s.paint(faint, fmt.Sprintf("%s and %s more lines; -v shows them all", localeGlyphs().more, thousands(len(lines)-i-1))))
			return
		}
		ended := strings.HasSuffix(line, "\n")
		line = printableTabs(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
		line = s.paint(diffColor(line), line)
		if ended {
			line += "\n"
		}
		fmt.Fprint(p.out, line)
	}
}

// maxDiffLines bounds one difference on a terminal.
const maxDiffLines = 60

// diffColors tells what a line is printed in by how it begins; the first that
// fits counts.
var diffColors = []struct{ begins, color string }{
	{"--- ", bold}, {"+++ ", bold}, {"@@", cyan}, {"+", green}, {"-", red},
}

func diffColor(line string) string {
	for _, c := range diffColors {
		if strings.HasPrefix(line, c.begins) {
			return c.color
		}
	}
	return ""
}

// printableTabs is parser.Printable that keeps tabs.
func printableTabs(s string) string {
	parts := strings.Split(s, "\t")
	for i := range parts {
		parts[i] = parser.Printable(parts[i])
	}
	return strings.Join(parts, "\t")
}
