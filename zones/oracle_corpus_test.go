package zones

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"named-jail/parser"
)

// unwritten are codes that corpus files expect and whose rules are not complete
// yet; a case that expects one may differ in everything. A code that no case
// needs here fails the test.
var unwritten = []parser.Code{}

// saying is a row of the table of what named-checkzone says: which of our
// codes answer it. A message with a line must have a finding of ours on that
// line. anywhere says that named does not name the line of the record that is
// wrong, warning that the message is none in a file that is refused anyway, and
// free that it needs no answer.
type saying struct {
	message                 *regexp.Regexp
	codes                   []parser.Code
	anywhere, warning, free bool
}

func says(message string, codes ...parser.Code) saying {
	return saying{message: regexp.MustCompile(message), codes: codes}
}

func (s saying) elsewhere() saying { s.anywhere = true; return s }
func (s saying) warns() saying     { s.warning = true; return s }
func (s saying) needsNone() saying { s.free = true; return s }

// sayings is the table; the first row that fits counts. A message without a row
// must name a line.
//
// Source: BIND, lib/dns/master.c, lib/dns/zone.c, bin/check/check-tool.c.
var sayings = []saying{
	says(`^OK$|loaded serial|not loaded due to errors|loading from master file .* failed`).needsNone(),
	says(`file does not end with newline|fromtext: buffer-0x`).needsNone(),
	says(`has 0 SOA records`, "NJ403"),
	says(`has no NS records`, "NJ405"),
	says(`/NS '.*' has no .*address records`, "NJ423"),
	says(`/NS '.*' (is a CNAME|is below a DNAME)`, "NJ422"),
	says(`: NS '.*' (has no address records|is a CNAME|is below a DNAME)`, "NJ415"),
	says(`/(MX|SRV) '.*' has no address records`, "NJ421"),
	says(`/(MX|SRV) '.*' (is a CNAME|is below a DNAME)`, "NJ422"),
	says(`appears to be an address|is an address|immediately after \$ORIGIN`, "NJ442"),
	says(`semantically identical records`, "NJ425"),
	says(`found type SPF record`, "NJ427"),
	says(`deprecated|weak .* \(exponent|old style DNSSEC`, "NJ444").elsewhere(),
	says(`signature has expired`, "NJ432").warns(),
	says(`CDS/CDNSKEY consistency checks failed|DS not at delegation point`, "NJ439"),
	says(`supported nsec3 hash algorithm`, "NJ438", "NJ445"),
	says(`exceeds configured max-zone-ttl`, "NJ426"),
	says(`TTL set to prior TTL`, "NJ424").elsewhere(),
	says(`using (RFC1035 TTL semantics|SOA MINTTL)|no TTL specified; using`, "NJ416").warns(),
	says(`bad (owner )?name|: bad name`, "NJ420", "NJ402"),
	says(`non-terminal wildcard`, "NJ429").warns(),
	says(`ignoring out-of-zone data`, "NJ406").warns(),
	says(`CNAME and other data`, "NJ407").elsewhere(),
	says(`multiple RRs of singleton type`, "NJ404", "NJ407", "NJ414").elsewhere(),
	says(`invalid (NS|NSEC3) owner name`, "NJ428", "NJ420").elsewhere(),
	says(`: ran out of space`).elsewhere(),
	says(`isc_lex_gettoken\(\) failed: (not a file|I/O error)|:1: I/O error`, "NJ408").elsewhere(),
	says(`unbalanced (parentheses|quotes)|extra input text|near .*: syntax error`, "NJ402").elsewhere(),
}

// bindRelease is a named-checkzone: that of the host, or one in a tree that
// NAMED_JAIL_BIND916 or NAMED_JAIL_BIND920 names.
type bindRelease struct {
	root, scratch string
	series        string
	release       [3]int
}

var releaseText = regexp.MustCompile(`(\d+)\.(\d+)\.(\d+)`)

// bindReleases finds them; that of the host must be there.
func bindReleases(t testing.TB) []*bindRelease {
	t.Helper()
	var list []*bindRelease
	for _, root := range []string{"/", os.Getenv("NAMED_JAIL_BIND916"), os.Getenv("NAMED_JAIL_BIND920")} {
		if root == "" {
			continue
		}
		b := &bindRelease{root: root}
		out, ok := b.run(t, "/", "named-checkzone", "-v")
		m := releaseText.FindStringSubmatch(out)
		if !ok || m == nil {
			t.Fatalf("named-checkzone cannot be run, install BIND's tools: %s", out)
		}
		b.series = m[1] + "." + m[2]
		for i := range b.release {
			b.release[i], _ = strconv.Atoi(m[i+1])
		}
		scratch, err := os.MkdirTemp(filepath.Join(root, "tmp"), "corpus")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(scratch) })
		b.scratch = scratch
		list = append(list, b)
	}
	return list
}

// run runs a tool of the release in a directory.
func (b *bindRelease) run(t testing.TB, dir, tool string, args ...string) (string, bool) {
	t.Helper()
	if b.root == "/" {
		return bind(t, dir, tool, args...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	inside := "/" + strings.TrimPrefix(dir, filepath.Clean(b.root))
	out, err := exec.CommandContext(ctx, "chroot", append([]string{b.root, tool, "-w", inside}, args...)...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s in %s cannot be run: %v", tool, b.root, err)
	}
	return string(out), err == nil
}

// TestCorpus compares our verdict, lines, serial and records with those of
// named-checkzone, for the whole corpus; in the trees for every third case and
// those that releases differ in. What named writes as text is read for every
// fourth file. With NAMED_JAIL_ORACLE=all both are done for each.
func TestCorpus(t *testing.T) {
	seen := make(map[*difference]bool)
	needed := make(map[parser.Code]bool)
	results := make(chan func())
	collected := make(chan bool)
	go func() {
		for note := range results {
			note()
		}
		close(collected)
	}()
	t.Run("cases", func(t *testing.T) {
		for _, b := range bindReleases(t) {
			for i, c := range wholeCorpus(t, b.scratch) {
				all := os.Getenv("NAMED_JAIL_ORACLE") == "all"
				c.text = i%4 == 0 || all
				if b.root != "/" && c.dir == ".." {
					continue // lies outside the tree
				}
				if b.root != "/" && !all && i%3 != 0 && c.releases == nil && differs("TestCorpus", c.name, b.series) == nil {
					continue
				}
				t.Run(b.series+"/"+c.name, func(t *testing.T) {
					t.Parallel()
					b.compare(t, c, func(d *difference) {
						results <- func() { seen[d] = true }
					}, func(code parser.Code) {
						results <- func() { needed[code] = true }
					})
				})
			}
		}
	})
	close(results)
	<-collected
	for i := range knownDifferences {
		if d := &knownDifferences[i]; d.test == "TestCorpus" && !seen[d] && d.asked() {
			t.Errorf("%s %s is listed as a difference (%s), but there is none", d.name, d.release, d.reason)
		}
	}
	for _, code := range unwritten {
		if !needed[code] {
			t.Errorf("%s is listed as unwritten, but no case differs for it", code)
		}
	}
}

// asked tells whether the difference's release takes part in this run.
func (d *difference) asked() bool {
	for series, env := range map[string]string{"9.16": "NAMED_JAIL_BIND916", "9.20": "NAMED_JAIL_BIND920"} {
		if d.release == series && os.Getenv(env) == "" {
			return false
		}
	}
	return true
}

// compare judges one case by all measures and notes which known differences
// it meets and which unwritten codes it needs.
func (b *bindRelease) compare(t *testing.T, c *corpusCase, meets func(*difference), needs func(parser.Code)) {
	good := c.good
	if c.releases != nil && !slices.Contains(c.releases, b.series) {
		good = !good
	}
	class := c.zone.Class
	if class == "" {
		class = "IN"
	}
	dump := filepath.Join(t.TempDir(), "raw")
	if b.root != "/" {
		dump = filepath.Join(b.scratch, strings.ReplaceAll(c.name, "/", "+")+".raw")
	}
	inside := strings.TrimPrefix(dump, strings.TrimSuffix(filepath.Clean(b.root), "/"))
	args := append([]string{"-i", "local", "-c", class, "-F", "raw=1", "-o", inside}, c.flags...)
	out, accepts := b.run(t, c.dir, "named-checkzone", append(args, c.zone.Name, c.file)...)
	if accepts != good {
		t.Errorf("named-checkzone's verdict does not fit the file's name:\n%s", out)
	}
	z := c.zone
	z.Checks.Release = b.release
	r, records := recordsOf(&hostFiles{dir: c.dir}, z)
	var wrong []string
	if ours := r.Diagnostics.Errors() == 0; ours != accepts {
		wrong = append(wrong, fmt.Sprintf("we say %v, named-checkzone %v", ours, accepts))
	} else {
		wrong = unanswered(out, accepts, r)
		if accepts {
			wrong = append(wrong, sameZone(t, out, dump, z, r, records)...)
			if c.text && b.root == "/" {
				wrong = append(wrong, sameText(t, dump, z)...)
			}
		}
		if b.root == "/" {
			wrong = append(wrong, c.unexpected(r)...)
		}
	}
	if d := differs("TestCorpus", c.name, b.series); d != nil {
		if len(wrong) > 0 {
			meets(d)
		}
		return
	}
	pending := false
	for _, code := range c.expect {
		if len(wrong) > 0 && slices.Contains(unwritten, code) {
			pending = true
			needs(code)
		}
	}
	if len(wrong) > 0 && !pending {
		t.Errorf("%s\nours:\n%s\nnamed-checkzone:\n%s", strings.Join(wrong, "\n"), found(r), out)
	}
}

// lineOf finds the file and line that a message of named-checkzone names.
var lineOf = regexp.MustCompile(`([^\s:/]+\.(?:db|inc)):(\d+):`)

// unanswered lists the messages of named-checkzone that no finding of ours
// answers.
func unanswered(out string, accepts bool, r Report) []string {
	var wrong []string
	bounded := slices.ContainsFunc(r.Diagnostics, func(d parser.Diagnostic) bool { return d.Code == "NJ413" })
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		m := lineOf.FindStringSubmatch(line)
		i := slices.IndexFunc(sayings, func(s saying) bool { return s.message.MatchString(line) })
		if line == "" || bounded || i >= 0 && (sayings[i].free || sayings[i].warning && !accepts) {
			continue
		}
		if i < 0 && m == nil {
			wrong = append(wrong, "a message that the table sayings does not know: "+line)
			continue
		}
		var row saying
		if i >= 0 {
			row = sayings[i]
		}
		if len(row.codes) > 0 && !slices.ContainsFunc(r.Diagnostics, func(d parser.Diagnostic) bool {
			return slices.Contains(row.codes, d.Code)
		}) {
			wrong = append(wrong, fmt.Sprintf("none of our findings is one of %v: %s", row.codes, line))
			continue
		}
		if m == nil || row.anywhere {
			continue
		}
		n, _ := strconv.Atoi(m[2])
		if !slices.ContainsFunc(r.Diagnostics, func(d parser.Diagnostic) bool {
			return filepath.Base(d.File) == m[1] && d.Line == n
		}) {
			wrong = append(wrong, "no finding of ours on the line of: "+line)
		}
	}
	return wrong
}

// unexpected compares the codes of our findings with those that the file
// expects. Which warnings a file with errors gets is left open.
func (c *corpusCase) unexpected(r Report) []string {
	var wrong []string
	if !c.told && !c.good {
		return nil
	}
	for _, d := range r.Diagnostics {
		if !slices.Contains(c.expect, d.Code) && (c.good || d.Severity == parser.Error) {
			wrong = append(wrong, "a finding that is not expected: "+d.Headline())
		}
	}
	for _, code := range c.expect {
		has := slices.ContainsFunc(r.Diagnostics, func(d parser.Diagnostic) bool { return d.Code == code })
		info, _ := parser.LookupCode(code)
		if !has && (c.good || info.Severity == parser.Error) {
			wrong = append(wrong, fmt.Sprintf("%s is expected and not found", code))
		}
	}
	return wrong
}
