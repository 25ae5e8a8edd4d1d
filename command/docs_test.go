//go:build linux

package command

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// jsonPage is the reference of the documents; NAMED_JAIL_DOCS=write writes it.
const jsonPage = "../docs/reference-json.md"

// schemaNode is a part of docs/schema.json, as far as the page tells it.
type schemaNode struct {
	Ref         string                `json:"$ref"`
	Type        any                   `json:"type"`
	Const       any                   `json:"const"`
	Enum        []string              `json:"enum"`
	Format      string                `json:"format"`
	Description string                `json:"description"`
	Items       *schemaNode           `json:"items"`
	Required    []string              `json:"required"`
	Properties  map[string]schemaNode `json:"properties"`
	AnyOf       []schemaNode          `json:"anyOf"`
	Defs        map[string]schemaNode `json:"$defs"`
}

// definition is the name that a reference leads to, "" for none.
func (n schemaNode) definition() string { return strings.TrimPrefix(n.Ref, "#/$defs/") }

// kind says what a value is, with a link to the objects of a list.
func (n schemaNode) kind() string {
	switch {
	case n.Const != nil:
		return fmt.Sprint(n.Const)
	case len(n.Enum) > 0:
		var words []string
		for _, word := range n.Enum {
			words = append(words, fmt.Sprintf("`%q`", word))
		}
		return strings.Join(words, ", ")
	case n.Items != nil && n.Items.Ref != "":
		at := n.Items.definition()
		return fmt.Sprintf("list of [%s](#%s)", at, strings.ToLower(at))
	case n.Items != nil:
		return fmt.Sprintf("list of %vs", n.Items.Type)
	}
	if list, ok := n.Type.([]any); ok {
		return fmt.Sprintf("%v or %v", list[0], list[1])
	}
	kind := fmt.Sprint(n.Type)
	if kind == "array" {
		kind = "empty list"
	}
	return strings.TrimSpace(kind + " " + strings.TrimPrefix(n.Format, "date-"))
}

// writtenJSON makes the page.
func writtenJSON(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema schemaNode
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# The documents of --json\n\n%s\n\nThis page is made from [schema.json](schema.json) (`command/docs_test.go`); do not edit it by hand.\n", schema.Description)
	row := func(field string, p schemaNode) {
		if at := p.definition(); at != "" {
			p = schema.Defs[at]
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", field, p.kind(), p.Description)
	}
	const head = "\n\n| field | is | what |\n|---|---|---|\n"
	// The fields that all documents have stand once.
	common := []string{"form", "jail", "problems"}
	b.WriteString("\n## All documents\n\nThe documents of explain and version have no jail and no problems." + head)
	for i, field := range []string{"version", "jail", "problems"} {
		row(field, schema.Defs[common[i]])
	}
	var told []string
	table := func(name string) {
		node := schema.Defs[name]
		told = append(told, name)
		fmt.Fprintf(&b, "\n## %s\n\n%s", name, strings.TrimPrefix(node.Description, name+": "))
		for _, alternative := range node.AnyOf {
			if at := alternative.definition(); at != "" {
				fmt.Fprintf(&b, " Or what [%s](#%s) says.", at, at)
			} else {
				node = alternative
			}
		}
		b.WriteString(head)
		for _, field := range node.Required {
			if p := node.Properties[field]; !slices.Contains(common, p.definition()) {
				row(field, p)
			}
		}
	}
	for _, alternative := range schema.AnyOf {
		table(alternative.definition())
	}
	table("failure")
	for _, name := range []string{"problem", "change", "missing", "pastRun", "prunedRun", "servicePart", "explainedCode"} {
		table(name)
	}
	for name, node := range schema.Defs {
		if len(node.Properties)+len(node.AnyOf) > 0 && !slices.Contains(told, name) {
			t.Errorf("%s does not have the definition %s", jsonPage, name)
		}
	}
	return b.String()
}

// TestJSONPage holds the page to the schema.
func TestJSONPage(t *testing.T) {
	want := writtenJSON(t)
	if os.Getenv("NAMED_JAIL_DOCS") == "write" {
		if err := os.WriteFile(jsonPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(jsonPage); err != nil || string(text) != want {
		t.Errorf("%s is stale (%v); make it with NAMED_JAIL_DOCS=write go test -run TestJSONPage ./command", jsonPage, err)
	}
}
