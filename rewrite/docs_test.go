package rewrite

import (
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"named-jail/parser"
)

// page is the reference of the rules of relocation; NAMED_JAIL_DOCS=write writes
// it. What stands in it is asked of the rules themselves: of a small configuration
// for zone files, of settlePath for all other statements with a path.
const page = "../docs/reference-relocation.md"

// zoneSamples are zones of each kind: what a person calls it, and its statements.
var zoneSamples = []struct {
	release parser.Version
	what    string
	text    string
}{
	{parser.V(9, 18, 49), "`type primary`, without updates and signing", `type primary; file "DB";`},
	{parser.V(9, 18, 49), "`type hint`", `type hint; file "DB";`},
	{parser.V(9, 18, 49), "`type redirect`, without `primaries`", `type redirect; file "DB";`},
	{parser.V(9, 18, 49), "`type secondary`", `type secondary; primaries { 192.0.2.1; }; file "DB";`},
	{parser.V(9, 18, 49), "`type mirror`", `type mirror; file "DB";`},
	{parser.V(9, 18, 49), "`type stub`", `type stub; primaries { 192.0.2.1; }; file "DB";`},
	{parser.V(9, 18, 49), "`type redirect`, with `primaries`", `type redirect; primaries { 192.0.2.1; }; file "DB";`},
	{parser.V(9, 18, 49), "`type primary`, `allow-update` that lets somebody", `type primary; allow-update { 127.0.0.1; }; file "DB";`},
	{parser.V(9, 18, 49), "`type primary`, `update-policy`", `type primary; update-policy local; file "DB";`},
	{parser.V(9, 20, 9), "`type primary`, `dnssec-policy`, without updates", `type primary; dnssec-policy default; file "DB";`},
	{parser.V(9, 18, 49), "`type primary`, `inline-signing yes`", `type primary; inline-signing yes; file "DB";`},
	{parser.V(9, 18, 49), "`type primary`, `ixfr-from-differences yes`", `type primary; ixfr-from-differences yes; file "DB";`},
}

// sampleZone reads a configuration with one zone.
func sampleZone(t *testing.T, release parser.Version, text string) *Zone {
	t.Helper()
	host := files{"/etc/named.conf": `options { directory "/etc/namedb"; }; zone "." { ` + text + ` };`, "/etc/namedb/DB": ""}
	in, ds := Read(host, "/etc/named.conf", Options{Defaults: Defaults{Version: release}})
	if err := ds.Err(); err != nil || len(in.Zones) != 1 {
		t.Fatalf("%s: %v, %d zones", text, err, len(in.Zones))
	}
	return in.Zones[0]
}

// accessWords say what named does with a path, kindWords what it leads to.
var (
	accessWords = map[parser.Access]string{parser.Reads: "reads", parser.Writes: "writes", parser.Chdir: "works in"}
	kindWords   = map[parser.PathKind]string{parser.FilePath: "file", parser.DirectoryPath: "directory", parser.SocketPath: "socket",
		parser.LibraryPath: "library", parser.ProgramPath: "program", parser.IncludePath: "configuration", parser.ZoneFilePath: "zone file"}
)

// releases says in which ones a statement is known.
func releases(d *parser.Def) string {
	since := "BIND 8"
	if d.Since.Known() && d.Since != parser.V(8, 1, 0) {
		since = d.Since.String()
	}
	if d.Until.Known() {
		return since + " to below " + d.Until.String()
	}
	return "from " + since
}

// placed gives what becomes of a value: in the jail's configuration, and where that
// leads.
func placed(d *parser.Def, rule parser.PathRule, value string) (text, place string) {
	in := &Install{Directory: "/etc/namedb", opt: Options{Defaults: Defaults{PluginDir: "/usr/lib/bind"}}}
	p := &Path{Keyword: d.Keyword, Value: value, Rule: &rule}
	in.settlePath(p)
	return p.newText(), string(p.Jail)
}

// relocationRows are the rows of a path column: key-directory and its like have
// one for each of the two accesses.
func relocationRows(d *parser.Def, rule parser.PathRule) []string {
	if rule.Access == parser.Decides {
		reads, writes := rule, rule
		reads.Access, writes.Access = parser.Reads, parser.Writes
		if d.Keyword == "directory" { // a key-store is there to be written
			return relocationRows(d, writes)
		}
		return append(relocationRows(d, reads), relocationRows(d, writes)...)
	}
	keyword := d.Keyword
	if rule.After != "" {
		keyword += " … " + rule.After
	}
	row := fmt.Sprintf("| `%s` | %s | %s | %s | %s |", keyword, strings.ReplaceAll(d.In.String(), "|", ", "), releases(d), kindWords[rule.Kind], accessWords[rule.Access])
	var cells []string
	for _, value := range []string{"/srv/a/x", "a/x"} {
		if rule.Kind == parser.LibraryPath && d.Keyword == "database" {
			value = "dlopen " + value
		}
		text, place := placed(d, rule, value)
		cell := "`" + place + "`"
		if text != value {
			cell = "becomes `" + text + "`"
		}
		cells = append(cells, cell)
	}
	return []string{row + " " + strings.Join(cells, " | ") + " |"}
}

// builtIn are named's own paths as `named -V` tells them, in releases of each kind.
var builtIn = []Defaults{
	{Version: parser.V(9, 18, 49), PIDFile: "/run/named/named.pid", SessionKeyFile: "/run/named/session.key", RndcKey: "/etc/bind/rndc.key",
		BindKeys: "/etc/bind/bind.keys", GeoIPDirectory: "/usr/share/GeoIP"},
	{Version: parser.V(8, 4, 7), NamedXfer: "/usr/libexec/named-xfer", ControlSocket: "/var/run/ndc"},
}

// written makes the page.
func written(t *testing.T) string {
	var b strings.Builder
	b.WriteString(`# Where each path goes

The rules by which the paths of ` + "`named.conf`" + ` are relocated, made from the tables and rules of the
program (` + "`rewrite/docs_test.go`" + `); do not edit this page by hand. ` + "`named-jail plan`" + ` shows what
they come to for a server.

The examples are for ` + "`directory \"/etc/namedb\"`" + `. A path of the jail is as named sees it there, below
the jail's own directory. The configuration in the jail differs from the host's only in the values of
the paths below, and in a ` + "`directory`" + ` that is put in where there is none.

- What named only reads is root's and never more readable than the original. Originals below ` + "`/usr`" + ` but for
  ` + "`/usr/local`" + ` belong to packages and are copied; others are moved, and a symbolic link stays in their place
  (` + "`--copy`" + ` copies all).
- What named writes lies in a directory that its account owns.
- ` + "`none`" + ` in place of a path, where the statement takes it, stays.

## Zone files

| zone | goes to | owner | because |
|---|---|---|---|
`)
	for _, s := range zoneSamples {
		z := sampleZone(t, s.release, s.text)
		owner := "root"
		if z.Files != ClassStatic {
			owner = "named's account"
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", s.what, path.Join(path.Dir(string(z.File.Jail)), "NAME"), owner, reasons[z.Files])
	}
	b.WriteString(`
What counts is what is in force for the zone, from its template, its view or options too. NAME is the file's base
name; where two zones want the same one, both get a longer name, from the view or the old path. A name
once given stays.

What named keeps beside the file goes with it:

| suffix | of a zone that named only reads too | it may appear later, and a rollback carries it back |
|---|---|---|
`)
	yes := map[bool]string{true: "yes", false: "no"}
	for _, s := range siblings {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.suffix, yes[s.static], yes[s.lasting])
	}
	b.WriteString(`
## Statements with a path

The two last columns are for these values: where the value becomes another one, that is shown, else it stays as it is
and leads to the place that is shown.

| statement | in | releases | leads to | named | ` + "`/srv/a/x` | `a/x`" + ` |
|---|---|---|---|---|---|---|
`)
	for _, d := range parser.Statements() {
		for _, rule := range d.Paths {
			if rule.Kind == parser.IncludePath || rule.Kind == parser.ZoneFilePath {
				continue
			}
			for _, row := range relocationRows(&d, rule) {
				b.WriteString(row + "\n")
			}
		}
	}
	b.WriteString(`
- ` + "`include`" + `: the file keeps its absolute path and is rewritten itself; one that is named relatively
  goes below ` + "`/etc`" + `, with the path that it has below ` + "`directory`" + `. The main file is ` + "`" + string(ConfPath) + "`" + `.
- ` + "`file`" + ` of a zone: see above.
- A library brings along every library that it needs; a plugin without a slash lies in the directory of plugins.
- A path that is a device is left alone; of devices the jail has ` + "`/dev/null`" + ` and those that this named opens.

## Paths that named uses where the configuration says nothing

As ` + "`named -V`" + ` tells them; these are examples.

| what | release | built in | in the jail |
|---|---|---|---|
`)
	for _, d := range builtIn {
		host := files{"/etc/named.conf": `options { directory "/etc/namedb"; }; acl a { geoip country DE; }; zone "z" { type slave; masters { 192.0.2.1; }; file "z"; };`}
		in, _ := Read(host, "/etc/named.conf", Options{Defaults: d})
		for _, p := range in.Paths {
			if p.At.File == nil {
				fmt.Fprintf(&b, "| `%s` | %d | `%s` | `%s` |\n", p.Keyword, d.Version.Major, p.Value, p.Jail)
			}
		}
	}
	b.WriteString(`
## What named keeps without being told a name

| files | in the directory of |
|---|---|
`)
	for _, h := range []home{working, managedKeys, newZones, catalogZones, keys} {
		var patterns []string
		for _, s := range stateFiles {
			if s.home == h {
				patterns = append(patterns, "`"+s.pattern+"`")
			}
		}
		statement := "`" + homeStatements[h] + "`, else `directory`"
		if h == working {
			statement = "`directory`"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(patterns, ", "), statement)
	}
	b.WriteString(`
## Text that is not looked into

What stands in these statements is for another program, which alone knows whether it is a path; it is handed on
unchanged, and an absolute path in it means the same path below the jail. ` + "`plan`" + ` says so (NJ304).

| statement | is for |
|---|---|
`)
	for _, keyword := range slices.Sorted(maps.Keys(opaque)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", keyword, opaque[keyword])
	}
	return b.String()
}

// TestDocs holds the page to the rules.
func TestDocs(t *testing.T) {
	want := written(t)
	if os.Getenv("NAMED_JAIL_DOCS") == "write" {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(page); err != nil || string(text) != want {
		t.Errorf("%s is stale (%v); make it with NAMED_JAIL_DOCS=write go test -run TestDocs ./rewrite", page, err)
	}
}
