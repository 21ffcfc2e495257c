package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// An error is no answer: who asks and gets an error knows nothing, neither yes
// nor no, and neither "none" nor "done already". A photo that nobody prepared, for
// ever, and files of a row that were deleted came of taking one for the other.

// answersAnyway are the files that answer an error, and why.
var answersAnyway = map[string]string{
	"web/page/page.go":            "a failure is shown even when the business's look cannot be read",
	"cmd/devpg/cluster/server.go": "a server that cannot be dialled is not ready",
}

// TestAnErrorIsNoAnswer finds three ways to do that:
//   - errors.Is(err, …) || something else, decided on values that err may have left empty;
//   - x, _ := f(ctx, …): what the world was asked, and the error thrown away;
//   - if err != nil { return false } after such a call, in a function without an error.
func TestAnErrorIsNoAnswer(t *testing.T) {
	t.Parallel()
	for path, text := range sources(t, "..") {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "tools/") {
			continue
		}
		wrong := takenForAnswers(t, path, text)
		if why := answersAnyway[path]; why != "" {
			if len(wrong) == 0 {
				t.Errorf("%s answers no error any more: take it from the list", path)
			}
			continue
		}
		for _, w := range wrong {
			t.Errorf("%s: %s", path, w)
		}
	}
}

func TestErrorsTakenForAnswersAreSeen(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		`if errors.Is(err, none) || state != "new" { return nil }`:                 1,
		`if state != "new" || errors.Is(err, none) { return nil }`:                 1,
		`if errors.Is(err, none) || (err == nil && state != "new") { return nil }`: 0,
		`if errors.Is(err, none) || errors.Is(err, other) { return nil }`:          0,
		`if v, _ := ask(ctx, 1); v { return nil }`:                                 1,
		`v, _ := parse("1")`:  0,
		`_, ok := known(ctx)`: 0,
		`f := func() bool { v, err := ask(ctx); if err != nil { return false }; return v }`:                    1,
		`f := func() (bool, error) { v, err := ask(ctx); if err != nil { return false, err }; return v, nil }`: 0,
		`f := func() bool { v, err := ask(ctx); if err != nil { log.Warn(err); return false }; return v }`:     0,
	} {
		if got := takenForAnswers(t, "x.go", "package x\nfunc f(ctx context.Context) error { "+body+"; return nil }"); len(got) != want {
			t.Errorf("%s: %q", body, got)
		}
	}
}

// noError are calls with a context whose last result is no error.
var noError = map[string]bool{"context.WithCancel": true, "context.WithTimeout": true, "session.OfficeViewer": true, "session.PortalViewer": true}

func takenForAnswers(t *testing.T, path, text string) (wrong []string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	say := func(n ast.Node, words string) {
		wrong = append(wrong, set.Position(n.Pos()).String()+": "+words)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.LOR && (isErrorsIs(n.X) && compares(n.Y) || isErrorsIs(n.Y) && compares(n.X)) {
				say(n, "decides on a value before asking whether there was an error")
			}
		case *ast.AssignStmt:
			if last, ok := n.Lhs[len(n.Lhs)-1].(*ast.Ident); ok && last.Name == "_" && len(n.Lhs) > 1 && len(n.Rhs) == 1 && asksTheWorld(n.Rhs[0]) {
				say(n, "throws away the error of what it asked")
			}
		case *ast.FuncDecl:
			if n.Body != nil && !returnsError(n.Type) {
				silent(n.Body, func(s ast.Node) { say(s, "answers when it got an error") })
			}
		case *ast.FuncLit:
			if !returnsError(n.Type) {
				silent(n.Body, func(s ast.Node) { say(s, "answers when it got an error") })
			}
		}
		return true
	})
	return wrong
}

// silent finds, in a function that returns no error, "if err != nil { return … }"
// after a question to the world, without a word to anybody.
func silent(body *ast.BlockStmt, found func(ast.Node)) {
	asked := false
	var walk func(n ast.Node) bool
	walk = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.AssignStmt:
			if last, ok := n.Lhs[len(n.Lhs)-1].(*ast.Ident); ok && last.Name == "err" && len(n.Rhs) == 1 {
				asked = asksTheWorld(n.Rhs[0])
			}
		case *ast.IfStmt:
			if n.Init != nil {
				walk(n.Init)
			}
			c, ok := n.Cond.(*ast.BinaryExpr)
			if ok && asked && c.Op == token.NEQ && mentionsErr(c.X) && len(n.Body.List) == 1 {
				if r, ok := n.Body.List[0].(*ast.ReturnStmt); ok && len(r.Results) > 0 && !mentionsErr(r) {
					found(n)
				}
			}
		}
		return true
	}
	ast.Inspect(body, walk)
}

func isErrorsIs(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && name(call.Fun) == "errors.Is" && name(call.Args[0]) == "err"
}

// compares reports whether e compares values without a word about an error.
func compares(e ast.Expr) bool {
	b, ok := e.(*ast.BinaryExpr)
	return ok && b.Op != token.LAND && b.Op != token.LOR && !mentionsErr(b)
}

// asksTheWorld reports whether e is a call with a context, and an error.
func asksTheWorld(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 || noError[name(call.Fun)] || strings.HasSuffix(name(call.Fun), ".Value") {
		return false
	}
	first := name(call.Args[0])
	if c, ok := call.Args[0].(*ast.CallExpr); ok {
		first = name(c.Fun)
	}
	return first == "ctx" || strings.HasSuffix(first, ".Context") || strings.HasPrefix(first, "context.")
}

func returnsError(f *ast.FuncType) bool {
	if f.Results == nil {
		return false
	}
	for _, r := range f.Results.List {
		if name(r.Type) == "error" {
			return true
		}
	}
	return false
}

// mentionsErr reports whether something called err, or any other error's name, is in n.
func mentionsErr(n ast.Node) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		i, ok := n.(*ast.Ident)
		found = found || ok && strings.HasPrefix(strings.ToLower(i.Name), "err")
		return !found
	})
	return found
}

func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return name(e.X) + "." + e.Sel.Name
	}
	return ""
}
