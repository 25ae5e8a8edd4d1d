package parser

import (
	"bytes"
	"go/ast"
	goparser "go/parser"
	"go/printer"
	gotoken "go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// apiFile lists what the package promises to other programs; NAMED_JAIL_DOCS=write
// writes it.
const apiFile = "testdata/api.txt"

// sources gives the files of the package that are not tests, or its examples.
func sources(t *testing.T, set *gotoken.FileSet, examples bool) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var list []*ast.File
	for _, name := range names {
		example := strings.HasPrefix(name, "example_")
		if example != examples || !example && strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := goparser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, f)
	}
	return list
}

// exportedAPI gives every exported declaration, without bodies and comments, in
// alphabetical order.
func exportedAPI(t *testing.T) string {
	t.Helper()
	set := gotoken.NewFileSet()
	parts := map[string]bool{}
	add := func(decl ast.Decl) {
		var b bytes.Buffer
		if err := printer.Fprint(&b, gotoken.NewFileSet(), decl); err != nil {
			t.Fatal(err)
		}
		parts[b.String()] = true
	}
	for _, f := range sources(t, set, false) {
		if !ast.FileExports(f) {
			continue
		}
		for _, decl := range f.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				d.Body = nil
				add(d)
			case *ast.GenDecl:
				if d.Tok == gotoken.VAR {
					for _, spec := range d.Specs {
						spec.(*ast.ValueSpec).Values = nil
					}
				}
				add(d)
			}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(parts)), "\n") + "\n"
}

// TestAPI shows that no name that other programs use goes away, or gets another
// type, unnoticed.
func TestAPI(t *testing.T) {
	got := exportedAPI(t)
	if os.Getenv("NAMED_JAIL_DOCS") == "write" {
		if err := os.WriteFile(apiFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(apiFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) == got {
		return
	}
	was, is := strings.Split(string(text), "\n"), strings.Split(got, "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			t.Errorf("gone: %s", line)
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			t.Errorf("new: %s", line)
		}
	}
	t.Errorf("the API is not that of parser/%s. What is gone breaks other programs (doc.go, Compatibility); where it is meant, say so in CHANGELOG.md and run NAMED_JAIL_DOCS=write go test -run TestAPI ./parser", apiFile)
}

// TestFunctionsHaveExamples shows that each exported function is used in an example.
func TestFunctionsHaveExamples(t *testing.T) {
	set := gotoken.NewFileSet()
	used := map[string]bool{}
	for _, f := range sources(t, set, true) {
		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "parser" {
					used[sel.Sel.Name] = true
				}
			}
			return true
		})
	}
	for _, f := range sources(t, set, false) {
		for _, decl := range f.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.IsExported() && !used[d.Name.Name] {
				t.Errorf("%s: no example uses %s", set.Position(d.Pos()), d.Name.Name)
			}
		}
	}
}
