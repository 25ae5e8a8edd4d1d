package rewrite

import "named-jail/parser"

// Provided lists the places of the jail where others than named-jail and named
// put something because the configuration speaks of it: the sockets of other
// programs, and what only a module or driver knows the use of, which the
// operator provides.
func (in *Install) Provided() []JailPath {
	var list []JailPath
	for _, p := range in.Paths {
		if p.Rule.Kind == parser.SocketPath && p.Jail != "" {
			list = append(list, p.Jail)
		}
	}
	for _, m := range in.mentioned {
		list = append(list, JailPath(m.path))
	}
	return list
}
