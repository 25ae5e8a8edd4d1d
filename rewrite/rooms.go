package rewrite

import (
	"fmt"
	"path"

	"named-jail/parser"
)

// fixed are the directories that must never be named's.
var fixed = map[JailPath]bool{"/": true, "/etc": true, "/var": true, "/zones": true, staticDir: true, "/dev": true, "/usr": true}

// checkRooms refuses a directory that named would have to write and that holds
// what root must be able to trust.
func (b *builder) checkRooms() {
	for _, p := range b.in.Paths {
		if p.Class != ClassWritten || b.isDevice(p) {
			continue
		}
		dir := p.room()
		if !fixed[dir] {
			continue
		}
		delete(b.dirs, dir)
		b.diags.Add(p.diagnostic("NJ303", fmt.Sprintf("%s: named writes %q, so that it would have to own %s in the jail, which root must keep", p.Keyword, p.Value, dir),
			"Name a directory below it, such as /var/run or one of its own."))
	}
	b.checkConfigRooms()
}

// checkConfigRooms warns of a directory that named has to write and that holds
// configuration.
func (b *builder) checkConfigRooms() {
	holds := map[JailPath]bool{}
	for _, w := range b.list {
		if w.Kind == File && w.Class == ClassConfig {
			holds[JailPath(path.Dir(string(w.Path)))] = true
		}
	}
	paths := b.in.Paths
	for _, z := range b.in.Zones {
		if z.Journal != nil {
			paths = append(paths[:len(paths):len(paths)], z.Journal)
		}
	}
	for _, p := range paths {
		dir := p.room()
		if d := b.dirs[dir]; p.Class != ClassWritten || !holds[dir] || d == nil || d.Owner != User {
			continue
		}
		holds[dir] = false // once for each directory
		b.diags.Add(p.diagnostic("NJ304", fmt.Sprintf("%s: named has to write in %s, which holds configuration", p.Keyword, dir),
			"A named that is broken into could change its configuration; give what it writes a directory of its own."))
	}
}

// room is the directory in which named works on a path.
func (p *Path) room() JailPath {
	if p.Rule.Kind == parser.DirectoryPath {
		return p.Jail
	}
	return JailPath(path.Dir(string(p.Jail)))
}
