//go:build unix

package zones

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"named-jail/parser"
)

// worst checks a zone in dir and demands that it ends within a time and a size
// of the heap. Units: bytes.
func worst(t *testing.T, dir string, limit time.Duration, heap uint64) Report {
	t.Helper()
	return worstOf(t, &hostFiles{dir: dir}, limit, heap)
}

func worstOf(t *testing.T, files Files, limit time.Duration, heap uint64) Report {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, uint64(0)
	ctx, cancel := context.WithTimeout(context.Background(), 10*limit)
	defer cancel()
	done, watched := make(chan bool), make(chan bool)
	go func() {
		defer close(watched)
		for {
			select {
			case <-done:
				return
			case <-time.After(10 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	}()
	z := example()
	z.At.File = "/w/named.conf"
	start := time.Now()
	r := newChecker(ctx, files, nil).check(z)
	took := time.Since(start)
	close(done)
	<-watched
	t.Logf("%v, %d MB, %d records\n%.300s", took, (max(most, before)-before)>>20, r.Records, found(r))
	if took > limit || r.Stopped {
		t.Errorf("it took %v, more than %v", took, limit)
	}
	if most > before+heap {
		t.Errorf("it took %d bytes, more than %d", most-before, heap)
	}
	return r
}

// wants checks that a report has an error with a code, or, for "", no error.
func wants(t *testing.T, r Report, code string) {
	t.Helper()
	if code == "" {
		if r.Diagnostics.Errors() > 0 {
			t.Errorf("errors:\n%.500s", found(r))
		}
		return
	}
	for _, d := range r.Diagnostics {
		if string(d.Code) == code && d.Severity == parser.Error {
			return
		}
	}
	t.Errorf("no error has the code %s:\n%.500s", code, found(r))
}

// lines writes head and n lines that line makes into the file z of a directory.
func lines(t *testing.T, n int, line func(i int) string) string {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "z"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	w.WriteString(head)
	for i := range n {
		w.WriteString(line(i))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestHostileLines checks that no text, however long and odd, takes more than
// its share of time and memory, and what is said of it. code "" stands for a
// sound zone.
func TestHostileLines(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes large files")
	}
	same := func(text string) func(int) string { return func(int) string { return text } }
	tests := []struct {
		name string
		n    int
		line func(i int) string
		code string
		heap uint64
	}{
		{"one owner", 500000, func(i int) string { return fmt.Sprintf("a A 10.%d.%d.%d\n", i>>16, i>>8&255, i&255) }, "NJ448", 300 << 20},
		{"one record", 300000, same("a A 192.0.2.1\n"), "", 300 << 20},
		{"deep owners", 100000, func(i int) string {
			return fmt.Sprintf("a.%d.c.%d.e.%d.g.%d.i.%d A 192.0.2.1\n", i, i/3, i/5, i/7, i/11)
		}, "", 200 << 20},
		{"deepest owners below a wildcard", 5000, func(i int) string {
			return fmt.Sprintf("%s%d A 192.0.2.1\n*.%d A 192.0.2.1\n", strings.Repeat("a.", 110), i, i)
		}, "", 200 << 20},
		{"types", 62000, func(i int) string { return fmt.Sprintf("a TYPE%d \\# 1 00\n", 1000+i%31000) }, "", 100 << 20},
		{"origins", 1000000, func(i int) string { return "$ORIGIN a" + fmt.Sprint(i&7) + ".example.\n" }, "", 100 << 20},
		{"origins between records", 300000, func(i int) string { return fmt.Sprintf("$ORIGIN a%d.example.\nb A 192.0.2.1\n", i&7) }, "", 200 << 20},
		{"errors", 1000000, same("a FOO x\n"), "NJ413", 50 << 20},
		{"warnings", 300000, same("a.b. A 192.0.2.1\n"), "", 100 << 20},
		{"high TTLs", 100000, same("a 4294967295 A 192.0.2.1\n"), "", 150 << 20},
		{"parentheses", 2000000, same("("), "NJ402", 100 << 20},
		{"quotes", 400000, same("\"\" "), "NJ413", 100 << 20},
		{"blanks", 40 << 20, same(" "), "", 50 << 20},
		{"empty lines", 10 << 20, same("\n"), "", 50 << 20},
		{"carriage returns", 10 << 20, same("\r"), "", 50 << 20},
		{"backslashes", 4 << 20, same("\\"), "NJ413", 50 << 20},
		{"one label", 4 << 20, same("a"), "NJ413", 50 << 20},
		{"dollars", 300000, same("$FOO\n"), "NJ413", 50 << 20},
		{"generate lines", 100000, same("$GENERATE 1-1 a$ A 192.0.2.1\n"), "", 200 << 20},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wants(t, worst(t, lines(t, test.n, test.line), 8*time.Second, test.heap), test.code)
		})
	}
}

// TestHostileGenerate checks the bounds of $GENERATE.
func TestHostileGenerate(t *testing.T) {
	for _, test := range []struct{ name, line, code string }{
		{"billions", "$GENERATE 0-2147483647 a$ A 192.0.2.1\n", "NJ413"},
		{"more lines", "$GENERATE 0-900000/9 b$ A 192.0.2.1\n$GENERATE 1-16777216 a$ A 192.0.2.1\n", "NJ413"},
		{"steps", "$GENERATE 0-2147483647/1000000000 a$ A 192.0.2.1\n", ""},
		{"long text", "$GENERATE 1-16000000 a$ TXT ( " + strings.Repeat(strings.Repeat("x", 250)+"$ ", 250) + ")\n", "NJ402"},
		{"widths", "$GENERATE 1-2 a$ TXT " + strings.Repeat("${0,255}", 20000) + "\n", "NJ402"},
	} {
		t.Run(test.name, func(t *testing.T) {
			wants(t, worstOf(t, memFiles{"z": head + test.line}, 8*time.Second, 300<<20), test.code)
		})
	}
	t.Run("bytes", func(t *testing.T) {
		defer func(n int64) { maxGeneratedText = n }(maxGeneratedText)
		maxGeneratedText = 1 << 20
		line := "$GENERATE 1-100000 a$ TXT " + strings.Repeat("x", 200) + "\n"
		wants(t, worstOf(t, memFiles{"z": head + line}, 8*time.Second, 100<<20), "NJ413")
	})
}

// TestHostileFiles checks what is no plain file, and files without an end.
func TestHostileFiles(t *testing.T) {
	t.Run("device", func(t *testing.T) {
		for _, path := range []string{"/dev/zero", "/dev/null", "/dev/full", "/"} {
			wants(t, worstOf(t, linked{"z": path}, time.Second, 50<<20), "NJ401")
		}
	})
	t.Run("included device", func(t *testing.T) {
		dir := t.TempDir()
		write(t, dir, "z", head+"$INCLUDE /dev/zero\n$INCLUDE fifo\n$INCLUDE .\n")
		if err := unix.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := worst(t, dir, time.Second, 50<<20); len(r.Diagnostics) != 3 {
			t.Errorf("%s", found(r))
		}
	})
	t.Run("fifo", func(t *testing.T) {
		dir := t.TempDir()
		if err := unix.Mkfifo(filepath.Join(dir, "z"), 0o600); err != nil {
			t.Fatal(err)
		}
		wants(t, worst(t, dir, time.Second, 50<<20), "NJ401")
	})
	for name, start := range map[string]string{"nothing but zeros": "", "zeros": head, "a comment": head + "; ", "a word": head + "a TXT ", "a quote": head + "a TXT \""} {
		t.Run("4 GB after "+name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Truncate(write(t, dir, "z", start), 4<<30); err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"nothing but zeros": "NJ402"}[name]
			if want == "" {
				want = "NJ413"
			}
			wants(t, worst(t, dir, 8*time.Second, 50<<20), want)
		})
	}
	t.Run("blanks without end", func(t *testing.T) {
		r := worstOf(t, forever{head, strings.Repeat(" ", 4096), 1 << 60}, 8*time.Second, 50<<20)
		wants(t, r, "NJ413")
	})
	for _, size := range []int64{0, 2 << 20} {
		t.Run(fmt.Sprintf("growing from %d", size), func(t *testing.T) {
			defer func(n int64) { maxGrowth = n }(maxGrowth)
			maxGrowth = 1 << 20
			r := worstOf(t, forever{head, "a A 192.0.2.1\n", size}, 8*time.Second, 100<<20)
			wants(t, r, "NJ401")
			if !strings.Contains(found(r), "it grows while it is read") {
				t.Errorf("%s", found(r))
			}
		})
	}
}

// TestHostileIncludes checks the bounds of $INCLUDE.
func TestHostileIncludes(t *testing.T) {
	t.Run("twice each", func(t *testing.T) {
		files := memFiles{"z": head + "$INCLUDE 0\n"}
		for i := range 60 {
			files[fmt.Sprint(i)] = fmt.Sprintf("$INCLUDE %d\n$INCLUDE %d\n", i+1, i+1)
		}
		files["60"] = "; nothing\n"
		wants(t, worstOf(t, files, 8*time.Second, 200<<20), "NJ413")
	})
	t.Run("one file a million times", func(t *testing.T) {
		files := memFiles{"z": head + strings.Repeat("$INCLUDE i\n", 1000000), "i": "a A 192.0.2.1\n"}
		wants(t, worstOf(t, files, 8*time.Second, 200<<20), "NJ413")
	})
	t.Run("many files", func(t *testing.T) {
		files, text := memFiles{}, []byte(head)
		for i := range maxIncludes {
			text = fmt.Appendf(text, "$INCLUDE i%d\n", i)
			files[fmt.Sprintf("i%d", i)] = "i A 192.0.2.1\n"
		}
		files["z"] = string(text)
		r := worstOf(t, files, 8*time.Second, 300<<20)
		wants(t, r, "")
		if len(r.Files) != maxIncludes+1 || r.Files[0].Name != "z" {
			t.Errorf("%d files, the first is %q", len(r.Files), r.Files[0].Name)
		}
	})
	t.Run("chain", func(t *testing.T) {
		files := memFiles{"z": head + "$INCLUDE 0\n"}
		for i := range 1000 {
			files[fmt.Sprint(i)] = fmt.Sprintf("$INCLUDE %d\n", i+1)
		}
		wants(t, worstOf(t, files, 8*time.Second, 50<<20), "NJ413")
	})
}

// linked opens other files than the names say.
type linked map[string]string

func (l linked) Open(name string) (File, string, error) {
	f, err := os.OpenFile(l[name], os.O_RDONLY|syscall.O_NONBLOCK, 0)
	return f, l[name], err
}

// forever is a file that goes on after its head with the same text for ever;
// size is what it says of itself.
type forever struct {
	head, text string
	size       int64
}

func (e forever) Open(name string) (File, string, error) {
	return &neverEnding{e: e, left: e.head}, "/w/" + name, nil
}

type neverEnding struct {
	e    forever
	left string
}

func (f *neverEnding) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if f.left == "" {
			f.left = f.e.text
		}
		k := copy(p[n:], f.left)
		n, f.left = n+k, f.left[k:]
	}
	return n, nil
}

func (f *neverEnding) Stat() (fs.FileInfo, error) { return plainInfo(f.e.size), nil }
func (f *neverEnding) Close() error               { return nil }

// plainInfo is a regular file of a size.
type plainInfo int64

func (plainInfo) Name() string       { return "z" }
func (i plainInfo) Size() int64      { return int64(i) }
func (plainInfo) Mode() fs.FileMode  { return 0o644 }
func (plainInfo) ModTime() time.Time { return time.Unix(1, 0) }
func (plainInfo) IsDir() bool        { return false }
func (plainInfo) Sys() any           { return nil }
