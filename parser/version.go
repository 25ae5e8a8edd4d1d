package parser

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Version is a release of BIND: 8.3.0, 9.18.49. Vendor suffixes (-P1, -ESV-R4,
// -1~deb12u3) do not take part in a comparison and are not kept. The zero
// Version means "not known".
//
// Source: the second word of what `named -v` prints.
type Version struct {
	Major, Minor, Patch int
}

// V builds a Version; it keeps the rows of the tables short.
func V(major, minor, patch int) Version { return Version{major, minor, patch} }

// ParseVersion reads "9.18", "9.18.49" or "9.18.49-1~deb12u3-Debian"; missing
// parts count as 0. Errors: a text that does not start with a number.
func ParseVersion(s string) (Version, error) {
	var parts [3]int
	rest := s
	for i := range parts {
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		if digits == 0 {
			if i == 0 {
				return Version{}, fmt.Errorf("%q is not a BIND version; write it like 9.18 or 9.18.49", s)
			}
			break
		}
		n, err := strconv.Atoi(rest[:digits])
		if err != nil {
			return Version{}, fmt.Errorf("%q is not a BIND version; write it like 9.18 or 9.18.49", s)
		}
		parts[i] = n
		rest = rest[digits:]
		if !strings.HasPrefix(rest, ".") {
			break
		}
		rest = rest[1:]
	}
	return Version{parts[0], parts[1], parts[2]}, nil
}

// newest is a Patch that no release has.
const newest = 9999

// Branch gives the version that stands for the newest release of a branch, which
// has all that came to the branch and has lost all that left it. It prints as
// "9.18".
func Branch(major, minor int) Version { return Version{major, minor, newest} }

// Known tells whether the version has been found out.
func (v Version) Known() bool { return v != Version{} }

// Before tells whether v is an older release than w.
func (v Version) Before(w Version) bool {
	if v.Major != w.Major {
		return v.Major < w.Major
	}
	if v.Minor != w.Minor {
		return v.Minor < w.Minor
	}
	return v.Patch < w.Patch
}

// AtLeast tells whether v is the release major.minor.patch or a newer one.
func (v Version) AtLeast(major, minor, patch int) bool {
	return !v.Before(Version{major, minor, patch})
}

// String prints the three numbers: "9.18.49"; of a Branch the two that it has.
func (v Version) String() string {
	if v.Patch == newest {
		return fmt.Sprintf("%d.%d", v.Major, v.Minor)
	}
	return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
}

// Branches lists the branches of BIND that the table of statements tells apart,
// newest first: 9.21, 9.20, ... Odd ones are for development.
func Branches() []string {
	known := map[Version]bool{}
	for i := range statements {
		d := &statements[i]
		for _, v := range []Version{d.Since, d.Deprecated, d.Obsolete, d.Until} {
			if v.Known() {
				known[V(v.Major, v.Minor, 0)] = true
			}
		}
	}
	list := slices.SortedFunc(maps.Keys(known), func(a, b Version) int {
		if a.Before(b) {
			return 1
		}
		return -1
	})
	var words []string
	for _, v := range list {
		words = append(words, fmt.Sprintf("%d.%d", v.Major, v.Minor))
	}
	return words
}
