package parser

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

// sweepFrames are the blocks in which each keyword is asked for.
var sweepFrames = []struct {
	in    Context
	block string // the keyword of the block, "" at the top
	text  string
}{
	{Top, "", "%s\n"},
	{OptionsBlock, "options", "options {\n%s\n};\n"},
	{ViewBlock, "view", "view \"v\" {\n%s\n};\n"},
	{ZoneBlock, "zone", "zone \"example\" {\n%s\n};\n"},
	{TemplateBlock, "template", "template \"t\" {\n%s\n};\n"},
	{ServerBlock, "server", "server 192.0.2.1 {\n%s\n};\n"},
	{KeyBlock, "key", "key \"k\" {\n%s\n};\n"},
	{LoggingBlock, "logging", "logging {\n%s\n};\n"},
	{ChannelBlock, "logging", "logging { channel c {\n%s\n}; };\n"},
	{ControlsBlock, "controls", "controls {\n%s\n};\n"},
	{TLSBlock, "tls", "tls t {\n%s\n};\n"},
	{HTTPBlock, "http", "http h {\n%s\n};\n"},
	{PolicyBlock, "dnssec-policy", "dnssec-policy p {\n%s\n};\n"},
	{KeyStoreBlock, "key-store", "key-store k {\n%s\n};\n"},
	{StatisticsBlock, "statistics-channels", "statistics-channels {\n%s\n};\n"},
	{DLZBlock, "dlz", "dlz d {\n%s\n};\n"},
	{RateLimitBlock, "rate-limit", "options { rate-limit {\n%s\n}; };\n"},
	{DNS64Block, "dns64", "options { dns64 64:ff9b::/96 {\n%s\n}; };\n"},
}

// sweepReasons are the places where the table says something else than
// named-checkconf, and why.
var sweepReasons = map[string]string{
	"unix in controls": "named-checkconf takes it; named itself refuses it from 9.17.4 on",
}

// sweeper asks one named-checkconf.
type sweeper struct {
	t       *testing.T
	version Version
	root    string
	dir     string // as it sees it
	runs    int
}

var sweepLine = regexp.MustCompile(`(?m)^\S*n\.conf:(\d+): (.*)$`)

// ask gives the messages of a configuration by line.
func (w *sweeper) ask(text string) map[int][]string {
	w.runs++
	if err := os.WriteFile(filepath.Join(w.root, w.dir, "n.conf"), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command("named-checkconf", w.dir+"/n.conf")
	if w.root != "/" {
		cmd = exec.Command("chroot", w.root, "named-checkconf", w.dir+"/n.conf")
	}
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		w.t.Fatal(err)
	}
	lines := map[int][]string{}
	for _, m := range sweepLine.FindAllSubmatch(bytes.TrimSpace(out), -1) {
		n := 0
		fmt.Sscan(string(m[1]), &n)
		lines[n] = append(lines[n], string(m[2]))
	}
	return lines
}

// verdict is what a release says of a keyword in a block.
type verdict struct {
	known, gone, deprecated, obsolete bool
}

// classify reads a verdict from the messages of the keyword's line.
func classify(messages []string) verdict {
	v := verdict{known: true}
	for _, m := range messages {
		switch {
		case strings.HasPrefix(m, "unknown option"):
			v.known = false
		case strings.Contains(m, "no longer exists"):
			v.known, v.gone = false, true
		case strings.HasPrefix(m, "option '") && strings.Contains(m, "is deprecated"):
			v.deprecated = true
		case strings.Contains(m, "is obsolete and should be removed"), strings.HasPrefix(m, "option '") && strings.Contains(m, "is not implemented"):
			v.obsolete = true
		}
	}
	return v
}

// all asks for statements that stand together in one block, and gives the
// verdict on each. named-checkconf stops at the first one that it does not
// take for its value; that one is known then, and the others are asked anew.
func (w *sweeper) all(frame string, statements []string) []verdict {
	verdicts := make([]verdict, len(statements))
	open := make([]int, len(statements))
	for i := range open {
		open[i] = i
	}
	first := strings.Count(frame[:strings.Index(frame, "%s")], "\n") + 1
	for len(open) > 0 {
		var lines []string
		for _, i := range open {
			lines = append(lines, statements[i])
		}
		said := w.ask(fmt.Sprintf(frame, strings.Join(append(lines, "last-one x;"), "\n")))
		if len(said[first+len(open)]) > 0 { // it came to the end
			for k, i := range open {
				verdicts[i] = classify(said[first+k])
			}
			return verdicts
		}
		stop := -1
		for n := range said {
			stop = max(stop, n-first)
		}
		if stop < 0 || stop >= len(open) {
			w.t.Fatalf("%s: named-checkconf stopped without a word\n%s", w.version, strings.Join(lines, "\n"))
		}
		verdicts[open[stop]] = classify(said[first+stop])
		open = slices.Delete(open, stop, stop+1)
	}
	return verdicts
}

// words are the keywords of the table and all that may be one in the library
// of the release, but for include, which named reads before it asks any table.
func (w *sweeper) words() []string {
	seen := map[string]bool{}
	for i := range statements {
		seen[statements[i].Keyword] = true
	}
	found, _ := filepath.Glob(filepath.Join(w.root, "usr/lib/*/libisccfg*.so*"))
	for _, path := range found {
		b, err := os.ReadFile(path)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`[a-z][a-z0-9-]{2,39}\x00`).FindAll(b, -1) {
			seen[string(m[:len(m)-1])] = true
		}
	}
	var all []string
	for k := range seen {
		if k != "include" && k != "last-one" {
			all = append(all, k)
		}
	}
	sort.Strings(all)
	return all
}

// TestSweep asks named-checkconf for every keyword in every block, and
// compares its verdict with the table: known, gone, deprecated, without
// effect, single or multiple, and the types of zone. The installed one is
// asked, and those below $NAMED_JAIL_BIND916 and $NAMED_JAIL_BIND920.
func TestSweep(t *testing.T) {
	for _, o := range []struct {
		version Version
		root    string
	}{{V(9, 18, 49), "/"}, {V(9, 16, 50), os.Getenv("NAMED_JAIL_BIND916")}, {V(9, 20, 30), os.Getenv("NAMED_JAIL_BIND920")}} {
		if o.root == "" || testing.Short() {
			continue
		}
		if found, err := filepath.Glob(filepath.Join(o.root, "usr/*bin/named-checkconf")); err != nil || len(found) == 0 {
			if o.root == "/" {
				t.Log("named-checkconf is not installed")
				continue
			}
			t.Fatal("no named-checkconf below " + o.root)
		}
		t.Run(o.version.String(), func(t *testing.T) { sweep(t, o.version, o.root) })
	}
}

func sweep(t *testing.T, version Version, root string) {
	dir, err := os.MkdirTemp(filepath.Join(root, "tmp"), "sweep")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	w := &sweeper{t: t, version: version, root: root, dir: "/" + strings.TrimPrefix(strings.TrimPrefix(dir, filepath.Clean(root)), "/")}
	words := w.words()
	asked, excused := 0, map[string]bool{}
	differ := func(place string, keyword string, what string) {
		for _, name := range []string{keyword, keyword + " " + place} {
			if sweepReasons[name] != "" {
				excused[name] = true
				return
			}
		}
		t.Errorf("%s %s: %s", keyword, place, what)
	}
	for _, f := range sweepFrames {
		if f.block != "" && !slices.ContainsFunc(rowsOf(f.block), func(d *Def) bool { return d.Inside != None && d.KnownIn(version) }) {
			continue // the release has no such block
		}
		var place string
		for _, c := range contextNames {
			if c.context == f.in {
				place = c.name
			}
		}
		// what the release should know, what it should refuse as gone, and
		// what it should never have heard of
		var known, gone, unknown []string
		var rows []*Def
		for _, word := range words {
			switch d := Lookup(f.in, word); {
			case d == nil || !d.arrived(version):
				unknown = append(unknown, word+" x;")
			case d.gone(version):
				gone = append(gone, word+" x;")
			default:
				known = append(known, sample(d, place))
				rows = append(rows, d)
			}
		}
		asked += len(words)
		for i, v := range w.all(f.text, unknown) {
			if v.known || v.gone {
				differ(place, strings.Fields(unknown[i])[0], "the table does not have it in this release")
			}
		}
		for i, v := range w.all(f.text, gone) {
			if v.known {
				differ(place, strings.Fields(gone[i])[0], "the table says that it is gone")
			}
		}
		for i, v := range w.all(f.text, known) {
			want := verdict{known: true, deprecated: rows[i].DeprecatedIn(version), obsolete: rows[i].ObsoleteIn(version)}
			if v != want {
				differ(place, rows[i].Keyword, fmt.Sprintf("named-checkconf says %+v, the table %+v", v, want))
			}
		}
		w.twice(f.in, f.text, place, rows, differ)
	}
	w.zones(differ)
	for name, reason := range sweepReasons {
		if !excused[name] && version.AtLeast(9, 17, 4) {
			t.Errorf("the exception for %s (%s) is not needed", name, reason)
		}
	}
	t.Logf("%d words in %d blocks, %d questions in %d runs", len(words), len(sweepFrames), asked, w.runs)
}

// twice asks which statements may stand twice: the multiple ones all together,
// each single one by itself, in the first of its row's blocks only.
func (w *sweeper) twice(in Context, frame, place string, rows []*Def, differ func(place, keyword, what string)) {
	var multiple []string
	for _, d := range rows {
		if d.Multi {
			multiple = append(multiple, sample(d, place), sample(d, place))
		} else if d.In&(in-1) == 0 {
			redefined := false
			for _, line := range samples(d, place) {
				for _, messages := range w.ask(fmt.Sprintf(frame, line+"\n"+line)) {
					for _, m := range messages {
						redefined = redefined || strings.HasPrefix(m, "'"+d.Keyword+"' redefined") || strings.Contains(m, "not enabled at compile time")
					}
				}
				if redefined {
					break
				}
			}
			if !redefined {
				differ(place, d.Keyword, "the table says that it may stand once")
			}
		}
	}
	ended := false
	for _, messages := range w.ask(fmt.Sprintf(frame, strings.Join(append(multiple, "last-one x;"), "\n"))) {
		for _, m := range messages {
			ended = ended || strings.HasPrefix(m, "unknown option")
			if strings.Contains(m, "redefined") {
				differ(place, strings.Split(m, "'")[1], "the table says that it may stand more than once")
				return
			}
		}
	}
	if !ended {
		w.t.Errorf("%s: named-checkconf did not come to the end of what may stand twice:\n%s", place, strings.Join(multiple, "\n"))
	}
}

// zones asks in zones of each type which statements they may have.
func (w *sweeper) zones(differ func(place, keyword, what string)) {
	refused := regexp.MustCompile(`^option '([^']+)' is not allowed in`)
	for _, z := range []struct{ letter, text, has string }{
		{"p", `type primary; file "p";`, "file type"},
		{"s", `type secondary; file "s"; primaries { 192.0.2.1; };`, "file type primaries masters"},
		{"m", `type mirror; file "m"; primaries { 192.0.2.1; };`, "file type primaries masters"},
		{"f", `type forward; forwarders { 192.0.2.1; };`, "type forwarders"},
		{"h", `type hint; file "h";`, "file type"},
		{"r", `type redirect; file "r";`, "file type"},
		{"t", `type static-stub; server-addresses { 192.0.2.1; };`, "type server-addresses"},
		{"u", `type stub; file "u"; primaries { 192.0.2.1; };`, "file type primaries masters"},
	} {
		name := "example"
		if z.letter == "r" {
			name = "."
		}
		want := map[string]bool{}
		var lines []string
		for i := range statements {
			d := &statements[i]
			if d.In&ZoneBlock == 0 || !d.KnownIn(w.version) || strings.Contains(" include in-view "+z.has+" ", " "+d.Keyword+" ") {
				continue
			}
			lines = append(lines, sample(d, "in a zone"))
			if d.Zones != "" && !strings.Contains(d.Zones, z.letter) {
				want[d.Keyword] = true
			}
		}
		said := map[string]bool{}
		for _, messages := range w.ask(fmt.Sprintf("zone \"%s\" {\n%s\n%s\n};\n", name, z.text, strings.Join(lines, "\n"))) {
			for _, m := range messages {
				if found := refused.FindStringSubmatch(m); found != nil {
					said[found[1]] = true
				}
			}
		}
		if len(said) == 0 {
			w.t.Errorf("zones of type %s: named-checkconf did not come to the types", z.letter)
		}
		for k := range want {
			if !said[k] {
				differ("in a zone of type "+z.letter, k, "the table does not allow it")
			}
		}
		for k := range said {
			if !want[k] {
				differ("in a zone of type "+z.letter, k, "the table allows it")
			}
		}
	}
}
