package main

import (
	"errors"
	"net"
	"time"

	"github.com/miekg/dns"
)

// firstAnswer asks a server by UDP every millisecond until it has answered that a
// name exists, and gives the time of that answer. No question waits for the answer
// to another one, so a server that is slow at its start is not asked less often.
// Errors: there is no answer within limit.
func firstAnswer(server, name string, limit time.Duration) (time.Time, error) {
	conn, err := net.Dial("udp", server)
	if err != nil {
		return time.Time{}, err
	}
	defer conn.Close()
	query := new(dns.Msg)
	query.SetQuestion(name, dns.TypeA)
	query.RecursionDesired = false
	packet, err := query.Pack()
	if err != nil {
		return time.Time{}, err
	}
	done := make(chan struct{})
	defer close(done)
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				_, _ = conn.Write(packet) // nobody listens yet
			}
		}
	}()
	end := time.Now().Add(limit)
	_ = conn.SetReadDeadline(end)
	for buffer := make([]byte, 4096); time.Now().Before(end); {
		n, err := conn.Read(buffer)
		now := time.Now()
		var reply dns.Msg
		if err == nil && reply.Unpack(buffer[:n]) == nil && reply.Rcode == dns.RcodeSuccess && len(reply.Answer) > 0 {
			return now, nil
		}
	}
	return time.Time{}, errors.New(server + " does not answer for " + name)
}
