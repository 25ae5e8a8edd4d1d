//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestLiveMigrate takes each install the whole way: served bare, checked,
// planned, put into the jail, served from it, grown, damaged, rolled back and
// served bare again. Nothing that a client or an administrator relies on may
// be lost on the way.
func TestLiveMigrate(t *testing.T) {
	for _, in := range liveInstalls {
		name := in.name
		if in.jail != "/var/named" {
			name += "-" + filepath.Base(in.jail)
		}
		t.Run(name, func(t *testing.T) {
			inClone(t, func(t *testing.T) {
				s := newServer(t, in)
				s.startBare()
				s.exercise("192.0.2.150")
				s.stop()
				attribute := s.setAttribute()
				before := takeSnapshot(t)

				s.refuseOrPlan(before)
				s.apply()
				s.wantTree()
				s.wantOldPlaces(before)
				s.wantAttribute(attribute)

				s.startJailed()
				started := time.Now()
				s.exercise("192.0.2.151")
				s.wantWritten(started)
				s.stop()

				s.restartUnchanged()
				s.addZone()
				s.breakZone()

				s.rollback(before)
				s.startBare()
				s.answers()
				wantAnswer(t, question{name: "updated.dyn.example", answer: "192.0.2.151"})
				wantAnswer(t, question{name: "www.new.example", answer: "192.0.2.161"})
				s.exercise("192.0.2.152")
				s.stop()
			})
		})
	}
}

// setAttribute gives the first file that will be moved an extended attribute
// and an access control list, and gives that file, or "" when none is moved.
func (s *server) setAttribute() string {
	s.t.Helper()
	if s.in.moved == nil {
		return ""
	}
	path := s.in.moved[0]
	must(s.t, unix.Lsetxattr(path, "user.origin", []byte("the registry"), 0))
	run(s.t, "setfacl", "-m", "u:nobody:r", path).want(s.t, 0)
	return path
}

// wantAttribute shows that both went with the file into the jail.
func (s *server) wantAttribute(path string) {
	s.t.Helper()
	if path == "" {
		return
	}
	value := make([]byte, 100)
	n, err := unix.Lgetxattr(s.inJail(path), "user.origin", value)
	if err != nil || string(value[:n]) != "the registry" {
		s.t.Errorf("%s lost its extended attribute: %q, %v", s.inJail(path), value[:max(n, 0)], err)
	}
	if acl := run(s.t, "getfacl", "-n", s.inJail(path)); !strings.Contains(acl.out, "user:65534:r--") {
		s.t.Errorf("%s lost its access control list:\n%s", s.inJail(path), acl)
	}
}

// jail gives the host's path of a path in the jail.
func (s *server) jail(path string) string { return filepath.Join(s.in.jail, path) }

// product runs a command of the program under test on the install.
func (s *server) product(command string, more ...string) result {
	s.t.Helper()
	return run(s.t, slices.Concat([]string{product, command}, s.in.dropIn, more)...)
}

// inJail gives where in the jail a file of the host lies now, as the host sees
// it. Where no link tells, because the file was only copied, it has its base
// name in the directory of its kind.
func (s *server) inJail(path string) string {
	if target, err := os.Readlink(path); err == nil {
		return target
	}
	return s.jail(s.directory(path) + "/" + filepath.Base(path))
}

// directory gives the directory of the jail that a zone file belongs in.
func (s *server) directory(path string) string {
	switch {
	case path == s.in.dynamic, strings.Contains(path, "local.example"):
		return "/zones/dynamic"
	case strings.Contains(path, "slave.example"):
		return "/zones/slave"
	}
	return "/zones/master"
}

// keepGoing is the flag without which apply refuses the install.
func (s *server) keepGoing() []string {
	if s.in.broken != nil {
		return []string{"--keep-going"}
	}
	return nil
}

// refuseOrPlan shows what check, plan and apply say about the install before it
// is migrated, and that the first two touch nothing.
func (s *server) refuseOrPlan(before snapshot) {
	s.t.Helper()
	if s.in.broken != nil {
		for _, command := range []string{"check", "plan", "apply"} {
			r := s.product(command).want(s.t, 1)
			for _, file := range []string{"db.missing", "db.broken"} {
				if !strings.Contains(r.err, file) {
					s.t.Errorf("%s\ndoes not name %s", r, file)
				}
			}
			before.wantUnchanged(s.t, takeSnapshot(s.t), command)
		}
		return
	}
	s.product("check").want(s.t, 0)
	plan := s.product("plan").want(s.t, 0)
	if !strings.Contains(plan.out, "named.conf") {
		s.t.Errorf("the plan does not speak of named.conf:\n%s", plan)
	}
	s.product("plan", "--exit-code").want(s.t, 3)
	document := s.product("plan", "--json").want(s.t, 0)
	fitsSchema(s.t, "plan", document.out)
	var plain struct {
		Version int    `json:"version"`
		Jail    string `json:"jail"`
		Changes []struct {
			Op, Path, Owner, Mode string
		} `json:"changes"`
	}
	if err := json.Unmarshal([]byte(document.out), &plain); err != nil {
		s.t.Errorf("plan --json: %v\n%s", err, document.out)
	} else if plain.Version != 1 || plain.Jail != s.in.jail || len(plain.Changes) < 10 {
		s.t.Errorf("plan --json: version %d, jail %q, %d changes", plain.Version, plain.Jail, len(plain.Changes))
	}
	before.wantUnchanged(s.t, takeSnapshot(s.t), "check or plan")
}

// apply migrates, and shows that a second time there is nothing to do.
func (s *server) apply() {
	s.t.Helper()
	s.product("apply", s.keepGoing()...).want(s.t, 0)
	once := takeSnapshot(s.t, "/var/lib/named-jail") // its lock names the process
	if s.in.broken == nil {
		s.product("plan", "--exit-code").want(s.t, 0)
		s.product("check").want(s.t, 0)
	}
	s.product("apply", s.keepGoing()...).want(s.t, 0)
	once.wantUnchanged(s.t, takeSnapshot(s.t, "/var/lib/named-jail"), "a second apply")
}

// wantTree compares the jail with the article's table.
func (s *server) wantTree() {
	s.t.Helper()
	good := !s.t.Failed()
	for _, table := range []map[string]string{articleModes, s.in.modes} {
		for path, want := range table {
			owner, mode, _ := strings.Cut(want, " ")
			group := or(s.in.group, s.in.user)
			owner = strings.NewReplacer("USER", s.in.user, "GROUP", group).Replace(owner)
			got := s.entry(path)
			if ok, err := filepath.Match(numbers(s.t, owner)+" "+mode, got); err != nil || !ok {
				s.t.Errorf("%s: %s (%s) is wanted, there is %s", s.jail(path), want, numbers(s.t, owner), got)
			}
		}
	}
	if line, err := snapshotLine(s.jail("/dev/null")); err != nil || !strings.HasSuffix(line, " 1:3") {
		s.t.Errorf("/dev/null in the jail: %s %v", line, err)
	}
	for _, dir := range []string{"/etc", "/dev", "/usr", "/zones/master"} {
		s.wantRootOnly(s.jail(dir))
	}
	if good && s.t.Failed() {
		s.t.Log("\n" + run(s.t, "ls", "-lnR", s.in.jail).out)
	}
}

// wantRootOnly shows that nobody but root can change anything below a
// directory of the jail.
func (s *server) wantRootOnly(dir string) {
	s.t.Helper()
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		var st unix.Stat_t
		if err != nil || unix.Lstat(path, &st) != nil {
			return nil
		}
		kind := st.Mode & unix.S_IFMT
		open := st.Mode&0o6022 != 0 && kind != unix.S_IFLNK && kind != unix.S_IFCHR
		if st.Uid != 0 || open {
			line, _ := snapshotLine(path)
			s.t.Errorf("%s can be changed by others than root: %s", path, line)
		}
		return nil
	})
}

// numbers gives "uid:gid" for "user:group"; a group * stays.
func numbers(t *testing.T, owner string) string {
	if user, ok := strings.CutSuffix(owner, ":*"); ok {
		uid, _ := ids(t, user+":root")
		return fmt.Sprintf("%d:*", uid)
	}
	uid, gid := ids(t, owner)
	return fmt.Sprintf("%d:%d", uid, gid)
}

// entry gives owner, group and mode of a path in the jail, of what it points at
// when it is a symbolic link.
func (s *server) entry(path string) string {
	for range 5 {
		target, err := os.Readlink(s.jail(path))
		if err != nil {
			break
		}
		if filepath.IsAbs(target) {
			path = target
		} else {
			path = filepath.Join(filepath.Dir(path), target)
		}
	}
	var st unix.Stat_t
	if err := unix.Lstat(s.jail(path), &st); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d:%d 0%03o", st.Uid, st.Gid, st.Mode&0o7777)
}

// wantOldPlaces shows that links stand where files were moved from, that the
// time of last change went with the file, and that what was only copied is as
// it was.
func (s *server) wantOldPlaces(before snapshot) {
	s.t.Helper()
	for _, path := range s.in.moved {
		target, err := os.Readlink(path)
		if err != nil {
			s.t.Errorf("%s should be a symbolic link into the jail: %v", path, err)
			continue
		}
		if want := s.jail(s.directory(path)) + "/"; !strings.HasPrefix(target, want) {
			s.t.Errorf("%s points at %s, not into %s", path, target, want)
		}
		line, err := snapshotLine(target)
		if err != nil {
			s.t.Errorf("%s points at %s: %v", path, target, err)
			continue
		}
		if was, is := strings.Fields(before[path])[2], strings.Fields(line)[2]; was != is {
			s.t.Errorf("%s: last changed at %s, in the jail at %s", path, was, is)
		}
	}
	after := takeSnapshot(s.t)
	for _, path := range s.in.kept {
		if before[path] == "" || before[path] != after[path] {
			s.t.Errorf("%s should be as it was:\n\tbefore %s\n\tafter  %s", path, before[path], after[path])
		}
	}
}

// startJailed starts the server with the boot script's line and shows that
// named is what runs, in the jail, as the account.
func (s *server) startJailed() {
	s.t.Helper()
	begin := time.Now()
	r := run(s.t, append([]string{product}, s.in.dropIn...)...).want(s.t, 0)
	s.t.Logf("started in %v", time.Since(begin))
	if s.in.broken != nil && !strings.Contains(r.err, "db.broken") {
		s.t.Errorf("%s\ndoes not name the broken zone", r)
	}
	s.pid = wantOneNamed(s.t, s.remote)
	s.wantJailed(s.pid)
}

// wantJailed shows that a process is named in the jail.
func (s *server) wantJailed(pid int) {
	s.t.Helper()
	proc := "/proc/" + strconv.Itoa(pid)
	// not by the text of the links: named has mounts of its own
	if !sameFile(proc+"/root/", s.in.jail) {
		s.t.Errorf("named's root is not %s", s.in.jail)
	}
	if !sameFile(proc+"/exe", "/usr/sbin/named") {
		s.t.Error("the process does not run named")
	}
	var st syscall.Stat_t
	uid, _ := ids(s.t, s.in.user+":root")
	if err := syscall.Stat(proc, &st); err != nil || int(st.Uid) != uid {
		s.t.Errorf("named runs as uid %d, %v", st.Uid, err)
	}
	if s.in.pidFile != "" {
		text, err := os.ReadFile(s.in.pidFile)
		if err != nil || strings.TrimSpace(string(text)) != strconv.Itoa(pid) {
			s.t.Errorf("the host's %s holds %q, not %d: %v", s.in.pidFile, text, pid, err)
		}
	}
}

// wantWritten shows that named wrote its journal and the secondary's file in
// the jail, in the places that are meant for them.
func (s *server) wantWritten(since time.Time) {
	s.t.Helper()
	s.secondaryFile(s.inJail(s.in.secondary), since)
	journal := s.inJail(s.in.dynamic) + ".jnl"
	st, err := os.Lstat(journal)
	if err != nil || !st.Mode().IsRegular() || !st.ModTime().After(since.Add(-time.Second)) {
		s.t.Errorf("no fresh journal %s: %v", journal, err)
	}
}

// restartUnchanged starts the server again after nothing was changed, and shows
// that the start changed nothing either and lost nothing.
func (s *server) restartUnchanged() {
	s.t.Helper()
	// what named itself writes does not count
	skip := []string{
		s.jail("/zones/slave"), s.jail("/zones/dynamic"), s.jail("/var"), s.jail("/run"),
		"/run", "/var/named/dynamic", "/var/lib/named-jail",
	}
	before := takeSnapshot(s.t, skip...)
	s.startJailed()
	s.answers()
	wantAnswer(s.t, question{name: "updated.dyn.example", answer: "192.0.2.151"})
	before.wantUnchanged(s.t, takeSnapshot(s.t, skip...), "a start with nothing to do")
	s.stop()
}

// addZone adds a zone on the host, as an administrator does, and starts.
func (s *server) addZone() {
	s.t.Helper()
	writeFile(s.t, s.in.zoneDir+"/db.new.example", newZone("192.0.2.160"))
	f, err := os.OpenFile(s.in.zoneConf, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	fmt.Fprintf(f, "\r\nzone \"new.example\" { type master; file %q; };\n", s.in.zoneDir+"/db.new.example")
	if err := f.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.startJailed()
	wantAnswer(s.t, question{name: "www.new.example", answer: "192.0.2.160"})
	s.answers()
	wantAnswer(s.t, question{name: "updated.dyn.example", answer: "192.0.2.151"})
	s.stop()
}

func newZone(address string) string {
	return "$TTL 300\n@ SOA ns hostmaster 1 60 60 86400 60\n@ NS ns\nns A 192.0.2.1\nwww A " + address + "\n"
}

// breakZone damages the new zone on the host. The server goes on with the last
// good one until the zone is sound again.
func (s *server) breakZone() {
	s.t.Helper()
	path := s.in.zoneDir + "/db.new.example"
	replaceFile(s.t, path, newZone("192.0.2.1600"))
	if r := s.product("check").want(s.t, 1); !strings.Contains(r.err, path+":5:") {
		s.t.Errorf("%s\ndoes not name %s:5:", r, path)
	}
	s.startJailed()
	wantAnswer(s.t, question{name: "www.new.example", answer: "192.0.2.160"})
	s.answers()
	s.stop()
	replaceFile(s.t, path, newZone("192.0.2.161"))
	s.startJailed()
	wantAnswer(s.t, question{name: "www.new.example", answer: "192.0.2.161"})
	s.stop()
}

// replaceFile puts a new file in the place of what is there, as editors do.
func replaceFile(t *testing.T, path, text string) {
	t.Helper()
	writeFile(t, path+".new", text)
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// rollback undoes the migration. Every file that named does not write is as it
// was before, and those that it writes are files of their old places again.
func (s *server) rollback(before snapshot) {
	s.t.Helper()
	run(s.t, product, "rollback", "-t", s.in.jail).want(s.t, 0)
	after := takeSnapshot(s.t)
	for _, path := range slices.Concat(s.in.moved, s.in.kept) {
		if path == s.in.dynamic || path == s.in.secondary || strings.Contains(path, "slave") || strings.Contains(path, "local.example") {
			if st, err := os.Lstat(path); err != nil || !st.Mode().IsRegular() {
				s.t.Errorf("after rollback %s is not a file: %v", path, err)
			} else if was := strings.Fields(before[path])[1]; was != strings.Fields(after[path])[1] {
				s.t.Errorf("after rollback %s has another owner:\n\tbefore %s\n\tafter  %s", path, before[path], after[path])
			}
			continue
		}
		if before[path] != after[path] {
			s.t.Errorf("after rollback %s:\n\tbefore %s\n\tafter  %s", path, before[path], after[path])
		}
	}
}
