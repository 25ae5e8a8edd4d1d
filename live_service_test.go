//go:build linux

package main

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// dropInLines are the values of a key of the drop-in that is installed, without
// those that an empty one takes back.
func dropInLines(t *testing.T, key string) []string {
	t.Helper()
	f, err := os.Open("/etc/systemd/system/named.service.d/named-jail.conf")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var values []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		k, v, _ := strings.Cut(lines.Text(), "=")
		switch {
		case k != key:
		case v == "":
			values = nil
		default:
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		t.Fatalf("the drop-in has no %s", key)
	}
	return values
}

// asUnit is a command line of the drop-in as the service manager executes it:
// variables put in, and no more capabilities than the unit has.
func asUnit(t *testing.T, line string) []string {
	t.Helper()
	words := []string{"setpriv", "--bounding-set", "-all"}
	for _, c := range strings.Fields(dropInLines(t, "CapabilityBoundingSet")[0]) {
		words[2] += ",+" + strings.ToLower(strings.TrimPrefix(c, "CAP_"))
	}
	line = strings.TrimPrefix(strings.ReplaceAll(line, "$OPTIONS", "-u bind"), "-")
	return append(words, strings.Fields(line)...)
}

// TestLiveService: what service installs for the stock unit of the package works
// with every release, under the capabilities that it leaves: named is started,
// tells that it is ready, answers, is brought up to date by a reload and stops.
// The audit says so before and is content afterwards.
func TestLiveService(t *testing.T) {
	onReleases(t, func(t *testing.T) {
		s := newStarter(t, true)
		writeFile(t, "/etc/default/named", "OPTIONS=\"-u bind\"\n")
		run(t, product, "apply", "-u", "bind").want(t, 0)
		audited := func() string { r := run(t, product, "audit", "-u", "bind"); return r.out + r.err }
		if text := audited(); !strings.Contains(text, "NJ533") || !strings.Contains(text, "named-jail service systemd --install") {
			t.Errorf("the audit of a stock unit:\n%s", text)
		}
		run(t, product, "service", "systemd", "--install").want(t, 0)
		if r := run(t, product, "service", "systemd", "--install").want(t, 0); !strings.Contains(r.out, "nothing to do") {
			t.Errorf("a second time: %s", r)
		}
		if text := audited(); strings.Contains(text, "NJ533") {
			t.Errorf("the audit after it:\n%s", text)
		}
		run(t, product, "rollback").want(t, 0) // the start makes the jail itself

		run(t, asUnit(t, dropInLines(t, "ExecStartPre")[0])...).want(t, 0)
		s.manager.forget()
		cmd := s.start([]string{notifyEnv}, asUnit(t, dropInLines(t, "ExecStart")[0])...)
		answer := answersAt(t)
		ready := s.wantReady(cmd.Process.Pid)
		if late := ready.at.Sub(answer); late < -100*time.Millisecond || late > time.Second {
			t.Errorf("READY %v after the first answer", late)
		}
		if !sameFile("/proc/"+strconv.Itoa(ready.pid)+"/root", "/var/named") {
			t.Error("named's root directory is not the jail")
		}
		if text := audited(); strings.Contains(text, "NJ533") {
			t.Errorf("the audit while it runs:\n%s", text)
		}

		writeFile(t, "/etc/bind/db.more", startZone)
		writeFile(t, "/etc/bind/named.conf", strings.Replace(startConf, `file "/etc/bind/db.small";`, `file "/etc/bind/db.small"; allow-update { 127.0.0.1; };`, 1)+
			`zone "more.example" { type primary; file "/etc/bind/db.more"; };`+"\n")
		reloads := dropInLines(t, "ExecReload")
		if !slices.Contains(reloads, "/usr/sbin/rndc reload") || len(reloads) != 2 {
			t.Errorf("reload by %q", reloads)
		}
		for _, line := range reloads {
			run(t, asUnit(t, line)...).want(t, 0)
		}
		wantAnswer(t, question{name: "www.more.example", answer: "192.0.2.1"})

		run(t, asUnit(t, "/usr/sbin/rndc stop")...).want(t, 0)
		if err := cmd.Wait(); err != nil {
			t.Errorf("named ends with %v", err)
		}
		wantNoNamed(t, 0)
		r := run(t, product, "rollback").want(t, 0)
		if !strings.Contains(r.out, "/etc/systemd/system/named.service.d/named-jail.conf") {
			t.Errorf("rollback does not speak of the drop-in: %s", r)
		}
	})
}

// TestLiveServiceSysV: Debian's own boot script, changed as service says, starts
// named in the jail, sees it, reloads and stops it.
func TestLiveServiceSysV(t *testing.T) {
	inClone(t, func(t *testing.T) {
		newStarter(t, false)
		writeFile(t, "/etc/default/named", "OPTIONS=\"-u bind\"\n")
		script := run(t, product, "service", "sysv").want(t, 0).out
		if !strings.Contains(script, "--startas") {
			t.Fatalf("Debian's script is not known:\n%s", script)
		}
		writeFile(t, "/tmp/change", script)
		run(t, "sh", "-e", "/tmp/change").want(t, 0)
		run(t, "sh", "-n", "/etc/init.d/named").want(t, 0)
		run(t, "/etc/init.d/named", "start").want(t, 0)
		answersAt(t)
		pid := wantOneNamed(t, 0)
		if !sameFile("/proc/"+strconv.Itoa(pid)+"/root", "/var/named") {
			t.Error("named's root directory is not the jail")
		}
		seenFromClone(t, pid)
		run(t, "/etc/init.d/named", "start").want(t, 0) // it is there already
		wantOneNamed(t, 0)
		run(t, "/etc/init.d/named", "status").want(t, 0)
		run(t, "/etc/init.d/named", "reload").want(t, 0)
		if r := run(t, product, "audit", "-u", "bind"); strings.Contains(r.out+r.err, "NJ533") {
			t.Errorf("%s", r)
		}
		run(t, "/etc/init.d/named", "stop").want(t, 0)
		wantNoNamed(t, 0)
		if r := run(t, "/etc/init.d/named", "status"); r.status == 0 {
			t.Errorf("after the stop: %s", r)
		}
	})
}

// seenFromClone makes the path of the program of a process lead to it. The clone
// is a chroot, so that /proc shows paths of other mount namespaces from their own
// root on; on a host that is the root directory.
func seenFromClone(t *testing.T, pid int) {
	t.Helper()
	exe, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
	must(t, err)
	top, ok := strings.CutSuffix(exe, "/usr/sbin/named")
	if !ok {
		t.Fatalf("named is %q", exe)
	}
	if top != "" {
		must(t, os.MkdirAll(filepath.Dir(top), 0o755))
		must(t, os.Symlink("/", top))
	}
}
