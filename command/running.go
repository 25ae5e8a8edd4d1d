package command

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
	"named-jail/rewrite"
)

// busy reports a named that runs unjailed on the files that the plan moves, and,
// for a start, one that runs in the jail already. The server that --live deals
// with does not count.
func (w *walk) busy(starting bool) parser.Diagnostics {
	var ds parser.Diagnostics
	for _, p := range w.processes() {
		switch {
		case p.PID == w.served.PID:
		case p.InJail && p.Named && starting:
			ds.Add(parser.Diagnostic{Code: "NJ510", Message: fmt.Sprintf("named runs in this jail already: process %d", p.PID),
				Remedy: fmt.Sprintf("Let it take in changes with rndc reload, or stop it first: %s.", stopWords(p))})
		case !p.InJail && w.worksOn(p):
			ds.Add(parser.Diagnostic{Code: "NJ510", Message: fmt.Sprintf("named runs unjailed on the files that are to be moved: process %d", p.PID),
				Remedy: fmt.Sprintf("Stop it first: %s. Or let apply --live move what it does not write.", stopWords(p))})
		}
	}
	return ds
}

// lastLook looks again for a named, which may have been started meanwhile.
func (w *walk) lastLook(starting bool) error {
	for _, d := range w.busy(starting) {
		return &jail.Error{Code: d.Code, Message: d.Message, Remedy: d.Remedy}
	}
	return nil
}

// stopWords are the commands that stop a named.
func stopWords(p jail.Process) string {
	return fmt.Sprintf("rndc stop (or kill -TERM %d, or systemctl stop named)", p.PID)
}

// processes lists the processes of named. Where the system cannot list them the
// plan itself notices files that change under it.
func (w *walk) processes() []jail.Process {
	if !w.live() || w.tree == nil {
		return nil
	}
	list, _ := jail.Running(w.tree, w.build.Path, w.ids.UserUID, w.noted()...)
	return list
}

// noted gives the processes that the pid file names and that hold the lock file,
// as the host and as the jail have them. named in the jail writes what it likes
// there, so this only says who is looked at.
func (w *walk) noted() []int {
	var pids []int
	for keyword, usual := range map[string]string{"pid-file": w.build.PIDFile, "lock-file": w.build.LockFile} {
		places := []string{usual, w.tree.HostPath(rewrite.JailPath(path.Clean("/" + usual)))}
		for _, p := range w.paths() {
			if p.Keyword == keyword && p.At.File != nil {
				places = append(places, p.Host, w.tree.HostPath(p.Jail))
			}
		}
		for _, place := range places {
			if pid := w.noteIn(place, keyword); pid > 0 {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// paths gives those of the configuration; none where it was not read, because
// nothing has changed since the last start.
func (w *walk) paths() []*rewrite.Path {
	if w.install == nil {
		return nil
	}
	return w.install.Paths
}

// maxPID is longer than any pid file's number.
const maxPID = 32

// noteIn reads a process number from a pid file, or asks who has a lock file.
func (w *walk) noteIn(place, keyword string) int {
	if place == "" || !path.IsAbs(place) {
		return 0
	}
	f, err := w.host.Open(place)
	if err != nil {
		return 0
	}
	defer f.Close()
	if keyword == "lock-file" {
		pid, _ := jail.Holder(f)
		return pid
	}
	text := make([]byte, maxPID)
	n, _ := f.ReadAt(text, 0)
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	return pid
}

// worksOn tells whether an unjailed named uses what the plan moves: it reads the
// same configuration, or has one of the files open; or, where its root directory
// is another, it works in the same directory.
func (w *walk) worksOn(p jail.Process) bool {
	moved := w.moved()
	if len(moved) == 0 {
		return false
	}
	if w.usesConf(p) {
		return true
	}
	if server, err := p.Look(); err == nil && slices.ContainsFunc(moved, func(id jail.FileID) bool { _, open := server.Open[id]; return open }) {
		return true
	}
	return p.Elsewhere && w.worksIn(p)
}

// worksIn tells whether a process works in named's directory, which named enters
// when it has read its configuration.
func (w *walk) worksIn(p jail.Process) bool {
	if w.inJail != "" {
		return false
	}
	ours, err1 := w.host.Stat(w.install.Directory)
	theirs, err2 := p.WorkingDir()
	return err1 == nil && err2 == nil && ours.Identity() == theirs
}

// moved gives the files that the plan takes from the host.
func (w *walk) moved() []jail.FileID {
	var list []jail.FileID
	for _, o := range w.ops() {
		if o.Op != "move" || o.From == "" {
			continue
		}
		info, err := w.host.Stat(o.From)
		if err != nil {
			info = jail.Info{} // it counts all the same
		}
		list = append(list, info.Identity())
	}
	return list
}

// usesConf tells whether an unjailed named reads the configuration that is
// worked on, with its own eyes. Of a process that only an old pid file names more
// has to speak for it.
func (w *walk) usesConf(p jail.Process) bool {
	if !p.Named && !w.worksIn(p) {
		return false
	}
	conf := w.build.Conf
	if inv, err := launcher.ParseArgs(w.build, p.Args, nil); err == nil {
		if inv.Jail != "" && !p.Elsewhere {
			return false
		}
		if inv.Config != "" {
			conf = inv.Config
		}
	}
	if !path.IsAbs(conf) {
		conf = path.Join(p.Dir, conf)
	}
	theirs, err1 := p.Identity(conf)
	ours, err2 := w.source.host.Stat(w.conf)
	return err1 == nil && err2 == nil && theirs == ours.Identity()
}
