package jail

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestMatchName(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*.conf", "a.conf", true}, {"*.conf", ".conf", true}, {"*", "", true}, {"a*b*c", "aXbXbYc", true},
		{"a*b*c", "aXbXbY", false}, {"?", "ab", false}, {"[a-c]x", "bx", true}, {"[!a-c]x", "bx", false},
		{"[^a-c]x", "dx", true}, {"[]]", "]", true}, {"[a-]", "-", true}, {"[", "[", true}, {"[a", "[a", true},
		{`\*`, "*", true}, {`\*`, "x", false}, {`[\]]`, "]", true}, {"[[:digit:]]*", "7up", true},
		{"[[:digit:]]*", "up", false}, {`a\`, `a\`, true}, {"**", "x", true},
	} {
		if got := matchName(c.pattern, c.name); got != c.want {
			t.Errorf("%q and %q: %v", c.pattern, c.name, got)
		}
	}
}

// TestGlobIsTheShells compares with the C library's globbing, as the shell
// shows it.
func TestGlobIsTheShells(t *testing.T) {
	root := t.TempDir()
	for _, p := range []string{"d1/a.conf", "d1/b.conf", "d1/.hidden.conf", "d1/B.conf", "d2/a.conf", "d2/[x].conf", "d2/a*b", "d2/sub/z.conf", ".d3/q.conf"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, p)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, p), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	os.Symlink("nowhere", filepath.Join(root, "d1/dangling.conf"))
	os.Symlink("d1", filepath.Join(root, "dl"))
	h, err := OpenHost(root)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for _, pattern := range []string{"/d1/*.conf", "/d?/a.conf", "/*/*.conf", "/d2/[[]x].conf", `/d2/\[x].conf`, `/d2/a\*b`,
		"/d[!1]/*", "/.d*/*", "/d1/.*.conf", "/none/*.conf", "/d1/none", "/dl/*.conf", "/d2/*/z.conf", "/d1/a.conf/*", "/d1/[a-b].conf", "//d1//*.conf"} {
		got, err := h.Glob(pattern)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		// A pattern that matches nothing stays as it is in the shell.
		script := `export LC_ALL=C; cd "$1"; for f in .` + pattern + `; do if [ -e "$f" ] || [ -L "$f" ]; then printf '%s\n' "$f"; fi; done`
		out, err := exec.Command("sh", "-c", script, "sh", root).Output()
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, line := range strings.Fields(string(out)) {
			want = append(want, filepath.Clean("/"+line[1:]))
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s gave %v, the shell %v", pattern, got, want)
		}
	}
}

func FuzzMatchName(f *testing.F) {
	f.Add("a*[b-c]?", "aXbc")
	f.Add("[[:alpha:]", "x")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		matchName(pattern, name)
		if pattern == name && !strings.ContainsAny(name, `*?[\`) && !matchName(pattern, name) {
			t.Errorf("%q does not match itself", name)
		}
	})
}
