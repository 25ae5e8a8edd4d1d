//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// insideRole makes this test program an intruder in named's jail.
const insideRole = "NAMED_JAIL_TEST_INSIDE"

func init() {
	if os.Getenv(insideRole) != "" {
		intrude()
	}
}

// intrusion is what the intruder does: he enters the mounts and the root
// directory of a process, takes its rights or stays root with what its bounding
// set leaves, and tries to make a file in each directory, to change each file, to
// run each program, and to get the mounts back.
type intrusion struct {
	PID       int
	UID       int // 0: root in the jail
	Dirs      []string
	Files     []string
	Programs  []string
	Devices   []string
	LeaveCaps bool // root with all capabilities, to see what the mounts alone refuse
}

// intrude does what it is told and prints a line for each thing: its name and
// the error, "ok" for none.
func intrude() {
	runtime.LockOSThread()
	var i intrusion
	must := func(what string, err error) {
		if err != nil {
			fmt.Println("intruder:", what, err)
			os.Exit(2)
		}
	}
	must("words", json.Unmarshal([]byte(os.Getenv(insideRole)), &i))
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", i.PID))
	must("status", err)
	mounts, err := unix.Open(fmt.Sprintf("/proc/%d/ns/mnt", i.PID), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	must("namespace", err)
	root, err := unix.Open(fmt.Sprintf("/proc/%d/root", i.PID), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	must("root", err)
	must("unshare", unix.Unshare(unix.CLONE_FS))
	must("setns", unix.Setns(mounts, unix.CLONE_NEWNS))
	must("fchdir", unix.Fchdir(root))
	must("chroot", unix.Chroot("."))
	if !i.LeaveCaps {
		var bounding uint64
		for line := range strings.Lines(string(status)) {
			if text, ok := strings.CutPrefix(line, "CapBnd:"); ok {
				fmt.Sscanf(strings.TrimSpace(text), "%x", &bounding)
			}
		}
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		data := [2]unix.CapUserData{{Effective: uint32(bounding), Permitted: uint32(bounding)},
			{Effective: uint32(bounding >> 32), Permitted: uint32(bounding >> 32)}}
		must("capset", unix.Capset(&header, &data[0]))
	}
	if i.UID != 0 {
		must("setgroups", unix.Setgroups(nil))
		must("setresuid", unix.Setresuid(i.UID, i.UID, i.UID))
	}
	say := func(what, name string, err error) {
		text := "ok"
		if err != nil {
			text = unix.ErrnoName(errno(err))
		}
		fmt.Println(what, name, text)
	}
	for _, d := range i.Dirs {
		fd, err := unix.Open(d+"/intruder", unix.O_CREAT|unix.O_WRONLY, 0o644)
		say("make", d, err)
		if err == nil {
			unix.Close(fd)
			unix.Unlink(d + "/intruder")
		}
	}
	for _, f := range i.Files {
		fd, err := unix.Open(f, unix.O_WRONLY, 0)
		say("change", f, err)
		unix.Close(fd)
	}
	for _, d := range i.Devices {
		fd, err := unix.Open(d, unix.O_RDONLY, 0)
		say("open", d, err)
		unix.Close(fd)
	}
	say("remount", "/", unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_BIND, ""))
	say("mknod", "/var/run", unix.Mknod("/var/run/intruder", unix.S_IFBLK|0o600, int(unix.Mkdev(254, 0))))
	unix.Unlink("/var/run/intruder")
	for _, p := range i.Programs {
		say("execute", p, unix.Access(p, unix.X_OK))
	}
	os.Exit(0)
}

func errno(err error) unix.Errno {
	var n unix.Errno
	errors.As(err, &n)
	return n
}

// intrude runs the intruder and gives what he got.
func (i intrusion) run(t *testing.T) map[string]string {
	t.Helper()
	words, err := json.Marshal(i)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(testProgram)
	cmd.Env = append(os.Environ(), insideRole+"="+string(words))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 3 {
			got[f[0]+" "+f[1]] = f[2]
		}
	}
	return got
}

// TestLiveIsolate: an isolated named serves, takes updates, obeys rndc and sees
// what apply changes; and nobody in its jail writes where it does not write, as
// its account or as root.
func TestLiveIsolate(t *testing.T) {
	onReleases(t, func(t *testing.T) {
		s := newStarter(t, true)
		cmd := s.start([]string{notifyEnv}, product, "run", "--isolate", "-u", "bind", "-f")
		ready := s.wantReady(cmd.Process.Pid)
		pid := ready.pid

		readOnly := []string{"/", "/etc", "/zones", "/zones/master", "/dev", "/run", "/run/systemd", "/dev/syslog", "/var"}
		written := []string{"/var/run", "/zones/slave", "/zones/dynamic", "/run/named"}
		files := []string{"/etc/named.conf", "/zones/master/db.small"}
		bind := accountID(t, "bind")
		for _, who := range []struct {
			name string
			intrusion
		}{
			{"the account", intrusion{UID: bind}},
			{"root", intrusion{UID: 0}},
			{"root with all caps", intrusion{UID: 0, LeaveCaps: true}}, // the last: it may remount
		} {
			name, i := who.name, who.intrusion
			i.PID, i.Dirs, i.Files = pid, append(append([]string{}, readOnly...), written...), files
			i.Devices, i.Programs = []string{"/dev/null"}, []string{"/zones/dynamic/program"}
			writeFile(t, "/var/named/zones/dynamic/program", "#!/bin/sh\n")
			if err := os.Chmod("/var/named/zones/dynamic/program", 0o755); err != nil {
				t.Fatal(err)
			}
			got := i.run(t)
			t.Logf("%s: %v", name, got)
			for _, d := range readOnly {
				if e := got["make "+d]; e != "EROFS" && !(e == "EACCES" && i.UID != 0) {
					t.Errorf("%s makes a file in %s: %s", name, d, e)
				}
			}
			for _, f := range files {
				if e := got["change "+f]; e != "EROFS" && !(e == "EACCES" && !i.LeaveCaps) {
					t.Errorf("%s changes %s: %s", name, f, e)
				}
			}
			for _, d := range written {
				if e := got["make "+d]; e != "ok" && (i.UID == bind || i.LeaveCaps) {
					t.Errorf("%s cannot make a file in %s: %s", name, d, e)
				}
			}
			if e := got["open /dev/null"]; e != "ok" {
				t.Errorf("%s cannot open /dev/null: %s", name, e)
			}
			if e := got["execute /zones/dynamic/program"]; e == "ok" {
				t.Errorf("%s can execute what named wrote", name)
			}
			if !i.LeaveCaps && (got["remount /"] != "EPERM" || got["mknod /var/run"] == "ok") {
				t.Errorf("%s: %v", name, got)
			}
		}
		os.Remove("/var/named/zones/dynamic/program")

		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"NoNewPrivs:\t1\n", "CapInh:\t0000000000000000\n"} {
			if !strings.Contains(string(status), want) {
				t.Errorf("no %q in\n%s", want, status)
			}
		}
		// CHOWN, DAC_READ_SEARCH, SETGID, SETUID, NET_BIND_SERVICE, SYS_CHROOT, SYS_RESOURCE
		var bounding uint64
		for line := range strings.Lines(string(status)) {
			if text, ok := strings.CutPrefix(line, "CapBnd:"); ok {
				fmt.Sscanf(strings.TrimSpace(text), "%x", &bounding)
			}
		}
		if bounding&^0x10404c5 != 0 || bounding&0x404c0 != 0x404c0 {
			t.Errorf("the bounding set is %x", bounding)
		}

		// It serves all the same.
		input := "server 127.0.0.1\nzone dyn.example.\nupdate add new.dyn.example. 60 A 192.0.2.9\nsend\n"
		runInput(t, input, "nsupdate").want(t, 0)
		wantAnswer(t, question{name: "new.dyn.example", answer: "192.0.2.9"})
		s.rndc("sync", "-clean", "dyn.example")
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) { // named writes in its own time
			text, err := os.ReadFile("/var/named/zones/dynamic/db.dyn")
			if err == nil && strings.Contains(string(text), "192.0.2.9") {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("rndc sync: %v\n%s", err, text)
			}
		}
		s.rndc("dumpdb", "-zones")
		// It is found from outside of its mounts, and sees what the host changes.
		if r := run(t, product, "run", "-u", "bind"); r.status != 1 || !strings.Contains(r.err, "runs in this jail already") {
			t.Errorf("%s", r)
		}
		writeFile(t, "/etc/bind/new", strings.Replace(startZone, "192.0.2.1", "192.0.2.77", 1))
		if err := os.Rename("/etc/bind/new", "/etc/bind/db.small"); err != nil {
			t.Fatal(err)
		}
		run(t, product, "apply", "-u", "bind").want(t, 0)
		s.rndc("reload", "small.example")
		wantAnswer(t, question{name: "www.small.example", answer: "192.0.2.77"})
		s.rndc("stop")
		cmd.Wait()
		wantNoNamed(t, 0)
	})
}

// TestLiveIsolatePlugin: an isolated named maps the modules that its
// configuration names.
func TestLiveIsolatePlugin(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newStarter(t, true)
		writeFile(t, "/etc/bind/named.conf", startConf+`plugin query "filter-aaaa.so" { filter-aaaa-on-v4 break-dnssec; };
zone "both.example" { type primary; file "/etc/bind/db.both"; };`)
		writeFile(t, "/etc/bind/db.both", withAAAA)
		cmd := s.start(nil, product, "run", "--isolate", "-u", "bind", "-f")
		answersAt(t)
		wantAnswer(t, question{name: "www.both.example", kind: "AAAA", answer: ""})
		wantAnswer(t, question{name: "www.both.example", answer: "192.0.2.51"})
		got := intrusion{PID: cmd.Process.Pid, LeaveCaps: true, Dirs: []string{"/usr/lib"}}.run(t)
		if got["make /usr/lib"] != "EROFS" {
			t.Errorf("%v", got)
		}
		s.rndc("stop")
		cmd.Wait()
	})
}

// TestLiveLaterMounts: what the host mounts in the jail later is seen in it
// where mounts are shared, and what it unmounts elsewhere is free at once, shared
// or not.
func TestLiveLaterMounts(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newStarter(t, true)
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""); err != nil {
			t.Fatal(err)
		}
		for _, dir := range []string{"/mnt/private", "/mnt/shared"} {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			run(t, "mount", "-t", "tmpfs", "tmpfs", dir).want(t, 0)
		}
		run(t, "mount", "--make-private", "/mnt/private").want(t, 0)
		run(t, product, "apply", "-u", "bind").want(t, 0)
		before := hostMounts(t)
		for _, own := range []string{"--quiet", "--isolate"} {
			cmd := s.start([]string{notifyEnv}, product, "run", own, "-u", "bind", "-f")
			s.wantReady(cmd.Process.Pid)
			if got := hostMounts(t); got != before {
				t.Errorf("%s: the host's mounts are\n%s", own, got)
			}
			// Its own table leaves out what lies outside of its root directory.
			table := run(t, "nsenter", fmt.Sprintf("--mount=/proc/%d/ns/mnt", cmd.Process.Pid), "cat", "/proc/self/mountinfo").want(t, 0).out
			if strings.Contains(table, "/mnt/private") || !strings.Contains(table, "/mnt/shared") {
				t.Errorf("%s: named holds the private mount, or not the shared one:\n%s", own, table)
			}
			inside := fmt.Sprintf("/proc/%d/root/var/run/", cmd.Process.Pid)
			run(t, "mount", "-t", "tmpfs", "tmpfs", "/var/named/zones/slave").want(t, 0)
			writeFile(t, "/var/named/zones/slave/later", "x")
			if _, err := os.Stat(inside + "../../zones/slave/later"); err != nil {
				t.Errorf("%s: what is mounted later is not seen: %v", own, err)
			}
			run(t, "umount", "/var/named/zones/slave").want(t, 0)
			if _, err := os.Stat(inside + "../../zones/slave/later"); err == nil {
				t.Errorf("%s: what is unmounted is still seen", own)
			}
			s.rndc("stop")
			cmd.Wait()
			wantNoNamed(t, 0)
			time.Sleep(50 * time.Millisecond)
		}
	})
}
