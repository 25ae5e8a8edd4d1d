package parser

import (
	"sort"
	"strings"
)

// What must not be shown: the values of secret statements wherever they stand,
// all of a key block but its algorithm (a misspelled secret is one too), and
// passwords in the text that named hands on to drivers. It is found in the text
// itself, not in the tree, because a mistake may be why there is no tree.

// hiddenText stands in messages for what may not be shown.
const hiddenText = "(hidden)"

// passwords are beginnings of words whose rest of the line is not shown.
var passwords = []string{"passw", "passphrase", "pass=", "pin-value", "pin-source"}

// region is a half-open run of bytes that must not be shown.
type region struct{ start, end int }

// secrets gives the regions of a file in order, none overlapping another.
func (f *File) secrets() []region {
	f.hideOnce.Do(func() {
		if f.private {
			f.hidden = []region{{0, len(f.Text)}}
			return
		}
		if f.apart == nil {
			f.hidden = findSecrets(f.Text)
			return
		}
		var err error
		if f.hidden, err = readSecrets(f.apart, f.Text); err != nil {
			f.hidden = []region{{0, len(f.Text)}}
		}
	})
	return f.hidden
}

// findSecrets looks at each word a fixed number of times, so that its time
// grows with the text only.
func findSecrets(text string) []region {
	var found []region
	add := func(start, end int) { found = append(found, region{start, end}) }
	lineEnd := 0 // where the line or statement of the last password ends
	keyEnd := 0  // where the last key block ends
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case 's', 'S':
			if end := i + len("secret"); secretEnds(text, i, end) {
				i = statementEnd(text, end)
				add(end, i)
				i--
			}
		case 'k', 'K':
			if i < keyEnd {
				continue
			}
			if opening := keyBlock(text, i); opening > 0 {
				keyEnd = hideKeyBlock(text, opening, add)
			}
		case 'p', 'P':
			for _, word := range passwords {
				if hasFold(text[i:], word) {
					i += len(word)
					if lineEnd < i {
						lineEnd = len(text)
						if n := strings.IndexAny(text[i:], "\n;"); n >= 0 {
							lineEnd = i + n
						}
					}
					add(i, lineEnd)
					i--
					break
				}
			}
		}
	}
	return merged(found)
}

// merged puts regions in order and joins those that overlap.
func merged(list []region) []region {
	sort.Slice(list, func(i, j int) bool { return list[i].start < list[j].start })
	n := 0
	for _, r := range list {
		if n > 0 && r.start <= list[n-1].end {
			list[n-1].end = max(list[n-1].end, r.end)
			continue
		}
		list[n] = r
		n++
	}
	return list[:n]
}

// hasFold is strings.HasPrefix that ignores case.
func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// secretEnds tells whether a word that ends in "secret" ends at end. A zone
// "secret.example" or a string that begins with it is none; secret=x is one.
func secretEnds(text string, start, end int) bool {
	return hasFold(text[start:], "secret") && (start == 0 || text[start-1] != '"') &&
		(end == len(text) || classes[text[end]] != inWord || text[end] == '=' || text[end] == ':')
}

// statementEnd gives where the rest of a statement ends: before its ';' or the
// brace that closes its block. What a string or comment without an end swallows is part of it.
func statementEnd(text string, from int) int {
	s := scanner{src: text, pos: from}
	for {
		switch t := s.next(); t.kind {
		case tokSemicolon, tokClose, tokEOF:
			return t.start
		case tokBad:
			return len(text)
		}
	}
}

// keyBlock tells whether a key statement begins at i, and gives the place
// behind its '{', 0 when none does. It looks ahead a little only: a key's name
// is not long, and looking on from each word key would be work without end.
func keyBlock(text string, i int) int {
	end := i + len("key")
	if !hasFold(text[i:], "key") || i > 0 && classes[text[i-1]] == inWord || end == len(text) || classes[text[end]] == inWord {
		return 0
	}
	s := scanner{src: text[:min(len(text), end+4096)], pos: end}
	for words := 0; ; {
		switch t := s.next(); t.kind {
		case tokSpace, tokComment:
		case tokWord, tokString:
			if words++; words > 1 {
				return 0
			}
		case tokOpen:
			return s.pos
		case tokBad:
			return end // it may be one; nothing behind it is shown
		default:
			return 0
		}
	}
}

// hideKeyBlock adds all that stands in a key block but the algorithm, and gives
// the place where the block ends.
func hideKeyBlock(text string, from int, add func(start, end int)) int {
	s := scanner{src: text, pos: from}
	shown := 0 // words of the statement that may be shown
	for words, depth := 0, 0; ; {
		t := s.next()
		switch t.kind {
		case tokEOF:
			return t.start
		case tokOpen:
			depth++
			words = 0
			continue
		case tokClose:
			if depth--; depth < 0 {
				return t.start
			}
			words = 0
			continue
		case tokSemicolon:
			words = 0
			continue
		case tokSpace:
			continue
		case tokWord:
			word := text[t.start:t.end]
			switch {
			case words == 0 && strings.EqualFold(word, "algorithm"):
				shown = 2
			case words == 0 && (strings.EqualFold(word, "secret") || strings.EqualFold(word, "include")):
				shown = 1
			case words == 0:
				shown = 0
			case words == 1 && shown == 2 && !isAlgorithm(word):
				shown = 1
			}
			if words++; words <= shown {
				continue
			}
		case tokString:
			if words == 0 {
				shown = 0
			} else if shown == 2 && !isAlgorithm(Unquote(text[t.start:t.end])) {
				shown = 1
			}
			if words++; words <= shown {
				continue
			}
		}
		add(t.start, t.end)
	}
}

// hides tells whether bytes of the file must not be shown.
func (f *File) hides(start, end int) bool {
	list := f.secrets()
	i := sort.Search(len(list), func(i int) bool { return list[i].end > start })
	return i < len(list) && list[i].start < max(end, start+1)
}

// withoutSecret takes what stands at bytes that must not be shown out of a
// text that quotes it, whole or shortened.
func (f *File) withoutSecret(start, end int, text string) string {
	if text == "" || !f.hides(start, end) {
		return text
	}
	var forms []string
	s := f.cutter(start, end)
	for t := s.next(); t.kind != tokEOF; t = s.next() {
		if t.kind == tokWord || t.kind == tokString || t.kind == tokBad {
			raw := f.Text[t.start:t.end]
			forms = append(forms, raw, Unquote(raw), shorten(raw), shorten(Unquote(raw)))
			break // messages quote one word
		}
	}
	list := f.secrets()
	for i := sort.Search(len(list), func(i int) bool { return list[i].end > start }); i < len(list) && list[i].start < end; i++ {
		part := f.Text[max(start, list[i].start):min(end, list[i].end, max(start, list[i].start)+maxMessage)]
		for _, w := range fragments(part) {
			if len(w) >= 4 {
				forms = append(forms, w)
			}
		}
	}
	for _, form := range forms {
		if form == "" || known(form) {
			continue
		}
		for _, v := range []string{form, strings.ToLower(form)} {
			text = strings.NewReplacer("'"+v+"'", hiddenText, `"`+v+`"`, hiddenText).Replace(text)
			if len(v) >= 4 {
				text = strings.ReplaceAll(text, v, hiddenText)
			}
		}
	}
	return text
}

// isAlgorithm tells whether a word can name an algorithm of a key: hmac-md5,
// hmac-sha256, hmac-sha512-256.
func isAlgorithm(word string) bool {
	return hasFold(word, "hmac-") && len(word) <= len("hmac-sha512-256") &&
		strings.Trim(strings.ToLower(word), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// known tells whether a word is a keyword, which is no secret.
func known(word string) bool {
	word = strings.ToLower(word)
	return len(rowsOf(word)) > 0 || isAlgorithm(word)
}

// Hide takes secrets of the file out of a text that somebody else wrote about
// it: named-checkconf quotes the word that it cannot take, or its beginning.
func (f *File) Hide(text string) string {
	text = f.hideWords(text)
	if !strings.Contains(text, "'") {
		return text
	}
	parts := strings.Split(text, "'")
	for i, p := range parts {
		if i > 0 && f.quotesSecret(p) {
			parts[i] = hiddenText
		}
	}
	return strings.Join(parts, "'")
}

// hideWords hides the words of a text that are whole secrets, quoted or not.
func (f *File) hideWords(text string) string {
	values := f.secretWords()
	if len(values) == 0 {
		return text
	}
	for _, w := range fragments(text) {
		if len(w) < 8 || known(w) {
			continue
		}
		if n := sort.SearchStrings(values, w); n < len(values) && values[n] == w {
			text = strings.ReplaceAll(text, w, hiddenText)
		}
	}
	return text
}

// quotesSecret tells whether a quoted text is a secret of the file, or the
// beginning of one.
func (f *File) quotesSecret(text string) bool {
	text, cut := strings.CutSuffix(text, "...")
	values := f.secretWords()
	for _, w := range append(fragments(text), text) {
		if w == "" || known(w) {
			continue
		}
		if n := sort.SearchStrings(values, w); n < len(values) && strings.HasPrefix(values[n], w) && (cut || len(w) > 2 || values[n] == w) {
			return true
		}
	}
	return false
}

// fragments cuts a text at what can stand around a secret, or is written in
// another way in messages.
func fragments(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"'\\;{}=:/", r) })
}

// secretWords gives the words and strings that must not be shown, in order.
func (f *File) secretWords() []string {
	f.wordsOnce.Do(func() {
		for _, r := range f.secrets() {
			s := f.cutter(r.start, r.end)
			for t := s.next(); t.kind != tokEOF; t = s.next() {
				if t.kind == tokWord || t.kind == tokString || t.kind == tokBad {
					f.words = append(f.words, Unquote(f.Text[t.start:t.end]))
				}
			}
			f.words = append(f.words, fragments(f.Text[r.start:r.end])...)
		}
		sort.Strings(f.words)
	})
	return f.words
}
