// Package command is the command line: it joins the packages and prints.
//
// Every command is the same walk, stopped at a different point: find the
// system (system.go: host, named, account, jail, configuration), read and
// model the install, check its zones, work out what the jail must hold
// (survey.go), compare that with what it holds (plan), do it (apply), become
// named (run). What is found on the way is collected as diagnostics; only here
// are they printed and turned into an exit status.
//
// As root the zones are judged by a process that has given up root's rights, the
// reader:
//
//	reader.go          starts it, sends tasks with their files, takes verdicts
//	reader_answers.go  what it may ask, and what of its verdicts is believed
//	reader_frames.go   how the two speak
//	reader_files.go    files on their way to it
//	reader_child.go    its own work
//	reader_rights*.go  what it gives up
//	reader_conf.go     configuration that others can write is taken apart by another one
//	includers.go       for whom root opens what a zone file includes
//
// The service command makes the system's own service start named in the jail:
//
//	unit.go       a unit of systemd as it is in force, drop-ins and variables
//	dropin.go     the drop-in for it: the command line, the hardening
//	snippet.go    the other systems: a table, and texts in snippets/
//	integrate.go  printing, and putting into place
//
// What the program tells about itself:
//
//	help.go     the help, by what the user wants
//	prose.go    the texts of help and manual taken apart
//	manual.go   the tables of the manual pages, with the texts in manual/
//	manpage.go  a manual page for each command, made of all that
//	roff.go     how it is written
//	completion.go  the scripts for shells; complete*.go the words that they offer
package command
