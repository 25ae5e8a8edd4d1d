package zones

import "bytes"

// Includes finds the $INCLUDE lines of a zone file's text, exactly as named
// reads it: a line may be one in parentheses or in quotes, a comment is none,
// and neither is one that starts with white space. File and Opened stay empty.
// Parts of the text that cannot be read are skipped. Errors: never.
func Includes(src []byte) []Include {
	var found []Include
	var x lexer
	x.reset(bytes.NewReader(src))
	for {
		ok, wrong := x.next()
		if !ok {
			return found
		}
		e := &x.entry
		if wrong != nil || e.blank || len(e.words) < 2 {
			continue
		}
		if bytes.EqualFold(e.bytes(&e.words[0]), []byte("$INCLUDE")) {
			found = append(found, includeOf(e))
		}
	}
}
