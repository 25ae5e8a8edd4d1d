package launcher

import (
	"path/filepath"
	"strings"
)

// Argv is the whole command line for the jailed named, argv[0] included: -t JAIL,
// -c JailedConfig, -u USER, for BIND 8 -g GROUP, then the other flags in their
// order. Every flag of it is one that the build takes; what is obsolete is left
// out. jail is the absolute path on the host; an empty user leaves -u out. For
// BIND 8 a user given as a number does not set the group, so the caller sets
// Group before.
func (i *Invocation) Argv(jail, user string) []string {
	argv := []string{i.argv0(), "-t", jail, "-c", JailedConfig}
	if user != "" {
		argv = append(argv, "-u", user)
	}
	if i.Group != "" && i.Build.Family == 8 {
		argv = append(argv, "-g", i.Group)
	}
	for _, g := range i.Flags {
		if !g.Flag.Pass {
			continue
		}
		argv = append(argv, "-"+string(rune(g.Flag.Letter)))
		if g.Flag.Arg {
			argv = append(argv, g.Value)
		}
	}
	return argv
}

// Original is the command line as it was given, argv[0] included, for the flags
// that only print something.
func (i *Invocation) Original() []string {
	return append([]string{i.argv0()}, i.Words...)
}

// argv0 is the name that named is started by: its path. Up to 9.11 a named whose
// name is lwresd is the resolver daemon, so that name is not handed on.
func (i *Invocation) argv0() string {
	if i.Build.Path == "" || filepath.Base(i.Build.Path) == "lwresd" {
		return "named"
	}
	return i.Build.Path
}

// SplitOwn divides the words after "run" into named-jail's own flags and
// named's. The leading words that begin with "--" are ours; a value is attached
// with "=" ("--named=/usr/sbin/named"). After at least one of ours a "--" alone
// ends them and is dropped; otherwise it belongs to named.
func SplitOwn(argv []string) (own, named []string) {
	n := 0
	for n < len(argv) && strings.HasPrefix(argv[n], "--") && argv[n] != "--" {
		n++
	}
	own, named = argv[:n:n], argv[n:]
	if n > 0 && len(named) > 0 && named[0] == "--" {
		named = named[1:]
	}
	return own, named
}
