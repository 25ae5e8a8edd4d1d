package jail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"named-jail/parser"
)

// toolDirs is where the system's own programs lie. PATH is not asked: these
// run as root.
var toolDirs = []string{"/usr/sbin", "/usr/bin", "/sbin", "/bin"}

// lookupTime bounds a question to the directory service, createTime the making
// of an account.
const (
	lookupTime = 5 * time.Second
	createTime = 30 * time.Second
)

// creation is one way to make a system account. The words {name}, {nologin} and
// {group} are replaced; {group} becomes newGroup, or oldGroup when a group of
// that name is there already. A step that only makes the group is left out then.
type creation struct {
	goos     string
	program  string // must exist, else the next row is tried
	newGroup []string
	oldGroup []string
	nologin  []string // the first that exists is taken
	steps    []creationStep
}

type creationStep struct {
	argv      []string
	groupOnly bool
}

const accountComment = "BIND name server"

// creations is the table of such ways, in the order in which they are tried.
var creations = []creation{
	{"linux", "useradd", []string{"-U"}, []string{"-g", "{name}"},
		[]string{"/usr/sbin/nologin", "/sbin/nologin", "/bin/false"},
		[]creationStep{{[]string{"useradd", "-r", "{group}", "-M", "-d", "/nonexistent", "-s", "{nologin}",
			"-c", accountComment, "{name}"}, false}}},
	{"linux", "adduser", []string{"-G", "{name}"}, []string{"-G", "{name}"}, // busybox
		[]string{"/sbin/nologin", "/usr/sbin/nologin", "/bin/false"},
		[]creationStep{{[]string{"addgroup", "-S", "{name}"}, true},
			{[]string{"adduser", "-S", "-D", "-H", "-h", "/nonexistent", "-s", "{nologin}", "{group}",
				"-g", accountComment, "{name}"}, false}}},
	{"freebsd", "pw", nil, []string{"-g", "{name}"}, []string{"/usr/sbin/nologin"},
		[]creationStep{{[]string{"pw", "useradd", "{name}", "{group}", "-d", "/nonexistent", "-s", "{nologin}",
			"-w", "no", "-c", accountComment}, false}}},
	{"openbsd", "useradd", []string{"-g", "=uid"}, []string{"-g", "{name}"}, []string{"/sbin/nologin"},
		[]creationStep{{[]string{"useradd", "{group}", "-d", "/nonexistent", "-s", "{nologin}",
			"-c", accountComment, "{name}"}, false}}},
	{"netbsd", "useradd", []string{"-g", "=uid"}, []string{"-g", "{name}"}, []string{"/sbin/nologin"},
		[]creationStep{{[]string{"useradd", "{group}", "-d", "/nonexistent", "-s", "{nologin}",
			"-c", accountComment, "{name}"}, false}}},
	{"solaris", "useradd", []string{"-g", "{name}"}, []string{"-g", "{name}"}, []string{"/usr/bin/false"},
		[]creationStep{{[]string{"groupadd", "{name}"}, true},
			{[]string{"useradd", "{group}", "-d", "/", "-s", "{nologin}", "-c", accountComment, "{name}"}, false}}},
	{"illumos", "useradd", []string{"-g", "{name}"}, []string{"-g", "{name}"}, []string{"/usr/bin/false"},
		[]creationStep{{[]string{"groupadd", "{name}"}, true},
			{[]string{"useradd", "{group}", "-d", "/", "-s", "{nologin}", "-c", accountComment, "{name}"}, false}}},
}

// commands gives the argument lists that make the account.
func (c creation) commands(name string, groupThere bool, exists func(string) bool) [][]string {
	nologin := c.nologin[0]
	for _, p := range c.nologin {
		if exists(p) {
			nologin = p
			break
		}
	}
	fill := strings.NewReplacer("{name}", name, "{nologin}", nologin)
	var all [][]string
	for _, step := range c.steps {
		if step.groupOnly && groupThere {
			continue
		}
		var argv []string
		for _, word := range step.argv {
			words := []string{word}
			if word == "{group}" {
				words = c.newGroup
				if groupThere {
					words = c.oldGroup
				}
			}
			for _, w := range words {
				argv = append(argv, fill.Replace(w))
			}
		}
		all = append(all, argv)
	}
	return all
}

// creationLine is what an operator of the system would type.
func creationLine(goos, name string) string {
	for _, c := range creations {
		if c.goos != goos {
			continue
		}
		var lines []string
		for _, argv := range c.commands(name, false, func(string) bool { return false }) {
			for i, w := range argv {
				if strings.Contains(w, " ") {
					argv[i] = "'" + w + "'"
				}
			}
			lines = append(lines, strings.Join(argv, " "))
		}
		return strings.Join(lines, " && ")
	}
	return "useradd " + name
}

// CreateAccount makes a system account without home, password and login shell,
// with the program that the system has for it. Only root can, and only on the
// running system: root must be "/". Errors: *Error NJ502, NJ504.
func CreateAccount(ctx context.Context, files Files, root, name string) error {
	switch {
	case !isLive(root):
		return &Error{Code: "NJ502", Message: "an account can be created on the running system only, not below --root",
			Remedy: "Create it in the image with the image's own tools, e.g. chroot IMAGE " + creationLine(runtime.GOOS, "named")}
	case !usableName(name):
		return &Error{Code: "NJ502", Message: fmt.Sprintf("%q cannot be the name of a new account", name),
			Remedy: "Use small letters, digits, - and _, beginning with a letter or _; at most 31 of them."}
	case os.Geteuid() != 0:
		return &Error{Code: "NJ504", Message: "creating an account needs root",
			Remedy: "Run the command again as root, or create it yourself: " + creationLine(runtime.GOOS, name)}
	}
	_, err := LookupGroup(files, root, name)
	groupThere := err == nil
	for _, c := range creations {
		if c.goos != runtime.GOOS || findTool(c.program) == "" {
			continue
		}
		for _, argv := range c.commands(name, groupThere, isExecutable) {
			if err := runTool(ctx, argv); err != nil {
				return err
			}
		}
		return nil
	}
	return &Error{Code: "NJ502", Message: "this system has no program to create an account that named-jail knows",
		Remedy: fmt.Sprintf("Create the system user %s yourself (no home, no password, no login shell), then run the command again.", name)}
}

// runTool runs one of the system's programs with nothing of our environment.
func runTool(ctx context.Context, argv []string) error {
	fail := func(what string) error {
		return &Error{Code: "NJ502", Message: fmt.Sprintf("`%s` failed: %s", strings.Join(argv, " "), what),
			Remedy: "Remove the cause, or create the account yourself; then run the command again."}
	}
	program := findTool(argv[0])
	if program == "" {
		return fail("the program is missing")
	}
	ctx, cancel := context.WithTimeout(ctx, createTime)
	defer cancel()
	out, err := toolCommand(ctx, program, argv[1:]...).CombinedOutput()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fail("it did not end in time")
	case len(bytes.TrimSpace(out)) > 0:
		return fail(shorten(parser.Printable(strings.ReplaceAll(string(bytes.TrimSpace(out)), "\n", "; ")), 300))
	}
	return fail(plainCause(err))
}

// toolCommand is a command that sees no environment, no input and no terminal.
func toolCommand(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = []string{"PATH=" + strings.Join(toolDirs, ":"), "LC_ALL=C"}
	cmd.Dir = "/"
	cmd.WaitDelay = time.Second
	return cmd
}

// findTool gives the path of a program of the system, "" when there is none.
func findTool(name string) string {
	for _, d := range toolDirs {
		if p := filepath.Join(d, name); isExecutable(p) {
			return p
		}
	}
	return ""
}

func isExecutable(p string) bool {
	fi, err := os.Stat(p)
	return err == nil && fi.Mode().IsRegular() && fi.Mode()&0o111 != 0
}

// shorten cuts a text to a length in bytes.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "..."
}

// usableName tells whether a name may be that of a new account.
//
// Source: useradd(8), the names that every system accepts.
func usableName(name string) bool {
	if name == "" || len(name) > 31 {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c == '_'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '-')) {
			return false
		}
	}
	return true
}

// maxAnswer bounds what getent may say, in bytes.
const maxAnswer = 64 << 10

// askService asks the system's directory services for one entry.
func askService(table, key string) (string, bool) {
	line, ok := askServiceAgain(table, key)
	sawAnswer(table, key, line, ok)
	return line, ok
}

// askServiceAgain is askService that nobody notes.
func askServiceAgain(table, key string) (string, bool) {
	program := findTool("getent")
	if program == "" || key == "" || key[0] == '-' || strings.ContainsAny(key, ":\n\r\x00") {
		return "", false
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookupTime)
	defer cancel()
	var out boundedBuffer
	cmd := toolCommand(ctx, program, table, key)
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		return "", false
	}
	line, _, _ := strings.Cut(out.text.String(), "\n")
	return line, line != ""
}

// boundedBuffer is a buffer that refuses to grow beyond maxAnswer. It does not
// embed the buffer, whose ReadFrom would go round the bound.
type boundedBuffer struct{ text bytes.Buffer }

var errTooLong = errors.New("the answer is too long")

// Write appends p. Errors: an answer longer than maxAnswer.
func (b *boundedBuffer) Write(p []byte) (int, error) {
	if b.text.Len()+len(p) > maxAnswer {
		return 0, errTooLong
	}
	return b.text.Write(p)
}

// accountFromService looks a user up in the directory services.
func accountFromService(name string) (Account, bool) {
	line, ok := askService("passwd", name)
	if !ok {
		return Account{}, false
	}
	a, _, ok := findAccount([]byte(line), name)
	return a, ok
}

// groupFromService looks a group up, by name or number.
func groupFromService(key string) (groupEntry, bool) {
	line, ok := askService("group", key)
	if !ok {
		return groupEntry{}, false
	}
	id, byID := accountID(key)
	return findGroup([]byte(line), func(g groupEntry) bool { return byID && g.gid == id || !byID && g.name == key })
}

// groupsFromService asks the C library for all groups of a user, as
// initgroups(3) does: "name  10 20".
func groupsFromService(user string) []int {
	line, ok := askService("initgroups", user)
	if !ok {
		return nil
	}
	var list []int
	for i, word := range strings.Fields(line) {
		if id, ok := accountID(word); ok && i > 0 {
			list = append(list, id)
		}
	}
	return list
}
