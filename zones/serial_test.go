package zones

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestSerial checks a zone again and again, with what the cache remembers. What
// named says of each was seen with BIND 9.18.49: "serial ... unchanged" and
// "gone backwards" after a reload.
func TestSerial(t *testing.T) {
	serial := func(n string) string { return strings.Replace(head, " 7 3600", " "+n+" 3600", 1) }
	const more = "x A 192.0.2.1\n"
	steps := []struct {
		name, text string
		want       string
	}{
		{"first", head, ""},
		{"the same", head, ""},
		{"a comment", head + "; a comment\n", ""},
		{"order and spelling", "$TTL 1h\n@ IN SOA NS hostmaster 7 1h 10m 1d 5m\nNS A 192.0.2.1\n@ NS ns.EXAMPLE.\n", ""},
		{"a record twice", head + "ns A 192.0.2.1\n", "NJ425"},
		{"a record more", head + more, "NJ431"},
		{"that again, by another file", head + more + ";\n", ""},
		{"another TTL", head + "x 60 A 192.0.2.1\n", "NJ431"},
		{"other data", head + "x 60 A 192.0.2.2\n", "NJ431"},
		{"another type", head + "x 60 TXT \"\\192\\000\\002\\002\"\n", "NJ431"},
		{"another owner", head + "y 60 TXT \"\\192\\000\\002\\002\"\n", "NJ431"},
		{"another timer", strings.Replace(head, " 300\n", " 301\n", 1), "NJ431"},
		{"up", serial("8") + more, ""},
		{"an error", serial("3") + "x A 1\n", "NJ402"},
		{"down", serial("7") + more, "NJ431"},
		{"up again", serial("8") + more, ""},
		{"half way round", serial("2147483655"), ""},
		{"the other half", serial("1"), ""},
		{"opposite", serial("2147483649"), "NJ431"},
	}
	cache := &Cache{}
	for _, step := range steps {
		r := checkWith(memFiles{"z": step.text}, cache, example(), later)
		got := ""
		for _, d := range r.Diagnostics {
			got = string(d.Code)
		}
		if got != step.want {
			t.Errorf("%s: %q, want %q\n%s", step.name, got, step.want, found(r))
		}
		if got == "NJ431" && (r.Diagnostics[0].Line != 2 || r.Diagnostics.Errors() > 0) {
			t.Errorf("%s: at line %d", step.name, r.Diagnostics[0].Line)
		}
		var stored bytes.Buffer
		if err := cache.Save(&stored); err != nil {
			t.Fatal(err)
		}
		var err error
		if cache, err = LoadCache(&stored); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSerialWhose tells for which zones the serial is looked at.
func TestSerialWhose(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Zone)
		want   bool
	}{
		{"primary", func(*Zone) {}, true},
		{"master", func(z *Zone) { z.Type = "master" }, true},
		{"signed beside the file", func(z *Zone) { z.Inline = true }, true},
		{"dynamic", func(z *Zone) { z.Living = true }, false},
		{"secondary", func(z *Zone) { z.Type, z.Format = "secondary", "text" }, false},
		{"redirect", func(z *Zone) { z.Type = "redirect" }, false},
		{"hint", func(z *Zone) { z.Type = "hint" }, false},
	} {
		z := example()
		test.change(&z)
		cache := &Cache{}
		checkWith(memFiles{"z": head}, cache, z, later)
		r := checkWith(memFiles{"z": head + "x A 192.0.2.1\n"}, cache, z, later)
		if got := len(r.Diagnostics) == 1 && r.Diagnostics[0].Code == "NJ431"; got != test.want {
			t.Errorf("%s: %v, want %v\n%s", test.name, got, test.want, found(r))
		}
		if other := z; len(r.Diagnostics) > 0 {
			other.File = "other"
			if r := checkWith(memFiles{"other": head}, cache, other, later); len(r.Diagnostics) > 0 {
				t.Errorf("%s: another file is compared with it\n%s", test.name, found(r))
			}
		}
	}
}

// TestSerialTorn: a file that changed while it was read is no state to compare
// with; one that was written just now is.
func TestSerialTorn(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "z", head)
	cache := &Cache{}
	checkWith(&changing{hostFiles: hostFiles{dir: dir}, path: path}, cache, example(), later)
	if len(cache.serials) != 0 {
		t.Error("remembered though it changed")
	}
	checkWith(&hostFiles{dir: dir}, cache, example(), 0)
	if len(cache.serials) != 1 || cache.Len() != 0 {
		t.Errorf("written just now: %d serials, %d reports", len(cache.serials), cache.Len())
	}
}

// TestSerialOtherProgram: of a cache that another program made the serials
// count, and what it thought of the records does not.
func TestSerialOtherProgram(t *testing.T) {
	cache := &Cache{}
	checkWith(memFiles{"z": head}, cache, example(), later)
	var b bytes.Buffer
	if err := cache.Save(&b); err != nil {
		t.Fatal(err)
	}
	text := b.Bytes()
	text[len(cacheMagic)]++
	sum := cache.key.of(3, text[:len(text)-16])
	for i := range 16 {
		text[len(text)-16+i] = byte(sum[i/8] >> (i % 8 * 8))
	}
	for want, zone := range map[string]string{"": head + "x A 192.0.2.1\n", "NJ431": strings.Replace(head, " 7 ", " 6 ", 1)} {
		other, err := LoadCache(bytes.NewReader(text))
		if err != nil || other.Len() != 0 || !other.Changed() {
			t.Fatalf("%v, %d reports", err, other.Len())
		}
		r := checkWith(memFiles{"z": zone}, other, example(), later)
		if got := found(r); (got != "") != (want != "") {
			t.Errorf("want %q: %s", want, got)
		}
	}
}

// TestDigest: no two of many texts have one digest, and a sum knows no order.
func TestDigest(t *testing.T) {
	k := newDigestKey()
	seen := map[digest]string{}
	text := []byte("abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789")
	note := func(n uint64, b []byte) {
		d := k.of(n, b)
		if other, ok := seen[d]; ok {
			t.Fatalf("%d %q and %q", n, b, other)
		}
		seen[d] = string(b)
	}
	for n := range len(text) + 1 {
		note(0, text[:n])
		note(1, text[:n])
		note(0, make([]byte, n+100))
		for i := range n {
			b := bytes.Clone(text[:n])
			b[i] ^= 1
			note(0, b)
		}
	}
	a, b := k.of(1, text), k.of(2, text)
	if a.plus(b) != b.plus(a) || a.plus(b).minus(b) != a || newDigestKey() == k {
		t.Error("a sum of digests")
	}
	if time.Duration(len(seen)) < 1000 {
		t.Error("few texts")
	}
}
