package zones

import (
	"bytes"
	"fmt"
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
	if _, known := typeOf(e.bytes(typeWord)); !known {
		t.syntax(typeWord, "here the type of the records should stand, and this is none that is known", "its form is: "+form)
		return
	}
	// The words between owner and data are the same in each record.
	var middle []byte
	for k := 3; k < len(e.words)-1; k++ {
		middle = append(append(middle, ' '), e.bytes(&e.words[k])...)
	}
	middle = append(middle, ' ')
	left, right := e.bytes(&e.words[2]), e.bytes(&e.words[len(e.words)-1])
	var owner name
	errors := t.c.errors
	t.rec.marks = byGenerate
	defer func() { t.rec.marks = 0 }()
	if t.made += (stop-start)/step + 1; t.made > maxGenerated {
		t.out.fault(&fault{code: "NJ413", line: place.line, column: place.column,
			message: fmt.Sprintf("$GENERATE makes more than %d records", maxGenerated),
			remedy:  "make the range smaller, or write the zone as a plain file"})
		return
	}
	for v := start; v <= stop; v += step {
		if t.c.stop() || t.c.errors > errors {
			return // one error says it for all
		}
		line := t.genLine[:0]
		if line, ok = expand(line, left, v); !ok {
			t.syntax(&e.words[2], badModifier, "")
			return
		}
		cut := len(line)
		line = append(line, middle...)
		if line, ok = expand(line, right, v); !ok {
			t.syntax(&e.words[len(e.words)-1], badModifier, "")
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
			t.syntax(&e.words[len(e.words)-1], "the data that $GENERATE makes is not one line of a zone file", "")
			return
		}
		t.fresh = true
		t.record(&owner, &src.origin, &t.gen.entry, 0, place)
		t.fresh = true
	}
}

const badModifier = "a bad modifier of $GENERATE; its form is ${OFFSET[,WIDTH[,BASE]]} with base d, o, x, X, n or N"

// generateRange reads START-STOP[/STEP].
func generateRange(text []byte) (start, stop, step int64, ok bool) {
	step = 1
	span, after, stepped := bytes.Cut(text, []byte("/"))
	a, b, found := bytes.Cut(span, []byte("-"))
	first, ok1 := number(a, 1<<31-1)
	last, ok2 := number(b, 1<<31-1)
	if !found || !ok1 || !ok2 || first > last {
		return 0, 0, 0, false
	}
	if stepped {
		s, ok := number(after, 1<<31-1)
		if !ok || s == 0 {
			return 0, 0, 0, false
		}
		step = int64(s)
	}
	return int64(first), int64(last), step, true
}

// expand appends text with each $ replaced by v. \$ and $$ keep a dollar sign
// (the escape stays for the name's own reader), ${...} is a modifier.
func expand(out, text []byte, v int64) ([]byte, bool) {
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
				return out, false
			}
			var ok bool
			if out, ok = modified(out, text[i+2:i+size], v); !ok {
				return out, false
			}
			i += size
		case c == '$':
			out = strconv.AppendInt(out, v, 10)
		default:
			out = append(out, c)
		}
		if len(out) > maxEntryText {
			return out, false
		}
	}
	return out, true
}

// modified appends v as the modifier OFFSET[,WIDTH[,BASE]] says.
func modified(out, modifier []byte, v int64) ([]byte, bool) {
	parts := bytes.Split(modifier, []byte(","))
	offset, err := strconv.ParseInt(string(parts[0]), 10, 32)
	if err != nil || len(parts) > 3 {
		return out, false
	}
	width := uint64(0)
	if len(parts) > 1 {
		var ok bool
		if width, ok = number(parts[1], 255); !ok {
			return out, false
		}
	}
	base := byte('d')
	if len(parts) > 2 {
		if len(parts[2]) != 1 {
			return out, false
		}
		base = parts[2][0]
	}
	v += offset
	switch base {
	case 'd', 'o', 'x', 'X':
		return fmt.Appendf(out, "%0"+strconv.FormatUint(width, 10)+string(base), v), true
	case 'n', 'N':
		return nibbles(out, v, int(width), base == 'N'), true
	}
	return out, false
}

// nibbles appends v in hex, lowest digit first, with dots between. width counts
// digits and dots.
func nibbles(out []byte, v int64, width int, upper bool) []byte {
	digits := "0123456789abcdef"
	if upper {
		digits = "0123456789ABCDEF"
	}
	u := uint32(v)
	for {
		out = append(out, digits[u&15])
		width--
		u >>= 4
		if width <= 0 && u == 0 {
			return out
		}
		out = append(out, '.')
		width--
		if width <= 0 && u == 0 {
			return out
		}
	}
}
