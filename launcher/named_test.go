package launcher

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// installed is the real named. NAMED_JAIL_REQUIRE_BIND=1 makes its absence a
// failure.
func installed(t *testing.T) Build {
	t.Helper()
	path, err := Find("", "", nil)
	if err != nil {
		if os.Getenv("NAMED_JAIL_REQUIRE_BIND") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	b, err := Probe(context.Background(), path, "")
	if err != nil {
		t.Fatal(err)
	}
	if b.Family != 9 {
		t.Skipf("this compares with BIND 9, not with %s", b.Text)
	}
	return b
}

// What a command line comes to. The jail never exists, so named never starts.
const (
	accepted = "accepted"
	refused  = "refused"
	printed  = "printed"
)

// refusals are the beginnings of what named says of a bad command line.
var refusals = []string{"unknown option", "requires an argument", "extra command line arguments", "must be numeric",
	"out of range", "cannot specify -4 and -6", "unrecognized flag"}

// verdict runs named with a jail that does not exist and tells what came of it.
func verdict(t *testing.T, b Build, dir string, argv []string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.Path, append([]string{"-t", filepath.Join(dir, "nojail")}, argv...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err == nil {
		return printed
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("%q: %v: %s", argv, err, out)
	}
	text := string(out)
	for _, r := range refusals {
		if strings.Contains(text, r) {
			return refused
		}
	}
	if strings.Contains(text, "chroot(): ") || strings.Contains(text, "unknown") && strings.Contains(text, "named: user") {
		return accepted
	}
	t.Fatalf("%q: named says what this test does not know: %s", argv, text)
	return ""
}

// ours is the same for ParseArgs.
func ours(b Build, dir string, argv []string) string {
	inv, err := ParseArgs(b, append([]string{"-t", filepath.Join(dir, "nojail")}, argv...), nil)
	switch {
	case err != nil:
		return refused
	case inv.Info != 0:
		return printed
	}
	return accepted
}

// TestAgainstNamed compares the verdict on command lines with that of the
// installed named. Its only deliberate differences are left out: an empty value
// for -t, -u or -c, and BIND 9.18's fault with ports after http=.
func TestAgainstNamed(t *testing.T) {
	b := installed(t)
	dir := t.TempDir()
	lines := []string{"", "-v", "-V", "-C", "-?", "-H", "-F", "-l", "-i x", "-w x", "-b x", "-r", "-q", "-Z -v", "-v -Z", "-vZ", "-fvZ",
		"--", "-- x", "-", "-f-", "--help", "x", "-g", "-g x", "-g -f", "-gn5", "-gx", "-n", "-n x", "-n -1", "-n +5", "-n 0x10",
		"-n 2147483647", "-n 2147483648", "-n 99999999999999999999", "-d 1x", "-p 0", "-p 65535", "-p 65536", "-p dns=53", "-p tls=x",
		"-p https=", "-p DNS=53", "-p =5", "-p -5", "-S x", "-U 5x", "-U 0", "-4 -6", "-64", "-4 -6 -v", "-m trace", "-m TRACE",
		"-m trace,usage", "-m trace,,usage", "-m size", "-m x -v", "-v -m x", "-M fill", "-M external", "-M x", "-E x", "-X x",
		"-x x", "-D x", "-T x", "-L x", "-N 3", "-N x", "-s", "-u x", "-c x", "-ug", "-fgs", "-f x -v", "-n - ", "-n +", "-n -0", "-d -v"}
	for _, line := range lines {
		argv := strings.Fields(line)
		if r, o := verdict(t, b, dir, argv), ours(b, dir, argv); r != o {
			t.Errorf("%q: named %s, we %s", argv, r, o)
		}
	}
	for _, argv := range [][]string{{""}, {"-n", ""}, {"-p", ""}, {"-m", ""}, {"-n", " "}, {"-n", " 5"}, {"-n", "5 "}, {"-n", "\t-0"}, {"-d", "\n7"}, {"-f", ""}} {
		if r, o := verdict(t, b, dir, argv), ours(b, dir, argv); r != o {
			t.Errorf("%q: named %s, we %s", argv, r, o)
		}
	}
}

// TestAgainstNamedAtRandom does the same with command lines thrown together. The
// seed is fixed; the values of -t are names that do not exist in an empty
// directory.
func TestAgainstNamedAtRandom(t *testing.T) {
	b := installed(t)
	dir := t.TempDir()
	const letters = "46cCdDEfFgHLmMnNpsStTuUvVxXZi-lbq:"
	values := []string{"x", "5", "0", "none", "trace", "fill", "-f", "--", "-", "5x", "dns=5353"}
	random := rand.New(rand.NewPCG(1, 2))
	count := 250
	if testing.Short() {
		count = 40
	}
	seen := map[string]int{}
	for range count {
		var argv []string
		for range 1 + random.IntN(4) {
			word := "-"
			for range 1 + random.IntN(3) {
				word += string(letters[random.IntN(len(letters))])
			}
			argv = append(argv, word)
			for random.IntN(2) == 0 {
				argv = append(argv, values[random.IntN(len(values))])
			}
		}
		r, o := verdict(t, b, dir, argv), ours(b, dir, argv)
		seen[r]++
		if r != o {
			t.Errorf("%q: named %s, we %s", argv, r, o)
		}
	}
	if seen[accepted] == 0 || seen[refused] == 0 || seen[printed] == 0 {
		t.Errorf("one-sided sample: %v", seen)
	}
}

// TestJailedLineAgainstNamed: what Argv makes of an accepted line must be
// accepted by named, too.
func TestJailedLineAgainstNamed(t *testing.T) {
	b := installed(t)
	dir := t.TempDir()
	jail := filepath.Join(dir, "nojail")
	for _, line := range []string{"-t /var/named -u named -g named", "-f -n2 -p 5353 -x old -s -4", "-gd3 -L /var/log/x -D why", "-U 3 -S 9 -T x -M fill -m usage"} {
		inv, err := ParseArgs(b, strings.Fields(line), isGroup)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got := verdict(t, b, dir, inv.Argv(jail, "root")[1:]); got != accepted {
			t.Errorf("%q: named %s it", inv.Argv(jail, "root"), got)
		}
	}
}

// TestProbeNamed compares Probe with what named prints.
func TestProbeNamed(t *testing.T) {
	b := installed(t)
	short, err := exec.Command(b.Path, "-v").Output()
	if err != nil {
		t.Fatal(err)
	}
	long, err := exec.Command(b.Path, "-V").Output()
	if err != nil {
		t.Fatal(err)
	}
	if b.Text != strings.TrimSpace(string(short)) || !strings.Contains(b.Text, b.Version.String()) {
		t.Errorf("text %q, version %v", b.Text, b.Version)
	}
	for _, p := range []string{b.Conf, b.RndcConf, b.SessionKey, b.PIDFile} {
		if p == "" || !strings.Contains(string(long), p) {
			t.Errorf("%q is not in named -V", p)
		}
	}
	if b.PluginDir == "" || b.RndcKey != filepath.Join(filepath.Dir(b.RndcConf), "rndc.key") {
		t.Errorf("%+v", b)
	}
	if info, err := os.Stat(b.PluginDir); err != nil || !info.IsDir() {
		t.Errorf("the plugin directory %s: %v", b.PluginDir, err)
	}
}
