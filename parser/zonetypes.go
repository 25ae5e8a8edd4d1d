package parser

import (
	"fmt"
	"strings"
)

// zoneTypes are the types of a zone and their letters in the Zones column,
// which is that of 9.18 and 9.20 together.
//
// Source: named.conf(5) of 9.18 and 9.20.
var zoneTypes = map[string]string{
	"primary": "p", "master": "p", "secondary": "s", "slave": "s", "mirror": "m", "forward": "f",
	"hint": "h", "redirect": "r", "static-stub": "t", "stub": "u", "delegation-only": "d",
}

// zoneType reports the statements of a zone that its type does not allow. A
// zone without a type, or with one that is not in the table, is left alone.
func (c *Checker) zoneType(b *Block) {
	if !c.judged || c.version.Before(V(9, 18, 0)) {
		return
	}
	var t *Statement
	for i := range b.Statements {
		if d := b.Statements[i].Def; d != nil && d.Keyword == "type" {
			t = &b.Statements[i]
			break
		}
	}
	if t == nil {
		return
	}
	name := strings.ToLower(t.Text(1))
	letter := zoneTypes[name]
	if letter == "" {
		return
	}
	for i := range b.Statements {
		s := &b.Statements[i]
		if s.Def == nil || s.Def.Zones == "" || strings.Contains(s.Def.Zones, letter) || c.gone(s.Def) {
			continue
		}
		c.diags.Add(s.Terms[0].Diagnostic("NJ207", fmt.Sprintf("'%s' is not allowed in a zone of type %s", s.Def.Keyword, name),
			"named refuses to start on it; remove the statement or correct the type."))
	}
}

// gone tells whether the release does not have the statement, which is said already.
func (c *Checker) gone(d *Def) bool {
	return d.Until.Known() && !c.version.Before(d.Until) || d.Since.Known() && c.version.Before(d.Since)
}
