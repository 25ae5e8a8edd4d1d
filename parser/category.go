package parser

// categories are the categories of logging, and the releases that have them.
//
// Source: ARM, section "The category Phrase"; lib/dns/log.c, lib/ns/log.c,
// lib/isc/log.c and bin/named/log.c; the answers of named-checkconf 9.16,
// 9.18 and 9.20.
var categories = map[string]struct{ since, until Version }{
	"default": {}, "general": {}, "config": {}, "client": {}, "cname": {since: V(9, 10, 0)}, "database": {}, "dispatch": {},
	"dnssec": {}, "dnstap": {since: V(9, 11, 0)}, "edns-disabled": {}, "lame-servers": {}, "network": {}, "notify": {}, "nsid": {since: V(9, 14, 0)},
	"queries": {}, "query-errors": {}, "rate-limit": {since: V(9, 9, 4)}, "resolver": {}, "rpz": {since: V(9, 8, 1)},
	"rpz-passthru": {since: V(9, 18, 0)}, "security": {}, "serve-stale": {since: V(9, 12, 0)}, "spill": {}, "sslkeylog": {since: V(9, 17, 20)},
	"trust-anchor-telemetry": {since: V(9, 11, 0)}, "unmatched": {}, "update": {}, "update-security": {}, "xfer-in": {}, "xfer-out": {}, "zoneload": {since: V(9, 12, 0)},
	"delegation-only": {until: V(9, 19, 11)}, "responses": {since: V(9, 19, 18)}, "drops": {since: V(9, 21, 0)},
}

func category(c *Checker, h hit) {
	k, ok := categories[h.term.Value] // in small letters only
	if !ok || k.since.Known() && c.version.Before(k.since) || k.until.Known() && !c.version.Before(k.until) {
		c.notOf(h.term, "logging category of BIND "+c.version.String())
	}
}
