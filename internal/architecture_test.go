// Package internal_test keeps the tree's order: ARCHITECTURE.md says which
// way imports go, and this says when one does not.
package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The nouns of the business, each knowing only those before it.
var nouns = []string{"customer", "site", "contact", "equipment", "job", "quote", "attachment", "message"}

func TestImportsGoOneWay(t *testing.T) {
	t.Parallel()
	for from, imports := range tree(t, "..") {
		for _, to := range imports {
			switch top := strings.SplitN(from, "/", 2)[0]; top {
			case "internal", "migrations", "static":
				refuse(t, from, to, "web", "templates", "cmd", "demo")
			case "templates":
				refuse(t, from, to, "web", "cmd", "demo")
			case "web":
				refuse(t, from, to, "cmd")
				if from != "web/apptest" {
					refuse(t, from, to, "demo")
				}
			case "demo":
				refuse(t, from, to, "web", "templates", "cmd")
			}
			if i, j := noun(from), noun(to); i >= 0 && j > i {
				t.Errorf("%s may not know %s: nouns know those before them", from, to)
			}
			if from == "web/portal" && strings.Contains(to, "pgxpool") {
				t.Error("web/portal may not hold the pool: it looks through the Reader and asks the Service")
			}
		}
	}
}

func TestEveryFolderStandsInTheTree(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, drawn, _ := strings.Cut(string(text), "```")
	drawn, _, _ = strings.Cut(drawn, "```")
	named := strings.Fields(drawn)
	for pkg := range tree(t, "..") {
		if parts := strings.Split(pkg, "/"); len(parts) == 2 && !slices.Contains(named, parts[1]+"/") && !slices.Contains(named, pkg+"/") {
			t.Errorf("ARCHITECTURE.md does not say what %s is for", pkg)
		}
	}
}

func refuse(t *testing.T, from, to string, tops ...string) {
	t.Helper()
	if top := strings.SplitN(to, "/", 2)[0]; slices.Contains(tops, top) {
		t.Errorf("%s may not import %s", from, to)
	}
}

// noun is the place of a package in the list, or -1.
func noun(pkg string) int {
	name, ok := strings.CutPrefix(pkg, "internal/")
	if !ok {
		return -1
	}
	return slices.Index(nouns, strings.SplitN(name, "/", 2)[0])
}

// tree maps each package of the program to what it imports, its tests left out.
// Our own packages are named without the module.
func tree(t *testing.T, root string) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "tools" || (strings.HasPrefix(d.Name(), ".") && d.Name() != "..")) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			to, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			imports[filepath.ToSlash(dir)] = append(imports[filepath.ToSlash(dir)], strings.TrimPrefix(to, "fieldgate/"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}
