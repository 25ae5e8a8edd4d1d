//go:build linux

package jail

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"named-jail/parser"
	"named-jail/rewrite"
)

func TestApplyMakesTheJail(t *testing.T) {
	w := newWorld(t)
	w.must(unix.Setxattr(w.os("/etc/bind/db.a"), "user.test", []byte("kept"), 0))
	before := w.snapshot()
	w.applied(wantAll(), PlanOptions{})

	for p, want := range map[string]string{
		"/": "0511 0:1", "/etc": "0111 0:1", "/zones": "0111 0:1", "/zones/master": "0111 0:1", "/usr": "0111 0:1",
		"/usr/share/dns": "0111 0:1", "/etc/bind": "0111 0:1",
		"/var/run": "0700 65534:65534", "/zones/slave": "0700 65534:65534", "/dev/null": "0666 0:0",
		"/etc/named.conf": "0644 0:1", "/zones/master/db.a": "0644 0:0", "/zones/master/db.secret": "0640 0:65534",
		"/zones/dynamic/db.dyn": "0644 65534:65534", "/zones/dynamic/db.dyn.jnl": "0644 65534:65534",
		"/etc/bind/rndc.key": "0640 0:65534", "/usr/share/dns/root.hints": "0644 0:0",
	} {
		w.is(testJail+p, want)
	}
	for host, inJail := range map[string]string{
		"/etc/bind/db.a": "/zones/master/db.a", "/etc/bind/db.secret": "/zones/master/db.secret",
		"/var/lib/bind/db.dyn": "/zones/dynamic/db.dyn", "/run/named/named.pid": "/run/named/named.pid",
	} {
		if got := w.target(host); got != testJail+inJail {
			t.Errorf("%s leads to %s, want %s", host, got, testJail+inJail)
		}
	}
	if got := w.read(testJail + "/etc/named.conf"); got != jailedConf {
		t.Errorf("named.conf is %q", got)
	}
	if got := w.read(testJail + "/zones/master/db.a"); got != "zone a\n" {
		t.Errorf("db.a is %q", got)
	}
	if got := w.mtime(testJail + "/zones/master/db.a"); !got.Equal(oldTime) {
		t.Errorf("the time of db.a became %v", got)
	}
	value := make([]byte, 10)
	if n, err := unix.Getxattr(w.os(testJail+"/zones/master/db.a"), "user.test", value); err != nil || string(value[:n]) != "kept" {
		t.Errorf("the extended attribute became %q (%v)", value, err)
	}
	if got := w.read("/usr/share/dns/root.hints"); got != "hints\n" {
		t.Errorf("a file below /usr was touched")
	}
	w.absent(testJail + "/zones/slave/db.sec")
	w.is(storeDir, "0700 0:0")
	w.is(storeDir+"/var-named", "0700 0:0")
	w.absent(storeDir + "/var-named/" + journalName)

	report := w.rollback()
	w.same("after rollback", before, w.snapshot())
	if len(report.Left) > 0 || len(report.Kept) > 0 || len(report.Carried) > 0 {
		t.Errorf("report: %+v", report)
	}
	if p, diags := w.plan(wantAll(), PlanOptions{}); p.Empty() || diags.Err() != nil {
		t.Errorf("after a rollback the plan must be whole again: %v", diags)
	}
}

func TestOpsAsJSON(t *testing.T) {
	w := newWorld(t)
	p, diags := w.plan(wantAll(), PlanOptions{})
	w.must(diags.Err())
	kinds := map[string]bool{}
	for _, o := range p.Ops {
		kinds[o.Op] = true
		data, err := json.Marshal(o)
		w.must(err)
		var fields map[string]string
		w.must(json.Unmarshal(data, &fields))
		for name := range fields {
			if !strings.Contains(" op path from owner group mode reason ", " "+name+" ") {
				t.Errorf("field %s in %s", name, data)
			}
		}
	}
	for _, k := range []string{"mkdir", "write", "move", "copy", "link", "mknod"} {
		if !kinds[k] {
			t.Errorf("no %s", k)
		}
	}
	first, _ := json.Marshal(p.Ops[0])
	if string(first) != `{"op":"mkdir","path":"/","from":"","owner":"root","group":"daemon","mode":"0511","reason":"the article's tree"}` {
		t.Errorf("the first operation is %s", first)
	}
	conf := -1
	for i, o := range p.Ops {
		if o.Path == configPath {
			conf = i
		}
		if o.Op == "move" && conf >= 0 {
			t.Errorf("%s comes after named.conf", o.Path)
		}
	}
}

func TestPlanIsTheSameForAnyOrder(t *testing.T) {
	w := newWorld(t)
	want := wantAll()
	a, _ := w.plan(want, PlanOptions{})
	for i, j := 0, len(want)-1; i < j; i, j = i+1, j-1 {
		want[i], want[j] = want[j], want[i]
	}
	b, _ := w.plan(want, PlanOptions{})
	x, _ := json.Marshal(a.Ops)
	y, _ := json.Marshal(b.Ops)
	if string(x) != string(y) {
		t.Errorf("%s\n%s", x, y)
	}
}

func TestCopyLeavesTheHostAlone(t *testing.T) {
	w := newWorld(t)
	before := w.snapshot()
	want := wantAll()
	want = want[:len(want)-1] // the link for the pid file is wanted on the host
	w.applied(want, PlanOptions{Copy: true})
	after := w.snapshot()
	for _, line := range strings.Split(before, "\n") {
		if !strings.Contains(after, line) && !strings.HasPrefix(line, "/var 0") {
			t.Errorf("gone or changed: %s", line)
		}
	}
	w.is(testJail+"/zones/master/db.a", "0644 0:0")

	// It is remembered, the static file follows its original, the dynamic one
	// does not.
	w.file("/etc/bind/db.a", "zone a, changed\n", 0o644, 0, testGID)
	w.file("/var/lib/bind/db.dyn", "zone dyn, changed on the host\n", 0o644, testUID, testGID)
	p, diags, err := w.apply(want, PlanOptions{})
	w.must(err)
	if len(p.Ops) != 1 || p.Ops[0].Op != "copy" || p.Ops[0].Path != "/zones/master/db.a" {
		t.Errorf("plan: %+v", p.Ops)
	}
	if !hasCode(diags, "NJ506", parser.Warning) {
		t.Errorf("no warning of the changed dynamic zone: %v", diags)
	}
	if got := w.read(testJail + "/zones/master/db.a"); got != "zone a, changed\n" {
		t.Errorf("db.a is %q", got)
	}
	if got := w.read(testJail + "/zones/dynamic/db.dyn"); got != "zone dyn\n" {
		t.Errorf("db.dyn is %q", got)
	}
}

func TestRollbackOfCopyCarriesWhatNamedWrote(t *testing.T) {
	w := newWorld(t)
	want := wantAll()
	w.applied(want[:len(want)-1], PlanOptions{Copy: true})
	w.file(testJail+"/zones/dynamic/db.dyn", "zone dyn 2\n", 0o644, testUID, testGID)
	w.file(testJail+"/zones/slave/db.sec", "zone sec\n", 0o644, testUID, testGID)
	report := w.rollback()
	if got := w.read("/var/lib/bind/db.dyn"); got != "zone dyn 2\n" {
		t.Errorf("db.dyn is %q; %+v", got, report)
	}
	if got := w.read("/var/cache/bind/db.sec"); got != "zone sec\n" {
		t.Errorf("db.sec is %q", got)
	}
	w.absent(testJail)
}

func TestRollbackCarriesWhatNamedWrote(t *testing.T) {
	w := newWorld(t)
	w.applied(wantAll(), PlanOptions{})
	w.file(testJail+"/zones/dynamic/db.dyn", "zone dyn 2\n", 0o600, testUID, testGID)
	w.must(os.Remove(w.os(testJail + "/zones/dynamic/db.dyn.jnl"))) // named folded it in
	w.file(testJail+"/zones/dynamic/db.dyn.signed", "signed\n", 0o644, testUID, testGID)
	w.file(testJail+"/zones/slave/db.sec", "zone sec\n", 0o644, testUID, testGID)
	w.file(testJail+"/zones/master/db.a", "zone a, edited through the link\n", 0o644, 0, 0)
	w.file(testJail+"/var/run/named.stats", "stats\n", 0o644, testUID, testGID)
	report := w.rollback()
	for p, want := range map[string]string{
		"/var/lib/bind/db.dyn": "zone dyn 2\n", "/var/lib/bind/db.dyn.signed": "signed\n",
		"/var/cache/bind/db.sec": "zone sec\n", "/etc/bind/db.a": "zone a, edited through the link\n",
	} {
		if got := w.read(p); got != want {
			t.Errorf("%s is %q, want %q", p, got, want)
		}
	}
	w.is("/var/lib/bind/db.dyn", "0644 65534:65534")
	w.is("/etc/bind/db.a", "0644 0:65534")
	w.is("/var/cache/bind/db.sec", "0644 65534:65534")
	w.absent("/var/lib/bind/db.dyn.jnl") // it would not fit the newer zone
	if len(report.Left) != 1 || report.Left[0] != testJail+"/var/run/named.stats" {
		t.Errorf("left: %v", report.Left)
	}
	w.absent(testJail + "/zones")
}

func TestNewerFileOnTheHost(t *testing.T) {
	w := newWorld(t)
	w.applied(wantAll(), PlanOptions{})
	w.must(os.Remove(w.os("/etc/bind/db.a")))
	w.file("/etc/bind/db.a", "zone a, new\n", 0o644, 0, testGID)
	p := w.applied(wantAll(), PlanOptions{})
	if len(p.Ops) != 1 || p.Ops[0].Op != "move" {
		t.Errorf("plan: %+v", p.Ops)
	}
	if got := w.read(testJail + "/zones/master/db.a"); got != "zone a, new\n" {
		t.Errorf("db.a is %q", got)
	}
	// The same bytes only want their link back.
	w.must(os.Remove(w.os("/etc/bind/db.a")))
	w.file("/etc/bind/db.a", "zone a, new\n", 0o644, 0, testGID)
	p = w.applied(wantAll(), PlanOptions{})
	if len(p.Ops) != 1 || p.Ops[0].Op != "link" || w.target("/etc/bind/db.a") != testJail+"/zones/master/db.a" {
		t.Errorf("plan: %+v", p.Ops)
	}
	// A dynamic zone that exists twice is for the administrator to decide.
	w.must(os.Remove(w.os("/var/lib/bind/db.dyn")))
	w.file("/var/lib/bind/db.dyn", "zone dyn, restored from tape\n", 0o644, testUID, testGID)
	before := w.snapshot()
	_, diags, err := w.apply(wantAll(), PlanOptions{})
	if err == nil || !hasCode(diags, "NJ505", parser.Error) {
		t.Errorf("no conflict: %v %v", err, diags)
	}
	w.same("after the refusal", before, w.snapshot())
	// The rollback gives the newest zone a back.
	w.must(os.Remove(w.os("/var/lib/bind/db.dyn")))
	w.rollback()
	if got := w.read("/etc/bind/db.a"); got != "zone a, new\n" {
		t.Errorf("after rollback db.a is %q", got)
	}
}

func TestEditedInTheJail(t *testing.T) {
	w := newWorld(t)
	w.applied(wantAll(), PlanOptions{})
	w.file(testJail+"/etc/named.conf", "edited\n", 0o644, 0, testDaemon)
	p, diags := w.plan(wantAll(), PlanOptions{})
	if !hasCode(diags, "NJ506", parser.Error) || !p.broken {
		t.Errorf("no finding: %v", diags)
	}
	p, diags, err := w.apply(wantAll(), PlanOptions{KeepGoing: true})
	w.must(err)
	if !hasCode(diags, "NJ506", parser.Warning) || !p.Empty() || w.read(testJail+"/etc/named.conf") != "edited\n" {
		t.Errorf("not left alone: %v %+v", diags, p.Ops)
	}
	w.must(os.Remove(w.os(testJail + "/etc/named.conf")))
	w.applied(wantAll(), PlanOptions{})
	if w.read(testJail+"/etc/named.conf") != jailedConf {
		t.Error("not written again")
	}
}

func TestForeignFileIsReplacedAndKept(t *testing.T) {
	w := newWorld(t)
	w.dir(testJail+"/etc", 0o755, 0, 0)
	w.file(testJail+"/etc/named.conf", "by hand\n", 0o600, 0, 0)
	w.age()
	before := w.snapshot()
	p := w.applied(wantAll(), PlanOptions{})
	for _, o := range p.Ops {
		if o.Path == configPath && !strings.Contains(o.Reason, "a copy is kept") {
			t.Errorf("reason: %q", o.Reason)
		}
	}
	w.rollback()
	w.same("after rollback", before, w.snapshot())
}

func TestNoLongerWanted(t *testing.T) {
	w := newWorld(t)
	before := w.snapshot()
	w.applied(wantAll(), PlanOptions{})
	var fewer []rewrite.Wanted
	for _, x := range wantAll() {
		if x.Path != "/etc/bind/rndc.key" && x.Path != "/zones/master/db.a" && x.Kind != rewrite.HostLink {
			fewer = append(fewer, x)
		}
	}
	p := w.applied(fewer, PlanOptions{})
	if len(p.Ops) != 2 || p.Ops[0].Op != "remove" || p.Ops[1].Op != "remove" {
		t.Errorf("plan: %+v", p.Ops)
	}
	w.absent(testJail + "/etc/bind/rndc.key")
	w.absent("/run/named/named.pid")
	if w.read(testJail+"/zones/master/db.a") != "zone a\n" {
		t.Error("what was moved must stay")
	}
	w.rollback()
	w.same("after rollback", before, w.snapshot())
}

func TestMissingOriginal(t *testing.T) {
	w := newWorld(t)
	w.must(os.Remove(w.os("/etc/bind/db.secret")))
	before := w.snapshot()
	_, diags, err := w.apply(wantAll(), PlanOptions{})
	if err == nil || !hasCode(diags, "NJ305", parser.Error) {
		t.Errorf("no error: %v %v", err, diags)
	}
	w.same("after the refusal", before, w.snapshot())
	w.absent(storeDir)
	_, diags, err = w.apply(wantAll(), PlanOptions{KeepGoing: true})
	if err != nil || !hasCode(diags, "NJ305", parser.Warning) {
		t.Errorf("not kept going: %v %v", err, diags)
	}
	w.is(testJail+"/zones/master/db.a", "0644 0:0")
}

func TestRightsAreKept(t *testing.T) {
	w := newWorld(t)
	w.applied(wantAll(), PlanOptions{})
	w.own(testJail+"/zones/master", 0o777, testUID, 0)
	w.own(testJail+"/zones/master/db.secret", 0o644, 0, 0)
	w.own(testJail+"/zones/dynamic/db.dyn", 0o600, testUID, testGID) // named's umask
	p := w.applied(wantAll(), PlanOptions{})
	var got []string
	for _, o := range p.Ops {
		got = append(got, o.Op+" "+string(o.Path))
	}
	want := "chown /zones/master,chmod /zones/master,chown /zones/master/db.secret,chmod /zones/master/db.secret"
	if strings.Join(got, ",") != want {
		t.Errorf("plan: %v", got)
	}
	w.is(testJail+"/zones/master", "0111 0:1")
	w.is(testJail+"/zones/master/db.secret", "0640 0:65534")
}

func TestAliasOfAMovedFile(t *testing.T) {
	w := newWorld(t)
	before := w.snapshot()
	want := append(wantAll(), wantStatic("/zones/master/db.alias", "/etc/bind/db.alias"))
	w.applied(want, PlanOptions{})
	if w.target("/etc/bind/db.alias") != "db.a" || w.read(testJail+"/zones/master/db.alias") != "zone a\n" {
		t.Error("the alias was not copied")
	}
	w.rollback()
	w.same("after rollback", before, w.snapshot())
}

func TestOriginalsInsideTheJail(t *testing.T) {
	w := newWorld(t)
	w.dir(testJail, 0o1770, 0, testGID)
	w.dir(testJail+"/slaves", 0o770, testUID, testGID)
	w.file(testJail+"/named.localhost", "localhost\n", 0o640, 0, testGID)
	w.file(testJail+"/slaves/db.sec", "sec\n", 0o644, testUID, testGID)
	w.age()
	before := w.snapshot()
	want := append(wantTree(), wantStatic("/zones/master/named.localhost", testJail+"/named.localhost"),
		wantLiving("/zones/slave/db.sec", testJail+"/slaves/db.sec", false))
	w.applied(want, PlanOptions{})
	w.is(testJail, "0511 0:1")
	w.is(testJail+"/zones/master/named.localhost", "0640 0:65534")
	if w.target(testJail+"/named.localhost") != testJail+"/zones/master/named.localhost" {
		t.Error("no link at the old place")
	}
	w.rollback()
	w.same("after rollback", before, w.snapshot())
}

func TestClashes(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		want []rewrite.Wanted
		code parser.Code
	}{
		"two files":          {[]rewrite.Wanted{wantStatic("/zones/x", "/etc/bind/db.a"), wantStatic("/zones/x", "/etc/bind/db.secret")}, "NJ505"},
		"file and directory": {[]rewrite.Wanted{wantStatic("/zones/x", "/etc/bind/db.a"), wantDir("/zones/x", 0, 0, 0o111)}, "NJ308"},
		"file below file":    {[]rewrite.Wanted{wantStatic("/zones/x", "/etc/bind/db.a"), wantStatic("/zones/x/y", "/etc/bind/db.secret")}, "NJ308"},
		"two modes":          {[]rewrite.Wanted{wantDir("/zones/x", 0, 0, 0o111), wantDir("/zones/x", 0, 0, 0o700)}, "NJ308"},
	} {
		if _, diags := w.plan(c.want, PlanOptions{}); !hasCode(diags, c.code, parser.Error) {
			t.Errorf("%s: %v", name, diags)
		}
	}
	if _, diags := w.plan([]rewrite.Wanted{wantStatic("/zones/x", "/etc/bind/db.a"), wantStatic("/zones/x", "/etc/bind/db.alias")}, PlanOptions{}); diags.Err() != nil {
		t.Errorf("one file by two names is no clash: %v", diags)
	}
}

func TestRunsWithoutEndAndStale(t *testing.T) {
	w := newWorld(t)
	h := w.host()
	tree, s := w.tree(h), w.store(h)
	p, diags := NewPlan(h, tree, s.Manifest(), wantAll(), testIDs, PlanOptions{})
	w.must(diags.Err())
	w.file("/etc/bind/db.a", "changed meanwhile\n", 0o644, 0, testGID)
	before := w.snapshot()
	err := s.Apply(t.Context(), h, tree, p)
	if err == nil || Diagnose(err).Code != "NJ507" {
		t.Errorf("stale plan: %v", err)
	}
	w.same("after a stale plan", before, w.snapshot())

	// Two runs at once.
	other := w.store(h)
	w.must(other.make())
	w.must(other.Lock())
	p, _ = NewPlan(h, tree, s.Manifest(), wantAll(), testIDs, PlanOptions{})
	if err := s.Apply(t.Context(), h, tree, p); err == nil || Diagnose(err).Code != "NJ508" {
		t.Errorf("lock: %v", err)
	}
	other.Unlock()
	w.must(s.Apply(t.Context(), h, tree, p))
}

// TestKeptFilesComeBack makes keys and zones in the jail as named does, and
// looks for them on the host after a rollback.
func TestKeptFilesComeBack(t *testing.T) {
	w := newWorld(t)
	want := append(wantAll(), rewrite.Wanted{Path: "/var/run/keys", Kind: rewrite.Directory, Owner: rewrite.User, Group: rewrite.User,
		Mode: 0o700, Source: "/var/cache/bind", Keeps: []string{"K*.key", "K*.private", "*.nzd"}})
	w.applied(want, PlanOptions{})
	keys := testJail + "/var/run/keys"
	w.file(keys+"/Ka.+013+1.key", "public\n", 0o644, testUID, testGID)
	w.file(keys+"/Ka.+013+1.private", "private\n", 0o4777, testUID, testGID)
	w.file(keys+"/_default.nzd", "zones\n", 0o644, testUID, testGID)
	w.file(keys+"/other", "other\n", 0o644, testUID, testGID)
	w.link("/etc/passwd", keys+"/Klink.key")
	w.dir(keys+"/Kdir.key", 0o755, testUID, testGID)
	w.file("/var/cache/bind/Kb.+013+2.key", "the host's own\n", 0o644, testUID, testGID)
	w.file(keys+"/Kb.+013+2.key", "the jail's\n", 0o644, testUID, testGID)
	report := w.rollback()
	for name, is := range map[string]string{"Ka.+013+1.key": "0644", "Ka.+013+1.private": "0600", "_default.nzd": "0600"} {
		w.is("/var/cache/bind/"+name, fmt.Sprintf("%s %d:%d", is, testUID, testGID))
		w.absent(keys + "/" + name)
	}
	if got := w.read("/var/cache/bind/Ka.+013+1.private"); got != "private\n" {
		t.Errorf("the key is %q", got)
	}
	if got := w.read("/var/cache/bind/Kb.+013+2.key"); got != "the host's own\n" {
		t.Errorf("the host's own key became %q", got)
	}
	if got := w.read(keys + "/Kb.+013+2.key"); got != "the jail's\n" {
		t.Errorf("the jail's other key became %q", got)
	}
	w.absent("/var/cache/bind/other")
	w.absent("/var/cache/bind/Klink.key")
	w.absent("/var/cache/bind/Kdir.key")
	if len(report.Carried) != 3 || len(report.Kept) != 1 {
		t.Errorf("%+v", report)
	}
}
