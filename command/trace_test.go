package command

import (
	"path"
	"syscall"
	"testing"

	"named-jail/launcher"
	"named-jail/parser"
)

// TestTraceRules judges paths as traces have shown them.
func TestTraceRules(t *testing.T) {
	now := parser.V(9, 18, 49)
	tests := []struct {
		path  string
		use   string
		errno syscall.Errno
		makes bool
		host  bool
		class traceClass
	}{
		{"/etc/named.conf", "configuration", syscall.ENOENT, false, false, fatal},
		{"/var/run", "directory", syscall.EACCES, false, true, fatal},
		{"/zones/master/root.hint", "hint zone", syscall.ENOENT, false, false, fatal},
		{"/zones/master/db.example", "zone", syscall.EACCES, false, false, zoneLost},
		{"/zones/master/db.included", "", syscall.ENOENT, false, false, zoneLost},
		{"/zones/master/db.example.jnl", "", syscall.ENOENT, false, false, harmless},
		{"/zones/dynamic/db.dyn.jnl", "", syscall.EACCES, true, false, featureLost},
		{"/zones/slave/db.slave", "secondary zone", syscall.ENOENT, false, false, harmless},
		{"/zones/slave/db.slave", "secondary zone", syscall.EACCES, false, false, featureLost},
		{"/zones/slave/tmp-aB3dE6gH9j", "", syscall.EACCES, true, false, featureLost},
		{"/var/log/named/q.log", "file", syscall.ENOENT, true, false, fatal},
		{"/run/named/named.pid", "pid-file", syscall.EACCES, true, false, changedBehaviour},
		{"/run/named/session.key", "session-keyfile", syscall.EACCES, true, false, featureLost},
		{"/etc/bind/rndc.key", "", syscall.ENOENT, false, false, featureLost},
		{"/etc/bind/bind.keys", "", syscall.ENOENT, false, true, harmless},
		{"/etc/tls/key.pem", "key-file", syscall.EACCES, false, true, fatal},
		{"/usr/lib/x86_64-linux-gnu/libdep.so.1", "", syscall.ENOENT, false, true, fatal},
		{"/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libdep.so.1", "", syscall.ENOENT, false, false, harmless},
		{"/usr/lib/x86_64-linux-gnu", "", syscall.ENOENT, false, true, harmless},
		{"/lib/x86_64-linux-gnu/libnss_files.so.2", "", syscall.ENOENT, false, true, harmless},
		{"/var/run/Kexample.+013+12345.private", "", syscall.EACCES, false, false, featureLost},
		{"/var/run/_default.nta", "", syscall.ENOENT, false, false, harmless},
		{"/var/run/0d53685f347ba554.nzd", "", syscall.ENOENT, false, false, harmless},
		{"/dev/log", "", syscall.ENOENT, false, true, logLost},
		{"/dev/log", "", syscall.ENOENT, false, false, harmless},
		{"/dev/null", "", syscall.EACCES, false, true, harmless},
		{"/proc/self/task/7/comm", "", syscall.ENOENT, false, false, harmless},
		{"/proc/sys/net/ipv4/ip_local_port_range", "", syscall.ENOENT, false, true, changedBehaviour},
		{"/usr/lib/os-release", "", syscall.ENOENT, false, true, harmless},
		{"/etc/protocols", "", syscall.ENOENT, false, true, zoneLost},
		{"/", "", syscall.EACCES, false, true, harmless},
		{"/etc/my.conf", "", syscall.ENOENT, false, true, unknownHere},
		{"/etc/my.conf", "", syscall.ENOENT, false, false, unknownNowhere},
	}
	for _, test := range tests {
		m := launcher.Miss{Path: test.path, Errno: test.errno, Makes: test.makes}
		if g := judgeMiss(m, test.use, test.host, false, now); g.class != test.class {
			t.Errorf("%s (%s, %v): %s, want %s", test.path, test.use, test.errno, g.class, test.class)
		}
	}
	m := launcher.Miss{Path: "/usr/share/GeoIP/GeoIP2-Country.mmdb", Errno: syscall.ENOENT}
	if alive, dead := judgeMiss(m, "", false, false, now), judgeMiss(m, "", false, true, now); alive.class != harmless || dead.class != fatal {
		t.Errorf("a database: %s while named runs, %s when it has ended", alive.class, dead.class)
	}
	m = launcher.Miss{Path: "/dev/random", Errno: syscall.ENOENT}
	if old, new := judgeMiss(m, "", true, false, parser.V(9, 11, 36)), judgeMiss(m, "", true, false, now); old.class != changedBehaviour || new.class != unknownHere {
		t.Errorf("/dev/random: %s in 9.11, %s in 9.18", old.class, new.class)
	}
}

// TestTraceRulesAreSound looks at the table itself: each pattern can be matched,
// each row says what is lost and who says so.
func TestTraceRulesAreSound(t *testing.T) {
	for _, r := range traceRules {
		_, err := path.Match(r.pattern, "x")
		if err != nil || r.lost == "" || r.source == "" || r.use == "" && r.pattern == "" {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

// TestKeptOut shows what --add refuses by name.
func TestKeptOut(t *testing.T) {
	for p, want := range map[string]bool{"/etc/shadow": true, "/etc/shadow-": true, "/etc/ssh/ssh_host_rsa_key": true, "/root/.my.cnf": true,
		"/proc/self/maps": true, "/dev/random": true, "/run/mysqld/mysqld.sock": true, "/etc/services": false, "/etc/shadows/x": true, "/usr/lib/x.so": false, "/etc/sshd": false} {
		got := false
		for _, k := range keptOut {
			got = got || keptBy(k.pattern, p)
		}
		if got != want {
			t.Errorf("%s: kept out %v, want %v", p, got, want)
		}
	}
}
