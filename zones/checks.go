package zones

import (
	"encoding/binary"
	"time"
)

// Level is how much a check matters: a zone statement says warn, fail or ignore.
type Level uint8

// The levels; the zero Level is Warn, which is what named does with most
// checks where nothing is stated.
const (
	Warn Level = iota
	Fail
	Ignore
)

// Checks says which checks a zone's own statements ask for, inherited from
// template, view and options where the zone is silent. The zero Checks warns
// of everything.
//
// Units: MaxTTL in seconds, 0 is no bound.
//
// Source: ARM, check-names, check-mx and their fellows; BIND,
// bin/named/zoneconf.c (named_zone_configure).
type Checks struct {
	Names             Level // check-names
	MX                Level // check-mx: a mail server is no address; one without address
	MXCNAME           Level // check-mx-cname
	SRVCNAME          Level // check-srv-cname
	SPF               Level // check-spf
	Duplicates        Level // check-dup-records
	NoWildcard        bool  // check-wildcard no
	NoIntegrity       bool  // check-integrity no
	NoSibling         bool  // check-sibling no
	NoSVCB            bool  // check-svcb no (9.20)
	MaxTTL            uint32
	MaxRecordsPerType int  // max-records-per-type, 0 is no bound
	MaxTypesPerName   int  // max-types-per-name, 0 is no bound
	Signed            bool // named signs the zone with the keys of KeyDirectory
	KeyDirectory      string
	KeyStores         []string // directories of the key-stores of its policy (9.20)
	MakesKeys         bool     // named makes the keys too, as dnssec-policy says
	Release           [3]int   // of the named that will load the zone; zero: 9.20
}

// Judging says what the caller of the check asks for, whatever the zone says.
//
// ExpireWithin is how long a signature must at least still be valid; 0 is
// three days, and less than 0 is no time at all. DNSSEC asks for the proof that
// every signature and the whole NSEC or NSEC3 chain is right. Now is the time
// that signatures are compared with; the zero time is that of the check.
type Judging struct {
	DNSSEC       bool
	ExpireWithin time.Duration
	Now          time.Time
}

// defaultExpireWithin is ExpireWithin where the caller says nothing.
const defaultExpireWithin = 3 * 24 * time.Hour

// within is how long signatures must at least still be valid.
func (j *Judging) within() time.Duration {
	if j.ExpireWithin == 0 {
		return defaultExpireWithin
	}
	return max(j.ExpireWithin, 0)
}

// keyOf says in few bytes what of the checks and of the caller's wishes decides
// about a report. Now does not: a report that speaks of time is not kept long.
func keyOf(c *Checks, j *Judging) string {
	b := make([]byte, 0, 48)
	for _, l := range [...]Level{c.Names, c.MX, c.MXCNAME, c.SRVCNAME, c.SPF, c.Duplicates} {
		b = append(b, byte(l)+'0')
	}
	for _, on := range [...]bool{c.NoWildcard, c.NoIntegrity, c.NoSibling, c.NoSVCB, c.Signed, c.MakesKeys, j.DNSSEC} {
		if on {
			b = append(b, '+')
		} else {
			b = append(b, '-')
		}
	}
	for _, n := range [...]uint64{uint64(c.MaxTTL), uint64(c.MaxRecordsPerType), uint64(c.MaxTypesPerName), uint64(c.Release[0]),
		uint64(c.Release[1]), uint64(c.Release[2]), uint64(j.ExpireWithin)} {
		b = binary.AppendUvarint(b, n)
	}
	b = appendString(b, c.KeyDirectory)
	for _, dir := range c.KeyStores {
		b = appendString(b, dir)
	}
	return string(b)
}
