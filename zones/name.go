package zones

import "math"

// name is an owner name or origin in wire form, lower-case, so that two names
// are equal when their bytes are. The zero name is not a name.
type name struct {
	wire [255]byte
	n    int
}

var rootName = name{n: 1}

// bytes gives the wire form.
func (n *name) bytes() []byte { return n.wire[:n.n] }

// set makes n a copy of wire.
func (n *name) set(wire []byte) { n.n = copy(n.wire[:], wire) }

// lower is ASCII lower case; other bytes stay, as in the DNS.
func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// parse reads text as a name. A relative one gets the origin, which may be n
// itself. The result is "" or what is wrong.
//
// Source: RFC 1035 section 5.1; BIND, lib/dns/name.c (dns_name_fromtext).
func (n *name) parse(text []byte, origin *name) string {
	if len(text) == 1 && text[0] == '@' {
		*n = *origin
		return ""
	}
	if len(text) == 1 && text[0] == '.' {
		*n = rootName
		return ""
	}
	if len(text) == 0 {
		return "an empty name"
	}
	var out [256]byte
	label, at := 0, 1 // where the label's length stands, where the next byte goes
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '.' {
			if at == label+1 {
				return "a name with an empty label"
			}
			out[label] = byte(at - label - 1)
			label, at = at, at+1
			if at > 255 {
				return "a name longer than 255 bytes"
			}
			continue
		}
		if c == '\\' {
			var used int
			c, used = unescape(text[i:])
			if used == 0 || c == '[' && used == 2 && at == label+1 { // a bit string label
				return `a name with a bad escape; a backslash takes one character or three digits up to 255`
			}
			i += used - 1
		}
		if at-label-1 == 63 {
			return "a name with a label longer than 63 bytes"
		}
		if at > 254 {
			return "a name longer than 255 bytes"
		}
		out[at] = lower(c)
		at++
	}
	if at == label+1 { // ended with a dot
		out[label] = 0
		n.n = copy(n.wire[:], out[:at])
		return ""
	}
	out[label] = byte(at - label - 1)
	if at+origin.n > 255 {
		return "a name longer than 255 bytes (with its origin)"
	}
	total := at + copy(out[at:], origin.bytes())
	n.n = copy(n.wire[:], out[:total])
	return ""
}

// unescape decodes the escape at the start of text: a backslash and one
// character, or three digits. used is 0 for a bad one.
func unescape(text []byte) (c byte, used int) {
	if len(text) < 2 {
		return 0, 0
	}
	if text[1] < '0' || text[1] > '9' {
		return text[1], 2
	}
	if len(text) < 4 {
		return 0, 0
	}
	v := 0
	for _, d := range text[1:4] {
		if d < '0' || d > '9' {
			return 0, 0
		}
		v = v*10 + int(d-'0')
	}
	if v > 255 {
		return 0, 0
	}
	return byte(v), 4
}

// parseNameString reads a name from the configuration: always absolute.
func parseNameString(s string) (name, bool) {
	var n name
	root := rootName
	wrong := n.parse([]byte(s), &root)
	return n, wrong == ""
}

// wireName copies the uncompressed name at the start of wire, lower-cased.
// used is 0 when there is none.
func (n *name) wireName(wire []byte) (used int) {
	at := 0
	for at < len(wire) {
		size := int(wire[at])
		if size > 63 || at+size+1 > len(wire) || at+size+1 > 255 {
			return 0
		}
		n.wire[at] = byte(size)
		for i := at + 1; i <= at+size; i++ {
			n.wire[i] = lower(wire[i])
		}
		at += size + 1
		if size == 0 {
			n.n = at
			return at
		}
	}
	return 0
}

// under tells whether n is zone or lies below it.
func (n *name) under(zone *name) bool {
	at := 0
	for n.n-at > zone.n {
		at += int(n.wire[at]) + 1
	}
	return n.n-at == zone.n && string(n.wire[at:n.n]) == string(zone.bytes())
}

// text writes the name as zone files do, absolute, every unusual byte escaped.
func (n *name) text() string {
	if n.n <= 1 {
		return "."
	}
	var out []byte
	for at := 0; at < n.n-1; {
		size := int(n.wire[at])
		for _, c := range n.wire[at+1 : at+1+size] {
			switch {
			case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == '*', c == '/':
				out = append(out, c)
			default:
				out = append(out, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
			}
		}
		out = append(out, '.')
		at += size + 1
	}
	return string(out)
}

// seconds reads a TTL or a timer of the SOA record: a bare number, or numbers
// with units (1h30m). Units: seconds.
//
// Source: BIND, lib/dns/ttl.c (bind_ttl): a number without a unit must stand
// alone, any order of units goes.
func seconds(text []byte) (uint32, bool) {
	var total, v uint64
	digits, units := 0, false
	for _, c := range text {
		if c >= '0' && c <= '9' {
			v = v*10 + uint64(c-'0')
			digits++
			if v > math.MaxUint32 {
				return 0, false
			}
			continue
		}
		var unit uint64
		switch lower(c) {
		case 's':
			unit = 1
		case 'm':
			unit = 60
		case 'h':
			unit = 3600
		case 'd':
			unit = 86400
		case 'w':
			unit = 604800
		}
		if unit == 0 || digits == 0 {
			return 0, false
		}
		total += v * unit
		if total > math.MaxUint32 {
			return 0, false
		}
		v, digits, units = 0, 0, true
	}
	switch {
	case units && digits == 0:
		return uint32(total), true
	case total == 0 && digits > 0: // 0h5 is 5
		return uint32(v), true
	}
	return 0, false
}

// number reads a decimal number up to limit.
func number(text []byte, limit uint64) (uint64, bool) {
	if len(text) == 0 {
		return 0, false
	}
	v := uint64(0)
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + uint64(c-'0')
		if v > limit {
			return 0, false
		}
	}
	return v, true
}

// underWire tells whether a name in wire form is zone or lies below it.
func underWire(n, zone []byte) bool {
	at := 0
	for len(n)-at > len(zone) {
		at += int(n[at]) + 1
	}
	return len(n)-at == len(zone) && string(n[at:]) == string(zone)
}
