package command

import (
	"fmt"
	"os"
	"path"
	"sort"
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

// opColors tells what each operation is printed in.
var opColors = map[string]string{"mkdir": green, "write": green, "copy": green, "mknod": green, "link": green,
	"move": yellow, "chown": yellow, "chmod": yellow, "remove": red}

// printTree prints a plan as the tree of the jail: each place that changes,
// what is done there, and why.
func (p printer) printTree(jailPath string, ops []jail.Op) {
	root := &node{name: jailPath}
	var hostLinks []jail.Op
	for _, o := range ops {
		if o.Op == "link" && o.From != "" || o.Op == "remove" && o.From != "" {
			hostLinks = append(hostLinks, o)
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
	p.printNode(root, "", "")
	if len(hostLinks) > 0 {
		fmt.Fprintln(p.out, "\nOn the host:")
	}
	for _, o := range hostLinks {
		paint := p.paint()
		arrow := " -> " + jailPath + string(o.Path)
		if o.Op == "remove" {
			arrow = ""
		}
		fmt.Fprintf(p.out, "  %s %s%s  %s\n", paint(opColors[o.Op], fmt.Sprintf("%-6s", o.Op)), parser.Printable(o.From), parser.Printable(arrow), paint(faint, o.Reason))
	}
}

// branches are the lines of a printed tree.
type branches struct{ middle, last, through string }

// branches gives lines that the locale can show: plain ASCII where it is not
// UTF-8, box drawing otherwise.
func (p printer) branches() branches {
	locale := ""
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale = os.Getenv(name); locale != "" {
			break
		}
	}
	locale = strings.ToUpper(locale)
	if locale != "" && !strings.Contains(locale, "UTF-8") && !strings.Contains(locale, "UTF8") {
		return branches{"|-- ", "`-- ", "|   "}
	}
	return branches{"├── ", "└── ", "│   "}
}

// printNode prints a place and what lies below it. lead is what stands before
// the name, below what stands before its children.
func (p printer) printNode(n *node, lead, below string) {
	paint := p.paint()
	fmt.Fprintf(p.out, "%s%s", lead, parser.Printable(n.name))
	for i, o := range n.ops {
		if i > 0 {
			fmt.Fprintf(p.out, "\n%s%s", below, strings.Repeat(" ", len([]rune(parser.Printable(n.name)))))
		}
		fmt.Fprintf(p.out, "  %s", paint(opColors[o.Op], o.Op))
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
			fmt.Fprintf(p.out, "  %s", paint(faint, parser.Printable(o.Reason)))
		}
	}
	fmt.Fprintln(p.out)
	names := make([]string, 0, len(n.children))
	for name := range n.children {
		names = append(names, name)
	}
	sort.Strings(names)
	lines := p.branches()
	for i, name := range names {
		branch, next := lines.middle, lines.through
		if i == len(names)-1 {
			branch, next = lines.last, "    "
		}
		p.printNode(n.children[name], below+branch, below+next)
	}
}
