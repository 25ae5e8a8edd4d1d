//go:build linux && (amd64 || arm64)

package launcher

import (
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// ears take in what named says: on its standard descriptors, and to syslog,
// whose socket in the room is ours, so that the host's log knows nothing of a
// trace.
type ears struct {
	null, in, out *os.File
	log           *net.UnixConn
	done          sync.WaitGroup
	once          sync.Once
}

// listen opens the ears, on the thread that is in the room.
func listen(r *room, to *tail) (*ears, error) {
	e := &ears{}
	var err error
	if e.null, err = os.Open(os.DevNull); err != nil {
		return e, err
	}
	if e.out, e.in, err = os.Pipe(); err != nil {
		return e, err
	}
	e.copy(e.out, to)
	return e, e.syslog(r, to)
}

// syslog puts a socket of ours in the place of the host's, where it has one.
func (e *ears) syslog(r *room, to *tail) error {
	const place = "/dev/log"
	if _, err := os.Stat(place); err != nil {
		return nil
	}
	name := fmt.Sprintf("/proc/self/fd/%d/log", r.memory)
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return err
	}
	e.log = conn
	e.copy(conn, to)
	if err := unix.Fchmodat(r.memory, "log", 0o666, 0); err != nil {
		return err
	}
	return unix.Mount(name, place, "", unix.MS_BIND, "")
}

// lastWords is the time for what is still on its way when named has ended.
const lastWords = 50 * time.Millisecond

// copy reads until the end.
func (e *ears) copy(from interface{ Read([]byte) (int, error) }, to *tail) {
	e.done.Go(func() {
		buf := make([]byte, 8192)
		for {
			n, err := from.Read(buf)
			to.add(buf[:n])
			if err != nil {
				return
			}
		}
	})
}

// files are named's standard descriptors.
func (e *ears) files() []uintptr { return []uintptr{e.null.Fd(), e.in.Fd(), e.in.Fd()} }

// handOver lets go of what only named is to hold.
func (e *ears) handOver() {
	e.null.Close()
	e.in.Close()
}

// close ends the reading; all has been read then.
func (e *ears) close() {
	if e == nil {
		return
	}
	e.once.Do(func() {
		for _, f := range []*os.File{e.null, e.in} {
			if f != nil {
				f.Close()
			}
		}
		if e.log != nil {
			_ = e.log.SetReadDeadline(time.Now().Add(lastWords))
		}
		e.done.Wait()
		if e.log != nil {
			e.log.Close()
		}
		if e.out != nil {
			e.out.Close()
		}
	})
}

// tail keeps the end of what is said, line by line.
type tail struct {
	mu   sync.Mutex
	said []byte
}

func (t *tail) add(b []byte) {
	if len(b) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.said = append(t.said, b...)
	if b[len(b)-1] != '\n' {
		t.said = append(t.said, '\n')
	}
	if over := len(t.said) - maxSaid; over > 0 {
		t.said = append(t.said[:0], t.said[over:]...)
	}
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.said)
}

// readFile reads a file of /proc, "" when it cannot be read.
func readFile(name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(text)
}
