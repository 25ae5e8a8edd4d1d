//go:build linux

package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

// BIND 8 is no longer built anywhere, so this test program stands in for it, under
// other names: for named, which takes exactly BIND 8's options, goes into the jail,
// becomes the account and executes named-xfer there for its secondary zone; and for
// named-xfer, which fetches the zone. Source: ns_main.c, ns_maint.c (tryxfer) and
// named-xfer.c of BIND 8.
const (
	named8  = "/usr/local/sbin/named8"
	xfer8   = "/usr/libexec/named-xfer"
	usage8  = "Usage: named [-d #] [-q] [-r] [-v] [-f] [-p port] [[-b|-c] configfile] [-t directory] [-u (username|uid)] [-g (groupname|gid)]"
	letter8 = "b:c:d:g:p:t:u:w:qrvf" // getopt's string; a colon: with a value
)

func init() {
	switch filepath.Base(os.Args[0]) {
	case filepath.Base(named8):
		os.Exit(said8(serve8(os.Args[1:])))
	case filepath.Base(xfer8):
		os.Exit(said8(fetch8(os.Args[1:])))
	}
}

func said8(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// options8 reads options as getopt(3) does.
func options8(words []string, letters, usage string) (map[byte]string, []string, error) {
	given := map[byte]string{}
	for len(words) > 0 && strings.HasPrefix(words[0], "-") && len(words[0]) > 1 {
		word := words[0][1:]
		words = words[1:]
		for word != "" {
			letter := word[0]
			word = word[1:]
			at := strings.IndexByte(letters, letter)
			if at < 0 || letter == ':' {
				return nil, nil, fmt.Errorf("invalid option -- %c\n%s", letter, usage)
			}
			given[letter] = ""
			if !strings.HasPrefix(letters[at+1:], ":") {
				continue
			}
			if word == "" {
				if len(words) == 0 {
					return nil, nil, fmt.Errorf("option requires an argument -- %c\n%s", letter, usage)
				}
				word, words = words[0], words[1:]
			}
			given[letter], word = word, ""
		}
	}
	return given, words, nil
}

// secondary8 finds the secondary zone in a configuration: its name, primary, port
// and file.
var (
	secondary8 = regexp.MustCompile(`zone "([^"]+)" \{ type slave; masters port ([0-9]+) \{ ([0-9.]+); \}; file "([^"]+)"`)
	program8   = regexp.MustCompile(`named-xfer "([^"]+)"`)
)

// serve8 is named.
func serve8(words []string) error {
	given, rest, err := options8(words, letter8, usage8)
	if err != nil {
		return err
	}
	if _, asked := given['v']; asked {
		fmt.Print("named 8.3.0-REL Fri Jan 26 12:00:00 GMT 2001\n\tus@example:/usr/src\n")
		return nil
	}
	if len(rest) > 0 {
		return errors.New(usage8)
	}
	uid, gid, err := account8(given['u'], given['g']) // before the files of the host are out of sight
	if err != nil {
		return err
	}
	conn, err := net.ListenPacket("udp4", "127.0.0.1:"+given['p']) // as root
	if err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return syscall.Chroot(given['t']) },
		func() error { return syscall.Chdir("/") },
		func() error { return syscall.Setgroups([]int{gid}) },
		func() error { return syscall.Setgid(gid) },
		func() error { return syscall.Setuid(uid) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	conf, err := os.ReadFile(given['c'])
	if err != nil {
		return err
	}
	zone, program := secondary8.FindSubmatch(conf), program8.FindSubmatch(conf)
	if zone == nil || program == nil {
		return fmt.Errorf("no secondary zone, or no named-xfer, in\n%s", conf)
	}
	xfer := exec.Command(string(program[1]), "-z", string(zone[1]), "-f", string(zone[4]), "-s", "0", "-C", "1", "-P", string(zone[2]), string(zone[3]))
	xfer.Args[0] = "named-xfer"
	xfer.Stdin, xfer.Stdout, xfer.Stderr = os.Stdin, os.Stdout, os.Stderr // there may be no /dev/null to open
	if err := xfer.Run(); err != nil {
		return fmt.Errorf("named-xfer: %w", err)
	}
	text, err := os.ReadFile(string(zone[4]))
	if err != nil {
		return err
	}
	server := &dns.Server{PacketConn: conn, Handler: answers8(string(text))}
	return server.ActivateAndServe()
}

// answers8 answers from a zone's text.
func answers8(text string) dns.HandlerFunc {
	records := dns.NewZoneParser(strings.NewReader(text), "", "")
	var all []dns.RR
	for rr, ok := records.Next(); ok; rr, ok = records.Next() {
		all = append(all, rr)
	}
	return func(w dns.ResponseWriter, q *dns.Msg) {
		reply := new(dns.Msg).SetReply(q)
		for _, rr := range all {
			if rr.Header().Name == q.Question[0].Name && rr.Header().Rrtype == q.Question[0].Qtype {
				reply.Answer = append(reply.Answer, rr)
			}
		}
		_ = w.WriteMsg(reply)
	}
}

// account8 gives the numbers of a user and a group.
func account8(user, group string) (uid, gid int, err error) {
	for _, what := range []struct {
		file, name string
		number     *int
	}{{"/etc/passwd", user, &uid}, {"/etc/group", group, &gid}} {
		text, err := os.ReadFile(what.file)
		if err != nil {
			return 0, 0, err
		}
		found := false
		for line := range strings.Lines(string(text)) {
			if fields := strings.Split(line, ":"); fields[0] == what.name {
				*what.number, err = strconv.Atoi(fields[2])
				found = err == nil
			}
		}
		if !found {
			return 0, 0, fmt.Errorf("%q is not in %s", what.name, what.file)
		}
	}
	return uid, gid, nil
}

// fetch8 is named-xfer. It notes in the file who fetched it, and what it saw of the
// host.
func fetch8(words []string) error {
	const usage = "usage: named-xfer -z zone -f file -s serial server..."
	given, servers, err := options8(words, "z:f:i:s:d:l:t:p:P:C:SZ", usage)
	if err != nil {
		return err
	}
	if len(servers) == 0 {
		return errors.New(usage)
	}
	request := new(dns.Msg).SetAxfr(dns.Fqdn(given['z']))
	envelopes, err := new(dns.Transfer).In(request, servers[0]+":"+given['P'])
	if err != nil {
		return err
	}
	groups, _ := syscall.Getgroups()
	_, hidden := os.Stat("/usr/bin")
	text := fmt.Sprintf("; uid %d gid %d groups %v host hidden %v\n", os.Getuid(), os.Getgid(), groups, os.IsNotExist(hidden))
	for e := range envelopes {
		if e.Error != nil {
			return e.Error
		}
		for _, rr := range e.RR {
			text += rr.String() + "\n"
		}
	}
	return os.WriteFile(given['f'], []byte(text), 0o644)
}

const conf8 = `options { directory "/etc/named8"; pid-file "/var/run/named.pid"; named-xfer "/usr/libexec/named-xfer"; };
zone "slave.example" { type slave; masters port 5399 { 127.0.0.2; }; file "bak/db.slave"; };
`

// TestLiveBind8 starts the stand-in by the article's line: each of BIND 8's options
// reaches it or does its work, one of another BIND is refused before it, and
// named-xfer runs in the jail as the account.
func TestLiveBind8(t *testing.T) {
	inClone(t, func(t *testing.T) {
		startNetwork(t)
		startRemote(t)
		for _, name := range []string{named8, xfer8} {
			text, err := os.ReadFile(testProgram)
			must(t, err)
			must(t, os.MkdirAll(filepath.Dir(name), 0o755))
			must(t, os.WriteFile(name, text, 0o755))
		}
		writeFile(t, "/etc/named8/named.conf", conf8)
		must(t, os.MkdirAll("/etc/named8/bak", 0o755))
		line := []string{product, "run", "--named=" + named8, "-t", "/var/named8", "-u", "bind", "-g", "bind", "-b", "/etc/named8/named.conf"}

		for _, foreign := range [][]string{{"-4"}, {"-n", "1"}, {"-x"}, {"-V"}} {
			bare := run(t, append([]string{named8}, foreign...)...).want(t, 1)
			jailed := run(t, append(line, foreign...)...)
			if !strings.Contains(bare.err, "Usage: named") || jailed.status == 0 || !strings.Contains(jailed.err, "NJ603") {
				t.Errorf("%q: bare\n%s\njailed\n%s", foreign, bare, jailed)
			}
		}

		cmd := exec.Command(line[0], append(line[1:], "-f", "-d", "2", "-p", "53", "-q", "-r", "-w", "/etc/named8")...)
		out := outputFile(t)
		cmd.Stdout, cmd.Stderr = out, out
		must(t, cmd.Start())
		t.Cleanup(func() {
			_ = unix.Kill(cmd.Process.Pid, unix.SIGKILL)
			_ = cmd.Wait()
			if text := contents(t, out); t.Failed() {
				t.Logf("named-jail printed:\n%s", text)
			}
		})
		if _, err := firstAnswer("127.0.0.1:53", "www.slave.example.", 20*time.Second); err != nil {
			t.Fatal(err)
		}
		proc := fmt.Sprintf("/proc/%d", cmd.Process.Pid)
		if !sameFile(proc+"/root/", "/var/named8") || !sameFile(proc+"/exe", named8) {
			t.Error("the stand-in does not run in the jail")
		}
		got, err := os.ReadFile(proc + "/cmdline")
		must(t, err)
		want := named8 + " -t /var/named8 -c /etc/named.conf -u bind -g bind -f -d 2 -p 53 -q -r "
		if is := strings.ReplaceAll(string(got), "\x00", " "); is != want {
			t.Errorf("it was started as\n%s\nand not\n%s", is, want)
		}
		uid, gid := ids(t, "bind:bind")
		text, err := os.ReadFile("/var/named8/zones/slave/db.slave")
		must(t, err)
		if who := fmt.Sprintf("; uid %d gid %d groups [%d] host hidden true\n", uid, gid, gid); !strings.HasPrefix(string(text), who) {
			t.Errorf("named-xfer wrote\n%swanted first: %s", text, who)
		}
	})
}
