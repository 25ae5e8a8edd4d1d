//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestHostileFiles runs the program as a whole on files that are no
// configuration: it ends by itself, says one thing and takes no more memory
// than stated, in megabytes.
func TestHostileFiles(t *testing.T) {
	if words := os.Getenv(measured); words != "" {
		measureMemory(strings.Split(words, "\n"))
	}
	program := filepath.Join(t.TempDir(), "named-jail")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) string {
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		must(os.MkdirAll(filepath.Dir(file(name)), 0o755))
		must(os.WriteFile(file(name), []byte(strings.ReplaceAll(text, "DIR", dir)), 0o644))
		return file(name)
	}
	holes := write("holes", "")
	write("comment", strings.Repeat("# nothing here but comment\n", 200<<20/27))
	for i := range 10000 {
		write(fmt.Sprintf("many/%05d.conf", i), "")
	}
	listener, err := net.Listen("unix", file("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, err := range []error{
		os.Truncate(holes, 1<<30), syscall.Mkfifo(file("fifo"), 0o644), os.Symlink("loop.conf", file("link.conf")),
		os.Symlink(".", file("here")), os.Symlink("round", file("round")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	statements, err := os.Create(file("gigabyte"))
	if err != nil {
		t.Fatal(err)
	}
	block := bytes.Repeat([]byte("zone \"a.example\" { type hint; file \"db.a\"; };\n"), 22<<10)
	for n := 0; n < 1<<30; n += len(block) {
		if _, err := statements.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	statements.Close()
	for _, c := range []struct {
		conf   string
		text   string // of the file, where it has to be written
		memory int64
		want   string // the one finding behind the file's name, "" for none
	}{
		{file("holes"), "", 100, ": error: the configuration cannot be read: it is larger than 256 MB, which no configuration is [NJ101]"},
		{file("gigabyte"), "", 100, ": error: the configuration cannot be read: it is larger than 256 MB, which no configuration is [NJ101]"},
		{file("comment"), "", 700, ""},
		{file("a.conf"), "\n  include \"DIR/holes\";", 100, `:2:11: error: include file "DIR/holes": it is larger than 256 MB, which no configuration is [NJ109]`},
		{file("a.conf"), `include "DIR/fifo";`, 100, `:1:9: error: include file "DIR/fifo": this is a FIFO, not a regular file [NJ109]`},
		{file("a.conf"), `include "DIR";`, 100, `:1:9: error: include file "DIR": this is a directory, not a regular file [NJ109]`},
		{file("a.conf"), `include "DIR/socket";`, 100, `:1:9: error: include file "DIR/socket": this is a socket, not a regular file [NJ109]`},
		{file("a.conf"), `include "/dev/zero";`, 100, `:1:9: error: include file "/dev/zero": this is a character device, not a regular file [NJ109]`},
		{file("a.conf"), `include "/dev/null";`, 100, ""},
		{file("a.conf"), `include "/proc/self/mem";`, 100, `:1:9: error: include file "/proc/self/mem": input/output error [NJ109]`},
		{file("a.conf"), `include "DIR/round";`, 100, `:1:9: error: include file "DIR/round": too many levels of symbolic links [NJ109]`},
		{file("a.conf"), `include "DIR/many/*.conf";`, 200, ""},
		{file("a.conf"), `include "DIR/none*";`, 100, `:1:9: error: include "DIR/none*": nothing matches [NJ109]`},
		{file("loop.conf"), `include "DIR/link.conf";`, 100, `:1:9: error: include file "DIR/link.conf" includes itself [NJ110]`},
		{file("loop.conf"), `include "DIR/here/here/../here/loop.conf";`, 100, `:1:9: error: include file "DIR/here/here/loop.conf" includes itself [NJ110]`},
		{file("loop.conf"), `include "DIR/*oop.conf";`, 100, `:1:9: error: include file "DIR/loop.conf" includes itself [NJ110]`},
		{file("a.conf"), "options { };\n" + strings.Repeat("options {", 100000), 200, ""},
		{file("a.conf"), "x\x00\x00\x00", 100, ""},
		{file("a.conf"), strings.Repeat(";", 50<<20), 400, ""},
		{file("a.conf"), "options { directory \"" + strings.Repeat("x", 50<<20), 400, ":1:21: error: a string is opened here and never closed [NJ102]"},
	} {
		if c.text != "" {
			write(filepath.Base(c.conf), c.text)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		words := []string{program, "check", "-c", c.conf, "--no-zones", "--no-cache", "--bind-version", "9.18.49", "--json"}
		cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestHostileFiles$")
		cmd.Env = append(os.Environ(), "NAMED_JAIL_NAMED=", measured+"="+strings.Join(words, "\n"))
		var took bytes.Buffer
		cmd.Stderr = &took
		out, err := cmd.Output()
		if ctx.Err() != nil {
			t.Fatalf("%.100q: it does not end", c.text)
		}
		cancel()
		what := c.text
		if what == "" {
			what = c.conf
		}
		var mega int64
		if _, scanErr := fmt.Sscan(took.String(), &mega); scanErr != nil || mega > c.memory || mega == 0 {
			t.Errorf("%.100q: took %d MB: %s", what, mega, took.String())
		}
		var doc struct {
			Problems []struct {
				File, Message, Severity, Code string
				Line, Column                  int
			}
		}
		if jsonErr := json.Unmarshal(out, &doc); jsonErr != nil {
			t.Fatalf("%.100q: %v: %v: %.500s", what, err, jsonErr, out)
		}
		var heads []string
		for _, p := range doc.Problems {
			if p.Severity == "error" {
				place := ""
				if p.Line > 0 {
					place = fmt.Sprintf(":%d:%d", p.Line, p.Column)
				}
				heads = append(heads, fmt.Sprintf("%s%s: error: %s [%s]", p.File, place, p.Message, p.Code))
			}
		}
		switch {
		case c.want != "":
			if want := c.conf + strings.ReplaceAll(c.want, "DIR", dir); len(heads) != 1 || heads[0] != want {
				t.Errorf("%.100q: got %q\nwant %q", what, heads[:min(len(heads), 5)], want)
			}
		case (len(heads) > 0) != (err != nil):
			t.Errorf("%.100q: %v, but %.500q", what, err, heads[:min(len(heads), 5)])
		}
		if len(heads) > 20100 {
			t.Errorf("%.100q: %d findings", what, len(heads))
		}
	}
}

// measured names the variable that makes the test measure a program.
const measured = "NAMED_JAIL_TEST_MEASURED"

// measureMemory runs a program, writes the memory that it took to standard error, in
// megabytes, and ends as it did. This is a process of its own because the
// system counts what the starting process had as the program's too.
func measureMemory(words []string) {
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stdout = os.Stdout
	err := cmd.Run()
	fmt.Fprintln(os.Stderr, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss>>10)
	if err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}
