//go:build linux

package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestRunReports starts a named with a faulty zone, in a system of its own in
// which a log daemon listens: each event is one line with zone and file, on
// standard error and in syslog. A start without events says nothing, and does not
// go to the daemon.
func TestRunReports(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: the jail is built in a system of its own")
	}
	dir := t.TempDir()
	env := &testscript.Env{WorkDir: dir}
	product := buildProduct(t)
	bind := buildStandIn(t, product)
	if err := layOut(env, product, bind); err != nil {
		t.Fatal(err)
	}
	sys := filepath.Join(dir, "sys")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(sys, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, from := range map[string]string{"usr/sbin/named-jail": product, "usr/sbin/named": bind} {
		if out, err := exec.Command("cp", from, filepath.Join(sys, name)).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
	}
	const sound = "$TTL 300\n@ SOA ns h 1 3 2 6 5\n NS ns\nns A 192.0.2.1\n"
	write("etc/named.conf", "options { directory \"/etc\"; };\nzone \"example.com\" { type primary; file \"db.example\"; };\n")
	write("etc/db.example", sound)
	log, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(sys, "dev/log"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	trace := filepath.Join(dir, "trace")
	start := func() string {
		t.Helper()
		// the root directory has to be a mount point, as every system's is
		cmd := exec.Command("unshare", "--mount", "sh", "-c", "mount --bind "+sys+" "+sys+" && cd "+sys+
			" && exec strace -f -qq -o "+trace+" -e trace=connect chroot . named-jail run --no-checkconf -t /var/named -u named")
		cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
		var stderr strings.Builder
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v\n%s", err, stderr.String())
		}
		return stderr.String()
	}
	if said := start(); said != "" {
		t.Errorf("a start without events says: %s", said)
	}
	if calls, err := os.ReadFile(trace); err != nil || strings.Contains(string(calls), "/dev/log") || message(log) != "" {
		t.Errorf("a start without events goes to the daemon (%v): %s", err, calls)
	}
	write("etc/db.example.new", sound+"www A 192.0.2.300\n")
	if err := os.Rename(filepath.Join(sys, "etc/db.example.new"), filepath.Join(sys, "etc/db.example")); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(start(), "\n"), "\n")
	fault := regexp.MustCompile(`^named-jail\[\d+\]: zone=example\.com file=/etc/db\.example line=5 column=\d+ code=NJ\d{3}: /etc/db\.example:5:\d+: error: .* \[NJ\d{3}\]\. .+`)
	found := false
	for _, line := range lines {
		found = found || fault.MatchString(line)
		if got := message(log); !strings.HasSuffix(got, " "+line) || got[0] != '<' {
			t.Errorf("syslog got %q for the line %q", got, line)
		}
	}
	if !found {
		t.Errorf("no line tells the fault with zone and file:\n%s", strings.Join(lines, "\n"))
	}
	if got := message(log); got != "" {
		t.Errorf("syslog got %q besides", got)
	}
}

// message takes what a log daemon has got, "" when there is nothing.
func message(log *net.UnixConn) string {
	buf := make([]byte, 4096)
	_ = log.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	n, _ := log.Read(buf)
	return string(buf[:n])
}
