package command

import (
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"named-jail/jail"
	"named-jail/parser"
)

// An outline is the tree of a plan on a terminal: what is done stands in
// columns, why it is done beside them or below, and of many like entries in one
// directory the first are shown.

// Like entries are folded when a directory has more than foldOver of them.
const (
	foldOver  = 12
	foldShown = 5
)

// outline prints the tree and what is done on the host.
func (p printer) outline(root *node, onHost []jail.Op) {
	o := &outliner{printer: p, glyphs: localeGlyphs()}
	o.node(root, "", "")
	o.measure()
	fmt.Fprintln(p.out)
	for _, l := range o.lines {
		io.WriteString(p.out, o.row(l))
	}
	o.host(root.name, onHost)
}

// outliner collects the lines of the tree, so that they can be lined up.
type outliner struct {
	printer
	glyphs glyphs
	lines  []outlined
	name   int // widths of the columns
	meta   int
}

// outlined is a line of the tree: a place with one operation or none, or how many
// more there are like the ones before.
type outlined struct {
	lead, below string
	op          *jail.Op
	folded      string
}

// node collects a place and what lies below it.
func (o *outliner) node(n *node, lead, below string) {
	under := below
	if len(n.children) > 0 {
		under += o.glyphs.through // a text below the name stands beside the line to the first child
	}
	lead += parser.Printable(n.name)
	if len(n.ops) == 0 {
		o.lines = append(o.lines, outlined{lead: lead, below: under})
	}
	for i := range n.ops {
		if i > 0 {
			lead = below + strings.Repeat(" ", cells(parser.Printable(n.name)))
		}
		o.lines = append(o.lines, outlined{lead: lead, below: under, op: &n.ops[i]})
	}
	shown, folds := o.fold(n)
	for i, c := range shown {
		branch, next := o.glyphs.middle, o.glyphs.through
		if i == len(shown)-1 && len(folds) == 0 {
			branch, next = o.glyphs.last, "    "
		}
		o.node(c, below+branch, below+next)
	}
	for i, text := range folds {
		branch := o.glyphs.middle
		if i == len(folds)-1 {
			branch = o.glyphs.last
		}
		o.lines = append(o.lines, outlined{lead: below + branch, below: below + "    ", folded: text})
	}
}

// fold gives the children that are shown, and for each kind of which there are
// too many a text that says how many more there are.
func (o *outliner) fold(n *node) (shown []*node, folds []string) {
	names := n.names()
	many := map[string]int{}
	for _, name := range names {
		many[likeness(n.children[name])]++
	}
	seen := map[string]int{}
	var folded []string
	for _, name := range names {
		c := n.children[name]
		kind := likeness(c)
		seen[kind]++
		switch {
		case o.flags.verbose, kind == "", many[kind] <= foldOver, seen[kind] <= foldShown:
			shown = append(shown, c)
		case seen[kind] == foldShown+1:
			folded = append(folded, kind)
		}
	}
	for _, kind := range folded {
		folds = append(folds, o.left(many[kind]-foldShown, kind))
	}
	return shown, folds
}

// left is the text that stands for entries that are not shown.
func (o *outliner) left(n int, kind string) string {
	return fmt.Sprintf("%s and %s more (-v shows them): %s", o.glyphs.more, thousands(n), kind)
}

// likeness is what an entry has in common with others of its kind, "" where
// it stands alone.
func likeness(n *node) string {
	if len(n.children) > 0 || len(n.ops) != 1 {
		return ""
	}
	o := n.ops[0]
	text := o.Op + " " + ownership(o)
	if o.Reason != "" {
		text += ", " + parser.Printable(o.Reason)
	}
	return text
}

// ownership is owner, group and mode as the plan sets them.
func ownership(o jail.Op) string {
	var parts []string
	if o.Owner != "" || o.Group != "" {
		parts = append(parts, o.Owner+":"+o.Group)
	}
	if o.Mode != "" {
		parts = append(parts, o.Mode)
	}
	return strings.Join(parts, " ")
}

// measure finds the widths of the columns. A long name pushes only its own
// line aside.
func (o *outliner) measure() {
	owner := 0
	for _, l := range o.lines {
		if l.op != nil {
			o.name = max(o.name, min(cells(l.lead), max(o.screen.width*2/5, 12)))
			owner = max(owner, cells(l.op.Owner+":"+l.op.Group))
		}
	}
	o.meta = owner
}

// row lays out one line of the tree.
func (o *outliner) row(l outlined) string {
	s := o.screen
	if l.op == nil {
		return l.lead + s.paintLines(faint, fill(l.folded, cells(l.lead), s.width, l.below), l.below) + "\n"
	}
	owner := ""
	if l.op.Owner != "" || l.op.Group != "" {
		owner = l.op.Owner + ":" + l.op.Group
	}
	meta := s.paint(opColor(*l.op), fmt.Sprintf("%-6s", l.op.Op)) + " " + padded(owner, o.meta) + "  " + fmt.Sprintf("%-4s", l.op.Mode)
	text := parser.Printable(l.op.Reason)
	if l.op.From != "" && l.op.From != string(l.op.Path) {
		text = strings.TrimPrefix(text+", from "+parser.Printable(l.op.From), ", ")
	}
	left := padded(l.lead, o.name) + "  " + meta
	if cells(left) > s.width { // a narrow screen: all of it stands below the name
		hang := leading(l.below, s.width/3) + "  "
		return l.lead + "\n" + hang + s.paint(opColor(*l.op), l.op.Op) + " " +
			fill(strings.TrimSpace(ownership(*l.op)+" "+text), cells(hang)+cells(l.op.Op)+1, s.width, hang) + "\n"
	}
	return s.row(left, l.below, 2, text, faint)
}

// leading gives the lines of a tree up to a number of characters, so that a
// text in a deep place keeps some room.
func leading(lines string, n int) string {
	runes := []rune(lines)
	return string(runes[:min(len(runes), n)])
}

// host prints what is done on the host, by directory.
func (o *outliner) host(jailPath string, ops []jail.Op) {
	if len(ops) == 0 {
		return
	}
	s := o.screen
	fmt.Fprintln(o.out, "\n"+s.paint(bold, "On the host:"))
	many, seen := map[string]int{}, map[string]int{}
	kind := func(op jail.Op) string { return op.Op + " in " + path.Dir(op.From) }
	for _, op := range ops {
		many[kind(op)]++
	}
	for _, op := range ops {
		k := kind(op)
		seen[k]++
		if !o.flags.verbose && many[k] > foldOver && seen[k] > foldShown {
			if seen[k] == many[k] {
				fmt.Fprintln(o.out, s.paint(faint, "  "+o.left(many[k]-foldShown, parser.Printable(k))))
			}
			continue
		}
		text := parser.Printable(op.From)
		if op.Op != "remove" {
			text += " -> " + parser.Printable(jailPath+string(op.Path))
		}
		if op.Reason != "" {
			text += "  " + parser.Printable(op.Reason)
		}
		hang := strings.Repeat(" ", 9)
		fmt.Fprintln(o.out, "  "+s.paint(opColor(op), fmt.Sprintf("%-6s", op.Op))+" "+fill(text, len(hang), s.width, hang))
	}
}

// thousands writes a number with a comma before each three digits.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// opSum says how many operations of each kind there are: "12 mkdir, 5 move".
func opSum(ops []jail.Op) string {
	n := map[string]int{}
	for _, o := range ops {
		n[o.Op]++
	}
	var parts []string
	for _, op := range []string{"mkdir", "write", "copy", "move", "link", "mknod", "chown", "chmod", "remove"} {
		if n[op] > 0 {
			parts = append(parts, thousands(n[op])+" "+op)
		}
	}
	return strings.Join(parts, ", ")
}
