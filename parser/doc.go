// Package parser reads named.conf without losing a byte, finds what is in it,
// and changes it byte by byte. It stands alone: of BIND it needs nothing, and
// what it reads comes through a Source, such as FromFS(os.DirFS("/")).
//
// # Reading
//
// Load reads a configuration with its include files and gives a Config: the
// files with their text, the include statements, and the tree of statements.
// Include files are spliced in as named does it: relative to its working
// directory of that moment, the last match of a glob first, also inside blocks
// and across braces. Parse reads one text; a Reader gives statement after
// statement and keeps none.
//
// A Statement is a keyword, its values and its blocks, up to the semicolon:
// a list of Terms. A Term is a word, a string, a '!', a '/' or a Block, and
// knows its file and its bytes there. Comments and blank space are not in the
// tree; they are what lies between the terms in File.Text. There is no printer:
// whoever wants the text has it.
//
// Whatever the input, there is a tree: what is missing is reported as a
// Diagnostic and put in. Diagnostics are not errors; Diagnostics.Err is one
// when some finding means that named would not start.
//
// # Finding
//
// Config.Select follows a path of keywords, Config.All visits every statement
// and says where it stands. Config.Views, View.Zones and Config.Zones walk what
// named would serve. Zone.Value, View.Value and Config.Value say what is in
// force of a statement and where it comes from: the zone, its template, its
// view, options, or the default that is built into named.
//
// # Changing
//
// Changes collects new text for spans of bytes, Edits the same for one text by
// offset. Offsets are always those of the text as it was read, and two changes
// of the same bytes are an error. To change a value take its Term, to remove a
// statement replace its Whole by nothing.
//
// # The table
//
// What a keyword means is a row (Def) of one table: where it may stand, in which
// releases, what follows it, whether that is a path, what named uses where it
// is absent, and what a block takes from those around it. Lookup finds a row,
// Statements gives them all. A keyword has several rows where it means
// different things in different places (file in a zone and in a channel).
// Rows that Lookup gives are shared: read them only.
//
// Def.Zones and Default.Zones name types of zones by letters: p primary,
// s secondary, m mirror, f forward, h hint, r redirect, t static-stub, u stub,
// d delegation-only. In Def.Value words in capitals are kinds of values and
// other words stand for themselves; "A B" is one after the other, "( A | B )"
// the first that fits, "[ A ]" may be absent, "{ A; }" is a list in braces.
//
// # Bounds
//
// Any input ends in bounded memory and time: the bounds are in bounds.go, and
// what passes one is a finding (NJ101 and NJ109 for a file of more than
// MaxText, NJ108, NJ113, NJ116). Of many findings the first MaxFindings are
// kept. No finding shows a secret: see secrets.go.
//
// # Compatibility
//
// The package follows semantic versioning (https://semver.org), together with the
// program. From 1.0.0 on, within a major version:
//
//   - No exported name goes away or gets another type or meaning; what is there is
//     listed in testdata/api.txt, and a test compares. Structs may get fields: use
//     field names in literals. Interfaces that others implement (Source, Apart) get
//     no methods; what a Source can do besides stays optional.
//   - A Code keeps its meaning, and a Config the bytes of its files.
//   - Spans hold byte offsets of the text as it was read.
//
// What may change with any release, because BIND or our knowledge of it does: the
// rows of the table and what follows from them (Lookup, Statements, Value), which
// findings are made, their texts, places, remedies and order, and the bounds. A
// finding may become an error or a warning when named's own verdict is found to be
// that. Before 1.0.0 a minor version may change everything; CHANGELOG.md says what.
//
// The module is called named-jail, which names no server: a program that uses the
// package gets a copy of the sources, as in
//
//	require named-jail v0.1.0
//	replace named-jail => ../named-jail
//
// # What it does not promise
//
//   - It does not write to a disk and never changes the working directory.
//   - A Checker judges what the configuration says: forms, ranges, names that
//     are used and not defined, what statements demand and exclude. It does not
//     look at files, and of BIND 8 it judges places and names only.
//   - What depends on more than the configuration has no default in the table:
//     the name of the host, limits of the system, what a library was built with.
//     Directories in defaults are those of BIND itself; packages change them.
//   - ixfr-from-differences and check-names in options can be for zones of one
//     type; Setting gives the statements (All), the reader picks. The forwarders
//     of options hold for the names that are asked for, not for zones, so they
//     are not what a zone has in force. A mirror zone does not take
//     allow-transfer and notify from outside in every case; the values here are
//     those of other zones.
//   - Zones that rndc addzone, a catalog zone or a database makes are not in
//     named.conf, and the view _bind of named is not either.
package parser
