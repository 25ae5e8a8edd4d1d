// Package command is the command line: it joins the packages and prints.
//
// Every command is the same walk, stopped at a different point: find the
// system (system.go: host, named, account, jail, configuration), read and
// model the install, check its zones, work out what the jail must hold
// (survey.go), compare that with what it holds (plan), do it (apply), become
// named (run). What is found on the way is collected as diagnostics; only here
// are they printed and turned into an exit status.
package command
