package rewrite

import (
	"strings"

	"named-jail/parser"
)

// Zone is a zone statement, as far as its files go.
type Zone struct {
	Name     string // as written
	Class    string // IN where the statement is silent
	View     string // "" outside views
	Type     string // primary, secondary, mirror, stub, hint, redirect, forward, static-stub, delegation-only, in-view
	Format   string // masterfile-format, "" where nothing states it
	Files    Class  // the rule by which its file is relocated
	Signed   bool   // named signs it, so that it writes keys
	At       parser.Span
	File     *Path // nil: the zone has no file
	Journal  *Path // nil: beside the file
	settings *settings
	dir      string // of the jail, where its file goes
}

// fileless are the types that must not have a file.
var fileless = map[string]bool{"forward": true, "static-stub": true, "delegation-only": true, "in-view": true}

// class tells what named does with the zone's file, by the zone's type and by
// what it states or inherits.
//
// Source: lib/dns/zone.c (dns_zone_isdynamic), bin/named/zoneconf.c.
func (z *Zone) class(v parser.Version) Class {
	s := z.settings
	switch z.Type {
	case "secondary", "mirror", "stub":
		return ClassSecondary
	case "redirect":
		if s.has(primariesSlot) || s.has(mastersSlot) {
			return ClassSecondary
		}
		return ClassStatic
	case "primary":
	default:
		return ClassStatic
	}
	inline := s.yes(inlineSlot) || z.hasPolicy() && !s.has(inlineSlot) && policySignsInline(v)
	switch {
	case s.has(updatePolicySlot), s.yes(allowUpdateSlot), z.hasPolicy() && !inline:
		return ClassDynamic
	case inline, z.differences():
		return ClassBeside
	case z.autoDNSSEC():
		return ClassDynamic
	}
	return ClassStatic
}

// policySignsInline tells whether a dnssec-policy alone makes named keep the
// file as it is and write a signed copy beside it.
//
// Source: bin/named/zoneconf.c (named_zone_inlinesigning) at each release.
func policySignsInline(v parser.Version) bool {
	switch {
	case v.AtLeast(9, 19, 0):
		return true
	case v.AtLeast(9, 17, 0):
		return v.Before(parser.V(9, 18, 7))
	}
	return v.Before(parser.V(9, 16, 33))
}

func (z *Zone) hasPolicy() bool {
	policy := z.settings.words[policySlot]
	return policy != "" && !strings.EqualFold(policy, "none")
}

// differences tells whether named keeps a journal of the changes that it finds
// in the file.
func (z *Zone) differences() bool {
	switch z.settings.words[differencesSlot] {
	case "primary", "master":
		return true
	}
	return z.settings.yes(differencesSlot)
}

// signs tells whether named itself makes or changes keys for the zone.
func (z *Zone) signs() bool {
	return z.hasPolicy() || z.settings.yes(inlineSlot) || z.autoDNSSEC()
}

func (z *Zone) autoDNSSEC() bool {
	word := z.settings.words[autoDNSSECSlot]
	return word == "maintain" || word == "allow"
}

// KeyDirectory gives the directory of keys that the zone states or inherits,
// as written, and where; "" where that is named's working directory.
func (z *Zone) KeyDirectory() (string, parser.Span) {
	return z.settings.words[keyDirectorySlot], z.settings.places[keyDirectorySlot]
}

// Label names the zone in messages: its name, and its view where it has one.
func (z *Zone) Label() string {
	if z.View == "" {
		return z.Name
	}
	return z.Name + " (view " + z.View + ")"
}
