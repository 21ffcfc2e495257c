package main

import (
	"archive/zip"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"fieldgate/internal/dbtest"
)

// TestMovingOutAndBack: a business exports everything and brings it into an empty
// installation by nothing but the program, which is killed while it does so.
func TestMovingOutAndBack(t *testing.T) {
	t.Parallel()
	install := func() (environ []string, url string) {
		url = dbtest.URL(t)
		return []string{
			"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir(), "DATABASE_URL=" + dbtest.ServingURL(t, url), "FIELDGATE_MIGRATE_URL=" + dbtest.OwnerURL(t, url), "FIELDGATE_STORAGE=file://" + t.TempDir(),
			"FIELDGATE_SECRET_KEY=the secret key of the tests is no secret",
		}, url
	}
	here, source := install()
	there, url := install()
	pool := dbtest.Open(t, url)
	first, second := filepath.Join(t.TempDir(), "first.zip"), filepath.Join(t.TempDir(), "second.zip")
	count := func(sql string) (n int) {
		t.Helper()
		if err := pool.QueryRow(t.Context(), `select count(*) from `+sql).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	step := func(environ []string, says string, args ...string) {
		t.Helper()
		if out, status := within(t, 5*time.Minute, environ, args...); status != 0 || !strings.Contains(out, says) {
			t.Fatalf("fieldgate %s: %d\n%s", strings.Join(args, " "), status, out)
		}
	}
	step(here, "", "generate", "--customers", "20", "--jobs", "400")
	if _, err := dbtest.Open(t, source).Exec(t.Context(), `delete from tax_rates where name = 'GST' and not standard`); err != nil { // it adds its own
		t.Fatal(err)
	}
	step(here, "holds everything", "export", "--csv", first)
	var zone, currency string
	if err := dbtest.Open(t, source).QueryRow(t.Context(), `select time_zone, currency from company`).Scan(&zone, &currency); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), `update company set time_zone = $1, currency = $2`, zone, currency); err != nil {
		t.Fatal(err)
	}
	step(there, "Nothing was imported", "import", first, "--dry-run") // behind the file, as people write it
	if n := count("customers"); n != 0 {
		t.Errorf("a dry run imported %d customers", n)
	}

	broken := exec.CommandContext(t.Context(), os.Args[0], "import", first)
	broken.Env = append(slices.Clone(there), "FIELDGATE_TEST_MAIN=1")
	if err := broken.Start(); err != nil {
		t.Fatal(err)
	}
	for count("import_things where done is not null") < 300 {
		if pause(t.Context(), 0) != nil {
			t.Fatal("it does not begin")
		}
	}
	if err := broken.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = broken.Wait()
	if left := count("import_things where done is null"); left == 0 {
		t.Error("it was done before it was killed")
	}
	waits := count("import_things where done is null")
	if out, status := fieldgate(t, there, "import", first, "--dry-run"); status == 0 || !strings.Contains(out, "was broken off") || count("import_things where done is null") != waits {
		t.Errorf("a dry run of what was broken off: %d %s", status, out)
	}
	step(there, "Imported", "import", first)
	if n := count("imports"); n != 1 {
		t.Errorf("%d imports, not one that went on", n)
	}
	step(there, "holds everything", "export", "--csv", second)
	was, is := readExport(t, first), readExport(t, second)
	for name, content := range was {
		if is[name] != content {
			t.Errorf("%s is another one:\n%s", name, firstDifference(content, is[name]))
		}
	}
	if len(was) != len(is) {
		t.Errorf("%d parts became %d", len(was), len(is))
	}
	if n := count("emails"); n != 0 {
		t.Errorf("%d emails", n)
	}

	// A file of what another system keeps says what to do.
	if _, err := pool.Exec(t.Context(), `update keepers set source = 'm8', label = 'ServiceM8' where kind = 'customers'`); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "customers.csv")
	if err := os.WriteFile(file, []byte("Customer name,Phone\nTidewater Dental,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, status := fieldgate(t, there, "import", "--dry-run", file); status == 0 || !strings.Contains(out, "say so: --source m8") {
		t.Errorf("what ServiceM8 keeps: %d %s", status, out)
	}
	step(there, "1 new", "import", "--dry-run", "--source", "m8", file)
}

// given are the columns that an installation gives, and what an import leaves
// out.
var given = []string{"ID", "Message", "Role", "Archived", "Portal access"}

// readExport are the parts of an export: tables without what is given, files as
// they are.
func readExport(t *testing.T, path string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	parts := map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case f.Name == "manifest.json":
		case strings.HasPrefix(f.Name, "tables/"):
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(content), "\ufeff"))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			for _, row := range rows {
				for c, cell := range row {
					if slices.Contains(given, rows[0][c]) {
						continue
					}
					if strings.HasPrefix(cell, "#") {
						cell = "#"
					}
					fmt.Fprintf(&out, "%q,", strings.TrimSpace(cell))
				}
				out.WriteString("\n")
			}
			parts[f.Name] = out.String()
		default:
			parts[f.Name] = string(content)
		}
	}
	return parts
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d was %.500s\nand is %.500s", i+1, x[i], y[i])
		}
	}
	return fmt.Sprintf("%d lines became %d", len(x), len(y))
}
