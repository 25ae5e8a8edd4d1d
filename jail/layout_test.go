package jail

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"named-jail/parser"
	"named-jail/rewrite"
)

var kindLetters = map[rewrite.Kind]string{rewrite.Directory: "d", rewrite.File: "f", rewrite.Device: "n", rewrite.Symlink: "l"}

// listing writes entries one per line: kind, path, owner:group, mode, what is
// behind it. The principals are those of rewrite in order.
func listing(want []rewrite.Wanted) string {
	who := []string{"root", "daemon", "user", "source"}
	var b strings.Builder
	for _, w := range want {
		fmt.Fprintf(&b, "%s %s %s:%s %04o", kindLetters[w.Kind], w.Path, who[w.Owner], who[w.Group], uint32(w.Mode))
		switch {
		case w.Kind == rewrite.Symlink:
			b.WriteString(" -> " + w.Target)
		case w.Kind == rewrite.File:
			b.WriteString(" < " + w.Source)
		}
		b.WriteString("\n")
	}
	return b.String()
}

const articleTree = `d / root:daemon 0511
d /dev root:daemon 0111
d /etc root:daemon 0111
d /var root:daemon 0111
d /var/run user:user 0700
d /zones root:daemon 0111
d /zones/dynamic user:user 0700
d /zones/master root:daemon 0111
d /zones/slave user:user 0700
`

func TestLayoutIsTheArticles(t *testing.T) {
	h := hostWith(t, nil)
	want, ds := Layout(h, LayoutOptions{GOOS: "linux", Version: parser.V(9, 18, 49)})
	if got := listing(want); got != articleTree {
		t.Errorf("got\n%s", got)
	}
	if got := findings(ds); got != "NJ513 warning /dev/null is not a device on this host" {
		t.Errorf("%s", got)
	}
	for _, w := range want {
		if w.Reason == "" || w.Class != rewrite.ClassTree {
			t.Errorf("%+v", w)
		}
	}
}

func TestLocaltime(t *testing.T) {
	zone := "TZif2"
	file := "f /etc/localtime root:root 0444 < /etc/localtime\n"
	for name, c := range map[string]struct {
		tree map[string]string
		want string
	}{
		"none":    {nil, ""},
		"regular": {map[string]string{"etc/localtime": zone}, file},
		"absolute": {map[string]string{"etc/localtime": "-> /usr/share/zoneinfo/Etc/UTC", "usr/share/zoneinfo/Etc/UTC": zone},
			"f /usr/share/zoneinfo/Etc/UTC root:root 0444 < /usr/share/zoneinfo/Etc/UTC\nl /etc/localtime root:root 0777 -> /usr/share/zoneinfo/Etc/UTC\n"},
		"relative": {map[string]string{"etc/localtime": "-> ../usr/share/zoneinfo/UTC", "usr/share/zoneinfo/UTC": zone},
			"f /usr/share/zoneinfo/UTC root:root 0444 < /usr/share/zoneinfo/UTC\nl /etc/localtime root:root 0777 -> ../usr/share/zoneinfo/UTC\n"},
		"chain": {map[string]string{"etc/localtime": "-> /usr/share/zoneinfo/Zulu", "usr/share/zoneinfo/Zulu": "-> Etc/UTC", "usr/share/zoneinfo/Etc/UTC": zone},
			"f /usr/share/zoneinfo/Zulu root:root 0444 < /usr/share/zoneinfo/Etc/UTC\nl /etc/localtime root:root 0777 -> /usr/share/zoneinfo/Zulu\n"},
		"beside":    {map[string]string{"etc/localtime": "-> zone", "etc/zone": zone}, "f /etc/zone root:root 0444 < /etc/zone\nl /etc/localtime root:root 0777 -> zone\n"},
		"dangling":  {map[string]string{"etc/localtime": "-> /nowhere/UTC"}, ""},
		"loop":      {map[string]string{"etc/localtime": "-> localtime"}, ""},
		"directory": {map[string]string{"etc/localtime": "-> /usr/share", "usr/share/": ""}, ""},
		"at top":    {map[string]string{"etc/localtime": "-> /zones", "zones": zone}, file},
	} {
		if got := listing(localtime(hostWith(t, c.tree))); got != c.want {
			t.Errorf("%s:\ngot\n%swant\n%s", name, got, c.want)
		}
	}
}

func TestLayoutTables(t *testing.T) {
	h := hostWith(t, map[string]string{"etc/services": "smtp 25/tcp\n", "etc/protocols": "tcp 6 TCP\n", "etc/netconfig": "udp\n"})
	files := func(o LayoutOptions) string {
		want, _ := Layout(h, o)
		return strings.TrimPrefix(listing(want), articleTree)
	}
	tables := "f /etc/protocols root:root 0444 < /etc/protocols\nf /etc/services root:root 0444 < /etc/services\n"
	for _, c := range []struct {
		o    LayoutOptions
		want string
	}{
		{LayoutOptions{GOOS: "linux"}, ""},
		{LayoutOptions{GOOS: "linux", Services: true}, tables},
		{LayoutOptions{GOOS: "linux", NeedsBind8: true}, tables},
		{LayoutOptions{GOOS: "solaris"}, "f /etc/netconfig root:root 0444 < /etc/netconfig\n"},
		{LayoutOptions{GOOS: "illumos"}, "f /etc/netconfig root:root 0444 < /etc/netconfig\n"},
	} {
		if got := files(c.o); got != c.want {
			t.Errorf("%+v:\n%s", c.o, got)
		}
	}
	if _, ds := Layout(h, LayoutOptions{GOOS: "linux", NeedsBind8: true}); !strings.Contains(findings(ds), "named-xfer") {
		t.Errorf("nothing about the missing named-xfer: %s", findings(ds))
	}
}

func TestLayoutBind8Program(t *testing.T) {
	h := liveHost(t)
	want, ds := Layout(h, LayoutOptions{NeedsBind8: true, NamedXfer: "/usr/bin/dig"})
	if ds.Errors() != 0 {
		t.Fatal(findings(ds))
	}
	got := listing(want)
	if !strings.Contains(got, "f /usr/bin/dig root:daemon 0111 < /usr/bin/dig\n") || !strings.Contains(got, "/libc.so.6 root:daemon 0555") {
		t.Errorf("%s", got)
	}
	places := map[rewrite.JailPath]bool{}
	for _, w := range want {
		if places[w.Path] {
			t.Errorf("%s is wanted twice", w.Path)
		}
		places[w.Path] = true
	}
}

// The numbers are those that stat(1) reads.
func TestDevicesHaveTheHostsNumbers(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("stat(1) has other flags here")
	}
	want, ds := Devices(liveHost(t), LayoutOptions{Version: parser.V(9, 11, 0)})
	if len(ds) != 0 || len(want) != 3 {
		t.Fatalf("%s\n%s", listing(want), findings(ds))
	}
	for _, w := range want {
		out, err := exec.Command("stat", "-L", "-c", "%t %T", w.Source).Output()
		if got := fmt.Sprintf("%x %x\n", w.Major, w.Minor); err != nil || got != string(out) || !w.Char {
			t.Errorf("%s: %q, stat says %q (%v)", w.Source, got, out, err)
		}
	}
	if got := listing(want[:1]); got != "n /dev/null root:source 0666\n" {
		t.Errorf("%s", got)
	}
}

func TestDevicesByVersion(t *testing.T) {
	h := liveHost(t)
	for _, c := range []struct {
		o    LayoutOptions
		want int
	}{
		{LayoutOptions{GOOS: "linux", Version: parser.V(9, 18, 49)}, 1},
		{LayoutOptions{GOOS: "linux", Version: parser.V(9, 13, 2)}, 3},
		{LayoutOptions{GOOS: "linux"}, 3},
		{LayoutOptions{GOOS: "linux", Version: parser.V(8, 3, 0), NeedsBind8: true}, 1},
		{LayoutOptions{GOOS: "netbsd", Version: parser.V(9, 18, 49)}, 2},
		{LayoutOptions{GOOS: "openbsd", Version: parser.V(9, 18, 49)}, 1},
	} {
		if want, ds := Devices(h, c.o); len(want) != c.want || len(ds) != 0 {
			t.Errorf("%+v: %s%s", c.o, listing(want), findings(ds))
		}
	}
}

func TestDeviceFindings(t *testing.T) {
	h := hostWith(t, map[string]string{"dev/null": "a file by mistake", "var/named/dev/": ""})
	for goos, want := range map[string]string{
		"linux":   "NJ513 warning /dev/null is a file on this host, not a device; the jail gets none",
		"freebsd": "on FreeBSD a device node outside devfs does not work",
		"plan9":   "NJ513 warning named-jail has no table of devices for plan9; the jail gets none",
	} {
		nodes, ds := Devices(h, LayoutOptions{GOOS: goos, Version: parser.V(9, 18, 0), Jail: "/var/named"})
		if len(nodes) != 0 || !strings.Contains(findings(ds), want) || ds.Errors() != 0 {
			t.Errorf("%s: %s", goos, findings(ds))
		}
	}
}
