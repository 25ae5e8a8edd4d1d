package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// loopback is where the demo's servers listen.
const loopback = "127.0.0.1"

// freePort finds a port that neither UDP nor TCP uses on the loopback address.
func freePort() (int, error) {
	for range 20 {
		l, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
		if err != nil {
			return 0, err
		}
		port := l.Addr().(*net.TCPAddr).Port
		u, err := net.ListenPacket("udp", l.Addr().String())
		l.Close()
		if err == nil {
			u.Close()
			return port, nil
		}
	}
	return 0, errors.New("no free port was found on " + loopback)
}

// primaryServer is the server that the sample's secondary zone is copied from.
type primaryServer struct {
	port    int
	servers []*dns.Server
}

// copyZone is the zone that it has.
var copyZone = []string{
	"copy.example. 300 IN SOA ns.copy.example. hostmaster.copy.example. 1 3600 600 86400 300",
	"copy.example. 300 IN NS ns.copy.example.",
	"ns.copy.example. 300 IN A 192.0.2.1",
	"www.copy.example. 300 IN A 192.0.2.90",
	"copy.example. 300 IN SOA ns.copy.example. hostmaster.copy.example. 1 3600 600 86400 300",
}

// startPrimary starts it on a free port.
func startPrimary() (*primaryServer, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	p := &primaryServer{port: port}
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		m.Authoritative = true
		for i, line := range copyZone {
			if q.Question[0].Qtype == dns.TypeAXFR || q.Question[0].Qtype == dns.TypeIXFR || i == 0 {
				rr, err := dns.NewRR(line)
				if err == nil {
					m.Answer = append(m.Answer, rr)
				}
			}
		}
		_ = w.WriteMsg(m)
	})
	addr := net.JoinHostPort(loopback, strconv.Itoa(port))
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	packets, err := net.ListenPacket("udp", addr)
	if err != nil {
		listener.Close()
		return nil, err
	}
	p.servers = []*dns.Server{{Listener: listener, Handler: handler}, {PacketConn: packets, Handler: handler}}
	for _, s := range p.servers {
		go func() { _ = s.ActivateAndServe() }()
	}
	return p, nil
}

func (p *primaryServer) stop() {
	for _, s := range p.servers {
		_ = s.Shutdown()
	}
}

// asker asks the jailed named.
type asker struct{ port int }

func (a asker) exchange(ctx context.Context, m *dns.Msg) (*dns.Msg, error) {
	c := dns.Client{Timeout: 2 * time.Second}
	r, _, err := c.ExchangeContext(ctx, m, net.JoinHostPort(loopback, strconv.Itoa(a.port)))
	return r, err
}

func (a asker) query(ctx context.Context, name string, qtype uint16) (string, error) {
	m := new(dns.Msg)
	m.SetQuestion(name, qtype)
	r, err := a.exchange(ctx, m)
	if err != nil {
		return "", err
	}
	if len(r.Answer) == 0 {
		return "", fmt.Errorf("%s: no answer (%s)", name, dns.RcodeToString[r.Rcode])
	}
	return strings.ReplaceAll(r.Answer[0].String(), "\t", " "), nil
}

// ready waits until named answers or has ended.
func (a asker) ready(ctx context.Context, ended chan error) error {
	deadline := time.After(demoTime)
	for {
		if _, err := a.query(ctx, "www.static.example.", dns.TypeA); err == nil {
			return nil
		} else {
			select {
			case e := <-ended:
				ended <- e
				return fmt.Errorf("it ended: %v", e)
			case <-deadline:
				return err
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
}

// show asks for one name of each zone, after an update of the dynamic one.
func (a asker) show(ctx context.Context, p printer) error {
	update := new(dns.Msg)
	update.SetUpdate("dynamic.example.")
	rr, err := dns.NewRR("added.dynamic.example. 60 IN A 192.0.2.99")
	if err != nil {
		return err
	}
	update.Insert([]dns.RR{rr})
	// named loads its zones one after the other and refuses an update until then
	end := time.Now().Add(demoTime)
	r, err := a.exchange(ctx, update)
	for err == nil && r.Rcode == dns.RcodeServerFailure && time.Now().Before(end) && ctx.Err() == nil {
		time.Sleep(100 * time.Millisecond)
		r, err = a.exchange(ctx, update)
	}
	if err != nil {
		return err
	}
	p.say("update of dynamic.example: %s", dns.RcodeToString[r.Rcode])
	for _, q := range []struct{ name, what string }{
		{"www.static.example.", "static, by way of $INCLUDE"},
		{"added.dynamic.example.", "dynamic, just added"},
		{"www.copy.example.", "secondary, transferred"},
	} {
		answer, err := a.until(ctx, q.name)
		if err != nil {
			return err
		}
		p.say("%-50s ; %s", answer, q.what)
	}
	return nil
}

// until asks for a name until it is there; a transfer takes a moment.
func (a asker) until(ctx context.Context, name string) (string, error) {
	end := time.Now().Add(demoTime)
	for {
		answer, err := a.query(ctx, name, dns.TypeA)
		if err == nil || time.Now().After(end) || ctx.Err() != nil {
			return answer, err
		}
		time.Sleep(100 * time.Millisecond)
	}
}
