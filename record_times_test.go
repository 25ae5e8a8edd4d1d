//go:build linux

package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sameOutcome compares a check that may use a record with one that does not.
func (s *server) sameOutcome(what string, check []string) {
	s.t.Helper()
	with := append(append([]string{}, check...), "--json")
	r1, o1 := s.outcome(with)
	r2, o2 := s.outcome(append(with, "--no-cache"))
	if !reflect.DeepEqual(o1, o2) {
		s.t.Errorf("DIFFERENCE: %s\nrecorded: %s\nanew: %s", what, r1, r2)
	}
}

// recordNow makes a record.
func (s *server) recordNow(check []string) {
	s.t.Helper()
	for range 4 {
		if strings.Contains(run(s.t, check...).out, unchangedSince) {
			return
		}
		time.Sleep(1100 * time.Millisecond)
	}
	s.t.Fatalf("nothing is recorded: %s", run(s.t, append(check, "--verbose")...))
}

// TestLiveRecordTimes shows that a record ends with the first signature that
// expires and the first key that is not active any more.
func TestLiveRecordTimes(t *testing.T) {
	for _, what := range []string{"signature", "key"} {
		t.Run(what, func(t *testing.T) {
			inClone(t, func(t *testing.T) {
				const life = 14 * time.Second
				s := newServer(t, debian())
				s.apply()
				run(t, product, "rollback", "-t", s.in.jail).want(t, 0)
				must(t, os.MkdirAll("/var/lib/bind/keys", 0o755))
				inactive, expires := []string{}, "20371230000000"
				end := time.Now().Add(life).UTC()
				if what == "key" {
					inactive = []string{"-I", end.Format("20060102150405")}
				} else {
					expires = end.Format("20060102150405")
				}
				key := strings.TrimSpace(run(t, append(append([]string{"dnssec-keygen", "-q", "-a", "13", "-f", "KSK", "-K", "/var/lib/bind/keys"}, inactive...), "keys.example")...).want(t, 0).out)
				text, err := os.ReadFile("/var/lib/bind/keys/" + key + ".key")
				must(t, err)
				writeFile(t, "/tmp/keys.example", recordZone+string(text))
				run(t, "dnssec-signzone", "-z", "-e", expires, "-K", "/var/lib/bind/keys", "-o", "keys.example", "-f", "/var/lib/bind/db.keys.example", "/tmp/keys.example", key).want(t, 0)
				run(t, "chown", "-R", "bind:bind", "/var/lib/bind").want(t, 0)
				policy := ""
				if what == "key" {
					policy = `key-directory "/var/lib/bind/keys"; auto-dnssec maintain; allow-update { 127.0.0.1; };`
				}
				writeFile(t, "/etc/bind/named.conf", `options { directory "/var/cache/bind"; };
zone "keys.example" { type primary; file "/var/lib/bind/db.keys.example"; `+policy+" };\n")
				check := []string{product, "check", "--expire-within", "0"}
				time.Sleep(2100 * time.Millisecond)
				s.recordNow(check)
				before := run(t, check...)
				s.sameOutcome("before its end", check)
				time.Sleep(time.Until(end.Add(1100 * time.Millisecond)))
				s.sameOutcome("after its end", check)
				if after := run(t, check...); after.status == before.status && after.err == before.err {
					t.Errorf("nothing is said of it: %s", after)
				}
			})
		})
	}
}

// TestLiveRecordRace changes a file to a bad one of the same size and time while
// a check runs, or right after.
func TestLiveRecordRace(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := recordServer(t)
		run(s.t, product, "rollback", "-t", s.in.jail).want(s.t, 0)
		check := []string{product, "check"}
		time.Sleep(2100 * time.Millisecond)
		begun := time.Now()
		s.recordNow(check)
		whole := time.Since(begun) / 2
		names := []string{"/etc/bind/db.b.example", "/etc/bind/db.part", "/etc/bind/zones.d/b.conf", "/etc/bind/named.conf", "/etc/bind/rndc.key"}
		for round := range 15 {
			name := names[round%len(names)]
			good, err := os.ReadFile(name)
			must(t, err)
			info, err := os.Stat(name)
			must(t, err)
			bad := bytes.Clone(good)
			bad[0] = '%'
			must(t, os.Remove("/var/lib/named-jail/var-named/check.record"))
			cmd := exec.Command(product, "check")
			must(t, cmd.Start())
			delay := time.Duration(rand.Int64N(int64(whole)))
			if round%5 == 4 {
				_ = cmd.Wait() // at once after its end
			} else {
				time.Sleep(delay)
			}
			f, err := os.OpenFile(name, os.O_WRONLY, 0)
			must(t, err)
			_, err = f.Write(bad)
			must(t, err)
			f.Close()
			must(t, os.Chtimes(name, info.ModTime(), info.ModTime()))
			_ = cmd.Wait()
			s.sameOutcome(name+" changed after "+delay.String(), check)
			f, err = os.OpenFile(name, os.O_WRONLY, 0)
			must(t, err)
			_, err = f.Write(good)
			must(t, err)
			f.Close()
			time.Sleep(2100 * time.Millisecond)
			s.recordNow(check)
		}
	})
}

// TestLiveRecordStopped shows that a check that was cut off while it waited for
// named-checkconf leaves no record.
func TestLiveRecordStopped(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := recordServer(t)
		run(s.t, product, "rollback", "-t", s.in.jail).want(s.t, 0)
		writeFile(t, "/tmp/slow.c", "#include <unistd.h>\nint main(void) { sleep(3); return 1; }\n")
		run(t, "gcc", "-o", "/usr/bin/named-checkconf", "/tmp/slow.c").want(t, 0)
		time.Sleep(3 * time.Second)
		record := "/var/lib/named-jail/var-named/check.record"
		_ = os.Remove(record)
		cmd := exec.Command(product, "check", "--verbose")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		must(t, cmd.Start())
		time.Sleep(1500 * time.Millisecond)
		must(t, cmd.Process.Signal(syscall.SIGINT))
		if err := cmd.Wait(); err == nil {
			t.Errorf("a check that was cut off ends well:\n%s", out.String())
		}
		if list, _ := filepath.Glob(record); list != nil {
			t.Error("a check that was cut off is recorded")
		}
		s.sameOutcome("after one that was cut off", []string{product, "check"})
	})
}
