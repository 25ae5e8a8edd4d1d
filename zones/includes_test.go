package zones

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestIncludes(t *testing.T) {
	for _, test := range []struct{ src, want string }{
		{"$INCLUDE a", "a"},
		{"$include a;comment\n", "a"},
		{"$Include\ta\torigin.\r\n", "a"},
		{`$INCLUDE "a b;c" o`, `a b;c`},
		{`$INCLUDE "a\"b\\"`, `a"b\\`},
		{`$INCLUDE a\ b\;c\032d`, `a\ b\;c\032d`},
		{`$INCLUDE a"b"`, `a`},
		{" $INCLUDE a\n", ""},
		{"; $INCLUDE a\n", ""},
		{"x TXT (\n$INCLUDE a\n)\n", ""},
		{"x TXT \"\\\n$INCLUDE a\"\n", ""},
		{"($INCLUDE\n a)\n", "a"},
		{"$INCLUDEx a\n", ""},
		{"$INCLUDE\n$INCLUDE b\n", "b"},
		{"x TXT \"open\n$INCLUDE b\n", "b"},
		{"x TXT )\n$INCLUDE b\n$INCLUDE c (", "b"},
		{"\"$INCLUDE\" q\n", "q"},
		{"$INCLUDE ( a )\n$INCLUDE b\n", "a|b"},
		{"a A 1\r$INCLUDE b\n", "b"},
		{"$INCLUDE a\x00\n$INCLUDE b", "b"},
	} {
		var names []string
		for _, in := range Includes([]byte(test.src)) {
			names = append(names, in.Name)
			checkInclude(t, []byte(test.src), in)
		}
		if got := strings.Join(names, "|"); got != test.want {
			t.Errorf("%q: got %q, want %q", test.src, got, test.want)
		}
	}
}

// checkInclude checks that the offsets, line and column are those of the name.
func checkInclude(t *testing.T, src []byte, in Include) {
	t.Helper()
	if in.Start < 0 || in.End > len(src) || in.Start >= in.End {
		t.Fatalf("%q: offsets %d to %d", src, in.Start, in.End)
	}
	text := string(src[in.Start:in.End])
	if strings.HasPrefix(text, `"`) {
		text = strings.ReplaceAll(text[1:len(text)-1], `\"`, `"`)
	}
	if text != in.Name {
		t.Errorf("%q: the offsets give %q, the name is %q", src, text, in.Name)
	}
	before := src[:in.Start]
	if line := bytes.Count(before, []byte("\n")) + 1; line != in.Line {
		t.Errorf("%q: line %d, should be %d", src, in.Line, line)
	}
	if !bytes.ContainsRune(before, '\r') {
		if column := in.Start - bytes.LastIndexByte(before, '\n'); column != in.Column {
			t.Errorf("%q: column %d, should be %d", src, in.Column, column)
		}
	}
}

// TestIncludesAcrossBuffers checks that places do not depend on where a read
// of the file ends.
func TestIncludesAcrossBuffers(t *testing.T) {
	for pad := 32<<10 - 30; pad < 32<<10+5; pad++ {
		src := []byte(strings.Repeat(";", pad) + "\n$INCLUDE \"a b\" c\n$INCLUDE d\n")
		got := Includes(src)
		if len(got) != 2 {
			t.Fatalf("pad %d: %+v", pad, got)
		}
		for _, in := range got {
			checkInclude(t, src, in)
		}
	}
}

// TestIncludesAsRead checks that Includes finds in each corpus file what
// reading the zone opened.
func TestIncludesAsRead(t *testing.T) {
	n := 0
	for _, file := range corpus(t) {
		z := corpusZone(t, file)
		r := Check(&hostFiles{dir: ".."}, z)
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var read []Include
		for _, in := range r.Includes {
			if in.Opened == z.File {
				in.File, in.Opened = "", ""
				read = append(read, in)
				n++
			}
		}
		scanned := Includes(src)
		if strings.Contains(filepath.Base(file), "include") && r.Diagnostics.Errors() > 0 {
			continue // a line that is refused is no include for the reader
		}
		if !reflect.DeepEqual(read, scanned) {
			t.Errorf("%s: read %+v, scanned %+v", file, read, scanned)
		}
	}
	if n < 3 {
		t.Errorf("only %d includes in the corpus", n)
	}
}

func FuzzIncludes(f *testing.F) {
	f.Add([]byte(head + "$INCLUDE \"a\\\"b\" c\n$include (\nd\n)\n"))
	f.Add([]byte("x TXT ( \"a\n$INCLUDE b\n"))
	f.Add([]byte("$INCLUDE a\\\n$INCLUDE b\r$INCLUDE c"))
	f.Fuzz(func(t *testing.T, src []byte) {
		found := Includes(src)
		for _, in := range found {
			checkInclude(t, src, in)
		}
		// Putting another name in place must change that name only.
		for i, in := range found {
			changed := append(append(append([]byte{}, src[:in.Start]...), ` "n w"`...), src[in.End:]...)
			again := Includes(changed)
			if len(again) != len(found) || again[i].Name != "n w" {
				t.Fatalf("%q: replacing %q gives %v", src, in.Name, fmt.Sprint(again))
			}
		}
	})
}

func FuzzText(f *testing.F) {
	for _, file := range corpus(f) {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	maxGenerated = 1000
	f.Fuzz(func(t *testing.T, text []byte) {
		r := Check(memFiles{"z": string(text), "a": head}, example())
		if r.Diagnostics.Errors() == 0 && r.Records < 2 {
			t.Fatalf("accepted with %d records", r.Records)
		}
	})
}

func FuzzRaw(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
		"\x00\x00\x00\x1f\x00\x01\x00\x02\x00\x00\x00\x00\x00\x05\x00\x00\x00\x01\x00\x09\x07example\x00\x00\x01\x00"))
	for _, z := range []string{"good-types.db", "good-cname-dnssec.db"} {
		raw := filepath.Join(f.TempDir(), z)
		if out, ok := bind(f, "..", "named-compilezone", "-q", "-k", "ignore", "-F", "raw", "-o", raw, "example", "testdata/zones/"+z); !ok {
			f.Fatal(out)
		}
		text, err := os.ReadFile(raw)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		z := example()
		z.Format = "raw"
		r := Check(memFiles{"z": string(raw)}, z)
		if r.Diagnostics.Errors() == 0 && r.Records < 2 {
			t.Fatalf("accepted with %d records", r.Records)
		}
	})
}
