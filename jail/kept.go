package jail

import (
	"path"
	"slices"
	"strings"

	"named-jail/rewrite"
)

// maxKept bounds the files of one directory that a rollback carries back
// because of their names.
const maxKept = 10000

// keeps writes down which files of a directory a rollback has to look for. A
// directory that the host does not have keeps what was known of it.
func (p *planner) keeps(w rewrite.Wanted) {
	if w.Source == "" || len(w.Keeps) == 0 {
		return
	}
	at, err := p.s.resolve(w.Source, true)
	if err != nil || at.info.Kind != DirectoryFile || at.path() == p.t.HostPath(w.Path) {
		return
	}
	p.next.Keeps[w.Path] = Keep{Real: at.path(), Patterns: w.Keeps, UID: p.ids.UserUID, GID: p.ids.UserGID}
}

func sameKeep(a, b Keep) bool {
	return a.Real == b.Real && a.UID == b.UID && a.GID == b.GID && slices.Equal(a.Patterns, b.Patterns)
}

// kept makes records for the files that named made in the jail by itself. known
// are the places that have a record already.
func (r *restorer) kept(known map[string]bool) []*Record {
	var out []*Record
	for _, place := range sortedKeys(r.st.manifest.Keeps) {
		k := r.st.manifest.Keeps[place]
		inJail := joinPath(r.st.jail, strings.TrimPrefix(string(place), "/"))
		d, err := r.s.dirAt(inJail)
		if err != nil {
			continue // gone, or something else stands there
		}
		names, err := d.list()
		if err != nil {
			continue
		}
		for _, name := range names {
			from, to := joinPath(inJail, name), joinPath(k.Real, name)
			if known[from] || known[to] || len(out) >= maxKept || !matchesAny(k.Patterns, name) {
				continue
			}
			if r.st.manifest.Entries[rewrite.JailPath(joinPath(string(place), name))] != nil {
				continue // it has been judged by what is known of it
			}
			if info, err := d.lstat(name); err != nil || info.Kind != RegularFile {
				continue
			}
			known[from], known[to] = true, true
			out = append(out, &Record{Path: to, Role: roleAwaited, Class: rewrite.ClassWritten, Partner: from,
				Before: State{UID: k.UID, GID: k.GID, Mode: keptMode(name)}},
				&Record{Path: from, Role: roleData, Class: rewrite.ClassWritten, Partner: to, Moved: true})
		}
	}
	return out
}

// keptMode is the mode that such a file gets on the host. What named, or who
// broke into it, made of the mode in the jail counts for nothing.
func keptMode(name string) uint32 {
	if strings.HasSuffix(name, ".key") || strings.HasSuffix(name, ".db") {
		return 0o644
	}
	return 0o600
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, name)
		return ok && err == nil
	})
}
