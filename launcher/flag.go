package launcher

import (
	"slices"

	"named-jail/parser"
)

// Kind is what a flag of named is about.
type Kind uint8

// The kinds. Passed is every flag that only goes on to named. Obsolete is one
// that named reads and ignores. Refused is one that named takes and that has no
// meaning for a jailed name server.
const (
	Passed Kind = iota
	Chroot
	User
	Group
	Config
	WorkingDirectory
	Foreground
	Stderr // foreground, with the log on standard error
	IPv4
	IPv6
	LogFile
	LockFile
	Port
	Info // prints something and ends
	Obsolete
	Refused
)

// Form is how named checks the value of a flag before it does anything else.
type Form uint8

// The forms. Number is a decimal number from 0 to 2147483647. PortNumber is 1 to
// 65535. TransportPort is a PortNumber that may have dns=, tls=, https= or http=
// before it. WordList is words of the row's Words, separated by commas.
// NotEmpty is any text but the empty one.
const (
	Text Form = iota
	NotEmpty
	Number
	PortNumber
	TransportPort
	WordList
)

// Flag is one row of the table: one letter in one range of releases.
//
// Family is 8 or 9. Since is the first release that has the row, Until the
// first that has it no more; the zero Version leaves the end open. Arg tells
// whether an argument follows. Pass tells whether the flag goes on to the
// jailed named; the flags that Argv sets itself do not. Meaning is a few words
// for messages, Instead what to do where the row does not hold any more.
type Flag struct {
	Letter       byte
	Family       int
	Since, Until parser.Version
	Arg          bool
	Kind         Kind
	Pass         bool
	Form         Form
	Words        []string
	Meaning      string
	Instead      string
}

// holds tells whether the row is valid for a release.
func (f *Flag) holds(family int, v parser.Version) bool {
	if f.Family != family || v.Before(f.Since) {
		return false
	}
	return !f.Until.Known() || v.Before(f.Until)
}

// LookupFlag gives the row of a letter for a family and release. The second
// result is false when that named has no such flag.
func LookupFlag(letter byte, family int, v parser.Version) (*Flag, bool) {
	for i := range flags {
		f := &flags[i]
		if f.Letter == letter && f.holds(family, v) {
			return f, true
		}
	}
	return nil, false
}

// Flags gives the rows that hold for a family and release, in the table's order.
func Flags(family int, v parser.Version) []Flag {
	var rows []Flag
	for _, f := range flags {
		if f.holds(family, v) {
			rows = append(rows, f)
		}
	}
	return rows
}

// FlagTable gives all rows of the table, in its order.
func FlagTable() []Flag { return slices.Clone(flags) }

// missing says why a named does not have a flag, and what to do: it came
// later, it is gone, or it belongs to the other family.
func missing(letter byte, family int, v parser.Version) (text, remedy string) {
	remedy = "leave it out; named's manual page lists the flags that it has"
	var later, gone, other *Flag
	for i := range flags {
		f := &flags[i]
		switch {
		case f.Letter != letter:
		case f.Family != family:
			if other == nil {
				other = f
			}
		case v.Before(f.Since):
			if later == nil || f.Since.Before(later.Since) {
				later = f
			}
		default:
			if gone == nil || gone.Until.Before(f.Until) {
				gone = f
			}
		}
	}
	switch {
	case gone != nil:
		text = "it was removed in BIND " + gone.Until.String()
		if gone.Instead != "" {
			remedy = gone.Instead
		}
		if later != nil {
			text += ", and came back with BIND " + later.Since.String() + " (" + later.Meaning + ")"
		}
	case later != nil:
		text = "it came with BIND " + later.Since.String() + " (" + later.Meaning + ")"
	case other != nil && other.Family == 8:
		text = "only BIND 8 has it (" + other.Meaning + ")"
		if other.Instead != "" {
			remedy = other.Instead
		}
	case other != nil:
		text = "only BIND 9 has it (" + other.Meaning + ")"
	}
	return text, remedy
}
