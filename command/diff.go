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

// printDiff prints one unified diff, without secrets and control characters. On a
// terminal a long one is cut, unless -v is given.
func (p printer) printDiff(from, to, old, text string) {
	diff := udiff.Unified(from, to, hideSecrets(old), hideSecrets(text))
	if diff == "" {
		return
	}
	fmt.Fprintln(p.out)
	lines, shown := strings.SplitAfter(diff, "\n"), 0
	if p.screen.width == 0 || p.flags.verbose || len(lines) <= maxDiffLines+1 {
		p.diffLines(lines)
		return
	}
	for len(lines) > 0 {
		if shown >= maxDiffLines {
			p.diffRest(len(lines)-1, "lines")
			return
		}
		run := likeLines(lines)
		n := run
		if run > maxDiffRun+1 {
			n = maxDiffRun
		}
		p.diffLines(lines[:n])
		if n < run {
			p.diffRest(run-n, "lines that begin with "+lines[0][:1])
		}
		lines, shown = lines[run:], shown+n
	}
}

// A long difference on a terminal ends after about maxDiffLines lines. Of lines
// that are taken out one after the other maxDiffRun are shown, and of those put in,
// so that where every line changes both are seen.
const (
	maxDiffLines = 60
	maxDiffRun   = 20
)

// likeLines counts the lines from the first on that begin as it does.
func likeLines(lines []string) int {
	n := 1
	for n < len(lines) && lines[0] != "" && strings.HasPrefix(lines[n], lines[0][:1]) {
		n++
	}
	return n
}

// diffRest says how many lines are left out.
func (p printer) diffRest(n int, what string) {
	fmt.Fprintln(p.out, p.screen.paint(faint, fmt.Sprintf("%s and %s more %s (-v shows them)", localeGlyphs().more, thousands(n), what)))
}

// diffLines prints lines of a diff, the end of each as it is.
func (p printer) diffLines(lines []string) {
	for _, line := range lines {
		ended := strings.HasSuffix(line, "\n")
		line = printableTabs(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
		line = p.screen.paint(diffColor(line), line)
		if ended {
			line += "\n"
		}
		fmt.Fprint(p.out, line)
	}
}

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
