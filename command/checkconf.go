package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"named-jail/launcher"
	"named-jail/parser"
)

// Bounds of one run of named-checkconf. The time is a variable for tests.
var checkconfTime = 2 * time.Minute

const checkconfSize = 4 << 20

// checkconf finds the named-checkconf that was installed with the named in use,
// "" when there is none: another release's would judge another language.
func (s *system) checkconf() string {
	var places []string
	if s.build.Path != "" {
		dir := filepath.Dir(s.build.Path)
		places = append(places, filepath.Join(dir, "named-checkconf"), filepath.Join(filepath.Dir(dir), "bin/named-checkconf"))
	}
	for _, p := range places {
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return p
		}
	}
	return ""
}

// untold are the findings after which named-checkconf has nothing to add: it
// would end at the same include file, or, having no bounds, go round in the
// loop until it has no more memory.
var untold = map[parser.Code]bool{"NJ108": true, "NJ109": true, "NJ110": true, "NJ113": true, "NJ115": true, "NJ116": true}

// asked is a run of named-checkconf that goes on while other work is done.
type asked struct {
	program string
	stop    context.CancelFunc
	done    chan struct{}
	text    string
	err     error
}

// startCheckconf starts named-checkconf, unless there is nothing to ask it. The
// configuration has been read.
func (v *survey) startCheckconf(ctx context.Context) {
	program := v.checkconf()
	if v.asked != nil || program == "" || v.bindVersion != "" || len(v.install.Files) == 0 || v.wouldHang() || v.knowsEnough() {
		return
	}
	args := []string{v.conf}
	if root := v.source.host.Root(); root != "/" {
		if os.Geteuid() != 0 {
			return // it can only look into another system as root
		}
		args = []string{"-t", root, v.conf}
		if len(v.install.Modules()) > 0 {
			// it would load the plugins, as root: code of a tree that named may
			// have written in
			args = append([]string{"-c"}, args...)
		}
	}
	if args[0] != "-c" {
		args = v.core(args)
	}
	ctx, cancel := context.WithCancel(ctx)
	a := &asked{program: program, stop: cancel, done: make(chan struct{})}
	v.asked = a
	go func() {
		a.text, a.err = runCheckconf(ctx, program, args)
		close(a.done)
	}()
}

// endCheckconf ends a run of which nobody wants to hear any more.
func (v *survey) endCheckconf() {
	if v.asked != nil {
		v.asked.stop()
		<-v.asked.done
	}
}

// knowsEnough tells whether something was found to which named-checkconf has
// nothing to add.
func (v *survey) knowsEnough() bool {
	return slices.ContainsFunc(v.ds, func(d parser.Diagnostic) bool { return untold[d.Code] })
}

// askCheckconf adds the verdict of the very named that will be started. What
// is known already is not told twice.
func (v *survey) askCheckconf(ctx context.Context) {
	v.startCheckconf(ctx)
	if v.asked == nil || v.knowsEnough() {
		return
	}
	<-v.asked.done
	program, text, err := v.asked.program, v.asked.text, v.asked.err
	var exit *exec.ExitError
	switch {
	case err == nil:
		v.mergeCheckconf(text, false, program)
	case errors.As(err, &exit) && exit.ExitCode() == 1:
		if other := otherRelease(ctx, program, v.build.Version); other != "" {
			v.noVerdict(program, fmt.Sprintf("it belongs to BIND %s, and named is %s", other, v.build.Version))
			return
		}
		v.mergeCheckconf(text, true, program)
	case errors.Is(err, context.DeadlineExceeded):
		v.noVerdict(program, "it did not end in time")
	case errors.Is(err, context.Canceled):
	default:
		first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
		if exit == nil {
			first = plainText(err)
		}
		v.noVerdict(program, fmt.Sprintf("it ended with %v: %s", err, v.withoutSecrets(first)))
	}
}

// checkconfAccepts tells whether the named-checkconf of this very named takes
// the configuration.
func (v *survey) checkconfAccepts(ctx context.Context) bool {
	program := v.checkconf()
	if program == "" || v.wouldHang() || v.source.host.Root() != "/" {
		return false
	}
	_, err := runCheckconf(ctx, program, v.core([]string{v.conf}))
	return err == nil && otherRelease(ctx, program, v.build.Version) == ""
}

// noVerdict says that named-checkconf has said neither yes nor no, where that
// is not known already.
func (v *survey) noVerdict(program, why string) {
	if v.ds.Errors() > 0 {
		return
	}
	v.ds.Add(parser.Diagnostic{Code: "NJ607", Severity: parser.Warning, Message: program + " gives no verdict: " + why,
		Remedy: "Run it by hand, or leave it out with --no-checkconf."})
}

// wouldHang tells whether the configuration includes something that is no file,
// a FIFO say: named-checkconf would wait for it for ever. That is reported.
func (v *survey) wouldHang() bool {
	for _, inc := range v.install.Includes {
		if len(inc.Files) > 0 || inc.Glob {
			continue
		}
		info, err := v.source.Stat(parser.Resolve(inc.Directory, inc.Pattern))
		if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
			return true
		}
	}
	return false
}

// runCheckconf runs it and gives what it printed. Errors: those of its end;
// context.DeadlineExceeded.
func runCheckconf(ctx context.Context, program string, args []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, checkconfTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = "/"
	cmd.Env = append(launcher.LoaderEnvironment(os.Environ()), "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C")
	cmd.WaitDelay = time.Second
	out := firstBytes{size: checkconfSize}
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	return out.text.String(), err
}

// otherRelease asks named-checkconf for its release, and gives it when that is
// not named's.
func otherRelease(ctx context.Context, program string, named parser.Version) string {
	text, err := runCheckconf(ctx, program, []string{"-v"})
	if err != nil {
		return ""
	}
	word, _, _ := strings.Cut(strings.TrimSpace(text), "-")
	v, err := parser.ParseVersion(word)
	if err != nil || v == named {
		return ""
	}
	return v.String()
}

// firstBytes keeps the first bytes of an output, as many as size says, and lets
// the rest go.
type firstBytes struct {
	text bytes.Buffer
	size int
}

// Write takes all of p. Errors: never.
func (b *firstBytes) Write(p []byte) (int, error) {
	b.text.Write(p[:max(0, min(len(p), b.size-b.text.Len()))])
	return len(p), nil
}
