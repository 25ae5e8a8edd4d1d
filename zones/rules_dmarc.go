package zones

import (
	b64 "encoding/base64"
	"strings"
)

// tag is one NAME=VALUE of a record of mail.
type tag struct{ name, value string }

// readTags cuts a text at its semicolons into tags, as DKIM and DMARC write
// them; ok is false when a piece has no equals sign.
//
// Source: RFC 6376 section 3.2.
func readTags(text string) (tags []tag, ok bool) {
	ok = true
	for _, piece := range strings.Split(text, ";") {
		piece = strings.Trim(piece, " \t\r\n")
		if piece == "" {
			continue
		}
		name, value, found := strings.Cut(piece, "=")
		ok = ok && found
		tags = append(tags, tag{strings.Trim(name, " \t\r\n"), strings.Trim(value, " \t\r\n")})
	}
	return tags, ok
}

// dmarcTags is the table of tags of DMARC: what is wrong with a value, "" for
// nothing. Tags that are not in it are let through.
//
// Source: RFC 7489 section 6.3, RFC 9091 section 3.2 (np).
var dmarcTags = map[string]func(value string) string{
	"p":     oneOf("none", "quarantine", "reject"),
	"sp":    oneOf("none", "quarantine", "reject"),
	"np":    oneOf("none", "quarantine", "reject"),
	"adkim": oneOf("r", "s"),
	"aspf":  oneOf("r", "s"),
	"psd":   oneOf("y", "n", "u"),
	"t":     oneOf("y", "n"),
	"pct":   upTo(100),
	"ri":    upTo(1<<32 - 1),
	"rua":   reportTo,
	"ruf":   reportTo,
	"fo": func(value string) string {
		for _, part := range strings.Split(value, ":") {
			if wrong := oneOf("0", "1", "d", "s")(strings.Trim(part, " \t")); wrong != "" {
				return wrong
			}
		}
		return ""
	},
}

func oneOf(words ...string) func(string) string {
	return func(value string) string {
		for _, w := range words {
			if strings.EqualFold(w, value) {
				return ""
			}
		}
		return "should be one of " + strings.Join(words, ", ")
	}
}

func upTo(most uint64) func(string) string {
	return func(value string) string {
		if _, ok := number([]byte(value), most); !ok {
			return "should be a number" + map[bool]string{true: " from 0 to 100"}[most == 100]
		}
		return ""
	}
}

// reportTo judges the list of places that reports go to.
func reportTo(value string) string {
	for _, uri := range strings.Split(value, ",") {
		uri = strings.Trim(uri, " \t")
		scheme, rest, found := strings.Cut(uri, ":")
		switch {
		case !found || strings.Contains(scheme, "@"):
			return "should be addresses that begin with mailto:, with commas between them"
		case strings.EqualFold(scheme, "mailto") && (!strings.Contains(rest, "@") || strings.ContainsAny(rest, " \t") || strings.Count(rest, "@") > 1):
			return "has a mailto: without one address behind it"
		}
	}
	return ""
}

// dmarcFault gives what is wrong with the text of a DMARC record; "" for
// nothing. The text begins with v=DMARC1, in either case.
func dmarcFault(text, _ string) string {
	tags, ok := readTags(text)
	switch {
	case len(tags) == 0 || tags[0].value != "DMARC1":
		return "this DMARC record " + notOne + ": it must begin with v=DMARC1; in this spelling"
	case !ok:
		return "the DMARC record has a piece without an equals sign between its semicolons"
	}
	seen := map[string]bool{}
	for _, t := range tags {
		name := strings.ToLower(t.name)
		if seen[name] && dmarcTags[name] != nil {
			return "the DMARC record has the tag " + name + " twice"
		}
		seen[name] = true
		if judge := dmarcTags[name]; judge != nil {
			if wrong := judge(t.value); wrong != "" {
				return "the tag " + name + " of the DMARC record " + wrong
			}
		}
	}
	if !seen["p"] {
		return "the DMARC record has no policy, the tag p"
	}
	return ""
}

// dkimFault gives what is wrong with the text of a DKIM key; "" for nothing,
// also for texts that are none.
//
// Source: RFC 6376 section 3.6.1, RFC 8463.
func dkimFault(text, _ string) string {
	tags, ok := readTags(text)
	value, isKey := map[string]string{}, false
	for i, t := range tags {
		if t.name == "v" && strings.EqualFold(t.value, "DKIM1") {
			isKey = true
			if i > 0 || t.value != "DKIM1" {
				return "this DKIM key " + notOne + ": it must begin with v=DKIM1; in this spelling"
			}
		}
		value[t.name] = t.value
	}
	key, hasKey := value["p"]
	switch {
	case len(tags) > 0 && tags[0].name == "v" && !isKey && hasKey:
		return "this DKIM key " + notOne + ": it must begin with v=DKIM1; in this spelling"
	case !isKey:
		return ""
	case !hasKey:
		return "the DKIM key has no tag p, the key itself"
	case !ok:
		return "the DKIM key has a piece without an equals sign between its semicolons"
	}
	key = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, key)
	raw, err := b64.StdEncoding.DecodeString(key)
	switch {
	case err != nil:
		return "the tag p of the DKIM key is not base64"
	case strings.EqualFold(value["k"], "ed25519") && len(raw) != 32 && len(raw) != 0:
		return "the tag p of the DKIM key is not as long as a key of Ed25519 is, 32 bytes"
	}
	return ""
}
