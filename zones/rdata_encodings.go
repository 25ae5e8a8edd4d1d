package zones

import "bytes"

// hexValue is the value of a hexadecimal digit, -1 for other bytes.
var hexValue = digitTable("0123456789abcdef")

// digitTable gives each digit, small or capital, its place in digits.
func digitTable(digits string) (values [256]int8) {
	for i := range values {
		values[i] = -1
	}
	for i, c := range []byte(digits) {
		values[c] = int8(i)
		if c >= 'a' && c <= 'z' {
			values[c-('a'-'A')] = int8(i)
		}
	}
	return values
}

// readSalt reads hexadecimal digits in one word, or - for none.
func readSalt(q *quickData, p *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	if len(text) > 2*255 {
		return "the salt is longer than 255 bytes"
	}
	size := len(q.out)
	q.out = append(q.out, 0)
	if len(text) == 1 && text[0] == '-' {
		return ""
	}
	if !q.hexWord(text) {
		return q.not(p.what, "- or an even number of hexadecimal digits")
	}
	q.out[size] = byte(len(q.out) - size - 1)
	return ""
}

// hexWord appends the bytes of one word of hexadecimal digits.
func (q *quickData) hexWord(text []byte) bool {
	if len(text)%2 != 0 {
		return false
	}
	for i := 0; i < len(text); i += 2 {
		high, low := hexValue[text[i]], hexValue[text[i+1]]
		if high < 0 || low < 0 {
			return false
		}
		q.out = append(q.out, byte(high)<<4|byte(low))
	}
	return true
}

// readHex reads hexadecimal digits, in any number of words, to the end of the
// record.
func readHex(q *quickData, p *field) string {
	start := len(q.out)
	if wrong := q.hex(p.what); wrong != "" {
		return wrong
	}
	if len(q.out)-start < p.least {
		q.bad = len(q.e.words) - 1
		return tooShort
	}
	return ""
}

func (q *quickData) hex(what string) string {
	high, odd := byte(0), false
	for q.more() {
		text, wrong := q.word()
		if wrong != "" {
			return wrong
		}
		for _, c := range text {
			v := hexValue[c]
			if v < 0 {
				return q.not(what, "hexadecimal")
			}
			if odd {
				q.out = append(q.out, high|byte(v))
			}
			high, odd = byte(v)<<4, !odd
		}
		if len(q.out) > maxData {
			return tooBig
		}
	}
	if odd {
		return q.not(what, "an even number of hexadecimal digits")
	}
	return ""
}

// base64Value is the value of a base64 digit, 64 for padding, -1 for others.
var base64Value = func() (values [256]int8) {
	for i := range values {
		values[i] = -1
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") {
		values[c] = int8(i)
	}
	return values
}()

func readBase64(q *quickData, p *field) string { return q.base64(p.least) }

// base64 reads base64 in any number of words to the end of the record. Padding
// ends it, and the bits that padding leaves over must be zero.
//
// Source: RFC 4648 section 4; BIND, lib/isc/base64.c.
func (q *quickData) base64(least int) string {
	start := len(q.out)
	var d base64Digits
	for q.more() && !d.ended {
		text, wrong := q.word()
		if wrong != "" {
			return wrong
		}
		if q.out, wrong = d.add(q.out, text); wrong != "" {
			return wrong
		}
		if len(q.out) > maxData {
			return tooBig
		}
	}
	if d.n != 0 {
		return notBase64
	}
	if len(q.out)-start < least {
		q.bad = len(q.e.words) - 1
		return tooShort
	}
	return ""
}

const notBase64 = "this is not base64; groups of four characters, padded with = at the end, make it up"

// base64Digits is a group of base64 digits that is not yet complete.
type base64Digits struct {
	group [4]int8
	n     int
	ended bool // padding was seen
}

// add decodes text and appends it to out.
func (d *base64Digits) add(out, text []byte) ([]byte, string) {
	i := 0
	for d.n == 0 && !d.ended && i+4 <= len(text) { // whole groups without padding
		a, b, c, e := base64Value[text[i]], base64Value[text[i+1]], base64Value[text[i+2]], base64Value[text[i+3]]
		if a|b|c|e < 0 || (a|b|c|e)&64 != 0 {
			break
		}
		out = append(out, byte(a)<<2|byte(b)>>4, byte(b)<<4|byte(c)>>2, byte(c)<<6|byte(e))
		i += 4
	}
	for ; i < len(text); i++ {
		v := base64Value[text[i]]
		if v < 0 || d.ended {
			return out, notBase64
		}
		d.group[d.n] = v
		if d.n++; d.n < 4 {
			continue
		}
		d.n = 0
		a, b, c, e := d.group[0], d.group[1], d.group[2], d.group[3]
		switch {
		case a == 64 || b == 64 || c == 64 && e != 64, c == 64 && b&15 != 0, c != 64 && e == 64 && c&3 != 0:
			return out, notBase64
		case c == 64:
			out = append(out, byte(a)<<2|byte(b)>>4)
			d.ended = true
		case e == 64:
			out = append(out, byte(a)<<2|byte(b)>>4, byte(b)<<4|byte(c)>>2)
			d.ended = true
		default:
			out = append(out, byte(a)<<2|byte(b)>>4, byte(b)<<4|byte(c)>>2, byte(c)<<6|byte(e))
		}
	}
	return out, ""
}

// base64Word appends the bytes of one word of base64.
func (q *quickData) base64Word(text []byte) bool {
	var d base64Digits
	var wrong string
	q.out, wrong = d.add(q.out, text)
	return wrong == "" && d.n == 0
}

// readMaybeBase64 reads base64 or - for none.
func readMaybeBase64(q *quickData, _ *field) string {
	if !q.more() {
		_, wrong := q.any()
		return wrong
	}
	if w := &q.e.words[q.i]; !w.quoted && bytes.Equal(q.e.bytes(w), []byte("-")) {
		q.i++
		return ""
	}
	return q.base64(0)
}
