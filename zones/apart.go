package zones

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Apart judges zones somewhere else, such as in a process without rights.
//
// Judge takes tasks from next until it gives none, has each judged (Judge.Judge)
// and hands what came of it to done, with the number of the task; moved counts
// the bytes that were read. All three may be called from several goroutines.
// It returns when all is done, or soon after ctx has ended or the work has
// failed: then tasks may be left without an outcome, and the caller knows why.
type Apart interface {
	Judge(ctx context.Context, next func() (Task, bool), done func(task int, v *Verdict), moved func(bytes int64))
}

// Terms are what holds for all tasks: the caller's wishes, and the key of the
// digests that the cache keeps.
type Terms struct {
	judging Judging
	keyed   bool
	key     digestKey
}

// Terms gives those of a check.
func (o *Options) Terms() Terms {
	t := Terms{judging: o.Judging}
	if o.Cache != nil {
		t.keyed, t.key = true, *o.Cache.digestKey()
	}
	return t
}

// Task is a zone that is to be judged, and what is remembered of its serial.
type Task struct {
	N     int // its number among the zones of the check
	Zone  *Zone
	last  lastSerial
	known bool
}

// Verdict is what came of a task. What the cache may remember of it goes along.
type Verdict struct {
	Report Report
	trust
}

// Changed notes that a file is not what it was when it was opened: the verdict
// is not remembered.
func (v *Verdict) Changed() { v.torn = true }

// Judge judges tasks one after the other. It belongs to one goroutine.
type Judge struct {
	c     *check
	terms Terms
}

// NewJudge makes a judge that reads files through files. moved, unless nil, is
// told the bytes that are read.
func NewJudge(ctx context.Context, files Files, terms Terms, moved func(bytes int64)) *Judge {
	c := newChecker(ctx, files, nil)
	c.judging = terms.judging
	if moved != nil {
		told := int64(0)
		c.meter = &meter{tell: func(p Progress) {
			moved(p.Bytes - told)
			told = p.Bytes
		}}
	}
	return &Judge{c, terms}
}

// Judge judges a zone as CheckAll does. Errors: never.
func (j *Judge) Judge(t Task) *Verdict {
	v := &Verdict{Report: Report{Zone: t.Zone}}
	if !t.Zone.hasFile() {
		return v
	}
	if j.terms.keyed {
		j.c.cache = &Cache{key: j.terms.key}
		if t.known {
			j.c.cache.serials = map[uint64]lastSerial{j.c.cache.zoneID(t.Zone): t.last}
		}
	}
	j.c.judgeFile(&v.Report)
	v.trust = j.c.trust
	return v
}

// checkApart is CheckAll with another judge: the cache is asked and filled here.
func checkApart(ctx context.Context, files Files, zs []Zone, o Options) []Report {
	reports := make([]Report, len(zs))
	for i := range reports {
		reports[i] = Report{Zone: &zs[i], Stopped: true}
	}
	var mu sync.Mutex // guards at
	at, m := 0, newMeter(o.Progress, files, zs)
	next := func() (Task, bool) {
		for ctx.Err() == nil {
			mu.Lock()
			i := at
			at++
			mu.Unlock()
			if i >= len(zs) {
				break
			}
			r := Report{Zone: &zs[i]}
			if r.Zone.hasFile() && (o.Cache == nil || !o.Cache.lookup(files, &r, &o.Judging, time.Now())) {
				t := Task{N: i, Zone: r.Zone}
				if o.Cache != nil {
					t.last, t.known = o.Cache.lastSerial(t.Zone)
				}
				return t, true
			}
			reports[i] = r
			m.zone(&r)
		}
		return Task{}, false
	}
	done := func(i int, v *Verdict) {
		reports[i] = v.Report
		reports[i].Zone = &zs[i]
		if o.Cache != nil && !o.Judging.DNSSEC {
			o.Cache.store(&reports[i], &o.Judging, &v.trust)
		}
		m.zone(&reports[i])
	}
	o.Apart.Judge(ctx, next, done, m.moved)
	return reports
}

// Names lists the files that are read for a zone, beside those that its file
// includes and its keys: its own, its journal under the names that named tries,
// and the same of the copy that named signs.
func (z *Zone) Names() []string {
	if z.kind() == hint {
		return []string{z.File}
	}
	journal := journalNames(z.File, z.Journal)
	names := append([]string{z.File}, journal[:]...)
	if z.Inline {
		signed := z.File + signedSuffix
		journal = journalNames(signed, "")
		names = append(append(names, signed), journal[:]...)
	}
	return names
}

// KeyDirectories lists the directories in which the keys of the zone are looked for.
func (z *Zone) KeyDirectories() []string {
	if !z.Checks.Signed {
		return nil
	}
	return append([]string{or(z.Checks.KeyDirectory, ".")}, z.Checks.KeyStores...)
}

// HasKey tells whether a file is one of a key of the zone, by its name.
func (z *Zone) HasKey(file string) bool {
	origin, ok := parseNameString(z.Name)
	if !ok {
		return false
	}
	dir, base := path.Split(file)
	same := func(d string) bool { return path.Clean(d) == path.Clean(dir) }
	return strings.HasPrefix(base, keyPrefix(origin.bytes())) && IsKeyFile(base) && slices.ContainsFunc(z.KeyDirectories(), same)
}

// IsKeyFile tells whether a file is one of a key, by its name.
func IsKeyFile(base string) bool {
	return strings.HasPrefix(base, "K") && (strings.HasSuffix(base, ".key") || strings.HasSuffix(base, ".private"))
}

// or gives s, or another where it is empty.
func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
