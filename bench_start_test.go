//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkBesideNamed starts named bare and by named-jail, in turn, in a network
// of its own, and reports medians of what each took from execve(2) to the first
// answer (s-bare, s-jailed), of each pair's ratio and difference (ratio, ms-more),
// and of the processor time that named-jail had taken when it became named
// (cpu-ms). As root only.
//
//	empty      options and one zone
//	unchanged  20,000 zones, and nothing has changed since the last start
//	changed    20,000 zones, one of which has become another since
func BenchmarkBesideNamed(b *testing.B) {
	if os.Geteuid() != 0 {
		b.Skip("only root can start named in a jail")
	}
	dir, err := os.MkdirTemp("/srv", "named-jail-bench-") // a jail cannot lie where all may write
	if err != nil {
		b.Skip(err)
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	program := filepath.Join(dir, "named-jail")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%s", out)
	}
	outer := b
	b.Run("empty", func(b *testing.B) { newBenchStart(b, outer, dir, program, 1).beside(b, false) })
	var many *benchStart
	b.Run("unchanged", func(b *testing.B) {
		many = newBenchStart(b, outer, dir, program, 20000)
		many.beside(b, false)
	})
	b.Run("changed", func(b *testing.B) {
		if many == nil {
			many = newBenchStart(b, outer, dir, program, 20000)
		}
		many.beside(b, true)
	})
}

// benchStart is an install that is started again and again.
type benchStart struct {
	bare, jailed []string
	zone         string // file of the zone that is asked for, and changed
	record       string // of the last start
	serial       int
}

// newBenchStart makes an install of n zones and its jail, which go when the
// outer benchmark ends.
func newBenchStart(b, outer *testing.B, parent, program string, n int) *benchStart {
	b.Helper()
	dir := filepath.Join(parent, strconv.Itoa(n))
	run, conf, jail := filepath.Join(dir, "run"), filepath.Join(dir, "named.conf"), filepath.Join(dir, "jail")
	if err := os.MkdirAll(run, 0o755); err != nil {
		b.Fatal(err)
	}
	if out, err := exec.Command("chown", "bind", run).CombinedOutput(); err != nil {
		b.Fatalf("%s", out)
	}
	options := fmt.Sprintf("options { directory %q; listen-on { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none;\n"+
		"\tsession-keyfile none; recursion no; dnssec-validation no; notify no; };\ncontrols { };\n", run)
	writeZones(b, dir, conf, options, n)
	s := &benchStart{
		bare:   []string{"/usr/sbin/named", "-f", "-u", "bind", "-c", conf},
		jailed: []string{program, "run", "--quiet", "-f", "-u", "bind", "-t", jail, "-c", conf},
		zone:   filepath.Join(dir, "primary", "zone000000.example.db"),
	}
	if out, err := exec.Command(program, "apply", "-q", "-u", "bind", "-t", jail, "-c", conf).CombinedOutput(); err != nil {
		b.Fatalf("%v: %.2000s", err, out)
	}
	store := "/var/lib/named-jail/" + strings.ReplaceAll(strings.ReplaceAll(jail[1:], "-", "%2D"), "/", "-")
	s.record = filepath.Join(store, "start.record")
	if _, err := os.Stat(store); err != nil {
		b.Fatal(err)
	}
	outer.Cleanup(func() { os.RemoveAll(store) })
	return s
}

// ownNetwork puts this goroutine, and the programs that it starts, into a network
// of its own. Its thread ends with it.
func ownNetwork(b *testing.B) {
	b.Helper()
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		b.Skip("no network of its own: ", err)
	}
	if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		b.Fatalf("%s", out)
	}
}

func (s *benchStart) beside(b *testing.B, changing bool) {
	ownNetwork(b)
	var bares, jaileds, cpus, ratios, more []float64
	s.settle(b)
	for b.Loop() {
		bare := s.start(b, s.bare)
		if changing {
			s.change(b)
		}
		before := s.recorded(b)
		jailed := s.start(b, s.jailed)
		if !changing && !s.recorded(b).Equal(before) {
			b.Fatal("the start was none that found nothing changed")
		}
		bares, jaileds = append(bares, bare.wall.Seconds()), append(jaileds, jailed.wall.Seconds())
		ratios = append(ratios, jailed.wall.Seconds()/bare.wall.Seconds())
		more = append(more, (jailed.wall-bare.wall).Seconds()*1000)
		cpus = append(cpus, jailed.cpu.Seconds()*1000)
		if changing {
			s.settle(b)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(bares), "s-bare")
	b.ReportMetric(median(jaileds), "s-jailed")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(median(more), "ms-more")
	b.ReportMetric(median(cpus), "cpu-ms")
}

// settle starts until a start has found nothing to do and is recorded.
func (s *benchStart) settle(b *testing.B) {
	b.Helper()
	var before time.Time
	for range 5 {
		time.Sleep(2200 * time.Millisecond) // what changed just now is not trusted
		s.start(b, s.jailed)
		now := s.recorded(b)
		if !now.IsZero() && now.Equal(before) {
			return
		}
		before = now
	}
	b.Fatal("no start is recorded")
}

// recorded is when the last start was recorded, zero for never.
func (s *benchStart) recorded(b *testing.B) time.Time {
	b.Helper()
	info, err := os.Stat(s.record)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// change makes the zone another one.
func (s *benchStart) change(b *testing.B) {
	b.Helper()
	text, err := os.ReadFile(s.zone)
	if err != nil {
		b.Fatal(err)
	}
	was, now := fmt.Sprintf("hostmaster %d ", s.serial+1), fmt.Sprintf("hostmaster %d ", s.serial+2)
	s.serial++
	writeText(b, s.zone, strings.Replace(string(text), was, now, 1)+fmt.Sprintf("new%d A 192.0.2.9\n", s.serial))
}

// start starts a server, waits for its first answer and stops it.
func (s *benchStart) start(b *testing.B, line []string) spent {
	b.Helper()
	cmd := exec.Command(line[0], line[1:]...)
	out, err := os.CreateTemp(b.TempDir(), "out")
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	cpu := make(chan time.Duration, 1)
	go func() { cpu <- cpuBeforeNamed(cmd.Process.Pid) }()
	at, err := firstAnswer("127.0.0.1:53", "www.zone000000.example.", time.Minute)
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
	if err != nil {
		text, _ := os.ReadFile(out.Name())
		b.Fatalf("%v: %v\n%.2000s", line, err, text)
	}
	return spent{cost: cost{wall: at.Sub(begun)}, cpu: <-cpu}
}

// cpuBeforeNamed gives the processor time that a process and its children have
// taken when it becomes named, as of a millisecond before at most.
func cpuBeforeNamed(pid int) (cpu time.Duration) {
	proc := "/proc/" + strconv.Itoa(pid)
	clock := int32(^pid<<3 | 2) // the process's own, see clock_getcpuclockid(3)
	for ; ; time.Sleep(time.Millisecond) {
		var own unix.Timespec
		if unix.ClockGettime(clock, &own) != nil {
			return cpu
		}
		stat, err := os.ReadFile(proc + "/stat")
		program, err2 := os.Readlink(proc + "/exe")
		if err != nil || err2 != nil || filepath.Base(program) == "named" {
			return cpu
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		children := 0
		for _, field := range fields[13:15] { // cutime, cstime of proc_pid_stat(5)
			ticks, _ := strconv.Atoi(field)
			children += ticks
		}
		cpu = time.Duration(own.Nano()) + time.Duration(children)*10*time.Millisecond
	}
}
