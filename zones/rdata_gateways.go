package zones

import "strings"

// The kinds of gateway of an IPSECKEY record and of relay of an AMTRELAY record.
//
// Source: RFC 4025 section 2.3, RFC 8777 section 4.2.3.
const (
	noGateway = iota
	gatewayIPv4
	gatewayIPv6
	gatewayName
)

// readGatewayType reads the kind of gateway.
func readGatewayType(q *quickData, p *field) string {
	return q.addSmall(p.what, gatewayName)
}

// addSmall takes a number up to limit and appends it in one byte.
func (q *quickData) addSmall(what string, limit byte) string {
	if wrong := q.addNumber(what, 1); wrong != "" {
		return wrong
	}
	if q.out[len(q.out)-1] > limit {
		return q.not(what, "a number that BIND knows there")
	}
	return ""
}

// readRelayType reads the discovery bit and the kind of relay.
func readRelayType(q *quickData, p *field) string {
	if wrong := q.addSmall("discovery optional flag", 1); wrong != "" {
		return wrong
	}
	bit := q.out[len(q.out)-1] << 7
	q.out = q.out[:len(q.out)-1]
	if wrong := q.addSmall(p.what, gatewayName); wrong != "" {
		return wrong
	}
	q.out[len(q.out)-1] |= bit
	return ""
}

// readGateway reads a gateway of the kind in the second byte; no gateway is
// written as a dot.
func readGateway(q *quickData, p *field) string {
	switch q.out[1] & 0x7f {
	case gatewayIPv4:
		return readIPv4(q, p)
	case gatewayIPv6:
		return readIPv6(q, p)
	case gatewayName:
		return q.addName()
	}
	text, wrong := q.word()
	if wrong == "" && string(text) != "." {
		return q.not(p.what, "a dot, as its type says that there is none")
	}
	return wrong
}

// checkGateway steps over the gateway of an IPSECKEY record.
func checkGateway(w *wireData, p *field) bool {
	switch w.data[1] {
	case noGateway:
		return true
	case gatewayIPv4:
		return w.skip(4)
	case gatewayIPv6:
		return w.skip(16)
	case gatewayName:
		return checkName(w, p)
	}
	return false
}

// checkRelay steps over the relay of an AMTRELAY record; relays of kinds to come
// are taken as they are.
func checkRelay(w *wireData, p *field) bool {
	switch w.data[1] & 0x7f {
	case noGateway:
		return true
	case gatewayIPv4:
		return w.skip(4)
	case gatewayIPv6:
		return w.skip(16)
	case gatewayName:
		return checkName(w, p)
	}
	return checkRest(w, p)
}

// readHostIdentity reads a HIP record: algorithm, identity tag in hex, key in
// base64, then the names of rendezvous servers.
//
// Source: RFC 8005 sections 5 and 6.
func readHostIdentity(q *quickData, _ *field) string {
	q.out = append(q.out, 0) // the length of the tag, filled in below
	if wrong := q.addNumber("public key algorithm", 1); wrong != "" {
		return wrong
	}
	q.out = append(q.out, 0, 0)
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	if len(text) > 2*255 || !q.hexWord(text) {
		return q.not("host identity tag", "hexadecimal, or longer than 255 bytes")
	}
	tag := len(q.out) - 4
	if text, wrong = q.word(); wrong != "" {
		return wrong
	}
	if !q.base64Word(text) {
		return notBase64
	}
	size := len(q.out) - 4 - tag
	if size > maxData {
		return tooBig
	}
	q.out[0], q.out[2], q.out[3] = byte(tag), byte(size>>8), byte(size)
	for q.more() {
		if wrong := q.addName(); wrong != "" {
			return wrong
		}
		if len(q.out) > maxData {
			return tooBig
		}
	}
	return ""
}

func checkHostIdentity(w *wireData, p *field) bool {
	if len(w.data) < 4 {
		return false
	}
	tag, size := int(w.data[0]), int(w.data[2])<<8|int(w.data[3])
	if tag == 0 || size == 0 || !w.skip(4+tag+size) {
		return false
	}
	for w.at < len(w.data) {
		if !checkName(w, p) {
			return false
		}
	}
	return true
}

// readPrefixes reads the address prefixes of an APL record: [!]FAMILY:ADDRESS/BITS.
//
// Source: RFC 3123 sections 4 and 5; BIND, lib/dns/rdata/in_1/apl_42.c.
func readPrefixes(q *quickData, p *field) string {
	for q.more() {
		text, wrong := q.word()
		if wrong != "" {
			return wrong
		}
		if !q.addPrefix(string(text)) {
			return q.not(p.what, "like 1:192.0.2.0/24 or !2:2001:db8::/32")
		}
		if len(q.out) > maxData {
			return tooBig
		}
	}
	return ""
}

func (q *quickData) addPrefix(text string) bool {
	text, not := strings.CutPrefix(text, "!")
	family, rest, digits := cNumber([]byte(text))
	if !digits || len(rest) == 0 || rest[0] != ':' {
		return false
	}
	address, length, found := strings.Cut(string(rest[1:]), "/")
	n, ok := number([]byte(length), 128)
	if !found || !ok {
		return false
	}
	start := len(q.out)
	q.out = append(q.out, 0, byte(family), byte(n), 0)
	switch {
	case family == 1 && n <= 32:
		q.out, ok = ipv4(q.out, []byte(address))
	case family == 2:
		q.out, ok = ipv6(q.out, []byte(address))
	default:
		return false
	}
	for len(q.out) > start+4 && q.out[len(q.out)-1] == 0 {
		q.out = q.out[:len(q.out)-1]
	}
	q.out[start+3] = byte(len(q.out) - start - 4)
	if not {
		q.out[start+3] |= 0x80
	}
	return ok
}

func checkPrefixes(w *wireData, _ *field) bool {
	for w.at < len(w.data) {
		rest := w.rest()
		if len(rest) < 4 {
			return false
		}
		family, bits, n := int(rest[0])<<8|int(rest[1]), int(rest[2]), int(rest[3]&0x7f)
		switch {
		case n > len(rest)-4, n > 0 && rest[3+n] == 0,
			family == 1 && (bits > 32 || n > 4), family == 2 && (bits > 128 || n > 16):
			return false
		}
		w.at += 4 + n
	}
	return true
}

// readA6 reads an A6 record: the length of the prefix, what follows the prefix
// of an address, the name that has the prefix.
//
// Source: RFC 2874 section 3.1; BIND, lib/dns/rdata/in_1/a6_38.c.
func readA6(q *quickData, p *field) string {
	if wrong := q.addSmall("prefix length", 128); wrong != "" {
		return wrong
	}
	prefix := int(q.out[0])
	if prefix < 128 {
		if wrong := readIPv6(q, p); wrong != "" {
			return wrong
		}
		first := prefix / 8
		q.out[1+first] &= 0xff >> (prefix % 8)
		q.out = append(q.out[:1], q.out[1+first:]...)
	}
	if prefix == 0 {
		return ""
	}
	return q.addName()
}

func checkA6(w *wireData, p *field) bool {
	if len(w.data) == 0 || w.data[0] > 128 {
		return false
	}
	prefix := int(w.data[0])
	if prefix < 128 {
		if len(w.data) < 17-prefix/8 || w.data[1]&^(0xff>>(prefix%8)) != 0 {
			return false
		}
		w.at = 17 - prefix/8
	} else {
		w.at = 1
	}
	return prefix == 0 || checkName(w, p)
}
