package zones

import (
	"bytes"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// TestQuickAgainstMiekg reads the same data with the quick readers and with
// miekg/dns: where both accept it, the wire form must be the same.
func TestQuickAgainstMiekg(t *testing.T) {
	both := 0
	for _, line := range []string{
		"A 192.0.2.1", "A 0.0.0.0", "A 255.255.255.255", "AAAA ::", "AAAA 2001:db8::1", "AAAA ::ffff:1.2.3.4", "AAAA 1:2:3:4:5:6:7::",
		"NS a", "NS a.b.", "CNAME @", "PTR a\\.b.c", "DNAME .", "CNAME a\\065b", "NS *.x", "PTR \\000\\255",
		"MX 0 a", "MX 65535 @", "MX 010 a", "TXT a", "TXT \"\" b \"c;d\" \\065 \"\\\"\"", "TXT \"\\\\\" \"a b\" \\;",
		"TXT " + strings.Repeat("x", 255), "SOA a b 1 2 3 4 5", "SOA @ hm.x. 4294967295 1h 1h30m 1w 1d",
		"NS " + strings.Repeat("a", 63), "NS " + strings.Repeat("a.", 100),
	} {
		var x lexer
		x.reset(strings.NewReader("o " + line + "\n"))
		if ok, wrong := x.next(); !ok || wrong != nil {
			t.Fatalf("%q: %v", line, wrong)
		}
		origin, _ := parseNameString("Sub.example")
		rtype, ok := typeOf(x.entry.bytes(&x.entry.words[1]))
		if !ok || quick[rtype] == nil {
			t.Fatalf("%q is not of a quick type", line)
		}
		var m rrReader
		r := record{class: dns.ClassINET, rtype: rtype}
		wire, _, wrong := m.read(&r, &origin, &x.entry, 2)
		slow, _, slowWrong := m.slow(&r, &origin, &x.entry, 2)
		if wrong != "" || slowWrong != "" {
			t.Errorf("%q: quick says %q, miekg/dns %q", line, wrong, slowWrong)
			continue
		}
		if both++; !bytes.Equal(lowerAll(rtype, wire), lowerAll(rtype, slow)) {
			t.Errorf("%q: quick has % x, miekg/dns % x", line, wire, slow)
		}
	}
	if both < 20 {
		t.Errorf("only %d lines compared", both)
	}
}

// lowerAll makes the names of a type's data comparable.
func lowerAll(rtype uint16, wire []byte) []byte {
	if rtype == dns.TypeTXT || rtype == dns.TypeA || rtype == dns.TypeAAAA {
		return wire
	}
	return bytes.ToLower(wire)
}

// TestSlowGoesOn checks that miekg's parser is right again after each error
// and each change of the origin.
func TestSlowGoesOn(t *testing.T) {
	text := head
	for i := range 20 {
		switch i % 4 {
		case 0:
			text += "a SRV 0 0 0 x\n"
		case 1:
			text += "b SRV 0 0 y x\n"
		case 2:
			text += "$ORIGIN sub\n"
		case 3:
			text += "c CAA 0 issue \"x\"\n"
		}
	}
	r := Check(memFiles{"z": text}, example())
	if len(r.Diagnostics) != 5 || r.Records != 3+10 {
		t.Errorf("%d records, findings:\n%s", r.Records, found(r))
	}
	for _, d := range r.Diagnostics {
		if d.Column != 11 || (d.Line-6)%4 != 0 {
			t.Errorf("at the wrong place: %s", d.Headline())
		}
	}
}

// TestNames checks names and TTLs at their edges.
func TestNames(t *testing.T) {
	origin, _ := parseNameString("example")
	long := strings.Repeat(strings.Repeat("a", 49)+".", 5) // 250 bytes in wire form, without root
	for text, want := range map[string]string{
		"a": "a.example.", "A.": "a.", "@": "example.", ".": ".", "a\\.b.": "a\\046b.", "\\065": "a.example.",
		"..": "!", ".a": "!", "a..": "!", "": "!", "a\\": "!", "a\\25": "!", "a\\256": "!",
		long: long, long + "abc.": long + "abc.", long + "abcd.": "!", long + "a": "!",
		strings.Repeat("x", 63): strings.Repeat("x", 63) + ".example.", strings.Repeat("x", 64): "!",
	} {
		var n name
		if wrong := n.parse([]byte(text), &origin); wrong != "" {
			if want != "!" {
				t.Errorf("%q: %s", text, wrong)
			}
		} else if n.text() != want {
			t.Errorf("%q: got %q, want %q", text, n.text(), want)
		}
	}
	for text, want := range map[string]int64{
		"0": 0, "300": 300, "1h": 3600, "1H30m": 5400, "1m1h": 3660, "2w1d": 1296000, "4294967295": 4294967295,
		"4294967296": -1, "1h30": -1, "h": -1, "": -1, "1x": -1, "99999999999999999999": -1, "8000w": -1, "-1": -1,
	} {
		got, ok := seconds([]byte(text))
		if ok != (want >= 0) || ok && int64(got) != want {
			t.Errorf("seconds(%q) = %d, %v", text, got, ok)
		}
	}
}
