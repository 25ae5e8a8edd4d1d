package command

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"named-jail/launcher"
)

// plainPage is a manual page without the marks of roff, for looking words up.
func plainPage(text string) string {
	text = regexp.MustCompile(`\\f[BIR]`).ReplaceAllString(text, "")
	return strings.NewReplacer(`\-`, "-", `\e`, `\`, `\(aq`, "'", `\(ga`, "`", `\(ti`, "~", `\(ha`, "^", `\&`, "").Replace(text)
}

// TestManual looks that each command has its page with all its flags, exit
// statuses, and examples that the command line takes.
func TestManual(t *testing.T) {
	root := newRoot()
	pages := manualPages(root, "2026-11-26")
	if len(pages) != len(visible(root))+1 {
		t.Errorf("%d pages for %d commands and the program", len(pages), len(visible(root)))
	}
	for _, c := range append(visible(root), root) {
		text := plainPage(pages[pageName(c)+".8"])
		if len(writtenSections(c.Name())) == 0 {
			t.Errorf("manual/%s.txt is missing or empty", c.Name())
		}
		for _, s := range writtenSections(c.Name()) {
			if !slices.Contains(order, s.title) {
				t.Errorf("manual/%s.txt: there is no place for the section %s", c.Name(), s.title)
			}
		}
		sets := []*pflag.FlagSet{c.LocalFlags()}
		if takesCommon(c) {
			sets = append(sets, root.PersistentFlags())
		}
		for _, set := range sets {
			set.VisitAll(func(f *pflag.Flag) {
				if !strings.Contains(text, "--"+f.Name+"\n") && !strings.Contains(text, "--"+f.Name+"=") {
					t.Errorf("%s: --%s is not in its page", c.Name(), f.Name)
				}
			})
		}
		command := ""
		if c != root {
			command = c.Name()
		}
		for _, r := range rowsFor(statusRows, command) {
			if !strings.Contains(text, "\n"+r.term+"\n") {
				t.Errorf("%s: the exit status %s is not in its page", c.Name(), r.term)
			}
		}
		if _, examples, _ := strings.Cut(text, ".SH EXAMPLES\n"); len(exampleLines(examples)) < 1 {
			t.Errorf("%s: its page has no examples", c.Name())
		}
		_, body, _ := strings.Cut(text, ".SH DESCRIPTION\n")
		for _, part := range strings.Split(body, ".EX\n")[1:] {
			lines, _, _ := strings.Cut(part, ".EE")
			for _, words := range exampleLines(lines) {
				if err := understood(words); err != nil {
					t.Errorf("%s: the example %q: %v", c.Name(), words, err)
				}
			}
		}
		for _, name := range regexp.MustCompile(`named-jail-[a-z]+\(8\)`).FindAllString(text, -1) {
			if pages[strings.TrimSuffix(name, "(8)")+".8"] == "" {
				t.Errorf("%s: there is no page %s", c.Name(), name)
			}
		}
	}
	run := plainPage(pages["named-jail-run.8"])
	for _, f := range launcher.FlagTable() {
		if !strings.Contains(run, ".TP\n-"+string(rune(f.Letter))) {
			t.Errorf("run: named's flag -%c is not in its page", f.Letter)
		}
	}
}

// TestManualTables holds the tables of files and variables to the source. Whoever
// builds packages alone has to know SOURCE_DATE_EPOCH.
func TestManualTables(t *testing.T) {
	terms := func(rows []manualRow) string {
		var b strings.Builder
		for _, r := range rows {
			b.WriteString(" " + r.term + " ")
		}
		return b.String()
	}
	for rows, places := range map[string]map[string]string{
		terms(environmentRows): {"*.go": `os\.(?:Getenv|LookupEnv)\("([A-Z_]+)"\)`, "../launcher/*.go": `os\.(?:Getenv|LookupEnv)\("([A-Z_]+)"\)`},
		terms(fileRows):        {"../jail/keep.go": `Memo = "([a-z.]+)"`, "../jail/store.go": `(?:lock|manifest|journal|backup)Name += "([a-z.]+)"`},
		terms(statusRows):      {"status.go": `status[A-Z][A-Za-z]* += ([0-9]+)`, "../launcher/errors.go": `Status[A-Z][A-Za-z]* += ([0-9]+)`},
	} {
		for pattern, find := range places {
			files, err := filepath.Glob(pattern)
			if err != nil || len(files) == 0 {
				t.Fatalf("%s: %v", pattern, err)
			}
			found := 0
			for _, name := range files {
				if strings.HasSuffix(name, "_test.go") {
					continue
				}
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range regexp.MustCompile(find).FindAllStringSubmatch(string(text), -1) {
					found++
					if m[1] != "SOURCE_DATE_EPOCH" && !regexp.MustCompile(`[ /,]`+regexp.QuoteMeta(m[1])+`[ /,]`).MatchString(rows) {
						t.Errorf("%s: %s is not in the manual's table", name, m[1])
					}
				}
			}
			if found == 0 {
				t.Errorf("%s has nothing like %s any more", pattern, find)
			}
		}
	}
}

// TestManualRendered has the pages that `generate man` writes read by man,
// groff and mandoc, which must have nothing to say.
func TestManualRendered(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1764547200")
	dirs := []string{t.TempDir(), filepath.Join(t.TempDir(), "new")}
	for _, dir := range dirs {
		root := newRoot()
		root.SetArgs([]string{"generate", "man", dir})
		if err := root.Execute(); err != nil {
			t.Fatal(err)
		}
	}
	pages, err := filepath.Glob(dirs[0] + "/*.8")
	if err != nil || len(pages) < 2 {
		t.Fatalf("%d pages: %v", len(pages), err)
	}
	for _, page := range pages {
		first, _ := os.ReadFile(page)
		second, _ := os.ReadFile(filepath.Join(dirs[1], filepath.Base(page)))
		if string(first) != string(second) || !strings.Contains(string(first), " 8 2025-12-01 ") {
			t.Errorf("%s is not the same twice, or not of the day that was asked", filepath.Base(page))
		}
	}
	for _, reader := range [][]string{{"man", "--warnings=w", "-E", "UTF-8", "-l"}, {"groff", "-man", "-ww", "-z", "-Tutf8"}, {"mandoc", "-T", "lint", "-W", "style"}} {
		if _, err := exec.LookPath(reader[0]); err != nil {
			if os.Getenv("NAMED_JAIL_REQUIRE_BIND") != "" {
				t.Errorf("%s is missing", reader[0])
			}
			continue
		}
		for _, page := range pages {
			cmd := exec.Command(reader[0], append(slices.Clone(reader[1:]), page)...)
			cmd.Env = append(os.Environ(), "MANWIDTH=80", "LC_ALL=C.UTF-8")
			var said strings.Builder
			cmd.Stderr = &said
			out, err := cmd.Output()
			text := said.String()
			if reader[0] != "man" {
				text += string(out)
			} else if !strings.Contains(string(out), "SEE ALSO") {
				t.Errorf("man shows nothing of %s", filepath.Base(page))
			}
			if err != nil || text != "" {
				t.Errorf("%s of %s: %v %s", reader[0], filepath.Base(page), err, text)
			}
		}
	}
}

// TestManualDate refuses a date that is none.
func TestManualDate(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if _, err := manualDate(); statusOf(err) != statusUsage {
		t.Errorf("a SOURCE_DATE_EPOCH that is no number: %v", err)
	}
	names := slices.Sorted(maps.Keys(manualPages(newRoot(), "2026-11-26")))
	if !slices.Contains(names, "named-jail.8") || slices.Contains(names, "named-jail-generate.8") {
		t.Errorf("the pages are %v", names)
	}
}
