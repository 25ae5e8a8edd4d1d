package zones

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// rrsig is the fixed part of the data of an RRSIG record, and the rest.
//
// Source: RFC 4034 section 3.1.
type rrsig struct {
	rec            *stored
	covers         uint16
	algorithm      uint8
	labels         uint8
	ttl            uint32
	expire, incept uint32
	tag            uint16
	signer         []byte // as it is written
	signature      []byte
}

// rrsigHead is the length of the data in front of the signer's name.
const rrsigHead = 18

// readRRSIG takes the data of an RRSIG record apart; false when it is damaged.
func readRRSIG(s *store, rec *stored) (rrsig, bool) {
	data := s.data(rec)
	if len(data) <= rrsigHead {
		return rrsig{}, false
	}
	var signer name
	used := signer.wireName(data[rrsigHead:])
	if used == 0 {
		return rrsig{}, false
	}
	be := binary.BigEndian
	return rrsig{rec: rec, covers: be.Uint16(data), algorithm: data[2], labels: data[3], ttl: be.Uint32(data[4:]),
		expire: be.Uint32(data[8:]), incept: be.Uint32(data[12:]), tag: be.Uint16(data[16:]),
		signer: data[rrsigHead : rrsigHead+used], signature: data[rrsigHead+used:]}, true
}

// validity is what a signature's times say at a moment.
type validity uint8

const (
	valid validity = iota
	notYet
	expired
	reversed // it ends before it begins
)

func (r *rrsig) at(now uint32) validity {
	switch {
	case serialAfter(r.incept, r.expire):
		return reversed
	case serialAfter(r.incept, now):
		return notYet
	case serialAfter(now, r.expire):
		return expired
	}
	return valid
}

// sigsOf reads the signatures of an owner, sorted by what they cover and by
// algorithm.
func (x *scan) sigsOf(into []rrsig) []rrsig {
	into = into[:0]
	for _, rec := range x.set(dns.TypeRRSIG) {
		if sig, ok := readRRSIG(x.s, rec); ok {
			into = append(into, sig)
		}
	}
	if len(into) > 1 {
		slices.SortStableFunc(into, func(a, b rrsig) int {
			return cmp.Or(cmp.Compare(a.covers, b.covers), cmp.Compare(a.algorithm, b.algorithm))
		})
	}
	return into
}

// tally counts findings of one kind, and knows the first place and the most
// telling time.
type tally struct {
	count int
	first *stored
	time  uint32
}

// add counts one; better tells whether its time is more telling than another.
func (t *tally) add(rec *stored, when uint32, better func(a, b uint32) bool) {
	if t.count++; t.first == nil || before(rec, t.first) {
		t.first = rec
	}
	if t.count == 1 || better(when, t.time) {
		t.time = when
	}
}

// merge adds what another goroutine counted.
func (t *tally) merge(o tally, better func(a, b uint32) bool) {
	if o.count == 0 {
		return
	}
	if t.count == 0 {
		*t = o
		return
	}
	t.count += o.count
	if before(o.first, t.first) {
		t.first = o.first
	}
	if better(o.time, t.time) {
		t.time = o.time
	}
}

// before tells whether a record stands before another in the files.
func before(a, b *stored) bool {
	return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column)) < 0
}

// earlier and serialAfter order the times of signatures.
//
// Source: RFC 4034 section 3.1.5.
func earlier(a, b uint32) bool { return serialAfter(b, a) }

// expiry is what was found of the times of the signatures of a zone: sets whose
// signatures have expired, that expire soon, that are not yet valid.
type expiry struct {
	gone, soon, early, odd tally
}

// moments are what the times of signatures are compared with: now, and until
// when they should last.
func (c *check) moments() (now, soon uint32) {
	at := c.judging.at(c.started)
	return uint32(at.Unix()), uint32(at.Add(c.judging.within()).Unix())
}

// look judges the times of one owner's signatures. Of several signatures of
// one algorithm over one record set one that is valid is enough, as for
// validating resolvers: the one that is valid longest is judged.
func (e *expiry) look(sigs []rrsig, now, soon uint32) {
	for from := 0; from < len(sigs); {
		to := from + 1
		for to < len(sigs) && sigs[to].covers == sigs[from].covers && sigs[to].algorithm == sigs[from].algorithm {
			to++
		}
		best, state := &sigs[from], sigs[from].at(now)
		for i := from + 1; i < to; i++ {
			if next := sigs[i].at(now); next < state || next == state && serialAfter(sigs[i].expire, best.expire) {
				best, state = &sigs[i], next
			}
		}
		from = to
		switch state {
		case expired:
			e.gone.add(best.rec, best.expire, earlier)
		case reversed:
			e.odd.add(best.rec, best.expire, earlier)
		case notYet:
			e.early.add(best.rec, best.incept, serialAfter)
		case valid:
			if serialAfter(soon, best.expire) {
				e.soon.add(best.rec, best.expire, earlier)
			}
		}
	}
}

// signatureTimes finds signatures that have expired, expire soon or are not
// yet valid: one finding for each kind.
//
// named renews the signatures of a zone that it signs well before they expire:
// there a signature that expires soon is no news, and one that has expired
// says that named has not run, or could not renew it.
func signatureTimes(c *check) []zoneFinding {
	s := &c.store
	if s.flags&hasRRSIG == 0 || c.judgedApart() {
		return nil
	}
	now, soon := c.moments()
	n := s.owners.n
	workers := max(1, min(c.workers, n/leastShare))
	parts := make([]expiry, workers)
	done := make(chan bool)
	for i := range parts {
		go func() {
			x := &scan{c: c, s: s}
			var sigs []rrsig
			for id := uint32(n * i / workers); id < uint32(n*(i+1)/workers); id++ {
				if id&0xfff == 0 && c.halted() {
					break
				}
				if s.owners.at(id).flags&hasRRSIG != 0 && x.take(id) {
					sigs = x.sigsOf(sigs)
					parts[i].look(sigs, now, soon)
				}
			}
			done <- true
		}()
	}
	for range parts {
		<-done
	}
	var all expiry
	for i := range parts {
		all.gone.merge(parts[i].gone, earlier)
		all.soon.merge(parts[i].soon, earlier)
		all.early.merge(parts[i].early, serialAfter)
		all.odd.merge(parts[i].odd, earlier)
	}
	return c.expiryFindings(&all, now)
}

// timeKind is a row of the table of what is said about times: the message with
// %s for the sets and their number and %s for a time.
type timeKind struct {
	code            parser.Code
	tally           func(*expiry) *tally
	message, remedy string
	signs           string // the message for a zone that named signs; "" is no finding
	signsRemedy     string
}

var timeKinds = []timeKind{
	{"NJ432", func(e *expiry) *tally { return &e.gone },
		"the signatures of %s have expired, the first on %s; validating resolvers answer SERVFAIL for them",
		"sign the zone again; for a copy, have its primary sign it, and transfer it again",
		"the signatures of %s have expired, the first on %s, though named signs this zone: named has not run since, or could not renew them",
		"see whether named has the private keys in key-directory, and what it logs; it signs again when it starts"},
	{"NJ432", func(e *expiry) *tally { return &e.odd },
		"the signatures of %s end before they begin, the first on %s; validating resolvers answer SERVFAIL for them",
		"sign the zone again, with the end after the start",
		"the signatures of %s end before they begin, the first on %s; validating resolvers answer SERVFAIL for them",
		"have named sign them anew: rndc sign ZONE"},
	{"NJ433", func(e *expiry) *tally { return &e.soon },
		"the signatures of %s expire soon, the first on %s", "sign the zone again before then", "", ""},
	{"NJ434", func(e *expiry) *tally { return &e.early },
		"the signatures of %s are not valid yet, the last becomes so on %s; validating resolvers answer SERVFAIL for them until then",
		"see whether the clocks of this host and of the one that signed are right, or wait",
		"the signatures of %s are not valid yet, the last becomes so on %s; validating resolvers answer SERVFAIL for them until then",
		"see whether the clock of this host is right"},
}

// expiryFindings puts the findings into words. With --dnssec what is not valid
// now is an error.
func (c *check) expiryFindings(e *expiry, now uint32) []zoneFinding {
	var list []zoneFinding
	for i := range timeKinds {
		k := &timeKinds[i]
		t := k.tally(e)
		message, remedy := k.message, k.remedy
		if c.zone.Checks.Signed {
			message, remedy = k.signs, k.signsRemedy
		}
		if t.count == 0 || message == "" {
			continue
		}
		f := zoneFinding{c.store.place(t.first), finding{code: k.code, severity: parser.Warning, remedy: remedy,
			message: fmt.Sprintf(message, plural(t.count, "record set"), timeText(t.time, now))}}
		if c.judging.DNSSEC && k.code != "NJ433" {
			f.severity = parser.Error
		}
		list = append(list, f)
	}
	return list
}

// plural writes a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// timeText writes the time of a signature, which is within 68 years of now.
func timeText(t, now uint32) string {
	return dateText(time.Unix(int64(now)+int64(int32(t-now)), 0))
}

// nextChange finds the next time at which what is said of the owner's
// signatures changes: one becomes valid, expires, or is to expire soon.
//
// Source: RFC 4034 section 3.1.5: times are 32 bits and compared as serials.
func (x *scan) nextChange() {
	now, soon := x.c.moments()
	for _, rec := range x.set(dns.TypeRRSIG) {
		data := x.s.data(rec)
		if len(data) < 16 {
			continue
		}
		expires, begins := binary.BigEndian.Uint32(data[8:]), binary.BigEndian.Uint32(data[12:])
		for _, at := range [...]uint32{begins, expires, expires - (soon - now)} {
			if left := int32(at - now); left > 0 && (x.left == 0 || left < x.left) {
				x.left = left
			}
		}
	}
}

// signaturesHold bounds the report by what the scan found.
func (c *check) signaturesHold(x *scan) {
	if x.left > 0 {
		now := c.judging.at(c.started)
		c.goodUntil(time.Unix(now.Unix()+int64(x.left), 0))
	}
}
