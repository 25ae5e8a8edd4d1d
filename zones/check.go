package zones

import (
	"context"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// Options steers CheckAll. Workers is how many zones are read at once; 0 is
// one. Cache, unless nil, spares files that have not changed. Progress, unless
// nil, is called after each zone and each piece of a file, from one goroutine
// at a time. Apart, unless nil, judges the zones that the cache does not spare.
type Options struct {
	Workers  int
	Cache    *Cache
	Progress func(Progress)
	Judging  Judging
	Apart    Apart
}

// Check reads the file of one zone and judges it. A zone that has no file, by
// its type or because it names none, gets an empty report. Errors: never; the
// findings are in the report.
func Check(files Files, z Zone) Report {
	return newChecker(context.Background(), files, nil).check(z)
}

// CheckAll checks many zones at once; the reports stand in the order of zs.
// When ctx ends it returns soon; the reports of zones that were not checked to
// their end have Stopped set, those too that Apart failed to judge. Errors: never.
func CheckAll(ctx context.Context, files Files, zs []Zone, o Options) []Report {
	if o.Apart != nil {
		return checkApart(ctx, files, zs, o)
	}
	reports := make([]Report, len(zs))
	var mu sync.Mutex // guards next
	next, m := 0, newMeter(o.Progress, files, zs)
	var wg sync.WaitGroup
	for range min(max(o.Workers, 1), max(len(zs), 1)) {
		wg.Go(func() {
			c := newChecker(ctx, files, o.Cache)
			c.judging, c.meter = o.Judging, m
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= len(zs) {
					return
				}
				if ctx.Err() != nil {
					reports[i] = Report{Zone: &zs[i], Stopped: true}
					continue
				}
				reports[i].Zone = &zs[i]
				c.into(&reports[i])
				m.zone(&reports[i])
			}
		})
	}
	wg.Wait()
	return reports
}

// check is the work on one zone at a time; a worker uses one for all its
// zones, so that its buffers serve again.
type check struct {
	ctx   context.Context
	files Files
	cache *Cache
	now   func() time.Time
	meter *meter

	judging Judging
	servers *servers            // of the pass over the owners
	listed  map[string][]string // names in key directories

	zone     *Zone
	report   *Report
	kind     kind
	class    uint16
	origin   name
	errors   int                 // those that count as errors
	spared   int                 // errors of a copy's file, which are warnings
	warnings int                 // that are reported
	reading  bool                // the file is being read: the bound on errors ends that
	enough   bool                // it has ended it
	misread  bool                // the format is not the one that named will read
	more     map[parser.Code]int // warnings beyond the bound
	seen     int                 // records, those outside the zone too
	trust
	started time.Time

	store   store
	from    signedFrom // what headers say of the unsigned zone
	digest  *digestKey // of the records, nil: nobody asks
	sum     digest     // of the records of the file
	workers int        // goroutines that one zone may use
	inside  bool       // the current owner lies in the zone
	atTop   bool       // it is the zone's origin
	current uint32     // its number in the store
	twice   int        // records that are there twice
	text    textReader
	spare   []*source
	sets    []rrset // for the scans of small zones, to serve again
	recs    []*stored
	rules   []ask
	noted   map[Stamp]struct{} // the files of the report
}

// trust says what of a judgement may be remembered.
type trust struct {
	steady bool        // the files may go into the cache
	torn   bool        // a file changed while it was read
	last   *lastSerial // of the file, nil: nothing
}

func newChecker(ctx context.Context, files Files, cache *Cache) *check {
	c := &check{ctx: ctx, files: files, cache: cache, now: time.Now, workers: runtime.GOMAXPROCS(0)}
	c.text.c = c
	return c
}

// record takes a record that has been read: into the store, unless it cannot
// belong to the zone.
//
// Source: BIND, lib/dns/master.c (load_text).
func (c *check) record(r *record) {
	c.seen++
	if c.seen&0xfff == 0 && c.poll() {
		return
	}
	if r.newOwner {
		c.inside = r.owner.under(&c.origin)
		c.atTop = c.inside && r.owner.n == c.origin.n
		c.current = none
	}
	if r.rtype == typeWKS {
		c.report.Services = true
	}
	d := parser.Diagnostic{File: r.file, Line: r.line, Column: r.column}
	switch {
	case r.class != c.class:
		c.faultIn(r.file, wrongClass(r.class, c.class, &word{line: r.line, column: r.column}))
		return
	case !c.inside:
		c.outside(r)
		if !r.newOwner {
			return // said with the first
		}
		d.Code = "NJ406"
		d.Message = "the owner name lies outside the zone; named ignores the record"
		d.Remedy = "a name without a dot at its end gets the origin; look at the $ORIGIN lines above"
	case r.rtype == dns.TypeSOA && !c.atTop && c.kind != hint:
		d.Code = "NJ417"
		d.Message = "an SOA record below the origin of the zone"
		d.Remedy = "its owner name must be the name of the zone; write @ before any $ORIGIN line"
	default:
		if c.current == none {
			c.current = c.store.owner(r.owner.bytes())
		}
		c.store.add(c.current, r)
		return
	}
	c.add(d)
}

// wrongClass is a record of another class than the zone's.
func wrongClass(got, want uint16, at *word) *fault {
	return &fault{code: "NJ411", line: at.line, column: at.column,
		message: "this record has class " + className(got) + ", the zone has class " + className(want),
		remedy:  "take the class out, or give the zone statement the class that is meant"}
}

// check reads and judges one zone.
func (c *check) check(z Zone) Report {
	report := Report{Zone: &z}
	c.into(&report)
	return report
}

// into is check for a report that holds its zone already.
func (c *check) into(report *Report) {
	if !report.Zone.hasFile() || c.cache != nil && c.cache.lookup(c.files, report, &c.judging, c.now()) {
		return
	}
	c.judgeFile(report)
	if c.cache != nil && !c.judging.DNSSEC {
		c.cache.store(report, &c.judging, &c.trust)
	}
}

// hasFile tells whether named reads a file for the zone.
func (z *Zone) hasFile() bool { return z.kind() != noFile && z.File != "" }

// judgeFile is into without the cache of reports.
func (c *check) judgeFile(report *Report) {
	c.zone, c.report, c.kind = report.Zone, report, report.Zone.kind()
	c.errors, c.spared, c.warnings, c.seen, c.more, c.twice = 0, 0, 0, 0, nil, 0
	c.reading, c.enough, c.misread = true, false, false
	clear(c.noted)
	c.inside, c.atTop, c.current = false, false, none
	c.trust, c.started = trust{steady: true}, c.now()
	c.from, c.digest, c.sum = signedFrom{}, nil, digest{}
	if c.cache != nil && c.zone.ownSerial() {
		c.digest = c.cache.digestKey()
	}
	if c.start() {
		c.readFile()
		c.finish()
	}
	if c.zone.Inline && report.Format != "" && report.Diagnostics.Errors() == 0 && !report.Stopped {
		c.signed()
		report.Diagnostics.Sort()
	}
}

// start looks at the zone's name and class.
func (c *check) start() bool {
	origin, ok := parseNameString(c.zone.Name)
	class, known := uint16(dns.ClassINET), true
	if c.zone.Class != "" {
		class, known = classOf([]byte(c.zone.Class))
	}
	if !ok || !known {
		d := c.zone.At
		d.Code, d.Severity, d.Source = "NJ402", parser.Error, ""
		d.Message = "the zone's file cannot be judged, because the zone's name or class is not valid"
		d.Remedy = "correct the zone statement"
		c.add(d)
		return false
	}
	c.origin, c.class = origin, class
	c.store.reset(&origin)
	return true
}

// readFile opens the zone's file, finds out its format and reads it.
func (c *check) readFile() {
	src, wrong := c.open(c.zone.File)
	if wrong != nil {
		c.unreadable(src, wrong)
		return
	}
	head, err := src.lex.peek(8)
	if err != nil && err != io.EOF {
		c.ended(src)
		return
	}
	src.origin = c.origin
	found := formatOf(head)
	c.report.Format = "text"
	if found == isRaw {
		c.report.Format = "raw"
	}
	if !c.rightFormat(src, found, len(head) == 0) {
		c.ended(src)
		return
	}
	if found == isRaw {
		raw := rawReader{c: c, src: src}
		raw.read(src.lex.rest())
		c.ended(src)
		return
	}
	t := &c.text
	*t = textReader{c: c, gen: t.gen, genLine: t.genLine, stack: append(t.stack[:0], src),
		recordReader: recordReader{class: c.class, hints: c.kind == hint, zone: &c.origin, rr: t.rr, fresh: true, out: c}}
	t.rr.release = c.zone.Checks.Release
	t.read()
}

// rightFormat judges the format that was found against the one that named
// will take. A text file for a copied zone is read all the same.
func (c *check) rightFormat(src *source, found format, empty bool) bool {
	d := parser.Diagnostic{Code: "NJ409", File: src.shown}
	wantsMap := strings.EqualFold(c.zone.Format, "map")
	switch {
	case found == isMap || wantsMap:
		d.Message = "the zone file is in map format, which named-jail cannot read and BIND 9.18 and later refuse"
		d.Remedy = "convert it with the named-compilezone of the BIND that wrote it: named-compilezone -f map -F text -o NEW ZONE FILE"
		switch {
		case found == isText && empty:
			d.Message = "the zone asks for map format, which BIND 9.18 and later refuse, and the file is empty"
		case found != isMap:
			d.Message = "the zone asks for map format, which BIND 9.18 and later refuse, and the file is in " + c.report.Format + " format"
			d.Remedy = "write masterfile-format " + c.report.Format + "; in place of map; a file in map format is converted with: named-compilezone -f map -F text -o NEW ZONE FILE"
		}
		c.add(d)
		return false
	case found == isRaw && !c.zone.wantsRaw():
		d.Message = "the zone file is in raw format, and named will read it as text"
		d.Remedy = `write masterfile-format raw; into the zone, or convert the file: named-compilezone -f raw -F text -o NEW ZONE FILE`
		c.add(d)
		return false
	case found == isText && c.zone.wantsRaw():
		d.Message = "the zone file is text, and named will read it as raw"
		if empty {
			d.Message = "the zone file is empty, and named will read it as raw"
		}
		d.Remedy = "take masterfile-format raw; out of the zone, or convert the file: named-compilezone -F raw -o NEW ZONE FILE"
		c.add(d)
		return c.kind == copied && !empty
	}
	return true
}

// finish applies the rules for owners and for the whole zone and completes the
// report.
func (c *check) finish() {
	c.reading = false
	c.report.Serial = c.serial()
	if len(c.report.Files) > 0 && !c.report.Stopped && !c.enough {
		c.judge()
	}
	c.poll()
	c.report.Records = c.store.live - c.twice
	for _, code := range slices.Sorted(maps.Keys(c.more)) {
		n := c.more[code]
		c.report.Diagnostics = append(c.report.Diagnostics, parser.Diagnostic{Code: code, Severity: parser.Warning,
			File: c.report.Files[0].Shown, Message: fmt.Sprintf("%d more findings of this kind are not shown", n)})
	}
	c.report.Diagnostics.Sort()
}

// judge applies the rules in named's order: those of the reading, the journal,
// and then those for the zone as it is with the journal's changes.
func (c *check) judge() {
	whole := c.failures() == 0 && !(c.misread && c.seen == 0)
	var journal *source
	if whole && c.kind != hint && c.store.first(0, dns.TypeSOA) != nil {
		journal = c.openJournal(journalNames(c.zone.File, c.zone.Journal))
	}
	if journal == nil {
		c.owners(whole, allRules)
		c.serialRule()
	} else {
		c.owners(whole, whenRead)
		c.serialRule()
		if c.failures() > 0 {
			c.ended(journal)
		} else if !c.journal(journal) {
			return
		}
		c.report.Serial = c.serial()
		c.owners(whole, whenApplied)
		c.store.unmark()
	}
	if whole {
		for i := range zoneRules {
			c.wholeZone(&zoneRules[i])
		}
	}
}

func (c *check) wholeZone(rule *zoneRule) {
	for _, k := range rule.kinds {
		if k != c.kind {
			continue
		}
		for _, p := range rule.look(c) {
			if p.file == "" {
				p.file = c.report.Files[0].Shown
			}
			if p.code == "" {
				p.code = rule.code
			}
			c.add(parser.Diagnostic{Code: p.code, Severity: p.severity, File: p.file, Line: p.line, Column: p.column,
				Message: p.message, Remedy: p.remedy, Fatal: p.fatal})
		}
	}
}

// unreadable reports that the zone's own file cannot be opened; the finding
// stands at the zone statement. A copied zone needs no file yet.
func (c *check) unreadable(src *source, wrong *fault) {
	if src == nil && wrong.code == missing && c.kind == copied {
		c.report.Missing = true
		return
	}
	d := c.zone.At
	d.Code, d.Severity, d.Source = "NJ401", parser.Error, ""
	switch wrong.code {
	case denied:
		d.Code = "NJ418"
	case unsafe:
		d.Code = unsafe
	}
	d.Message, d.Remedy = "the zone file "+wrong.message, wrong.remedy
	if d.Remedy == "" {
		d.Remedy = "put the file there, or correct the file statement of the zone"
	}
	c.add(d)
}
