//go:build linux

package main

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"named-jail/command"
)

var update = flag.Bool("update", false, "write the goldens of testdata/script anew")

// scriptNamed is the named of the scripts: it only tells its release and its
// built-in paths, so that the goldens do not depend on what is installed.
const scriptNamed = `#!/bin/sh
case $1 in
-v) echo 'BIND 9.18.49 (Extended Support Version) <id:0>' ;;
-V) cat <<'END'
BIND 9.18.49 (Extended Support Version) <id:0>
running on Linux x86_64
built by make with '--sysconfdir=/etc/bind' '--localstatedir=/' '--libdir=/usr/lib'
default paths:
  named configuration:  /etc/bind/named.conf
  rndc configuration:   /etc/bind/rndc.conf
  DNSSEC root key:      /etc/bind/bind.keys
  nsupdate session key: //run/named/session.key
  named PID file:       //run/named/named.pid
  named lock file:      //run/named/named.lock
  geoip-directory:      /usr/share/GeoIP
END
;;
*) exit 1 ;;
esac
`

// TestScripts runs the scenarios of testdata/script, each on a system of its
// own below the script's directory.
func TestScripts(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: the scripts build jails")
	}
	installs := map[string]string{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		dir := t.TempDir()
		if name == "b" { // the files of the distribution's own package
			if out, err := exec.Command("sh", "-c", "cd "+dir+" && mkdir -p etc var/cache/bind usr/share && cp -a /etc/bind etc && cp -a /usr/share/dns usr/share").CombinedOutput(); err != nil {
				t.Fatalf("%s: %v", out, err)
			}
		}
		unpackInstall(t, name, dir)
		installs[name] = dir
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			named := filepath.Join(env.WorkDir, "bin", "named")
			if err := os.MkdirAll(filepath.Dir(named), 0o755); err != nil {
				return err
			}
			env.Setenv("NAMED_JAIL_NAMED", named)
			env.Setenv("NO_COLOR", "1")
			env.Setenv("LC_ALL", "C.UTF-8")
			env.Setenv("HOME", env.WorkDir)
			return os.WriteFile(named, []byte(scriptNamed), 0o755)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"install":  func(ts *testscript.TestScript, _ bool, args []string) { installTo(ts, installs, args) },
			"tree":     treeTo,
			"scrub":    scrub,
			"nobody":   asNobody,
			"statusis": statusIs,
		},
	})
}

// installTo is "install NAME DIR": a copy of a fixture.
func installTo(ts *testscript.TestScript, installs map[string]string, args []string) {
	if len(args) != 2 || installs[args[0]] == "" {
		ts.Fatalf("usage: install NAME DIR")
	}
	out, err := exec.Command("cp", "-a", installs[args[0]], ts.MkAbs(args[1])).CombinedOutput()
	if err != nil {
		ts.Fatalf("%s: %v", out, err)
	}
	ts.Check(os.MkdirAll(filepath.Join(ts.MkAbs(args[1]), "var/lib"), 0o755))
}

// treeTo is "tree DIR FILE": what lies below DIR with mode, owner, and for
// files size and time of change, for links the target, for devices the numbers.
func treeTo(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: tree DIR FILE")
	}
	root := ts.MkAbs(args[0])
	var b bytes.Buffer
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		st := info.Sys().(*syscall.Stat_t)
		fmt.Fprintf(&b, "%s %d:%d /%s", info.Mode(), st.Uid, st.Gid, strings.TrimPrefix(strings.TrimPrefix(p, root), "/"))
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			target, _ := os.Readlink(p)
			fmt.Fprintf(&b, " -> %s", target)
		case info.Mode()&fs.ModeDevice != 0:
			fmt.Fprintf(&b, " %d,%d", st.Rdev>>8, st.Rdev&0xff)
		case info.Mode().IsRegular():
			kept := ""
			if info.ModTime().Equal(fixtureTime) {
				kept = " time-kept"
			}
			fmt.Fprintf(&b, " %d bytes%s", info.Size(), kept)
		}
		b.WriteByte('\n')
		return nil
	})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o644))
}

// scrub is "scrub FILE OUT": the file with the script's directory as $WORK.
func scrub(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: scrub FILE OUT")
	}
	text := strings.ReplaceAll(ts.ReadFile(args[0]), ts.Getenv("WORK"), "$WORK")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
}

// asNobody is "nobody ARGS": named-jail as a plain user.
func asNobody(ts *testscript.TestScript, neg bool, args []string) {
	for _, dir := range []string{ts.Getenv("WORK"), filepath.Dir(ts.Getenv("WORK"))} {
		ts.Check(os.Chmod(dir, 0o755))
	}
	err := ts.Exec("setpriv", append([]string{"--reuid=65534", "--regid=65534", "--clear-groups", "named-jail"}, args...)...)
	if (err != nil) != neg {
		ts.Fatalf("as nobody: %v", err)
	}
}

// statusIs is "statusis N COMMAND": the command must end with that status.
func statusIs(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if exit, ok := err.(*exec.ExitError); ok {
		got = fmt.Sprint(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

func TestMain(m *testing.M) {
	if command.Reads(os.Args) {
		os.Exit(command.Main(os.Args))
	}
	if standIn := standIns[filepath.Base(os.Args[0])]; standIn != nil {
		standIn()
		os.Exit(0)
	}
	testscript.Main(m, map[string]func(){"named-jail": func() { os.Exit(command.Main(os.Args)) }})
}
