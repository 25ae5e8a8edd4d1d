package command

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"syscall"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/rewrite"
)

// keptOut is the table of what does not go into a jail because a program looked
// for it: secrets of the system, and what the kernel or a service makes anew at
// each start. A name is for itself and all below it; * stands for a part of one.
var keptOut = []struct{ pattern, why string }{
	{"/etc/shadow*", "it holds the passwords of the system"}, {"/etc/gshadow*", "it holds the passwords of the system"},
	{"/etc/master.passwd", "it holds the passwords of the system"}, {"/etc/spwd.db", "it holds the passwords of the system"},
	{"/etc/security", "it holds secrets of the system"}, {"/etc/sudoers*", "it is about rights on the host"},
	{"/etc/ssh", "it holds keys of the host"}, {"/root", "it is root's own"},
	{"/proc", "the kernel makes it"}, {"/sys", "the kernel makes it"}, {"/dev", "the table of devices says which the jail has"},
	{"/run", "it is made anew at each start"}, {"/var/run", "it is made anew at each start"},
	{"/var/lib/named-jail", "it is named-jail's own record"},
}

// additions are what --add would put into the jail, and why not the rest, by
// path.
type additions struct {
	paths   []rewrite.JailPath
	refused map[string]string
}

// addable picks what matters, is missing and can be had from the host.
func (w *walk) addable(list []missing) additions {
	a := additions{refused: map[string]string{}}
	eyes := w.hostEyes()
	defer eyes.Close()
	for _, m := range list {
		if !m.Matters || !m.Host || m.miss.Makes || m.miss.Errno != syscall.ENOENT {
			continue
		}
		if why := w.mayNotAdd(eyes, m.Path); why != "" {
			a.refused[m.Path] = why
			continue
		}
		a.paths = append(a.paths, rewrite.JailPath(m.Path))
	}
	return a
}

// hostEyes see the host as named's account does.
func (w *walk) hostEyes() *jail.Eyes {
	return jail.HostEyes(w.host, jail.Viewer{UID: w.account.UID, GID: w.ids.UserGID,
		Groups: jail.Groups(w.host, w.host.Root(), w.account.Name, w.ids.UserGID)})
}

// mayNotAdd tells why a file of the host must not go into the jail, "" when it
// may.
func (w *walk) mayNotAdd(eyes *jail.Eyes, name string) string {
	real, err := w.host.RealPath(name)
	if err != nil {
		return plainText(err)
	}
	for _, k := range keptOut {
		if keptBy(k.pattern, name) || keptBy(k.pattern, real) {
			return k.why
		}
	}
	if _, inside := w.inside(real); inside {
		return "it lies in the jail already, at another path"
	}
	info, err := w.host.Stat(name)
	switch {
	case err != nil:
		return plainText(err)
	case info.Kind != jail.RegularFile:
		return "it is " + info.Kind.String() + ", not a file"
	case info.Mode&0o6000 != 0:
		return "it has the set-user-ID or set-group-ID bit"
	case !eyes.See(name).Read:
		return fmt.Sprintf("the account %s may not read it on the host, so it is not given to it here", w.account.Name)
	}
	return ""
}

// keptBy compares a path with a row of keptOut.
func keptBy(pattern, p string) bool {
	for ; p != "/"; p = path.Dir(p) {
		if ok, _ := path.Match(pattern, p); ok {
			return true
		}
	}
	return false
}

// withAdded adds to what the jail must hold the files that a trace found
// missing: those of earlier runs, and those that are to be added now. What has
// become unfit since stays as it is.
func (w *walk) withAdded(want []rewrite.Wanted) []rewrite.Wanted {
	list := append(slices.Clone(w.store.Manifest().Added), w.added...)
	if len(list) == 0 {
		return want
	}
	wanted := map[rewrite.JailPath]bool{}
	for _, e := range want {
		wanted[e.Path] = true
	}
	eyes := w.hostEyes()
	defer eyes.Close()
	for _, place := range list {
		if wanted[place] {
			continue // a statement names it by now
		}
		for _, e := range w.addedWants(eyes, string(place)) {
			if !wanted[e.Path] {
				wanted[e.Path] = true
				want = append(want, e)
			}
		}
	}
	return want
}

// addedWants is one such file, with its libraries where it is a module or a
// program.
func (w *walk) addedWants(eyes *jail.Eyes, name string) []rewrite.Wanted {
	file := rewrite.Wanted{Path: rewrite.JailPath(name), Kind: rewrite.File, Class: rewrite.ClassRead, Owner: rewrite.Root, Group: rewrite.Root,
		Mode: 0644, StrictGroup: rewrite.User, StrictMode: 0640, Transfer: rewrite.Copy, Source: name, Optional: true,
		Reason: "named looked for it (named-jail trace)"}
	if _, err := w.host.Stat(name); err == nil {
		if why := w.mayNotAdd(eyes, name); why != "" {
			w.ds.Add(parser.Diagnostic{Code: "NJ522", Severity: parser.Warning, File: name, Message: "the jail's copy stays as it is: " + why})
			file.Transfer = rewrite.Adopt
			return []rewrite.Wanted{file}
		}
	}
	if !w.isELF(name) {
		return []rewrite.Wanted{file}
	}
	wants := jail.ProgramWants
	if strings.HasSuffix(name, ".so") || strings.Contains(path.Base(name), ".so.") {
		wants = func(files jail.Files, module string) ([]rewrite.Wanted, parser.Diagnostics) {
			return jail.ModuleWants(files, module, w.build.Path)
		}
	}
	list, ds := wants(w.host, name)
	w.ds = append(w.ds, ds...)
	for i := range list {
		list[i].Reason += " (named-jail trace)"
	}
	return list
}

// isELF tells whether a file is a program or library.
func (w *walk) isELF(name string) bool {
	f, err := w.host.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4)
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == "\x7fELF"
}

// add puts files of the host into the jail, as apply does, and remembers them.
func (w *walk) add(ctx context.Context, paths []rewrite.JailPath) ([]jail.Op, parser.Diagnostics) {
	before := len(w.ds)
	w.added = paths
	defer func() { w.added = nil }()
	w.makePlan(true)
	ds := slices.Clone(w.ds[before:])
	if w.plan == nil || ds.Errors() > 0 {
		return nil, ds
	}
	ops := w.ops()
	if err := w.store.Apply(ctx, w.host, w.tree, w.plan); err != nil {
		return nil, append(ds, asDiagnostics(err)...)
	}
	return ops, nil
}
