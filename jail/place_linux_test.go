package jail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestCheckPlaceMounts(t *testing.T) {
	if !inOwnMounts(t) {
		return
	}
	top := t.TempDir()
	for name, c := range map[string]struct {
		flags uintptr
		place string
		exec  string
	}{
		"plain":    {0, "", ""},
		"readonly": {unix.MS_RDONLY, "NJ514 error the jail's file system is mounted read-only", ""},
		"nodev":    {unix.MS_NODEV, "NJ513 warning the jail's file system is mounted nodev", ""},
		"noexec":   {unix.MS_NOEXEC, "", "NJ513 warning the file system is mounted noexec"},
	} {
		at := filepath.Join(top, name)
		if err := os.Mkdir(at, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mount("tmpfs", at, "tmpfs", c.flags, "mode=755"); err != nil {
			t.Fatal(err)
		}
		defer unix.Unmount(at, unix.MNT_DETACH)
		for _, p := range []struct {
			root, jail string
		}{{"/", at + "/jail"}, {"/", at}, {top, "/" + name + "/not/yet"}} {
			place, exec := CheckPlace(p.root, p.jail), CheckExec(p.root, p.jail)
			if got := findings(place); !strings.HasPrefix(got, c.place) || (got == "") != (c.place == "") {
				t.Errorf("%s: %q", name, got)
			}
			if got := findings(exec); !strings.HasPrefix(got, c.exec) || (got == "") != (c.exec == "") {
				t.Errorf("%s: exec %q", name, got)
			}
			for _, d := range append(place, exec...) {
				if !strings.Contains(d.Remedy, at) {
					t.Errorf("%s: the mount point is not named: %q", name, d.Remedy)
				}
			}
		}
	}
}

// A system directory is recognised behind a bind mount too.
func TestCheckPlaceBehindABindMount(t *testing.T) {
	if !inOwnMounts(t) {
		return
	}
	at := filepath.Join(t.TempDir(), "jail")
	if err := os.Mkdir(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("/etc", at, "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount(at, unix.MNT_DETACH)
	if got := findings(CheckPlace("/", at)); !strings.Contains(got, "the same directory as /etc") {
		t.Errorf("%q", got)
	}
}

// Bound files of bind-chroot block, other mounts do not.
func TestVendorBoundFiles(t *testing.T) {
	if !inOwnMounts(t) {
		return
	}
	h := hostWith(t, map[string]string{
		"etc/named.conf":                  "x",
		"etc/named-chroot.files":          "# list\n/etc/named.conf\n/var/named\n",
		"var/named/chroot/etc/named.conf": "",
		"var/named/chroot/dev/log":        "",
		"var/named/chroot2/var/named/":    "",
	})
	bind := func(from, to string) {
		t.Helper()
		if err := unix.Mount(filepath.Join(h.Root(), from), filepath.Join(h.Root(), to), "", unix.MS_BIND, ""); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Unmount(filepath.Join(h.Root(), to), unix.MNT_DETACH) })
	}
	blocking := func() string { return findings(VendorDiagnostics(Vendor(h, h.Root(), "/var/named/chroot"))) }
	bind("etc/named.conf", "var/named/chroot/dev/log")
	bind("var/named", "var/named/chroot2/var/named")
	if got := blocking(); got != "" {
		t.Errorf("nothing of bind-chroot is mounted: %q", got)
	}
	bind("etc/named.conf", "var/named/chroot/etc/named.conf")
	if got := blocking(); !strings.Contains(got, "NJ501 error files of the host are bound into the jail now (1 mounts, the first is /var/named/chroot/etc/named.conf)") {
		t.Errorf("%q", got)
	}
}
