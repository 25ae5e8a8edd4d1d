package zones

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// generateCases are $GENERATE lines without the word itself.
const generateCases = `
‹1-3¦0-2¦3-3¦3-1¦1-¦-3¦1¦1-3/2¦1-3/1¦1-3/0¦1-3/-1¦1-3/¦1-3/x¦1-3x¦1-3/2x¦1-10/3¦+1-3¦1-+3¦1--3¦-1-3¦0x1-3¦01-03¦1..3¦2147483646-2147483647¦2147483647-2147483648¦4294967297-4294967299¦99999999999999999999-3¦1-99999999999999999999¦1-3/4294967298¦1-1/2147483647¦"1-3"› ‹a$¦"a$"¦a$.example.¦a$.sub¦@¦a¦$¦$$¦a$$b¦a\$b$¦a$a$¦\065$¦a..$¦a$.¦*.$¦a\\$¦a\› ‹A¦1h A¦IN A¦1h IN A¦IN 1h A¦IN IN A¦1h 1h A¦1h IN 1h A¦CH A¦ANY A¦A A¦TYPE1¦TYPE65280¦ANY¦OPT¦nosuch¦"A"¦a¦1x A¦4294967296 A¦2147483648 A¦CLASS1 A¦CLASS3 A› ‹192.0.2.$¦"192.0.2.$"¦192.0.2.1¦192.0.2.$ x¦"192.0.2.$ x"¦x$¦¦""¦\#¦"\# 4 0102030$"¦192.0.2.${0}¦192.0.2.${1}¦192.0.2.${-1}¦192.0.2.${0,1}¦192.0.2.${0,3}›
1-3 ‹a${1}$¦a$${1}¦a${1}¦a${0}¦a${-5}¦a${+5}¦a${5,3}¦a${5,3,d}¦a${5,3,x}¦a${9,3,x}¦a${9,3,X}¦a${8,3,o}¦a${0,3,n}¦a${0,7,n}¦a${20,0,n}¦a${26,0,N}¦a${0,8,N}¦a${0,1,n}¦a${0,2,n}¦a${-5,3}¦a${-5,3,x}¦a${-5,0,o}¦a${-5,3,n}¦a${0,63}¦a${0,64}¦a${0,127}¦a${0,128}¦a${0,300}¦a${0,-1}¦a${0,+3}¦a${¦a${}¦a${x}¦a${,}¦a${1,}¦a${1,2,}¦a${1,2,z}¦a${1,2,d,4}¦a${1,2,dx}¦a${1¦a${1,2¦a${1}}¦a{1}¦a${1}{$}¦a$-$¦${1}-${2}-$¦a${2147483647}¦a${2147483640}¦a${2147483644}¦a${99999999999999999999}¦a${-99999999999999999999}¦a${4294967297}¦a${0,0}¦a${0,0,d}¦a${0x1}¦a${0,03}¦a\${1}¦a$$¦a$$$¦a$$$$¦$GENERATE› TXT ‹$¦"$"¦"x $ y"¦"\"x $ y\""¦"\\$"¦"\065$"¦"(x$)"¦"(x$"¦"x$;y"¦";"¦"\"$;\""¦x$y¦\$¦$$¦${0,5,x}¦${x}¦"a" b¦a b¦"$"x¦"\\"¦\›
1-3 a$ ‹CNAME¦NS¦PTR¦DNAME¦MX¦SRV¦NAPTR¦DS¦NSEC¦WKS¦KX› ‹b$¦b$.¦@¦"10 b$"¦"1 2 3 b$"¦"1 8 5 0$"¦"b$ A"¦"1.2.3.$ 6 $"¦..›
1-3 ‹a$.other.¦a$.¦$.example.¦xexample.¦$.EXAMPLE.› A 192.0.2.$
1-2 a$ ‹AAAA 2001:db8::${0,4,x}¦AAAA 2001:db8::$¦PTR host-${0,3}.net.¦A¦A 1.2.3.4 x¦A 1.2.3.4 "x"¦1h¦IN¦›
1-2 a$ ‹SOA "a b 1 2 3 4 5"¦NULL x¦NULL "\# 1 0$"¦A6 "128 x"¦X25 123$›
`

// generated gives owner, type and data of the records of a $GENERATE line, by
// the same readers as the text reader.
func generated(t *testing.T, line string) (records []string) {
	var x, inner lexer
	x.reset(strings.NewReader("$GENERATE " + line + "\n"))
	if ok, wrong := x.next(); !ok || wrong != nil {
		t.Fatal(wrong)
	}
	e := &x.entry
	origin, _ := parseNameString("example")
	start, stop, step, _ := generateRange(e.bytes(&e.words[1]))
	last := &e.words[len(e.words)-1]
	right := e.bytes(last)
	if last.quoted {
		right = plainQuotes(right)
	}
	var m rrReader
	m.release = release{9, 18, 0}
	for v := start; v <= stop; v += step {
		left, wrong := expand(nil, e.bytes(&e.words[2]), v, longestOwner)
		data, wrong2 := expand([]byte("o T "), right, v, maxData)
		var owner name
		if wrong+wrong2+owner.parse(left, &origin) != "" {
			t.Fatalf("%s: %s %s", line, wrong, wrong2)
		}
		inner.reset(strings.NewReader(string(data) + "\n"))
		inner.next()
		rtype, _ := typeOf(e.bytes(&e.words[len(e.words)-2]))
		r := record{class: dns.ClassINET, rtype: rtype}
		wire, _, wrong := m.read(&r, &origin, &inner.entry, 2)
		if wrong != "" {
			t.Fatalf("%s: %s", line, wrong)
		}
		if owner.under(&origin) {
			records = append(records, fmt.Sprintf("%s %d %x", owner.text(), rtype, wire))
		}
	}
	return records
}

// generatedByBIND takes the same out of a raw file.
func generatedByBIND(raw []byte) (records []string) {
	for raw = raw[12:]; len(raw) > 0; {
		size := int(binary.BigEndian.Uint32(raw))
		class, rtype := binary.BigEndian.Uint16(raw[4:]), binary.BigEndian.Uint16(raw[6:])
		length := int(binary.BigEndian.Uint16(raw[18:]))
		var owner name
		owner.wireName(raw[20 : 20+length])
		for data := raw[20+length : size]; len(data) > 0; {
			n := int(binary.BigEndian.Uint16(data))
			validWire(rtype, class, data[2:2+n])
			if owner.text() != "example." || rtype != dns.TypeSOA && rtype != dns.TypeNS {
				records = append(records, fmt.Sprintf("%s %d %x", owner.text(), rtype, data[2:2+n]))
			}
			data = data[2+n:]
		}
		raw = raw[size:]
	}
	return records
}

// TestOracleGenerate compares verdict and records of $GENERATE lines with those
// of BIND.
func TestOracleGenerate(t *testing.T) {
	t.Parallel()
	b := trees(t)["installed"]
	dir := t.TempDir()
	lines := expandCases(generateCases)
	if len(lines) < 150 {
		t.Fatalf("only %d cases", len(lines))
	}
	for _, line := range lines {
		text := "$TTL 3600\n@ SOA ns.other. hostmaster 7 3600 600 86400 300\n@ NS ns.other.\n$GENERATE " + line + "\n"
		path := filepath.Join(dir, "z")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		os.Remove(path + ".raw")
		out := b.run(t, "named-compilezone", append(slices.Clone(lax), "-F", "raw=0", "-o", path+".raw", "example", path)...)
		raw, err := os.ReadFile(path + ".raw")
		r := Check(&hostFiles{}, Zone{Name: "example", Type: "primary", File: path})
		verdict := ""
		if ours := r.Diagnostics.Errors() == 0; ours != (err == nil) {
			verdict = fmt.Sprintf("we say %v\n%s\nBIND:\n%s", ours, found(r), out)
		} else if ours {
			mine, theirs := generated(t, line), generatedByBIND(raw)
			slices.Sort(mine)
			slices.Sort(theirs)
			if mine = slices.Compact(mine); !slices.Equal(mine, theirs) {
				verdict = fmt.Sprintf("we have\n%s\nBIND\n%s", strings.Join(mine, "\n"), strings.Join(theirs, "\n"))
			}
		}
		if known := differs(t.Name(), line, ""); (known != nil) != (verdict != "") {
			t.Errorf("%s: %s (listed: %v)", line, verdict, known)
		}
	}
}
