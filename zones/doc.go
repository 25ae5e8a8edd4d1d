// Package zones reads zone files as BIND reads them and judges whether named
// would load them, and what else is wrong with them.
//
// The mental model is a line of five rooms, each of which knows only the one
// before it:
//
//	lexer      text -> entries (lexer.go), with the rules of BIND's own lexer
//	reader     entries -> records (text.go, parts.go), directives, TTLs, names;
//	           data field by field (rdata.go), as tables say of each type
//	           (types.go, layouts.go), a few rare ones with miekg/dns;
//	           a raw file comes in by another door (raw.go)
//	store      records -> owners with their records (store.go), found by name
//	           (lookup.go)
//	scan       owners -> rules, one owner at a time (scan.go, rules.go)
//	check      files -> report: opens, bounds and orders all of it (check.go),
//	           and spares what has not changed (cache.go)
//
// With Judging.DNSSEC a signed zone is also proved (dnssec.go): its owners in
// canonical order (order.go), each with its signatures (dnssec_sets.go) and its
// NSEC or NSEC3 record; signatures' times are looked at always
// (dnssec_times.go), and the keys with which named signs (keys.go).
//
// Reading knows no rule, and no rule knows a file format. The rules are rows of
// tables. The zone's journal (journal.go) is read last: it must lead on from
// the serial of the file.
//
// A large file is read in parts at the same time, and the owners are shown to
// the rules from several goroutines; the outcome is that of one. A record takes
// some 90 bytes with its share of the owner; nothing else grows with the zone.
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
// What the package does not promise: it asks no server. A name outside the zone
// is taken to be right, whatever record names it.
package zones
