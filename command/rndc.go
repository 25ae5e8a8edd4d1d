package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
)

// Bounds of one question to rndc. The time is a variable for tests.
var rndcTime = 30 * time.Second

const rndcSize = 1 << 20

// remote is the way to ask one running named with rndc.
type remote struct {
	program string
	process jail.Process
	flags   []string // address, port and where the key is; never the key
	config  string   // a configuration of rndc, "" where a file has it
	secret  string   // that is in it
}

// answer is what rndc said: one line of it, made safe to print, and the whole in
// lower case to look for words in.
type answer struct {
	line, words string
	err         error
}

// noRemote is why rndc cannot be used.
type noRemote string

// Error is the reason.
func (n noRemote) Error() string { return string(n) }

// findRemote finds the rndc of this named, the address where the process listens
// for it and the key, and asks for the status to see that all of it is right.
// Errors: a noRemote.
func (w *walk) findRemote(ctx context.Context, p jail.Process) (*remote, error) {
	r := &remote{program: w.beside("rndc"), process: p}
	if r.program == "" {
		return nil, noRemote("there is no rndc beside " + w.build.Path)
	}
	server, err := p.Look()
	if err != nil {
		return nil, noRemote("what named listens on cannot be found out: " + plainText(err))
	}
	stated, why := w.channels()
	if why != "" {
		return nil, noRemote(why)
	}
	list := heard(stated, server)
	if len(list) == 0 {
		return nil, noRemote(fmt.Sprintf("named (process %d) does not listen on %s, where the configuration tells rndc to go", p.PID, stated[0].at))
	}
	var last error
	for _, c := range list {
		for _, try := range w.keysFor(c) {
			r.flags, r.config, r.secret = try.flags, try.config, try.secret
			if last = r.ask(ctx, "status").err; last == nil {
				return r, nil
			}
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
	}
	if last == nil {
		last = fmt.Errorf("neither %s nor %s is there", w.build.RndcKey, w.build.RndcConf)
	}
	return nil, noRemote(last.Error())
}

// beside finds a program that was installed with the named in use.
func (s *system) beside(name string) string {
	if s.build.Path == "" {
		return ""
	}
	dir := filepath.Dir(s.build.Path)
	for _, p := range []string{filepath.Join(dir, name), filepath.Join(filepath.Dir(dir), "sbin", name), filepath.Join(filepath.Dir(dir), "bin", name)} {
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return p
		}
	}
	return ""
}

// keysFor gives the ways to a channel: with the key that it names, with the key
// file that named reads unasked, with the administrator's own rndc.conf.
func (w *walk) keysFor(c channel) []remote {
	where := []string{"-s", c.at.Addr().String(), "-p", strconv.Itoa(int(c.at.Port()))}
	var ways []remote
	if c.key != nil {
		if text, err := c.key.config(); err == nil {
			ways = append(ways, remote{flags: append([]string{"-c", "/dev/fd/3"}, where...), config: text, secret: c.key.secret})
		}
	} else if _, err := w.host.Stat(w.build.RndcKey); err == nil {
		ways = append(ways, remote{flags: append([]string{"-k", w.build.RndcKey}, where...)})
	}
	if _, err := w.host.Stat(w.build.RndcConf); err == nil {
		ways = append(ways, remote{flags: append([]string{"-c", w.build.RndcConf}, where...)})
	}
	return ways
}

// ask runs rndc with one command. It has a process group of its own, so that ^C
// does not reach it, and a short time.
func (r *remote) ask(ctx context.Context, words ...string) answer {
	ctx, cancel := context.WithTimeout(ctx, rndcTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.program, append(append([]string{}, r.flags...), words...)...)
	cmd.Dir, cmd.Env = "/", []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", launcher.ProbeMark + "=1"}
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out := firstBytes{size: rndcSize}
	cmd.Stdout, cmd.Stderr = &out, &out
	if r.config != "" {
		read, write, err := os.Pipe()
		if err != nil {
			return answer{err: err}
		}
		defer read.Close()
		_, err = write.WriteString(r.config) // far less than a pipe holds
		write.Close()
		if err != nil {
			return answer{err: err}
		}
		cmd.ExtraFiles = []*os.File{read}
	}
	err := cmd.Run()
	if r.secret != "" && bytes.Contains(out.text.Bytes(), []byte(r.secret)) {
		out.text = *bytes.NewBuffer(bytes.ReplaceAll(out.text.Bytes(), []byte(r.secret), []byte("...")))
	}
	a := answer{words: strings.ToLower(out.text.String()), line: firstWords(out.text.Bytes())}
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		a.err = fmt.Errorf("rndc %s had no answer within %v", parser.Printable(strings.Join(words, " ")), rndcTime)
	case ctx.Err() != nil:
		a.err = ctx.Err()
	case errors.As(err, &exit):
		a.err = fmt.Errorf("rndc %s failed: %s", parser.Printable(strings.Join(words, " ")), a.line)
	case err != nil:
		a.err = errors.New("rndc cannot be run: " + plainText(err))
	}
	return a
}

// maxRndcLine bounds what is shown of an answer.
const maxRndcLine = 300

// firstWords gives the first line of an answer without the program's name, safe
// to print: the server, or whoever answered, wrote it.
func firstWords(text []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	line = bytes.TrimPrefix(line, []byte("rndc: "))
	if len(line) > maxRndcLine {
		line = line[:maxRndcLine]
	}
	if len(line) == 0 {
		return "it says nothing"
	}
	return parser.Printable(string(line))
}
