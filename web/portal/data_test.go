package portalweb_test

import (
	"archive/zip"
	"encoding/csv"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// takenBy are the tables and files that somebody takes along.
func takenBy(t *testing.T, b *apptest.Browser) (tables map[string][][]string, files []string) {
	t.Helper()
	got := b.Submit(b.Get("/details/data"), "main form.form[method=post]", url.Values{"form": {"csv"}})
	z, err := zip.NewReader(strings.NewReader(got.Body), int64(len(got.Body)))
	if err != nil {
		t.Fatalf("%d at %s: %v: %.300s", got.Status, got.URL, err, got.Body)
	}
	tables = map[string][][]string{}
	for _, f := range z.File {
		name, isTable := strings.CutSuffix(f.Name, ".csv")
		if !isTable || strings.Contains(name, "/") {
			files = append(files, f.Name)
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\uFEFF"))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		tables[name] = rows[1:]
	}
	return tables, files
}

func firsts(rows [][]string) (all []string) {
	for _, row := range rows {
		all = append(all, row[0])
	}
	slices.Sort(all)
	return all
}

// What a contact takes along is what their pages show, before and after they
// lose something.
func TestWhatIsTakenAlongIsWhatThePagesShow(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update jobs set internal_notes = 'never shown'; update quotes set internal_notes = 'never shown'; update sites set access_instructions = 'never shown'; update contacts set notes = 'never shown';
		insert into messages (customer_id, job_id, text, staff_id, staff_only) select customer_id, id, 'never shown', 1, true from jobs`)
	same := func(t *testing.T, b *apptest.Browser) {
		t.Helper()
		tables, files := takenBy(t, b)
		pages := b.Pages("/")
		shown := func(pattern string) (all []string) {
			number := regexp.MustCompile(pattern)
			for path := range pages {
				path, _, _ = strings.Cut(path, "?")
				if m := number.FindStringSubmatch(path); m != nil && pages[path].Status == 200 && !slices.Contains(all, m[1]) {
					all = append(all, m[1])
				}
			}
			slices.Sort(all)
			return all
		}
		if got, want := firsts(tables["jobs"]), shown(`^/jobs/(J-[0-9]+)$`); !slices.Equal(got, want) {
			t.Errorf("jobs %q, the pages show %q", got, want)
		}
		if got, want := firsts(tables["quotes"]), shown(`^/quotes/(Q-[0-9]+)$`); !slices.Equal(got, want) {
			t.Errorf("quotes %q, the pages show %q", got, want)
		}
		if got, want := len(tables["equipment"]), len(shown(`^/equipment/([a-z0-9]{30,})$`)); got != want {
			t.Errorf("%d pieces of equipment, the pages show %d", got, want)
		}
		for name, rows := range tables {
			for _, row := range rows {
				if strings.Contains(strings.Join(row, " "), "never shown") {
					t.Errorf("%s: %q", name, row)
				}
			}
		}
		for _, f := range files {
			folder, _, _ := strings.Cut(f, "/")
			if strings.HasPrefix(folder, "J-") && !slices.Contains(firsts(tables["jobs"]), folder) || strings.HasPrefix(folder, "Q-") && !slices.Contains(firsts(tables["quotes"]), folder) {
				t.Errorf("the file %s of what is not seen", f)
			}
		}
	}
	for _, name := range []string{"lee", "kim", "ola"} {
		same(t, app.As(name))
	}
	lee := app.As("lee")
	if tables, _ := takenBy(t, lee); len(tables["jobs"]) < 2 || len(tables["my-details"]) != 1 {
		t.Errorf("Lee takes %d jobs along", len(tables["jobs"]))
	}
	app.Exec(`update contacts set jobs_see = 'own', jobs_edit = false, jobs_create = false, quotes_see = 'none', quotes_edit = false, quotes_create = false, quotes_accept = false, equipment_see = 'none', equipment_edit = false, equipment_add = false
		where email = 'lee@demo.test'`)
	same(t, lee)
	tables, _ := takenBy(t, lee)
	if len(tables["quotes"])+len(tables["equipment"])+len(tables["quote-lines"]) > 0 {
		t.Error("what is not seen any more was taken along")
	}
	takenBy(t, lee)
	if p := lee.Post("/details/data", url.Values{"form": {"csv"}, "contact": {app.ContactOf("lee")}}); p.Status != 429 || !p.Has("within an hour") {
		t.Errorf("a sixth time: %d", p.Status)
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where action = 'taken along'`); n != 7 {
		t.Errorf("%d are on record", n)
	}
}
