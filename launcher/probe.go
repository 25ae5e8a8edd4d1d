package launcher

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// probeTime bounds one question to named, unless the context ends sooner.
const probeTime = 10 * time.Second

// probeEnvironment is all that named gets when it is asked for its version.
// ProbeMark is in it so that a wrapper around named-jail that is taken for named
// is found out, instead of asking itself without end.
var probeEnvironment = []string{
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin",
	"LC_ALL=C",
	ProbeMark + "=1",
}

// Probe asks the named at path what it is: `named -v` and, from BIND 9.6 on,
// `named -V`. path is absolute. root, unless empty or "/", is the directory that
// named sees as its root; only root may do that. named is given a short time, no
// input and an environment of its own, and its output is bounded.
//
// Errors: an ExitError: 127 there is no such file (NJ601), 126 it cannot be run
// (NJ602), 1 it does not answer or the answer is not understood (NJ605).
func Probe(ctx context.Context, path string, root string) (Build, error) {
	if !filepath.IsAbs(path) {
		return Build{}, notAbsolute(path)
	}
	if root != "" {
		abs, err := filepath.Abs(root)
		if err != nil {
			return Build{}, fail(StatusFailed, "NJ605", err, root+": the current directory cannot be found out",
				"give --root as an absolute path")
		}
		root = abs
	}
	if root == "/" {
		root = ""
	}
	if root != "" && os.Geteuid() != 0 {
		return Build{}, fail(StatusCannotExecute, "NJ602", nil,
			fmt.Sprintf("%s below %s can be asked for its version by root only", path, root),
			"run as root, or give the release with --bind-version 9.18")
	}
	short, err := ask(ctx, path, root, "-v")
	if err != nil {
		return Build{}, err
	}
	b, err := ParseBuild(short, "")
	if err != nil {
		return Build{}, err
	}
	if b.Version.AtLeast(9, 6, 0) {
		long, err := ask(ctx, path, root, "-V")
		if err != nil {
			return Build{}, err
		}
		if b, err = ParseBuild(short, long); err != nil {
			return Build{}, err
		}
	}
	b.Path = path
	return b, nil
}

// notAbsolute is the error for a program that is not given by its whole path.
func notAbsolute(path string) error {
	return fail(StatusCannotExecute, "NJ602", nil, fmt.Sprintf("%q is not an absolute path", path),
		"give the whole path of named")
}

// ask runs named with one flag and gives what it prints on standard output.
func ask(ctx context.Context, path, root, flag string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	var out, complaint bounded
	cmd := exec.CommandContext(ctx, path, flag)
	cmd.Env = probeEnvironment
	if root == "" || root == "/" {
		cmd.Env = append(LoaderEnvironment(os.Environ()), probeEnvironment...)
	}
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = &out, &complaint
	cmd.WaitDelay = time.Second
	// A process group of its own, so that whatever a wrapper starts ends with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Chroot: root}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	if err := cmd.Start(); err != nil {
		return "", cannotRun(path, err, fileExists(filepath.Join(root, path)))
	}
	err := cmd.Wait()
	question := path + " " + flag
	switch {
	case ctx.Err() != nil:
		return "", unanswered(err, question+" did not end in time and was stopped")
	case out.full:
		return "", unanswered(err, question+" prints far more than a version")
	case errors.Is(err, exec.ErrWaitDelay):
		_ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
		return "", unanswered(err, question+" left a process behind that keeps its output open")
	case err != nil:
		said := firstLine(complaint.text() + "\n" + out.text())
		return "", unanswered(err, fmt.Sprintf("%s %s; it says: %s", question, ending(cmd.ProcessState), said))
	}
	return out.text(), nil
}

// unanswered is the error of a named that can be started and does not answer.
func unanswered(cause error, message string) error {
	return fail(StatusFailed, "NJ605", cause, message,
		"run it by hand to see what is wrong, or give the real named with --named FILE, or its release with --bind-version 9.18")
}

// ending is how a program ended, in words.
func ending(state *os.ProcessState) string {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return fmt.Sprintf("was ended by signal %d (%s)", status.Signal(), status.Signal())
	}
	return fmt.Sprintf("failed with status %d", state.ExitCode())
}

// bounded keeps the first maxAnswer bytes and refuses the rest.
type bounded struct {
	buf  bytes.Buffer
	full bool
}

// Write takes p. Errors: an error when the bound is passed.
func (b *bounded) Write(p []byte) (int, error) {
	room := maxAnswer - b.buf.Len()
	if len(p) > room {
		b.buf.Write(p[:room])
		b.full = true
		return room, errors.New("too much output")
	}
	return b.buf.Write(p)
}

// text is what was kept.
func (b *bounded) text() string { return strings.ToValidUTF8(b.buf.String(), "?") }
