package jail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// placeCase is a jail below a root other than "/", and what is found there:
// the beginning of the only finding, "" for none.
type placeCase struct {
	jail string
	want string
}

func TestCheckPlace(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("this test needs root: it gives files away")
	}
	h := hostWith(t, map[string]string{
		"var/named/db.zone":       "x",
		"etc/bind/named.conf":     "x",
		"usr/":                    "",
		"proc/":                   "",
		"srv/file":                "x",
		"srv/link":                "-> named",
		"srv/named/":              "",
		"srv/links/abs":           "-> /var",
		"srv/links/rel":           "-> ../../var",
		"srv/links/usr":           "-> /usr",
		"srv/links/dangling":      "-> /var/none",
		"srv/links/loop":          "-> loop",
		"srv/hisown/":             "",
		"srv/group/jail/":         "",
		"srv/rootgroup/":          "",
		"srv/world/":              "",
		"srv/sticky/mine/":        "",
		"srv/sticky/his/":         "",
		"srv/redhat/chroot/":      "",
		"srv/hislink":             "-> /var",
		"srv/hisown/deep/named/":  "",
		"srv/existing/etc/x.conf": "x",
	})
	top := h.Root()
	change := func(name string, uid, gid int, mode os.FileMode) {
		at := filepath.Join(top, name)
		if err := os.Lchown(at, uid, gid); err != nil {
			t.Fatal(err)
		}
		if mode != 0 {
			if err := os.Chmod(at, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	change("srv/hisown", 65534, 0, 0o755)
	change("srv/group", 0, 65534, 0o775)
	change("srv/rootgroup", 0, 0, 0o775)
	change("srv/world", 0, 0, 0o777)
	change("srv/sticky", 0, 0, 0o777|os.ModeSticky)
	change("srv/sticky/his", 65534, 65534, 0o755)
	change("srv/redhat", 0, 65534, 0o770|os.ModeSticky)
	change("srv/hislink", 65534, 65534, 0)
	change("srv/existing", 65534, 65534, 0o777)

	belongs := "NJ501 error this directory belongs to the system"
	for _, c := range []placeCase{
		{"/var/named", ""},
		{"/var/named/", ""},
		{"/var/./named/../named", ""},
		{"/var/named/chroot", ""},
		{"/not/there/yet", ""},
		{"/srv/existing", ""}, // will be made root's
		{"/srv/links/abs/named", ""},
		{"/srv/links/rel/named", ""},
		{"/srv/links/abs/new", ""},
		{"/srv/rootgroup/jail", ""},
		{"/srv/sticky/mine/jail", ""},
		{"/srv/sticky/mine", ""},
		{"/srv/redhat/chroot", ""},
		{"var/named", "NJ501 error the jail's path must be absolute"},
		{"", "NJ501 error the jail's path must be absolute"},
		{"/", belongs}, {"//", belongs}, {"/var/..", belongs}, {"/../..", belongs}, {"/etc", belongs}, {"/usr/", belongs},
		{"/proc/named", belongs}, {"/run/named", belongs}, {"/dev/shm/named", belongs}, {"/tmp", belongs},
		{"/a\x1b[2J", "NJ501 error the jail's path holds control characters"},
		{"/" + strings.Repeat("a/", 600), "NJ501 error the jail's path is longer than"},
		{"/" + strings.Repeat("a", 300), "NJ501 error "},
		{"/srv/file", "NJ501 error the jail is a file, not a directory"},
		{"/srv/file/jail", "NJ501 error this is a file, not a directory; the jail cannot lie below it"},
		{"/srv/link", "NJ501 error the jail is a symbolic link"},
		{"/srv/link/", "NJ501 error the jail is a symbolic link"},
		{"/srv/links/dangling", "NJ501 error the jail is a symbolic link"},
		{"/srv/links/loop/jail", "NJ501 error too many symbolic links lead to the jail"},
		{"/srv/links/usr/lib", "NJ501 error this is /usr/lib, which belongs to the system"},
		{"/srv/hislink/named", "NJ501 error the symbolic link above the jail belongs to user 65534"},
		{"/srv/hisown/jail", "NJ501 error this directory above the jail belongs to user 65534"},
		{"/srv/hisown/deep/named", "NJ501 error this directory above the jail belongs to user 65534"},
		{"/srv/group/jail", "NJ501 error this directory above the jail can be written by group 65534"},
		{"/srv/world/jail", "NJ501 error this directory above the jail can be written by everybody"},
		{"/srv/sticky/new", "NJ501 error this directory does not exist yet, and everybody could make it first"},
		{"/srv/sticky/his", "NJ501 error this belongs to user 65534 and lies in a directory that everybody can write"},
		{"/srv/sticky/his/jail", "NJ501 error this belongs to user 65534"},
		{"/srv/redhat/new", "NJ501 error this directory does not exist yet, and group 65534 could make it first"},
	} {
		ds := CheckPlace(top, c.jail)
		got := findings(ds)
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) || c.want != "" && len(ds) != 1 {
			t.Errorf("%.60q: got %q, want %q", c.jail, got, c.want)
		}
		for _, d := range ds {
			if d.Remedy == "" {
				t.Errorf("%.60q: no remedy", c.jail)
			}
		}
	}
	if _, err := os.Lstat(filepath.Join(top, "not")); err == nil {
		t.Error("the check made a directory")
	}
	if ds := CheckPlace(filepath.Join(top, "none"), "/var/named"); len(ds) != 1 || ds[0].Code != "NJ501" {
		t.Errorf("missing root: %s", findings(ds))
	}
}

// The live system: "/" counts as a directory above the jail too, and /tmp is
// sticky.
func TestCheckPlaceLive(t *testing.T) {
	if ds := CheckPlace("/", "/var/named-that-is-not-there"); len(ds) != 0 {
		t.Errorf("%s", findings(ds))
	}
	if ds := CheckPlace("", filepath.Join(t.TempDir(), "jail")); len(ds) != 0 {
		t.Errorf("%s", findings(ds))
	}
	if ds := CheckPlace("/", "/tmp/named-jail-that-is-not-there"); ds.Errors() != 1 {
		t.Errorf("%s", findings(ds))
	}
}
