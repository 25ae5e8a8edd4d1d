package zones

import (
	"fmt"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// readingRules is the table of rules that named applies while it reads the
// file, before it looks at the journal, and whether they are worth a warning
// about what the journal makes of the zone, which named takes as it is.
//
// Source: BIND, lib/dns/master.c, lib/dns/rbtdb.c (loading_addrdataset),
// lib/dns/zone.c (zone_startload).
var readingRules = map[parser.Code]bool{
	"NJ404": false, "NJ407": false, "NJ414": false, "NJ420": true, "NJ424": false, "NJ425": false, "NJ426": true, "NJ428": true, "NJ429": true,
}

// phase says which rules for owners are asked.
type phase uint8

const (
	allRules    phase = iota
	whenRead          // those of the reading
	whenApplied       // the others, and those of the reading about what the journal changed
)

// asks tells whether a rule belongs to the phase, and soft whether it speaks of
// changed owners only, and warns.
func (p phase) asks(r *ownerRule) (yes, soft bool) {
	again, reading := readingRules[r.code]
	switch p {
	case whenRead:
		return reading, false
	case whenApplied:
		return !reading || again, reading
	}
	return true, false
}

// openJournal opens the journal of a file, nil when there is none, or none that
// can be read: that is said.
func (c *check) openJournal(names [2]string) *source {
	absent, _ := c.files.(Absences)
	for _, name := range names {
		if absent != nil && absent.Lacks(name) {
			continue
		}
		src, wrong := c.open(name)
		if src == nil && wrong.code == missing {
			continue
		}
		if wrong == nil {
			return src
		}
		code := parser.Code("NJ419")
		if wrong.code == denied {
			code = "NJ418"
		}
		d := c.zone.At
		d.Code, d.Severity, d.Source = code, parser.Error, ""
		d.Message, d.Remedy = "the zone's journal "+wrong.message, wrong.remedy
		c.steady = false
		c.add(d)
		return nil
	}
	return nil
}

// journal applies the zone's journal to what the file holds, as named does
// before it judges the zone: when the journal cannot be joined to the file's
// serial, or a change cannot be made, the zone is not loaded. false: the store
// is in the middle of a change.
//
// Source: BIND, lib/dns/zone.c (zone_journal_rollforward).
func (c *check) journal(src *source) bool {
	x := c.newJournalReader(src)
	at, how, what := x.join(c.serial())
	c.from.later(x.source, x.sourced)
	a := applier{c: c, x: x, shown: src.shown}
	whole := true
	if how == joined {
		what = x.changes(at, a.take)
		if what == "" || x.cut {
			if wrong := a.flush(); wrong != "" {
				what, x.cut = wrong, false
			}
		}
		if what != "" && !x.cut {
			how, whole = damaged, false
			if a.stuck {
				how = stuck
			}
		}
		c.store.settle()
	}
	src.lex.err = x.err
	c.ended(src)
	if x.err == nil && !c.report.Stopped {
		c.joined(src.shown, how, what, x.cut && how == joined)
		if a.idle > 0 && whole {
			c.add(parser.Diagnostic{Code: "NJ447", Severity: parser.Warning, File: src.shown,
				Message: fmt.Sprintf("the journal has %d changes that do nothing; the first ends before byte %d", a.idle, a.firstIdle),
				Remedy:  "write the zone's file anew with rndc sync -clean"})
		}
	}
	return whole && x.err == nil
}

// serial is that of the zone's SOA record, 0 where there is none.
func (c *check) serial() uint32 {
	if soa := c.store.first(0, dns.TypeSOA); soa != nil {
		return soaSerial(c.store.data(soa))
	}
	return 0
}

// joinCodes is the table of what is said of a journal.
var joinCodes = map[joins]parser.Code{apart: "NJ412", damaged: "NJ419", stuck: "NJ447"}

// joined reports what the journal said. A journal that ends in the middle of a
// change is no error to named, which goes on with what it has read.
func (c *check) joined(shown string, how joins, what string, loads bool) {
	if what == "" {
		return
	}
	d := parser.Diagnostic{Code: joinCodes[how], Severity: parser.Error, File: shown, Message: "the journal " + what,
		Remedy: "named does not load the zone; put back the zone file that this journal was made for, " +
			"or move the journal away, with which its changes are lost"}
	if loads {
		d.Code, d.Severity = "NJ419", parser.Warning
		d.Remedy = "named loads the zone without the changes that are missing; restore the journal, " +
			"or write the zone's file anew with rndc sync -clean"
	}
	c.add(d)
}

// sameBeside tells whether the files beside the zone's own, there or not, are
// still as the remembered report found them.
func sameBeside(files Files, z *Zone, known []Stamp) bool {
	if z.kind() == hint {
		return true
	}
	if !sameJournal(files, journalNames(z.File, z.Journal), known) {
		return false
	}
	if !z.Inline {
		return true
	}
	signed := z.File + signedSuffix
	return sameJournal(files, [2]string{signed, signed}, known) && sameJournal(files, journalNames(signed, ""), known)
}

// sameJournal tells whether the first of the names that is there is known.
func sameJournal(files Files, names [2]string, known []Stamp) bool {
	for _, name := range names {
		for i := range known {
			if known[i].Name == name { // lookup compares its stamp
				return true
			}
		}
		if exists(files, name) {
			return false
		}
	}
	return true
}

// exists tells whether there is something under the name.
func exists(files Files, name string) bool {
	if absent, ok := files.(Absences); ok && absent.Lacks(name) {
		return false
	}
	if stamper, ok := files.(Stamper); ok {
		_, ok = stamper.Stamp(name)
		return ok
	}
	f, _, err := files.Open(name)
	if err != nil {
		return false
	}
	f.Close()
	return true
}
