//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The matrix: every release of BIND that is supported, in the Debian that has it,
// as its package installs it and an administrator goes on from there.
var matrix = []struct{ series, variable string }{
	{"9.16", "NAMED_JAIL_BIND916"},
	{"9.18", "NAMED_JAIL_BIND918"},
	{"9.20", "NAMED_JAIL_BIND920"},
}

// matrixZones is what an administrator has added to the package's configuration.
// The primary of the secondary zone listens on a port of its own.
const matrixZones = `
zone "example.org" { type primary; file "/etc/bind/db.example.org"; };
zone "dyn.example" { type primary; file "/var/lib/bind/db.dyn.example"; allow-update { 127.0.0.1; };
	allow-transfer { 127.0.0.1; }; };
zone "slave.example" { type secondary; file "db.slave.example"; primaries { 127.0.0.2 port 5399; }; };
`

// matrixInstall is what the server has to show.
var matrixInstall = liveInstall{
	name: "package", user: "bind", jail: "/var/named", dropIn: []string{"-t", "/var/named", "-u", "bind"},
	checks:  []question{dynamicAnswer, secondaryAnswer, {name: "www.example.org", answer: "192.0.2.30"}},
	dynamic: "/var/lib/bind/db.dyn.example", secondary: "/var/cache/bind/db.slave.example", pidFile: "/run/named/named.pid",
	moved: []string{"/etc/bind/db.example.org", "/var/lib/bind/db.dyn.example", "/var/cache/bind/db.slave.example"},
	kept:  []string{"/etc/bind/rndc.key", "/etc/bind/named.conf", "/etc/bind/named.conf.local", "/etc/bind/named.conf.options"},
}

// TestLiveMatrix takes the package's install of each release the whole way:
// served bare, migrated, started by the article's line and by the package's unit,
// used as an administrator does, rolled back and served bare again.
func TestLiveMatrix(t *testing.T) {
	for _, m := range matrix {
		t.Run(m.series, func(t *testing.T) {
			inCloneOf(t, matrixTree(t, m.series, m.variable), func(t *testing.T) {
				if got := run(t, "named", "-v").want(t, 0).out; !strings.HasPrefix(got, "BIND "+m.series+".") {
					t.Fatalf("BIND %s is wanted here, there is %s", m.series, got)
				}
				wholeWay(t)
			})
		})
	}
}

// matrixTree gives the system that has a release: the one named in the
// environment, or this one.
func matrixTree(t *testing.T, series, variable string) string {
	t.Helper()
	if os.Getenv(cloneStage) != "" {
		return "/" // we are there
	}
	if tree := os.Getenv(variable); tree != "" {
		return tree
	}
	if out, err := exec.Command("named", "-v").Output(); err == nil && strings.HasPrefix(string(out), "BIND "+series+".") {
		return "/"
	}
	hint := "no system with BIND " + series + ": sh test.sh makes one, or name one in " + variable
	if os.Getenv("NAMED_JAIL_REQUIRE_BIND") != "" && os.Getenv("NAMED_JAIL_SKIP_TREES") == "" {
		t.Fatal(hint)
	}
	t.Skip(hint)
	return ""
}

func wholeWay(t *testing.T) {
	s := &server{t: t, in: matrixInstall, serial: 1}
	s.in.checks = append([]question{}, matrixInstall.checks...)
	stock := readDir(t, "/etc/bind")
	s.addZones()
	s.log = startNetwork(t)
	must(t, os.MkdirAll("/run/systemd", 0o755))
	must(t, os.MkdirAll("/run/named", 0o775)) // as the system does at its start
	run(t, "chown", "root:bind", "/run/named").want(t, 0)
	run(t, "chmod", "775", "/run/named").want(t, 0)
	manager := listenDatagrams(t, "/run/systemd/notify")
	s.remote = startRemote(t)
	t.Cleanup(func() {
		for _, pid := range namedProcesses(t, s.remote) {
			stopProcess(t, pid)
		}
		if t.Failed() {
			t.Logf("the service manager heard:\n%s", manager.all())
		}
	})

	s.startBare()
	s.exercise("192.0.2.150")
	s.handOut("192.0.2.150")
	s.stop()
	before := takeSnapshot(t)

	s.product("check").want(t, 0)
	s.product("plan", "--exit-code").want(t, 3)
	before.wantUnchanged(t, takeSnapshot(t), "check or plan")
	s.product("apply").want(t, 0)
	s.product("plan", "--exit-code").want(t, 0)
	s.wantTree()
	s.wantOldPlaces(before)
	s.trace(0).want(t)

	s.startJailed()
	started := time.Now()
	s.exercise("192.0.2.151")
	s.handOut("192.0.2.151")
	s.wantWritten(started)
	s.stop()

	s.serveByUnit(&starter{t: t, manager: manager}, "192.0.2.152")

	s.rollback(before)
	after := takeSnapshot(t)
	for path, was := range before {
		if strings.HasPrefix(path, "/etc/bind") && after[path] != was {
			t.Errorf("after rollback %s:\n\tbefore %s\n\tafter  %s", path, was, after[path])
		}
	}
	s.startBare()
	s.answers()
	wantAnswer(t, question{name: "updated.dyn.example", answer: "192.0.2.152"})
	s.exercise("192.0.2.153")
	s.handOut("192.0.2.153")
	s.stop()

	// nothing of the package's own has become another than it was
	must(t, os.Remove("/etc/bind/db.example.org"))
	stock["named.conf.local"] += matrixZones
	for name, text := range readDir(t, "/etc/bind") {
		if stock[name] != text {
			t.Errorf("/etc/bind/%s is\n%s\nand was\n%s", name, text, stock[name])
		}
		delete(stock, name)
	}
	if len(stock) > 0 {
		t.Errorf("/etc/bind has lost %v", stock)
	}
}

// addZones adds the administrator's zones.
func (s *server) addZones() {
	s.t.Helper()
	f, err := os.OpenFile("/etc/bind/named.conf.local", os.O_APPEND|os.O_WRONLY, 0)
	must(s.t, err)
	_, err = f.WriteString(matrixZones)
	must(s.t, err)
	must(s.t, f.Close())
	const soa = "$TTL 300\n@ SOA ns hostmaster 1 60 60 86400 60\n@ NS ns\nns A 192.0.2.1\n"
	writeFile(s.t, "/etc/bind/db.example.org", soa+"www A 192.0.2.30\n")
	writeFile(s.t, s.in.dynamic, soa+"first A 192.0.2.20\n")
	run(s.t, "chown", "bind:bind", s.in.dynamic).want(s.t, 0)
}

// handOut transfers the zone that takes updates from the server.
func (s *server) handOut(address string) {
	s.t.Helper()
	r := run(s.t, "dig", "@127.0.0.1", "+noall", "+answer", "dyn.example", "AXFR").want(s.t, 0)
	if lines := strings.Count(r.out, "\n"); lines != 6 || !strings.Contains(r.out, address) {
		s.t.Errorf("%s\nsix records are wanted, updated.dyn.example with %s", r, address)
	}
}

// serveByUnit does what the service manager does with the package's unit, where
// named-jail stands in named's place: start, reload and stop. It is told READY
// when named answers.
func (s *server) serveByUnit(manager *starter, address string) {
	s.t.Helper()
	line := unitLine(s.t, "ExecStart")
	if filepath.Base(line[0]) != "named" {
		s.t.Fatalf("the unit starts %q", line)
	}
	line[0] = product
	manager.manager.forget()
	begin := time.Now()
	cmd := manager.start([]string{notifyEnv}, line...)
	answer, err := firstAnswer("127.0.0.1:53", "www.example.org.", 30*time.Second)
	must(s.t, err)
	ready := manager.wantReady(cmd.Process.Pid)
	late := ready.at.Sub(answer)
	s.t.Logf("%q: the first answer after %v, READY %v later", line, answer.Sub(begin), late)
	if late < -250*time.Millisecond || late > time.Second {
		s.t.Errorf("READY %v after the first answer", late)
	}
	if s.pid = wantOneNamed(s.t, s.remote); s.pid != cmd.Process.Pid {
		s.t.Errorf("named is process %d, the unit's is %d", s.pid, cmd.Process.Pid)
	}
	s.wantJailed(s.pid)
	s.exercise(address)
	s.handOut(address)
	run(s.t, unitLine(s.t, "ExecReload")...).want(s.t, 0)
	s.answers()
	run(s.t, unitLine(s.t, "ExecStop")...).want(s.t, 0)
	wantNoNamed(s.t, s.remote)
	cmd.Wait()
	s.pid = 0
}

// unitLine is a command line of the package's unit, with $OPTIONS of
// /etc/default/named.
func unitLine(t *testing.T, which string) []string {
	t.Helper()
	find := func(file, start string) string {
		text, err := os.ReadFile(file)
		must(t, err)
		for line := range strings.Lines(string(text)) {
			if rest, ok := strings.CutPrefix(line, start); ok {
				return strings.TrimSpace(rest)
			}
		}
		t.Fatalf("%s has no line %s", file, start)
		return ""
	}
	options := strings.Trim(find("/etc/default/named", "OPTIONS="), `"`)
	return strings.Fields(strings.ReplaceAll(find("/lib/systemd/system/named.service", which+"="), "$OPTIONS", options))
}

// readDir gives the texts of the files of a directory by name.
func readDir(t *testing.T, dir string) map[string]string {
	t.Helper()
	list, err := os.ReadDir(dir)
	must(t, err)
	texts := map[string]string{}
	for _, e := range list {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		must(t, err)
		texts[e.Name()] = string(text)
	}
	return texts
}
