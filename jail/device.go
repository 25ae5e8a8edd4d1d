package jail

import (
	"fmt"
	"path"

	"golang.org/x/sys/unix"

	"named-jail/parser"
	"named-jail/rewrite"
)

// deviceRow is one device node that some system's named opens in the jail.
//
// Before, unless zero, is the BIND release that needs it no longer. An optional
// row is left out in silence where the host has no such node.
type deviceRow struct {
	goos     string
	path     string
	before   parser.Version
	optional bool
	reason   string
}

// seeded is the release since which BIND takes its random numbers from the
// system's C library or libcrypto, by system call, and opens no device.
//
// Source: BIND 9.13.3 CHANGES 4972; measured on 9.18.
var seeded = parser.V(9, 13, 3)

// devices is the table of device nodes. The numbers are not in it: they are
// always read from the host's own nodes.
//
// Source: BIND 9 bin/named/server.c (random-device) and libuv; NetBSD
// etc/rc.d/named; FreeBSD dns/bind918 files/named.in; Solaris Administration of
// anonymous FTP (the nodes that the transport library opens).
var devices = []deviceRow{
	{"linux", "/dev/null", parser.Version{}, false, "opened by the server and its libraries"},
	{"linux", "/dev/random", seeded, false, "random numbers of BIND before 9.13.3"},
	{"linux", "/dev/urandom", seeded, true, "random numbers of BIND before 9.13.3"},
	{"freebsd", "/dev/null", parser.Version{}, false, "opened by the server and its libraries"},
	{"freebsd", "/dev/random", parser.Version{}, false, "random numbers"},
	{"openbsd", "/dev/null", parser.Version{}, false, "opened by the server and its libraries"},
	{"openbsd", "/dev/random", seeded, false, "random numbers of BIND before 9.13.3"},
	{"openbsd", "/dev/arandom", seeded, true, "random numbers of BIND before 9.13.3"},
	{"netbsd", "/dev/null", parser.Version{}, false, "opened by the server and its libraries"},
	{"netbsd", "/dev/random", parser.Version{}, false, "random numbers"},
	{"solaris", "/dev/null", parser.Version{}, false, "opened by the server and its libraries"},
	{"solaris", "/dev/random", parser.Version{}, true, "random numbers"},
	{"solaris", "/dev/urandom", parser.Version{}, true, "random numbers"},
	{"solaris", "/dev/zero", parser.Version{}, true, "opened by the run-time loader"},
	{"solaris", "/dev/tcp", parser.Version{}, true, "opened by the network library"},
	{"solaris", "/dev/udp", parser.Version{}, true, "opened by the network library"},
	{"solaris", "/dev/ticotsord", parser.Version{}, true, "opened by the network library"},
	{"solaris", "/dev/conslog", parser.Version{}, true, "opened by syslog(3)"},
	{"illumos", "/dev/null", parser.Version{}, false, "opened by the server and its libraries"},
	{"illumos", "/dev/random", parser.Version{}, true, "random numbers"},
	{"illumos", "/dev/urandom", parser.Version{}, true, "random numbers"},
	{"illumos", "/dev/zero", parser.Version{}, true, "opened by the run-time loader"},
	{"illumos", "/dev/tcp", parser.Version{}, true, "opened by the network library"},
	{"illumos", "/dev/udp", parser.Version{}, true, "opened by the network library"},
	{"illumos", "/dev/conslog", parser.Version{}, true, "opened by syslog(3)"},
}

// Devices wants the device nodes of the system's table, with the numbers of
// the host's nodes, mode 0666, owner root, group as on the host. BIND 8 reads
// no random device. Findings: NJ513 for a node that the host lacks, and where
// nodes that mknod(2) makes do not work.
func Devices(files Files, o LayoutOptions) ([]rewrite.Wanted, parser.Diagnostics) {
	var want []rewrite.Wanted
	var ds parser.Diagnostics
	known := false
	for _, r := range devices {
		if r.goos != o.goos() {
			continue
		}
		known = true
		if !r.holds(o) {
			continue
		}
		info, err := files.Stat(r.path)
		if err != nil || info.Kind != CharFile && info.Kind != BlockFile {
			if !r.optional {
				ds.Add(missingDevice(r, info, err))
			}
			continue
		}
		want = append(want, rewrite.Wanted{Path: rewrite.JailPath(r.path), Kind: rewrite.Device,
			Class: rewrite.ClassDevice, Owner: rewrite.Root, Group: rewrite.AsSource, Mode: 0o666,
			Source: r.path, Char: info.Kind == CharFile,
			Major: unix.Major(info.Rdev), Minor: unix.Minor(info.Rdev), Reason: r.reason})
	}
	if !known {
		ds.Add(parser.Diagnostic{Code: "NJ513", Message: fmt.Sprintf(
			"named-jail has no table of devices for %s; the jail gets none", o.goos()),
			Remedy: "Make with mknod what named asks for; /dev/null is the first candidate."})
	}
	if o.goos() == "freebsd" && !ownMount(files, o.Jail) {
		ds.Add(deadDevices(o.Jail))
	}
	return want, ds
}

// holds tells whether the row is for this named.
func (r deviceRow) holds(o LayoutOptions) bool {
	if r.before == (parser.Version{}) {
		return true
	}
	if o.NeedsBind8 {
		return false
	}
	return !o.Version.Known() || o.Version.Major >= 9 && o.Version.Before(r.before)
}

func missingDevice(r deviceRow, info Info, err error) parser.Diagnostic {
	d := parser.Diagnostic{Code: "NJ513", Message: fmt.Sprintf("%s is not a device on this host", r.path),
		Remedy: "Run apply again on the running system, where the device is there; until then the jail is without it."}
	if err == nil {
		d.Message = fmt.Sprintf("%s is %s on this host, not a device; the jail gets none", r.path, info.Kind)
	}
	return d
}

// ownMount tells whether JAIL/dev is a file system of its own.
func ownMount(files Files, jail string) bool {
	if jail == "" {
		return false
	}
	top, err := files.Stat(jail)
	if err != nil {
		return false
	}
	dev, err := files.Stat(path.Join(jail, "dev"))
	return err == nil && dev.Dev != top.Dev
}

// deadDevices says that FreeBSD serves devices from devfs only.
func deadDevices(jail string) parser.Diagnostic {
	if jail == "" {
		jail = "JAIL"
	}
	dev := path.Join(jail, "dev")
	return parser.Diagnostic{Code: "NJ513",
		Message: "on FreeBSD a device node outside devfs does not work; named runs without, but cannot use /dev/random and /dev/null in the jail",
		Remedy: fmt.Sprintf("Mount a devfs there: mount -t devfs devfs %s && devfs -m %s ruleset 1 && devfs -m %s rule applyset && "+
			"devfs -m %s rule apply path null unhide && devfs -m %s rule apply path random unhide", dev, dev, dev, dev, dev)}
}
