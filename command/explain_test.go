package command

import (
	"errors"
	"strings"
	"testing"

	"named-jail/parser"
)

// TestExplainCodes explains every code, in lower case and as a message has it.
func TestExplainCodes(t *testing.T) {
	for _, c := range parser.Codes() {
		e, _ := parser.Explain(c)
		info, _ := parser.LookupCode(c)
		for _, word := range []string{string(c), strings.ToLower(string(c)), "[" + string(c) + "]"} {
			var b strings.Builder
			if err := explain(&b, word); err != nil {
				t.Fatalf("%s: %v", word, err)
			}
			flat := strings.Join(strings.Fields(b.String()), " ")
			for _, part := range []string{info.Title, e.Text, strings.Join(strings.Fields(e.Example), " "), info.Remedy} {
				if !strings.Contains(flat, part) {
					t.Errorf("%s does not print %q", word, part)
				}
			}
			for _, line := range strings.Split(wrap(e.Text, textWidth), "\n") {
				if len(line) > textWidth {
					t.Errorf("%s has a line of %d bytes: %s", word, len(line), line)
				}
			}
		}
	}
}

// TestExplainUnknown asks for codes that there are none of.
func TestExplainUnknown(t *testing.T) {
	for _, tt := range []struct{ word, want string }{
		{"412", "did you mean NJ412 ("},
		{"nj4l2", "or NJ412 ("},
		{"NJ5122", "did you mean NJ512 ("},
		{"journal", "NJ419 ("},
		{"nj4", "those for zone files are NJ401 to NJ4"},
		{"NJ999", "`named-jail explain` lists them"},
		{"", "`named-jail explain` lists them"},
	} {
		err := explain(&strings.Builder{}, tt.word)
		var usage usageError
		if !errors.As(err, &usage) || !strings.Contains(usage.text, tt.want) {
			t.Errorf("%q: %v, want %q", tt.word, err, tt.want)
		}
	}
}

// TestListCodes shows that the list has each code once, under its group.
func TestListCodes(t *testing.T) {
	var b strings.Builder
	if err := listCodes(&b); err != nil {
		t.Fatal(err)
	}
	rest := b.String()
	for _, g := range parser.Groups() {
		head, tail, ok := strings.Cut(rest, g.Title+":\n")
		if !ok || strings.TrimSpace(head) != "" {
			t.Fatalf("before %s stands %q", g.Title, head)
		}
		rest = tail
		for _, c := range g.Codes() {
			line, tail, _ := strings.Cut(rest, "\n")
			info, _ := parser.LookupCode(c)
			if strings.Join(strings.Fields(line), " ") != string(c)+" "+info.Severity.String()+" "+info.Title {
				t.Errorf("%s is listed as %q", c, line)
			}
			rest = tail
		}
	}
	if rest != "" {
		t.Errorf("at the end stands %q", rest)
	}
}
