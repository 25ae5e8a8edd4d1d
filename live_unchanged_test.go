//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestLiveUnchanged shows that a start before which nothing has changed reads
// neither the configuration nor the record of what was put into the jail, that
// each thing that has changed is seen by the next one, and that after an edit of
// zone files these alone are read.
func TestLiveUnchanged(t *testing.T) {
	inClone(t, func(t *testing.T) {
		const jail, trace = "/var/unchanged", "/tmp/trace"
		write := func(name, text string) {
			t.Helper()
			must(t, os.MkdirAll(filepath.Dir(name), 0o755))
			must(t, os.WriteFile(name, []byte(text), 0o644))
		}
		zone := "$TTL 3600\n@ SOA ns h 1 3600 900 604800 3600\n@ NS ns\nns A 192.0.2.1\n"
		conf := "options { directory \"/etc/u\"; };\nzone \"a.example\" { type primary; file \"a.db\"; };\n" +
			"zone \"b.example\" { type primary; file \"b.db\"; };\n" +
			"zone \"c.example\" { type primary; file \"c.db\"; };\nzone \"also-c.example\" { type primary; file \"c.db\"; };\n" +
			"zone \"i.example\" { type primary; file \"i.db\"; };\n" +
			"zone \"s.example\" { type secondary; primaries { 192.0.2.9; }; file \"s.db\"; };\n"
		write("/etc/u/named.conf", conf)
		for _, name := range []string{"a.db", "b.db", "c.db"} {
			write("/etc/u/"+name, zone)
		}
		write("/etc/u/i.db", zone+"$INCLUDE /etc/u/part\n")
		write("/etc/u/part", "part A 192.0.2.7\n")
		write("/tmp/named", "#!/bin/sh\ncase $1 in -v | -V) exec /usr/sbin/named \"$1\" ;; esac\n")
		must(t, os.Chmod("/tmp/named", 0o755))

		// A start, and whether it read the configuration; what it said and which
		// zone files it read are kept.
		var said string
		var read map[string]bool
		start := func() bool {
			t.Helper()
			said = run(t, "strace", "-f", "-qq", "-o", trace, "-e", "trace=openat,execve", product, "run", "--no-checkconf", "--named=/tmp/named",
				"-t", jail, "-u", "bind", "-c", "/etc/u/named.conf").want(t, 0).err
			text, err := os.ReadFile(trace)
			must(t, err)
			before, _, executed := strings.Cut(string(text), `execve("/tmp/named", ["/tmp/named", "-t"`)
			if !executed {
				t.Fatalf("named was not executed:\n%s", text)
			}
			read = map[string]bool{}
			for line := range strings.Lines(before) {
				if _, name, ok := strings.Cut(line, `, "`); ok && strings.Contains(line, "O_RDONLY") {
					if name, _, ok = strings.Cut(name, `.db"`); ok {
						read[filepath.Base(name)] = true
					}
				}
			}
			return strings.Contains(before, `"named.conf", O_RDONLY`)
		}
		quiet := func(after string) {
			t.Helper()
			if start() {
				t.Errorf("%s: a start with nothing to do reads the configuration", after)
			}
		}
		rest := func() { time.Sleep(2100 * time.Millisecond) } // what changed just now is not trusted
		start()
		rest()
		if !start() {
			t.Error("the start after the one that made the jail did not read the configuration; is the trace what it should be?")
		}
		quiet("nothing")

		// What named writes for itself is no change.
		keys := jail + "/var/run/managed-keys.bind"
		uid, gid := ids(t, "bind:bind")
		write(keys, ";\n")
		must(t, os.Chown(keys, uid, gid))
		start()
		write(keys, "; newer\n")
		quiet("a newer state of named's")

		has := func(name, text string) bool {
			data, err := os.ReadFile(name)
			return err == nil && strings.Contains(string(data), text)
		}
		mode := func(name string) os.FileMode {
			info, err := os.Lstat(name)
			must(t, err)
			return info.Mode().Perm()
		}
		record := "/var/lib/named-jail/var-unchanged/start.record"
		for _, change := range []struct {
			name  string
			do    func()
			right func() bool
		}{
			{"mode in the jail", func() { must(t, os.Chmod(jail+"/etc/named.conf", 0o666)) },
				func() bool { return mode(jail+"/etc/named.conf") == 0o644 }},
			{"configuration", func() { write("/etc/u/named.conf", conf+"# anew\n") },
				func() bool { return has(jail+"/etc/named.conf", "# anew") }},
			{"zone file that includes", func() { write("/etc/u/b.db", zone+"$INCLUDE /etc/u/part\n") },
				func() bool { return has(jail+"/zones/master/b.db", "$INCLUDE /zones/master/part") }},
			{"included file", func() { write("/etc/u/part", "other A 192.0.2.8\n") },
				func() bool { return has(jail+"/zones/master/part", "other A") }},
			{"file in the link's place", func() { must(t, os.Remove("/etc/u/a.db")); write("/etc/u/a.db", zone+"newer A 192.0.2.4\n") },
				func() bool { return has(jail+"/zones/master/a.db", "newer A") }},
			{"directory taken away", func() { must(t, os.RemoveAll(jail+"/zones/dynamic")) },
				func() bool { return mode(jail+"/zones/dynamic") == 0o700 }},
			{"record damaged", func() { must(t, os.Truncate(record, 100)) }, func() bool { return true }},
		} {
			change.do()
			if !start() {
				t.Errorf("%s: the start did not look again", change.name)
			}
			if !change.right() {
				t.Errorf("%s: the start did not put it right", change.name)
			}
			rest()
			start() // which is recorded
			quiet(change.name)
		}

		// After an edit in the jail, or through a link, that file alone is read, and
		// again until it has lain still.
		for round, names := range [][]string{{"a"}, {"c"}, {"a", "c"}} {
			edit := func(serial int) {
				text := strings.Replace(zone, " h 1 ", fmt.Sprintf(" h %d ", 10*round+serial), 1)
				for _, name := range names {
					write("/etc/u/"+name+".db", fmt.Sprintf("%snew A 192.0.2.%d\n", text, serial))
				}
			}
			edit(5)
			for _, after := range []func(){func() {}, rest} {
				after()
				if start() {
					t.Errorf("%q: the configuration was read", names)
				}
				for _, name := range []string{"a", "b", "c", "i"} {
					if read[name] != slices.Contains(names, name) {
						t.Errorf("%q: %s.db was read: %v", names, name, read[name])
					}
				}
				if said != "" {
					t.Errorf("%q: %s", names, said)
				}
			}
			quiet("an edit")
			if len(read) > 0 {
				t.Errorf("read with nothing to do: %v", read)
			}
			// The serial that a lone look found is known afterwards.
			edit(4)
			if start() {
				t.Errorf("%q: the configuration was read for a warning", names)
			}
			if want := fmt.Sprintf("the serial has gone back from %d to %d", 10*round+5, 10*round+4); !strings.Contains(said, want) {
				t.Errorf("%q: %q is not told: %s", names, want, said)
			}
			edit(6)
			for range 3 { // of which one is a whole look that is recorded
				rest()
				start()
			}
		}

		// A text with a fault is a whole look each time, and named is started.
		write("/etc/u/a.db", zone+"new A 192.0.2.300\n")
		for range 2 {
			if !start() || !strings.Contains(said, "zone=a.example file=/etc/u/a.db line=5 column=7 code=NJ402: /etc/u/a.db:5:7: error: ") {
				t.Errorf("the fault is not told: %s", said)
			}
			rest()
		}
	})
}
