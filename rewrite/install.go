package rewrite

import (
	"fmt"
	"path"
	"strings"

	"named-jail/parser"
)

// Install is the model of an install: what its configuration says of files.
type Install struct {
	Files     []*parser.File // the configuration file first
	Includes  []parser.Include
	Zones     []*Zone
	Paths     []*Path // of all statements but the zones' files
	Directory string  // named's working directory on the host

	host      Host
	opt       Options
	options   settings
	views     map[string]*settings
	viewNames []string
	templates map[string]*settings
	policies  map[string]*policy
	keyStores map[string]string // key-store -> its directory, as written
	brace     parser.Span       // the '{' of the options block; File nil: no options
	singleRow bool              // the options block is written on one line
	hasDir    bool
	control   controls
	names     map[string]*names
	claims    map[string]*claim // by the path on the host in lower case
	includes  map[string][]Include
	originals map[JailPath]string // Options.Names the other way round
	configs   map[string]JailPath // configuration file -> place
	written   map[string]bool     // of them, those that named writes: added zones
	newZones  map[string]bool     // files of added zones that are dealt with
	shared    [4]*settings        // of the zones before
	scratch   settings
	stated    map[string]bool // statements of paths that say none
	trusting  *parser.Span    // a tls statement that takes OpenSSL's own trusted certificates
	geoip     bool
	mentioned []mention
	diags     parser.Diagnostics
}

// controls is what the controls statements say of rndc's default key.
type controls struct {
	stated   bool
	needsKey bool // an inet statement without keys
}

// Read reads a configuration, checks its statements and builds the model.
// conf is an absolute path of the host. The Install is never nil.
func Read(host Host, conf string, opt Options) (*Install, parser.Diagnostics) {
	in := &Install{
		host: host, opt: opt,
		views: map[string]*settings{}, templates: map[string]*settings{}, policies: map[string]*policy{}, keyStores: map[string]string{},
		includes: map[string][]Include{}, claims: map[string]*claim{}, configs: map[string]JailPath{}, stated: map[string]bool{}, written: map[string]bool{}, newZones: map[string]bool{},
	}
	r := parser.NewReader(host, conf, parser.Options{Version: opt.Defaults.Version})
	check := parser.NewChecker(opt.Defaults.Version)
	for chunk := range chunks(r) {
		for _, s := range chunk {
			check.Statement(s)
			in.top(s)
		}
		if check.Diagnostics().Errors() >= parser.MaxFindings {
			r.Stop()
		}
	}
	in.Files, in.Includes, in.Directory = r.Files(), r.Includes(), r.Directory()
	check.End(r.Partial())
	in.diags = append(r.Diagnostics(), check.Diagnostics()...)
	in.diags.Sort()
	if len(in.Files) > 0 {
		in.settle()
	}
	return in, in.diags
}

// chunks reads ahead while the model takes in what has been read.
func chunks(r *parser.Reader) <-chan []*parser.Statement {
	ch := make(chan []*parser.Statement, 2)
	go func() {
		defer close(ch)
		for chunk := r.Chunk(); len(chunk) > 0; chunk = r.Chunk() {
			ch <- chunk
		}
	}()
	return ch
}

// top takes a top-level statement into the model.
func (in *Install) top(s *parser.Statement) {
	switch s.Keyword() {
	case "options":
		in.options.collect(s.Block())
		if t := blockTerm(s); t != nil {
			in.brace = parser.Span{File: t.File, Start: t.Start, End: t.Start + 1}
			in.singleRow = !strings.Contains(t.File.Text[t.Start:max(t.Start, t.End)], "\n")
		}
		in.hasDir = s.Block().Find("directory") != nil
	case "view":
		in.view(s)
		return
	case "zone":
		in.zone(s, "")
	case "template":
		t := &settings{}
		t.collect(s.Block())
		in.templates[s.Text(1)] = t
	case "dnssec-policy":
		in.policies[s.Text(1)] = readPolicy(s.Block())
	case "key-store":
		in.keyStores[s.Text(1)] = s.Block().Find("directory").Text(1)
	case "controls":
		in.controls(s.Block())
	case "tls":
		in.tls(s)
	}
	in.paths(s)
}

func blockTerm(s *parser.Statement) *parser.Term {
	for i := range s.Terms {
		if s.Terms[i].Kind == parser.BlockTerm {
			return &s.Terms[i]
		}
	}
	return nil
}

func (in *Install) view(s *parser.Statement) {
	name := s.Text(1)
	set := &settings{}
	set.collect(s.Block())
	in.views[name] = set
	in.viewNames = append(in.viewNames, name)
	b := s.Block()
	if b == nil {
		return
	}
	for i := range b.Statements {
		st := &b.Statements[i]
		if st.Keyword() == "zone" {
			in.zone(st, name)
		}
		in.paths(st)
	}
}

// controls notes whether rndc needs the key file that named reads unasked.
func (in *Install) controls(b *parser.Block) {
	in.control.stated = true
	if b == nil {
		return
	}
	for i := range b.Statements {
		st := &b.Statements[i]
		if st.Keyword() != "inet" {
			continue
		}
		keys := false
		for j := range st.Terms {
			keys = keys || st.Terms[j].Is("keys")
		}
		in.control.needsKey = in.control.needsKey || !keys
	}
}

// zone takes a zone statement into the model. The zone's own statements are
// read now, so that the tree can be forgotten; what it inherits comes later,
// because options may stand behind it.
func (in *Install) zone(s *parser.Statement, view string) {
	name := s.Arg(1)
	if name == nil || !name.IsText() {
		in.diags.Add(s.Terms[0].Diagnostic("NJ204", "a zone without a name", "Write the name of the zone in quotes."))
		return
	}
	set := &in.scratch
	*set = settings{}
	set.collect(s.Block())
	z := &Zone{Name: name.Value, Class: "IN", View: view, At: name.Span()}
	z.takeFile(set)
	if c := s.Arg(2); c != nil && c.IsText() {
		z.Class = strings.ToUpper(c.Value)
	}
	z.settings = in.share(set)
	in.Zones = append(in.Zones, z)
}

// share gives one copy of settings to zones that stand near each other with
// the same ones: a large server's zones differ in name and file only, or are of
// a few kinds.
func (in *Install) share(s *settings) *settings {
	for i, known := range in.shared {
		if known != nil && *known == *s {
			in.shared[0], in.shared[i] = in.shared[i], in.shared[0]
			return known
		}
	}
	c := *s
	copy(in.shared[1:], in.shared[:])
	in.shared[0] = &c
	return &c
}

// paths takes the paths of a statement and of all that is in it.
func (in *Install) paths(s *parser.Statement) {
	if s.Def != nil {
		for i := range s.Def.Paths {
			in.path(s, &s.Def.Paths[i])
		}
		if opaque[s.Def.Keyword] != "" {
			in.mentions(s)
		}
	}
	for i := range s.Terms {
		b := s.Terms[i].Block
		if b == nil {
			continue
		}
		for j := range b.Statements {
			if b.Context != parser.List {
				in.paths(&b.Statements[j])
			}
		}
	}
}

// path takes one path of a statement, if the statement has it.
func (in *Install) path(s *parser.Statement, rule *parser.PathRule) {
	switch rule.Kind {
	case parser.IncludePath, parser.ZoneFilePath:
		return // Includes, and the zones themselves, have them
	}
	if s.Def.ObsoleteIn(in.opt.Defaults.Version) {
		return // named takes the statement and opens nothing
	}
	for _, t := range pathTerms(s, rule) {
		switch {
		case s.Def.Keyword == "journal":
			continue // zones have it
		case rule.NoneValue && t.Is("none"), t.Value == "" && rule.Kind == parser.FilePath:
			in.stated[s.Def.Keyword] = true
			continue
		}
		p := &Path{Keyword: s.Def.Keyword, Value: t.Value, At: t.Span(), Rule: rule}
		in.Paths = append(in.Paths, p)
	}
}

// pathTerms finds the words of a statement that a rule means.
func pathTerms(s *parser.Statement, rule *parser.PathRule) []*parser.Term {
	if rule.After == "" {
		if t := s.Arg(rule.Arg); t != nil && t.IsText() {
			return []*parser.Term{t}
		}
		return nil
	}
	var found []*parser.Term
	for i := range s.Terms {
		t := &s.Terms[i]
		if t.Is(rule.After) && i+1 < len(s.Terms) && s.Terms[i+1].IsText() {
			found = append(found, &s.Terms[i+1])
		}
		if t.Block != nil {
			for j := range t.Block.Statements {
				found = append(found, pathTerms(&t.Block.Statements[j], rule)...)
			}
		}
	}
	return found
}

// settle decides, once everything is read, what each zone inherits, what
// becomes of its file, and where every path goes.
func (in *Install) settle() {
	in.geoip = in.usesGeoIP()
	in.settleConfigs()
	in.readNewZones()
	for _, z := range in.Zones {
		in.inherit(z)
	}
	in.nameZoneFiles()
	in.settlePaths()
	in.defaults()
}

// usesGeoIP tells whether an access list may ask the GeoIP databases.
func (in *Install) usesGeoIP() bool {
	for _, f := range in.Files {
		if strings.Contains(f.Text, "geoip") {
			return true
		}
	}
	return false
}

// settleConfigs gives the configuration files their places: the main one is
// /etc/named.conf, the others keep their path, or go below /etc where the
// statement names them relatively.
func (in *Install) settleConfigs() {
	in.configs[in.Files[0].Path] = ConfPath
	taken := map[JailPath]string{ConfPath: in.Files[0].Path}
	for pass := range 2 { // files that are named absolutely come first
		for _, inc := range in.Includes {
			if path.IsAbs(inc.Pattern) != (pass == 0) {
				continue
			}
			for _, f := range inc.Files {
				if in.configs[f.Path] != "" {
					continue
				}
				place := JailPath(f.Path)
				if rest, below := strings.CutPrefix(f.Path, strings.TrimSuffix(inc.Directory, "/")+"/"); below && pass == 1 {
					place = inRead(rest)
				}
				if taken[place] != "" && !inc.Glob {
					place = JailPath(f.Path)
				}
				if owner := taken[place]; owner != "" && owner != f.Path {
					in.diags.Add(inc.At.Diagnostic("NJ505", fmt.Sprintf("include file %q and %q both belong at %s in the jail", f.Path, owner, place),
						"Rename one of the two files."))
					continue
				}
				in.configs[f.Path] = place
				taken[place] = f.Path
			}
		}
	}
}

// inherit completes a zone: template, view, options.
func (in *Install) inherit(z *Zone) {
	s := &in.scratch
	*s = *z.settings
	if s.has(templateSlot) {
		s.inherit(in.templates[s.words[templateSlot]], parser.TemplateBlock)
	}
	z.Type = parser.ZoneType(s.words[typeSlot])
	if z.View != "" {
		s.inheritFor(z.Type, in.views[z.View], parser.ViewBlock)
	}
	s.inheritFor(z.Type, &in.options, parser.OptionsBlock)
	if p := in.policies[s.words[policySlot]]; p != nil && p.inline != "" && !s.has(inlineSlot) {
		s.words[inlineSlot] = p.inline
		s.stated |= 1 << inlineSlot
	}
	if z.File == nil {
		z.takeFile(s)
	}
	s.clear(fileSlot) // the template's, where the zone has its own
	z.settings = in.share(s)
	z.Format = s.words[formatSlot]
	if s.has(inViewSlot) {
		z.Type = "in-view"
	}
	z.Files = z.class(in.opt.Defaults.Version)
	z.Signed = z.signs()
}

// takeFile moves the file statement from the settings, which zones share, to
// the zone.
func (z *Zone) takeFile(s *settings) {
	if s.has(fileSlot) {
		z.File = &Path{Keyword: "file", Value: s.words[fileSlot], At: s.places[fileSlot], Rule: zoneFileRule()}
	}
	s.clear(fileSlot)
}
