package parser

import (
	"iter"
	"slices"
	"strings"
)

// Default is one entry of the Default column: what named uses, in the words of
// named.conf, where no statement says otherwise. The last entry that fits
// holds.
//
// Value is empty where there is nothing to use (no forwarders, no rate-limit),
// where the statement must be written (secret), and where the value is not
// known before named runs (the host's name, the zone's file with .jnl behind).
//
// Source: named -C of 9.16, 9.18 and 9.20, else the text of the ARM; the
// releases: the history of changes. A change that came between two stable
// series has the number of the stable one where no other is known.
type Default struct {
	Since Version // the first release with that value; zero: since ever
	Value string
	Zones string // the zone types it is for, by the letters of Def.Zones; "": all
}

// unset is the Default of a row without a value.
var unset = []Default{{}}

// is makes the Default of a row whose value never changed.
func is(value string) []Default { return []Default{{Value: value}} }

// DefaultFor gives the built-in value in a release, for a zone type (primary,
// secondary, ...; "" where no zone is concerned); "" where there is none. An
// unknown release is the newest.
func (d *Def) DefaultFor(v Version, zoneType string) string {
	value, letter := "", zoneTypes[zoneType]
	for i := range d.Default {
		e := &d.Default[i]
		if e.Since.Known() && v.Known() && v.Before(e.Since) {
			continue
		}
		if e.Zones == "" || letter != "" && strings.Contains(e.Zones, letter) {
			value = e.Value
		}
	}
	return value
}

// InheritsFrom tells whether a block that does not have the statement takes it
// from a block of that context.
func (d *Def) InheritsFrom(outer Context) bool { return d.Inherits&outer != 0 }

// Outward are the contexts of a zone from the inside out: the order in which
// named looks for a statement.
func Outward() []Context { return outward[:] }

var outward = [...]Context{ZoneBlock, TemplateBlock, ViewBlock, OptionsBlock, Top}

// ZoneType gives the present word for a word of the type statement: primary
// for master, secondary for slave; "" for one that is no type.
func ZoneType(word string) string {
	word = strings.ToLower(word)
	switch {
	case zoneTypes[word] == "":
		return ""
	case presentTypes[word] != "":
		return presentTypes[word]
	}
	return word
}

// ZoneTypes lists the types of zones by their present words, in alphabetical
// order.
func ZoneTypes() []string {
	var list []string
	for word := range zoneTypes {
		if presentTypes[word] == "" {
			list = append(list, word)
		}
	}
	slices.Sort(list)
	return list
}

// presentTypes are the types that have a new name.
//
// Source: ARM 9.18, zone statement.
var presentTypes = map[string]string{"master": "primary", "slave": "secondary"}

// level is one block as named looks through it: its statements in place, and
// those of a large block by keyword too.
type level struct {
	context Context
	block   *Block
	index   map[string][]*Statement // nil: search the block
}

// has tells whether the block has the statement.
func (l *level) has(keyword string) bool {
	if l.index != nil {
		return len(l.index[keyword]) > 0
	}
	return l.block.Find(keyword) != nil
}

// last gives the statement; where it stands more than once, the last one.
func (l *level) last(keyword string) *Statement {
	if l.index != nil {
		if list := l.index[keyword]; len(list) > 0 {
			return list[len(list)-1]
		}
		return nil
	}
	return l.block.Find(keyword)
}

// each gives every such statement of the block; false when yield wants no more.
func (l *level) each(keyword string, yield func(*Statement) bool) bool {
	if l.index != nil {
		for _, s := range l.index[keyword] {
			if !yield(s) {
				return false
			}
		}
		return true
	}
	if l.block == nil {
		return true
	}
	for i := range l.block.Statements {
		if s := &l.block.Statements[i]; s.Keyword() == keyword && !yield(s) {
			return false
		}
	}
	return true
}

// chain is what a zone, a view or the server as a whole takes its settings
// from, from the inside out.
type chain struct {
	levels [5]level
	n      int
}

func (c *chain) add(l level) {
	if l.block != nil || l.index != nil {
		c.levels[c.n] = l
		c.n++
	}
}

// rowIn finds the row of the innermost block that could have the statement:
// what it says of inheritance holds.
func rowIn(keyword string, in Context) *Def {
	for _, context := range outward {
		if in&context != 0 {
			if d := Lookup(context, keyword); d != nil {
				return d
			}
		}
	}
	return nil
}

// find gives the innermost level that has the row's statement, -1 when none
// has. The innermost block that the row is for counts, whatever the columns
// say; of those further out only what it inherits from.
func (c *chain) find(d *Def, from int) int {
	inside := true
	for i := range c.n {
		l := &c.levels[i]
		own := inside && d.In&l.context != 0
		if !own && !d.InheritsFrom(l.context) {
			continue
		}
		inside = inside && !own
		if i >= from && l.has(d.Keyword) {
			return i
		}
	}
	return -1
}

// Setting is what is in force of one statement.
type Setting struct {
	Def       *Def       // the row that decides; nil when no block here can have the statement
	Statement *Statement // nil where the built-in default holds, or nothing does
	// From is the kind of block that Statement stands in: ZoneBlock,
	// TemplateBlock, ViewBlock, OptionsBlock or Top; None without one.
	From Context
	// Default is the built-in value where Statement is nil, "" where there is none.
	Default string

	chain *chain
	level int
}

// String gives the value in the words of named.conf: what the configuration
// says, byte for byte, else the default.
func (s Setting) String() string {
	if s.Statement != nil {
		return s.Statement.Value()
	}
	return s.Default
}

// All gives every statement in force, for those that may stand more than once
// (check-names, listen-on, key), in the order of the file; where the column
// Adds says so, those further out after the block's own.
func (s Setting) All() iter.Seq[*Statement] {
	return func(yield func(*Statement) bool) {
		if s.Statement == nil {
			return
		}
		keyword := s.Statement.Keyword()
		for i := s.level; i >= 0 && s.chain.levels[i].each(keyword, yield) && s.Def.Adds; {
			i = s.chain.find(s.Def, i+1)
		}
	}
}

// value resolves a keyword for what can have statements of the contexts in. A
// zone's type is "" for views and the server as a whole.
func (c *chain) value(keyword string, in Context, v Version, zoneType string) Setting {
	keyword = strings.ToLower(keyword)
	d := rowIn(keyword, in)
	if d == nil {
		return Setting{}
	}
	if i := c.find(d, 0); i >= 0 && (c.levels[i].context&(ZoneBlock|TemplateBlock) != 0 || d.IsFor(zoneType)) {
		return c.setting(d, i)
	}
	for _, other := range d.Else {
		if e := rowIn(other, in); e != nil {
			if i := c.find(e, 0); i >= 0 {
				return c.setting(e, i)
			}
		}
	}
	if !d.IsFor(zoneType) {
		return Setting{Def: d}
	}
	return Setting{Def: d, Default: d.DefaultFor(v, zoneType)}
}

func (c *chain) setting(d *Def, i int) Setting {
	return Setting{Def: d, Statement: c.levels[i].last(d.Keyword), From: c.levels[i].context, chain: c, level: i}
}

// IsFor tells whether a zone of the type (primary, ...) has any use for the
// statement; of an unknown type it says yes.
func (d *Def) IsFor(zoneType string) bool {
	letter := zoneTypes[zoneType]
	return letter == "" || d.Zones == "" || strings.Contains(d.Zones, letter)
}
