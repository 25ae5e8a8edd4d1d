package zones

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestHalted ends the context in the middle of what is done with a zone that
// has been read, and measures how soon that ends.
func TestHalted(t *testing.T) {
	if testing.Short() {
		t.Skip("makes large zones")
	}
	var many, one strings.Builder
	many.WriteString(head + "@ DNSKEY 257 3 16 " + strings.Repeat("A", 76) + "\n@ NSEC3PARAM 1 0 0 -\n")
	one.WriteString(head)
	for i := range 600000 {
		fmt.Fprintf(&many, "%d.%d.%d NS ns.test.\n", i%1000, i/1000, i)
		fmt.Fprintf(&one, "a TXT %d %d\n", i*2654435761%600011, i)
	}
	for name, text := range map[string]string{"many owners": many.String(), "one owner": one.String()} {
		ctx, cancel := context.WithCancel(context.Background())
		c := newChecker(ctx, memFiles{"z": text}, nil)
		c.judging.DNSSEC = true
		z := example()
		r := Report{Zone: &z}
		c.zone, c.report, c.kind, c.started = &z, &r, primary, time.Now()
		c.noted = map[Stamp]struct{}{}
		if !c.start() {
			t.Fatal("no zone")
		}
		c.readFile()
		for _, after := range []time.Duration{5, 200, 500} {
			ctx, cancel := context.WithCancel(context.Background())
			c.ctx = ctx
			go func() { time.Sleep(after * time.Millisecond); cancel() }()
			start := time.Now()
			c.owners(true, allRules)
			rules := time.Since(start)
			ctx, cancel = context.WithCancel(context.Background())
			c.ctx = ctx
			go func() { time.Sleep(after * time.Millisecond); cancel() }()
			start = time.Now()
			prove(c)
			proof := time.Since(start)
			t.Logf("%s, after %d ms: rules %v, proof %v", name, after, rules.Round(time.Millisecond), proof.Round(time.Millisecond))
			if limit := (after + 1500) * time.Millisecond; rules > limit || proof > limit {
				t.Errorf("%s, after %d ms: the rules ended after %v, the proof after %v", name, after, rules, proof)
			}
			cancel()
		}
		cancel()
	}
}
