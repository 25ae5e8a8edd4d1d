package parser

import (
	"strings"
	"sync"
)

// Context is a place where statements stand, as a set of bits: a row of the
// table is legal in each of its contexts.
type Context uint32

// The contexts. None stands for no block at all; the three last are blocks
// without statements of the table: lists, text that named hands on unparsed,
// and the blocks of unknown statements.
const (
	Top Context = 1 << iota
	OptionsBlock
	ViewBlock
	ZoneBlock
	TemplateBlock
	ServerBlock
	KeyBlock
	LoggingBlock
	ChannelBlock
	ControlsBlock
	TLSBlock
	HTTPBlock
	PolicyBlock
	KeyStoreBlock
	StatisticsBlock
	DLZBlock
	RateLimitBlock
	DNS64Block
	List
	Raw
	Unknown

	None Context = 0
)

// holdsStatements tells whether the block holds statements of the table, and
// so includes.
func (c Context) holdsStatements() bool { return c != None && c < List }

// Shape is what follows the keyword, as far as the cutter must know to find a
// missing semicolon.
type Shape uint8

// The shapes. Several takes any words and lists. Named takes words, then a
// block that holds statements; the others say themselves.
const (
	Several    Shape = iota
	Nothing          // null;
	Word             // one word or string
	Quoted           // one string in quotes
	QuotedNone       // one string in quotes, or none
	Boolean          // yes, no, true, false, 1, 0
	Number           // an unsigned number
	ListShape        // { ...; }
	Named            // [words] { statements }
	RawShape         // words { text }
)

// terms gives how many words the shape takes, -1 when that is not fixed.
func (s Shape) terms() int {
	switch s {
	case Nothing:
		return 0
	case Word, Quoted, QuotedNone, Boolean, Number:
		return 1
	}
	return -1
}

// endsWithBlock tells whether only a semicolon can follow the block.
func (s Shape) endsWithBlock() bool { return s == ListShape || s == Named || s == RawShape }

// PathKind is what a path of the configuration leads to.
type PathKind uint8

// The kinds of paths; NoPath marks a statement that names none.
const (
	NoPath PathKind = iota
	FilePath
	DirectoryPath
	SocketPath
	LibraryPath
	ProgramPath
	IncludePath
	ZoneFilePath
)

// Access is what named does with what a path leads to.
type Access uint8

// The accesses.
const (
	Reads Access = iota
	Writes
	// Decides: reads or writes, by the zones that use it (key-directory).
	Decides
	// Chdir: the working directory.
	Chdir
)

// PathRule is the path column of the table: which word is a path, what it
// leads to, and what named does with that.
type PathRule struct {
	Arg    int    // which term after the keyword; 0: the term after After
	After  string // a word; the path is the term behind it
	Kind   PathKind
	Access Access
	// NoneValue: the unquoted word none stands for no path.
	NoneValue bool
	// Default is the built-in value's name in Defaults of package rewrite,
	// "" where named has none or none that matters.
	Default string
}

// Def is one row of the table of statements.
//
// Since is the first release with the statement: zero stands for BIND 8.1 and
// all later ones, 9.0.0 for what BIND 8 does not have. Until is the first
// release without it: from there on named refuses the configuration. From
// Deprecated on named warns, from Obsolete on it warns and does nothing.
//
// Where a release of the Source is not exact it errs to the side of the
// operator: Since too early, the others too late.
type Def struct {
	Keyword    string
	In         Context
	Shape      Shape
	Value      string  // what follows the keyword, in the language of values.go
	Zones      string  // the zone types that allow it, by the letters of zoneTypes; "": all
	Inside     Context // what its block holds; None: a list
	Since      Version
	Until      Version
	Deprecated Version
	Obsolete   Version
	Back       Backports
	Multi      bool   // may stand more than once in a block
	Instead    string // what replaces it: a statement, or a sentence on what to do
	Paths      []PathRule
	Defines    string    // the name space of the first word, by spaces in names.go
	Default    []Default // what named uses where nothing states it; every row has at least one entry
	Inherits   Context   // the blocks further out whose statement holds where the block itself has none
	Adds       bool      // a statement further out holds as well, not only where the block itself has none
	Else       []string  // the statements whose value it takes, in turn, before Default
	Source     string

	value   *value // Value, compiled
	mark    marks  // its bit, when a rule asks about it
	effects []int  // the rows of effects that are about it
	judge   func(*Checker, *Statement)
}

// block gives the context of the row's block.
func (d *Def) block() Context {
	if d.Shape == RawShape {
		return Raw
	}
	if d.Inside != None {
		return d.Inside
	}
	return List
}

// index finds the rows of a keyword, after the tables have been completed.
var (
	index     map[string][]*Def
	indexOnce sync.Once
)

// rowsOf gives the rows of a keyword in lower case. The tables are completed when they
// are first asked: a process that only judges zones needs none of them.
func rowsOf(keyword string) []*Def {
	indexOnce.Do(complete)
	return index[keyword]
}

// complete completes the tables. They refer to each other and to the Checker, so
// that the language cannot order them by itself.
func complete() {
	makeKinds()
	makeRules()
	makeJudgements()
	index = make(map[string][]*Def, len(statements))
	known := map[string]*value{}
	for i := range statements {
		d := &statements[i]
		if known[d.Value] == nil && d.Value != "" {
			known[d.Value] = compileValue(d.Value)
		}
		d.value = known[d.Value]
		d.mark = markBits[d.Keyword]
		for n := range effects {
			if effects[n].keyword == d.Keyword {
				d.effects = append(d.effects, n)
			}
		}
		for n := range judgements {
			if judgements[n].keyword == d.Keyword && judgements[n].in&d.In != 0 {
				d.judge = judgements[n].judge
			}
		}
		index[d.Keyword] = append(index[d.Keyword], d)
	}
}

// Lookup finds the row of a keyword in a context, ignoring case; nil when
// there is none.
func Lookup(c Context, keyword string) *Def {
	rows := rowsOf(keyword)
	if rows == nil {
		rows = rowsOf(strings.ToLower(keyword))
	}
	for _, d := range rows {
		if d.In&c != 0 {
			return d
		}
	}
	return nil
}

// Statements gives the table, row by row, as a copy.
func Statements() []Def {
	indexOnce.Do(complete)
	return append([]Def(nil), statements...)
}
