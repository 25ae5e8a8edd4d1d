package command

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"named-jail/jail"
	"named-jail/parser"
)

// node is a place of the jail in the printed plan.
type node struct {
	name     string
	ops      []jail.Op
	children map[string]*node
}

func (n *node) child(name string) *node {
	if n.children[name] == nil {
		if n.children == nil {
			n.children = map[string]*node{}
		}
		n.children[name] = &node{name: name}
	}
	return n.children[name]
}

// names gives those of the children in order.
func (n *node) names() []string {
	names := make([]string, 0, len(n.children))
	for name := range n.children {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// opColors tells by risk what each operation is printed in: what is new, what
// is there and changes, what goes away.
var opColors = map[string]string{"mkdir": green, "write": green, "copy": green, "mknod": green, "link": green,
	"move": yellow, "chown": yellow, "chmod": yellow, "remove": red}

// opColor is that of one operation: writing over what is there is a change.
func opColor(o jail.Op) string {
	if c := opColors[o.Op]; c != green || !o.Before().Exists() {
		return c
	}
	return yellow
}

// newTree sorts the operations of a plan into the tree of the jail; those on
// the host stand apart.
func newTree(jailPath string, ops []jail.Op) (root *node, onHost []jail.Op) {
	root = &node{name: jailPath}
	for _, o := range ops {
		if o.Op == "link" && o.From != "" || o.Op == "remove" && o.From != "" {
			onHost = append(onHost, o)
			continue
		}
		n := root
		for _, part := range strings.Split(strings.Trim(path.Clean(string(o.Path)), "/"), "/") {
			if part != "" {
				n = n.child(part)
			}
		}
		n.ops = append(n.ops, o)
	}
	return root, onHost
}

// printTree prints a plan as the tree of the jail: each place that changes,
// what is done there, and why.
func (p printer) printTree(jailPath string, ops []jail.Op) {
	root, onHost := newTree(jailPath, ops)
	if p.screen.width > 0 {
		p.outline(root, onHost)
		return
	}
	p.printNode(root, localeGlyphs(), "", "")
	if len(onHost) > 0 {
		fmt.Fprintln(p.out, "\nOn the host:")
	}
	for _, o := range onHost {
		arrow := " -> " + jailPath + string(o.Path)
		if o.Op == "remove" {
			arrow = ""
		}
		fmt.Fprintf(p.out, "  %s %s%s  %s\n", p.screen.paint(opColor(o), fmt.Sprintf("%-6s", o.Op)), parser.Printable(o.From), parser.Printable(arrow), p.screen.paint(faint, o.Reason))
	}
}

// printNode prints a place and what lies below it, a line for each operation.
// lead is what stands before the name, below what stands before its children.
func (p printer) printNode(n *node, g glyphs, lead, below string) {
	fmt.Fprintf(p.out, "%s%s", lead, parser.Printable(n.name))
	for i, o := range n.ops {
		if i > 0 {
			fmt.Fprintf(p.out, "\n%s%s", below, strings.Repeat(" ", cells(parser.Printable(n.name))))
		}
		fmt.Fprintf(p.out, "  %s", p.screen.paint(opColor(o), o.Op))
		if o.Owner != "" || o.Group != "" {
			fmt.Fprintf(p.out, " %s:%s", o.Owner, o.Group)
		}
		if o.Mode != "" {
			fmt.Fprintf(p.out, " %s", o.Mode)
		}
		if o.From != "" && o.From != string(o.Path) {
			fmt.Fprintf(p.out, " from %s", parser.Printable(o.From))
		}
		if o.Reason != "" {
			fmt.Fprintf(p.out, "  %s", p.screen.paint(faint, parser.Printable(o.Reason)))
		}
	}
	fmt.Fprintln(p.out)
	names := n.names()
	for i, name := range names {
		branch, next := g.middle, g.through
		if i == len(names)-1 {
			branch, next = g.last, "    "
		}
		p.printNode(n.children[name], g, below+branch, below+next)
	}
}
