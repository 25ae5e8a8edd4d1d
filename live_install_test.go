//go:build linux

package main

import (
	"embed"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

//go:embed testdata/install/*.txtar
var installFiles embed.FS

// fixtureTime is the time of last change of every file of a fixture, so that a
// test sees whether it was kept.
var fixtureTime = time.Unix(1_000_000_000, 0)

// unpackInstall writes the install testdata/install/NAME.txtar below root and
// gives the paths of its files, as the system below root names them. Owners
// are set when the caller is root and root is "/".
//
// A fixture is a text archive. Lines of its head say what a file cannot say:
//
//	user NAME                  an account with a group of the same name
//	dir PATH MODE OWNER:GROUP  a directory
//	own PATH MODE OWNER:GROUP  mode and owner of a file
//	link PATH TARGET           a symbolic link
//	crlf PATH                  the file's lines end in CR LF
//	many N FILE DIRECTORY      an include file of N zones m1.example..., zone files in DIRECTORY
//
// A path that holds blanks is quoted. Files are 0644 root, directories 0755.
func unpackInstall(t *testing.T, name, root string) []string {
	t.Helper()
	text, err := installFiles.ReadFile("testdata/install/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	head, files := splitArchive(string(text))
	u := unpacker{t: t, root: root, live: root == "/" && os.Geteuid() == 0}
	if !u.live {
		u.baseAccounts()
	}
	var later [][]string
	for _, line := range strings.Split(head, "\n") {
		words := fixtureWords(line)
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "user":
			u.account(words[1])
		case "many":
			files = append(files, manyZones(t, words[1:])...)
		case "dir", "own", "link", "crlf":
			later = append(later, words)
		}
	}
	for _, words := range later {
		if words[0] == "dir" {
			u.must(os.MkdirAll(u.at(words[1]), 0o755))
		}
	}
	crlf := map[string]bool{}
	for _, words := range later {
		if words[0] == "crlf" {
			crlf[words[1]] = true
		}
	}
	var paths []string
	for _, f := range files {
		if crlf[f.path] {
			f.text = strings.TrimSuffix(strings.ReplaceAll(f.text, "\n", "\r\n"), "\r\n")
		}
		u.must(os.MkdirAll(filepath.Dir(u.at(f.path)), 0o755))
		u.must(os.WriteFile(u.at(f.path), []byte(f.text), 0o644))
		paths = append(paths, f.path)
	}
	for _, words := range later {
		switch words[0] {
		case "dir", "own":
			if len(words) == 4 {
				u.own(words[1], words[2], words[3])
			}
		case "link":
			u.must(os.MkdirAll(filepath.Dir(u.at(words[1])), 0o755))
			u.must(os.Symlink(words[2], u.at(words[1])))
		}
	}
	for _, p := range paths {
		u.must(os.Chtimes(u.at(p), fixtureTime, fixtureTime))
	}
	return paths
}

// fixtureFile is one file of a fixture.
type fixtureFile struct{ path, text string }

// splitArchive splits a text archive into its head and its files.
func splitArchive(text string) (head string, files []fixtureFile) {
	var lines strings.Builder
	flush := func() {
		if len(files) == 0 {
			head = lines.String()
		} else {
			files[len(files)-1].text = lines.String()
		}
		lines.Reset()
	}
	for _, line := range strings.SplitAfter(text, "\n") {
		if path, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(path, " --\n") {
			flush()
			files = append(files, fixtureFile{path: strings.TrimSuffix(path, " --\n")})
			continue
		}
		lines.WriteString(line)
	}
	flush()
	return head, files
}

// fixtureWords splits a line of a fixture's head; a word may be quoted.
func fixtureWords(line string) []string {
	var words []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}

// manyZones makes the include file and the zone files of a "many" line.
func manyZones(t *testing.T, words []string) []fixtureFile {
	t.Helper()
	n, err := strconv.Atoi(words[0])
	if err != nil || len(words) != 3 {
		t.Fatalf("many %q", words)
	}
	var files []fixtureFile
	var conf strings.Builder
	for i := range n {
		zone := fmt.Sprintf("m%d.example", i+1)
		path := words[2] + "/db." + zone
		fmt.Fprintf(&conf, "zone %q { type primary; file %q; };\n", zone, path)
		files = append(files, fixtureFile{path, fmt.Sprintf("$TTL 3600\n@ SOA ns hostmaster 1 10800 3600 604800 3600\n"+
			" NS ns\nns A 192.0.2.1\nwww A 192.0.2.%d\n", i%200+1)})
	}
	return append(files, fixtureFile{words[1], conf.String()})
}

// unpacker writes a fixture below root.
type unpacker struct {
	t    *testing.T
	root string
	live bool // owners and accounts are set too
}

func (u unpacker) at(path string) string { return filepath.Join(u.root, path) }

func (u unpacker) must(err error) {
	u.t.Helper()
	if err != nil {
		u.t.Fatal("fixture: ", err)
	}
}

// account adds a system account with a group of the same name, as a package
// would: no shell, no password.
func (u unpacker) account(name string) {
	u.t.Helper()
	if u.live {
		if _, err := user.Lookup(name); err == nil {
			return
		}
	}
	const id = 525
	lines := []struct{ file, line string }{
		{"/etc/group", fmt.Sprintf("%s:x:%d:\n", name, id)},
		{"/etc/passwd", fmt.Sprintf("%s:x:%d:%d:name server:/var/named:/usr/sbin/nologin\n", name, id, id)},
		{"/etc/shadow", name + ":!:19000::::::\n"},
	}
	for _, l := range lines {
		u.must(os.MkdirAll(u.at("/etc"), 0o755))
		f, err := os.OpenFile(u.at(l.file), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		u.must(err)
		_, err = f.WriteString(l.line)
		u.must(err)
		u.must(f.Close())
	}
}

// baseAccounts gives a root that is not the system's the accounts that every
// system has.
func (u unpacker) baseAccounts() {
	u.t.Helper()
	if _, err := os.Stat(u.at("/etc/passwd")); err == nil {
		return
	}
	u.must(os.MkdirAll(u.at("/etc"), 0o755))
	u.must(os.WriteFile(u.at("/etc/passwd"), []byte("root:x:0:0:root:/root:/bin/sh\n"+
		"bind:x:102:105::/var/cache/bind:/usr/sbin/nologin\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n"), 0o644))
	u.must(os.WriteFile(u.at("/etc/group"), []byte("root:x:0:\ndaemon:x:1:\nbind:x:105:\nnogroup:x:65534:\n"), 0o644))
	u.must(os.WriteFile(u.at("/etc/shadow"), []byte("root:*:19000::::::\nbind:!:19000::::::\nnobody:*:19000::::::\n"), 0o640))
}

func (u unpacker) own(path, mode, owner string) {
	u.t.Helper()
	bits, err := strconv.ParseUint(mode, 8, 16)
	u.must(err)
	if _, err := os.Stat(u.at(path)); err != nil && !u.live {
		return // a file of the system's BIND package, such as rndc.key
	}
	if u.live {
		uid, gid := ids(u.t, owner)
		u.must(os.Chown(u.at(path), uid, gid))
	}
	u.must(unix.Chmod(u.at(path), uint32(bits)))
}

// ids gives the numbers of "user:group".
func ids(t *testing.T, owner string) (uid, gid int) {
	t.Helper()
	name, group, _ := strings.Cut(owner, ":")
	us, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	gr, err := user.LookupGroup(group)
	if err != nil {
		t.Fatal(err)
	}
	uid, _ = strconv.Atoi(us.Uid)
	gid, _ = strconv.Atoi(gr.Gid)
	return uid, gid
}
