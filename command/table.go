package command

import "strings"

// table is rows of cells in columns, which may have a heading; the last column
// is text, which is broken where the screen is narrow.
type table struct {
	heading []string
	rows    []tableRow
	fixed   []int // widths of the columns, where another table has the same; nil: measured
}

// tableRow is one row. color is that of its first cell, advice what stands below
// it; both may be empty.
type tableRow struct {
	cells         []string
	color, advice string
}

// maxColumn bounds a column: one long path does not push everything aside.
const maxColumn = 60

// adviceIndent is what stands before the advice.
const adviceIndent = "      "

// widths gives those of all columns but the last.
func (t *table) widths() []int {
	if t.fixed != nil {
		return t.fixed
	}
	var widths []int
	measure := func(row []string) {
		for i := range max(0, len(row)-1) {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], min(maxColumn, cells(row[i])))
		}
	}
	measure(t.heading)
	for _, r := range t.rows {
		measure(r.cells)
	}
	return widths
}

// layout gives the table as text, each line after an indent. Where the columns
// are wider than the screen, the cells of a row follow each other instead.
func (t *table) layout(s screen, indent string) string {
	widths := t.widths()
	total := len(indent)
	for _, w := range widths {
		total += w + 2
	}
	var b strings.Builder
	stacked := s.width > 0 && total > s.width
	if len(t.heading) > 0 && !stacked {
		left := indent + strings.Join(columns(t.heading, widths), "  ")
		b.WriteString(s.paint(bold, left+"  "+t.heading[len(t.heading)-1]) + "\n")
	}
	for _, r := range t.rows {
		own, last := columns(r.cells, widths), r.cells[len(r.cells)-1]
		own[0] = s.paint(r.color, own[0])
		if stacked {
			own = nil
			for i, cell := range r.cells[:len(r.cells)-1] {
				if i == 0 {
					cell = s.paint(r.color, cell)
				}
				own = append(own, strings.TrimSpace(t.named(i)+cell))
			}
			hang := indent + "  "
			between := " "
			if len(t.heading) > 0 {
				between = ", "
			}
			b.WriteString(indent + fill(strings.Join(own, between), len(indent), s.width, hang) + "\n")
			b.WriteString(hang + fill(last, len(hang), s.width, hang) + "\n")
		} else {
			b.WriteString(s.row(indent+strings.Join(own, "  "), indent, len(adviceIndent)-len(indent), last, ""))
		}
		if r.advice != "" {
			b.WriteString(adviceIndent + s.paintLines(faint, fill(r.advice, len(adviceIndent), s.width, adviceIndent), adviceIndent) + "\n")
		}
	}
	return b.String()
}

// named is what stands before a cell where there is no heading above it.
func (t *table) named(column int) string {
	if len(t.heading) == 0 {
		return ""
	}
	return strings.ToLower(t.heading[column]) + " "
}

// columns fills the cells of a row up to their widths, but for the last.
func columns(row []string, widths []int) []string {
	out := make([]string, 0, len(widths))
	for i, w := range widths {
		out = append(out, padded(row[i], w))
	}
	return out
}
