package parser

import (
	"fmt"
	"iter"
	"net"
	"net/netip"
	"strings"
	"unicode"
)

// nearest finds the keyword of a context with the fewest differing letters,
// "" when none is near.
func (c *Checker) nearest(word string, in Context) string {
	if len(word) > 40 {
		return ""
	}
	return Nearest(word, func(yield func(string) bool) {
		for i := range statements {
			if d := &statements[i]; d.In&in != 0 && d.KnownIn(c.version) && !yield(d.Keyword) {
				return
			}
		}
	})
}

// Nearest gives the first of the known words with the fewest differing letters,
// "" when none is near.
func Nearest(word string, known iter.Seq[string]) string {
	best, distance := "", len(word)/3+1
	for k := range known {
		if len(k)-len(word) >= distance || len(word)-len(k) >= distance {
			continue // as many letters differ at least
		}
		if n := editDistance(word, k); n < distance {
			best, distance = k, n
		}
	}
	return best
}

// editDistance counts the letters to insert, drop or change, and the neighbours
// to exchange (optimal string alignment).
func editDistance(a, b string) int {
	width := len(b) + 1
	rows := make([]int, 3*width) // the row under way and the two before it
	earlier, before, row := rows[:width], rows[width:2*width], rows[2*width:]
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		earlier, before, row = before, row, earlier
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := before[j-1]
			if a[i-1] != b[j-1] {
				cost = 1 + min(before[j-1], before[j], row[j-1])
				if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
					cost = min(cost, earlier[j-2]+1)
				}
			}
			row[j] = cost
		}
	}
	return row[len(b)]
}

// typographic are quotes of a word processor.
const typographic = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u2033\uff02"

// foreignSigns are signs that come with text from a word processor or another
// program, which named takes for letters.
var foreignSigns = []struct{ signs, remedy string }{
	{typographic, "These are typographic quotes, which named takes for letters; write plain ones: \"."},
	{"\u00a0\u202f\u2007\u2009\u3000", "There is a no-break space in the word, which named takes for a letter; write a plain one."},
	{"\u200b\u200c\u200d\u2060\ufeff", "There is a character in the word that prints as nothing; write the word anew."},
	{"\u2010\u2011\u2012\u2013\u2014\u2212", "There is a typographic dash in the word; write a plain one: -."},
	{"\uff1b\u037e", "That is no plain semicolon; write ';'."},
}

// foreignSign says what to do about such a sign in a word, "" when it has none.
func foreignSign(word string) string {
	for _, f := range foreignSigns {
		if strings.ContainsAny(word, f.signs) {
			return f.remedy
		}
	}
	return ""
}

// misform reports a term that does not fit the statement's value. Of a word
// that a '/' has cut in pieces it shows all.
func (c *Checker) misform(s *Statement, at *Term, wants string) {
	whole := at.Span()
	for i := range s.Terms {
		if t := &s.Terms[i]; t.File == at.File && t.Start == whole.End && t.Kind != BlockTerm && at.Kind != BlockTerm {
			whole.End = t.End
		}
	}
	if wants == "" {
		wants = "another value"
	}
	message, remedy := fmt.Sprintf("'%s' wants %s", s.Def.Keyword, wants), c.inPlace(at, whole.Text(), wants)
	if wants == "';'" {
		message = fmt.Sprintf("'%s' is not part of '%s' here", shorten(whole.Text()), s.Def.Keyword)
		remedy = "named refuses to start on it; remove it, or put the ';' that is missing before it."
	}
	c.diags.Add(whole.Diagnostic("NJ204", message, remedy))
}

// inPlace says what to write in place of a text that does not fit.
func (c *Checker) inPlace(at *Term, text, wants string) string {
	if remedy := foreignSign(text); remedy != "" {
		return remedy
	}
	switch {
	case at.Kind == StringTerm || at.Kind == BlockTerm:
	case strings.HasPrefix(text, "'"):
		return "For named a ' is a letter; write plain quotes: \"."
	case strings.HasPrefix(text, "="):
		return "named.conf has no '='; the value follows the keyword directly."
	case strings.HasPrefix(text, "("):
		c.bracket = true
		return "A list stands in braces: { ...; }."
	case strings.Contains(wants, "length of a prefix") && netmask(text) >= 0:
		return fmt.Sprintf("named knows no netmasks; write /%d.", netmask(text))
	case strings.HasSuffix(text, ","):
		return "A comma is a letter for named; what stands before it ends with ';'."
	case strings.Contains(wants, "in quotes") && len(text) < maxQuoted && !strings.ContainsFunc(text, unicode.IsControl):
		return fmt.Sprintf("named refuses to start on it; write it in quotes: \"%s\".", text)
	}
	return "named refuses to start on it; write the value in that form."
}

// netmask gives the length of the prefix that an IPv4 netmask stands for, -1
// where a text is none.
func netmask(text string) int {
	a, err := netip.ParseAddr(text)
	if err != nil || !a.Is4() {
		return -1
	}
	b := a.As4()
	length, bits := net.IPMask(b[:]).Size()
	if bits == 0 {
		return -1
	}
	return length
}

// resemblesAddress tells whether a name was probably meant as an address.
func resemblesAddress(name string) bool {
	return strings.ContainsAny(name, "0123456789") && strings.ContainsAny(name, ".:") && strings.Trim(name, "0123456789abcdefABCDEF.:*-") == ""
}

// maxQuoted is how long a text may be that a remedy repeats, in bytes.
const maxQuoted = 100
