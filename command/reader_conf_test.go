//go:build linux

package command

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"

	"named-jail/parser"
	"named-jail/rewrite"
)

// confSource is a source of the running system that looks who can write the files.
func confSource(t testing.TB) source {
	t.Helper()
	s := hostSource(t)
	s.owners, s.conf = owners{}, newConfReader()
	t.Cleanup(s.conf.close)
	return s
}

// everything is what comes of reading a configuration: the tree, the findings, and the
// files as they go into the jail.
func everything(t testing.TB, src source, conf string) (string, parser.Diagnostics) {
	t.Helper()
	var b bytes.Buffer
	var walk func(list []parser.Term)
	walk = func(list []parser.Term) {
		for i := range list {
			x := &list[i]
			fmt.Fprintf(&b, "%s %d %d %d %q\n", x.File.Path, x.Start, x.End, x.Kind, x.Value)
			if x.Block != nil {
				fmt.Fprintf(&b, "{ %q\n", x.Block.Text)
				for j := range x.Block.Statements {
					walk(x.Block.Statements[j].Terms)
				}
				b.WriteString("}\n")
			}
		}
	}
	config, _ := parser.Load(src, conf, parser.Options{})
	for _, s := range config.Statements {
		walk(s.Terms)
		fmt.Fprintln(&b, s.Whole().End, s.CutOff)
	}
	in, ds := rewrite.Read(src, conf, rewrite.Options{})
	outputs, more := in.Outputs()
	for _, o := range outputs {
		fmt.Fprintf(&b, "== %s\n", o.Jail)
		if _, err := o.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
	}
	return b.String(), append(ds, more...)
}

// others writes a configuration that includes a file of another's.
func others(t testing.TB, text string) (conf, file string) {
	t.Helper()
	dir := t.TempDir()
	conf, file = filepath.Join(dir, "named.conf"), filepath.Join(dir, "others.conf")
	for p, s := range map[string]string{conf: fmt.Sprintf("include %q;\nacl last { none; };\n", file), file: text} {
		if err := os.WriteFile(p, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(file, 65534, 0); err != nil {
		t.Fatal(err)
	}
	return conf, file
}

// TestConfReaderIsTheSame: what a process without rights takes apart is what this one
// does: the tree, the findings with their places, the files for the jail.
func TestConfReaderIsTheSame(t *testing.T) {
	archives, err := filepath.Glob("../testdata/conf/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal(err)
	}
	src := confSource(t)
	here := src
	here.conf = nil
	conf, file := others(t, "")
	n := 0
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if err := os.WriteFile(file, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
			n++
			want, wantDs := everything(t, here, conf)
			got, gotDs := everything(t, src, conf)
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("%s: here - reader +\n%s", f.Name, d)
			}
			if d := cmp.Diff(wantDs, gotDs, cmpopts.IgnoreUnexported(parser.Diagnostic{}), cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("%s: here - reader +\n%s", f.Name, d)
			}
		}
	}
	if n < 400 || src.conf.sent < n/2 || !strings.HasPrefix(src.conf.said(), "configuration that others can write was taken apart by a process without root's rights: user 18") {
		t.Errorf("%d configurations, %d texts: %q", n, src.conf.sent, src.conf.said())
	}
}

// TestConfReaderWhose: a process is asked about files that others can write, and is not
// even started for those of root.
func TestConfReaderWhose(t *testing.T) {
	for name, c := range map[string]struct {
		uid, gid int
		mode     os.FileMode
		others   bool
	}{
		"root's":              {0, 0, 0o644, false},
		"root's, for a group": {0, 7, 0o640, false},
		"another's":           {65534, 0, 0o600, true},
		"a group's":           {0, 7, 0o664, true},
		"root's group's":      {0, 0, 0o664, true}, // or an access list's
		"everybody's":         {0, 0, 0o646, true},
	} {
		t.Run(name, func(t *testing.T) {
			src := confSource(t)
			conf, file := others(t, "acl a { any; };")
			if err := os.Chown(file, c.uid, c.gid); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(file, c.mode); err != nil {
				t.Fatal(err)
			}
			config, ds := parser.Load(src, conf, parser.Options{})
			if len(config.Statements) != 3 || len(ds) > 0 {
				t.Errorf("%d statements, %v", len(config.Statements), ds)
			}
			if asked := src.conf.sent == 1 && src.conf.r.cmd != nil; asked != c.others || src.conf.used != c.others {
				t.Errorf("asked: %v, used: %v", asked, src.conf.used)
			}
		})
	}
	t.Run("a database", func(t *testing.T) {
		if src := confSource(t); src.Apart("/var/cache/bind/_default.nzd", "zone a { };") == nil {
			t.Error("it is cut here")
		}
	})
}

// TestConfReaderFails: a process that ends, hangs up, or sends what makes no sense is a
// message about the file, and what stands behind that is not taken.
func TestConfReaderFails(t *testing.T) {
	told := func(parts ...byte) []byte { return sealFrame(append(newFrame(frameTold, 9), parts...)) }
	cases := map[string][]byte{
		"hangs up":        nil,
		"no frame":        bytes.Repeat([]byte{0xff}, 40),
		"another frame":   sealFrame(appendText(newFrame(frameReady, 9), "x")),
		"no tokens":       told(),
		"an unknown kind": told(99, 1),
		"beyond the text": told(3, 0xff, 0xff, 3),
		"half a frame":    told(3, 3)[:5],
	}
	for name, wrong := range cases {
		t.Run(name, func(t *testing.T) {
			src := confSource(t)
			conf, file := others(t, "acl TOPSECRET { any; };")
			src.conf.r = fakeReader(t, src, func(conn *net.UnixConn) {
				in := frameReader{conn: conn}
				in.next()
				in.next()
				conn.Write(wrong)
				conn.Close()
			})
			config, ds := parser.Load(src, conf, parser.Options{})
			i := slices.IndexFunc(ds, func(d parser.Diagnostic) bool { return d.Code == "NJ449" })
			if i < 0 || ds[i].File != file || ds.Errors() == 0 || len(config.Statements) != 1 || strings.Contains(fmt.Sprint(ds), "TOPSECRET") {
				t.Errorf("%d statements, %v", len(config.Statements), ds)
			}
		})
	}
	t.Run("is killed", func(t *testing.T) {
		src := confSource(t)
		conf, _ := others(t, "acl a { any; };")
		if parser.Load(src, conf, parser.Options{}); src.conf.r.cmd == nil {
			t.Fatal("there is none")
		}
		if err := src.conf.r.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_, ds := parser.Load(src, conf, parser.Options{})
		if len(ds) != 1 || ds[0].Code != "NJ449" || !strings.Contains(ds[0].Message, "signal: killed") {
			t.Errorf("%v", ds)
		}
	})
}
