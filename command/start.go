package command

import (
	"fmt"
	"os"
	"path"
	"strings"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
	"named-jail/rewrite"
)

// start is what has been found out when named can be started.
type start struct {
	argv   []string
	inside launcher.Inside
	ready  *launcher.Readiness // nil: named tells the service manager all itself, or there is none
}

// notifyVariable holds the service manager's socket.
const notifyVariable = "NOTIFY_SOCKET"

// toldZones bounds the zones that the messenger asks named for.
const toldZones = 1000

// newStart says what named is started with and what it finds in its jail.
func (w *walk) newStart(inv *launcher.Invocation, isolated bool) (*start, error) {
	s := &start{argv: inv.Argv(w.jailPath(), w.account.Name),
		inside: launcher.Inside{Jail: w.jailPath(), Program: w.build.Path}}
	for _, window := range jail.Windows(w.host, w.layoutOptions()) {
		if window.Link == "" && w.notify == "" {
			continue // nobody waits for news of this start
		}
		s.inside.Windows = append(s.inside.Windows, launcher.Window{Dir: window.Dir, Point: string(window.Point), Name: window.Name})
	}
	if speaks := launcher.Notifies(w.build.Path); w.notify != "" && !(speaks && inv.Foreground) {
		s.ready = &launcher.Readiness{Socket: w.notify, Zones: w.loadedZones(), Background: !inv.Foreground, Speaks: speaks}
	}
	if !isolated {
		return s, nil
	}
	written, err := w.tree.WrittenDirs(w.account.UID)
	if err != nil {
		return nil, err
	}
	s.inside.Isolation = &launcher.Isolation{Modules: w.holdsCode(), Capabilities: launcher.Capabilities(w.build)}
	for _, place := range written {
		s.inside.Written = append(s.inside.Written, string(place))
	}
	if info, err := w.tree.Lstat("/dev"); err == nil && info.Kind == jail.DirectoryFile {
		s.inside.Devices = []string{"/dev"}
	}
	return s, nil
}

// holdsCode tells whether modules, or programs of BIND 8, have been put into the
// jail. It is not asked of the configuration: that may be the one that is refused. A start that
// has read nothing, because nothing has changed, is one of a jail without code.
func (w *walk) holdsCode() bool {
	for _, e := range w.store.Manifest().Entries {
		if e.Class == rewrite.ClassLibrary {
			return true
		}
	}
	return false
}

// loadedZones are zones that named loads from sound files before it is ready.
func (w *walk) loadedZones() []string {
	if w.install == nil {
		return w.loads
	}
	var names []string
	for _, z := range w.install.Zones {
		if z.Type == "primary" && z.Class == "IN" && z.File != nil && !w.faulty[z.File.Host] && len(names) < toldZones {
			names = append(names, z.Name)
		}
	}
	return names
}

// enter makes named's surroundings: what cannot be had is told with its
// substitute, and named starts without, unless it was to be isolated.
func (s *start) enter(p printer, b launcher.Build) error {
	var ds parser.Diagnostics
	if s.ready != nil {
		if err := s.ready.Send(); err != nil {
			ds.Add(unheard(b, err))
		}
	}
	missed, err := s.inside.Enter()
	if err != nil {
		return told(p, parser.Diagnostics{{Code: "NJ612", Message: fmt.Sprintf("named cannot be isolated here: %s", oneLine(err)),
			Remedy: "Start it without --isolate, or give named-jail what it lacks; in a container that is CAP_SYS_ADMIN."}})
	}
	for _, m := range missed {
		if m.Name == path.Base(s.notifyPath()) && m.Point == path.Dir(s.notifyPath()) {
			if s.ready == nil || s.ready.Speaks {
				ds.Add(unheard(b, m.Err))
			}
			continue
		}
		ds.Add(parser.Diagnostic{Code: "NJ611", Severity: parser.Warning,
			Message: fmt.Sprintf("named's messages to syslog are lost when syslogd is started anew: its socket cannot be shown in the jail: %s", oneLine(m.Err)),
			Remedy: fmt.Sprintf("Let syslogd listen in the jail too: syslogd -a %s, or in rsyslog.conf: module(load=\"imuxsock\") input(type=\"imuxsock\" Socket=\"%s\").",
				s.inside.Jail+"/dev/log", s.inside.Jail+"/dev/log")})
	}
	p.findings(ds)
	return nil
}

// notifyPath is the path of the service manager's socket.
func (s *start) notifyPath() string { return path.Clean(os.Getenv(notifyVariable)) }

// unheard says that the service manager will not hear from named.
func unheard(b launcher.Build, err error) parser.Diagnostic {
	return parser.Diagnostic{Code: "NJ611", Severity: parser.Warning,
		Message: fmt.Sprintf("the service manager may not hear that BIND %s is ready: its socket cannot be shown in the jail: %s", b.Version, oneLine(err)),
		Remedy:  "Make the unit Type=forking, and start named without -f and -g: then systemd takes it for ready when it has gone to the background with all zones loaded."}
}

// oneLine is an error's text on one line.
func oneLine(err error) string {
	return parser.Printable(strings.ReplaceAll(err.Error(), "\n", " "))
}
