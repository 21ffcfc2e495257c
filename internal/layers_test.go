package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What can be done is done below the web: portal.Service and office.Service open
// the transactions, write and tell. A screen reads, asks and answers.

// infrastructure are the files under web that hold more than a screen may, and why.
var infrastructure = map[string]string{
	"web/app.go":     "puts the program together and gives the services their parts",
	"web/server.go":  "answers whether the database is there and current",
	"web/metrics.go": "counts the pool's connections",
	"web/session/":   "keeps sessions in the database",
	"web/apptest/":   "starts the program for tests",
}

// startsSQL finds text that is a statement.
var startsSQL = regexp.MustCompile(`^\s*(select\s|insert into\s|update \w+\s|delete from\s|with (recursive )?\w+ as\s)`)

func TestScreensReadAskAnswer(t *testing.T) {
	t.Parallel()
	for path, text := range sources(t, "..") {
		if !strings.HasPrefix(path, "web/") || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || isInfrastructure(path) {
			continue
		}
		for _, w := range beyondScreens(t, path, text) {
			t.Errorf("%s %s: that is for portal.Service and office.Service", path, w)
		}
	}
}

// receivers are the files that take a form beyond the size of one without
// files: what asks first is in between, or an Administrator's picture.
var receivers = map[string]string{"web/gate/files.go": "Receive", "web/office/company_pictures.go": "Allow", "web/office/imports_upload.go": "Allow", "web/middleware.go": "Hold"}

func TestFilesComeThroughTheGate(t *testing.T) {
	t.Parallel()
	called := regexp.MustCompile(`\bupload\.(Receive|Allow|Hold)\(`)
	for path, text := range sources(t, "..") {
		if !strings.HasPrefix(path, "web/") || strings.HasPrefix(path, "web/upload/") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, m := range called.FindAllStringSubmatch(text, -1) {
			if receivers[path] != m[1] {
				t.Errorf("%s calls upload.%s: forms with files come through gate.PortalFiles and gate.OfficeFiles", path, m[1])
			}
		}
	}
}

func isInfrastructure(path string) bool {
	for start := range infrastructure {
		if strings.HasPrefix(path, start) {
			return true
		}
	}
	return false
}

// beyondScreens is what a file does that no screen may.
func beyondScreens(t *testing.T, path, text string) (wrong []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec: // a path is no text
			return false
		case *ast.SelectorExpr:
			pkg, name := "", n.Sel.Name
			if x, ok := n.X.(*ast.Ident); ok && x.Obj == nil {
				pkg = x.Name
			}
			switch {
			case pkg == "postgres" && (name == "Transact" || name == "Tx"), pkg == "pgx" && strings.HasPrefix(name, "Begin"):
				wrong = append(wrong, "opens a transaction ("+pkg+"."+name+")")
			case pkg == "pgxpool":
				wrong = append(wrong, "holds the pool, which can open a transaction")
			case pkg == "notify" && (name == "Notifier" || name == "New"):
				wrong = append(wrong, "tells somebody (notify."+name+")")
			case pkg == "audit" && name == "Record":
				wrong = append(wrong, "writes the audit trail")
			}
		case *ast.BasicLit:
			if n.Kind != token.STRING {
				return true
			}
			if words, err := strconv.Unquote(n.Value); err == nil && startsSQL.MatchString(words) {
				wrong = append(wrong, "contains SQL")
			}
		}
		return true
	})
	slices.Sort(wrong)
	return slices.Compact(wrong)
}

// deletesFiles finds who deletes from the store of files.
var deletesFiles = regexp.MustCompile(`\b\w*[sS]tore\.Delete\(`)

// Bytes are deleted where the database is asked first who names them.
func TestOnlyStorageDeletesFiles(t *testing.T) {
	t.Parallel()
	for path, text := range sources(t, "..") {
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasPrefix(path, "internal/storage/") && deletesFiles.MatchString(text) {
			t.Errorf("%s deletes from the store: that is for storage.Forget and Sweep", path)
		}
	}
}
