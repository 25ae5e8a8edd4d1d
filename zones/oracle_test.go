package zones

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"named-jail/parser"
)

// corpus lists the zone files of the corpus that are files of their own.
func corpus(t testing.TB) []string {
	files, err := filepath.Glob("../testdata/zones/*.db")
	if err != nil || len(files) < 60 {
		t.Fatalf("the corpus has %d files (%v), at least 60 should be there", len(files), err)
	}
	return files
}

// corpusZone gives the zone statement for a corpus file.
func corpusZone(t testing.TB, file string) Zone {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	name, ok := strings.CutPrefix(strings.TrimSpace(string(first)), "; zone: ")
	if !ok {
		t.Fatalf("%s: the first line should be \"; zone: NAME\"", file)
	}
	return Zone{Name: name, Type: "primary", File: "testdata/zones/" + filepath.Base(file)}
}

// bind runs a tool of BIND in the directory that stands for named's working
// directory.
func bind(t testing.TB, dir, tool string, args ...string) (string, bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s cannot be run, install BIND's tools: %v", tool, err)
	}
	return string(out), err == nil
}

// recordLines counts the records that named-compilezone prints, one a line.
func recordLines(out string) int {
	n := 0
	for line := range strings.Lines(out) {
		if line[0] != ';' {
			n++
		}
	}
	return n
}

// TestOracleRaw writes each good zone in both raw versions and reads it.
func TestOracleRaw(t *testing.T) {
	for _, file := range corpus(t) {
		base := filepath.Base(file)
		if strings.HasPrefix(base, "bad-") {
			continue
		}
		z := corpusZone(t, file)
		for _, version := range []string{"raw=0", "raw=1"} {
			raw := filepath.Join(t.TempDir(), "raw")
			if out, ok := bind(t, "..", "named-compilezone", "-q", "-k", "ignore", "-F", version, "-o", raw, z.Name, z.File); !ok {
				t.Fatalf("%s: named-compilezone: %s", base, out)
			}
			text, _ := bind(t, "..", "named-compilezone", "-q", "-k", "ignore", "-f", "raw", "-s", "full", "-o", "-", z.Name, raw)
			secondary := Zone{Name: z.Name, Type: "secondary", File: raw, Living: true}
			r := Check(&hostFiles{}, secondary)
			r.Diagnostics = slices.DeleteFunc(r.Diagnostics, func(d parser.Diagnostic) bool { return d.Code == "NJ432" }) // signatures of old
			if len(r.Diagnostics) > 0 || r.Format != "raw" {
				t.Errorf("%s %s: %s read as %q", base, version, found(r), r.Format)
			}
			if want := recordLines(text); r.Records != want {
				t.Errorf("%s %s: %d records, named-compilezone has %d", base, version, r.Records, want)
			}
		}
	}
}
