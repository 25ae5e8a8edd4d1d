package zones

import (
	"bytes"
	"unicode/utf8"
)

// validPath checks the template of a path of DNS over HTTPS: it begins with a
// slash and has the variable dns.
//
// Source: RFC 9461 section 5, RFC 6570; BIND, lib/dns/rdata.c
// (validate_dohpath).
func validPath(path []byte) bool {
	if len(path) == 0 || path[0] != '/' || !utf8.Valid(path) {
		return false
	}
	hasDNS := false
	for at := 0; at < len(path); {
		c := path[at]
		at++
		ok := true
		switch c {
		case '%':
			at, ok = percent(path, at)
		case '{':
			at, ok = variables(path, at, &hasDNS)
		}
		if !ok {
			return false
		}
	}
	return hasDNS
}

// percent steps over the two digits behind a percent sign.
func percent(path []byte, at int) (int, bool) {
	return at + 2, at+2 <= len(path) && hexValue[path[at]] >= 0 && hexValue[path[at+1]] >= 0
}

// variables steps over what stands in the braces of a template: variables that
// commas part, each perhaps with an operator before it, and behind it * or :
// and a length. After a length BIND still takes the first variable for the one
// that it is at, and so do we.
func variables(path []byte, at int, hasDNS *bool) (int, bool) {
	start, operator := at, false
	for at < len(path) {
		c := path[at]
		at++
		switch {
		case bytes.IndexByte([]byte("+#./;?&"), c) >= 0:
			if at != start+1 || operator {
				return at, false
			}
			operator, start = true, at
			continue
		case c == '%':
			var ok bool
			if at, ok = percent(path, at); !ok {
				return at, false
			}
			continue
		case c == '_' || isAlphanumeric(c):
			continue
		case bytes.IndexByte([]byte("*:,}"), c) < 0 || at == start+1:
			return at, false
		}
		*hasDNS = *hasDNS || at-start == 4 && string(path[start:start+3]) == "dns"
		length := at
		if c == ':' {
			for at < len(path) && isDecimal(path[at]) {
				at++
			}
			if at == length || at-length > 4 || path[length] == '0' {
				return at, false
			}
		}
		end := c
		if c == ':' || c == '*' {
			if at == len(path) {
				return at, false
			}
			end = path[at]
			at++
		}
		switch end {
		case '}':
			return at, true
		case ',':
			operator = false
			if c != ':' {
				start = at
			}
		default:
			return at, false
		}
	}
	return at, false
}
