package launcher

import "strings"

// envRule is one row: variables that named does not get, and why.
type envRule struct {
	name   string
	prefix bool // every name that begins so
	reason string
}

// envRules is the table behind Environment. NOTIFY_SOCKET is not in it: the
// releases from 9.20.10 on connect it before they enter the jail.
var envRules = []envRule{
	{"LD_", true, "it makes the loader take foreign code into named"},
	{"SSLKEYLOGFILE", false, "it makes named write the session keys of TLS to a file"},
	{"NAMED_JAIL_", true, "it is named-jail's own"},
}

// Environment divides an environment ("NAME=value") into what named gets, in the
// same order, and what it does not get: "NAME: reason", without the value.
func Environment(env []string) (kept, dropped []string) {
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		if why := envReason(name); why != "" {
			dropped = append(dropped, name+": "+why)
			continue
		}
		kept = append(kept, entry)
	}
	return kept, dropped
}

// envReason says why named does not get a variable, or "".
func envReason(name string) string {
	for _, r := range envRules {
		if name == r.name || r.prefix && strings.HasPrefix(name, r.name) {
			return r.reason
		}
	}
	return ""
}
