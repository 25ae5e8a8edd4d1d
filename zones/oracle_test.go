package zones

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// knownDifferences are the corpus files on which we and named-checkzone give
// different verdicts, each with the reason.
var knownDifferences = map[string]string{}

// corpus lists the zone files of the corpus.
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

var loadedSerial = regexp.MustCompile(`loaded serial (\d+)`)

// TestOracle compares our verdict and serial with those of named-checkzone.
func TestOracle(t *testing.T) {
	for _, file := range corpus(t) {
		base := filepath.Base(file)
		t.Run(base, func(t *testing.T) {
			z := corpusZone(t, file)
			out, accepts := bind(t, "..", "named-checkzone", z.Name, z.File)
			r := Check(&hostFiles{dir: ".."}, z)
			ours := r.Diagnostics.Errors() == 0
			if want := strings.HasPrefix(base, "good-"); accepts != want {
				t.Errorf("named-checkzone's verdict does not fit the file's name:\n%s", out)
			}
			reason, known := knownDifferences[base]
			if ours == accepts && known {
				t.Errorf("listed as a difference (%s), but there is none", reason)
			}
			if ours != accepts && !known {
				t.Errorf("we say %v, named-checkzone %v\n%s\nnamed-checkzone:\n%s", ours, accepts, found(r), out)
			}
			if m := loadedSerial.FindStringSubmatch(out); m != nil && ours && accepts {
				if want, _ := strconv.ParseUint(m[1], 10, 32); uint64(r.Serial) != want {
					t.Errorf("serial %d, named-checkzone has %d", r.Serial, want)
				}
			}
		})
	}
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

// TestOracleRecords compares how many records we count with how many named
// loads, duplicates taken out by the choice of files.
func TestOracleRecords(t *testing.T) {
	skip := map[string]string{
		"good-soa-twice-same.db": "a record twice", "good-cname-twice-same.db": "a record twice",
		"good-dname-twice-same.db": "a record twice",
	}
	for _, file := range corpus(t) {
		base := filepath.Base(file)
		if strings.HasPrefix(base, "bad-") || skip[base] != "" {
			continue
		}
		z := corpusZone(t, file)
		out, ok := bind(t, "..", "named-compilezone", "-q", "-k", "ignore", "-s", "full", "-o", "-", z.Name, z.File)
		if !ok {
			t.Errorf("%s: named-compilezone refuses it", base)
			continue
		}
		r := Check(&hostFiles{dir: ".."}, z)
		if want := recordLines(out); r.Records != want {
			t.Errorf("%s: we count %d records, named-compilezone %d\n%s", base, r.Records, want, out)
		}
	}
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
			if len(r.Diagnostics) > 0 || r.Format != "raw" {
				t.Errorf("%s %s: %s read as %q", base, version, found(r), r.Format)
			}
			if want := recordLines(text); r.Records != want {
				t.Errorf("%s %s: %d records, named-compilezone has %d", base, version, r.Records, want)
			}
		}
	}
}
