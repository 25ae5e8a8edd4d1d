//go:build linux

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// standIns are the programs of the system that a page's commands start and that a
// clone lacks: no systemd runs there, and the package is installed already. This
// test program answers by their names.
var standIns = map[string]func(){
	"systemctl":       func() { os.Exit(systemctl(os.Args[1:])) },
	"apt":             func() {},
	"apparmor_parser": func() { os.Exit(apparmorParser(os.Args[1:])) },
}

// apparmorParser takes the lines that the loaded profile includes.
func apparmorParser(args []string) int {
	if len(args) != 2 || args[0] != "-r" {
		return 2
	}
	if _, err := os.Stat(args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// unitInForce is [Service] of named's unit with its drop-ins, and the file of options
// put in: what systemd would execute.
func unitInForce() (map[string][]string, error) {
	files, _ := filepath.Glob("/etc/systemd/system/named.service.d/*.conf")
	set := map[string][]string{}
	for _, file := range append([]string{"/lib/systemd/system/named.service"}, files...) {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
			switch {
			case !ok || strings.HasPrefix(key, "#"):
			case value == "":
				delete(set, key)
			default:
				set[key] = append(set[key], value)
			}
		}
	}
	return set, nil
}

// systemctl does what systemd does with named's unit: start, stop, restart, reload,
// status of success after READY alone, and no more capabilities than the unit has.
func systemctl(args []string) int {
	if len(args) == 1 && args[0] == "daemon-reload" {
		return 0
	}
	if len(args) != 2 || args[1] != "named" && args[1] != "named.service" {
		fmt.Fprintf(os.Stderr, "systemctl: %q is not known here\n", args)
		return 2
	}
	unit, err := unitInForce()
	if err == nil {
		switch args[0] {
		case "stop":
			err = stopUnit(unit)
		case "start":
			err = startUnit(unit)
		case "restart":
			if err = stopUnit(unit); err == nil {
				err = startUnit(unit)
			}
		case "reload":
			for _, line := range unit["ExecReload"] {
				if err == nil {
					err = unitCommand(unit, line).Run()
				}
			}
		default:
			err = fmt.Errorf("%q is not known here", args)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "systemctl:", err)
		return 1
	}
	return 0
}

// unitCommand is a command line of the unit.
func unitCommand(unit map[string][]string, line string) *exec.Cmd {
	options, _ := os.ReadFile("/etc/default/named")
	for option := range strings.Lines(string(options)) {
		if value, ok := strings.CutPrefix(option, "OPTIONS="); ok {
			line = strings.ReplaceAll(line, "$OPTIONS", strings.Trim(strings.TrimSpace(value), `"`))
		}
	}
	words := strings.Fields(strings.TrimPrefix(line, "-"))
	if caps := unit["CapabilityBoundingSet"]; len(caps) == 1 {
		set := "-all"
		for _, c := range strings.Fields(caps[0]) {
			set += ",+" + strings.ToLower(strings.TrimPrefix(c, "CAP_"))
		}
		words = append([]string{"setpriv", "--bounding-set", set}, words...)
	}
	cmd := exec.Command(words[0], words[1:]...)
	log, err := os.OpenFile("/tmp/unit.log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		cmd.Stdout, cmd.Stderr = log, log
	}
	return cmd
}

func startUnit(unit map[string][]string) error {
	for _, line := range unit["ExecStartPre"] {
		if err := unitCommand(unit, line).Run(); err != nil && !strings.HasPrefix(line, "-") {
			return err
		}
	}
	const socket = "/run/systemd/notify"
	os.Remove(socket)
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	if err := os.Chmod(socket, 0o666); err != nil {
		return err
	}
	cmd := unitCommand(unit, unit["ExecStart"][0])
	if kind := unit["Type"]; len(kind) == 0 || kind[len(kind)-1] != "notify" {
		if err := cmd.Start(); err != nil {
			return err
		}
		_, err := firstAnswer("127.0.0.1:53", "localhost.", 20*time.Second)
		return err
	}
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+socket)
	if err := cmd.Start(); err != nil {
		return err
	}
	buffer := make([]byte, 4096)
	for conn.SetReadDeadline(time.Now().Add(20 * time.Second)); ; {
		n, err := conn.Read(buffer)
		if err != nil {
			return fmt.Errorf("named does not become ready: %w", err)
		}
		if strings.Contains(string(buffer[:n]), "READY=1") {
			return nil
		}
	}
}

func stopUnit(unit map[string][]string) error {
	if !namedRuns() {
		return nil
	}
	for _, line := range unit["ExecStop"] {
		if err := unitCommand(unit, line).Run(); err != nil {
			return err
		}
	}
	for range 200 {
		if !namedRuns() {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("named does not stop")
}

// namedRuns tells whether a process has named's name.
func namedRuns() bool {
	names, _ := filepath.Glob("/proc/[0-9]*/comm")
	return slices.ContainsFunc(names, func(file string) bool {
		name, err := os.ReadFile(file)
		return err == nil && string(name) == "named\n"
	})
}

// newPageHost sets a clone up as the packages and an administrator leave a Debian:
// the zones that a page's block ```named shows are added.
func newPageHost(t *testing.T, page string) {
	t.Helper()
	startNetwork(t)
	for _, dir := range []string{"/run/named", "/run/systemd/system"} {
		must(t, os.MkdirAll(dir, 0o755))
	}
	run(t, "chown", "root:bind", "/run/named").want(t, 0)
	run(t, "chmod", "775", "/run/named").want(t, 0)
	for name := range standIns {
		must(t, os.Symlink(testProgram, "/usr/local/bin/"+name))
	}
	text, err := pageFiles.ReadFile("docs/" + page)
	must(t, err)
	_, zones, found := strings.Cut(string(text), "\n```named\n")
	if !found {
		t.Fatal("the page shows no zones")
	}
	zones, _, _ = strings.Cut(zones, "\n```\n")
	f, err := os.OpenFile("/etc/bind/named.conf.local", os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(zones + "\n")
	must(t, err)
	must(t, f.Close())
	writeFile(t, "/etc/bind/db.example.org", pageZone)
	writeFile(t, "/var/lib/bind/db.dyn.example", pageZone)
	run(t, "chown", "bind:bind", "/var/lib/bind/db.dyn.example").want(t, 0)
	t.Cleanup(func() {
		for _, pid := range namedProcesses(t, 0) {
			stopProcess(t, pid)
		}
		if log, err := os.ReadFile("/tmp/unit.log"); err == nil && t.Failed() {
			t.Logf("the unit's commands said:\n%s", log)
		}
	})
}

// runPage runs the steps of a page in the clone.
func runPage(t *testing.T, page string) {
	t.Helper()
	t.Setenv("LC_ALL", "C.UTF-8")
	t.Setenv("NO_COLOR", "1")
	ran := 0
	for _, s := range pageSteps(t, page) {
		if s.byHand {
			continue
		}
		r := run(t, "sh", "-e", "-c", s.script)
		if r.status != s.status {
			t.Fatalf("%s: status %d, the page wants %d\n%s%s", s.at, r.status, s.status, s.script, r)
		}
		s.wantShown(t, r.out+r.err)
		ran++
	}
	if ran < 10 {
		t.Errorf("only %d steps were run", ran)
	}
}

// TestLiveMigratingDebian runs the commands of the page for Debian on each Debian.
func TestLiveMigratingDebian(t *testing.T) {
	onReleases(t, func(t *testing.T) {
		stock := readDir(t, "/etc/bind")
		delete(stock, "named.conf.local") // the page edits it
		newPageHost(t, "migrating-debian.md")
		runPage(t, "migrating-debian.md")
		for name, text := range stock {
			if now, err := os.ReadFile("/etc/bind/" + name); err != nil || string(now) != text {
				t.Errorf("after the last step /etc/bind/%s is\n%s\nand was\n%s", name, now, text)
			}
		}
		for _, gone := range []string{"/etc/systemd/system/named.service.d/named-jail.conf", "/var/named/etc/named.conf"} {
			if _, err := os.Lstat(gone); err == nil {
				t.Errorf("%s is still there", gone)
			}
		}
		wantOneNamed(t, 0)
	})
}

// TestLiveQuestions runs the commands of the answers, on a server in its jail.
func TestLiveQuestions(t *testing.T) {
	inClone(t, func(t *testing.T) {
		newPageHost(t, "migrating-debian.md")
		for _, command := range [][]string{{product, "apply", "-q"}, {product, "service", "systemd", "--install"}, {"systemctl", "start", "named"}} {
			run(t, command...).want(t, 0)
		}
		runPage(t, "questions.md")
		if pid := wantOneNamed(t, 0); sameFile("/proc/"+strconv.Itoa(pid)+"/root", "/var/named") {
			t.Error("after the undo named is still in the jail")
		}
	})
}
