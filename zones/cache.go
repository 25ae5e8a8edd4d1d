package zones

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"named-jail/parser"
)

// Cache remembers the reports of zones without errors together with the stamps
// of all the files that were read. A zone is found again when its statement and
// every stamp are the same. The zero Cache is empty and ready; all methods may
// be called from several goroutines.
//
// It is to be kept where the named user cannot write.
type Cache struct {
	mu      sync.Mutex
	entries map[string]*cached
	changed bool // since it was loaded
}

// cached is one remembered report.
type cached struct {
	report Report // without its Zone
	fresh  bool   // used or made since the cache was loaded
}

// cacheMagic starts a stored cache; a change of the layout changes it.
const cacheMagic = "named-jail zones cache 1\n"

// Bounds of a stored cache.
const (
	maxCacheEntries = 4 << 20
	maxCacheString  = 64 << 10
	maxCacheList    = 1 << 20
)

// ErrCache is wrapped by the errors of LoadCache.
var ErrCache = errors.New("the record of checked zones is damaged; it is made anew")

// cacheKey is what of a zone statement, and of what the caller asks, decides
// about its report.
func cacheKey(z *Zone, j *Judging) string {
	living := "static"
	if z.Living {
		living = "living"
	}
	if z.Inline {
		living = "inline"
	}
	return strings.Join([]string{strings.ToLower(z.Name), strings.ToUpper(z.Class), strings.ToLower(z.Type),
		strings.ToLower(z.Format), living, z.File, z.Journal, strconv.Itoa(z.maxErrors()),
		keyOf(&z.Checks, j)}, "\x00")
}

// lookup fills in the report when nothing has changed.
func (c *Cache) lookup(files Files, report *Report, j *Judging) bool {
	key := cacheKey(&report.Zone, j)
	c.mu.Lock()
	hit := c.entries[key]
	c.mu.Unlock()
	if hit == nil {
		return false
	}
	for i := range hit.report.Files {
		if !unchanged(files, &hit.report.Files[i]) {
			return false
		}
	}
	if !sameBeside(files, &report.Zone, hit.report.Files) {
		return false
	}
	c.mu.Lock()
	hit.fresh = true
	c.mu.Unlock()
	zone := report.Zone
	*report = hit.report
	report.Includes = slices.Clone(hit.report.Includes)
	report.Files = slices.Clone(hit.report.Files)
	report.Diagnostics = slices.Clone(hit.report.Diagnostics)
	report.Zone, report.Cached = zone, true
	return true
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

// store remembers a report, if it can be trusted to be found again: no error,
// and every file lay still since well before the check began.
func (c *Cache) store(k *check, report *Report) {
	ok := k.steady && !report.Stopped && len(report.Files) > 0 && report.Diagnostics.Errors() == 0
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = make(map[string]*cached)
	}
	key := cacheKey(&report.Zone, &k.judging)
	if !ok {
		c.changed = c.changed || c.entries[key] != nil
		delete(c.entries, key)
		return
	}
	c.changed = true
	kept := *report
	kept.Zone = Zone{}
	kept.Includes = slices.Clone(report.Includes)
	kept.Files = slices.Clone(report.Files)
	kept.Diagnostics = slices.Clone(report.Diagnostics)
	c.entries[key] = &cached{report: kept, fresh: true}
}

// Len is the number of zones remembered.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}

// Changed tells whether Save would write something else than what was loaded.
func (c *Cache) Changed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.entries {
		if !e.fresh {
			return true
		}
	}
	return c.changed
}

// Save writes the entries that were used or made since the cache was loaded;
// the others belong to zones that are gone. Errors: those of w.
func (c *Cache) Save(w io.Writer) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := append([]byte(cacheMagic), byte(rulesVersion))
	keys := make([]string, 0, len(c.entries))
	for key, e := range c.entries {
		if e.fresh {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	b = binary.AppendUvarint(b, uint64(len(keys)))
	for _, key := range keys {
		b = appendEntry(b, key, &c.entries[key].report)
		if len(b) > 1<<20 {
			if _, err := w.Write(b); err != nil {
				return fmt.Errorf("the record of checked zones cannot be written: %w", err)
			}
			b = b[:0]
		}
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("the record of checked zones cannot be written: %w", err)
	}
	return nil
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendEntry(b []byte, key string, r *Report) []byte {
	b = appendString(b, key)
	b = binary.AppendUvarint(b, uint64(r.Serial))
	b = binary.AppendUvarint(b, uint64(r.Records))
	b = appendString(b, r.Format)
	b = binary.AppendUvarint(b, uint64(len(r.Files)))
	for _, s := range r.Files {
		b = appendString(appendString(b, s.Name), s.Shown)
		b = binary.AppendUvarint(binary.AppendUvarint(b, s.Dev), s.Inode)
		b = binary.AppendVarint(binary.AppendVarint(binary.AppendVarint(b, s.Size), s.Mtime), s.Ctime)
	}
	b = binary.AppendUvarint(b, uint64(len(r.Includes)))
	for _, in := range r.Includes {
		b = appendString(appendString(appendString(b, in.File), in.Opened), in.Name)
		for _, n := range [...]int{in.Start, in.End, in.Line, in.Column} {
			b = binary.AppendUvarint(b, uint64(n))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(r.Diagnostics)))
	for _, d := range r.Diagnostics {
		b = appendString(appendString(appendString(appendString(b, string(d.Code)), d.File), d.Message), d.Remedy)
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(d.Line)), uint64(d.Column))
	}
	return b
}

// LoadCache reads what Save wrote. A cache of other rules, or an empty one,
// gives an empty cache and no error. Errors: ErrCache, or those of r; the cache
// that comes with an error is empty and may be used.
func LoadCache(r io.Reader) (*Cache, error) {
	d := cacheReader{r: bufio.NewReaderSize(r, 64<<10)}
	magic := make([]byte, len(cacheMagic)+1)
	if _, err := io.ReadFull(d.r, magic); err == io.EOF {
		return &Cache{}, nil
	} else if err != nil && err != io.ErrUnexpectedEOF {
		return &Cache{}, fmt.Errorf("the record of checked zones cannot be read: %w", err)
	}
	if string(magic[:len(cacheMagic)]) != cacheMagic || magic[len(cacheMagic)] != rulesVersion {
		return &Cache{}, nil
	}
	c := &Cache{entries: make(map[string]*cached)}
	for n := d.count(maxCacheEntries); n > 0 && d.err == nil; n-- {
		key, report := d.entry()
		c.entries[key] = &cached{report: report}
	}
	if d.err == nil {
		if _, err := d.r.ReadByte(); err == io.EOF {
			return c, nil
		}
		d.err = ErrCache
	}
	if !errors.Is(d.err, ErrCache) {
		d.err = fmt.Errorf("%w (%w)", ErrCache, d.err)
	}
	return &Cache{}, d.err
}

// cacheReader reads a stored cache; its first error sticks.
type cacheReader struct {
	r   *bufio.Reader
	err error
}

func (d *cacheReader) uint() uint64 {
	if d.err != nil {
		return 0
	}
	v, err := binary.ReadUvarint(d.r)
	if err != nil {
		d.err = err
		return 0
	}
	return v
}

func (d *cacheReader) int() int64 {
	if d.err != nil {
		return 0
	}
	v, err := binary.ReadVarint(d.r)
	if err != nil {
		d.err = err
	}
	return v
}

// count reads a number and refuses one above limit.
func (d *cacheReader) count(limit uint64) int {
	v := d.uint()
	if v > limit {
		d.err = ErrCache
		return 0
	}
	return int(v)
}

func (d *cacheReader) string() string {
	n := d.count(maxCacheString)
	if d.err != nil || n == 0 {
		return ""
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(d.r, b); err != nil {
		d.err = err
	}
	return string(b)
}

func (d *cacheReader) entry() (key string, r Report) {
	key = d.string()
	r.Serial = uint32(d.count(1<<32 - 1))
	r.Records = d.count(1 << 40)
	r.Format = d.string()
	for n := d.count(maxCacheList); n > 0 && d.err == nil; n-- {
		r.Files = append(r.Files, Stamp{Name: d.string(), Shown: d.string(), Dev: d.uint(), Inode: d.uint(),
			Size: d.int(), Mtime: d.int(), Ctime: d.int()})
	}
	for n := d.count(maxCacheList); n > 0 && d.err == nil; n-- {
		r.Includes = append(r.Includes, Include{File: d.string(), Opened: d.string(), Name: d.string(),
			Start: d.count(1 << 60), End: d.count(1 << 60), Line: d.count(1 << 60), Column: d.count(1 << 60)})
	}
	for n := d.count(maxCacheList); n > 0 && d.err == nil; n-- {
		r.Diagnostics = append(r.Diagnostics, parser.Diagnostic{Severity: parser.Warning,
			Code: parser.Code(d.string()), File: d.string(), Message: d.string(), Remedy: d.string(),
			Line: d.count(1 << 60), Column: d.count(1 << 60)})
	}
	if d.err == nil && len(r.Files) == 0 {
		d.err = ErrCache
	}
	return key, r
}
