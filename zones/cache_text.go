package zones

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"named-jail/parser"
)

// A stored cache is: cacheMagic, the version of the rules, the program that
// made it, the key, the reports, the serials, and a digest of all that. Numbers
// are varints but for those of fixed size, which are little-endian.
//
// cacheMagic is changed with the layout.
const cacheMagic = "named-jail zones cache 4\n"

// Bounds of a stored cache.
const (
	maxCacheEntries = 4 << 20
	maxCacheString  = 64 << 10
	maxCacheList    = 1 << 20
)

// ErrCache is wrapped by the errors of LoadCache.
var ErrCache = errors.New("the record of checked zones is damaged; it is made anew")

// program names the build: another one may judge otherwise.
var program = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	name := info.Main.Version
	for _, s := range info.Settings {
		if strings.HasPrefix(s.Key, "vcs.") {
			name += " " + s.Value
		}
	}
	return name
})

// Save writes the reports that were used or made since the cache was loaded, and
// the serials of the zones that were checked; the others belong to zones that
// are gone. Errors: those of w.
func (c *Cache) Save(w io.Writer) error {
	c.begin()
	c.mu.RLock()
	defer c.mu.RUnlock()
	ids := make([]cacheID, 0, len(c.entries))
	size, zones := 0, make(map[uint64]bool, len(c.serials))
	for id, e := range c.entries {
		if e.fresh.Load() {
			ids = append(ids, id)
			size += len(e.text) + 20
			zones[id.zone] = true
		}
	}
	slices.SortFunc(ids, func(a, b cacheID) int {
		switch {
		case a.zone < b.zone || a.zone == b.zone && a.rest < b.rest:
			return -1
		case a == b:
			return 0
		}
		return 1
	})
	b := append(make([]byte, 0, size+28*len(c.serials)+1024), cacheMagic...)
	b = appendString(append(b, rulesVersion), program())
	for _, k := range c.key {
		b = binary.LittleEndian.AppendUint64(b, k)
	}
	b = binary.AppendUvarint(b, uint64(len(ids)))
	for _, id := range ids {
		b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, id.zone), id.rest)
		text := c.entries[id].text
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	var serials []uint64
	for id := range c.serials {
		if zones[id] || c.asked[id] {
			serials = append(serials, id)
		}
	}
	slices.Sort(serials)
	b = binary.AppendUvarint(b, uint64(len(serials)))
	for _, id := range serials {
		last := c.serials[id]
		b = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(b, id), last.serial)
		b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, last.sum[0]), last.sum[1])
	}
	sum := c.key.of(3, b)
	b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, sum[0]), sum[1])
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("the record of checked zones cannot be written: %w", err)
	}
	return nil
}

// LoadCache reads what Save wrote. A cache of another layout, or an empty one,
// gives an empty cache and no error; of one that other rules or another program
// made the serials alone are taken. Errors: ErrCache, or those of r; the cache
// that comes with an error is empty and may be used.
func LoadCache(r io.Reader) (*Cache, error) {
	text, err := readWhole(r)
	if err != nil {
		return &Cache{}, fmt.Errorf("the record of checked zones cannot be read: %w", err)
	}
	if len(text) < len(cacheMagic) || string(text[:len(cacheMagic)]) != cacheMagic {
		return &Cache{}, nil
	}
	d := cursor{b: text[len(cacheMagic):]}
	same := d.byte() == rulesVersion
	same = d.string() == program() && same
	c := &Cache{}
	for i := range c.key {
		c.key[i] = d.fixed()
	}
	if d.bad || len(d.b) < 16 {
		return &Cache{}, ErrCache
	}
	end := len(text) - 16
	if want := (digest{binary.LittleEndian.Uint64(text[end:]), binary.LittleEndian.Uint64(text[end+8:])}); c.key.of(3, text[:end]) != want {
		return &Cache{}, ErrCache
	}
	d.b = d.b[:len(d.b)-16]
	n := d.count(maxCacheEntries)
	c.entries = make(map[cacheID]*cached, min(n, len(d.b)/16))
	list := make([]cached, min(n, len(d.b)/16))
	for i := 0; i < n && !d.bad; i++ {
		id := cacheID{d.fixed(), d.fixed()}
		if e := d.bytes(math.MaxInt32); !d.bad && same {
			list[i].text = e
			c.entries[id] = &list[i]
		}
	}
	n = d.count(maxCacheEntries)
	c.serials = make(map[uint64]lastSerial, min(n, len(d.b)/28))
	for i := 0; i < n && !d.bad; i++ {
		id := d.fixed()
		last := lastSerial{serial: d.fixed32(), sum: digest{d.fixed(), d.fixed()}}
		if !same {
			last.sum = digest{}
		}
		c.serials[id] = last
	}
	if d.bad || len(d.b) > 0 {
		return &Cache{}, ErrCache
	}
	c.changed = !same
	return c, nil
}

// readWhole reads to the end, in one piece where the length is known.
func readWhole(r io.Reader) ([]byte, error) {
	if sized, ok := r.(interface{ Len() int }); ok {
		b := make([]byte, sized.Len())
		_, err := io.ReadFull(r, b)
		return b, err
	}
	return io.ReadAll(r)
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// What of a stamp need not be written.
const (
	nameIsFile  = 1 << iota // the name is that of the zone's file
	shownIsName             // it is shown as it is opened
)

// appendReport writes a report without its Zone.
func appendReport(b []byte, r *Report) []byte {
	b = binary.AppendUvarint(b, uint64(r.Serial))
	b = binary.AppendUvarint(b, uint64(r.Records))
	b = appendBool(b, r.Services)
	b = appendString(b, r.Format)
	b = appendTime(appendTime(b, r.Until), r.Since)
	b = binary.AppendUvarint(b, uint64(len(r.Files)))
	for i := range r.Files {
		b = appendStamp(b, &r.Files[i], r.Zone.File)
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

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, 0)
	}
	return binary.AppendVarint(b, t.UnixNano())
}

func appendStamp(b []byte, s *Stamp, file string) []byte {
	at, flags := len(b), byte(0)
	b = append(b, 0)
	if s.Name == file {
		flags |= nameIsFile
	} else {
		b = appendString(b, s.Name)
	}
	if s.Shown == s.Name {
		flags |= shownIsName
	} else {
		b = appendString(b, s.Shown)
	}
	b[at] = flags
	b = binary.AppendUvarint(binary.AppendUvarint(b, s.Dev), s.Inode)
	return binary.AppendVarint(binary.AppendVarint(binary.AppendVarint(b, s.Size), s.Mtime), s.Ctime-s.Mtime)
}

// decode reads a report that appendReport wrote; false when it is damaged.
func (r *Report) decode(text []byte) bool {
	d := cursor{b: text}
	r.take(&d)
	return !d.bad && len(d.b) == 0 && len(r.Files) > 0
}

// take reads what appendReport wrote.
func (r *Report) take(d *cursor) {
	r.Serial = uint32(d.count(math.MaxUint32))
	r.Records = d.count(1 << 40)
	r.Services = d.bool()
	r.Format = d.string()
	r.Until, r.Since = d.time(), d.time()
	r.Files = d.stamps(r.Zone.File)
	for n := d.count(maxCacheList); n > 0 && !d.bad; n-- {
		r.Includes = append(r.Includes, Include{File: d.string(), Opened: d.string(), Name: d.string(),
			Start: d.count(1 << 60), End: d.count(1 << 60), Line: d.count(1 << 60), Column: d.count(1 << 60)})
	}
	for n := d.count(maxCacheList); n > 0 && !d.bad; n-- {
		r.Diagnostics = append(r.Diagnostics, parser.Diagnostic{Severity: parser.Warning,
			Code: parser.Code(d.string()), File: d.string(), Message: d.string(), Remedy: d.string(),
			Line: d.count(1 << 60), Column: d.count(1 << 60)})
	}
}

// cursor reads stored text; what does not fit sets bad.
type cursor struct {
	b   []byte
	bad bool
}

// bytes reads a length up to limit and as many bytes. They are not to be changed.
func (d *cursor) bytes(limit uint64) []byte {
	n := d.count(limit)
	return d.take(n)
}

func (d *cursor) take(n int) []byte {
	if d.bad || n > len(d.b) {
		d.bad = true
		return nil
	}
	b := d.b[:n:n]
	d.b = d.b[n:]
	return b
}

func (d *cursor) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *cursor) fixed() uint64 {
	if b := d.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (d *cursor) fixed32() uint32 {
	if b := d.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (d *cursor) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.bad = true
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *cursor) int() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.bad = true
		return 0
	}
	d.b = d.b[n:]
	return v
}

// count reads a number and refuses one above limit.
func (d *cursor) count(limit uint64) int {
	v := d.uint()
	if v > limit {
		d.bad = true
		return 0
	}
	return int(v)
}

// words are strings that nearly every report has.
var words = map[string]string{"text": "text", "raw": "raw"}

func (d *cursor) string() string {
	b := d.bytes(maxCacheString)
	if s, ok := words[string(b)]; ok {
		return s
	}
	return string(b)
}

func (d *cursor) time() time.Time {
	if v := d.int(); v != 0 {
		return time.Unix(0, v)
	}
	return time.Time{}
}

func (d *cursor) stamps(file string) []Stamp {
	n := d.count(maxCacheList)
	if n == 0 || n > len(d.b) {
		d.bad = d.bad || n > 0
		return nil
	}
	list := make([]Stamp, 0, min(n, 1024))
	for ; n > 0 && !d.bad; n-- {
		s, flags := Stamp{Name: file}, d.byte()
		if flags&nameIsFile == 0 {
			s.Name = d.string()
		}
		if s.Shown = s.Name; flags&shownIsName == 0 {
			s.Shown = d.string()
		}
		s.Dev, s.Inode, s.Size, s.Mtime = d.uint(), d.uint(), d.int(), d.int()
		s.Ctime = s.Mtime + d.int()
		list = append(list, s)
	}
	return list
}
