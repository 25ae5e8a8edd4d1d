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
	paint := p.paint()
	diff := udiff.Unified(from, to, hideSecrets(old), hideSecrets(text))
	if diff != "" {
		fmt.Fprintln(p.out)
	}
	for _, line := range strings.SplitAfter(diff, "\n") {
		ended := strings.HasSuffix(line, "\n")
		line = printableTabs(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
		switch {
		case strings.HasPrefix(line, "+"):
			line = paint(green, line)
		case strings.HasPrefix(line, "-"):
			line = paint(red, line)
		}
		if ended {
			line += "\n"
		}
		fmt.Fprint(p.out, line)
	}
}

// printableTabs is parser.Printable that keeps tabs.
func printableTabs(s string) string {
	parts := strings.Split(s, "\t")
	for i := range parts {
		parts[i] = parser.Printable(parts[i])
	}
	return strings.Join(parts, "\t")
}
