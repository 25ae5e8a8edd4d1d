package command

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// syslogSockets are where the log daemon of a system listens.
//
// Source: <paths.h> of glibc, musl and OpenBSD; syslogd(8) of FreeBSD and NetBSD.
var syslogSockets = []string{"/dev/log", "/var/run/log", "/var/run/syslog"}

// priority is a severity of syslog.
type priority int

// The severities that there are events of.
const (
	priorityError   priority = 3
	priorityWarning priority = 4
	priorityNotice  priority = 5
)

// facilityDaemon is the facility of servers, as it stands in a message.
const facilityDaemon = 3 << 3

// maxMessage bounds a message, in bytes: log daemons need not take more.
//
// Source: RFC 3164 section 4.1.
const maxMessage = 1024

// syslogWait is how long the log daemon may take for a message. One that does not
// read must not keep the server down, so that log/syslog cannot be used here: it
// waits for ever.
const syslogWait = 200 * time.Millisecond

// syslog is the connection to the log daemon. It is made with the first message:
// a start without events does not look for one.
type syslog struct {
	sockets []string
	conn    net.Conn
	stream  bool
	mute    bool // nobody listens, or not in time
}

// send hands one message over, as syslog(3) does: priority, time, program,
// process, text. That it cannot is no reason to stop, and is not tried again.
func (s *syslog) send(p priority, text string) {
	if s.mute || s.conn == nil && !s.connect() {
		return
	}
	message := fmt.Sprintf("<%d>%s named-jail[%d]: %s", facilityDaemon|int(p), time.Now().Format(time.Stamp), os.Getpid(), text)
	message = shortened(message, maxMessage)
	if s.stream {
		message += "\n"
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(syslogWait))
	if _, err := s.conn.Write([]byte(message)); err != nil {
		s.conn.Close()
		s.mute = true
	}
}

// connect finds the socket. Daemons mostly take datagrams, some a stream.
func (s *syslog) connect() bool {
	dialer := net.Dialer{Timeout: syslogWait}
	for _, path := range s.sockets {
		if info, err := os.Stat(path); err != nil || info.Mode()&fs.ModeSocket == 0 {
			continue
		}
		for _, network := range []string{"unixgram", "unix"} {
			conn, err := dialer.Dial(network, path)
			if err == nil {
				s.conn, s.stream = conn, network == "unix"
				return true
			}
		}
	}
	s.mute = true
	return false
}

// shortened cuts a text that is longer than size bytes, behind a whole character.
func shortened(text string, size int) string {
	const cut = "..."
	if len(text) <= size {
		return text
	}
	end := size - len(cut)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.TrimRight(text[:end], " ") + cut
}
