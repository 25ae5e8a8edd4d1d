package rewrite

import (
	"path"
	"strings"

	"named-jail/parser"
)

// tokens are the variables of a zone's file name, with their short forms. The
// first occurrence of each is replaced, ignoring case.
//
// Source: lib/dns/zoneproperties.c; $name, $type and $view since 9.21.9, the
// others since 9.21.14.
var tokens = []struct {
	names []string
	since parser.Version
	value func(z *Zone) string
}{
	{[]string{"$name"}, parser.V(9, 21, 9), func(z *Zone) string { return origin(z) }},
	{[]string{"$type"}, parser.V(9, 21, 9), func(z *Zone) string { return z.Type }},
	{[]string{"$view"}, parser.V(9, 21, 9), func(z *Zone) string { return z.View }},
	{[]string{"%s"}, parser.V(9, 21, 14), func(z *Zone) string { return origin(z) }},
	{[]string{"%t"}, parser.V(9, 21, 14), func(z *Zone) string { return z.Type }},
	{[]string{"%v"}, parser.V(9, 21, 14), func(z *Zone) string { return z.View }},
	{[]string{"$label1", "%z"}, parser.V(9, 21, 14), func(z *Zone) string { return label(z, 1) }},
	{[]string{"$label2", "%y"}, parser.V(9, 21, 14), func(z *Zone) string { return label(z, 2) }},
	{[]string{"$label3", "%x"}, parser.V(9, 21, 14), func(z *Zone) string { return label(z, 3) }},
	{[]string{"$char1", "%1"}, parser.V(9, 21, 14), func(z *Zone) string { return char(z, 1) }},
	{[]string{"$char2", "%2"}, parser.V(9, 21, 14), func(z *Zone) string { return char(z, 2) }},
	{[]string{"$char3", "%3"}, parser.V(9, 21, 14), func(z *Zone) string { return char(z, 3) }},
}

func origin(z *Zone) string { return strings.TrimSuffix(strings.ToLower(z.Name), ".") }

// label gives the n-th label from the right, "." where there is none.
func label(z *Zone, n int) string {
	labels := strings.Split(origin(z), ".")
	if n > len(labels) {
		return "."
	}
	return labels[len(labels)-n]
}

// char gives the n-th letter of the name, "." where there is none.
func char(z *Zone, n int) string {
	name := origin(z)
	if n > len(name) {
		return "."
	}
	return name[n-1 : n]
}

// expand replaces the tokens of a file name as named does for the zone.
func expand(value string, z *Zone, v parser.Version) string {
	if !v.AtLeast(9, 21, 9) || !strings.ContainsAny(value, "$%") {
		return value
	}
	for _, t := range tokens {
		if v.Before(t.since) {
			continue
		}
		for _, name := range t.names {
			if n := strings.Index(strings.ToLower(value), name); n >= 0 {
				value = value[:n] + t.value(z) + value[n+len(name):]
				break
			}
		}
	}
	return value
}

// hasTokens tells whether named expands anything in the value.
func hasTokens(value string, v parser.Version) bool {
	probe := &Zone{Name: "\x01.\x02.\x03", View: "\x04", Type: "\x05"}
	return expand(value, probe, v) != value
}

// patternTail gives the part of a name with tokens that must be kept: from its
// first path component that holds one.
func patternTail(value string, v parser.Version) string {
	parts := strings.Split(path.Clean(value), "/")
	for i, p := range parts {
		if hasTokens(p, v) {
			return strings.Join(parts[i:], "/")
		}
	}
	return path.Base(value)
}
