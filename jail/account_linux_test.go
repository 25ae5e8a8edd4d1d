package jail

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// inOwnMounts runs the calling test again in a process with a mount namespace
// of its own, so that what it mounts is seen by nobody and goes with it. It
// tells whether this is that process.
func inOwnMounts(t *testing.T) bool {
	t.Helper()
	if os.Getenv("NAMED_JAIL_TEST_OWN_MOUNTS") == t.Name() {
		if err := unix.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		return true
	}
	if os.Geteuid() != 0 {
		t.Fatal("this test needs root")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "NAMED_JAIL_TEST_OWN_MOUNTS="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("%v\n%s", err, out)
	}
	return false
}

// The real program makes a real account, in a copy of /etc that only this test
// sees.
func TestCreateAccount(t *testing.T) {
	if !inOwnMounts(t) {
		return
	}
	etc := filepath.Join(t.TempDir(), "etc")
	if out, err := exec.Command("cp", "-a", "/etc", etc).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := unix.Mount(etc, "/etc", "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount("/etc", unix.MNT_DETACH)
	h := liveHost(t)
	for _, group := range []bool{false, true} {
		name := "njtest"
		if group {
			name = "njtestg"
			if out, err := exec.Command("groupadd", "-r", name).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
		if _, err := LookupAccount(h, "/", name); err == nil {
			t.Fatalf("%s is there already", name)
		}
		if err := CreateAccount(context.Background(), h, "/", name); err != nil {
			t.Fatal(err)
		}
		a, ds := FindAccount(h, "/", name)
		if len(ds) != 0 || a.UID == 0 || a.UID >= 1000 || a.Group != name || a.Password != PasswordLocked {
			t.Errorf("%+v\n%s", a, findings(ds))
		}
		if _, err := os.Stat(a.Home); err == nil {
			t.Errorf("a home directory %s was made", a.Home)
		}
		if err := CreateAccount(context.Background(), h, "/", name); err == nil || !strings.Contains(err.Error(), "exists") {
			t.Errorf("second time: %v", err)
		}
	}
}
