package parser

// Code is the stable name of a kind of finding: NJ1xx scan and syntax, NJ2xx
// statement, NJ3xx path, NJ4xx zone file, NJ5xx jail and plan, NJ6xx launch.
// A code is never given a second meaning.
type Code string

// CodeInfo is one row of the table of codes.
//
// Remedy is what to do where the finding itself has nothing better to say.
type CodeInfo struct {
	Severity Severity
	Title    string
	Remedy   string
}

// codes is the one table of codes.
var codes = map[Code]CodeInfo{
	// scan and syntax
	"NJ101": {Error, "the file cannot be read", ""},
	"NJ102": {Error, "a string is not closed", ""},
	"NJ103": {Error, "a comment is not closed", ""},
	"NJ104": {Error, "a brace does not match", ""},
	"NJ105": {Error, "a semicolon is missing", ""},
	"NJ106": {Error, "an empty statement", ""},
	"NJ107": {Error, "a byte that named.conf cannot hold", ""},
	"NJ108": {Error, "blocks are nested too deeply", ""},
	"NJ109": {Error, "an include file is missing or cannot be read", ""},
	"NJ110": {Error, "an include file includes itself", ""},
	"NJ111": {Error, "include wants a quoted file name", ""},
	"NJ112": {Error, "a comment is glued to a word", ""},
	"NJ113": {Error, "too many files are included", ""},
	"NJ114": {Error, "text where a statement should begin", ""},
	"NJ115": {Error, "an include file may not be read by this account", ""},

	// statements
	"NJ201": {Error, "an unknown statement", ""},
	"NJ202": {Error, "the statement is gone from this version", ""},
	"NJ203": {Error, "the statement does not exist yet in this version", ""},
	"NJ204": {Error, "the value has the wrong form", ""},
	"NJ205": {Error, "a statement stands twice", ""},
	"NJ206": {Error, "a required statement is missing", ""},
	"NJ207": {Error, "the statement is not allowed for this zone type", ""},
	"NJ208": {Error, "a zone stands twice in its view", ""},
	"NJ209": {Warning, "the statement is deprecated", ""},
	"NJ210": {Error, "a name that is used is not defined", ""},
	"NJ211": {Error, "an unknown zone type", ""},
	"NJ212": {Error, "zones outside views beside views", ""},
	"NJ213": {Error, "a number is out of its range", "named refuses to start on it; write a value in that range."},
	"NJ214": {Error, "a word is not a domain name", ""},
	"NJ215": {Error, "a secret or key cannot be read", ""},
	"NJ216": {Error, "a word that is none of those that may stand there", ""},
	"NJ217": {Error, "statements that exclude each other", ""},
	"NJ218": {Error, "a name is defined twice, or is a built-in one", ""},
	"NJ219": {Warning, "a statement without effect, or with a doubtful one", ""},
	"NJ220": {Error, "a prefix that does not fit", ""},
	"NJ221": {Error, "an access list contains itself", ""},
	"NJ222": {Error, "a dnssec-policy that cannot work", ""},

	// paths
	"NJ301": {Error, "a path that cannot be written in named.conf", ""},
	"NJ302": {Error, "a file that two zones write", ""},
	"NJ303": {Error, "a file that named writes lies in a directory of the configuration", ""},
	"NJ304": {Warning, "a path that named-jail cannot relocate", ""},
	"NJ305": {Error, "a file that named must read is missing", ""},
	"NJ306": {Warning, "a file that named may read is missing", ""},
	"NJ307": {Error, "a path that leads out of the place where it may lie", ""},
	"NJ308": {Error, "a file and a directory want the same place", ""},
	"NJ309": {Error, "zones that rndc addzone made cannot be read", ""},
	"NJ310": {Error, "a file that named reads may not be read by its account", ""},
	"NJ311": {Error, "a directory that named writes in is missing", ""},
	"NJ312": {Error, "a directory that named writes in may not be written by its account", ""},
	"NJ313": {Error, "a file that named writes may not be written by its account", ""},
	"NJ314": {Error, "a directory that named lists may not be listed by its account", ""},
	"NJ315": {Error, "no database answers an access list by place", ""},

	// zone files
	"NJ401": {Error, "the zone file is missing or cannot be read", ""},
	"NJ402": {Error, "the zone file has a syntax error", "named does not load the zone with it; correct the line."},
	"NJ403": {Error, "the zone has no SOA record at its origin", "named does not load the zone; its SOA record stands at the origin."},
	"NJ404": {Error, "the zone has more than one SOA record", "named does not load the zone; keep one of them."},
	"NJ405": {Error, "the zone has no NS record at its origin", "named does not load the zone; add an NS record at the origin."},
	"NJ406": {Warning, "an owner name lies outside the zone", ""},
	"NJ407": {Error, "a CNAME record stands beside other data", "named does not load the zone; keep either the CNAME or the other records."},
	"NJ408": {Error, "an $INCLUDE file is missing or cannot be read", "named does not load the zone; put the file there or take the line out."},
	"NJ409": {Error, "the zone file has the wrong format", "Convert it with named-compilezone, or correct masterfile-format."},
	"NJ410": {Error, "an $INCLUDE loop", "named does not load the zone; take one of the lines out."},
	"NJ411": {Error, "a record of the wrong class", "named does not load the zone; take the class out."},
	"NJ412": {Error, "the journal does not belong to the zone file", ""},
	"NJ413": {Error, "a bound of the zone reader was passed", ""},
	"NJ414": {Error, "a second DNAME record at one name", ""},
	"NJ415": {Error, "a name server of the zone has no address in it", ""},
	"NJ416": {Warning, "a TTL that named has to choose itself", ""},
	"NJ417": {Error, "an SOA record below the origin", ""},
	"NJ418": {Error, "the zone file may not be read by this account", ""},
	"NJ419": {Error, "the zone's journal is damaged or cannot be read", "named does not load the zone; move the journal away, or restore it."},

	// jail and plan
	"NJ501": {Error, "the jail cannot be where it is said to be", ""},
	"NJ502": {Error, "the account cannot be used", ""},
	"NJ503": {Warning, "the account is weaker than it should be", ""},
	"NJ504": {Error, "root is needed", ""},
	"NJ505": {Error, "two different files claim one place", ""},
	"NJ506": {Error, "a file was changed by somebody else", ""},
	"NJ507": {Error, "the tree changed under the plan", ""},
	"NJ508": {Error, "another run holds the lock", ""},
	"NJ509": {Error, "a change could not be carried out", ""},
	"NJ510": {Error, "named is running on the files about to move", ""},
	"NJ511": {Error, "an object of the wrong kind stands in the way", ""},
	"NJ512": {Error, "a library cannot be found", ""},
	"NJ513": {Warning, "what the jail does not provide here", ""},
	"NJ514": {Error, "the file system is read-only or full", ""},
	"NJ515": {Error, "the state directory is not safe", ""},
	"NJ516": {Error, "there is nothing to roll back", ""},
	"NJ517": {Error, "a program or module cannot be copied", ""},

	// launch
	"NJ601": {Error, "named cannot be found", ""},
	"NJ602": {Error, "named cannot be executed", ""},
	"NJ603": {Error, "a flag that this named does not understand", ""},
	"NJ604": {Error, "a group that this named cannot take", ""},
	"NJ605": {Error, "named's answer cannot be understood", ""},
	"NJ606": {Warning, "the last good configuration is used", ""},
	"NJ607": {Error, "named-checkconf refuses the configuration", ""},
	"NJ608": {Error, "a command line that named does not take", ""},
}

// LookupCode gives the row of a code. The second result is false for a code
// that is not in the table.
func LookupCode(c Code) (CodeInfo, bool) {
	info, ok := codes[c]
	return info, ok
}
