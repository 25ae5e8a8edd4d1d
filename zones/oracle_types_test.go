package zones

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// expandCases writes out the ‹a¦b› of a table of cases: one case with the first
// of each, then each of the others alone. ¤ stands for | in the data.
func expandCases(table string) []string {
	var cases []string
	seen := make(map[string]bool)
	for line := range strings.Lines(table) {
		line = strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "¤", "|")
		var fixed []string // the text between the choices
		var choices [][]string
		rest := line
		for {
			before, after, found := strings.Cut(rest, "‹")
			fixed = append(fixed, before)
			if !found {
				break
			}
			inside, behind, _ := strings.Cut(after, "›")
			choices = append(choices, strings.Split(inside, "¦"))
			rest = behind
		}
		add := func(at, pick int) {
			var text strings.Builder
			for k := range fixed {
				text.WriteString(fixed[k])
				if k < len(choices) {
					n := 0
					if k == at {
						n = pick
					}
					text.WriteString(choices[k][n])
				}
			}
			if s := strings.TrimSpace(text.String()); s != "" && !seen[s] {
				seen[s] = true
				cases = append(cases, s)
			}
		}
		add(-1, 0)
		for at := range choices {
			for pick := 1; pick < len(choices[at]); pick++ {
				add(at, pick)
			}
		}
	}
	return cases
}

// changedLines are cases made of one: a word taken out, put in, quoted or
// changed.
func changedLines(line string) []string {
	words := strings.Split(line, " ")
	var out []string
	with := func(at int, word string) {
		changed := append([]string(nil), words...)
		changed[at] = word
		out = append(out, strings.Join(changed, " "))
	}
	for at := 1; at < len(words); at++ {
		w := words[at]
		if strings.ContainsAny(w, "\"\\();") {
			continue
		}
		for _, other := range []string{"", `"` + w + `"`, w + "0", "0" + w, w + "x", "-" + w, w + " " + w, w + ".",
			"256", "65536", "4294967296", "-", "@", `""`, `\000`, "a..b", `\#`} {
			with(at, other)
		}
		if len(w) > 1 {
			with(at, w[1:])
			with(at, w[:len(w)-1])
			with(at, w[:len(w)/2]+" "+w[len(w)/2:])
		}
	}
	return append(out, line+" x", line+` "x"`, line+" 00", line+" AAAA")
}

// bindTree runs tools of BIND: those that are installed, or those of another
// release in a tree of its own that chroot enters.
type bindTree struct {
	root    string
	release release
}

// trees gives the installed BIND and the trees that the environment names.
func trees(t testing.TB) map[string]bindTree {
	all := map[string]bindTree{"installed": {}}
	for name, variable := range map[string]string{"9.16": "NAMED_JAIL_BIND916", "9.20": "NAMED_JAIL_BIND920"} {
		if root := os.Getenv(variable); root != "" {
			all[name] = bindTree{root: root}
		}
	}
	for name, tree := range all {
		out := tree.run(t, "named-checkzone", "-v")
		m := regexp.MustCompile(`(\d+)\.(\d+)\.(\d+)`).FindStringSubmatch(out)
		if m == nil {
			t.Fatalf("%s: no release in %q", name, out)
		}
		for k := range tree.release {
			tree.release[k], _ = strconv.Atoi(m[k+1])
		}
		all[name] = tree
	}
	return all
}

// run runs a tool and gives what it prints.
func (b bindTree) run(t testing.TB, tool string, args ...string) string {
	cmd := exec.Command(tool, args...)
	if b.root != "" {
		cmd = exec.Command("chroot", append([]string{b.root, tool}, args...)...)
	}
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatalf("%s cannot be run, install BIND's tools: %v", tool, err)
	}
	return string(out)
}

// dir is a directory that the tools see, and its name to them.
func (b bindTree) dir(t testing.TB) (ours, theirs string) {
	if b.root == "" {
		d := t.TempDir()
		return d, d
	}
	d, err := os.MkdirTemp(filepath.Join(b.root, "tmp"), "types")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(d) })
	return d, "/tmp/" + filepath.Base(d)
}

// lax are the flags that leave nothing but the reading of the file.
var lax = []string{"-i", "none", "-k", "ignore", "-m", "ignore", "-M", "ignore", "-S", "ignore", "-n", "ignore", "-r", "ignore", "-T", "ignore"}

// verdicts asks named-checkzone which lines it refuses, and named-compilezone
// for the wire form of the others.
func (b bindTree) verdicts(t testing.TB, class string, lines []string) (refused map[int]string, wire map[int][]byte) {
	ours, theirs := b.dir(t)
	const top = "$TTL 3600\n@ SOA ns.other. hostmaster 7 3600 600 86400 300\n@ NS ns.other.\n"
	write := func(file string, skip map[int]string) {
		var text strings.Builder
		text.WriteString(top)
		for i, line := range lines {
			if _, bad := skip[i]; !bad {
				fmt.Fprintf(&text, "c%06d %s", i, line)
			}
			text.WriteString("\n")
		}
		if err := os.WriteFile(filepath.Join(ours, file), []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// Some lines are asked one by one: an SOA record ends the loading unless it
	// stands at the top, and after an error in quotes BIND takes a parenthesis
	// in them for one.
	alone := make(map[int]string)
	for i, line := range lines {
		if strings.HasPrefix(line, "SOA ") || strings.Contains(line, `"`) && strings.ContainsAny(line, "();") {
			alone[i] = line
		}
	}
	write("all", alone)
	out := b.run(t, "named-checkzone", append(append([]string{"-c", class}, lax...), "example", theirs+"/all")...)
	refused = make(map[int]string)
	place := regexp.MustCompile(regexp.QuoteMeta(theirs) + `/all:(\d+): (.*)`)
	for line := range strings.Lines(out) {
		if m := place.FindStringSubmatch(line); m != nil && !strings.Contains(line, "old style DNSSEC") && !strings.Contains(line, "signature has expired") {
			n, _ := strconv.Atoi(m[1])
			if i := n - strings.Count(top, "\n") - 1; i >= 0 {
				refused[i] = m[2]
			}
		}
	}
	for i, line := range alone {
		isSOA := strings.HasPrefix(line, "SOA ")
		text := top + "a " + line + "\n"
		if isSOA {
			text = "$TTL 3600\n@ " + line + "\n@ NS ns.other.\n"
		}
		if err := os.WriteFile(filepath.Join(ours, "one"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if out := b.run(t, "named-checkzone", append(append([]string{"-c", class}, lax...), "example", theirs+"/one")...); !strings.Contains(out, "OK") {
			refused[i] = out
		} else if isSOA {
			refused[i] = soaTaken
		}
	}
	write("good", refused)
	if out = b.run(t, "named-compilezone", append(append([]string{"-c", class}, lax...), "-F", "raw=0", "-o", theirs+"/raw", "example", theirs+"/good")...); out != "" {
		t.Logf("named-compilezone: %.2000s", out)
	}
	raw, err := os.ReadFile(filepath.Join(ours, "raw"))
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, out)
	}
	return refused, rawWires(t, raw)
}

// rawWires takes the data of the records at cNNNNNN out of a raw file.
func rawWires(t testing.TB, raw []byte) map[int][]byte {
	wires := make(map[int][]byte)
	for raw = raw[12:]; len(raw) > 0; {
		size := int(binary.BigEndian.Uint32(raw))
		owner := int(binary.BigEndian.Uint16(raw[18:]))
		name, data := raw[20:20+owner], raw[20+owner:size]
		if name[0] == 7 && name[1] == 'c' {
			i, err := strconv.Atoi(string(name[2:8]))
			if err != nil {
				t.Fatal(err)
			}
			wires[i] = data[2 : 2+int(binary.BigEndian.Uint16(data))]
		}
		raw = raw[size:]
	}
	return wires
}

// readLine reads TYPE and data as the text reader does.
func readLine(m *rrReader, class uint16, line string) (rtype uint16, wire []byte, wrong string) {
	var x lexer
	x.reset(strings.NewReader("o " + line + "\n"))
	ok, fault := x.next()
	if fault != nil {
		return 0, nil, fault.message
	}
	if !ok || len(x.entry.words) < 2 {
		return 0, nil, "no type"
	}
	at := &x.entry.words[1]
	rtype, ok = typeOf(x.entry.bytes(at))
	if !ok || at.quoted || metaTypes[rtype] || obsolete[rtype] {
		return 0, nil, "the type"
	}
	r := record{class: class, rtype: rtype}
	origin, _ := parseNameString("example")
	wire, bad, wrong := m.read(&r, &origin, &x.entry, 2)
	if wrong != "" && (bad < 0 || bad >= len(x.entry.words)) {
		return rtype, nil, fmt.Sprintf("%s; at word %d of %d", wrong, bad, len(x.entry.words))
	}
	return rtype, wire, wrong
}

// soaTaken marks an SOA record that BIND takes, and whose wire form is not asked.
const soaTaken = "taken"

// compareLines compares our verdicts and wire forms with those of BIND.
func compareLines(t *testing.T, b bindTree, class string, lines []string, known func(line string) bool) (same int) {
	const most = 400 // named-checkzone gives up after 500 errors
	for len(lines) > most {
		same += compareLines(t, b, class, lines[:most], known)
		lines = lines[most:]
	}
	refused, wires := b.verdicts(t, class, lines)
	number, _ := classOf([]byte(class))
	m := rrReader{release: b.release}
	for i, line := range lines {
		rtype, wire, wrong := readLine(&m, number, line)
		theirs, bad := refused[i]
		if info := typesByCode[rtype]; info != nil && !info.knownTo(b.release) {
			continue
		}
		want := bytes.Clone(wires[i])
		verdict := ""
		if theirs == soaTaken {
			bad, want = false, wire
		}
		switch {
		case bad != (wrong != ""):
			verdict = fmt.Sprintf("we say %q, BIND %q", wrong, theirs)
		case !bad && want == nil:
			verdict = "BIND has not written it"
		case !bad && !validWire(rtype, number, want):
			verdict = fmt.Sprintf("the check of the wire form refuses BIND's % x", want)
		case !bad && !bytes.Equal(wire, want):
			verdict = fmt.Sprintf("we have % x, BIND % x", wire, want)
		}
		if verdict != "" && (known == nil || !known(line)) {
			t.Errorf("class %s, %s: %s", class, line, verdict)
		}
		same++
	}
	return same
}

// TestOracleTypes compares what we read of every type with what BIND reads: the
// verdict, and the wire form.
func TestOracleTypes(t *testing.T) {
	t.Parallel()
	lines := expandCases(typeCases)
	if len(lines) < 800 {
		t.Fatalf("only %d cases", len(lines))
	}
	b := trees(t)["installed"]
	t.Logf("%d cases", compareLines(t, b, "IN", lines, nil))
}

// TestOracleMutations does the same with cases made of those of the table: a
// part of them, or all when NAMED_JAIL_LONG is set.
func TestOracleMutations(t *testing.T) {
	t.Parallel()
	var lines []string
	seen := make(map[string]bool)
	perType := make(map[string]int)
	for _, line := range expandCases(typeCases) {
		word, _, _ := strings.Cut(line, " ")
		var m rrReader
		if _, _, wrong := readLine(&m, dns.ClassINET, line); wrong != "" || strings.Contains(line, `\#`) || perType[word] == 6 {
			continue
		}
		perType[word]++
		for _, other := range changedLines(line) {
			if !seen[other] && (os.Getenv("NAMED_JAIL_LONG") != "" || len(seen)%16 == 0) {
				lines = append(lines, other)
			}
			seen[other] = true
		}
	}
	t.Logf("%d cases", compareLines(t, trees(t)["installed"], "IN", lines, nil))
}

// TestOracleWire compares the check of the wire form with BIND's: data that is
// valid, cut short, made longer, with bytes changed, all in the generic form.
func TestOracleWire(t *testing.T) {
	t.Parallel()
	var lines []string
	seen := make(map[string]bool)
	add := func(rtype uint16, wire []byte) {
		if line := fmt.Sprintf(`%s \# %d %x`, typeName(rtype), len(wire), wire); !seen[line] && len(wire) < 400 {
			seen[line] = true
			lines = append(lines, line)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	perType := make(map[uint16]int)
	most := 3
	if os.Getenv("NAMED_JAIL_LONG") != "" {
		most = 40
	}
	for _, line := range expandCases(typeCases) {
		var m rrReader
		rtype, wire, wrong := readLine(&m, dns.ClassINET, line)
		if wrong != "" || rtype == dns.TypeSOA || perType[rtype] == most {
			continue
		}
		perType[rtype]++
		wire = bytes.Clone(wire)
		add(rtype, wire)
		add(rtype, append(bytes.Clone(wire), 0))
		add(rtype, append(bytes.Clone(wire), 1, 2, 3))
		for range 6 {
			if len(wire) == 0 {
				break
			}
			add(rtype, wire[:random.IntN(len(wire))])
			changed := bytes.Clone(wire)
			changed[random.IntN(len(changed))] = byte(random.UintN(256))
			add(rtype, changed)
			changed = bytes.Clone(changed)
			changed[random.IntN(min(4, len(changed)))] = byte(random.UintN(6))
			add(rtype, changed)
			at := random.IntN(len(wire) + 1)
			add(rtype, append(append(bytes.Clone(wire[:at]), byte(random.UintN(256))), wire[at:]...))
		}
	}
	t.Logf("%d cases", compareLines(t, trees(t)["installed"], "IN", lines, nil))
}

// TestOracleClasses asks the cases of a few types in other classes.
func TestOracleClasses(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, line := range expandCases(classCases) {
		lines = append(lines, line)
	}
	b := trees(t)["installed"]
	for _, class := range []string{"CH", "HS", "CLASS12"} {
		t.Logf("%s: %d cases", class, compareLines(t, b, class, lines, nil))
	}
}

// classCases are asked in the classes CH, HS and CLASS12.
const classCases = `
A ‹192.0.2.1¦Ns.Example. 1234¦ns 177777¦ns 200000¦ns 8¦ns 0x1¦ns¦ns 1 2¦"ns" 1¦ns "1"¦. 0¦@ 00017¦\# 4 01020304¦\# 3 010203¦\# 5 0102030405¦\# 3 000001¦\# 5 0141000001¦\# 2 0001¦\# 4 00000102¦a..b 1¦1.2.3.4 5¦ns -1›
AAAA ‹::1¦\# 16 00000000000000000000000000000001¦\# 4 01020304›
SRV ‹0 0 0 ns¦\# 7 00000000000000¦\# 1 00›
A6 ‹0 ::1¦\# 1 00›
WKS ‹1.2.3.4 6 25¦\# 5 0102030406¦\# 1 00›
NSAP ‹0x47¦\# 1 00¦\# 0›
NSAP-PTR ‹a¦\# 1 00¦\# 1 01›
PX ‹1 a b¦\# 4 00010000¦\# 0›
KX ‹1 a¦\# 3 000100¦\# 0›
EID ‹AB¦\# 0›
NIMLOC ‹AB¦\# 0›
ATMA ‹3133¦\# 0›
APL ‹1:1.2.3.4/5¦¦\# 1 00›
DHCID ‹AAAA¦\# 0¦\# 1 00›
SVCB ‹1 .¦\# 0›
HTTPS ‹1 .¦\# 0›
TXT ‹a¦\# 1 01›
MX ‹1 a¦\# 1 01›
NS ‹a¦\# 1 01›
CNAME ‹a¦\# 0›
NAPTR ‹1 2 a b "" .¦\# 0›
DS ‹1 8 5 00¦\# 0›
NSEC ‹a A¦\# 0›
CAA ‹0 a b¦\# 0›
NULL ‹x¦\# 0›
TYPE65280 ‹x¦\# 0›
`

// TestOracleReleases compares our cases with the other releases that are there,
// and the releases that know the name of each type.
func TestOracleReleases(t *testing.T) {
	t.Parallel()
	for name, b := range trees(t) {
		t.Run(name, func(t *testing.T) {
			var names []string
			for i := range rrTypes {
				names = append(names, rrTypes[i].name+` \# 0`)
			}
			refused, _ := b.verdicts(t, "IN", names)
			for i := range rrTypes {
				knows := !strings.Contains(refused[i], "unknown RR type")
				if rrTypes[i].name == "ANY" {
					continue // it is a class before it is a type
				}
				if want := rrTypes[i].knownTo(b.release); knows != want {
					t.Errorf("BIND %v knows %s: %v, the table says %v", b.release, rrTypes[i].name, knows, want)
				}
			}
			if name != "installed" {
				t.Logf("%d cases", compareLines(t, b, "IN", expandCases(typeCases), func(line string) bool {
					return differs("TestOracleReleases", line, name) != nil
				}))
			}
		})
	}
}
