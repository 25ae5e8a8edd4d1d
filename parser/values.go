package parser

import (
	"regexp"
	"strconv"
	"strings"
)

// The language of the Value column. Words in capitals are kinds of values,
// other words stand for themselves:
//
//	A B         A, then B
//	( A | B )   the first that fits
//	[ A ]       A or nothing; neighbours in brackets stand in any order
//	[ A ] , [ B ]  A or nothing, then B or nothing
//	{ A; }      a list in braces, each element like A
//	{ A; + }    a list with at least one element
//	{ A; 1 }    a list with exactly one element
//	=word       the word itself, in small letters only
//	KIND<1..9>  a number, size, time or percentage of that range; KIND<1..>
//	            has no upper end
//	KIND@SPACE  a name that a statement of that name space must define
//	9.18+ A     A, in releases from 9.18 on
//	9.18- A     A, in releases before 9.18
//
// macros are values that several rows share.
var macros = map[string]string{
	"SERVERS": "[ port PORT ] [ 9.19.3+ source ( IP4 | * ) ] [ 9.19.3+ source-v6 ( IP6 | * ) ] , [ 9.19.18- dscp NUMBER ] " +
		"{ ( IP4 | IP6 ) [ port RAWPORT ] [ 9.19.18- dscp NUMBER ] , [ key TEXT@remotekey ] , [ 9.17.10+ tls TEXT@tls ] | TEXT@servers [ 9.19.19+ key TEXT@remotekey ] , [ 9.19.19+ tls TEXT@tls ]; }",
	"AGENTS": "[ port PORT ] [ 9.19.3+ source ( IP4 | * ) ] [ 9.19.3+ source-v6 ( IP6 | * ) ] , [ 9.19.18- dscp NUMBER ] " +
		"{ ( IP4 | IP6 ) [ port RAWPORT ] [ 9.19.18- dscp NUMBER ] , [ key TEXT@remotekey ] , [ 9.17.10+ tls TEXT@tls ] | TEXT@agents [ 9.19.19+ key TEXT@remotekey ] , [ 9.19.19+ tls TEXT@tls ]; }",
	"REMOTES": "[ port PORT ] [ 9.19.3+ source ( IP4 | * ) ] [ 9.19.3+ source-v6 ( IP6 | * ) ] , [ 9.19.18- dscp NUMBER ] " +
		"{ ( IP4 | IP6 ) [ port RAWPORT ] [ 9.19.18- dscp NUMBER ] , [ key TEXT@remotekey ] , [ 9.17.10+ tls TEXT@tls ] | TEXT@laterservers [ key TEXT@remotekey ] , [ tls TEXT@tls ]; }",
	"SOURCE4":  "( IP4 | * ) [ port ( RAWPORT | * ) ] [ 9.19.18- dscp NUMBER ]",
	"SOURCE6":  "( IP6 | * ) [ port ( RAWPORT | * ) ] [ 9.19.18- dscp NUMBER ]",
	"QSOURCE4": "( 9.19.0+ none | ( IP4 | * ) [ port ( RAWPORT | * ) ] [ 9.19.18- dscp NUMBER ] | address ( 9.19.0+ none | IP4 | * ) [ port ( RAWPORT | * ) ] [ 9.19.18- dscp NUMBER ] | port ( RAWPORT | * ) [ address ( 9.19.0+ none | IP4 | * ) ] [ 9.19.18- dscp NUMBER ] | 9.19.18- dscp NUMBER address ( 9.19.0+ none | IP4 | * ) [ port ( RAWPORT | * ) ] | 9.19.18- dscp NUMBER port ( RAWPORT | * ) [ address ( 9.19.0+ none | IP4 | * ) ] )",
	"PSOURCE4": "( ( IP4 | * ) [ port ( RAWPORT | * ) ] [ 9.19.18- dscp NUMBER ] | address ( IP4 | * ) [ port ( RAWPORT | * ) ] [ 9.19.18- dscp NUMBER ] | port ( RAWPORT | * ) [ address ( IP4 | * ) ] [ 9.19.18- dscp NUMBER ] | 9.19.18- dscp NUMBER address ( IP4 | * ) [ port ( RAWPORT | * ) ] | 9.19.18- dscp NUMBER port ( RAWPORT | * ) [ address ( IP4 | * ) ] )",
	"QSOURCE6": "( 9.19.0+ none | ( IP6 | * ) [ port ( RAWPORT | * ) ] [ 9.19.18- dscp NUMBER ] | address ( 9.19.0+ none | IP6 | * ) [ port ( RAWPORT | * ) ] [ 9.19.18- dscp NUMBER ] | port ( RAWPORT | * ) [ address ( 9.19.0+ none | IP6 | * ) ] [ 9.19.18- dscp NUMBER ] | 9.19.18- dscp NUMBER address ( 9.19.0+ none | IP6 | * ) [ port ( RAWPORT | * ) ] | 9.19.18- dscp NUMBER port ( RAWPORT | * ) [ address ( 9.19.0+ none | IP6 | * ) ] )",
	"PSOURCE6": "( ( IP6 | * ) [ port ( RAWPORT | * ) ] [ 9.19.18- dscp NUMBER ] | address ( IP6 | * ) [ port ( RAWPORT | * ) ] [ 9.19.18- dscp NUMBER ] | port ( RAWPORT | * ) [ address ( IP6 | * ) ] [ 9.19.18- dscp NUMBER ] | 9.19.18- dscp NUMBER address ( IP6 | * ) [ port ( RAWPORT | * ) ] | 9.19.18- dscp NUMBER port ( RAWPORT | * ) [ address ( IP6 | * ) ] )",
	"ANCHORS":  "{ NAME ( static-key | initial-key | static-ds | initial-ds ) NUMBER NUMBER NUMBER QUOTED; }",
}

// valueOp tells what a value does with the terms.
type valueOp uint8

const (
	opWord   valueOp = iota // the word itself
	opKind                  // a term that fits
	opMatch                 // an element of an address match list
	opPorts                 // a port or a range of ports
	opPrefix                // an address or a prefix
	opAny                   // whatever follows
	opSeq
	opAlt
	opOpt
	opList
)

// value is a compiled Value.
type value struct {
	op     valueOp
	name   string // the word, or what a message calls the kind
	fits   func(*Term) bool
	mean   meaning // judges what a term stands for, once the whole value fits
	kids   []*value
	filled bool // a list must have an element
	alone  bool // and no other one
	exact  bool // the letters must be small

	low, high uint64 // the range, where there is one
	amount    func(string) uint64
	space     *space // the name space of a reference

	since, until Version // the releases that have it
}

// there tells whether the release has this part of a value.
func (v *value) there(release Version) bool {
	return (!v.since.Known() || !release.Before(v.since)) && (!v.until.Known() || release.Before(v.until))
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

// guard is the mark of a part that only some releases have.
var guard = regexp.MustCompile(`^(\d+\.\d+(?:\.\d+)?)([+-])$`)

func (p *valueParser) one() *value {
	w := p.take()
	if m := guard.FindStringSubmatch(w); m != nil {
		rest := p.sequence()
		v := &value{op: opSeq, kids: []*value{rest}}
		at, err := ParseVersion(m[1])
		if err != nil {
			panic("parser: " + err.Error())
		}
		if m[2] == "+" {
			v.since = at
		} else {
			v.until = at
		}
		return v
	}
	switch w {
	case "(":
		v := p.choice()
		p.expect(")")
		return v
	case "[":
		v := p.choice()
		p.expect("]")
		return &value{op: opOpt, kids: []*value{v}}
	case "{":
		v := &value{op: opList, kids: []*value{p.choice()}, name: "a list in braces"}
		p.expect(";")
		if p.words[0] == "+" {
			p.take()
			v.filled, v.name = true, "a list in braces that is not empty"
		}
		if p.words[0] == "1" {
			p.take()
			v.filled, v.alone, v.name = true, true, "a list in braces with one element"
		}
		p.expect("}")
		return v
	case "MATCH":
		return &value{op: opMatch, name: matchElementName}
	case "PORTS":
		return &value{op: opPorts, name: "a port or range LOW HIGH"}
	case "PREFIX":
		return &value{op: opPrefix, name: "an address or a prefix"}
	case "ANY":
		return &value{op: opAny}
	case "NOTHING", ",":
		return &value{op: opSeq} // it parts what stands beside it
	}
	return kindValue(w)
}

// kindValue compiles a kind with its range or name space, or a plain word.
func kindValue(w string) *value {
	if word, ok := strings.CutPrefix(w, "="); ok {
		return &value{op: opWord, name: word, exact: true}
	}
	base, space, refers := strings.Cut(w, "@")
	base, limits, ranged := strings.Cut(base, "<")
	k, ok := kinds[base]
	if !ok {
		return &value{op: opWord, name: w}
	}
	v := &value{op: opKind, name: k.name, fits: k.fits, mean: k.mean}
	if refers {
		v.space, v.mean = spaces[space], refer
		if v.space == nil {
			panic("parser: no name space " + space)
		}
	}
	if ranged {
		low, high, ok := strings.Cut(strings.TrimSuffix(limits, ">"), "..")
		v.low, v.high, v.amount, v.mean = limit(low), 1<<63, k.amount, within
		if !ok {
			panic("parser: no range in " + w)
		}
		if high != "" {
			v.high = limit(high)
		}
	}
	return v
}

func limit(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		panic("parser: " + err.Error())
	}
	return n
}
