package zones

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"time"

	"named-jail/parser"
)

// ErrApart is the error of the readers of tasks and verdicts: what they were
// given is not what was written.
var ErrApart = errors.New("not a task or a verdict")

// mostFindings bounds the findings of a verdict beyond those that a zone asks for:
// each code may have one that counts the rest.
const mostFindings = 1000

func appendBool(b []byte, on bool) []byte {
	if on {
		return append(b, 1)
	}
	return append(b, 0)
}

func (d *cursor) bool() bool {
	v := d.byte()
	d.bad = d.bad || v > 1
	return v == 1
}

// Append writes the terms behind b.
func (t Terms) Append(b []byte) []byte {
	b = appendTime(appendBool(b, t.judging.DNSSEC), t.judging.Now)
	b = appendBool(binary.AppendVarint(b, int64(t.judging.ExpireWithin)), t.keyed)
	for _, k := range t.key {
		b = binary.LittleEndian.AppendUint64(b, k)
	}
	return b
}

// ReadTerms reads what Append wrote. Errors: ErrApart.
func ReadTerms(b []byte) (t Terms, err error) {
	d := cursor{b: b}
	t.judging.DNSSEC, t.judging.Now = d.bool(), d.time()
	t.judging.ExpireWithin, t.keyed = time.Duration(d.int()), d.bool()
	for i := range t.key {
		t.key[i] = d.fixed()
	}
	return t, d.end()
}

// end is the error of what was read, nil when it was all and right.
func (d *cursor) end() error {
	if d.bad || len(d.b) > 0 {
		return ErrApart
	}
	return nil
}

// Append writes the task behind b. Of the place in the configuration its text
// is left out.
func (t *Task) Append(b []byte) []byte {
	z, c := t.Zone, &t.Zone.Checks
	b = binary.AppendUvarint(b, uint64(t.N))
	for _, s := range [...]string{z.Name, z.Class, z.Type, z.File, z.Format, z.Journal, z.View, z.At.File, c.KeyDirectory} {
		b = appendString(b, s)
	}
	for _, n := range [...]int{z.At.Line, z.At.Column, z.At.Width, z.MaxErrors, c.MaxRecordsPerType, c.MaxTypesPerName, c.Release[0], c.Release[1], c.Release[2],
		int(c.MaxTTL), int(c.Names), int(c.MX), int(c.MXCNAME), int(c.SRVCNAME), int(c.SPF), int(c.Duplicates)} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	for _, on := range [...]bool{z.Living, z.Inline, c.NoWildcard, c.NoIntegrity, c.NoSibling, c.NoSVCB, c.Signed, c.MakesKeys, t.known} {
		b = appendBool(b, on)
	}
	b = binary.AppendUvarint(b, uint64(len(c.KeyStores)))
	for _, dir := range c.KeyStores {
		b = appendString(b, dir)
	}
	return appendLast(b, &t.last)
}

// ReadTask reads what Append wrote. Errors: ErrApart.
func ReadTask(b []byte) (Task, error) {
	d := cursor{b: b}
	t := Task{Zone: &Zone{}}
	z, c := t.Zone, &t.Zone.Checks
	t.N = d.count(math.MaxInt32)
	for _, s := range [...]*string{&z.Name, &z.Class, &z.Type, &z.File, &z.Format, &z.Journal, &z.View, &z.At.File, &c.KeyDirectory} {
		*s = d.string()
	}
	for _, n := range [...]*int{&z.At.Line, &z.At.Column, &z.At.Width, &z.MaxErrors, &c.MaxRecordsPerType, &c.MaxTypesPerName, &c.Release[0], &c.Release[1], &c.Release[2]} {
		*n = d.count(math.MaxInt)
	}
	c.MaxTTL = uint32(d.count(math.MaxUint32))
	for _, l := range [...]*Level{&c.Names, &c.MX, &c.MXCNAME, &c.SRVCNAME, &c.SPF, &c.Duplicates} {
		*l = Level(d.count(uint64(Ignore)))
	}
	for _, on := range [...]*bool{&z.Living, &z.Inline, &c.NoWildcard, &c.NoIntegrity, &c.NoSibling, &c.NoSVCB, &c.Signed, &c.MakesKeys, &t.known} {
		*on = d.bool()
	}
	for n := d.count(maxCacheList); n > 0 && !d.bad; n-- {
		c.KeyStores = append(c.KeyStores, d.string())
	}
	t.last = d.last()
	return t, d.end()
}

func appendLast(b []byte, l *lastSerial) []byte {
	b = binary.LittleEndian.AppendUint32(b, l.serial)
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, l.sum[0]), l.sum[1])
}

func (d *cursor) last() lastSerial {
	return lastSerial{serial: d.fixed32(), sum: digest{d.fixed(), d.fixed()}}
}

// What of a finding is written beside what appendReport writes.
const (
	isWarning = 1 << iota
	isFatal
)

// Append writes the verdict behind b. A line that includes a file whose name no
// system takes is left out.
func (v *Verdict) Append(b []byte) []byte {
	r := &v.Report
	r.Includes = slices.DeleteFunc(r.Includes, func(in Include) bool { return len(in.Name) > maxCacheString })
	for _, on := range [...]bool{r.Missing, r.Stopped, v.steady, v.torn, v.last != nil} {
		b = appendBool(b, on)
	}
	if v.last != nil {
		b = appendLast(b, v.last)
	}
	b = appendReport(b, r)
	for i := range r.Diagnostics {
		d, flags := &r.Diagnostics[i], byte(0)
		if d.Severity == parser.Warning {
			flags |= isWarning
		}
		if d.Fatal {
			flags |= isFatal
		}
		b = binary.AppendUvarint(append(b, flags), uint64(d.Width))
	}
	return b
}

// ReadVerdict reads what Append wrote about a zone, and trusts none of it: each
// finding has a code of those about zones, and there are no more than the zone
// may have. Errors: ErrApart.
func ReadVerdict(z *Zone, b []byte) (*Verdict, error) {
	d := cursor{b: b}
	v := &Verdict{Report: Report{Zone: z}}
	r := &v.Report
	for _, on := range [...]*bool{&r.Missing, &r.Stopped, &v.steady, &v.torn} {
		*on = d.bool()
	}
	if d.bool() {
		last := d.last()
		v.last = &last
	}
	r.take(&d)
	if len(r.Diagnostics) > 4*z.maxErrors()+mostFindings {
		return nil, ErrApart
	}
	for i := range r.Diagnostics {
		one := &r.Diagnostics[i]
		flags := d.byte()
		if one.Severity = parser.Error; flags&isWarning != 0 {
			one.Severity = parser.Warning
		}
		one.Fatal, one.Width = flags&isFatal != 0, d.count(1<<60)
		if _, known := parser.LookupCode(one.Code); !known || one.Code[:3] != "NJ4" && one.Code != unsafe {
			return nil, ErrApart
		}
	}
	switch r.Format {
	case "", "text", "raw":
	default:
		return nil, ErrApart
	}
	return v, d.end()
}
