package parser

import (
	"fmt"
	"strings"
	"testing"
)

// zonesConf makes a configuration with n zone statements of four lines.
func zonesConf(n int) string {
	var b strings.Builder
	b.WriteString("options { directory \"/etc/namedb\"; };\n")
	for i := range n {
		fmt.Fprintf(&b, "zone \"zone%06d.example\" {\n\ttype master;\n\tfile \"primary/zone%06d.example.db\"; // the zone's own file\n\tallow-transfer { 192.0.2.1; 192.0.2.2; };\n};\n", i, i)
	}
	return b.String()
}

func BenchmarkRead100kZones(b *testing.B) {
	src := tree{"/n.conf": zonesConf(100000)}
	b.SetBytes(int64(len(src["/n.conf"])))
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(src, "/n.conf", Options{})
		check := NewChecker(V(9, 18, 0))
		for s := r.Next(); s != nil; s = r.Next() {
			check.Statement(s)
		}
		if len(r.Diagnostics())+len(check.Diagnostics()) > 0 {
			b.Fatal(r.Diagnostics(), check.Diagnostics())
		}
	}
}
