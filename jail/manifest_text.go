package jail

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"named-jail/rewrite"
)

// The manifest's file is text, one line for each thing, because it is read at
// every start and one of 20,000 zones has to be read fast: a head in JSON, then
// lines of fields with tabs between them, then "end". A field that holds other
// than plain characters is quoted as Go quotes strings.

// The first fields of the lines, and the last line.
const (
	nameLine  = "name"
	entryLine = "file"
	endLine   = "end"
)

// same stands for a digest that is equal to the one of the original.
const same = "="

// The flags of an entry.
const (
	linkedFlag = "linked"
	foundFlag  = "found"
	noFlag     = "-"
)

// encode gives the manifest's text. It is the same for the same manifest.
// Errors: never in practice, those of package json.
func (m *Manifest) encode() ([]byte, error) {
	head, err := json.Marshal(m.withNames(toText))
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, len(head)+100*len(m.Names)+400*len(m.Entries)+100)
	b = append(append(b, head...), '\n')
	for _, source := range sortedKeys(m.Names) {
		b = append(b, nameLine...)
		b = appendField(b, source)
		b = append(appendField(b, string(m.Names[source])), '\n')
	}
	for _, place := range sortedKeys(m.Entries) {
		b = append(b, entryLine...)
		b = append(appendEntry(appendField(b, string(place)), m.Entries[place]), '\n')
	}
	return append(b, endLine+"\n"...), nil
}

func sortedKeys[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func appendEntry(b []byte, e *Entry) []byte {
	flag := noFlag
	switch {
	case e.Linked:
		flag = linkedFlag
	case e.Found:
		flag = foundFlag
	}
	written := e.Written
	if written != "" && written == e.SourceDigest {
		written = same
	}
	b = appendNumber(b, int64(e.Class), 10)
	b = appendNumber(b, int64(e.Transfer), 10)
	b = appendField(b, flag)
	b = appendField(appendField(b, e.Source), e.Real)
	b = appendNumber(b, int64(e.SourceMode), 8)
	b = appendField(b, e.SourceDigest)
	b = appendStamp(b, e.SourceStamp)
	b = appendField(b, written)
	b = appendStamp(b, e.Stamp)
	b = appendNumber(appendNumber(b, int64(e.UID), 10), int64(e.GID), 10)
	return appendNumber(b, int64(e.Mode), 8)
}

func appendField(b []byte, s string) []byte {
	b = append(b, '\t')
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == '"' {
			return strconv.AppendQuoteToASCII(b, s)
		}
	}
	return append(b, s...)
}

func appendNumber(b []byte, n int64, base int) []byte {
	return strconv.AppendInt(append(b, '\t'), n, base)
}

// appendStamp writes the five numbers with dots between them.
func appendStamp(b []byte, s Stamp) []byte {
	b = append(b, '\t')
	if s == (Stamp{}) {
		return b
	}
	b = strconv.AppendUint(b, s.Dev, 10)
	b = strconv.AppendUint(append(b, '.'), s.Ino, 10)
	for _, n := range [...]int64{s.Size, s.Mtime, s.Ctime} {
		b = strconv.AppendInt(append(b, '.'), n, 10)
	}
	return b
}

// readManifest decodes the file. A file that makes no sense is an error: to
// go on without it would forget what is ours.
func readManifest(data []byte, path string) (*Manifest, error) {
	bad := &Error{Code: "NJ515", Path: path, Message: "the record of what is in the jail cannot be understood",
		Remedy: "Restore the file from a backup, or move it away to begin anew (rollback is lost then)."}
	m := newManifest("")
	head, rest, _ := bytes.Cut(data, []byte("\n"))
	if err := json.Unmarshal(head, m); err != nil || m.Version < 1 {
		return nil, bad
	}
	if m.Version > manifestVersion {
		bad.Message = "this record was written by a newer named-jail"
		bad.Remedy = "Use that newer version for this jail."
		return nil, bad
	}
	m = m.withNames(fromText)
	if m.decode(string(rest)) != nil {
		return nil, bad
	}
	return m, nil
}

var errManifest = errors.New("a line that makes no sense")

// decode reads the lines after the head.
func (m *Manifest) decode(text string) error {
	lines := strings.Count(text, "\n")
	m.Names = make(map[string]rewrite.JailPath, lines/2)
	m.Entries = make(map[rewrite.JailPath]*Entry, lines/2)
	for text != "" {
		line, rest, whole := strings.Cut(text, "\n")
		if line == endLine && whole && rest == "" {
			return nil
		}
		text = rest
		f := fields{rest: line}
		switch f.text() {
		case nameLine:
			source := f.text()
			m.Names[source] = rewrite.JailPath(f.text())
		case entryLine:
			place := rewrite.JailPath(f.text())
			m.Entries[place] = f.entry()
		default:
			f.wrong = true
		}
		if f.wrong || !f.ended {
			return errManifest
		}
	}
	return errManifest // cut off
}

// fields takes a line apart.
type fields struct {
	rest  string
	ended bool
	wrong bool
}

func (f *fields) text() string {
	if f.ended {
		f.wrong = true
		return ""
	}
	field, rest, more := strings.Cut(f.rest, "\t")
	f.rest, f.ended = rest, !more
	if field != "" && field[0] == '"' {
		plain, err := strconv.Unquote(field)
		f.wrong = f.wrong || err != nil
		return plain
	}
	return field
}

func (f *fields) number(base, bits int) uint64 {
	n, err := strconv.ParseUint(f.text(), base, bits)
	f.wrong = f.wrong || err != nil
	return n
}

func (f *fields) stamp() Stamp {
	text := f.text()
	if text == "" {
		return Stamp{}
	}
	var n [5]int64
	for i := range n {
		part, rest, more := strings.Cut(text, ".")
		var err error
		if i < 2 {
			var u uint64
			u, err = strconv.ParseUint(part, 10, 64)
			n[i] = int64(u)
		} else {
			n[i], err = strconv.ParseInt(part, 10, 64)
		}
		if err != nil || more != (i < 4) {
			f.wrong = true
			return Stamp{}
		}
		text = rest
	}
	return Stamp{uint64(n[0]), uint64(n[1]), n[2], n[3], n[4]}
}

func (f *fields) entry() *Entry {
	e := &Entry{Class: rewrite.Class(f.number(10, 8)), Transfer: rewrite.Transfer(f.number(10, 8))}
	switch f.text() {
	case linkedFlag:
		e.Linked = true
	case foundFlag:
		e.Found = true
	case noFlag:
	default:
		f.wrong = true
	}
	e.Source, e.Real = f.text(), f.text()
	e.SourceMode = uint32(f.number(8, 32))
	e.SourceDigest, e.SourceStamp = f.text(), f.stamp()
	if e.Written = f.text(); e.Written == same {
		e.Written = e.SourceDigest
	}
	e.Stamp = f.stamp()
	e.UID, e.GID = int(f.number(10, 32)), int(f.number(10, 32))
	e.Mode = uint32(f.number(8, 32))
	return e
}
