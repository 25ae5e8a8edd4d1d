//go:build linux

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/sys/unix"

	"named-jail/parser"
)

// The examples of the codes. Each file of testdata/codes is named after a code
// and shows it: a script that lays out a system below the directory sys and runs
// a command line, which must make exactly one finding, with that code. A new
// code needs a row in parser/codes.go, one in parser/explain.go, and a file here.
//
// Every script begins with a system that has the accounts root and named, a
// device /dev/null and an empty /var/lib, and with NAMED_JAIL_NAMED naming a
// stand-in for named 9.18 in the directory bin. $PRODUCT and $NAMED are the
// static programs named-jail and that stand-in, for scripts that chroot(8).
// Besides testscript's own commands there are
//
//	shows STATUS PLACE COMMAND...   the finding stands at PLACE and has the severity of the table
//	warns STATUS PLACE COMMAND...   the same, but a warning where the table says error
//	besides CODE                    the next command line shows that code too
//
// PLACE is FILE:LINE:COLUMN, or FILE for a file as a whole, or - for no place.
const codesDir = "testdata/codes"

// besides are the codes that never come alone, and why.
var besides = map[string]string{
	"NJ606": "it says what is done about an error that is shown before it",
}

// accounts are the files of accounts that every example begins with.
var accounts = map[string]string{
	"passwd": "root:x:0:0:root:/root:/bin/sh\nnamed:*:53:53::/:/usr/sbin/nologin\n",
	"group":  "root:x:0:\ndaemon:x:1:\nnamed:x:53:\n",
}

// TestCodes runs the examples.
func TestCodes(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: the examples build jails")
	}
	defer syscall.Umask(syscall.Umask(0o022)) // the archives say nothing of modes
	product := buildProduct(t)
	bind := buildStandIn(t, product)
	var shown sync.Map
	t.Run("example", func(t *testing.T) {
		testscript.Run(t, testscript.Params{
			Dir: codesDir, RequireExplicitExec: true, RequireUniqueNames: true,
			Setup: func(env *testscript.Env) error { return layOut(env, product, bind) },
			Cmds: map[string]func(*testscript.TestScript, bool, []string){
				"shows": func(ts *testscript.TestScript, neg bool, args []string) {
					shown.Store(ts.Name(), true)
					finds(ts, false, args)
				},
				"warns":   func(ts *testscript.TestScript, _ bool, args []string) { finds(ts, true, args) },
				"besides": func(ts *testscript.TestScript, _ bool, args []string) { ts.Setenv("BESIDES", args[0]) },
			},
		})
	})
	for _, name := range exampleNames(t) {
		_, known := parser.LookupCode(parser.Code(name))
		if _, ok := shown.Load(name); !ok && known && !t.Failed() {
			t.Errorf("%s/%s.txtar has no line with `shows`", codesDir, name)
		}
	}
}

// buildStandIn builds the stand-in for named beside the program.
func buildStandIn(t *testing.T, product string) string {
	t.Helper()
	bind := product + "-named"
	cmd := exec.Command("go", "build", "-o", bind, "./testdata/named")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return bind
}

// layOut makes what every system has, where the example itself does not.
func layOut(env *testscript.Env, product, bind string) error {
	for _, dir := range []string{"bin", "sys/dev", "sys/etc", "sys/var/lib", "sys/usr/sbin", "sys/proc"} {
		if err := os.MkdirAll(filepath.Join(env.WorkDir, dir), 0o755); err != nil {
			return err
		}
	}
	for name, text := range accounts {
		file := filepath.Join(env.WorkDir, "sys/etc", name)
		if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				return err
			}
		}
	}
	null := filepath.Join(env.WorkDir, "sys/dev/null")
	if err := unix.Mknod(null, syscall.S_IFCHR|0o666, int(unix.Mkdev(1, 3))); err != nil {
		return err
	}
	for place, program := range map[string]string{"bin/named": bind, "bin/named-jail": product} {
		// no symbolic link: plain users may not get to what is built
		place = filepath.Join(env.WorkDir, place)
		if os.Link(program, place) == nil {
			continue
		}
		if out, err := exec.Command("cp", program, place).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w", out, err)
		}
	}
	for dir := env.WorkDir; dir != filepath.Dir(filepath.Dir(env.WorkDir)); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil { // for commands as a plain user
			return err
		}
	}
	env.Setenv("PATH", filepath.Join(env.WorkDir, "bin")+":/usr/sbin:/usr/bin:/sbin:/bin")
	env.Setenv("NAMED_JAIL_NAMED", filepath.Join(env.WorkDir, "bin/named"))
	env.Setenv("PRODUCT", product)
	env.Setenv("NAMED", bind)
	env.Setenv("NO_COLOR", "1")
	env.Setenv("LC_ALL", "C.UTF-8")
	return nil
}

// finding is one finding as it was printed.
type finding struct {
	place, severity, message, code string
	remedy                         string
}

// headline is the first line of a finding; caret is the line below its source.
var (
	headline = regexp.MustCompile(`^(?:(/.*?): )?(error|warning): (.*) \[(NJ\d{3})\]$`)
	caret    = regexp.MustCompile(`^\s*\^~*$`)
)

// event is a finding as run reports it: fields, then the headline without its
// place, and what to do.
var event = regexp.MustCompile(`^named-jail\[\d+\]: (?:zone=\S+ )?(?:file=(\S+) )?(?:line=(\d+) column=(\d+) )?code=(NJ\d{3}): (error|warning): (.*) \[(NJ\d{3})\]\. (.*)$`)

// readFindings takes findings out of what a command printed.
func readFindings(text string) []finding {
	var list []finding
	for _, line := range strings.Split(text, "\n") {
		if m := headline.FindStringSubmatch(line); m != nil {
			list = append(list, finding{m[1], m[2], m[3], m[4], ""})
		} else if m := event.FindStringSubmatch(line); m != nil && m[4] == m[7] {
			at := m[1]
			if m[2] != "" {
				at += ":" + m[2] + ":" + m[3]
			}
			list = append(list, finding{at, m[5], m[6], m[4], m[8]})
		} else if rest, ok := strings.CutPrefix(line, "    "); ok && len(list) > 0 {
			last := &list[len(list)-1]
			if last.remedy = rest; caret.MatchString(rest) {
				last.remedy = ""
			}
		}
	}
	return list
}

// finds is the work of `shows` and `warns`.
func finds(ts *testscript.TestScript, warning bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: shows STATUS PLACE COMMAND...")
	}
	status, place, code := args[0], args[1], ts.Name()
	if place == "-" {
		place = ""
	} else {
		place = ts.MkAbs(place)
	}
	also := ts.Getenv("BESIDES")
	if also != "" && besides[code] == "" {
		ts.Fatalf("%s has to stand alone", code)
	}
	ts.Setenv("BESIDES", "")
	err := ts.Exec(args[2], args[3:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	text := ts.ReadFile("stderr")
	if status != strconv.Itoa(got) {
		ts.Fatalf("exit status %d, want %s", got, status)
	}
	list := slices.DeleteFunc(readFindings(text), func(f finding) bool { return also != "" && f.code == also })
	if len(list) != 1 || list[0].code != code {
		ts.Fatalf("%d findings, want one, %s", len(list), code)
	}
	info, known := parser.LookupCode(parser.Code(code))
	if !known {
		ts.Fatalf("%s is no code", code)
	}
	severity := info.Severity
	if warning {
		severity = parser.Warning
	}
	f := list[0]
	switch {
	case f.severity != severity.String():
		ts.Fatalf("it is said to be of severity %q, want %q", f.severity, severity)
	case f.place != place:
		ts.Fatalf("it stands at %q, want %q", f.place, place)
	case f.remedy == "":
		ts.Fatalf("it does not say what to do")
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }):
		ts.Fatalf("it holds control characters: %q", text)
	}
}

// exampleNames lists the examples by name, without the suffix.
func exampleNames(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(codesDir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".txtar")
		if !ok {
			t.Errorf("%s/%s is no example", codesDir, e.Name())
			continue
		}
		names = append(names, name)
	}
	return names
}

// TestCodesHaveExamples shows that codes and examples belong together, one to
// one.
func TestCodesHaveExamples(t *testing.T) {
	names := exampleNames(t)
	for _, c := range parser.Codes() {
		if !slices.Contains(names, string(c)) {
			t.Errorf("%s has no example: write %s/%s.txtar, with a line such as: shows 1 sys/etc/named.conf:1:1 named-jail check --root=sys", c, codesDir, c)
		}
	}
	for _, name := range names {
		if _, ok := parser.LookupCode(parser.Code(name)); !ok {
			t.Errorf("%s/%s.txtar shows what is no code of parser/codes.go", codesDir, name)
		}
	}
}

// TestCodesAreListed shows that the sources use no code that the table lacks,
// and all that it has.
func TestCodesAreListed(t *testing.T) {
	used := map[parser.Code]bool{}
	literal := regexp.MustCompile(`"NJ\d{3}"`)
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") ||
			p == "parser/codes.go" || p == "parser/explain.go" {
			return err
		}
		text, err := os.ReadFile(p)
		for _, found := range literal.FindAllString(string(text), -1) {
			c := parser.Code(strings.Trim(found, `"`))
			if used[c] = true; !isCode(c) {
				t.Errorf("%s: %s is not in parser/codes.go", p, c)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range parser.Codes() {
		if !used[c] {
			t.Errorf("nothing makes a finding with the code %s", c)
		}
	}
}

func isCode(c parser.Code) bool {
	_, ok := parser.LookupCode(c)
	return ok
}

// TestExplainedExamples shows that what `explain` prints as an example of a code
// is taken from the file that is run as one.
func TestExplainedExamples(t *testing.T) {
	for _, c := range parser.Codes() {
		a, err := txtar.ParseFile(filepath.Join(codesDir, string(c)+".txtar"))
		if err != nil {
			continue // TestCodesHaveExamples says so
		}
		e, _ := parser.Explain(c)
		if err := fromArchive(e.Example, a); err != nil {
			t.Errorf("%s: %v", c, err)
		}
	}
}

// fromArchive tells what of an explained example is not in its archive. Its
// lines are commands ("$ COMMAND"), the name of a file ("in FILE:", at first
// /etc/named.conf), or lines of that file, which stand there one after the other.
func fromArchive(example string, a *txtar.Archive) error {
	files, scripts := map[string]string{}, strings.Split(string(a.Comment), "\n")
	for _, f := range a.Files {
		name, inSystem := strings.CutPrefix(f.Name, "sys")
		if files[name] = string(f.Data); !inSystem {
			scripts = append(scripts, strings.Split(string(f.Data), "\n")...)
		}
	}
	file, block := "/etc/named.conf", ""
	ended := func() error {
		if block != "" && !strings.Contains("\n"+files[file], "\n"+block) {
			return fmt.Errorf("%s has not the lines\n%s", file, block)
		}
		block = ""
		return nil
	}
	for _, line := range strings.Split(example, "\n") {
		command, isCommand := strings.CutPrefix(line, "$ ")
		name, isName := strings.CutPrefix(strings.TrimSuffix(line, ":"), "in ")
		if !isCommand && !isName && line != "" {
			block += line + "\n"
			continue
		}
		if err := ended(); err != nil {
			return err
		}
		switch {
		case isName:
			if file = name; files[file] == "" {
				return fmt.Errorf("there is no file sys%s", file)
			}
		case isCommand && !slices.ContainsFunc(scripts, func(s string) bool { return isWithin(command, s) }):
			return fmt.Errorf("no command of the script is: %s", command)
		}
	}
	return ended()
}

// isWithin tells whether the words of a command stand in a line of a script in
// that order. The line names files of the system that lies below sys.
func isWithin(command, line string) bool {
	words := strings.Fields(command)
	if strings.HasPrefix(line, "#") {
		return false
	}
	for _, w := range strings.Fields(strings.NewReplacer("''", "'", "sys/", "/").Replace(line)) {
		if len(words) > 0 && words[0] == w {
			words = words[1:]
		}
	}
	return len(words) == 0
}
