package jail

import (
	"fmt"
	"os"
	"path"
	"strings"

	"named-jail/parser"
	"named-jail/rewrite"
)

// maxLibraries bounds the closure of one program.
const maxLibraries = 4096

// Lib is one shared library of a closure.
//
// Name is what was asked for, Soname what the file calls itself ("" when it
// does not say), Path where the host's loader finds it, At where it must lie in
// the jail: the same path, or a directory that the loader looks at by itself
// when the host's loader knows Path only from its cache, which the jail has not.
type Lib struct {
	Name   string
	Soname string
	Path   string
	At     string
}

// MissingLib is a library that the host has nowhere.
type MissingLib struct {
	Name     string
	NeededBy string
}

// Closure is everything that the loader would load for a program or module.
// Interp is the path of the loader, "" for a static program and for a module.
type Closure struct {
	Interp  string
	Libs    []Lib
	Missing []MissingLib
	object  *elfObject
	loaded  map[string]bool // names that need not be looked for again
}

// Has tells whether a library of that name is loaded.
func (c Closure) Has(name string) bool { return c.loaded[name] }

// LibraryClosure finds the libraries of a program or module by reading it and
// them; nothing is executed. Errors: *Error NJ517 for a file that is not there
// or cannot be loaded. Missing libraries are no error but listed.
func LibraryClosure(files Files, program string) (Closure, error) {
	return closureOf(files, program, "", nil)
}

// node is an object in the order of loading, with the object that asked for it.
type node struct {
	object *elfObject
	path   string
	parent *node
}

// closureOf walks breadth first, as the loader does. A name that is loaded
// already, by the walk or by host (the program that will load a module), is
// never looked for again: that is how the loader behaves, and why a module
// needs only what the program does not have.
func closureOf(files Files, program, interp string, host map[string]bool) (Closure, error) {
	object, err := openELF(files, program)
	if err != nil {
		return Closure{}, &Error{Code: "NJ517", Path: program, Message: "it cannot be put into the jail", Err: err,
			Remedy: "Name the real file (not a script) in named.conf, or install the package that has it."}
	}
	c := Closure{Interp: object.interp, object: object, loaded: map[string]bool{}}
	if interp == "" {
		interp = object.interp
	}
	for name := range host {
		c.loaded[name] = true
	}
	if interp != "" {
		c.loaded[path.Base(interp)] = true
		if loader, err := openELF(files, interp); err == nil && loader.soname != "" {
			c.loaded[loader.soname] = true
		}
	}
	search := newSearchPath(files, object.abi, interp)
	queue := []*node{{object: object, path: program}}
	for len(queue) > 0 && len(c.Libs) < maxLibraries {
		n := queue[0]
		queue = queue[1:]
		for _, name := range n.object.needed {
			if name == "" || c.loaded[name] || search.isLoader(name) {
				continue
			}
			c.loaded[name] = true
			lib, child := findLibrary(files, search, n, name)
			if child == nil {
				c.Missing = append(c.Missing, MissingLib{name, n.path})
				continue
			}
			if lib.Soname != "" {
				if lib.Soname != name && c.loaded[lib.Soname] {
					continue // the same library by another name
				}
				c.loaded[lib.Soname] = true
			}
			c.Libs = append(c.Libs, lib)
			queue = append(queue, child)
		}
	}
	return c, nil
}

// openELF reads the headers of a file of the host.
func openELF(files Files, name string) (*elfObject, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readELF(f)
}

// findLibrary looks where ld.so(8) says: the RPATH of the object and of those
// that asked for it, the object's RUNPATH, the directories of the system.
func findLibrary(files Files, search searchPath, n *node, name string) (Lib, *node) {
	try := func(at string) *node {
		o, err := openELF(files, at)
		if err != nil || o.abi != n.object.abi {
			return nil
		}
		return &node{object: o, path: path.Clean(at), parent: n}
	}
	found := func(child *node, at string) (Lib, *node) {
		return Lib{Name: name, Soname: child.object.soname, Path: child.path, At: at}, child
	}
	if strings.Contains(name, "/") {
		for _, at := range expandOrigin(name, n.path, search.arch) {
			if child := try(at); path.IsAbs(at) && child != nil {
				return found(child, child.path)
			}
		}
		return Lib{}, nil
	}
	for _, d := range recordedDirs(n, search.arch) {
		if child := try(d + "/" + name); child != nil {
			return found(child, child.path)
		}
	}
	for _, d := range search.dirs {
		child := try(d + "/" + name)
		if child == nil {
			continue
		}
		at := child.path
		if !search.builtin[d] && search.home != "" {
			at = search.home + "/" + name
		}
		return found(child, at)
	}
	return Lib{}, nil
}

// recordedDirs gives the directories that are written in the objects.
func recordedDirs(n *node, arch archRow) []string {
	var dirs []string
	add := func(list, owner string) {
		for _, d := range strings.Split(list, ":") {
			for _, at := range expandOrigin(d, owner, arch) {
				if path.IsAbs(at) { // a relative one would be named's working directory
					dirs = append(dirs, at)
				}
			}
		}
	}
	if n.object.runpath == "" {
		for m := n; m != nil; m = m.parent {
			if m.object.runpath == "" && m.object.rpath != "" {
				add(m.object.rpath, m.path)
			}
		}
		return dirs
	}
	add(n.object.runpath, n.path)
	return dirs
}

// expandOrigin replaces $ORIGIN, $LIB and $PLATFORM; $LIB can mean two
// directories.
func expandOrigin(text, owner string, arch archRow) []string {
	if !strings.Contains(text, "$") {
		return []string{text}
	}
	platform := strings.SplitN(arch.triplet, "-", 2)[0]
	text = strings.NewReplacer("${ORIGIN}", path.Dir(owner), "$ORIGIN", path.Dir(owner),
		"${PLATFORM}", platform, "$PLATFORM", platform).Replace(text)
	if !strings.Contains(text, "$LIB") && !strings.Contains(text, "${LIB}") {
		return []string{text}
	}
	var all []string
	for _, lib := range []string{"lib/" + arch.triplet, arch.lib} {
		all = append(all, strings.NewReplacer("${LIB}", lib, "$LIB", lib).Replace(text))
	}
	return all
}

// ProgramWants wants a program that is executed in the jail: itself, and when
// it is dynamic its loader and every library. Findings: NJ512, NJ517.
func ProgramWants(files Files, program string) ([]rewrite.Wanted, parser.Diagnostics) {
	c, err := LibraryClosure(files, program)
	if err != nil {
		return nil, parser.Diagnostics{Diagnose(err)}
	}
	want := []rewrite.Wanted{libraryWant(program, program, 0o111, "a program that named executes")}
	if c.Interp != "" {
		want = append(want, libraryWant(c.Interp, c.Interp, 0o555, "the loader of "+program))
		if _, err := files.Stat(c.Interp); err != nil {
			c.Missing = append(c.Missing, MissingLib{c.Interp, program})
		}
	}
	for _, l := range c.Libs {
		want = append(want, libraryWant(l.At, l.Path, 0o555, "a library of "+program))
	}
	return want, missingLibraries(c.Missing)
}

// ModuleWants wants a module that the running named loads in the jail (plugin,
// dlz, dyndb): itself and what it needs beyond the libraries that named has in
// memory already. Findings: NJ512, NJ517.
func ModuleWants(files Files, module, named string) ([]rewrite.Wanted, parser.Diagnostics) {
	host, err := LibraryClosure(files, named)
	if err != nil {
		return nil, parser.Diagnostics{Diagnose(err)}
	}
	at := module
	if !strings.Contains(module, "/") { // dlopen(3) searches for it as for any library
		n := &node{object: &elfObject{abi: host.object.abi}}
		lib, found := findLibrary(files, newSearchPath(files, host.object.abi, host.Interp), n, module)
		if found == nil {
			return nil, parser.Diagnostics{{Code: "NJ512", File: module,
				Message: "no directory that the loader searches has this library",
				Remedy:  "Install the package that has it, or name the file with its directory."}}
		}
		at, module = lib.At, lib.Path
	}
	c, err := closureOf(files, module, host.Interp, host.loaded)
	if err != nil {
		return nil, parser.Diagnostics{Diagnose(err)}
	}
	if c.object.abi != host.object.abi {
		return nil, parser.Diagnostics{Diagnose(&Error{Code: "NJ517", Path: module,
			Message: fmt.Sprintf("it is built for another processor than %s and cannot be loaded by it", named),
			Remedy:  "Install the module's package for named's architecture."})}
	}
	want := []rewrite.Wanted{libraryWant(at, module, 0o555, "a module that named loads")}
	for _, l := range c.Libs {
		want = append(want, libraryWant(l.At, l.Path, 0o555, "a library of "+module))
	}
	return append(want, unwinder(files, host)...), missingLibraries(c.Missing)
}

// unwinderName is the library that glibc loads when a thread is cancelled or
// ends itself; a process that cannot load it is aborted.
const unwinderName = "libgcc_s.so.1"

// NamedWants wants what named itself may load after chroot: libgcc_s, when it
// runs on glibc and has not loaded it from the start. Usually nothing. Errors:
// findings NJ517.
func NamedWants(files Files, named string) ([]rewrite.Wanted, parser.Diagnostics) {
	c, err := LibraryClosure(files, named)
	if err != nil {
		return nil, parser.Diagnostics{Diagnose(err)}
	}
	return unwinder(files, c), nil
}

func unwinder(files Files, c Closure) []rewrite.Wanted {
	if c.Interp == "" || c.loaded[unwinderName] || !c.loaded["libc.so.6"] {
		return nil
	}
	n := &node{object: &elfObject{abi: c.object.abi}}
	lib, child := findLibrary(files, newSearchPath(files, c.object.abi, c.Interp), n, unwinderName)
	if child == nil {
		return nil
	}
	return []rewrite.Wanted{libraryWant(lib.At, lib.Path, 0o555, "loaded by the C library when a thread ends")}
}

func libraryWant(at, source string, mode os.FileMode, reason string) rewrite.Wanted {
	return rewrite.Wanted{Path: rewrite.JailPath(path.Clean(at)), Kind: rewrite.File, Class: rewrite.ClassLibrary,
		Owner: rewrite.Root, Group: rewrite.Daemon, Mode: mode, Transfer: rewrite.Copy, Source: source, Reason: reason}
}

// missingLibraries reports each library that nobody has.
func missingLibraries(missing []MissingLib) parser.Diagnostics {
	var ds parser.Diagnostics
	for _, m := range missing {
		ds.Add(parser.Diagnostic{Code: "NJ512", File: m.NeededBy,
			Message: fmt.Sprintf("it needs the library %s, which no directory that the loader searches has", m.Name),
			Remedy:  "Install the package that has it (ldd " + m.NeededBy + " shows what is missing), then run the command again."})
	}
	return ds
}
