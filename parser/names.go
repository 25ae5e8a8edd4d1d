package parser

import (
	"fmt"
	"path"
	"sort"
	"strings"
)

// space is a name space: what its statements are called, which names are
// built in, and how names are compared.
type space struct {
	name     string
	what     string // what a message calls what is missing
	built    map[string]bool
	reserved bool // a built-in name may not be defined anew
	again    bool // a second definition takes the place of the first
	fold     func(string) string
	scoped   bool     // a view may have names of its own
	lazy     Version  // named looks into a definition only when it is used, in releases before this one
	harmless Version  // named starts without the definition, in releases before this one
	shallow  bool     // named does not look into the definition for this use
	also     []string // other spaces that define the name too
	since    Version  // from here on those count too; what a release does not have counts always, as that is told at its place
	remedy   string
}

// never is later than any release.
var never = V(1<<30, 0, 0)

// spaces is the one table of name spaces.
//
// Source: lib/bind9/check.c, lib/isccfg/aclconf.c; the built-in names: ARM,
// sections acl, tls, http, dnssec-policy, logging, key-store.
var spaces = map[string]*space{
	"acl": {what: "acl", built: wordList("any none localhost localnets"), reserved: true, fold: strings.ToLower, lazy: never,
		remedy: "Define it with an acl statement, or correct the name."},
	"mildacl": {what: "acl", built: wordList("any none localhost localnets"), fold: strings.ToLower, also: []string{"acl"}, harmless: never, shallow: true,
		remedy: "Define it with an acl statement, or correct the name; nothing is served there until then."},
	"geoipsearch": {what: "GeoIP2 search", fold: strings.ToLower,
		remedy: "GeoIP2 databases can be asked for country, continent, region, city, postal, metro, tz, isp, asnum, org and domain."},
	"geoipbase": {what: "GeoIP2 database", fold: strings.ToLower,
		remedy: "The databases are city, country, asnum, isp and domain; or leave 'db' away."},
	"geoipvalue": {what: "GeoIP2 value", fold: strings.ToLower,
		remedy: "A country is its code of two letters or its name; a postal code has at most 6 letters."},
	"key": {what: "key", fold: foldName, scoped: true, remedy: "Define it with a key statement, or correct the name."},
	"rndckey": {what: "key", fold: strings.ToLower, also: []string{"key"},
		remedy: "rndc could not log in; define the key with a key statement, or correct the name."},
	"remotekey": {what: "key", fold: foldName, also: []string{"key"}, scoped: true, harmless: V(9, 19, 0),
		remedy: "Transfers that need it will fail; define it with a key statement, or correct the name."},
	"aclkey": {what: "key", fold: foldName, also: []string{"key"}, scoped: true, harmless: never,
		remedy: "Nobody can match it; define it with a key statement, or correct the name."},
	"tls": {what: "tls statement", built: wordList("ephemeral none"), reserved: true, fold: strings.ToLower,
		remedy: "Define it with a tls statement, or use ephemeral or none."},
	"http": {what: "http statement", built: wordList("default"), reserved: true, fold: strings.ToLower,
		remedy: "Define it with an http statement, or use default."},
	"servers": {what: "list of servers", fold: strings.ToLower, lazy: V(9, 19, 0), also: []string{"laterservers", "agents"}, since: V(9, 20, 5),
		remedy: "Define it with a primaries statement, or correct the name."},
	"agents": {what: "list of parental agents", fold: strings.ToLower, lazy: V(9, 19, 0), also: []string{"laterservers", "servers"}, since: V(9, 20, 5),
		remedy: "Define it with a parental-agents statement, or correct the name."},
	"laterservers": {what: "list of servers", fold: strings.ToLower, lazy: never, also: []string{"servers", "agents"},
		remedy: "Define it with a remote-servers statement, or correct the name."},
	"channel": {what: "channel", built: wordList("default_syslog default_stderr default_debug null"), again: true, fold: strings.ToLower,
		remedy: "Define it with a channel statement in logging, or correct the name."},
	"policy": {what: "dnssec-policy", built: wordSet("default insecure none"), reserved: true, fold: keep,
		remedy: "Define it with a dnssec-policy statement, or use default."},
	"keystore": {what: "key-store", built: wordSet("key-directory"), reserved: true, fold: keep,
		remedy: "Define it with a key-store statement, or correct the name."},
	"template": {what: "template", fold: strings.ToLower, remedy: "Define it with a template statement, or correct the name."},
}

func keep(s string) string { return s }

// foldName makes the spellings of a domain name equal: small letters, no dot
// at the end.
func foldName(s string) string {
	if len(s) > 1 {
		s = strings.TrimSuffix(s, ".")
	}
	return strings.ToLower(s)
}

// nameKey is a name in its space; view is 0 outside views.
type nameKey struct {
	space *space
	name  string
	view  int
}

// reference is a use of a name. owner is the definition that it stands in, if
// that is one that named looks into only when it is used.
type reference struct {
	nameKey
	owner nameKey
}

// names are the definitions and uses of a configuration.
type names struct {
	defined map[nameKey]Span
	used    map[reference]Span // the first use of each
	order   []reference
	told    map[Span]bool // first definitions whose second one is reported
}

// define takes the name that a statement defines.
func (c *Checker) define(s *space, t *Term) {
	k := nameKey{space: s, name: s.fold(t.Value)}
	if s.scoped {
		k.view = c.view
	}
	if s.reserved && s.built[k.name] {
		c.diags.Add(t.Diagnostic("NJ218", fmt.Sprintf("'%s' is a built-in %s", shorten(t.Value), s.what), "named refuses to start on it; give yours another name."))
		return
	}
	if c.names.defined == nil {
		c.names.defined = map[nameKey]Span{}
	}
	if first, ok := c.names.defined[k]; ok {
		if s.again {
			line, _ := first.File.Position(int(first.Start))
			c.advise(t, fmt.Sprintf("the %s '%s' is defined twice; it is first at %s:%d", s.what, shorten(t.Value), first.File.Name, line), "Keep one of the two.")
			return
		}
		c.twice(t, s.what, first)
		return
	}
	c.names.defined[k] = t.Span()
}

// again says what to do about a second definition: where a whole file is read
// twice, or a copy of it that an editor left, it is the file that must go.
func again(first, second Span) string {
	for _, f := range []*File{first.File, second.File} {
		if backup(f.Path) {
			return fmt.Sprintf("%s looks like a copy that an editor or an upgrade left; move it out of the directory that is included.", f.Name)
		}
	}
	if first == second {
		return fmt.Sprintf("%s is included twice; remove one of the include statements.", first.File.Name)
	}
	return "named refuses to start on it; keep one of the two."
}

// backup tells by its name whether a file is a copy that an editor, a package
// or a person has left.
func backup(name string) bool {
	for _, end := range []string{"~", ".bak", ".old", ".orig", ".save", ".swp", ".tmp", ".rej", ".rpmnew", ".rpmsave", ".rpmorig",
		".dpkg-old", ".dpkg-new", ".dpkg-dist", ".dpkg-bak", ".ucf-old", ".ucf-dist", ".pacnew", ".pacsave"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	base := path.Base(name)
	return strings.HasPrefix(base, "#") && strings.HasSuffix(base, "#") || strings.HasPrefix(base, ".#")
}

// twice reports a second definition. One name is told of once, however often
// it is defined.
func (c *Checker) twice(t *Term, what string, first Span) {
	if c.names.told[first] {
		return
	}
	if c.names.told == nil {
		c.names.told = map[Span]bool{}
	}
	c.names.told[first] = true
	line, _ := first.File.Position(int(first.Start))
	c.diags.Add(t.Diagnostic("NJ218", fmt.Sprintf("the %s '%s' is defined twice; it is first at %s:%d", what, shorten(t.Value), first.File.Name, line),
		again(first, t.Span())))
}

// refer notes the use of a name; what it stands for may be defined below.
func refer(c *Checker, h hit) { c.refer(h.value.space, h.term) }

func (c *Checker) refer(s *space, t *Term) {
	k := nameKey{space: s, name: s.fold(t.Value)}
	if s.built[k.name] {
		return
	}
	if s.scoped {
		k.view = c.view
	}
	r := reference{k, c.owner}
	if _, ok := c.names.used[r]; ok {
		return
	}
	if c.names.used == nil {
		c.names.used = map[reference]Span{}
	}
	c.names.used[r] = t.Span()
	c.names.order = append(c.names.order, r)
}

// lookup finds the definition that a name stands for.
func (c *Checker) lookup(k nameKey) (nameKey, bool) {
	list := []*space{k.space}
	for _, name := range k.space.also {
		if !k.space.since.Known() || !c.version.Before(k.space.since) || name == "laterservers" {
			list = append(list, spaces[name])
		}
	}
	for _, s := range list {
		for _, view := range []int{k.view, 0} {
			d := nameKey{s, k.name, view}
			if _, ok := c.names.defined[d]; ok {
				return d, true
			}
		}
	}
	return nameKey{}, false
}

// settleNames reports the uses of names that nothing defines. What only an
// unused definition uses does not matter: named never looks there.
func (c *Checker) settleNames() {
	uses := map[nameKey][]reference{}
	var todo []reference
	for _, r := range c.names.order {
		if r.owner == (nameKey{}) || !c.version.Before(r.owner.space.lazy) {
			todo = append(todo, r)
		} else {
			uses[r.owner] = append(uses[r.owner], r)
		}
	}
	reached, told := map[nameKey]bool{}, map[string]bool{}
	var found Diagnostics
	for len(todo) > 0 {
		r := todo[0]
		todo = todo[1:]
		d, ok := c.lookup(r.nameKey)
		switch {
		case !ok:
			if key := r.space.what + "\x00" + r.name; !told[key] {
				told[key] = true
				at := c.names.used[r]
				g := at.Diagnostic("NJ210", fmt.Sprintf("the %s '%s' is not defined", r.space.what, shorten(at.text())), r.space.remedy+c.similar(r.nameKey))
				if r.space.what == "acl" && resemblesAddress(at.text()) {
					g.Message = fmt.Sprintf("'%s' is neither an address nor the name of an acl", shorten(at.text()))
					g.Remedy = "Correct the address; a network is written as a prefix, such as 10.0.0.0/8."
				}
				if c.version.Before(r.space.harmless) {
					g.Severity = Warning
				}
				found.Add(g)
			}
		case !reached[d] && !r.space.shallow:
			reached[d] = true
			todo = append(todo, uses[d]...)
		}
	}
	c.loops(uses, reached)
	c.diags = append(c.diags, found...)
	c.viewKeys()
}

// text gives the value that stands at a place.
func (s Span) text() string {
	t := s.File.Text[s.Start:s.End]
	if strings.HasPrefix(t, `"`) {
		return Unquote(t)
	}
	return t
}

// similar names a defined name that differs by a letter or two.
func (c *Checker) similar(k nameKey) string {
	var near []string
	for d := range c.names.defined {
		if d.space == k.space || len(k.space.also) > 0 && d.space.name == k.space.also[0] {
			if len(d.name) < 60 && len(k.name) < 60 && editDistance(d.name, k.name) <= 1+len(k.name)/6 {
				near = append(near, d.name)
			}
		}
		if len(near) > 100 {
			break
		}
	}
	if len(near) == 0 {
		return ""
	}
	sort.Strings(near)
	return fmt.Sprintf(" Did you mean '%s'?", near[0])
}

// loops reports used access lists that contain themselves.
func (c *Checker) loops(uses map[nameKey][]reference, reached map[nameKey]bool) {
	const open, closed = 1, 2
	state := map[nameKey]int{}
	var visit func(k nameKey, depth int)
	visit = func(k nameKey, depth int) {
		state[k] = open
		for _, r := range uses[k] {
			d, ok := c.lookup(r.nameKey)
			if !ok || d.space.name != "acl" || depth > 10000 {
				continue
			}
			switch state[d] {
			case open:
				c.diags.Add(c.names.used[r].Diagnostic("NJ221", fmt.Sprintf("the acl '%s' contains itself", shorten(d.name)),
					"named refuses to start on it; take the name out of one of the lists."))
			case 0:
				visit(d, depth+1)
			}
		}
		state[k] = closed
	}
	for _, r := range c.names.order {
		if d, ok := c.lookup(r.nameKey); ok && r.owner == (nameKey{}) && d.space.name == "acl" && reached[d] && state[d] == 0 {
			visit(d, 0)
		}
	}
}

// viewKeys reports keys of a view that the top level has too.
func (c *Checker) viewKeys() {
	var list []nameKey
	for k := range c.names.defined {
		if k.view != 0 {
			list = append(list, k)
		}
	}
	sort.Slice(list, func(i, j int) bool { return c.names.defined[list[i]].Start < c.names.defined[list[j]].Start })
	for _, k := range list {
		if first, ok := c.names.defined[nameKey{k.space, k.name, 0}]; ok {
			at := c.names.defined[k]
			t := Term{File: at.File, Start: at.Start, End: at.End, Value: at.text()}
			c.twice(&t, k.space.what, first)
		}
	}
}
