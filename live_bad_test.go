//go:build linux

package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// badInput is one fault of an install or of a command line.
type badInput struct {
	name string
	// spoil makes the fault and gives the place that the diagnostic has to name:
	// "FILE:LINE:", or "" when the fault lies in no file.
	spoil func(t *testing.T) string
	flags []string // in place of the usual ones
	says  []string // words of the diagnostic, any of which is enough
}

var usualFlags = []string{"-t", "/var/named", "-u", "named", "-c", "/etc/named.conf"}

const conf, zoneFile = "/etc/named.conf", "/etc/namedb/primary/db.example.net"

var badInputs = []badInput{
	{
		name:  "syntax error",
		spoil: missingSemicolon,
		says:  []string{"';'", "semicolon"},
	},
	{
		name:  "unclosed brace",
		spoil: func(t *testing.T) string { edit(t, conf, "options {", "options { {"); return conf + ":" },
		says:  []string{"{", "brace"},
	},
	{
		name: "missing include",
		spoil: func(t *testing.T) string {
			return edit(t, conf, "// reverse of", "include \"/etc/namedb/none.conf\"; // reverse of")
		},
		says: []string{"none.conf"},
	},
	{
		name: "missing primary file",
		spoil: func(t *testing.T) string {
			if err := os.Remove(zoneFile); err != nil {
				t.Fatal(err)
			}
			return edit(t, conf, "primary/db.example.net", "primary/db.example.net")
		},
		says: []string{zoneFile},
	},
	{
		name:  "broken primary file",
		spoil: func(t *testing.T) string { return edit(t, zoneFile, "192.0.2.10\n", "192.0.2.1000\n") },
	},
	{
		name: "zone without file",
		spoil: func(t *testing.T) string {
			edit(t, conf, "\tfile \"db.127.0.0\";", "")
			return edit(t, conf, "zone \"0.0.127", "zone \"0.0.127") // the zone, not the place where file is missing
		},
		says: []string{"file"},
	},
	{name: "unknown user", flags: []string{"-t", "/var/named", "-u", "nosuchuser", "-c", conf}, says: []string{"useradd", "--create-user"}},
	{name: "uid 0", flags: []string{"-t", "/var/named", "-u", "root", "-c", conf}, says: []string{"uid 0", "root"}},
	{name: "jail is the root", flags: []string{"-t", "/", "-u", "named", "-c", conf}, says: []string{"cannot be a jail"}},
	{
		name:  "jail is a file",
		spoil: func(t *testing.T) string { writeFile(t, "/var/named", "a file\n"); return "" },
		says:  []string{"/var/named"},
	},
	{
		name: "jail is a symbolic link",
		spoil: func(t *testing.T) string {
			must(t, os.MkdirAll("/srv/jail", 0o755))
			must(t, os.Symlink("/srv/jail", "/var/named"))
			return ""
		},
		says: []string{"link"},
	},
	{
		name: "read-only file system",
		spoil: func(t *testing.T) string {
			must(t, os.MkdirAll("/var/named", 0o755))
			must(t, unix.Mount("tmpfs", "/var/named", "tmpfs", 0, "mode=0755"))
			must(t, unix.Mount("", "/var/named", "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
			return ""
		},
		says: []string{"read-only"},
	},
	{
		name: "read-only bind mount of the zone files",
		spoil: func(t *testing.T) string {
			must(t, unix.Mount("/etc/namedb/primary", "/etc/namedb/primary", "", unix.MS_BIND, ""))
			must(t, unix.Mount("", "/etc/namedb/primary", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""))
			return ""
		},
		says: []string{"read-only"},
	},
	{
		name: "full file system",
		spoil: func(t *testing.T) string {
			must(t, os.MkdirAll("/var/named", 0o755))
			must(t, unix.Mount("tmpfs", "/var/named", "tmpfs", 0, "mode=0755,size=256k"))
			text, err := os.ReadFile(zoneFile)
			must(t, err)
			var more strings.Builder
			for i := range 20000 {
				more.WriteString("h" + strconv.Itoa(i) + " IN A 192.0.2.1\n")
			}
			writeFile(t, zoneFile, string(text)+more.String())
			return ""
		},
		says: []string{"full", "no space", "space left"},
	},
}

// TestLiveBadInput shows that each fault gets a diagnostic with its place and a
// remedy, status 1, and leaves the host exactly as it was.
func TestLiveBadInput(t *testing.T) {
	for _, bad := range badInputs {
		t.Run(strings.ReplaceAll(bad.name, " ", "-"), func(t *testing.T) {
			inClone(t, func(t *testing.T) {
				s := &server{t: t, in: liveInstalls[0]}
				s.hidePackage()
				unpackInstall(t, "a", "/")
				place := ""
				if bad.spoil != nil {
					place = bad.spoil(t)
				}
				flags := usualFlags
				if bad.flags != nil {
					flags = bad.flags
				}
				before := takeSnapshot(t)
				r := run(t, append([]string{product, "apply"}, flags...)...)
				before.wantUnchanged(t, takeSnapshot(t), "apply")
				r.want(t, 1)
				t.Log(r)
				if !strings.Contains(r.err, place) || !strings.Contains(r.err, "error:") {
					t.Errorf("the diagnostic does not name %s", place)
				}
				found := len(bad.says) == 0
				for _, word := range bad.says {
					found = found || strings.Contains(r.err, word)
				}
				if !found {
					t.Errorf("the diagnostic says none of %q", bad.says)
				}
				if lines := strings.Split(strings.TrimSpace(r.err), "\n"); len(lines) < 2 {
					t.Errorf("the diagnostic has no remedy")
				}
				if strings.Contains(r.err, "errno") || strings.Contains(r.err, "panic") || strings.Contains(r.err, "goroutine") {
					t.Errorf("the diagnostic speaks of the program, not of the fault")
				}
			})
		})
	}
}

// TestLiveRefusedStart shows that the drop-in does not start named on an invalid
// configuration, and touches nothing.
func TestLiveRefusedStart(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := &server{t: t, in: liveInstalls[0]}
		s.hidePackage()
		unpackInstall(t, "a", "/")
		place := missingSemicolon(t)
		before := takeSnapshot(t)
		r := run(t, append([]string{product}, s.in.dropIn...)...)
		before.wantUnchanged(t, takeSnapshot(t), "the drop-in")
		r.want(t, 1)
		if !strings.Contains(r.err, place) {
			t.Errorf("%s\ndoes not name %s", r, place)
		}
		wantNoNamed(t, 0)
	})
}

// TestLiveNamedDecides shows that a statement which named-checkconf takes, and
// only we do not, does not keep named from being started: it is named that
// refuses here.
func TestLiveNamedDecides(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := &server{t: t, in: liveInstalls[0]}
		s.hidePackage()
		unpackInstall(t, "a", "/")
		text, err := os.ReadFile("/etc/named.conf")
		must(t, err)
		writeFile(t, "/etc/named.conf", string(text)+
			"zone \"odd.example\" { type slave; file \"bak/odd\"; masters { 127.0.0.1 port 5399; }; allow-query { nobody; }; };\n")
		r := run(t, product, "check", "-c", "/etc/named.conf", "-u", "named")
		r.want(t, 1)
		r = run(t, product, "-t", "/var/named", "-u", "named", "-g")
		r.want(t, 1)
		for _, said := range []string{"warning: the acl 'nobody' is not defined [NJ210]", "undefined ACL 'nobody'", "exiting (due to fatal error)"} {
			if !strings.Contains(r.err, said) {
				t.Errorf("%s\ndoes not say %s", r, said)
			}
		}
		wantNoNamed(t, 0)
	})
}

// TestLivePlainUser shows what a user without rights can do: everything that
// changes nothing.
func TestLivePlainUser(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := &server{t: t, in: liveInstalls[0]}
		s.hidePackage()
		unpackInstall(t, "a", "/")
		before := takeSnapshot(t)
		plain := func(args ...string) result {
			t.Helper()
			drop := []string{"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--", product}
			return run(t, append(drop, args...)...)
		}
		r := plain(append([]string{"rewrite"}, usualFlags...)...).want(t, 0)
		for _, text := range []string{`directory "/var/run"`, `file "/zones/master/db.example.net"`, `file "/zones/slave/db.slave.example"`, `file "/zones/dynamic/db.dyn.example"`} {
			if !strings.Contains(r.out, text) {
				t.Errorf("%s\nrewrite does not print %s", r, text)
			}
		}
		plain(append([]string{"check"}, usualFlags...)...).want(t, 0)
		r = plain(append([]string{"plan"}, usualFlags...)...).want(t, 0)
		if !strings.Contains(r.out, "/zones/master/db.example.net") {
			t.Errorf("%s\nplan does not print the zone's file", r)
		}
		r = plain(append([]string{"apply"}, usualFlags...)...).want(t, 1)
		if !strings.Contains(r.err, "root") {
			t.Errorf("%s\napply does not say that it needs root", r)
		}
		before.wantUnchanged(t, takeSnapshot(t), "a plain user")
	})
}

// TestLiveForeground shows that the drop-in becomes named in its own process,
// also when it is called by the name `named` and stands first in PATH.
func TestLiveForeground(t *testing.T) {
	inClone(t, func(t *testing.T) {
		in := liveInstalls[1]
		s := newServer(t, in)
		must(t, os.Symlink("named-jail", "/usr/local/sbin/named"))
		cmd := exec.Command("/usr/local/sbin/named", append([]string{"-f"}, in.dropIn...)...)
		stderr := outputFile(t)
		cmd.Stderr = stderr
		must(t, cmd.Start())
		wantAnswer(t, question{name: "www.example.org", answer: "192.0.2.30"})
		if pid := wantOneNamed(t, s.remote); pid != cmd.Process.Pid {
			t.Errorf("named is process %d, started was %d", pid, cmd.Process.Pid)
		}
		s.wantJailed(cmd.Process.Pid)
		must(t, cmd.Process.Signal(unix.SIGTERM))
		if err := cmd.Wait(); err != nil {
			t.Errorf("named ended with %v\n%s", err, contents(t, stderr))
		}
	})
}

// missingSemicolon takes a semicolon away. The place is the line after it, in
// which the first word stands that makes no sense.
func missingSemicolon(t *testing.T) string {
	t.Helper()
	edit(t, conf, "check-names master warn;", "check-names master warn")
	return edit(t, conf, "\tallow-transfer {", "\tallow-transfer {")
}

// edit replaces a text that stands once in a file and gives "FILE:LINE:".
func edit(t *testing.T, path, old, text string) string {
	t.Helper()
	bytes, err := os.ReadFile(path)
	must(t, err)
	before, after, found := strings.Cut(string(bytes), old)
	if !found || strings.Contains(after, old) {
		t.Fatalf("%q stands not once in %s", old, path)
	}
	writeFile(t, path, before+text+after)
	must(t, os.Chtimes(path, fixtureTime, fixtureTime))
	return path + ":" + strconv.Itoa(strings.Count(before, "\n")+1) + ":"
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
