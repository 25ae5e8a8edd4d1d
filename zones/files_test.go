package zones

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
)

// hostFiles opens files of the host; dir stands for the working directory.
type hostFiles struct {
	dir    string
	opened atomic.Int64
}

func (h *hostFiles) Open(name string) (File, string, error) {
	h.opened.Add(1)
	if !filepath.IsAbs(name) {
		name = filepath.Join(h.dir, name)
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, name, err
	}
	return f, name, nil
}

// memFiles holds files in memory by the name they are opened under.
type memFiles map[string]string

func (m memFiles) Open(name string) (File, string, error) {
	text, ok := m[name]
	if !ok {
		return nil, "/w/" + name, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	f, err := fstest.MapFS{"x": {Data: []byte(text)}}.Open("x")
	return f, "/w/" + name, err
}

// head is a zone that is sound; tests put lines after it. It has 4 lines.
const head = "$TTL 3600\n@ IN SOA ns hostmaster 7 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1\n"

// example is a primary zone example. with the file z.
func example() Zone { return Zone{Name: "example", Type: "primary", File: "z"} }

// found prints a report's findings, one headline a line.
func found(r Report) string {
	var b strings.Builder
	for _, d := range r.Diagnostics {
		b.WriteString(d.Headline())
		b.WriteByte('\n')
	}
	return b.String()
}

// write puts a file below dir.
func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
