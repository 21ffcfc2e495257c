package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// owners are the tables, and columns of tables, that one package alone writes.
var owners = []struct {
	table   string
	columns []string // none: the whole table
	owner   string
}{
	{"sessions", nil, "internal/signin"},
	{"devices", nil, "internal/signin"},
	{"push_devices", nil, "internal/push"},
	{"push_keys", nil, "internal/push"},
	{"tokens", nil, "internal/token"},
	{"token_customers", nil, "internal/token"},
	{"token_calls", nil, "internal/token"},
	{"token_answers", nil, "internal/token"},
	{"contact_keys", nil, "internal/token"},
	{"calendar_feeds", nil, "internal/calendar"},
	{"records_made", nil, "internal/exchange"},
	{"unsent_forms", nil, "internal/signin"},
	{"webhooks", nil, "internal/webhook"},
	{"webhook_deliveries", nil, "internal/webhook"},
	{"event_numbers", nil, "internal/event"},
	{"passkeys", nil, "internal/signin"},
	{"passkey_offers", nil, "internal/signin"},
	{"challenges", nil, "internal/signin"},
	{"links", nil, "internal/signin"},
	{"link_tokens", nil, "internal/signin"},
	{"second_factors", nil, "internal/signin"},
	{"recovery_codes", nil, "internal/signin"},
	{"pending_sign_ins", nil, "internal/signin"},
	{"record_links", nil, "internal/signin"},
	{"link_sessions", nil, "internal/signin"},
	{"link_browsers", nil, "internal/signin"},
	{"codes", nil, "internal/signin"},
	{"staff_identities", nil, "internal/signin"},
	{"openid_sign_ins", nil, "internal/signin"},
	{"company_logins", nil, "internal/signin"},
	{"company_login_domains", nil, "internal/signin"},
	{"company_logouts", nil, "internal/signin"},
	{"company_visits", nil, "internal/signin"},
	{"contact_identities", nil, "internal/signin"},
	{"attempts", nil, "internal/signin"},
	{"unnamed_proxies", nil, "internal/signin"},
	{"visits", nil, "internal/signin"},
	{"persons", nil, "internal/signin"},
	{"staff", []string{"password_hash", "stamp", "second_factor", "invited_at", "last_sign_in_at"}, "internal/signin"},
	{"contacts", []string{"access", "person_id", "invited_at"}, "internal/contact"},
}

func TestEachTableOfSigningInHasOneWriter(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, q := range statements(t, "..") {
		for _, w := range writes(q.sql) {
			for _, o := range owners {
				if w.table != o.table || (o.columns != nil && !slices.ContainsFunc(o.columns, w.touches)) {
					continue
				}
				if q.pkg != o.owner {
					t.Errorf("%s: %s writes %s, which belongs to %s", q.at, q.pkg, o.table, o.owner)
				}
				found[o.table] = true
			}
		}
	}
	for _, o := range owners {
		if !found[o.table] {
			t.Errorf("nothing writes %s: the test does not see what it should", o.table)
		}
	}
}

func TestOneStatementWritesAccess(t *testing.T) {
	t.Parallel()
	var at []string
	for _, q := range statements(t, "..") {
		for _, w := range writes(q.sql) {
			if w.table == "contacts" && w.touches("access") {
				at = append(at, q.at)
			}
		}
	}
	if len(at) != 1 {
		t.Errorf("contacts.access is written by %d statements: %s", len(at), strings.Join(at, ", "))
	}
}

func TestWritesAreSeen(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"update contacts c set access = 'none', a = b from customers where person_id = 1": "contacts access a",
		"UPDATE staff SET password_hash = case when x then y end":                         "staff password_hash",
		"insert into persons (email, password_hash) values ($1, $2)":                      "persons email password_hash",
		"insert into visits as t (contact_id) values (1)":                                 "visits contact_id",
		"with x as (delete from only sessions s where access = 1 returning 1) select 1":   "sessions *",
		"truncate attempts": "attempts *",
		"select 1 from contacts for no key update of contacts":                            "",
		"insert into x (a) values (1) on conflict do update set b = (c = d), e = 1 where": "x a b e",
	} {
		var got []string
		for _, w := range writes(sql) {
			got = append(got, strings.Join(append([]string{w.table}, w.columns...), " "))
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
}

// write is one table that a statement writes, with the columns it names; * for
// whole rows.
type write struct {
	table   string
	columns []string
}

func (w write) touches(column string) bool {
	return slices.Contains(w.columns, "*") || slices.Contains(w.columns, column)
}

var (
	// What follows "for" or "do" locks rows or belongs to an insert.
	writing = regexp.MustCompile(`(?is)\b(for\s+(?:no\s+key\s+)?update|insert\s+into|update|delete\s+from|merge\s+into|truncate(?:\s+table)?)\s+(?:only\s+)?"?(\w+)"?`)
	named   = regexp.MustCompile(`(?is)^\s*(?:as\s+)?\w*\s*\(([^)]*)\)`)
	setting = regexp.MustCompile(`(?is)\bset\s+(.*?)(?:\bwhere\b|\bfrom\b|\breturning\b|$)`)
	parens  = regexp.MustCompile(`\([^()]*\)`)
	column  = regexp.MustCompile(`(?:^|,)\s*"?(\w+)"?\s*=`)
)

// writes are the tables that a statement writes.
func writes(sql string) (all []write) {
	places := writing.FindAllStringSubmatchIndex(sql, -1)
	for i, p := range places {
		verb, table := strings.ToLower(sql[p[2]:p[3]]), strings.ToLower(sql[p[4]:p[5]])
		if strings.HasPrefix(verb, "for") || table == "set" {
			continue
		}
		rest := sql[p[5]:]
		if i+1 < len(places) && !strings.HasPrefix(strings.ToLower(sql[places[i+1][4]:places[i+1][5]]), "set") {
			rest = sql[p[5]:places[i+1][0]]
		}
		w := write{table: table}
		if strings.HasPrefix(verb, "insert") {
			if m := named.FindStringSubmatch(rest); m != nil {
				for c := range strings.SplitSeq(m[1], ",") {
					w.columns = append(w.columns, strings.ToLower(strings.TrimSpace(c)))
				}
			}
		}
		if !strings.HasPrefix(verb, "delete") && !strings.HasPrefix(verb, "truncate") {
			for parens.MatchString(rest) {
				rest = parens.ReplaceAllString(rest, " ")
			}
			if m := setting.FindStringSubmatch(rest); m != nil {
				for _, c := range column.FindAllStringSubmatch(m[1], -1) {
					w.columns = append(w.columns, strings.ToLower(c[1]))
				}
			}
		}
		if len(w.columns) == 0 { // whole rows, or columns that are put together elsewhere
			w.columns = []string{"*"}
		}
		all = append(all, w)
	}
	return all
}

// statement is a text in the source, where it stands and in which package.
type statement struct{ sql, at, pkg string }

// statements are the texts of the program, those that are put together as one.
// Tests, what only serves them, and the demo's fill are left out.
func statements(t *testing.T, root string) (all []statement) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			skip := []string{"node_modules", "tools", "demo", "apptest", "dbtest", "migrations"}
			if slices.Contains(skip, d.Name()) || (strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			sql, ok := text(e)
			if ok {
				all = append(all, statement{sql, set.Position(n.Pos()).String(), filepath.ToSlash(dir)})
			}
			return !ok
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// text is a literal, or literals and other things put together; what is not
// known here becomes a blank.
func text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return " ", false
		}
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.ParenExpr:
		return text(e.X)
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return " ", false
		}
		left, one := text(e.X)
		right, two := text(e.Y)
		return left + right, one || two
	}
	return " ", false
}
