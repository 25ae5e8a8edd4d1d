package command

import "strings"

// A row has a part on the left that lines up with other rows, and a text that
// explains it. On a wide screen the text stands beside the left part, on a
// narrow one below it.

// besideWidth is how many cells a text needs to be broken beside the left part;
// with less it goes below.
const besideWidth = 38

// row lays out one row. below stands before all lines but the first, such as the
// lines of a tree; indent is how far in the text goes when it stands below.
func (s screen) row(left, below string, indent int, text, color string) string {
	if text == "" {
		return strings.TrimRight(left, " ") + "\n"
	}
	used := cells(left) + 2
	beside := s.width - used
	switch {
	case s.width == 0 || cells(text) <= beside:
		return left + "  " + s.paint(color, text) + "\n"
	case beside >= besideWidth:
		hang := below + strings.Repeat(" ", max(0, used-cells(below)))
		return left + "  " + s.paintLines(color, fill(text, used, s.width, hang), hang) + "\n"
	}
	hang := below + strings.Repeat(" ", max(0, min(indent, s.width/2-cells(below))))
	return strings.TrimRight(left, " ") + "\n" + hang + s.paintLines(color, fill(text, cells(hang), s.width, hang), hang) + "\n"
}

// paintLines colours a text that was broken into lines, without what stands
// before them.
func (s screen) paintLines(color, text, hang string) string {
	lines := strings.Split(text, "\n"+hang)
	for i, line := range lines {
		lines[i] = s.paint(color, line)
	}
	return strings.Join(lines, "\n"+hang)
}
