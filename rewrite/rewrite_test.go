package rewrite

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"testing"
	"time"

	"named-jail/parser"
)

// files is a Host of files in memory.
type files map[string]string

func (h files) ReadFile(p string) (string, string, error) {
	text, ok := h[p]
	if !ok {
		return "", p, &fs.PathError{Op: "open", Path: p, Err: fs.ErrNotExist}
	}
	return text, p, nil
}

func (h files) Glob(pattern string) ([]string, error) {
	var out []string
	for p := range h {
		if ok, _ := path.Match(pattern, p); ok {
			out = append(out, p)
		}
	}
	sort.Strings(out)
	return out, nil
}

func (h files) Stat(p string) (fs.FileInfo, error) {
	if text, ok := h[p]; ok {
		return entry{path.Base(p), int64(len(text)), false}, nil
	}
	for q := range h {
		if strings.HasPrefix(q, p+"/") {
			return entry{path.Base(p), 0, true}, nil
		}
	}
	return nil, fs.ErrNotExist
}

func (h files) RealPath(p string) (string, error) { return p, nil }

func (h files) ReadDir(dir string) ([]string, error) {
	seen := map[string]bool{}
	for p := range h {
		if rest, ok := strings.CutPrefix(p, strings.TrimSuffix(dir, "/")+"/"); ok {
			name, _, _ := strings.Cut(rest, "/")
			seen[name] = true
		}
	}
	var out []string
	for name := range seen {
		out = append(out, name)
	}
	return out, nil
}

type entry struct {
	name string
	size int64
	dir  bool
}

func (e entry) Name() string       { return e.name }
func (e entry) Size() int64        { return e.size }
func (e entry) ModTime() time.Time { return time.Time{} }
func (e entry) IsDir() bool        { return e.dir }
func (e entry) Sys() any           { return nil }
func (e entry) Mode() fs.FileMode {
	if e.dir {
		return fs.ModeDir | 0755
	}
	return 0644
}

var debian = Defaults{
	Version: parser.V(9, 18, 49), PIDFile: "//run/named/named.pid", SessionKeyFile: "//run/named/session.key",
	RndcKey: "/etc/bind/rndc.key", BindKeys: "/etc/bind/bind.keys", GeoIPDirectory: "/usr/share/GeoIP", PluginDir: "/usr/lib/bind",
}

// rewritten gives the text of every output by its place in the jail.
func rewritten(t *testing.T, h files, conf string, opt Options) (*Install, map[string]string, []string) {
	t.Helper()
	in, ds := Read(h, conf, opt)
	out, more := in.Outputs()
	texts := map[string]string{}
	for _, o := range out {
		texts[string(o.Jail)] = o.Text()
	}
	var heads []string
	for _, d := range append(ds, more...) {
		heads = append(heads, d.Headline())
	}
	return in, texts, heads
}

var article = files{
	"/etc/named.conf": `// the article's
options {
	directory "/etc/namedb";	# old place
	pid-file "/var/run/named.pid";
};
include "extra.conf";
zone "." { type hint; file "root.cache"; };
zone "a.example" { type master; file "primary/db.a"; };
zone "s.example" { type slave; masters { 192.0.2.1; }; file "bak/db.s"; };
zone "d.example" { type master; file "/etc/namedb/dynamic/db.d"; allow-update { 127.0.0.1; }; };
`,
	"/etc/namedb/extra.conf": `zone "b.example" { type master; file "primary/db.b"; };`,
	"/etc/namedb/root.cache": "", "/etc/namedb/primary/db.a": "", "/etc/namedb/primary/db.b": "",
	"/etc/namedb/dynamic/db.d": "", "/etc/namedb/dynamic/db.d.jnl": "", "/etc/namedb/managed-keys.bind": "", "/etc/bind/rndc.key": "",
}

func TestArticle(t *testing.T) {
	_, texts, heads := rewritten(t, article, "/etc/named.conf", Options{Defaults: debian})
	if len(heads) > 0 {
		t.Fatal(heads)
	}
	want := strings.NewReplacer(`"/etc/namedb"`, `"/var/run"`, `"extra.conf"`, `"/etc/extra.conf"`, `"root.cache"`, `"/zones/master/root.cache"`,
		`"primary/db.a"`, `"/zones/master/db.a"`, `"bak/db.s"`, `"/zones/slave/db.s"`, `"/etc/namedb/dynamic/db.d"`, `"/zones/dynamic/db.d"`).Replace(article["/etc/named.conf"])
	if texts["/etc/named.conf"] != want {
		t.Errorf("got\n%s\nwant\n%s", texts["/etc/named.conf"], want)
	}
	if got := texts["/etc/extra.conf"]; got != `zone "b.example" { type master; file "/zones/master/db.b"; };` {
		t.Errorf("extra.conf is %s", got)
	}
}

// TestFixedPoint rewrites what was rewritten, as a configuration of the jail
// and as one of the host: nothing changes.
func TestFixedPoint(t *testing.T) {
	_, texts, _ := rewritten(t, article, "/etc/named.conf", Options{Defaults: debian})
	again := files{}
	for p, text := range texts {
		again[p] = text
	}
	for _, jail := range []string{"", "/var/named"} {
		_, second, heads := rewritten(t, again, "/etc/named.conf", Options{Defaults: debian, InJail: jail})
		if len(heads) > 0 {
			t.Error(heads)
		}
		for p := range texts {
			if texts[p] != second[p] {
				t.Errorf("%s changed:\n%s\n%s", p, texts[p], second[p])
			}
		}
	}
}

// TestRewriteValues states value for value what the rules of relocation make
// of a statement.
func TestRewriteValues(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`options { recursion no; };`, `options { directory "/var/run"; recursion no; };`},
		{"options {\r\n\trecursion no;\r\n};\r\n", "options {\r\n\tdirectory \"/var/run\";\r\n\trecursion no;\r\n};\r\n"},
		{"acl a { any; };\n", "options { directory \"/var/run\"; };\nacl a { any; };\n"},
		{`options { directory "/d"; dump-file "data/d"; statistics-file "/s/x"; };`, `options { directory "/var/run"; dump-file "data/d"; statistics-file "/s/x"; };`},
		{`options { directory "/d"; tkey-gssapi-keytab "k"; };`, `options { directory "/var/run"; tkey-gssapi-keytab "/etc/k"; };`},
		{`options { directory "/d"; }; tls t { key-file "k/p.pem"; cert-file "/c.pem"; };`, `options { directory "/var/run"; }; tls t { key-file "/etc/k/p.pem"; cert-file "/c.pem"; };`},
		{`options { directory "/d"; allow-update { 10.0.0.0/8; }; }; zone "a" { type primary; file "f"; };`, `options { directory "/var/run"; allow-update { 10.0.0.0/8; }; }; zone "a" { type primary; file "/zones/dynamic/f"; };`},
		{`zone "a" { type primary; file "f"; allow-update { none; }; }; options { directory "/d"; allow-update { any; }; };`, `zone "a" { type primary; file "/zones/master/f"; allow-update { none; }; }; options { directory "/var/run"; allow-update { any; }; };`},
		{`options { directory "/d"; ixfr-from-differences yes; }; zone "a" { type primary; file "f"; };`, `options { directory "/var/run"; ixfr-from-differences yes; }; zone "a" { type primary; file "/zones/dynamic/f"; };`},
		{`options { directory "/d"; dnssec-policy default; }; zone "a" { type primary; file "f"; inline-signing yes; };zone "b" { type primary; file "g"; dnssec-policy none; };`, `options { directory "/var/run"; dnssec-policy default; }; zone "a" { type primary; file "/zones/dynamic/f"; inline-signing yes; };zone "b" { type primary; file "/zones/master/g"; dnssec-policy none; };`},
		{`options { directory "/d"; }; view "v" { zone "." { type redirect; file "f"; }; }; view "w" { zone "." { type redirect; primaries { 1.2.3.4; }; file "g"; }; };`, `options { directory "/var/run"; }; view "v" { zone "." { type redirect; file "/zones/master/f"; }; }; view "w" { zone "." { type redirect; primaries { 1.2.3.4; }; file "/zones/slave/g"; }; };`},
		{`options { directory "/d"; }; view "in" { zone "a" { type primary; file "in/f"; }; }; view "out" { zone "a" { type primary; file "out/f"; }; };`, `options { directory "/var/run"; }; view "in" { zone "a" { type primary; file "/zones/master/in/f"; }; }; view "out" { zone "a" { type primary; file "/zones/master/out/f"; }; };`},
		{`options { directory "/d"; }; zone "a" { type primary; file "x/f"; }; zone "b" { type primary; file "y/F"; };`, `options { directory "/var/run"; }; zone "a" { type primary; file "/zones/master/x/f"; }; zone "b" { type primary; file "/zones/master/y/F"; };`},
		{`options { directory "/d"; }; zone "a" { type primary; file "x/f"; }; zone "b" { type primary; file "x/f"; };`, `options { directory "/var/run"; }; zone "a" { type primary; file "/zones/master/f"; }; zone "b" { type primary; file "/zones/master/f"; };`},
		{`options { directory "/d"; }; zone "a" { type primary; file "a \"b; c"; };`, `options { directory "/var/run"; }; zone "a" { type primary; file "/zones/master/a \"b; c"; };`},
		{`options { directory "/d"; catalog-zones { zone "c" zone-directory "cz" in-memory no; }; key-directory "keys"; }; zone "c" { type secondary; primaries { 1.2.3.4; }; };`, `options { directory "/var/run"; catalog-zones { zone "c" zone-directory "cz" in-memory no; }; key-directory "/etc/keys"; }; zone "c" { type secondary; primaries { 1.2.3.4; }; };`},
		{`options { directory "/d"; key-directory "keys"; dnssec-policy default; }; zone "a" { type primary; file "f"; inline-signing yes; };`, `options { directory "/var/run"; key-directory "keys"; dnssec-policy default; }; zone "a" { type primary; file "/zones/dynamic/f"; inline-signing yes; };`},
	} {
		_, texts, heads := rewritten(t, files{"/n.conf": c.in}, "/n.conf", Options{Defaults: debian})
		if len(heads) > 0 {
			t.Errorf("%s: %v", c.in, heads)
		}
		if got := texts["/etc/named.conf"]; got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

// TestRewriteModules states what becomes of values in which only a part is a
// path, or that the loader searches for.
func TestRewriteModules(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`options { tkey-gssapi-keytab "FILE:/k/named.keytab"; };`, `"FILE:/k/named.keytab"`},
		{`options { directory "/d"; tkey-gssapi-keytab "WRFILE:k"; };`, `"WRFILE:/etc/k"`},
		{`dlz "x" { database "dlopen ./m/dlz.so /data a.b"; };`, `"dlopen /m/dlz.so /data a.b"`},
		{`dlz "x" { database "dlopen /m/dlz.so /data"; };`, `"dlopen /m/dlz.so /data"`},
		{`dyndb "x" "m.so" { /data };`, `"m.so" { /data }`},
		{`plugin query "m.so" { a "/x"; };`, `"m.so" { a "/x"; }`},
		{`plugin query "../m.so" { };`, `"/m.so" { }`},
	} {
		_, texts, heads := rewritten(t, files{"/n.conf": c.in}, "/n.conf", Options{Defaults: debian})
		if len(heads) > 0 {
			t.Errorf("%s: %v", c.in, heads)
		}
		if got := texts["/etc/named.conf"]; !strings.Contains(got, c.want) {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

// TestOpaque checks which paths in text for modules are reported: those that
// the host has.
func TestOpaque(t *testing.T) {
	h := files{"/n.conf": `
dlz "x" { database "dlopen /m/dlz.so /data/one /data/none"; };
dyndb "x" "/m/dyn.so" { uri "ldapi:///data/two/"; dir=/data/three; // http://data/one
};
zone "a" { type primary; file "f"; update-policy { grant "local:/data/four" external * ANY; }; };
zone "b" { type primary; database "bdb /data/five"; };
view "v" { plugin query "/m/p.so" { "/data/six"; /* */ }; };
`}
	for _, name := range []string{"m/dlz.so", "m/dyn.so", "m/p.so", "data/one", "data/two", "data/three", "data/four", "data/five", "data/six"} {
		h["/"+name] = ""
	}
	in, _ := Read(h, "/n.conf", Options{Defaults: debian})
	_, ds := in.Wanted(nil)
	var got []string
	for _, d := range ds {
		if rest, ok := strings.CutPrefix(d.Message, strings.SplitN(d.Message, "/data/", 2)[0]); ok && d.Code == "NJ304" {
			got = append(got, strings.SplitN(rest, ",", 2)[0])
		}
	}
	sort.Strings(got)
	if want := "/data/five /data/four /data/one /data/six /data/three /data/two"; strings.Join(got, " ") != want {
		t.Errorf("reported %v, want %s; all: %v", got, want, ds)
	}
}

// TestDevices checks that a device in the configuration is not taken for a file.
func TestDevices(t *testing.T) {
	h := deviceFiles{files{"/n.conf": `options { dump-file "/dev/null"; statistics-file "/dev/tty"; }; include "/dev/null"; zone "." { type hint; file "/dev/null"; };`, "/dev/null": "", "/dev/tty": ""}}
	in, ds := Read(h, "/n.conf", Options{Defaults: debian})
	list, more := in.Wanted(nil)
	if ds = append(ds, more...); len(ds) != 1 || ds[0].Code != "NJ304" || !strings.Contains(ds[0].Message, "/dev/tty") {
		t.Error(ds)
	}
	for _, w := range list {
		if strings.HasPrefix(string(w.Path), "/dev") {
			t.Errorf("%+v", w)
		}
	}
}

// deviceFiles has devices in /dev.
type deviceFiles struct{ files }

func (h deviceFiles) Stat(p string) (fs.FileInfo, error) {
	info, err := h.files.Stat(p)
	if err == nil && strings.HasPrefix(p, "/dev/") {
		return deviceEntry{info.(entry)}, nil
	}
	return info, err
}

type deviceEntry struct{ entry }

func (deviceEntry) Mode() fs.FileMode { return fs.ModeDevice | fs.ModeCharDevice | 0666 }

func TestTemplates(t *testing.T) {
	d := debian
	d.Version = parser.V(9, 21, 20)
	in, texts, heads := rewritten(t, files{"/n.conf": `options { directory "/d"; }; template p { type primary; file "pri/$name.db"; }; zone "B.example" { template p; }; zone "c" { template p; };`}, "/n.conf", Options{Defaults: d})
	if len(heads) > 0 {
		t.Fatal(heads)
	}
	if got := texts["/etc/named.conf"]; !strings.Contains(got, `file "/zones/master/$name.db"`) {
		t.Error(got)
	}
	if got := in.Zones[0].File.Host + " " + string(in.Zones[0].File.Jail); got != "/d/pri/b.example.db /zones/master/b.example.db" {
		t.Error(got)
	}
}

// TestTemplatesMixed has a template for zones that named only reads and one that it
// signs: its one text leads where named may write, and stays there.
func TestTemplatesMixed(t *testing.T) {
	d := debian
	d.Version = parser.V(9, 21, 20)
	conf := `options { directory "/d"; }; template p { type primary; file "pri/$name.db"; }; zone "a" { template p; }; zone "b" { template p; dnssec-policy default; }; zone "c" { type primary; file "c.db"; };`
	in, texts, heads := rewritten(t, files{"/n.conf": conf}, "/n.conf", Options{Defaults: d})
	if len(heads) != 1 || !strings.Contains(heads[0], `the file of "a"`) || !strings.Contains(heads[0], "NJ304") {
		t.Error(heads)
	}
	got := texts["/etc/named.conf"]
	if !strings.Contains(got, `file "/zones/dynamic/$name.db"`) || !strings.Contains(got, `file "/zones/master/c.db"`) {
		t.Error(got)
	}
	if a := in.Zones[0]; a.File.Jail != "/zones/dynamic/a.db" || a.Files != ClassStatic {
		t.Error(a.File.Jail, a.Files)
	}
}

// TestNewZones takes zones that rndc addzone made into the model: their text is
// relocated, and what the jail has already is left alone.
func TestNewZones(t *testing.T) {
	h := files{
		"/n.conf":                 `options { directory "/d"; allow-new-zones yes; }; view "A" { zone "x" { type hint; file "h"; }; }; view "b" { allow-new-zones no; };`,
		"/d/559aead08264d579.nzf": "# New zone file for view: A\nzone added.example { type primary; file \"/z/db\"; allow-update { any; }; };\n",
		"/d/b.nzf":                `zone "ignored" { type primary; file "/z/i"; };`,
		"/z/db":                   "",
	}
	in, texts, heads := rewritten(t, h, "/n.conf", Options{Defaults: debian})
	if len(heads) > 0 {
		t.Fatal(heads)
	}
	want := strings.Replace(h["/d/559aead08264d579.nzf"], "/z/db", "/zones/dynamic/db", 1)
	if got := texts["/var/run/559aead08264d579.nzf"]; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	list, _ := in.Wanted(nil)
	found := false
	for _, w := range list {
		if w.Path == "/var/run/559aead08264d579.nzf" {
			found = w.Owner == User && w.Class == ClassWritten && w.Transfer == Move && string(w.Content) == want
		}
	}
	if !found {
		t.Errorf("the file of added zones is not wanted as it should be: %v", list)
	}

	h["/d/559aead08264d579.nzd"] = "a database"
	for _, held := range []bool{false, true} {
		asked := ""
		in, _ := Read(h, "/n.conf", Options{Defaults: debian, Holds: func(p JailPath) bool { return held && p == "/var/run/559aead08264d579.nzd" },
			Database: func(p string) (string, error) {
				asked = p
				return `zone "fromdb" { type primary; file "/z/db"; };`, nil
			}})
		if (asked != "") == held || len(in.Zones) != map[bool]int{false: 2, true: 1}[held] {
			t.Errorf("the jail has the database: %v; asked for %q, %d zones", held, asked, len(in.Zones))
		}
	}
}

// TestNamesStay checks that a name once given stays when a zone with the same
// base name comes, and that the newcomer gets another one.
func TestNamesStay(t *testing.T) {
	h := files{"/n.conf": `options { directory "/d"; }; zone "b" { type primary; file "y/f"; }; zone "a" { type primary; file "x/f"; };`}
	in, _, _ := rewritten(t, h, "/n.conf", Options{Defaults: debian, Names: map[string]JailPath{"/d/x/f": "/zones/master/f"}})
	if got := fmt.Sprint(in.Zones[0].File.Jail, " ", in.Zones[1].File.Jail); got != "/zones/master/y/f /zones/master/f" {
		t.Error(got)
	}
}

func TestFindings(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`zone "a" { type primary; };`, `/n.conf:1:6: error: zone 'a' has no 'file' [NJ206]`},
		{`zone "a" { file "x"; };`, `/n.conf:1:6: error: zone 'a' has no type [NJ206]`},
		{`zone "a" { type primry; file "x"; };`, `/n.conf:1:17: error: zone 'a' has the unknown type 'primry' [NJ211]`},
		{`zone "a" { type forward; file "x"; };`, `/n.conf:1:26: error: 'file' is not allowed in a zone of type forward [NJ207]`},
		{`zone "a" { type hint; file "x"; }; zone "A." { type hint; file "x"; };`, `/n.conf:1:41: error: zone 'A.' stands twice; it is first at /n.conf:1 [NJ208]`},
		{`view "v" { }; zone "a" { type hint; file "x"; };`, `/n.conf:1:20: error: zone 'a' stands outside the views [NJ212]`},
		{`zone "a" { type slave; masters { 1.2.3.4; }; file "x"; }; zone "b" { type slave; masters { 1.2.3.4; }; file "./X"; };`, `/n.conf:1:109: error: zones "a" and "b" share the file "/X", and named writes it; it is first at /n.conf:1 [NJ302]`},
	} {
		_, _, heads := rewritten(t, files{"/n.conf": c.in}, "/n.conf", Options{Defaults: debian})
		if strings.Join(heads, "\n") != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, strings.Join(heads, "\n"), c.want)
		}
	}
}

// TestWanted states the entries of the article's install.
func TestWanted(t *testing.T) {
	in, _, _ := rewritten(t, article, "/etc/named.conf", Options{Defaults: debian})
	in.AddIncludes([]Include{{File: "/etc/namedb/primary/db.a", Start: 9, End: 20, Name: "primary/inc"}})
	text, changed, err := in.ZoneText("/etc/namedb/primary/db.a", "$INCLUDE primary/inc\n")
	if text != "$INCLUDE /zones/master/inc\n" || !changed || err != nil {
		t.Errorf("zone text is %q, %v, %v", text, changed, err)
	}
	list, ds := in.Wanted(nil)
	if len(ds) > 0 {
		t.Error(ds)
	}
	var got []string
	for _, w := range list {
		got = append(got, fmt.Sprintf("%d %s %d:%d %04o %d %s", w.Kind, w.Path, w.Owner, w.Group, w.Mode, w.Transfer, w.Source))
	}
	want := []string{
		"0 /etc 0:1 0111 0 ",
		"0 /etc/bind 0:1 0111 0 ",
		"1 /etc/bind/rndc.key 0:0 0644 2 /etc/bind/rndc.key",
		"1 /etc/extra.conf 0:0 0644 1 /etc/namedb/extra.conf",
		"1 /etc/named.conf 0:1 0644 1 /etc/named.conf",
		"0 /run/named 2:2 0700 0 ",
		"4 /run/named/session.key 0:0 0000 0 /run/named/session.key",
		"0 /var/run 2:2 0700 0 /etc/namedb",
		"1 /var/run/managed-keys.bind 2:2 0644 3 /etc/namedb/managed-keys.bind",
		"1 /var/run/managed-keys.bind.jnl 2:2 0644 3 /etc/namedb/managed-keys.bind.jnl",
		"4 /var/run/named.pid 0:0 0000 0 /var/run/named.pid",
		"1 /zones/dynamic/db.d 2:2 0644 3 /etc/namedb/dynamic/db.d",
		"1 /zones/dynamic/db.d.jnl 2:2 0644 3 /etc/namedb/dynamic/db.d.jnl",
		"1 /zones/master/db.a 0:0 0644 3 /etc/namedb/primary/db.a",
		"1 /zones/master/db.b 0:0 0644 3 /etc/namedb/primary/db.b",
		"1 /zones/master/inc 0:0 0644 3 /etc/namedb/primary/inc",
		"1 /zones/master/root.cache 0:0 0644 3 /etc/namedb/root.cache",
		"1 /zones/slave/db.s 2:2 0644 3 /etc/namedb/bak/db.s",
		"1 /zones/slave/db.s.jnl 2:2 0644 3 /etc/namedb/bak/db.s.jnl",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func BenchmarkRewrite100kZones(b *testing.B) {
	var text strings.Builder
	text.WriteString("options { directory \"/etc/namedb\"; };\n")
	for i := range 100000 {
		fmt.Fprintf(&text, "zone \"zone%06d.example\" {\n\ttype master;\n\tfile \"primary/zone%06d.example.db\"; // the zone's own file\n\tallow-transfer { 192.0.2.1; 192.0.2.2; };\n};\n", i, i)
	}
	h := files{"/n.conf": text.String()}
	b.ReportAllocs()
	for b.Loop() {
		in, ds := Read(h, "/n.conf", Options{Defaults: debian})
		out, more := in.Outputs()
		if len(ds)+len(more) > 0 {
			b.Fatal(ds, more)
		}
		if _, err := out[0].WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
