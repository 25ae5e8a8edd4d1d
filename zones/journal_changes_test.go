package zones

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"named-jail/parser"
)

// change is a transaction of a journal from one serial to the next; "-" before
// a record takes it out, "+" puts it in. Records without owner stand at x.example.
// The SOA records come of themselves unless bare is set.
type change struct {
	from, to uint32
	records  string
	bare     bool
}

// changeRecord makes a record of a journal from text as zone files have it, or
// from class, type and hexadecimal data behind "raw".
func changeRecord(t testing.TB, text string) []byte {
	t.Helper()
	rest, raw := strings.CutPrefix(text, "raw ")
	if !raw {
		return wireRecord(t, text)
	}
	var owner, data string
	var ttl uint32
	var class, rtype uint16
	if n, _ := fmt.Sscan(rest, &owner, &ttl, &class, &rtype, &data); n < 4 {
		t.Fatalf("%q", text)
	}
	b := make([]byte, 300)
	at, err := dns.PackDomainName(owner, b, 0, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	b = binary.BigEndian.AppendUint16(b[:at], rtype)
	b = binary.BigEndian.AppendUint16(b, class)
	b = binary.BigEndian.AppendUint32(b, ttl)
	var bytes []byte
	fmt.Sscanf(data, "%x", &bytes)
	b = binary.BigEndian.AppendUint16(b, uint16(len(bytes)))
	b = append(b, bytes...)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// changesJournal writes a journal of these changes.
func changesJournal(t testing.TB, changes ...change) []byte {
	t.Helper()
	b := make([]byte, journalHead)
	copy(b, formatNew)
	binary.BigEndian.PutUint32(b[16:], changes[0].from)
	binary.BigEndian.PutUint32(b[20:], journalHead)
	for _, c := range changes {
		var out, in [][]byte
		for line := range strings.Lines(c.records) {
			line = strings.TrimSpace(line)
			if line == "" {
				continue
			}
			rec := changeRecord(t, line[1:])
			if line[0] == '-' {
				out = append(out, rec)
			} else {
				in = append(in, rec)
			}
		}
		if !c.bare {
			out = slices.Insert(out, 0, wireRecord(t, soaText(c.from)))
			in = slices.Insert(in, 0, wireRecord(t, soaText(c.to)))
		}
		records := slices.Concat(append(out, in...)...)
		b = binary.BigEndian.AppendUint32(b, uint32(len(records)))
		b = binary.BigEndian.AppendUint32(b, uint32(len(out)+len(in)))
		b = binary.BigEndian.AppendUint32(b, c.from)
		b = binary.BigEndian.AppendUint32(b, c.to)
		b = append(b, records...)
	}
	binary.BigEndian.PutUint32(b[24:], changes[len(changes)-1].to)
	binary.BigEndian.PutUint32(b[28:], uint32(len(b)))
	return b
}

// kept lists the records of a checked zone: owner, TTL, type and data.
func kept(c *check) []string {
	var list []string
	for id := range uint32(c.store.owners.n) {
		var own name
		own.set(c.store.name(id))
		sets := map[[2]uint16]uint32{}
		c.store.each(id, func(rec *stored) bool {
			o := ownerRecords{s: &c.store, id: id}
			key := [2]uint16{rec.rtype, o.covers(rec)}
			if _, ok := sets[key]; !ok {
				sets[key] = rec.ttl
			}
			list = append(list, fmt.Sprintf("%s %d %s %x", own.text(), sets[key], typeName(rec.rtype), o.canonical(rec)))
			return true
		})
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// compiled lists the records that named-compilezone writes, in the form of kept.
func compiled(t *testing.T, text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, ";") {
			continue
		}
		if rtype := dns.StringToType[strings.Fields(line)[3]]; rtype != 0 && metaTypes[rtype] {
			continue
		}
		rr, err := dns.NewRR(line)
		if err != nil || rr == nil {
			t.Fatalf("%q: %v", line, err)
		}
		b := make([]byte, 66000)
		n, err := dns.PackRR(rr, b, 0, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		var own name
		used := own.wireName(b[:n])
		data := b[used+10 : n]
		lowerNames(rr.Header().Rrtype, data)
		if !own.under(&name{wire: [255]byte{7, 'e', 'x', 'a', 'm', 'p', 'l', 'e'}, n: 9}) {
			continue // kept beside the zone
		}
		list = append(list, fmt.Sprintf("%s %d %s %x", own.text(), rr.Header().Ttl, typeName(rr.Header().Rrtype), data))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// many writes a line for each number up to n.
func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format+"\n", i>>8, i&255)
	}
	return b.String()
}

// TestJournalChanges applies journals, beside named-compilezone -j: the verdict
// and the records are the same. The file has serial 7.
func TestJournalChanges(t *testing.T) {
	const a = "x 60 A 192.0.2.1\n"
	tests := []struct {
		name    string
		file    string
		code    string // of the first finding
		changes []change
	}{
		{"nothing", "", "", []change{{from: 7, to: 8}}},
		{"add", "", "", []change{{7, 8, "+x.example. 60 A 192.0.2.1", false}}},
		{"add to a set", a, "", []change{{7, 8, "+x.example. 60 A 192.0.2.2", false}}},
		{"add what is there", a, "NJ447", []change{{7, 8, "+x.example. 60 A 192.0.2.1", false}}},
		{"add with another TTL", a, "NJ447", []change{{7, 8, "+x.example. 61 A 192.0.2.2", false}}},
		{"add, other case", "", "", []change{{7, 8, "+X.EXAMPLE. 60 MX 1 NS.eXample.", false}, {8, 9, "-x.eXample. 60 MX 1 ns.example.", false}}},
		{"other case in the file", "s SRV 0 0 1 NS.EXAMPLE.\n", "", []change{{7, 8, "-s.example. 3600 SRV 0 0 1 ns.Example.", false}}},
		{"a string keeps its case", "x TXT Abc\n", "NJ447", []change{{7, 8, "-x.example. 3600 TXT abc", false}}},
		{"delete", a, "", []change{{7, 8, "-x.example. 60 A 192.0.2.1", false}}},
		{"delete one of two", a + "x 60 A 192.0.2.2\n", "", []change{{7, 8, "-x.example. 60 A 192.0.2.1", false}}},
		{"delete what is written twice", a + a, "NJ425", []change{{7, 8, "-x.example. 60 A 192.0.2.1", false}}},
		{"delete no such owner", a, "NJ447", []change{{7, 8, "-y.example. 60 A 192.0.2.1", false}}},
		{"delete no such type", a, "NJ447", []change{{7, 8, "-x.example. 60 AAAA ::1", false}}},
		{"delete no such data", a, "NJ447", []change{{7, 8, "-x.example. 60 A 192.0.2.2", false}}},
		{"delete more than is there", a, "NJ447", []change{{7, 8, "-x.example. 60 A 192.0.2.1\n-x.example. 60 A 192.0.2.2", false}}},
		{"delete with another TTL", a, "NJ447", []change{{7, 8, "-x.example. 61 A 192.0.2.1", false}}},
		{"delete with differing TTLs", a + "x 60 A 192.0.2.2\n", "", []change{{7, 8, "-x.example. 60 A 192.0.2.1\n-x.example. 61 A 192.0.2.2", false}}},
		{"the file has two TTLs", a + "x 61 A 192.0.2.2\n", "NJ424", []change{{7, 8, "-x.example. 60 A 192.0.2.2", false}}},
		{"the file has two TTLs apart", a + "y A 192.0.2.1\nx 61 A 192.0.2.2\n", "NJ447", []change{{7, 8, "-x.example. 60 A 192.0.2.2", false}}},
		{"the file has two TTLs apart, second", a + "y A 192.0.2.1\nx 61 A 192.0.2.2\n", "NJ424", []change{{7, 8, "-x.example. 61 A 192.0.2.2", false}}},
		{"delete twice", a, "NJ447", []change{{7, 8, "-x.example. 60 A 192.0.2.1", false}, {8, 9, "-x.example. 60 A 192.0.2.1", false}}},
		{"the same twice in a group", a, "NJ447", []change{{7, 8, "-x.example. 60 A 192.0.2.1\n-x.example. 60 A 192.0.2.1", false}}},
		{"the same twice, added", "", "NJ447", []change{{7, 8, "+x.example. 60 A 192.0.2.1\n+x.example. 60 A 192.0.2.1", false}}},
		{"the same twice, apart", "", "NJ447", []change{{7, 8, "+x.example. 60 A 192.0.2.1\n+y.example. 60 A 192.0.2.1\n+x.example. 60 A 192.0.2.1", false}}},
		{"TTL changed", a, "", []change{{7, 8, "-x.example. 60 A 192.0.2.1\n+x.example. 61 A 192.0.2.1", false}}},
		{"added and deleted", "", "", []change{{7, 8, "+x.example. 60 A 192.0.2.1", false}, {8, 9, "-x.example. 60 A 192.0.2.1", false}}},
		{"CNAME beside A", a, "NJ447", []change{{7, 8, "+x.example. 60 CNAME ns.example.", false}}},
		{"A beside CNAME", "x CNAME ns\n", "NJ447", []change{{7, 8, "+x.example. 60 A 192.0.2.1", false}}},
		{"A in place of CNAME", "x CNAME ns\n", "", []change{{7, 8, "-x.example. 3600 CNAME ns.example.\n+x.example. 60 A 192.0.2.1", false}}},
		{"CNAME beside A in the file, mended", a + "x CNAME ns\n", "NJ407", []change{{7, 8, "-x.example. 60 A 192.0.2.1", false}}},
		{"second CNAME", "x CNAME ns\n", "NJ447", []change{{7, 8, "+x.example. 3600 CNAME b.example.", false}}},
		{"two CNAMEs at once", "", "NJ447", []change{{7, 8, "+x.example. 60 CNAME a.example.\n+x.example. 60 CNAME b.example.", false}}},
		{"last NS goes", "", "NJ405", []change{{7, 8, "-example. 3600 NS ns.example.", false}}},
		{"address of the NS goes", "", "NJ415", []change{{7, 8, "-ns.example. 3600 A 192.0.2.1", false}}},
		{"NS without address comes", "", "NJ415", []change{{7, 8, "+example. 3600 NS nn.example.", false}}},
		{"missing address comes", "@ NS n2\n", "", []change{{7, 8, "+n2.example. 60 A 192.0.2.2", false}}},
		{"SOA goes", "", "NJ403", []change{{7, 8, "-" + soaText(7), true}}},
		{"SOA goes, others come", "", "NJ447", []change{{7, 8, "-" + soaText(7) + "\n+x.example. 60 A 192.0.2.1", true}}},
		{"SOA is not that of the file", "", "NJ447", []change{{7, 8, "-example. 3600 SOA ns.example. other.example. 7 3600 600 86400 300\n+" + soaText(8), true}}},
		{"SOA below", "", "NJ447", []change{{7, 8, "-" + soaText(7) + "\n+x.example. 3600 SOA ns.example. hostmaster.example. 8 3600 600 86400 300", true}}},
		{"SOA serial leaps", "", "", []change{{7, 8, "-" + soaText(7) + "\n+" + soaText(9), true}}},
		{"SOA serial leaps, goes on", "", "NJ419", []change{{7, 8, "-" + soaText(7) + "\n+" + soaText(9), true}, {from: 8, to: 9}}},
		{"SOA TTL", "", "", []change{{7, 8, "-" + soaText(7) + "\n+example. 60 SOA ns.example. hostmaster.example. 8 3600 600 86400 300", true}}},
		{"records before the SOA", "", "NJ419", []change{{7, 8, "-x.example. 60 A 192.0.2.1\n-" + soaText(7) + "\n+" + soaText(8), true}}},
		{"SOAs carry over", "", "NJ419", []change{{7, 8, "+x.example. 60 A 192.0.2.1\n+" + soaText(8), true}}},
		{"other class", "", "NJ447", []change{{7, 8, "+x.example. 60 CH TXT a", false}}},
		{"type 0", "", "NJ419", []change{{7, 8, "+raw x.example. 60 1 0 00", false}}},
		{"type ANY", "", "NJ447", []change{{7, 8, "+raw x.example. 60 1 255 00", false}}},
		{"type ANY, no data", "", "NJ447", []change{{7, 8, "+raw x.example. 60 1 255", false}}},
		{"type OPT", "", "NJ447", []change{{7, 8, "+raw x.example. 60 1 41", false}}},
		{"type TSIG", "", "NJ447", []change{{7, 8, "+raw x.example. 60 1 250 00", false}}},
		{"type AXFR", "", "NJ447", []change{{7, 8, "+raw x.example. 60 1 252 00", false}}},
		{"unknown type", "", "", []change{{7, 8, "+raw x.example. 60 1 65300 0102", false}}},
		{"short A", "", "NJ419", []change{{7, 8, "+raw x.example. 60 1 1 010203", false}}},
		{"MX without name", "", "NJ419", []change{{7, 8, "+raw x.example. 60 1 15 0001", false}}},
		{"TTL of 2^31", "", "", []change{{7, 8, "+raw x.example. 2147483648 1 1 01020304", false}}},
		{"outside", "", "", []change{{7, 8, "+x.other. 60 A 192.0.2.1", false}}},
		{"outside, added twice", "", "NJ447", []change{{7, 8, "+x.other. 60 A 192.0.2.1", false}, {8, 9, "+x.other. 60 A 192.0.2.1", false}}},
		{"outside, not there", "", "NJ447", []change{{7, 8, "-x.other. 60 A 192.0.2.1", false}}},
		{"RRSIGs by covered type", "", "", []change{{7, 8, "+x.example. 60 RRSIG A 8 2 60 20300101000000 20200101000000 1 example. aGFsbG8=\n" +
			"+x.example. 70 RRSIG TXT 8 2 60 20300101000000 20200101000000 1 example. aGFsbG8=", false}}},
		{"NSEC3 and its signature", "", "", []change{{7, 8, "+0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example. 60 NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A\n" +
			"+0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example. 60 RRSIG NSEC3 8 2 60 20300101000000 20200101000000 1 example. aGFsbG8=", false}}},
		{"90 records", "", "", []change{{7, 8, many(90, "+x.example. 60 A 10.0.%d.%d"), false}}},
		{"over the batch", "", "", []change{{7, 8, many(250, "+x.example. 60 AAAA 2001:db8::%d:%d"), false}}},
		{"over the batch and out", "", "", []change{{7, 8, many(250, "+x.example. 60 AAAA 2001:db8::%d:%d"), false}, {8, 9, many(250, "-x.example. 60 AAAA 2001:db8::%d:%d"), false}}},
		{"over the batch, the same twice", "", "NJ447", []change{{7, 8, many(150, "+x.example. 60 AAAA 2001:db8::%[1]d:1"), false}}},
		{"check-names is of the file", "", "NJ420", []change{{7, 8, "+a_b.example. 60 A 192.0.2.1", false}}},
		{"a set too large", "", "NJ447", []change{{7, 8, func() (b string) {
			for i := range 5 {
				b += "+x.example. 60 TXT " + strings.Repeat(strings.Repeat("a", 250)+" ", 60) + strconv.Itoa(i) + "\n"
			}
			return b
		}(), false}}},
		{"DNAME comes twice", "", "NJ447", []change{{7, 8, "+x.example. 60 DNAME a.b.\n+x.example. 60 DNAME b.b.", false}}},
		{"wildcard NS", "", "NJ428", []change{{7, 8, "+*.example. 60 NS a.b.", false}}},
		{"many serials", a, "", []change{{7, 8, "-x.example. 60 A 192.0.2.1", false}, {8, 9, "+x.example. 60 A 192.0.2.1", false}, {9, 10, "-x.example. 60 A 192.0.2.1", false},
			{10, 4294967290 - 1<<31, "+x.example. 60 A 192.0.2.3", false}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "z", head+test.file)
			write(t, dir, "z.jnl", string(changesJournal(t, test.changes...)))
			z := example()
			z.File = filepath.Join(dir, "z")
			c := newChecker(t.Context(), &hostFiles{}, nil)
			r := c.check(z)
			got := ""
			for _, d := range r.Diagnostics {
				if got == "" || d.Severity == parser.Error {
					got = string(d.Code)
				}
			}
			if got != test.code {
				t.Errorf("code %q, want %q\n%s", got, test.code, found(r))
			}
			out, accepts := bind(t, dir, "named-compilezone", "-j", "-o", "out", "example", "z")
			if ours := r.Diagnostics.Errors() == 0; ours != accepts {
				t.Errorf("we say %v\n%s\nnamed-compilezone %v\n%s", ours, found(r), accepts, out)
			}
			if !accepts {
				return
			}
			if m := loadedSerial.FindStringSubmatch(out); m != nil && m[1] != strconv.Itoa(int(r.Serial)) {
				t.Errorf("serial %d, named-checkzone has %s", r.Serial, m[1])
			}
			text, _ := bind(t, dir, "cat", "out")
			if theirs, ours := compiled(t, text), kept(c); !slices.Equal(theirs, ours) {
				t.Errorf("we keep\n%s\nnamed\n%s\n%s", strings.Join(ours, "\n"), strings.Join(theirs, "\n"), out)
			}
		})
	}
}
