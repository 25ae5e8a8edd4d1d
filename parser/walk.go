package parser

import (
	"iter"
	"strings"
	"sync"
)

// ImpliedView is the name that named gives to the one view of a server without
// view statements.
const ImpliedView = "_default"

// walk is what views and zones are made from.
type walk struct {
	options   level
	top       level
	templates map[string]*Block
	views     []*View
}

// View is a view statement, or the view that named makes where there is none.
type View struct {
	Name      string     // as written; ImpliedView for the one that named makes
	Class     string     // IN, CH, HS, in capitals
	Statement *Statement // nil for the one that named makes

	config *Config
	own    level
	zones  func(yield func(*Statement) bool) // the zone statements
	once   sync.Once
	names  map[string]*Statement // the zone statements by name and class
}

// Zone is a zone statement in its view. It is small and holds no copy of the
// text, so that a walk over a hundred thousand zones costs next to nothing.
type Zone struct {
	Name  string // as written
	Class string // in capitals; the view's where the statement is silent
	// Type is the present word: primary for master, secondary for slave;
	// "in-view" for a zone that is served from another view; "" where the
	// type is missing or unknown.
	Type      string
	InView    string // the other view of an in-view zone
	Template  string // the template that it names, "" for none
	Statement *Statement
	View      *View
}

// model makes the walk once; the configuration must not change afterwards.
func (c *Config) model() *walk {
	c.once.Do(c.build)
	return &c.walk
}

func (c *Config) build() {
	w := &c.walk
	w.options = level{context: OptionsBlock, index: map[string][]*Statement{}}
	w.top = level{context: Top, index: map[string][]*Statement{}}
	w.templates = map[string]*Block{}
	outside := false
	for _, s := range c.Statements {
		switch s.Keyword() {
		case "options":
			if b := s.Block(); b != nil {
				w.options.take(b)
			}
		case "template":
			w.templates[s.Text(1)] = s.Block()
		case "view":
			v := &View{Name: s.Text(1), Class: classOf(s.Text(2), "IN"), Statement: s, config: c}
			v.own = level{context: ViewBlock, index: map[string][]*Statement{}}
			if b := s.Block(); b != nil {
				v.own.take(b)
			}
			v.zones = func(yield func(*Statement) bool) { (&level{block: s.Block()}).each("zone", yield) }
			w.views = append(w.views, v)
		case "zone":
			outside = true
			continue
		}
		w.top.index[s.Keyword()] = append(w.top.index[s.Keyword()], s)
	}
	if outside || len(w.views) == 0 {
		v := &View{Name: ImpliedView, Class: "IN", config: c}
		v.zones = func(yield func(*Statement) bool) {
			for _, s := range c.Statements {
				if s.Keyword() == "zone" && !yield(s) {
					return
				}
			}
		}
		w.views = append(w.views, v)
	}
}

// take puts the statements of a block into the index, without its zones.
func (l *level) take(b *Block) {
	for i := range b.Statements {
		s := &b.Statements[i]
		if k := s.Keyword(); k != "zone" {
			l.index[k] = append(l.index[k], s)
		}
	}
}

// classOf gives the short word for a class, or the other one where none is
// written.
func classOf(word, otherwise string) string {
	switch word = strings.ToUpper(word); word {
	case "":
		return otherwise
	case "CHAOS":
		return "CH"
	case "HESIOD":
		return "HS"
	}
	return word
}

// Views gives the views in the order in which they are written. Without view
// statements it is the one that named makes, ImpliedView of class IN, with all
// zones. A configuration that has views and zones outside them is refused by
// named; here those zones are in an implied view behind the others.
//
// Views and all that hangs on it read the configuration once, when first
// asked: do not change Config.Statements afterwards. They may be used by
// several goroutines at a time.
func (c *Config) Views() iter.Seq[*View] {
	return func(yield func(*View) bool) {
		for _, v := range c.model().views {
			if !yield(v) {
				return
			}
		}
	}
}

// View finds a view by its name, which named compares letter by letter; nil
// when there is none.
func (c *Config) View(name string) *View {
	for v := range c.Views() {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Zones gives the zones of all views, view by view.
func (c *Config) Zones() iter.Seq[Zone] {
	return func(yield func(Zone) bool) {
		for v := range c.Views() {
			for z := range v.Zones() {
				if !yield(z) {
					return
				}
			}
		}
	}
}

// Value resolves a statement for the server as a whole: that of options, or of
// the top level, else the built-in default.
func (c *Config) Value(keyword string) Setting {
	var ch chain
	w := c.model()
	ch.add(w.options)
	ch.add(w.top)
	return ch.value(keyword, OptionsBlock|Top, c.Version, "")
}

// outer adds the levels that a view and its zones share.
func (v *View) outer(ch *chain) {
	w := v.config.model()
	ch.add(v.own)
	ch.add(w.options)
	ch.add(w.top)
}

// Value resolves a statement for the view: its own, else what it inherits from
// options or the top level, else the built-in default. A statement that only
// options can have is given too, as it holds for every view.
func (v *View) Value(keyword string) Setting {
	var ch chain
	v.outer(&ch)
	return ch.value(keyword, ViewBlock|OptionsBlock|Top, v.config.Version, "")
}

// Zones gives the zones of the view in the order in which they are written. A
// zone statement without a name is left out.
func (v *View) Zones() iter.Seq[Zone] {
	return func(yield func(Zone) bool) {
		v.zones(func(s *Statement) bool {
			z, ok := v.zone(s)
			return !ok || yield(z)
		})
	}
}

// zone reads the head of a zone statement.
func (v *View) zone(s *Statement) (Zone, bool) {
	name := s.Arg(1)
	if name == nil || !name.IsText() {
		return Zone{}, false
	}
	z := Zone{Name: name.Value, Class: classOf(s.Text(2), v.Class), Statement: s, View: v}
	b := s.Block()
	if b == nil {
		return z, true
	}
	var kind string
	for i := range b.Statements {
		switch st := &b.Statements[i]; st.Keyword() {
		case "type":
			kind = st.Text(1)
		case "in-view":
			z.InView = st.Text(1)
		case "template":
			z.Template = st.Text(1)
		}
	}
	if kind == "" && z.Template != "" {
		if st := v.config.model().templates[z.Template].Find("type"); st != nil {
			kind = st.Text(1)
		}
	}
	if z.Type = ZoneType(kind); kind == "" && z.InView != "" {
		z.Type = "in-view"
	}
	return z, true
}

// Zone finds a zone of the view by its name, ignoring case and a dot at the
// end, in the view's class; false when there is none.
func (v *View) Zone(name string) (Zone, bool) { return v.find(name, v.Class) }

func (v *View) find(name, class string) (Zone, bool) {
	v.once.Do(func() {
		v.names = map[string]*Statement{}
		for z := range v.Zones() {
			if key := walkKey(z.Name, z.Class); v.names[key] == nil {
				v.names[key] = z.Statement
			}
		}
	})
	if s := v.names[walkKey(name, class)]; s != nil {
		return v.zone(s)
	}
	return Zone{}, false
}

func walkKey(name, class string) string {
	return strings.ToLower(strings.TrimSuffix(name, ".")) + " " + class
}

// Origin gives the zone that an in-view zone stands for: that of the same name
// in the other view, which named wants to be written further up. False for
// other zones, and where there is no such zone.
func (z Zone) Origin() (Zone, bool) {
	for z.Type == "in-view" {
		other, found := Zone{}, false
		for v := range z.View.config.Views() {
			if v == z.View {
				break
			}
			if v.Name == z.InView {
				other, found = v.find(z.Name, z.Class)
				break
			}
		}
		if !found {
			return Zone{}, false
		}
		if other.Type != "in-view" {
			return other, true
		}
		z = other
	}
	return Zone{}, false
}

// Value resolves a statement for the zone: its own, else its template's, its
// view's, that of options, else the built-in default for its type; what is
// inherited is what the column Inherits says. Nothing is in force of a
// statement that zones of this type have no use for. An in-view zone has what
// it states itself, which can only be forward and forwarders, and else what the
// zone in the other view has. A statement that only views or options can have
// is given too, as it holds for all that is in them.
func (z Zone) Value(keyword string) Setting {
	if z.Type == "in-view" {
		if s := z.value(keyword); s.From == ZoneBlock {
			return s
		}
		if o, ok := z.Origin(); ok {
			return o.Value(keyword)
		}
		return Setting{Def: Lookup(ZoneBlock, keyword)}
	}
	return z.value(keyword)
}

func (z Zone) value(keyword string) Setting {
	var ch chain
	ch.add(level{context: ZoneBlock, block: z.Statement.Block()})
	if z.Template != "" {
		ch.add(level{context: TemplateBlock, block: z.View.config.model().templates[z.Template]})
	}
	z.View.outer(&ch)
	return ch.value(keyword, ZoneBlock|TemplateBlock|ViewBlock|OptionsBlock|Top, z.View.config.Version, z.Type)
}
