package jail

import (
	"bytes"
	"debug/elf"
	"path"
	"runtime"
	"strings"
)

// Bounds on the loader's configuration.
const (
	loaderConfPath  = "/etc/ld.so.conf"
	maxLoaderNested = 16
	maxLoaderDirs   = 1024
	maxLoaderFile   = 32 << 20 // bytes of the loader itself
)

// archRow says where the libraries of one processor lie: the directory name of
// Debian's multiarch scheme and the plain ones.
type archRow struct {
	machine elf.Machine
	class   elf.Class
	data    elf.Data
	triplet string
	lib     string // lib64 where 64-bit libraries have a directory of their own
}

// archs is the table of processors.
//
// Source: Debian's multiarch tuples; glibc sysdeps (SLIBDIR).
var archs = []archRow{
	{elf.EM_X86_64, elf.ELFCLASS64, elf.ELFDATA2LSB, "x86_64-linux-gnu", "lib64"},
	{elf.EM_X86_64, elf.ELFCLASS32, elf.ELFDATA2LSB, "x86_64-linux-gnux32", "libx32"},
	{elf.EM_386, elf.ELFCLASS32, elf.ELFDATA2LSB, "i386-linux-gnu", "lib"},
	{elf.EM_AARCH64, elf.ELFCLASS64, elf.ELFDATA2LSB, "aarch64-linux-gnu", "lib64"},
	{elf.EM_ARM, elf.ELFCLASS32, elf.ELFDATA2LSB, "arm-linux-gnueabihf", "lib"},
	{elf.EM_ARM, elf.ELFCLASS32, elf.ELFDATA2LSB, "arm-linux-gnueabi", "lib"},
	{elf.EM_PPC64, elf.ELFCLASS64, elf.ELFDATA2LSB, "powerpc64le-linux-gnu", "lib64"},
	{elf.EM_PPC64, elf.ELFCLASS64, elf.ELFDATA2MSB, "powerpc64-linux-gnu", "lib64"},
	{elf.EM_S390, elf.ELFCLASS64, elf.ELFDATA2MSB, "s390x-linux-gnu", "lib64"},
	{elf.EM_RISCV, elf.ELFCLASS64, elf.ELFDATA2LSB, "riscv64-linux-gnu", "lib64"},
	{elf.EM_LOONGARCH, elf.ELFCLASS64, elf.ELFDATA2LSB, "loongarch64-linux-gnu", "lib64"},
	{elf.EM_MIPS, elf.ELFCLASS64, elf.ELFDATA2LSB, "mips64el-linux-gnuabi64", "lib64"},
	{elf.EM_SPARCV9, elf.ELFCLASS64, elf.ELFDATA2MSB, "sparc64-linux-gnu", "lib64"},
}

// loaderRow says where one kind of loader looks by itself, without a cache. An
// empty builtin list means that the directories stand in the loader's own file.
type loaderRow struct {
	goos    string // the running system, "" for any
	name    string // how the base name of the loader begins
	builtin []string
	search  []string // further directories of the host, known to its cache
	own     []string // beginnings of names that are the loader itself
}

// loaders is the table of loaders; the first row that fits holds.
//
// Source: ld.so(8) of each system; musl ldso/dynlink.c; FreeBSD rtld.h.
var loaders = []loaderRow{
	{"", "ld-musl-", []string{"/lib", "/usr/local/lib", "/usr/lib"}, nil,
		[]string{"libc.", "libpthread.", "librt.", "libm.", "libdl.", "libutil.", "libxnet."}},
	{"", "ld-elf.so", []string{"/lib", "/usr/lib"}, []string{"/usr/lib/compat", "/usr/local/lib"}, nil}, // FreeBSD
	{"", "ld.elf_so", []string{"/lib", "/usr/lib"}, []string{"/usr/pkg/lib"}, nil},                      // NetBSD
	{"solaris", "ld.so.1", []string{"/lib/64", "/usr/lib/64", "/lib", "/usr/lib"}, nil, nil},
	{"illumos", "ld.so.1", []string{"/lib/64", "/usr/lib/64", "/lib", "/usr/lib"}, nil, nil},
	{"openbsd", "ld.so", []string{"/usr/lib"}, []string{"/usr/local/lib"}, nil}, // OpenBSD
	{"", "", nil, nil, []string{"ld-linux", "ld64.so.", "ld.so."}},              // glibc
}

// searchPath is where the host's loader would look, and which of those places
// it would look at in a jail, where it has no cache.
type searchPath struct {
	row     loaderRow
	dirs    []string        // in order
	builtin map[string]bool // found without a cache
	home    string          // the first built-in directory
	arch    archRow
}

// newSearchPath works out the directories for programs of one ABI that are
// started by the loader interp; "" stands for the system's usual one.
func newSearchPath(files Files, abi elfABI, interp string) searchPath {
	s := searchPath{builtin: map[string]bool{}}
	base := path.Base(interp)
	for _, row := range loaders {
		if interp == "" && row.name != "" {
			continue
		}
		if row.goos != "" && row.goos != runtime.GOOS {
			continue
		}
		if strings.HasPrefix(base, row.name) {
			s.row = row
			break
		}
	}
	for _, a := range archs {
		if a.machine == abi.machine && a.class == abi.class && a.data == abi.data && s.arch.lib == "" {
			s.arch = a
		}
	}
	candidates := s.row.builtin
	if candidates == nil {
		candidates = glibcDirs(abi)
	}
	known := candidates
	if s.row.builtin == nil {
		if found := builtinDirs(files, interp, candidates); len(found) > 0 {
			known = found
		}
	}
	for _, d := range known {
		s.builtin[d] = true
	}
	if len(known) > 0 {
		s.home = known[0]
	}
	seen := map[string]bool{}
	for _, list := range [][]string{loaderConf(files), candidates, s.row.search} {
		for _, d := range list {
			if !seen[d] {
				seen[d] = true
				s.dirs = append(s.dirs, d)
			}
		}
	}
	return s
}

// glibcDirs gives every directory that some build of glibc has built in, for
// all rows of the ABI: Debian has two names for ARM.
func glibcDirs(abi elfABI) []string {
	var dirs, plain []string
	for _, a := range archs {
		if a.machine != abi.machine || a.class != abi.class || a.data != abi.data {
			continue
		}
		dirs = append(dirs, "/lib/"+a.triplet, "/usr/lib/"+a.triplet)
		if a.lib != "lib" && plain == nil {
			plain = []string{"/" + a.lib, "/usr/" + a.lib}
		}
	}
	dirs = append(dirs, plain...)
	return append(dirs, "/lib", "/usr/lib")
}

// builtinDirs asks the loader's own bytes: glibc keeps its list as texts that
// end in a slash and a NUL byte. Without the loader the answer is nil.
func builtinDirs(files Files, interp string, candidates []string) []string {
	if interp == "" {
		return nil
	}
	f, err := files.Open(interp)
	if err != nil {
		return nil
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil || fi.Size() > maxLoaderFile {
		return nil
	}
	text := make([]byte, fi.Size())
	if err := readAt(f, text, 0); err != nil {
		return nil
	}
	var found []string
	for _, d := range candidates {
		if bytes.Contains(text, []byte("\x00"+d+"/\x00")) {
			found = append(found, d)
		}
	}
	return found
}

// isLoader tells whether a needed name is the loader itself.
func (s searchPath) isLoader(name string) bool {
	for _, p := range s.row.own {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// loaderConf gives the directories of /etc/ld.so.conf and what it includes.
func loaderConf(files Files) []string {
	var dirs []string
	done := map[string]bool{}
	readLoaderConf(files, loaderConfPath, 0, done, &dirs)
	return dirs
}

// readLoaderConf reads one file: directories parted by blanks, commas or
// colons, perhaps with =TYPE behind; include with patterns; hwcap, which is of
// no use any more; comments.
//
// Source: ldconfig(8), glibc elf/ldconfig.c parse_conf.
func readLoaderConf(files Files, name string, depth int, done map[string]bool, dirs *[]string) {
	if depth > maxLoaderNested || done[name] {
		return
	}
	done[name] = true
	data, err := files.ReadFile(name)
	if err != nil {
		return
	}
	for _, e := range parseLoaderConf(data) {
		if !e.include {
			if len(*dirs) < maxLoaderDirs {
				*dirs = append(*dirs, e.text)
			}
			continue
		}
		pattern := e.text
		if !path.IsAbs(pattern) {
			pattern = path.Join(path.Dir(name), pattern)
		}
		matches, err := files.Glob(pattern)
		if err != nil {
			continue
		}
		for _, m := range matches {
			readLoaderConf(files, m, depth+1, done, dirs)
		}
	}
}

// loaderEntry is a directory or the pattern of an include.
type loaderEntry struct {
	text    string
	include bool
}

func parseLoaderConf(data []byte) []loaderEntry {
	var all []loaderEntry
	for _, line := range strings.Split(string(data), "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 || strings.ContainsRune(line, 0) {
			continue
		}
		switch {
		case words[0] == "include" && len(words) > 1:
			for _, p := range words[1:] {
				all = append(all, loaderEntry{p, true})
			}
			continue
		case words[0] == "hwcap":
			continue
		}
		for _, d := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r,:", r) }) {
			d, _, _ = strings.Cut(d, "=")
			if path.IsAbs(d) {
				all = append(all, loaderEntry{path.Clean(d), false})
			}
		}
	}
	return all
}
