package launcher

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// look is one observation of a named after the other.
type look struct {
	pending  []string // zones that have not been answered yet
	heard    bool     // named has answered something
	silent   time.Time
	ticks    int
	idle     time.Time
	answerer string
}

// The messenger takes named for ready all the same when it listens and does not
// answer for so long (it may ignore this host), or when it has nothing to do for
// so long and still has no zone that it was to load.
const (
	silence  = 10 * time.Second
	idleness = 2 * time.Second
	patience = 400 * time.Millisecond
)

// questionTicks is what our questions may cost named in that time, in 1/100 s. It is
// a variable for tests, which ask themselves.
var questionTicks = 5

// ready asks a process for the zones that are pending. It is ready when it
// answers and all of them are loaded.
func (l *look) ready(pid int) bool {
	servers := listeners(pid)
	if len(servers) == 0 {
		return false
	}
	now := time.Now()
	if l.silent.IsZero() {
		l.silent = now
	}
	if !l.heard && !slices.ContainsFunc(servers, func(server string) bool { return l.asked(server, ".") != noAnswer }) {
		return now.Sub(l.silent) > silence
	}
	l.heard = true
	for len(l.pending) > 0 {
		switch l.asked(l.answerer, l.pending[0]) {
		case noAnswer, dns.RcodeServerFailure:
			return l.isIdle(pid, now)
		}
		l.pending, l.idle = l.pending[1:], time.Time{}
	}
	return true
}

// isIdle tells whether the process has used next to no processor time for a
// while.
func (l *look) isIdle(pid int, now time.Time) bool {
	s, _ := readStat(pid)
	if l.idle.IsZero() || s.ticks > l.ticks+questionTicks {
		l.ticks, l.idle = s.ticks, now
	}
	return now.Sub(l.idle) > idleness
}

const noAnswer = -1

// asked asks a server for the SOA record of a zone and gives the code of the
// answer.
func (l *look) asked(server, zone string) int {
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(zone), dns.TypeSOA)
	q.RecursionDesired = false
	c := dns.Client{Timeout: patience}
	answer, _, err := c.Exchange(q, server)
	if err != nil {
		return noAnswer
	}
	l.answerer = server
	return answer.Rcode
}

// listeners are the addresses at which a process takes queries.
func listeners(pid int) []string {
	inodes := sockets(pid)
	if len(inodes) == 0 {
		return nil
	}
	var list []string
	for _, at := range servers(fmt.Sprintf("/proc/%d/net", pid), inodes) {
		list = append(list, reachable(at))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// reachable is the address at which a listener on any address is asked.
func reachable(at netip.AddrPort) string {
	ip := at.Addr().Unmap()
	if ip.IsUnspecified() {
		ip = netip.IPv6Loopback()
		if at.Addr().Is4() {
			ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
	}
	return net.JoinHostPort(ip.String(), strconv.Itoa(int(at.Port())))
}

// sockets are the inode numbers of a process's sockets.
func sockets(pid int) map[string]bool {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	found := map[string]bool{}
	for _, e := range entries {
		text, err := os.Readlink(dir + "/" + e.Name())
		if n, ok := strings.CutPrefix(text, "socket:["); err == nil && ok {
			found[strings.TrimSuffix(n, "]")] = true
		}
	}
	return found
}

// processes lists the numbers of all processes.
func processes() []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
