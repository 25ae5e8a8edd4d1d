package rewrite

import (
	"slices"

	"named-jail/parser"
)

// policy is what a dnssec-policy says of the files and the data of its zones.
type policy struct {
	inline string   // inline-signing, "" where it is silent
	maxTTL string   // max-zone-ttl, likewise
	stores []string // the names of key-stores that its keys lie in, each once
}

// readPolicy reads the block of a dnssec-policy.
func readPolicy(b *parser.Block) *policy {
	p := &policy{inline: b.Find("inline-signing").Text(1), maxTTL: b.Find("max-zone-ttl").Text(1)}
	keys := b.Find("keys").Block()
	if keys == nil {
		return p
	}
	for i := range keys.Statements {
		terms := keys.Statements[i].Terms
		for j := range terms {
			if terms[j].Is("key-store") && j+1 < len(terms) {
				if name := terms[j+1].Value; !slices.Contains(p.stores, name) {
					p.stores = append(p.stores, name)
				}
			}
		}
	}
	return p
}

// Stated gives the word of a statement about the zone's data (check-names and
// its fellows, max-zone-ttl, max-records-per-type, ...): the zone's own, or
// what it inherits from template, view and options; in lower case. false:
// nothing states it, and named's built-in value holds.
func (z *Zone) Stated(keyword string) (string, bool) {
	for _, i := range slotsOf[keyword] {
		if i == primaryNamesSlot && z.Type != "primary" || i == secondaryNamesSlot && z.Type == "primary" {
			continue
		}
		return z.settings.words[i], z.settings.has(i)
	}
	return "", false
}

// SaysAsMuch tells whether another zone surely has the same
// statements about its data. A large server's zones mostly have.
func (z *Zone) SaysAsMuch(other *Zone) bool {
	return z.settings == other.settings // with its type
}

// Policy gives the name of the dnssec-policy in force, "" for none.
func (z *Zone) Policy() string {
	if !z.hasPolicy() {
		return ""
	}
	return z.settings.words[policySlot]
}

// PolicyTTL gives max-zone-ttl of a dnssec-policy, as written; "" where the
// policy is silent or built in.
func (in *Install) PolicyTTL(name string) string {
	if p := in.policies[name]; p != nil {
		return p.maxTTL
	}
	return ""
}

// KeyDirectories gives the directories of the host in which named looks for
// the zone's keys, the zone's key-directory first, then those of the key-stores
// of its policy; nil for a zone whose signatures named never makes.
func (in *Install) KeyDirectories(z *Zone) []string {
	if z.Type != "primary" && !z.Signed || z.Files == ClassStatic && !z.Signed {
		return nil
	}
	list := []string{parser.Resolve(in.Directory, z.settings.words[keyDirectorySlot])}
	if p := in.policies[z.Policy()]; p != nil {
		for _, name := range p.stores {
			if dir := in.keyStores[name]; dir != "" {
				list = append(list, parser.Resolve(in.Directory, dir))
			}
		}
	}
	return list
}
