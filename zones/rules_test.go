package zones

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ruleTest is a zone, made of head and the lines, with what we find in it and
// what named-checkzone says.
//
// want is a list of "LINE SEVERITY CODE"; severities are e and w. named is a
// part of named-checkzone's output, "" for none asked. Its verdict must be ours.
type ruleTest struct {
	name   string
	lines  string
	checks Checks
	want   string
	named  string
	zone   string // its name, in place of example
	class  string
	head   string // in place of head
}

// levelWords are the words of named-checkzone for levels.
var levelWords = map[Level]string{Warn: "warn", Fail: "fail", Ignore: "ignore"}

// checkzone gives the arguments of named-checkzone that ask for the checks.
func (c *Checks) checkzone() []string {
	integrity := "local"
	switch {
	case c.NoIntegrity:
		integrity = "none"
	case c.NoSibling:
		integrity = "local-sibling"
	}
	args := []string{"-k", levelWords[c.Names], "-m", levelWords[c.MX], "-M", levelWords[c.MXCNAME], "-S", levelWords[c.SRVCNAME],
		"-r", levelWords[c.Duplicates], "-T", levelWords[c.SPF], "-i", integrity}
	if c.NoWildcard {
		args = append(args, "-W", "ignore")
	}
	if c.MaxTTL > 0 {
		args = append(args, "-l", fmt.Sprint(c.MaxTTL))
	}
	return args
}

func runRules(t *testing.T, tests []ruleTest) {
	t.Helper()
	dir := t.TempDir()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			z := example()
			z.Checks, z.Class = test.checks, test.class
			z.Checks.Release = [3]int{9, 18, 49}
			if test.zone != "" {
				z.Name = test.zone
			}
			text := head
			if test.head != "" {
				text = test.head
			}
			text += test.lines
			if err := os.WriteFile(filepath.Join(dir, "z"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			r := Check(memFiles{"z": text}, z)
			var got []string
			for _, d := range r.Diagnostics {
				got = append(got, fmt.Sprintf("%d %.1s %s", d.Line, d.Severity.String(), d.Code))
			}
			if strings.Join(got, ", ") != test.want {
				t.Errorf("\n got %s\nwant %s\n%s", strings.Join(got, ", "), test.want, found(r))
			}
			args := z.Checks.checkzone()
			if test.class != "" {
				args = append(args, "-c", test.class)
			}
			out, accepts := bind(t, dir, "named-checkzone", append(args, z.Name, "z")...)
			if test.named != "" && !strings.Contains(out, test.named) {
				t.Errorf("named-checkzone does not say %q:\n%s", test.named, out)
			}
			if ours := r.Diagnostics.Errors() == 0; ours != accepts {
				t.Errorf("named-checkzone accepts: %v, we: %v\n%s", accepts, ours, out)
			}
		})
	}
}
