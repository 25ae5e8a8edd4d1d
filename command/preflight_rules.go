package command

import (
	"named-jail/parser"
	"named-jail/rewrite"
)

// need is what named wants of a path.
type need uint8

const (
	readFile  need = iota // a file to read
	writeFile             // a file to write, made where it is missing
	plainFile             // the same, and it has to be a plain file: no device
	freshFile             // a file that named removes and makes anew, with missing directories
	lockFile              // a file that named opens, made with missing directories
	writeDir              // a directory to write in
	keyDir                // a directory to list and to write in
	listDir               // a directory to list
	socket                // a socket on which somebody else listens
	ownSocket             // a socket that named makes
)

// rule is one row: what named wants of the path of a statement and what
// happens when it does not get it.
type rule struct {
	need  need
	fatal bool   // an error: named refuses to start, or loses the function
	loss  string // what happens
}

// refuses is what happens most often.
const refuses = "named refuses to start"

// rules is the table, by keyword. A statement that is not in it is not looked
// at. A built-in default that fails is a warning, whatever its row says.
//
// Source: measured with BIND 9.18.49; bin/named/server.c, bin/named/os.c,
// lib/isc/log.c.
var rules = map[string]rule{
	"directory":              {writeDir, true, refuses},
	"managed-keys-directory": {writeDir, true, refuses},
	"new-zones-directory":    {writeDir, true, refuses},
	"file":                   {plainFile, true, refuses + ", and says so in no log"},
	"lock-file":              {lockFile, true, refuses + ": \"another named process may be running\""},
	"pid-file":               {freshFile, true, "named runs without a pid file, and the boot script does not find it"},
	"session-keyfile":        {freshFile, false, "nsupdate -l does not work"},
	"key-directory":          {keyDir, true, "named serves the zone without signatures"},
	"catalog-zones":          {writeDir, true, "the zones of the catalog are not saved, and gone after a restart until they are transferred again"},
	"dnstap-output":          {writeFile, true, "named writes nothing there and does not say so"},
	"dump-file":              {writeFile, true, "rndc dumpdb fails"},
	"statistics-file":        {writeFile, true, "rndc stats fails"},
	"memstatistics-file":     {writeFile, false, "named cannot write it"},
	"secroots-file":          {writeFile, true, "rndc secroots fails"},
	"recursing-file":         {writeFile, true, "rndc recursing fails"},
	"cert-file":              {readFile, true, refuses},
	"key-file":               {readFile, true, refuses},
	"ca-file":                {readFile, true, refuses + ", and does not name the file"},
	"dhparam-file":           {readFile, true, refuses + ", and does not name the file"},
	"tkey-gssapi-keytab":     {readFile, true, "updates with Kerberos keys are refused"},
	"plugin":                 {readFile, true, refuses},
	"database":               {readFile, true, refuses},
	"dyndb":                  {readFile, true, refuses},
	"rndc.key":               {readFile, false, "rndc gets no answer"},
	"unix":                   {ownSocket, false, "rndc does not reach named by the socket"},
}

// zoneLoss tells what becomes of a zone whose directory named may not write, by
// its class.
var zoneLoss = map[rewrite.Class]string{
	rewrite.ClassSecondary: "named cannot save what it transfers, and says so only then",
	rewrite.ClassDynamic:   "updates of the zone fail",
	rewrite.ClassBeside:    "named cannot keep its journal or its signed copy",
}

// unread is what becomes of a zone whose file cannot be read, by the zone's
// type; a type that is not in it is only not loaded.
var unread = map[string]string{"hint": refuses, "redirect": refuses}

const notLoaded = "named does not load the zone"

// beside are the files that named keeps beside a zone file and that keep the
// zone from loading when they are there and cannot be used: with the
// statements that make them.
var beside = []struct {
	suffix string
	signed bool // only of zones that named signs beside their file
}{{".jnl", false}, {".jbk", true}, {".signed", true}, {".signed.jnl", true}}

// isPreflight tells whether only the pre-flight makes findings of that code.
func isPreflight(c parser.Code) bool { return c >= "NJ310" && c <= "NJ316" }
