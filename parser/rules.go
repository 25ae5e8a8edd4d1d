package parser

import (
	"fmt"
	"math/bits"
	"strings"
)

// marks are the statements of a block that rules ask about, as bits. Besides
// keywords there are marks of what a statement says, such as
// "inline-signing yes".
type marks uint64

// effects are the marks of what a statement says.
var effects = []struct {
	keyword string
	mark    string
	holds   func(*Statement) bool
}{
	{"inline-signing", "inline-signing yes", yes},
	{"allow-update", "allow-update some", someMatch},
	{"notify", "notify no", no},
	{"notify", "notify yes", yes},
	{"notify", "notify primary", says("primary-only", "master-only")},
	{"recursion", "recursion no", no},
	{"allow-recursion", "allow-recursion some", someMatch},
	{"allow-recursion-on", "allow-recursion-on some", someMatch},
	{"auto-dnssec", "auto-dnssec on", says("allow", "maintain")},
	{"database", "database other", func(s *Statement) bool {
		_, builtin := builtinDatabases[strings.ToLower(s.Text(1))]
		return !builtin
	}},
	{"dnssec-policy", "dnssec-policy some", func(s *Statement) bool { return s.Text(1) != "none" }},
	{"dnssec-validation", "dnssec-validation auto", says("auto")},
	{"cookie-algorithm", "cookie-algorithm aes", says("aes")},
	{"forward", "forward first", says("first")},
	{"primaries", "primaries some", listed},
	{"masters", "masters some", listed},
	{"parental-agents", "parental-agents some", listed},
}

// builtinDatabases hold a zone that comes from a file.
var builtinDatabases = wordList("rbt rbt64 qpzone")

func yes(s *Statement) bool {
	w := strings.ToLower(s.Text(1))
	return w == "yes" || w == "true" || w == "1"
}

func no(s *Statement) bool {
	w := strings.ToLower(s.Text(1))
	return w == "no" || w == "false" || w == "0"
}

func says(words ...string) func(*Statement) bool {
	return func(s *Statement) bool {
		for _, w := range words {
			if strings.EqualFold(s.Text(1), w) {
				return true
			}
		}
		return false
	}
}

// listed tells whether a list has an element.
func listed(s *Statement) bool { return s.Block() != nil && len(s.Block().Statements) > 0 }

// someMatch tells whether an address match list can match anything: it is
// neither empty nor none alone.
func someMatch(s *Statement) bool {
	b := s.Block()
	if b == nil || len(b.Statements) == 0 {
		return false
	}
	if len(b.Statements) == 1 {
		t := b.Statements[0].Terms
		return !(len(t) == 1 && t[0].IsText() && strings.EqualFold(t[0].Value, "none") ||
			len(t) == 2 && t[0].Kind == BangTerm && strings.EqualFold(t[1].Value, "any"))
	}
	return true
}

// rule is a demand on the statements of one block.
type rule struct {
	In           Context
	Zones        string // of zones of these types, by the letters of zoneTypes
	When         string // only where this mark is set
	Unless       string // not where one of these, parted by commas, is set
	Needs        string // one of these must be there
	Excludes     string // none of these may be there; reported at the one that is
	Exactly      string // one of these, and one only
	AtName       bool   // reported at the name of the block
	Since, Until Version
	Code         Code
	Message      string
	Remedy       string
	Source       string
}

const (
	checkC  = "lib/bind9/check.c, check_zoneconf"
	checkO  = "lib/bind9/check.c, check_options"
	refuses = "named refuses to start on it; "
)

// rules is the one table of demands on the statements of a block.
var rules = []rule{
	{In: KeyBlock, When: "secret", AtName: true, Needs: "algorithm", Code: "NJ206", Message: "key %s has no 'algorithm'", Remedy: "Add one, such as: algorithm hmac-sha256;", Source: "lib/bind9/check.c, bind9_check_key"},
	{In: KeyBlock, Needs: "secret", Code: "NJ206", Message: "key %s has no 'secret'", Remedy: "Make one with tsig-keygen.", Source: "lib/bind9/check.c, bind9_check_key"},
	{In: TLSBlock, When: "cert-file", Needs: "key-file", Code: "NJ206", Message: "tls %s has a 'cert-file' and no 'key-file'", Remedy: "Add the other one, or remove this one.", Source: "lib/bind9/check.c, bind9_check_tls_defintion"},
	{In: TLSBlock, When: "key-file", Needs: "cert-file", Code: "NJ206", Message: "tls %s has a 'key-file' and no 'cert-file'", Remedy: "Add the other one, or remove this one.", Source: "lib/bind9/check.c, bind9_check_tls_defintion"},
	{In: ChannelBlock, Exactly: "file,syslog,null,stderr", Code: "NJ206", Message: "channel %s has not exactly one of file, syslog, null and stderr", Remedy: "Say where its messages go, once.", Source: "lib/bind9/check.c, bind9_check_logging"},

	{In: ZoneBlock, Zones: "p", Unless: "dlz,database other", Needs: "file", Code: "NJ206", Message: "zone %s has no 'file'", Remedy: "Add a file statement with the name of the zone file.", Source: checkC},
	{In: ZoneBlock, Zones: "h", Unless: "dlz,database other", Needs: "file", Code: "NJ206", Message: "zone %s has no 'file'", Remedy: "Add a file statement with the name of the file of root servers.", Source: checkC},
	{In: ZoneBlock, Zones: "s", When: "inline-signing yes", Unless: "dlz,database other", Needs: "file", Code: "NJ206", Message: "zone %s is signed here and has no 'file'", Remedy: "Add a file statement; the signed zone is kept beside it.", Source: checkC},
	{In: ZoneBlock, Zones: "su", Needs: "primaries,masters", Code: "NJ206", Message: "zone %s has no 'primaries'", Remedy: "Add a primaries statement with the servers that it is copied from.", Source: checkC},
	{In: ZoneBlock, Zones: "sum", When: "primaries", Excludes: "masters", Code: "NJ217", Message: "'primaries' and 'masters' cannot both stand in zone %s", Remedy: "They are two words for one statement; keep one.", Source: checkC},
	{In: ZoneBlock, Zones: "ps", When: "allow-update", Excludes: "update-policy", Code: "NJ217", Message: "'allow-update' and 'update-policy' cannot both stand in zone %s", Remedy: refuses + "keep one of the two.", Source: checkC},
	{In: ZoneBlock, When: "dlz", Excludes: "database", Code: "NJ217", Message: "'dlz' and 'database' cannot both stand in zone %s", Remedy: refuses + "keep one of the two.", Source: checkC},
	{In: ZoneBlock, Zones: "s", When: "dnssec-dnskey-kskonly", Needs: "inline-signing yes", Until: V(9, 19, 16), Code: "NJ206", Message: "'dnssec-dnskey-kskonly' in secondary zone %s needs inline-signing", Remedy: "Add inline-signing yes; or remove it.", Source: checkC},
	{In: ZoneBlock, Zones: "s", When: "dnssec-loadkeys-interval", Needs: "inline-signing yes", Code: "NJ206", Message: "'dnssec-loadkeys-interval' in secondary zone %s needs inline-signing", Remedy: "Add inline-signing yes; or remove it.", Source: checkC},
	{In: ZoneBlock, Zones: "s", When: "update-check-ksk", Needs: "inline-signing yes", Until: V(9, 19, 16), Code: "NJ206", Message: "'update-check-ksk' in secondary zone %s needs inline-signing", Remedy: "Add inline-signing yes; or remove it.", Source: checkC},
	{In: ZoneBlock, Zones: "ps", When: "sig-signing-type", Excludes: "sig-signing-type", Until: V(9, 17, 0), Code: "NJ217", Message: "'sig-signing-type' in zone %s makes BIND 9.16 refuse the configuration", Remedy: "named 9.16 does not say why; move it into options.", Source: "the answers of named and named-checkconf 9.16.50"},
	{In: ZoneBlock, Zones: "m", When: "notify yes", Excludes: "notify", Code: "NJ217", Message: "mirror zone %s cannot have 'notify yes'", Remedy: refuses + "write notify no; or notify explicit;", Source: "lib/bind9/check.c, check_mirror_zone_notify"},
	{In: ZoneBlock, Zones: "m", When: "notify primary", Excludes: "notify", Code: "NJ217", Message: "mirror zone %s cannot have 'notify primary-only'", Remedy: refuses + "write notify no; or notify explicit;", Source: "lib/bind9/check.c, check_mirror_zone_notify"},
	{In: OptionsBlock | ViewBlock | ZoneBlock, When: "forward", Needs: "forwarders", Code: "NJ206", Message: "'forward' stands without 'forwarders'", Remedy: "Add a forwarders statement beside it, or remove it.", Source: "lib/bind9/check.c, check_forward"},
	{In: OptionsBlock | ViewBlock | ZoneBlock, When: "dnssec-policy", Excludes: "sig-validity-interval", Since: V(9, 16, 0), Code: "NJ217", Message: "'sig-validity-interval' cannot stand beside a dnssec-policy", Remedy: refuses + "the policy says how long signatures are valid.", Source: checkO},
	{In: OptionsBlock | ViewBlock | ZoneBlock, When: "dnssec-policy", Excludes: "dnskey-sig-validity", Since: V(9, 16, 0), Code: "NJ217", Message: "'dnskey-sig-validity' cannot stand beside a dnssec-policy", Remedy: refuses + "the policy says how long signatures are valid.", Source: checkO},
	{In: OptionsBlock | ViewBlock, When: "auto-dnssec on", Excludes: "auto-dnssec", Code: "NJ217", Message: "'auto-dnssec' can be switched on in zones only", Remedy: refuses + "move it into the zones, or better use dnssec-policy.", Source: checkO},
	{In: OptionsBlock, When: "dnstap", Needs: "dnstap-output", Code: "NJ206", Message: "'dnstap' stands without 'dnstap-output'", Remedy: "Say where its messages go.", Source: "lib/bind9/check.c, check_dnstap"},
	{In: ZoneBlock, Zones: "sum", When: "primaries", Needs: "primaries some", Code: "NJ206", Message: "zone %s has an empty 'primaries'", Remedy: "Name the servers that it is copied from.", Source: checkC},
	{In: ZoneBlock, Zones: "sum", When: "masters", Needs: "masters some", Code: "NJ206", Message: "zone %s has an empty 'masters'", Remedy: "Name the servers that it is copied from.", Source: checkC},
	{In: ZoneBlock, Zones: "ps", When: "parental-agents", Needs: "parental-agents some", Code: "NJ206", Message: "zone %s has an empty 'parental-agents'", Remedy: "Name the servers to ask for the DS records, or remove it.", Source: checkC},
	{In: ZoneBlock, Zones: "psm", When: "notify no", Excludes: "also-notify", Code: "NJ219", Message: "'also-notify' of zone %s has no effect, for notify is no", Remedy: "Remove one of the two.", Source: checkC},
}

// markBits gives each mark of the tables its bit. They are fewer than 64.
var markBits = map[string]marks{}

// compiledRule is a rule with its marks as bits.
type compiledRule struct {
	*rule
	when, unless, needs, excludes, exactly marks
}

var blockRules []compiledRule

// markOf gives the bits of marks that are parted by commas.
func markOf(list string) marks {
	var m marks
	for _, name := range strings.Split(list, ",") {
		if name == "" {
			continue
		}
		if markBits[name] == 0 {
			if len(markBits) == 64 {
				panic("parser: too many marks")
			}
			markBits[name] = 1 << len(markBits)
		}
		m |= markBits[name]
	}
	return m
}

// makeRules gives the marks their bits.
func makeRules() {
	for i := range rules {
		r := &rules[i]
		blockRules = append(blockRules, compiledRule{r, markOf(r.When), markOf(r.Unless), markOf(r.Needs), markOf(r.Excludes), markOf(r.Exactly)})
	}
	for _, e := range effects {
		markOf(e.keyword)
		markOf(e.mark)
	}
	for _, k := range inherited {
		markOf(k)
	}
	for _, p := range policyExcludes {
		markOf(p)
	}
	for _, k := range inherited {
		all := markOf(k)
		for _, e := range effects {
			if e.keyword == k {
				all |= markOf(e.mark)
			}
		}
		inheritedMasks = append(inheritedMasks, struct{ key, all marks }{markOf(k), all})
	}
}

// marksOf gives the marks of a block.
func (c *Checker) marksOf(b *Block) marks {
	var m marks
	for i := range b.Statements {
		s := &b.Statements[i]
		if s.Def == nil || s.Def.mark == 0 || s.Def.Obsolete.Known() && s.Def.ObsoleteIn(c.version) {
			continue
		}
		m |= s.Def.mark
		for _, e := range s.Def.effects {
			if effects[e].holds(s) {
				m |= markBits[effects[e].mark]
			}
		}
	}
	return m
}

// obey judges a block by the rules. name is the block's own, "" if it has none.
func (c *Checker) obey(s *Statement, b *Block, m marks, zone string) {
	for i := range blockRules {
		r := &blockRules[i]
		if r.In&b.Context == 0 || m&r.unless != 0 || r.when != 0 && m&r.when != r.when || r.Zones != "" && (zone == "" || !strings.Contains(r.Zones, zone)) ||
			r.Since.Known() && c.version.Before(r.Since) || r.Until.Known() && !c.version.Before(r.Until) {
			continue
		}
		at := s.Arg(1)
		if at == nil || !at.IsText() {
			at = &s.Terms[0]
		}
		switch {
		case r.needs != 0 && m&r.needs != 0, r.excludes != 0 && m&r.excludes == 0, r.exactly != 0 && bits.OnesCount64(uint64(m&r.exactly)) == 1:
			continue
		case (r.needs != 0 || r.exactly != 0) && c.mistyped(b, r.Needs+r.Exactly):
			continue
		case r.excludes != 0:
			at = keywordIn(b, r.excludes)
		case r.needs != 0 && r.when != 0 && !r.AtName:
			at = keywordIn(b, r.when)
		}
		message := r.Message
		if strings.Contains(message, "%s") {
			message = fmt.Sprintf(message, "'"+shorten(s.Text(1))+"'")
		}
		c.diags.Add(at.Diagnostic(r.Code, message, r.Remedy))
	}
}

// keywordIn gives the keyword of the first statement with one of the marks.
func keywordIn(b *Block, m marks) *Term {
	for i := range b.Statements {
		s := &b.Statements[i]
		if s.Def == nil {
			continue
		}
		own := s.Def.mark
		for _, e := range s.Def.effects {
			if effects[e].holds(s) {
				own |= markBits[effects[e].mark]
			}
		}
		if own&m != 0 {
			return &s.Terms[0]
		}
	}
	return &b.Statements[0].Terms[0]
}
