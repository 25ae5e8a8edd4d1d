package rewrite

import (
	"fmt"
	"path"
	"strings"

	"named-jail/parser"
)

// opaque are the statements with text that named hands on as it is: to a module,
// a driver, a service. What in it is a path only that one knows, so that such
// paths are not changed; in the jail they mean the same path below the jail.
//
// Source: ARM, dlz, dyndb, plugin, key-store, update-policy (external), database.
var opaque = map[string]string{
	"dlz": "the driver", "dyndb": "the module", "plugin": "the plugin", "database": "the driver",
	"pkcs11-uri": "the PKCS #11 module", "dnsrps-options": "the policy service", "update-policy": "the update policy",
}

// mention is a path in opaque text.
type mention struct {
	at      parser.Span
	keyword string
	path    string
}

// mentions notes the absolute paths that stand in a statement's opaque text.
func (in *Install) mentions(s *parser.Statement) {
	library := ""
	for i := range s.Def.Paths {
		for _, t := range pathTerms(s, &s.Def.Paths[i]) {
			library = module(s.Def.Keyword, t.Value, "")
		}
	}
	var look func(terms []parser.Term)
	look = func(terms []parser.Term) {
		for i := range terms {
			t := &terms[i]
			text := t.Value
			if t.Block != nil {
				text = t.Block.Text
				for j := range t.Block.Statements {
					if t.Block.Context == parser.List {
						look(t.Block.Statements[j].Terms)
					}
				}
			}
			for _, p := range pathsIn(text) {
				if p != library {
					in.mentioned = append(in.mentioned, mention{t.Span(), s.Def.Keyword, p})
				}
			}
		}
	}
	look(s.Terms[1:])
}

// pathsIn finds the absolute paths in a text of any syntax: where a word, a
// value (a=/x) or the rest of a URI (local:/x, file:///x) begins with a slash.
func pathsIn(text string) []string {
	if !strings.Contains(text, "/") {
		return nil
	}
	var found []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n\"';{}(),=?&<>", r) }) {
		if _, rest, ok := strings.Cut(word, ":"); ok {
			word = rest
			if strings.HasPrefix(word, "//") {
				word = strings.TrimLeft(word, "/")
				if i := strings.IndexByte(word, '/'); i < 0 || !strings.HasPrefix(rest, "///") {
					continue // a host, not a path
				}
				word = "/" + word
			}
		}
		if path.IsAbs(word) && !strings.HasPrefix(word, "//") && !strings.HasPrefix(word, "/*") && path.Clean(word) != "/" {
			found = append(found, path.Clean(word))
		}
	}
	return found
}

// checkOpaque warns of what stands in opaque text and is there on the host.
func (b *builder) checkOpaque() {
	if b.in.opt.InJail != "" {
		return
	}
	for _, m := range b.in.mentioned {
		if _, err := b.in.host.Stat(m.path); err != nil {
			continue
		}
		b.diags.Add(m.at.Diagnostic("NJ304", fmt.Sprintf("%s: %s is told of %s, and only it knows what that is for", m.keyword, opaque[m.keyword], m.path),
			"If it opens that while named runs, provide it in the jail at the same path; named-jail leaves it where it is."))
	}
}
