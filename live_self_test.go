//go:build linux

package main

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestLiveClone shows that the clone is what the other live tests take it for:
// the test's own processes only, its own network, and nothing of it outside.
func TestLiveClone(t *testing.T) {
	const trace = "/etc/named-jail-live-test"
	inClone(t, func(t *testing.T) {
		must(t, os.WriteFile(trace, []byte("x"), 0o644))
		must(t, unix.Mknod("/etc/named-jail-live-node", unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3))))
		if pid := os.Getppid(); pid != 1 {
			t.Errorf("the parent is process %d", pid)
		}
		startNetwork(t)
		if _, err := os.Stat("/sys/class/net"); err == nil {
			t.Error("/sys is mounted")
		}
	})
	if _, err := os.Lstat(trace); err == nil && os.Getenv(cloneStage) == "" {
		t.Errorf("%s came out of the clone", trace)
		os.Remove(trace)
	}
}

// TestLiveSnapshot shows that a snapshot sees every kind of change.
func TestLiveSnapshot(t *testing.T) {
	inClone(t, func(t *testing.T) {
		const file = "/srv/x"
		changes := map[string]func() error{
			"new file": func() error { return os.WriteFile("/etc/new", nil, 0o644) },
			"bytes": func() error {
				must(t, os.WriteFile(file, []byte("two"), 0o644))
				return os.Chtimes(file, fixtureTime, fixtureTime)
			},
			"mode":         func() error { return os.Chmod(file, 0o600) },
			"set-id bit":   func() error { return unix.Chmod(file, 0o4644) },
			"owner":        func() error { return os.Chown(file, 7, 0) },
			"group":        func() error { return os.Chown(file, 0, 7) },
			"time":         func() error { return os.Chtimes(file, time.Now(), fixtureTime.Add(1)) },
			"link":         func() error { must(t, os.Remove("/srv/l")); return os.Symlink("y", "/srv/l") },
			"file to link": func() error { must(t, os.Remove(file)); return os.Symlink("l", file) },
			"removed":      func() error { return os.Remove(file) },
		}
		for name, change := range changes {
			must(t, os.RemoveAll(file))
			must(t, os.RemoveAll("/srv/l"))
			must(t, os.WriteFile(file, []byte("one"), 0o644))
			must(t, os.Chtimes(file, fixtureTime, fixtureTime))
			must(t, os.Symlink("x", "/srv/l"))
			before := takeSnapshot(t)
			if diff := before.differences(takeSnapshot(t)); diff != "" {
				t.Errorf("two snapshots of one state differ:\n%s", diff)
			}
			must(t, change())
			if before.differences(takeSnapshot(t)) == "" {
				t.Errorf("%s: not seen", name)
			}
		}
	})
}
