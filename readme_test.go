//go:build linux

package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestReadmeBeforeAndAfter shows that what README.md says of before and after is
// so: the configuration of its first block is migrated, and the second block says
// what the jail then holds.
func TestReadmeBeforeAndAfter(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: a jail is built")
	}
	text, err := os.ReadFile("README.md")
	must(t, err)
	_, rest, _ := strings.Cut(string(text), "\n```diff\n")
	diff, rest, _ := strings.Cut(rest, "\n```\n")
	var before, after strings.Builder
	for line := range strings.Lines(diff + "\n") {
		text := line[min(1, len(line)-1):]
		if line[0] != '+' {
			before.WriteString(text)
		}
		if line[0] != '-' {
			after.WriteString(text)
		}
	}
	root := t.TempDir()
	const soa = "$TTL 300\n@ SOA ns.root.test. hostmaster.root.test. 1 60 60 86400 60\n@ NS ns.root.test.\n"
	for path, text := range map[string]string{
		"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnamed:x:53:53::/nonexistent:/usr/sbin/nologin\n",
		"etc/group":  "root:x:0:\ndaemon:x:1:\nnamed:x:53:\n", "etc/named.conf": before.String(),
		"etc/namedb/primary/db.static": soa, "etc/namedb/bak/db.copy": soa, "etc/namedb/dynamic/db.dynamic": soa,
	} {
		writeFile(t, filepath.Join(root, path), text)
	}
	must(t, os.MkdirAll(filepath.Join(root, "dev"), 0o755))
	must(t, unix.Mknod(filepath.Join(root, "dev/null"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))))
	run(t, buildProduct(t), "apply", "--root", root, "-c", "/etc/named.conf", "--bind-version", "9.18", "--no-checkconf").want(t, 0)
	jailed, err := os.ReadFile(filepath.Join(root, "var/named/etc/named.conf"))
	must(t, err)
	if string(jailed) != after.String() {
		t.Errorf("the jail's configuration is\n%s\nand README.md says\n%s", jailed, after.String())
	}
	owners := map[string]string{"root:daemon": "0:1", "root:root": "0:0", "named:named": "53:53"}
	rows := regexp.MustCompile(`(?m)^    ([-dc][-rwx]{9}) (\w+:\w+) +(/\S+)$`).FindAllStringSubmatch(rest, -1)
	if len(rows) != 9 {
		t.Fatalf("the tree has %d rows", len(rows))
	}
	for _, r := range rows {
		info, err := os.Lstat(filepath.Join(root, r[3]))
		must(t, err)
		mode := strings.ReplaceAll(info.Mode().String(), "Dc", "c")
		owner := info.Sys().(*syscall.Stat_t)
		if got := fmt.Sprintf("%d:%d", owner.Uid, owner.Gid); mode != r[1] || got != owners[r[2]] {
			t.Errorf("%s is %s %s, and README.md says %s %s", r[3], mode, got, r[1], r[2])
		}
	}
	if info, err := os.Lstat(filepath.Join(root, "etc/namedb/primary/db.static")); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("no link is left in a zone file's place: %v", err)
	}
}
