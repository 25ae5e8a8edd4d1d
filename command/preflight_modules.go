package command

import (
	"fmt"
	"path"
	"strings"

	"named-jail/jail"
	"named-jail/rewrite"
)

// modules looks at the modules that named loads, where they lie, and at the
// libraries that they need beyond those that named has in memory already.
func (in *inspector) modules() {
	if in.planned || in.w.build.Path == "" || in.w.build.Family == 8 {
		return // the plan looks for the libraries itself
	}
	for _, p := range in.w.install.Modules() {
		name := in.name(p)
		switch {
		case path.IsAbs(name) && in.usable(name) && in.eyes.See(name).Gone == "":
			in.module(p, name)
		case !strings.Contains(name, "/") && !in.jailed:
			in.searched(p, name)
		}
	}
}

// searched looks whether dlopen(3) finds a module that is named without a directory.
func (in *inspector) searched(p *rewrite.Path, name string) {
	_, ds := jail.ModuleWants(in.w.host, name, in.named())
	for _, d := range ds {
		if d.File == name {
			in.add(fault{code: d.Code, at: p.At, name: name, rule: rule{readFile, true, refuses},
				message: p.Keyword + ": " + name + ": " + d.Message, remedy: d.Remedy})
		}
	}
}

func (in *inspector) module(p *rewrite.Path, name string) {
	r := rule{readFile, true, refuses}
	s := in.eyes.See(name)
	if s.Read && in.eyes.NoExec(s.Path) {
		in.add(fault{code: "NJ316", at: p.At, name: path.Dir(name), rule: r,
			message: fmt.Sprintf("%s: %s lies on a file system that is mounted noexec", p.Keyword, name),
			remedy:  runs("mount -o remount,exec $(stat -c %m " + in.shell(name) + ")")})
		return
	}
	libraries, missing, err := jail.ModuleNeeds(in.w.host, in.named(), in.w.source.host, name)
	if err != nil {
		d := jail.Diagnose(err)
		in.add(fault{code: "NJ316", at: p.At, name: name, rule: r, message: fmt.Sprintf("%s: %s: %s", p.Keyword, name, d.Message),
			remedy: "Install the module's package again; this shows what is there: `file " + in.shell(name) + "`"})
		return
	}
	for _, m := range missing {
		remedy := "Install the package that has it; this shows what is missing: `ldd " + in.shell(name) + "`"
		if from := in.hostLibrary(p, m.Name); from != "" {
			remedy = runs("install -D -m 0555 " + shellLine([]string{in.w.host.OSPath(from)}) + " " + in.shell(from))
		}
		in.add(fault{code: "NJ512", at: p.At, name: m.Name, rule: r, remedy: remedy,
			message: fmt.Sprintf("%s: %s needs the library %s, which no directory that the loader searches has%s", p.Keyword, m.NeededBy, m.Name, in.here())})
	}
	for _, l := range libraries {
		in.reads(l, p.Keyword+", a library of "+name, p.At, r)
	}
}

// named is the path of named on the system that is looked at.
func (in *inspector) named() string {
	if rest, ok := below(in.w.host.Root(), in.w.build.Path); ok && !in.w.live() {
		return rest
	}
	return in.w.build.Path
}

// hostLibrary finds on the host the library that a module of the jail lacks,
// "" when the host has not got the module itself.
func (in *inspector) hostLibrary(p *rewrite.Path, name string) string {
	if !in.jailed || !path.IsAbs(p.Host) {
		return ""
	}
	list, _ := jail.ModuleWants(in.w.host, p.Host, in.named())
	for _, l := range list {
		if path.Base(string(l.Path)) == name {
			return l.Source
		}
	}
	return ""
}
