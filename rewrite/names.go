package rewrite

import (
	"fmt"
	"path"
	"regexp"
	"sort"
	"strings"
)

// names gives zone files their places below one directory of the jail. Two
// places never differ only in case: named compares file names ignoring case.
type names struct {
	dir   string
	files map[string]*claim // by place in lower case
	dirs  map[string]bool   // directories of places, in lower case
}

func newNames(dir string, size int) *names {
	return &names{dir: dir, files: make(map[string]*claim, size), dirs: map[string]bool{}}
}

// claim is a file of the host that wants a place.
type claim struct {
	host  string // what tells the file from others
	path  string // its path on the host
	dir   string // the directory that it wants a place below
	place string // the result, below dir
	view  string // the view of the first zone that uses it
	zones []*Zone
	fresh bool   // its place is its base name, and only for as long as nobody else wants that
	next  *claim // another one whose path differs in case or directory
}

// jail gives the whole place, "" before it is given.
func (c *claim) jail() JailPath {
	if c.place == "" {
		return ""
	}
	return JailPath(c.dir + "/" + c.place)
}

// take gives a place to a claim; false when another file has it.
func (n *names) take(place string, c *claim) bool {
	key := strings.ToLower(place)
	if owner := n.files[key]; owner != nil {
		return owner.host == c.host
	}
	if n.dirs[key] {
		return false
	}
	if strings.Contains(key, "/") {
		for d := path.Dir(key); d != "."; d = path.Dir(d) {
			if n.files[d] != nil {
				return false
			}
		}
		for d := path.Dir(key); d != "."; d = path.Dir(d) {
			n.dirs[d] = true
		}
	}
	n.files[key] = c
	return true
}

// assign gives each claim its place. Files that lie in the directory already
// and names that were given before keep theirs. A base name that one file
// alone wants is its name; where several want it, each gets the name of its
// view, or as much of its path as tells them apart.
func (n *names) assign(claims []*claim, before map[string]JailPath) {
	var rest []*claim
	for _, c := range claims {
		if c.place = n.known(c, before); c.place == "" {
			rest = append(rest, c)
		}
	}
	wanted := map[string][]*claim{} // base names that several want
	var keys []string
	for _, c := range rest {
		base := path.Base(c.path)
		key := strings.ToLower(base)
		switch {
		case wanted[key] != nil:
			wanted[key] = append(wanted[key], c)
		case n.take(base, c):
			c.place, c.fresh = base, true
		case n.files[key] != nil && n.files[key].fresh:
			wanted[key] = []*claim{n.files[key], c}
			keys = append(keys, key)
		default:
			wanted[key] = []*claim{c}
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	for _, key := range keys {
		group := wanted[key]
		if group[0].place != "" {
			group[0].place = ""
			delete(n.files, key)
		}
		n.settle(group)
	}
	for _, c := range rest {
		c.fresh = false
	}
}

// known gives the place that a claim has from before.
func (n *names) known(c *claim, before map[string]JailPath) string {
	for _, p := range []string{string(before[c.path]), c.path} {
		if place, ok := strings.CutPrefix(p, n.dir+"/"); ok && place != "" && n.take(place, c) {
			return place
		}
	}
	return ""
}

// plain are view names that make good directory names.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// settle finds places for files that want the same base name.
func (n *names) settle(group []*claim) {
	views := map[string]bool{}
	for _, c := range group {
		if plain.MatchString(c.view) {
			views[strings.ToLower(c.view)] = true
		}
	}
	byView := len(views) == len(group)
	depth := 2
	for ; depth < 64; depth++ {
		seen := map[string]bool{}
		for _, c := range group {
			seen[strings.ToLower(tail(c.path, depth))] = true
		}
		if len(seen) == len(group) {
			break
		}
	}
	for _, c := range group {
		base := path.Base(c.path)
		if byView && n.take(c.view+"/"+base, c) {
			c.place = c.view + "/" + base
			continue
		}
		for d := depth; c.place == "" && d < depth+64; d++ {
			if place := tail(c.path, d); n.take(place, c) {
				c.place = place
			}
		}
		for i := 2; c.place == ""; i++ {
			if place := fmt.Sprintf("%s.%d", base, i); n.take(place, c) {
				c.place = place
			}
		}
	}
}

// tail gives the last n components of an absolute path.
func tail(p string, n int) string {
	parts := strings.Split(strings.TrimPrefix(path.Clean(p), "/"), "/")
	if n < len(parts) {
		parts = parts[len(parts)-n:]
	}
	return strings.Join(parts, "/")
}
