package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// Random installs go through the whole life of a jail as processes of their
// own, on a small system in memory: apply, changes by the administrator and by
// named, apply, rollback.

// randomTime bounds the test; with all points asked for it is longer.
const randomTime = 25 * time.Second

// The account of the random installs, see unpacker.account.
const randomNamed = 525

func TestRandomInstalls(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("this test needs root: run it with sudo")
	}
	if os.Getenv("NAMED_JAIL_SKIP_LIVE") != "" {
		t.Skip("NAMED_JAIL_SKIP_LIVE is set")
	}
	limit := randomTime
	checks := "300"
	if os.Getenv(crashPoints) == "all" {
		limit, checks = 10*time.Minute, "5000"
	}
	for name, value := range map[string]string{"rapid.checks": checks, "rapid.nofailfile": "true"} {
		if flag.Lookup(name).Value.String() == flag.Lookup(name).DefValue {
			if err := flag.Set(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	in := liveInstall{name: "a", user: "named", conf: "/etc/named.conf", jail: "/var/named", dropIn: []string{"-t", "/var/named", "-u", "named", "-c", "/etc/named.conf"}}
	i := crashInstall{in, buildCrashBinaries(t)}
	base := i.template(t)
	for p := range base {
		if strings.HasPrefix(p, "/etc/") && p != "/etc/passwd" && p != "/etc/group" && p != "/etc/shadow" {
			delete(base, p)
		}
	}
	// Rapid must stay in the test's own goroutine, the mounts in a thread's.
	work, ready := make(chan func(*crashWorker)), make(chan error)
	root := t.TempDir()
	go func() {
		ready <- i.inWorker(root, func(w *crashWorker) error {
			for do := range work {
				do(w)
			}
			return nil
		})
	}()
	var tried, refused int
	failed := false
	begin := time.Now()
	rapid.Check(t, func(rt *rapid.T) {
		if time.Since(begin) > limit && !failed {
			return // a failure is made smaller without hurry
		}
		r := drawInstall(rt, base)
		changes := rapid.SliceOfN(rapid.IntRange(0, 1000), 0, 5).Draw(rt, "changes")
		done := make(chan string)
		select {
		case work <- func(w *crashWorker) {
			l := life{w: w, r: r, want: r.tree.clone(), loose: map[string]bool{}}
			done <- l.live(changes)
			if l.refused {
				refused++
			}
		}:
		case err := <-ready:
			t.Fatal(err)
		}
		tried++
		if wrong := <-done; wrong != "" {
			failed = true
			rt.Fatalf("%s\n\nthe configuration:\n%s", wrong, r.text())
		}
	})
	close(work)
	t.Logf("%d installs in %v, of which %d were refused, and left as they were", tried, time.Since(begin).Round(time.Second), refused)
	if tried == 0 || refused > tried/4 {
		t.Errorf("too many installs were refused for the test to say much")
	}
}

// randomZone is a zone of a random install.
type randomZone struct {
	name, kind string
	file       string // as it is written, "" for none
	path       string // the file's, absolute, links not followed
	real       string // where the bytes lie
	included   bool   // the zone file has a $INCLUDE
}

// randomInstall is a small system with a configuration.
type randomInstall struct {
	tree      crashTree
	directory string
	zones     []randomZone
	confs     []string // its files
}

func (r *randomInstall) text() string {
	text := ""
	for _, c := range r.confs {
		text += "-- " + c + "\n" + string(r.tree[c].text)
	}
	for _, p := range r.tree.paths() {
		if !strings.HasPrefix(p, "/dev") {
			text += p + " " + r.tree[p].line() + "\n"
		}
	}
	return text
}

// randomDirs are where files lie.
var randomDirs = []string{"/etc/namedb", "/etc/namedb/sub", "/etc/bind", "/var/lib/bind", "/var/cache/bind", "/srv/dns data"}

// randomBases are names of zone files; %d is the zone's number.
var randomBases = []string{"db.z%d", "z%d.zone", "db with blank %d", "db;semicolon.%d", "Db.Z%d", "db.same", "DB.SAME", "zöne-%d.db", "-z%d", "z%d", "db#%d"}

// statement writes a zone; the block's parts are drawn.
var randomBlocks = map[string]string{
	"static":      `type primary; %s`,
	"dynamic":     `type primary; %s allow-update { 127.0.0.1; };`,
	"local":       `type master; %s update-policy local;`,
	"secondary":   `type secondary; primaries { 127.0.0.2; }; %s`,
	"stub":        `type stub; masters { 127.0.0.2 port 5399; }; %s`,
	"mirror":      `type mirror; primaries { 127.0.0.2; }; %s`,
	"forward":     `type forward; forwarders { 127.0.0.2; };`,
	"static-stub": `type static-stub; server-addresses { 127.0.0.2; };`,
	"empty":       `type secondary; primaries { 127.0.0.2; };`,
}

func (z randomZone) isStatic() bool  { return z.kind == "static" || z.kind == "hint" }
func (z randomZone) isDynamic() bool { return z.kind == "dynamic" || z.kind == "local" }
func (z randomZone) isCopy() bool {
	return z.kind == "secondary" || z.kind == "stub" || z.kind == "mirror"
}

// drawInstall makes an install.
func drawInstall(rt *rapid.T, base crashTree) *randomInstall {
	r := &randomInstall{tree: base.clone()}
	for _, d := range randomDirs {
		r.dir(d)
		owned := rapid.SampledFrom([][3]uint32{{0o755, 0, 0}, {0o775, 0, randomNamed}, {0o2755, 0, randomNamed}, {0o755, randomNamed, randomNamed}, {0o750, 0, randomNamed}}).Draw(rt, "directory")
		e := *r.tree[d]
		e.st.Mode, e.st.Uid, e.st.Gid = unix.S_IFDIR|owned[0], owned[1], owned[2]
		r.tree[d] = &e
	}
	r.dir("/run/named")
	r.directory = rapid.SampledFrom(randomDirs).Draw(rt, "directory of options")
	n := rapid.IntRange(1, 7).Draw(rt, "zones")
	for i := range n {
		r.drawZone(rt, i)
	}
	r.drawConfig(rt)
	for n, p := range r.tree.paths() {
		e := *r.tree[p]
		e.st.Mtim = unix.Timespec{Sec: 1_000_000_000 + int64(n), Nsec: 987654321}
		r.tree[p] = &e
	}
	return r
}

// dir makes a directory and those above it.
func (r *randomInstall) dir(p string) {
	if r.tree[p] != nil {
		return
	}
	r.dir(path.Dir(p))
	r.tree[p] = &crashEntry{st: unix.Stat_t{Mode: unix.S_IFDIR | 0o755}}
}

func (r *randomInstall) file(p, text string, mode, uid, gid uint32) {
	r.dir(path.Dir(p))
	r.tree[p] = &crashEntry{text: []byte(text), st: unix.Stat_t{Mode: unix.S_IFREG | mode, Uid: uid, Gid: gid}}
}

func zoneText(i int, more string) string {
	return fmt.Sprintf("$TTL 300\n@ SOA ns hostmaster %d 60 60 86400 60\n@ NS ns\nns A 192.0.2.%d\n%s", i+1, i+1, more)
}

// drawZone adds a zone and its files.
func (r *randomInstall) drawZone(rt *rapid.T, i int) {
	kinds := []string{"static", "static", "dynamic", "local", "secondary", "stub", "mirror", "forward", "static-stub", "empty"}
	z := randomZone{name: fmt.Sprintf("z%d.example", i), kind: rapid.SampledFrom(kinds).Draw(rt, "kind")}
	if i == 0 && rapid.Bool().Draw(rt, "hint") {
		z.name, z.kind = ".", "hint"
	}
	if z.isStatic() || z.isDynamic() || z.isCopy() {
		base := rapid.SampledFrom(randomBases).Draw(rt, "name")
		if strings.Contains(base, "%") {
			base = fmt.Sprintf(base, i)
		}
		z.path = path.Join(rapid.SampledFrom(randomDirs).Draw(rt, "place"), base)
		for _, other := range r.zones { // named compares without case
			if strings.EqualFold(other.path, z.path) {
				z.path += fmt.Sprintf(".%d", i)
			}
		}
		z.file = z.path
		if rest, ok := strings.CutPrefix(z.path, r.directory+"/"); ok && rapid.Bool().Draw(rt, "relative") {
			z.file = rest
		}
		z.real = z.path
		r.drawFile(rt, &z, i)
	}
	r.zones = append(r.zones, z)
}

// drawFile makes the file of a zone.
func (r *randomInstall) drawFile(rt *rapid.T, z *randomZone, i int) {
	if z.isCopy() && rapid.Bool().Draw(rt, "not transferred yet") {
		return
	}
	if !z.isCopy() && rapid.IntRange(0, 6).Draw(rt, "link") == 0 {
		z.real = fmt.Sprintf("/srv/elsewhere/real.%d", i)
		target := z.real
		if rapid.Bool().Draw(rt, "relative link") {
			up := strings.Count(path.Dir(z.path), "/")
			target = strings.Repeat("../", up) + z.real[1:]
		}
		r.tree[z.path] = &crashEntry{target: target, st: unix.Stat_t{Mode: unix.S_IFLNK | 0o777}}
	}
	text, more := "", rapid.SampledFrom([]string{"", "www A 192.0.2.9\n", "; a comment\n", "long TXT \"" + strings.Repeat("x", 200) + "\"\n"}).Draw(rt, "records")
	if z.kind == "static" && rapid.IntRange(0, 5).Draw(rt, "include") == 0 {
		inc := fmt.Sprintf("%s/inc.%d", rapid.SampledFrom(randomDirs).Draw(rt, "place of the include"), i)
		r.file(inc, "inner A 192.0.2.77\n", 0o644, 0, 0)
		more += fmt.Sprintf("$INCLUDE \"%s\"\n", inc)
		z.included = true
	}
	if text = zoneText(i, more); z.kind == "hint" {
		text = "; the root\n. 3600000 NS ns.root.test.\nns.root.test. 3600000 A 192.0.2.99\n"
	}
	if z.isStatic() {
		mode := rapid.SampledFrom([]uint32{0o644, 0o640, 0o664, 0o444}).Draw(rt, "mode")
		gid := rapid.SampledFrom([]uint32{0, randomNamed}).Draw(rt, "group")
		if mode == 0o640 {
			gid = randomNamed
		}
		r.file(z.real, text, mode, 0, gid)
	} else {
		r.file(z.real, text, rapid.SampledFrom([]uint32{0o644, 0o640, 0o600, 0o660}).Draw(rt, "mode"), randomNamed, randomNamed)
		if z.isDynamic() && rapid.Bool().Draw(rt, "journal") {
			r.file(z.path+".jnl", string(emptyJournal(i)), 0o644, randomNamed, randomNamed)
		}
	}
	if rapid.IntRange(0, 2).Draw(rt, "attribute") == 0 {
		r.tree[z.real].attrs = map[string]string{"user.test": rapid.StringN(1, 20, 60).Draw(rt, "value")}
	}
}

// drawConfig writes the configuration.
func (r *randomInstall) drawConfig(rt *rapid.T) {
	eol := rapid.SampledFrom([]string{"\n", "\n", "\r\n"}).Draw(rt, "end of line")
	main := "// the configuration" + eol + fmt.Sprintf("options { directory %q; dnssec-validation no; ", r.directory)
	for _, s := range []string{`pid-file "/run/named/named.pid";`, `dump-file "dump.db";`, `version none;`, `/* nothing */`, `statistics-file "/var/cache/bind/named.stats";`} {
		if rapid.Bool().Draw(rt, s) {
			main += s + eol
		}
	}
	main += "};" + eol
	view := rapid.IntRange(0, 3).Draw(rt, "view") == 0
	if view {
		main += "view one { match-clients { any; };" + eol
	}
	conf := "/etc/named.conf"
	included, globbed := "", 0
	for _, z := range r.zones {
		block := `type hint; %s`
		if z.kind != "hint" {
			block = randomBlocks[z.kind]
		}
		if strings.Contains(block, "%s") {
			block = fmt.Sprintf(block, fmt.Sprintf("file \"%s\";", z.file))
		}
		text := fmt.Sprintf("zone \"%s\" { %s };%s", z.name, block, eol)
		switch rapid.SampledFrom([]string{"main", "main", "include", "glob"}).Draw(rt, "where") {
		case "include":
			included += text
		case "glob":
			globbed++
			name := fmt.Sprintf("/etc/zones.d/%d.conf", globbed)
			r.file(name, text, 0o644, 0, 0)
			r.confs = append(r.confs, name)
		default:
			main += text
		}
	}
	if included != "" {
		name := r.directory + "/more.conf"
		written := rapid.SampledFrom([]string{name, "more.conf"}).Draw(rt, "include's name")
		mode := rapid.SampledFrom([]uint32{0o644, 0o640}).Draw(rt, "include's mode")
		r.file(name, included, mode, 0, randomNamed)
		r.confs = append(r.confs, name)
		main += fmt.Sprintf("include \"%s\";", written) + eol
	}
	if globbed > 0 {
		main += `include "/etc/zones.d/*.conf";` + eol
	}
	if view {
		main += "};" + eol
	}
	r.file(conf, main, rapid.SampledFrom([]uint32{0o644, 0o640}).Draw(rt, "mode of named.conf"), 0, randomNamed)
	r.confs = append(r.confs, conf)
}

// life is one install on its way.
type life struct {
	w       *crashWorker
	r       *randomInstall
	want    crashTree       // what a rollback has to bring back
	loose   map[string]bool // files that get owner and mode of named's account
	dirs    []string        // directories in which something is new
	said    string
	refused bool
}

// must runs a command that has to end with a status.
func (l *life) must(status int, command ...string) string {
	o, err := l.w.run(fault{}, command)
	l.said += fmt.Sprintf("%v: %v\n", command, o)
	if err != nil {
		return err.Error()
	}
	if o.status != status {
		return fmt.Sprintf("%v ended with status %d, not %d\n%s", command, o.status, status, l.said)
	}
	return ""
}

func (l *life) checkconf(args ...string) string {
	if out, err := exec.Command("named-checkconf", args...).CombinedOutput(); err != nil {
		return fmt.Sprintf("named-checkconf %v: %v\n%s\n%s", args, err, out, l.said)
	}
	return ""
}

// live takes an install through its life and tells what went wrong.
func (l *life) live(changes []int) string {
	w, root := l.w, l.w.root
	if err := l.r.tree.plant(root); err != nil {
		return err.Error()
	}
	if wrong := l.checkconf("-t", root, "/etc/named.conf"); wrong != "" {
		return "the install itself: " + wrong
	}
	apply := append([]string{"apply"}, w.in.dropIn...)
	bare, _ := w.starts()
	if wrong := l.must(0, apply...); wrong != "" {
		now, err := readTree(root)
		if err != nil {
			return err.Error()
		}
		if d := compareTrees(l.r.tree, now, nil); d != "" || !strings.Contains(wrong, "error:") {
			return "refused, and not left as it was:\n" + d + "\n" + wrong
		}
		l.refused = true
		return ""
	}
	if wrong := l.sound(); wrong != "" {
		return wrong
	}
	both, _ := w.starts()
	if wrong := l.sameZones(bare, both); wrong != "" {
		return wrong
	}
	for n, c := range changes {
		if err := l.change(n, c); err != nil {
			return err.Error()
		}
	}
	if wrong := l.must(0, apply...); wrong != "" {
		return "after changes: " + wrong
	}
	if wrong := l.sound(); wrong != "" {
		return wrong
	}
	if wrong := l.must(0, "rollback", "-t", w.in.jail); wrong != "" {
		return wrong
	}
	now, err := readTree(root)
	if err != nil {
		return err.Error()
	}
	for p := range l.loose { // the account's, with a mode that is ours to choose
		if w, g := l.want[p], now[p]; w != nil && g != nil {
			if g.st.Uid != randomNamed || g.st.Mode&0o137 != 0 && g.st.Mode&0o7777 != 0o644 {
				return fmt.Sprintf("%s was carried back as %s", p, g.line())
			}
			e := *w
			e.st.Mode, e.st.Uid, e.st.Gid = g.st.Mode, g.st.Uid, g.st.Gid
			l.want[p] = &e
		}
	}
	for _, p := range l.dirs {
		if w, g := l.want[p], now[p]; w != nil && g != nil {
			e := *w
			e.st.Mtim = g.st.Mtim
			l.want[p] = &e
		}
	}
	if d := compareTrees(l.want, now, func(p string) bool { return inStore(p) || p == "/var/lib" }); d != "" {
		return "after rollback:\n" + d + "\n" + l.said
	}
	return ""
}

// sound shows that nothing is left to do and that named takes the jail's
// configuration.
func (l *life) sound() string {
	if wrong := l.must(0, append([]string{"plan", "--exit-code"}, l.w.in.dropIn...)...); wrong != "" {
		return "the plan after apply is not empty: " + wrong
	}
	return l.checkconf("-t", l.w.root+l.w.in.jail, "/etc/named.conf")
}

var digestLine = regexp.MustCompile(`(?m)^named: ([0-9a-f]{64}) `)

// sameZones compares what named finds without a jail before and in the jail
// after apply. A zone file with a $INCLUDE is rewritten: its bytes differ, and
// it is not read without the jail any more.
func (l *life) sameZones(bare, both string) string {
	before := digestLine.FindAllString(bare, -1)
	host, jailed, _ := strings.Cut(both, "-t "+l.w.in.jail)
	included := slices.ContainsFunc(l.r.zones, func(z randomZone) bool { return z.included })
	for _, text := range []string{host, jailed} {
		after := digestLine.FindAllString(text, -1)
		switch {
		case included && (text == host || len(after) == len(before)):
		case !slices.Equal(before, after):
			return fmt.Sprintf("named finds something else than before:\n%s\nnow:\n%s\n%s", bare, both, l.said)
		}
	}
	return ""
}

// inJail finds a zone's file in the jail's configuration.
func (l *life) inJail(z randomZone) (string, error) {
	var found string
	pattern := regexp.MustCompile(`zone "` + regexp.QuoteMeta(z.name) + `" \{[^}]*?(?:\{[^}]*\};[^}]*?)?file "([^"]*)"`)
	err := filepath.WalkDir(l.w.root+l.w.in.jail, func(p string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(p, ".conf") {
			text, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			if m := pattern.FindSubmatch(text); m != nil {
				found = string(m[1])
			}
		}
		return err
	})
	if err == nil && !strings.HasPrefix(found, "/zones/") {
		err = fmt.Errorf("%s has the file %q in the jail", z.name, found)
	}
	return l.w.in.jail + found, err
}

// put replaces a file of the running system and of a tree in one step, as
// editors and named do.
func (l *life) put(p string, e *crashEntry) error {
	temp := l.w.root + p + ".tmp"
	if err := e.make(temp); err != nil {
		return err
	}
	times := []unix.Timespec{e.st.Mtim, e.st.Mtim}
	if err := unix.UtimesNanoAt(unix.AT_FDCWD, temp, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	return os.Rename(temp, l.w.root+p)
}

// change does one thing that an administrator or named does.
func (l *life) change(n, c int) error {
	z := l.r.zones[c%len(l.r.zones)]
	when := unix.Timespec{Sec: 1_300_000_000 + int64(n), Nsec: 77}
	owner := unix.Stat_t{Mode: unix.S_IFREG | 0o644, Uid: randomNamed, Gid: randomNamed, Mtim: when}
	switch kind := c / 10 % 5; {
	case kind == 0: // the administrator adds a comment
		conf := l.r.confs[c%len(l.r.confs)]
		e := *l.want[conf]
		e.text, e.st.Mtim = append(slices.Clone(e.text), fmt.Sprintf("// change %d\r\n", n)...), when
		l.want[conf] = &e
		l.dirs = append(l.dirs, path.Dir(conf))
		return l.put(conf, &e)
	case kind == 1: // or another file
		p := path.Join(randomDirs[c%len(randomDirs)], fmt.Sprintf("notes.%d", n))
		e := &crashEntry{text: []byte("notes\n"), st: unix.Stat_t{Mode: unix.S_IFREG | 0o600, Mtim: when}}
		l.want[p] = e
		l.dirs = append(l.dirs, path.Dir(p))
		return l.put(p, e)
	case z.isStatic(): // or replaces a zone file
		e := *l.want[z.real]
		e.text, e.st.Mtim, e.attrs = append(slices.Clone(e.text), fmt.Sprintf("; change %d\n", n)...), when, nil
		l.want[z.real] = &e
		l.dirs = append(l.dirs, path.Dir(z.real))
		return l.put(z.real, &e)
	case z.isDynamic():
		inJail, err := l.inJail(z)
		if err != nil {
			return err
		}
		if kind == 2 { // named writes its journal
			p := z.path + ".jnl"
			e := &crashEntry{text: emptyJournal(100 + n), st: owner}
			if old := l.want[p]; old != nil && !l.loose[p] {
				e.st.Mode, e.st.Uid, e.st.Gid, e.attrs = old.st.Mode, old.st.Uid, old.st.Gid, old.attrs
			} else {
				l.loose[p] = true
			}
			l.want[p] = e
			l.dirs = append(l.dirs, path.Dir(p))
			return l.put(inJail+".jnl", &crashEntry{text: e.text, st: owner})
		}
		e := *l.want[z.real] // or its zone
		e.text, e.st.Mtim = append(slices.Clone(e.text), fmt.Sprintf("n%d A 192.0.2.3\n", n)...), when
		l.want[z.real] = &e
		l.dirs = append(l.dirs, path.Dir(z.real))
		return l.put(inJail, &crashEntry{text: e.text, st: owner})
	case z.isCopy(): // a zone is transferred
		inJail, err := l.inJail(z)
		if err != nil {
			return err
		}
		e := &crashEntry{text: []byte(zoneText(n, "copied A 192.0.2.4\n")), st: owner}
		if old := l.want[z.path]; old != nil && !l.loose[z.path] {
			e.st.Mode, e.st.Uid, e.st.Gid, e.attrs = old.st.Mode, old.st.Uid, old.st.Gid, old.attrs
		} else {
			l.loose[z.path] = true
		}
		l.want[z.path] = e
		l.dirs = append(l.dirs, path.Dir(z.path))
		return l.put(inJail, &crashEntry{text: e.text, st: owner})
	}
	return nil
}
