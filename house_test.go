package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// arrows are the imports that each folder may have of the others: the flow goes
// one way, from text to model to zones to jail to start.
var arrows = map[string][]string{
	"parser":   nil,
	"rewrite":  {"parser"},
	"zones":    {"parser"},
	"jail":     {"parser", "rewrite"},
	"launcher": {"parser"},
	"command":  {"parser", "rewrite", "zones", "jail", "launcher"},
	".":        {"command"},
}

// banned are functions that act on a path. Where root may run, work is done on
// descriptors: a path can mean something else a moment later.
var banned = map[string]bool{"WriteFile": true, "Create": true, "Chmod": true, "Chown": true, "Lchown": true, "Rename": true,
	"Remove": true, "Symlink": true, "Link": true, "Truncate": true, "Mkdir": true}

// excepted work in a directory that this process has just made for itself.
var excepted = map[string]bool{"command/demo.go": true}

// TestHouseRules reads the program's own source: imports only along the
// arrows, no banned function outside tests, a doc.go in each package, and a
// docstring on everything exported.
func TestHouseRules(t *testing.T) {
	docs := map[string]bool{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || strings.HasPrefix(p, "packaging/") || strings.HasPrefix(p, "testdata/") {
			return err
		}
		dir := filepath.Dir(p)
		allowed, known := arrows[dir]
		if !known {
			t.Errorf("%s: a folder that the arrows do not know", p)
		}
		if filepath.Base(p) == "doc.go" {
			docs[dir] = true
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, imp := range file.Imports {
			name := strings.Trim(imp.Path.Value, `"`)
			if to, ours := strings.CutPrefix(name, "named-jail/"); ours && !contains(allowed, to) {
				t.Errorf("%s imports %s: the arrow goes the other way", p, to)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && !excepted[p] {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "os" && banned[sel.Sel.Name] {
					t.Errorf("%s: os.%s acts on a path; open it and act on the descriptor", set.Position(n.Pos()), sel.Sel.Name)
				}
			}
			return true
		})
		exported(t, set, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range arrows {
		if dir != "." && !docs[dir] {
			t.Errorf("%s has no doc.go", dir)
		}
	}
}

// exported reports exported declarations without a docstring.
func exported(t *testing.T, set *token.FileSet, file *ast.File) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || receiverExported(d)) && !wellKnown[d.Name.Name] {
				t.Errorf("%s: %s has no docstring", set.Position(d.Pos()), d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if ts, ok := spec.(*ast.TypeSpec); ok && ts.Name.IsExported() && d.Doc == nil && ts.Doc == nil {
					t.Errorf("%s: %s has no docstring", set.Position(ts.Pos()), ts.Name.Name)
				}
			}
		}
	}
}

// wellKnown are methods whose meaning the standard library sets.
var wellKnown = map[string]bool{"Error": true, "Unwrap": true, "String": true}

func receiverExported(d *ast.FuncDecl) bool {
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}
