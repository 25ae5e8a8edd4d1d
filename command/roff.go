package command

import (
	"fmt"
	"regexp"
	"strings"
)

// roff writes a manual page in the language of man(7).
type roff struct{ strings.Builder }

// roffSigns are the characters that roff would take for something else: a hyphen
// is to be a minus that can be copied, a quote a plain one.
//
// Source: groff_char(7), man-pages(7).
var roffSigns = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`)

// roffText writes a text so that it is shown as it is.
func roffText(text string) string { return unmacroed(roffSigns.Replace(text)) }

// unmacroed keeps a line that begins with a dot from being taken for a macro.
func unmacroed(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

// marked finds what is set in bold in a text: what stands in backquotes, flags,
// and the names of manual pages.
var marked = regexp.MustCompile("`[^`]+`|(?:^|[ (\"])--?[a-zA-Z0-9][a-z-]*|[a-z][a-z0-9_.-]*\\([1-9]\\)")

// prosed writes a text of the tables and of the manual's files.
func prosed(text string) string {
	var b strings.Builder
	rest := text
	for rest != "" {
		at := marked.FindStringIndex(rest)
		if at == nil {
			break
		}
		word := rest[at[0]:at[1]]
		lead := word[:len(word)-len(strings.TrimLeft(word, " (\""))]
		b.WriteString(roffSigns.Replace(rest[:at[0]] + lead))
		word = strings.Trim(word[len(lead):], "`")
		if name, chapter, ok := strings.Cut(word, "("); ok && !strings.Contains(word, " ") {
			b.WriteString(bolded(name) + "(" + chapter)
		} else {
			b.WriteString(bolded(word))
		}
		rest = rest[at[1]:]
	}
	b.WriteString(roffSigns.Replace(rest))
	return unmacroed(wrap(b.String(), helpWidth))
}

func bolded(text string) string { return `\fB` + roffSigns.Replace(text) + `\fR` }
func italic(text string) string { return `\fI` + roffSigns.Replace(text) + `\fR` }

// placeholder finds words for what the user puts in their place.
var placeholder = regexp.MustCompile(`[A-Z][A-Z-]*[A-Z]|\bN\b`)

// typed writes words that are typed: bold, and italic what stands for another word.
func typed(text string) string {
	var b strings.Builder
	rest := text
	for {
		at := placeholder.FindStringIndex(rest)
		if at == nil {
			break
		}
		b.WriteString(typedPlain(rest[:at[0]]) + italic(rest[at[0]:at[1]]))
		rest = rest[at[1]:]
	}
	return b.String() + typedPlain(rest)
}

// synopsisParts finds words and the marks between them.
var synopsisParts = regexp.MustCompile(`[][|() =]+|\.{3}|[^][|() =.]+|\.`)

// typedPlain sets words bold, and the marks of a synopsis upright.
func typedPlain(text string) string {
	var b strings.Builder
	for _, part := range synopsisParts.FindAllString(text, -1) {
		if strings.ContainsAny(part[:1], "[]|() =") {
			b.WriteString(roffSigns.Replace(part))
		} else if part == "..." {
			b.WriteString(part)
		} else {
			b.WriteString(bolded(part))
		}
	}
	return b.String()
}

// head writes the title, and that words are neither cut nor spread: most are names.
// date is "2026-11-26".
func (r *roff) head(name, date, release string) {
	fmt.Fprintf(r, ".TH %s 8 %s \"named\\-jail %s\" \"System Administration\"\n.nh\n.ad l\n", strings.ToUpper(name), date, release)
}

func (r *roff) section(title string)    { fmt.Fprintf(r, ".SH %s\n", macroWord(title)) }
func (r *roff) subsection(title string) { fmt.Fprintf(r, ".SS %s\n", macroWord(title)) }

// macroWord writes an argument of a macro.
func macroWord(text string) string {
	if strings.Contains(text, " ") {
		return `"` + roffSigns.Replace(text) + `"`
	}
	return roffSigns.Replace(text)
}

// item writes a term, which is roff already, and what is said of it.
func (r *roff) item(term, text string) {
	fmt.Fprintf(r, ".TP\n%s\n%s\n", term, prosed(text))
}

// lines writes what stays as it is.
func (r *roff) lines(text string) {
	fmt.Fprintf(r, ".PP\n.RS 4\n.EX\n%s\n.EE\n.RE\n", roffText(text))
}

// prose writes a text; the first paragraph of a section needs no macro.
func (r *roff) prose(text string, first bool) {
	for i, b := range prose(text) {
		switch b.kind {
		case literal:
			r.lines(b.text)
		case item:
			r.item(typed(b.term), b.text)
		default:
			if i > 0 || !first {
				r.WriteString(".PP\n")
			}
			r.WriteString(prosed(b.text) + "\n")
		}
	}
}

// sentence makes a sentence of the few words of a table.
func sentence(text string) string {
	if text == "" {
		return text
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}
