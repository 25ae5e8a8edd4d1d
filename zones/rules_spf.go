package zones

import (
	"fmt"
	"net/netip"
	"strings"
)

// The argument that a mechanism of SPF takes.
type spfArgument uint8

const (
	noArgument spfArgument = iota
	needsDomain
	mayDomain      // :DOMAIN or nothing
	mayDomainCIDR  // likewise, and /BITS//BITS
	needsIP4Prefix // :ADDRESS or :ADDRESS/BITS
	needsIP6Prefix
)

// spfMechanisms is the table of mechanisms. looks says that it costs one of the
// ten lookups.
//
// Source: RFC 7208 sections 4.6.4, 5 and 12.
var spfMechanisms = map[string]struct {
	argument spfArgument
	looks    bool
}{
	"all":     {noArgument, false},
	"include": {needsDomain, true},
	"a":       {mayDomainCIDR, true},
	"mx":      {mayDomainCIDR, true},
	"ptr":     {mayDomain, true},
	"ip4":     {needsIP4Prefix, false},
	"ip6":     {needsIP6Prefix, false},
	"exists":  {needsDomain, true},
}

const (
	spfLookups = 10   // that a mail server makes for one check
	spfLongest = 1024 // bytes that programs take at least
)

// spfFault gives what is wrong with the text of an SPF record; "" for nothing.
// The text begins with v=spf1, in either case.
func spfFault(text, owner string) string {
	rest := text[len("v=spf1"):]
	if rest != "" && rest[0] != ' ' {
		if strings.IndexByte("-+~?;,:\t", rest[0]) < 0 {
			return "" // another use, such as v=spf10
		}
		return "this SPF record " + notOne + ": v=spf1 needs a space behind it"
	}
	var s spfReader
	for _, term := range strings.Split(rest, " ") {
		if term == "" {
			continue
		}
		if wrong := s.term(term, owner); wrong != "" {
			return wrong
		}
	}
	switch {
	case s.redirects > 0 && s.all:
		return "the SPF record has both all and redirect; mail servers never come to the redirect"
	case s.lookups+s.redirects > spfLookups:
		return fmt.Sprintf("the SPF record makes %d lookups of its own, and mail servers stop at %d", s.lookups+s.redirects, spfLookups)
	case len(text) > spfLongest:
		return fmt.Sprintf("the SPF record is %d bytes long; more than %d is too much for some mail servers", len(text), spfLongest)
	}
	return ""
}

// spfReader keeps what the terms of a record have told so far.
type spfReader struct {
	all                  bool
	lookups              int
	redirects, explained int
}

func (s *spfReader) term(term, owner string) string {
	for i := range len(term) {
		if term[i] <= ' ' || term[i] >= 0x7f {
			return "the SPF record holds a character that it cannot hold, such as a tab, a quote of a text program or a letter with an accent"
		}
	}
	if name, value, found := strings.Cut(term, "="); found && isModifier(name) {
		return s.modifier(strings.ToLower(name), value, owner)
	}
	if strings.IndexByte("+-?~", term[0]) >= 0 {
		term = term[1:]
	}
	end := strings.IndexAny(term, ":/")
	if end < 0 {
		end = len(term)
	}
	name, argument := strings.ToLower(term[:end]), term[end:]
	m, known := spfMechanisms[name]
	switch {
	case !known:
		return "the SPF record has a mechanism that does not exist; those that do are all, include, a, mx, ptr, ip4, ip6 and exists"
	case s.all:
		return "the SPF record has a mechanism behind all; mail servers never come to it"
	}
	s.all = name == "all"
	if m.looks {
		s.lookups++
	}
	return spfArgumentFault(name, m.argument, argument, owner)
}

// isModifier tells whether a word can be the name of a modifier.
func isModifier(name string) bool {
	for i := range len(name) {
		c := lower(name[i])
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && strings.IndexByte("-_.", c) < 0) {
			return false
		}
	}
	return name != ""
}

func (s *spfReader) modifier(name, value, owner string) string {
	if _, slip := spfMechanisms[name]; slip {
		return "the SPF record has " + name + "= where " + name + ": is meant"
	}
	switch name {
	case "redirect":
		if s.redirects++; s.redirects > 1 {
			return "the SPF record has redirect twice"
		}
		return spfDomainFault("redirect", value, owner)
	case "exp":
		if s.explained++; s.explained > 1 {
			return "the SPF record has exp twice"
		}
		return spfDomainFault("exp", value, "")
	}
	if _, ok := spfMacros(value, true); !ok {
		return badMacro
	}
	return ""
}

func spfArgumentFault(name string, kind spfArgument, argument, owner string) string {
	switch kind {
	case noArgument:
		if argument != "" {
			return "all in the SPF record takes nothing behind it"
		}
	case needsDomain:
		if !strings.HasPrefix(argument, ":") {
			return name + " in the SPF record needs a colon and a domain behind it"
		}
		if name != "include" {
			owner = ""
		}
		return spfDomainFault(name, argument[1:], owner)
	case mayDomain, mayDomainCIDR:
		if kind == mayDomainCIDR {
			var ok bool
			if argument, ok = cutCIDR(argument); !ok {
				return name + " in the SPF record has a prefix length that is too long, or badly written"
			}
		}
		if argument == "" {
			return ""
		}
		if argument[0] != ':' {
			return name + " in the SPF record has something behind it that is no domain and no prefix length"
		}
		return spfDomainFault(name, argument[1:], "")
	default:
		if !strings.HasPrefix(argument, ":") {
			return name + " in the SPF record needs a colon and an address behind it"
		}
		address, bits, hasBits := strings.Cut(argument[1:], "/")
		ip, err := netip.ParseAddr(address)
		if err != nil || ip.Zone() != "" || ip.Is4() != (kind == needsIP4Prefix) {
			return name + " in the SPF record needs an IPv" + name[2:] + " address behind it"
		}
		if hasBits && !prefixLength(bits, ip.BitLen()) {
			return name + " in the SPF record has a prefix length that is too long, or badly written"
		}
	}
	return ""
}

// prefixLength tells whether text is a number of bits, without zeros in front.
func prefixLength(text string, most int) bool {
	v, ok := number([]byte(text), uint64(most))
	return ok && text == fmt.Sprint(v)
}

// cutCIDR takes /BITS and //BITS off the end of an argument.
func cutCIDR(argument string) (rest string, ok bool) {
	ok = true
	if at := strings.LastIndex(argument, "//"); at >= 0 {
		ok = prefixLength(argument[at+2:], 128)
		argument = argument[:at]
	}
	if at := strings.LastIndexByte(argument, '/'); at >= 0 && strings.IndexByte(argument[at:], '}') < 0 {
		ok = ok && prefixLength(argument[at+1:], 32)
		argument = argument[:at]
	}
	return argument, ok
}

const badMacro = "the SPF record has a percent sign that begins no macro; a plain one is written %%"

// spfDomainFault judges a domain of SPF; owner is the name that it must not
// be, "" for none.
//
// Source: RFC 7208 section 7.1 (domain-spec).
func spfDomainFault(what, domain, owner string) string {
	last, ok := spfMacros(domain, what == "exp")
	switch {
	case domain == "":
		return what + " in the SPF record needs a domain behind it"
	case !ok:
		return badMacro
	case strings.Contains(domain, "%"):
		if last != "" && last != "." && !topLabel(last) {
			return "the domain behind " + what + " in the SPF record does not end with a top-level domain"
		}
	case strings.IndexByte(domain, ':') >= 0:
		return "the domain behind " + what + " in the SPF record has a colon in it; a space is missing, perhaps where two strings of the record meet"
	case !topLabel(last):
		return "the domain behind " + what + " in the SPF record does not end with a top-level domain"
	case owner != "" && strings.EqualFold(strings.TrimSuffix(domain, "."), owner):
		return what + " in the SPF record leads back to the name of the record"
	}
	return ""
}

// topLabel tells whether text ends with a dot, a top-level label and perhaps a dot.
func topLabel(text string) bool {
	text = strings.TrimSuffix(text, ".")
	at := strings.LastIndexByte(text, '.')
	if at < 0 {
		return false
	}
	label := text[at+1:]
	digits := true
	for i := range len(label) {
		c := lower(label[i])
		switch {
		case c >= 'a' && c <= 'z', c == '-' && i > 0 && i < len(label)-1:
			digits = false
		case c < '0' || c > '9':
			return false
		}
	}
	return label != "" && !digits
}

// spfMacros reads the macros of a text. last is what stands behind the last
// one; plain letters c, r and t go in explanations only.
//
// Source: RFC 7208 section 7.1.
func spfMacros(text string, explanation bool) (last string, ok bool) {
	last = text
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			continue
		}
		if i+1 == len(text) {
			return "", false
		}
		i++
		if strings.IndexByte("%_-", text[i]) >= 0 {
			last = text[i+1:]
			continue
		}
		size := strings.IndexByte(text[i:], '}')
		if text[i] != '{' || size < 2 || !spfMacro(text[i+1:i+size], explanation) {
			return "", false
		}
		i += size
		last = text[i+1:]
	}
	return last, true
}

// spfMacro judges what stands between the braces of a macro.
func spfMacro(inside string, explanation bool) bool {
	letters := "slodiphv"
	if explanation {
		letters += "crt"
	}
	if strings.IndexByte(letters, lower(inside[0])) < 0 {
		return false
	}
	rest := strings.TrimLeft(inside[1:], "0123456789")
	if digits := inside[1 : len(inside)-len(rest)]; digits != "" && strings.Trim(digits, "0") == "" {
		return false
	}
	if rest != "" && lower(rest[0]) == 'r' {
		rest = rest[1:]
	}
	return strings.Trim(rest, ".-+,/_=") == ""
}
