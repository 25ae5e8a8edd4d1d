package zones

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// bigZone writes a zone of hosts*2.5+5 records or so: an A and an AAAA record
// for each host, a TXT and a CNAME for every fourth.
func bigZone(b testing.TB, path string, hosts int) {
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprint(w, "$TTL 3600\n@ IN SOA ns1 hostmaster 2024010101 3600 600 86400 300\n@ IN NS ns1\n@ IN NS ns2\nns1 IN A 192.0.2.1\nns2 IN A 192.0.2.2\n")
	for i := range hosts {
		fmt.Fprintf(w, "host%07d IN A 10.%d.%d.%d\n\tIN AAAA 2001:db8::%x:%x\n", i, i>>16&255, i>>8&255, i&255, i>>16, i&65535)
		if i%4 == 0 {
			fmt.Fprintf(w, "\tIN TXT \"text of host %d\"\nalias%07d IN CNAME host%07d\n", i, i, i)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	f.Close()
}

// BenchmarkMillion checks one zone of a million records; beside it miekg/dns
// counts the records of the same file, and the metric is our time as a part of
// miekg's.
func BenchmarkMillion(b *testing.B) {
	path := filepath.Join(b.TempDir(), "big")
	bigZone(b, path, 400000)
	var ours, plain time.Duration
	for b.Loop() {
		start := time.Now()
		r := Check(&hostFiles{}, Zone{Name: "example", Type: "primary", File: path})
		ours += time.Since(start)
		if len(r.Diagnostics) > 0 || r.Records != 1000005 {
			b.Fatalf("%d records\n%s", r.Records, found(r))
		}
		start = time.Now()
		f, _ := os.Open(path)
		zp := dns.NewZoneParser(bufio.NewReader(f), "example.", "")
		n := 0
		for _, ok := zp.Next(); ok; _, ok = zp.Next() {
			n++
		}
		f.Close()
		plain += time.Since(start)
		if n != r.Records {
			b.Fatalf("miekg/dns has %d records", n)
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(ours.Seconds()/float64(b.N), "s/check")
	b.ReportMetric(plain.Seconds()/float64(b.N), "s/miekg")
	b.ReportMetric(ours.Seconds()/plain.Seconds(), "ratio")
	b.ReportMetric(float64(m.Sys)/1e6, "MB")
}

// BenchmarkZones checks 20,000 small zones with two workers, cold and from the
// cache.
func BenchmarkZones(b *testing.B) {
	dir := b.TempDir()
	var zs []Zone
	for i := range 20000 {
		name := fmt.Sprintf("zone%05d.example", i)
		write(b, dir, name, "$TTL 3600\n@ IN SOA ns1 hostmaster 1 3600 600 86400 300\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A 192.0.2.2\nwww A 192.0.2.3\nwww AAAA 2001:db8::3\n@ MX 10 www\n@ TXT \"v=spf1 -all\"\n")
		zs = append(zs, Zone{Name: name, Type: "primary", File: name})
	}
	time.Sleep(2*racy + time.Second/2)
	files := &hostFiles{dir: dir}
	for _, cached := range []bool{false, true} {
		b.Run(map[bool]string{false: "cold", true: "unchanged"}[cached], func(b *testing.B) {
			cache := &Cache{}
			if cached {
				CheckAll(context.Background(), files, zs, Options{Workers: 2, Cache: cache})
			}
			for b.Loop() {
				reports := CheckAll(context.Background(), files, zs, Options{Workers: 2, Cache: cache})
				if last := reports[len(reports)-1]; len(last.Diagnostics) > 0 || cached != last.Cached {
					b.Fatalf("%+v", last)
				}
				if !cached {
					cache = &Cache{}
				}
			}
		})
	}
}
