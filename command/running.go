package command

import (
	"fmt"
	"path"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
)

// busy reports a named that runs unjailed on the files that the plan moves, and,
// for a start, one that runs in the jail already.
func (w *walk) busy(starting bool) parser.Diagnostics {
	var ds parser.Diagnostics
	if !w.live() || w.build.Path == "" || w.plan == nil && !starting {
		return ds
	}
	processes, err := jail.Running(w.tree, w.build.Path)
	if err != nil {
		return ds // the plan itself notices files that change under it
	}
	moves := false
	for _, o := range w.ops() {
		moves = moves || o.Op == "move"
	}
	for _, p := range processes {
		switch {
		case p.InJail && starting:
			ds.Add(parser.Diagnostic{Code: "NJ510", Message: fmt.Sprintf("named runs in this jail already: process %d", p.PID),
				Remedy: fmt.Sprintf("Let it take in changes with rndc reload, or stop it first: rndc stop (or kill -TERM %d).", p.PID)})
		case !p.InJail && moves && w.usesConf(p):
			ds.Add(parser.Diagnostic{Code: "NJ510", Message: fmt.Sprintf("named runs unjailed on the files that are to be moved: process %d", p.PID),
				Remedy: fmt.Sprintf("Stop it first: rndc stop (or kill -TERM %d, or systemctl stop named).", p.PID)})
		}
	}
	return ds
}

// usesConf tells whether an unjailed named reads the configuration that is
// worked on.
func (w *walk) usesConf(p jail.Process) bool {
	inv, err := launcher.ParseArgs(w.build, p.Args, nil)
	if err != nil || inv.Jail != "" {
		return false
	}
	conf := inv.Config
	if conf == "" {
		conf = w.build.Conf
	}
	if !path.IsAbs(conf) {
		conf = path.Join(p.Dir, conf)
	}
	theirs, err1 := w.host.Stat(conf)
	ours, err2 := w.source.host.Stat(w.conf)
	return err1 == nil && err2 == nil && theirs.Dev == ours.Dev && theirs.Ino == ours.Ino
}
