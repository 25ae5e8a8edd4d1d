package command

import (
	"fmt"
	"path"
	"runtime"
	"strings"

	"named-jail/jail"
	"named-jail/parser"
	"named-jail/rewrite"
)

// inspector is one pre-flight: the eyes, and which name of each path they
// look at.
type inspector struct {
	w       *walk
	eyes    *jail.Eyes
	who     jail.Viewer
	account jail.Account
	planned bool // paths as the jail will have them; else as the configuration says
	jailed  bool
	found   []*fault
	seen    map[string]*fault          // by code and what is at fault
	names   map[string]map[string]bool // in directories
	parsed  []*parser.Statement
}

// preflight looks at everything that the configuration names with the eyes of
// the account that named runs as: in the jail as it will be once the plan is
// carried out, or, without a plan, where the configuration lies as it is.
func (w *walk) preflight() parser.Diagnostics {
	if len(w.install.Files) == 0 {
		return nil
	}
	in := &inspector{w: w, seen: map[string]*fault{}, names: map[string]map[string]bool{}, account: w.account}
	in.account.GID, in.account.Group = w.ids.UserGID, w.ids.Group
	in.planned, in.jailed = w.plan != nil, w.plan != nil || w.inJail != ""
	switch {
	case in.jailed && (w.account.Name == "" || w.account.UID == 0):
		return nil // the findings say why
	case in.jailed, w.flags.user != "" && w.account.Name != "":
		in.who = in.viewer()
	default:
		in.who = in.hostViewer()
	}
	in.account.Name = or(in.account.Name, or(w.flags.user, "named")) // there is none yet; for what to run
	in.account.Group = or(in.account.Group, in.account.Name)
	if in.jailed {
		in.eyes = jail.JailEyes(w.tree, w.plan, in.who)
	} else {
		in.eyes = jail.HostEyes(w.host, in.who)
	}
	defer in.eyes.Close()
	in.configuration()
	for _, p := range w.install.Paths {
		in.path(p)
	}
	in.workingDirectory()
	in.zones()
	in.keys()
	in.state()
	in.modules()
	in.places()
	return in.diagnostics()
}

// viewer gives the account's eyes.
func (in *inspector) viewer() jail.Viewer {
	a := in.account
	return jail.Viewer{UID: a.UID, GID: a.GID, Groups: in.w.groupsOf(a)}
}

// hostViewer gives the eyes of the account that the host's own service starts
// named as. Where no service is known, nothing is known of permissions either.
func (in *inspector) hostViewer() jail.Viewer {
	s := in.w.service()
	switch {
	case !s.known:
		return jail.Viewer{Able: true}
	case s.user == "" || s.user == "root" || s.user == "0":
		in.account = jail.Account{Name: "root", Group: "root"}
		return jail.Viewer{Groups: []int{0}}
	}
	a, err := jail.LookupAccount(in.w.host, in.w.host.Root(), s.user)
	if err != nil {
		return jail.Viewer{Able: true}
	}
	in.account = a
	return in.viewer()
}

// name is the path as named sees it.
func (in *inspector) name(p *rewrite.Path) string {
	if in.planned {
		return string(p.Jail)
	}
	return p.Host
}

// configuration looks at the configuration files and at the directories of
// include patterns. Only Linux gives up root's rights before it reads them.
func (in *inspector) configuration() {
	if in.planned || runtime.GOOS != "linux" || in.w.build.Family == 8 {
		return
	}
	unreadable := rule{readFile, true, refuses}
	main := in.w.install.Files[0]
	in.reads(main.Path, "the configuration", parser.Span{File: main}, unreadable)
	for _, inc := range in.w.install.Includes {
		for _, f := range inc.Files {
			in.reads(f.Path, "include file", inc.At.Span(), unreadable)
		}
		dir := path.Dir(parser.Resolve(inc.Directory, inc.Pattern))
		if inc.Glob && !parser.HasGlob(dir) {
			in.lists(dir, "include", inc.At.Span(), rule{listDir, true, refuses})
		}
	}
}

// path looks at one path of the configuration.
func (in *inspector) path(p *rewrite.Path) {
	r, ok := rules[p.Keyword]
	name := in.name(p)
	stated := p.At.File != nil
	if !ok || !path.IsAbs(name) || !in.jailed && !stated {
		return // on the host the boot or the package makes the built-in places
	}
	r.fatal = r.fatal && stated
	at, what := p.At, p.Keyword
	switch p.Keyword {
	case "directory":
		if p.Rule.Access != parser.Chdir {
			r = rule{keyDir, true, "named serves the zone without signatures"}
		} else if in.old() {
			r.fatal, r.loss = false, "named cannot write there what it keeps in its working directory"
		}
	case "key-directory":
		if p.Class != rewrite.ClassWritten {
			in.lists(name, what, at, rule{listDir, false, "named does not find the keys of its zones"})
			return
		}
	case "session-keyfile":
		if r, at = in.sessionKey(p, r); at.File == nil {
			return // nobody needs the key
		}
	case "dnstap-output":
		if p.Rule.Kind == parser.SocketPath {
			r.need = socket
		}
	case "cert-file", "key-file", "ca-file", "dhparam-file":
		if !in.usable(name) {
			r = in.tlsRule(p, r)
		}
	case "tkey-gssapi-keytab":
		r.fatal = in.eyes.See(name).Gone == "" // joining a realm brings it
	}
	in.look(name, what, at, r)
}

// usable tells whether a file can be read.
func (in *inspector) usable(name string) bool {
	s := in.eyes.See(name)
	return s.Unknown || s.Read && s.Info.Kind == jail.RegularFile
}

// old tells whether this named starts without a working directory that it may
// write.
func (in *inspector) old() bool { return in.w.build.Version.Before(parser.V(9, 13, 0)) }

func (in *inspector) look(name, keyword string, at parser.Span, r rule) {
	switch r.need {
	case readFile:
		in.reads(name, keyword, at, r)
	case writeFile, plainFile, freshFile, lockFile:
		in.writes(name, keyword, at, r)
	case writeDir, keyDir:
		in.writesIn(name, keyword, at, r)
	case listDir:
		in.lists(name, keyword, at, r)
	case socket:
		in.connects(name, keyword, at, r)
	case ownSocket:
		r.need = writeDir
		in.writesIn(path.Dir(name), keyword, at, r)
	}
}

// workingDirectory looks at the working directory of a configuration that does
// not name one: that is "/" in a jail.
func (in *inspector) workingDirectory() {
	if in.planned || !in.jailed || in.old() {
		return
	}
	for _, p := range in.w.install.Paths {
		if p.Rule.Access == parser.Chdir {
			return
		}
	}
	if s := in.eyes.See("/"); !s.Write && !s.Unknown && s.Barred == "" {
		in.add(fault{code: "NJ312", at: parser.Span{File: in.w.install.Files[0]}, name: "/", rule: rule{writeDir, true, refuses},
			message: "there is no directory statement, and " + in.user() + " may not write in the jail's top",
			remedy:  "Add to the options: directory \"" + rewrite.WorkingDir + "\";"})
	}
}

// takePreflight adds the findings of the pre-flight to the others. It takes the
// place of what the model says less well of the same statement.
func (w *walk) takePreflight() parser.Diagnostics {
	found := w.preflight()
	better := map[string]bool{}
	place := func(d parser.Diagnostic) string { return fmt.Sprint(d.File, ":", d.Line, ":", d.Column) }
	known := map[string]bool{}
	for _, d := range found {
		if d.Line > 0 {
			better[place(d)] = true
		}
	}
	kept := w.ds[:0]
	for _, d := range w.ds {
		if d.Code == "NJ306" && d.Line > 0 && better[place(d)] {
			continue
		}
		if d.Line > 0 && d.Severity == parser.Error {
			known[place(d)] = true
		}
		kept = append(kept, d)
	}
	w.ds = kept
	var fresh parser.Diagnostics
	for _, d := range found {
		if d.Line == 0 || !known[place(d)] {
			fresh = append(fresh, d)
		}
	}
	return fresh
}

// booted tells whether a directory of the host is one of those that the boot
// makes, or the common one that holds them: it may be missing while named does
// not run, and who starts named may make the file there.
func (in *inspector) booted(dir string) bool {
	switch dir {
	case "/run/", "/var/run/":
		return !in.jailed
	}
	return !in.jailed && !strings.HasSuffix(dir, "/") && (strings.HasPrefix(dir, "/run/") || strings.HasPrefix(dir, "/var/run/"))
}
