// Package rewrite knows what an install of named consists of and where each
// part of it goes in the jail.
//
// NewInstall walks the statements of a configuration once and keeps the
// options, views and zones, what zones inherit, and every path with the place
// where it is written. Settle gives each path its place in the jail by the
// rules of relocation. Outputs is the new text of the configuration files: the
// old bytes, but for the values that had to change and the statements that had
// to be put in. Wanted is the list of what the jail must then hold.
//
// The package reads directories and configuration text through Host and writes
// nothing. It does not read zone files: package zones does, and hands what
// they include to AddIncludes.
package rewrite
