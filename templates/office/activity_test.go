package officeview_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	officeview "fieldgate/templates/office"
)

// TestEverythingRecordedHasWords reads the program's own source: what any
// package records, the activity page can say in a sentence.
func TestEverythingRecordedHasWords(t *testing.T) {
	t.Parallel()
	packages := map[string][]*ast.File{}
	for _, root := range []string{"../../internal", "../../web", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			packages[filepath.Dir(path)] = append(packages[filepath.Dir(path)], file)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	for dir, files := range packages {
		for _, e := range recorded(files) {
			if e.thing == "" || len(e.actions) == 0 {
				t.Errorf("%s: an entry whose thing (%q) or actions this test cannot find in the source", dir, e.thing)
			}
			for _, action := range e.actions {
				seen++
				if !officeview.ActivityWords(e.thing, action) {
					t.Errorf("%s records %q of a %q: the activity page has no words for it", dir, action, e.thing)
				}
			}
		}
	}
	if seen < 60 {
		t.Errorf("only %d deeds were found in the source", seen)
	}
}

type entry struct {
	thing   string
	actions []string
}

// recorded finds the audit entries of a package. An action that is a function's
// argument or a variable is whatever is given to it anywhere in the package.
func recorded(files []*ast.File) []entry {
	var found []entry
	for _, file := range files {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				lit, ok := n.(*ast.CompositeLit)
				if !ok || !isEntry(lit.Type) {
					return true
				}
				var e entry
				for _, field := range lit.Elts {
					kv, ok := field.(*ast.KeyValueExpr)
					if !ok {
						continue
					}
					switch kv.Key.(*ast.Ident).Name {
					case "Thing":
						e.thing = word(kv.Value)
					case "Action":
						e.actions = values(files, f, kv.Value, 3)
					}
				}
				found = append(found, e)
				return true
			})
		}
	}
	return found
}

func isEntry(expr ast.Expr) bool {
	sel, ok := expr.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Entry" {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	return ok && pkg.Name == "audit"
}

func word(expr ast.Expr) string {
	if lit, ok := expr.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		s, _ := strconv.Unquote(lit.Value)
		return s
	}
	return ""
}

// values are the words that an expression in f may be.
func values(files []*ast.File, f *ast.FuncDecl, expr ast.Expr, deep int) []string {
	if w := word(expr); w != "" {
		return []string{w}
	}
	if call, ok := expr.(*ast.CallExpr); ok && len(call.Args) == 1 { // string(to)
		if to, ok := call.Fun.(*ast.Ident); ok && to.Name == "string" {
			return values(files, f, call.Args[0], deep)
		}
	}
	name, ok := expr.(*ast.Ident)
	if !ok || deep == 0 {
		return nil
	}
	words := constant(files, name.Name)
	ast.Inspect(f, func(n ast.Node) bool {
		assign, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for i, left := range assign.Lhs {
			if id, ok := left.(*ast.Ident); ok && id.Name == name.Name && i < len(assign.Rhs) {
				words = append(words, values(files, f, assign.Rhs[i], deep-1)...)
			}
		}
		return true
	})
	at := 0
	for _, param := range f.Type.Params.List {
		for _, id := range param.Names {
			if id.Name == name.Name {
				for _, file := range files {
					words = append(words, given(files, file, f.Name.Name, at, deep-1)...)
				}
			}
			at++
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// constant is the word of a constant of the package, if there is one.
func constant(files []*ast.File, name string) []string {
	for _, file := range files {
		for _, decl := range file.Decls {
			consts, ok := decl.(*ast.GenDecl)
			if !ok || consts.Tok != token.CONST {
				continue
			}
			for _, spec := range consts.Specs {
				v := spec.(*ast.ValueSpec)
				for i, id := range v.Names {
					if id.Name == name && i < len(v.Values) && word(v.Values[i]) != "" {
						return []string{word(v.Values[i])}
					}
				}
			}
		}
	}
	return nil
}

// given are the words at one place in the calls of a function.
func given(files []*ast.File, file *ast.File, called string, at, deep int) []string {
	var words []string
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) <= at {
				return true
			}
			name := ""
			switch fun := call.Fun.(type) {
			case *ast.Ident:
				name = fun.Name
			case *ast.SelectorExpr:
				name = fun.Sel.Name
			}
			if name == called {
				words = append(words, values(files, f, call.Args[at], deep)...)
			}
			return true
		})
	}
	return words
}

func TestDeedsInWords(t *testing.T) {
	t.Parallel()
	address := netip.MustParseAddr("203.0.113.7")
	format := company.NewFormat(time.Time{}, "Australia/Sydney", "en-AU", "AUD")
	names := audit.Names{"staff": {3: "Fay Ibrahim"}, "site": {1: "George Street", 2: "Pitt Street"}}
	for _, c := range []struct {
		name    string
		kept    audit.Kept
		says    string
		leads   string
		changes string
	}{
		{
			"a job that is booked",
			audit.Kept{Thing: "job", Action: "moved", Label: "J-1042", By: "Ben Carter", Before: raw(`{"status":"unscheduled","booked_from":null,"version":3}`), After: raw(`{"status":"booked","booked_from":"2026-11-24T21:00:00Z","version":4}`)},
			"Ben Carter booked job J-1042", "/office/jobs/J-1042", "Date Booked: nothing → “25 Nov 2026, 8:00\u202fam”; Status: “Unscheduled” → “Booked”",
		},
		{
			"names instead of ids",
			audit.Kept{Thing: "customer", Action: "edited", Label: "C-1001", By: "Ada", Before: raw(`{"account_manager":0,"on_hold":false}`), After: raw(`{"account_manager":3,"on_hold":true}`)},
			"Ada changed customer C-1001", "/office/customers/C-1001", "Account manager: nothing → “Fay Ibrahim”; On hold: “No” → “Yes”",
		},
		{
			"a list of sites",
			audit.Kept{Thing: "contact", Action: "edited", ThingID: 5, CustomerNumber: "C-1001", Label: "Kim", By: "Ada", Before: raw(`{"sites":[1]}`), After: raw(`{"sites":[1,2,9]}`)},
			"Ada changed the contact Kim", "/office/customers/C-1001/contacts/5", "Selected sites: “George Street” → “George Street, Pitt Street, no longer known”",
		},
		{
			"an address",
			audit.Kept{Thing: "site", Action: "edited", ThingID: 2, CustomerNumber: "C-1001", Label: "Pitt Street", By: "Lee", Before: raw(`{"address":{"line1":"1 Pitt Street"}}`), After: raw(`{"address":{"line1":"2 Pitt Street","city":"Sydney"}}`)},
			"Lee changed the site Pitt Street", "/office/customers/C-1001/sites/2", "Address: “1 Pitt Street” → “2 Pitt Street, Sydney”",
		},
		{
			"a request from the portal",
			audit.Kept{Thing: "quote", Action: "requested", Label: "Q-7", By: "Lee", After: raw(`{"Description":"New fan","PriceEstimate":120000,"Currency":"AUD","Site":1,"Customer":1,"Nonce":"x"}`)},
			"Lee asked for quote Q-7", "/office/quotes/Q-7", "Currency: AUD; Description: New fan; Price Estimate: $1,200.00; Site: George Street",
		},
		{
			"somebody who signs in", audit.Kept{Thing: "staff", Action: "signed in", ThingID: 1, Label: "Ada", By: "Ada"}, "Ada signed in to the office", "", "",
		},
		{
			"the program itself", audit.Kept{Thing: "attachment", Action: "prepared", Actor: "system", Label: "IMG_1.jpg", Job: "J-1"}, "The program prepared the photo IMG_1.jpg", "/office/jobs/J-1/attachments", "",
		},
	} {
		c.kept.Address = &address
		c.kept.At = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
		d := officeview.NewDeed(c.kept, format, names)
		if d.Sentence() != c.says || d.From != "203.0.113.7" {
			t.Errorf("%s: %q, want %q", c.name, d.Sentence(), c.says)
		}
		if d.Label != "" && d.URL != c.leads {
			t.Errorf("%s leads to %q, want %q", c.name, d.URL, c.leads)
		}
		if d.ChangeWords() != c.changes {
			t.Errorf("%s: %q, want %q", c.name, d.ChangeWords(), c.changes)
		}
	}
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }
