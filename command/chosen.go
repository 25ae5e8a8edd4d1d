package command

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"named-jail/parser"
	"named-jail/rewrite"
)

// choose finds the zones that check is told. What named nothing is a finding,
// unless a part of the configuration could not be understood, where it may stand.
func (w *walk) choose() {
	if len(w.flags.zones) == 0 {
		return
	}
	w.chosen = map[*rewrite.Zone]bool{}
	byName := map[string][]*rewrite.Zone{}
	for _, z := range w.install.Zones {
		for _, name := range zoneNames(z) {
			name = zoneName(name)
			byName[name] = append(byName[name], z)
		}
	}
	for _, word := range w.flags.zones {
		found := byName[zoneName(word)]
		for _, z := range found {
			w.chosen[z] = true
		}
		if len(found) == 0 && len(w.install.Files) > 0 && !w.malformed() {
			w.ds.Add(w.noSuchZone(word))
		}
	}
}

// isChosen tells whether a zone's file is to be read.
func (v *survey) isChosen(z *rewrite.Zone) bool { return v.chosen == nil || v.chosen[z] }

// zoneNames are the names by which a zone can be told: its name alone, and as
// named writes it in its log, with class and view.
//
// Source: BIND, lib/dns/zone.c (zone_namerd_tostr).
func zoneNames(z *rewrite.Zone) []string {
	name := z.Name
	if name != "." {
		name = strings.TrimSuffix(name, ".")
	}
	names := []string{name, name + "/" + strings.ToUpper(z.Class)}
	if z.View != "" {
		names = append(names, names[1]+"/"+z.View)
	}
	return names
}

// zoneName makes one word of those that mean the same zone.
func zoneName(word string) string {
	if word = strings.ToLower(word); word != "." {
		word = strings.TrimSuffix(word, ".")
	}
	return word
}

// noSuchZone is the finding for a word that names no zone, with what may have
// been meant: the zone that the name lies in, or one that is spelt alike.
func (w *walk) noSuchZone(word string) parser.Diagnostic {
	d := parser.Diagnostic{Code: "NJ450", File: w.install.Files[0].Name, Message: fmt.Sprintf("there is no zone %q in the configuration", word)}
	name, within, near := zoneName(word), "", map[string]string{}
	for _, z := range w.install.Zones {
		for _, known := range zoneNames(z) {
			near[zoneName(known)] = known
			if strings.HasSuffix(name, "."+zoneName(known)) && len(known) > len(within) {
				within = known
			}
		}
	}
	switch meant := near[parser.Nearest(name, slices.Values(slices.Sorted(maps.Keys(near))))]; {
	case within != "":
		d.Remedy = fmt.Sprintf("If it is a name in the zone %s: named-jail check %s.", within, within)
	case meant != "":
		d.Remedy = fmt.Sprintf("Did you mean %s?", meant)
	}
	return d
}
