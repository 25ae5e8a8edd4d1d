package parser

import (
	"sort"
	"strings"
)

// Code is the stable name of a kind of finding: NJ1xx scan and syntax, NJ2xx
// statement, NJ3xx path, NJ4xx zone file, NJ5xx jail and plan, NJ6xx launch.
// A code is never given a second meaning; NJ111 was one once.
type Code string

// CodeInfo is one row of the table of codes.
//
// Remedy is what to do: for `explain`, and where the finding itself has nothing
// better to say. A new code needs a row in this table, one in explain.go, and an
// example in testdata/codes.
type CodeInfo struct {
	Severity Severity
	Title    string
	Remedy   string
}

// Group is the codes that begin alike.
type Group struct {
	Prefix Code // "NJ1"
	Title  string
}

// groups is the table of groups, in order.
var groups = []Group{
	{"NJ1", "Scan and syntax"}, {"NJ2", "Statements"}, {"NJ3", "Paths"},
	{"NJ4", "Zone files"}, {"NJ5", "Jail and plan"}, {"NJ6", "Launch"},
}

// Groups lists the groups of codes in order.
func Groups() []Group { return append([]Group(nil), groups...) }

// Codes lists the codes of the group in order.
func (g Group) Codes() []Code {
	var list []Code
	for _, c := range Codes() {
		if strings.HasPrefix(string(c), string(g.Prefix)) {
			list = append(list, c)
		}
	}
	return list
}

// codes is the one table of codes.
var codes = map[Code]CodeInfo{
	// scan and syntax
	"NJ101": {Error, "the file cannot be read", "Give the right file with -c FILE."},
	"NJ102": {Error, "a string is not closed", "Close the quote on the line where it is opened."},
	"NJ103": {Error, "a comment is not closed", "Close it with */, or use // for one line."},
	"NJ104": {Error, "a brace does not match", "Count the braces of the block that was changed last."},
	"NJ105": {Error, "a semicolon is missing", "Put a semicolon before the place that is shown."},
	"NJ106": {Error, "an empty statement", "Remove it."},
	"NJ107": {Error, "a byte that named.conf cannot hold", "Write the file anew, as plain text."},
	"NJ108": {Error, "blocks are nested too deeply", "See which block lacks its closing brace."},
	"NJ109": {Error, "an include file is missing or cannot be read", "Put the file there, or remove the statement."},
	"NJ110": {Error, "an include file includes itself", "Take one of the include statements out."},
	"NJ112": {Error, "a comment is glued to a word", "Put a blank between the word and the comment."},
	"NJ113": {Error, "too many files are included", "Join the files; see whether a program that writes them has gone wrong."},
	"NJ114": {Error, "text where a statement should begin", "Write the keyword, or the semicolon that is missing before."},
	"NJ115": {Error, "an include file may not be read by this account", "Run the command as root."},
	"NJ116": {Error, "a limit of the reader was passed", "See whether it is the right file, and whether the program that writes it has gone wrong."},

	// statements
	"NJ201": {Error, "an unknown statement", "Correct the keyword, or move the statement to the block that it belongs in."},
	"NJ202": {Error, "the statement is gone from this version", "Remove the statement."},
	"NJ203": {Error, "the statement does not exist yet in this version", "Remove the statement, or install a newer BIND."},
	"NJ204": {Error, "the value has the wrong form", "Write the value in the form that the message names."},
	"NJ205": {Error, "a statement stands twice", "Keep one of the two."},
	"NJ206": {Error, "a required statement is missing", "Add the statement."},
	"NJ207": {Error, "the statement is not allowed for this zone type", "Remove the statement, or correct the type."},
	"NJ208": {Error, "a zone stands twice in its view", "Keep one of the two."},
	"NJ209": {Warning, "the statement is deprecated", "Replace it before the next upgrade of BIND."},
	"NJ210": {Error, "a name that is used is not defined", "Define the name, or correct its spelling."},
	"NJ211": {Error, "an unknown zone type", "Write primary, secondary, mirror, stub, static-stub, hint, forward or redirect."},
	"NJ212": {Error, "zones outside views beside views", "Move the zone into a view."},
	"NJ213": {Error, "a number is out of its range", "Write a value in the range that the message gives."},
	"NJ214": {Error, "a word is not a domain name", "Correct the name."},
	"NJ215": {Error, "a secret or key cannot be read", "Copy it anew, or make a new one with tsig-keygen."},
	"NJ216": {Error, "a word that is none of those that may stand there", "Correct the word."},
	"NJ217": {Error, "statements that exclude each other", "Keep the one that is meant."},
	"NJ218": {Error, "a name is defined twice, or is a built-in one", "Keep one of the two, or give yours another name."},
	"NJ219": {Warning, "a statement without effect, or with a doubtful one", "Remove it, or the statement that it stands beside; nothing breaks if it stays."},
	"NJ220": {Error, "a prefix that does not fit", "Set the bits behind the length to zero, or correct the length."},
	"NJ221": {Error, "an access list contains itself", "Take the name out of one of the lists."},
	"NJ222": {Error, "a dnssec-policy that cannot work", "Correct the times or the keys of the policy."},

	// paths
	"NJ301": {Error, "a path that cannot be written in named.conf", "Rename the file."},
	"NJ302": {Error, "a file that two zones write", "Give each zone a file of its own."},
	"NJ303": {Error, "a file that named writes lies in a directory of the configuration", "Name a directory that is named's own, such as /var/run."},
	"NJ304": {Warning, "a path that named-jail cannot relocate", "Give what named writes a directory of its own, and what it reads another."},
	"NJ305": {Error, "a file that named must read is missing", "Put the file there, or remove the statement."},
	"NJ306": {Warning, "a file that named may read is missing", "Put the file there, or remove the statement."},
	"NJ307": {Error, "a path that leads out of the place where it may lie", "Make root the owner of the link (chown -h root), or name the file itself."},
	"NJ308": {Error, "a file and a directory want the same place", "Change one of the two paths in named.conf."},
	"NJ309": {Error, "zones that rndc addzone made cannot be read", "Install named-nzd2nzf (BIND's utilities), or restore the file."},
	"NJ310": {Error, "a file that named reads may not be read by its account", "Let named's group read it: chgrp and chmod g+r."},
	"NJ311": {Error, "a directory that named writes in is missing", "Make the directory and give it to named's account."},
	"NJ312": {Error, "a directory that named writes in may not be written by its account", "Name a directory that belongs to named's account."},
	"NJ313": {Error, "a file that named writes may not be written by its account", "Give the file to named's account, or move it away."},
	"NJ314": {Error, "a directory that named lists may not be listed by its account", "Let the account list it: chmod o+rx."},
	"NJ315": {Error, "no database answers an access list by place", "Install the database, or remove the element."},
	"NJ316": {Error, "a module is there and cannot be loaded", "Install the module of this system's BIND, on a file system that allows execution."},

	// zone files
	"NJ401": {Error, "the zone file is missing or cannot be read", "Put the file there, or correct the file statement of the zone."},
	"NJ402": {Error, "the zone file has a syntax error", "named does not load the zone with it; correct the line."},
	"NJ403": {Error, "the zone has no SOA record at its origin", "named does not load the zone; its SOA record stands at the origin."},
	"NJ404": {Error, "the zone has more than one SOA record", "named does not load the zone; keep one of them."},
	"NJ405": {Error, "the zone has no NS record at its origin", "named does not load the zone; add an NS record at the origin."},
	"NJ406": {Warning, "an owner name lies outside the zone", "Take the dot at its end away, or move the record to the zone that it belongs to."},
	"NJ407": {Error, "a CNAME record stands beside other data", "named does not load the zone; keep either the CNAME or the other records."},
	"NJ408": {Error, "an $INCLUDE file is missing or cannot be read", "named does not load the zone; put the file there or take the line out."},
	"NJ409": {Error, "the zone file has the wrong format", "Convert it with named-compilezone, or correct masterfile-format."},
	"NJ410": {Error, "an $INCLUDE loop", "named does not load the zone; take one of the lines out."},
	"NJ411": {Error, "a record of the wrong class", "named does not load the zone; take the class out."},
	"NJ412": {Error, "the journal does not belong to the zone file", "Put back the zone file that the journal was made for, or move the journal away."},
	"NJ413": {Error, "a bound of the zone reader was passed", "See whether it is the right file, and whether it is damaged; else split it."},
	"NJ414": {Error, "a second DNAME record at one name", "named does not load the zone; keep one of them."},
	"NJ415": {Error, "a name server of the zone has no address in it", "named does not load the zone; add an A or AAAA record of that name server."},
	"NJ416": {Warning, "a TTL that named has to choose itself", "Write the TTL that is meant, or a $TTL line at the top of the file."},
	"NJ417": {Error, "an SOA record below the origin", "named does not load the zone; take the record out, or write @ as its owner."},
	"NJ418": {Error, "the zone file may not be read by this account", "Run the command as root."},
	"NJ419": {Error, "the zone's journal is damaged or cannot be read", "named does not load the zone; move the journal away, or restore it."},
	"NJ420": {Error, "a name that check-names refuses", "Correct the name, or write check-names warn; or ignore; into the zone."},
	"NJ421": {Warning, "a mail server or service has no address in the zone", "Add an A or AAAA record for it, or end its name with a dot if it lies in another zone."},
	"NJ422": {Warning, "a mail server, service or name server is a CNAME or lies below a DNAME", "Name the host itself, or give the name address records."},
	"NJ423": {Warning, "a delegation without the addresses that it needs", "Add the A and AAAA records of the name server, its glue."},
	"NJ424": {Warning, "records of one set have different TTLs", "Give the records of one name and type the same TTL."},
	"NJ425": {Warning, "a record stands there twice", "Take one of the two out."},
	"NJ426": {Error, "a TTL above max-zone-ttl", "Lower the TTL, or raise max-zone-ttl."},
	"NJ427": {Warning, "an SPF or DMARC record that mail servers will not understand", "Correct its text as RFC 7208 or RFC 7489 has it."},
	"NJ428": {Error, "a record that cannot belong to a wildcard", "named does not load the zone; write the record at a name of its own."},
	"NJ429": {Warning, "an asterisk inside a name, which is no wildcard there", "Write the asterisk as the first label, or check-wildcard no; into the zone."},
	"NJ430": {Warning, "data that no client ever gets, below a delegation or a DNAME", "Take the record out, or put it into the zone that it belongs to."},
	"NJ431": {Warning, "the serial does not grow", "Raise the serial of the SOA record, or secondaries keep the old zone."},
	"NJ432": {Error, "a signature that has expired", "Sign the zone again; validating resolvers refuse it."},
	"NJ433": {Warning, "a signature that expires soon", "Sign the zone again before then."},
	"NJ434": {Error, "a signature that is not yet valid", "Look at the clock of the signing host, or wait."},
	"NJ435": {Error, "a signature that is wrong or missing", "Sign the zone again; validating resolvers refuse it."},
	"NJ436": {Error, "the DNSKEY records of the zone do not sign it", "Sign the zone with its keys again."},
	"NJ437": {Error, "the NSEC chain is not complete", "Sign the zone again."},
	"NJ438": {Error, "the NSEC3 chain is not complete", "Sign the zone again."},
	"NJ439": {Warning, "a DS, CDS or CDNSKEY record that cannot work", "Make the record anew from the key, with dnssec-dsfromkey."},
	"NJ440": {Warning, "the keys in key-directory are not those of the zone", "Put the key files into key-directory, or take the records of old keys out of the zone."},
	"NJ441": {Error, "the digest of the zone (ZONEMD) is wrong", "Make the zone's digest again after the last change."},
	"NJ442": {Warning, "a name that looks like a slip", "Write the name that is meant; a dot at its end makes it absolute."},
	"NJ443": {Warning, "timers of the SOA record that do not fit together", "See RFC 1912 section 2.2 for values that do."},
	"NJ444": {Warning, "an algorithm or digest that is too weak or out of use", "Roll over to a key of algorithm 13 (ECDSAP256SHA256)."},
	"NJ445": {Error, "NSEC3 parameters that named or the zone's keys cannot work with", "Sign the zone with NSEC3 hash 1 and a key of algorithm 8 or higher, or with NSEC."},
	"NJ446": {Warning, "a record that only works at another name or beside another record", "Put the record where it works, or add the other one."},
	"NJ447": {Error, "the journal has a change that cannot be made or does nothing", "named does not load the zone; put back the zone file that this journal was made for, or move the journal away."},
	"NJ448": {Error, "more records or types at one name than named takes", "Take records out, or raise max-records-per-type or max-types-per-name."},
	"NJ449": {Error, "the process that reads zone files, and configuration that others can write, failed", "Run the command again. Where it fails again, look at the system log whether memory ran out; check --no-zones leaves the zones out."},
	"NJ450": {Error, "a zone that the configuration does not have", "Name a zone as named.conf does; without a name all zones are checked."},

	// jail and plan
	"NJ501": {Error, "the jail cannot be where it is said to be", "Give the jail a directory of its own, as in -t /var/named."},
	"NJ502": {Error, "the account cannot be used", "Give another user with -u USER, or let `apply --create-user` make one."},
	"NJ503": {Warning, "the account is weaker than it should be", "Give the account the shell nologin and lock its password."},
	"NJ504": {Error, "root is needed", "Run the same command as root (sudo)."},
	"NJ505": {Error, "two different files claim one place", "Rename one of the two, or move the wrong one away."},
	"NJ506": {Error, "a file was changed by somebody else", "Make the change in the original, remove the changed file, and run the command again."},
	"NJ507": {Error, "the tree changed under the plan", "Stop what works on it and run the command again."},
	"NJ508": {Error, "another run holds the lock", "Wait until it has ended, then run the command again."},
	"NJ509": {Error, "a change could not be carried out", "Remove the cause and run the command again."},
	"NJ510": {Error, "named is running on the files about to move", "Stop that named first: rndc stop."},
	"NJ511": {Error, "an object of the wrong kind stands in the way", "Move it away, then run the command again."},
	"NJ512": {Error, "a library cannot be found", "Install the package that has the library."},
	"NJ513": {Warning, "what the jail does not provide here", "See whether named needs that; if so, change the system around the jail."},
	"NJ514": {Error, "the file system is read-only or full", "Make room, or mount the file system for writing; or put the jail elsewhere with -t."},
	"NJ515": {Error, "the state directory is not safe", "Make it root's alone (chown root, chmod 0700), once it is known who made it."},
	"NJ516": {Error, "there is nothing to roll back", "Name the right jail with -t DIRECTORY."},
	"NJ517": {Error, "a program or module cannot be copied", "Name the real file in named.conf, or install the package that has it."},
	"NJ518": {Error, "named-jail runs with rights that its caller does not have", "Take the set-user-ID and set-group-ID bits from named-jail, and call it as root."},
	"NJ519": {Error, "--live cannot be used", "Remove the cause, or stop named, apply without --live, and start it again."},
	"NJ520": {Error, "the server did not take in what was done", "See what named says in its log, then run the command that the message names."},
	"NJ530": {Error, "something dangerous lies in the jail", "Find out who made it, then stop named and remove it."},
	"NJ531": {Warning, "something lies in the jail that nobody asked for", "Name it in named.conf if named needs it; else remove it."},
	"NJ532": {Error, "somebody may write in the jail who should not", "Take the right away, or remove what it is on."},
	"NJ533": {Error, "the service starts named without its jail", "Put named-jail in named's place in the unit or boot script."},
	"NJ534": {Warning, "the named that runs is not the one that the jail is made for", "Start named again, in the jail."},
	"NJ535": {Warning, "not all of the jail was looked at", "Remove what named does not need there, then run audit again."},
	"NJ536": {Error, "named's service is left alone", "Do by hand what this prints: named-jail service."},
	"NJ521": {Error, "the jail is not up to date", "Bring it up to date first: named-jail apply."},
	"NJ522": {Warning, "a file that trace does not put into the jail", "See whether named really needs it; if so, give named a file of its own in named.conf."},

	// launch
	"NJ601": {Error, "named cannot be found", "Install BIND, or name the program with --named FILE."},
	"NJ602": {Error, "named cannot be executed", "Give the real named with --named FILE or in NAMED_JAIL_NAMED."},
	"NJ603": {Error, "a flag that this named does not understand", "Leave the flag out, or use the one that the message names."},
	"NJ604": {Error, "a group that this named cannot take", "Leave -g GROUP out, or make the group the primary one: usermod -g GROUP USER."},
	"NJ605": {Error, "named's answer cannot be understood", "Run it by hand to see what is wrong, or give the real named with --named FILE."},
	"NJ606": {Warning, "the last good configuration is used", "Correct what is shown above, then run: named-jail apply."},
	"NJ607": {Error, "named-checkconf refuses the configuration", "Correct the line; --no-checkconf leaves named-checkconf out."},
	"NJ608": {Error, "a command line that named does not take", "Correct the line that starts named."},
	"NJ611": {Warning, "a socket of the host cannot be shown in the jail", "Let syslogd listen in the jail (syslogd -a JAIL/dev/log), and make the unit Type=forking."},
	"NJ612": {Error, "named cannot be isolated", "Start it without --isolate, or give named-jail CAP_SYS_ADMIN."},
	"NJ609": {Error, "named cannot be traced here", "Trace on the running Linux system, as root, outside of a container."},
	"NJ610": {Warning, "named looked for something that the jail does not have", "Put it in: named-jail trace --add."},
	"NJ613": {Error, "named does not stay up in the jail", "Mend what the trace shows as fatal."},
}

// LookupCode gives the row of a code. The second result is false for a code
// that is not in the table.
func LookupCode(c Code) (CodeInfo, bool) {
	info, ok := codes[c]
	return info, ok
}

// Codes lists all codes in order.
func Codes() []Code {
	list := make([]Code, 0, len(codes))
	for c := range codes {
		list = append(list, c)
	}
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	return list
}
