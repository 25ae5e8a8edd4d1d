package parser

import "strings"

// contextWords names the contexts in the order of their bits.
var contextWords = [...]string{"top level", "options", "view", "zone", "template", "server", "key", "logging", "channel", "controls",
	"tls", "http", "dnssec-policy", "key-store", "statistics-channels", "dlz", "rate-limit", "dns64", "list", "text", "unknown"}

// String names the contexts by the statements whose blocks they are, joined by
// '|': "options|view"; "none" for None.
func (c Context) String() string {
	var words []string
	for i, word := range contextWords {
		if c&(1<<i) != 0 {
			words = append(words, word)
		}
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, "|")
}
