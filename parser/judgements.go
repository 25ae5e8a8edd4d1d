package parser

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// judgements are the statements whose parts bear on each other in a way that
// no value can say, and who judges them.
var judgements []struct {
	in      Context
	keyword string
	judge   func(*Checker, *Statement)
}

func makeJudgements() {
	add := func(in Context, keyword string, judge func(*Checker, *Statement)) {
		judgements = append(judgements, struct {
			in      Context
			keyword string
			judge   func(*Checker, *Statement)
		}{in, keyword, judge})
	}
	add(OptionsBlock|ViewBlock|ZoneBlock|TemplateBlock, "sig-validity-interval", judgeValidity)
	add(OptionsBlock, "dnstap-output", judgeDnstapOutput)
	add(OptionsBlock, "listen-on", judgeListen)
	add(OptionsBlock, "listen-on-v6", judgeListen)
	add(OptionsBlock|ViewBlock, "check-names", judgeCheckNames)
	add(ZoneBlock|TemplateBlock, "update-policy", judgeUpdatePolicy)
	add(Top, "dnssec-policy", judgePolicy)
	for _, k := range []string{"trust-anchors", "managed-keys", "trusted-keys"} {
		add(Top|ViewBlock, k, judgeAnchors)
	}
	add(Top|ViewBlock, "server", judgeServer)
	add(OptionsBlock|ViewBlock, "dns64", judgeDNS64)
	add(OptionsBlock|ViewBlock, "rate-limit", judgeRateLimit)
	add(OptionsBlock|ViewBlock, "response-policy", judgeSpecial)
	add(OptionsBlock|ViewBlock, "catalog-zones", judgeSpecial)
	add(ViewBlock, "dnstap", func(c *Checker, s *Statement) {
		if c.view > 0 {
			c.single.dnstap = s.Terms[0].Span()
		}
	})
	add(Top, "zone", judgeZone)
	add(ViewBlock, "zone", judgeZone)
	add(Top, "plugin", judgePlugin)
	add(Top, "view", judgeScope)
	add(Top, "options", judgeScope)
	add(TLSBlock, "protocols", judgeProtocols)
	for _, k := range []string{"query-source", "query-source-v6", "transfer-source", "transfer-source-v6", "notify-source", "notify-source-v6",
		"parental-source", "parental-source-v6"} {
		add(OptionsBlock|ViewBlock|ZoneBlock|ServerBlock|TemplateBlock, k, judgeSource)
	}
	add(OptionsBlock, "port", func(c *Checker, s *Statement) { c.single.port = number(s.Arg(1)) })
	add(OptionsBlock|ViewBlock, "max-ixfr-ratio", func(c *Checker, s *Statement) {
		if w, ok := strings.CutSuffix(s.Text(1), "%"); ok && scale(w, 1) > 100 {
			c.advise(s.Arg(1), "max-ixfr-ratio of more than 100%", "A transfer would be larger than the whole zone; write at most 100%.")
		}
	})
	add(OptionsBlock|ViewBlock, "stale-refresh-time", func(c *Checker, s *Statement) {
		if n := seconds(s.Text(1)); n > 0 && n < 30 {
			c.advise(s.Arg(1), "stale-refresh-time below 30 seconds", "Write 0 to switch it off, or at least 30.")
		}
	})
}

// facts are single facts of the whole configuration.
type facts struct {
	port    uint64   // of the listeners; 0: not said
	sources []source // ports that queries and transfers come from
	servers map[serverKey]Span
	rootFwd []viewUse // the forwarders of root zones
	dnstap  Span      // of a view
}

// serverKey is the address of a server statement in its view.
type serverKey struct {
	prefix netip.Prefix
	view   int
}

// viewUse is a place in a view.
type viewUse struct {
	view int
	at   Span
}

type source struct {
	at      Span
	keyword string
	port    uint64
	warns   bool
}

// advise adds a warning: named goes on.
func (c *Checker) advise(t *Term, message, remedy string) {
	c.diags.Add(t.Diagnostic("NJ219", message, remedy))
}

func judgeValidity(c *Checker, s *Statement) {
	if s.Arg(2) == nil {
		return
	}
	days, again := number(s.Arg(1)), number(s.Arg(2))
	unit, scaled := "days", days
	if days <= 7 {
		unit, scaled = "hours", days*24
	}
	if days > 0 && again > 0 && scaled < again {
		c.diags.Add(s.Arg(1).Diagnostic("NJ213", fmt.Sprintf("signatures are valid for %d days and made anew %d %s before their end", days, again, unit),
			"named refuses to start on it; the second number must be the smaller one. It counts days, or hours where the first is at most 7."))
	}
}

func judgeDnstapOutput(c *Checker, s *Statement) {
	if !s.Arg(1).Is("unix") {
		return
	}
	for i := range s.Terms {
		t := &s.Terms[i]
		if t.Is("size") || t.Is("versions") || t.Is("suffix") {
			c.diags.Add(t.Diagnostic("NJ217", fmt.Sprintf("'%s' cannot stand beside unix: a socket has no size and is not rolled", t.Value), "Remove it, or write to a file."))
			return
		}
	}
}

// judgeListen: http says which server it is, tls whether it is encrypted.
func judgeListen(c *Checker, s *Statement) {
	var http *Term
	tls := false
	for i := range s.Terms {
		if s.Terms[i].Is("http") {
			http = &s.Terms[i]
		}
		tls = tls || s.Terms[i].Is("tls")
	}
	if http != nil && !tls {
		c.diags.Add(http.Diagnostic("NJ206", "'http' stands without 'tls'", "Add tls NAME, tls ephemeral, or tls none."))
	}
}

// judgeCheckNames looks at the statement together with its earlier fellows:
// each type of zone once, by one of its two names.
func judgeCheckNames(c *Checker, s *Statement) {
	group := map[string]string{"primary": "primary", "master": "primary", "secondary": "secondary", "slave": "secondary"}[strings.ToLower(s.Text(1))]
	if group == "" {
		return
	}
	key := nameKey{space: &checkNamesSpace, name: group, view: c.view}
	if c.names.defined == nil {
		c.names.defined = map[nameKey]Span{}
	}
	if first, ok := c.names.defined[key]; ok {
		again := s.Arg(1)
		line, _ := again.File.Position(int(again.Start))
		c.diags.Add(first.Diagnostic("NJ217", fmt.Sprintf("'check-names %s' stands twice; it is again at %s:%d", group, again.File.Name, line), "named refuses to start on it; keep one."))
		return
	}
	c.names.defined[key] = s.Arg(1).Span()
}

var checkNamesSpace = space{name: "check-names", fold: strings.ToLower}

func judgeProtocols(c *Checker, s *Statement) {
	b := s.Block()
	if b != nil && len(b.Statements) == 0 {
		c.diags.Add(s.Terms[0].Diagnostic("NJ216", "a tls statement with no TLS protocol", "named refuses to start on it; name TLSv1.2 or TLSv1.3, or remove the statement."))
	}
	seen := map[string]bool{}
	for i := range b.Statements {
		t := &b.Statements[i].Terms[0]
		w := strings.ToLower(t.Value)
		if seen[w] {
			c.diags.Add(t.Diagnostic("NJ218", fmt.Sprintf("the TLS protocol '%s' stands twice", shorten(t.Value)), "named refuses to start on it; keep one."))
		}
		seen[w] = true
	}
}

// judgeSpecial notes the zones that must exist in the view.
func judgeSpecial(c *Checker, s *Statement) {
	b := s.Block()
	if b == nil {
		return
	}
	seen := map[string]Span{}
	for i := range b.Statements {
		e := &b.Statements[i]
		t := e.Arg(1)
		if t == nil || !t.IsText() {
			continue
		}
		if s.Def.Keyword == "response-policy" && i == 64 {
			c.diags.Add(t.Diagnostic("NJ213", "more than 64 response policy zones", "named refuses to start on it; join some of them."))
			return
		}
		if first, ok := seen[foldName(t.Value)]; ok && s.Def.Keyword == "catalog-zones" && c.version.AtLeast(9, 17, 0) {
			c.twice(t, "catalog zone", first)
			continue
		}
		seen[foldName(t.Value)] = t.Span()
		both := 0
		for k := range e.Terms {
			if e.Terms[k].Is("default-primaries") || e.Terms[k].Is("default-masters") {
				both++
			}
		}
		if both > 1 {
			c.diags.Add(t.Diagnostic("NJ217", fmt.Sprintf("catalog zone '%s' has default-primaries and default-masters", shorten(t.Value)), "They are two words for one thing; keep one."))
		}
		if isDomainName(t.Value) {
			c.zones.special = append(c.zones.special, specialZone{t.Span(), s.Def.Keyword, int32(c.view)})
		}
	}
}

func judgePlugin(c *Checker, s *Statement) {
	if c.zones.outside.File == nil {
		c.zones.outside, c.zones.what = s.head().Span(), "plugin"
	}
}

// judgeZone looks at the parts of a zone that bear on its name.
func judgeZone(c *Checker, s *Statement) {
	b, name := s.Block(), s.Text(1)
	if b == nil {
		return
	}
	if foldName(name) == "." {
		if f := b.Find("forwarders"); f != nil {
			c.single.rootFwd = append(c.single.rootFwd, viewUse{c.view, f.Terms[0].Span()})
		}
	}
	names := b.Find("server-names")
	if names != nil && names.Block() != nil && strings.EqualFold(b.Find("type").Text(1), "static-stub") {
		for i := range names.Block().Statements {
			t := &names.Block().Statements[i].Terms[0]
			below := foldName(t.Value)
			if zone := foldName(name); below == zone || zone == "." || strings.HasSuffix(below, "."+zone) {
				c.diags.Add(t.Diagnostic("NJ217", fmt.Sprintf("server-names: '%s' lies in the zone '%s' itself", shorten(t.Value), shorten(name)),
					"Its address could not be found; write the address in server-addresses."))
			}
		}
	}
	if d := b.Find("dialup"); d != nil && d.Arg(1) != nil {
		kind := zoneTypes[strings.ToLower(b.Find("type").Text(1))]
		word := strings.ToLower(d.Text(1))
		if allowed, ok := dialups[word]; ok && kind != "" && strings.Contains("psu", kind) && !strings.Contains(allowed, kind) {
			c.diags.Add(d.Arg(1).Diagnostic("NJ207", fmt.Sprintf("dialup %s is not allowed in zone '%s' of its type", word, shorten(name)), "named refuses to start on it; write yes or no."))
		}
	}
}

// dialups are the values of dialup and the types of zones that take them.
var dialups = map[string]string{"notify": "ps", "notify-passive": "s", "passive": "su", "refresh": "su"}

// judgeScope notes and warns of what options or a view say of recursion.
func judgeScope(c *Checker, s *Statement) {
	b := s.Block()
	if b == nil {
		return
	}
	m := c.marksOf(b)
	if m&markBits["recursion no"] != 0 {
		for _, k := range []string{"allow-recursion", "allow-recursion-on"} {
			if m&markBits[k+" some"] != 0 {
				c.advise(&b.Find(k).Terms[0], fmt.Sprintf("'%s' has no effect beside 'recursion no'", k), "Remove one of the two.")
			}
		}
	}
	life, again := b.Find("nta-lifetime"), b.Find("nta-recheck")
	if again != nil && again.Arg(1) != nil {
		lifetime := uint64(3600)
		if life != nil {
			lifetime = seconds(life.Text(1))
		}
		if seconds(again.Text(1)) > lifetime {
			c.advise(again.Arg(1), "nta-recheck is longer than nta-lifetime", "It would never be done; write a shorter time.")
		}
	}
}

// judgeSource notes the ports that named sends from: the listeners' port
// cannot be used, and a fixed one makes answers easier to forge.
func judgeSource(c *Checker, s *Statement) {
	if s.Arg(1) == nil || s.Arg(1).Is("none") {
		return
	}
	for i := 1; i+1 < len(s.Terms); i++ {
		if t := &s.Terms[i]; t.Is("port") && isNumber(&s.Terms[i+1], 16) {
			c.single.sources = append(c.single.sources, source{s.Terms[i+1].Span(), s.Def.Keyword, number(&s.Terms[i+1]), true})
		}
	}
}

// judgeRateLimit compares the sizes of its table.
func judgeRateLimit(c *Checker, s *Statement) {
	b := s.Block()
	most := b.Find("max-table-size")
	if most == nil || most.Arg(1) == nil {
		return
	}
	least := uint64(500)
	if m := b.Find("min-table-size"); m != nil && m.Arg(1) != nil {
		least = max(number(m.Arg(1)), 1)
	}
	if number(most.Arg(1)) < least {
		c.diags.Add(most.Arg(1).Diagnostic("NJ213", fmt.Sprintf("max-table-size is below min-table-size, which is %d", least), "named refuses to start on it; make it larger."))
	}
}

// judgeDNS64 judges the prefix and the suffix.
//
// Source: RFC 6052, section 2.2; check_dns64 in lib/bind9/check.c.
func judgeDNS64(c *Checker, s *Statement) {
	p, ok := prefixOf(s, 1)
	if !ok {
		return
	}
	t := s.Arg(1)
	wrong := func(message string) {
		c.diags.Add(t.Diagnostic("NJ220", fmt.Sprintf("the dns64 prefix '%s' %s", p, message), "named refuses to start on it; the usual one is 64:ff9b::/96."))
	}
	switch {
	case !p.Addr().Is6():
		wrong("is not IPv6")
		return
	case p.Addr().As16()[8] != 0:
		wrong("has bits set from 64 to 71")
		return
	case !strings.Contains(" 32 40 48 56 64 96 ", fmt.Sprintf(" %d ", p.Bits())):
		wrong("has a length that is not 32, 40, 48, 56, 64 or 96")
		return
	}
	suffix := s.Block().Find("suffix")
	if suffix == nil || suffix.Arg(1) == nil {
		return
	}
	a, err := netip.ParseAddr(suffix.Text(1))
	if err != nil || !a.Is6() {
		return
	}
	n := p.Bits()/8 + 4
	if p.Bits() <= 64 {
		n++
	}
	for _, b := range a.As16() {
		if n--; n >= 0 && b != 0 {
			c.diags.Add(suffix.Arg(1).Diagnostic("NJ220", fmt.Sprintf("the dns64 suffix '%s' has bits set where prefix and address lie", a), "named refuses to start on it; its first bytes must be zero."))
			return
		}
	}
}

// prefixOf reads the address or prefix that follows terms[i-1].
func prefixOf(s *Statement, i int) (netip.Prefix, bool) {
	t := s.Arg(i)
	if t == nil {
		return netip.Prefix{}, false
	}
	a, _, ok := address(t)
	if !ok {
		return netip.Prefix{}, false
	}
	bits := a.BitLen()
	if n := s.Arg(i + 2); n != nil && s.Arg(i+1).Kind == SlashTerm {
		v, err := strconv.Atoi(n.Value)
		if err != nil || v < 0 || v > bits {
			return netip.Prefix{}, false
		}
		bits = v
	}
	return netip.PrefixFrom(a, bits), true
}

// judgeServer judges a server statement: its address, and what does not go
// with its family.
func judgeServer(c *Checker, s *Statement) {
	p, ok := prefixOf(s, 1)
	if !ok {
		return
	}
	t := s.Arg(1)
	if p.Masked() != p {
		c.diags.Add(t.Diagnostic("NJ220", fmt.Sprintf("the prefix '%s' of a server has bits set behind its length", p), "named refuses to start on it; set these bits to zero."))
	}
	if c.single.servers == nil {
		c.single.servers = map[serverKey]Span{}
	}
	k := serverKey{p, c.view}
	if first, ok := c.single.servers[k]; ok {
		c.twice(t, "server", first)
	} else {
		c.single.servers[k] = t.Span()
	}
	b := s.Block()
	for i := range b.Statements {
		d := b.Statements[i].Def
		if d == nil || !strings.Contains(d.Keyword, "-source") {
			continue
		}
		if strings.HasSuffix(d.Keyword, "-v6") != p.Addr().Is6() {
			c.diags.Add(b.Statements[i].Terms[0].Diagnostic("NJ217", fmt.Sprintf("'%s' does not go with the address %s", d.Keyword, p.Addr()), "named refuses to start on it; write the one of its address family."))
		}
	}
}

// settleFacts judges single facts once everything has been read.
func (c *Checker) settleFacts() {
	f := &c.single
	port := f.port
	if port == 0 {
		port = 53
	}
	for _, s := range f.sources {
		switch {
		case s.port == port:
			c.diags.Add(s.at.Diagnostic("NJ217", fmt.Sprintf("'%s' sends from port %d, on which named listens", s.keyword, port), "named refuses to start on it; leave the port away."))
		case s.port != 0:
			c.diags.Add(s.at.Diagnostic("NJ219", fmt.Sprintf("'%s' sends from one port", s.keyword), "Answers are easier to forge then; leave the port away."))
		}
	}
	for _, root := range f.rootFwd {
		general, of := c.zones.views[root.view].forwards, "the view"
		if general.File == nil {
			general, of = c.zones.options.forwards, "options"
		}
		if general.File != nil {
			line, _ := general.File.Position(int(general.Start))
			c.diags.Add(root.at.Diagnostic("NJ217", fmt.Sprintf("forwarders of the root zone stand beside those of %s at %s:%d", of, general.File.Name, line), "named refuses to start on it; keep one of the two."))
		}
	}
	if f.dnstap.File != nil && c.zones.options.marks&markBits["dnstap-output"] == 0 {
		c.diags.Add(f.dnstap.Diagnostic("NJ206", "'dnstap' stands without 'dnstap-output'", "Say in options where its messages go."))
	}
	c.settleAnchors()
}
