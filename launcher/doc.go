// Package launcher knows named from the outside: where it is, which release it
// is, what its command line means, and how to become it.
//
// The work goes in this order:
//
//	Find       which file is the real named (never ourselves)
//	Probe      what it is: Build, from `named -v` and `named -V`
//	ParseArgs  the words of the boot script, read as that release reads them
//	Argv       the words for the jailed named, only what that release takes
//	Readiness  who tells the service manager, when named does not
//	Inside     the mounts that named alone is in: windows to the host, isolation
//	Exec       the same process becomes named; nothing of ours stays behind
//
// named itself does the chroot and gives up root: it looks up the account and
// the shared libraries outside the jail first, and must still bind port 53. So
// Exec changes neither root nor user.
//
// # The mounts
//
// Inside.Enter moves the thread that will become named into a mount namespace.
// Directories are mounted there and not sockets, because a daemon that starts
// anew puts another socket into the place of the old one. The windows are
// read-only and without devices; connecting needs neither. What lies beside the
// socket is covered, most of all systemd's private socket, by which root in the
// jail could order what he likes. named finds the namespace gone with its end.
//
// # The messenger
//
// A named that does not speak to the service manager is watched from outside:
// which addresses it listens on (/proc/PID/net), and whether it still answers
// with SERVFAIL for a zone that it has to load. A zone that it gives up does not
// hold the messenger back: named is then idle. Messages are sent in the name of
// the main process. When named goes to the background, its first process ends
// when all zones are loaded, which is all that has to be seen. The messenger is an
// orphan and ends at once when it has spoken, or when named has ended.
//
// What differs between releases stands in the table of flags (flags.go); the
// code walks the table.
//
// What the package does not promise:
//
//   - It does not judge every value that a flag can have. It refuses a bad
//     number, port or debugging word, because named would; a bad fuzzing type
//     or engine is left to named to refuse.
//   - Releases that differ within one minor number and are not told apart in
//     the table (the late ones of 9.3, 9.9 and 9.10) are taken as the newest.
//     named then refuses the flag itself, as it would without us.
//   - Signals: what was ignored when we were started stays ignored for SIGHUP,
//     SIGINT, and for SIGTSTP, SIGTTIN and SIGTTOU. The Go runtime takes the
//     others over before any code of ours runs and hands them on with their
//     default action. For SIGPIPE this makes no difference, because every named
//     ignores it itself. The set of blocked signals is handed on as it was,
//     except for the signals of program faults and SIGCHLD, which come unblocked.
//   - A standard descriptor (0, 1, 2) that was closed is open on /dev/null in
//     named; the Go runtime does this, and it is the safer state.
//   - GNU getopt's habit of finding flags behind the configuration file of
//     BIND 8 is not followed; flags stand first.
package launcher
