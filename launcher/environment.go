package launcher

import "strings"

// envRule is one row: variables that are not handed on, or of which the operator
// is told.
type envRule struct {
	name   string
	prefix bool // every name that begins so
	kept   bool
	told   string // "" for nothing
}

// envRules is the table behind Environment. What is not in it goes to named as
// it would without us:
//
//   - LD_LIBRARY_PATH and LD_PRELOAD. The environment is root's, and the loader
//     acts outside the jail, before main; a BIND in a place of its own does not
//     start without the first, and allocators are put in by the second.
//   - NOTIFY_SOCKET. The releases from 9.20.10 on connect it before they enter
//     the jail, and the others find it there.
//
// Source: named(8), ARM "TLS Keys and Certificates" for SSLKEYLOGFILE.
var envRules = []envRule{
	{"NAMED_JAIL_", true, false, ""},
	{"SSLKEYLOGFILE", false, true, "named writes the session keys of TLS to the file that it names, which lies in the jail; with them recorded traffic can be read. Take it out of the environment when the debugging is over"},
}

// Environment divides an environment ("NAME=value") into what named gets, in the
// same order, and what the operator is to know: "NAME: text", without the value.
func Environment(env []string) (kept, told []string) {
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		r := ruleOf(name)
		if r.kept {
			kept = append(kept, entry)
		}
		if r.told != "" {
			told = append(told, name+": "+r.told)
		}
	}
	return kept, told
}

func ruleOf(name string) envRule {
	for _, r := range envRules {
		if name == r.name || r.prefix && strings.HasPrefix(name, r.name) {
			return r
		}
	}
	return envRule{kept: true}
}

// LoaderEnvironment is what BIND's programs need of an environment so that the
// loader finds their libraries.
func LoaderEnvironment(env []string) []string {
	var kept []string
	for _, entry := range env {
		if strings.HasPrefix(entry, "LD_LIBRARY_PATH=") {
			kept = append(kept, entry)
		}
	}
	return kept
}
