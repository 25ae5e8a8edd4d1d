//go:build linux

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// traced is what trace --json prints.
type traced struct {
	Problems []struct{ Severity, Code, File, Message string }
	Changes  []struct{ Op, Path string }
	Missing  []struct {
		Path, Class, Error, Lost string
		Matters, Host            bool
	}
}

// trace runs trace and shows that it changed nothing but what it was told to.
func (s *server) trace(status int, more ...string) traced {
	s.t.Helper()
	before := takeSnapshot(s.t, "/var/lib/named-jail")
	mounts := s.mounts()
	r := s.product("trace", append([]string{"--json", "--for", "30s"}, more...)...).want(s.t, status)
	fitsSchema(s.t, "trace", r.out)
	var d traced
	if err := json.Unmarshal([]byte(r.out), &d); err != nil {
		s.t.Fatalf("%v\n%s", err, r)
	}
	if !slices.Contains(more, "--add") {
		before.wantUnchanged(s.t, takeSnapshot(s.t, "/var/lib/named-jail"), "a trace")
	}
	if now := s.mounts(); now != mounts {
		s.t.Errorf("mounts are left:\n%s", now)
	}
	if left := namedProcesses(s.t, s.remote); len(left) > 0 {
		s.t.Errorf("processes are left: %v", left)
	}
	return d
}

func (s *server) mounts() string {
	s.t.Helper()
	text, err := os.ReadFile("/proc/self/mountinfo")
	must(s.t, err)
	return string(text)
}

// matters lists "class path" of what matters.
func (d traced) matters() []string {
	var list []string
	for _, m := range d.Missing {
		if m.Matters {
			list = append(list, m.Class+" "+m.Path)
		}
	}
	return list
}

func (d traced) want(t *testing.T, want ...string) {
	t.Helper()
	if got := d.matters(); !slices.Equal(got, want) {
		t.Errorf("what matters is %q, want %q\n%+v", got, want, d.Problems)
	}
}

// TestLiveTraceInstalls shows that named misses nothing that matters in the
// jails that apply makes but the zone files that are broken, and that a trace
// changes nothing.
func TestLiveTraceInstalls(t *testing.T) {
	for _, in := range liveInstalls {
		t.Run(in.name, func(t *testing.T) {
			inClone(t, func(t *testing.T) {
				s := newServer(t, in)
				s.apply()
				status := 0
				var lost []string
				for _, zone := range in.broken {
					name, _, _ := strings.Cut(zone, ".")
					lost, status = append(lost, "zone lost /zones/master/db."+name), 3
				}
				d := s.trace(status)
				got := d.matters()
				slices.Sort(got)
				slices.Sort(lost)
				if !slices.Equal(got, lost) {
					t.Errorf("what matters is %q, want %q", got, lost)
				}
			})
		})
	}
}

// TestLiveTraceAdd shows what trace finds that apply cannot know, that --add
// puts it in, that plan and apply keep it and take in its changes, and that
// rollback removes it.
func TestLiveTraceAdd(t *testing.T) {
	const tracedZone = "$TTL 300\n@ SOA ns hostmaster 1 60 60 86400 60\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.61\n"
	tables := []string{"/etc/table.a", "/etc/table.b"}
	inClone(t, func(t *testing.T) {
		s := feature{
			conf: `options { ` + featureOptions + ` };
zone "plain.example" { type primary; file "/etc/bind/db.plain"; };
dlz "test" { database "dlopen /usr/local/lib/named/dlz.so argument"; };`,
			files: map[string]string{"/etc/bind/db.plain": tracedZone},
			setup: func(s *server) {
				buildNosy(s.t, "/usr/local/lib/named", `open("/etc/table.a", O_RDONLY); open("/etc/table.b", O_RDONLY);`)
			},
		}.server(t)
		for _, p := range tables {
			writeFile(t, p, "one\n")
		}
		s.apply()
		s.trace(3).want(t, "unknown: the host has it "+tables[0], "unknown: the host has it "+tables[1])
		d := s.trace(0, "--add")
		d.want(t)
		for _, p := range tables {
			if !slices.ContainsFunc(d.Changes, func(c struct{ Op, Path string }) bool { return c.Op == "copy" && c.Path == p }) {
				t.Errorf("%s is not among the changes: %v", p, d.Changes)
			}
			s.wantText(s.jail(p), "one\n")
		}
		s.product("plan", "--exit-code").want(t, 0)
		s.trace(0).want(t)
		s.startJailed()
		wantAnswer(t, question{name: "www.plain.example", answer: "192.0.2.61"})
		s.product("trace").want(t, 1) // named runs in this jail
		s.stop()

		writeFile(t, tables[1], "two\n")
		s.product("plan", "--exit-code").want(t, 3)
		s.product("trace").want(t, 1) // the jail is not up to date
		s.product("apply").want(t, 0)
		s.wantText(s.jail(tables[1]), "two\n")
		run(t, product, "rollback", "-t", s.in.jail).want(t, 0)
		for _, p := range tables {
			if _, err := os.Lstat(s.jail(p)); err == nil {
				t.Errorf("%s is left in the jail", p)
			}
		}
		s.apply()
		if _, err := os.Lstat(s.jail(tables[1])); err == nil {
			t.Error("what was rolled back comes in again")
		}
	})
}

// TestLiveTraceModule shows that a file that a module reads by itself, and a
// library that it loads by itself, are found and put in; and that secrets,
// directories and what named may not read are not.
func TestLiveTraceModule(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := feature{
			conf: `options { ` + featureOptions + ` };
dlz "test" { database "dlopen /usr/local/lib/named/dlz.so argument"; };
`,
			setup: func(s *server) { buildNosy(s.t, "/usr/local/lib/named", nosy) },
		}.server(t)
		writeFile(t, "/etc/nosy.conf", "plain\n")
		writeFile(t, "/etc/nosy.key", "secret\n")
		must(t, os.Chmod("/etc/nosy.key", 0o600))
		must(t, os.MkdirAll("/etc/nosy.d", 0o755))
		s.apply()
		const known = "fatal /usr/local/lib/named/late.so"
		s.trace(3).want(t, known, "unknown: the host has it /etc/nosy.conf", "unknown: the host has it /etc/shadow",
			"unknown: the host has it /etc/nosy.key", "unknown: the host has it /etc/nosy.d")
		d := s.trace(3, "--add")
		d.want(t, "unknown: the host has it /etc/shadow", "unknown: the host has it /etc/nosy.key", "unknown: the host has it /etc/nosy.d")
		refused := 0
		for _, p := range d.Problems {
			if p.Code == "NJ522" {
				refused++
			}
		}
		if refused != 3 {
			t.Errorf("refused %d, want 3: %+v", refused, d.Problems)
		}
		s.wantText(s.jail("/etc/nosy.conf"), "plain\n")
		for _, p := range []string{"/usr/local/lib/named/late.so", "/usr/local/lib/named/libnosyhelper.so.1"} {
			if info, err := os.Lstat(s.jail(p)); err != nil || info.Mode().Perm() != 0o555 {
				t.Errorf("%s: %v, %v", p, info, err)
			}
		}
		for _, p := range []string{"/etc/shadow", "/etc/nosy.key", "/etc/nosy.d"} {
			if _, err := os.Lstat(s.jail(p)); err == nil {
				t.Errorf("%s is in the jail", p)
			}
		}
		s.product("plan", "--exit-code").want(t, 0)
		run(t, product, "rollback", "-t", s.in.jail).want(t, 0)
		left, _ := filepath.Glob(s.jail("/usr/local/lib/named/*"))
		if len(left) > 0 {
			t.Errorf("left in the jail: %v", left)
		}
	})
}

// nosy looks at files that no statement names, and loads a library that no
// module needs.
const nosy = `open("/etc/nosy.conf", O_RDONLY); open("/etc/shadow", O_RDONLY); open("/etc/nosy.key", O_RDONLY); open("/etc/nosy.d", O_RDONLY);
	dlopen("/usr/local/lib/named/late.so", RTLD_NOW);`

// buildNosy builds the DLZ module of the other tests in dir, and does there
// what the C code deeds does.
func buildNosy(t *testing.T, dir, deeds string) {
	t.Helper()
	buildDLZ(t, dir)
	nosy := strings.Replace(dlzSource, "va_list ap;", "va_list ap;\n\t"+deeds, 1)
	writeFile(t, "/tmp/dlz.c", "#include <fcntl.h>\n#include <dlfcn.h>\n"+nosy)
	writeFile(t, "/tmp/late.c", "extern const char *the_nose(void); const char *late(void) { return the_nose(); }\n")
	writeFile(t, "/tmp/nose.c", "const char *the_nose(void) { return \"nose\"; }\n")
	helper := dir + "/libnosyhelper.so.1"
	run(t, "gcc", "-shared", "-fPIC", "-Wl,-soname,libnosyhelper.so.1", "-o", helper, "/tmp/nose.c").want(t, 0)
	run(t, "gcc", "-shared", "-fPIC", "-Wl,-rpath,$ORIGIN", "-o", dir+"/late.so", "/tmp/late.c", helper).want(t, 0)
	libz, err := filepath.Glob("/lib/*/libz.so.1")
	must(t, err)
	run(t, "gcc", "-shared", "-fPIC", "-Wl,-rpath,$ORIGIN", "-o", dir+"/dlz.so", "/tmp/dlz.c", dir+"/libdlzhelper.so.1", libz[0]).want(t, 0)
}

// TestLiveTraceLosses shows the classes: a key of rndc that is nowhere, and a
// database that no directory has.
func TestLiveTraceLosses(t *testing.T) {
	t.Run("rndc", func(t *testing.T) {
		inClone(t, func(t *testing.T) {
			must(t, os.Remove("/etc/bind/rndc.key"))
			s := feature{conf: `options { ` + featureOptions + ` };`}.server(t)
			s.apply()
			s.trace(3).want(t, "feature lost /etc/bind/rndc.key")
			s.trace(3, "--add").want(t, "feature lost /etc/bind/rndc.key") // the host has none
		})
	})
	t.Run("ended", func(t *testing.T) {
		inClone(t, func(t *testing.T) {
			s := feature{conf: `options { ` + featureOptions + ` };`}.server(t)
			s.apply()
			d := s.trace(1, "--", "-X", "/nowhere/lock")
			if len(d.Problems) == 0 || d.Problems[len(d.Problems)-1].Code != "NJ613" {
				t.Errorf("%+v", d.Problems)
			}
		})
	})
	t.Run("time", func(t *testing.T) {
		inClone(t, func(t *testing.T) {
			s := feature{conf: `options { ` + featureOptions + ` };`}.server(t)
			s.apply()
			r := s.product("trace", "--for", "1ms").want(t, 1)
			if !strings.Contains(r.err, "NJ613") {
				t.Errorf("%s", r)
			}
		})
	})
}

// TestLiveTracePlainUser shows that a plain user is told what is needed.
func TestLiveTracePlainUser(t *testing.T) {
	inClone(t, func(t *testing.T) {
		r := run(t, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", product, "trace")
		if r.status != 1 || !strings.Contains(r.err, "NJ504") || strings.Count(r.err, "\n") != 2 {
			t.Errorf("%s", r)
		}
	})
}

// TestLiveTraceKilled shows that named does not outlive a trace that is killed,
// or stopped by ^C.
func TestLiveTraceKilled(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := feature{conf: `options { ` + featureOptions + ` };`}.server(t)
		s.apply()
		for _, signal := range []string{"KILL", "INT"} {
			for _, after := range []int{300, 700, 1100, 1500} {
				ms := strconv.Itoa(after/1000) + "." + strconv.Itoa(after%1000)
				r := run(t, "timeout", "-s", signal, ms, product, "trace", "-t", s.in.jail, "-u", s.in.user)
				if r.status == 0 {
					continue // it was over before
				}
				wantNoNamed(t, s.remote)
			}
		}
		s.trace(0).want(t)
	})
}
