package jail

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// plants are what named, or root by mistake, can have left where named writes
// in a jail that is in use, before a command comes by.
var plants = map[string]func(w *world){
	"character device": func(w *world) { w.instead(mknodOf(unix.S_IFCHR, unix.Mkdev(1, 1))) },
	"block device":     func(w *world) { w.instead(mknodOf(unix.S_IFBLK, unix.Mkdev(7, 0))) },
	"odd names": func(w *world) {
		for _, name := range oddNames {
			for _, dir := range writtenDirs {
				w.file(testJail+dir+"/"+name, "x", 0o644, testUID, testGID)
			}
		}
	},
	"names of temporary files": func(w *world) {
		for i := range 20 {
			for _, dir := range writtenDirs {
				w.namedLink("/etc/secret", testJail+dir+"/"+tempPrefix+strconv.Itoa(i))
				w.namedLink("/etc/secret", testJail+dir+"/tmp-"+strconv.Itoa(1000000000+i))
			}
		}
	},
	"a manifest, a journal and a store": func(w *world) {
		for _, name := range []string{"manifest", "journal.json", "check.record", "lock"} {
			w.file(testJail+"/var/run/"+name, `{"kind":"rollback","run":"000001"}`, 0o600, 0, 0)
		}
		w.namedLink("/var/named/var/run", testJail+"/var/run/named-jail")
	},
	"journals and raw zones of nobody": func(w *world) {
		for _, p := range []string{"/zones/dynamic/db.dyn.jnl", "/zones/slave/db.sec.jnl", "/zones/slave/db.sec"} {
			w.file(testJail+p, ";BIND LOG V9.2\n\x00\xff\xff\xff\xff"+strings.Repeat("\xff", 300), 0o644, testUID, testGID)
		}
	},
	"numbers of other processes": func(w *world) {
		for _, p := range []string{"/var/run/named.pid", "/run/named/named.pid"} {
			w.file(testJail+p, "1\n", 0o644, testUID, testGID)
		}
	},
	"links in place of logs": func(w *world) {
		for _, p := range []string{"/var/run/named.run", "/var/run/named.stats", "/var/run/managed-keys.bind", "/run/named/session.key"} {
			os.Remove(w.os(testJail + p))
			w.namedLink("/etc/secret", testJail+p)
		}
	},
	"deep trees": func(w *world) {
		for _, dir := range writtenDirs {
			w.deepTree(testJail+dir, 200)
		}
	},
	"a crowd": func(w *world) {
		for _, dir := range writtenDirs {
			w.many(testJail+dir, 1000)
		}
	},
}

// tempPrefix begins the names of our own temporary files.
const tempPrefix = ".named-jail-"

// writtenDirs are those of the jail that named can write.
var writtenDirs = []string{"/zones/dynamic", "/zones/slave", "/var/run"}

func mknodOf(kind uint32, dev uint64) func(dir int, name, target string) error {
	return func(dir int, name, _ string) error { return unix.Mknodat(dir, name, kind|0o666, int(dev)) }
}

// instead puts something in the place of the zones that named writes.
func (w *world) instead(make func(dir int, name, target string) error, target ...string) {
	w.t.Helper()
	for _, p := range jailPlaces[:3] {
		os.Remove(w.os(p.dir + "/" + p.name))
		fd, err := unix.Open(w.os(p.dir), unix.O_RDONLY|unix.O_DIRECTORY, 0)
		w.must(err)
		if err := make(fd, p.name, strings.Join(target, "")); err != unix.EEXIST {
			w.must(err)
		}
		w.must(unix.Fchownat(fd, p.name, testUID, testGID, unix.AT_SYMLINK_NOFOLLOW))
		unix.Close(fd)
	}
}

// namedLink is a link of named's.
func (w *world) namedLink(target, p string) {
	w.t.Helper()
	w.link(target, p)
	w.must(os.Lchown(w.os(p), testUID, testGID))
}

// Plants names them: those of the table, and what the racer exchanges things for.
func Plants() []string {
	var names []string
	for name := range plants {
		names = append(names, name)
	}
	for _, k := range kinds {
		if racerKinds[k.kind] != nil {
			names = append(names, k.name)
		}
	}
	slices.Sort(names)
	return names
}

// Plant plants what goes by a name in a jail that is in use.
func (r RacedWorld) Plant(name string) {
	w := r.w
	if plant := plants[name]; plant != nil {
		plant(w)
		return
	}
	k := kinds[slices.IndexFunc(kinds, func(k struct{ name, kind, target string }) bool { return k.name == name })]
	target := k.target
	if rest, ok := strings.CutPrefix(target, "ROOT"); ok {
		target = w.os(rest)
	}
	switch k.kind {
	case "hard", "given": // of which the owner must stay
		for _, p := range jailPlaces[:3] {
			os.Remove(w.os(p.dir + "/" + p.name))
			w.must(os.Link(target, w.os(p.dir+"/"+p.name)))
		}
	default:
		w.instead(racerKinds[k.kind], target)
	}
}

// EvilInclude makes the configuration include a file of named's that names what
// named may not have, and sets up its exchange for one of root's.
func (r RacedWorld) EvilInclude() []Trap {
	w := r.w
	conf := w.read("/etc/bind/named.conf")
	w.file("/etc/bind/named.conf", conf+"include \"/var/lib/bind/more.conf\";\n", 0o644, 0, testGID)
	w.file("/var/lib/bind/more.conf", `tls t { cert-file "/etc/secret"; key-file "/etc/secret"; };
zone "h" { type slave; masters { 127.0.0.1; }; file "/etc/hidden"; masterfile-format text; };
zone "i" { type master; file "/srv/shared/notes"; allow-update { any; }; };
`, 0o644, testUID, testGID)
	t := Trap{Dir: w.os("/var/lib/bind"), Name: "more.conf", Kind: "given"}
	w.file("/var/lib/bind/"+t.spareName(), "// of root's\n", 0o644, 0, 0)
	return []Trap{t}
}
