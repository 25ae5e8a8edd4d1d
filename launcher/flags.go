package launcher

import "named-jail/parser"

// v keeps the rows of the table short.
var v = parser.V

// never is the open end of a range.
var never = parser.Version{}

// flags is the one table of named's flags. A letter stands in several rows
// where its meaning changed; the rows of a letter do not overlap.
//
// Order matters nowhere. Source: the option strings and main.c of the releases
// (bin/named/main.c; in BIND 8 ns_main.c).
var flags = []Flag{
	// BIND 8
	{'b', 8, never, never, true, Config, false, NotEmpty, nil, "configuration file", "write -c in its place"},
	{'c', 8, never, never, true, Config, false, NotEmpty, nil, "configuration file", ""},
	{'d', 8, never, never, true, Passed, true, Text, nil, "debug level", ""},
	{'f', 8, never, never, false, Foreground, true, Text, nil, "foreground", ""},
	{'g', 8, never, never, true, Group, false, NotEmpty, nil, "group", ""},
	{'p', 8, never, never, true, Port, true, Text, nil, "port", ""},
	{'q', 8, never, never, false, Passed, true, Text, nil, "query log",
		"leave it out; in BIND 9 write \"querylog yes;\" in options"},
	{'r', 8, never, never, false, Passed, true, Text, nil, "no recursion",
		"leave it out; in BIND 9 write \"recursion no;\" in options"},
	{'t', 8, never, never, true, Chroot, false, NotEmpty, nil, "jail", ""},
	{'u', 8, never, never, true, User, false, NotEmpty, nil, "user", ""},
	{'v', 8, never, never, false, Info, false, Text, nil, "version", ""},
	// The jailed configuration has no path that hangs off -w, and the directory
	// may not be in the jail: so it is used to find the files, and not passed on.
	{'w', 8, never, never, true, WorkingDirectory, false, NotEmpty, nil, "working directory",
		"leave it out; in BIND 9 only the directory statement sets the working directory"},

	// BIND 9
	{'4', 9, v(9, 3, 0), never, false, IPv4, true, Text, nil, "IPv4 only", ""},
	{'6', 9, v(9, 3, 0), never, false, IPv6, true, Text, nil, "IPv6 only", ""},
	{'A', 9, v(9, 11, 0), never, true, Passed, true, Text, nil, "fuzzing", ""},
	{'c', 9, never, never, true, Config, false, NotEmpty, nil, "configuration file", ""},
	// -C FILE conflicts with -c, which the jailed named always gets.
	{'C', 9, v(9, 1, 0), v(9, 12, 0), true, Refused, false, Text, nil, "resolv.conf for lwresd",
		"leave it out; lwresd is gone"},
	{'C', 9, v(9, 16, 29), v(9, 17, 0), false, Info, false, Text, nil, "built-in defaults", ""},
	{'C', 9, v(9, 18, 3), v(9, 19, 0), false, Info, false, Text, nil, "built-in defaults", ""},
	{'C', 9, v(9, 19, 1), never, false, Info, false, Text, nil, "built-in defaults", ""},
	{'d', 9, never, never, true, Passed, true, Number, nil, "debug level", ""},
	{'D', 9, v(9, 10, 0), never, true, Passed, true, Text, nil, "a comment for ps", ""},
	{'E', 9, v(9, 7, 0), v(9, 21, 0), true, Passed, true, Text, nil, "OpenSSL engine",
		"leave it out; engines are gone, key-store and OpenSSL providers have taken their place"},
	{'f', 9, never, never, false, Foreground, true, Text, nil, "foreground", ""},
	// From 9.7 to 9.18 the letter is in the option string and yet refused.
	{'F', 9, v(9, 20, 0), never, false, Passed, true, Text, nil, "FIPS mode", ""},
	{'g', 9, never, never, false, Stderr, true, Text, nil, "foreground, log on standard error", ""},
	{'H', 9, v(9, 21, 25), never, false, Info, false, Text, nil, "root hints", ""},
	{'i', 9, v(9, 1, 0), v(9, 12, 0), true, Passed, true, Text, nil, "pid file of lwresd",
		"leave it out; lwresd is gone"},
	{'l', 9, v(9, 1, 0), v(9, 12, 0), false, Refused, false, Text, nil, "be lwresd, which serves no zones",
		"leave it out; lwresd is gone"},
	{'L', 9, v(9, 11, 0), never, true, LogFile, true, Text, nil, "log file in the jail", ""},
	{'m', 9, v(9, 3, 0), v(9, 17, 0), true, Passed, true, WordList,
		[]string{"usage", "trace", "record", "size", "mctx"}, "memory debugging", ""},
	{'m', 9, v(9, 17, 0), never, true, Passed, true, WordList,
		[]string{"usage", "trace", "record"}, "memory debugging", ""},
	{'M', 9, v(9, 9, 0), v(9, 17, 0), true, Passed, true, WordList,
		[]string{"external", "internal", "fill", "nofill"}, "memory allocation", ""},
	{'M', 9, v(9, 17, 0), v(9, 21, 16), true, Passed, true, WordList,
		[]string{"fill", "nofill"}, "memory allocation", ""},
	// Only a warning is left of it.
	{'M', 9, v(9, 21, 16), never, true, Passed, true, Text, nil, "memory allocation", ""},
	{'n', 9, never, never, true, Passed, true, Number, nil, "number of worker threads", ""},
	{'N', 9, never, never, true, Passed, true, Number, nil, "number of worker threads", ""},
	{'p', 9, never, v(9, 17, 0), true, Port, true, PortNumber, nil, "port", ""},
	{'p', 9, v(9, 17, 0), never, true, Port, true, TransportPort, nil, "port", ""},
	{'P', 9, v(9, 1, 0), v(9, 12, 0), true, Passed, true, PortNumber, nil, "port of lwresd",
		"leave it out; lwresd is gone"},
	{'s', 9, never, never, false, Passed, true, Text, nil, "memory statistics at the end", ""},
	// It came with the last releases of 9.3 and 9.4.
	{'S', 9, v(9, 3, 6), v(9, 18, 0), true, Passed, true, Number, nil, "number of sockets", ""},
	// named reads it and ignores it, whatever it says.
	{'S', 9, v(9, 18, 0), never, true, Passed, true, Text, nil, "number of sockets", ""},
	{'t', 9, never, never, true, Chroot, false, NotEmpty, nil, "jail", ""},
	{'T', 9, v(9, 6, 0), never, true, Passed, true, Text, nil, "a switch for tests", ""},
	{'u', 9, never, never, true, User, false, NotEmpty, nil, "user", ""},
	{'U', 9, v(9, 9, 0), v(9, 19, 24), true, Passed, true, Number, nil, "number of UDP listeners", ""},
	{'U', 9, v(9, 19, 24), never, true, Passed, true, Text, nil, "number of UDP listeners", ""},
	{'v', 9, v(9, 1, 0), never, false, Info, false, Text, nil, "version", ""},
	{'V', 9, v(9, 6, 0), never, false, Info, false, Text, nil, "build details", ""},
	{'x', 9, never, never, true, Obsolete, false, Text, nil, "nothing any more", ""},
	{'X', 9, v(9, 11, 0), v(9, 19, 18), true, LockFile, true, Text, nil, "lock file in the jail",
		"leave it out, and lock-file in named.conf too; the service manager sees to it that one named runs"},
	{'?', 9, never, never, false, Info, false, Text, nil, "usage", ""},
}
