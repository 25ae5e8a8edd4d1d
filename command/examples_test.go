//go:build linux

package command

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fieldUses are the ways in which the playbooks name fields of documents.
var fieldUses = regexp.MustCompile(`\bitem\.(\w+)|\b(?:plan|report)\.(\w+)|from_json\)\.(\w+)|selectattr\('(\w+)'|attribute='(\w+)'`)

// valueUses are the ways in which they name values of fields.
var valueUses = regexp.MustCompile(`selectattr\('(\w+)', 'equalto', '([\w-]+)'\)`)

// fieldsOf adds the names of all fields of a document, at any depth.
func fieldsOf(v any, names map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			names[name] = true
			fieldsOf(value, names)
		}
	case []any:
		for _, value := range v {
			fieldsOf(value, names)
		}
	}
}

// schemaFields gives the fields that the schema knows, with the values of those
// that have a set of them.
func schemaFields(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../docs/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	fields := map[string][]string{}
	var look func(v any)
	look = func(v any) {
		node, _ := v.(map[string]any)
		members, _ := node["properties"].(map[string]any)
		for name, member := range members {
			values, _ := member.(map[string]any)["enum"].([]any)
			fields[name] = append(fields[name], "")
			for _, value := range values {
				fields[name] = append(fields[name], value.(string))
			}
		}
		for _, value := range node {
			look(value)
			if list, ok := value.([]any); ok {
				for _, e := range list {
					look(e)
				}
			}
		}
	}
	look(doc)
	return fields
}

// TestPlaybooksUseFields shows that the schema, and what the commands print, have
// each field that the playbooks use.
func TestPlaybooksUseFields(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: a jail is built")
	}
	s := newFleet(t)
	sound(s)
	mend(s)
	printed := map[string]bool{}
	for _, words := range [][]string{{"plan"}, {"apply"}, {"service", "systemd", "--install"}, {"audit"}} {
		if words[0] == "audit" {
			s.put("var/named/etc/stray", "")
			if err := os.Chmod(filepath.Join(s.root, "var/named/etc"), 0o777); err != nil {
				t.Fatal(err)
			}
		}
		out, _ := s.run(append(words, "--json", "--root", s.root)...)
		var doc any
		if err := json.Unmarshal(out, &doc); err != nil {
			t.Fatalf("%q: %v\n%s", words, err, out)
		}
		fieldsOf(doc, printed)
	}
	known := schemaFields(t)
	for _, name := range []string{"migrate.yml", "audit.yml"} {
		text, err := os.ReadFile("../examples/ansible/" + name)
		if err != nil {
			t.Fatal(err)
		}
		uses := fieldUses.FindAllStringSubmatch(string(text), -1)
		if len(uses) < 8 {
			t.Errorf("%s: only %d uses of fields were found", name, len(uses))
		}
		for _, use := range uses {
			field := strings.Join(use[1:], "")
			if known[field] == nil {
				t.Errorf("%s uses the field %s, which the schema does not have", name, field)
			}
			if !printed[field] {
				t.Errorf("%s uses the field %s, which no command prints", name, field)
			}
		}
		for _, use := range valueUses.FindAllStringSubmatch(string(text), -1) {
			if !slices.Contains(known[use[1]], use[2]) {
				t.Errorf("%s waits for %s to be %q, which the schema does not know", name, use[1], use[2])
			}
		}
	}
}

// TestAuditUnits runs the command line of the unit that audits, and has systemd
// look at the units where it is here.
func TestAuditUnits(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("root is needed: a jail is built")
	}
	const units = "../examples/systemd"
	text, err := os.ReadFile(units + "/named-jail-audit.service")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\nExecStart=")
	line, _, _ := strings.Cut(rest, "\n")
	words := strings.Fields(line)
	if len(words) < 2 || words[0] != ownPlaces[0] {
		t.Fatalf("the unit starts %q, want %s", line, ownPlaces[0])
	}
	s := newFleet(t)
	sound(s)
	mend(s)
	audit := append(words[1:], "--root", s.root)
	if out, status := s.run(audit...); status != statusPending {
		t.Errorf("%q before apply: status %d\n%s", audit, status, out)
	}
	made(s)
	do("service", "systemd", "--install")(s)
	if out, status := s.run(audit...); status != statusOK {
		t.Errorf("%q: status %d\n%s", audit, status, out)
	}
	if strings.Contains(string(text), "SuccessExitStatus") {
		t.Error("the unit takes a difference for a success")
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd-analyze is not here: the units are not verified")
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var files []string
	for _, name := range []string{"named-jail-audit.service", "named-jail-audit.timer", "named-jail-alert@.service"} {
		text, err := os.ReadFile(filepath.Join(units, name))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), ownPlaces[0], self)), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, strings.Replace(file, "@.", "@named-jail-audit.service.", 1))
	}
	if out, err := exec.Command(analyze, append([]string{"verify", "--man=no"}, files...)...).CombinedOutput(); err != nil || strings.Contains(string(out), "named-jail") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}
