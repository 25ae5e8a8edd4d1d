package jail

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWindows(t *testing.T) {
	systemd := map[string]string{"run/systemd/system/": "", "run/systemd/journal/": "", "dev/log": "-> /run/systemd/journal/dev-log"}
	const notify = "/run/systemd/notify at /run/systemd"
	const journal = "/run/systemd/journal/dev-log at /dev/syslog as /dev/log"
	for name, c := range map[string]struct {
		tree   map[string]string
		notify string
		goos   string
		want   []string
	}{
		"nothing":           {nil, "", "linux", nil},
		"systemd":           {systemd, "", "linux", []string{notify, journal}},
		"another system":    {systemd, "/run/x/notify", "freebsd", nil},
		"another manager":   {nil, "/run/x/notify.sock", "linux", []string{"/run/x/notify.sock at /run/x"}},
		"abstract":          {systemd, "@notify", "linux", []string{journal}},
		"no directory":      {nil, "/notify", "linux", nil},
		"syslogd in /dev":   {map[string]string{"dev/log": "a file in the place of the socket"}, "", "linux", []string{"/dev/log at /dev/syslog as /dev/log"}},
		"a chain":           {map[string]string{"dev/log": "-> ../run/a", "run/a": "-> /run/b/log", "run/b/": ""}, "", "linux", []string{"/run/b/log at /dev/syslog as /dev/log"}},
		"a loop":            {map[string]string{"dev/log": "-> log"}, "", "linux", nil},
		"at the very top":   {map[string]string{"dev/log": "-> /log"}, "", "linux", nil},
		"a socket in place": {map[string]string{"dev/log": "-> /run/b/log", "jail/dev/": ""}, "", "linux", nil},
	} {
		h := hostWith(t, c.tree)
		o := LayoutOptions{GOOS: c.goos, Notify: c.notify, Jail: "/jail"}
		if name == "a socket in place" {
			if err := unix.Mknod(h.OSPath("/jail/dev/log"), unix.S_IFSOCK|0o666, 0); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, w := range Windows(h, o) {
			text := fmt.Sprintf("%s/%s at %s", w.Dir, w.Name, w.Point)
			if w.Link != "" {
				text += " as " + string(w.Link)
			}
			got = append(got, text)
		}
		if strings.Join(got, "; ") != strings.Join(c.want, "; ") {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	want := "d /run root:daemon 0111\nd /run/systemd root:daemon 0111\nd /dev root:daemon 0111\nd /dev/syslog root:daemon 0111\n" +
		"l /dev/log root:root 0777 -> /dev/syslog/dev-log\n"
	if got := listing(windowWants(Windows(hostWith(t, systemd), LayoutOptions{GOOS: "linux"}))); got != want {
		t.Errorf("got\n%s", got)
	}
}
