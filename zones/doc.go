// Package zones reads zone files as BIND reads them and judges whether named
// would load them, and what else is wrong with them.
//
// The mental model is a line of rooms, each of which knows only those before it:
//
//	lexer    text -> entries (lexer.go), with the rules of BIND's own lexer
//	reader   entries -> records: directives and $INCLUDE (text.go), $GENERATE
//	         (generate.go), owner, TTL, class and type (records.go); large files
//	         in parts at once (parts.go, batch.go). Raw files come in by another
//	         door (raw.go)
//	data     the words of a record -> its wire form (rdata.go): types (types.go),
//	         what their data is made of (rdata_layouts.go), and a reader and a
//	         check for each part (rdata_readers.go, rdata_wire.go, and rdata_*.go
//	         for single types); the commonest have readers of their own
//	         (rdata_quick.go), a few rare ones go through miekg/dns
//	store    records -> owners with their records (store.go, arena.go), found by
//	         name as named would answer (lookup.go), sorted (order.go)
//	scan     shows the rules one owner at a time (scan.go)
//	rules    rows of tables: ownerRules and zoneRules (rules.go), by subject in
//	         rules_*.go
//	journal  the changes that named would make to the file's records
//	         (journal*.go), and the signed copy of an inline-signed zone
//	dnssec   times of signatures (dnssec_times.go), keys on disk
//	         (dnssec_keydir.go), and on demand the proof of the whole zone
//	         (dnssec*.go)
//	check    files -> report: opens (open.go), bounds and orders all of it
//	         (check.go, findings.go), many zones at once
//	cache    spares what has not changed (cache.go, cache_text.go, stamp.go)
//	apart    lets somebody else judge (apart.go, apart_text.go)
//
// One zone flows like this: check.into asks the cache; readFile fills the store;
// judge asks the rules of the reading, applies the journal, asks the rules of
// the data and of the whole zone, in named's order; finish counts and sorts.
// Reading knows no rule, and no rule knows a file format. Rules that speak of
// what is missing are asked only when everything could be read.
//
// A large file is read in parts at the same time, and the owners are shown to
// the rules from several goroutines; the outcome is that of one. While they run
// nothing but a scan's own fields is written. A record takes some 90 bytes with
// its share of the owner; nothing else grows with the zone. What can take long
// asks the context, so that a check ends within a second of being stopped.
//
// A file is opened through Files, with the name as it is written, because
// $INCLUDE is relative to named's working directory and only the caller knows
// where that is.
//
// Text of a zone file never gets into a message: a $INCLUDE can name a file
// that the reader of the message may not read. Exceptions are the name of an
// $INCLUDE file that cannot be opened, and names of records that were read
// whole, with every unusual byte escaped.
//
// What is checked is listed in docs/zones.md, and where that differs from BIND;
// the tests hold the page to the tables, and the tables to BIND's own tools.
//
// What the package does not promise: it asks no server. A name outside the zone
// is taken to be right, whatever record names it.
package zones
