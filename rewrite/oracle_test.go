package rewrite

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"named-jail/parser"
)

// canonical is what named-checkconf -p makes of a text: comments gone, one
// statement a line, as BIND itself understands it.
func canonical(t *testing.T, dir, text string) string {
	t.Helper()
	file := filepath.Join(dir, "n.conf")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("named-checkconf", "-p", file).CombinedOutput()
	if err != nil {
		t.Fatalf("named-checkconf -p: %v\n%s\n%s", err, out, text)
	}
	var kept []string
	for _, l := range strings.Split(string(out), "\n") {
		if !strings.HasPrefix(l, file+":") { // a warning
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

// differsIn compares two canonical texts statement by statement: they may
// differ in words that the table calls paths, and in an inserted directory.
func differsIn(a, b []*parser.Statement) (string, int) {
	paths := 0
	skip := func(list []*parser.Statement) []*parser.Statement {
		var kept []*parser.Statement
		for _, s := range list {
			if s.Keyword() != "directory" {
				kept = append(kept, s)
			}
		}
		return kept
	}
	a, b = skip(a), skip(b)
	if len(b) == len(a)+1 { // an options block that holds the inserted directory only
		for i, s := range b {
			if s.Keyword() == "options" && len(skip(statementsOf(s.Block()))) == 0 {
				b = append(b[:i:i], b[i+1:]...)
				break
			}
		}
	}
	if len(a) != len(b) {
		return fmt.Sprintf("%d statements, then %d", len(a), len(b)), paths
	}
	for i := range a {
		if len(a[i].Terms) != len(b[i].Terms) {
			return "another number of words in " + a[i].Keyword(), paths
		}
		for k := range a[i].Terms {
			x, y := &a[i].Terms[k], &b[i].Terms[k]
			switch {
			case x.Kind != y.Kind:
				return "another kind of word in " + a[i].Keyword(), paths
			case x.Block != nil:
				differs, n := differsIn(statementsOf(x.Block), statementsOf(y.Block))
				paths += n
				if differs != "" {
					return a[i].Keyword() + ": " + differs, paths
				}
				if x.Block.Raw && x.Block.Text != y.Block.Text {
					return a[i].Keyword() + ": other text", paths
				}
			case x.Value != y.Value:
				if !isPath(a[i], k) {
					return fmt.Sprintf("%s: %q became %q", a[i].Keyword(), x.Value, y.Value), paths
				}
				paths++
			}
		}
	}
	return "", paths
}

func statementsOf(b *parser.Block) []*parser.Statement {
	if b == nil {
		return nil
	}
	list := make([]*parser.Statement, len(b.Statements))
	for i := range b.Statements {
		list[i] = &b.Statements[i]
	}
	return list
}

// isPath tells whether a rule of the statement means its k-th term.
func isPath(s *parser.Statement, k int) bool {
	if s.Def == nil { // an element of a list, such as a catalog zone
		return s.Terms[k-1].Is("zone-directory")
	}
	for _, r := range s.Def.Paths {
		if r.After == "" && r.Arg == k || r.After != "" && s.Terms[k-1].Is(r.After) {
			return true
		}
	}
	return false
}

// TestCanonical compares what named-checkconf -p prints of each valid
// configuration of the corpus and of the jailed one made from it.
func TestCanonical(t *testing.T) {
	if _, err := exec.LookPath("named-checkconf"); err != nil {
		if os.Getenv("NAMED_JAIL_REQUIRE_BIND") != "" {
			t.Fatal(err)
		}
		t.Skip("named-checkconf is not installed")
	}
	names, err := filepath.Glob("../testdata/conf/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no corpus", err)
	}
	dir := t.TempDir()
	compared, paths := 0, 0
	for _, n := range names {
		a, err := txtar.ParseFile(n)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if strings.HasPrefix(f.Name, "bad-") {
				continue
			}
			text := string(f.Data)
			_, texts, _ := rewritten(t, files{"/etc/named.conf": text}, "/etc/named.conf", Options{Defaults: debian})
			before, _ := parser.Parse("n.conf", []byte(canonical(t, dir, text)))
			after, _ := parser.Parse("n.conf", []byte(canonical(t, dir, texts["/etc/named.conf"])))
			differs, n := differsIn(before.Statements, after.Statements)
			if differs != "" {
				t.Errorf("%s: %s\n%s\n%s", f.Name, differs, text, texts["/etc/named.conf"])
			}
			compared++
			paths += n
		}
	}
	t.Logf("%d configurations, %d paths differ", compared, paths)
	if compared < 100 || paths < 50 {
		t.Error("the corpus is too small to show anything")
	}
}
