package jail

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"named-jail/rewrite"
)

// A name on a disk may be any bytes, and JSON keeps Unicode alone: what is not
// would come back as another name. The store writes such a name as a NUL, which no
// path has, and its bytes in hexadecimal.

// toText gives a name in the form that JSON keeps.
func toText(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	return "\x00" + hex.EncodeToString([]byte(name))
}

// fromText gives back the name that toText was given.
func fromText(text string) string {
	if digits, ok := strings.CutPrefix(text, "\x00"); ok {
		if name, err := hex.DecodeString(digits); err == nil {
			return string(name)
		}
	}
	return text
}

// withNames gives a copy of the record with all its names changed.
func (r Record) withNames(change func(string) string) *Record {
	for _, name := range []*string{&r.Path, &r.Partner, &r.Target, &r.Temp, &r.Before.Target} {
		*name = change(*name)
	}
	return &r
}

// withNames gives a copy of the manifest with the names of its head changed; names
// and entries have lines of their own.
func (m Manifest) withNames(change func(string) string) *Manifest {
	place := func(p rewrite.JailPath) rewrite.JailPath { return rewrite.JailPath(change(string(p))) }
	links, keeps, added := m.HostLinks, m.Keeps, m.Added
	m.Jail = change(m.Jail)
	m.HostLinks, m.Keeps, m.Added = make(map[string]rewrite.JailPath, len(links)), make(map[rewrite.JailPath]Keep, len(keeps)), nil
	for at, p := range links {
		m.HostLinks[change(at)] = place(p)
	}
	for p, k := range keeps {
		k.Real = change(k.Real)
		m.Keeps[place(p)] = k
	}
	for _, p := range added {
		m.Added = append(m.Added, place(p))
	}
	return &m
}
