package command

import (
	"fmt"
	"path"
	"strings"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/rewrite"
)

// zones looks at the zone files, at what named keeps beside them, and at the
// directories in which it writes its copies and journals.
func (in *inspector) zones() {
	for _, z := range in.w.install.Zones {
		if z.File == nil || in.w.faulty[z.File.Host] || !in.w.isChosen(z) {
			continue
		}
		name, what := in.name(z.File), "zone "+z.Label()
		r := rule{readFile, true, notLoaded}
		if z.Files == rewrite.ClassSecondary {
			r = rule{readFile, false, "named has to transfer the zone again at each start"}
		} else if loss := unread[z.Type]; loss != "" {
			r.loss = loss
		}
		if in.w.noZones && z.Files == rewrite.ClassStatic {
			continue
		}
		s := in.eyes.See(name)
		if !in.w.noZones && (s.Gone == "" || z.Files != rewrite.ClassSecondary && !in.planned) {
			in.reads(name, what, z.File.At, r)
		}
		if z.Files != rewrite.ClassStatic {
			in.writesIn(path.Dir(name), what, z.File.At, rule{writeDir, true, zoneLoss[z.Files]})
		}
		if !in.w.noZones && s.Barred == "" {
			in.beside(z, name, r)
		}
	}
	if !in.planned {
		in.zoneIncludes()
	}
}

// beside looks at the journals and signed copies of a zone that are there, and
// at the directory of a journal with a name of its own. A static zone has no
// journal, but named reads one that lies there.
func (in *inspector) beside(z *rewrite.Zone, name string, read rule) {
	journal, writes := name+".jnl", z.Files != rewrite.ClassStatic
	if z.Journal != nil {
		journal = in.name(z.Journal)
		if writes {
			in.writesIn(path.Dir(journal), "journal of zone "+z.Label(), z.Journal.At, rule{writeDir, true, zoneLoss[z.Files]})
		}
	}
	for _, b := range beside {
		if b.signed && z.Files != rewrite.ClassBeside {
			continue
		}
		file, at := name+b.suffix, z.File.At
		if b.suffix == ".jnl" && z.Journal != nil {
			file, at = journal, z.Journal.At
		}
		if !in.listed(file) {
			continue
		}
		s := in.eyes.See(file)
		if s.Gone != "" || s.Barred != "" || s.Unknown {
			continue
		}
		what := "zone " + z.Label() + ", its " + b.suffix + " file"
		if s.Info.Kind != jail.RegularFile {
			in.reads(file, what, at, read)
		} else if !s.Read {
			in.add(fault{code: "NJ310", at: at, name: file, rule: read, remedy: in.giveAway(file),
				message: fmt.Sprintf("%s: %s may not read %s (%s)", what, in.user(), file, s.Owner())})
		} else if !s.Write && b.suffix != ".signed" && writes && z.Files != rewrite.ClassSecondary {
			in.writes(file, what, at, rule{writeFile, true, zoneLoss[z.Files]})
		}
	}
}

// listed tells whether a file may be there, by the listing of its directory:
// zones share few directories, and most have nothing beside their file.
func (in *inspector) listed(file string) bool {
	if in.planned {
		return true
	}
	dir := path.Dir(file)
	names, known := in.names[dir]
	if !known {
		list, err := in.w.source.host.ReadDir(dir)
		if err == nil {
			names = make(map[string]bool, len(list))
			for _, name := range list {
				names[name] = true
			}
		}
		in.names[dir] = names
	}
	return names == nil || names[path.Base(file)]
}

// zoneIncludes looks at what the zone files include.
func (in *inspector) zoneIncludes() {
	for _, r := range in.w.reports {
		for _, inc := range r.Includes {
			name := parser.Resolve(in.w.install.Directory, inc.Name)
			if in.usable(name) || in.eyes.See(name).Gone != "" || in.w.faulty[r.Zone.File] {
				continue
			}
			before := len(in.found)
			in.reads(name, "$INCLUDE of zone "+r.Zone.Name, parser.Span{}, rule{readFile, true, notLoaded})
			if len(in.found) > before {
				in.found[before].place = &parser.Diagnostic{File: inc.File, Line: inc.Line, Column: inc.Column}
			}
		}
	}
}

// keys looks at the keys of the zones that named signs. One that it cannot
// read it takes for missing, and makes another.
func (in *inspector) keys() {
	signed := map[string]map[string]*rewrite.Zone{}
	for _, z := range in.w.install.Zones {
		if !z.Signed || z.File == nil || !in.w.isChosen(z) {
			continue
		}
		value, at := z.KeyDirectory()
		dir := parser.Resolve(in.w.install.Directory, value)
		if value == "" {
			dir, at = in.w.install.Directory, z.At
			if in.planned {
				dir = rewrite.WorkingDir
			}
			in.writesIn(dir, "keys of zone "+z.Label(), at, rule{keyDir, true, rules["key-directory"].loss})
		}
		if signed[dir] == nil {
			signed[dir] = map[string]*rewrite.Zone{}
		}
		signed[dir][strings.ToLower(strings.TrimSuffix(z.Name, "."))] = z
	}
	if in.planned {
		return
	}
	for dir, zones := range signed {
		names, _ := in.w.source.host.ReadDir(dir)
		for _, name := range names {
			zone, _, ok := strings.Cut(strings.TrimPrefix(name, "K"), ".+")
			z := zones[strings.ToLower(zone)]
			if !ok || z == nil || !strings.HasSuffix(name, ".key") && !strings.HasSuffix(name, ".private") {
				continue
			}
			at := z.At
			if value, stated := z.KeyDirectory(); value != "" {
				at = stated
			}
			in.reads(path.Join(dir, name), "key of zone "+z.Label(), at,
				rule{readFile, true, "named makes another key, with which the zone does not validate if the parent has this one"})
		}
	}
}

// stateFile is a kind of file that named keeps of its own accord in its
// directories.
type stateFile struct {
	part    string // of the name
	keyword string // the statement that names the directory; else it is the working directory
	needed  func(*inspector) bool
	loss    string
}

// stateFiles is the table of those without which something is lost.
//
// Source: measured with BIND 9.18.49.
var stateFiles = []stateFile{
	{".nzd", "new-zones-directory", func(in *inspector) bool { return in.states("allow-new-zones", "yes", "true", "1") }, refuses},
	{".nzf", "new-zones-directory", func(in *inspector) bool { return in.states("allow-new-zones", "yes", "true", "1") }, refuses},
	{"managed-keys.bind", "managed-keys-directory", (*inspector).validates, "named cannot validate answers"},
	{".mkeys", "managed-keys-directory", (*inspector).validates, "named cannot validate answers"},
}

// validates tells whether named keeps the keys of the root by itself.
func (in *inspector) validates() bool {
	return !in.states("dnssec-validation", "yes", "no", "true", "false", "1", "0")
}

// state looks at the files that named keeps of its own accord.
func (in *inspector) state() {
	if in.planned {
		return
	}
	dirs := map[string]string{}
	for _, p := range in.w.install.Paths {
		if p.Keyword == "new-zones-directory" || p.Keyword == "managed-keys-directory" {
			dirs[p.Keyword] = p.Host
		}
	}
	main := parser.Span{File: in.w.install.Files[0]}
	for _, f := range stateFiles {
		dir := or(dirs[f.keyword], in.w.install.Directory)
		names, _ := in.w.source.host.ReadDir(dir)
		for _, name := range names {
			file := path.Join(dir, name)
			if !strings.Contains(name, f.part) || strings.HasSuffix(name, "-lock") {
				continue
			}
			s := in.eyes.See(file)
			if s.Info.Kind != jail.RegularFile || s.Read && s.Write || s.Barred != "" || s.Unknown || !f.needed(in) {
				continue
			}
			in.writes(file, fmt.Sprintf("%s, which named keeps", name), main, rule{lockFile, true, f.loss})
		}
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
