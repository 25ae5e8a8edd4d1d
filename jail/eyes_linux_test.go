package jail

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestEyes shows that the kernel's answer and the permission bits agree, and
// that the directory which bars the way is named.
func TestEyes(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: the test looks with another account's eyes")
	}
	top := t.TempDir()
	for _, d := range []string{"open", "shut/in", "grp", "own"} {
		if err := os.MkdirAll(filepath.Join(top, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	set := func(name string, mode os.FileMode, uid, gid int) {
		t.Helper()
		p := filepath.Join(top, name)
		if _, err := os.Lstat(p); err != nil {
			if err := os.WriteFile(p, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chown(p, uid, gid); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(p, mode); err != nil {
			t.Fatal(err)
		}
	}
	set("open/public", 0o644, 0, 0)
	set("open/secret", 0o600, 0, 0)
	set("open/mates", 0o640, 0, 4242)
	set("shut/in/file", 0o644, 0, 0)
	set("shut", 0o700, 0, 0)
	set("grp", 0o770, 0, 4242)
	set("own", 0o700, 12345, 0)
	for link, to := range map[string]string{"abs": "/open/public", "loop": "loop", "up": "../../../open/secret"} {
		if err := os.Symlink(to, filepath.Join(top, link)); err != nil {
			t.Fatal(err)
		}
	}
	h, err := OpenHost(top)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	who := Viewer{UID: 12345, GID: 12345, Groups: []int{12345, 4242}}
	for _, kernel := range []bool{true, false} {
		e := HostEyes(h, who)
		if e.kernel == nil {
			t.Fatal("the kernel is not asked")
		}
		if !kernel {
			e.kernel.close()
			e.kernel = nil
		}
		for _, c := range []struct {
			path, bits, barred, gone string
		}{
			{"/open/public", "r--", "", ""}, {"/open/secret", "---", "", ""}, {"/open/mates", "r--", "", ""},
			{"/shut/in/file", "---", "/shut", ""}, {"/shut", "---", "", ""}, {"/grp", "rwx", "", ""}, {"/own", "rwx", "", ""},
			{"/open", "r-x", "", ""}, {"/open/none", "---", "", "/open/none"}, {"/none/x", "---", "", "/none"},
			{"/abs", "r--", "", ""}, {"/loop", "---", "", "/loop"}, {"/up", "---", "", ""},
		} {
			s := e.See(c.path)
			bits := []byte("---")
			if s.Read {
				bits[0] = 'r'
			}
			if s.Write {
				bits[1] = 'w'
			}
			if s.Search {
				bits[2] = 'x'
			}
			if string(bits) != c.bits || s.Barred != c.barred || s.Gone != c.gone || s.Unknown {
				t.Errorf("kernel %v: %s: %s barred %q gone %q; want %+v", kernel, c.path, bits, s.Barred, s.Gone, c)
			}
		}
		e.Close()
	}
	// root without -u passes over nothing; an unknown account over everything
	for _, kernel := range []bool{true, false} {
		e := HostEyes(h, Viewer{Groups: []int{0}})
		if !kernel {
			e.kernel.close()
			e.kernel = nil
		}
		for name, want := range map[string]bool{"/own": false, "/open/secret": true, "/open": true} {
			if s := e.See(name); s.Write != want {
				t.Errorf("kernel %v: root may write %s: %v", kernel, name, s.Write)
			}
		}
		if s := e.See("/own/x"); s.Barred != "/own" {
			t.Errorf("kernel %v: root passes through /own: %+v", kernel, s)
		}
		e.Close()
	}
	able := HostEyes(h, Viewer{Able: true})
	if s := able.See("/own"); !s.Write || able.See("/own/x").Gone != "/own/x" {
		t.Errorf("an unknown account: %+v", s)
	}
	able.Close()
	if _, err := exec.LookPath("setfacl"); err == nil {
		if exec.Command("setfacl", "-m", "u:12345:r", filepath.Join(top, "open/secret")).Run() == nil {
			e := HostEyes(h, who)
			if !e.See("/open/secret").Read {
				t.Error("an access list is not seen")
			}
			e.Close()
		}
	}
}
