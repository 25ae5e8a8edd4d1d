package zones

import (
	"bytes"
	"strings"
)

// readRegex reads the substitution expression of a NAPTR record.
func readRegex(q *quickData, p *field) string {
	start := len(q.out)
	if wrong := q.addString(); wrong != "" {
		return wrong
	}
	if !validSubstitution(q.out[start+1:]) {
		return q.not(p.what, "a substitution like !REGEX!REPLACEMENT! with an extended regular expression")
	}
	return ""
}

func checkRegex(w *wireData, p *field) bool {
	start := w.at
	return checkString(w, p) && validSubstitution(w.data[start+1:w.at])
}

// validSubstitution checks a substitution: a delimiter, the expression, the
// delimiter, the replacement, the delimiter, flags. An empty one is valid.
//
// Source: RFC 3402 section 3.2; BIND, lib/dns/rdata/generic/naptr_35.c
// (txt_valid_regex).
func validSubstitution(text []byte) bool {
	if len(text) == 0 {
		return true
	}
	mark := text[0]
	if mark >= '0' && mark <= '9' || mark == '\\' || mark == 'i' || mark == 0 {
		return false
	}
	var parts [3][]byte // expression, replacement, flags
	at, groups := 0, 0
	for i := 1; i < len(text); i++ {
		c := text[i]
		switch {
		case c == 0:
			return false
		case c == mark:
			if at++; at == len(parts) {
				return false
			}
			continue
		case at == 2 && c != 'i':
			return false
		}
		parts[at] = append(parts[at], c)
		if c != '\\' {
			continue
		}
		if i++; i == len(text) || text[i] == 0 {
			return false
		}
		parts[at] = append(parts[at], text[i])
		if at == 1 && text[i] >= '0' && text[i] <= '9' {
			if text[i] == '0' {
				return false
			}
			groups = max(groups, int(text[i]-'0'))
		}
	}
	if at != 2 {
		return false
	}
	have, ok := regexGroups(parts[0])
	return ok && groups <= have
}

// regexReader checks a POSIX extended regular expression.
type regexReader struct {
	text     []byte
	at       int
	groups   int  // parentheses opened
	depth    int  // those still open
	atom     bool // something stands there that can be repeated or ended
	repeated bool // it is repeated already
	empty    bool // a group has just been opened: nothing need stand in it
}

// regexGroups counts the groups of an expression. ok is false where BIND
// refuses it.
//
// Source: IEEE Std 1003.1 section 9.4; BIND, lib/isc/regex.c.
func regexGroups(text []byte) (groups int, ok bool) {
	x := regexReader{text: text}
	for x.at < len(x.text) {
		if !x.step() {
			return 0, false
		}
	}
	return x.groups, x.depth == 0 && x.atom
}

// peek is the byte n further on, 0 at the end.
func (x *regexReader) peek(n int) byte {
	if x.at+n < len(x.text) {
		return x.text[x.at+n]
	}
	return 0
}

func isDecimal(c byte) bool { return c >= '0' && c <= '9' }

// step takes one element.
func (x *regexReader) step() bool {
	switch c := x.peek(0); c {
	case '\\':
		next := x.peek(1)
		if next == 0 || next >= '1' && next <= '9' && int(next-'0') > x.groups {
			return false
		}
		x.at += 2
		x.atom, x.repeated = true, false
		return true
	case '[':
		x.at++
		x.repeated = false
		return x.bracket()
	case '{':
		if isDecimal(x.peek(1)) {
			if !x.atom || x.repeated {
				return false
			}
			x.repeated = true
			return x.bound()
		}
	case '(':
		x.groups++
		x.depth++
		x.at++
		x.atom, x.repeated, x.empty = false, false, true
		return true
	case ')':
		if x.depth > 0 {
			if !x.atom && !x.empty {
				return false
			}
			x.depth--
		}
	case '|':
		if !x.atom {
			return false
		}
		x.at++
		x.atom, x.repeated, x.empty = false, false, false
		return true
	case '^', '$':
		x.at++
		x.atom, x.repeated = true, true
		return true
	case '+', '*', '?':
		if !x.atom || x.repeated {
			return false
		}
		x.at++
		x.repeated = true
		return true
	}
	x.at++
	x.atom, x.repeated = true, false
	return true
}

// bound reads {LOW}, {LOW,} or {LOW,HIGH}, both up to 255.
func (x *regexReader) bound() bool {
	end := bytes.IndexByte(x.text[x.at:], '}')
	if end < 0 {
		return false
	}
	low, high, comma := bytes.Cut(x.text[x.at+1:x.at+end], []byte(","))
	x.at += end + 1
	a, okLow := number(low, 255)
	b, okHigh := number(high, 255)
	return okLow && (!comma || len(high) == 0 || okHigh && a <= b)
}

// regexClasses are the names in [:NAME:].
const regexClasses = ":alnum:digit:punct:alpha:graph:space:blank:lower:upper:cntrl:print:xdigit:"

// bracket reads what stands after [ up to its ]. A range is two ends with a
// hyphen between; 256 is an end that has no place in the order.
func (x *regexReader) bracket() bool {
	seen, negated := false, false
	span, from := 0, 0 // span: 2 after the hyphen, 1 after the second end
	one := func(c byte, size int) bool {
		seen = true
		if span == 2 && int(c) < from {
			return false
		}
		if span > 0 {
			span--
		}
		from = int(c)
		x.at += size
		return true
	}
	for x.at < len(x.text) {
		c := x.peek(0)
		switch {
		case c == '^' && !seen && !negated:
			negated = true
			x.at++
		case c == '-' && span != 2 && seen:
			if span == 1 {
				return false
			}
			span = 2
			x.at++
		case c == '[':
			seen = true
			kind := x.peek(1)
			if kind != '.' && kind != '=' && kind != ':' {
				x.at++ // the bracket itself; the byte after it is looked at next
				continue
			}
			if kind == '.' && span > 0 {
				span--
			} else if span == 2 {
				return false
			}
			end := bytes.Index(x.text[x.at+2:], []byte{kind, ']'})
			if end < 0 || end == 0 && kind != ':' {
				return false
			}
			inner := x.text[x.at+2 : x.at+2+end]
			switch {
			case kind == ':' && (bytes.IndexByte(inner, ':') >= 0 || !strings.Contains(regexClasses, ":"+string(inner)+":")):
				return false
			case kind == '.' && len(inner) == 1:
				from = int(int8(inner[0])) // a char has a sign to BIND
			case kind == '.':
				from = 256
			}
			x.at += end + 4
		case c == ']' && seen:
			x.at++
			x.atom = true
			return true
		case c == ']' && x.peek(1) == 0:
			return false
		default:
			if !one(c, 1) {
				return false
			}
		}
	}
	return false
}
