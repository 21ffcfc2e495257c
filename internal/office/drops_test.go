package office

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fieldgate/internal/drop"
	"fieldgate/internal/importing"
)

// A file that another system puts down comes in by itself, once, and moves out of
// the way with a report; what cannot come in is refused.
func TestDropFolder(t *testing.T) {
	t.Parallel()
	m := movesIn(t, "en-AU")
	dir := t.TempDir()
	place, err := drop.At(dir)
	if err != nil {
		t.Fatal(err)
	}
	problems := func(_ importing.Import, it importing.Item) (say []string) {
		for _, text := range it.Problems {
			say = append(say, text)
		}
		return say
	}
	w := drop.Watcher{Pool: m.db, Place: place, Import: DropFolder{Service: m.s, Problems: problems}, Tell: m.s.notify.FileDropped, Log: slog.New(slog.DiscardHandler)}
	put := func(name, body string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// look looks until all has become of the files what can, as the queue works in between.
	look := func() {
		t.Helper()
		for range 6 {
			if err := w.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
			rows, err := m.db.Query(t.Context(), `select id from imports where state in ('reading', 'checking', 'running')`)
			if err != nil {
				t.Fatal(err)
			}
			var ids []int64
			for rows.Next() {
				var id int64
				if err := rows.Scan(&id); err != nil {
					t.Fatal(err)
				}
				ids = append(ids, id)
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			for _, id := range ids {
				m.work(id)
			}
		}
	}
	// report is the report of the only file of a name in a folder.
	report := func(folder, name string) string {
		t.Helper()
		found, _ := filepath.Glob(filepath.Join(dir, folder, "*-"+name+".report.txt"))
		if len(found) != 1 {
			t.Fatalf("%d reports of %s in %s", len(found), name, folder)
		}
		body, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(strings.TrimSuffix(found[0], ".report.txt")); err != nil {
			t.Error(err)
		}
		return string(body)
	}
	says := func(text string, want ...string) {
		t.Helper()
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("the report does not say %q:\n%s", part, text)
			}
		}
	}
	number := func(want int, query string) {
		t.Helper()
		var n int
		if err := m.db.QueryRow(t.Context(), query).Scan(&n); err != nil || n != want {
			t.Errorf("%s: %d, %v; want %d", query, n, err, want)
		}
	}

	const customers = "Customer Name,Email,Phone\nAcme Pty Ltd,office@acme.example,08 9000 0000\n,nobody@acme.example,\nBinda,post@binda.example,\n"
	put("customers.csv", customers)
	put("wrong.csv", "Colour,Taste\nred,sweet\n")
	put("broken.xlsx", "PK\x03\x04 no workbook")
	put("simpro/customers.csv", "Customer Name\nCoolum\n")
	look()
	says(report("done", "customers.csv"), "Customers: 2 added", "1 refused", "row 3")
	says(report("refused", "wrong.csv"), "Nothing was imported.")
	says(report("refused", "broken.xlsx"), "Nothing was imported.")
	says(report("refused", "customers.csv"), "“simpro”")
	number(2, `select count(*) from customers`)
	number(3, `select count(*) from audit_entries where actor_name = 'Drop folder' and action in ('begun', 'run')`)
	number(4, `select count(*) from emails where kind = 'file-dropped' and to_address = 'ada@northwind.example'`)

	put("again.csv", customers)
	look()
	says(report("done", "again.csv"), "was imported before")
	number(2, `select count(*) from customers`)
	number(1, `select count(*) from imports where state = 'done'`)
}
