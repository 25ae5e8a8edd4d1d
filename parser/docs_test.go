package parser

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// diagnosticsPage is the reference of the codes; NAMED_JAIL_DOCS=write writes it.
const diagnosticsPage = "../docs/reference-diagnostics.md"

// markdown escapes what Markdown would act on in running text.
var markdown = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "<", `\<`, "|", `\|`)

// writtenDiagnostics makes the page.
func writtenDiagnostics() string {
	var b strings.Builder
	b.WriteString(`# What the messages mean

Each finding has a code, which never gets a second meaning. This page is made from the tables that
` + "`named-jail explain CODE`" + ` prints from (` + "`parser/docs_test.go`" + `); do not edit it by hand. The examples are run
by a test, each of which makes exactly that finding. Lines without a heading belong to ` + "`/etc/named.conf`" + `; those
that begin with ` + "`$`" + ` are commands.

An error means that the input cannot be used or the operation failed, a warning that it can. A finding can be milder
than its code where named itself is.
`)
	for _, g := range Groups() {
		fmt.Fprintf(&b, "\n## %s\n\n| code | severity | what |\n|---|---|---|\n", g.Title)
		for _, c := range g.Codes() {
			fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", c, strings.ToLower(string(c)), codes[c].Severity, markdown.Replace(codes[c].Title))
		}
		for _, c := range g.Codes() {
			e, _ := Explain(c)
			fmt.Fprintf(&b, "\n### %s\n\n**%s: %s.** %s\n\n```text\n%s\n```\n\nWhat to do: %s\n", c, codes[c].Severity, markdown.Replace(codes[c].Title),
				markdown.Replace(e.Text), e.Example, markdown.Replace(sentence(codes[c].Remedy)))
		}
	}
	return b.String()
}

// TestDiagnosticsPage holds the page to the tables.
func TestDiagnosticsPage(t *testing.T) {
	want := writtenDiagnostics()
	if os.Getenv("NAMED_JAIL_DOCS") == "write" {
		if err := os.WriteFile(diagnosticsPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(diagnosticsPage); err != nil || string(text) != want {
		t.Errorf("%s is stale (%v); make it with NAMED_JAIL_DOCS=write go test -run TestDiagnosticsPage ./parser", diagnosticsPage, err)
	}
}
