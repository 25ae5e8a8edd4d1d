package rewrite

import (
	"fmt"
	"path"
	"strings"
	"sync"

	"named-jail/parser"
)

// classDirs gives the directory of the jail for each class of zone file.
var classDirs = map[Class]string{
	ClassStatic: staticDir, ClassSecondary: secondaryDir, ClassDynamic: dynamicDir, ClassBeside: dynamicDir,
}

// zoneFileRule is the table's rule for the file of a zone.
var zoneFileRule = sync.OnceValue(func() *parser.PathRule { return &parser.Lookup(parser.ZoneBlock, "file").Paths[0] })

// nameZoneFiles gives the zone files their places in the jail.
func (in *Install) nameZoneFiles() {
	in.names = map[string]*names{}
	v := in.opt.Defaults.Version
	in.claims = make(map[string]*claim, len(in.Zones))
	lists := map[string][]*claim{}
	in.joinDirs()
	for _, z := range in.Zones {
		if z.File == nil || z.File.Value == "" || fileless[z.Type] || z.Type == "" {
			z.File = nil
			continue
		}
		host := parser.Resolve(in.Directory, expand(z.File.Value, z, v))
		if host == nullDevice && z.Type == "hint" {
			z.File = nil // no root hints: the jail has the device at the same path
			continue
		}
		if host == "/" {
			in.diags.Add(z.File.At.Diagnostic("NJ401", fmt.Sprintf("the file of zone %q is the root directory", z.Label()),
				"named does not load the zone; name a file."))
			z.File = nil
			continue
		}
		z.File.Class, z.File.Host = z.Files, host
		key := strings.ToLower(host)
		first := in.claims[key]
		in.checkShared(first, z)
		c := in.claim(first, key, host, z.dir)
		if len(c.zones) == 0 {
			c.view = z.View
			lists[c.dir] = append(lists[c.dir], c)
		}
		c.zones = append(c.zones, z)
	}
	for _, dir := range []string{staticDir, secondaryDir, dynamicDir} {
		n := newNames(dir, len(lists[dir]))
		in.names[dir] = n
		in.merge(lists[dir])
		n.assign(lists[dir], in.opt.Names)
		for _, c := range lists[dir] {
			for _, z := range c.zones {
				z.File.Jail = c.jail()
			}
		}
	}
	in.settleTokens()
}

// claim finds the claim of a file of the host on a directory of the jail, or
// makes it. key is the path in lower case, first the claim that it has now.
func (in *Install) claim(first *claim, key, host, dir string) *claim {
	for c := first; c != nil; c = c.next {
		if c.path == host && c.dir == dir {
			return c
		}
	}
	c := &claim{host: host, path: host, dir: dir, next: first}
	in.claims[key] = c
	return c
}

// place gives the place of a file of the host, "" when it has none.
func (in *Install) place(host string) JailPath {
	for c := in.claims[strings.ToLower(host)]; c != nil; c = c.next {
		if c.path == host {
			return c.jail()
		}
	}
	return ""
}

// merge makes claims of one base name that are one file by different paths
// (through a symbolic link to a directory, say) the same claim.
func (in *Install) merge(claims []*claim) {
	bases := make(map[string]int, len(claims))
	for _, c := range claims {
		bases[strings.ToLower(path.Base(c.path))]++
	}
	if len(bases) == len(claims) {
		return
	}
	for _, c := range claims {
		if bases[strings.ToLower(path.Base(c.path))] > 1 {
			if real, err := in.host.RealPath(c.path); err == nil {
				c.host = real
			}
		}
	}
}

// checkShared reports a zone that uses the file of an earlier one, although one
// of them writes it. named compares the text of the names, ignoring case; here
// two names of one file count too, because in the jail they become one name.
func (in *Install) checkShared(first *claim, z *Zone) {
	for c := first; c != nil; c = c.next {
		other := c.zones[0]
		if other.Label() == z.Label() {
			continue // one zone defined twice, which is reported
		}
		if z.Files != ClassStatic || other.Files != ClassStatic {
			line, _ := other.File.At.File.Position(int(other.File.At.Start))
			in.diags.Add(z.File.At.Diagnostic("NJ302", fmt.Sprintf("zones %q and %q share the file %q, and named writes it; it is first at %s:%d",
				other.Label(), z.Label(), z.File.Host, other.File.At.File.Name, line),
				"Give each zone a file of its own; for the same zone in two views, use in-view in the second."))
			return
		}
	}
}

// joinDirs chooses the directory of each zone file. The file statement of a
// template has one text for all its zones: when named writes the file of one, all
// have to lie where it may write.
func (in *Install) joinDirs() {
	dirs, templates := map[parser.Span]string{}, in.opt.Defaults.Version.AtLeast(9, 21, 9)
	for _, z := range in.Zones {
		z.dir = classDirs[z.Files]
		if z.File == nil || !templates {
			continue
		}
		before, seen := dirs[z.File.At]
		dirs[z.File.At] = z.dir
		if seen && before != z.dir {
			dirs[z.File.At] = dynamicDir
		}
	}
	for _, z := range in.Zones {
		if z.File == nil || !templates || dirs[z.File.At] == z.dir {
			continue
		}
		z.dir = dirs[z.File.At]
		if z.Files == ClassStatic {
			in.diags.Add(z.File.At.Diagnostic("NJ304", fmt.Sprintf("this 'file' of a template serves zones that named writes too, so that named could replace the file of %q, which it only reads", z.Label()),
				"Give the zone a 'file' of its own."))
		}
	}
}

// settleTokens sets the text for names that named expands: a template's name
// serves many zones and must keep its variables.
func (in *Install) settleTokens() {
	v := in.opt.Defaults.Version
	if !v.AtLeast(9, 21, 9) {
		return
	}
	for _, z := range in.Zones {
		if z.File != nil && hasTokens(z.File.Value, v) {
			z.File.text = z.dir + "/" + patternTail(z.File.Value, v)
			z.File.Jail = JailPath(expand(z.File.text, z, v))
		}
	}
}

// Include is one $INCLUDE line of a zone file: the file that holds it, as the
// host has it, the bytes of the file name, quotes included, and the name.
// Foreign says that the line is an unprivileged user's and the file that it names
// is not his: what he writes moves no file of others.
type Include struct {
	File       string
	Start, End int
	Name       string
	Foreign    bool
}

// AddIncludes tells the model what zone files include. A file that is included
// becomes a static file of the jail; one that only foreign lines name is copied.
func (in *Install) AddIncludes(list []Include) {
	var claims []*claim
	for _, inc := range list {
		in.includes[inc.File] = append(in.includes[inc.File], inc)
		host := in.included(inc)
		if in.place(host) == "" {
			key := strings.ToLower(host)
			claims = append(claims, in.claim(in.claims[key], key, host, staticDir))
		}
	}
	in.names[staticDir].assign(claims, in.opt.Names)
}

// included gives the host's path of what a line includes. A name that an
// earlier run gave to a file of the host stands for that file.
func (in *Install) included(inc Include) string {
	if in.originals == nil {
		in.originals = map[JailPath]string{}
		for host, place := range in.opt.Names {
			if first, there := in.originals[place]; !there || host < first {
				in.originals[place] = host
			}
		}
	}
	if host, ok := in.originals[JailPath(inc.Name)]; ok {
		return host
	}
	return parser.Resolve(in.Directory, inc.Name)
}

// Edits tells whether a zone file has $INCLUDE lines that may have to change.
func (in *Install) Edits(host string) bool { return len(in.includes[host]) > 0 }

// ZoneText gives the text of a zone file with its $INCLUDE lines pointing into
// the jail. The second result is false when no line had to change.
func (in *Install) ZoneText(host, text string) (string, bool, error) {
	var edits parser.Edits
	for _, inc := range in.includes[host] {
		place := in.place(in.included(inc))
		if string(place) != inc.Name {
			edits.Replace(inc.Start, inc.End, zoneQuote(string(place)))
		}
	}
	if edits.Len() == 0 {
		return text, false, nil
	}
	out, err := edits.Apply(text)
	return out, true, err
}

// zoneQuote writes a file name for $INCLUDE: bare where that is safe, else in
// quotes, where only a quote is escaped.
func zoneQuote(name string) string {
	if strings.ContainsAny(name, " \t;()\"\\") {
		return `"` + strings.ReplaceAll(name, `"`, `\"`) + `"`
	}
	return name
}
