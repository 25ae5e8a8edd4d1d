//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// parentScene is what the parent of a start sets up: a limit, a mask, an ignored
// signal, a niceness, an oom score, a class of I/O, open files, a session
// keyring of its own, and variables.
const parentScene = `
ulimit -Sn 777; ulimit -Hc 123456; ulimit -Sc 1000; ulimit -Sv unlimited
umask 027
trap '' HUP INT
exec 7</ 8>/dev/null
echo 321 >/proc/$$/oom_score_adj
cd /srv
exec nice -n 3 ionice -c 2 -n 6 setpriv --securebits +no_setuid_fixup env TZ=UTC LD_LIBRARY_PATH=/opt/none LANG=C "$@"
`

// traits lists what a process has from its parent, by name. What named itself
// does not keep apart in the jail and out of it has no place here.
func traits(t *testing.T, pid int) map[string]string {
	t.Helper()
	dir := "/proc/" + strconv.Itoa(pid) + "/"
	read := func(name string) string {
		text, err := os.ReadFile(dir + name)
		if err != nil {
			return err.Error()
		}
		return string(text)
	}
	got := map[string]string{}
	for _, name := range []string{"limits", "oom_score_adj", "cgroup", "coredump_filter", "personality", "sessionid", "loginuid", "autogroup", "timerslack_ns", "setgroups"} {
		got[name] = read(name)
	}
	for line := range strings.Lines(read("status")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "Umask", "SigBlk", "SigIgn", "SigCgt", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp",
			"Cpus_allowed", "Mems_allowed", "Uid", "Gid", "Groups", "THP_enabled":
			got[name] = strings.TrimSpace(value)
		}
	}
	stat := read("stat")
	f := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	// of stat(5): process group, session, terminal, priority, nice, real-time priority, policy
	got["group"], got["session"] = strconv.FormatBool(f[2] == strconv.Itoa(pid)), strconv.FormatBool(f[3] == strconv.Itoa(pid))
	for name, i := range map[string]int{"terminal": 4, "priority": 15, "nice": 16, "rt priority": 37, "policy": 38} {
		got[name] = f[i]
	}
	if class, _, e := unix.Syscall(unix.SYS_IOPRIO_GET, 1, uintptr(pid), 0); e == 0 {
		got["io priority"] = fmt.Sprint(class)
	}
	env := slices.DeleteFunc(strings.Split(read("environ"), "\x00"), func(e string) bool { return strings.HasPrefix(e, "NAMED_JAIL_") })
	sort.Strings(env)
	got["environment"] = strings.Join(env, "\n")
	got["standard files"] = ""
	for fd := range 3 {
		to, _ := os.Readlink(dir + "fd/" + strconv.Itoa(fd))
		got["standard files"] += fmt.Sprintln(strings.HasPrefix(filepath.Base(to), "output-"), filepath.Base(to) == "null")
	}
	return got
}

// TestLiveLikeBare: a jailed named has from its parent what bare named has from
// the same one. What is different is said here.
func TestLiveLikeBare(t *testing.T) {
	onReleases(t, func(t *testing.T) {
		s := newStarter(t, true)
		writeFile(t, "/usr/local/sbin/scene", "#!/bin/bash\n"+parentScene)
		if err := os.Chmod("/usr/local/sbin/scene", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll("/srv", 0o755); err != nil {
			t.Fatal(err)
		}
		look := func(words ...string) map[string]string {
			cmd := s.start(nil, append([]string{"scene"}, words...)...)
			answersAt(t)
			got := traits(t, cmd.Process.Pid)
			got["open directories"] = strings.Join(directories(t, cmd.Process.Pid), " ")
			s.rndc("stop")
			wantNoNamed(t, 0)
			if err := cmd.Wait(); err != nil {
				t.Errorf("%v ends with %v", words, err)
			}
			return got
		}
		bare := look("named", "-u", "bind", "-f")
		if bare["open directories"] == "" {
			t.Error("the parent's open directory has not come through to bare named")
		}
		bare["open directories"] = "" // / would lead out of the jail
		run(t, product, "apply", "-u", "bind").want(t, 0)
		for _, own := range []string{"--quiet", "--isolate"} {
			jailed := look(product, "run", own, "-u", "bind", "-f")
			for name, want := range bare {
				got := jailed[name]
				switch {
				case own == "--isolate" && (name == "CapBnd" || name == "NoNewPrivs"):
					continue
				}
				if got != want {
					t.Errorf("%s: %s is\n%s\nbare named has\n%s", own, name, got, want)
				}
			}
		}
		t.Logf("%q", bare)
	})
}

// directories are what a process has open of directories: a way out of the jail.
func directories(t *testing.T, pid int) []string {
	t.Helper()
	var open []string
	fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, fd := range fds {
		if info, err := os.Stat(fd); err == nil && info.IsDir() {
			to, _ := os.Readlink(fd)
			open = append(open, to)
		}
	}
	return open
}
