package command

import (
	"fmt"
	"path"
	"regexp"
	"runtime"
	"strings"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/rewrite"
)

// need is what named wants of a path.
type need uint8

const (
	readFile   need = iota // a file to read
	writeFile              // a file to write, made where it is missing
	madeFile               // the same; named makes missing directories too
	writeDir               // a directory to write in
	keyDir                 // a directory to list and to write in
	listDir                // a directory to list
	journalDir             // a file beside which, or over which, named writes by rename
)

// rule is one row: what named wants of the path of a statement and what
// happens when it does not get it.
type rule struct {
	need  need
	fatal bool   // an error: named refuses to start, or loses the function without a word
	loss  string // what happens
}

// rules is the table, by keyword. A statement that is not in it is not looked
// at.
//
// Source: measured with BIND 9.18.49; bin/named/server.c.
var rules = map[string]rule{
	"directory":              {writeDir, true, "named refuses to start"},
	"managed-keys-directory": {writeDir, true, "named refuses to start"},
	"new-zones-directory":    {writeDir, true, "named refuses to start"},
	"file":                   {writeFile, true, "named refuses to start, and says so in no log"},
	"lock-file":              {madeFile, true, "named refuses to start: \"another named process may be running\""},
	"pid-file":               {madeFile, true, "named runs without a pid file, and the boot script does not find it"},
	"session-keyfile":        {madeFile, false, "nsupdate -l does not work"},
	"key-directory":          {keyDir, true, "named serves the zone without signatures"},
	"catalog-zones":          {writeDir, false, "the zones of the catalog are not saved"},
	"dnstap-output":          {writeFile, true, "named writes nothing there and does not say so"},
	"journal":                {journalDir, true, "updates of the zone fail"},
	"dump-file":              {writeFile, false, "rndc dumpdb fails"},
	"statistics-file":        {writeFile, false, "rndc stats fails"},
	"memstatistics-file":     {writeFile, false, "named cannot write it"},
	"secroots-file":          {writeFile, false, "rndc secroots fails"},
	"recursing-file":         {writeFile, false, "rndc recursing fails"},
	"cert-file":              {readFile, true, "named refuses to start"},
	"key-file":               {readFile, true, "named refuses to start"},
	"ca-file":                {readFile, true, "named refuses to start, and does not name the file"},
	"dhparam-file":           {readFile, true, "named refuses to start, and does not name the file"},
	"tkey-gssapi-keytab":     {readFile, false, "updates with Kerberos keys are refused"},
	"plugin":                 {readFile, true, "named refuses to start"},
	"database":               {readFile, true, "named refuses to start"},
	"dyndb":                  {readFile, true, "named refuses to start"},
	"rndc.key":               {readFile, false, "rndc gets no answer"},
}

// isPreflight tells whether only the pre-flight makes findings of that code.
func isPreflight(c parser.Code) bool { return c >= "NJ310" && c <= "NJ315" }

// inspector is one pre-flight: the eyes, and which name of each path they
// look at.
type inspector struct {
	w       *walk
	eyes    *jail.Eyes
	planned bool // paths as the jail will have them; else as the configuration says
	jailed  bool
	ds      parser.Diagnostics
	said    map[string]bool
}

// preflight looks at everything that the configuration names with the eyes of
// the account that named runs as: in the jail as it will be once the plan is
// carried out, or, without a plan, where the configuration lies as it is. On
// the host an account must have been named.
func (w *walk) preflight() parser.Diagnostics {
	if len(w.install.Files) == 0 || w.account.Name == "" || w.account.UID == 0 {
		return nil
	}
	who := jail.Viewer{UID: w.ids.UserUID, GID: w.ids.UserGID, Groups: jail.Groups(w.host, w.account.Name, w.ids.UserGID)}
	in := &inspector{w: w, said: map[string]bool{}}
	switch {
	case w.plan != nil:
		in.planned, in.jailed = true, true
		in.eyes = jail.JailEyes(w.tree, w.plan, who)
	case w.inJail != "":
		in.jailed = true
		in.eyes = jail.JailEyes(w.tree, nil, who)
	case w.flags.user == "":
		return nil // without a jail and without -u named keeps root's rights
	default:
		in.eyes = jail.HostEyes(w.host, who)
	}
	defer in.eyes.Close()
	in.configuration()
	for _, p := range w.install.Paths {
		in.path(p)
	}
	in.workingDirectory()
	in.zones()
	in.places()
	return in.ds
}

// name is the path as named sees it.
func (in *inspector) name(p *rewrite.Path) string {
	if in.planned {
		return string(p.Jail)
	}
	return p.Host
}

// configuration looks at the configuration files and at the directories of
// include patterns. Only Linux gives up root's rights before it reads them.
func (in *inspector) configuration() {
	if in.planned || runtime.GOOS != "linux" || in.w.build.Family == 8 {
		return
	}
	for _, f := range in.w.install.Files {
		in.reads(f.Path, "the configuration", parser.Span{}, rule{readFile, true, "named refuses to start"})
	}
	for _, inc := range in.w.install.Includes {
		dir := path.Dir(parser.Resolve(inc.Directory, inc.Pattern))
		if inc.Glob && !parser.HasGlob(dir) {
			in.lists(dir, "include", inc.At.Span(), rule{listDir, true, "named refuses to start"})
		}
	}
}

// path looks at one path of the configuration.
func (in *inspector) path(p *rewrite.Path) {
	r, ok := rules[p.Keyword]
	name := in.name(p)
	if !ok || !path.IsAbs(name) || !in.jailed && p.At.File == nil {
		return // on the host the boot or the package makes the built-in places
	}
	if in.old() && p.Keyword == "directory" {
		r.fatal, r.loss = false, "named cannot write there what it keeps in its working directory"
	}
	if !in.jailed && (strings.HasPrefix(name, "/run/") || strings.HasPrefix(name, "/var/run/")) && r.need == madeFile {
		r.fatal = r.fatal && p.Keyword == "lock-file" // the boot makes such directories
	}
	switch p.Keyword {
	case "pid-file":
		r.fatal = r.fatal && p.At.File != nil
	case "new-zones-directory":
		if p.At.File == nil {
			return
		}
	case "key-directory":
		if p.Class != rewrite.ClassWritten {
			in.lists(name, p.Keyword, p.At, rule{listDir, false, "named does not find the keys of its zones"})
			return
		}
	case "directory":
		if p.Rule.Access != parser.Chdir {
			r = rule{keyDir, true, "named serves the zone without signatures"}
		}
	}
	in.look(name, p.Keyword, p.At, r)
}

// old tells whether this named starts without a working directory that it may
// write.
func (in *inspector) old() bool { return in.w.build.Version.Before(parser.V(9, 13, 0)) }

func (in *inspector) look(name, keyword string, at parser.Span, r rule) {
	switch r.need {
	case readFile:
		in.reads(name, keyword, at, r)
	case writeFile, madeFile:
		in.writes(name, keyword, at, r)
	case writeDir:
		in.writesIn(name, keyword, at, r, false)
	case keyDir:
		in.writesIn(name, keyword, at, r, true)
	case listDir:
		in.lists(name, keyword, at, r)
	case journalDir:
		in.writesIn(path.Dir(name), keyword, at, r, false)
	}
}

// workingDirectory looks at the working directory of a configuration that does
// not name one: that is "/" in a jail.
func (in *inspector) workingDirectory() {
	if in.planned || !in.jailed || in.old() {
		return
	}
	for _, p := range in.w.install.Paths {
		if p.Rule.Access == parser.Chdir {
			return
		}
	}
	if s := in.eyes.See("/"); !s.Write && !s.Unknown {
		in.ds.Add(parser.Diagnostic{Code: "NJ312", File: in.w.install.Files[0].Name, Line: 1, Column: 1,
			Message: "there is no directory statement, and " + in.user() + " may not write in the jail's top: named refuses to start",
			Remedy:  "Add to the options: directory \"" + rewrite.WorkingDir + "\";"})
	}
}

// zones looks at the zone files, and at the directories in which named writes
// its copies and journals.
func (in *inspector) zones() {
	for _, z := range in.w.install.Zones {
		if z.File == nil || in.w.faulty[z.File.Host] {
			continue
		}
		name, what := in.name(z.File), "zone "+z.Label()
		r := rule{readFile, true, "named does not load the zone"}
		if z.Type == "hint" {
			r.loss = "named refuses to start"
		}
		if z.Files == rewrite.ClassSecondary {
			r = rule{readFile, false, "named has to transfer the zone again at each start"}
		}
		s := in.eyes.See(name)
		if s.Gone == "" || z.Files != rewrite.ClassSecondary && !in.planned {
			in.reads(name, what, z.File.At, r)
		}
		if z.Files == rewrite.ClassStatic {
			continue
		}
		loss := map[rewrite.Class]string{rewrite.ClassSecondary: "named cannot save what it transfers, and says so only then",
			rewrite.ClassDynamic: "updates of the zone fail", rewrite.ClassBeside: "named cannot keep its journal or its signed copy"}[z.Files]
		in.writesIn(path.Dir(name), what, z.File.At, rule{writeDir, true, loss}, false)
		if journal := name + ".jnl"; z.Journal == nil && s.Gone == "" && in.eyes.See(journal).Gone == "" {
			in.reads(journal, what+", its journal", z.File.At, rule{readFile, true, "named does not load the zone"})
		}
	}
	if in.planned {
		return
	}
	for _, r := range in.w.reports {
		for _, inc := range r.Includes {
			name := parser.Resolve(in.w.install.Directory, inc.Name)
			if s := in.eyes.See(name); s.Gone == "" && !in.w.faulty[r.Zone.File] {
				in.reads(name, "$INCLUDE of zone "+r.Zone.Name, parser.Span{}, rule{readFile, true, "named does not load the zone"})
			}
		}
	}
}

// user names the account in messages.
func (in *inspector) user() string { return fmt.Sprintf("user %q", in.w.account.Name) }

// add makes the finding, once per place and statement.
func (in *inspector) add(code parser.Code, at parser.Span, name string, r rule, message, remedy string) {
	d := at.Diagnostic(code, message+": "+r.loss, remedy)
	if at.File == nil {
		d.File = in.w.host.OSPath(in.eyes.HostPath(name))
	}
	if !r.fatal {
		d.Severity = parser.Warning
	}
	key := string(code) + d.File + fmt.Sprint(d.Line, d.Column) + name
	if !in.said[key] {
		in.said[key] = true
		in.ds.Add(d)
	}
}

// barred reports a directory that the account may not pass through. The result
// tells whether there is nothing more to look at.
func (in *inspector) barred(s jail.Sight, code parser.Code, name, what string, at parser.Span, r rule) bool {
	if s.Barred != "" {
		in.add(code, at, name, r, fmt.Sprintf("%s: %s cannot get to %s: it may not pass through the directory %s", what, in.user(), name, s.Barred),
			"Run: chmod o+x "+in.shell(s.Barred))
	}
	return s.Barred != "" || s.Unknown
}

// shell is a path as the host's shell wants it.
func (in *inspector) shell(p string) string {
	return shellLine([]string{in.w.host.OSPath(in.eyes.HostPath(p))})
}

func (in *inspector) reads(name, what string, at parser.Span, r rule) {
	s := in.eyes.See(name)
	switch {
	case in.barred(s, "NJ310", name, what, at, r):
	case s.Gone != "" && at.File == nil:
		// a built-in default that is not there is not used
	case s.Gone != "":
		code := parser.Code("NJ305")
		if !r.fatal {
			code = "NJ306"
		}
		in.add(code, at, name, r, fmt.Sprintf("%s: there is no file %s%s", what, name, in.here()), "Put the file there, or remove the statement")
	case s.Info.Kind != jail.RegularFile:
		in.add("NJ310", at, name, r, fmt.Sprintf("%s: %s is %s, not a file", what, name, s.Info.Kind), "Put the file there")
	case !s.Read:
		in.add("NJ310", at, name, r, fmt.Sprintf("%s: %s may not read %s (%s)", what, in.user(), name, s.Owner()),
			"Run: chgrp "+in.w.ids.Group+" "+in.shell(name)+" && chmod g+r "+in.shell(name))
	}
}

// here says which root a path is meant below.
func (in *inspector) here() string {
	if in.jailed {
		return " in the jail"
	}
	return ""
}

func (in *inspector) writes(name, what string, at parser.Span, r rule) {
	s := in.eyes.See(name)
	dir := path.Dir(name)
	switch {
	case in.barred(s, "NJ312", name, what, at, r):
	case s.Gone == "" && s.Info.Kind != jail.RegularFile:
		if s.Info.Kind != jail.CharFile || r.need == madeFile {
			in.add("NJ313", at, name, r, fmt.Sprintf("%s: %s is %s, not a file", what, name, s.Info.Kind), "Move it away")
		}
	case s.Gone == "" && s.Write:
	case s.Gone == "" && r.need == writeFile:
		in.add("NJ313", at, name, r, fmt.Sprintf("%s: %s may not write %s (%s)", what, in.user(), name, s.Owner()),
			"Run: chown "+in.w.account.Name+" "+in.shell(name))
	case r.need == madeFile && in.eyes.See(dir).Gone != "":
		if near := in.eyes.Near(dir); !near.Write && !near.Unknown {
			in.add("NJ311", at, name, r, fmt.Sprintf("%s: there is no directory %s%s, and %s may not make it in %s", what, dir, in.here(), in.user(), near.Path), in.makeDir(dir))
		}
	default:
		in.writesIn(dir, what, at, r, false)
	}
}

// makeDir is the command that makes a directory for named.
func (in *inspector) makeDir(dir string) string {
	return "Run: install -d -o " + in.w.account.Name + " -g " + in.w.ids.Group + " -m 0700 " + in.shell(dir)
}

func (in *inspector) writesIn(dir, what string, at parser.Span, r rule, list bool) {
	s := in.eyes.See(dir)
	switch {
	case in.barred(s, "NJ312", dir, what, at, r):
	case s.Gone != "":
		in.add("NJ311", at, dir, r, fmt.Sprintf("%s: there is no directory %s%s", what, dir, in.here()), in.makeDir(dir))
	case s.Info.Kind != jail.DirectoryFile:
		in.add("NJ311", at, dir, r, fmt.Sprintf("%s: %s is %s, not a directory", what, dir, s.Info.Kind), "Move it away, and make the directory")
	case !s.Write || !s.Search || list && !s.Read:
		verb := "write in"
		if list {
			verb = "list and write"
		}
		in.add("NJ312", at, dir, r, fmt.Sprintf("%s: %s may not %s the directory %s (%s)", what, in.user(), verb, dir, s.Owner()),
			"Name a directory that belongs to named; or, if nothing else is in this one, run: chown "+in.w.account.Name+" "+in.shell(dir)+" && chmod u+rwx "+in.shell(dir))
	}
}

func (in *inspector) lists(dir, what string, at parser.Span, r rule) {
	s := in.eyes.See(dir)
	if in.barred(s, "NJ314", dir, what, at, r) || s.Gone != "" || s.Info.Kind != jail.DirectoryFile || s.Read && s.Search {
		return
	}
	in.add("NJ314", at, dir, r, fmt.Sprintf("%s: %s may not list the directory %s (%s)", what, in.user(), dir, s.Owner()), "Run: chmod o+rx "+in.shell(dir))
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

// asksPlace finds the questions of access lists by place.
var asksPlace = regexp.MustCompile(`(?m)^[^\n#]*?[{;!\s]geoip\s+(?:db\s+\S+\s+)?(country|continent|region|city|isp|org|domain|asnum)\b`)

// places looks for the databases that access lists by place ask.
func (in *inspector) places() {
	if in.w.build.Version.Before(parser.V(9, 15, 5)) {
		return // older ones read databases of another format
	}
	dir := ""
	for _, p := range in.w.install.Paths {
		if p.Keyword == "geoip-directory" {
			dir = in.name(p)
		}
	}
	for _, f := range in.w.install.Files {
		if !strings.Contains(f.Text, "geoip") {
			continue
		}
		for _, m := range asksPlace.FindAllStringSubmatchIndex(f.Text, -1) {
			word := f.Text[m[2]:m[3]]
			if line := f.Text[m[0]:m[2]]; dir == "" || strings.Contains(line, "//") || strings.Contains(line, "/*") || in.answers(dir, word) {
				continue
			}
			in.add("NJ315", parser.Span{File: f, Start: int32(m[2]), End: int32(m[3])}, dir, rule{fatal: true, loss: "named refuses to start"},
				fmt.Sprintf("geoip: no database in %s%s answers for '%s'", dir, in.here(), word),
				"Put one of these there, readable for named: "+strings.Join(databases[word], ", "))
		}
	}
}

func (in *inspector) answers(dir, word string) bool {
	for _, name := range databases[word] {
		if s := in.eyes.See(path.Join(dir, name)); s.Read || s.Unknown {
			return true
		}
	}
	return false
}

// takePreflight adds the findings of the pre-flight to the others. It takes the
// place of what the model says less well of the same statement.
func (w *walk) takePreflight() parser.Diagnostics {
	found := w.preflight()
	better := map[string]bool{}
	place := func(d parser.Diagnostic) string { return fmt.Sprint(d.File, ":", d.Line, ":", d.Column) }
	known := map[string]bool{}
	for _, d := range found {
		if d.Line > 0 {
			better[place(d)] = true
		}
	}
	kept := w.ds[:0]
	for _, d := range w.ds {
		if d.Code == "NJ306" && d.Line > 0 && better[place(d)] {
			continue
		}
		if d.Line > 0 && d.Severity == parser.Error {
			known[place(d)] = true
		}
		kept = append(kept, d)
	}
	w.ds = kept
	var fresh parser.Diagnostics
	for _, d := range found {
		if d.Line == 0 || !known[place(d)] {
			fresh = append(fresh, d)
		}
	}
	return fresh
}
