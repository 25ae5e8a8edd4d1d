package command

import (
	"math"
	"slices"
	"strconv"

	"named-jail/parser"
	"named-jail/rewrite"
	"named-jail/zones"
)

// dataCheck is a statement of zones about the data in their files.
//
// types are the types of zones for which named makes the check; for all others,
// and in a release that does not have the statement, it is as if off were
// written. builtin is named's value where nothing is stated, by type; nil:
// the Default of the parser's table.
type dataCheck struct {
	keyword string
	types   []string
	off     string
	builtin map[string]string
	set     func(c *zones.Checks, word string)
}

// The types of zones that named checks in one way or the other.
var (
	ownData = []string{"primary"}
	named   = []string{"primary", "secondary", "mirror"}
	stored  = []string{"primary", "secondary", "mirror", "stub", "redirect"}
)

// dataChecks is the table of these statements.
//
// Source: BIND, bin/named/zoneconf.c (named_zone_configure), bin/named/config.c,
// and which zones named of 9.16, 9.18 and 9.20 loads.
var dataChecks = []dataCheck{
	{"check-names", named, "ignore", map[string]string{"primary": "fail", "secondary": "warn", "mirror": "warn"},
		func(c *zones.Checks, word string) { c.Names = level(word) }},
	{"check-mx", ownData, "ignore", nil, func(c *zones.Checks, word string) { c.MX = level(word) }},
	{"check-mx-cname", ownData, "ignore", nil, func(c *zones.Checks, word string) { c.MXCNAME = level(word) }},
	{"check-srv-cname", ownData, "ignore", nil, func(c *zones.Checks, word string) { c.SRVCNAME = level(word) }},
	{"check-spf", ownData, "ignore", nil, func(c *zones.Checks, word string) { c.SPF = level(word) }},
	{"check-dup-records", ownData, "ignore", nil, func(c *zones.Checks, word string) { c.Duplicates = level(word) }},
	{"check-wildcard", ownData, "no", nil, func(c *zones.Checks, word string) { c.NoWildcard = isNo(word) }},
	{"check-integrity", ownData, "no", nil, func(c *zones.Checks, word string) { c.NoIntegrity = isNo(word) }},
	{"check-sibling", ownData, "no", nil, func(c *zones.Checks, word string) { c.NoSibling = isNo(word) }},
	{"check-svcb", ownData, "no", nil, func(c *zones.Checks, word string) { c.NoSVCB = isNo(word) }},
	{"max-records-per-type", stored, "0", nil, func(c *zones.Checks, word string) { c.MaxRecordsPerType = number(word) }},
	{"max-types-per-name", stored, "0", nil, func(c *zones.Checks, word string) { c.MaxTypesPerName = number(word) }},
	{"max-zone-ttl", stored, "0", nil, func(c *zones.Checks, word string) { c.MaxTTL = ttl(word) }},
}

// levels are the words of check statements that have a level.
var levels = map[string]zones.Level{"fail": zones.Fail, "warn": zones.Warn, "ignore": zones.Ignore}

// level reads one; a word that is none is reported elsewhere.
func level(word string) zones.Level { return levels[word] }

// isNo tells whether a boolean switches off.
func isNo(word string) bool { return slices.Contains([]string{"no", "false", "0"}, word) }

// number reads a bound, 0 for none.
func number(word string) int {
	n, err := strconv.ParseUint(word, 0, 32)
	if err != nil || n > math.MaxInt32 {
		return 0
	}
	return int(n)
}

// ttl reads a bound for TTLs in seconds, 0 for none.
func ttl(word string) uint32 {
	n, ok := parser.Seconds(word)
	if !ok {
		return 0 // unlimited
	}
	return uint32(min(n, math.MaxUint32))
}

// checksOf says what the statements of a zone, its template, view and options
// ask of the zone's file.
func (v *survey) checksOf(z *rewrite.Zone) zones.Checks {
	c := zones.Checks{Signed: z.Signed && z.Policy() != "insecure", MakesKeys: z.Policy() != ""}
	release := v.build.Version
	if release.Known() {
		c.Release = [3]int{release.Major, release.Minor, release.Patch}
	} else {
		release = parser.V(9, 20, 0)
	}
	for i := range dataChecks {
		d := &dataChecks[i]
		d.set(&c, d.word(z, release))
	}
	if policy := z.Policy(); policy != "" && policyBoundsTTLs(release) && slices.Contains(named, z.Type) {
		c.MaxTTL = policyTTL(release, policy, v.install.PolicyTTL(policy))
	}
	if dirs := v.install.KeyDirectories(z); len(dirs) > 0 {
		for i := range dirs {
			dirs[i] = v.keysNow(dirs[i])
		}
		if c.KeyDirectory = dirs[0]; len(dirs) > 1 {
			c.KeyStores = dirs[1:]
		}
	}
	return c
}

// word gives the word that is in force for a zone.
func (d *dataCheck) word(z *rewrite.Zone, release parser.Version) string {
	def := parser.Lookup(parser.ZoneBlock, d.keyword)
	if !slices.Contains(d.types, z.Type) || !def.KnownIn(release) {
		return d.off
	}
	if word, stated := z.Stated(d.keyword); stated {
		return word
	}
	if d.builtin != nil {
		return d.builtin[z.Type]
	}
	return def.DefaultFor(release, z.Type)
}

// policyBoundsTTLs tells whether named of a release refuses a TTL above
// max-zone-ttl of the zone's dnssec-policy. Older ones go by the zone's
// own statement alone.
//
// Source: BIND 9.18.6 and 9.16.32, notes, on max-zone-ttl.
func policyBoundsTTLs(v parser.Version) bool {
	if v.Major == 9 && v.Minor == 16 {
		return v.AtLeast(9, 16, 32)
	}
	return v.AtLeast(9, 18, 6)
}

// policyTTL is the bound of a policy, 0 for none.
//
// Source: named -C of 9.18 and 9.20, the policies default and insecure; what
// named of 9.16 refuses.
func policyTTL(v parser.Version, name, stated string) uint32 {
	switch {
	case stated != "":
		return ttl(stated)
	case name == "insecure" && v.AtLeast(9, 17, 0):
		return 0
	}
	return ttl(parser.Lookup(parser.PolicyBlock, "max-zone-ttl").DefaultFor(v, ""))
}

// keysNow gives the place of a directory of keys: on the host, or in the jail
// when the host has it no more.
func (v *survey) keysNow(dir string) string {
	if !v.gone(dir) {
		return dir
	}
	for _, p := range v.install.Paths {
		if p.Host == dir && p.Rule.Kind == parser.DirectoryPath && v.holds(p.Jail) {
			return v.tree.HostPath(p.Jail)
		}
	}
	return dir
}

// judging is what the caller asks of the zones whatever they state.
func (f *flags) judging() zones.Judging {
	return zones.Judging{DNSSEC: f.dnssec, ExpireWithin: f.expireWithin.Duration}
}

// ordinary tells whether the caller asks for nothing special. Only such a
// check uses the record of checked zones, so that one with wishes does not
// make the next start read all zones again.
func (f *flags) ordinary() bool {
	return f.judging() == zones.Judging{} && (f.maxErrors == 0 || f.maxErrors == zones.DefaultMaxErrors)
}
