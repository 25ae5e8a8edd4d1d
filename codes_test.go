package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestCodeExamples checks each example of testdata/codes, a system of its own:
// its finding has the code that the folder is called by, and no other.
func TestCodeExamples(t *testing.T) {
	program := filepath.Join(t.TempDir(), "named-jail")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	dirs, err := filepath.Glob("testdata/codes/NJ*")
	if err != nil || len(dirs) == 0 {
		t.Fatal("no examples", err)
	}
	code := regexp.MustCompile(`"code": "(NJ\d+)"`)
	for _, dir := range dirs {
		root := t.TempDir()
		text, err := os.ReadFile(filepath.Join(dir, "named.conf"))
		if err != nil {
			t.Fatal(err)
		}
		accounts := "root:x:0:0::/:/bin/sh\nnamed:*:53:53::/:/usr/sbin/nologin\n"
		for name, content := range map[string]string{"named.conf": string(text), "etc/passwd": accounts, "etc/group": "named:*:53:\n"} {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command(program, "check", "--root", root, "-c", "/named.conf", "--bind-version", "9.18.49", "--no-zones", "--no-checkconf", "--json")
		cmd.Env = append(os.Environ(), "NAMED_JAIL_NAMED=")
		out, _ := cmd.Output()
		seen := map[string]bool{}
		for _, m := range code.FindAllStringSubmatch(string(out), -1) {
			seen[m[1]] = true
		}
		if want := filepath.Base(dir); len(seen) != 1 || !seen[want] {
			t.Errorf("%s gives %v", want, seen)
		}
	}
}
