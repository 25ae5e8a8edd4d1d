package zones

import "math/bits"

// typeSet is a set of types on its way to a bit map. Only the blocks that are
// marked are looked at, and they are empty between two records.
type typeSet struct {
	bits   [1 << 13]byte
	blocks [4]uint64 // the blocks of 32 bytes that have a bit
}

func (s *typeSet) add(t uint16) {
	s.bits[t>>3] |= 0x80 >> (t & 7)
	s.blocks[t>>14] |= 1 << (t >> 8 & 63)
}

// appendTo appends the bit map and empties the set.
//
// Source: RFC 4034 section 4.1.2.
func (s *typeSet) appendTo(out []byte) []byte {
	for k := range s.blocks {
		for s.blocks[k] != 0 {
			low := bits.TrailingZeros64(s.blocks[k])
			s.blocks[k] &^= 1 << low
			block := s.bits[(k<<6|low)<<5:][:32]
			n := 32
			for block[n-1] == 0 {
				n--
			}
			out = append(append(out, byte(k<<6|low), byte(n)), block[:n]...)
			clear(block[:n])
		}
	}
	return out
}

// readTypes reads types to the end of the record.
func readTypes(q *quickData, p *field) string {
	start := len(q.out)
	wrong := ""
	for wrong == "" && q.more() {
		var text []byte
		if text, wrong = q.word(); wrong != "" {
			break
		}
		t, ok := typeOf(text)
		if !ok {
			wrong = q.not(p.what, "a type that is known")
			break
		}
		q.types.add(t)
	}
	q.out = q.types.appendTo(q.out)
	if wrong == "" && len(q.out)-start < p.least {
		_, wrong = q.any()
	}
	return wrong
}

// checkTypes checks a bit map: blocks in order, none empty, no zero byte at the
// end of one.
//
// Source: BIND, lib/dns/rdata.c (typemap_test).
func checkTypes(w *wireData, p *field) bool {
	rest := w.rest()
	if len(rest) < p.least {
		return false
	}
	last := -1
	for len(rest) > 0 {
		if len(rest) < 3 {
			return false
		}
		block, n := int(rest[0]), int(rest[1])
		if block <= last || n < 1 || n > 32 || len(rest) < 2+n || rest[1+n] == 0 {
			return false
		}
		last, rest = block, rest[2+n:]
	}
	w.at = len(w.data)
	return true
}

// readOldTypes reads the types of an NXT record: 1 to 127, as types or numbers.
//
// Source: RFC 2535 section 5.2; BIND, lib/dns/rdata/generic/nxt_30.c.
func readOldTypes(q *quickData, p *field) string {
	var set [16]byte
	n := 0
	for q.more() {
		text, wrong := q.word()
		if wrong != "" {
			return wrong
		}
		t, ok := uint16(0), false
		if v, rest, digits := cNumber(text); digits && len(rest) == 0 {
			t, ok = uint16(v), true
		} else {
			t, ok = typeOf(text)
		}
		if !ok || t < 1 || t > 127 {
			return q.not(p.what, "a type from 1 to 127")
		}
		set[t>>3] |= 0x80 >> (t & 7)
		n = max(n, int(t>>3)+1)
	}
	q.out = append(q.out, set[:n]...)
	return ""
}

func checkOldTypes(w *wireData, _ *field) bool {
	rest := w.rest()
	w.at = len(w.data)
	return len(rest) == 0 || rest[0]&0x80 == 0 && len(rest) <= 16 && rest[len(rest)-1] != 0
}

// base32Value is the value of a digit of base 32 with the extended hex alphabet.
var base32Value = digitTable("0123456789abcdefghijklmnopqrstuv")

// readNextHash reads the hash of the next owner name: base 32 in one word
// without padding, up to 155 bytes.
//
// Source: RFC 5155 section 3.3; BIND, lib/dns/rdata/generic/nsec3_50.c.
func readNextHash(q *quickData, p *field) string {
	text, wrong := q.word()
	if wrong != "" {
		return wrong
	}
	size := len(q.out)
	q.out = append(q.out, 0)
	group, have := uint32(0), 0
	for _, c := range text {
		v := base32Value[c]
		if v < 0 {
			return q.not(p.what, "base32hex without padding")
		}
		group, have = group<<5|uint32(v), have+5
		if have >= 8 {
			have -= 8
			q.out = append(q.out, byte(group>>have))
		}
	}
	n := len(q.out) - size - 1
	if have >= 5 || group&(1<<have-1) != 0 {
		return q.not(p.what, "base32hex without padding")
	}
	if n > 155 {
		return "the " + p.what + " of the NSEC3 record has the wrong length"
	}
	q.out[size] = byte(n)
	return ""
}

func checkNextHash(w *wireData, _ *field) bool {
	rest := w.rest()
	if len(rest) == 0 {
		return false
	}
	n := int(rest[0])
	if n < 1 || n > 155 || len(rest) < 1+n {
		return false
	}
	w.at += 1 + n
	return true
}
