package zones

import (
	"errors"
	"io"
	"io/fs"

	"named-jail/parser"
)

// missing and denied mark faults of open: the file does not exist, or may not
// be read, or a line may not include it. unsafe is the code of a path that root
// must not follow.
const (
	missing parser.Code = "missing"
	denied  parser.Code = "denied"
	unsafe  parser.Code = "NJ307"
	barred  parser.Code = "refused"
)

// open opens a file and refuses what is no regular one.
func (c *check) open(as string) (*source, *fault) {
	f, shown, err := c.files.Open(as)
	return c.opened(as, f, shown, err)
}

// openIncluded opens the file that a line of src includes.
func (c *check) openIncluded(line *Include, src *source) (*source, *fault) {
	by, ok := c.files.(Includer)
	if !ok {
		return c.open(line.Name)
	}
	f, shown, err := by.Include(*line, src.stamp)
	return c.opened(line.Name, f, shown, err)
}

// opened looks at a file that was opened, or at why it was not.
func (c *check) opened(as string, f File, shown string, err error) (*source, *fault) {
	if shown == "" {
		shown = as
	}
	if err != nil {
		wrong := &fault{message: shown + " " + explain(err)}
		var known interface{ Diagnostic() parser.Diagnostic }
		var no *Refusal
		switch {
		case errors.As(err, &no):
			wrong.code, wrong.message, wrong.remedy = barred, no.Why, no.Remedy
		case errors.Is(err, fs.ErrNotExist):
			wrong.code = missing
		case errors.Is(err, fs.ErrPermission):
			wrong.code, wrong.remedy = denied, "Run the command as root to have it read."
		case errors.As(err, &known):
			d := known.Diagnostic()
			if wrong.remedy = d.Remedy; d.Code == unsafe {
				wrong.code = unsafe
			}
		}
		return nil, wrong
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, &fault{message: shown + " " + explain(err)}
	}
	if !info.Mode().IsRegular() {
		f.Close()
		return nil, &fault{message: shown + " is " + kindOf(info.Mode()) + ", not a regular file",
			remedy: "named reads zones from regular files only"}
	}
	var src *source
	if n := len(c.spare); n > 0 {
		src, c.spare = c.spare[n-1], c.spare[:n-1]
	} else {
		src = &source{}
	}
	included := info.Size()
	if as == c.zone.File {
		included = 0 // counted beforehand
	}
	f = c.meter.file(f, included)
	src.lex.poll, src.lex.most = c.poll, info.Size()+maxGrowth
	src.lex.reset(f)
	src.file, src.opened, src.shown = f, as, shown
	src.stamp, src.hasOwn = stampOf(as, shown, info), false
	src.moved = false
	return src, nil
}

// ended closes a file, reports a read error, and notes the file's stamp.
func (c *check) ended(src *source) {
	if err := src.lex.err; err != nil && err != io.EOF {
		c.add(parser.Diagnostic{Code: "NJ401", File: src.shown, Line: src.lex.line,
			Message: "reading the file failed at this line: it " + explain(err), Remedy: "look at the disk and the system log"})
	}
	info, err := src.file.Stat()
	c.torn = c.torn || err != nil || stampOf(src.opened, src.shown, info) != src.stamp
	c.steady = c.steady && src.stamp.settled(c.started)
	src.file.Close()
	c.noteFile(&src.stamp)
	src.file, src.lex.r = nil, nil
	src.lex.trim()
	if len(c.spare) < maxDepth {
		c.spare = append(c.spare, src)
	}
}

// noteFile keeps the stamp of a file, once for each name and state; the zone's
// own file comes first.
func (c *check) noteFile(s *Stamp) {
	if c.noted == nil {
		c.noted = make(map[Stamp]struct{})
	}
	if _, known := c.noted[*s]; known {
		return
	}
	c.noted[*s] = struct{}{}
	c.report.Files = append(c.report.Files, *s)
	if last := len(c.report.Files) - 1; s.Name == c.zone.File && last > 0 {
		copy(c.report.Files[1:], c.report.Files[:last])
		c.report.Files[0] = *s
	}
}

// explain says in words why a file cannot be read.
func explain(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read: permission denied"
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return "cannot be read: " + err.Error()
}

// kindOf names a kind of file that is no regular one.
func kindOf(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "a special file"
}
