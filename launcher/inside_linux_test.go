package launcher

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

// TestOpenPoint: a link on the way to a mount point is not followed.
func TestOpenPoint(t *testing.T) {
	dir := t.TempDir()
	for _, err := range []error{os.MkdirAll(filepath.Join(dir, "a/b"), 0o755), os.Symlink("a", filepath.Join(dir, "link")),
		os.Symlink("/", filepath.Join(dir, "a/root")), os.WriteFile(filepath.Join(dir, "file"), nil, 0o644)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	top, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(top)
	for point, good := range map[string]bool{"/": true, "": true, "/a/b": true, "/link": false, "/link/b": false, "/a/root": false,
		"/a/root/etc": false, "/file": false, "/none": false, "/../" + filepath.Base(dir) + "/x": false} {
		fd, err := openPoint(top, point)
		if (err == nil) != good {
			t.Errorf("%q: %v", point, err)
		}
		if err == nil {
			unix.Close(fd)
		}
	}
}

func TestIsolationFlags(t *testing.T) {
	i := Isolation{Written: []string{"/var/run", "/zones/slave"}, Devices: []string{"/dev"}}
	const ro, nodev, noexec = unix.MS_RDONLY, unix.MS_NODEV, unix.MS_NOEXEC
	for point, want := range map[string]uintptr{"": ro | nodev | noexec, "/var": ro | nodev | noexec, "/var/run": nodev | noexec,
		"/var/run/x": nodev | noexec, "/var/runner": ro | nodev | noexec, "/dev": ro | noexec} {
		if got := i.flags(point); got != want|unix.MS_NOSUID {
			t.Errorf("%q: %x, want %x", point, got, want|unix.MS_NOSUID)
		}
	}
	i.Modules = true
	if got := i.flags(""); got&noexec != 0 {
		t.Errorf("modules cannot be mapped: %x", got)
	}
	if got := i.flags("/var/run"); got&noexec == 0 {
		t.Errorf("what named wrote can be executed: %x", got)
	}
}

func TestSocketAddress(t *testing.T) {
	for text, want := range map[string]string{
		"0100007F:0035":                         "127.0.0.1:53",
		"00000000:14E9":                         "0.0.0.0:5353",
		"00000000000000000000000001000000:0035": "[::1]:53",
		"B80D0120000000000000000001000000:0035": "[2001:db8::1]:53",
	} {
		at, ok := socketAddress(text)
		if !ok || at.String() != want {
			t.Errorf("%s: %v", text, at)
		}
	}
	for _, bad := range []string{"", "0100007F", "xyz:0035", "01:0035", "0100007F:00035x"} {
		if at, ok := socketAddress(bad); ok {
			t.Errorf("%q: %v", bad, at)
		}
	}
	for at, want := range map[string]string{"0.0.0.0:53": "127.0.0.1:53", "[::]:53": "[::1]:53", "192.0.2.1:5353": "192.0.2.1:5353"} {
		if got := reachable(netip.MustParseAddrPort(at)); got != want {
			t.Errorf("%s is asked at %s", at, got)
		}
	}
}

// TestLook watches this process, which listens as named does and loads a zone:
// it is not ready while it says SERVFAIL, and is when it does not.
func TestLook(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	l := &look{pending: []string{"a.example", "b.example"}}
	if l.ready(os.Getpid()) {
		t.Error("ready without a socket for queries")
	}
	udp, err := net.ListenPacket("udp", tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	loading := make(chan bool, 1)
	loading <- true
	s := &dns.Server{PacketConn: udp, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		still := <-loading
		loading <- still
		if q.Question[0].Name == "b.example." && still {
			m.Rcode = dns.RcodeServerFailure
		}
		w.WriteMsg(m)
	})}
	go s.ActivateAndServe()
	defer s.Shutdown()
	for range 3 {
		if l.ready(os.Getpid()) {
			t.Fatal("ready while a zone is being loaded")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if len(l.pending) != 1 {
		t.Errorf("pending: %v", l.pending)
	}
	<-loading
	loading <- false
	if !l.ready(os.Getpid()) {
		t.Error("not ready with all zones loaded")
	}
	// a zone that is given up: nothing is done, and it is not waited for
	<-loading
	loading <- true
	defer func(n int) { questionTicks = n }(questionTicks)
	questionTicks = 1000 // this process is never idle
	given := &look{pending: []string{"b.example"}}
	begin := time.Now()
	for !given.ready(os.Getpid()) {
		if time.Since(begin) > 20*time.Second {
			t.Fatal("waits for a zone that nobody loads")
		}
		time.Sleep(slowLook)
	}
	if time.Since(begin) < idleness {
		t.Error("gives up a zone at once")
	}
}

func TestNotifies(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text string
		want bool
	}{"libsystemd": {"\x00sd_notifyf\x00", true}, "own": {"..NOTIFY_SOCKET\x00", true}, "mute": {"named", false}} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(c.text), 0o755); err != nil {
			t.Fatal(err)
		}
		if got := Notifies(file); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if Notifies(dir) || Notifies(filepath.Join(dir, "none")) {
		t.Error("what is no file speaks")
	}
}
