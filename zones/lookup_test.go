package zones

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// answers names what a lookup finds.
var answers = map[answer]string{hit: "hit", noData: "no data", emptyName: "empty", noName: "no name", isCNAME: "CNAME",
	belowDNAME: "DNAME", delegated: "delegated", isGlue: "glue"}

// readStore reads a zone into a store.
func readStore(t *testing.T, text string) *store {
	t.Helper()
	c := newChecker(t.Context(), memFiles{"z": text}, nil)
	if r := c.check(example()); r.Diagnostics.Errors() > 0 && !strings.Contains(found(r), "NJ4") {
		t.Fatal(found(r))
	}
	c.store.fill()
	return &c.store
}

// TestLookup checks the answers for one zone that has everything.
func TestLookup(t *testing.T) {
	s := readStore(t, head+`a A 192.0.2.1
six AAAA ::1
text TXT x
c CNAME a
*.w A 192.0.2.1
x.y.w TXT x
*.t TXT x
d DNAME x.test.
*.c2 CNAME a
sub NS ns.sub
sub A 192.0.2.1
ns.sub A 192.0.2.1
c.sub CNAME a
in.ns.sub NS x.test.
low.in.ns.sub A 192.0.2.1
`)
	for _, test := range []struct{ name, open, glue, cut string }{
		{"a", "hit", "hit", ""},
		{"six", "no data", "no data", ""},
		{"text", "no data", "no data", ""},
		{"c", "CNAME", "CNAME", ""},
		{"gone", "no name", "no name", ""},
		{"w", "empty", "empty", ""},
		{"b.w", "hit", "hit", ""},
		{"b.b.w", "hit", "hit", ""},
		{"y.w", "empty", "empty", ""},
		{"z.y.w", "no name", "no name", ""},
		{"x.y.w", "no data", "no data", ""},
		{"b.t", "no data", "no data", ""},
		{"b.c2", "CNAME", "CNAME", ""},
		{"d", "no data", "no data", ""},
		{"b.d", "DNAME", "DNAME", "d"},
		{"sub", "delegated", "glue", "sub"},
		{"ns.sub", "delegated", "glue", "sub"},
		{"c.sub", "delegated", "delegated", "sub"},
		{"gone.sub", "delegated", "delegated", "sub"},
		{"low.in.ns.sub", "delegated", "glue", "sub"},
		{"@", "no data", "no data", ""},
	} {
		origin, _ := parseNameString("example")
		var n name
		n.parse([]byte(test.name), &origin)
		for glue, want := range map[bool]string{false: test.open, true: test.glue} {
			got, cut := s.lookup(n.bytes(), hasA, glue)
			if answers[got] != want {
				t.Errorf("%s, glue %v: %s, want %s", test.name, glue, answers[got], want)
			}
			if test.cut != "" {
				var at name
				at.parse([]byte(test.cut), &origin)
				if cut == none || string(s.name(cut)) != string(at.bytes()) {
					t.Errorf("%s, glue %v: the cut is not %s", test.name, glue, test.cut)
				}
			}
		}
	}
}

var targetSaid = regexp.MustCompile(`IN: (q\d+)\.example/(MX|NS) '([^']*)' (.*)`)

// TestLookupBesideNamed compares what our lookup and that of named-checkzone
// say of every name of small zones that chance makes.
func TestLookupBesideNamed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	labels := []string{"a", "b", "*"}
	types := []string{"A 192.0.2.1", "AAAA ::1", "TXT x", "CNAME x.test.", "NS x.test.", "DNAME x.test."}
	dir := t.TempDir()
	compared, told := 0, 0
	for round := range 120 {
		text := head
		taken := map[string]string{}
		for range 1 + random.IntN(12) {
			var parts []string
			for range 1 + random.IntN(3) {
				parts = append(parts, labels[random.IntN(len(labels))])
			}
			owner, rtype := strings.Join(parts, "."), types[random.IntN(len(types))]
			if was, is := taken[owner]; is && (strings.HasPrefix(was, "CNAME") || strings.HasPrefix(rtype, "CNAME") || was == rtype) ||
				strings.HasPrefix(owner, "*") && strings.HasPrefix(rtype, "NS") {
				continue
			}
			taken[owner] = rtype
			text += owner + " " + rtype + "\n"
		}
		var names []string
		for _, x := range labels {
			names = append(names, x)
			for _, y := range labels {
				names = append(names, x+"."+y)
				for _, z := range labels {
					names = append(names, x+"."+y+"."+z)
				}
			}
		}
		for _, rtype := range []string{"MX 1", "NS"} {
			zone := text
			for i, n := range names {
				zone += fmt.Sprintf("q%d %s %s\n", i, rtype, n)
			}
			write(t, dir, "z", zone)
			out, ok := bind(t, dir, "named-checkzone", "-i", "local", "-k", "ignore", "-W", "ignore", "example", "z")
			if !ok {
				t.Fatalf("%s\n%s", zone, out)
			}
			theirs := make([]string, len(names))
			for _, m := range targetSaid.FindAllStringSubmatch(out, -1) {
				var i int
				fmt.Sscanf(m[1], "q%d", &i)
				theirs[i] = m[4]
			}
			lines := strings.Count(text, "\n")
			z := example()
			z.Checks.Names, z.MaxErrors = Ignore, 1000
			ours := make([]string, len(names))
			for _, d := range Check(memFiles{"z": zone}, z).Diagnostics {
				if i := d.Line - lines - 1; i >= 0 && slices.Contains([]string{"NJ421", "NJ422", "NJ423"}, string(d.Code)) {
					ours[i] = d.Message
				}
			}
			for i := range names {
				compared++
				if theirs[i] != "" {
					told++
				}
				if !sameWords(ours[i], theirs[i]) {
					t.Fatalf("round %d, q%d %s %s:\nnamed-checkzone: %q\nwe: %q\n%s", round, i, rtype, names[i], theirs[i], ours[i], text)
				}
			}
		}
	}
	if told < 500 {
		t.Errorf("named-checkzone says something of %d names only", told)
	}
	t.Logf("%d names compared, named-checkzone complains of %d", compared, told)
}

// sameWords tells whether two messages about a target mean the same.
func sameWords(ours, theirs string) bool {
	for words, mean := range map[string][]string{
		"has no address":       {"no address"},
		"REQUIRED GLUE":        {"inside the zone that it serves"},
		"has no SIBLING GLUE":  {"another delegated zone"},
		"is a CNAME (illegal)": {"is a CNAME"},
		"is below a DNAME":     {"below a DNAME"},
	} {
		if strings.Contains(theirs, words) {
			return slices.ContainsFunc(mean, func(m string) bool { return strings.Contains(ours, m) })
		}
	}
	return (ours == "") == (theirs == "")
}
