//go:build linux

package main

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The live tests run the real named, jailed and not, on copies of the whole
// system. Mental model: a test that calls inClone is run twice. The first time
// it only starts this test program again, in mount, process and network
// namespaces of its own, and waits. There the same test runs a second time,
// and its root directory is a clone: an overlay of the system's root, whose
// upper layer lies in memory. So a test changes /etc/bind or /usr/local as it
// likes, listens on ports 53 and 953, and nothing of it is left: when the
// first process of the namespaces ends, the kernel kills the others and drops
// the mounts.
//
// What it does not promise: file systems that the system mounts below its root
// are not part of the clone, apart from /proc, /dev, /run and /tmp, which are
// new and nearly empty.

// Names in the environment by which the stages of a live test know each other.
const (
	cloneStage   = "NAMED_JAIL_TEST_STAGE"   // "1" in the first process of the namespaces, "2" in the test
	cloneProduct = "NAMED_JAIL_TEST_PRODUCT" // the program under test, as the system sees it
	cloneDir     = "NAMED_JAIL_TEST_DIR"     // an empty directory for the mounts
	cloneTag     = "NAMED_JAIL_TEST_TAG"     // one value per clone, to find what is left
	cloneOf      = "NAMED_JAIL_TEST_OF"      // the directory that is cloned, "/" for the system's root
	cloneGifts   = "NAMED_JAIL_TEST_GIFTS"   // a directory whose files the clone has in giftsDir
)

// cloneTimeout bounds one live test.
const cloneTimeout = 150 * time.Second

// product is where the program under test lies in the clone, testProgram where
// this test program does.
const (
	product     = "/usr/local/sbin/named-jail"
	testProgram = "/usr/local/sbin/named-jail-live-test"
	giftsDir    = "/gifts"
)

func init() {
	if os.Getenv(cloneStage) == "1" {
		os.Exit(firstProcess())
	}
}

// cloned are the tests that have made a clone.
var cloned sync.Map

// inClone runs body in a clone of the system. It needs root, and fails
// without, because a test that is skipped proves nothing.
func inClone(t *testing.T, body func(t *testing.T)) {
	t.Helper()
	inCloneOf(t, "/", body)
}

// inCloneOf runs body in a clone of the system below a directory.
func inCloneOf(t *testing.T, system string, body func(t *testing.T)) {
	t.Helper()
	inCloneWith(t, system, "", body)
}

// inCloneWith runs body in a clone that has the files of a directory in giftsDir.
func inCloneWith(t *testing.T, system, gifts string, body func(t *testing.T)) {
	t.Helper()
	if os.Getenv(cloneStage) == "2" {
		// no trace of this program's use on the system
		for _, dir := range []string{"/var/lib/named-jail", "/var/named"} {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
		body(t)
		return
	}
	if os.Geteuid() != 0 {
		t.Fatal("live tests need root: run `sudo sh test.sh`")
	}
	if os.Getenv("NAMED_JAIL_SKIP_LIVE") != "" {
		t.Skip("NAMED_JAIL_SKIP_LIVE is set")
	}
	if _, again := cloned.LoadOrStore(t, true); !again {
		t.Parallel() // clones know nothing of each other
	}
	tag := fmt.Sprintf("%d-%d", os.Getpid(), time.Now().UnixNano())
	ctx, cancel := context.WithTimeout(context.Background(), cloneTimeout)
	defer cancel()

	args := []string{"-test.run=" + exactly(t.Name()), "-test.timeout=" + (cloneTimeout - 10*time.Second).String()}
	if testing.Verbose() {
		args = append(args, "-test.v")
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, programFor(t, system), args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"LC_ALL=C", "HOME=/root", "TMPDIR=/tmp",
		cloneStage + "=1", cloneProduct + "=" + buildProduct(t), cloneDir + "=" + t.TempDir(), cloneTag + "=" + tag, cloneOf + "=" + system, cloneGifts + "=" + gifts,
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC,
		Pdeathsig:  unix.SIGKILL,
	}
	// The death signal is tied to the thread that started the child.
	runtime.LockOSThread()
	err := cmd.Run()
	runtime.UnlockOSThread()

	if testing.Verbose() || err != nil {
		t.Log("in the clone:\n" + out.String())
	}
	if ctx.Err() != nil {
		t.Errorf("stopped after %v", cloneTimeout)
	}
	if err != nil {
		t.Errorf("the test failed in the clone: %v", err)
	} else if !strings.Contains(out.String(), "PASS") || strings.Contains(out.String(), "no tests to run") {
		t.Errorf("the test did not run in the clone:\n%s", out.String())
	}
	nothingLeft(t, tag)
}

// exactly gives the -test.run expression for one test.
func exactly(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// nothingLeft fails the test when a process of the clone is still there.
func nothingLeft(t *testing.T, tag string) {
	t.Helper()
	var left []string
	for range 20 {
		left = nil
		envs, _ := filepath.Glob("/proc/[0-9]*/environ")
		for _, file := range envs {
			if env, err := os.ReadFile(file); err == nil && bytes.Contains(env, []byte(cloneTag+"="+tag)) {
				left = append(left, file)
			}
		}
		if left == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("processes are left: %v", left)
}

var build struct {
	once sync.Once
	file string
	err  error
}

// buildProduct builds the program under test, once for all tests.
func buildProduct(t *testing.T) string {
	t.Helper()
	build.once.Do(func() {
		if build.file = os.Getenv(cloneProduct); build.file != "" {
			return
		}
		// beside this test program, in the directory that `go test` removes
		self, err := os.Executable()
		if err != nil {
			build.err = err
			return
		}
		build.file = self + "-product"
		cmd := exec.Command("go", "build", "-o", build.file, ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			build.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if build.err != nil {
		t.Fatal(build.err)
	}
	return build.file
}

var static struct {
	once sync.Once
	file string
	err  error
}

// programFor gives the test program that runs in a clone of a system: this one,
// unless another system may lack its libraries. Then it is built without any,
// once for all tests.
func programFor(t *testing.T, system string) string {
	t.Helper()
	const self = "/proc/self/exe"
	if system == "/" {
		return self
	}
	static.once.Do(func() {
		program, err := elf.Open(self)
		if err != nil {
			static.err = err
			return
		}
		defer program.Close()
		static.file = self
		for _, part := range program.Progs {
			if part.Type == elf.PT_INTERP {
				static.file, static.err = buildStatic()
			}
		}
	})
	if static.err != nil {
		t.Fatal(static.err)
	}
	return static.file
}

// buildStatic builds this test program anew, beside itself.
func buildStatic() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "test", "-c", "-o", self+"-static", ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go test -c: %w\n%s", err, out)
	}
	return self + "-static", nil
}

// firstProcess is process 1 of a clone. It mounts the clone, starts the test in
// it, collects the processes that lose their parent, and ends with the test.
func firstProcess() int {
	root, err := mountClone(os.Getenv(cloneOf), os.Getenv(cloneDir), os.Getenv(cloneProduct))
	if err != nil {
		fmt.Fprintln(os.Stderr, "the clone cannot be made (are mounts allowed here?):", err)
		return 1
	}
	if gifts := os.Getenv(cloneGifts); gifts != "" {
		if err := os.CopyFS(root+giftsDir, os.DirFS(gifts)); err != nil {
			fmt.Fprintln(os.Stderr, "what the clone is given:", err)
			return 1
		}
	}
	os.Setenv(cloneStage, "2")
	for _, name := range []string{cloneProduct, cloneDir, cloneOf, cloneGifts} {
		os.Unsetenv(name)
	}
	pid, err := syscall.ForkExec(testProgram, append([]string{testProgram}, os.Args[1:]...), &syscall.ProcAttr{
		Dir: "/", Env: os.Environ(), Files: []uintptr{0, 1, 2},
		Sys: &syscall.SysProcAttr{Chroot: root},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "the test cannot be started in the clone:", err)
		return 1
	}
	for {
		var status syscall.WaitStatus
		got, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			fmt.Fprintln(os.Stderr, "waiting for the test:", err)
			return 1
		case got == pid && status.Exited():
			return status.ExitStatus()
		case got == pid:
			fmt.Fprintln(os.Stderr, "the test was ended by", status.Signal())
			return 1
		}
	}
}

// mountClone mounts a clone of a system below dir and puts the program under
// test and this one into it. The result is the clone's root.
func mountClone(system, dir, program string) (string, error) {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return "", fmt.Errorf("making the mounts private: %w", err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "mode=0755,size=1g"); err != nil {
		return "", fmt.Errorf("a file system in memory: %w", err)
	}
	root, upper, work := filepath.Join(dir, "root"), filepath.Join(dir, "upper"), filepath.Join(dir, "work")
	for _, d := range []string{root, upper, work} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return "", err
		}
	}
	layers := "lowerdir=" + system + ",upperdir=" + upper + ",workdir=" + work
	if err := unix.Mount("overlay", root, "overlay", 0, layers); err != nil {
		return "", fmt.Errorf("the overlay: %w", err)
	}
	mounts := []struct{ at, kind, data string }{
		{"proc", "proc", ""},
		{"dev", "tmpfs", "mode=0755"},
		{"run", "tmpfs", "mode=0755"},
		{"tmp", "tmpfs", "mode=1777"},
	}
	for _, m := range mounts {
		at := filepath.Join(root, m.at)
		if err := os.MkdirAll(at, 0o755); err != nil {
			return "", err
		}
		if err := unix.Mount(m.kind, at, m.kind, 0, m.data); err != nil {
			return "", fmt.Errorf("%s on /%s: %w", m.kind, m.at, err)
		}
	}
	unix.Umask(0)
	nodes := []struct {
		name         string
		major, minor uint32
	}{{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}}
	for _, n := range nodes {
		dev := int(unix.Mkdev(n.major, n.minor))
		if err := unix.Mknod(filepath.Join(root, "dev", n.name), unix.S_IFCHR|0o666, dev); err != nil {
			return "", fmt.Errorf("/dev/%s: %w", n.name, err)
		}
	}
	for name, target := range map[string]string{"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"} {
		if err := os.Symlink(target, filepath.Join(root, "dev", name)); err != nil {
			return "", err
		}
	}
	unix.Umask(0o022)
	for to, from := range map[string]string{product: program, testProgram: "/proc/self/exe"} {
		bytes, err := os.ReadFile(from)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(root, to), bytes, 0o755); err != nil {
			return "", err
		}
	}
	return root, nil
}
