//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// cost is what one run of a program took: wall time, and the memory at its
// peak in bytes.
type cost struct {
	wall   time.Duration
	memory int64
}

// measure runs a program to its end.
func measure(b *testing.B, name string, args ...string) cost {
	b.Helper()
	cmd := exec.Command(name, args...)
	begun := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%.2000s", name, err, out)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return cost{time.Since(begun), usage.Maxrss * 1024}
}

func median[T ~int64 | ~float64](list []T) T {
	slices.Sort(list)
	return list[len(list)/2]
}

// BenchmarkBesideCheckconf checks a configuration of 100,000 zones with
// named-jail and with named-checkconf, in turn, and then rewrites it beside
// named-checkconf; it reports the ratio of each pair's wall time and memory
// (medians): below 1 is less than named-checkconf takes. Both leave the zone
// files alone; named-jail does not ask named-checkconf again.
func BenchmarkBesideCheckconf(b *testing.B) {
	dir := b.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // the account of named is to reach it
		b.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	for name, args := range map[string][]string{
		"check":   {"check", "-q", "--no-zones", "--no-checkconf"},
		"rewrite": {"rewrite", "-q", "-o", out},
	} {
		b.Run(name, func(b *testing.B) { besideCheckconf(b, dir, args) })
	}
}

func besideCheckconf(b *testing.B, dir string, args []string) {
	conf := filepath.Join(dir, "named.conf")
	f, err := os.Create(conf)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintf(w, "options { directory \"/tmp\"; }; // where named may write\n")
	for i := range 100000 {
		fmt.Fprintf(w, "zone \"zone%06d.example\" {\n\ttype master;\n\tfile \"primary/zone%06d.example.db\"; // a comment of some length\n\tallow-transfer { 192.0.2.1; 192.0.2.2; };\n};\n", i, i)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	f.Close()
	program := filepath.Join(dir, "named-jail")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%s", out)
	}
	args = append(args, "-c", conf)
	var ours, theirs []time.Duration
	var wall, memory []float64
	measure(b, program, args...) // the files are in the cache now
	for b.Loop() {
		us := measure(b, program, args...)
		them := measure(b, "named-checkconf", conf)
		ours, theirs = append(ours, us.wall), append(theirs, them.wall)
		wall = append(wall, float64(us.wall)/float64(them.wall))
		memory = append(memory, float64(us.memory)/float64(them.memory))
	}
	b.ReportMetric(median(ours).Seconds(), "s-named-jail")
	b.ReportMetric(median(theirs).Seconds(), "s-named-checkconf")
	b.ReportMetric(median(wall), "wall-ratio")
	b.ReportMetric(median(memory), "memory-ratio")
}
