//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// trap is one configuration, and what becomes of it.
type trap struct {
	name    string
	options string              // statements of the options block, beside the usual ones
	top     string              // statements behind it
	line    string              // the text whose line the finding must name; "": a file as a whole
	code    string              // of the one finding; "": check has nothing to say
	warning bool                // check warns only
	fatal   bool                // named refuses to start
	told    bool                // named-checkconf finds it too
	lost    func(s *scene) bool // asks the running named whether the function is lost
	spoil   func(s *scene)      // what is done to the files
	repair  func(s *scene)      // nil: what the remedy says is run
	plural  int                 // findings, where there is more than one
}

// scene is where traps are set: the article's jail, or the host.
type scene struct {
	t                       *testing.T
	log                     *logLines
	trap                    string
	root                    string // of the paths in the configuration
	conf                    string // as this process sees it
	usual                   map[string]string
	zones                   string
	build                   func(s *scene)
	check, named, checkconf []string
	begun                   int // where the log of this start begins
}

// trapJail is where the jails of the traps are.
const trapJail = "/srv/jail"

// plainZone is a zone that loads.
const plainZone = "$TTL 300\n@ SOA ns.example. h.example. 1 60 60 86400 60\n@ NS ns.example.\n"

// jailScene is the article's jail.
func jailScene(t *testing.T, log *logLines) *scene {
	s := &scene{t: t, log: log, root: trapJail, conf: trapJail + "/etc/named.conf", zones: "/zones/master/db",
		check:     []string{product, "check", "-t", trapJail, "-u", "trapped", "-c", trapJail + "/etc/named.conf", "--no-checkconf", "--no-cache"},
		named:     []string{"named", "-t", trapJail, "-u", "trapped", "-c", "/etc/named.conf", "-f"},
		checkconf: []string{"named-checkconf", "-t", trapJail, "-z", "/etc/named.conf"},
		usual: map[string]string{"directory": `directory "/var/run";`, "pid-file": `pid-file "/var/run/named.pid";`,
			"session-keyfile": "session-keyfile none;", "dnssec-validation": "dnssec-validation no;"}}
	s.build = func(s *scene) {
		exec.Command("umount", trapJail+"/usr/lib").Run()
		must(t, os.RemoveAll(trapJail))
		for _, d := range []string{"etc", "var/run", "zones/master", "zones/slave", "zones/dynamic", "dev"} {
			must(t, os.MkdirAll(trapJail+"/"+d, 0o755))
		}
		for _, d := range []string{"/var/run", "/zones/slave", "/zones/dynamic"} {
			s.own(d, "trapped", 0o700)
		}
		must(t, os.Chmod(trapJail, 0o511))
	}
	return s
}

// at gives a path of the configuration as this process sees it.
func (s *scene) at(p string) string { return s.root + p }

// put writes a file.
func (s *scene) put(p, text, owner string, mode os.FileMode) {
	s.t.Helper()
	writeFile(s.t, s.at(p), text)
	s.own(p, owner, mode)
}

// mkdir makes a directory.
func (s *scene) mkdir(p, owner string, mode os.FileMode) {
	s.t.Helper()
	must(s.t, os.MkdirAll(s.at(p), 0o755))
	s.own(p, owner, mode)
}

func (s *scene) own(p, owner string, mode os.FileMode) {
	s.t.Helper()
	run(s.t, "chown", owner, s.at(p)).want(s.t, 0)
	must(s.t, os.Chmod(s.at(p), mode))
}

// sh runs a command in the scene's root.
func (s *scene) sh(command string) result {
	s.t.Helper()
	return run(s.t, "sh", "-c", "cd "+s.root+"/ && "+command)
}

// edit changes the configuration.
func (s *scene) edit(old, new string) {
	s.t.Helper()
	text, err := os.ReadFile(s.conf)
	must(s.t, err)
	if !strings.Contains(string(text), old) {
		s.t.Errorf("%s: the configuration has no %q", s.trap, old)
	}
	must(s.t, os.WriteFile(s.conf, []byte(strings.Replace(string(text), old, new, 1)), 0o644))
}

// changes is a repair of the configuration.
func changes(old, new string) func(*scene) { return func(s *scene) { s.edit(old, new) } }

// set writes the scene's files and the trap's configuration, and gives its text.
func (s *scene) set(trap trap) string {
	s.t.Helper()
	s.trap = trap.name
	s.build(s)
	s.put(s.zones, plainZone, "root", 0o644)
	var b strings.Builder
	b.WriteString("options {\n")
	for _, k := range []string{"directory", "pid-file", "session-keyfile", "dnssec-validation"} {
		if !strings.HasPrefix(trap.options, k+" ") && s.usual[k] != "" {
			b.WriteString("\t" + s.usual[k] + "\n")
		}
	}
	b.WriteString("\tlisten-on port 5301 { 127.0.0.1; };\n\tlisten-on-v6 { none; };\n\t" + strings.TrimPrefix(trap.options, "directory none;") + "\n};\n" +
		"zone \"m.example\" { type primary; file \"" + s.zones + "\"; };\n" + trap.top + "\n")
	if !strings.Contains(trap.top, "controls") {
		b.WriteString("controls { };\n")
	}
	writeFile(s.t, s.conf, b.String())
	if trap.spoil != nil {
		trap.spoil(s)
	}
	return b.String()
}

// oneCommand finds the command of a remedy.
var oneCommand = regexp.MustCompile("[Rr]un: `(.*)`")

// judge sets a trap, compares the verdicts of named-checkconf, of check and of
// the real named, repairs it as the remedy says, and compares again.
func (s *scene) judge(trap trap) {
	t := s.t
	t.Helper()
	text := s.set(trap)
	if r := run(t, s.checkconf...); (r.status == 0) == trap.told {
		t.Errorf("%s: named-checkconf: %s", trap.name, r)
	}
	r := run(t, s.check...)
	want := 1
	if trap.code == "" || trap.warning {
		want = 0
	}
	number := max(trap.plural, min(1, len(trap.code)))
	if r.status != want || strings.Count(r.err, "[NJ") != number || strings.Count(r.err, "["+trap.code) != number {
		t.Errorf("%s: want status %d and %d of %s: %s", trap.name, want, number, trap.code, r)
	}
	if trap.line != "" {
		before, _, _ := strings.Cut(text, trap.line)
		place := s.conf + ":" + strconv.Itoa(strings.Count(before, "\n")+1) + ":"
		if !strings.Contains(r.err, place) {
			t.Errorf("%s: does not name %s: %s", trap.name, place, r)
		}
	}
	s.behaves(trap, trap.fatal, trap.lost != nil && trap.code != "")
	if trap.code == "" {
		return
	}
	if m := oneCommand.FindStringSubmatch(r.err); trap.repair != nil {
		trap.repair(s)
	} else if m == nil {
		t.Errorf("%s: no remedy to run: %s", trap.name, r)
	} else {
		run(t, "sh", "-c", m[1]).want(t, 0)
	}
	if r := run(t, s.check...); r.status != 0 || strings.Contains(r.err, "[NJ") {
		t.Errorf("%s, repaired: %s", trap.name, r)
	}
	if r := run(t, s.checkconf...); r.status != 0 {
		t.Errorf("%s, repaired: named-checkconf: %s", trap.name, r)
	}
	s.behaves(trap, false, false)
}

// behaves starts named and compares what it does.
func (s *scene) behaves(trap trap, refuses, loses bool) {
	t := s.t
	t.Helper()
	s.begun = s.log.length()
	cmd := exec.Command(s.named[0], s.named[1:]...)
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	refused := !s.ready(ended)
	lost := !refused && trap.lost != nil && trap.lost(s)
	if !refused {
		must(t, cmd.Process.Signal(os.Interrupt))
		select {
		case <-ended:
		case <-time.After(8 * time.Second):
			cmd.Process.Kill()
			<-ended
		}
	}
	if refused != refuses || lost != loses {
		t.Errorf("%s: named refuses to start: %v, want %v; it loses the function: %v, want %v\n%s", trap.name, refused, refuses, lost, loses, s.said())
	}
	if left, _ := filepath.Glob(s.at(filepath.Dir(s.zones)) + "/tmp-*"); len(left) > 0 {
		t.Errorf("%s: left: %v", trap.name, left)
	}
}

// once lets named run on the trap's configuration before the trap is sprung.
func (s *scene) once(meanwhile func()) {
	s.t.Helper()
	s.begun = s.log.length()
	cmd := exec.Command(s.named[0], s.named[1:]...)
	must(s.t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	if s.ready(ended) {
		meanwhile()
		must(s.t, cmd.Process.Signal(os.Interrupt))
		<-ended
	}
}

// said is what named logged since it was started, without what it always says.
func (s *scene) said() string {
	var kept []string
	for _, line := range strings.Split(s.log.from(s.begun), "\n") {
		if !logNoise.MatchString(line) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// ready waits until named serves the first zone, or has ended: false.
func (s *scene) ready(ended chan error) bool {
	s.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		select {
		case <-ended:
			return false
		case <-time.After(30 * time.Millisecond):
		}
		loaded := func() bool { return strings.Contains(s.log.from(s.begun), "all zones loaded") }
		if r := query("m.example.", dns.TypeSOA); r != nil && (r.Rcode == dns.RcodeSuccess || loaded()) {
			within(2*time.Second, loaded) // one zone is served before the others, and some traps log elsewhere
			return true
		}
	}
	s.t.Fatalf("%s: named neither serves nor ends:\n%s", s.trap, s.said())
	return false
}

// query asks the trap's named once; nil: no answer.
func query(name string, kind uint16) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(name, kind)
	c := dns.Client{Timeout: 300 * time.Millisecond}
	r, _, err := c.Exchange(m, "127.0.0.1:5301")
	if err != nil {
		return nil
	}
	return r
}

// within tells whether something comes true in a while.
func within(d time.Duration, done func() bool) bool {
	for deadline := time.Now().Add(d); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if done() {
			return true
		}
	}
	return false
}

// length and from give what was logged since.
func (l *logLines) length() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Len()
}

func (l *logLines) from(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()[n:]
}

// inTraps runs traps in the article's jail.
func inTraps(t *testing.T, traps []trap) {
	t.Helper()
	inClone(t, func(t *testing.T) {
		s := jailScene(t, startNetwork(t))
		startRemote(t)
		run(t, "useradd", "-r", "-U", "-s", "/usr/sbin/nologin", "trapped").want(t, 0)
		run(t, "groupadd", "readers").want(t, 0)
		run(t, "usermod", "-a", "-G", "readers", "trapped").want(t, 0)
		for _, trap := range traps {
			s.judge(trap)
		}
	})
}
