package zones

import (
	"slices"
	"sync"

	"named-jail/parser"
)

// scan is one pass over owners of a zone that has been read: it shows the
// rules one owner at a time, with its records by type, and takes what they find.
// Several scans share a zone, each with owners of its own.
type scan struct {
	c      *check
	s      *store
	checks *Checks
	whole  bool // every record could be read, so that what is missing is missing
	phase  phase
	rules  []ask // those that are asked
	soft   bool  // the rule that is asked can only warn now

	id     uint32 // the owner
	flags  uint32
	sets   []rrset // its RRsets, in the order in which they begin
	recs   []*stored
	digest *digestKey // nil: nobody asks for the sum
	sum    digest     // of the digests of the records, each once
	left   int32      // seconds until a signature's state changes; 0: none does
	twice  int        // records that are there twice or more, for the count

	judged uint32 // the owner that below speaks of
	below  bool   // it lies below a delegation or a DNAME
	old    bool   // SIG or NXT records have been told of

	found []parser.Diagnostic
	more  map[parser.Code]int // findings beyond the bound
	count map[parser.Code]int
}

// rrset is the records of one type at one owner, in the order in which they
// were read; repeated ones too.
type rrset struct {
	rtype uint16
	recs  []*stored
}

// place is where a finding stands; the zero place is the zone's file as a whole.
type place struct {
	file         string
	line, column int
}

// finding is what a rule says. The zero severity is that of the code.
type finding struct {
	code            parser.Code
	severity        parser.Severity
	message, remedy string
	fatal           bool // an error, though the code is mostly a warning
}

// name gives the name of the owner in wire form.
func (x *scan) name() []byte { return x.s.name(x.id) }

// set gives the records of a type at the owner.
func (x *scan) set(rtype uint16) []*stored {
	for i := range x.sets {
		if x.sets[i].rtype == rtype {
			return x.sets[i].recs
		}
	}
	return nil
}

// say takes a finding about a record.
func (x *scan) say(rec *stored, f finding) {
	if rec.marks&byGenerate != 0 && x.said(rec, &f) {
		return
	}
	if x.count == nil {
		x.count, x.more = map[parser.Code]int{}, map[parser.Code]int{}
	}
	if x.count[f.code]++; x.count[f.code] > x.c.zone.maxErrors() {
		x.more[f.code]++
		return
	}
	if x.soft {
		f.severity, f.fatal = parser.Warning, false
	}
	p := x.s.place(rec)
	x.found = append(x.found, parser.Diagnostic{Code: f.code, Severity: f.severity, File: p.file, Line: p.line, Column: p.column,
		Message: f.message, Remedy: f.remedy, Fatal: f.fatal})
}

// lastSaid is how many findings back are compared: what one record of a
// $GENERATE line can have.
const lastSaid = 8

// said tells whether the same was found just before about another record of the
// same $GENERATE line.
func (x *scan) said(rec *stored, f *finding) bool {
	p := x.s.place(rec)
	for i := len(x.found) - 1; i >= max(0, len(x.found)-lastSaid); i-- {
		if d := &x.found[i]; d.Line == p.line && d.Code == f.code && d.Message == f.message && d.File == p.file && d.Column == p.column {
			return true
		}
	}
	return false
}

// at gives the finding the severity of a check's level.
func (f finding) at(l Level) finding {
	if f.severity, f.fatal = parser.Error, l == Fail; !f.fatal {
		f.severity = parser.Warning
	}
	return f
}

// take loads an owner; false when it has no record.
func (x *scan) take(id uint32) bool {
	x.id, x.recs, x.sets = id, x.recs[:0], x.sets[:0]
	o := x.s.owners.at(id)
	x.flags = o.flags
	types, sorted := uint16(0), true
	var own uint64
	if x.digest != nil {
		own = x.digest.of(0, x.name())[0]
	}
	for n := o.first; n != none; {
		rec := x.s.recs.at(n)
		n = rec.next
		if rec.rtype == 0 {
			continue
		}
		sorted = sorted && rec.rtype >= types
		types = rec.rtype
		x.recs = append(x.recs, rec)
		if x.digest != nil {
			x.sum = x.sum.plus(x.digest.record(own, rec, x.s.data(rec)))
		}
	}
	if !sorted {
		slices.SortStableFunc(x.recs, func(a, b *stored) int { return int(a.rtype) - int(b.rtype) })
	}
	for from := 0; from < len(x.recs); {
		to := from + 1
		for to < len(x.recs) && x.recs[to].rtype == x.recs[from].rtype {
			to++
		}
		x.sets = append(x.sets, rrset{x.recs[from].rtype, x.recs[from:to:to]})
		from = to
	}
	return len(x.sets) > 0
}

// ask is a rule that is asked in a phase; soft says that it speaks of changed
// owners only, and warns.
type ask struct {
	*ownerRule
	soft bool
}

// asks holds the rules of each phase.
var asks = sync.OnceValue(func() (list [whenApplied + 1][]ask) {
	for p := range list {
		for i := range ownerRules {
			if yes, soft := phase(p).asks(&ownerRules[i]); yes {
				list[p] = append(list[p], ask{&ownerRules[i], soft && phase(p) == whenApplied})
			}
		}
	}
	return list
})

// over shows the owners from from to to, to excluded, to all rules.
func (x *scan) over(from, to uint32) {
	rules := x.rules[:0]
	for _, r := range asks()[x.phase] {
		if (!r.whole || x.whole) && slices.Contains(r.kinds, x.c.kind) && (r.when == nil || r.when(x)) {
			rules = append(rules, r)
		}
	}
	x.rules = rules
	for id := from; id < to; id++ {
		if id&0xfff == 0 && x.c.halted() {
			return
		}
		if !x.take(id) {
			continue
		}
		if x.flags&hasRRSIG != 0 {
			x.nextChange()
		}
		for _, r := range rules {
			if x.soft = r.soft; x.soft && x.flags&changed == 0 {
				continue
			}
			if len(x.recs) > leastShare && x.c.halted() {
				return
			}
			if r.needs == 0 || x.flags&r.needs != 0 {
				r.look(x)
			}
		}
	}
}

// leastShare is the number of owners that is worth a goroutine of its own.
const leastShare = 20000

// owners shows all owners to the rules and reports what these find.
func (c *check) owners(whole bool, when phase) {
	s := &c.store
	if s.flags&isWild != 0 {
		s.fill()
	}
	c.servers = new(servers)
	n := s.owners.n
	workers := max(1, min(c.workers, n/leastShare))
	scans := make([]*scan, workers)
	var wg sync.WaitGroup
	for i := range scans {
		x := &scan{c: c, s: s, checks: &c.zone.Checks, whole: whole, phase: when}
		if when != whenApplied {
			x.digest = c.digest
		}
		scans[i] = x
		if workers == 1 { // most zones are small
			x.sets, x.recs, x.rules = c.sets, c.recs, c.rules
			x.over(0, uint32(n))
			c.sets, c.recs, c.rules = x.sets, x.recs, x.rules
			if cap(c.recs) > leastShare {
				c.sets, c.recs = nil, nil // they would keep the records of a zone that is done
			}
			break
		}
		wg.Go(func() { x.over(uint32(n*i/workers), uint32(n*(i+1)/workers)) })
	}
	wg.Wait()
	var all parser.Diagnostics
	for _, x := range scans {
		c.twice += x.twice
		c.sum = c.sum.plus(x.sum)
		c.signaturesHold(x)
		all = append(all, x.found...)
		for code, n := range x.more {
			c.unsaid(code, n)
		}
	}
	all.Sort()
	for _, d := range all {
		c.add(d)
	}
}
