//go:build linux

package command

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// probeMark lets the test program play a reader that tries what it must not do.
const probeMark = "NAMED_JAIL_TEST_PROBE"

// attempts are what a reader must not be able to do. With Landlock alone are those that
// any user may do.
var attempts = []struct {
	name     string
	landlock bool
	try      func() error
}{
	{"read a file", true, func() error { return openAs("/etc/passwd", unix.O_RDONLY) }},
	{"read its own program", true, func() error { return openAs("/proc/self/exe", unix.O_RDONLY) }},
	{"list a directory", true, func() error { return openAs("/", unix.O_RDONLY|unix.O_DIRECTORY) }},
	{"make a file", true, func() error { return openAs("/tmp/named-jail-probe", unix.O_RDWR|unix.O_CREAT|unix.O_EXCL) }},
	{"execute a program", true, func() error { return exec.Command("/bin/true").Run() }},
	{"read a secret", false, func() error { return openAs("/etc/shadow", unix.O_RDONLY) }},
	{"look at its parent's memory", false, func() error { return openAs(fmt.Sprintf("/proc/%d/mem", os.Getppid()), unix.O_RDONLY) }},
	{"make a device", false, func() error { return unix.Mknod("/tmp/named-jail-probe", unix.S_IFCHR, 259) }},
	{"signal its parent", false, func() error { return unix.Kill(os.Getppid(), 0) }},
	{"connect", true, func() error { return inet(unix.Connect) }},
	{"bind", true, func() error { return inet(unix.Bind) }},
	{"become root", false, func() error { return syscall.Setuid(0) }},
	{"become another user", false, func() error { return syscall.Setuid(1) }},
	{"change its root", false, func() error { return unix.Chroot("/") }},
	{"raise a limit", false, func() error { return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 1 << 20, Max: 1 << 20}) }},
	{"be dumped", false, func() error {
		if on, _ := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); on != 0 {
			return nil
		}
		return unix.EPERM
	}},
}

func openAs(name string, flags int) error {
	fd, err := unix.Open(name, flags|unix.O_CLOEXEC, 0o600)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// inet connects to, or binds, a port of the loopback interface; a connection that is
// refused by the other side is one that was allowed here.
func inet(call func(int, unix.Sockaddr) error) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err = call(fd, &unix.SockaddrInet4{Port: 1053, Addr: [4]byte{127, 0, 0, 1}}); err == unix.ECONNREFUSED || err == unix.EADDRINUSE {
		return nil
	}
	return err
}

// probe gives up its rights as a reader does, and prints what it could do all the same.
func probe() int {
	said, err := giveUp()
	if err != nil {
		fmt.Println("giveUp:", err)
		return 1
	}
	fmt.Println("said", said)
	for _, a := range attempts {
		if err := a.try(); err == nil {
			fmt.Println("can", a.name)
		} else {
			fmt.Println("cannot", a.name, "-", err)
		}
	}
	return 0
}

// TestReaderRights builds this test program without C code, as the program is, and with,
// which has no Landlock, and lets each try what a reader must not be able to do.
func TestReaderRights(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: without it there is no reader")
	}
	static := filepath.Join(t.TempDir(), "probe")
	build := exec.Command("go", "test", "-c", "-o", static, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	has := errno == 0 && abi >= 6
	if !has {
		t.Logf("Landlock is version %d here (%v): only what the user may not do is shown", abi, errno)
	}
	for name, p := range map[string]struct {
		program  string
		landlock bool
	}{"static": {static, has}, "without Landlock": {"/proc/self/exe", false}} {
		t.Run(name, func(t *testing.T) {
			if info, ok := debug.ReadBuildInfo(); !p.landlock && ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "CGO_ENABLED", Value: "0"}) {
				return // this program is the static one
			}
			cmd := exec.Command(p.program)
			cmd.Env = append(os.Environ(), probeMark+"=1")
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "said user 18") {
				t.Fatalf("%v: %s", err, out)
			}
			if p.landlock != strings.Contains(string(out), ", Landlock ") && (p.landlock || name != "static") {
				if !strings.Contains(string(out), "without Landlock") {
					t.Errorf("%s", out)
				}
			}
			for _, a := range attempts {
				if can := strings.Contains(string(out), "can "+a.name+"\n"); can && (!a.landlock || p.landlock) {
					t.Errorf("it can %s\n%s", a.name, out)
				}
			}
			os.Remove("/tmp/named-jail-probe")
		})
	}
}
