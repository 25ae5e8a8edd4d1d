// Package parser reads named.conf without losing a byte.
//
// A scanner cuts each file into tokens that, joined, give the file again. The
// cutter in Reader takes them statement by statement, splices include files in
// as named does (relative to its working directory of that moment, the last
// match of a glob first, also inside blocks and across braces) and reports and
// mends what is missing; a participle grammar turns each statement into a
// tree. What a keyword means is a row of the table in statements.go: where it
// may stand, in which releases, what follows it, whether its value is a path.
//
// A Term knows its file and its bytes there, so a change is made on the text
// itself and everything else stays as it is; there is no printer.
//
// The package does not open files (a Source does), does not change its own
// working directory, and does not judge what the names in values
// stand for. Values are compared with the table for 9.16 to 9.20 only.
package parser
