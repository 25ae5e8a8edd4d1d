package parser

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

const matchElementName = "an address, a prefix, the name of an acl or a key"

// The values that elements of address match lists are noted under.
var (
	addressElement = &value{mean: func(*Checker, hit) {}}
	nameElement    = &value{}
	keyElement     = &value{}
)

// matchElement takes an element of an address match list: [!] address,
// address/length, name, key NAME, geoip ..., or a list.
//
// Source: parse_addrmatchelt in lib/isccfg/parser.c.
func (j *judge) matchElement(terms []Term, i int) int {
	if i < len(terms) && terms[i].Kind == BangTerm {
		i++
	}
	if i >= len(terms) {
		return j.missed(terms, i, matchElementName)
	}
	t, left := &terms[i], len(terms)-i
	switch {
	case t.Kind == BlockTerm:
		list := t.Block.Statements
		for k := range list {
			n := j.matchElement(list[k].Terms, 0)
			if n >= 0 && n < len(list[k].Terms) {
				return j.missed(list[k].Terms, n, "';'")
			}
			if n < 0 {
				return -1
			}
		}
		return i + 1
	case !t.IsText():
		return j.missed(terms, i, matchElementName)
	case t.Is("key"):
		if left < 2 || !terms[i+1].IsText() {
			return j.missed(terms, i+1, "the name of a key")
		}
		j.note(keyElement, &terms[i+1])
		return i + 2
	case t.Is("geoip"):
		return j.geoip(terms, i+1)
	}
	if _, _, ok := address(t); ok {
		n, _ := j.prefix(terms, i)
		return n
	}
	if left > 1 && terms[i+1].Kind == SlashTerm {
		return j.missed(terms, i, "an address before the '/'")
	}
	j.note(nameElement, t)
	return i + 1
}

// prefix takes an address or a prefix; false when there is none.
func (j *judge) prefix(terms []Term, i int) (int, bool) {
	t, left := &terms[i], len(terms)-i
	addr, short, ok := address(t)
	if !ok {
		return -1, false
	}
	slash := left > 1 && terms[i+1].Kind == SlashTerm
	switch {
	case !slash && short:
		return j.missed(terms, i, "a whole address, or a prefix such as 10/8"), true
	case !slash:
		return i + 1, true
	}
	bits := 32
	if addr.Is6() {
		bits = 128
	}
	if left < 3 || !isNumber(&terms[i+2], 32) || !digits(terms[i+2].Value) || number(&terms[i+2]) > uint64(bits) {
		return j.missed(terms, i+2, fmt.Sprintf("the length of a prefix, from 0 to %d", bits)), true
	}
	if p := netip.PrefixFrom(addr.WithZone(""), int(number(&terms[i+2]))); p.Masked() != p && !j.explain {
		j.hits = append(j.hits, hit{prefixElement, t})
	}
	return i + 3, true
}

// prefixElement is noted for a prefix whose address has bits behind its length.
var prefixElement = &value{mean: func(c *Checker, h hit) {
	message := fmt.Sprintf("the prefix at '%s' has bits set behind its length", shorten(h.term.Value))
	if c.mild {
		c.advise(h.term, message, "named serves nothing there until then; set these bits to zero, or correct the length.")
		return
	}
	c.diags.Add(h.term.Diagnostic("NJ220", message,
		"named refuses the list; set these bits to zero, or correct the length."))
}}

// address reads an address as named does where a prefix may stand: whole, or
// the first bytes of an IPv4 address. Only a plain word is one.
func address(t *Term) (addr netip.Addr, short, ok bool) {
	if t.Kind != WordTerm {
		return addr, false, false
	}
	s := t.Value
	if addr, err := netip.ParseAddr(s); err == nil {
		return addr, false, true
	}
	if s == "" || strings.Trim(s, "0123456789.") != "" {
		return addr, false, false
	}
	var b [4]byte
	parts := strings.Split(s, ".")
	if len(parts) > 3 {
		return addr, false, false
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil || len(p) > 3 {
			return addr, false, false
		}
		b[i] = byte(n)
	}
	return netip.AddrFrom4(b), true, true
}

// geoipTypes are what a geoip element can ask, by release.
//
// Source: geoiptype_enum in lib/isccfg/parser.c, parse_geoip_element in
// lib/isccfg/aclconf.c.
var geoipTypes = wordList("area areacode asnum city continent country country3 countryname domain isp metro metrocode netspeed org postal postalcode region regionname timezone tz")

// geoip2Types are those of them that the databases of today can answer, and
// geoipBases the databases. named looks when the list is used.
var (
	geoip2Types   = wordList("asnum city continent country domain isp metro metrocode org postal postalcode region subdivision timezone tz")
	geoipBases    = wordList("city country asnum isp domain")
	geoipElements = map[string]*value{"geoipsearch": {}, "geoipbase": {}, "geoipvalue": {}}
)

// geoip takes [ db TEXT ] TYPE TEXT.
func (j *judge) geoip(terms []Term, i int) int {
	if i+1 < len(terms) && terms[i].Is("db") {
		if terms[i+1].IsText() && !geoipBases[strings.ToLower(terms[i+1].Value)] {
			j.note(geoipElements["geoipbase"], &terms[i+1])
		}
		i += 2
	}
	if i >= len(terms) || terms[i].Kind != WordTerm || !geoipTypes[strings.ToLower(terms[i].Value)] {
		return j.missed(terms, i, "what the geoip element asks, such as country")
	}
	if i+1 >= len(terms) || !terms[i+1].IsText() {
		return j.missed(terms, i+1, "a value to compare with")
	}
	if ask := strings.ToLower(terms[i].Value); !geoip2Types[ask] {
		j.note(geoipElements["geoipsearch"], &terms[i])
	} else if n := len(terms[i+1].Value); n == 0 || ask == "country" && n == 3 || strings.HasPrefix(ask, "postal") && n > 6 {
		j.note(geoipElements["geoipvalue"], &terms[i+1])
	}
	return i + 2
}
