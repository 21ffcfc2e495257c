package journey_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"fieldgate/internal/export"
	"fieldgate/internal/importing/importingtest"
	"fieldgate/web/apptest"
)

// An owner moves in: a workbook of another program is sent, checked and brought
// in with a few presses, at both widths.
func TestMovingIn(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	tab := app.Tab(apptest.Chromium(t))
	file := filepath.Join(t.TempDir(), "customers.xlsx")
	if err := os.WriteFile(file, importingtest.AscoraCustomers(t), 0o600); err != nil {
		t.Fatal(err)
	}
	both := func(name string) {
		t.Helper()
		for _, width := range []int64{360, 1440} {
			tab.Size(width, 900)
			picture(tab, fmt.Sprint(name, "-", width))
		}
		tab.Axe()
	}
	tab.Size(1440, 900)
	signIn(tab, "/office/login", "ada", "/office/admin/import")
	tab.Open("/office/admin/import")
	tab.Attach("input[type=file]", file)
	both("import-send")
	tab.Press("Read the file")
	tab.See("Ascora: customers and sites")
	both("import-recognised")
	tab.Press("Choose the columns")
	tab.See("Remember these columns as")
	both("import-columns")
	tab.Press("Save and check all rows")
	tab.See("Import 13 records")
	both("import-checked")
	tab.Press("Import 13 records")
	tab.See("Undo this import")
	both("import-done")
	tab.Open("/office/customers")
	tab.See("Tidewater Dental")
}

// A business that exported everything brings it into another installation, at
// both widths.
func TestMovingBack(t *testing.T) {
	t.Parallel()
	from, app := apptest.New(t), apptest.New(t)
	file := filepath.Join(t.TempDir(), "everything.zip")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := export.Write(t.Context(), out, export.Source{Pool: from.Pool, Store: from.Store, Version: "test"}, export.Options{Form: export.AsExcel, Files: true}); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	tab := app.Tab(apptest.Chromium(t))
	both := func(name string) {
		t.Helper()
		for _, width := range []int64{360, 1440} {
			tab.Size(width, 900)
			picture(tab, fmt.Sprint(name, "-", width))
		}
		tab.Axe()
	}
	tab.Size(1440, 900)
	signIn(tab, "/office/login", "ada", "/office/admin/import")
	tab.Open("/office/admin/import")
	tab.Attach("input[type=file]", file)
	tab.Press("Read the file")
	tab.See("Exported from here: quote version lines")
	both("export-recognised")
	tab.Press("Choose the tables")
	tab.See("Which tables are imported")
	both("export-tables")
	tab.Press("Save and check all rows")
	tab.See("Nobody is emailed")
	both("export-checked")
}
