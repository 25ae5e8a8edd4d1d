//go:build linux

package command

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sys/unix"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/zones"
)

// TestMain plays the reader, as main does.
func TestMain(m *testing.M) {
	if Reads(os.Args) {
		os.Exit(Main(os.Args))
	}
	if os.Getenv(probeMark) != "" {
		os.Exit(probe())
	}
	os.Exit(m.Run())
}

// hostSource is a source of the running system.
func hostSource(t testing.TB) source {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: without it there is no reader")
	}
	host, err := jail.OpenHost("/")
	if err != nil {
		t.Fatal(err)
	}
	s := source{host: host, cwd: "/", dirs: newFolders(host), who: (&system{host: host}).newIncluders()}
	t.Cleanup(func() {
		s.who.close()
		s.dirs.close()
		host.Close()
	})
	return s
}

// corpus lists the zones of the corpus of package zones, as primaries and as copies.
func corpus(t testing.TB) []zones.Zone {
	t.Helper()
	var list []zones.Zone
	root, err := filepath.Abs("../testdata/zones")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			for _, kind := range []string{"primary", "secondary", "hint"} {
				list = append(list, zones.Zone{Name: "example", Type: kind, File: p, Format: "text", At: parser.Diagnostic{File: "named.conf", Line: len(list)}})
			}
			list = append(list, zones.Zone{Name: "example", Type: "primary", File: p, Inline: true,
				Checks: zones.Checks{Signed: true, KeyDirectory: filepath.Dir(p), Release: [3]int{9, 18, 0}}})
		}
		return err
	})
	if err != nil || len(list) < 100 {
		t.Fatalf("%d zones: %v", len(list), err)
	}
	return append(list, zones.Zone{Name: "gone.example", Type: "primary", File: root + "/no such file"}, zones.Zone{Name: "none.example", Type: "forward"})
}

// TestReaderVerdicts: the verdicts of the reader are those of this process, on the
// whole corpus, with a cache and without, and the cache serves.
func TestReaderVerdicts(t *testing.T) {
	src, list := hostSource(t), corpus(t)
	now := time.Now()
	same := cmp.Options{cmpopts.IgnoreUnexported(parser.Diagnostic{}), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(zones.Report{}, "Since"),
		cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })}
	for name, options := range map[string]zones.Options{
		"plain":  {Workers: 2, Judging: zones.Judging{Now: now}},
		"proof":  {Workers: 2, Judging: zones.Judging{Now: now, DNSSEC: true}},
		"cached": {Workers: 2, Judging: zones.Judging{Now: now}, Cache: &zones.Cache{}},
	} {
		t.Run(name, func(t *testing.T) {
			here := options
			if options.Cache != nil {
				here.Cache = &zones.Cache{}
			}
			want := zones.CheckAll(t.Context(), src, list, here)
			r := newReader()
			defer r.close()
			r.on(src, options.Terms())
			options.Apart = r
			got := zones.CheckAll(t.Context(), src, list, options)
			if r.err != nil || r.without != "" || !strings.HasPrefix(r.said(), "the zones were judged by a process without root's rights: user 18") {
				t.Fatalf("%v %q", r.err, r.said())
			}
			includes, findings := 0, 0
			for i := range want {
				includes, findings = includes+len(got[i].Includes), findings+len(got[i].Diagnostics)
				for _, d := range got[i].Diagnostics {
					if d.Code == "NJ307" {
						t.Errorf("%s", d.Headline())
					}
				}
				if d := cmp.Diff(want[i], got[i], same); d != "" {
					t.Fatalf("%s as %s: here - reader +\n%s", list[i].File, list[i].Type, d)
				}
			}
			if includes == 0 || findings == 0 {
				t.Error("the corpus shows nothing")
			}
			if options.Cache != nil {
				if options.Cache.Len() != here.Cache.Len() || options.Cache.Len() == 0 {
					t.Errorf("%d zones are remembered, here %d", options.Cache.Len(), here.Cache.Len())
				}
			}
		})
	}
}

// wrongFrames are what no honest reader sends, after it has got its tasks.
var wrongFrames = map[string]func() []byte{
	"nothing at all":      func() []byte { return nil },
	"noise":               func() []byte { return []byte("GET / HTTP/1.0\r\n\r\n") },
	"half a frame":        func() []byte { return sealFrame(append(newFrame(frameVerdicts, 9), 1, 2, 3))[:7] },
	"a frame without end": func() []byte { return []byte{0xff, 0xff, 0xff, 0xff, 'V', 0, 1} },
	"a frame too long": func() []byte {
		return append(binary.LittleEndian.AppendUint32(nil, maxFrame+1), byte(frameVerdicts), 0)
	},
	"an empty frame":  func() []byte { return make([]byte, 8) },
	"another's frame": func() []byte { return sealFrame(newFrame(frameTerms, 9)) },
	"ready again":     func() []byte { return sealFrame(appendText(newFrame(frameReady, 9), "x")) },
	"descriptors":     func() []byte { b := sealFrame(newFrame(frameVerdicts, 9)); b[5] = 1; return b },
	"a zone not sent": func() []byte {
		return sealFrame(appendText(binary.AppendUvarint(newFrame(frameVerdicts, 9), 77), (&zones.Verdict{}).Append(nil)))
	},
	"no verdict": func() []byte { return sealFrame(appendText(append(newFrame(frameVerdicts, 9), 0), "xyz")) },
	"a file not opened": func() []byte {
		v := zones.Verdict{Report: zones.Report{Zone: &zones.Zone{}, Files: []zones.Stamp{{Name: "/etc/shadow", Shown: "/etc/shadow", Dev: 1, Inode: 1}}}}
		return sealFrame(appendText(append(newFrame(frameVerdicts, 9), 0), v.Append(nil)))
	},
	"a code of others": func() []byte {
		v := zones.Verdict{Report: zones.Report{Zone: &zones.Zone{}, Diagnostics: parser.Diagnostics{{Code: "NJ501", Message: "x"}}}}
		return sealFrame(appendText(append(newFrame(frameVerdicts, 9), 0), v.Append(nil)))
	},
	"asks for shadow":        func() []byte { return question(1, 0, askOpen, "/etc/shadow") },
	"looks at shadow":        func() []byte { return question(1, 0, askStamp, "/etc/shadow") },
	"lists a directory":      func() []byte { return question(1, 0, askList, "/root") },
	"includes from nowhere":  func() []byte { return question(1, 0, askInclude, "/etc/passwd", "/etc/shadow", "", "") },
	"asks for another zone":  func() []byte { return question(1, 5, askOpen, "/etc/shadow") },
	"asks something unknown": func() []byte { return question(1, 0, 9, "/etc/shadow") },
}

func question(numbers ...any) []byte {
	b := newFrame(frameQuestion, 64)
	for _, n := range numbers {
		switch n := n.(type) {
		case int:
			b = binary.AppendUvarint(b, uint64(n))
		case string:
			b = appendText(b, n)
		}
	}
	return sealFrame(b)
}

// fakeReader is a reader whose process is a function of the test.
func fakeReader(t *testing.T, src source, plays func(conn *net.UnixConn)) *reader {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]*net.UnixConn
	for i, fd := range pair {
		f := os.NewFile(uintptr(fd), "end")
		conn, err := net.FileConn(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		ends[i] = conn.(*net.UnixConn)
	}
	r := newReader()
	r.conn, r.gaveUp = ends[0], "nothing"
	r.on(src, (&zones.Options{}).Terms())
	r.once.Do(func() {})
	go plays(ends[1])
	t.Cleanup(func() { ends[1].Close() })
	return r
}

// TestReaderLies: what a reader that was taken over sends does not stop the program,
// opens nothing, and is said.
func TestReaderLies(t *testing.T) {
	src := hostSource(t)
	file := filepath.Join(t.TempDir(), "db")
	if err := os.WriteFile(file, []byte("$TTL 1\n@ SOA a a 1 2 3 4 5\n NS a\na A 192.0.2.1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, wrong := range wrongFrames {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			r := fakeReader(t, src, func(conn *net.UnixConn) {
				in := frameReader{conn: conn, takes: true}
				in.next()
				in.next()
				conn.Write(wrong())
				if len(wrong()) == 0 || name == "half a frame" || name == "a frame without end" {
					conn.Close()
				}
				got.ReadFrom(conn)
			})
			reports := zones.CheckAll(t.Context(), src, []zones.Zone{{Name: "example", Type: "primary", File: file}}, zones.Options{Apart: r})
			if r.err == nil || !reports[0].Stopped || len(reports[0].Diagnostics) > 0 {
				t.Errorf("%v, %+v", r.err, reports[0])
			}
			if bytes.Contains(got.Bytes(), []byte("root:")) || got.Len() > 200 {
				t.Errorf("it was told %q", got.Bytes())
			}
		})
	}
}

// TestReaderIncludesNothingUnseen: a reader that was taken over says that a file of root's
// includes another: no such line is there, and nothing is opened.
func TestReaderIncludesNothingUnseen(t *testing.T) {
	src := hostSource(t)
	dir := t.TempDir()
	file, secret := filepath.Join(dir, "db"), filepath.Join(dir, "secret")
	text := "$TTL 1\n@ SOA a a 1 2 3 4 5\n NS a\na A 192.0.2.1\nx TXT " + secret + "\n$include ( ; a comment\n \"" + secret + "\" )\n"
	for p, s := range map[string]string{file: text, secret: "; TOPSECRET\n"} {
		if err := os.WriteFile(p, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(start, end int) string {
		answer := make(chan string, 1)
		r := fakeReader(t, src, func(conn *net.UnixConn) {
			in := frameReader{conn: conn, takes: true}
			in.next()
			in.next()
			b := binary.AppendUvarint(binary.AppendUvarint(append(newFrame(frameQuestion, 64), 1, 0, askInclude), 0)[:9], 0)[:9]
			conn.Write(sealFrame(appendLine(b, zones.Include{Opened: file, Name: secret, Start: start, End: end})))
			_, w, _ := in.next()
			answer <- string(w.b)
			conn.Close()
		})
		zones.CheckAll(t.Context(), src, []zones.Zone{{Name: "example", Type: "primary", File: file}}, zones.Options{Apart: r})
		return <-answer
	}
	lying, honest := strings.Index(text, secret), strings.LastIndex(text, secret)-1
	if got := ask(lying, lying+len(secret)); strings.Contains(got, "TOPSECRET") || !strings.Contains(got, errExchanged.Error()) {
		t.Errorf("the lie: %q", got)
	}
	if got := ask(honest, honest+len(secret)+2); !strings.Contains(got, "TOPSECRET") {
		t.Errorf("the line that is there: %q", got)
	}
}

// TestReaderHangs: an end of the context ends the wait for a reader that does nothing.
func TestReaderHangs(t *testing.T) {
	src := hostSource(t)
	r := fakeReader(t, src, func(*net.UnixConn) {})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	reports := zones.CheckAll(ctx, src, []zones.Zone{{Name: "example", Type: "primary", File: "/dev/null"}}, zones.Options{Apart: r})
	if took := time.Since(begun); took > 5*time.Second || !reports[0].Stopped || r.err != nil {
		t.Errorf("after %v: %v %+v", took, r.err, reports)
	}
}

// FuzzReaderFrames: whatever a reader sends, reading it neither fails nor hangs, and no
// frame but a verdict on a zone that was sent changes anything.
func FuzzReaderFrames(f *testing.F) {
	for _, wrong := range wrongFrames {
		f.Add(wrong())
	}
	v := zones.Verdict{Report: zones.Report{Zone: &zones.Zone{}, Format: "text", Diagnostics: parser.Diagnostics{{Code: "NJ402", Message: "x", Line: 3}}}}
	f.Add(sealFrame(appendText(append(newFrame(frameVerdicts, 9), 0), v.Append(nil))))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &reader{answers: answers{jobs: map[int]*job{0: {zone: &zones.Zone{Name: "example", Type: "primary", File: "/nowhere/db"}}}}}
		judged := 0
		run := newReaderRun(t.Context(), r, func(n int, v *zones.Verdict) {
			if judged++; n != 0 || judged > 1 || len(v.Report.Files)+len(v.Report.Includes) > 0 {
				t.Errorf("zone %d: %+v", n, v)
			}
		}, func(int64) {})
		in := frameReader{buf: slices.Clone(b)}
		for len(in.buf)-in.from >= frameHead && int64(binary.LittleEndian.Uint32(in.buf[in.from:]))+4 <= int64(len(in.buf)-in.from) {
			what, w, err := in.next()
			if err != nil {
				break
			}
			if what == frameQuestion {
				if _, _, err := r.answers.answer(&w, nil); err == nil {
					continue
				} else if !errors.Is(err, errFrame) {
					t.Error(err)
				}
				break
			}
			if run.take(what, &w) != nil {
				break
			}
		}
	})
}
