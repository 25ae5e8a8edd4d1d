package jail

import (
	"encoding/binary"
	"errors"
)

// notesVersion is that of the layout of kept notes.
const notesVersion = 1

var errNotes = errors.New("the notes are damaged")

// Append appends the notes to b.
func (n *Notes) Append(b []byte) []byte {
	b = append(b, notesVersion)
	b = binary.AppendUvarint(b, uint64(len(n.jobs)))
	for _, j := range n.jobs {
		b = appendText(b, j.dir)
		b = appendInfo(b, j.seen)
		b = append(b, asByte(j.settled), asByte(j.listed))
		b = appendText(b, j.list)
		b = binary.AppendUvarint(b, uint64(len(j.names)))
		for i, name := range j.names {
			b = appendText(b, name)
			b = append(appendInfo(b, j.infos[i].info), asByte(j.infos[i].content))
		}
		b = binary.AppendUvarint(b, uint64(len(j.absent)))
		for _, name := range j.absent {
			b = appendText(b, name)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(n.rights)))
	for _, r := range n.rights {
		b = appendText(appendText(b, r.dir), r.name)
		b = binary.AppendVarint(b, int64(r.bits))
		b = binary.AppendVarint(binary.AppendVarint(append(b, asByte(r.who.Able)), int64(r.who.UID)), int64(r.who.GID))
		b = binary.AppendUvarint(b, uint64(len(r.who.Groups)))
		for _, g := range r.who.Groups {
			b = binary.AppendVarint(b, int64(g))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(n.said)))
	for _, a := range n.said {
		b = append(appendText(appendText(appendText(b, a.table), a.key), a.line), asByte(a.ok))
	}
	return b
}

func asByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendInfo(b []byte, i Info) []byte {
	b = append(b, byte(i.Kind))
	for _, v := range [...]uint64{uint64(i.Mode), uint64(i.UID), uint64(i.GID), i.Dev, i.Ino, i.Nlink, i.Rdev} {
		b = binary.AppendUvarint(b, v)
	}
	for _, v := range [...]int64{i.Size, i.Mtime, i.Ctime} {
		b = binary.AppendVarint(b, v)
	}
	return b
}

// ReadNotes reads what Append wrote; text is kept as long as the notes are.
// Errors: damaged notes.
func ReadNotes(text string) (*Notes, error) {
	d := notesReader{text: text}
	if d.byte() != notesVersion {
		return nil, errNotes
	}
	n := &Notes{}
	for k := d.count(); k > 0 && !d.bad; k-- {
		j := &job{dir: d.string(), seen: d.info(), settled: d.byte() == 1, listed: d.byte() == 1, list: d.string()}
		c := d.count()
		j.names, j.infos = make([]string, 0, min(c, maxJob)), make([]watched, 0, min(c, maxJob))
		for ; c > 0 && !d.bad; c-- {
			j.names = append(j.names, d.string())
			j.infos = append(j.infos, watched{d.info(), d.byte() == 1})
		}
		c = d.count()
		j.absent = make([]string, 0, min(c, maxJob))
		for ; c > 0 && !d.bad; c-- {
			j.absent = append(j.absent, d.string())
		}
		n.jobs = append(n.jobs, j)
	}
	for k := d.count(); k > 0 && !d.bad; k-- {
		r := watchedRight{dir: d.string(), name: d.string(), bits: int(d.int())}
		r.who = Viewer{Able: d.byte() == 1, UID: int(d.int()), GID: int(d.int())}
		for c := d.count(); c > 0 && !d.bad; c-- {
			r.who.Groups = append(r.who.Groups, int(d.int()))
		}
		n.rights = append(n.rights, r)
	}
	for k := d.count(); k > 0 && !d.bad; k-- {
		n.said = append(n.said, watchedAnswer{d.string(), d.string(), d.string(), d.byte() == 1})
	}
	if d.bad || d.at != len(d.text) {
		return nil, errNotes
	}
	return n, nil
}

// notesReader reads kept notes.
type notesReader struct {
	text string
	at   int
	bad  bool
}

func (d *notesReader) byte() byte {
	if d.at >= len(d.text) {
		d.bad = true
		return 0
	}
	d.at++
	return d.text[d.at-1]
}

func (d *notesReader) uint() uint64 {
	v := uint64(0)
	for shift := 0; shift < 64; shift += 7 {
		c := d.byte()
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
	d.bad = true
	return 0
}

func (d *notesReader) int() int64 {
	v := d.uint()
	return int64(v>>1) ^ -int64(v&1)
}

// count reads how many things follow, each of which takes a byte at least.
func (d *notesReader) count() int {
	v := d.uint()
	if v > uint64(len(d.text)-d.at) {
		d.bad = true
		return 0
	}
	return int(v)
}

func (d *notesReader) string() string {
	n := d.count()
	if d.bad {
		return ""
	}
	d.at += n
	return d.text[d.at-n : d.at]
}

func (d *notesReader) info() Info {
	return Info{Kind: FileKind(d.byte()), Mode: uint32(d.uint()), UID: int(d.uint()), GID: int(d.uint()), Dev: d.uint(), Ino: d.uint(),
		Nlink: d.uint(), Rdev: d.uint(), Size: d.int(), Mtime: d.int(), Ctime: d.int()}
}
