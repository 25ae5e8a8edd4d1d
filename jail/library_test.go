package jail

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"named-jail/rewrite"
)

// fakeELF is the recipe of a small ELF file, without section headers.
type fakeELF struct {
	class   elf.Class // 64 bits when 0
	big     bool
	machine elf.Machine // x86-64 when 0
	interp  string
	soname  string
	rpath   string
	runpath string
	needed  []string
}

// bytes lays the file out: header, program headers, dynamic section, strings.
func (e fakeELF) bytes() string {
	var order binary.ByteOrder = binary.LittleEndian
	data := elf.ELFDATA2LSB
	if e.big {
		order, data = binary.BigEndian, elf.ELFDATA2MSB
	}
	if e.class == 0 {
		e.class = elf.ELFCLASS64
	}
	if e.machine == 0 {
		e.machine = elf.EM_X86_64
	}
	strs := "\x00"
	text := func(s string) uint64 {
		at := len(strs)
		strs += s + "\x00"
		return uint64(at)
	}
	type entry struct {
		tag   elf.DynTag
		value uint64
	}
	var dyn []entry
	for _, n := range e.needed {
		dyn = append(dyn, entry{elf.DT_NEEDED, text(n)})
	}
	for tag, s := range map[elf.DynTag]string{elf.DT_SONAME: e.soname, elf.DT_RPATH: e.rpath, elf.DT_RUNPATH: e.runpath} {
		if s != "" {
			dyn = append(dyn, entry{tag, text(s)})
		}
	}
	interpAt := text(e.interp)
	const base = 0x10000
	wide := e.class == elf.ELFCLASS64
	head, ph, dynWidth := 52, 32, 8
	if wide {
		head, ph, dynWidth = 64, 56, 16
	}
	dynAt := head + 3*ph
	dynSize := (len(dyn) + 3) * dynWidth
	strAt := dynAt + dynSize
	dyn = append(dyn, entry{elf.DT_STRTAB, uint64(base + strAt)}, entry{elf.DT_STRSZ, uint64(len(strs))}, entry{elf.DT_NULL, 0})
	total := strAt + len(strs)

	var b bytes.Buffer
	put := func(v any) { binary.Write(&b, order, v) }
	ident := [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(e.class), byte(data), 1}
	segs := []struct {
		kind elf.ProgType
		off  int
		size int
	}{{elf.PT_LOAD, 0, total}, {elf.PT_DYNAMIC, dynAt, dynSize}, {elf.PT_NULL, 0, 0}}
	if e.interp != "" {
		segs[2].kind, segs[2].off, segs[2].size = elf.PT_INTERP, strAt+int(interpAt), len(e.interp)+1
	}
	if wide {
		put(elf.Header64{Ident: ident, Type: uint16(elf.ET_DYN), Machine: uint16(e.machine), Phoff: 64, Phentsize: 56, Phnum: 3})
	} else {
		put(elf.Header32{Ident: ident, Type: uint16(elf.ET_DYN), Machine: uint16(e.machine), Phoff: 52, Phentsize: 32, Phnum: 3})
	}
	for _, s := range segs {
		if wide {
			put(elf.Prog64{Type: uint32(s.kind), Off: uint64(s.off), Vaddr: uint64(base + s.off), Filesz: uint64(s.size)})
		} else {
			put(elf.Prog32{Type: uint32(s.kind), Off: uint32(s.off), Vaddr: uint32(base + s.off), Filesz: uint32(s.size)})
		}
	}
	for _, d := range dyn {
		if wide {
			put(elf.Dyn64{Tag: int64(d.tag), Val: d.value})
		} else {
			put(elf.Dyn32{Tag: int32(d.tag), Val: uint32(d.value)})
		}
	}
	b.WriteString(strs)
	return b.String()
}

func TestReadELF(t *testing.T) {
	for _, e := range []fakeELF{
		{interp: "/lib64/ld-linux-x86-64.so.2", needed: []string{"libc.so.6", "libm.so.6"}, runpath: "$ORIGIN/../lib"},
		{class: elf.ELFCLASS32, big: true, machine: elf.EM_SPARC, soname: "libx.so.1", rpath: "/opt/lib", needed: []string{"libc.so.1"}},
		{soname: "libempty.so"},
	} {
		o, err := readELF(strings.NewReader(e.bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if o.interp != e.interp || o.soname != e.soname || o.rpath != e.rpath || o.runpath != e.runpath ||
			fmt.Sprint(o.needed) != fmt.Sprint(e.needed) || !o.dynamic {
			t.Errorf("%+v\n%+v", e, o)
		}
	}
	for name, text := range map[string]string{
		"empty": "", "script": "#!/bin/sh\n", "short": "\x7fELF\x02\x01\x01",
		"class": "\x7fELF\x09\x01\x01" + strings.Repeat("\x00", 100),
		"order": "\x7fELF\x02\x07\x01" + strings.Repeat("\x00", 100),
		"cut":   fakeELF{needed: []string{"x"}}.bytes()[:200],
	} {
		if _, err := readELF(strings.NewReader(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// lddList asks ldd: name to link-free path.
func lddList(t *testing.T, program string) map[string]string {
	t.Helper()
	cmd := exec.Command("ldd", program)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"} // no LD_PRELOAD
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ldd %s: %v", program, err)
	}
	list := map[string]string{}
	for _, line := range strings.Split(string(out), "\n") {
		f := strings.Fields(line)
		if len(f) > 2 && f[1] == "=>" {
			real, err := filepath.EvalSymlinks(f[2])
			if err != nil {
				t.Fatalf("ldd %s: %q", program, line)
			}
			list[f[0]] = real
		}
	}
	return list
}

func TestClosureIsThatOfLdd(t *testing.T) {
	h := liveHost(t)
	programs := []string{"/usr/bin/dig", "/usr/sbin/named", "/bin/sh", "/usr/bin/getent"}
	for _, pattern := range []string{"/usr/lib/*/bind/*.so", "/usr/lib/*/libxml2.so.2", "/usr/lib/*/libisc-*.so"} {
		more, _ := filepath.Glob(pattern)
		programs = append(programs, more...)
	}
	for _, p := range programs {
		c, err := LibraryClosure(h, p)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		want := lddList(t, p)
		for _, l := range c.Libs {
			real, _ := filepath.EvalSymlinks(l.Path)
			if want[l.Name] != real {
				t.Errorf("%s: %s is %s here and %q for ldd", p, l.Name, real, want[l.Name])
			}
			delete(want, l.Name)
		}
		if len(want) != 0 || len(c.Missing) != 0 {
			t.Errorf("%s: only ldd has %v; missing %v", p, want, c.Missing)
		}
	}
}

// fillJail copies exactly what is wanted below a directory.
func fillJail(t *testing.T, jail string, want []rewrite.Wanted) {
	t.Helper()
	for _, w := range want {
		at := filepath.Join(jail, string(w.Path))
		data, err := os.ReadFile(w.Source)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(at), 0o755)
		}
		if err == nil {
			err = os.WriteFile(at, data, 0o600)
		}
		if err == nil {
			err = os.Chmod(at, w.Mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A program runs in a jail that holds the wanted files and nothing else, also
// for a user who is not root.
func TestProgramRunsInTheJail(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("this test needs root: it calls chroot")
	}
	want, ds := ProgramWants(liveHost(t), "/usr/bin/dig")
	if len(ds) != 0 {
		t.Fatal(findings(ds))
	}
	jail, err := os.MkdirTemp("", "named-jail-test")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(jail)
	fillJail(t, jail, want)
	if err := os.Chmod(jail, 0o511); err != nil {
		t.Fatal(err)
	}
	run := func() (string, error) {
		out, err := exec.Command("chroot", "--userspec=+65534:+65534", "--groups=", jail, "/usr/bin/dig", "-v").CombinedOutput()
		return string(out), err
	}
	if out, err := run(); err != nil || !strings.Contains(out, "DiG 9") {
		t.Errorf("%v: %s", err, out)
	}
	for _, w := range want[2:] { // each library is there for a reason
		at := filepath.Join(jail, string(w.Path))
		if err := os.Rename(at, at+".away"); err != nil {
			t.Fatal(err)
		}
		if out, err := run(); err == nil {
			t.Errorf("dig runs without %s: %s", w.Path, out)
		}
		os.Rename(at+".away", at)
	}
}

func TestProgramWantsStatic(t *testing.T) {
	h := hostWith(t, map[string]string{"usr/libexec/named-xfer": fakeELF{}.bytes(), "bin/script": "#!/bin/sh\n"})
	want, ds := ProgramWants(h, "/usr/libexec/named-xfer")
	if got := listing(want); got != "f /usr/libexec/named-xfer root:daemon 0111 < /usr/libexec/named-xfer\n" || len(ds) != 0 {
		t.Errorf("%s%s", got, findings(ds))
	}
	for _, p := range []string{"/bin/script", "/bin/none", "/bin"} {
		if want, ds := ProgramWants(h, p); ds.Errors() != 1 || ds[0].Code != "NJ517" || ds[0].File != p || len(want) != 0 {
			t.Errorf("%s: %s", p, findings(ds))
		}
	}
}

// loaderText is a loader that has two directories built in, as glibc's has.
func loaderText() string {
	return fakeELF{soname: "ld-linux-x86-64.so.2"}.bytes() + "\x00/lib/x86_64-linux-gnu/\x00/usr/lib/x86_64-linux-gnu/\x00/lib/\x00/usr/lib/\x00"
}

func TestClosureSearch(t *testing.T) {
	const interp, lib, ulib = "/lib64/ld-linux-x86-64.so.2", "usr/lib/x86_64-linux-gnu/", "usr/lib/"
	so := func(name string, needed ...string) string { return fakeELF{soname: name, needed: needed}.bytes() }
	h := hostWith(t, map[string]string{
		"lib":                            "-> usr/lib", // merged /usr
		"lib64":                          "-> usr/lib64",
		"usr/lib64/" + path.Base(interp): loaderText(),
		"etc/ld.so.conf":                 "# comment\ninclude /etc/ld.so.conf.d/*.conf\n/opt/extra\n",
		"etc/ld.so.conf.d/a.conf":        "include a.conf\n/usr/local/lib=libc6 relative/dir\nhwcap 1 nosegneg\n",
		"usr/bin/prog": fakeELF{interp: interp, runpath: "$ORIGIN/../private:relative", needed: []string{
			"libc.so.6", "libprivate.so.1", "liblocal.so.1", "libextra.so.1", "libonly.so.1", "libold.so.1"}}.bytes(),
		"usr/private/libprivate.so.1":     so("libprivate.so.1", "libdeep.so.1", "libprivate.so.1"),
		"usr/private/libdeep.so.1":        so("libdeep.so.1"), // RUNPATH does not reach it
		lib + "libc.so.6":                 so("libc.so.6", "ld-linux-x86-64.so.2"),
		lib + "libdeep.so.1":              so("libdeep.so.1", "libc.so.6"),
		"usr/local/lib/liblocal.so.1":     "-> liblocal.so.1.0.0",
		"usr/local/lib/liblocal.so.1.0.0": so("liblocal.so.1"),
		"opt/extra/libextra.so.1":         so("libextra.so.1", "libnowhere.so.7"),
		ulib + "libonly.so.1":             so("libonly.so.1"),
		"usr/local/lib/libonly.so.1":      fakeELF{class: elf.ELFCLASS32, machine: elf.EM_386}.bytes(), // not for this program
		lib + "libold.so.1":               fakeELF{soname: "libold.so.1", rpath: "/opt/old", needed: []string{"libchild.so.1"}}.bytes(),
		"opt/old/libchild.so.1":           so("libchild.so.1", "libgrandchild.so.1"),
		"opt/old/libgrandchild.so.1":      so("libgrandchild.so.1"), // RPATH reaches it
	})
	want, ds := ProgramWants(h, "/usr/bin/prog")
	got := strings.Split(strings.TrimSpace(listing(want)), "\n")
	sort.Strings(got)
	expected := []string{
		"f /lib/x86_64-linux-gnu/libc.so.6 root:daemon 0555 < /lib/x86_64-linux-gnu/libc.so.6",
		"f /lib/x86_64-linux-gnu/libdeep.so.1 root:daemon 0555 < /lib/x86_64-linux-gnu/libdeep.so.1",
		"f /lib/x86_64-linux-gnu/libextra.so.1 root:daemon 0555 < /opt/extra/libextra.so.1",
		"f /lib/x86_64-linux-gnu/liblocal.so.1 root:daemon 0555 < /usr/local/lib/liblocal.so.1",
		"f /lib/x86_64-linux-gnu/libold.so.1 root:daemon 0555 < /lib/x86_64-linux-gnu/libold.so.1",
		"f /lib/libonly.so.1 root:daemon 0555 < /lib/libonly.so.1",
		"f /lib64/ld-linux-x86-64.so.2 root:daemon 0555 < /lib64/ld-linux-x86-64.so.2",
		"f /opt/old/libchild.so.1 root:daemon 0555 < /opt/old/libchild.so.1",
		"f /opt/old/libgrandchild.so.1 root:daemon 0555 < /opt/old/libgrandchild.so.1",
		"f /usr/bin/prog root:daemon 0111 < /usr/bin/prog",
		"f /usr/private/libprivate.so.1 root:daemon 0555 < /usr/private/libprivate.so.1",
	}
	sort.Strings(expected)
	if a, b := strings.Join(got, "\n"), strings.Join(expected, "\n"); a != b {
		t.Errorf("got\n%s\nwant\n%s", a, b)
	}
	if got := findings(ds); got != "NJ512 error it needs the library libnowhere.so.7, which no directory that the loader searches has" ||
		ds[0].File != "/opt/extra/libextra.so.1" {
		t.Errorf("%s", got)
	}
}

func TestModuleWants(t *testing.T) {
	const interp, lib = "/lib64/ld-linux-x86-64.so.2", "lib/x86_64-linux-gnu/"
	so := func(name string, needed ...string) string { return fakeELF{soname: name, needed: needed}.bytes() }
	tree := map[string]string{
		interp[1:]:                loaderText(),
		"usr/sbin/named":          fakeELF{interp: interp, needed: []string{"libc.so.6", "libz.so.1"}}.bytes(),
		lib + "libc.so.6":         so("libc.so.6", "ld-linux-x86-64.so.2"),
		lib + "libz.so.1":         so("libz.so.1", "libc.so.6"),
		lib + "libdep.so.1":       so("libdep.so.1", "libz.so.1", "libmore.so.1"),
		lib + "libmore.so.1":      so("libmore.so.1"),
		lib + "libgcc_s.so.1":     so("libgcc_s.so.1", "libc.so.6"),
		"usr/lib/bind/dlz.so":     so("", "libdep.so.1", "libz.so.1", "libc.so.6"),
		"usr/lib/bind/broken.so":  so("", "libgone.so.3"),
		"usr/lib/bind/foreign.so": fakeELF{machine: elf.EM_AARCH64}.bytes(),
		"usr/sbin/named.musl":     fakeELF{interp: "/lib/ld-musl-x86_64.so.1", needed: []string{"libc.musl-x86_64.so.1"}}.bytes(),
		"lib/ld-musl-x86_64.so.1": so("libc.musl-x86_64.so.1"),
	}
	h := hostWith(t, tree)
	want, ds := ModuleWants(h, "/usr/lib/bind/dlz.so", "/usr/sbin/named")
	expected := `f /usr/lib/bind/dlz.so root:daemon 0555 < /usr/lib/bind/dlz.so
f /lib/x86_64-linux-gnu/libdep.so.1 root:daemon 0555 < /lib/x86_64-linux-gnu/libdep.so.1
f /lib/x86_64-linux-gnu/libmore.so.1 root:daemon 0555 < /lib/x86_64-linux-gnu/libmore.so.1
f /lib/x86_64-linux-gnu/libgcc_s.so.1 root:daemon 0555 < /lib/x86_64-linux-gnu/libgcc_s.so.1
`
	if got := listing(want); got != expected || len(ds) != 0 {
		t.Errorf("%s%s", got, findings(ds))
	}
	if _, ds := ModuleWants(h, "/usr/lib/bind/broken.so", "/usr/sbin/named"); len(ds) != 1 || ds[0].Code != "NJ512" || ds[0].File != "/usr/lib/bind/broken.so" {
		t.Errorf("%s", findings(ds))
	}
	if want, ds := ModuleWants(h, "/usr/lib/bind/foreign.so", "/usr/sbin/named"); len(ds) != 1 || ds[0].Code != "NJ517" || want != nil {
		t.Errorf("%s", findings(ds))
	}
	if want, ds := NamedWants(h, "/usr/sbin/named.musl"); len(ds) != 0 || len(want) != 0 {
		t.Errorf("%s%s", listing(want), findings(ds))
	}
}

// The modules that come with the real named need nothing that it has not.
func TestModuleWantsOfBIND(t *testing.T) {
	h := liveHost(t)
	modules, _ := filepath.Glob("/usr/lib/*/bind/*.so")
	if len(modules) == 0 {
		t.Fatal("BIND's modules are not installed (package bind9)")
	}
	for _, m := range modules {
		want, ds := ModuleWants(h, m, "/usr/sbin/named")
		if len(want) != 1 || string(want[0].Path) != m || want[0].Mode != 0o555 || len(ds) != 0 {
			t.Errorf("%s%s", listing(want), findings(ds))
		}
	}
	if want, ds := NamedWants(h, "/usr/sbin/named"); len(want) != 0 || len(ds) != 0 {
		t.Errorf("%s%s", listing(want), findings(ds))
	}
}

func TestLoaderConf(t *testing.T) {
	h := hostWith(t, map[string]string{
		"etc/ld.so.conf":     "/a:/b,/c /d\t/e=libc6\r\ninclude d/*.conf x.conf\nnot/absolute\n/f#x\n/g/../h/\n",
		"etc/d/2.conf":       "/two\n",
		"etc/d/1.conf":       "/one\ninclude /etc/ld.so.conf\n",
		"etc/x.conf":         "/x\ninclude none*.conf\n",
		"etc/d/ignored.text": "/no\n",
	})
	if got := strings.Join(loaderConf(h), " "); got != "/a /b /c /d /e /one /two /x /f /h" {
		t.Errorf("%s", got)
	}
}

func TestExpandOrigin(t *testing.T) {
	arch := archs[0]
	for text, want := range map[string]string{
		"$ORIGIN/../lib": "/opt/bin/../lib", "${ORIGIN}": "/opt/bin", "/x/$LIB/y": "/x/lib/x86_64-linux-gnu/y /x/lib64/y",
		"/p/${PLATFORM}": "/p/x86_64", "/plain": "/plain",
	} {
		if got := strings.Join(expandOrigin(text, "/opt/bin/prog", arch), " "); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func FuzzReadELF(f *testing.F) {
	f.Add([]byte(fakeELF{interp: "/lib/ld.so", needed: []string{"a", "b"}, runpath: "$ORIGIN"}.bytes()))
	f.Add([]byte(fakeELF{class: elf.ELFCLASS32, big: true, soname: "x"}.bytes()))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := readELF(bytes.NewReader(data))
		if err == nil && (len(o.needed) > maxNeeded || len(o.interp) > maxELFString || strings.Contains(o.soname, "\x00")) {
			t.Errorf("%d names", len(o.needed))
		}
	})
}

func FuzzLoaderConf(f *testing.F) {
	f.Add([]byte("include /etc/*.conf\n/lib:/usr/lib,/x=libc6 # y\nhwcap 0 x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, e := range parseLoaderConf(data) {
			if !e.include && (!path.IsAbs(e.text) || path.Clean(e.text) != e.text) || strings.ContainsAny(e.text, " \n\x00") {
				t.Errorf("%+q %v", e.text, e.include)
			}
		}
	})
}

func TestReadSomeFarAway(t *testing.T) {
	if n, err := readSome(strings.NewReader("x"), make([]byte, 4), 1<<63); n != 0 || err != io.EOF {
		t.Errorf("%d %v", n, err)
	}
}
