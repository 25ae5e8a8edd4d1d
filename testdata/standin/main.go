//go:build linux

// Standin is two small programs for the crash test of whole commands.
//
// Called as anything else than "stage" it stands for named: it knows -v and -V,
// and otherwise it goes into the jail of -t, becomes the user of -u, reads the
// configuration of -c and every file that this speaks of, and prints each with
// the digest of its bytes. So two runs tell whether named finds the same.
//
//	stage ROOT CALLS PROGRAM ARGUMENTS...
//
// goes into ROOT, asks the kernel to report the system calls CALLS (numbers,
// with commas) of all that follows, gives the descriptor of those reports away
// through descriptor 3, and becomes PROGRAM.
package main

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

func main() {
	var err error
	if filepath.Base(os.Args[0]) == "stage" {
		err = stage(os.Args[1:])
	} else {
		err = named(os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, filepath.Base(os.Args[0])+":", err)
		os.Exit(1)
	}
}

// stage becomes the program that is watched.
func stage(args []string) error {
	if len(args) < 3 {
		return errors.New("usage: stage ROOT CALLS PROGRAM ARGUMENTS...")
	}
	runtime.LockOSThread()
	if err := unix.Chroot(args[0]); err != nil {
		return err
	}
	if err := unix.Chdir("/"); err != nil {
		return err
	}
	if args[1] != "" {
		fd, err := listen(strings.Split(args[1], ","))
		if err != nil {
			return fmt.Errorf("watching system calls: %w", err)
		}
		if err := unix.Sendmsg(3, []byte{0}, unix.UnixRights(fd), nil, 0); err != nil {
			return err
		}
	}
	unix.CloseOnExec(3)
	return syscall.Exec(args[2], args[2:], os.Environ())
}

// listen makes the filter. What follows inherits it; only this thread has it,
// and this thread becomes the program.
func listen(calls []string) (int, error) {
	// struct seccomp_data: the number of the call, the machine, the instruction,
	// and the arguments, of which the third begins at 32 (low half first).
	prog := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}}
	const report, allow = unix.SECCOMP_RET_USER_NOTIF, unix.SECCOMP_RET_ALLOW
	for _, c := range calls {
		n, err := strconv.Atoi(c)
		if err != nil {
			return 0, err
		}
		k := uint32(n)
		switch n {
		case unix.SYS_OPENAT: // only what makes or empties a file
			prog = append(prog, jump(k, 4),
				unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 32},
				unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: unix.O_CREAT | unix.O_TRUNC, Jt: 0, Jf: 1},
				ret(report), ret(allow))
		case unix.SYS_WRITE, unix.SYS_PWRITE64, unix.SYS_WRITEV: // not what is said
			prog = append(prog, jump(k, 4),
				unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 16},
				unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JGT | unix.BPF_K, K: 2, Jt: 0, Jf: 1},
				ret(report), ret(allow))
		default:
			prog = append(prog, jump(k, 1), ret(report))
		}
	}
	prog = append(prog, ret(allow))
	f := unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}
	const waitKillable = 0x20 // SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19
	for _, flags := range []uintptr{unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | waitKillable, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER} {
		fd, _, no := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&f)))
		if no == 0 {
			return int(fd), nil
		}
		if no != unix.EINVAL {
			return 0, no
		}
	}
	return 0, unix.EINVAL
}

// jump goes on with the next instruction when the call has that number, and
// leaves out so many when not.
func jump(call uint32, other uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: call, Jt: 0, Jf: other}
}

func ret(what uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: what}
}

const versionText = "BIND 9.18.49 (Extended Support Version) <id:0>"

const buildText = versionText + `
running on Linux x86_64
built by make with '--sysconfdir=/etc/bind' '--localstatedir=/' '--libdir=/usr/lib'
default paths:
  named configuration:  /etc/bind/named.conf
  rndc configuration:   /etc/bind/rndc.conf
  DNSSEC root key:      /etc/bind/bind.keys
  nsupdate session key: //run/named/session.key
  named PID file:       //run/named/named.pid
  named lock file:      //run/named/named.lock
  geoip-directory:      /usr/share/GeoIP`

// named reads what named would read.
func named(args []string) error {
	jail, user, conf := "", "", "/etc/bind/named.conf"
	for i := 0; i < len(args); i++ {
		switch args[i] {
		case "-v":
			fmt.Println(versionText)
			return nil
		case "-V":
			fmt.Println(buildText)
			return nil
		case "-t", "-u", "-c":
			if i+1 == len(args) {
				return errors.New("an argument is missing")
			}
			*map[string]*string{"-t": &jail, "-u": &user, "-c": &conf}[args[i]] = args[i+1]
			i++
		}
	}
	uid, gid, err := account(user)
	if err != nil {
		return err
	}
	if jail != "" {
		if err := unix.Chroot(jail); err != nil {
			return fmt.Errorf("chroot %s: %w", jail, err)
		}
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	// named keeps the right to read the configuration, and reads zones without
	var r reader
	if err := r.config(conf); err != nil {
		return err
	}
	if user != "" {
		if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(gid), syscall.Setuid(uid)); err != nil {
			return err
		}
	}
	if err := os.Chdir(r.directory); err != nil {
		return err
	}
	for _, f := range r.files {
		if err := r.zone(f, 0); err != nil {
			return err
		}
	}
	fmt.Printf("named: %d files of zones\n", len(r.files))
	return nil
}

// account finds a user of /etc/passwd.
func account(name string) (uid, gid int, err error) {
	if name == "" {
		return 0, 0, nil
	}
	text, err := os.ReadFile("/etc/passwd")
	if err != nil {
		return 0, 0, err
	}
	for _, line := range strings.Split(string(text), "\n") {
		if f := strings.Split(line, ":"); len(f) > 3 && f[0] == name {
			uid, err = strconv.Atoi(f[2])
			if err == nil {
				gid, err = strconv.Atoi(f[3])
			}
			return uid, gid, err
		}
	}
	return 0, 0, errors.New("no user " + name)
}

// reader collects what a configuration speaks of.
type reader struct {
	directory string
	files     []string
}

// config reads a configuration and what it includes.
func (r *reader) config(name string) error {
	if r.directory == "" {
		r.directory = "/"
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	words := tokens(string(text))
	for i := 0; i+1 < len(words); i++ {
		value := strings.TrimPrefix(words[i+1], `"`)
		switch words[i] {
		case "directory":
			r.directory = value
			if err := os.Chdir(value); err != nil {
				return err
			}
		case "file":
			if i > 0 && (words[i-1] == "{" || words[i-1] == ";") {
				r.files = append(r.files, value)
			}
		case "include":
			more := []string{value}
			if strings.ContainsAny(value, "*?[") {
				if more, err = filepath.Glob(value); err != nil {
					return err
				}
			}
			for _, m := range more {
				if err := r.config(m); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// tokens cuts a configuration into words, signs and strings; a string begins
// with its quote.
func tokens(text string) []string {
	var out []string
	for i := 0; i < len(text); {
		rest := text[i:]
		switch c := text[i]; {
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return out
			}
			i += end + 4
		case c == '#' || strings.HasPrefix(rest, "//"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				return out
			}
			i += end
		case c == '"':
			j := 1
			for j < len(rest) && rest[j] != '"' {
				if rest[j] == '\\' {
					j++
				}
				j++
			}
			out = append(out, rest[:min(j, len(rest))])
			i += j + 1
		case strings.IndexByte("{};", c) >= 0:
			out = append(out, string(c))
			i++
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
		default:
			j := strings.IndexAny(rest, " \t\r\n{};\"#")
			if k := strings.Index(rest, "/*"); k >= 0 && (j < 0 || k < j) {
				j = k
			}
			if j <= 0 {
				j = len(rest)
			}
			out = append(out, rest[:j])
			i += j
		}
	}
	return out
}

// zone tells of a zone file and of those that it includes. That one is missing,
// or may not be read, is told too: a secondary's may be.
func (r *reader) zone(name string, depth int) error {
	text, err := os.ReadFile(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		fmt.Println("named: missing", filepath.Base(name))
		return nil
	case err != nil:
		fmt.Println("named: not read", filepath.Base(name))
		return nil
	}
	fmt.Printf("named: %x %s\n", sha256.Sum256(text), filepath.Base(name))
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	for lines.Scan() {
		if f := strings.Fields(lines.Text()); len(f) > 1 && strings.EqualFold(f[0], "$INCLUDE") && depth < 10 {
			name := f[1]
			if _, quoted, ok := strings.Cut(lines.Text(), `"`); ok {
				name, _, _ = strings.Cut(quoted, `"`)
			}
			if err := r.zone(name, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}
