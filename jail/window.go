package jail

import (
	"path"
	"slices"

	"named-jail/rewrite"
)

// Window is a directory of the host that named sees in its jail once it has
// been started: bound there in a mount namespace of its own, so that nothing of
// it is on the host. It is the directory and not the socket in it, because a
// program that starts anew puts another socket under the same name.
//
// Dir is the directory's path on the host, links followed; Point is the empty
// directory of the jail that it is bound on; Name is the socket. Link, unless "",
// is a symbolic link in the jail that leads to the socket.
type Window struct {
	Dir   string
	Point rewrite.JailPath
	Name  string
	Link  rewrite.JailPath
}

// Where a window's socket is on the host, and where windows are in the jail.
//
// Source: sd_notify(3), sd_booted(3), syslog(3), systemd-journald.service(8).
const (
	logSocket    = "/dev/log"
	logPoint     = "/dev/syslog"
	notifySocket = "/run/systemd/notify"
	bootedMark   = "/run/systemd/system"
)

// maxLogLinks bounds the links from /dev/log to the socket.
const maxLogLinks = 8

// Windows lists the windows of a jail at o.Jail: to the service manager, at the
// path that it gives its socket (o.Notify, or systemd's where systemd runs), and
// to syslogd. There is none where the host lacks the socket, none to syslogd
// where that one has put a socket of its own into the jail, and none at all on
// systems other than Linux.
func Windows(files Files, o LayoutOptions) []Window {
	if o.goos() != "linux" {
		return nil
	}
	var list []Window
	if socket := notifyPlace(files, o.Notify); socket != "" {
		list = append(list, Window{Dir: path.Dir(socket), Point: rewrite.JailPath(path.Dir(socket)), Name: path.Base(socket)})
	}
	if o.Jail != "" {
		if info, err := files.Lstat(path.Join(o.Jail, logSocket)); err == nil && info.Kind == SocketFile {
			return list
		}
	}
	if socket := logPlace(files); socket != "" {
		list = append(list, Window{Dir: path.Dir(socket), Point: logPoint, Name: path.Base(socket), Link: logSocket})
	}
	return list
}

// notifyPlace is the path of the service manager's socket, "" when there is
// none or when it is no path: an abstract socket is seen in every jail.
func notifyPlace(files Files, given string) string {
	if given == "" {
		if info, err := files.Stat(bootedMark); err == nil && info.Kind == DirectoryFile {
			return notifySocket
		}
		return ""
	}
	if given = path.Clean(given); !path.IsAbs(given) || path.Dir(given) == "/" {
		return ""
	}
	return given
}

// logPlace follows /dev/log to the socket that it stands for, "" when the host
// has none. The socket itself may be missing, as while syslogd starts anew.
func logPlace(files Files) string {
	at := logSocket
	for range maxLogLinks {
		info, err := files.Lstat(at)
		switch {
		case err != nil && at == logSocket:
			return ""
		case err == nil && info.Kind == LinkFile:
			if at = info.Target; !path.IsAbs(at) {
				at = path.Join(path.Dir(logSocket), at)
			}
			at = path.Clean(at)
			continue
		}
		if path.Dir(at) == "/" {
			return ""
		}
		return at
	}
	return ""
}

// windowWants wants the empty directories and the links of the windows.
func windowWants(list []Window) []rewrite.Wanted {
	var want []rewrite.Wanted
	for _, w := range list {
		var points []rewrite.JailPath
		for p := w.Point; p != "/"; p = rewrite.JailPath(path.Dir(string(p))) {
			points = append(points, p)
		}
		for _, p := range slices.Backward(points) {
			want = append(want, rewrite.Wanted{Path: p, Kind: rewrite.Directory, Class: rewrite.ClassTree, Owner: rewrite.Root,
				Group: rewrite.Daemon, Mode: 0o111, Reason: "a window to " + path.Join(w.Dir, w.Name) + " of the host"})
		}
		if w.Link != "" {
			want = append(want, rewrite.Wanted{Path: w.Link, Kind: rewrite.Symlink, Class: rewrite.ClassTree, Owner: rewrite.Root,
				Group: rewrite.Root, Mode: 0o777, Target: string(w.Point) + "/" + w.Name, Reason: "where messages for syslogd go"})
		}
	}
	return want
}
