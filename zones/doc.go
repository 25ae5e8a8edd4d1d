// Package zones reads zone files as BIND reads them and judges whether named
// would load them.
//
// The mental model: a zone file is a stream of entries, one record or one
// directive each. The lexer (lexer.go) cuts the stream into entries with the
// rules of BIND's own lexer. The text reader (text.go) follows the directives
// and gives each record its owner name, TTL, class and type. The data of a
// record is read by a quick reader for the common types (quick.go) and by
// miekg/dns for all others (rdata.go). A file in raw format comes in by another
// door (raw.go) and ends in the same records. The zone's journal (journal.go) is
// read last: it must lead on from the serial of the file. The judge (judge.go)
// keeps the few facts that the rules need, and the rules (rules.go) are a table.
// Reading knows no rule, and no rule knows a file format.
//
// Records are never kept: what stays in memory is 8 bytes or so per owner name.
// Owner names are kept as 59-bit hashes; in a zone of ten million names the
// chance of one false finding is about one in ten thousand.
//
// A file is opened through Files, with the name as it is written, because
// $INCLUDE is relative to named's working directory and only the caller knows
// where that is.
//
// Text of a zone file never gets into a message: a $INCLUDE can name a file
// that the reader of the message may not read. The exception is the name of an
// $INCLUDE file that cannot be opened.
//
// What the package does not promise: the records of a journal are read, and not
// judged by the rules. It does not check names by check-names, does not check signatures, and does not look at other
// zones. A type that only some releases of BIND know is accepted for all.
package zones
