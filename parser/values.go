package parser

import (
	"net/netip"
	"strconv"
	"strings"
)

// The language of the Value column. Words in capitals are kinds of values,
// other words stand for themselves:
//
//	A B        A, then B
//	( A | B )  the first that fits
//	[ A ]      A or nothing; neighbours in brackets stand in any order
//	{ A; }     a list in braces, each element like A
//
// macros are values that several rows share.
var macros = map[string]string{
	"SERVERS": "[ port PORT ] [ dscp NUMBER ] [ source ( IP4 | * ) ] [ source-v6 ( IP6 | * ) ] " +
		"{ ( IP4 | IP6 | TEXT ) [ port PORT ] [ dscp NUMBER ] [ key TEXT ] [ tls TEXT ]; }",
	"SOURCE4":  "( none | ( IP4 | * ) [ port ( PORT | * ) ] [ dscp NUMBER ] )",
	"SOURCE6":  "( none | ( IP6 | * ) [ port ( PORT | * ) ] [ dscp NUMBER ] )",
	"QSOURCE4": "( none | [ address ( IP4 | * ) ] [ port ( PORT | * ) ] [ dscp NUMBER ] [ ( IP4 | * ) ] )",
	"QSOURCE6": "( none | [ address ( IP6 | * ) ] [ port ( PORT | * ) ] [ dscp NUMBER ] [ ( IP6 | * ) ] )",
	"ANCHORS":  "{ TEXT ( static-key | initial-key | static-ds | initial-ds ) NUMBER NUMBER NUMBER QUOTED; }",
}

// kinds are the kinds of values: what a message calls them, and what fits.
var kinds = map[string]struct {
	name string
	fits func(*Term) bool
}{
	"BOOL": {"yes or no", func(t *Term) bool {
		return t.Kind == WordTerm && (booleans[t.Value] || booleans[strings.ToLower(t.Value)])
	}},
	"NUMBER":   {"a number", func(t *Term) bool { return isNumber(t, 32) }},
	"PORT":     {"a port from 0 to 65535", func(t *Term) bool { return isNumber(t, 16) }},
	"QUOTED":   {"a string in quotes", func(t *Term) bool { return t.Kind == StringTerm }},
	"TEXT":     {"a word or string", (*Term).IsText},
	"DURATION": {"a time such as 3600, 1h or PT1H", func(t *Term) bool { return t.IsText() && isDuration(t.Value) }},
	"SIZE":     {"a size such as 100m", func(t *Term) bool { return t.IsText() && isSize(t.Value) }},
	"PERCENT": {"a percentage such as 50%", func(t *Term) bool {
		return t.IsText() && strings.HasSuffix(t.Value, "%") && digits(t.Value[:len(t.Value)-1])
	}},
	"FIXED": {"a number such as 0.25", func(t *Term) bool { return t.IsText() && digits(strings.Replace(t.Value, ".", "", 1)) }},
	"IP4":   {"an IPv4 address", func(t *Term) bool { a, err := netip.ParseAddr(t.Value); return t.IsText() && err == nil && a.Is4() }},
	"IP6":   {"an IPv6 address", func(t *Term) bool { a, err := netip.ParseAddr(t.Value); return t.IsText() && err == nil && a.Is6() }},
	"RAW":   {"a block in braces", func(t *Term) bool { return t.Kind == BlockTerm }},
}

// isNumber follows the lexer of named: decimal, 0x and leading 0 for octal.
func isNumber(t *Term, bits int) bool {
	if t.Kind != WordTerm || strings.Contains(t.Value, "_") {
		return false
	}
	_, err := strconv.ParseUint(t.Value, 0, bits)
	return err == nil && t.Value[0] != '+' && !strings.HasPrefix(strings.ToLower(t.Value), "0b") && !strings.HasPrefix(strings.ToLower(t.Value), "0o")
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isSize takes a number with the unit k, m or g, or without; -1 is what named
// takes for no limit.
func isSize(s string) bool {
	if s == "-1" {
		return true
	}
	if n := len(s); n > 1 && strings.IndexByte("kKmMgG", s[n-1]) >= 0 {
		s = s[:n-1]
	}
	return digits(s)
}

// isDuration takes seconds, numbers with the units of a TTL, and ISO 8601.
func isDuration(s string) bool {
	if digits(s) {
		return true
	}
	units, number := "WDHMS", false
	s = strings.ToUpper(s)
	if strings.HasPrefix(s, "P") {
		s, units = s[1:], "YMWDTHMS"
		if s == "" || s == "T" {
			return false
		}
	}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] >= '0' && s[i] <= '9':
			number = true
		case strings.IndexByte(units, s[i]) < 0 || number == (s[i] == 'T'):
			return false
		default:
			number = false
		}
	}
	return s != "" && !number
}

// valueOp tells what a value does with the terms.
type valueOp uint8

const (
	opWord  valueOp = iota // the word itself
	opKind                 // a term that fits
	opMatch                // an element of an address match list
	opPorts                // a port or a range of ports
	opAny                  // whatever follows
	opSeq
	opAlt
	opOpt
	opList
)

// value is a compiled Value.
type value struct {
	op   valueOp
	name string // the word, or what a message calls the kind
	fits func(*Term) bool
	kids []*value
}

// compileValue compiles the text of a Value. It panics on a text that is not
// of the language: the table is part of the program, and a test walks it.
func compileValue(text string) *value {
	fields := func(text string) []string { return strings.Fields(strings.ReplaceAll(text, ";", " ; ")) }
	var p valueParser
	for _, w := range fields(text) {
		if long, ok := macros[w]; ok {
			p.words = append(p.words, fields(long)...)
		} else {
			p.words = append(p.words, w)
		}
	}
	v := p.choice()
	if len(p.words) > 0 {
		panic("parser: left over in the value " + text)
	}
	return v
}

type valueParser struct{ words []string }

func (p *valueParser) take() string {
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

func (p *valueParser) expect(w string) {
	if got := p.take(); got != w {
		panic("parser: " + got + " in a value in place of " + w)
	}
}

func (p *valueParser) choice() *value {
	list := []*value{p.sequence()}
	for len(p.words) > 0 && p.words[0] == "|" {
		p.take()
		list = append(list, p.sequence())
	}
	if len(list) == 1 {
		return list[0]
	}
	return &value{op: opAlt, kids: list}
}

func (p *valueParser) sequence() *value {
	var list []*value
	for len(p.words) > 0 && strings.Index("|)]};", p.words[0]) < 0 {
		list = append(list, p.one())
	}
	if len(list) == 1 {
		return list[0]
	}
	return &value{op: opSeq, kids: list}
}

func (p *valueParser) one() *value {
	switch w := p.take(); w {
	case "(":
		v := p.choice()
		p.expect(")")
		return v
	case "[":
		v := p.choice()
		p.expect("]")
		return &value{op: opOpt, kids: []*value{v}}
	case "{":
		v := p.choice()
		p.expect(";")
		p.expect("}")
		return &value{op: opList, kids: []*value{v}, name: "a list in braces"}
	case "MATCH":
		return &value{op: opMatch, name: "an address, a prefix, the name of an acl or a key"}
	case "PORTS":
		return &value{op: opPorts, name: "a port or range LOW HIGH"}
	case "ANY":
		return &value{op: opAny}
	case "NOTHING":
		return &value{op: opSeq}
	default:
		if k, ok := kinds[w]; ok {
			return &value{op: opKind, name: k.name, fits: k.fits}
		}
		return &value{op: opWord, name: w}
	}
}

// judge walks the terms of a statement along a value. After a failure it
// walks again and keeps the furthest term that did not fit.
type judge struct {
	explain bool
	at      *Term // the furthest
	wants   []string
}

// missed notes what would have fitted in place of terms[i].
func (j *judge) missed(terms []Term, i int, name string) int {
	if !j.explain || len(terms) == 0 {
		return -1
	}
	t := &terms[min(i, len(terms)-1)]
	switch {
	case j.at == nil || j.at.File == t.File && t.Start > j.at.Start:
		j.at, j.wants = t, append(j.wants[:0], name)
	case j.at == t && len(j.wants) < 8:
		for _, w := range j.wants {
			if w == name {
				return -1
			}
		}
		j.wants = append(j.wants, name)
	}
	return -1
}

// match gives the index behind what fits from terms[i] on, -1 when nothing does.
func (j *judge) match(v *value, terms []Term, i int) int {
	switch v.op {
	case opWord:
		if i < len(terms) && terms[i].Is(v.name) {
			return i + 1
		}
	case opKind:
		if i < len(terms) && v.fits(&terms[i]) {
			return i + 1
		}
	case opMatch:
		if n := matchElement(terms, i, j); n >= 0 {
			return n
		}
		return -1
	case opPorts:
		switch {
		case i < len(terms) && isNumber(&terms[i], 16):
			return i + 1
		case i+2 < len(terms) && terms[i].Is("range") && isNumber(&terms[i+1], 16) && isNumber(&terms[i+2], 16):
			return i + 3
		}
	case opAny:
		return len(terms)
	case opSeq:
		return j.sequence(v.kids, terms, i)
	case opAlt:
		for _, k := range v.kids {
			if n := j.match(k, terms, i); n >= 0 {
				return n
			}
		}
		return -1
	case opOpt:
		if n := j.match(v.kids[0], terms, i); n >= 0 {
			return n
		}
		return i
	case opList:
		if i >= len(terms) || terms[i].Kind != BlockTerm {
			break
		}
		list := terms[i].Block.Statements
		for k := range list {
			if !j.whole(v.kids[0], list[k].Terms, 0) {
				return -1
			}
		}
		return i + 1
	}
	return j.missed(terms, i, v.name)
}

// sequence matches one part after the other; optional neighbours in any order.
func (j *judge) sequence(kids []*value, terms []Term, i int) int {
	for k := 0; k < len(kids); {
		end := k
		for end < len(kids) && kids[end].op == opOpt {
			end++
		}
		if end == k {
			if i = j.match(kids[k], terms, i); i < 0 {
				return -1
			}
			k++
			continue
		}
		for again := true; again && i < len(terms); {
			again = false
			for _, o := range kids[k:end] {
				if n := j.match(o, terms, i); n > i {
					i, again = n, true
				}
			}
		}
		k = end
	}
	return i
}

// whole tells whether the value takes all the terms from i on.
func (j *judge) whole(v *value, terms []Term, i int) bool {
	n := j.match(v, terms, i)
	if n >= 0 && n < len(terms) {
		j.missed(terms, n, "';'")
	}
	return n == len(terms)
}

// matchElement takes an element of an address match list: [!] address,
// address/length, name, key NAME, geoip ..., or a list.
func matchElement(terms []Term, i int, j *judge) int {
	const name = "an address, a prefix, the name of an acl or a key"
	for i < len(terms) && terms[i].Kind == BangTerm {
		i++
	}
	if i >= len(terms) {
		return j.missed(terms, i, name)
	}
	t, left := &terms[i], len(terms)-i
	switch {
	case t.Kind == BlockTerm:
		list := t.Block.Statements
		for k := range list {
			n := matchElement(list[k].Terms, 0, j)
			if n >= 0 && n < len(list[k].Terms) {
				return j.missed(list[k].Terms, n, "';'")
			}
			if n < 0 {
				return -1
			}
		}
		return i + 1
	case !t.IsText():
		return j.missed(terms, i, name)
	case left == 1:
		return i + 1
	case t.Is("key") && terms[i+1].IsText():
		return i + 2
	case t.Is("geoip"):
		return len(terms)
	case left > 2 && terms[i+1].Kind == SlashTerm:
		bits := 7 // up to 128; what the address allows is another matter
		if !isNumber(&terms[i+2], bits+1) {
			return j.missed(terms, i+2, "the length of a prefix")
		}
		return i + 3
	}
	return i + 1
}

// values are the compiled values of the rows that have one, by the row's place
// in the table.
var values = func() []*value {
	list := make([]*value, len(statements))
	known := map[string]*value{}
	for i := range statements {
		text := statements[i].Value
		if text == "" {
			continue
		}
		if known[text] == nil {
			known[text] = compileValue(text)
		}
		list[i] = known[text]
	}
	return list
}()
