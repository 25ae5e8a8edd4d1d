package command

import (
	"fmt"
	"io"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"syscall"

	"named-jail/launcher"
	"named-jail/parser"
	"named-jail/rewrite"
)

// missing is one path that named did not get at in the jail, as --json has it.
type missing struct {
	Path    string `json:"path"`  // as named sees it
	Call    string `json:"call"`  // the system call
	Error   string `json:"error"` // in words
	Count   int    `json:"count"`
	Class   string `json:"class"`
	Matters bool   `json:"matters"`
	Lost    string `json:"lost"`   // what follows for named
	Source  string `json:"source"` // who says so
	Host    bool   `json:"host"`   // the host has something at that path

	class traceClass
	miss  launcher.Miss
}

// errorWords is the table of the kernel's errors in the operator's words.
var errorWords = map[syscall.Errno]string{
	syscall.ENOENT: "not there", syscall.EACCES: "permission denied", syscall.EPERM: "forbidden", syscall.EROFS: "read-only file system",
	syscall.ENOTDIR: "a directory of the path is a file", syscall.ELOOP: "a loop of links", syscall.ENXIO: "nobody serves the device",
	syscall.ECONNREFUSED: "nobody listens",
}

// sortMisses judges what a trace has shown, the worst first. What named made or
// found in the end is left out, and so is what it found in another directory.
func (w *walk) sortMisses(r *launcher.TraceReport) []missing {
	uses := usesOf(w.install)
	bases := map[string]bool{}
	for p := range r.Found {
		bases[path.Base(p)] = true
	}
	at := map[string]int{} // path, or name of what is searched for -> index in list
	list := []missing{}
	for _, m := range r.Missed {
		if r.Found[m.Path] && m.Errno == syscall.ENOENT {
			continue
		}
		_, err := w.host.Lstat(m.Path)
		g, key := judgeMiss(m, uses[m.Path], err == nil, r.Ended, w.build.Version), m.Path
		if g.rule != nil && g.rule.anywhere {
			if bases[path.Base(m.Path)] {
				continue
			}
			key = path.Base(m.Path)
		}
		i, seen := at[key]
		switch {
		case !seen:
			at[key] = len(list)
			list = append(list, g.missing)
		case g.class < list[i].class || g.class == list[i].class && g.Host && !list[i].Host:
			g.Count += list[i].Count
			list[i] = g.missing
		default:
			list[i].Count += g.Count
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].class < list[j].class })
	return list
}

// judged is a miss with the rule that it was judged by; nil: none knows it.
type judged struct {
	missing
	rule *traceRule
}

// judgeMiss judges one miss. use is what the configuration has the path for, host
// tells that the host has something there, ended that named has ended.
func judgeMiss(m launcher.Miss, use string, host, ended bool, v parser.Version) judged {
	g := judged{missing: missing{Path: m.Path, Call: m.Call, Error: errorWords[m.Errno], Count: m.Count, Host: host, miss: m}}
	for i := range traceRules {
		if r := &traceRules[i]; r.fits(m, use, host, v) {
			g.rule = r
			break
		}
	}
	switch {
	case g.rule != nil:
		g.class, g.Lost, g.Source = g.rule.class, g.rule.lost, g.rule.source
		if ended && g.rule.suspect {
			g.class = fatal
		}
	case host:
		g.class, g.Lost, g.Source = unknownHere, "not known; bare, named finds it", "the trace"
	default:
		g.class, g.Lost, g.Source = unknownNowhere, "not known; bare, named does not find it either", "the trace"
	}
	g.Class, g.Matters = g.class.String(), g.class.matters()
	return g
}

// anyMatters counts what matters.
func anyMatters(list []missing) int {
	n := 0
	for _, m := range list {
		if m.Matters {
			n++
		}
	}
	return n
}

// missFindings makes findings of what matters. What --add was to put into the
// jail and does not is a finding of its own.
func (w *walk) missFindings(list []missing, more additions, adding bool) parser.Diagnostics {
	var ds parser.Diagnostics
	for _, m := range list {
		if !m.Matters {
			continue
		}
		inJail := w.tree.RealPath() + m.Path
		why, refused := more.refused[m.Path]
		var remedy string
		switch {
		case refused && adding:
			ds.Add(parser.Diagnostic{Code: "NJ522", Severity: parser.Warning, File: m.Path,
				Message: "named asked for it in the jail (" + m.Call + "), but it does not go in: " + why})
			continue
		case slices.Contains(more.paths, rewrite.JailPath(m.Path)):
			remedy = "The host has it; put it in with: " + w.sameLine("trace", "--add")
		case m.miss.Errno != syscall.ENOENT:
			remedy = "See who owns it and its directories: " + shellLine([]string{"namei", "-l", inJail})
		case m.miss.Makes:
			remedy = "Name another place for it in named.conf, so that apply makes its directory: " + path.Dir(m.Path)
		case refused:
			remedy = "The host has it, but trace --add does not put it in: " + why + "; give named another file in named.conf, or do without."
		default:
			remedy = "Put it on the host, and trace again; or take what wants it out of named.conf."
		}
		ds.Add(parser.Diagnostic{Code: "NJ610", Severity: parser.Warning, File: w.tree.RealPath() + m.Path,
			Message: fmt.Sprintf("named asked for it in the jail (%s): %s; %s: %s", m.Call, m.Error, m.Class, m.Lost), Remedy: remedy})
	}
	return ds
}

// table prints what is missing for people; what does no harm with -v only.
func (p printer) table(list []missing) {
	if p.flags.quiet || p.flags.json {
		return
	}
	shown := slices.IndexFunc(list, func(m missing) bool { return m.class == harmless })
	if shown < 0 || p.flags.verbose {
		shown = len(list)
	}
	if n := len(list) - shown; n > 0 {
		defer p.tell("%s did no harm by not being there; -v lists them.", count(n, "more path"))
	}
	if list = list[:shown]; shown == 0 {
		return
	}
	t := table{heading: []string{"CLASS", "PATH IN THE JAIL", "CALL", "ERROR", "TIMES", "HOST", "WHAT IS LOST"}}
	for _, m := range list {
		host := "-"
		if m.Host {
			host = "has it"
		}
		color := ""
		if m.Matters {
			color = yellow
		}
		t.rows = append(t.rows, tableRow{color: color,
			cells: []string{m.Class, parser.Printable(m.Path), m.Call, m.Error, strconv.Itoa(m.Count), host, m.Lost}})
	}
	io.WriteString(p.out, t.layout(p.screen, ""))
}

// statusText says how a process ended.
func statusText(s syscall.WaitStatus) string {
	if s.Signaled() {
		return "killed by signal " + s.Signal().String()
	}
	return fmt.Sprintf("exit status %d", s.ExitStatus())
}

// endOf gives the last lines of what named said.
func endOf(said string, n int) []string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	return lines[max(0, len(lines)-n):]
}
