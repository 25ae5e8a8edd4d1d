package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"named-jail/parser"
)

// anchor is what a heading of a page is called in a link.
func anchor(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimLeft(heading, "# ")) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z':
			b.WriteRune(r)
		}
	}
	return b.String()
}

// sourceNames are names of files and folders of the repository as pages write
// them in code: with a folder of ours in front, or a test script.
var sourceNames = regexp.MustCompile("`((?:parser|rewrite|zones|launcher|jail|command|testdata|docs|packaging|examples)/[\\w./*-]+|[a-z_]+_test\\.go|test\\.sh|doc\\.go)`")

// jailFolders are folders of the jail that look like ours.
var jailFolders = map[string]bool{"zones/master": true, "zones/slave": true, "zones/dynamic": true}

// TestPagesLead shows that what pages name is there: links and their headings,
// files, folders, tests and codes.
func TestPagesLead(t *testing.T) {
	pages, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages = append(pages, more...)
	if len(pages) < 15 {
		t.Errorf("only %d pages", len(pages))
	}
	tests := map[string]bool{}
	for name := range declaredTests(t) {
		_, last, found := strings.Cut(name, ".")
		tests[name] = true
		if found {
			tests[last] = true
		}
	}
	fence := regexp.MustCompile("(?s)\n```.*?\n```")
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		prose := fence.ReplaceAllString(string(text), "")
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(prose, -1) {
			leads(t, page, m[1])
		}
		for _, m := range sourceNames.FindAllStringSubmatch(prose, -1) {
			named := m[1]
			if jailFolders[named] {
				continue
			}
			found, err := filepath.Glob(named)
			if !strings.Contains(named, "/") { // a file of the folder that the text speaks of
				deeper, _ := filepath.Glob("*/" + named)
				found = append(found, deeper...)
			}
			if err != nil || len(found) == 0 && !strings.Contains(named, "NAME") && !strings.Contains(named, "NJxxx") {
				t.Errorf("%s: there is no %s", page, named)
			}
		}
		for _, m := range regexp.MustCompile("`((?:[a-z]+\\.)?(?:Test|Fuzz)[A-Z][A-Za-z0-9]+)`").FindAllStringSubmatch(prose, -1) {
			if !tests[m[1]] {
				t.Errorf("%s: there is no test %s", page, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`\bNJ\d{3}\b`).FindAllString(string(text), -1) {
			if _, ok := parser.LookupCode(parser.Code(m)); !ok {
				t.Errorf("%s: there is no code %s", page, m)
			}
		}
	}
}

// leads fails the test when a link of a page leads nowhere. What lies outside of
// the repository is not asked.
func leads(t *testing.T, page, link string) {
	t.Helper()
	if strings.HasPrefix(link, "https://") {
		return
	}
	file, heading, _ := strings.Cut(link, "#")
	at := page
	if file != "" {
		at = filepath.Join(filepath.Dir(page), file)
	}
	text, err := os.ReadFile(at)
	if err != nil {
		if info, e := os.Stat(at); e != nil || !info.IsDir() {
			t.Errorf("%s: the link %s leads nowhere: %v", page, link, err)
		}
		return
	}
	if heading == "" {
		return
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") && anchor(strings.TrimSpace(line)) == heading {
			return
		}
	}
	t.Errorf("%s: %s has no heading %q", page, at, heading)
}
