package parser

import (
	"fmt"
	"strings"
)

// Checker judges statements by the table: known, allowed in their place, there
// in the release, standing once, of the right form; and what they mean
// together: names that are used and not defined, zones that stand twice,
// statements that demand or exclude each other. What needs the whole
// configuration is judged by End.
type Checker struct {
	version Version
	judged  bool // values are compared, not only their outer form
	diags   Diagnostics
	seen    seen    // of the top level
	rooms   []*seen // of the blocks that are open, used again and again
	depth   int
	judge   judge

	view    int     // the open view, from 1; 0 outside views
	bracket bool    // a '(' was reported, whose ')' stands further on
	owner   nameKey // the definition that is being judged, if named reads it lazily
	names   names
	mild    bool // named starts without the acl of the statement in hand
	zones   zoneFacts
	keys    anchors
	single  facts
}

// NewChecker judges for a release; an unknown one is taken for 9.18.
func NewChecker(v Version) *Checker {
	if !v.Known() {
		v = V(9, 18, 0)
	}
	indexOnce.Do(complete)
	c := &Checker{version: v, judged: v.Major == 9}
	c.judge.release = v
	c.zones.views = []scope{{class: "IN"}}
	return c
}

// Diagnostics gives the findings so far.
func (c *Checker) Diagnostics() Diagnostics { return c.diags }

// Statement judges a top-level statement and all that is in it.
func (c *Checker) Statement(s *Statement) {
	if !s.CutOff {
		c.statement(s, Top, &c.seen)
	}
}

// End judges what only the whole configuration shows. It is called once, when
// the last statement has been given; a configuration of which a part is missing
// is not judged so.
func (c *Checker) End(partial bool) {
	if partial {
		return
	}
	c.settleNames()
	c.settleZones()
	c.settleFacts()
}

// seen are the statements of one block that may stand there once only. There
// are never more than the table has, so a list is searched faster than a map.
type seen []struct {
	def   *Def
	first Term
}

// before gives where a statement stood already, nil when it is the first one.
func (l *seen) before(d *Def, t *Term) *Term {
	for i := range *l {
		if (*l)[i].def == d {
			return &(*l)[i].first
		}
	}
	*l = append(*l, struct {
		def   *Def
		first Term
	}{d, *t})
	return nil
}

func (c *Checker) statement(s *Statement, in Context, seenHere *seen) {
	if len(s.Terms) == 0 || s.Terms[0].Kind != WordTerm {
		return
	}
	first := &s.Terms[0]
	if s.Def == nil {
		c.unknown(first, in)
		if d := Lookup(in, c.nearest(strings.ToLower(first.Value), in)); d != nil {
			c.enter(&Statement{Terms: s.Terms, Def: d}) // what it was to define is not missing too
			c.leave(&Statement{Def: d})
		}
		return
	}
	c.release(s.Def, first)
	if !s.Def.Multi {
		if before := seenHere.before(s.Def, first); before != nil {
			line, _ := before.File.Position(int(before.Start))
			c.diags.Add(first.Diagnostic("NJ205", fmt.Sprintf("'%s' stands twice; it is first at %s:%d", s.Def.Keyword, before.File.Name, line),
				again(before.Span(), first.Span())))
		}
	}
	found := len(c.diags)
	c.mild = in == StatisticsBlock
	if fits := c.form(s); c.gone(s.Def) || !fits && s.Def.Shape != Named {
		c.takeName(s) // a use of it would only repeat the mistake, and so would what is in it
		return
	}
	c.enter(s)
	for i := range s.Terms {
		b := s.Terms[i].Block
		if b == nil || !b.Context.holdsStatements() {
			continue
		}
		if c.depth == len(c.rooms) {
			c.rooms = append(c.rooms, new(seen))
		}
		inner := c.rooms[c.depth]
		*inner = (*inner)[:0]
		c.depth++
		for j := range b.Statements {
			c.statement(&b.Statements[j], b.Context, inner)
		}
		c.depth--
		c.block(s, b)
	}
	if s.Def.judge != nil && c.judged && !s.Def.ObsoleteIn(c.version) && c.diags[found:].Errors() == 0 {
		s.Def.judge(c, s)
	}
	c.leave(s)
}

// enter takes the names that a statement defines before what is in it is
// judged.
func (c *Checker) enter(s *Statement) {
	c.takeName(s)
	if s.Def.Inside == ViewBlock {
		c.enterView(s)
	}
}

// takeName takes the name that a statement defines.
func (c *Checker) takeName(s *Statement) {
	if s.Def.Defines == "" {
		return
	}
	if t := s.Arg(1); t != nil && t.IsText() {
		c.define(spaces[s.Def.Defines], t)
	}
}

// leave ends what enter began.
func (c *Checker) leave(s *Statement) {
	if s.Def.Inside == ViewBlock {
		c.view = 0
	}
}

// block judges the statements of a block together.
func (c *Checker) block(s *Statement, b *Block) {
	switch b.Context {
	case ZoneBlock:
		c.zone(s, b)
		return
	case TemplateBlock:
		if c.zones.templates == nil {
			c.zones.templates = map[string]*Block{}
		}
		c.zones.templates[strings.ToLower(s.Text(1))] = b
		return
	}
	m := c.marksOf(b)
	switch b.Context {
	case OptionsBlock:
		c.takeScope(&c.zones.options, b, m)
	case ViewBlock:
		c.takeScope(c.scope(), b, m)
	}
	c.obey(s, b, m, "")
}

// mistyped tells whether a block has an unknown keyword that is nearly one of
// those that it lacks: they are parted by commas, and may have a value behind.
func (c *Checker) mistyped(b *Block, lacks string) bool {
	for i := range b.Statements {
		s := &b.Statements[i]
		if s.Def != nil || len(s.Terms) == 0 || s.Terms[0].Kind != WordTerm {
			continue
		}
		near := c.nearest(strings.ToLower(s.Terms[0].Value), b.Context)
		for _, want := range strings.Split(lacks, ",") {
			if keyword, _, _ := strings.Cut(want, " "); near == keyword && near != "" {
				return true
			}
		}
	}
	return false
}

// unswept is the first release of which no named-checkconf has gone through
// the whole table (versions_test.go); the last one that has is 9.20.30.
var unswept = V(9, 21, 0)

// unknown reports a keyword that the table does not have in this place.
func (c *Checker) unknown(first *Term, in Context) {
	keyword := strings.ToLower(first.Value)
	if strings.HasPrefix(first.Value, ")") && c.bracket {
		c.bracket = false
		return // of the list in parentheses, which is reported
	}
	message := fmt.Sprintf("unknown statement '%s'", shorten(first.Value))
	remedy := "named refuses to start on it; correct the name or remove the statement."
	if rows := rowsOf(keyword); len(rows) > 0 {
		message = fmt.Sprintf("'%s' is not allowed here", keyword)
		remedy = fmt.Sprintf("It belongs %s.", places(rows))
	} else if sign := foreignSign(first.Value); sign != "" {
		remedy = sign
	} else if near := c.nearest(keyword, in); near != "" {
		remedy = fmt.Sprintf("Did you mean '%s'?", near)
	}
	d := first.Diagnostic("NJ201", message, remedy)
	if !c.version.Before(unswept) || c.version.Major == 8 {
		d.Severity = Warning // the table may lack a row; BIND 8 goes on after it
	}
	c.diags.Add(d)
}

// release reports a statement that the release does not know, or warns of.
func (c *Checker) release(d *Def, first *Term) {
	instead := d.Instead
	if instead != "" && !strings.HasSuffix(instead, ".") {
		instead = "Use " + instead + " instead."
	}
	switch {
	case d.gone(c.version):
		c.diags.Add(first.Diagnostic("NJ202", fmt.Sprintf("'%s' no longer exists in BIND %s; %s was the first release without it", d.Keyword, c.version, d.Until),
			sentences("named refuses to start on it.", instead, "Remove the statement.")))
	case !d.arrived(c.version):
		told := first.Diagnostic("NJ203", fmt.Sprintf("BIND %s does not know '%s'; %s is the first release with it", c.version, d.Keyword, firstFor(c.version, d.Since, d.Back.Since)),
			"Remove the statement or install a newer BIND.")
		if c.version.Major == 8 {
			told.Severity = Warning // BIND 8 says so and goes on after it
		}
		c.diags.Add(told)
	case d.ObsoleteIn(c.version):
		c.diags.Add(first.Diagnostic("NJ209", fmt.Sprintf("'%s' has no effect since BIND %s", d.Keyword, firstFor(c.version, d.Obsolete, d.Back.Obsolete)),
			sentences("A later release refuses it.", instead, "Remove it.")))
	case d.DeprecatedIn(c.version):
		c.diags.Add(first.Diagnostic("NJ209", fmt.Sprintf("'%s' is deprecated since BIND %s", d.Keyword, firstFor(c.version, d.Deprecated, d.Back.Deprecated)),
			sentences("It works still; a later release refuses it.", instead, "")))
	}
}

// sentences joins the first sentence with the second, or with the third where
// there is no second.
func sentences(first, second, otherwise string) string {
	if second == "" {
		second = otherwise
	}
	return strings.TrimSpace(first + " " + second)
}

// form compares what follows the keyword with the row's value, or with its
// shape where it has none, and judges the meaning of what fits. False when it
// does not fit.
func (c *Checker) form(s *Statement) bool {
	if s.Def.value != nil && c.judged {
		return c.value(s)
	}
	keyword, arg := &s.Terms[0], s.Arg(1)
	before := len(c.diags)
	wrong := func(t *Term, what string) {
		if t == nil {
			t = keyword
		}
		c.misform(s, t, what)
	}
	switch shape := s.Def.Shape; shape {
	case Quoted:
		if arg == nil || arg.Kind != StringTerm {
			wrong(arg, "a string in quotes")
		}
	case QuotedNone:
		if arg == nil || arg.Kind != StringTerm && !arg.Is("none") {
			wrong(arg, "a string in quotes, or none")
		}
	case Word:
		if arg == nil || !arg.IsText() {
			wrong(arg, "a value")
		}
	case Boolean:
		if arg == nil || arg.Kind != WordTerm || !booleans[strings.ToLower(arg.Value)] {
			wrong(arg, "yes or no")
		}
	case ListShape:
		if arg == nil || arg.Kind != BlockTerm || len(s.Terms) != 2 {
			wrong(arg, "a list in braces")
		}
	case Named, RawShape:
		last := &s.Terms[len(s.Terms)-1]
		if last.Kind != BlockTerm {
			wrong(last, "a block in braces")
		}
	}
	return len(c.diags) == before
}

// value walks what follows the keyword along the row's value.
func (c *Checker) value(s *Statement) bool {
	j := &c.judge
	j.hits, j.explain, j.at, j.wants = j.hits[:0], false, nil, j.wants[:0]
	if j.whole(s.Def.value, s.Terms, 1) {
		owner := c.owner
		if d := s.Def.Defines; d != "" && spaces[d].lazy.Known() {
			if t := s.Arg(1); t != nil && t.IsText() {
				c.owner = nameKey{space: spaces[d], name: spaces[d].fold(t.Value)}
			}
		}
		if !s.Def.ObsoleteIn(c.version) { // else it has no effect, whatever it says
			for _, h := range j.hits {
				h.value.mean(c, h)
			}
		}
		c.owner = owner
		return true
	}
	j.explain = true
	j.whole(s.Def.value, s.Terms, 1)
	if j.at == nil {
		j.at = &s.Terms[0]
	}
	c.misform(s, j.at, strings.Join(j.wants, " or "))
	return false
}

// booleans are the words that named takes for yes and no.
var booleans = map[string]bool{"yes": true, "no": true, "true": true, "false": true, "1": true, "0": true}

// contextNames are the words for places, in the order in which they are told.
var contextNames = []struct {
	context Context
	name    string
}{
	{Top, "at the top level"}, {OptionsBlock, "in options"}, {ViewBlock, "in a view"}, {ZoneBlock, "in a zone"},
	{TemplateBlock, "in a template"}, {ServerBlock, "in a server statement"}, {KeyBlock, "in a key"},
	{LoggingBlock, "in logging"}, {ChannelBlock, "in a logging channel"}, {ControlsBlock, "in controls"},
	{TLSBlock, "in a tls statement"}, {HTTPBlock, "in an http statement"}, {PolicyBlock, "in a dnssec-policy"},
	{KeyStoreBlock, "in a key-store"}, {StatisticsBlock, "in statistics-channels"}, {DLZBlock, "in a dlz statement"},
	{RateLimitBlock, "in rate-limit"}, {DNS64Block, "in dns64"},
}

// places tells where rows may stand.
func places(rows []*Def) string {
	var all Context
	for _, d := range rows {
		all |= d.In
	}
	var names []string
	for _, c := range contextNames {
		if all&c.context != 0 {
			names = append(names, c.name)
		}
	}
	return strings.Join(names, ", ")
}
