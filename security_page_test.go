package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"named-jail/parser"
)

// securityPage says what is promised and which tests show it.
const securityPage = "docs/security.md"

// TestSecurityPage shows that every test, script and code that the page names is
// there, and that each row of a promise names one.
func TestSecurityPage(t *testing.T) {
	data, err := os.ReadFile(securityPage)
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	tests := declaredTests(t)
	named := regexp.MustCompile("`((?:[a-z]+\\.)?(?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(page, -1)
	if len(named) < 50 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, m := range named {
		if !tests[m[1]] {
			t.Errorf("there is no test %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`(testdata/[^`]*\\.txtar)`").FindAllStringSubmatch(page, -1) {
		if _, err := os.Stat(m[1]); err != nil {
			t.Error(err)
		}
	}
	for _, m := range regexp.MustCompile(`NJ\d+`).FindAllString(page, -1) {
		if _, ok := parser.LookupCode(parser.Code(m)); !ok {
			t.Errorf("there is no code %s", m)
		}
	}
	_, promises, _ := strings.Cut(page, "\n## The promises\n")
	promises, _, _ = strings.Cut(promises, "\n## ")
	rows := 0
	for line := range strings.Lines(promises) {
		if !strings.HasPrefix(line, "| ") || strings.HasSuffix(line, "| tests |\n") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if rows++; len(cells) != 3 || !strings.Contains(cells[2], "`") {
			t.Errorf("a promise without a test: %s", line)
		}
	}
	if rows < 25 {
		t.Errorf("only %d promises", rows)
	}
	attacks := pageTable(page, "The attacks, one by one")
	for _, cells := range attacks {
		if len(cells) != 3 || !strings.Contains(cells[1], "`") || strings.TrimSpace(cells[2]) == "" {
			t.Errorf("an attack without a test that plants it, or without a word on races: %v", cells)
		}
	}
	if len(attacks) < 20 {
		t.Errorf("only %d attacks", len(attacks))
	}
}

// pageTable gives the cells of the rows of a section's table, without its head.
func pageTable(page, section string) [][]string {
	_, text, _ := strings.Cut(page, "\n## "+section+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	var rows [][]string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| ") {
			rows = append(rows, strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|"))
		}
	}
	return rows[min(1, len(rows)):]
}

// declaredTests gives the names of all tests and fuzz targets, with their
// package where they do not stand at the top.
func declaredTests(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	all := map[string]bool{}
	for _, pattern := range []string{"*_test.go", "*/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			prefix := filepath.Dir(file) + "."
			if prefix == ".." {
				prefix = ""
			}
			for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
				all[prefix+m[1]] = true
			}
		}
	}
	return all
}
