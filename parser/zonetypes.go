package parser

import (
	"fmt"
	"strings"
)

// zoneTypes are the types of a zone and their letters in the Zones column,
// which is the same in 9.16, 9.18 and 9.20.
//
// Source: named.conf(5) of 9.18 and 9.20, named-checkconf 9.16.50.
var zoneTypes = map[string]string{
	"primary": "p", "master": "p", "secondary": "s", "slave": "s", "mirror": "m", "forward": "f",
	"hint": "h", "redirect": "r", "static-stub": "t", "stub": "u", "delegation-only": "d",
}

// zoneType finds the type of a zone, "" when it has none that named knows, and
// reports the statements that the type does not allow.
func (c *Checker) zoneType(s *Statement, b, template *Block) string {
	t := b.Find("type")
	if t == nil {
		t = template.Find("type")
	}
	if t == nil {
		if (b.Find("template") == nil || template != nil) && !c.mistyped(b, "type") {
			c.diags.Add(s.head().Diagnostic("NJ206", fmt.Sprintf("zone '%s' has no type", shorten(s.Text(1))), "Add a type statement, such as: type primary;"))
		}
		return ""
	}
	name := strings.ToLower(t.Text(1))
	letter := zoneTypes[name]
	if letter == "" || letter == "d" && c.version.AtLeast(9, 19, 16) || letter == "m" && c.version.Before(V(9, 13, 2)) {
		at := t.Arg(1)
		if at == nil {
			at = &t.Terms[0]
		}
		c.diags.Add(at.Diagnostic("NJ211", fmt.Sprintf("zone '%s' has the unknown type '%s'", shorten(s.Text(1)), shorten(t.Text(1))),
			"The types are primary, secondary, mirror, stub, static-stub, hint, forward and redirect."))
		return ""
	}
	for i := range b.Statements {
		s := &b.Statements[i]
		if s.Def == nil || s.Def.Zones == "" || strings.Contains(s.Def.Zones, letter) || c.gone(s.Def) {
			continue
		}
		c.diags.Add(s.Terms[0].Diagnostic("NJ207", fmt.Sprintf("'%s' is not allowed in a zone of type %s", s.Def.Keyword, name),
			"named refuses to start on it; remove the statement or correct the type."))
	}
	return letter
}

// head is the name of a block, or its keyword when it has none.
func (s *Statement) head() *Term {
	if t := s.Arg(1); t != nil && t.IsText() {
		return t
	}
	return &s.Terms[0]
}

// gone tells whether the release does not have the statement, which is said already.
func (c *Checker) gone(d *Def) bool {
	return !d.KnownIn(c.version)
}
