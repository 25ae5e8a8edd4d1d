package zones

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Cache remembers the reports of zones without errors together with the stamps
// of all the files that were read. A zone is found again when its statement and
// every stamp are the same. It also remembers the serial of each primary zone
// since its last good check. The zero Cache is empty and ready; all methods may
// be called from several goroutines.
//
// It is to be kept where the named user cannot write.
type Cache struct {
	once    sync.Once
	key     digestKey // stays the same for the life of a stored cache
	mu      sync.RWMutex
	entries map[cacheID]*cached
	serials map[uint64]lastSerial
	asked   map[uint64]bool // zones whose serial counts on
	changed bool            // since it was loaded
}

// cacheID names a report: by zone and file, and by all else that decides about
// the report.
type cacheID struct{ zone, rest uint64 }

// cached is one remembered report.
type cached struct {
	text  []byte      // as appendReport writes it
	fresh atomic.Bool // used or made since the cache was loaded
}

// begin makes the key of a new cache.
func (c *Cache) begin() {
	c.once.Do(func() {
		if c.key == (digestKey{}) {
			c.key = newDigestKey()
		}
	})
}

// digestKey is the key of digests that the cache keeps.
func (c *Cache) digestKey() *digestKey {
	c.begin()
	return &c.key
}

// zoneID names a zone and its file.
func (c *Cache) zoneID(z *Zone) uint64 {
	b := make([]byte, 0, 256)
	b = appendString(b, strings.ToLower(z.Name))
	b = appendString(b, strings.ToUpper(z.Class))
	return c.key.of(1, appendString(b, z.File))[0]
}

// id names the report of a zone statement and of what the caller asks.
func (c *Cache) id(z *Zone, j *Judging) cacheID {
	b := make([]byte, 0, 256)
	b = append(b, "--"...)
	if z.Living {
		b[0] = '+'
	}
	if z.Inline {
		b[1] = '+'
	}
	b = appendString(b, strings.ToLower(z.Type))
	b = appendString(b, strings.ToLower(z.Format))
	b = appendString(b, z.Journal)
	b = strconv.AppendInt(b, int64(z.maxErrors()), 10)
	b = append(b, keyOf(&z.Checks, j)...)
	b = appendString(b, servicesStamp())
	return cacheID{c.zoneID(z), c.key.of(2, b)[0]}
}

// servicesStamp describes the file that names services: WKS records may use the
// names, and they are read once in the life of a process.
//
// Source: services(5).
var servicesStamp = sync.OnceValue(func() string {
	info, err := os.Stat("/etc/services")
	if err != nil {
		return ""
	}
	return fmt.Sprint(StampOf("", info))
})

// lookup fills in the report when nothing has changed, and the time has not
// come at which the report would be another.
func (c *Cache) lookup(files Files, report *Report, j *Judging, now time.Time) bool {
	c.begin()
	id := c.id(report.Zone, j)
	c.mu.RLock()
	hit := c.entries[id]
	c.mu.RUnlock()
	if hit == nil {
		return false
	}
	if report.decode(hit.text) && report.goodAt(j.at(now)) && c.unchanged(files, report) {
		hit.fresh.Store(true)
		report.Cached = true
		return true
	}
	*report = Report{Zone: report.Zone}
	return false
}

// unchanged tells whether all files of a remembered report are as they were, and
// those that were not there are still not.
func (c *Cache) unchanged(files Files, report *Report) bool {
	for i := range report.Files {
		if !unchanged(files, &report.Files[i]) {
			return false
		}
	}
	return sameBeside(files, report.Zone, report.Files)
}

// at is the time that the judging goes by.
func (j *Judging) at(now time.Time) time.Time {
	if !j.Now.IsZero() {
		return j.Now
	}
	return now
}

// goodAt tells whether the report holds at a time. Since bounds it too: a clock
// that was set back makes signatures not yet valid.
func (r *Report) goodAt(now time.Time) bool {
	return r.Until.IsZero() || now.Before(r.Until) && !now.Before(r.Since)
}

// unchanged tells whether the name still leads to the very file of the stamp.
func unchanged(files Files, s *Stamp) bool {
	if stamper, ok := files.(Stamper); ok {
		now, ok := stamper.Stamp(s.Name)
		return ok && now == *s
	}
	f, shown, err := files.Open(s.Name)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular() && stampOf(s.Name, shown, info) == *s
}

// goodUntil says that the report would be another at time t; it counts when it
// lies in the future.
func (c *check) goodUntil(t time.Time) {
	if t.After(c.judging.at(c.started)) && (c.report.Until.IsZero() || t.Before(c.report.Until)) {
		c.report.Until, c.report.Since = t, c.judging.at(c.started)
	}
}

// store remembers a report, if it can be trusted to be found again: no error,
// and every file lay still since well before the check began.
func (c *Cache) store(report *Report, j *Judging, k *trust) {
	c.begin()
	good := !report.Stopped && len(report.Files) > 0 && report.Diagnostics.Errors() == 0
	id := c.id(report.Zone, j)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = make(map[cacheID]*cached)
	}
	if c.asked == nil {
		c.asked = make(map[uint64]bool)
	}
	c.asked[id.zone] = true
	if good && !k.torn && k.last != nil && c.serials[id.zone] != *k.last {
		if c.serials == nil {
			c.serials = make(map[uint64]lastSerial)
		}
		c.serials[id.zone], c.changed = *k.last, true
	}
	if !good || !k.steady || k.torn {
		c.changed = c.changed || c.entries[id] != nil
		delete(c.entries, id)
		return
	}
	c.changed = true
	made := &cached{text: appendReport(nil, report)}
	made.fresh.Store(true)
	c.entries[id] = made
}

// lastSerial gives what is remembered of the zone's last good check.
func (c *Cache) lastSerial(z *Zone) (lastSerial, bool) {
	c.begin()
	id := c.zoneID(z)
	c.mu.RLock()
	defer c.mu.RUnlock()
	last, ok := c.serials[id]
	return last, ok
}

// KeepAll keeps the reports of zones that this run does not ask for.
func (c *Cache) KeepAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.entries {
		e.fresh.Store(true)
	}
	if c.asked == nil {
		c.asked = make(map[uint64]bool)
	}
	for zone := range c.serials {
		c.asked[zone] = true
	}
}

// Len is the number of zones remembered.
func (c *Cache) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.entries)
}

// Changed tells whether Save would write something else than what was loaded.
func (c *Cache) Changed() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.changed {
		return true
	}
	for _, e := range c.entries {
		if !e.fresh.Load() {
			return true
		}
	}
	return false
}
