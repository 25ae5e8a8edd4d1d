package parser

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryRowSaysItsDefault holds the columns against each other: a default
// is there, its releases ascend, it is a value that the row itself takes, and a
// block that is inherited from can have the statement.
func TestEveryRowSaysItsDefault(t *testing.T) {
	indexOnce.Do(complete)
	for i := range statements {
		d := &statements[i]
		if len(d.Default) == 0 {
			t.Errorf("%s in %s has no Default", d.Keyword, places([]*Def{d}))
		}
		var since Version
		for _, e := range d.Default {
			if e.Zones == "" && e.Since.Before(since) {
				t.Errorf("%s: the default of %s stands behind that of %s", d.Keyword, e.Since, since)
			}
			if e.Zones == "" {
				since = e.Since
			}
			if e.Value == "" || d.value == nil {
				continue
			}
			terms, fits := terms(t, d.Keyword+" "+e.Value+";"), false
			for _, v := range []Version{V(9, 16, 50), V(9, 18, 49), V(9, 20, 30)} {
				j := judge{release: v}
				fits = fits || j.whole(d.value, terms, 1)
			}
			if !fits {
				t.Errorf("%s %s is a default that is not a value of it: %s", d.Keyword, e.Value, d.Value)
			}
		}
		for _, c := range outward {
			if d.Inherits&c != 0 && Lookup(c, d.Keyword) == nil {
				t.Errorf("%s inherits from a place that cannot have it", d.Keyword)
			}
		}
		for _, other := range d.Else {
			if Lookup(List-1, other) == nil {
				t.Errorf("%s takes the value of %s, which is no statement", d.Keyword, other)
			}
		}
	}
}

// terms reads one statement.
func terms(t *testing.T, text string) []Term {
	t.Helper()
	c, _ := Parse("/t", []byte(text))
	if len(c.Statements) != 1 {
		t.Fatalf("%q is %d statements", text, len(c.Statements))
	}
	return c.Statements[0].Terms
}

// flat writes a value so that two that differ in blank space and in the word
// for yes and no are the same.
func flat(t *testing.T, value string) string {
	t.Helper()
	var words []string
	var walk func([]Term)
	walk = func(list []Term) {
		for i := range list {
			switch term := &list[i]; {
			case term.Block != nil:
				words = append(words, "{")
				for j := range term.Block.Statements {
					walk(term.Block.Statements[j].Terms)
					words = append(words, ";")
				}
				words = append(words, "}")
			case term.Is("true"):
				words = append(words, "yes")
			case term.Is("false"):
				words = append(words, "no")
			default:
				words = append(words, term.Value)
			}
		}
	}
	walk(terms(t, "x "+value+";"))
	return strings.Join(words, " ")
}

// packager is the reason for what differs from one package of named to the next.
const packager = "the directory is the packager's choice"

// builtin are the defaults that named prints differently from the column.
var builtin = map[string]string{
	"bindkeys-file":   packager,
	"geoip-directory": packager,
	"lock-file":       packager,
	"pid-file":        packager,
	"session-keyfile": packager,
	"check-names":     "three statements, each for another kind of zone; the column has one value",
	"forward":         "printed as a comment, because it means nothing without forwarders",
}

// TestDefaultsAreThoseOfNamed compares the column with what named -C prints:
// the installed one, and those below $NAMED_JAIL_BIND916 and _BIND920.
func TestDefaultsAreThoseOfNamed(t *testing.T) {
	for _, o := range []struct{ series, root string }{{"", "/"}, {"9.16", os.Getenv("NAMED_JAIL_BIND916")}, {"9.20", os.Getenv("NAMED_JAIL_BIND920")}} {
		if o.root == "" {
			continue
		}
		named := func(flag string) string {
			cmd := exec.Command("named", flag)
			if o.root != "/" {
				cmd = exec.Command("chroot", o.root, "named", flag)
			} else if found, _ := filepath.Glob("/usr/*bin/named"); len(found) > 0 {
				cmd = exec.Command(found[0], flag)
			}
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("named %s: %v", flag, err)
			}
			return string(out)
		}
		said, _ := strings.CutPrefix(named("-v"), "BIND ")
		v, err := ParseVersion(said)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(v.String(), func(t *testing.T) { compareDefaults(t, v, named("-C")) })
	}
}

func compareDefaults(t *testing.T, v Version, text string) {
	text = strings.ReplaceAll(text, "\n#\t", "\n\t") // what is only a comment there
	lines := strings.Split(text, "\n")
	for i, l := range lines { // "tkey-domain <none>" has no semicolon
		if keyword, _, found := strings.Cut(strings.TrimSpace(l), " <"); found && !strings.Contains(keyword, " ") {
			lines[i] = "\t" + keyword + " <none>;"
		}
	}
	c, _ := Parse("/builtin", []byte(strings.Join(lines, "\n")))
	compared := 0
	for s := range c.Select("options") {
		b := s.Block()
		for i := range b.Statements {
			st := &b.Statements[i]
			d := Lookup(OptionsBlock, st.Keyword())
			if d == nil {
				t.Errorf("named has a default for %s, which the table does not have", st.Keyword())
				continue
			}
			ours, theirs := d.DefaultFor(v, ""), st.Value()
			if strings.HasPrefix(theirs, "<") {
				theirs = ""
			}
			compared++
			switch same := flat(t, ours) == flat(t, theirs); {
			case same && builtin[d.Keyword] != "" && builtin[d.Keyword] != packager:
				t.Errorf("%s is listed as different, and is not", d.Keyword)
			case !same && builtin[d.Keyword] == "":
				t.Errorf("%s: the table says %q, named -C %q", d.Keyword, ours, theirs)
			}
		}
	}
	for s := range c.Select("dnssec-policy") {
		if s.Text(1) != "default" {
			continue
		}
		for i := range s.Block().Statements {
			st := &s.Block().Statements[i]
			d := Lookup(PolicyBlock, st.Keyword())
			if d == nil || d.Keyword == "keys" {
				continue // a policy of one's own has no keys unless it says so
			}
			if compared++; flat(t, d.DefaultFor(v, "")) != flat(t, st.Value()) {
				t.Errorf("dnssec-policy %s: the table says %q, named -C %q", d.Keyword, d.DefaultFor(v, ""), st.Value())
			}
		}
	}
	if compared < 100 {
		t.Errorf("only %d defaults compared", compared)
	}
	t.Logf("%d defaults compared", compared)
}
