package parser

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// oracleFrames are the smallest configurations around a statement in its context.
var oracleFrames = []struct {
	in   Context
	text string
}{
	{Top, "%s\n"},
	{OptionsBlock, "options {\n%s\n};\n"},
	{ViewBlock, "view \"v\" {\n%s\n};\n"},
	{ServerBlock, "server 192.0.2.1 {\n%s\n};\n"},
	{ChannelBlock, "logging { channel c {\n%s\n}; };\n"},
	{ControlsBlock, "controls {\n%s\n};\n"},
	{StatisticsBlock, "statistics-channels {\n%s\n};\n"},
	{RateLimitBlock, "options { rate-limit {\n%s\n}; };\n"},
	{DNS64Block, "options { dns64 64:ff9b::/96 {\n%s\n}; };\n"},
	{PolicyBlock, "dnssec-policy p {\n%s\n};\n"},
	{TLSBlock, "tls t {\n%s\n};\n"},
	{HTTPBlock, "http h {\n%s\n};\n"},
}

// oracleZones are zones of each type with what the type requires.
var oracleZones = []struct {
	letter byte
	text   string
	has    string
}{
	{'p', "type primary; file \"db\";", "file type"},
	{'s', "type secondary; file \"s\"; primaries { 192.0.2.1; };", "file type primaries masters"},
	{'m', "type mirror; file \"m\"; primaries { 192.0.2.1; };", "file type primaries masters"},
	{'f', "type forward; forwarders { 192.0.2.1; };", "type forwarders"},
	{'h', "type hint; file \"h\";", "file type"},
	{'t', "type static-stub; server-addresses { 192.0.2.1; };", "type server-addresses"},
	{'u', "type stub; file \"u\"; primaries { 192.0.2.1; };", "file type primaries masters"},
}

// valid are texts that fit a kind, wrong are texts that do not.
var valid = map[string][]string{
	"yes or no": {"yes", "0"}, "a number": {"7", "0x10"}, "a port from 0 to 65535": {"5353"}, "a string in quotes": {`"name"`},
	"a word or string": {"word", `"word"`}, "a time such as 3600, 1h or PT1H": {"60", "1h30m", "PT1H", "P1DT2H"}, "a size such as 100m": {"20m", "65536"},
	"a percentage such as 50%": {"50%"}, "a number such as 0.25": {"0.25"}, "an IPv4 address": {"192.0.2.7"}, "an IPv6 address": {"2001:db8::7"},
	"a block in braces": {"{ x; }"}, "a decimal number": {"3"},
}

// oracleSamples gives texts that fit a value.
func oracleSamples(v *value) []string {
	switch v.op {
	case opWord:
		return []string{v.name}
	case opKind:
		return valid[v.name]
	case opMatch:
		return []string{"any", "192.0.2.0/24", "! 192.0.2.1", "{ 10/8; none; }"}
	case opPorts:
		return []string{"1024", "range 1024 2048"}
	case opAlt:
		var all []string
		for _, k := range v.kids {
			all = append(all, oracleSamples(k)...)
		}
		return all
	case opOpt:
		return append([]string{""}, oracleSamples(v.kids[0])...)
	case opList:
		all := []string{}
		for _, s := range oracleSamples(v.kids[0]) {
			all = append(all, "{ "+s+"; }")
		}
		return all
	case opSeq:
		parts := make([][]string, len(v.kids))
		most := 0
		for i, k := range v.kids {
			parts[i] = oracleSamples(k)
			most = max(most, len(parts[i]))
		}
		all := []string{}
		for i := range most {
			var words []string
			for _, p := range parts {
				if len(p) > 0 {
					words = append(words, p[min(i, len(p)-1)])
				}
			}
			all = append(all, strings.Join(words, " "))
		}
		return all
	}
	return []string{""}
}

type oracleCase struct {
	keyword, text string
}

// oracleCorpus makes the configurations: for each row and context each sample,
// and values that fit hardly anything.
func oracleCorpus() []oracleCase {
	var all []oracleCase
	for i := range statements {
		d := &statements[i]
		if d.value == nil || d.Keyword == "directory" {
			continue
		}
		texts := oracleSamples(d.value)
		texts = append(texts, "", "{ }", "nonsense nonsense nonsense", `"nonsense"`, "-1", "99999999999", "!", "{ { /; }; }")
		if len(texts) > 0 {
			texts = append(texts, texts[0]+" more")
		}
		for _, x := range texts {
			line := d.Keyword + " " + x + ";"
			for _, f := range oracleFrames {
				if d.In&f.in != 0 {
					all = append(all, oracleCase{d.Keyword, fmt.Sprintf(f.text, line)})
				}
			}
			for _, z := range oracleZones {
				if d.In&ZoneBlock != 0 && !strings.Contains(" "+z.has+" ", " "+d.Keyword+" ") {
					all = append(all, oracleCase{d.Keyword, fmt.Sprintf("zone \"example\" {\n%s\n%s\n};\n", line, z.text)})
				}
			}
		}
	}
	return all
}

var oracleLine = regexp.MustCompile(`(?m)^\S*n\.conf:(\d+): (.*)$`)

// TestOracle compares verdicts with named-checkconf, the installed one and
// those below $NAMED_JAIL_BIND916 and $NAMED_JAIL_BIND920. What it calls valid
// must never be an error here; the other way round is counted.
func TestOracle(t *testing.T) {
	for _, o := range []struct {
		version Version
		root    string
	}{{V(9, 18, 49), "/"}, {V(9, 16, 50), os.Getenv("NAMED_JAIL_BIND916")}, {V(9, 20, 30), os.Getenv("NAMED_JAIL_BIND920")}} {
		if o.root == "" || testing.Short() {
			continue
		}
		if found, err := filepath.Glob(filepath.Join(o.root, "usr/*bin/named-checkconf")); err != nil || len(found) == 0 {
			if o.root == "/" {
				t.Log("named-checkconf is not installed")
				continue
			}
			t.Fatal("no named-checkconf below " + o.root)
		}
		t.Run(o.version.String(), func(t *testing.T) { oracle(t, o.version, o.root) })
	}
}

func oracle(t *testing.T, version Version, root string) {
	cases := oracleCorpus()
	if os.Getenv("NAMED_JAIL_ORACLE") != "all" { // all of them take some minutes
		some := cases[:0]
		for i := 0; i < len(cases); i += 17 {
			some = append(some, cases[i])
		}
		cases = some
	}
	dir, err := os.MkdirTemp(filepath.Join(root, "tmp"), "oracle")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	out, err := os.Create(os.Getenv("NAMED_JAIL_ORACLE_LOG"))
	if err == nil {
		defer out.Close()
	}
	var mu sync.Mutex
	var agree, missed, line, valid int
	next := make(chan int)
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			mine := filepath.Join(dir, fmt.Sprint(w))
			os.Mkdir(mine, 0o755)
			for i := range next {
				c := cases[i]
				os.WriteFile(filepath.Join(mine, "n.conf"), []byte(c.text), 0o644)
				inside := "/" + strings.TrimPrefix(mine, filepath.Clean(root))
				cmd := exec.Command("named-checkconf", inside+"/n.conf")
				if root != "/" {
					cmd = exec.Command("chroot", root, "named-checkconf", inside+"/n.conf")
				}
				said, err := cmd.CombinedOutput()
				_, ds := Load(tree{"/n.conf": c.text}, "/n.conf", Options{Version: version})
				first := ds.First()
				m := oracleLine.FindSubmatch(bytes.TrimSpace(said))
				mu.Lock()
				switch {
				case err == nil && first != nil:
					t.Errorf("false error: %s\n%s", first.Headline(), c.text)
				case err == nil:
					agree++
					valid++
				case first == nil:
					missed++
					if out != nil {
						fmt.Fprintf(out, "MISSED %s %q: %s\n", c.keyword, c.text, said)
					}
				default:
					agree++
					if m != nil && string(m[1]) == fmt.Sprint(first.Line) {
						line++
					} else if out != nil {
						fmt.Fprintf(out, "LINE %s %q: %s // %s\n", c.keyword, c.text, said, first.Headline())
					}
				}
				mu.Unlock()
			}
		})
	}
	for i := range cases {
		next <- i
	}
	close(next)
	wg.Wait()
	t.Logf("%d configurations: %d verdicts agree (%d valid; %d invalid, %d of them at the same line), %d faults are left to named-checkconf",
		len(cases), agree, valid, agree-valid, line, missed)
}
