package jail

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Running lists the processes of one named program whose root directory is the
// host's or the jail. A pid file is not asked: named can write anything into it.
// Processes of containers have another root directory and are left out, and so
// is this process. Errors: /proc cannot be read.
func Running(t *Tree, named string) ([]Process, error) {
	program, err := os.Stat(named)
	if err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(named)
	if err != nil {
		return nil, err
	}
	top, err := os.Stat("/")
	if err != nil {
		return nil, err
	}
	inside, _ := os.Stat(t.RealPath()) // nil before the jail is there
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var found []Process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		dir := fmt.Sprintf("/proc/%d/", pid)
		exe, err := os.Stat(dir + "exe")
		if err != nil {
			continue
		}
		if !os.SameFile(exe, program) {
			// A package that was upgraded leaves a named without a name running.
			if text, err := os.Readlink(dir + "exe"); err != nil || text != real+" (deleted)" {
				continue
			}
		}
		root, err := os.Stat(dir + "root/")
		if err != nil {
			continue
		}
		p := Process{PID: pid, InJail: inside != nil && os.SameFile(root, inside)}
		if !p.InJail && !os.SameFile(root, top) {
			continue
		}
		if line, err := os.ReadFile(dir + "cmdline"); err == nil {
			words := strings.Split(strings.TrimSuffix(string(line), "\x00"), "\x00")
			p.Args = words[1:]
		}
		p.Dir, _ = os.Readlink(dir + "cwd")
		found = append(found, p)
	}
	return found, nil
}
