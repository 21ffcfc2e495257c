package officeweb_test

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fieldgate/internal/blob/s3test"
	"fieldgate/internal/config"
	"fieldgate/internal/drop"
	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// The running program takes what another system puts into its folder or bucket: a
// file once it is whole, each by the columns of its folder, the same name again, and
// none twice. Administrators get an email of each, and what cannot come in says why.
func TestTheRunningProgramTakesWhatIsPutDown(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(t *testing.T) string{
		"folder": func(t *testing.T) string { return t.TempDir() },
		"bucket": func(t *testing.T) string {
			return strings.Replace(s3test.Start(t, "box").Address(), "/box?", "/box/night/in?", 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := address(t)
			app := apptest.NewAnswered(t, func(c *config.Config) { c.Drop = at })
			place, err := drop.At(at)
			if err != nil {
				t.Fatal(err)
			}
			put := func(name, body string) {
				t.Helper()
				if err := place.Write(t.Context(), name, []byte(body)); err != nil {
					t.Fatal(err)
				}
			}
			lies := func(name string) bool {
				t.Helper()
				all, err := place.List(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if slices.ContainsFunc(all, func(f drop.Found) bool { return f.Path == name }) {
					return true
				}
				_, err = os.Stat(filepath.Join(at, name)) // what was dealt with is not listed in a folder
				return err == nil
			}
			put("customers.csv", "Customer Name,Email\nAcme Pty Ltd,office@acme.example\n,nobody@acme.example\n")
			put("half.csv.part", "Customer Name\nHa")
			put("wrong.csv", "Colour,Taste\nred,sweet\n")
			put("simpro/customers.csv", "Customer Name\nCoolum\n")
			holds(t, app, `(select count(*) = 3 from drop_files where moved_at is not null and state in ('done', 'refused'))`)

			// It is whole now, and another night's file has the name of the first.
			put("half.csv", "Customer Name\nHalf Moon\n")
			put("customers.csv", "Customer Name,Email\nAcme Pty Ltd,new@acme.example\nBinda,post@binda.example\n")
			put("again.csv", "Customer Name\nHalf Moon\n") // the bytes of another one
			holds(t, app, `(select count(*) = 6 from drop_files where moved_at is not null and state in ('done', 'refused'))`)

			got := apptest.Value[string](app, `select string_agg(path || ' ' || state, ', ' order by path, id) from drop_files`)
			if got != "again.csv done, customers.csv done, customers.csv done, half.csv done, simpro/customers.csv refused, wrong.csv refused" {
				t.Errorf("the files are %s", got)
			}
			if got := apptest.Value[string](app, `select string_agg(name || ' ' || email, ', ' order by id) from customers where id > 3`); got != "Acme Pty Ltd new@acme.example, Half Moon , Binda post@binda.example" && got != "Acme Pty Ltd new@acme.example, Binda post@binda.example, Half Moon " {
				t.Errorf("the customers are %s", got)
			}
			for _, gone := range []string{"customers.csv", "wrong.csv", "half.csv", "again.csv", "simpro/customers.csv"} {
				if lies(gone) {
					t.Errorf("%s lies there still", gone)
				}
			}
			if !lies("half.csv.part") {
				t.Error("half a file was taken away")
			}
			for _, id := range []string{"customers.csv", "wrong.csv"} {
				row := apptest.Value[string](app, `select (case state when 'done' then 'done/' else 'refused/' end) || id || '-' || path from drop_files where path = $1 order by id limit 1`, id)
				if !lies(row) || !lies(row+".report.txt") {
					t.Errorf("%s or its report is not there", row)
				}
			}
			if n := apptest.Value[int](app, `select count(*) from imports where by_name = 'Drop folder'`); n < 3 {
				t.Errorf("%d imports are listed", n)
			}
			// Each has its email, which says what came of it.
			holds(t, app, `(select count(*) = 6 and bool_and(state = 'sent') from emails where kind = 'file-dropped' and to_address = 'ada@demo.test')`)
			ada := app.As("ada")
			if !slices.ContainsFunc(app.Mail.Messages(), func(m catcher.Message) bool {
				return strings.Contains(m.Subject, "wrong.csv") && strings.Contains(m.Text, "Nothing was imported.")
			}) {
				t.Error("no email says why wrong.csv was refused")
			}
			if p := ada.Submit(ada.Get("/office/admin/health"), "main form", url.Values{}); !p.Has("Files that are put into the drop folder can be taken and moved.") {
				t.Errorf("Health says %s", p.Text("main"))
			}
		})
	}
}
