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
	files map[string]string // place in lower case -> host path that has it
	dirs  map[string]bool   // directories of places, in lower case
}

func newNames(dir string) *names {
	return &names{dir: dir, files: map[string]string{}, dirs: map[string]bool{}}
}

// claim is a zone file that wants a place.
type claim struct {
	host  string // what tells the file from others
	path  string // its path on the host
	view  string // the view of the first zone that uses it
	place string // the result, below names.dir
}

// take gives a place to a host path; false when somebody has it.
func (n *names) take(place, host string) bool {
	key := strings.ToLower(place)
	if owner, taken := n.files[key]; taken {
		return owner == host
	}
	if n.dirs[key] {
		return false
	}
	for d := path.Dir(key); d != "."; d = path.Dir(d) {
		if _, taken := n.files[d]; taken {
			return false
		}
	}
	n.files[key] = host
	for d := path.Dir(key); d != "."; d = path.Dir(d) {
		n.dirs[d] = true
	}
	return true
}

// assign gives each claim its place. Files that lie in the directory already
// and names that were given before keep theirs. A base name that one file
// alone wants is its name; where several want it, each gets the name of its
// view, or as much of its path as tells them apart.
func (n *names) assign(claims []*claim, before map[string]JailPath) {
	groups := map[string][]*claim{}
	var keys []string
	for _, c := range claims {
		if c.place = n.known(c, before); c.place != "" {
			continue
		}
		key := strings.ToLower(path.Base(c.path))
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], c)
	}
	sort.Strings(keys)
	for _, key := range keys {
		group := groups[key]
		if len(group) == 1 && n.take(path.Base(group[0].path), group[0].host) {
			group[0].place = path.Base(group[0].path)
			continue
		}
		n.settle(group)
	}
}

// known gives the place that a claim has from before.
func (n *names) known(c *claim, before map[string]JailPath) string {
	for _, p := range []string{string(before[c.path]), c.path} {
		if place, ok := strings.CutPrefix(p, n.dir+"/"); ok && place != "" && n.take(place, c.host) {
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
		if byView && n.take(c.view+"/"+base, c.host) {
			c.place = c.view + "/" + base
			continue
		}
		for d := depth; c.place == "" && d < depth+64; d++ {
			if place := tail(c.path, d); n.take(place, c.host) {
				c.place = place
			}
		}
		for i := 2; c.place == ""; i++ {
			if place := fmt.Sprintf("%s.%d", base, i); n.take(place, c.host) {
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
