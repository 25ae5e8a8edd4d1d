package parser

import (
	"strings"
	"testing"
)

// TestExplain shows that every code has its row, and no row lacks its code.
func TestExplain(t *testing.T) {
	for _, c := range Codes() {
		e, ok := Explain(c)
		if !ok || len(e.Text) < 30 || e.Example == "" || !strings.HasSuffix(e.Text, ".") {
			t.Errorf("%s has no good explanation: %+v", c, e)
		}
	}
	for c := range explanations {
		if _, ok := LookupCode(c); !ok {
			t.Errorf("%s is explained and is no code", c)
		}
	}
}
