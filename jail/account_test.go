package jail

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"named-jail/parser"
)

// hostWith makes a system below a temporary directory. Keys that end in a slash
// are directories; values that begin with "-> " are links.
func hostWith(t testing.TB, tree map[string]string) *Host {
	t.Helper()
	top := t.TempDir()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	for name, text := range tree {
		at := filepath.Join(top, name)
		if strings.HasSuffix(name, "/") {
			must(os.MkdirAll(at, 0o755))
			continue
		}
		must(os.MkdirAll(filepath.Dir(at), 0o755))
		if target, ok := strings.CutPrefix(text, "-> "); ok {
			must(os.Symlink(target, at))
			continue
		}
		must(os.WriteFile(at, []byte(text), 0o644))
	}
	h, err := OpenHost(top)
	must(err)
	t.Cleanup(func() { h.Close() })
	return h
}

// liveHost is the running system.
func liveHost(t testing.TB) *Host {
	t.Helper()
	h, err := OpenHost("/")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// findings writes findings as "CODE severity message".
func findings(ds parser.Diagnostics) string {
	var lines []string
	for _, d := range ds {
		lines = append(lines, string(d.Code)+" "+d.Severity.String()+" "+d.Message)
	}
	return strings.Join(lines, "\n")
}

const samplePasswd = `# comment
+@netgroup::::::
-mallory::::::
root:x:0:0:root:/root:/bin/bash
  named:x:25:26:Named:/var/named:/sbin/nologin
short:x:70:71
broken:x:notanumber:1::/:/bin/sh
minus:x:-1:1::/:/bin/sh
toolarge:x:4294967295:1::/:/bin/sh
login:x:1000:1000::/home/login:/bin/bash
empty::1001:0::/:
named:x:99:99:second:/:/bin/sh
`

func accountHost(t testing.TB) *Host {
	return hostWith(t, map[string]string{
		"etc/passwd": samplePasswd,
		"etc/group":  "root:x:0:\n+:::\ndaemon:x:2:\nnamed:x:26:login\nbad:x:y:\n",
		"etc/shadow": "root:$6$abc$def:1::::::\nnamed:!!:1::::::\nlogin:$6$s3cr3t$hash:1::::::\nshort:*:1::::::\n",
	})
}

func TestLookupAccount(t *testing.T) {
	h := accountHost(t)
	for name, want := range map[string]Account{
		"named": {"named", 25, 26, "named", "/sbin/nologin", "/var/named", PasswordLocked},
		"25":    {"named", 25, 26, "named", "/sbin/nologin", "/var/named", PasswordLocked},
		"short": {"short", 70, 71, "71", "", "", PasswordLocked},
		"login": {"login", 1000, 1000, "1000", "/bin/bash", "/home/login", PasswordSet},
		"empty": {"empty", 1001, 0, "root", "", "/", PasswordEmpty},
		"root":  {"root", 0, 0, "root", "/bin/bash", "/root", PasswordSet},
	} {
		got, err := LookupAccount(h, h.Root(), name)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
	}
	for _, name := range []string{"", "nobody", "broken", "minus", "toolarge", "+@netgroup", "-mallory", "4294967295",
		"53", "-1", "a:b", "named\n", "99999999999999999999", "# comment"} {
		got, err := LookupAccount(h, h.Root(), name)
		var e *Error
		if !errors.As(err, &e) || e.Code != "NJ502" || e.Remedy == "" {
			t.Errorf("%q: %+v, %v; want NJ502", name, got, err)
		}
	}
}

func TestDefaultAccount(t *testing.T) {
	for _, c := range []struct{ passwd, want string }{
		{"bind:x:5:5::/:\nnamed:x:6:6::/:\n", "named"},
		{"_bind:x:7:7::/:\nbind:x:5:5::/:\n", "bind"},
		{"_bind:x:7:7::/:\n", "_bind"},
		{"x:x:7:7::/:\n", ""},
	} {
		h := hostWith(t, map[string]string{"etc/passwd": c.passwd})
		a, err := DefaultAccount(h, h.Root())
		if a.Name != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: %v, %v; want %q", c.passwd, a, err, c.want)
		}
	}
	h := hostWith(t, nil)
	if _, ds := FindAccount(h, h.Root(), ""); ds.Errors() != 1 || ds[0].Code != "NJ502" {
		t.Errorf("a system without accounts: %s", findings(ds))
	}
}

func TestCheckAccount(t *testing.T) {
	good := Account{Name: "named", UID: 25, GID: 25, Shell: "/sbin/nologin", Password: PasswordLocked}
	with := func(change func(*Account)) Account {
		a := good
		change(&a)
		return a
	}
	for _, c := range []struct {
		account Account
		want    []string
	}{
		{good, nil},
		{with(func(a *Account) { a.Password = PasswordUnknown; a.Shell = "/usr/bin/false" }), nil},
		{with(func(a *Account) { a.UID = 0; a.Shell = "/bin/sh" }), []string{`NJ502 error the user "named" has uid 0: root is not held by a jail`}},
		{with(func(a *Account) { a.GID = 0 }), []string{`NJ503 warning the primary group of the user "named" is root's (gid 0)`}},
		{with(func(a *Account) { a.Shell = "/bin/zsh" }), []string{`NJ503 warning the user "named" can log in: its shell is /bin/zsh`}},
		{with(func(a *Account) { a.Shell = "" }), []string{`NJ503 warning the user "named" can log in: its shell is /bin/sh`}},
		{with(func(a *Account) { a.Password = PasswordSet }), []string{`NJ503 warning the user "named" has a password; it needs none`}},
		{with(func(a *Account) { a.Password = PasswordEmpty }), []string{`NJ503 warning the user "named" has an empty password: anybody can become it`}},
	} {
		ds := CheckAccount(c.account)
		if got := findings(ds); got != strings.Join(c.want, "\n") {
			t.Errorf("%+v:\n got %s\nwant %s", c.account, got, strings.Join(c.want, "\n"))
		}
		for _, d := range ds {
			if !strings.Contains(d.Remedy, "named") && d.Code == "NJ503" {
				t.Errorf("remedy without the name: %q", d.Remedy)
			}
		}
	}
}

// A hash must not come out by any way.
func TestAccountKeepsNoSecret(t *testing.T) {
	h := accountHost(t)
	a, ds := FindAccount(h, h.Root(), "login")
	var b strings.Builder
	for _, d := range ds {
		d.Fprint(&b)
	}
	if text := b.String() + a.Group + a.Shell + a.Home; strings.Contains(text, "s3cr3t") || len(ds) != 2 {
		t.Errorf("%s", text)
	}
}

func TestHostileAccountNameIsQuoted(t *testing.T) {
	ds := CheckAccount(Account{Name: "x;reboot\x1b", UID: 7, GID: 7, Shell: "/bin/sh"})
	if len(ds) != 1 || !strings.Contains(ds[0].Remedy, `"x;reboot\x1b"`) {
		t.Errorf("%+v", ds)
	}
}

func TestPasswordState(t *testing.T) {
	for field, want := range map[string]PasswordState{
		"": PasswordEmpty, "x": PasswordUnknown, "*": PasswordLocked, "!": PasswordLocked, "!!": PasswordLocked,
		"!$6$a$b": PasswordLocked, "*LK*": PasswordLocked, "*LOCKED*$2b$": PasswordLocked, "NP": PasswordLocked,
		"*************": PasswordLocked, "$6$a$b": PasswordSet, "ab12CD34ef567": PasswordSet,
	} {
		if got := passwordState(field); got != want {
			t.Errorf("%q: %d, want %d", field, got, want)
		}
	}
}

func TestLookupGroup(t *testing.T) {
	h := accountHost(t)
	for name, want := range map[string]int{"daemon": 2, "root": 0, "named": 26, "4711": 4711} {
		if got, err := LookupGroup(h, h.Root(), name); err != nil || got != want {
			t.Errorf("%s: %d, %v", name, got, err)
		}
	}
	for _, name := range []string{"wheel", "bad", "+", "", "4294967295"} {
		if got, err := LookupGroup(h, h.Root(), name); err == nil {
			t.Errorf("%q: %d, want an error", name, got)
		}
	}
}

// The running system's own answers are the measure.
func TestLiveAccounts(t *testing.T) {
	h := liveHost(t)
	for _, name := range []string{"root", "daemon", "nobody"} {
		a, err := LookupAccount(h, "/", name)
		if err != nil {
			t.Fatal(err)
		}
		for flag, got := range map[string]string{"-u": strconv.Itoa(a.UID), "-g": strconv.Itoa(a.GID), "-gn": a.Group} {
			out, err := exec.Command("id", flag, name).Output()
			if err != nil || strings.TrimSpace(string(out)) != got {
				t.Errorf("id %s %s says %q, we say %q (%v)", flag, name, out, got, err)
			}
		}
	}
	if a, ok := accountFromService("daemon"); !ok || a.Name != "daemon" {
		t.Errorf("getent: %+v, %v", a, ok)
	}
	if _, ok := accountFromService("no-such-user-here"); ok {
		t.Error("getent found a user that is not there")
	}
	for _, bad := range []string{"-s", "--help", "", "root\nx", "a:b"} {
		if line, ok := askService("passwd", bad); ok {
			t.Errorf("getent was asked for %q: %q", bad, line)
		}
	}
}

func TestCreationCommands(t *testing.T) {
	none := func(string) bool { return false }
	for _, c := range creations {
		for _, group := range []bool{false, true} {
			for _, argv := range c.commands("named", group, none) {
				line := strings.Join(argv, " ")
				if strings.ContainsAny(line, "{}") || !strings.Contains(line, "named") {
					t.Errorf("%s %s: %q", c.goos, c.program, line)
				}
			}
		}
	}
	got := creations[0].commands("named", true, func(p string) bool { return p == "/sbin/nologin" })
	want := [][]string{{"useradd", "-r", "-g", "named", "-M", "-d", "/nonexistent", "-s", "/sbin/nologin", "-c", accountComment, "named"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	if got, want := creationLine("linux", "named"),
		"useradd -r -U -M -d /nonexistent -s /usr/sbin/nologin -c 'BIND name server' named"; got != want {
		t.Errorf("%q", got)
	}
}

func TestCreateAccountRefuses(t *testing.T) {
	h := accountHost(t)
	for _, c := range []struct{ root, name string }{
		{h.Root(), "named"}, {"/", "-x"}, {"/", "a b"}, {"/", "5"}, {"/", ""}, {"/", "Upper"}, {"/", strings.Repeat("a", 40)},
	} {
		var e *Error
		if err := CreateAccount(context.Background(), h, c.root, c.name); !errors.As(err, &e) || e.Remedy == "" {
			t.Errorf("%q: %v", c, err)
		}
	}
}

func TestToolFailureIsTold(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "useradd"), []byte("#!/bin/sh\necho \"no $1 \033[1m\" >&2; exit 9\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	saved := toolDirs
	toolDirs = []string{dir}
	defer func() { toolDirs = saved }()
	err := runTool(context.Background(), []string{"useradd", "named"})
	if err == nil || !strings.Contains(err.Error(), "no named") || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("%v", err)
	}
	if err := runTool(context.Background(), []string{"pw", "x"}); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("%v", err)
	}
}

func TestLongAnswerIsRefused(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\nwhile :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done\n"
	if err := os.WriteFile(filepath.Join(dir, "getent"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	saved := toolDirs
	toolDirs = []string{dir, "/bin", "/usr/bin"}
	defer func() { toolDirs = saved }()
	if line, ok := askService("passwd", "x"); ok {
		t.Errorf("%d bytes", len(line))
	}
}

func FuzzAccounts(f *testing.F) {
	f.Add([]byte(samplePasswd), "named")
	f.Add([]byte("a:b:1:2\r\n\x00:::\n+\n:x:1:1\n"), "1")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		if a, _, ok := findAccount(data, name); ok {
			if a.Name == "" || a.UID < 0 || a.UID > maxID || a.GID < 0 || a.GID > maxID || strings.ContainsAny(a.Name, ":\n") {
				t.Errorf("%+v", a)
			}
			if id, byID := accountID(name); byID && a.UID != id || !byID && a.Name != name {
				t.Errorf("%q found %+v", name, a)
			}
		}
		findGroup(data, func(groupEntry) bool { return false })
		shadowField(data, name)
	})
}
