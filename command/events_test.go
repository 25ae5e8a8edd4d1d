package command

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"named-jail/parser"
)

// hostile holds what no log may get raw.
const hostile = "db \"x\"\n\x1b[31m\u202e\x00=1"

// listen is a log daemon of the test, for datagrams or a stream; the function
// gives what it got.
func listen(t *testing.T, network string) (string, func() string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	take := func(c net.Conn) string {
		buf := make([]byte, 1<<16)
		_ = c.SetReadDeadline(time.Now().Add(2 * time.Second))
		n, _ := c.Read(buf)
		return string(buf[:n])
	}
	if network == "unixgram" {
		c, err := net.ListenUnixgram(network, &net.UnixAddr{Name: path, Net: network})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return path, func() string { return take(c) }
	}
	l, err := net.Listen(network, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return path, func() string {
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return take(c)
	}
}

// eventsTo are events with a file as standard error and the sockets given.
func eventsTo(t *testing.T, sockets ...string) (*events, *os.File) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	e := newEvents(f)
	e.log.sockets = sockets
	return e, f
}

func textOf(t *testing.T, f *os.File) string {
	t.Helper()
	data, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestEventLine shows the fields, and that nothing in a finding can look like
// another field or another line.
func TestEventLine(t *testing.T) {
	for _, c := range []struct {
		d    parser.Diagnostic
		want string
	}{
		{parser.Diagnostic{Code: "NJ412", File: "/etc/bind/db.x", Line: 3, Column: 5, Zone: "example.com", Message: "bad", Remedy: "mend it"},
			"zone=example.com file=/etc/bind/db.x line=3 column=5 code=NJ412: /etc/bind/db.x:3:5: error: bad [NJ412]. Mend it."},
		{parser.Diagnostic{Severity: parser.Warning, Code: "NJ606", Message: "old", Remedy: "named starts"},
			"code=NJ606: warning: old [NJ606]. named starts."},
		{parser.Diagnostic{Message: "no such file"}, "error: no such file"},
		{parser.Diagnostic{Code: "NJ401", File: hostile, Zone: "a b", Message: hostile, Remedy: hostile},
			`zone="a b" file="db \"x\"\x0a\x1b[31m\u202e\x00=1" code=NJ401: db "x"\x0a\x1b[31m\u202e\x00=1: error: db "x"\x0a\x1b[31m\u202e\x00=1 [NJ401]. Db "x"\x0a\x1b[31m\u202e\x00=1.`},
	} {
		if got := eventLine(c.d); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// TestEventsToFileAndSyslog shows one line on standard error and the same in
// syslog, whichever kind of socket that has.
func TestEventsToFileAndSyslog(t *testing.T) {
	for _, network := range []string{"unixgram", "unix"} {
		path, got := listen(t, network)
		e, f := eventsTo(t, filepath.Join(t.TempDir(), "none"), path)
		e.finding(parser.Diagnostic{Severity: parser.Warning, Code: "NJ606", Zone: "example.com", Message: "old", Remedy: "mend"})
		line := fmt.Sprintf("named-jail[%d]: zone=example.com code=NJ606: warning: old [NJ606]. Mend.", os.Getpid())
		if text := textOf(t, f); text != line+"\n" {
			t.Errorf("%s: on standard error: %q", network, text)
		}
		message := strings.TrimSuffix(got(), "\n")
		if !regexp.MustCompile(`^<28>[A-Z][a-z]{2} [ 1-3]\d \d\d:\d\d:\d\d ` + regexp.QuoteMeta(line) + `$`).MatchString(message) {
			t.Errorf("%s: in syslog: %q", network, message)
		}
	}
}

// TestEventsPriorities shows the severity of each kind of event.
func TestEventsPriorities(t *testing.T) {
	path, got := listen(t, "unixgram")
	e, _ := eventsTo(t, path)
	e.finding(parser.Diagnostic{Message: "wrong"})
	e.finding(parser.Diagnostic{Severity: parser.Warning, Message: "odd"})
	e.notice("done")
	if err := e.end(usageError{"run: no such flag"}); statusOf(err) != statusUsage || err.Error() != "" {
		t.Errorf("it ends with %v", err)
	}
	for _, want := range []string{"<27>", "<28>", "<29>", "<27>"} {
		if message := got(); !strings.HasPrefix(message, want) {
			t.Errorf("%q does not begin with %s", message, want)
		}
	}
	if err := e.end(nil); err != nil {
		t.Error(err)
	}
}

// TestEventsInJournal shows that the journal of systemd gets each event once,
// with its severity, and only where standard error is that journal.
func TestEventsInJournal(t *testing.T) {
	path, got := listen(t, "unixgram")
	e, f := eventsTo(t, path)
	var st syscall.Stat_t
	if err := syscall.Fstat(int(f.Fd()), &st); err != nil {
		t.Fatal(err)
	}
	t.Setenv("JOURNAL_STREAM", fmt.Sprintf("%d:%d", st.Dev, st.Ino+1))
	if newEvents(f).form != toFile {
		t.Error("another file is taken for the journal")
	}
	t.Setenv("JOURNAL_STREAM", fmt.Sprintf("%d:%d", st.Dev, st.Ino))
	e = newEvents(f)
	e.log.sockets = []string{path}
	e.finding(parser.Diagnostic{Code: "NJ401", Zone: "example.com", Message: "gone", Remedy: "mend"})
	if text := textOf(t, f); text != "<3>zone=example.com code=NJ401: error: gone [NJ401]. Mend.\n" {
		t.Errorf("in the journal: %q", text)
	}
	other, _ := eventsTo(t, path)
	other.form = toFile
	other.notice("the only message")
	if message := got(); !strings.HasSuffix(message, "the only message") {
		t.Errorf("syslog got what the journal has: %q", message)
	}
}

// TestEventsNeverWait shows that neither a daemon that does not read nor one that
// is not there holds named up, and that a message is no longer than daemons take.
func TestEventsNeverWait(t *testing.T) {
	path, got := listen(t, "unixgram")
	e, f := eventsTo(t, path)
	begun := time.Now()
	for range 4096 { // the queue of a socket is full long before
		e.notice(strings.Repeat("ü", maxMessage))
	}
	if took := time.Since(begun); took > 10*syslogWait || !e.log.mute {
		t.Errorf("a daemon that does not read held it up for %v (given up: %v)", took, e.log.mute)
	}
	if n := strings.Count(textOf(t, f), "\n"); n != 4096 {
		t.Errorf("standard error has %d lines", n)
	}
	if message := got(); len(message) > maxMessage || len(message) < maxMessage-2 || !strings.HasSuffix(message, "ü...") {
		t.Errorf("a message of %d bytes, %q at its end", len(message), message[max(0, len(message)-5):])
	}
	e, f = eventsTo(t, filepath.Join(t.TempDir(), "none"), "/dev/null")
	e.notice("alone")
	if text := textOf(t, f); !strings.HasSuffix(text, ": alone\n") {
		t.Errorf("without a daemon: %q", text)
	}
}
