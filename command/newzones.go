package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"named-jail/rewrite"
)

// Bounds of a run of named-nzd2nzf: a database is the work of an account that
// may have been broken into.
const (
	databaseTime = time.Minute
	databaseSize = 256 << 20
)

// holds tells whether the jail has a file.
func (s *system) holds(p rewrite.JailPath) bool {
	if s.tree == nil || !s.tree.Exists() {
		return false
	}
	info, err := s.tree.Lstat(p)
	return err == nil && info.Exists()
}

// database reads a database of added zones with BIND's own program, as the
// account that named runs as.
func (s *system) database(p string) (string, error) {
	s.watch.Doubt("another program read a database of zones")
	if s.host.Root() != "/" && os.Geteuid() != 0 {
		return "", errors.New("that needs root with --root")
	}
	program := ""
	for _, dir := range []string{filepath.Dir(s.build.Path), filepath.Join(filepath.Dir(filepath.Dir(s.build.Path)), "bin"), "/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin"} {
		if info, err := os.Stat(filepath.Join(dir, "named-nzd2nzf")); err == nil && info.Mode().IsRegular() && filepath.IsAbs(dir) {
			program = filepath.Join(dir, "named-nzd2nzf")
			break
		}
	}
	if program == "" {
		return "", errors.New("named-nzd2nzf is not installed")
	}
	ctx, cancel := context.WithTimeout(context.Background(), databaseTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, s.host.OSPath(p))
	cmd.Dir, cmd.Env = "/", []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	if os.Geteuid() == 0 && s.account.UID > 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(s.account.UID), Gid: uint32(s.account.GID)}}
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", errors.New("named-nzd2nzf cannot be run: " + plainText(err))
	}
	text, readErr := io.ReadAll(io.LimitReader(out, databaseSize+1))
	if len(text) > databaseSize {
		cancel()
	}
	err = cmd.Wait()
	switch {
	case len(text) > databaseSize:
		return "", fmt.Errorf("it holds more than %d bytes", databaseSize)
	case err != nil:
		return "", fmt.Errorf("named-nzd2nzf refuses it: %s", lastLines(said.String(), 1))
	case readErr != nil:
		return "", readErr
	}
	return string(text), nil
}
