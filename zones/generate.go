package zones

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
)

// Bounds of what the $GENERATE lines of one zone make: records, and bytes of
// their text. BIND has no bound below 2^31 records for each line. Only tests
// change them.
var (
	maxGenerated     int64 = 1 << 24
	maxGeneratedText int64 = 1 << 30
)

// generateLine carries out $GENERATE: range, owner name, TTL and class in any
// order, type, one word of data. The owner name of the records before and
// after is not touched.
//
// Source: BIND, lib/dns/master.c (generate, genname).
func (t *textReader) generateLine(src *source, e *entry) {
	const form = "$GENERATE START-STOP[/STEP] OWNER [TTL] [CLASS] TYPE DATA"
	if !t.args(e, 5, 7, len(e.words)-1, form) {
		return
	}
	place := &e.words[0]
	start, stop, step, ok := generateRange(e.bytes(&e.words[1]))
	if !ok {
		t.syntax(&e.words[1], "this is not a range of $GENERATE", "its form is: "+form)
		return
	}
	typeWord := &e.words[len(e.words)-2]
	_, known := typeOf(e.bytes(typeWord))
	if _, class := classOf(e.bytes(typeWord)); !known || class || !onlyTTLAndClass(e, 3, len(e.words)-2) {
		t.syntax(typeWord, "here the type of the records should stand, and this is none that is known", "its form is: "+form)
		return
	}
	// The words between owner and data are the same in each record.
	var middle []byte
	for k := 3; k < len(e.words)-1; k++ {
		middle = append(append(middle, ' '), e.bytes(&e.words[k])...)
	}
	middle = append(middle, ' ')
	last := &e.words[len(e.words)-1]
	left, right := e.bytes(&e.words[2]), e.bytes(last)
	if last.quoted {
		right = plainQuotes(right)
	}
	var owner name
	failures := t.c.failures()
	t.rec.marks = byGenerate
	defer func() { t.rec.marks = 0 }()
	if t.made += (stop-start)/step + 1; t.made > maxGenerated {
		t.out.fault(&fault{code: "NJ413", line: place.line, column: place.column,
			message: fmt.Sprintf("$GENERATE makes more than %d records", maxGenerated),
			remedy:  "make the range smaller, or write the zone as a plain file"})
		return
	}
	for v := start; v <= stop; v += step {
		if t.c.stop() || t.c.failures() > failures {
			return // one error says it for all
		}
		line, wrong := expand(t.genLine[:0], left, v, longestOwner)
		if wrong != "" {
			t.syntax(&e.words[2], wrong, "")
			return
		}
		cut := len(line)
		line = append(line, middle...)
		if line, wrong = expand(line, right, v, len(line)+maxData); wrong != "" {
			t.syntax(last, wrong, "")
			return
		}
		t.genLine = line
		if t.madeText += int64(len(line)); t.madeText > maxGeneratedText {
			t.out.fault(&fault{code: "NJ413", line: place.line, column: place.column,
				message: fmt.Sprintf("$GENERATE makes more than %d bytes of text", maxGeneratedText),
				remedy:  "make the range smaller, or write the zone as a plain file"})
			return
		}
		if wrong := owner.parse(line[:cut], &src.origin); wrong != "" {
			t.syntax(&e.words[2], "the owner name that $GENERATE makes is not a name: "+wrong, "")
			return
		}
		t.gen.reset(bytes.NewReader(append(line[cut:], '\n')))
		if ok, wrong := t.gen.next(); !ok || wrong != nil {
			t.syntax(last, "the data that $GENERATE makes is not one line of a zone file", "")
			return
		}
		t.fresh = true
		t.record(&owner, &src.origin, &t.gen.entry, 0, place)
		t.fresh = true
	}
}

// onlyTTLAndClass tells whether the words from one index to another are a TTL and
// a class, either first, or one of them, or none.
func onlyTTLAndClass(e *entry, from, to int) bool {
	ttls, classes := 0, 0
	for k := from; k < to; k++ {
		if _, ok := classOf(e.bytes(&e.words[k])); ok {
			classes++
		} else if _, ok := seconds(e.bytes(&e.words[k])); ok {
			ttls++
		}
	}
	return ttls <= 1 && classes <= 1 && ttls+classes == to-from
}

// plainQuotes gives quoted text as BIND's lexer leaves it: \" is ".
func plainQuotes(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
			if text[i] != '"' {
				out = append(out, '\\')
			}
		}
		out = append(out, text[i])
	}
	return out
}

// Bounds of what $GENERATE makes, in bytes.
// Source: BIND, lib/dns/master.c (DNS_MASTER_LHS, numbuf in genname).
const (
	longestOwner  = 2047
	longestNumber = 127
)

const badModifier = "a bad modifier of $GENERATE; its form is ${OFFSET[,WIDTH[,BASE]]} with base d, o, x, X, n or N"

const tooLongMade = "the text that $GENERATE makes here is longer than any name or number can be"

// scanned reads an integer at the start of text as scanf does: a sign, digits;
// of a number beyond 32 bits the low ones are kept. rest is what follows.
func scanned(text []byte) (v int32, rest []byte, ok bool) {
	at := 0
	if at < len(text) && (text[at] == '-' || text[at] == '+') {
		at++
	}
	n, from := int64(0), at
	for at < len(text) && isDecimal(text[at]) {
		d := int64(text[at] - '0')
		if n > (math.MaxInt64-d)/10 {
			n = math.MaxInt64
		} else {
			n = n*10 + d
		}
		at++
	}
	if at == from {
		return 0, text, false
	}
	if text[0] == '-' {
		if n == math.MaxInt64 {
			n++
		}
		n = -n
	}
	return int32(n), text[at:], true
}

// generateRange reads START-STOP[/STEP]. What follows is overlooked, as BIND
// overlooks it.
//
// Source: BIND, lib/dns/master.c (generate).
func generateRange(text []byte) (start, stop, step int64, ok bool) {
	first, rest, ok := scanned(text)
	if !ok || len(rest) == 0 || rest[0] != '-' {
		return 0, 0, 0, false
	}
	last, rest, ok := scanned(rest[1:])
	if !ok || first < 0 || last < first {
		return 0, 0, 0, false
	}
	by := int32(1)
	if len(rest) > 0 && rest[0] == '/' {
		if by, _, ok = scanned(rest[1:]); !ok || by < 1 {
			return 0, 0, 0, false
		}
	}
	return int64(first), int64(last), int64(by), true
}

// expand appends text with each $ replaced by v. \$ and $$ keep a dollar sign
// (the escape stays for the name's own reader), ${...} is a modifier. wrong is ""
// or what is wrong, such as that out gets longer than most bytes.
//
// Source: BIND, lib/dns/master.c (genname).
func expand(out, text []byte, v int64, most int) (made []byte, wrong string) {
	offset := int32(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text):
			out = append(out, c, text[i+1])
			i++
		case c == '$' && i+1 < len(text) && text[i+1] == '$':
			out = append(out, '$')
			i++
		case c == '$' && i+1 < len(text) && text[i+1] == '{':
			size := bytes.IndexByte(text[i:], '}')
			if size < 0 {
				return out, badModifier
			}
			if out, offset, wrong = modified(out, text[i+2:i+size+1], v); wrong != "" {
				return out, wrong
			}
			i += size
		case c == '$': // the offset of the modifier before it still holds
			if v > 0 && int64(offset) > math.MaxInt32-v {
				return out, offsetTooBig
			}
			out = strconv.AppendInt(out, int64(int32(v)+offset), 10)
		default:
			out = append(out, c)
		}
		if len(out) > most {
			return out, tooLongMade
		}
	}
	return out, ""
}

const offsetTooBig = "the offset of $GENERATE makes a number above 2147483647"

// modified appends v as the modifier OFFSET[,WIDTH[,BASE]] says; the text ends
// with its brace.
func modified(out, text []byte, v int64) (made []byte, offset int32, wrong string) {
	offset, rest, ok := scanned(text)
	if !ok {
		return out, 0, badModifier
	}
	width, base := uint32(0), byte('d')
	if rest[0] == ',' {
		w, more, ok := scanned(rest[1:])
		if !ok {
			return out, 0, badModifier
		}
		width, rest = uint32(w), more
		if rest[0] == ',' {
			if bytes.IndexByte([]byte("doxXnN"), rest[1]) < 0 {
				return out, 0, badModifier
			}
			base, rest = rest[1], rest[2:]
		}
	}
	if len(rest) == 0 || rest[0] != '}' {
		return out, 0, badModifier
	}
	if v > 0 && int64(offset) > math.MaxInt32-v {
		return out, 0, offsetTooBig
	}
	if width > longestNumber {
		return out, 0, tooLongMade
	}
	n := int32(v) + offset
	switch base {
	case 'd':
		out = fmt.Appendf(out, "%0*d", width, n)
	case 'n', 'N':
		out = nibbles(out, uint32(n), int(width), base == 'N')
	case 'o':
		out = fmt.Appendf(out, "%0*o", width, uint32(n))
	case 'x':
		out = fmt.Appendf(out, "%0*x", width, uint32(n))
	case 'X':
		out = fmt.Appendf(out, "%0*X", width, uint32(n))
	}
	return out, offset, ""
}

// nibbles appends v in hex, lowest digit first, with dots between. width counts
// digits and dots; a dot may end it.
func nibbles(out []byte, v uint32, width int, upper bool) []byte {
	digits := "0123456789abcdef"
	if upper {
		digits = "0123456789ABCDEF"
	}
	for {
		out = append(out, digits[v&15])
		v >>= 4
		width--
		if width > 0 || v != 0 {
			out = append(out, '.')
			width--
		}
		if width <= 0 && v == 0 {
			return out
		}
	}
}
