package command

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/zones"
)

// sent is a file, or why there is none, as it goes to the reader: small files by
// their bytes, large ones by a descriptor.
type sent struct {
	shown string
	err   error       // nil: there is a file
	stamp zones.Stamp // of one that is sent by its bytes
	text  []byte
	file  *os.File // of one that is sent by its descriptor, on the reader's side
	fd    int      // the same on the other side, -1: it is sent by its bytes
	close func() error
}

// maxSmall is how large a file may be to be sent by its bytes: a system call or
// two are cheaper than five, and 20,000 zones are small.
const maxSmall = 32 << 10

// How a file is sent.
const (
	sentFault = iota
	sentText
	sentFD
)

// The kinds of faults that the reader tells apart.
const (
	faultOther = iota
	faultMissing
	faultDenied
	faultRefused
)

// opened is a file that can be handed over.
type opened interface {
	zones.File
	Rewind() error
}

// hostFile makes one of what the jail gives.
type hostFile struct{ *os.File }

// Rewind goes back to the beginning. Errors: *fs.PathError.
func (f hostFile) Rewind() error {
	_, err := f.Seek(0, io.SeekStart)
	return err
}

// descriptor gives that of an open file.
func descriptor(f zones.File) (opened, int) {
	switch f := f.(type) {
	case *jail.Plain:
		return f, f.Fd()
	case *os.File:
		return hostFile{f}, int(f.Fd())
	}
	return nil, -1
}

// send makes what goes to the reader of a file that was opened under a name. stamp is
// what the file is, whichever way it goes.
func send(name string, f zones.File, shown string, err error) (s sent, stamp zones.Stamp) {
	s = sent{shown: shown, err: err, fd: -1}
	if err != nil {
		return s, stamp
	}
	file, fd := descriptor(f)
	info, err := f.Stat()
	switch {
	case err == nil && file == nil:
		err = errors.New("it is no file of the system")
	case err == nil && !info.Mode().IsRegular():
		err = errors.New("it is not a regular file")
	}
	if err != nil {
		f.Close()
		s.err = err
		return s, stamp
	}
	stamp = zones.StampOf(name, info)
	stamp.Shown = shown
	if stamp.Size <= maxSmall {
		text := make([]byte, stamp.Size)
		_, err := io.ReadFull(f, text)
		after, wrong := f.Stat()
		if err == nil && wrong == nil && sameState(zones.StampOf(name, after), stamp) { // which knows its size too
			f.Close()
			s.stamp, s.text = stamp, text
			return s, stamp
		}
		if err := file.Rewind(); err != nil { // it is changing, or the disk fails: that is for the reader to see
			f.Close()
			s.err = err
			return s, stamp
		}
	}
	s.fd, s.close = fd, f.Close
	return s, stamp
}

func sameState(a, b zones.Stamp) bool {
	a.Shown = b.Shown
	return a == b
}

// append writes it behind b.
func (s *sent) append(b []byte) []byte {
	switch {
	case s.err != nil:
		kind, code, remedy, words := faultOther, parser.Code(""), "", s.err.Error()
		var pe *fs.PathError
		if errors.As(s.err, &pe) {
			words = pe.Err.Error()
		}
		var known interface{ Diagnostic() parser.Diagnostic }
		var no *zones.Refusal
		switch {
		case errors.As(s.err, &no):
			kind, words, remedy = faultRefused, no.Why, no.Remedy
		case errors.Is(s.err, fs.ErrNotExist):
			kind = faultMissing
		case errors.Is(s.err, fs.ErrPermission):
			kind = faultDenied
		case errors.As(s.err, &known):
			d := known.Diagnostic()
			code, remedy = d.Code, d.Remedy
		}
		b = appendText(append(b, sentFault, byte(kind)), s.shown)
		return appendText(appendText(appendText(b, string(code)), words), remedy)
	case s.fd < 0:
		b = appendText(append(b, sentText), s.shown)
		b = binary.AppendUvarint(binary.AppendUvarint(b, s.stamp.Dev), s.stamp.Inode)
		b = binary.AppendVarint(binary.AppendVarint(b, s.stamp.Mtime), s.stamp.Ctime)
		return appendText(b, s.text)
	}
	return appendText(append(b, sentFD), s.shown)
}

// sentError is a fault on the reader's side.
type sentError struct {
	cause  error
	code   parser.Code
	words  string
	remedy string
}

// Error is the fault in words.
func (e *sentError) Error() string { return e.words }

// Unwrap gives the kind of fault.
func (e *sentError) Unwrap() error { return e.cause }

// Diagnostic is the fault with what to do about it.
func (e *sentError) Diagnostic() parser.Diagnostic {
	return parser.Diagnostic{Code: e.code, Message: e.words, Remedy: e.remedy}
}

// readSent reads what append wrote.
func readSent(w *wire, name string) *sent {
	s := &sent{fd: -1}
	switch w.number(sentFD) {
	case sentFault:
		kind := w.number(faultRefused)
		s.shown = w.textLike(name)
		e := &sentError{code: parser.Code(w.text()), words: w.text(), remedy: w.text()}
		s.err = e
		switch kind {
		case faultMissing:
			e.cause = fs.ErrNotExist
		case faultDenied:
			e.cause = fs.ErrPermission
		case faultRefused:
			s.err = &zones.Refusal{Why: e.words, Remedy: e.remedy}
		}
	case sentText:
		s.shown = w.textLike(name)
		s.stamp = zones.Stamp{Name: name, Shown: s.shown, Dev: uint64(w.number(1<<63 - 1)), Inode: uint64(w.number(1<<63 - 1)),
			Mtime: w.signed(), Ctime: w.signed()}
		if s.text = w.bytes(maxSmall); !w.own {
			s.text = slices.Clone(s.text)
		}
		s.stamp.Size = int64(len(s.text))
	case sentFD:
		s.shown = w.textLike(name)
		if fd := w.fd(); fd >= 0 {
			s.file = os.NewFile(uintptr(fd), s.shown)
		}
	}
	return s
}

// open gives the file; it can be opened once.
func (s *sent) open() (zones.File, string, error) {
	switch {
	case s.err != nil:
		return nil, s.shown, s.err
	case s.file != nil:
		return s.file, s.shown, nil
	}
	return &textFile{text: s.text, stamp: s.stamp}, s.shown, nil
}

// look gives the stamp, false when there is no regular file.
func (s *sent) look(name string) (zones.Stamp, bool) {
	switch {
	case s.err != nil:
		return zones.Stamp{}, false
	case s.file == nil:
		return s.stamp, true
	}
	info, err := s.file.Stat()
	if err != nil {
		return zones.Stamp{}, false
	}
	stamp := zones.StampOf(name, info)
	stamp.Shown = s.shown
	return stamp, info.Mode().IsRegular()
}

// drop lets go of a file that nobody has opened.
func (s *sent) drop() {
	if s.file != nil {
		s.file.Close()
	}
}

// textFile is a small file whose bytes were sent.
type textFile struct {
	text  []byte
	at    int
	stamp zones.Stamp
}

// Read reads. Errors: io.EOF.
func (f *textFile) Read(b []byte) (int, error) {
	if f.at == len(f.text) {
		return 0, io.EOF
	}
	n := copy(b, f.text[f.at:])
	f.at += n
	return n, nil
}

// Close does nothing. Errors: never.
func (f *textFile) Close() error { return nil }

// Stat gives what the file was before and after it was read. Errors: never.
func (f *textFile) Stat() (fs.FileInfo, error) { return textInfo{f.stamp}, nil }

type textInfo struct{ s zones.Stamp }

func (i textInfo) Name() string       { return i.s.Name }
func (i textInfo) Size() int64        { return i.s.Size }
func (i textInfo) Mode() fs.FileMode  { return 0 }
func (i textInfo) ModTime() time.Time { return time.Unix(0, i.s.Mtime) }
func (i textInfo) IsDir() bool        { return false }
func (i textInfo) Sys() any           { return nil }

// Identity tells which file it is.
func (i textInfo) Identity() (dev, inode uint64, ctime int64) { return i.s.Dev, i.s.Inode, i.s.Ctime }
