package parser

import (
	"strings"
	"testing"
)

// TestExplain shows that every code has its group and its row, and no row lacks
// its code.
func TestExplain(t *testing.T) {
	for _, c := range Codes() {
		e, ok := Explain(c)
		if !ok || len(e.Text) < 30 || e.Example == "" || !strings.HasSuffix(e.Text, ".") {
			t.Errorf("%s has no good explanation: %+v", c, e)
		}
		info, _ := LookupCode(c)
		if info.Title == "" || !strings.HasSuffix(info.Remedy, ".") {
			t.Errorf("%s does not say what to do: %+v", c, info)
		}
	}
	for _, table := range []map[Code]Explanation{explanations, zoneExplanations, jailExplanations} {
		for c := range table {
			if _, ok := LookupCode(c); !ok {
				t.Errorf("%s is explained and is no code", c)
			}
		}
	}
	if n := len(explanations) + len(zoneExplanations) + len(jailExplanations); n != len(Codes()) {
		t.Errorf("%d explanations for %d codes", n, len(Codes()))
	}
	n := 0
	for _, g := range Groups() {
		n += len(g.Codes())
	}
	if n != len(Codes()) {
		t.Errorf("the groups have %d of %d codes", n, len(Codes()))
	}
}

// TestPrintedRemedy shows that a finding without a remedy of its own is printed
// with that of its code.
func TestPrintedRemedy(t *testing.T) {
	for _, tt := range []struct{ own, want string }{
		{"", "error: it broke [NJ508]\n    " + codes["NJ508"].Remedy + "\n"},
		{"wait", "error: it broke [NJ508]\n    Wait.\n"},
	} {
		var b strings.Builder
		if err := (Diagnostic{Code: "NJ508", Message: "it broke", Remedy: tt.own}).Fprint(&b); err != nil || b.String() != tt.want {
			t.Errorf("%q prints %q, %v", tt.own, b.String(), err)
		}
	}
}
