package command

import (
	"fmt"
	"path"
	"slices"

	"named-jail/jail"
	"named-jail/parser"
)

// fault is one thing that named would stumble over. name is what is at fault,
// as named sees it: of several statements that stumble over one thing, the
// first is told, an error before a warning, and the others are counted.
type fault struct {
	code            parser.Code
	at              parser.Span
	name            string
	rule            rule
	message, remedy string
	barred          bool // name is a directory on the way, whatever is behind it
	more            int
	place           *parser.Diagnostic // where at does not say it
}

// add takes a fault.
func (in *inspector) add(f fault) {
	key := string(f.code) + f.name
	if f.barred {
		key = "barred" + f.name
	}
	first := in.seen[key]
	switch {
	case first == nil:
		in.seen[key] = &f
		in.found = append(in.found, &f)
	case first.at == f.at && first.rule == f.rule:
	case f.rule.fatal && !first.rule.fatal:
		f.more = first.more + 1
		*first = f
	default:
		first.more++
	}
}

// diagnostics makes findings of the faults.
func (in *inspector) diagnostics() parser.Diagnostics {
	var ds parser.Diagnostics
	for _, f := range in.found {
		message := f.message + ": " + f.rule.loss
		if f.more > 0 {
			message += " (" + count(f.more, "more statement") + " on it)"
		}
		d := f.at.Diagnostic(f.code, message, f.remedy)
		switch {
		case f.place != nil:
			d.File, d.Line, d.Column = f.place.File, f.place.Line, f.place.Column
		case f.at.File == nil:
			d.File = in.w.host.OSPath(in.eyes.HostPath(f.name))
		case f.at.End == 0:
			d.Source = "" // the file as a whole
		}
		if !f.rule.fatal {
			d.Severity = parser.Warning
		}
		ds.Add(d)
	}
	return ds
}

// runs is the remedy that is a command: in back quotes, so that no full stop
// is taken for a part of it.
func runs(command string) string { return "Run: `" + command + "`" }

// class tells whose permission bits count for the account: the owner's, the
// group's or those of all others.
func (in *inspector) class(name string) string {
	info := in.eyes.See(name).Info
	switch {
	case info.UID == in.who.UID:
		return "u"
	case info.GID == in.who.GID, slices.Contains(in.who.Groups, info.GID):
		return "g"
	}
	return "o"
}

// giveAway is the command that gives a file to named.
func (in *inspector) giveAway(name string) string {
	return runs("chown " + in.account.Name + " " + in.shell(name) + " && chmod u+rw " + in.shell(name))
}

// moveAway is the command that makes room at a path.
func (in *inspector) moveAway(name string) string {
	return runs("mv " + in.shell(name) + " " + in.shell(name+".old"))
}

// user names the account in messages.
func (in *inspector) user() string { return fmt.Sprintf("user %q", in.account.Name) }

// barred reports a directory that the account may not pass through. The result
// tells whether there is nothing more to look at.
func (in *inspector) barred(s jail.Sight, code parser.Code, name, what string, at parser.Span, r rule) bool {
	if s.Barred != "" {
		in.add(fault{code: code, at: at, name: s.Barred, rule: r, barred: true,
			message: fmt.Sprintf("%s: %s cannot get to %s: it may not pass through the directory %s", what, in.user(), name, s.Barred),
			remedy:  runs("chmod " + in.class(s.Barred) + "+x " + in.shell(s.Barred))})
	}
	return s.Barred != "" || s.Unknown
}

// shell is a path as the host's shell wants it.
func (in *inspector) shell(p string) string {
	return shellLine([]string{in.w.host.OSPath(in.eyes.HostPath(p))})
}

// here says which root a path is meant below.
func (in *inspector) here() string {
	if in.jailed {
		return " in the jail"
	}
	return ""
}

// reads looks at a file that named reads.
func (in *inspector) reads(name, what string, at parser.Span, r rule) {
	s := in.eyes.See(name)
	f := fault{code: "NJ310", at: at, name: name, rule: r}
	switch {
	case in.barred(s, "NJ310", name, what, at, r):
		return
	case s.Gone != "" && at.File == nil && (what != "rndc.key" || in.planned):
		return // a built-in default that is not there is not used
	case s.Gone != "":
		f.code = "NJ305"
		if !r.fatal {
			f.code = "NJ306"
		}
		f.message, f.remedy = fmt.Sprintf("%s: there is no file %s%s", what, name, in.here()), in.provide(name, what)
	case s.Info.Kind != jail.RegularFile:
		f.message, f.remedy = fmt.Sprintf("%s: %s is %s, not a file", what, name, s.Info.Kind), in.moveAway(name)
	case !s.Read:
		f.message = fmt.Sprintf("%s: %s may not read %s (%s)", what, in.user(), name, s.Owner())
		f.remedy = runs("chgrp " + in.account.Group + " " + in.shell(name) + " && chmod g+r " + in.shell(name))
		if in.class(name) == "u" {
			f.remedy = runs("chmod u+r " + in.shell(name))
		}
	default:
		return
	}
	in.add(f)
}

// provide is the command that brings a missing file: the host's, where it has
// one at that path.
func (in *inspector) provide(name, what string) string {
	if in.jailed && !in.planned {
		if info, err := in.w.host.Stat(name); err == nil && info.Kind == jail.RegularFile {
			mode := "0640"
			if info.Mode&0o004 != 0 {
				mode = "0644"
			}
			return runs("install -D -o root -g " + in.account.Group + " -m " + mode + " " + shellLine([]string{in.w.host.OSPath(name)}) + " " + in.shell(name))
		}
	}
	return "Put the file at " + in.w.host.OSPath(in.eyes.HostPath(name)) + ", or remove '" + what + "'"
}

// writes looks at a file that named writes.
func (in *inspector) writes(name, what string, at parser.Span, r rule) {
	s := in.eyes.See(name)
	dir := path.Dir(name)
	f := fault{code: "NJ313", at: at, name: name, rule: r}
	there := s.Gone == ""
	if d := in.eyes.See(dir); !there && d.Gone == "" && path.Dir(s.Path) != d.Path {
		dir = path.Dir(s.Path) // a link that leads nowhere: the file is made where it leads
	}
	switch {
	case in.barred(s, "NJ312", name, what, at, r):
	case there && s.Info.Kind != jail.RegularFile && (s.Info.Kind != jail.CharFile || r.need != writeFile):
		f.message, f.remedy = fmt.Sprintf("%s: %s is %s, not a file", what, name, s.Info.Kind), in.moveAway(name)
		if s.Info.Kind == jail.CharFile {
			f.remedy = "Name a file; to write nothing, name a channel with null in it."
		}
		in.add(f)
	case there && r.need == freshFile:
		in.writesIn(dir, what, at, r)
	case there && s.Write && (s.Read || r.need != lockFile):
	case there:
		f.message = fmt.Sprintf("%s: %s may not write %s (%s)", what, in.user(), name, s.Owner())
		f.remedy = in.giveAway(name)
		in.add(f)
	case (r.need == freshFile || r.need == lockFile) && in.eyes.See(dir).Gone != "":
		near := in.eyes.Near(dir)
		if near.Unknown || near.Write && near.Search && near.Info.Kind == jail.DirectoryFile {
			return // named makes it
		}
		r.fatal = r.fatal && !in.booted(dir)
		in.add(fault{code: "NJ311", at: at, name: dir, rule: r, remedy: runs(in.makeDir(dir)),
			message: fmt.Sprintf("%s: there is no directory %s%s, and %s may not make it in %s", what, dir, in.here(), in.user(), near.Path)})
	default:
		in.writesIn(dir, what, at, r)
	}
}

// makeDir is the command that makes a directory for named.
func (in *inspector) makeDir(dir string) string {
	return "install -d -o " + in.account.Name + " -g " + in.account.Group + " -m 0700 " + in.shell(dir)
}

// writesIn looks at a directory in which named makes files.
func (in *inspector) writesIn(dir, what string, at parser.Span, r rule) {
	s := in.eyes.See(dir)
	list := r.need == keyDir
	f := fault{code: "NJ311", at: at, name: dir, rule: r}
	switch {
	case in.barred(s, "NJ312", dir, what, at, r):
		return
	case s.Gone != "":
		f.rule.fatal = r.fatal && !in.booted(dir)
		f.message, f.remedy = fmt.Sprintf("%s: there is no directory %s%s", what, dir, in.here()), runs(in.makeDir(dir))
	case s.Info.Kind != jail.DirectoryFile:
		f.message, f.remedy = fmt.Sprintf("%s: %s is %s, not a directory", what, dir, s.Info.Kind), runs("mv "+in.shell(dir)+" "+in.shell(dir+".old")+" && "+in.makeDir(dir))
	case !s.Write || !s.Search || list && !s.Read:
		f.rule.fatal = r.fatal && !in.booted(dir+"/")
		verb := "write in"
		if list {
			verb = "list and write"
		}
		f.code, f.message = "NJ312", fmt.Sprintf("%s: %s may not %s the directory %s (%s)", what, in.user(), verb, dir, s.Owner())
		f.remedy = "Name a directory that belongs to named. If nothing else is in this one: " + runs("chown "+in.account.Name+" "+in.shell(dir)+" && chmod u+rwx "+in.shell(dir))
	default:
		return
	}
	in.add(f)
}

// lists looks at a directory that named lists. One that is not there is left to
// who needs what is in it.
func (in *inspector) lists(dir, what string, at parser.Span, r rule) {
	s := in.eyes.See(dir)
	if in.barred(s, "NJ314", dir, what, at, r) || s.Gone != "" || s.Info.Kind != jail.DirectoryFile || s.Read && s.Search {
		return
	}
	in.add(fault{code: "NJ314", at: at, name: dir, rule: r, remedy: runs("chmod " + in.class(dir) + "+rx " + in.shell(dir)),
		message: fmt.Sprintf("%s: %s may not list the directory %s (%s)", what, in.user(), dir, s.Owner())})
}

// connects looks at a socket on which another program listens. It may come
// later: named tries again.
func (in *inspector) connects(name, what string, at parser.Span, r rule) {
	s := in.eyes.See(name)
	f := fault{code: "NJ313", at: at, name: name, rule: r}
	switch {
	case in.barred(s, "NJ312", name, what, at, r):
		return
	case s.Gone != "":
		f.code, f.rule.fatal = "NJ306", false
		f.message = fmt.Sprintf("%s: nobody listens on the socket %s%s", what, name, in.here())
		f.remedy = "Start the program that listens there, such as: `fstrm_capture -t protobuf:dnstap.Dnstap -u " + in.shell(name) + " -w FILE`"
	case s.Info.Kind != jail.SocketFile:
		f.message, f.remedy = fmt.Sprintf("%s: %s is %s, not a socket", what, name, s.Info.Kind), in.moveAway(name)
	case !s.Write:
		f.message = fmt.Sprintf("%s: %s may not connect to %s (%s)", what, in.user(), name, s.Owner())
		f.remedy = runs("chgrp " + in.account.Group + " " + in.shell(name) + " && chmod g+w " + in.shell(name))
	default:
		return
	}
	in.add(f)
}
