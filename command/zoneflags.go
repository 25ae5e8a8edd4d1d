package command

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"named-jail/parser"
	"named-jail/zones"
)

var (
	_ pflag.Value = new(positive)
	_ pflag.Value = new(span)
)

// zoneFlags are those of all commands that check zones.
func zoneFlags(c *cobra.Command, f *flags) {
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON document on standard output")
	c.Flags().BoolVar(&f.noCheckconf, "no-checkconf", false, "do not ask named-checkconf too")
	c.Flags().BoolVar(&f.noCache, "no-cache", false, "read unchanged zone files again")
	c.Flags().Var(&f.maxErrors, "max-errors", "stop reading a zone after `N` errors (default "+strconv.Itoa(zones.DefaultMaxErrors)+")")
	c.Flags().Var(&f.expireWithin, "expire-within", "warn of signatures that expire within `DURATION`, such as 7d, 12h or 2w (default 3d)")
	c.Flags().BoolVar(&f.dnssec, "dnssec", false, "prove every signature and the NSEC or NSEC3 chain of signed zones")
	if c.Name() == "check" {
		c.Flags().BoolVar(&f.noZones, "no-zones", false, "leave the zone files out")
	}
}

// positive is a flag with a number from 1 on; 0: it was not given.
type positive int

// String prints the number, nothing where the flag was not given.
func (p *positive) String() string {
	if *p == 0 {
		return ""
	}
	return strconv.Itoa(int(*p))
}

// Type is the word for the value in the help text.
func (*positive) Type() string { return "N" }

// Set reads a number. Errors: a word that is none, or one that is too small or
// too large.
func (p *positive) Set(word string) error {
	n, err := strconv.ParseUint(word, 10, 31)
	if err != nil || n == 0 {
		return errors.New("use a number such as 100, from 1 on")
	}
	*p = positive(n)
	return nil
}

// span is a flag with a length of time; the zero span: it was not given. A
// length of 0 is kept as one that is less than 0.
type span struct {
	time.Duration
	word string // as it was given
}

// String prints the time as it was given, nothing where it was not.
func (s *span) String() string { return s.word }

// Type is the word for the value in the help text.
func (*span) Type() string { return "DURATION" }

// Set reads a time as named.conf writes it, with its unit. Errors: a word that
// is none.
func (s *span) Set(word string) error {
	n, ok := parser.Seconds(word)
	s.word = word
	switch _, err := strconv.ParseUint(word, 10, 64); {
	case !ok, err == nil && n != 0, strings.EqualFold(word, "p"):
		return errors.New("use a time with its unit, such as 7d, 12h, 2w or 1w3d")
	case n == 0:
		s.Duration = -1
	default:
		s.Duration = time.Duration(min(n, uint64(math.MaxInt64/time.Second))) * time.Second
	}
	return nil
}
