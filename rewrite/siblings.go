package rewrite

import (
	"path"
	"strings"
)

// siblings are what named keeps beside a zone file, by suffix. A zone file
// never travels without them. lasting are those that named may make later and
// that a rollback has to bring back.
//
// Source: lib/dns/zone.c, lib/dns/journal.c; BIND 8 for the last three.
var siblings = []struct {
	suffix  string
	static  bool // read for a zone that named does not write, too
	lasting bool
	signed  bool // only of a zone that named signs
}{
	{".jnl", true, true, false}, {".jbk", true, false, false}, {".jnw", true, false, false},
	{".signed", false, true, true}, {".signed.jnl", false, true, true}, {".signed.jbk", false, false, true}, {".signed.jnw", false, false, true},
	{".log", false, false, false}, {".ixfr", false, false, false}, {".ixfr.tmp", false, false, false},
}

// stateFiles are what named keeps in a directory without being told a name.
var stateFiles = []struct {
	pattern string // of path.Match
	home    home
}{
	{"managed-keys.bind", managedKeys}, {"managed-keys.bind.jnl", managedKeys}, {"managed-keys.bind.jbk", managedKeys},
	{"*.mkeys", managedKeys}, {"*.mkeys.jnl", managedKeys}, {"*.mkeys.jbk", managedKeys},
	{"*.nzf", newZones}, {"*.nzd", newZones},
	{"__catz__*.db", catalogZones}, {"__catz__*.db.jnl", catalogZones},
	{"*.nta", working}, {"*.tsigkeys", working},
	{"K*.key", keys}, {"K*.private", keys}, {"K*.state", keys},
}

// home tells which statement names the directory of a state file; all of them
// are the working directory by default.
type home uint8

const (
	working home = iota
	managedKeys
	newZones
	catalogZones
	keys
)

// homeStatements gives the statement for each home.
var homeStatements = map[home]string{
	managedKeys: "managed-keys-directory", newZones: "new-zones-directory",
	catalogZones: "catalog-zones", keys: "key-directory",
}

// isState finds the row of a name that named itself makes.
func isState(name string) (home, bool) {
	for _, s := range stateFiles {
		if ok, _ := path.Match(s.pattern, name); ok {
			return s.home, true
		}
	}
	return 0, false
}

// isRotated tells whether name is an older log of base: base.0, base.17,
// base.20240131120000123.
func isRotated(base, name string) bool {
	rest, ok := strings.CutPrefix(name, base+".")
	return ok && rest != "" && strings.Trim(rest, "0123456789") == ""
}
