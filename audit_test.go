//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// auditFiles are the system of the audit's tests: a static, a secondary and a
// dynamic zone, and certificates as certbot keeps them.
var auditFiles = map[string]string{
	"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnamed:!:53:53::/:/usr/sbin/nologin\n",
	"etc/group":  "root:x:0:\ndaemon:x:1:\nnamed:x:53:\n",
	"etc/named.conf": `options { directory "/etc/bind"; listen-on tls web { any; }; };
tls web { cert-file "/etc/letsencrypt/live/ns/fullchain.pem"; key-file "/etc/letsencrypt/live/ns/privkey.pem"; };
zone "a.example" { type primary; file "db.a"; };
zone "c.example" { type secondary; primaries { 192.0.2.1; }; file "/var/lib/named/db.c"; };
zone "d.example" { type primary; allow-update { 192.0.2.1; }; file "/var/lib/named/db.d"; };
`,
	"etc/bind/db.a":      auditZone,
	"etc/bind/rndc.key":  "key \"rndc-key\" { algorithm hmac-sha256; secret \"aaaa\"; };\n",
	"var/lib/named/db.d": auditZone,
	"etc/localtime":      "a time zone\n",
	"etc/letsencrypt/archive/ns/fullchain1.pem": "certificate 1\n",
	"etc/letsencrypt/archive/ns/fullchain2.pem": "certificate 2\n",
	"etc/letsencrypt/archive/ns/privkey1.pem":   "key 1\n",
}

const auditZone = "$TTL 300\n@ SOA ns h 1 3 2 6 5\n NS ns\nns A 192.0.2.1\n"

// auditWorld makes a system below a directory of its own, with a jail.
func auditWorld(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: the test builds a jail")
	}
	dir := t.TempDir()
	for name, text := range auditFiles {
		file := filepath.Join(dir, "root", name)
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		must(t, os.WriteFile(file, []byte(text), 0o644))
	}
	must(t, os.WriteFile(filepath.Join(dir, "named"), []byte(scriptNamed), 0o755))
	t.Setenv("NAMED_JAIL_NAMED", filepath.Join(dir, "named"))
	t.Setenv("NO_COLOR", "1")
	inWorld(t, dir, `mkdir -p dev run/named var/lib etc/letsencrypt/live/ns
mknod -m 666 dev/null c 1 3
ln -s ../../archive/ns/fullchain1.pem etc/letsencrypt/live/ns/fullchain.pem
ln -s ../../archive/ns/privkey1.pem etc/letsencrypt/live/ns/privkey.pem
chmod 600 etc/letsencrypt/archive/ns/privkey1.pem
named-jail apply -q --no-checkconf --root . -c /etc/named.conf`)
	return dir
}

// inWorld runs a shell script in the system's root, with $J for the jail.
func inWorld(t *testing.T, dir, script string) {
	t.Helper()
	cmd := exec.Command("sh", "-euc", "umask 022; J=var/named; "+script)
	cmd.Dir = filepath.Join(dir, "root")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", script, err, out)
	}
}

// audited runs the audit and gives its rows, "OP PLACE" and "CODE PLACE", and
// its status.
func audited(t *testing.T, dir string) ([]string, int) {
	t.Helper()
	cmd := exec.Command("named-jail", "audit", "--json", "--root", filepath.Join(dir, "root"), "-c", "/etc/named.conf")
	out, err := cmd.Output()
	var doc struct {
		Problems []struct{ Code, File, Message string }
		Changes  []struct{ Op, Path string }
	}
	if json.Unmarshal(out, &doc) != nil {
		t.Fatalf("no document: %v: %s", err, out)
	}
	rows := []string{}
	for _, c := range doc.Changes {
		rows = append(rows, c.Op+" "+c.Path)
	}
	for _, p := range doc.Problems {
		rows = append(rows, p.Code+" "+strings.TrimPrefix(p.File, filepath.Join(dir, "root")))
	}
	slices.Sort(rows)
	return rows, cmd.ProcessState.ExitCode()
}

// drift is one way in which a jail gets away from what it should be. do makes
// it, want is what the audit says, left what apply leaves of that, and undo
// removes what is left.
type drift struct {
	name, do   string
	want, left []string
	undo       string
}

// drifts is the table of such ways. What has no left is mended by apply.
var drifts = []drift{
	{name: "the jail's mode", do: "chmod 755 $J", want: []string{"chmod /"}},
	{name: "a mode", do: "chmod 777 $J/zones/master", want: []string{"chmod /zones/master"}},
	{name: "a sticky bit", do: "chmod 1700 $J/zones/slave", want: []string{"chmod /zones/slave"}},
	{name: "an owner", do: "chown 53 $J/etc", want: []string{"chown /etc"}},
	{name: "a file's owner", do: "chown 53 $J/zones/master/db.a", want: []string{"chown /zones/master/db.a"}},
	{name: "a set-id bit on a file of ours", do: "chmod 4755 $J/etc/named.conf", want: []string{"chmod /etc/named.conf"}},
	{name: "a directory on the way", do: "chmod 777 $J/etc/letsencrypt", want: []string{"chmod /etc/letsencrypt"}},
	{name: "a directory on the way, owner", do: "chown 53 $J/etc/letsencrypt", want: []string{"chown /etc/letsencrypt"}},
	{name: "a directory that is missing", do: "rmdir $J/zones/slave", want: []string{"mkdir /zones/slave"}},
	{name: "a device that is missing", do: "rm $J/dev/null", want: []string{"mknod /dev/null"}},
	{name: "a file in a device's place", do: "rm $J/dev/null; echo x > $J/dev/null", want: []string{"mknod /dev/null"}},
	{name: "another device's numbers", do: "rm $J/dev/null; mknod -m 666 $J/dev/null c 1 1", want: []string{"mknod /dev/null"}},
	{name: "a device's mode", do: "chmod 600 $J/dev/null", want: []string{"chmod /dev/null"}},
	{name: "named.conf is missing", do: "rm $J/etc/named.conf", want: []string{"write /etc/named.conf"}},
	{name: "the configuration of the host changed", do: "echo '// more' >> etc/named.conf", want: []string{"write /etc/named.conf"}},
	{name: "the time zone of the host changed", do: "echo another > etc/localtime", want: []string{"copy /etc/localtime"}},
	{name: "a certificate that certbot renewed", do: "ln -sfn ../../archive/ns/fullchain2.pem etc/letsencrypt/live/ns/fullchain.pem",
		want: []string{"copy /etc/letsencrypt/live/ns/fullchain.pem"}},
	{name: "a key that was written anew", do: "echo 'key 2' > etc/letsencrypt/archive/ns/privkey1.pem",
		want: []string{"copy /etc/letsencrypt/live/ns/privkey.pem"}},
	{name: "rndc.key of the host changed", do: "sed -i s/aaaa/bbbb/ etc/bind/rndc.key", want: []string{"copy /etc/bind/rndc.key"}},
	{name: "a link on the host is gone", do: "rm run/named/session.key", want: []string{"link /run/named/session.key"}},
	{name: "a statement that is gone", do: "sed -i '/^tls/d; s/listen-on.*any; }; //' etc/named.conf",
		want: []string{"remove /etc/letsencrypt/live/ns/fullchain.pem", "remove /etc/letsencrypt/live/ns/privkey.pem", "write /etc/named.conf"}},

	{name: "an edit in the jail", do: "cp $J/etc/named.conf etc/kept; echo '// faster' >> $J/etc/named.conf",
		want: []string{"NJ506 /var/named/etc/named.conf"}, left: []string{"NJ506 /var/named/etc/named.conf"}, undo: "rm $J/etc/named.conf"},
	{name: "a link in a directory's place", do: "rmdir $J/zones/slave; ln -s ../etc $J/zones/slave",
		want: []string{"NJ511 /var/named/zones/slave"}, left: []string{"NJ511 /var/named/zones/slave"}, undo: "rm $J/zones/slave"},
	{name: "a file that nobody asked for", do: "touch $J/etc/notes", left: []string{"NJ531 /var/named/etc/notes"}, undo: "rm $J/etc/notes"},
	{name: "a zone file that nobody asked for", do: "touch $J/zones/master/db.x", left: []string{"NJ531 /var/named/zones/master/db.x"}, undo: "rm $J/zones/master/db.x"},
	{name: "a program in usr", do: "mkdir -p -m 111 $J/usr/bin; cp /bin/true $J/usr/bin/true", left: []string{"NJ531 /var/named/usr/bin/true"}, undo: "rm -r $J/usr"},
	{name: "a link in a directory of root's", do: "ln -s x $J/dev/log2", left: []string{"NJ531 /var/named/dev/log2"}, undo: "rm $J/dev/log2"},
	{name: "a FIFO in a directory of root's", do: "mkfifo $J/dev/pipe", left: []string{"NJ531 /var/named/dev/pipe"}, undo: "rm $J/dev/pipe"},
	{name: "a socket in a directory of named's", do: `perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("var/named/var/run/s")) or die'`,
		left: []string{"NJ531 /var/named/var/run/s"}, undo: "rm $J/var/run/s"},
	{name: "a FIFO in a directory of named's", do: "mkfifo $J/zones/slave/pipe", left: []string{"NJ531 /var/named/zones/slave/pipe"}, undo: "rm $J/zones/slave/pipe"},
	{name: "a link in a directory of named's", do: "ln -s /etc/passwd $J/zones/dynamic/l", left: []string{"NJ531 /var/named/zones/dynamic/l"}, undo: "rm $J/zones/dynamic/l"},
	{name: "a set-id file", do: "cp /bin/true $J/zones/slave/sh; chmod 4755 $J/zones/slave/sh", left: []string{"NJ530 /var/named/zones/slave/sh"}, undo: "rm $J/zones/slave/sh"},
	{name: "a set-id file deep down", do: "mkdir -p $J/var/run/a/b/c; cp /bin/true $J/var/run/a/b/c/sh; chmod 2755 $J/var/run/a/b/c/sh",
		left: []string{"NJ530 /var/named/var/run/a/b/c/sh"}, undo: "rm -r $J/var/run/a"},
	{name: "a file with capabilities", do: "cp /bin/true $J/zones/slave/cap; setfattr -n security.capability -v 0x0100000280000000000000000000000000000000 $J/zones/slave/cap", left: []string{"NJ530 /var/named/zones/slave/cap"}, undo: "rm $J/zones/slave/cap"},
	{name: "a disk", do: "mknod $J/zones/slave/sda b 8 0", left: []string{"NJ530 /var/named/zones/slave/sda"}, undo: "rm $J/zones/slave/sda"},
	{name: "memory", do: "mknod $J/dev/mem c 1 1", left: []string{"NJ530 /var/named/dev/mem"}, undo: "rm $J/dev/mem"},
	{name: "a hard link to named.conf", do: "ln $J/etc/named.conf etc/second", left: []string{"NJ530 /var/named/etc/named.conf"}, undo: "rm etc/second"},
	{name: "a hard link to a file of root", do: "ln etc/passwd $J/zones/slave/pw", left: []string{"NJ530 /var/named/zones/slave/pw"}, undo: "rm $J/zones/slave/pw"},
	{name: "a directory that all can write", do: "mkdir -m 777 $J/etc/open; touch $J/etc/open/x", left: []string{"NJ532 /var/named/etc/open"}, undo: "rm -r $J/etc/open"},
	{name: "a directory of named's that it does not need", do: "mkdir -m 700 $J/logs; chown 53 $J/logs; touch $J/logs/x", left: []string{"NJ532 /var/named/logs"}, undo: "rm -r $J/logs"},
	{name: "a stranger's file", do: "touch $J/zones/slave/x; chown 1234 $J/zones/slave/x", left: []string{"NJ532 /var/named/zones/slave/x"}, undo: "rm $J/zones/slave/x"},
	{name: "an access list", do: "setfacl -m u:1234:r $J/etc/bind/rndc.key; chmod 640 $J/etc/bind/rndc.key",
		want: []string{"NJ532 /var/named/etc/bind/rndc.key", "chmod /etc/bind/rndc.key"}, undo: "setfacl -b $J/etc/bind/rndc.key"},
	{name: "a login shell", do: "sed -i s,/usr/sbin/nologin,/bin/sh, etc/passwd", left: []string{"NJ503 "}, undo: "sed -i '2s,/bin/sh,/usr/sbin/nologin,' etc/passwd"},
	{name: "a password", do: "sed -i 's,named:!,named:$6$x$y,' etc/passwd", left: []string{"NJ503 "}, undo: `sed -i 's,named:[^:]*:,named:!:,' etc/passwd`},
	{name: "a boot script", do: "mkdir -p etc/init.d etc/default; printf '#!/bin/sh\\nnamed $OPTIONS\\n' > etc/init.d/named; chmod +x etc/init.d/named; echo 'OPTIONS=\"-u named\"' > etc/default/named",
		left: []string{"NJ533 /etc/init.d/named"}, undo: "echo 'OPTIONS=\"-u named -t /var/named -c /etc/named.conf\"' > etc/default/named"},
	{name: "rc.conf", do: "mkdir -p usr/local/etc/rc.d; touch usr/local/etc/rc.d/named; chmod +x usr/local/etc/rc.d/named; echo 'named_enable=\"YES\"' > etc/rc.conf",
		left: []string{"NJ533 /usr/local/etc/rc.d/named"}, undo: "echo 'named_program=\"/usr/local/sbin/named-jail\"' >> etc/rc.conf"},
	{name: "conf.d", do: "rm -r etc/default; mkdir -p etc/conf.d; echo 'OPTIONS=\"-4\"' > etc/conf.d/named",
		left: []string{"NJ533 /etc/init.d/named"}, undo: "echo 'CHROOT=\"/var/named\"' >> etc/conf.d/named"},
	{name: "a script that calls us", do: "rm etc/conf.d/named; mkdir -p etc/sysconfig; echo 'OPTIONS=\"-4\"' > etc/sysconfig/named",
		left: []string{"NJ533 /etc/init.d/named"}, undo: "echo 'named-jail -t /var/named -u named' > etc/init.d/named"},
	{name: "a unit", do: "mkdir -p usr/lib/systemd/system; touch usr/lib/systemd/systemd; printf '[Service]\\nExecStart=/usr/sbin/named -f -u named\\n' > usr/lib/systemd/system/named.service",
		left: []string{"NJ533 /usr/lib/systemd/system/named.service"},
		undo: "mkdir -p etc/systemd/system/named.service.d; printf '[Service]\\nExecStart=\\nExecStart=/usr/local/sbin/named-jail -t /var/named -u named -f\\n' > etc/systemd/system/named.service.d/jail.conf"},
	{name: "a drop-in for another jail", do: "sed -i s,/var/named,/srv/named, etc/systemd/system/named.service.d/jail.conf",
		left: []string{"NJ533 /usr/lib/systemd/system/named.service"}, undo: "rm -r etc/systemd/system/named.service.d; ln -s /dev/null etc/systemd/system/named.service"},
}

// TestAuditDrift makes each drift in turn on a sound jail: the audit says that
// and nothing else, apply mends it or leaves what it must not touch, and in the
// end the jail is sound again.
func TestAuditDrift(t *testing.T) {
	dir := auditWorld(t)
	for _, d := range drifts {
		if rows, status := audited(t, dir); len(rows) != 0 || status != 0 {
			t.Fatalf("before %q: status %d, %q", d.name, status, rows)
		}
		inWorld(t, dir, d.do)
		want := d.want
		if want == nil {
			want = d.left
		}
		if rows, status := audited(t, dir); fmt.Sprint(rows) != fmt.Sprint(want) || status != 3 {
			t.Errorf("%s: status %d, %q, want 3, %q", d.name, status, rows, want)
		}
		refuses := len(d.left) > 0 && (strings.HasPrefix(d.left[0], "NJ506") || strings.HasPrefix(d.left[0], "NJ511"))
		apply := "named-jail apply -q --no-checkconf --root . -c /etc/named.conf"
		if refuses {
			apply = "! " + apply
		}
		inWorld(t, dir, apply)
		if len(d.left) > 0 {
			if rows, _ := audited(t, dir); fmt.Sprint(rows) != fmt.Sprint(d.left) {
				t.Errorf("%s: after apply: %q, want %q", d.name, rows, d.left)
			}
		}
		if d.undo != "" {
			inWorld(t, dir, d.undo)
		}
		if refuses {
			inWorld(t, dir, strings.TrimPrefix(apply, "! "))
		}
	}
	if rows, status := audited(t, dir); len(rows) != 0 || status != 0 {
		t.Errorf("in the end: status %d, %q", status, rows)
	}
}
