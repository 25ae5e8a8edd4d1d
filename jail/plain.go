package jail

import (
	"io"
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// Plain is a regular file that is open for reading, without the machinery of
// os.File: 20,000 zone files are opened, read and closed in a row. It belongs to
// one goroutine.
type Plain struct {
	fd   int
	path string
	info fileInfo
	seen bool // the info was given out
}

// OpenPlain is Open for a file that is read from its beginning to its end.
// Errors: as Open.
func (h *Host) OpenPlain(name string) (*Plain, error) {
	s := h.looks.borrow(h.session)
	defer h.looks.giveBack(s)
	at, err := s.resolve(name, true)
	if err != nil {
		return nil, err
	}
	fd, info, err := at.dir.openSeen(at.name, at.info)
	if err != nil {
		return nil, err
	}
	return &Plain{fd: fd, path: name, info: fileInfo{info}}, nil
}

// Read reads. Errors: *fs.PathError; io.EOF.
func (p *Plain) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	n, err := retry(func() (int, error) { return unix.Read(p.fd, b) })
	switch {
	case err != nil:
		return 0, pathError("read", p.path, err)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// Stat tells what the file is: the first time as it was when it was opened. The
// result is good until the next call. Errors: *fs.PathError.
func (p *Plain) Stat() (fs.FileInfo, error) {
	if p.seen {
		var st unix.Stat_t
		if err := unix.Fstat(p.fd, &st); err != nil {
			return nil, pathError("stat", p.path, err)
		}
		p.info.i = infoOf(p.info.i.Base, &st)
	}
	p.seen = true
	return &p.info, nil
}

// Close closes the file. Errors: *fs.PathError.
func (p *Plain) Close() error {
	if p.fd < 0 {
		return pathError("close", p.path, fs.ErrClosed)
	}
	err := unix.Close(p.fd)
	p.fd = -1
	if err != nil && err != syscall.EINTR {
		return pathError("close", p.path, err)
	}
	return nil
}

// Fd is the descriptor, -1 after Close. It stays the file's.
func (p *Plain) Fd() int { return p.fd }

// Rewind goes back to the beginning. Errors: *fs.PathError.
func (p *Plain) Rewind() error {
	if _, err := unix.Seek(p.fd, 0, io.SeekStart); err != nil {
		return pathError("seek", p.path, err)
	}
	return nil
}
