package zones

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// dictionary are words that changes put into a zone file.
var dictionary = strings.Fields(`@ . .. * \ \. \097 \256 \# ( ) ; " "" "x" $ $TTL $ORIGIN $INCLUDE $GENERATE $DATE 0 1 60 1h 1h30m 65535 65536
2147483647 4294967295 4294967296 -1 IN CH HS ANY CLASS1 CLASS0 NONE A AAAA NS SOA CNAME DNAME MX TXT SRV PTR DS DNSKEY RRSIG NSEC NSEC3
NSEC3PARAM KEY SIG NXT CAA TLSA SSHFP NAPTR HINFO LOC SPF TYPE1 TYPE65280 TYPE41 OPT MD NULL URI SVCB HTTPS RP AFSDB CERT CDS ns ns.example.
example. a *.a _x under_score 192.0.2.1 192.0.2 2001:db8::1 ::1 AAAA= 00 1-3 a$ ${0,3,x} plain.inc`)

// fileChanges are the ways in which a zone file is changed; lines is never empty.
var fileChanges = []func(r *rand.Rand, lines [][]byte) [][]byte{
	func(r *rand.Rand, l [][]byte) [][]byte { // without a line
		i := r.IntN(len(l))
		return append(l[:i:i], l[i+1:]...)
	},
	func(r *rand.Rand, l [][]byte) [][]byte { // a line twice
		i, j := r.IntN(len(l)), r.IntN(len(l)+1)
		return append(append(l[:j:j], l[i]), l[j:]...)
	},
	func(r *rand.Rand, l [][]byte) [][]byte { // two lines change places
		i, j := r.IntN(len(l)), r.IntN(len(l))
		l[i], l[j] = l[j], l[i]
		return l
	},
	func(r *rand.Rand, l [][]byte) [][]byte { // two lines become one
		i := r.IntN(len(l))
		l[i] = bytes.TrimSuffix(l[i], []byte("\n"))
		return l
	},
	inLine(func(r *rand.Rand, line []byte) []byte { // another byte
		const bytesOf = "az09.-_*@$\\\"();/ \t\n\r{},:#+=\x00\x7f\x80\xff"
		line[r.IntN(len(line))] = bytesOf[r.IntN(len(bytesOf))]
		return line
	}),
	inLine(func(r *rand.Rand, line []byte) []byte { // without a byte
		i := r.IntN(len(line))
		return append(line[:i:i], line[i+1:]...)
	}),
	inWords(func(r *rand.Rand, w []string) []string { // two words change places
		i, j := r.IntN(len(w)), r.IntN(len(w))
		w[i], w[j] = w[j], w[i]
		return w
	}),
	inWords(func(r *rand.Rand, w []string) []string { // without a word
		i := r.IntN(len(w))
		return append(w[:i:i], w[i+1:]...)
	}),
	inWords(func(r *rand.Rand, w []string) []string { // a word more
		i := r.IntN(len(w) + 1)
		return append(append(w[:i:i], dictionary[r.IntN(len(dictionary))]), w[i:]...)
	}),
	inWords(func(r *rand.Rand, w []string) []string { // another word
		w[r.IntN(len(w))] = dictionary[r.IntN(len(dictionary))]
		return w
	}),
}

func inLine(change func(*rand.Rand, []byte) []byte) func(*rand.Rand, [][]byte) [][]byte {
	return func(r *rand.Rand, l [][]byte) [][]byte {
		i := r.IntN(len(l))
		if len(l[i]) > 0 {
			l[i] = change(r, bytes.Clone(l[i]))
		}
		return l
	}
}

func inWords(change func(*rand.Rand, []string) []string) func(*rand.Rand, [][]byte) [][]byte {
	return inLine(func(r *rand.Rand, line []byte) []byte {
		words := strings.Fields(string(line))
		if len(words) == 0 {
			return line
		}
		start := ""
		if line[0] == ' ' || line[0] == '\t' {
			start = " "
		}
		return []byte(start + strings.Join(change(r, words), " ") + "\n")
	})
}

// flagValues are the values that random flags take.
var flagValues = map[string]string{"-k": "warn fail ignore", "-m": "warn fail ignore", "-M": "warn fail ignore", "-S": "warn fail ignore",
	"-r": "warn fail ignore", "-T": "warn ignore", "-W": "warn ignore", "-i": "local local-sibling none", "-l": "3600"}

// randomFlags gives up to three flags for named-checkzone.
func randomFlags(r *rand.Rand) []string {
	names := slices.Sorted(maps.Keys(flagValues))
	var flags []string
	for range r.IntN(4) {
		name := names[r.IntN(len(names))]
		values := strings.Fields(flagValues[name])
		flags = append(flags, name, values[r.IntN(len(values))])
	}
	return flags
}

// TestRandomZones changes good files of the corpus at random and compares our
// verdict, records and findings with named-checkzone's. NAMED_JAIL_RANDOM=COUNT takes
// more of them, NAMED_JAIL_SEED=N others. What it finds belongs into the
// corpus.
func TestRandomZones(t *testing.T) {
	count, seed := 300, 1
	for name, v := range map[string]*int{"NAMED_JAIL_RANDOM": &count, "NAMED_JAIL_SEED": &seed} {
		if text := os.Getenv(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			*v = n
		}
	}
	scratch := t.TempDir()
	bases := make(map[string][]*corpusCase) // by theme
	var themes []string
	for _, c := range wholeCorpus(t, scratch) {
		info, err := os.Stat(filepath.Join(c.dir, c.file))
		if c.good && c.releases == nil && c.dir != ".." && err == nil && info.Size() < 4000 {
			theme := filepath.Dir(c.name)
			if bases[theme] == nil {
				themes = append(themes, theme)
			}
			bases[theme] = append(bases[theme], c)
		}
	}
	release := bindReleases(t)[0].release
	for n := range count {
		t.Run(fmt.Sprintf("seed-%d-file-%d", seed, n), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(seed), uint64(n)))
			theme := bases[themes[r.IntN(len(themes))]]
			changedZone(t, theme[r.IntN(len(theme))], r, release)
		})
	}
}

// changedZone makes one file of a base and compares.
func changedZone(t *testing.T, base *corpusCase, r *rand.Rand, release [3]int) {
	text, err := os.ReadFile(filepath.Join(base.dir, base.file))
	if err != nil {
		t.Fatal(err)
	}
	var top []byte
	for bytes.HasPrefix(text, []byte("; ")) { // the header
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		top, text = append(append(top, line...), '\n'), rest
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	for range 1 + r.IntN(3) {
		if len(lines) > 0 {
			lines = fileChanges[r.IntN(len(fileChanges))](r, lines)
		}
	}
	changed := append(top, bytes.Join(lines, nil)...)
	z := base.zone
	z.File = filepath.Base(t.Name()) + ".db"
	path := filepath.Join(base.dir, z.File)
	defer os.Remove(path)
	if err := os.WriteFile(path, changed, 0o644); err != nil {
		t.Fatal(err)
	}
	dump := path + ".raw"
	defer os.Remove(dump)
	class := z.Class
	if class == "" {
		class = "IN"
	}
	flags := base.flags
	if r.IntN(2) == 0 {
		flags = randomFlags(r)
		z.Checks = Checks{}
		if !setChecks(&z.Checks, flags) {
			t.Fatalf("the flags %v are not valid", flags)
		}
	}
	args := append([]string{"-i", "local", "-c", class, "-F", "raw=1", "-o", dump}, flags...)
	out, accepts := bind(t, base.dir, "named-checkzone", append(args, z.Name, z.File)...)
	z.Checks.Release = release
	report, records := recordsOf(&hostFiles{dir: base.dir}, z)
	var wrong []string
	if ours := report.Diagnostics.Errors() == 0; ours != accepts {
		wrong = append(wrong, fmt.Sprintf("we say %v, named-checkzone %v", ours, accepts))
	} else if accepts {
		wrong = append(sameZone(t, out, dump, z, report, records), unanswered(out, accepts, report)...)
	}
	if len(wrong) == 0 {
		return
	}
	t.Errorf("%s, zone %s, flags %v: %s\nours:\n%s\nnamed-checkzone:\n%s\nfile:\n%s", base.name, z.Name, flags,
		strings.Join(wrong, "\n"), found(report), out, visible(changed))
}

// visible shows the lines of a file with every byte that cannot be seen.
func visible(text []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		quoted := strconv.Quote(line)
		b.WriteString(strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`))
		b.WriteByte('\n')
	}
	return b.String()
}
