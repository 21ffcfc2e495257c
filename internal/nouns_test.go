package internal_test

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every noun reads alike: who knows one of them knows them all.

// shapes are the parameters and results of functions whose names begin so. The
// first that fits the name counts; "…" is anything.
var shapes = []struct {
	name    *regexp.Regexp
	params  []string
	results []string
	why     string
}{
	{regexp.MustCompile(`^Create\w*$`), []string{"context.Context", "postgres.Tx", "audit.Actor", "…"}, []string{"…", "bool", "error"}, "what was made, whether it is new or the same form was sent again, an error"},
	{regexp.MustCompile(`^Edit\w*$`), []string{"context.Context", "postgres.Tx", "audit.Actor", "…"}, []string{"…", "error"}, "who does it, what, the version that was shown, what was typed"},
	{regexp.MustCompile(`^Find\w*$`), []string{"context.Context", "postgres.DB", "…"}, []string{"…", "error"}, "by what it is found; none is apperr.NotFound"},
	{regexp.MustCompile(`^List$`), []string{"context.Context", "postgres.DB", "list.Query", "…"}, []string{"list.Page[…]", "error"}, "a page of a query"},
}

func TestNounsReadAlike(t *testing.T) {
	t.Parallel()
	wrong := func(of, why string) { t.Errorf("%s: %s", of, why) }
	for name, text := range sources(t, "..") {
		noun, ok := strings.CutPrefix(path.Dir(name), "internal/")
		if !ok || !slices.Contains(append([]string{"staff"}, nouns...), noun) || strings.HasSuffix(name, "_test.go") {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			of := noun + "." + f.Name.Name
			if f.Recv != nil {
				of = noun + "." + strings.TrimPrefix(typeName(files, f.Recv.List[0].Type), "*") + "." + f.Name.Name
			}
			checkFunction(files, f, of, wrong)
		}
		for _, old := range oldWays {
			if found := old.pattern.FindString(text); found != "" {
				wrong(noun+" "+found, old.why)
			}
		}
	}
}

// oldWays are ways to say in a noun what has one way.
var oldWays = []struct {
	pattern *regexp.Regexp
	why     string
}{
	{regexp.MustCompile(`func By\w+\(`), "one thing is found by Find, or FindByNumber and the like"},
	{regexp.MustCompile(`version = @\w+`), "a stale version is noticed by comparing the locked row's version, in Go"},
	{regexp.MustCompile(`func (kept|told|refused|taken|logged|facts)\(`), "a broken constraint is turned into a problem by constraintError, a thing into what the trail records by snapshot"},
}

func checkFunction(files *token.FileSet, f *ast.FuncDecl, of string, wrong func(of, why string)) {
	name := f.Name.Name
	if f.Recv == nil && f.Name.IsExported() {
		for _, s := range shapes {
			if !s.name.MatchString(name) {
				continue
			}
			if params, results := types(files, f.Type.Params), types(files, f.Type.Results); !fits(params, s.params) || !fits(results, s.results) {
				wrong(of, "("+strings.Join(params, ", ")+") ("+strings.Join(results, ", ")+"), want ("+strings.Join(s.params, ", ")+") ("+strings.Join(s.results, ", ")+"): "+s.why)
			}
			if strings.HasPrefix(name, "Edit") && !slices.Contains(parameterNames(f), "version") {
				wrong(of, "has no version: two people may have it open")
			}
			break
		}
	}
	if f.Recv != nil && (name == "Check" || name == "check" && len(f.Type.Params.List) == 0) { // a check with parameters is part of one
		if results := types(files, f.Type.Results); name != "Check" || !slices.Equal(results, []string{"problem.Set"}) {
			wrong(of, "what was typed is checked by Check() problem.Set")
		}
	}
	if f.Body == nil {
		return
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SwitchStmt: // the names of constraints stand in one function; a deed may tell one of them its own way
			if n.Tag != nil && strings.HasPrefix(typeName(files, n.Tag), "postgres.Constraint(") && !strings.HasSuffix(strings.ToLower(name), "constrainterror") {
				wrong(of, "asks which constraint was broken: constraintError does")
			}
		case *ast.IfStmt:
			if strings.HasPrefix(name, "Edit") && returnsStale(files, n.Body) && !strings.Contains(typeName(files, n.Cond), "ersion != ") {
				wrong(of, "finds an edit stale by something else than the locked row's version")
			}
		}
		return true
	})
}

// returnsStale reports whether a block itself returns apperr.Stale.
func returnsStale(files *token.FileSet, b *ast.BlockStmt) bool {
	return slices.ContainsFunc(b.List, func(s ast.Stmt) bool {
		r, ok := s.(*ast.ReturnStmt)
		return ok && slices.ContainsFunc(r.Results, func(e ast.Expr) bool { return typeName(files, e) == "apperr.Stale" })
	})
}

// fits compares types with a shape: "…" takes any number of them, also none.
func fits(have, want []string) bool {
	if len(want) == 0 {
		return len(have) == 0
	}
	if want[0] == "…" {
		return slices.ContainsFunc(seq(len(have)+1), func(n int) bool { return fits(have[n:], want[1:]) })
	}
	if len(have) == 0 {
		return false
	}
	open, generic := strings.CutSuffix(want[0], "[…]")
	if have[0] != want[0] && (!generic || !strings.HasPrefix(have[0], open+"[")) {
		return false
	}
	return fits(have[1:], want[1:])
}

func seq(n int) []int {
	all := make([]int, n)
	for i := range n {
		all[i] = i
	}
	return all
}

func types(files *token.FileSet, list *ast.FieldList) (types []string) {
	if list == nil {
		return nil
	}
	for _, field := range list.List {
		for range max(1, len(field.Names)) {
			types = append(types, typeName(files, field.Type))
		}
	}
	return types
}

func parameterNames(f *ast.FuncDecl) (names []string) {
	for _, field := range f.Type.Params.List {
		for _, n := range field.Names {
			names = append(names, n.Name)
		}
	}
	return names
}

func typeName(files *token.FileSet, e ast.Expr) string {
	var b strings.Builder
	_ = printer.Fprint(&b, files, e)
	return b.String()
}
