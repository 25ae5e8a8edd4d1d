//go:build linux

package main

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// packageZone is what an administrator has added to the stock install.
const packageZone = "\nzone \"example.org\" { type primary; file \"/etc/bind/db.example.org\"; };\n"

// packaged is the answer that the server gives all the time.
var packaged = question{name: "www.example.org", answer: "192.0.2.1"}

// TestLivePackage: the deb on the stock install of each release of BIND. It is
// installed beside a named that runs, makes the jail, and starts named in it by
// the drop-in; it is upgraded and purged while named runs jailed. named goes on
// each time, and the jail and the memory of it stay as they are, so that the
// package put back takes the jail back too.
func TestLivePackage(t *testing.T) {
	gifts := ""
	if os.Getenv(cloneStage) == "" {
		gifts = buildPackages(t)
	}
	for _, m := range matrix {
		t.Run(m.series, func(t *testing.T) {
			inCloneWith(t, matrixTree(t, m.series, m.variable), gifts, packageLife)
		})
	}
}

func packageLife(t *testing.T) {
	older, newer := onePackage(t, giftsDir, "named-jail_"+olderVersion+"-1_*.deb"), onePackage(t, giftsDir, debPattern)
	must(t, os.Remove(product)) // the package's is the only one
	startNetwork(t)
	for _, dir := range []string{"/run/systemd", "/run/named"} {
		must(t, os.MkdirAll(dir, 0o755))
	}
	run(t, "chown", "bind:bind", "/run/named").want(t, 0)
	s := &starter{t: t, manager: listenDatagrams(t, "/run/systemd/notify")}
	writeFile(t, "/etc/bind/db.example.org", startZone)
	conf, err := os.ReadFile("/etc/bind/named.conf.local")
	must(t, err)
	writeFile(t, "/etc/bind/named.conf.local", string(conf)+packageZone)
	stock := readDir(t, "/etc/bind")

	bare := s.start([]string{notifyEnv}, unitLine(t, "ExecStart")...)
	defer func() {
		for _, pid := range namedProcesses(t, 0) {
			stopProcess(t, pid)
		}
	}()
	wantAnswer(t, packaged)
	untouched(t, bare.Process.Pid, "the first install", func() {
		run(t, "dpkg", "-i", older).want(t, 0)
	})
	if r := run(t, "dpkg", "-V", "named-jail").want(t, 0); r.out != "" {
		t.Errorf("what is installed is not what the package has: %s", r)
	}
	run(t, unitLine(t, "ExecStop")...).want(t, 0)
	wantNoNamed(t, 0)
	bare.Wait()

	run(t, "named-jail", "check").want(t, 0)
	wantExample(t)
	run(t, "named-jail", "service", "systemd", "--install").want(t, 0)
	run(t, asUnit(t, dropInLines(t, "ExecStartPre")[0])...).want(t, 0)
	s.manager.forget()
	line := asUnit(t, dropInLines(t, "ExecStart")[0])
	if !strings.Contains(strings.Join(line, " "), " /usr/sbin/named-jail run ") {
		t.Errorf("the drop-in starts %q", line)
	}
	jailed := s.start([]string{notifyEnv}, line...)
	s.wantReady(jailed.Process.Pid)
	wantAnswer(t, packaged)
	if !sameFile("/proc/"+strconv.Itoa(jailed.Process.Pid)+"/root", "/var/named") {
		t.Error("named's root directory is not the jail")
	}
	list := run(t, "dpkg", "-L", "named-jail").want(t, 0).out

	untouched(t, jailed.Process.Pid, "the upgrade", func() {
		run(t, "dpkg", "-i", newer).want(t, 0)
	})
	if r := run(t, "named-jail", "version").want(t, 0); !strings.HasPrefix(r.out, "named-jail "+packageVersion+" ") {
		t.Errorf("after the upgrade: %s", r)
	}
	for _, line := range dropInLines(t, "ExecReload") {
		run(t, asUnit(t, line)...).want(t, 0)
	}
	wantAnswer(t, packaged)
	untouched(t, jailed.Process.Pid, "the purge", func() {
		run(t, "dpkg", "--purge", "named-jail").want(t, 0)
	})
	for file := range strings.Lines(list) {
		if info, err := os.Lstat(strings.TrimSpace(file)); err == nil && !info.IsDir() {
			t.Errorf("%s is left of the package", file)
		}
	}
	if _, err := os.Lstat("/usr/share/doc/named-jail"); err == nil {
		t.Error("/usr/share/doc/named-jail is left of the package")
	}

	run(t, asUnit(t, "/usr/sbin/rndc stop")...).want(t, 0)
	wantNoNamed(t, 0)
	jailed.Wait()
	run(t, "dpkg", "-i", newer).want(t, 0)
	run(t, "named-jail", "rollback").want(t, 0)
	for name, text := range readDir(t, "/etc/bind") {
		if stock[name] != text {
			t.Errorf("after the rollback /etc/bind/%s is\n%s\nand was\n%s", name, text, stock[name])
		}
	}
	if _, err := os.Lstat("/var/named"); err == nil {
		t.Error("after the rollback the jail is still there")
	}
}

// namedsPlaces is what belongs to named, to its service and to the jail, with the
// memory of it; namedsOwn is where the running named writes as it likes.
var (
	namedsPlaces = []string{"/etc/bind", "/etc/default", "/etc/systemd", "/etc/apparmor.d", "/var/named", "/var/lib/named-jail", "/var/lib/bind"}
	namedsOwn    = "/var/named/var/run"
)

// untouched shows that nothing of named's becomes another by what dpkg does, and
// that named goes on.
func untouched(t *testing.T, pid int, what string, do func()) {
	t.Helper()
	before := snapshotOf(t, namedsPlaces, namedsOwn)
	do()
	before.wantUnchanged(t, snapshotOf(t, namedsPlaces, namedsOwn), what)
	if now := namedProcesses(t, 0); len(now) != 1 || now[0] != pid {
		t.Errorf("%s: named was process %d, these run now: %v", what, pid, now)
	}
	wantAnswer(t, packaged)
}

// wantExample compares the package's example for Debian with what service prints
// on this Debian, where the profile of AppArmor may be left out.
func wantExample(t *testing.T) {
	t.Helper()
	example, err := os.ReadFile("/usr/share/doc/named-jail/examples/debian/named-jail.conf")
	must(t, err)
	printed := run(t, "named-jail", "service", "systemd").want(t, 0).out
	if string(example) != printed {
		t.Errorf("the package's example is\n%s\nservice prints\n%s", example, printed)
	}
}
