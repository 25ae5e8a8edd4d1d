package zones

import (
	"strconv"

	"github.com/miekg/dns"
)

// The readers of the parts of rdata_layouts.go: each takes the words of its part and
// appends its wire form.

func readNumber(q *quickData, p *field) string { return q.addNumber(p.what, p.size) }
func readName(q *quickData, _ *field) string   { return q.addName() }
func readString(q *quickData, _ *field) string { return q.addString() }
func readStrings(q *quickData, _ *field) string {
	return q.txt()
}

// readAnyName reads a name that may be quoted.
func readAnyName(q *quickData, _ *field) string {
	text, wrong := q.any()
	if wrong != "" {
		return wrong
	}
	return q.appendName(text)
}

// readNothing refuses all text: the type has no form of its own.
func readNothing(q *quickData, _ *field) string {
	if _, wrong := q.any(); wrong != "" {
		return wrong
	}
	return `the data of this type must be written as \# LENGTH HEX`
}

func readMnemonic(q *quickData, p *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	limit := uint64(1)<<(8*p.size) - 1
	v, ok := p.words.of(text, limit)
	if !ok {
		return q.not(p.what, "a number from 0 to "+strconv.FormatUint(limit, 10)+" or a word that BIND knows")
	}
	q.put(v, p.size)
	return ""
}

func readKeyFlags(q *quickData, p *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	v, ok := keyFlagsOf(text)
	if !ok || q.rtype == dns.TypeRKEY && v != 0 {
		return q.not(p.what, "a valid number or word")
	}
	q.put(v, 2)
	return ""
}

// readPublicKey reads the key in base64. A KEY record may say that there is none.
//
// Source: RFC 2535 section 3.1.2; BIND, lib/dns/rdata/generic/key_25.c.
func readPublicKey(q *quickData, p *field) string {
	if q.rtype == dns.TypeKEY && q.out[0]&0xc0 == 0xc0 {
		return ""
	}
	return q.base64(1)
}

// cNumber reads a number as strtol does: a sign, digits. rest is what follows;
// digits is false when no digit is there. Values beyond 2^40 stay there.
func cNumber(text []byte) (v int64, rest []byte, digits bool) {
	at := 0
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		at++
	}
	start := at
	for at < len(text) && text[at] >= '0' && text[at] <= '9' {
		v = min(v*10+int64(text[at]-'0'), 1<<40)
		at++
	}
	if at == start {
		return 0, text, false
	}
	if text[0] == '-' {
		v = -v
	}
	return v, text[at:], true
}

// readType reads the type that a signature covers: a type, or its number.
func readType(q *quickData, p *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	t, ok := typeOf(text)
	if !ok {
		v, rest, digits := cNumber(text)
		if !digits || len(rest) > 0 || v < 0 || v > 65535 {
			return q.not(p.what, "a type that is known")
		}
		t = uint16(v)
	}
	q.put(uint32(t), 2)
	return ""
}

// readLocator reads four groups of hexadecimal digits with colons between, as
// in an IPv6 address; a colon may stand at the end.
//
// Source: RFC 6742 section 2.1.2; BIND, lib/dns/rdata.c (locator_pton).
func readLocator(q *quickData, p *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	const form = "four groups of hexadecimal digits with colons between"
	v, digits, groups := uint32(0), 0, 0
	for i, c := range text {
		if c == ':' {
			if digits == 0 || groups == 4 {
				return q.not(p.what, form)
			}
			q.put(v, 2)
			v, digits = 0, 0
			groups++
			continue
		}
		if digits++; hexValue[c] < 0 || digits > 4 {
			return q.not(p.what, form)
		}
		v = v<<4 | uint32(hexValue[c])
		if i == len(text)-1 {
			q.put(v, 2)
			groups++
		}
	}
	if groups != 4 {
		return q.not(p.what, form)
	}
	return ""
}

func readIPv4(q *quickData, _ *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	var ok bool
	if q.out, ok = ipv4(q.out, text); !ok {
		return notIPv4
	}
	return ""
}

func readIPv6(q *quickData, _ *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	var ok bool
	if q.out, ok = ipv6(q.out, text); !ok {
		return notIPv6
	}
	return ""
}

// readDigest reads hexadecimal digits to the end of the record; sizes has the
// length in bytes for each type, 0 for any. The type is the byte before.
func readDigest(sizes []int) func(q *quickData, p *field) string {
	return func(q *quickData, p *field) string {
		start := len(q.out)
		if wrong := readHex(q, p); wrong != "" {
			return wrong
		}
		if kind := int(q.out[start-1]); kind < len(sizes) && sizes[kind] > 0 && len(q.out)-start != sizes[kind] {
			return "the " + p.what + " of the " + typeName(q.rtype) + " record has the wrong length for its type"
		}
		return ""
	}
}

// readMaybeString reads a string that may be missing.
func readMaybeString(q *quickData, _ *field) string {
	if !q.more() {
		return ""
	}
	return q.addString()
}

// readX25 reads an address of at least four digits.
func readX25(q *quickData, p *field) string {
	if !q.more() {
		_, wrong := q.any()
		return wrong
	}
	text := q.e.bytes(&q.e.words[q.i])
	if len(text) < 4 || !allDigits(text) {
		q.bad = q.i
		return q.not(p.what, "four or more digits")
	}
	return q.addString()
}

// allDigits tells whether text holds digits only.
func allDigits(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// readLongString reads one word, quoted or not, that runs to the end of the
// data without a length.
func readLongString(q *quickData, _ *field) string {
	text, wrong := q.any()
	if wrong != "" {
		return wrong
	}
	if !q.unescaped(text) {
		return badText
	}
	return ""
}

// readQuoted is readLongString for a word that must be quoted.
func readQuoted(q *quickData, p *field) string {
	if q.more() && !q.e.words[q.i].quoted {
		q.bad = q.i
		return q.not(p.what, "quoted")
	}
	return readLongString(q, p)
}

// readTag reads the tag of a CAA record.
func readTag(q *quickData, p *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	if len(text) > 255 {
		return q.not(p.what, "shorter than 256 bytes")
	}
	for _, c := range text {
		if !isAlphanumeric(c) {
			return q.not(p.what, "made of letters and digits only")
		}
	}
	q.out = append(append(q.out, byte(len(text))), text...)
	return ""
}

func isAlphanumeric(c byte) bool {
	c = lower(c)
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
}

// readEUI reads an address of p.size bytes, in pairs of hexadecimal digits with
// hyphens between. Before 9.20 a pair may lack a digit, and BIND overlooks
// what follows the last one.
//
// Source: RFC 7043; BIND, lib/dns/rdata/generic/eui48_108.c (sscanf %2x).
func readEUI(q *quickData, p *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	form := q.not(p.what, "pairs of hexadecimal digits with hyphens between")
	if q.release.has(since920) && len(text) != 3*p.size-1 {
		return form
	}
	at := 0
	for k := 0; k < p.size; k++ {
		if k > 0 {
			if at == len(text) || text[at] != '-' {
				return form
			}
			at++
		}
		v, from := 0, at
		if at < len(text) && (text[at] == '+' || text[at] == '-' && at+1 < len(text) && text[at+1] == '0') {
			at++
		}
		digits := at
		for at < len(text) && at-from < 2 && hexValue[text[at]] >= 0 {
			v = v<<4 | int(hexValue[text[at]])
			at++
		}
		if at == digits || q.release.has(since920) && at != digits+2 {
			return form
		}
		q.out = append(q.out, byte(v))
	}
	return ""
}

// readKeyData reads what named keeps of a trust anchor (RFC 5011).
//
// Source: BIND, lib/dns/rdata/generic/keydata_65533.c.
func readKeyData(q *quickData, _ *field) string {
	parts := [...]field{date, date, date, keyFlags, protocol, algorithmField}
	for i := range parts {
		if wrong := parts[i].read(q, &parts[i]); wrong != "" {
			return wrong
		}
	}
	flags := uint16(q.out[12])<<8 | uint16(q.out[13])
	if flags == 0 && q.out[14] == 0 && q.out[15] == 0 || flags&0xc000 == 0xc000 {
		return ""
	}
	return q.base64(1)
}
