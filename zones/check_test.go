package zones

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"named-jail/parser"
)

// TestPlaces checks that each finding has its code and stands in the right
// file, line and column.
func TestPlaces(t *testing.T) {
	tests := []struct {
		name  string
		files memFiles
		want  []string // FILE:LINE:COLUMN CODE
	}{
		{"sound", memFiles{"z": head}, nil},
		{"address", memFiles{"z": head + "\na   A\t1.2.3\n"}, []string{"/w/z:6:7 NJ402"}},
		{"all errors of a file", memFiles{"z": head + "a A 1.2.3\nb FOO x\nc MX\nd..e A 1.2.3.4\n"},
			[]string{"/w/z:5:5 NJ402", "/w/z:6:3 NJ402", "/w/z:7:3 NJ402", "/w/z:8:1 NJ402"}},
		{"slow type", memFiles{"z": head + "a SRV 1 2 70000 x\n"}, []string{"/w/z:5:11 NJ402"}},
		{"later line of an entry", memFiles{"z": head + "a MX ( 10 ; c\n  b..c )\n"}, []string{"/w/z:6:3 NJ402"}},
		{"quote", memFiles{"z": head + "a TXT x \"abc\nb FOO\n"}, []string{"/w/z:5:9 NJ402", "/w/z:6:3 NJ402"}},
		{"parenthesis", memFiles{"z": head + "a TXT ( x\nb A 1.2.3.4\n"}, []string{"/w/z:5:7 NJ402"}},
		{"after a parenthesis too many", memFiles{"z": head + "a TXT x )\nb FOO x\n"}, []string{"/w/z:5:9 NJ402", "/w/z:6:3 NJ402"}},
		{"no SOA", memFiles{"z": "$TTL 5\n@ NS ns.x.\n"}, []string{"/w/z:0:0 NJ403"}},
		{"no NS", memFiles{"z": "$TTL 5\n@ SOA a. b. 1 3600 600 86400 300\n"}, []string{"/w/z:0:0 NJ405"}},
		{"two SOA", memFiles{"z": head + "@ SOA a. b. 1 2 3 4 5\n"}, []string{"/w/z:5:1 NJ404"}},
		{"SOA below", memFiles{"z": head + "a SOA a. b. 1 2 3 4 5\n"}, []string{"/w/z:5:1 NJ417"}},
		{"outside, once per name", memFiles{"z": head + "a.b. A 1.2.3.4\n TXT x\n"}, []string{"/w/z:5:1 NJ406"}},
		{"name that ends like the zone", memFiles{"z": head + "xexample. A 1.2.3.4\n"}, []string{"/w/z:5:1 NJ406"}},
		{"CNAME", memFiles{"z": head + "a CNAME b\nA TXT x\n"}, []string{"/w/z:6:1 NJ407"}},
		{"class", memFiles{"z": head + "a CH TXT x\n"}, []string{"/w/z:5:1 NJ411"}},
		{"DNAME", memFiles{"z": head + "a DNAME b\na DNAME c\n"}, []string{"/w/z:6:1 NJ414"}},
		{"server", memFiles{"z": head + "@ NS gone\n"}, []string{"/w/z:5:1 NJ415"}},
		{"TTL", memFiles{"z": head[10:]}, []string{"/w/z:1:1 NJ416"}},
		{"include missing", memFiles{"z": head + "$INCLUDE  a.inc\n"}, []string{"/w/z:5:11 NJ408"}},
		{"include missing in an include", memFiles{"z": head + "$INCLUDE d/a.inc\n", "d/a.inc": "\n$include \"b.inc\" sub\n", "d/b.inc": "wrong place"},
			[]string{"/w/d/a.inc:2:10 NJ408"}},
		{"error in an include", memFiles{"z": head + "$INCLUDE d/a.inc\nx FOO\n", "d/a.inc": "\n$include b.inc\ny FOO\n", "b.inc": "q A 1\n"},
			[]string{"/w/b.inc:1:5 NJ402", "/w/d/a.inc:3:3 NJ402", "/w/z:6:3 NJ402"}},
		{"include of itself", memFiles{"z": head + "$INCLUDE z\n"}, []string{"/w/z:5:10 NJ410"}},
		{"include round", memFiles{"z": head + "$INCLUDE a\n", "a": "$INCLUDE b\n", "b": ";\n$INCLUDE a\n"}, []string{"/w/b:2:10 NJ410"}},
		{"NUL", memFiles{"z": head + "a A 1.2.3.4\x00\n"}, []string{"/w/z:5:12 NJ402"}},
		{"generate", memFiles{"z": head + "$GENERATE 250-300 a$ A 1.2.3.$\n"}, []string{"/w/z:5:1 NJ402"}},
		{"raw", memFiles{"z": "\x00\x00\x00\x02\x00\x00\x00\x01"}, []string{"/w/z:0:0 NJ409"}},
		{"map", memFiles{"z": "\x00\x00\x00\x03\x00\x00\x00\x01"}, []string{"/w/z:0:0 NJ409"}},
		{"missing", memFiles{}, []string{"/etc/named.conf:3:8 NJ401"}},
	}
	for _, test := range tests {
		z := example()
		z.At = parser.Diagnostic{File: "/etc/named.conf", Line: 3, Column: 8}
		r := Check(test.files, z)
		var got []string
		for _, d := range r.Diagnostics {
			got = append(got, fmt.Sprintf("%s:%d:%d %s", d.File, d.Line, d.Column, d.Code))
			if d.Source != "" {
				t.Errorf("%s: zone text in Source: %q", test.name, d.Source)
			}
			if _, ok := parser.LookupCode(d.Code); !ok {
				t.Errorf("%s: code %s is in no table", test.name, d.Code)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s:\n got %v\nwant %v\n%s", test.name, got, test.want, found(r))
		}
	}
}

// TestNoZoneText checks that nothing of a file shows in messages, wherever the
// file goes wrong.
func TestNoZoneText(t *testing.T) {
	secret := "hunter2"
	lines := []string{
		"root:$6$%s:19000:0:99999:7:::", "%s", "%s A 1.2.3.4.5", "a %s x", "a 5 IN %s", "a A %s", "a AAAA %s",
		"a MX %s %s", "a MX 10 %s..x", "a TXT \"%s", "a SRV 1 2 %s x", "a SRV 1 2 3 %s..", "a DS %s", "a DS 1 8 2 %s",
		"a DNSKEY 256 3 8 %s!", "a RRSIG %s", "a HTTPS 1 . %s=%s", "a SVCB %s", "a LOC %s", "a CAA 0 %s- %s", "a APL %s",
		"a IPSECKEY 1 1 1 %s %s", "a AMTRELAY 1 1 1 %s", "a NAPTR %s", "a TYPE%s x", "a TYPE999 %s", "a TYPE999 \\# 4 %s",
		"$TTL %s", "$ORIGIN %s..", "$%s", "$GENERATE %s a A 1", "$GENERATE 1-2 %s..$ A 1.2.3.4", "$GENERATE 1-2 a ${%s} A", "a CLASS%s A 1.2.3.4",
		"a NSEC b %s", "a CERT %s 1 1 AA", "a EUI48 %s", "a HIP %s", "a NSEC3 1 1 1 %s %s A", "a TLSA 1 1 1 %s",
	}
	for _, form := range lines {
		line := strings.ReplaceAll(form, "%s", secret)
		r := Check(memFiles{"z": head + "$INCLUDE s\n", "s": line + "\n"}, example())
		if len(r.Diagnostics) == 0 {
			t.Errorf("%q: no finding, the test tests nothing", form)
		}
		for _, d := range r.Diagnostics {
			if strings.Contains(strings.ToLower(d.Message+d.Remedy+d.Source), secret) {
				t.Errorf("%q shows its text: %s", form, d.Headline())
			}
		}
	}
}

// TestKinds checks what the type and format of a zone change.
func TestKinds(t *testing.T) {
	empty := memFiles{}
	text := memFiles{"z": head}
	broken := memFiles{"z": "\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00"}
	hints := memFiles{"z": ". 3600000 NS A.ROOT.\nA.ROOT. 3600000 A 192.0.2.1\n"}
	tests := []struct {
		name  string
		files memFiles
		zone  Zone
		want  string // SEVERITY CODE of each finding
	}{
		{"primary without file", empty, Zone{Name: "example", Type: "master", File: "z"}, "error NJ401"},
		{"secondary without file", empty, Zone{Name: "example", Type: "slave", File: "z"}, ""},
		{"mirror without file", empty, Zone{Name: "example", Type: "MIRROR", File: "z"}, ""},
		{"redirect copy without file", empty, Zone{Name: ".", Type: "redirect", File: "z", Living: true}, ""},
		{"redirect without file", empty, Zone{Name: ".", Type: "redirect", File: "z"}, "error NJ401"},
		{"forward", empty, Zone{Name: "example", Type: "forward", File: "z"}, ""},
		{"no file statement", empty, Zone{Name: "example", Type: "secondary"}, ""},
		{"secondary, text", text, Zone{Name: "example", Type: "secondary", File: "z"}, "warning NJ409"},
		{"secondary, text as configured", text, Zone{Name: "example", Type: "secondary", File: "z", Format: "text"}, ""},
		{"stub, text", text, Zone{Name: "example", Type: "stub", File: "z"}, ""},
		{"secondary, empty", memFiles{"z": ""}, Zone{Name: "example", Type: "secondary", File: "z"}, "warning NJ409"},
		{"secondary, cut off", broken, Zone{Name: "example", Type: "secondary", File: "z"}, "warning NJ402"},
		{"primary, cut off", broken, Zone{Name: "example", Type: "primary", File: "z", Format: "raw"}, "error NJ402"},
		{"primary, raw as configured, text", text, Zone{Name: "example", Type: "primary", File: "z", Format: "raw"}, "error NJ409"},
		{"map", text, Zone{Name: "example", Type: "primary", File: "z", Format: "map"}, "error NJ409"},
		{"secondary, text that is broken", memFiles{"z": head + "a A 1\n"}, Zone{Name: "example", Type: "secondary", File: "z", Format: "text"}, "warning NJ402"},
		{"hint", hints, Zone{Name: ".", Type: "hint", File: "z"}, ""},
		{"hint without TTL", memFiles{"z": ". NS A.ROOT.\nA.ROOT. A 192.0.2.1\n"}, Zone{Name: ".", Type: "hint", File: "z"}, ""},
		{"hint without NS", memFiles{"z": "A.ROOT. A 192.0.2.1\n"}, Zone{Name: ".", Type: "hint", File: "z"}, "error NJ405"},
		{"hint missing", empty, Zone{Name: ".", Type: "hint", File: "z"}, "error NJ401"},
		{"hints as primary", hints, Zone{Name: ".", Type: "primary", File: "z"}, "error NJ403"},
		{"class CH", memFiles{"z": "$TTL 5\n@ SOA a. b. 1 2 3 4 5\n@ NS a.\nx A example. 010\n"}, Zone{Name: "bind", Class: "chaos", Type: "primary", File: "z"}, ""},
		{"class IN in CH", memFiles{"z": "$TTL 5\n@ IN SOA a. b. 1 2 3 4 5\n"}, Zone{Name: "example", Class: "CH", Type: "primary", File: "z"}, "error NJ411"},
		{"bad class", text, Zone{Name: "example", Class: "XY", Type: "primary", File: "z"}, "error NJ402"},
		{"bad name", text, Zone{Name: "a..b", Type: "primary", File: "z"}, "error NJ402"},
	}
	for _, test := range tests {
		var got []string
		r := Check(test.files, test.zone)
		for _, d := range r.Diagnostics {
			got = append(got, d.Severity.String()+" "+string(d.Code))
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%s: got %q, want %q\n%s", test.name, strings.Join(got, ", "), test.want, found(r))
		}
		if wantMissing := test.want == "" && len(test.files) == 0 && test.zone.File != "" && test.zone.Type != "forward"; r.Missing != wantMissing {
			t.Errorf("%s: Missing is %v", test.name, r.Missing)
		}
	}
}

// TestSpecialFiles checks that only regular files are read, without blocking.
func TestSpecialFiles(t *testing.T) {
	dir := t.TempDir()
	if err := exec.Command("mkfifo", filepath.Join(dir, "fifo")).Run(); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "includes", head+"$INCLUDE fifo\n")
	for file, want := range map[string]string{"fifo": "is a FIFO", "/dev/zero": "is a device", ".": "is a directory", "includes": "is a FIFO", "includes/x": "not a directory"} {
		for _, kind := range []string{"primary", "secondary"} {
			r := Check(&hostFiles{dir: dir}, Zone{Name: "example", Type: kind, Format: "text", File: file})
			if len(r.Diagnostics) != 1 || !strings.Contains(r.Diagnostics[0].Message, want) {
				t.Errorf("%s as %s: %q, want %q", file, kind, found(r), want)
			}
		}
	}
}

// TestReport checks what a report says of a sound zone with includes.
func TestReport(t *testing.T) {
	files := memFiles{
		"z":    head + "$INCLUDE a sub\nleft A 1.2.3.4\n",
		"a":    " TXT ns\nin A 1.2.3.4\n$TTL 9\n$ORIGIN x.\n$include \"b;\\\"\"\n",
		"b;\"": "",
	}
	r := Check(files, example())
	if len(r.Diagnostics) > 0 || r.Serial != 7 || r.Records != 6 || r.Format != "text" {
		t.Fatalf("%+v\n%s", r, found(r))
	}
	want := []Include{
		{File: "/w/z", Opened: "z", Start: len(head) + 9, End: len(head) + 10, Line: 5, Column: 10, Name: "a"},
		{File: "/w/a", Opened: "a", Start: 48, End: 54, Line: 5, Column: 10, Name: `b;"`},
	}
	if fmt.Sprint(r.Includes) != fmt.Sprint(want) {
		t.Errorf("includes\n got %+v\nwant %+v", r.Includes, want)
	}
	if len(r.Files) != 3 || r.Files[0].Name != "z" {
		t.Errorf("files %+v", r.Files)
	}
}

// TestBounds checks that hostile files end with a finding.
func TestBounds(t *testing.T) {
	defer func(n int64) { maxGenerated = n }(maxGenerated)
	maxGenerated = 1000
	deep := memFiles{"z": head + "$INCLUDE 0\n"}
	for i := range 300 {
		deep[fmt.Sprint(i)] = fmt.Sprintf("$INCLUDE %d\n", i+1)
	}
	for name, test := range map[string]struct {
		files memFiles
		want  string
	}{
		"generate":   {memFiles{"z": head + "$GENERATE 1-2147483647 a$ A 1.2.3.4\n"}, "NJ413"},
		"depth":      {deep, "NJ413"},
		"long word":  {memFiles{"z": head + strings.Repeat("x", 3<<20)}, "NJ413"},
		"long quote": {memFiles{"z": head + "a TXT \"" + strings.Repeat("\\x", 2<<20)}, "NJ413"},
		"many words": {memFiles{"z": head + "a TXT (" + strings.Repeat("\"\"\n", 1<<20)}, "NJ413"},
		"many open":  {memFiles{"z": head + strings.Repeat("(", 1<<20)}, "NJ402"},
	} {
		r := Check(test.files, example())
		if len(r.Diagnostics) == 0 || len(r.Diagnostics) > DefaultMaxErrors+1 || !strings.Contains(found(r), test.want) {
			t.Errorf("%s: %s", name, found(r))
		}
	}
}

// TestMaxErrors checks the bounds on findings.
func TestMaxErrors(t *testing.T) {
	z := example()
	z.MaxErrors = 3
	r := Check(memFiles{"z": head + strings.Repeat("a A 1\n", 10)}, z)
	if len(r.Diagnostics) != 4 || !strings.Contains(found(r), "reading stopped after 3 errors") {
		t.Errorf("errors:\n%s", found(r))
	}
	r = Check(memFiles{"z": head + strings.Repeat("a. A 1.2.3.4\nb. A 1.2.3.4\n", 5) + "c A 1\n"}, z)
	if len(r.Diagnostics) != 5 || r.Diagnostics.Errors() != 1 || !strings.Contains(found(r), "7 more findings") {
		t.Errorf("warnings:\n%s", found(r))
	}
	// Warnings never end the reading of a copy, and what a rule finds is bounded too.
	z.Type, z.Format = "secondary", "text"
	r = Check(memFiles{"z": strings.Repeat("a. 1 A 1.2.3.4\nb. 1 A 1.2.3.4\n", 5) + head}, z)
	if r.Records != 3 || len(r.Diagnostics) != 4 {
		t.Errorf("warnings of a copy: %d records\n%s", r.Records, found(r))
	}
	r = Check(memFiles{"z": head + strings.Repeat("a A 1\n", 10)}, z)
	if len(r.Diagnostics) != 4 || r.Diagnostics.Errors() != 0 || !strings.Contains(found(r), "reading stopped after 3 errors") {
		t.Errorf("errors of a copy:\n%s", found(r))
	}
	z.Type = "primary"
	r = Check(memFiles{"z": head + strings.ReplaceAll("1 CNAME b\n1 A 1.2.3.4\n2 CNAME b\n2 A 1.2.3.4\n3 CNAME b\n3 A 1.2.3.4\n4 CNAME b\n4 A 1.2.3.4\n5 CNAME b\n5 A 1.2.3.4\n", "b", "ns")}, z)
	if r.Diagnostics.Errors() != 3 || !strings.Contains(found(r), "more findings") || strings.Contains(found(r), "stopped") {
		t.Errorf("errors of a rule:\n%s", found(r))
	}
}

// TestCheckAll checks order, progress and that zones of one worker do not
// colour each other.
func TestCheckAll(t *testing.T) {
	files := memFiles{"good": head + "a CNAME b\nc A 1.2.3.4\n", "bad": head + "c CNAME d\na A 1.2.3.4\na CNAME x\n", "none": "$TTL 5\n"}
	var zs []Zone
	for i := range 300 {
		zs = append(zs, Zone{Name: "example", Type: "primary", File: []string{"good", "bad", "none"}[i%3]})
	}
	calls := 0
	last := Progress{}
	reports := CheckAll(context.Background(), files, zs, Options{Workers: 4, Progress: func(p Progress) {
		if calls++; p.Zones < last.Zones || p.Bytes < last.Bytes || p.Zones+1 < last.Zones || p.TotalZones != 300 {
			t.Errorf("progress %+v after %+v", p, last)
		}
		last = p
	}})
	if size := int64(100 * (len(files["good"]) + len(files["bad"]) + len(files["none"]))); calls < 600 || last.Zones != 300 || last.Bytes != size {
		t.Errorf("%d calls of Progress, the last with %+v; %d bytes", calls, last, size)
	}
	for i, r := range reports {
		if r.Zone.File != zs[i].File || r.Diagnostics.Errors() != []int{0, 1, 2}[i%3] {
			t.Fatalf("report %d, %s: %s", i, r.Zone.File, found(r))
		}
	}
}

// endless is a file that never ends.
type endless struct{ File }

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '\n'
	}
	return len(p), nil
}

type endlessFiles struct {
	memFiles
	started chan struct{}
}

func (e endlessFiles) Open(name string) (File, string, error) {
	f, shown, err := e.memFiles.Open("z")
	e.started <- struct{}{}
	return endless{f}, shown, err
}

// TestCancel checks that a cancelled context ends reading in the middle of a
// file.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	started := make(chan struct{}, 10)
	go func() { <-started; cancel() }()
	zs := []Zone{example(), example(), example()}
	for i, r := range CheckAll(ctx, endlessFiles{memFiles{"z": head}, started}, zs, Options{}) {
		if !r.Stopped {
			t.Errorf("zone %d is not marked as stopped", i)
		}
	}
}
