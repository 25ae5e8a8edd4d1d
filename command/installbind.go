package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// installers is the table of package managers: the program that tells that
// this one is in use, and what installs BIND with it.
var installers = []struct {
	program  string
	commands [][]string
}{
	{"apt-get", [][]string{{"apt-get", "update"}, {"apt-get", "install", "-y", "--no-install-recommends", "bind9"}}},
	{"dnf", [][]string{{"dnf", "install", "-y", "bind"}}},
	{"yum", [][]string{{"yum", "install", "-y", "bind"}}},
	{"zypper", [][]string{{"zypper", "--non-interactive", "install", "bind"}}},
	{"apk", [][]string{{"apk", "add", "bind"}}},
	{"pacman", [][]string{{"pacman", "-Sy", "--noconfirm", "bind"}}},
}

// installBIND installs the system's BIND and says so.
func installBIND(ctx context.Context, p printer) error {
	if os.Geteuid() != 0 {
		return errors.New("that needs root")
	}
	for _, in := range installers {
		if _, err := exec.LookPath(in.program); err != nil {
			continue
		}
		for _, argv := range in.commands {
			p.say("BIND is not installed; installing it: %s", strings.Join(argv, " "))
			cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
			cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, lastLines(string(out), 8))
			}
		}
		p.say("BIND is installed. The package may have started its own server; the demo does not touch it.")
		return nil
	}
	return errors.New("no package manager that named-jail knows was found")
}

// lastLines cuts a long output to its end.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
