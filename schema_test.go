//go:build linux

package main

import (
	"bytes"
	_ "embed"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemaText is the schema of what --json prints. It is part of the test program,
// which runs in other systems too.
//
//go:embed docs/schema.json
var schemaText []byte

// fitsSchema holds a document of a command against the schema.
func fitsSchema(t *testing.T, command, document string) {
	t.Helper()
	const name = "urn:named-jail:output:1"
	text, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	must(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	must(t, c.AddResource(name, text))
	schema, err := c.Compile(name + "#/$defs/" + command)
	must(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(document)))
	if err == nil {
		err = schema.Validate(doc)
	}
	if err != nil {
		t.Errorf("%s --json: %v\n%s", command, err, document)
	}
}
