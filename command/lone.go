package command

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/zones"
)

// A zone that is made of one text file, in its place in the jail, and has no
// findings, can be judged alone: where nothing but the text of such files has
// changed since the last start that is recorded, and the new text has no errors,
// a whole look would find nothing else to do. So a start after an edit costs the
// zones that were edited. With warnings it is not recorded: the next one reads
// them again.

// mostLone bounds the zone files that are judged so; more are a whole look.
const mostLone = 100

// loneMagic starts the record of these zones; a change of the layout changes it.
const loneMagic = "named-jail lone zones 1\n"

// fileID is the identity of a file.
type fileID struct{ dev, ino uint64 }

// lone tells whether a zone that was found as the report says can be judged alone,
// as far as its make goes.
func lone(z *zones.Zone, r *zones.Report) bool {
	return r.Format == "text" && len(r.Files) == 1 && len(r.Includes) == 0 && !r.Stopped && !r.Services &&
		!z.Living && !z.Inline && z.Journal == "" && !z.Checks.Signed && z.Checks.KeyDirectory == "" && len(z.Checks.KeyStores) == 0
}

// loneZones writes down the zones that can be judged alone, under a token that
// ties them to the record of a start: what they are checked for, each kind once,
// and each zone with its file. A file that another zone reads too does not count.
func (w *walk) loneZones(token string) []byte {
	shared := map[fileID]bool{}
	quiet := func(r *zones.Report) bool { return lone(r.Zone, r) && len(r.Diagnostics) == 0 }
	for i := range w.reports {
		if !quiet(&w.reports[i]) {
			for _, s := range w.reports[i].Files {
				shared[fileID{s.Dev, s.Inode}] = true
			}
		}
	}
	var kinds []zones.Checks
	var body []byte
	n := 0
	for i := range w.reports {
		if !quiet(&w.reports[i]) {
			continue
		}
		z := w.reports[i].Zone
		s := &w.reports[i].Files[0]
		if shared[fileID{s.Dev, s.Inode}] {
			continue
		}
		if len(kinds) == 0 || !reflect.DeepEqual(kinds[len(kinds)-1], z.Checks) {
			kinds = append(kinds, z.Checks)
		}
		body = binary.AppendUvarint(binary.AppendUvarint(body, s.Dev), s.Inode)
		for _, text := range []string{z.Name, z.Class, z.Type, z.File, z.Format, z.View} {
			body = append(binary.AppendUvarint(body, uint64(len(text))), text...)
		}
		body = binary.AppendUvarint(binary.AppendUvarint(body, uint64(z.MaxErrors)), uint64(len(kinds)-1))
		n++
	}
	head, err := json.Marshal(kinds)
	if err != nil {
		return nil
	}
	data := append([]byte(loneMagic+token+"\n"), binary.AppendUvarint(nil, uint64(len(head)))...)
	data = binary.AppendUvarint(append(data, head...), uint64(n))
	return append(data, body...)
}

// findLone gives the zones of the files that were rewritten; nil: one of them is
// no zone that can be judged alone, or the record is of another start.
func findLone(data []byte, token string, rewritten []jail.Rewritten) []zones.Zone {
	text, ours := strings.CutPrefix(string(data), loneMagic+token+"\n")
	if !ours || token == "" {
		return nil
	}
	missing := map[fileID]bool{}
	for _, r := range rewritten {
		missing[fileID{r.Now.Dev, r.Now.Ino}] = true
	}
	wanted := len(missing)
	d := loneReader{text: text}
	var kinds []zones.Checks
	if json.Unmarshal([]byte(d.string()), &kinds) != nil {
		return nil
	}
	var found []zones.Zone
	for n := d.uint(); n > 0 && !d.bad; n-- {
		id := fileID{d.uint(), d.uint()}
		z := zones.Zone{Name: d.string(), Class: d.string(), Type: d.string(), File: d.string(), Format: d.string(), View: d.string(),
			MaxErrors: int(d.uint())}
		kind := d.uint()
		left, changed := missing[id]
		if !changed || d.bad || kind >= uint64(len(kinds)) {
			continue
		}
		if left {
			missing[id] = false
			wanted--
		}
		z.Checks = kinds[kind]
		found = append(found, z)
	}
	if d.bad || d.text != "" || wanted > 0 {
		return nil
	}
	return found
}

// loneReader reads numbers and texts of a record.
type loneReader struct {
	text string
	bad  bool
}

func (d *loneReader) uint() uint64 {
	v, n := binary.Uvarint([]byte(d.text[:min(len(d.text), binary.MaxVarintLen64)]))
	if n <= 0 {
		d.text, d.bad = "", true
		return 0
	}
	d.text = d.text[n:]
	return v
}

func (d *loneReader) string() string {
	n := d.uint()
	if n > uint64(len(d.text)) {
		d.text, d.bad = "", true
		return ""
	}
	s := d.text[:n]
	d.text = d.text[n:]
	return s
}

// judgeLone judges the zones of the files that were rewritten since a start was
// recorded, and tells whether its outcome holds with them. Then it is recorded
// anew, if they have lain still.
func (w *walk) judgeLone(ctx context.Context, v *verdict, notes *jail.Notes, rewritten []jail.Rewritten) bool {
	began := time.Now()
	place := w.host.OSPath(w.tree.RealPath()) + "/zones/master/"
	list := findLone(w.store.Recall(jail.StartZones), v.Lone, rewritten)
	if len(list) == 0 || slices.ContainsFunc(rewritten, func(r jail.Rewritten) bool { return !strings.HasPrefix(r.Path, place) }) {
		return false
	}
	cache := w.loadCache()
	w.apart = newReader()
	defer w.apart.close()
	files := w.source
	files.bare = true
	options := zones.Options{Workers: runtime.NumCPU(), Cache: cache, Judging: w.judging()}
	if w.apart != nil {
		w.apart.on(files, options.Terms())
		options.Apart = w.apart
	}
	reports := zones.CheckAll(ctx, files, list, options)
	until, told := v.Until, len(v.Findings)
	for i := range reports {
		r := &reports[i]
		if !lone(&list[i], r) || !slices.ContainsFunc(rewritten, func(f jail.Rewritten) bool { return sameText(f.Now, r.Files[0]) }) {
			return false
		}
		for _, d := range r.Diagnostics {
			if d.Severity == parser.Error || d.Line == 0 || d.File != r.Files[0].Shown {
				return false
			}
		}
		v.Findings = append(v.Findings, r.Diagnostics...)
		if !r.Until.IsZero() && (until.IsZero() || r.Until.Before(until)) {
			until = r.Until
		}
	}
	v.Until = until
	if len(v.Findings) == told {
		w.renewStart(v, notes, rewritten, began)
	}
	if cache != nil {
		cache.KeepAll()
		w.saveCache(cache)
	}
	return true
}

// sameText tells whether a file was read as it was when it was looked at.
func sameText(now jail.Info, s zones.Stamp) bool {
	return s.Dev == now.Dev && s.Inode == now.Ino && s.Size == now.Size && s.Mtime == now.Mtime && s.Ctime == now.Ctime
}

// renewStart records a start anew with files as they are now. What changed just
// before it is read again by the next one.
func (w *walk) renewStart(v *verdict, notes *jail.Notes, rewritten []jail.Rewritten, began time.Time) {
	for _, r := range rewritten {
		if !r.Settled(began) || !notes.Renew(r) {
			return
		}
	}
	if data := v.encode(notes); data != nil {
		_ = w.store.Keep(jail.LastStart, data)
	}
}
