package parser

import (
	"iter"
	"strings"
)

// Place is where a statement stands: the statements around it, the outermost
// first. It is empty at the top level.
type Place []*Statement

// Context is the context of the block that the statement stands in.
func (p Place) Context() Context {
	if len(p) == 0 {
		return Top
	}
	if d := p[len(p)-1].Def; d != nil {
		return d.block()
	}
	return Unknown
}

// String names the statements around, each by what stands before its block:
// view "internal", zone "example.com" IN.
func (p Place) String() string {
	names := make([]string, len(p))
	for i, s := range p {
		names[i] = s.Keyword() + s.words()
	}
	return strings.Join(names, ", ")
}

// words gives the words between the keyword and the first block as written,
// with a space before.
func (s *Statement) words() string {
	end := 0
	for end+1 < len(s.Terms) && s.Terms[end+1].IsText() || end > 0 && end+1 < len(s.Terms) && s.Terms[end+1].Kind != BlockTerm {
		end++
	}
	if end == 0 || s.Terms[1].File != s.Terms[end].File {
		return ""
	}
	return " " + Printable(s.Terms[1].File.Text[s.Terms[1].Start:s.Terms[end].End])
}

// All gives every statement of the configuration, however deep, each before
// those inside it, in the order in which named reads them, with its place.
// What stands in lists (addresses, names) and in text that named hands on are
// values and not given. The Place is only good until the next statement: clone
// it to keep it.
func (c *Config) All() iter.Seq2[Place, *Statement] {
	return func(yield func(Place, *Statement) bool) {
		var place Place
		for _, s := range c.Statements {
			if !deep(s, &place, yield) {
				return
			}
		}
	}
}

// All does the same for what is in the block; places begin there.
func (b *Block) All() iter.Seq2[Place, *Statement] {
	return func(yield func(Place, *Statement) bool) {
		var place Place
		inBlock(b, &place, yield)
	}
}

func deep(s *Statement, place *Place, yield func(Place, *Statement) bool) bool {
	if !yield(*place, s) {
		return false
	}
	*place = append(*place, s)
	for i := range s.Terms {
		if !inBlock(s.Terms[i].Block, place, yield) {
			return false
		}
	}
	*place = (*place)[:len(*place)-1]
	return true
}

func inBlock(b *Block, place *Place, yield func(Place, *Statement) bool) bool {
	if b == nil || b.Raw || b.Context == List {
		return true
	}
	for i := range b.Statements {
		if !deep(&b.Statements[i], place, yield) {
			return false
		}
	}
	return true
}

// Select gives the statements that a path of keywords leads to, in the order
// in which named reads them: Select("view", "zone", "file") gives the file
// statements of all zones in views. Case is ignored.
func (c *Config) Select(path ...string) iter.Seq[*Statement] {
	return func(yield func(*Statement) bool) {
		if len(path) == 0 {
			return
		}
		for _, s := range c.Statements {
			if !along(s, path, yield) {
				return
			}
		}
	}
}

// Select does the same from the block on.
func (b *Block) Select(path ...string) iter.Seq[*Statement] {
	return func(yield func(*Statement) bool) {
		if len(path) > 0 {
			among(b, path, yield)
		}
	}
}

func along(s *Statement, path []string, yield func(*Statement) bool) bool {
	if len(s.Terms) == 0 || !s.Terms[0].Is(path[0]) {
		return true
	}
	if len(path) == 1 {
		return yield(s)
	}
	for i := range s.Terms {
		if !among(s.Terms[i].Block, path[1:], yield) {
			return false
		}
	}
	return true
}

func among(b *Block, path []string, yield func(*Statement) bool) bool {
	if b == nil {
		return true
	}
	for i := range b.Statements {
		if !along(&b.Statements[i], path, yield) {
			return false
		}
	}
	return true
}
