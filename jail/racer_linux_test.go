package jail

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The racer is a process with named's uid that exchanges what named may write
// for something hostile and back, in a tight loop, while the code under test
// works as root. It is this test program, started again.

// racerEnv tells the test program that it is the racer.
const racerEnv = "NAMED_JAIL_TEST_RACER"

func init() {
	if os.Getenv(racerEnv) != "" {
		race(os.Stdin, os.Stdout)
		os.Exit(0)
	}
}

// Trap is one name that the racer plays with. Dir is a path of this process,
// Name what lies in it, Kind a row of racerKinds or one of the words of step.
// Target is the text of a link or the file that gets a second name.
type Trap struct {
	Dir, Name, Kind, Target string
}

// racerKinds makes the hostile object of each kind under a spare name.
var racerKinds = map[string]func(dir int, spare, target string) error{
	"link": func(dir int, spare, target string) error { return unix.Symlinkat(target, dir, spare) },
	"hard": func(dir int, spare, target string) error {
		return unix.Linkat(unix.AT_FDCWD, target, dir, spare, 0)
	},
	"fifo":   func(dir int, spare, _ string) error { return unix.Mknodat(dir, spare, unix.S_IFIFO|0o666, 0) },
	"socket": func(dir int, spare, _ string) error { return unix.Mknodat(dir, spare, unix.S_IFSOCK|0o666, 0) },
	"sparse": func(dir int, spare, _ string) error { return madeFile(dir, spare, 0o644, 8<<40) },
	"setuid": func(dir int, spare, _ string) error { return madeFile(dir, spare, 0o6755, 100) },
	"empty":  func(dir int, spare, _ string) error { return madeFile(dir, spare, 0o644, 0) },
	"dir":    func(dir int, spare, _ string) error { return unix.Mkdirat(dir, spare, 0o755) },
	"text": func(dir int, spare, text string) error {
		fd, err := unix.Openat(dir, spare, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o644)
		if err == nil {
			_, err = unix.Write(fd, []byte(text))
			unix.Close(fd)
		}
		return err
	},
	// made beforehand by root, as a system without protected_hardlinks allows
	"given": func(int, string, string) error { return nil },
}

func madeFile(dir int, name string, mode uint32, size int64) error {
	fd, err := unix.Openat(dir, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Ftruncate(fd, size); err != nil && err != unix.EFBIG {
		return err
	}
	return unix.Fchmod(fd, mode)
}

// spareName is where the hostile object waits.
func (t Trap) spareName() string { return ".spare-" + t.Name }

// race reads lists of traps and plays them until the next line comes; then it
// says how often something was exchanged.
func race(in io.Reader, out io.Writer) {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			lines <- s.Text()
		}
	}()
	for line := range lines {
		var traps []Trap
		if err := json.Unmarshal([]byte(line), &traps); err != nil {
			fmt.Fprintln(out, -1)
			continue
		}
		fmt.Fprintln(out, 0) // it begins
		fmt.Fprintln(out, play(traps, lines))
	}
}

// play runs the traps until a line comes.
func play(traps []Trap, lines <-chan string) int {
	dirs := make([]int, len(traps))
	for i, t := range traps {
		dirs[i] = -1
		if fd, err := unix.Open(t.Dir, unix.O_RDONLY|unix.O_DIRECTORY, 0); err == nil {
			dirs[i] = fd
			defer unix.Close(fd)
		}
	}
	n := 0
	for round := 0; ; round++ {
		select {
		case <-lines:
			return n
		default:
		}
		for i, t := range traps {
			if dirs[i] < 0 { // not there yet: it may come
				dirs[i], _ = unix.Open(t.Dir, unix.O_RDONLY|unix.O_DIRECTORY, 0)
				continue
			}
			if t.step(dirs[i], round) {
				n++
			}
		}
		for until := time.Now().Add(time.Duration(rand.IntN(40)) * time.Microsecond); time.Now().Before(until); {
		}
	}
}

// step plays a trap once.
func (t Trap) step(dir, round int) bool {
	spare := t.spareName()
	switch t.Kind {
	case "vanish":
		if round%2 == 0 {
			return unix.Renameat(dir, t.Name, dir, spare) == nil
		}
		return unix.Renameat2(dir, spare, dir, t.Name, unix.RENAME_NOREPLACE) == nil
	case "grow":
		fd, err := unix.Openat(dir, t.Name, unix.O_WRONLY|unix.O_APPEND|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
		if err != nil {
			return false
		}
		defer unix.Close(fd)
		if round%100 == 99 {
			return unix.Ftruncate(fd, 9) == nil
		}
		n, _ := unix.Write(fd, make([]byte, 4096))
		return n > 0
	case "fleeting": // a second name that is gone before its number can be asked for
		unix.Linkat(unix.AT_FDCWD, t.Target, dir, spare, 0)
		if unix.Renameat2(dir, t.Name, dir, spare, unix.RENAME_EXCHANGE) != nil {
			unix.Unlinkat(dir, spare, 0)
			return false
		}
		return unix.Renameat(dir, spare, dir, t.Name) == nil
	case "temps":
		return t.takeTemps(dir, spare)
	case "names":
		for _, name := range oddNames {
			madeFile(dir, name, 0o644, int64(round%7))
			unix.Unlinkat(dir, name+".", 0)
			unix.Renameat(dir, name, dir, name+".")
		}
		return true
	}
	err := unix.Renameat2(dir, t.Name, dir, spare, unix.RENAME_EXCHANGE)
	if err == unix.ENOENT {
		if racerKinds[t.Kind](dir, spare, t.Target) != unix.EEXIST || round%64 != 0 {
			return false
		}
		return unix.Renameat2(dir, spare, dir, t.Name, unix.RENAME_NOREPLACE) == nil
	}
	return err == nil
}

// oddNames are what a terminal, a line of text or a shell would act on.
var oddNames = []string{"a\nfake: line.nta", "\x1b[2J\x1b]0;x\a.nta", "\xff\xfe.nta", "-rf.nta", "$(id).nta", " .nta", "\u202etxt.nta"}

// takeTemps puts a link in the place of every temporary file that it sees.
func (t Trap) takeTemps(dir int, spare string) bool {
	buf := make([]byte, 8192)
	unix.Seek(dir, 0, io.SeekStart)
	n, err := unix.Getdents(dir, buf)
	if err != nil || n <= 0 {
		return false
	}
	_, _, names := unix.ParseDirent(buf[:n], -1, nil)
	took := false
	for _, name := range names {
		if strings.HasPrefix(name, ".named-jail-") {
			unix.Symlinkat(t.Target, dir, spare)
			took = unix.Renameat(dir, spare, dir, name) == nil || took
		}
	}
	return took
}

// Racer is the running helper.
type Racer struct {
	t   testing.TB
	in  io.WriteCloser
	out *bufio.Reader
}

// NewRacer starts the helper; it ends with the test.
func NewRacer(t testing.TB) *Racer {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("this test needs root: run it with sudo")
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{racerEnv + "=1"}
	cmd.Dir = "/"
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: testUID, Gid: testGID}}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	return &Racer{t: t, in: in, out: bufio.NewReader(out)}
}

// Start begins to play traps.
func (r *Racer) Start(traps []Trap) {
	r.t.Helper()
	line, err := json.Marshal(traps)
	if err == nil {
		_, err = r.in.Write(append(line, '\n'))
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.says()
}

// Stop ends that and gives how many exchanges there were.
func (r *Racer) Stop() int {
	r.t.Helper()
	if _, err := io.WriteString(r.in, "stop\n"); err != nil {
		r.t.Fatal(err)
	}
	return r.says()
}

// says reads a number of the racer's.
func (r *Racer) says() int {
	r.t.Helper()
	n := -1
	if _, err := fmt.Fscan(r.out, &n); err != nil || n < 0 {
		r.t.Fatalf("the racer says %d, %v", n, err)
	}
	return n
}
