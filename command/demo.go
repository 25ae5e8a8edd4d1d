package command

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"named-jail/jail"
	"named-jail/launcher"
)

// sample is a small install: an options statement with a directory, relative
// and absolute names, an included file, $INCLUDE, and a static, a secondary and
// a dynamic zone.
//
//go:embed sample
var sample embed.FS

// demoTime bounds the wait for named's answers.
const demoTime = 20 * time.Second

// demo does the whole job on the sample: below a temporary directory, with the
// real named where it can be run, else as far as the plan.
func demo(ctx context.Context, f flags, install bool) (err error) {
	p := newPrinter(f)
	user, why := demoAccount(ctx, p, f, install)
	dir, err := os.MkdirTemp("", "named-jail-demo-")
	if err != nil {
		return err
	}
	defer func() {
		if e := os.RemoveAll(dir); e == nil {
			p.say("Cleaned up: %s is gone.", dir)
		} else if err == nil {
			err = e
		}
	}()
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	if why != "" {
		p.say("The live part is left out: %s", why)
		return demoPlan(ctx, p, f, dir)
	}
	return demoLive(ctx, p, f, dir, user)
}

// demoAccount finds the account for the live part, or says why there can be
// none.
func demoAccount(ctx context.Context, p printer, f flags, install bool) (user, why string) {
	self, _ := launcher.Self()
	_, err := launcher.Find(f.named, os.Getenv("NAMED_JAIL_NAMED"), self)
	if err != nil && install {
		if err = installBIND(ctx, p); err == nil {
			_, err = launcher.Find(f.named, os.Getenv("NAMED_JAIL_NAMED"), self)
		} else {
			return "", "BIND could not be installed: " + err.Error()
		}
	}
	switch {
	case err != nil:
		return "", "named is not installed here (demo --install-bind installs it)."
	case os.Geteuid() != 0:
		return "", "only root can start a server in a jail; run it with sudo."
	}
	host, err := jail.OpenHost("/")
	if err != nil {
		return "", plainText(err)
	}
	defer host.Close()
	account, err := jail.DefaultAccount(host, "/")
	if err != nil {
		return "", diagnose(err).Message + "."
	}
	return account.Name, ""
}

// unpack writes the sample below dir; root is what its paths begin with.
func unpack(dir, root string, port, primary int) error {
	fill := strings.NewReplacer("@ROOT@", root, "@PORT@", strconv.Itoa(port), "@PRIMARY@", strconv.Itoa(primary))
	return fs.WalkDir(sample, "sample", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, strings.TrimPrefix(p, "sample"))
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		text, err := sample.ReadFile(p)
		if err != nil {
			return err
		}
		out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		if _, err := out.WriteString(fill.Replace(string(text))); err != nil {
			out.Close()
			return err
		}
		return out.Close()
	})
}

// demoPlan shows what would be done, on a system below dir.
func demoPlan(ctx context.Context, p printer, f flags, dir string) error {
	if err := unpack(dir, "", 5300, 5301); err != nil {
		return err
	}
	f.root, f.jail, f.conf = dir, "/var/named", "/etc/named.conf"
	p.say("\n$ named-jail plan --root %s -t /var/named -c /etc/named.conf\n", dir)
	return plan(ctx, f)
}

// demoLive migrates the sample, starts named in the jail through the drop-in
// line and asks it.
func demoLive(ctx context.Context, p printer, f flags, dir, user string) error {
	primary, err := startPrimary()
	if err != nil {
		return err
	}
	defer primary.stop()
	port, err := freePort()
	if err != nil {
		return err
	}
	if err := unpack(dir, dir, port, primary.port); err != nil {
		return err
	}
	f.jail, f.conf, f.user = dir+"/jail", dir+"/etc/named.conf", user
	defer forgetJail(f.jail)
	p.say("\n$ named-jail plan -t %s -u %s -c %s\n", f.jail, user, f.conf)
	if err := plan(ctx, f); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"-t", f.jail, "-u", user, "-c", f.conf, "-f"}
	p.say("\n$ named-jail %s &", strings.Join(args, " "))
	cmd := exec.Command(self, args...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Env = append(os.Environ(), "NAMED_JAIL_NAMED="+f.named)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
	}()
	ask := asker{port: port}
	if err := ask.ready(ctx, ended); err != nil {
		return fmt.Errorf("named did not answer: %w\n%s", err, said.String())
	}
	if root, err := os.Readlink(fmt.Sprintf("/proc/%d/root", cmd.Process.Pid)); err == nil {
		exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", cmd.Process.Pid))
		p.say("process %d is %s, its root directory is %s\n", cmd.Process.Pid, exe, root)
	}
	if err := ask.show(ctx, p); err != nil {
		return err
	}
	p.say("\nThe jail now:")
	return listJail(p, f.jail)
}

// listJail prints the jail's files with owner and mode.
func listJail(p printer, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		owner := ""
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			owner = fmt.Sprintf("%5d:%-5d", st.Uid, st.Gid)
		}
		rest := strings.TrimPrefix(path, dir)
		if rest == "" {
			rest = "/"
		}
		p.say("  %-11s %s %s", info.Mode(), owner, rest)
		return nil
	})
}

// forgetJail removes the demo's record from named-jail's state.
func forgetJail(jailPath string) {
	host, err := jail.OpenHost("/")
	if err != nil {
		return
	}
	defer host.Close()
	store, err := jail.OpenStore(host, jailPath, false)
	if err != nil {
		return
	}
	defer store.Close()
	_ = os.RemoveAll(store.Path())
	_ = os.Remove(filepath.Dir(store.Path())) // stays where other jails have records
}
