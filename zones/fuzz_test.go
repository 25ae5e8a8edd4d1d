package zones

import (
	"bytes"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// FuzzData reads any words as the data of any type: no panic, and what the
// reader of text takes, the check of the wire form takes, and it comes out as it
// went in. A key of a private algorithm is the exception before 9.20: BIND reads from text
// what it refuses on the wire.
func FuzzData(f *testing.F) {
	for i, line := range expandCases(typeCases) {
		if i%7 == 0 {
			f.Add(line, i%14 == 0)
		}
	}
	var m, old rrReader
	old.release = release{9, 16, 0}
	f.Fuzz(func(t *testing.T, line string, newest bool) {
		if strings.ContainsAny(line, "\n\r") {
			return
		}
		reader := &old
		if newest {
			reader = &m
		}
		rtype, wire, wrong := readLine(reader, dns.ClassINET, line)
		if strings.Contains(wrong, "; at word ") {
			t.Fatalf("%q: %s", line, wrong)
		}
		if wrong != "" {
			return
		}
		if len(wire) > maxData {
			t.Fatalf("%q: %d bytes", line, len(wire))
		}
		before := bytes.Clone(wire)
		private := !newest && layoutOf(rtype, dns.ClassINET) != nil && rtype != dns.TypeDS && len(wire) > 3 && wire[3] == dns.PRIVATEDNS
		if !validWire(rtype, dns.ClassINET, wire) && !private {
			t.Fatalf("%q: % x is refused in wire form", line, wire)
		}
		if !bytes.Equal(before, wire) {
			t.Fatalf("%q: % x becomes % x in wire form", line, before, wire)
		}
	})
}

// FuzzWire checks any data of any type in any class: no panic, and what is
// valid stays valid and the same.
func FuzzWire(f *testing.F) {
	for i, line := range expandCases(typeCases) {
		var m rrReader
		if rtype, wire, wrong := readLine(&m, dns.ClassINET, line); wrong == "" && i%5 == 0 {
			f.Add(rtype, uint16(1), bytes.Clone(wire))
		}
	}
	f.Fuzz(func(t *testing.T, rtype, class uint16, data []byte) {
		if len(data) > maxData {
			return
		}
		data = bytes.Clone(data)
		if !validWire(rtype, class, data) {
			return
		}
		again := bytes.Clone(data)
		if !validWire(rtype, class, again) || !bytes.Equal(data, again) {
			t.Fatalf("type %d class %d: % x becomes % x", rtype, class, data, again)
		}
		refusedLater(release{}, rtype, data)
	})
}

// fuzzZone checks a zone and looks at what must hold of any report.
func fuzzZone(t *testing.T, files memFiles, z Zone) {
	z.MaxErrors = 5
	r := Check(files, z)
	for _, d := range r.Diagnostics {
		if strings.ContainsFunc(d.Headline(), func(c rune) bool { return c < ' ' || c == 0x7f }) {
			t.Errorf("raw bytes in a message: %q", d.Headline())
		}
	}
}

// FuzzFiles reads any text, which may include two other files or itself.
func FuzzFiles(f *testing.F) {
	for _, text := range []string{
		"", head, head + "$INCLUDE one\n$INCLUDE two sub\n", head + "$INCLUDE z\n", head + "$ORIGIN a\nb TXT \"x\n",
		head + "$GENERATE 1-3 a$ A 192.0.2.${0,3,d}\n", head + "a ( MX 10\n b ) ; c\n", "$TTL 1h\n\tA 1.2.3.4\n",
		head + "$GENERATE 1-3/2 ${0,7,n} TXT \"$ \\\" x\"\n", head + "a HTTPS 1 . alpn=\"h2\" key65=a\\\n",
	} {
		f.Add(text, "c A 192.0.2.7\n", "$INCLUDE one\nd MX 1 c\n")
	}
	before := maxGenerated
	maxGenerated = 1000
	f.Cleanup(func() { maxGenerated = before })
	f.Fuzz(func(t *testing.T, text, one, two string) {
		fuzzZone(t, memFiles{"z": text, "one": one, "two": two}, example())
	})
}
