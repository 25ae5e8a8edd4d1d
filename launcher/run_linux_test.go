package launcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// roleVariable makes the test binary play a part instead of running tests.
const roleVariable = "LAUNCHER_TEST_ROLE"

// TestMain plays the parts: "exec" calls Exec with the words and the environment
// of its arguments; "block" blocks SIGUSR2 first; "find" prints what Find finds;
// "again" executes the test binary from another thread, as often as its argument says.
func TestMain(m *testing.M) {
	role := os.Getenv(roleVariable)
	os.Unsetenv(roleVariable)
	switch role {
	case "":
		os.Exit(m.Run())
	case "block":
		set := unix.Sigset_t{}
		set.Val[0] = 1 << (unix.SIGUSR2 - 1)
		if err := unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil); err != nil {
			panic(err)
		}
		os.Setenv(roleVariable, "exec")
		panic(unix.Exec("/proc/self/exe", os.Args, os.Environ()))
	case "exec":
		var call struct {
			Path string
			Argv []string
			Env  []string
		}
		if err := json.Unmarshal([]byte(os.Args[1]), &call); err != nil {
			panic(err)
		}
		// Open files that must not come through, as a careless library leaves them.
		for range 3 {
			if _, err := unix.Open("/", unix.O_RDONLY|unix.O_DIRECTORY, 0); err != nil {
				panic(err)
			}
		}
		err := Exec(call.Path, call.Argv, call.Env)
		fmt.Println(err)
		os.Exit(Code(err))
	case "again":
		runtime.LockOSThread() // no other goroutine runs in the first thread
		n, err := strconv.Atoi(os.Args[1])
		if err != nil || n == 0 {
			os.Exit(n)
		}
		os.Setenv(roleVariable, role)
		go func() {
			panic(unix.Exec("/proc/self/exe", []string{os.Args[0], strconv.Itoa(n - 1)}, os.Environ()))
		}()
		select {}
	case "find":
		self, err := Self()
		if err != nil {
			panic(err)
		}
		path, err := Find("", "", self)
		if err != nil {
			fmt.Println(err)
		} else {
			fmt.Println(path)
		}
		os.Exit(Code(err))
	}
}

// report is the shell text that tells what a program that was exec'ed got. The
// shell is no Go program, so nothing is changed before it looks.
const report = `
printf 'pid=%s\n' $$
printf 'name=%s\n' "$0"
for a in "$@"; do printf 'arg=%s\n' "$a"; done
printf 'cwd=%s\n' "$(pwd)"
printf 'umask=%s\n' "$(umask)"
while read -r line; do printf 'status=%s\n' "$line"; done </proc/$$/status
while read -r line; do printf 'limit=%s\n' "$line"; done </proc/$$/limits
for f in /proc/$$/fd/*; do test -e "$f" && printf 'fd=%s\n' "${f##*/}"; done
tr '\0' '\n' </proc/$$/environ | sed 's/^/env=/'
`

// perform runs the test binary in a role below a shell that sets the scene, and
// gives what the report says, by name.
func perform(t *testing.T, scene, role string, env []string) (map[string][]string, int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	call, err := json.Marshal(map[string]any{
		"Path": "/bin/sh",
		"Argv": []string{"sh", "-c", report, "named", "-t", "/a b", ""},
		"Env":  env,
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", "-c", scene+"\nexec \"$0\" \"$1\"", self, string(call))
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Dir = t.TempDir()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		got[name] = append(got[name], value)
	}
	got["dir"] = []string{cmd.Dir}
	return got, cmd.Process.Pid
}

// field finds a line of /proc/PID/status or limits by its beginning.
func field(t *testing.T, lines []string, name string) string {
	t.Helper()
	for _, l := range lines {
		if rest, ok := strings.CutPrefix(l, name); ok {
			return strings.Join(strings.Fields(rest), " ")
		}
	}
	t.Fatalf("no %q in the report", name)
	return ""
}

func TestExec(t *testing.T) {
	// HUP and INT ignored; 7 is an inherited directory; soft limit of files 100.
	scene := `trap '' HUP INT; umask 027; ulimit -Sn 100; ulimit -Sc 0; exec 7</; exec 9>/dev/null`
	env := []string{"PATH=" + os.Getenv("PATH"), "TZ=UTC", "A=1"}
	got, pid := perform(t, scene, "exec", env)

	if want := fmt.Sprint(pid); got["pid"][0] != want {
		t.Errorf("pid %v, want %s: it is not the same process", got["pid"], want)
	}
	if want := []string{"-t", "/a b", ""}; strings.Join(got["arg"], "|") != strings.Join(want, "|") || got["name"][0] != "named" {
		t.Errorf("argv %q %q", got["name"], got["arg"])
	}
	if strings.Join(got["env"], "|") != strings.Join(env, "|") {
		t.Errorf("environment %q", got["env"])
	}
	if got["cwd"][0] != got["dir"][0] || got["umask"][0] != "0027" {
		t.Errorf("cwd %v umask %v", got["cwd"], got["umask"])
	}
	// The descriptor that the shell lists the directory with is gone when it prints.
	if strings.Join(got["fd"], " ") != "0 1 2" {
		t.Errorf("open descriptors: %v", got["fd"])
	}
	if limit := field(t, got["limit"], "Max open files"); !strings.HasPrefix(limit, "100 ") {
		t.Errorf("limit of open files: %s", limit)
	}
	if uid := field(t, got["status"], "Uid:"); uid != strings.TrimSpace(strings.Repeat(fmt.Sprint(os.Geteuid())+" ", 4)) {
		t.Errorf("uid %s", uid)
	}
	if ignored := field(t, got["status"], "SigIgn:"); ignored != "0000000000000003" {
		t.Errorf("ignored signals %s, want HUP and INT", ignored)
	}
	if blocked := field(t, got["status"], "SigBlk:"); blocked != "0000000000000000" {
		t.Errorf("blocked signals %s", blocked)
	}
}

// TestExecSignals: nothing that was not ignored becomes ignored (nohup ignores
// HUP, before the test), and what is blocked stays blocked.
func TestExecSignals(t *testing.T) {
	self, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	got, _ := perform(t, "", "block", []string{"PATH=" + os.Getenv("PATH")})
	if ignored, want := field(t, got["status"], "SigIgn:"), field(t, strings.Split(string(self), "\n"), "SigIgn:"); ignored != want {
		t.Errorf("ignored signals %s, want %s", ignored, want)
	}
	if blocked := field(t, got["status"], "SigBlk:"); blocked != "0000000000000800" {
		t.Errorf("blocked signals %s, want SIGUSR2", blocked)
	}
}

func TestCloseOnExecByList(t *testing.T) {
	fd, err := unix.Open("/", unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := closeOnExecByList("/proc/self/fd"); err != nil {
		t.Fatal(err)
	}
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("flags %x, %v", flags, err)
	}
	if err := closeOnExecByList(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("no error without the list")
	}
}

// script writes a program into a new directory.
func script(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExecFailures(t *testing.T) {
	cases := []struct {
		name, path string
		argv       []string
		status     int
		words      string
	}{
		{"missing", filepath.Join(t.TempDir(), "named"), nil, StatusNotFound, "there is no such file"},
		{"not executable", script(t, "named", "#!/bin/sh\n", 0o644), nil, StatusCannotExecute, "permission denied"},
		{"no interpreter", script(t, "named", "#!/nonexistent/sh\n", 0o755), nil, StatusCannotExecute, "interpreter is missing"},
		{"no program", script(t, "named", "\x7fELF nonsense", 0o755), nil, StatusCannotExecute, "no program for this machine"},
		{"directory", t.TempDir(), nil, StatusCannotExecute, "permission denied"},
		{"relative", "named", nil, StatusCannotExecute, "not an absolute path"},
		{"zero byte", "/bin/true", []string{"a\x00b"}, StatusCannotExecute, "zero byte"},
		{"too long", "/bin/true", []string{"true", strings.Repeat("x", 1<<20)}, StatusCannotExecute, "too long"},
	}
	for _, c := range cases {
		err := Exec(c.path, c.argv, nil)
		var exit *ExitError
		if !errors.As(err, &exit) || exit.Status != c.status || !strings.Contains(err.Error(), c.words) || exit.Diagnostic.Remedy == "" {
			t.Errorf("%s: %v (status %d)", c.name, err, Code(err))
		}
	}
}

func TestFind(t *testing.T) {
	self, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	good := script(t, "named", "#!/bin/sh\n", 0o755)
	plain := script(t, "named", "x", 0o644)
	linkToSelf := filepath.Join(t.TempDir(), "named")
	hard := filepath.Join(filepath.Dir(own), "named-hard-link")
	dangling := filepath.Join(t.TempDir(), "named")
	linkToGood := filepath.Join(t.TempDir(), "named")
	for _, err := range []error{os.Symlink(own, linkToSelf), os.Link(own, hard), os.Symlink("/nonexistent", dangling), os.Symlink(good, linkToGood)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Remove(hard) })

	t.Setenv("PATH", strings.Join([]string{"", "relative", filepath.Dir(linkToSelf), filepath.Dir(plain), filepath.Dir(dangling),
		filepath.Dir(linkToGood), filepath.Dir(good)}, ":"))
	if got, err := Find("", "", self); err != nil || got != linkToGood {
		t.Errorf("in PATH: %q, %v; want %q", got, err, linkToGood)
	}
	if got, err := Find(good, "/nonexistent", self); err != nil || got != good {
		t.Errorf("--named: %q, %v", got, err)
	}
	if got, err := Find("", good, self); err != nil || got != good {
		t.Errorf("NAMED_JAIL_NAMED: %q, %v", got, err)
	}
	t.Chdir(filepath.Dir(good))
	if got, err := Find("./named", "", self); err != nil || got != good {
		t.Errorf("relative --named: %q, %v", got, err)
	}
	bad := []struct {
		path   string
		status int
		words  string
	}{
		{linkToSelf, StatusCannotExecute, "is named-jail itself"},
		{hard, StatusCannotExecute, "is named-jail itself"},
		{plain, StatusCannotExecute, "permission denied"},
		{dangling, StatusCannotExecute, "symbolic link to a file that is missing"},
		{"/nonexistent/named", StatusNotFound, "there is no such file"},
		{good + "/x", StatusNotFound, "there is no such file"},
		{t.TempDir(), StatusCannotExecute, "no regular file"},
		{"/dev/null", StatusCannotExecute, "no regular file"},
	}
	for _, b := range bad {
		_, err := Find(b.path, "", self)
		if Code(err) != b.status || !strings.Contains(err.Error(), b.words) || !strings.Contains(err.Error(), "--named") {
			t.Errorf("%s: %v (status %d)", b.path, err, Code(err))
		}
		if _, err := Find("", b.path, self); err == nil || !strings.Contains(err.Error(), "NAMED_JAIL_NAMED: ") {
			t.Errorf("%s: %v", b.path, err)
		}
	}
	saved := directories
	t.Cleanup(func() { directories = saved })
	directories = []string{filepath.Dir(good)}
	t.Setenv("PATH", "")
	if got, err := Find("", "", nil); err != nil || got != good {
		t.Errorf("usual directory: %q, %v", got, err)
	}
	directories = []string{filepath.Dir(linkToSelf)}
	if _, err := Find("", "", self); Code(err) != StatusNotFound || !strings.Contains(err.Error(), "is named-jail itself") {
		t.Errorf("only ourselves: %v", err)
	}
	directories = []string{"/nonexistent"}
	if _, err := Find("", "", self); Code(err) != StatusNotFound || !strings.Contains(err.Error(), "not installed") {
		t.Errorf("nothing: %v", err)
	}
}

func TestFindIn(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "usr/sbin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := FindIn(root, ""); Code(err) != StatusNotFound {
		t.Errorf("empty system: %v", err)
	}
	if _, err := FindIn(filepath.Join(root, "none"), ""); Code(err) != StatusNotFound {
		t.Errorf("no system: %v", err)
	}
	if err := os.Symlink("/etc/alternatives/named", filepath.Join(root, "usr/sbin/named")); err != nil {
		t.Fatal(err)
	}
	if got, err := FindIn(root, ""); err != nil || got != "/usr/sbin/named" {
		t.Errorf("link: %q, %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(root, "text"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := FindIn(root, "/text"); Code(err) != StatusCannotExecute {
		t.Errorf("text: %v", err)
	}
	if _, err := FindIn(root, "../../bin/sh"); err == nil {
		t.Error("a path led out of the root")
	}
}

func TestProbe(t *testing.T) {
	answers := "#!/bin/sh\n" + `case $1 in
-v) echo 'BIND 9.11.36 <id:1>';;
-V) cat <<'END'
` + red911 + `END
;;
esac
test "$#" = 1 && test -z "$SECRET" && test "$(pwd)" = / && ! read -r x
`
	t.Setenv("SECRET", "x")
	path := script(t, "named", answers, 0o755)
	b, err := Probe(context.Background(), path, "")
	if err != nil {
		t.Fatal(err)
	}
	if b.Path != path || b.Version.Minor != 11 || b.Libdir != "/usr/lib64" {
		t.Errorf("%+v", b)
	}
	eight := script(t, "named", "#!/bin/sh\ntest $1 = -v || exit 1\nprintf 'named 8.2.3-REL Fri\\n\\tme@here:/src\\n'\n", 0o755)
	if b, err := Probe(context.Background(), eight, "/"); err != nil || b.Family != 8 {
		t.Errorf("BIND 8: %+v, %v", b, err)
	}

	mark := filepath.Join(t.TempDir(), "survivor")
	cases := []struct {
		name, text string
		mode       os.FileMode
		status     int
		words      string
	}{
		{"fails", "#!/bin/sh\necho 'libisc.so: \033[2Jnot found' >&2; exit 127\n", 0o755, 1, `failed with status 127; it says: libisc.so: \x1b[2Jnot found`},
		{"killed", "#!/bin/sh\nkill -9 $$\n", 0o755, 1, "signal 9"},
		{"endless", "#!/bin/sh\nwhile :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done\n", 0o755, 1, "far more than a version"},
		{"hangs", "#!/bin/sh\n(sleep 3; : >" + mark + ")\n", 0o755, 1, "did not end in time"},
		{"silent", "#!/bin/sh\n", 0o755, 1, "it says: nothing"},
		{"other", "#!/bin/sh\necho Knot DNS 3.2\n", 0o755, 1, "BIND 3.2.0"},
		{"not executable", "#!/bin/sh\n", 0o644, 126, "permission denied"},
		{"no interpreter", "#!/nonexistent\n", 0o755, 126, "interpreter"},
	}
	for _, c := range cases {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		_, err := Probe(ctx, script(t, "named", c.text, c.mode), "")
		cancel()
		if Code(err) != c.status || err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: status %d, %v", c.name, Code(err), err)
		}
	}
	time.Sleep(1500 * time.Millisecond)
	if _, err := os.Stat(mark); err == nil {
		t.Error("a child of the stopped program ran on")
	}
	if _, err := Probe(context.Background(), "named", ""); Code(err) != 126 {
		t.Errorf("relative: %v", err)
	}
	if _, err := Probe(context.Background(), "/nonexistent/named", ""); Code(err) != 127 {
		t.Errorf("missing: %v", err)
	}
}

// TestProbeLoop: a wrapper that starts named-jail and is taken for named.
func TestProbeLoop(t *testing.T) {
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	wrapper := script(t, "named", "#!/bin/sh\n"+roleVariable+"=find exec "+own+" 2>&1\n", 0o755)
	_, err = Probe(context.Background(), wrapper, "")
	if Code(err) != StatusFailed || !strings.Contains(err.Error(), "starts named-jail again") {
		t.Errorf("got %v", err)
	}
}

// TestProbeRoot asks a program below a changed root, with a copy of the shell that
// it needs.
func TestProbeRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("this test wants root, because only root can change its root directory")
	}
	root := t.TempDir()
	if _, err := Probe(context.Background(), "/usr/sbin/named", root); Code(err) != StatusNotFound {
		t.Errorf("empty root: %v", err)
	}
	copyProgram(t, root, "/bin/sh")
	text := "#!/bin/sh\ntest -e /proc && exit 9\necho BIND 9.4.3\n"
	if err := os.WriteFile(filepath.Join(root, "named"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := Probe(context.Background(), "/named", root)
	if err != nil || b.Path != "/named" || b.Version.Minor != 4 {
		t.Errorf("%+v, %v", b, err)
	}
}

// copyProgram copies a program and its libraries to the same places below root.
func copyProgram(t *testing.T, root, program string) {
	t.Helper()
	files := []string{program}
	out, err := exec.Command("ldd", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	for word := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(word, "/") {
			files = append(files, word)
		}
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(root, f)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
