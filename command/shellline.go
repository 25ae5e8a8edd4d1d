package command

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"named-jail/parser"
)

// shellLine writes words as a shell would need them, so that the line can be
// copied from the screen. Characters that must not reach a terminal stand in it
// as numbers, which the shell turns back into them.
func shellLine(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		switch {
		case parser.Printable(w) != w:
			quoted[i] = numbered(w)
		case w == "" || strings.ContainsFunc(w, needsQuotes):
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		default:
			quoted[i] = w
		}
	}
	return strings.Join(quoted, " ")
}

// needsQuotes tells whether a character may mean something to a shell: all but
// letters, digits and a few signs.
func needsQuotes(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("@%+=:,./_-", r)
}

// numbered writes a word in the quotes $'...', with what cannot be printed by
// its bytes.
//
// Source: POSIX.1-2024, Shell Command Language, 2.2.4.
func numbered(word string) string {
	var b strings.Builder
	b.WriteString("$'")
	for len(word) > 0 {
		r, n := utf8.DecodeRuneInString(word)
		switch part := word[:n]; {
		case r == '\'' || r == '\\':
			b.WriteString(`\` + part)
		case parser.Printable(part) == part:
			b.WriteString(part)
		default:
			for i := range len(part) {
				fmt.Fprintf(&b, `\%03o`, part[i])
			}
		}
		word = word[n:]
	}
	return b.String() + "'"
}
