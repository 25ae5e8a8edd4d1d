package parser

import (
	"fmt"
	"strings"
)

// inherited are the statements of view and options that rules on zones ask
// about: a zone without one of its own has theirs.
var inherited = []string{"allow-update", "notify", "dnssec-policy", "also-notify", "recursion", "max-zone-ttl", "key-directory", "allow-recursion",
	"allow-recursion-on", "dnssec-validation", "forward"}

// policyExcludes are the statements of a zone that cannot stand there when a
// dnssec-policy is in force, its own or an inherited one.
//
// Source: check_zoneconf in lib/bind9/check.c.
var policyExcludes = []string{"dnssec-dnskey-kskonly", "dnssec-secure-to-insecure", "update-check-ksk", "dnssec-update-mode", "auto-dnssec on"}

// scope is what a block hands down: options, a view, a zone.
type scope struct {
	at     Span // the name of the view
	class  string
	marks  marks
	policy Span // the value of its dnssec-policy
	keydir string

	validates Span // dnssec-validation yes
	forwards  Span // its forwarders
}

// zoneNote is what is kept of a zone until everything has been read.
type zoneNote struct {
	at    Span // the name
	name  string
	more  *zoneMore // what few zones have
	marks marks
	kind  byte // the letter of its type, 'v' for in-view
	view  int32
}

// zoneMore is what a zone says itself of its signing.
type zoneMore struct {
	policy Span
	keydir string
}

// signing gives what the zone says itself of its signing.
func (n *zoneNote) signing() zoneMore {
	if n.more == nil {
		return zoneMore{}
	}
	return *n.more
}

// noteChunk is how many notes are kept in one piece: a list that grew whole
// would be copied again and again.
const noteChunk = 4096

// note gives the note of a zone by its number.
func (z *zoneFacts) note(i int32) *zoneNote { return &z.chunks[i/noteChunk][i%noteChunk] }

// zoneKey is a zone of a view. named keeps hints and redirect zones apart
// from others of the same name.
type zoneKey struct {
	name string
	view int32
	kind byte
}

// zoneFacts are the zones and views of a configuration.
type zoneFacts struct {
	options   scope
	views     []scope // by number, from 1; views[0] is the top level
	chunks    [][]zoneNote
	count     int32
	byName    map[zoneKey]int32
	templates map[string]*Block
	special   []specialZone
	outside   Span // the first zone or plugin outside the views
	what      string
}

// specialZone is a zone that response-policy or catalog-zones names.
type specialZone struct {
	at      Span
	keyword string
	view    int32
}

// scope gives what the open view, or the top level, hands down.
func (c *Checker) scope() *scope { return &c.zones.views[c.view] }

// enterView begins a view.
func (c *Checker) enterView(s *Statement) {
	class := "IN"
	if t := s.Arg(2); t != nil && t.IsText() {
		class = strings.ToUpper(t.Value)
	}
	name := s.head()
	for i := 1; i < len(c.zones.views); i++ {
		if v := &c.zones.views[i]; v.at.text() == name.Value && v.class == class {
			c.twice(name, "view", v.at)
			break
		}
	}
	if strings.EqualFold(name.Value, "_default") && class == "IN" || strings.EqualFold(name.Value, "_bind") && class == "CH" {
		c.diags.Add(name.Diagnostic("NJ218", fmt.Sprintf("'%s' is a built-in view", shorten(name.Value)), "named refuses to start on it; give yours another name."))
	}
	c.zones.views = append(c.zones.views, scope{at: name.Span(), class: class})
	c.view = len(c.zones.views) - 1
}

// takeScope keeps what options or a view hand down.
func (c *Checker) takeScope(to *scope, b *Block, m marks) {
	to.marks |= m
	if p := b.Find("dnssec-policy"); p != nil && p.Arg(1) != nil {
		to.policy = p.Arg(1).Span()
	}
	if d := b.Find("key-directory"); d != nil {
		to.keydir = d.Text(1)
	}
	if f := b.Find("forwarders"); f != nil {
		to.forwards = f.Terms[0].Span()
	}
	if d := b.Find("dnssec-validation"); d != nil && yes(d) {
		to.validates = d.Arg(1).Span()
	}
}

// zone judges a zone statement by itself and notes what needs the whole
// configuration.
func (c *Checker) zone(s *Statement, b *Block) {
	name := s.head()
	if name == &s.Terms[0] {
		return // it has no name, which is said already
	}
	v := c.scope()
	if class := s.Arg(2); class != nil && class.IsText() && !strings.EqualFold(class.Value, v.class) && isClass(class.Value) && !sameClass(class.Value, v.class) {
		c.diags.Add(class.Diagnostic("NJ217", fmt.Sprintf("zone '%s' has the class %s, and its view has %s", shorten(name.Value), strings.ToUpper(class.Value), v.class),
			"named refuses to start on it; put the zone into a view of its class."))
	}
	n := zoneNote{at: name.Span(), name: foldName(name.Value), view: int32(c.view)}
	if in := b.Find("in-view"); in != nil {
		c.inView(s, b, in, n)
		return
	}
	var template *Block
	if t := b.Find("template"); t != nil {
		template = c.zones.templates[strings.ToLower(t.Text(1))]
	}
	letter := c.zoneType(s, b, template)
	if letter == "" {
		return
	}
	n.kind = letter[0]
	n.marks = c.marksOf(b)
	if template != nil {
		n.marks |= c.marksOf(template)
	}
	c.obey(s, b, n.marks, letter)
	if letter == "r" && n.name != "." {
		c.diags.Add(name.Diagnostic("NJ217", fmt.Sprintf("redirect zone '%s' must be called \".\"", shorten(name.Value)), "named refuses to start on it; call it \".\"."))
	}
	if letter == "m" && n.name != "." && n.marks&markBits["primaries"] == 0 && n.marks&markBits["masters"] == 0 {
		c.diags.Add(name.Diagnostic("NJ206", fmt.Sprintf("zone '%s' has no 'primaries'", shorten(name.Value)), "Only the root zone has built-in servers to mirror it from; add a primaries statement."))
	}
	var more zoneMore
	if n.marks&markBits["dnssec-policy"] != 0 {
		if p := b.Find("dnssec-policy"); p != nil && p.Arg(1) != nil {
			more.policy = p.Arg(1).Span()
		}
	}
	if n.marks&markBits["key-directory"] != 0 {
		if d := b.Find("key-directory"); d != nil {
			more.keydir = d.Text(1)
		}
	}
	if more != (zoneMore{}) {
		n.more = &more
	}
	c.addZone(n)
}

// sameClass knows the spellings of the classes that have several.
func sameClass(a, b string) bool {
	norm := func(s string) string {
		switch s = strings.ToUpper(s); s {
		case "CLASS1":
			return "IN"
		case "CHAOS", "CLASS3":
			return "CH"
		case "HESIOD", "CLASS4":
			return "HS"
		}
		return s
	}
	return norm(a) == norm(b)
}

// addZone notes a zone; a second one of its name is reported.
func (c *Checker) addZone(n zoneNote) {
	if c.zones.byName == nil {
		c.zones.byName = map[zoneKey]int32{}
	}
	k := zoneKey{n.name, n.view, 'z'}
	if n.kind == 'h' || n.kind == 'r' {
		k.kind = n.kind
	}
	if first, ok := c.zones.byName[k]; ok {
		at := c.zones.note(first).at
		line, _ := at.File.Position(int(at.Start))
		c.diags.Add(n.at.Diagnostic("NJ208", fmt.Sprintf("zone '%s' stands twice; it is first at %s:%d", shorten(n.at.text()), at.File.Name, line),
			again(at, n.at)))
		return
	}
	z := &c.zones
	z.byName[k] = z.count
	if z.count%noteChunk == 0 {
		z.chunks = append(z.chunks, make([]zoneNote, 0, noteChunk))
	}
	last := &z.chunks[len(z.chunks)-1]
	*last = append(*last, n)
	z.count++
	if n.view == 0 && c.zones.outside.File == nil {
		c.zones.outside, c.zones.what = n.at, "zone"
	}
}

// inView judges a zone that another view has. named wants that view above.
func (c *Checker) inView(s *Statement, b *Block, in *Statement, n zoneNote) {
	found := false
	for i := 1; i < len(c.zones.views) && !found; i++ {
		if v := &c.zones.views[i]; v.at.text() == in.Text(1) && sameClass(v.class, c.scope().class) {
			k, ok := c.zones.byName[zoneKey{n.name, int32(i), 'z'}]
			_, hint := c.zones.byName[zoneKey{n.name, int32(i), 'h'}]
			found = hint || ok && strings.IndexByte("frdv", c.zones.note(k).kind) < 0
		}
	}
	if !found {
		c.diags.Add(in.head().Diagnostic("NJ210", fmt.Sprintf("view '%s' has no zone '%s' above this place", shorten(in.Text(1)), shorten(n.at.text())),
			"named reads views in order: the view that the zone comes from must stand first."))
	}
	for i := range b.Statements {
		d := b.Statements[i].Def
		if d != nil && d.Keyword != "in-view" && d.Keyword != "forward" && d.Keyword != "forwarders" && d.Keyword != "include" {
			c.diags.Add(b.Statements[i].Terms[0].Diagnostic("NJ207", fmt.Sprintf("'%s' is not allowed beside in-view", d.Keyword),
				"The zone has the options of the other view; remove the statement."))
			break
		}
	}
	n.kind = 'v'
	c.addZone(n)
}

// inForce completes a zone's marks with what view and options hand down, and
// finds the policy that it is signed by.
func (c *Checker) inForce(n *zoneNote) (m marks, policy Span) {
	m, policy = n.marks, n.signing().policy
	v := &c.zones.views[n.view]
	for _, from := range []*scope{v, &c.zones.options} {
		for i := range inheritedMasks {
			k := &inheritedMasks[i]
			if m&k.key == 0 {
				m |= from.marks & k.all
			}
		}
		if policy.File == nil {
			policy = from.policy
		}
	}
	return m, policy
}

// inheritedMasks are the bits of each inherited statement and its effects.
var inheritedMasks []struct{ key, all marks }

// settleZones judges what zones inherit.
func (c *Checker) settleZones() {
	z := &c.zones
	if len(z.views) > 1 && z.outside.File != nil {
		c.diags.Add(z.outside.Diagnostic("NJ212", fmt.Sprintf("%s '%s' stands outside the views", z.what, shorten(z.outside.text())),
			fmt.Sprintf("With views, every %s must be in a view; move it into one.", z.what)))
	}
	told := map[Span]bool{}
	once := func(at Span, code Code, message, remedy string) {
		if !told[at] {
			told[at] = true
			c.diags.Add(at.Diagnostic(code, message, remedy))
		}
	}
	dirs := map[string]*zoneNote{}
	needsInline := c.version.AtLeast(9, 16, 33) && c.version.Before(V(9, 17, 0)) || c.version.AtLeast(9, 18, 7) && c.version.Before(V(9, 19, 0))
	for i := range z.count {
		n := z.note(i)
		m, policy := c.inForce(n)
		if policy.File != nil && n.kind != 'v' && !c.policyExists(policy) {
			once(policy, "NJ210", fmt.Sprintf("the dnssec-policy '%s' is not defined", shorten(policy.text())),
				spaces["policy"].remedy+c.similar(nameKey{space: spaces["policy"], name: policy.text()}))
		}
		if n.kind != 'v' && c.version.AtLeast(9, 20, 0) && m&markBits["max-zone-ttl"] != 0 && policy.File != nil && m&markBits["dnssec-policy some"] != 0 {
			once(n.at, "NJ217", fmt.Sprintf("max-zone-ttl and a dnssec-policy are both in force in zone '%s'", shorten(n.at.text())),
				"named refuses to start on it; take max-zone-ttl out, and write it into the dnssec-policy.")
		}
		if strings.IndexByte("psm", n.kind) < 0 {
			continue
		}
		if n.kind == 'm' && n.view >= 0 && m&markBits["recursion no"] != 0 {
			once(n.at, "NJ217", fmt.Sprintf("mirror zone '%s' with 'recursion no'", shorten(n.at.text())), "named refuses to start on it; make it a secondary zone, or allow recursion.")
		}
		open := m&(markBits["update-policy"]|markBits["allow-update some"]) != 0
		if n.kind != 'm' && n.marks&markBits["auto-dnssec on"] != 0 && !open && m&markBits["inline-signing yes"] == 0 && policy.File == nil {
			once(n.at, "NJ206", fmt.Sprintf("zone '%s' has auto-dnssec and takes no updates, so that it needs inline-signing", shorten(n.at.text())), "Add inline-signing yes; to the zone.")
		}
		signed := policy.File != nil && m&markBits["dnssec-policy some"] != 0 && c.policyExists(policy)
		if !signed || n.kind == 'm' {
			continue
		}
		if needsInline && !open && m&markBits["inline-signing yes"] == 0 {
			once(policy, "NJ206", fmt.Sprintf("zone '%s' is signed by a dnssec-policy and takes no updates, so that it needs inline-signing", shorten(n.at.text())),
				"Add inline-signing yes; to the zone.")
		}
		for _, p := range policyExcludes {
			if n.marks&markBits[p] != 0 {
				keyword, _, _ := strings.Cut(p, " ")
				once(n.at, "NJ217", fmt.Sprintf("'%s' in zone '%s' cannot stand beside a dnssec-policy", keyword, shorten(n.at.text())), "named refuses to start on it; remove it, the policy decides.")
			}
		}
		c.sharedKeys(n, policy, dirs)
	}
	c.settleValidation()
	c.settleSpecial()
}

// settleValidation reports dnssec-validation without a trust anchor, which
// 9.20 refuses.
func (c *Checker) settleValidation() {
	if c.version.Before(V(9, 19, 0)) || len(c.keys.static) > 0 || len(c.keys.initial) > 0 {
		return
	}
	for _, s := range append([]scope{c.zones.options}, c.zones.views...) {
		if s.validates.File != nil {
			c.diags.Add(s.validates.Diagnostic("NJ206", "'dnssec-validation yes' stands without trust-anchors", "Write dnssec-validation auto, which has the root's key built in, or add a trust-anchors statement."))
			return
		}
	}
}

// sharedKeys reports a zone of two views that is signed by two policies with
// one key-directory.
func (c *Checker) sharedKeys(n *zoneNote, policy Span, dirs map[string]*zoneNote) {
	if c.version.Before(V(9, 16, 17)) {
		return
	}
	dir := n.signing().keydir
	for _, from := range []*scope{&c.zones.views[n.view], &c.zones.options} {
		if dir == "" {
			dir = from.keydir
		}
	}
	k := n.name + "\x00" + dir
	first := dirs[k]
	if first == nil {
		dirs[k] = n
		return
	}
	other := first.signing().policy
	if other.File == nil || other.text() == policy.text() || other.text() == "none" {
		return
	}
	line, _ := first.at.File.Position(int(first.at.Start))
	c.diags.Add(n.at.Diagnostic("NJ217", fmt.Sprintf("zone '%s' is signed by two policies with keys in one directory; the other one is at %s:%d", shorten(n.at.text()), first.at.File.Name, line),
		"named refuses to start on it; give each its own key-directory."))
}

func (c *Checker) policyExists(at Span) bool {
	name := at.text()
	if spaces["policy"].built[name] {
		return true
	}
	_, ok := c.names.defined[nameKey{space: spaces["policy"], name: name}]
	return ok
}

// settleSpecial reports response policy zones and catalog zones that are no
// primary or secondary zones of their view.
func (c *Checker) settleSpecial() {
	for _, s := range c.zones.special {
		if s.view == 0 && len(c.zones.views) > 1 {
			continue // each view is another place; named looks there
		}
		i, ok := c.zones.byName[zoneKey{foldName(s.at.text()), s.view, 'z'}]
		if ok && strings.IndexByte("ps", c.zones.note(i).kind) >= 0 {
			continue
		}
		c.diags.Add(s.at.Diagnostic("NJ210", fmt.Sprintf("%s: '%s' is no primary or secondary zone of this view", s.keyword, shorten(s.at.text())),
			"named refuses to start on it; add the zone, or correct the name."))
	}
}
