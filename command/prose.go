package command

import "strings"

// blockKind is what a part of a text is.
type blockKind uint8

const (
	paragraph blockKind = iota
	literal             // lines that stay as they are: commands, configuration
	item                // a term and what is said of it
)

// block is a part of a text that people read. Help and manual pages are made of
// the same texts.
type block struct {
	kind blockKind
	term string // of an item
	text string // of a literal: its lines, without what they are indented by
}

// prose takes a text apart. Parts are separated by empty lines; lines that are
// indented are literal; an item is a line "= TERM" with its text in the lines
// below.
func prose(text string) []block {
	var blocks []block
	for part := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		first, rest, _ := strings.Cut(part, "\n")
		switch term, isItem := strings.CutPrefix(first, "= "); {
		case strings.TrimSpace(part) == "":
		case isItem:
			blocks = append(blocks, block{kind: item, term: term, text: strings.Join(strings.Fields(rest), " ")})
		case strings.HasPrefix(first, " "):
			blocks = append(blocks, block{kind: literal, text: outdent(part)})
		default:
			blocks = append(blocks, block{text: strings.Join(strings.Fields(part), " ")})
		}
	}
	return blocks
}

// outdent takes from each line the blanks that the first one begins with.
func outdent(text string) string {
	lead := text[:len(text)-len(strings.TrimLeft(text, " "))]
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], lead)
	}
	return strings.Join(lines, "\n")
}
