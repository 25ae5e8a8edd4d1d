package command

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"

	"golang.org/x/sys/unix"
)

// What this program and its reader say to each other goes over a stream in
// frames: four bytes with the length of the rest, little-endian, a byte that says
// what it is, one that says how many descriptors go along, and its parts. Numbers
// are varints; a text has its length before it. Descriptors come with the first byte
// of their frame at the latest, in the order in which its parts speak of them.

// frame is what a frame is.
type frame byte

// The frames. Those to the reader:
const (
	frameTerms  frame = 'T' // processors and zones.Terms
	frameTasks  frame = 'J' // tasks, each with the files of its zone
	frameAnswer frame = 'A' // to a question
	frameText   frame = 'X' // a number and a part of the text that has it
	frameAsk    frame = 'K' // the number of a text and a question of parser.Apart
)

// And those from it:
const (
	frameReady    frame = 'R' // what it has given up
	frameUnable   frame = 'N' // why it cannot
	frameVerdicts frame = 'V'
	frameQuestion frame = 'Q'
	frameMoved    frame = 'P' // bytes were read
	frameTold     frame = 'D' // the answer to frameAsk
)

// Bounds. A frame is read as its bytes come in, whatever its length says.
const (
	maxFrame     = 64 << 20
	maxWireText  = 64 << 10
	maxFrameFDs  = 64
	frameHead    = 6
	frameReading = 64 << 10
)

var errFrame = errors.New("what it sent cannot be understood")

// newFrame begins a frame; sealFrame completes it.
func newFrame(what frame, room int) []byte {
	return append(make([]byte, 4, room+frameHead), byte(what), 0)
}

func sealFrame(b []byte) []byte {
	binary.LittleEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

// sendFrame sends a frame with descriptors. Only one goroutine may send at a time.
func sendFrame(conn *net.UnixConn, b []byte, fds []int) error {
	b = sealFrame(b)
	b[5] = byte(len(fds))
	if len(fds) > 0 {
		n, _, err := conn.WriteMsgUnix(b, unix.UnixRights(fds...), nil)
		if err != nil {
			return err
		}
		b = b[n:]
	}
	_, err := conn.Write(b)
	return err
}

// frameReader reads frames. With takes the descriptors that come along are kept
// in fds, in their order; else the kernel closes them, for no room is given.
type frameReader struct {
	conn  *net.UnixConn
	takes bool
	fds   []int
	buf   []byte
	from  int
	oob   []byte
}

// fill reads more.
func (r *frameReader) fill() error {
	if r.from > 0 {
		r.buf = slices.Delete(r.buf, 0, r.from)
		r.from = 0
	}
	r.buf = slices.Grow(r.buf, frameReading)
	room := r.buf[len(r.buf):cap(r.buf)]
	if !r.takes {
		n, err := r.conn.Read(room)
		r.buf = r.buf[:len(r.buf)+n]
		return err
	}
	if r.oob == nil {
		r.oob = make([]byte, unix.CmsgSpace(4*maxFrameFDs))
	}
	n, oobn, _, _, err := r.conn.ReadMsgUnix(room, r.oob)
	r.buf = r.buf[:len(r.buf)+n]
	if oobn > 0 {
		messages, wrong := unix.ParseSocketControlMessage(r.oob[:oobn])
		if wrong != nil {
			return wrong
		}
		for i := range messages {
			fds, wrong := unix.ParseUnixRights(&messages[i])
			if wrong != nil {
				return wrong
			}
			r.fds = append(r.fds, fds...)
		}
	}
	if err == nil && n == 0 {
		err = io.EOF
	}
	return err
}

// next gives the next frame; its parts are good until the next call. Errors: io.EOF
// between two frames, io.ErrUnexpectedEOF in one, errFrame, those of the socket.
func (r *frameReader) next() (frame, wire, error) {
	for {
		if have := len(r.buf) - r.from; have >= frameHead {
			size := int64(binary.LittleEndian.Uint32(r.buf[r.from:]))
			if size < 2 || size > maxFrame {
				return 0, wire{}, errFrame
			}
			if int64(have) >= size+4 {
				b := r.buf[r.from+4 : r.from+4+int(size)]
				r.from += 4 + int(size)
				n := int(b[1])
				if n > len(r.fds) {
					return 0, wire{}, errFrame
				}
				w := wire{b: b[2:], fds: r.fds[:n:n]}
				r.fds = r.fds[n:]
				return frame(b[0]), w, nil
			}
		}
		if err := r.fill(); err != nil {
			if err == io.EOF && len(r.buf) > r.from {
				err = io.ErrUnexpectedEOF
			}
			return 0, wire{}, err
		}
	}
}

// wire reads the parts of a frame; what does not fit sets bad.
type wire struct {
	b   []byte
	fds []int
	own bool // b is nobody else's, and stays as it is
	bad bool
}

// fd takes the next descriptor.
func (w *wire) fd() int {
	if len(w.fds) == 0 {
		w.bad = true
		return -1
	}
	fd := w.fds[0]
	w.fds = w.fds[1:]
	return fd
}

func (w *wire) number(limit uint64) int {
	v, n := binary.Uvarint(w.b)
	if n <= 0 || v > limit || w.bad {
		w.bad = true
		return 0
	}
	w.b = w.b[n:]
	return int(v)
}

func (w *wire) signed() int64 {
	v, n := binary.Varint(w.b)
	if n <= 0 || w.bad {
		w.bad = true
		return 0
	}
	w.b = w.b[n:]
	return v
}

func (w *wire) bytes(limit uint64) []byte {
	n := w.number(limit)
	if n > len(w.b) {
		w.bad = true
	}
	if w.bad {
		return nil
	}
	b := w.b[:n:n]
	w.b = w.b[n:]
	return b
}

func (w *wire) text() string { return string(w.bytes(maxWireText)) }

// textLike is text, without another copy of one that is there already.
func (w *wire) textLike(likely string) string {
	b := w.bytes(maxWireText)
	if string(b) == likely {
		return likely
	}
	return string(b)
}

// more tells whether another part follows.
func (w *wire) more() bool { return !w.bad && len(w.b) > 0 }

func appendText[T string | []byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
