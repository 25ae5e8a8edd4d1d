package launcher

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"named-jail/parser"
)

func build(t testing.TB, version string) Build {
	t.Helper()
	v, err := parser.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	b := AssumedBuild(v)
	b.Path = "/usr/sbin/named"
	return b
}

func isGroup(name string) bool { return name == "named" || name == "bind" || name == "25" }

// optionStrings are the getopt strings of the releases, as their sources have
// them, without '?'. Letters in refused are read by that named and refused by
// it or by us.
var optionStrings = []struct {
	versions string
	options  string
	refused  string
}{
	{"8.2.3 8.3.0 8.4.7", "b:c:d:g:p:t:u:vw:qrf", ""},
	{"9.0.0 9.0.1", "c:d:fgn:N:p:st:u:x:", ""},
	{"9.1.0 9.1.3 9.2.9", "c:C:d:fgi:ln:N:p:P:st:u:vx:", "Cl"},
	{"9.3.0 9.4.0", "46c:C:d:fgi:lm:n:N:p:P:st:u:vx:", "Cl"},
	{"9.6.0 9.6.3", "46c:C:d:fgi:lm:n:N:p:P:sS:t:T:u:vVx:", "Cl"},
	{"9.7.0 9.7.7 9.8.8", "46c:C:d:E:fFgi:lm:n:N:p:P:sS:t:T:u:vVx:", "ClF"},
	{"9.9.0 9.9.13", "46c:C:d:E:fFgi:lm:M:n:N:p:P:sS:t:T:u:U:vVx:", "ClF"},
	{"9.10.8", "46c:C:d:D:E:fFgi:lm:M:n:N:p:P:sS:t:T:u:U:vVx:", "ClF"},
	{"9.11.0 9.11.37", "46A:c:C:d:D:E:fFgi:lL:M:m:n:N:p:P:sS:t:T:U:u:vVx:X:", "ClF"},
	{"9.12.4 9.14.12 9.16.0 9.16.28 9.18.0 9.18.2", "46A:c:d:D:E:fFgL:M:m:n:N:p:sS:t:T:U:u:vVx:X:", "F"},
	{"9.16.29 9.16.50 9.18.3 9.18.49 9.19.1 9.19.17", "46A:c:Cd:D:E:fFgL:M:m:n:N:p:sS:t:T:U:u:vVx:X:", "F"},
	{"9.20.0 9.20.27", "46A:c:Cd:D:E:fFgL:M:m:n:N:p:sS:t:T:U:u:vVx:X:", "X"},
	{"9.21.0 9.21.24", "46A:c:Cd:D:E:fFgL:M:m:n:N:p:sS:t:T:U:u:vVx:X:", "XE"},
	{"9.21.25 9.22.0", "46A:c:Cd:D:E:fFgHL:M:m:n:N:p:sS:t:T:U:u:vVx:X:", "XE"},
}

// TestOptionStrings walks every byte for every release: the table must take
// what the release's getopt string takes, with and without an argument alike.
func TestOptionStrings(t *testing.T) {
	for _, row := range optionStrings {
		for version := range strings.FieldsSeq(row.versions) {
			b := build(t, version)
			for c := 1; c < 256; c++ {
				letter := byte(c)
				at := strings.IndexByte(row.options, letter)
				known := at >= 0 && letter != ':' || letter == '?' && b.Family == 9
				wantsArg := known && at >= 0 && strings.HasPrefix(row.options[at+1:], ":")
				if strings.IndexByte(row.refused, letter) >= 0 {
					known = false
				}
				argv := []string{"-" + string([]byte{letter})}
				if wantsArg {
					argv = append(argv, valueFor(letter))
				}
				inv, err := ParseArgs(b, argv, isGroup)
				if letter == '-' { // "--" ends the flags
					continue
				}
				if (err == nil) != known {
					t.Errorf("%s -%q: known %v, got error %v", version, letter, known, err)
					continue
				}
				if err != nil {
					if Code(err) != StatusUsage {
						t.Errorf("%s -%q: status %d", version, letter, Code(err))
					}
					continue
				}
				if len(inv.Flags) != 1 || inv.Flags[0].Flag.Arg != wantsArg {
					t.Errorf("%s -%q: argument wanted %v, got %+v", version, letter, wantsArg, inv.Flags)
				}
				if wantsArg {
					if _, err := ParseArgs(b, argv[:1], isGroup); err == nil {
						t.Errorf("%s -%q: no error without its argument", version, letter)
					}
					if _, err := ParseArgs(b, []string{argv[0] + argv[1]}, isGroup); err != nil {
						t.Errorf("%s: attached %s%s: %v", version, argv[0], argv[1], err)
					}
				}
			}
		}
	}
}

func valueFor(letter byte) string {
	switch letter {
	case 'm':
		return "trace"
	case 'M':
		return "fill"
	}
	return "5"
}

func TestRowsDoNotOverlap(t *testing.T) {
	for i, a := range flags {
		for _, b := range flags[i+1:] {
			if a.Letter != b.Letter || a.Family != b.Family {
				continue
			}
			aEndsFirst := a.Until.Known() && !b.Since.Before(a.Until)
			bEndsFirst := b.Until.Known() && !a.Since.Before(b.Until)
			if !aEndsFirst && !bEndsFirst {
				t.Errorf("-%c: rows from %v and from %v overlap", a.Letter, a.Since, b.Since)
			}
		}
		if a.Meaning == "" {
			t.Errorf("-%c: no meaning", a.Letter)
		}
		if (a.Form == WordList) != (len(a.Words) > 0) {
			t.Errorf("-%c: form and words disagree", a.Letter)
		}
		if a.Until.Known() && a.Instead == "" {
			if _, later := LookupFlag(a.Letter, a.Family, a.Until); !later && a.Kind != Info {
				t.Errorf("-%c ends with %v and says not what to do then", a.Letter, a.Until)
			}
		}
	}
}

// TestArgv gives command lines and what the jailed named gets.
func TestArgv(t *testing.T) {
	cases := []struct {
		version string
		in      string
		want    string // of Argv("/J", "U")
	}{
		{"9.18.49", "-t /var/named -u named -g named", "-t /J -c /etc/named.conf -u U"},
		{"9.18.49", "-t /var/named -g named -u named", "-t /J -c /etc/named.conf -u U"},
		{"9.18.49", "-fg named", "-t /J -c /etc/named.conf -u U -f"},
		{"9.18.49", "-g 25 -g", "-t /J -c /etc/named.conf -u U -g"},
		{"9.18.49", "-g", "-t /J -c /etc/named.conf -u U -g"},
		{"9.18.49", "-g -u named", "-t /J -c /etc/named.conf -u U -g"},
		{"9.18.49", "-gt/jail -ubind -4", "-t /J -c /etc/named.conf -u U -g -4"},
		{"9.18.49", "-f -4 -n2 -p dns=5353 -d 3 -x gone -s --", "-t /J -c /etc/named.conf -u U -f -4 -n 2 -p dns=5353 -d 3 -s"},
		{"9.18.49", "-d1 -d 2", "-t /J -c /etc/named.conf -u U -d 1 -d 2"},
		{"9.18.49", "-L /var/log/n -X none -M fill,nofill -m usage,trace -D why -T bad",
			"-t /J -c /etc/named.conf -u U -L /var/log/n -X none -M fill,nofill -m usage,trace -D why -T bad"},
		{"9.20.3", "-F -f", "-t /J -c /etc/named.conf -u U -F -f"},
		{"8.3.0", "-t /var/named -u named -g named", "-t /J -c /etc/named.conf -u U -g named"},
		{"8.3.0", "-b /a -c /b -w /work -p 53/54 -qrf -d x", "-t /J -c /etc/named.conf -u U -p 53/54 -q -r -f -d x"},
		{"8.3.0", "-gnobody /etc/other.conf", "-t /J -c /etc/named.conf -u U -g nobody"},
	}
	for _, c := range cases {
		inv, err := ParseArgs(build(t, c.version), strings.Fields(c.in), isGroup)
		if err != nil {
			t.Errorf("%s %s: %v", c.version, c.in, err)
			continue
		}
		want := append([]string{"/usr/sbin/named"}, strings.Fields(c.want)...)
		if diff := cmp.Diff(want, inv.Argv("/J", "U")); diff != "" {
			t.Errorf("%s %s:\n%s", c.version, c.in, diff)
		}
		// What comes out must be acceptable to the same named, and stay itself.
		again, err := ParseArgs(inv.Build, inv.Argv("/J", "U")[1:], nil)
		if err != nil {
			t.Errorf("%s %s: its own named refuses the result: %v", c.version, c.in, err)
		} else if diff := cmp.Diff(inv.Argv("/J", "U"), again.Argv("/J", "U")); diff != "" {
			t.Errorf("%s %s: not stable:\n%s", c.version, c.in, diff)
		}
	}
}

func TestInvocationFields(t *testing.T) {
	args := strings.Fields("-t /a -t rel -u x -u named -g named -c /etc/n.conf -L log -X lock -p 5353 -6 -f")
	inv, err := ParseArgs(build(t, "9.18.49"), args, isGroup)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{inv.Jail, inv.User, inv.Group, inv.Config, inv.LogFile, inv.LockFile, inv.Port,
		inv.IPv6Only, inv.IPv4Only, inv.Foreground, inv.LogToStderr, inv.Info}
	want := []any{"rel", "named", "named", "/etc/n.conf", "log", "lock", "5353", true, false, true, false, byte(0)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(append([]string{"/usr/sbin/named"}, args...), inv.Original()); diff != "" {
		t.Error(diff)
	}
	inv, err = ParseArgs(build(t, "9.18.49"), []string{"-g"}, isGroup)
	if err != nil || !inv.Foreground || !inv.LogToStderr || inv.Group != "" {
		t.Errorf("-g alone: %+v %v", inv, err)
	}
	inv, err = ParseArgs(build(t, "8.3.0"), strings.Fields("-w /work -c /a /b"), nil)
	if err != nil || inv.Config != "/b" || inv.WorkDir != "/work" {
		t.Errorf("BIND 8: %+v %v", inv, err)
	}
	inv, err = ParseArgs(Build{Path: "/opt/named"}, []string{"-f"}, nil)
	if err != nil || inv.Build.Version != DefaultVersion || inv.Original()[0] != "/opt/named" {
		t.Errorf("no build: %+v %v", inv, err)
	}
	inv.Build.Path = "/usr/sbin/lwresd"
	if inv.Original()[0] != "named" {
		t.Error("the name lwresd is handed on")
	}
}

// TestInfo: these flags act when they are met, after errors before them and
// before errors behind them.
func TestInfo(t *testing.T) {
	cases := []struct {
		version, in string
		info        byte // 0: an error
	}{
		{"9.18.49", "-v", 'v'}, {"9.18.49", "-vZ", 'v'}, {"9.18.49", "-v -Z extra", 'v'}, {"9.18.49", "-fVn", 'V'},
		{"9.18.49", "-C", 'C'}, {"9.18.49", "-?", '?'}, {"9.21.25", "-H", 'H'}, {"8.3.0", "-v -Z", 'v'},
		{"9.18.49", "-Z -v", 0}, {"9.18.49", "-n x -v", 0}, {"9.18.49", "-4 -6 -v", 0}, {"9.18.49", "extra -v", 0},
		{"9.18.49", "-H", 0}, {"8.3.0", "-?", 0},
	}
	for _, c := range cases {
		inv, err := ParseArgs(build(t, c.version), strings.Fields(c.in), nil)
		if c.info == 0 {
			if err == nil {
				t.Errorf("%s %s: no error", c.version, c.in)
			}
			continue
		}
		if err != nil || inv.Info != c.info {
			t.Errorf("%s %s: got %+v, %v", c.version, c.in, inv, err)
		}
	}
}

// TestErrors: the code and the words that the operator has to see.
func TestErrors(t *testing.T) {
	cases := []struct {
		version string
		in      []string
		code    parser.Code
		words   []string
	}{
		{"9.18.49", []string{"-H"}, "NJ603", []string{"named 9.18.49 has no flag -H", "came with BIND 9.21.25", "root hints"}},
		{"9.20.3", []string{"-X", "none"}, "NJ603", []string{"removed in BIND 9.19.18", "lock-file"}},
		{"9.21.2", []string{"-fE", "x"}, "NJ603", []string{"removed in BIND 9.21.0", `(in "-fE")`, "key-store"}},
		{"9.18.49", []string{"-F"}, "NJ603", []string{"came with BIND 9.20.0", "FIPS"}},
		{"9.14.0", []string{"-C"}, "NJ603", []string{"removed in BIND 9.12.0", "came back with BIND 9.16.29"}},
		{"9.18.49", []string{"-w", "/x"}, "NJ603", []string{"only BIND 8", "directory statement"}},
		{"9.18.49", []string{"-b", "/x"}, "NJ603", []string{"write -c"}},
		{"8.3.0", []string{"-4"}, "NJ603", []string{"only BIND 9"}},
		{"9.0.0", []string{"-v"}, "NJ603", []string{"came with BIND 9.1.0"}},
		{"9.18.49", []string{"-Z"}, "NJ603", []string{"no flag -Z"}},
		{"9.18.49", []string{"-\x1b[2J"}, "NJ603", []string{`no flag -\x1b`}},
		{"9.18.49", []string{"-gnamed"}, "NJ608", []string{"-g named", "word of its own"}},
		{"9.18.49", []string{"-gbind"}, "NJ603", []string{"-g bind", "word of its own"}},
		{"9.18.49", []string{"-g", "nogroup", "-f"}, "NJ604", []string{`"nogroup"`, "BIND 8", "BIND 9", "foreground"}},
		{"9.18.49", []string{"-g", ""}, "NJ604", []string{`""`}},
		{"9.18.49", []string{"-g", "named", "named"}, "NJ608", []string{`"named"`}},
		{"9.18.49", []string{"-gf", "named"}, "NJ608", []string{`"named"`}},
		{"9.18.49", []string{"extra"}, "NJ608", []string{`"extra"`}},
		{"9.18.49", []string{"-f", "--fallback"}, "NJ608", []string{"named-jail run --fallback -t"}},
		{"9.18.49", []string{""}, "NJ608", []string{`""`}},
		{"9.18.49", []string{"--", "extra"}, "NJ608", []string{`"extra"`}},
		{"9.18.49", []string{"-"}, "NJ608", []string{`"-"`}},
		{"9.18.49", []string{"-f-"}, "NJ603", []string{"no flag --"}},
		{"9.18.49", []string{"-f", "--copy"}, "NJ608", []string{"--copy", "before those of named"}},
		{"9.18.49", []string{"-n"}, "NJ608", []string{"-n wants a value"}},
		{"9.18.49", []string{"-n", "2x"}, "NJ608", []string{"-n", "decimal number", `"2x"`}},
		{"9.18.49", []string{"-n-1"}, "NJ608", []string{"0 to 2147483647"}},
		{"9.18.49", []string{"-p", "tls=0"}, "NJ608", []string{"1 to 65535"}},
		{"9.16.50", []string{"-p", "tls=853"}, "NJ608", []string{"decimal number"}},
		{"9.18.49", []string{"-m", "size"}, "NJ608", []string{"usage trace record"}},
		{"9.18.49", []string{"-46"}, "NJ608", []string{"-4 and -6"}},
		{"9.18.49", []string{"-t", ""}, "NJ608", []string{"-t", "not empty"}},
		{"9.11.4", []string{"-l"}, "NJ608", []string{"lwresd"}},
		{"9.11.4", []string{"-C", "/etc/resolv.conf"}, "NJ608", []string{"lwresd"}},
		{"8.3.0", []string{"a", "b"}, "NJ608", []string{`"b"`, "one configuration file"}},
		{"8.3.0", []string{"-"}, "NJ608", []string{`"-"`}},
		{"8.3.0", []string{"--", "-"}, "NJ608", []string{`"-"`}},
	}
	for _, c := range cases {
		_, err := ParseArgs(build(t, c.version), c.in, isGroup)
		var exit *ExitError
		if !errors.As(err, &exit) {
			t.Errorf("%s %q: %v", c.version, c.in, err)
			continue
		}
		if exit.Status != StatusUsage || exit.Diagnostic.Code != c.code || exit.Diagnostic.Remedy == "" {
			t.Errorf("%s %q: status %d, %+v", c.version, c.in, exit.Status, exit.Diagnostic)
		}
		if _, ok := parser.LookupCode(c.code); !ok {
			t.Errorf("code %s is not in the table", c.code)
		}
		for _, w := range c.words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s %q: %q is missing in: %v", c.version, c.in, w, err)
			}
		}
	}
}

func TestCheckGroup(t *testing.T) {
	nine, eight := build(t, "9.18.49"), build(t, "8.3.0")
	if err := CheckGroup(nine, "named", 25, "named", 25); err != nil {
		t.Error(err)
	}
	if err := CheckGroup(nine, "named", 25, "", 0); err != nil {
		t.Error(err)
	}
	if err := CheckGroup(eight, "named", 25, "bind", 30); err != nil {
		t.Error(err)
	}
	err := CheckGroup(nine, "named", 25, "bind", 30)
	if Code(err) != StatusFailed {
		t.Fatalf("got %v", err)
	}
	for _, w := range []string{`"bind" (gid 30)`, "gid 25", "usermod -g bind named"} {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q is missing in: %v", w, err)
		}
	}
}

func TestSplitOwn(t *testing.T) {
	cases := []struct{ in, own, named string }{
		{"--copy --named=/x -t /j --late", "--copy --named=/x", "-t /j --late"},
		{"-t /j", "", "-t /j"},
		{"--copy -- -t /j", "--copy", "-t /j"},
		{"-- -t /j", "", "-- -t /j"},
		{"--copy", "--copy", ""},
		{"", "", ""},
	}
	for _, c := range cases {
		in := strings.Fields(c.in)
		own, named := SplitOwn(in)
		if strings.Join(own, " ") != c.own || strings.Join(named, " ") != c.named {
			t.Errorf("%q: %q and %q", c.in, own, named)
		}
		if _ = append(own, "x"); strings.Join(in, " ") != c.in {
			t.Errorf("%q: the parts share memory", c.in)
		}
	}
}

func TestEnvironment(t *testing.T) {
	in := []string{"PATH=/bin", "LD_PRELOAD=jemalloc.so", "TZ=UTC", "SSLKEYLOGFILE=/tmp/secret", "NOTIFY_SOCKET=/run/x",
		"NAMED_JAIL_NAMED=/secret", "LD_LIBRARY_PATH=/opt/bind/lib", "odd", "KRB5_KTNAME=/k"}
	kept, told := Environment(in)
	if diff := cmp.Diff([]string{"PATH=/bin", "LD_PRELOAD=jemalloc.so", "TZ=UTC", "SSLKEYLOGFILE=/tmp/secret", "NOTIFY_SOCKET=/run/x",
		"LD_LIBRARY_PATH=/opt/bind/lib", "odd", "KRB5_KTNAME=/k"}, kept); diff != "" {
		t.Error(diff)
	}
	if len(told) != 1 || !strings.HasPrefix(told[0], "SSLKEYLOGFILE: ") || strings.Contains(told[0], "secret") {
		t.Errorf("told: %q", told)
	}
	if got := LoaderEnvironment(in); len(got) != 1 || got[0] != "LD_LIBRARY_PATH=/opt/bind/lib" {
		t.Errorf("for the loader: %q", got)
	}
}

func TestCode(t *testing.T) {
	if Code(nil) != 0 || Code(errors.New("x")) != 1 || Code(fail(127, "NJ601", nil, "m", "r")) != 127 {
		t.Error("wrong status")
	}
	err := fail(1, "NJ605", nil, "a\x1bb", "c\nd")
	if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < 0x20 }) {
		t.Errorf("control bytes in %q", err.Error())
	}
}

// FuzzParseArgs: no panic; every result is acceptable to the same release; every
// error is a usage error with a remedy and without control bytes.
func FuzzParseArgs(f *testing.F) {
	for _, s := range []string{"-t /var/named -u named -g named", "-gt/jail -ubind", "-vZ", "-4 -6", "-n 5x", "-- x", "-g bind -g", "-X none -E x"} {
		f.Add(s, uint8(9), uint8(18), uint8(49))
		f.Add(s, uint8(8), uint8(3), uint8(0))
		f.Add(s, uint8(9), uint8(11), uint8(4))
	}
	f.Fuzz(func(t *testing.T, line string, major, minor, patch uint8) {
		b := AssumedBuild(parser.V(8+int(major%2), int(minor%24), int(patch)))
		argv := strings.Split(line, " ")
		before := slices.Clone(argv)
		inv, err := ParseArgs(b, argv, isGroup)
		if !slices.Equal(before, argv) {
			t.Fatal("the words were changed")
		}
		if err != nil {
			var exit *ExitError
			if !errors.As(err, &exit) || exit.Status != StatusUsage || exit.Diagnostic.Remedy == "" {
				t.Fatalf("%q: %#v", argv, err)
			}
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < 0x20 || r == 0x7f }) {
				t.Fatalf("control bytes: %q", err.Error())
			}
			return
		}
		if inv.Info != 0 {
			return
		}
		out := inv.Argv("/J", "U")
		again, err := ParseArgs(b, out[1:], nil)
		if err != nil {
			t.Fatalf("%q became %q: %v", argv, out, err)
		}
		if !slices.Equal(out, again.Argv("/J", "U")) || again.Jail != "/J" || again.Config != JailedConfig || again.User != "U" {
			t.Fatalf("%q became %q and then %q", argv, out, again.Argv("/J", "U"))
		}
	})
}
