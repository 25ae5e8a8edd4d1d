package zones

import (
	"fmt"
	"slices"

	"named-jail/parser"
)

// signedSuffix is what named puts behind the name of the file of a zone that it
// signs beside the file.
//
// Source: BIND, bin/named/zoneconf.c (named_zone_configure).
const signedSuffix = ".signed"

// signedFrom says up to which serial of the unsigned zone signed data goes,
// as the headers of the raw file and of the journals state it.
type signedFrom struct {
	serial uint32
	known  bool
}

// later takes another statement, when it goes further.
func (s *signedFrom) later(serial uint32, known bool) {
	if known && (!s.known || serialAfter(serial, s.serial)) {
		*s = signedFrom{serial, true}
	}
}

// signed judges the signed copy of a zone that has been judged without an
// error, with its journal. Where the copy is missing, named takes the unsigned
// zone and applies the copy's journal to that.
//
// Source: BIND, lib/dns/zone.c (zone_load, receive_secure_serial,
// receive_secure_db); measured with BIND 9.18.49.
func (c *check) signed() {
	outer, zone, cache, steady, torn, last := c.report, c.zone, c.cache, c.steady, c.torn, c.last
	journal, serial := c.from, outer.Serial
	file := zone.File + signedSuffix
	if !exists(c.files, file) {
		c.from = signedFrom{}
		before := len(outer.Diagnostics)
		if src := c.openJournal(journalNames(file, "")); src != nil {
			c.journal(src)
		}
		signAnew(outer.Diagnostics[before:])
		return
	}
	inner := Zone{Name: zone.Name, Class: zone.Class, View: zone.View, Type: "primary", File: file, Format: "raw", Living: true,
		At: zone.At, MaxErrors: zone.MaxErrors, Checks: zone.Checks}
	c.cache = nil
	r := c.check(inner)
	c.zone, c.report, c.cache, c.last = zone, outer, cache, last
	c.steady, c.torn = c.steady && steady, c.torn || torn
	signAnew(r.Diagnostics)
	for _, d := range r.Diagnostics {
		if !slices.Contains(outer.Diagnostics, d) { // rules for the whole zone look at its signatures too
			outer.Diagnostics = append(outer.Diagnostics, d)
		}
	}
	outer.Files = append(outer.Files, r.Files...)
	if !r.Until.IsZero() {
		c.goodUntil(r.Until)
	}
	outer.Stopped = outer.Stopped || r.Stopped
	if r.Diagnostics.Errors() == 0 && c.from.known && journal.known && journal.serial == serial && serialAfter(serial, c.from.serial) {
		outer.Diagnostics = append(outer.Diagnostics, parser.Diagnostic{Code: "NJ447", Severity: parser.Warning, File: r.Files[0].Shown,
			Message: fmt.Sprintf("the signed copy of the zone holds serial %d of the zone's file, and its journal says that it holds %d: "+
				"named leaves out the changes in between", c.from.serial, serial),
			Remedy: "restore the .signed.jnl file, or move .signed away, and named signs the zone anew"})
	}
}

// signAnew says what to do about faults of a signed copy.
func signAnew(ds parser.Diagnostics) {
	for i := range ds {
		if ds[i].Severity == parser.Error && ds[i].Code != "NJ418" && !asked[ds[i].Code] {
			ds[i].Remedy = "named does not load the zone; move its .signed and .signed.jnl files away, and named signs it anew"
		}
	}
}
