package jail

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// deleted is what the system adds to the name of a file without a name.
const deleted = " (deleted)"

// Running lists the processes that run named: the file named itself, one that
// lay there before the package was upgraded, and what root or the account uid
// runs by the name of named from anywhere (another build, a wrapper). known are
// processes that are to be listed too: a pid file names them, which is not to be
// believed. This process is left out, and the name of those that started it says
// nothing: a boot script is called named too. Errors: /proc cannot be read.
func Running(t *Tree, named string, uid int, known ...int) ([]Process, error) {
	program, _ := os.Stat(named) // nil: only the name tells
	real, err := filepath.EvalSymlinks(named)
	if err != nil {
		real = named
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
	above := ancestors()
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
		p := Process{PID: pid}
		p.Program, _ = os.Readlink(dir + "exe")
		words := commandLine(dir)
		p.Named = program != nil && os.SameFile(exe, program) || p.Program == real+deleted || !above[pid] && ownedBy(dir, uid) && isNamed(dir, p.Program, words)
		if !p.Named && !(slices.Contains(known, pid) && ownedBy(dir, uid)) {
			continue
		}
		root, err := os.Stat(dir + "root/")
		if err != nil {
			continue
		}
		p.InJail = inside != nil && os.SameFile(root, inside)
		p.Elsewhere = !p.InJail && !os.SameFile(root, top)
		if len(words) > 0 {
			p.Args = words[1:]
		}
		p.Dir, _ = os.Readlink(dir + "cwd")
		p.Replaced = replaced(dir, real)
		found = append(found, p)
	}
	return found, nil
}

// ancestors are the processes that this one was started by.
func ancestors() map[int]bool {
	found := map[int]bool{}
	for pid := os.Getppid(); pid > 0 && !found[pid]; {
		found[pid] = true
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		_, rest, _ := strings.Cut(string(text), "\nPPid:\t")
		line, _, _ := strings.Cut(rest, "\n")
		pid, _ = strconv.Atoi(line)
	}
	return found
}

// commandLine gives the words that a process was started with.
func commandLine(dir string) []string {
	line, err := os.ReadFile(dir + "cmdline")
	if err != nil || len(line) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(line), "\x00"), "\x00")
}

// ownedBy tells whether a process is root's or the account's: any other cannot
// work on the files of a name server, whatever it calls itself.
func ownedBy(dir string, uid int) bool {
	var st unix.Stat_t
	err := unix.Stat(dir, &st)
	return err == nil && (st.Uid == 0 || int(st.Uid) == uid)
}

// isNamed tells whether the file that a process runs, or the name that it was
// started by, is named's: named, named.real, named-9.20. Our own program, which
// may stand in for named, does not count.
func isNamed(dir, program string, words []string) bool {
	self, _ := os.Executable()
	program = strings.TrimSuffix(program, deleted)
	if program == self || strings.HasPrefix(path.Base(program), "named-jail") {
		return false
	}
	comm, _ := os.ReadFile(dir + "comm")
	names := []string{path.Base(program), strings.TrimSpace(string(comm))}
	if len(words) > 0 {
		names = append(names, path.Base(words[0]))
	}
	return slices.ContainsFunc(names, func(name string) bool {
		rest, ok := strings.CutPrefix(name, "named")
		return ok && (rest == "" || rest == ".real" || rest == "-real" || strings.Trim(rest, "-.0123456789") == "")
	})
}

// Identity gives the identity of the file that a path leads to in the process's
// own view of the system: its root directory, its mounts. Errors: those of
// looking at it.
func (p Process) Identity(name string) (FileID, error) {
	root, err := unix.Open(fmt.Sprintf("/proc/%d/root", p.PID), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return FileID{}, pathError("open", name, err)
	}
	defer unix.Close(root)
	fd, err := unix.Openat2(root, name, &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS})
	if err != nil {
		return FileID{}, pathError("open", name, err)
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return FileID{}, pathError("stat", name, err)
	}
	return FileID{uint64(st.Dev), st.Ino}, nil
}

// WorkingDir gives the identity of the process's working directory. Errors:
// those of looking at it.
func (p Process) WorkingDir() (FileID, error) {
	var st unix.Stat_t
	if err := unix.Stat(fmt.Sprintf("/proc/%d/cwd", p.PID), &st); err != nil {
		return FileID{}, err
	}
	return FileID{uint64(st.Dev), st.Ino}, nil
}

// Look looks at what the process holds open. Of a process that uses another
// network than this one no addresses are told. Errors: those of reading /proc.
func (p Process) Look() (Server, error) {
	s := Server{Open: map[FileID]bool{}}
	dir := fmt.Sprintf("/proc/%d/", p.PID)
	entries, err := os.ReadDir(dir + "fd")
	if err != nil {
		return s, err
	}
	sockets := map[uint64]bool{}
	for _, e := range entries {
		var st unix.Stat_t
		if unix.Stat(dir+"fd/"+e.Name(), &st) != nil {
			continue // closed meanwhile
		}
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFSOCK:
			sockets[st.Ino] = true
		case unix.S_IFREG:
			id := FileID{uint64(st.Dev), st.Ino}
			s.Open[id] = s.Open[id] || writable(dir+"fdinfo/"+e.Name())
		}
	}
	here, err1 := os.Stat("/proc/self/ns/net")
	there, err2 := os.Stat(dir + "ns/net")
	if err1 == nil && err2 == nil && os.SameFile(here, there) {
		for _, table := range []string{"net/tcp", "net/tcp6"} {
			text, _ := os.ReadFile(dir + table) // a system without IPv6 has no tcp6
			s.Listens = append(s.Listens, listening(string(text), sockets)...)
		}
	}
	return s, nil
}

// writable reads from an fdinfo file whether a descriptor may be written to.
func writable(file string) bool {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "flags:"); ok {
			flags, err := strconv.ParseUint(strings.TrimSpace(value), 8, 64)
			return err != nil || flags&syscall.O_ACCMODE != syscall.O_RDONLY
		}
	}
	return true // not told: take care
}

// Holder gives the process that has a lock of fcntl(2) on a file, 0 when nobody
// has. Errors: those of asking.
func Holder(f *os.File) (int, error) {
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_GETLK, &lock); err != nil {
		return 0, err
	}
	if lock.Type == unix.F_UNLCK {
		return 0, nil
	}
	return int(lock.Pid), nil
}

// replaced lists the files that a process executes and that have no name any
// more. maps is the kernel's text; see proc(5).
func replaced(dir, program string) []string {
	var files []string
	maps, err := os.ReadFile(dir + "maps")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(maps)) {
		fields := strings.Fields(line)
		if len(fields) < 7 || fields[len(fields)-1] != "(deleted)" || !strings.Contains(fields[1], "x") {
			continue
		}
		name := fields[5]
		if (name == program || strings.Contains(name, ".so")) && !slices.Contains(files, name) {
			files = append(files, name)
		}
	}
	slices.SortStableFunc(files, func(a, b string) int {
		switch {
		case a == program:
			return -1
		case b == program:
			return 1
		}
		return strings.Compare(a, b)
	})
	return files
}
