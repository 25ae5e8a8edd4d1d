package command

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"named-jail/parser"
	"named-jail/rewrite"
)

// tree reads the configuration once more, as a whole. The model of the install
// forgets the statements that name no path; they are asked only where
// something is wrong with a path, or where access lists ask for places.
func (in *inspector) tree() []*parser.Statement {
	if in.parsed == nil {
		config, _ := parser.Load(in.w.source, in.w.conf, parser.Options{Version: in.w.build.Version})
		in.parsed = config.Statements
	}
	return in.parsed
}

// each calls visit for a statement and all that is in it, elements of lists
// too.
func each(s *parser.Statement, visit func(*parser.Statement)) {
	visit(s)
	for i := range s.Terms {
		if b := s.Terms[i].Block; b != nil {
			for j := range b.Statements {
				each(&b.Statements[j], visit)
			}
		}
	}
}

// states tells whether a statement stands anywhere with one of the values.
func (in *inspector) states(keyword string, values ...string) bool {
	found := false
	for _, s := range in.tree() {
		each(s, func(s *parser.Statement) {
			found = found || s.Keyword() == keyword && slices.Contains(values, strings.ToLower(s.Text(1)))
		})
	}
	return found
}

// troubled tells whether a look would find a fault.
func (in *inspector) troubled(look func(*inspector)) bool {
	trial := *in
	trial.found, trial.seen = nil, map[string]*fault{}
	look(&trial)
	return len(trial.found) > 0
}

// sessionKey gives the rule for the session key, and the statement to name: a
// zone with update-policy local needs the key. No place: nobody needs it.
func (in *inspector) sessionKey(p *rewrite.Path, r rule) (rule, parser.Span) {
	if !in.troubled(func(trial *inspector) { trial.writes(in.name(p), p.Keyword, p.At, r) }) {
		return r, parser.Span{}
	}
	var local parser.Span
	for _, s := range in.tree() {
		each(s, func(s *parser.Statement) {
			if s.Keyword() == "update-policy" && strings.EqualFold(s.Text(1), "local") && local.File == nil {
				local = s.Terms[0].Span()
			}
		})
	}
	if local.File == nil {
		return r, p.At
	}
	r.fatal, r.loss = true, refuses+", for a zone has update-policy local"
	if p.At.File == nil {
		return r, local
	}
	return r, p.At
}

// tlsRule gives the rule for a file of a tls statement: named opens it at the
// start for those that listeners use, at the first connection for those that
// zones use, and else never.
//
// Source: measured with BIND 9.18.49; lib/dns/xfrin.c, lib/ns/listenlist.c.
func (in *inspector) tlsRule(p *rewrite.Path, r rule) rule {
	var block *parser.Statement
	for _, s := range in.tree() {
		t := s.Arg(0)
		if s.Keyword() == "tls" && t.File.Path == p.At.File.Path && t.Start < p.At.Start && p.At.End <= s.Terms[len(s.Terms)-1].End {
			block = s
		}
	}
	if block == nil {
		return r
	}
	listens, connects := false, false
	for _, s := range in.tree() {
		each(s, func(s *parser.Statement) {
			for i := 1; i < len(s.Terms)-1; i++ {
				if s.Terms[i].Is("tls") && s.Terms[i+1].IsText() && s.Terms[i+1].Value == block.Text(1) {
					k := s.Keyword()
					listens = listens || k == "listen-on" || k == "listen-on-v6"
					connects = connects || k != "listen-on" && k != "listen-on-v6"
				}
			}
		})
	}
	verifies := block.Block().Find("ca-file") != nil || block.Block().Find("remote-hostname") != nil
	switch {
	case listens:
	case connects && verifies && p.Keyword != "dhparam-file":
		r.loss = "transfers that use it fail"
	default:
		r.fatal, r.loss = false, "nothing needs the file yet"
	}
	return r
}

// databases tells which files of the GeoIP directory answer a question.
//
// Source: bin/named/geoip.c, lib/isccfg/aclconf.c of BIND 9.18.
var databases = map[string][]string{
	"country":   {"GeoIP2-Country.mmdb", "GeoLite2-Country.mmdb", "GeoIP2-City.mmdb", "GeoLite2-City.mmdb"},
	"continent": {"GeoIP2-Country.mmdb", "GeoLite2-Country.mmdb", "GeoIP2-City.mmdb", "GeoLite2-City.mmdb"},
	"region":    {"GeoIP2-City.mmdb", "GeoLite2-City.mmdb"}, "city": {"GeoIP2-City.mmdb", "GeoLite2-City.mmdb"},
	"isp": {"GeoIP2-ISP.mmdb"}, "org": {"GeoIP2-ISP.mmdb"}, "domain": {"GeoIP2-Domain.mmdb"},
	"asnum": {"GeoIP2-ASN.mmdb", "GeoLite2-ASN.mmdb"},
}

// places looks for the databases that access lists by place ask. An acl that
// nothing uses asks none.
func (in *inspector) places() {
	asks := false
	for _, f := range in.w.install.Files {
		asks = asks || strings.Contains(f.Text, "geoip")
	}
	if !asks || in.w.build.Version.Before(parser.V(9, 15, 5)) {
		return // older ones read databases of another format
	}
	dir := ""
	for _, p := range in.w.install.Paths {
		if p.Keyword == "geoip-directory" {
			dir = in.name(p)
		}
	}
	if dir == "" && !in.states("geoip-directory", "none") {
		return // this named was built without
	}
	for _, t := range in.questions() {
		word := strings.ToLower(t.Value)
		if files := databases[word]; files == nil || dir != "" && in.answers(dir, word) {
			continue
		}
		where := "in " + dir + in.here()
		if dir == "" {
			where = "because geoip-directory is none"
		}
		in.add(fault{code: "NJ315", at: t.Span(), name: word, rule: rule{fatal: true, loss: refuses},
			message: fmt.Sprintf("geoip: no database answers for '%s' %s", word, where),
			remedy:  "Put one of these " + strings.TrimPrefix(where, "because geoip-directory is none") + " there, readable for named: " + strings.Join(databases[word], ", ")})
	}
}

// questions gives the words of the geoip elements that named will ask: those in
// lists that are used.
func (in *inspector) questions() []parser.Term {
	acls := map[string]*parser.Statement{}
	var asked []parser.Term
	used := map[string]bool{}
	var take func(s *parser.Statement)
	take = func(s *parser.Statement) {
		terms := s.Terms
		for len(terms) > 0 && terms[0].Kind == parser.BangTerm {
			terms = terms[1:]
		}
		if len(terms) == 0 || s.Def != nil {
			return
		}
		if acl := acls[terms[0].Value]; len(terms) == 1 && acl != nil && !used[terms[0].Value] {
			used[terms[0].Value] = true
			each(acl, take)
		}
		if len(terms) > 2 && terms[0].Is("geoip") {
			if terms[1].Is("db") && len(terms) > 4 {
				terms = terms[2:]
			}
			asked = append(asked, terms[1])
		}
	}
	for _, s := range in.tree() {
		if s.Keyword() == "acl" {
			acls[s.Text(1)] = s
		}
	}
	for _, s := range in.tree() {
		if s.Keyword() != "acl" {
			each(s, take)
		}
	}
	return asked
}

func (in *inspector) answers(dir, word string) bool {
	for _, name := range databases[word] {
		if s := in.eyes.See(path.Join(dir, name)); s.Read || s.Unknown {
			return true
		}
	}
	return false
}
