//go:build linux

package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A snapshot is a part of the clone as it stands: one line for each path, with
// kind, mode, owner, time of last change, and digest, link target or device.
type snapshot map[string]string

// snapshotRoots is what a migration could touch.
var snapshotRoots = []string{"/etc", "/var", "/srv", "/run", "/usr/local/etc", "/usr/share/dns", "/usr/share/dns-site"}

// snapshotSkips is what belongs to the package manager alone, and is large.
var snapshotSkips = []string{"/var/lib/apt", "/var/lib/dpkg", "/var/cache/apt", "/var/cache/debconf", "/var/cache/man"}

// takeSnapshot reads the clone. skip names paths, with all below them, that do
// not count.
func takeSnapshot(t *testing.T, skip ...string) snapshot {
	t.Helper()
	return snapshotOf(t, snapshotRoots, append(skip, snapshotSkips...)...)
}

// snapshotOf reads what lies below some directories.
func snapshotOf(t *testing.T, roots []string, skip ...string) snapshot {
	t.Helper()
	s := snapshot{}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil
			}
			if err != nil {
				return err
			}
			if slices.Contains(skip, path) {
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			line, err := snapshotLine(path)
			s[path] = line
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// without drops single paths, not what lies below them.
func (s snapshot) without(paths ...string) snapshot {
	for _, path := range paths {
		delete(s, path)
	}
	return s
}

func snapshotLine(path string) (string, error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return "", err
	}
	line := fmt.Sprintf("%06o %d:%d %d.%09d", st.Mode, st.Uid, st.Gid, st.Mtim.Sec, st.Mtim.Nsec)
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		bytes, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		line += fmt.Sprintf(" %d %x", len(bytes), sha256.Sum256(bytes))
	case unix.S_IFLNK:
		target, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		line += " -> " + target
	case unix.S_IFCHR, unix.S_IFBLK:
		line += fmt.Sprintf(" %d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	}
	return line, nil
}

// differences tells how after differs from before, "" when it does not.
func (before snapshot) differences(after snapshot) string {
	paths := map[string]bool{}
	for p := range before {
		paths[p] = true
	}
	for p := range after {
		paths[p] = true
	}
	var lines []string
	for p := range paths {
		if b, a := before[p], after[p]; b != a {
			lines = append(lines, fmt.Sprintf("%q\n\tbefore %s\n\tafter  %s", p, or(b, "(nothing)"), or(a, "(nothing)")))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// wantUnchanged fails the test when the clone is not as it was.
func (before snapshot) wantUnchanged(t *testing.T, after snapshot, what string) {
	t.Helper()
	if diff := before.differences(after); diff != "" {
		t.Errorf("%s changed the host:\n%s", what, diff)
	}
}
