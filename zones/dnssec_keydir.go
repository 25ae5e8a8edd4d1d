package zones

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// Lister lists directories. Files that have it let Check look at the keys with
// which named signs a zone.
//
// List gives the names in a directory, sorted. dir is as with Files.Open.
// Errors: those of package fs.
type Lister interface {
	List(dir string) ([]string, error)
}

// Bounds of what is looked at.
const (
	maxKeyFile  = 64 << 10 // bytes of one file
	maxKeyFiles = 400      // keys of one zone
)

// keyFile is a key of the zone in the key directory: what its file's name says,
// and what is in its files. Nothing of the private key is kept.
type keyFile struct {
	dir, base string // where its files are, and their name without its end
	algorithm uint8
	tag       uint16
	data      []byte // of its DNSKEY record; nil when there is no file of it, or it may not be read
	private   bool
	unread    bool // a file is there that may not be read
	times     map[string]time.Time
}

// keyTimes are the lines of a .private file that are read.
//
// Source: BIND, lib/dns/dst_parse.c (timingtags).
var keyTimes = map[string]bool{"Activate": true, "Inactive": true, "Delete": true}

const keyTimeForm = "20060102150405"

// keyFiles compares the keys in the key directory of a zone that named signs
// with the zone's DNSKEY records.
//
// Source: BIND, lib/dns/dnssec.c (dns_dnssec_findmatchingkeys), ARM
// key-directory.
func keyFiles(c *check) []zoneFinding {
	lister, can := c.files.(Lister)
	if !can || !c.zone.Checks.Signed || c.judgedApart() {
		return nil
	}
	c.steady = false
	d := keyDir{c: c}
	for _, dir := range c.zone.KeyDirectories() {
		names, err := c.listing(lister, dir)
		if err != nil {
			return nil // whether it is there and may be read is judged before named starts
		}
		d.dir = dir
		d.read(names, keyPrefix(d.c.store.zone.bytes()))
	}
	d.judge()
	return d.list
}

// listing lists a directory; many zones in turn have the same.
func (c *check) listing(l Lister, dir string) ([]string, error) {
	if names, known := c.listed[dir]; known {
		return names, nil
	}
	names, err := l.List(dir)
	if err != nil {
		return nil, err
	}
	if !slices.IsSorted(names) {
		slices.Sort(names)
	}
	if c.listed == nil || len(c.listed) == maxListed {
		c.listed = map[string][]string{}
	}
	c.listed[dir] = names
	return names, nil
}

// maxListed bounds the directories whose names are kept.
const maxListed = 4

// keyPrefix is what the names of the files of a zone's keys begin with.
//
// Source: BIND, lib/dns/dst_api.c (dst_key_buildfilename), lib/dns/name.c
// (dns_name_tofilenametext).
func keyPrefix(zone []byte) string {
	b := []byte{'K'}
	for at := 0; zone[at] != 0; at += int(zone[at]) + 1 {
		for _, ch := range zone[at+1 : at+1+int(zone[at])] {
			if ch >= 'a' && ch <= 'z' || ch >= '0' && ch <= '9' || ch == '-' || ch == '_' {
				b = append(b, ch)
			} else {
				b = fmt.Appendf(b, "%%%02X", ch)
			}
		}
		b = append(b, '.')
	}
	if len(b) == 1 {
		b = append(b, '.')
	}
	return string(append(b, '+'))
}

// keyDir is the work on the keys of one zone.
type keyDir struct {
	c    *check
	dir  string // that is read
	keys []keyFile
	list []zoneFinding
}

// say takes a finding; rec is the DNSKEY record it is about, nil for none.
func (d *keyDir) say(rec *stored, message, remedy string) {
	if len(d.list) >= d.c.zone.maxErrors() {
		return
	}
	f := zoneFinding{finding: finding{code: "NJ440", severity: parser.Warning, message: message, remedy: remedy}}
	if rec != nil {
		f.place = d.c.store.place(rec)
	}
	d.list = append(d.list, f)
}

// read finds the keys of the zone among the names in the directory.
func (d *keyDir) read(names []string, prefix string) {
	from, _ := slices.BinarySearch(names, prefix)
	for _, n := range names[from:] {
		rest, mine := strings.CutPrefix(n, prefix)
		if !mine || len(d.keys) == maxKeyFiles {
			break
		}
		end := strings.LastIndexByte(rest, '.')
		if end != 9 || rest[3] != '+' { // 013+12345
			continue
		}
		a, ok := number([]byte(rest[:3]), 255)
		tag, ok2 := number([]byte(rest[4:9]), 65535)
		if !ok || !ok2 {
			continue
		}
		base := prefix + rest[:9]
		if last := len(d.keys) - 1; last < 0 || d.keys[last].base != base || d.keys[last].dir != d.dir {
			d.keys = append(d.keys, keyFile{dir: d.dir, base: base, algorithm: uint8(a), tag: uint16(tag)})
		}
		k := &d.keys[len(d.keys)-1]
		switch rest[9:] {
		case ".key":
			d.public(k)
		case ".private":
			k.private = true
			d.timing(k)
		}
	}
}

// text reads a small regular file and hands it to do; what was read is wiped
// afterwards.
func (d *keyDir) text(k *keyFile, end string, do func(text []byte)) {
	f, _, err := d.c.files.Open(path.Join(k.dir, k.base+end))
	if err != nil {
		k.unread = true
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxKeyFile || info.Mode()&fs.ModeType != 0 {
		k.unread = true
		return
	}
	text := make([]byte, maxKeyFile)
	n, err := io.ReadFull(f, text)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		do(text[:n])
	} else {
		k.unread = true
	}
	clear(text)
}

// public reads the DNSKEY record of a .key file.
func (d *keyDir) public(k *keyFile) {
	d.text(k, ".key", func(text []byte) {
		k.data = []byte{}
		var words [][]byte
		for line := range bytes.Lines(text) {
			line, _, _ = bytes.Cut(line, []byte{';'})
			words = append(words, bytes.Fields(line)...)
		}
		at := slices.IndexFunc(words, func(w []byte) bool { return bytes.EqualFold(w, []byte("DNSKEY")) })
		if at < 1 || len(words) < at+5 {
			return
		}
		var owner name
		root := rootName
		flags, ok := number(words[at+1], 65535)
		protocol, ok2 := number(words[at+2], 255)
		a, ok3 := number(words[at+3], 255)
		public, err := base64.StdEncoding.DecodeString(string(bytes.Join(words[at+4:], nil)))
		if owner.parse(words[0], &root) != "" || !bytes.Equal(owner.bytes(), d.c.store.zone.bytes()) || !ok || !ok2 || !ok3 || err != nil {
			return
		}
		k.data = append(binary.BigEndian.AppendUint16(nil, uint16(flags)), byte(protocol), byte(a))
		k.data = append(k.data, public...)
	})
}

// timing reads the times of a .private file, and nothing else of it.
func (d *keyDir) timing(k *keyFile) {
	d.text(k, ".private", func(text []byte) {
		for line := range bytes.Lines(text) {
			word, value, found := bytes.Cut(line, []byte(": "))
			if !found || !keyTimes[string(word)] {
				continue
			}
			if when, err := time.Parse(keyTimeForm, string(bytes.TrimSpace(value))); err == nil {
				if k.times == nil {
					k.times = map[string]time.Time{}
				}
				k.times[string(word)] = when
			}
		}
	})
}

// judge compares the files with each other and with the DNSKEY records.
func (d *keyDir) judge() {
	s := &d.c.store
	for i := range d.keys {
		k := &d.keys[i]
		switch {
		case k.unread:
		case k.data == nil:
			d.say(nil, "there is "+k.base+".private in key-directory and no .key file beside it; named does not use the key", "restore the .key file")
		case !k.fits():
			d.say(nil, k.base+".key in key-directory does not hold the key that its name says; named does not use it", "restore the .key file, or move it away")
		}
	}
	var keys []zoneKey
	s.each(0, func(rec *stored) bool {
		if rec.rtype == dns.TypeDNSKEY {
			if k, ok := readKey(s.data(rec)); ok {
				k.rec = rec
				keys = append(keys, k)
			}
		}
		return len(keys) < maxKeys
	})
	if len(d.keys) == 0 && len(keys) == 0 && !d.c.zone.Checks.MakesKeys {
		d.say(nil, "named is to sign the zone, and key-directory has no key of it", "make keys with dnssec-keygen -K DIRECTORY ZONE, or let named make them: dnssec-policy")
		return
	}
	now, _ := d.c.moments()
	at := time.Unix(int64(now), 0)
	idle := 0
	for i := range keys {
		idle += d.judgeKey(&keys[i], at)
	}
	if len(keys) > 0 && idle == len(keys) {
		d.say(keys[0].rec, "no key of the zone is active any more; named does not renew its signatures, and the zone fails when they expire",
			"make a new key (dnssec-keygen), or change the times of one: dnssec-settime -I none")
	}
}

// fits tells whether the .key file holds the key that its name says. A revoked
// key may keep its name.
func (k *keyFile) fits() bool {
	if len(k.data) < 4 || k.data[3] != k.algorithm {
		return false
	}
	if keyTag(k.data) == k.tag {
		return true
	}
	plain := slices.Clone(k.data)
	plain[1] &^= flagRevoke
	return keyTag(plain) == k.tag
}

// judgeKey looks for the file of a DNSKEY record; it gives 1 for a key that is
// there and not active any more.
func (d *keyDir) judgeKey(key *zoneKey, now time.Time) int {
	at := slices.IndexFunc(d.keys, func(k keyFile) bool { return sameKey(k.data, key.data) })
	if at < 0 {
		same := func(k keyFile) bool { return k.unread && k.algorithm == key.algorithm && k.tag == key.tag }
		if !slices.ContainsFunc(d.keys, same) {
			d.say(key.rec, "the key "+key.text()+" of this DNSKEY record is not in key-directory; named cannot sign with it",
				"put its .key and .private files there; for a key that is kept elsewhere on purpose there is nothing to do")
		}
		return 0
	}
	k := &d.keys[at]
	for _, when := range k.times {
		d.c.goodUntil(when)
	}
	if !k.private {
		d.say(key.rec, "the key "+key.text()+" of this DNSKEY record has no .private file beside "+k.base+".key; named cannot sign with it",
			"put the .private file there; for a key that is kept elsewhere on purpose there is nothing to do")
		return 0
	}
	if gone, set := k.times["Delete"]; set && !gone.After(now) {
		d.say(key.rec, "the key "+key.text()+" of this DNSKEY record was to be deleted on "+dateText(gone)+", and is still in the zone",
			"see what named logs about it, or change the time: dnssec-settime -D")
		return 1
	}
	if end, set := k.times["Inactive"]; set && !end.After(now) {
		if d.signsSOA(key) {
			d.say(key.rec, "the key "+key.text()+" of this DNSKEY record is inactive since "+dateText(end)+", and the SOA record is signed with it",
				"see whether the zone has an active key to follow it, and what named logs")
		}
		return 1
	}
	return 0
}

// sameKey tells whether two DNSKEY records are of one key; one may be revoked.
func sameKey(a, b []byte) bool {
	return len(a) > 4 && len(a) == len(b) && a[0] == b[0] && a[1]&^flagRevoke == b[1]&^flagRevoke && bytes.Equal(a[2:], b[2:])
}

// signsSOA tells whether the SOA record has a signature with the tag of the key.
func (d *keyDir) signsSOA(key *zoneKey) bool {
	found := false
	d.c.store.each(0, func(rec *stored) bool {
		if rec.rtype == dns.TypeRRSIG {
			sig, ok := readRRSIG(&d.c.store, rec)
			found = ok && sig.covers == dns.TypeSOA && sig.tag == key.tag && sig.algorithm == key.algorithm
		}
		return !found
	})
	return found
}

// judgedApart tells whether named keeps the signatures of the zone in a file
// beside this one: that is judged as a zone of its own.
func (c *check) judgedApart() bool {
	return c.zone.Inline && exists(c.files, c.zone.File+signedSuffix)
}
