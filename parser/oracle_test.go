package parser

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// lineReasons are messages of named-checkconf whose line is another one than
// ours, and why. Ours must lie in the same statement.
var lineReasons = []struct{ message, reason string }{
	{`'cert-file' and 'key-file' must both`, "they name the tls statement, we the file that stands alone"},
	{`has no matching dnssec-policy config`, "they name the zone, we the policy's name"},
	{`mirror zones can only be used with`, "they name the zone, we notify"},
	{`: (query|transfer|notify|parental)-source(-v6)? not legal`, "they name the server statement, we the source in it"},
	{`does not contain any valid TLS protocol`, "they name the tls statement, we protocols"},
	{`signatures-(refresh|jitter) (must be at most|cannot be larger)`, "they name the policy, we the time"},
	{`empty '(primaries|parental-agents)' entry`, "they name the zone, we the list"},
	{`server-name '.*' must not be`, "they name the zone, we the name"},
	{`'primaries' and 'masters' cannot`, "they name the first of the two, we the second"},
	{`'check-names .*' duplicated|'check-names' cannot take both`, "they name the first of the two, we the second"},
	{`option 'auto-dnssec' is deprecated`, "their first line is a warning; the error names the statement, ours the zone that lacks inline-signing"},
	{`writeable file`, "they name the second use of the file"},
	{`requires both KSK and ZSK`, "they name the list of keys"},
	{`unexpected end of input|missing ';' before end of file`, "they name the end of the file, we the place where it was opened"},
	{`'}' expected near end of file`, "they name the end of the file, we the place where it was opened"},
	{`unexpected token near end of file`, "they name the end of the file, we the place where it was opened"},
	{`'dnstap-output' must be set`, "they name the value, we the statement"},
}

// verdictReasons are messages of named-checkconf that we do not give, and why.
var verdictReasons = []struct{ message, reason string }{
	{`was not enabled at compile time`, "a choice of whoever built that BIND, which the table does not know"},
}

// ownReasons are findings that named-checkconf of a release does not have, and
// why they stand.
var ownReasons = []struct {
	since, until Version
	finding      string
	reason       string
}{
	{V(9, 16, 0), V(9, 17, 0), `the acl '.*' is not defined`, "named-checkconf 9.16 does not look at listen-on; named 9.16 starts and listens nowhere"},
}

// oracle is one named-checkconf.
type oracle struct {
	version Version
	root    string // the tree that it lies in
	dir     string // scratch files
}

var oracleLine = regexp.MustCompile(`(?m)^\S*n\.conf:(\d+): (.*)$`)

// oracles finds the installed named-checkconf and those below
// $NAMED_JAIL_BIND916 and $NAMED_JAIL_BIND920.
func oracles(t *testing.T) []*oracle {
	t.Helper()
	var list []*oracle
	for _, root := range []string{"/", os.Getenv("NAMED_JAIL_BIND916"), os.Getenv("NAMED_JAIL_BIND920")} {
		if root == "" {
			continue
		}
		o := &oracle{root: root}
		out, err := o.command("-v").Output()
		if err != nil {
			if root == "/" && os.Getenv("NAMED_JAIL_REQUIRE_BIND") == "" {
				t.Log("named-checkconf is not installed")
				continue
			}
			t.Fatalf("no named-checkconf below %s: %v", root, err)
		}
		if o.version, err = ParseVersion(strings.TrimPrefix(strings.TrimSpace(string(out)), "BIND ")); err != nil {
			t.Fatal(err)
		}
		if o.dir, err = os.MkdirTemp(filepath.Join(root, "tmp"), "oracle"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(o.dir) })
		list = append(list, o)
	}
	return list
}

func (o *oracle) command(args ...string) *exec.Cmd {
	if o.root == "/" {
		return exec.Command("named-checkconf", args...)
	}
	return exec.Command("chroot", append([]string{o.root, "named-checkconf"}, args...)...)
}

// answer is what named-checkconf says of a text.
type answer struct {
	refused, crashed bool
	lines            map[int]bool
	first            int
	said             string
}

func (o *oracle) ask(t *testing.T, worker int, text string) answer {
	dir := filepath.Join(o.dir, fmt.Sprint(worker))
	os.Mkdir(dir, 0o755)
	file := filepath.Join(dir, "n.conf")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Error(err)
	}
	out, err := o.command("/" + strings.TrimPrefix(file, filepath.Clean(o.root))).CombinedOutput()
	v := answer{refused: err != nil, lines: map[int]bool{}, said: string(out)}
	var exit *exec.ExitError
	v.crashed = errors.As(err, &exit) && exit.ExitCode() != 1
	for _, m := range oracleLine.FindAllStringSubmatch(v.said, -1) {
		var n int
		fmt.Sscan(m[1], &n)
		v.lines[n] = true
		if v.first == 0 {
			v.first = n
		}
	}
	return v
}

// compare judges a text beside named-checkconf: the same verdict, and the
// same line. It gives what differs, "" when nothing does.
func (o *oracle) compare(text string, v answer, ds Diagnostics) string {
	if v.crashed {
		return "" // neither yes nor no
	}
	errs := 0
	var first *Diagnostic
	for i := range ds {
		if ds[i].Severity != Error {
			continue
		}
		errs++
		if first == nil || ds[i].Line < first.Line {
			first = &ds[i]
		}
		if v.lines[ds[i].Line] {
			first = &ds[i]
			break
		}
	}
	switch {
	case !v.refused && errs > 0:
		for _, r := range ownReasons {
			if !o.version.Before(r.since) && o.version.Before(r.until) && regexp.MustCompile(r.finding).MatchString(first.Message) {
				return ""
			}
		}
		return "false error: " + first.Headline()
	case v.refused && errs == 0:
		for _, r := range verdictReasons {
			if regexp.MustCompile(r.message).MatchString(v.said) {
				return ""
			}
		}
		return "missed: " + v.said
	case v.refused && len(v.lines) > 0 && !v.lines[first.Line]:
		for _, r := range lineReasons {
			if regexp.MustCompile(r.message).MatchString(v.said) {
				return ""
			}
		}
		return fmt.Sprintf("another line: %s\n%s", first.Headline(), v.said)
	}
	return ""
}

// TestOracle compares verdict and line with named-checkconf's on
// configurations that are made from the table: each row in each of its places,
// with values that fit, values outside of a range and values that do not fit.
// NAMED_JAIL_ORACLE=all takes all of them, which takes some minutes.
func TestOracle(t *testing.T) {
	if testing.Short() {
		t.Skip("asks named-checkconf some thousand times")
	}
	cases := oracleCorpus()
	if os.Getenv("NAMED_JAIL_ORACLE") != "all" {
		some, last := cases[:0], ""
		for i, c := range cases {
			if i%9 == 0 || c.keyword != last {
				some = append(some, c)
			}
			last = c.keyword
		}
		cases = some
	}
	for _, o := range oracles(t) {
		t.Run(o.version.String(), func(t *testing.T) {
			var mu sync.Mutex
			var valid, invalid int
			next := make(chan int)
			var wg sync.WaitGroup
			for w := range 2 {
				wg.Go(func() {
					for i := range next {
						c := cases[i]
						v := o.ask(t, w, c.text)
						_, ds := Load(tree{"/n.conf": c.text}, "/n.conf", Options{Version: o.version})
						differs := o.compare(c.text, v, ds)
						mu.Lock()
						if v.refused {
							invalid++
						} else {
							valid++
						}
						if differs != "" {
							t.Errorf("%s\n%s", differs, c.text)
						}
						mu.Unlock()
					}
				})
			}
			for i := range cases {
				next <- i
			}
			close(next)
			wg.Wait()
			t.Logf("%d configurations: %d valid, %d invalid", len(cases), valid, invalid)
		})
	}
}

// confCorpus reads testdata/conf: archives of configurations. good-* has no
// finding that is an error, warn-* a warning, bad-* one error, at the line
// with the mark.
func confCorpus(t *testing.T) []txtar.File {
	t.Helper()
	names, err := filepath.Glob("../testdata/conf/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no corpus", err)
	}
	var all []txtar.File
	for _, n := range names {
		a, err := txtar.ParseFile(n)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a.Files...)
	}
	if len(all) < 400 {
		t.Errorf("the corpus has %d configurations only", len(all))
	}
	return all
}

// confMark marks the line of an error: E where named-checkconf names that line
// too, Z, C and D where it names another (lineReasons says why).
var confMark = regexp.MustCompile(`//[EZCD]$`)

// TestConfCorpus judges the corpus by its marks, and beside named-checkconf.
func TestConfCorpus(t *testing.T) {
	files := confCorpus(t)
	for _, f := range files {
		text := string(f.Data)
		_, ds := Load(tree{"/n.conf": text}, "/n.conf", Options{Version: V(9, 18, 49)})
		var heads []string
		line := 0
		for _, d := range ds {
			heads = append(heads, d.Headline())
			if d.Severity == Error && line == 0 {
				line = d.Line
			}
		}
		kind, _, _ := strings.Cut(f.Name, "-")
		switch kind {
		case "good":
			if len(ds) > 0 && !strings.Contains(f.Name, "deprecated") {
				t.Errorf("%s:\n%s\n%s", f.Name, text, strings.Join(heads, "\n"))
			}
		case "warn":
			if ds.Errors() > 0 || len(ds) != 1 {
				t.Errorf("%s: not one warning:\n%s\n%s", f.Name, text, strings.Join(heads, "\n"))
			}
		case "bad":
			if ds.Errors() != 1 {
				t.Errorf("%s: not one error:\n%s\n%s", f.Name, text, strings.Join(heads, "\n"))
			} else if want := markedLine(text); want > 0 && want != line && !strings.Contains(text, "//Z") {
				t.Errorf("%s: line %d:\n%s\n%s", f.Name, line, text, strings.Join(heads, "\n"))
			}
		default:
			t.Errorf("%s is neither good, warn nor bad", f.Name)
		}
	}
	for _, o := range oracles(t) {
		t.Run(o.version.String(), func(t *testing.T) {
			for _, f := range files {
				text := string(f.Data)
				v := o.ask(t, 0, text)
				_, ds := Load(tree{"/n.conf": text}, "/n.conf", Options{Version: o.version})
				if differs := o.compare(text, v, ds); differs != "" {
					t.Errorf("%s: %s\n%s", f.Name, differs, text)
				}
			}
			t.Logf("%d configurations", len(files))
		})
	}
}

func markedLine(text string) int {
	for i, l := range strings.Split(text, "\n") {
		if confMark.MatchString(l) {
			return i + 1
		}
	}
	return 0
}
