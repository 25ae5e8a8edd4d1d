package jail

import (
	"errors"
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"syscall"
)

// maxMatches bounds what a pattern may match, in the whole or on the way.
const maxMatches = 200000

// Glob gives the paths that match a pattern, in alphabetical order of bytes, as
// glob(3) with GLOB_ERR does for named's include: * ? [ ] and the backslash; a
// leading dot only matches a dot. Nothing matching is no error.
//
// Errors: a directory that must be listed and cannot be; more matches than
// maxMatches.
func (h *Host) Glob(pattern string) ([]string, error) {
	s := h.looks.borrow(h.session)
	defer h.looks.giveBack(s)
	found := []string{""}
	parts := strings.Split(strings.TrimLeft(pattern, "/"), "/")
	for n, part := range parts {
		if part == "" {
			continue
		}
		last := n == len(parts)-1
		var next []string
		for _, base := range found {
			names, err := s.globIn(base, part, last)
			if err != nil {
				return nil, err
			}
			if next = append(next, names...); len(next) > maxMatches {
				return nil, fmt.Errorf("more than %d files match", maxMatches)
			}
		}
		found = next
	}
	sort.Strings(found)
	return found, nil
}

// globIn gives the paths of the entries of base that match one component.
func (s *session) globIn(base, part string, last bool) ([]string, error) {
	if !hasMeta(part) {
		name := base + "/" + unescape(part)
		// glob(3) wants an entry to be there, be it a link to nothing.
		at, err := s.resolve(name, !last)
		if err != nil || !at.info.Exists() {
			return nil, nil
		}
		return []string{name}, nil
	}
	d, err := s.resolveDir(base + "/")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names, err := d.list()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range names {
		if (name[0] != '.' || part[0] == '.') && matchName(part, name) {
			out = append(out, base+"/"+name)
		}
	}
	return out, nil
}

// hasMeta tells whether a component is more than a name.
func hasMeta(part string) bool {
	for i := 0; i < len(part); i++ {
		switch part[i] {
		case '*', '?', '[':
			return true
		case '\\':
			i++
		}
	}
	return false
}

// unescape takes the backslashes out of a component without wildcards.
func unescape(part string) string {
	var b strings.Builder
	for i := 0; i < len(part); i++ {
		if part[i] == '\\' && i+1 < len(part) {
			i++
		}
		b.WriteByte(part[i])
	}
	return b.String()
}

// matchName matches one component against one name, byte by byte. It remembers
// only the last star, which is enough: an earlier one never has to give back.
func matchName(pattern, name string) bool {
	p, n := 0, 0
	starP, starN := -1, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			starP, starN = p, n
			p++
			continue
		}
		if p < len(pattern) {
			if width, ok := matchOne(pattern[p:], name[n]); ok {
				p += width
				n++
				continue
			}
		}
		if starP < 0 {
			return false
		}
		starN++
		p, n = starP+1, starN
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchOne matches the first element of a pattern with one byte and gives the
// element's width.
func matchOne(pattern string, c byte) (int, bool) {
	switch pattern[0] {
	case '?':
		return 1, true
	case '\\':
		if len(pattern) > 1 {
			return 2, pattern[1] == c
		}
	case '[':
		if width, ok := matchSet(pattern, c); width > 0 {
			return width, ok
		}
	}
	return 1, pattern[0] == c
}

// matchSet matches a bracket expression; width 0 means that it is not closed
// and the bracket stands for itself.
func matchSet(pattern string, c byte) (int, bool) {
	i, negate, found := 1, false, false
	if i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^') {
		negate = true
		i++
	}
	for first := true; i < len(pattern); first = false {
		if pattern[i] == ']' && !first {
			return i + 1, found != negate
		}
		if strings.HasPrefix(pattern[i:], "[:") {
			if end := strings.Index(pattern[i:], ":]"); end > 1 {
				found = found || inClass(pattern[i+2:i+end], c)
				i += end + 2
				continue
			}
		}
		low, n := setByte(pattern[i:])
		i += n
		high := low
		if i+1 < len(pattern) && pattern[i] == '-' && pattern[i+1] != ']' {
			high, n = setByte(pattern[i+1:])
			i += 1 + n
		}
		found = found || low <= c && c <= high
	}
	return 0, false
}

// setByte reads one byte of a set, which a backslash may quote.
func setByte(s string) (byte, int) {
	if s[0] == '\\' && len(s) > 1 {
		return s[1], 2
	}
	return s[0], 1
}

// inClass is the table of named classes, for the C locale.
func inClass(class string, c byte) bool {
	lower, upper := c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z'
	digit := c >= '0' && c <= '9'
	switch class {
	case "alpha":
		return lower || upper
	case "digit":
		return digit
	case "alnum":
		return lower || upper || digit
	case "lower":
		return lower
	case "upper":
		return upper
	case "space":
		return c == ' ' || c >= '\t' && c <= '\r'
	case "blank":
		return c == ' ' || c == '\t'
	case "punct":
		return c > ' ' && c < 0x7f && !lower && !upper && !digit
	case "xdigit":
		return digit || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
	case "cntrl":
		return c < ' ' || c == 0x7f
	case "print":
		return c >= ' ' && c < 0x7f
	case "graph":
		return c > ' ' && c < 0x7f
	}
	return false
}
