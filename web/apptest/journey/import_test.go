package journey_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
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

// Without scripts an owner moves in, too: a page that works on says where to look
// again, what was refused is downloaded, what was imported is taken back, and
// everything leaves as one file.
func TestMovingInWithoutScripts(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	tab := app.Tab(apptest.Chromium(t))
	file := filepath.Join(t.TempDir(), "customers.csv")
	content := "Customer name,Email Address,Phone\r\nTidewater Dental,desk@tidewater.example,02 9555 0101\r\nQuokka Café,at quokka,\r\nTotal customers: 2,,\r\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	await := func(condition string) {
		t.Helper()
		for range 600 {
			if apptest.Value[bool](app, `select exists (select from `+condition+`)`) {
				return
			}
			apptest.Value[bool](app, `select pg_sleep(0.05) is not null`)
		}
		t.Fatalf("there is none of %s", condition)
	}
	tab.Size(360, 900)
	tab.Scripts(false)
	signIn(tab, "/office/login", "ada", "/office/admin/import")
	tab.Attach("input[type=file]", file)
	picture(tab, "still-import-360")
	tab.Press("Read the file")
	tab.See("Sent ")
	at := tab.Path()
	becomes := func(state string) {
		t.Helper()
		await(`imports where name = 'customers.csv' and state = '` + state + `'`)
		tab.Open(at)
	}
	becomes("read")
	tab.Press("Check all rows")
	tab.See("Check the rows")
	becomes("checked")
	tab.See("“Email Address”: Enter an email address like name@example.com.")
	if p := app.As("ada").Get(at + "/refused"); p.Status != http.StatusOK || !strings.Contains(p.Body, "Quokka Café,at quokka,,“Email Address”: Enter an email") {
		t.Errorf("the refused rows: %d %s", p.Status, p.Body)
	}
	tab.Press("Import 1 record")
	tab.See("Import")
	becomes("done")
	tab.See("1 of 2 records are new or changed.")
	tab.Click("#import .disclosure summary")
	tab.Press("Take back 1 record")
	becomes("undone")
	tab.See("This import was undone")
	tab.Open("/office/admin/export")
	tab.Press("Export everything")
	await(`exports where state = 'ready'`)
	tab.Open("/office/admin/export")
	tab.See("Download")
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
