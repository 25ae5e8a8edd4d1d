package jail

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestJails(t *testing.T) {
	root := t.TempDir()
	h, err := OpenHost(root)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if list := Jails(h); len(list) != 0 {
		t.Errorf("a system without a store: %v", list)
	}
	want := []string{"/srv/a-b/50%", "/srv/na med", "/var/named"}
	names := []string{storeName("/" + strings.Repeat("long/", 60)), "no%zz", "cut%2", "%2F"}
	for _, p := range want {
		names = append(names, storeName(p))
	}
	for _, name := range names {
		if err := os.MkdirAll(filepath.Join(root, storeDir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if got := Jails(h); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAccountLists(t *testing.T) {
	root := t.TempDir()
	h, err := OpenHost(root)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if len(Accounts(h)) != 0 || len(GroupNames(h)) != 0 {
		t.Error("accounts of a system without any")
	}
	if err := os.MkdirAll(root+"/etc", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"passwd": "root:x:0:0::/:/bin/sh\n+nis\nnamed:*:53:54::/:\nbad:x:y:0\n",
		"group":  "root:x:0:\nnamed:x:54:\nbad\n",
	} {
		if err := os.WriteFile(root+"/etc/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if list := Accounts(h); len(list) != 2 || list[1].Name != "named" || list[1].UID != 53 {
		t.Errorf("accounts: %+v", list)
	}
	if list := GroupNames(h); !slices.Equal(list, []string{"root", "named"}) {
		t.Errorf("groups: %q", list)
	}
}
