//go:build linux

package main

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"testing"
	"time"
)

// TestLiveDays takes Debian's install through what happens to a server in its
// life after the migration.
func TestLiveDays(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, debian())
		s.apply()
		s.startJailed()
		s.exercise("192.0.2.151")
		s.stop()

		// The machine starts again: /run is new, and the package's rules for
		// temporary files have made named's directory.
		must(t, os.RemoveAll("/run/named"))
		must(t, os.Mkdir("/run/named", 0o775))
		s.startJailed()
		s.exercise("192.0.2.152") // with nsupdate -l, whose key lies in /run/named

		// An editor that writes through the symbolic link, and rndc reload.
		f, err := os.OpenFile("/etc/bind/db.example.org", os.O_APPEND|os.O_WRONLY, 0)
		must(t, err)
		_, err = f.WriteString("edited A 192.0.2.170\n")
		must(t, err)
		must(t, f.Close())
		s.rndc("reload", "example.org").want(t, 0)
		wantAnswer(t, question{name: "edited.example.org", answer: "192.0.2.170"})
		s.stop()
		s.startJailed()
		wantAnswer(t, question{name: "edited.example.org", answer: "192.0.2.170"})
		s.stop()
	})
}

// TestLiveJournal shows that rollback loses no update, also when named was ended
// with a signal, so that the update is in the journal alone.
func TestLiveJournal(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, debian())
		s.apply()
		s.startJailed()
		s.update("192.0.2.155")
		stopProcess(t, s.pid)
		run(t, product, "rollback", "-t", s.in.jail).want(t, 0)
		s.startBare()
		wantAnswer(t, question{name: "updated.dyn.example", answer: "192.0.2.155"})
		wantAnswer(t, question{name: "updated.local.example", answer: "192.0.2.155"})
		s.stop()
	})
}

// TestLiveAgain shows that a server that was in the jail and is out of it again
// can go into it once more.
func TestLiveAgain(t *testing.T) {
	inClone(t, func(t *testing.T) {
		s := newServer(t, debian())
		s.apply()
		s.startJailed()
		s.exercise("192.0.2.151")
		s.stop()
		run(t, product, "rollback", "-t", s.in.jail).want(t, 0)
		s.startBare()
		s.exercise("192.0.2.153")
		s.stop()
		s.apply()
		s.startJailed()
		wantAnswer(t, question{name: "updated.dyn.example", answer: "192.0.2.153"})
		s.exercise("192.0.2.154")
		s.stop()
	})
}

// debian is install b.
func debian() liveInstall {
	return liveInstalls[slices.IndexFunc(liveInstalls, func(in liveInstall) bool { return in.name == "b" })]
}

// TestLiveUnread shows that a start with nothing to do reads no zone: nothing
// is read from any of the 300 zone files before named is executed.
func TestLiveUnread(t *testing.T) {
	inClone(t, func(t *testing.T) {
		in := liveInstalls[slices.IndexFunc(liveInstalls, func(in liveInstall) bool { return in.name == "f" })]
		s := newServer(t, in)
		s.apply()
		// A file that changed just now is not trusted to be what was read.
		time.Sleep(2500 * time.Millisecond)
		must(t, os.Remove("/var/lib/named-jail/var-named/zones.cache")) // a slow machine has some in it by now
		first := s.zonesRead()
		if first == 0 {
			t.Error("no zone file was read by the first start; is the trace what it should be?")
		}
		if again := s.zonesRead(); again != 0 {
			t.Errorf("%d times a zone file was read by a start with nothing to do, %d times by the start before", again, first)
		}
	})
}

// zonesRead starts and stops the server and counts how often the program read
// from the files of the 300 zones before it became named.
func (s *server) zonesRead() int {
	s.t.Helper()
	const trace = "/tmp/trace"
	args := []string{"-f", "-qq", "-y", "-s", "300", "-o", trace, "-e", "trace=read,pread64,readv,mmap,execve", product}
	// strace ends with the last process that it follows
	cmd := exec.Command("strace", append(args, s.in.dropIn...)...)
	must(s.t, cmd.Start())
	wantAnswer(s.t, question{name: "www.m300.example", answer: "192.0.2.100"})
	s.stop()
	must(s.t, cmd.Wait())
	text, err := os.ReadFile(trace)
	must(s.t, err)
	end := regexp.MustCompile(`execve\("[^"]*/named", \["[^"]*", "-t"`).FindIndex(text)
	if end == nil {
		s.t.Fatalf("named was not executed:\n%s", text)
	}
	return len(regexp.MustCompile(`<[^>]*/db\.m\d+\.example>`).FindAllIndex(text[:end[0]], -1))
}
