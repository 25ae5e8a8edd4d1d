package command

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/miekg/dns"

	"named-jail/launcher"
	"named-jail/rewrite"
)

// rndcVerbs make named touch files that a start does not: its control channel's
// key, its configuration anew, its statistics, the files of dynamic zones. All
// that is written is forgotten with the trace.
var rndcVerbs = [][]string{{"status"}, {"reconfig"}, {"stats"}, {"sync"}}

// Bounds of what is asked.
const (
	maxAsked    = 50
	listenLimit = 3 * time.Second
	askLimit    = 2 * time.Second
)

// askNamed is the work of a trace: it makes the traced named touch its files.
// That a question is refused or stays without an answer is no matter; what named
// looked for meanwhile is.
func (w *walk) askNamed(ctx context.Context) {
	if at, ok := listener(ctx); ok {
		askZones(ctx, at, w.askedZones())
	}
	rndc := w.rndc()
	for _, verb := range rndcVerbs {
		if rndc == "" || ctx.Err() != nil {
			return
		}
		one, cancel := context.WithTimeout(ctx, askLimit)
		cmd := exec.CommandContext(one, rndc, verb...)
		cmd.Env, _ = launcher.Environment(os.Environ())
		_ = cmd.Run()
		cancel()
	}
}

// rndc is the program beside named, or in PATH; "" when there is none.
func (w *walk) rndc() string {
	beside := filepath.Join(filepath.Dir(w.build.Path), "rndc")
	if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
		return beside
	}
	found, _ := exec.LookPath("rndc")
	return found
}

// listener waits for an address that named listens on.
func listener(ctx context.Context) (string, bool) {
	for end := time.Now().Add(listenLimit); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		for _, a := range launcher.Listeners() {
			if a.IP.IsUnspecified() {
				a.IP = net.IPv6loopback
				if a.IP.To4() != nil {
					a.IP = net.IPv4(127, 0, 0, 1)
				}
			}
			return a.String(), true
		}
	}
	return "", false
}

// askedZones lists zones to ask for: one of each type and kind of file first.
func (w *walk) askedZones() []*rewrite.Zone {
	type kind struct {
		name  string
		files rewrite.Class
	}
	seen := map[kind]bool{}
	var first, rest []*rewrite.Zone
	for _, z := range w.install.Zones {
		switch k := (kind{z.Type, z.Files}); {
		case z.Type == "hint" || z.Type == "forward":
		case !seen[k]:
			seen[k] = true
			first = append(first, z)
		case len(rest) < maxAsked:
			rest = append(rest, z)
		}
	}
	all := append(first, rest...)
	return all[:min(len(all), maxAsked)]
}

// askZones asks for the zones, and for a transfer of the first.
func askZones(ctx context.Context, at string, list []*rewrite.Zone) {
	client := &dns.Client{Timeout: askLimit}
	questions := []dns.Question{{Name: "version.bind.", Qtype: dns.TypeTXT, Qclass: dns.ClassCHAOS}}
	for _, z := range list {
		questions = append(questions, dns.Question{Name: dns.Fqdn(z.Name), Qtype: dns.TypeSOA, Qclass: dns.ClassINET})
	}
	for _, q := range questions {
		if ctx.Err() != nil {
			return
		}
		m := &dns.Msg{Question: []dns.Question{q}}
		m.Id, m.RecursionDesired = dns.Id(), true
		_, _, _ = client.ExchangeContext(ctx, m, at)
	}
	for _, z := range list {
		if z.Type != "primary" {
			continue
		}
		m := &dns.Msg{}
		m.SetAxfr(dns.Fqdn(z.Name))
		transfer := &dns.Transfer{DialTimeout: askLimit, ReadTimeout: askLimit}
		if answers, err := transfer.In(m, at); err == nil {
			stop := context.AfterFunc(ctx, func() { transfer.Close() })
			for range answers {
			}
			stop()
		}
		return
	}
}
