package parser

import "strings"

// sweepTexts are values that named takes, of the statements whose shape does
// not tell one. A place behind the keyword is for that place only.
var sweepTexts = func() map[string]string {
	all := map[string]string{}
	for text, keywords := range map[string]string{
		"":               "root-delegation-only, nsec3param, syslog",
		"{ }":            "options, logging, controls, statistics-channels, rate-limit",
		"{ any; }":       "allow-transfer, deny-answer-addresses, listen-on, listen-on-v6, filter-aaaa",
		"{ name; }":      "deny-answer-aliases",
		"{ 192.0.2.1; }": "also-notify, dual-stack-servers, forwarders, server-addresses, masters in a zone, primaries in a zone, parental-agents in a zone",
		"{ 1024; }":      "avoid-v4-udp-ports, avoid-v6-udp-ports, use-v4-udp-ports, use-v6-udp-ports",
		"{ zone name; }": "catalog-zones, response-policy",
		"{ all; }":       "dnstap",
		`{ "/name"; }`:   "endpoints",
		"{ word word; }": "rrset-order",
		"{ csk lifetime unlimited algorithm name; }": "keys in a dnssec-policy",
		`{ name static-key 7 7 7 "key"; }`:           "managed-keys, trust-anchors, dnssec-keys",
		`{ name 7 7 7 "key"; }`:                      "trusted-keys",
		"name { }":                                   "key, view, zone, tls, http, key-store, dnssec-policy at the top level, dlz at the top level, dlz in a view",
		"name { any; }":                              "acl",
		"name { name; }":                             "disable-algorithms, disable-ds-digests",
		"name { 192.0.2.1; }":                        "masters, primaries, parental-agents, remote-servers",
		"name { null; }":                             "channel",
		"default { null; }":                          "category",
		"192.0.2.1 { }":                              "server",
		"64:ff9b::/96 { }":                           "dns64",
		"{ any; } block-size 7":                      "response-padding",
		"* allow { any; }":                           "inet",
		`name "library" { }`:                         "dyndb",
		`query "library"`:                            "plugin",
		`"/"`:                                        "directory",
		`"name"`:                                     "file, dnstap-identity, server-id",
		`file "name"`:                                "dnstap-output",
		`"name" 7`:                                   "tkey-dhkey",
		`"/name" perm 384 owner 0 group 0`:           "unix",
		"name yes":                                   "dnssec-must-be-secure",
		"yes":                                        "ixfr-from-differences, checkds, dialup, dnssec-validation, minimal-responses, notify, print-time, zone-statistics",
		"7":                                          "fetches-per-server, fetches-per-zone, prefetch, sig-validity-interval",
		"7 7":                                        "min-transfer-rate-in",
		"7 0.25 0.25 0.25":                           "fetch-quota-params",
		"2001:db8::7":                                "suffix",
		"fail":                                       "check-dup-records, check-mx, check-mx-cname, check-srv-cname, check-names in a zone",
		"warn":                                       "check-spf",
		"master fail":                                "check-names",
		"primary":                                    "type",
		"allow":                                      "auto-dnssec",
		"siphash24":                                  "cookie-algorithm",
		"maintain":                                   "dnssec-update-mode",
		"first":                                      "forward",
		"mpsc":                                       "fstrm-set-output-queue-model",
		"raw":                                        "masterfile-format",
		"full":                                       "masterfile-style",
		"unlimited":                                  "max-ixfr-ratio",
		"strict":                                     "qname-minimization",
		"increment":                                  "serial-update-method",
		"info":                                       "severity",
		"many-answers":                               "transfer-format",
		"local":                                      "update-policy",
	} {
		for _, k := range strings.Split(keywords, ", ") {
			all[k] = text
		}
	}
	return all
}()

// samples are statements of a row of which named takes the first, or one of
// them where the row has no value because it is gone since long.
func samples(d *Def, place string) []string {
	for _, name := range []string{d.Keyword + " " + place, d.Keyword} {
		if text, ok := sweepTexts[name]; ok {
			return []string{d.Keyword + " " + text + ";"}
		}
	}
	switch d.Shape {
	case Nothing:
		return []string{d.Keyword + ";"}
	case Boolean:
		return []string{d.Keyword + " yes;"}
	case Number, Word:
		return []string{d.Keyword + " 7;"}
	case ListShape:
		return []string{d.Keyword + " { any; };"}
	case Quoted, QuotedNone:
		return []string{d.Keyword + ` "name";`}
	case RawShape:
		return []string{d.Keyword + " { };"}
	}
	return []string{d.Keyword + " *;", d.Keyword + " yes;", d.Keyword + " 7;", d.Keyword + " { any; };", d.Keyword + " . trust-anchor name;"}
}

// sample is the first of the samples.
func sample(d *Def, place string) string { return samples(d, place)[0] }
