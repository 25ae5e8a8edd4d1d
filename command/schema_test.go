//go:build linux

package command

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// schemaName is the $id of docs/schema.json.
const schemaName = "urn:named-jail:output:1"

// documentSchemas compiles the definition of each command, and the whole.
func documentSchemas(t *testing.T) func(definition string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("../docs/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(schemaName, doc); err != nil {
		t.Fatal(err)
	}
	return func(definition string) *jsonschema.Schema {
		t.Helper()
		s, err := c.Compile(schemaName + definition)
		if err != nil {
			t.Fatalf("docs/schema.json%s: %v", definition, err)
		}
		return s
	}
}

// jsonCommands lists the commands that take --json.
func jsonCommands(c *cobra.Command) []string {
	var list []string
	for _, sub := range c.Commands() {
		list = append(list, jsonCommands(sub)...)
	}
	if c.Flags().Lookup("json") != nil {
		list = append(list, c.Name())
	}
	return list
}

// fleet is a system below a directory, as the cases of the schema find it.
type fleet struct {
	t    *testing.T
	root string
}

func newFleet(t *testing.T) fleet {
	s := fleet{t, t.TempDir()}
	s.put("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnamed:x:53:53::/:/usr/sbin/nologin\n")
	s.put("etc/group", "root:x:0:\ndaemon:x:1:\nnamed:x:53:\n")
	s.put("usr/lib/systemd/systemd", "")
	s.put("usr/lib/systemd/system/named.service", "[Service]\nExecStart=/usr/sbin/named -f -u named\n")
	s.put("usr/local/sbin/named-jail", "")
	s.put("bin/named", "#!/bin/sh\ncase $1 in\n-v) echo 'BIND 9.18.49' ;;\n-V) echo 'BIND 9.18.49' ;;\nesac\n")
	s.put("var/lib/none", "")
	if err := os.Mkdir(filepath.Join(s.root, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mknod(filepath.Join(s.root, "dev/null"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"bin/named", "usr/local/sbin/named-jail"} {
		if err := os.Chmod(filepath.Join(s.root, program), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("NAMED_JAIL_NAMED", filepath.Join(s.root, "bin/named"))
	return s
}

func (s fleet) put(name, text string) {
	s.t.Helper()
	at := filepath.Join(s.root, name)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// run gives what a command line prints on standard output, and its status.
func (s fleet) run(words ...string) ([]byte, int) {
	s.t.Helper()
	stdout, stderr := os.Stdout, os.Stderr
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	out, err := os.CreateTemp(s.t.TempDir(), "out")
	if err != nil {
		s.t.Fatal(err)
	}
	defer out.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	defer null.Close()
	os.Stdout, os.Stderr = out, null
	status := Main(append([]string{"named-jail"}, words...))
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		s.t.Fatal(err)
	}
	text, err := io.ReadAll(out)
	if err != nil {
		s.t.Fatal(err)
	}
	return text, status
}

// The texts of the cases.
const (
	soundConf = "options { directory \"/etc\"; };\nzone \"example.com\" { type primary; file \"db\"; };\n"
	soundZone = "$TTL 300\n@ SOA ns h 1 3 2 6 5\n NS ns\nns A 192.0.2.1\n"
)

// schemaCase is a command line in a state of the system that before brings about.
// Failed says that the document is that of a command that could not do its work.
type schemaCase struct {
	state   string
	before  func(fleet)
	command string
	words   []string
	status  int
	failed  bool
}

// file gives a change of the system: one file with a text.
func file(name, text string) func(fleet) { return func(s fleet) { s.put(name, text) } }

// do gives a change of the system: a command that succeeds.
func do(words ...string) func(fleet) {
	return func(s fleet) {
		s.t.Helper()
		if _, status := s.run(append(words, "--root", s.root)...); status != 0 {
			s.t.Fatalf("%q ends with status %d", words, status)
		}
	}
}

var (
	sound = file("etc/named.conf", soundConf)
	mend  = file("etc/db", soundZone)
	made  = do("apply", "--no-checkconf", "-c", "/etc/named.conf")
)

// schemaCases are done one after the other on one system.
var schemaCases = []schemaCase{
	{"any", nil, "version", nil, 0, false},
	{"no configuration", nil, "check", nil, 1, false},
	{"no configuration", nil, "audit", nil, 1, true},
	{"broken", file("etc/named.conf", "options { recursion no\n};\n"), "check", nil, 1, false},
	{"broken", nil, "plan", nil, 1, false},
	{"broken", nil, "apply", nil, 1, true},
	{"broken", nil, "audit", nil, 1, true},
	{"broken", nil, "trace", nil, 1, true},
	{"names that no terminal may get", file("etc/named.conf", "zone \"a\x1b\u202e\" { file \"\x07\xff\"; };\n"), "check", nil, 1, false},
	{"a zone with errors", func(s fleet) { sound(s); s.put("etc/db", soundZone+"www A 300\n") }, "check", nil, 1, false},
	{"a zone with errors", nil, "plan", []string{"--keep-going"}, 0, false},
	{"a zone with errors", nil, "apply", nil, 1, true},
	{"sound", mend, "check", []string{"-t", "/var/named"}, 0, false},
	{"sound", nil, "check", []string{"-t", "/etc"}, 1, false},
	{"sound", nil, "plan", nil, 0, false},
	{"sound", nil, "plan", []string{"--exit-code"}, 3, false},
	{"a jail at a wrong place", nil, "apply", []string{"-t", "/"}, 1, true},
	{"no named", nil, "check", []string{"--named", "/none"}, 127, true},
	{"named is no program", nil, "plan", []string{"--named", "/etc/passwd"}, 126, true},
	{"never applied", nil, "history", nil, 0, false},
	{"never applied", nil, "rollback", nil, 1, true},
	{"never applied", nil, "audit", nil, 3, false},
	{"sound", nil, "apply", nil, 0, false},
	{"nothing to do", nil, "apply", nil, 0, false},
	{"nothing to do", nil, "plan", []string{"--exit-code"}, 0, false},
	{"a system with systemd", nil, "service", nil, 0, false},
	{"a system with systemd", nil, "service", []string{"systemd"}, 0, false},
	{"a system with systemd", nil, "service", []string{"systemd", "--install"}, 0, false},
	{"a service that is there", nil, "service", []string{"systemd", "--install"}, 0, false},
	{"for a person", nil, "service", []string{"sysv"}, 0, false},
	{"clean", nil, "audit", nil, 0, false},
	{"drift", func(s fleet) {
		s.put("var/named/etc/stray\x1b", "")
		if err := os.Chmod(filepath.Join(s.root, "var/named/etc"), 0o777); err != nil {
			s.t.Fatal(err)
		}
	}, "audit", nil, 3, false},
	{"drift", nil, "plan", nil, 0, false},
	{"below --root", nil, "trace", nil, 1, true},
	{"applied", nil, "history", nil, 0, false},
	{"applied", nil, "prune", []string{"--run", "1"}, 0, false},
	{"a jail at a wrong place", nil, "prune", []string{"-t", "/", "--older-than", "1d"}, 1, true},
	{"a jail at a wrong place", nil, "history", []string{"-t", "/"}, 1, true},
	{"applied", nil, "rollback", nil, 0, false},
	{"applied again", func(s fleet) { made(s); do("rollback")(s) }, "history", nil, 0, false},
	{"rolled back", nil, "prune", []string{"--older-than", "0", "--yes"}, 0, false},
	{"pruned", nil, "history", nil, 0, false},
	{"a file of somebody else", file("etc/systemd/system/named.service.d/named-jail.conf", "[Service]\n"), "service", []string{"systemd", "--install"}, 1, true},
	{"all", nil, "explain", nil, 0, false},
	{"one", nil, "explain", []string{"nj401"}, 0, false},
}

// withMore are the commands whose documents have fields of their own, unless the
// command could not do its work.
var withMore = []string{"trace", "history", "prune", "rollback", "service"}

// TestDocumentsFitSchema runs every command that takes --json in many states, and
// holds each document against docs/schema.json.
func TestDocumentsFitSchema(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: the cases build a jail")
	}
	compile, s := documentSchemas(t), newFleet(t)
	whole, failure := compile(""), compile("#/$defs/failure")
	shown := map[string]bool{}
	for _, c := range schemaCases {
		if c.before != nil {
			c.before(s)
		}
		words := append([]string{c.command, "--json"}, c.words...)
		if c.command != "explain" && c.command != "version" {
			words = append(words, "--root", s.root)
		}
		if takes := []string{"check", "plan", "apply"}; slices.Contains(takes, c.command) {
			words = append(words, "--no-checkconf")
		}
		out, status := s.run(words...)
		if status != c.status {
			t.Errorf("%s: %q ends with status %d, want %d:\n%s", c.state, words, status, c.status, out)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
		if err != nil {
			t.Errorf("%s: %q prints no document: %v\n%s", c.state, words, err, out)
			continue
		}
		for _, schema := range []*jsonschema.Schema{compile("#/$defs/" + c.command), whole} {
			if err := schema.Validate(doc); err != nil {
				t.Errorf("%s: %q: %v\n%s", c.state, words, err, out)
			}
		}
		if failed := failure.Validate(doc) == nil; failed != c.failed && slices.Contains(withMore, c.command) {
			t.Errorf("%s: %q: the document of a failure: %v, want %v\n%s", c.state, words, failed, c.failed, out)
		}
		shown[c.command] = shown[c.command] || !c.failed
		strict(t, compile("#/$defs/"+c.command), out)
	}
	for _, name := range jsonCommands(newRoot()) {
		if name != "trace" && !shown[name] { // a trace that works is held against the schema by the live tests
			t.Errorf("%s takes --json, and no case shows its document", name)
		}
		compile("#/$defs/" + name)
		if out, status := s.run(name, "--json", "--no-such-flag"); status != statusUsage || len(out) > 0 {
			t.Errorf("%s with a flag that there is none of: status %d, %s", name, status, out)
		}
	}
}

// strict shows that the schema takes no document with one field more or less, at
// the top or in a list.
func strict(t *testing.T, schema *jsonschema.Schema, out []byte) {
	t.Helper()
	refused := func(what string, change func(map[string]any)) {
		var doc map[string]any
		if err := json.Unmarshal(out, &doc); err != nil {
			t.Fatal(err)
		}
		change(doc)
		if schema.Validate(doc) == nil {
			t.Errorf("the schema takes a document %s:\n%s", what, out)
		}
	}
	refused("with a field of its own", func(doc map[string]any) { doc["surprise"] = true })
	refused("without a version", func(doc map[string]any) { delete(doc, "version") })
	var doc map[string]any
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	for name, value := range doc {
		if list, ok := value.([]any); ok && len(list) > 0 {
			if _, ok := list[0].(map[string]any); ok {
				refused("with a field of its own in "+name, func(doc map[string]any) {
					doc[name].([]any)[0].(map[string]any)["surprise"] = true
				})
			}
		}
	}
}

// TestSchemaIsDescribed shows that each field of the schema says what it is.
func TestSchemaIsDescribed(t *testing.T) {
	text, err := os.ReadFile("../docs/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	var look func(at string, v any)
	look = func(at string, v any) {
		node, _ := v.(map[string]any)
		for _, group := range []string{"properties", "$defs"} {
			members, _ := node[group].(map[string]any)
			for name, member := range members {
				m := member.(map[string]any)
				if _, refers := m["$ref"]; !refers && m["description"] == nil && !strings.HasSuffix(at, "contains") {
					t.Errorf("%s/%s/%s has no description", at, group, name)
				}
				look(at+"/"+group+"/"+name, member)
			}
		}
		if list, ok := node["anyOf"].([]any); ok {
			for _, member := range list {
				look(at+"/anyOf", member)
			}
		}
	}
	look("", doc)
}
