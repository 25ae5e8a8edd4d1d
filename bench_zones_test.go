//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkBesideZones runs named-jail and its peers on the same zones, in turn,
// each as a whole process. For each peer it reports the medians of ours as parts
// of the peer's: wall time, processor time, memory at its peak. Below 1 is less
// than the peer takes; 1/wall is how many times as fast we are. A peer that is not
// installed is left out and said.
//
//	big         one zone of a million records
//	signed      a signed zone of 50,000 records; also with the proof, beside dnssec-verify
//	zones       20,000 zones, nothing known of them, beside named-checkconf -z; and
//	            with named-checkconf asked besides, as it is by default
//	unchanged   the same again, nothing changed; as root only, for that needs a jail
//	huge        ten million records, once; with NAMED_JAIL_BENCH_HUGE=1
func BenchmarkBesideZones(b *testing.B) {
	dir := b.TempDir()
	if os.Geteuid() == 0 { // a jail cannot lie where all may write
		var err error
		if dir, err = os.MkdirTemp("/srv", "named-jail-bench-"); err != nil {
			b.Skip(err)
		}
		b.Cleanup(func() { os.RemoveAll(dir) })
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	run := filepath.Join(dir, "run") // where named may write
	if err := os.Mkdir(run, 0o755); err != nil {
		b.Fatal(err)
	}
	if os.Geteuid() == 0 {
		_ = exec.Command("chown", "bind", run).Run()
		_ = exec.Command("chown", "named", run).Run()
	}
	program := filepath.Join(dir, "named-jail")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%s", out)
	}
	options := fmt.Sprintf("options { directory %q; };\n", run)

	big := filepath.Join(dir, "big.db")
	writeBig(b, big, 400000)
	bigConf := filepath.Join(dir, "big.conf")
	writeText(b, bigConf, options+fmt.Sprintf("zone \"example\" { type primary; file %q; };\n", big))
	ours := []string{program, "check", "-q", "--no-cache", "--no-checkconf", "-c"}
	peers := [][]string{{"named-checkzone", "-q", "example", big}, {"kzonecheck", "-o", "example", big},
		{"nsd-checkzone", "example", big}, {"validns", "-z", "example", big}}
	b.Run("big", func(b *testing.B) { beside(b, append(ours[:len(ours):len(ours)], bigConf), peers...) })
	b.Run("big/one-processor", func(b *testing.B) {
		b.Setenv("GOMAXPROCS", "1")
		beside(b, append(ours[:len(ours):len(ours)], bigConf), peers[0])
	})

	b.Run("signed", func(b *testing.B) {
		signed, err := signBig(b, dir)
		if err != nil {
			b.Skip(err)
		}
		conf := filepath.Join(dir, "signed.conf")
		writeText(b, conf, options+fmt.Sprintf("zone \"example\" { type primary; file %q; };\n", signed))
		b.Run("load", func(b *testing.B) {
			beside(b, append(ours[:len(ours):len(ours)], conf), []string{"named-checkzone", "-q", "example", signed},
				[]string{"kzonecheck", "-d", "off", "-o", "example", signed}, []string{"nsd-checkzone", "example", signed})
		})
		b.Run("proof", func(b *testing.B) {
			beside(b, append(ours[:len(ours):len(ours)], conf, "--dnssec"), []string{"dnssec-verify", "-q", "-o", "example", signed},
				[]string{"kzonecheck", "-d", "on", "-o", "example", signed}, []string{"validns", "-z", "example", signed})
		})
	})

	conf := filepath.Join(dir, "named20k.conf")
	writeZones(b, dir, conf, options, 20000)
	theirs := []string{"named-checkconf", "-z", conf}
	b.Run("zones", func(b *testing.B) { beside(b, append(ours[:len(ours):len(ours)], conf), theirs) })
	b.Run("zones-and-checkconf", func(b *testing.B) {
		beside(b, []string{program, "check", "-q", "--no-cache", "-c", conf}, theirs)
	})
	b.Run("unchanged", func(b *testing.B) {
		jailed := filepath.Join(dir, "jail")
		if os.Geteuid() != 0 {
			b.Skip("only root can keep a record")
		}
		if out, err := exec.Command(program, "apply", "-q", "--copy", "-t", jailed, "-c", conf).CombinedOutput(); err != nil {
			b.Skipf("%v: %.500s", err, out)
		}
		b.Cleanup(func() {
			exec.Command(program, "rollback", "-q", "-t", jailed).Run()
			os.RemoveAll("/var/lib/named-jail/" + strings.ReplaceAll(strings.ReplaceAll(jailed[1:], "-", "%2D"), "/", "-"))
		})
		again := []string{program, "check", "-t", jailed, "-c", conf}
		time.Sleep(5 * time.Second) // the files have lain still since
		measure(b, again[0], again[1:]...)
		if out, err := exec.Command(again[0], again[1:]...).CombinedOutput(); err != nil || !strings.Contains(string(out), "nothing has changed") {
			b.Fatalf("%v: %.500s", err, out)
		}
		beside(b, again, theirs)
	})

	b.Run("huge", func(b *testing.B) {
		if os.Getenv("NAMED_JAIL_BENCH_HUGE") == "" {
			b.Skip("NAMED_JAIL_BENCH_HUGE is not set")
		}
		huge, hugeConf := filepath.Join(dir, "huge.db"), filepath.Join(dir, "huge.conf")
		writeBig(b, huge, 4000000)
		defer os.Remove(huge)
		writeText(b, hugeConf, options+fmt.Sprintf("zone \"example\" { type primary; file %q; };\n", huge))
		us := spend(b, append(ours[:len(ours):len(ours)], hugeConf))
		b.ReportMetric(us.wall.Seconds(), "s")
		b.ReportMetric(float64(us.memory)/1e9, "GB")
		if us.memory > 2<<30 {
			b.Errorf("ten million records took %d bytes", us.memory)
		}
	})
}

// spent is what one run of a program took.
type spent struct {
	cost
	cpu time.Duration
}

// spend runs a program to its end.
func spend(b *testing.B, line []string) spent {
	b.Helper()
	cmd := exec.Command(line[0], line[1:]...)
	begun := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%.2000s", line[0], err, out)
	}
	s := cmd.ProcessState
	return spent{cost{time.Since(begun), s.SysUsage().(*syscall.Rusage).Maxrss * 1024}, s.UserTime() + s.SystemTime()}
}

// beside runs ours and each peer in turn and reports the ratios.
func beside(b *testing.B, ours []string, peers ...[]string) {
	var there [][]string
	for _, p := range peers {
		if _, err := exec.LookPath(p[0]); err != nil {
			b.Logf("%s is not installed", p[0])
			continue
		}
		there = append(there, p)
	}
	type ratios struct{ wall, cpu, memory []float64 }
	all := make([]ratios, len(there))
	var walls, cpus, memories []float64
	spend(b, ours) // the files are in the cache now
	for b.Loop() {
		us := spend(b, ours)
		walls, cpus = append(walls, us.wall.Seconds()), append(cpus, us.cpu.Seconds())
		memories = append(memories, float64(us.memory)/1e6)
		for i, p := range there {
			them := spend(b, p)
			r := &all[i]
			r.wall = append(r.wall, float64(us.wall)/float64(them.wall))
			r.cpu = append(r.cpu, float64(us.cpu)/float64(them.cpu))
			r.memory = append(r.memory, float64(us.memory)/float64(them.memory))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(walls), "s")
	b.ReportMetric(median(cpus), "cpu-s")
	b.ReportMetric(median(memories), "MB")
	for i, p := range there {
		b.ReportMetric(median(all[i].wall), "wall/"+p[0])
		b.ReportMetric(median(all[i].cpu), "cpu/"+p[0])
		b.ReportMetric(median(all[i].memory), "memory/"+p[0])
	}
}

func writeText(b *testing.B, path, text string) {
	b.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
}

// writeBig writes a zone of 2.5 records for each host: an A and an AAAA record,
// for every fourth a TXT record and a CNAME.
func writeBig(b *testing.B, path string, hosts int) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprint(w, "$TTL 3600\n@ IN SOA ns1 hostmaster 2024010101 3600 600 86400 300\n@ IN NS ns1\n@ IN NS ns2\nns1 IN A 192.0.2.1\nns2 IN A 192.0.2.2\n")
	for i := range hosts {
		fmt.Fprintf(w, "host%07d IN A 10.%d.%d.%d\n\tIN AAAA 2001:db8::%x:%x\n", i, i>>16&255, i>>8&255, i&255, i>>16, i&65535)
		if i%4 == 0 {
			fmt.Fprintf(w, "\tIN TXT \"text of host %d\"\nalias%07d IN CNAME host%07d\n", i, i, i)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}

// writeZones writes a configuration of n zones and their files.
func writeZones(b *testing.B, dir, conf, options string, n int) {
	b.Helper()
	zones := filepath.Join(dir, "primary")
	if err := os.Mkdir(zones, 0o755); err != nil {
		b.Fatal(err)
	}
	text := []byte(options)
	for i := range n {
		file := filepath.Join(zones, fmt.Sprintf("zone%06d.example.db", i))
		text = fmt.Appendf(text, "zone \"zone%06d.example\" {\n\ttype primary;\n\tfile %q; // a comment of some length\n\tallow-transfer { 192.0.2.1; 192.0.2.2; };\n};\n", i, file)
		writeText(b, file, "$TTL 3600\n@ IN SOA ns1 hostmaster 1 3600 600 86400 300\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A 192.0.2.2\nwww A 192.0.2.3\nwww AAAA 2001:db8::3\n@ MX 10 www\n@ TXT \"v=spf1 -all\"\n")
	}
	writeText(b, conf, string(text))
}

// signBig makes a signed zone. Errors: BIND's tools are missing or fail.
func signBig(b *testing.B, dir string) (string, error) {
	plain, signed := filepath.Join(dir, "plain.db"), filepath.Join(dir, "signed.db")
	writeBig(b, plain, 20000)
	for _, flags := range [][]string{{"-f", "KSK"}, nil} {
		args := append([]string{"-q", "-K", dir, "-a", "ECDSAP256SHA256"}, flags...)
		if out, err := exec.Command("dnssec-keygen", append(args, "example")...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("dnssec-keygen: %w: %s", err, out)
		}
	}
	out, err := exec.Command("dnssec-signzone", "-q", "-S", "-K", dir, "-d", dir, "-o", "example", "-f", signed, plain).CombinedOutput()
	if err != nil {
		return "", errors.Join(err, errors.New(string(out)))
	}
	return signed, nil
}
