package zones

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"named-jail/parser"
)

// corpusCase is one zone file of the corpus, and what its header says.
//
// The header is comment lines at the top of the file: "; zone: NAME" comes
// first and must be there. "; class: CH" is the class of the zone. "; flags:"
// are options of named-checkzone beside its own defaults and -i local, which
// looks up no name outside the zone. "; expect:" are the codes of all our
// findings; without it there are none for a good file and at least one error
// for a bad one. "; releases: 9.20 9.18" says for which releases of BIND the
// file is what its name says; for the others it is the opposite. "; marks" says
// that the text holds marks for bytes that cannot stand in an archive, see
// unmark.
type corpusCase struct {
	name     string // archive and member
	dir      string // named's working directory
	file     string // relative to it
	good     bool
	zone     Zone
	flags    []string
	expect   []parser.Code
	told     bool // there is an expect line
	releases []string
	text     bool // the text that named writes is read too
}

// header is the table of header lines.
var header = map[string]func(c *corpusCase, value string) bool{
	"zone":  func(c *corpusCase, v string) bool { c.zone.Name = v; return v != "" },
	"class": func(c *corpusCase, v string) bool { c.zone.Class = v; return v != "" },
	"flags": func(c *corpusCase, v string) bool {
		c.flags = strings.Fields(v)
		return setChecks(&c.zone.Checks, c.flags)
	},
	"expect": func(c *corpusCase, v string) bool {
		c.told = true
		for _, code := range strings.Fields(v) {
			if _, known := parser.LookupCode(parser.Code(code)); !known {
				return false
			}
			c.expect = append(c.expect, parser.Code(code))
		}
		return true
	},
	"releases": func(c *corpusCase, v string) bool { c.releases = strings.Fields(v); return v != "" },
}

// checkFlags is the table of named-checkzone's options: what their values
// make of Checks. An option without a row is one of named-checkzone alone.
// named-checkzone warns where it is not told, as the zero Checks does.
//
// Source: BIND, bin/check/named-checkzone.c (main).
var checkFlags = map[string]func(c *Checks, value string) bool{
	"-k": level(func(c *Checks) *Level { return &c.Names }),
	"-m": level(func(c *Checks) *Level { return &c.MX }),
	"-M": level(func(c *Checks) *Level { return &c.MXCNAME }),
	"-S": level(func(c *Checks) *Level { return &c.SRVCNAME }),
	"-T": level(func(c *Checks) *Level { return &c.SPF }),
	"-r": level(func(c *Checks) *Level { return &c.Duplicates }),
	"-W": func(c *Checks, v string) bool { c.NoWildcard = v == "ignore"; return v == "ignore" || v == "warn" },
	"-n": func(c *Checks, v string) bool { return v == "ignore" || v == "warn" },
	"-i": func(c *Checks, v string) bool {
		mode, known := integrity[v]
		c.NoIntegrity, c.NoSibling = mode.none, mode.noSibling
		return known
	},
	"-l": func(c *Checks, v string) bool {
		n, err := strconv.ParseUint(v, 10, 32)
		c.MaxTTL = uint32(n)
		return err == nil
	},
}

// integrity are the values of -i; those that look at names outside the zone
// are left out.
var integrity = map[string]struct{ none, noSibling bool }{
	"local": {}, "local-sibling": {noSibling: true}, "none": {none: true, noSibling: true},
}

var levels = map[string]Level{"warn": Warn, "fail": Fail, "ignore": Ignore}

// level makes a row of checkFlags for a check with a level.
func level(at func(*Checks) *Level) func(*Checks, string) bool {
	return func(c *Checks, v string) bool {
		l, known := levels[v]
		*at(c) = l
		return known
	}
}

// setChecks sets what the flags say.
func setChecks(c *Checks, flags []string) bool {
	if len(flags)%2 != 0 {
		return false
	}
	for i := 0; i < len(flags); i += 2 {
		set := checkFlags[flags[i]]
		if set == nil || !set(c, flags[i+1]) {
			return false
		}
	}
	return true
}

// marks are the bytes that cannot stand in an archive.
var marks = strings.NewReplacer("{CR}", "\r", "{NUL}", "\x00", "{BOM}", "\ufeff", "{TAB}", "\t", "{VT}", "\v", "{FF}", "\f")

var repeatMark = regexp.MustCompile(`\{([^{}*]*)\*(\d+)\}`)

// unmark makes bytes of marks: those of the table; {text*N} is the text N
// times; what stands before the line {START} and from {END} on is not part of
// the file. Only files with the header line "; marks" have them.
func unmark(text []byte) []byte {
	if !bytes.Contains(text, []byte("; marks\n")) {
		return text
	}
	s := marks.Replace(string(text))
	s = repeatMark.ReplaceAllStringFunc(s, func(m string) string {
		parts := repeatMark.FindStringSubmatch(m)
		n, _ := strconv.Atoi(parts[2])
		return strings.Repeat(parts[1], n)
	})
	if _, after, found := strings.Cut(s, "{START}\n"); found {
		s = after
	}
	s, _, _ = strings.Cut(s, "{END}")
	return []byte(s)
}

// newCase reads the header of a zone file.
func newCase(t testing.TB, name, dir, file string, text []byte) *corpusCase {
	t.Helper()
	base := filepath.Base(file)
	c := &corpusCase{name: name, dir: dir, file: file, good: strings.HasPrefix(base, "good-")}
	if !c.good && !strings.HasPrefix(base, "bad-") {
		t.Fatalf("%s: the name should begin with good- or bad-", name)
	}
	c.zone = Zone{Type: "primary", File: file}
	for line := range strings.Lines(string(text)) {
		key, value, found := strings.Cut(strings.TrimPrefix(strings.TrimRight(line, "\n"), "; "), ":")
		set := header[key]
		if !found || set == nil || !strings.HasPrefix(line, "; ") {
			break
		}
		if !set(c, strings.TrimSpace(value)) {
			t.Fatalf("%s: the header line %s is not valid", name, key)
		}
	}
	if c.zone.Name == "" {
		t.Fatalf("%s: the first line should be \"; zone: NAME\"", name)
	}
	return c
}

// wholeCorpus writes the archives of the corpus below scratch and lists all cases.
func wholeCorpus(t testing.TB, scratch string) []*corpusCase {
	t.Helper()
	var cases []*corpusCase
	for _, path := range corpus(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		base := filepath.Base(path)
		cases = append(cases, newCase(t, base, "..", "testdata/zones/"+base, text))
	}
	archives, err := filepath.Glob("../testdata/zones/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		theme := strings.TrimSuffix(filepath.Base(path), ".txtar")
		dir := filepath.Join(scratch, theme)
		var names []string
		for _, f := range archive.Files {
			if slices.Contains(names, f.Name) {
				t.Fatalf("%s: %s stands there twice", path, f.Name)
			}
			names = append(names, f.Name)
			write(t, dir, f.Name, string(unmark(f.Data)))
			if strings.HasSuffix(f.Name, ".db") {
				cases = append(cases, newCase(t, theme+"/"+f.Name, dir, f.Name, f.Data))
			}
		}
	}
	if len(cases) < 500 {
		t.Fatalf("the corpus has %d zone files, at least 500 should be there", len(cases))
	}
	return cases
}
