package officeweb_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"fieldgate/internal/blob"
	"fieldgate/internal/export"
	"fieldgate/web/apptest"
)

// awaitExport waits until an export came to a state.
func awaitExport(t *testing.T, app *apptest.App, state export.State) {
	t.Helper()
	var now string
	for range 600 {
		if now = apptest.Value[string](app, `select coalesce((select state from exports order by id desc limit 1), '')`); now == string(state) {
			return
		}
		apptest.Value[bool](app, `select pg_sleep(0.05) is not null`)
	}
	t.Fatalf("the export is %s, not %s: %s", now, state, apptest.Value[string](app, `select problem || doing from exports order by id desc limit 1`))
}

// An Administrator takes everything along after a proof, and goes on with a
// download that was broken off.
func TestExportEverything(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	const path = "/office/admin/export"
	open := ada.Get(path)
	if open.Status != 200 || !open.Has("No exports yet") {
		t.Fatalf("%d: %s", open.Status, open.Text("main"))
	}
	if p := ada.Submit(open, form, url.Values{"form": {"pdf"}}); p.Status != 422 || p.Problem("form") == "" {
		t.Errorf("as PDF: %d %q", p.Status, p.Problem("form"))
	}
	if p := ada.Submit(open, form, url.Values{"form": {"csv"}}); p.Status != 200 {
		t.Fatalf("%d: %s", p.Status, p.Text("main"))
	}
	ada.Submit(open, form, url.Values{"form": {"csv"}}) // the same form again
	awaitExport(t, app, export.Ready)
	if n := apptest.Value[int](app, `select count(*) from exports`); n != 1 {
		t.Errorf("%d exports of one form", n)
	}
	made := ada.Get(path)
	if !made.Has("Ready") || !made.Has("Until ") || !made.Has("CSV, with files") {
		t.Errorf("made: %s", made.Text("main"))
	}
	const file = path + "/1/archive.zip"
	if p := ada.Get(file); p.URL.Path != path || !p.Has("Press Download once more") {
		t.Errorf("before it was opened: %d at %s", p.Status, p.URL)
	}
	got := ada.Submit(made, `form[action$="/opening"]`, nil)
	z, err := zip.NewReader(strings.NewReader(got.Body), int64(len(got.Body)))
	if err != nil {
		t.Fatalf("%d at %s: %v", got.Status, got.URL, err)
	}
	names := map[string]bool{}
	for _, f := range z.File {
		names[f.Name] = true
	}
	for _, name := range []string{"manifest.json", "tables/customers.csv", "tables/jobs.csv", "tables/files.csv"} {
		if !names[name] {
			t.Errorf("no %s in %v", name, names)
		}
	}
	size := len(got.Body)
	part := ada.Ask(http.MethodGet, file, "Range", fmt.Sprintf("bytes=%d-", size-100))
	if part.Status != http.StatusPartialContent || part.Body != got.Body[size-100:] {
		t.Errorf("the rest of it: %d, %d bytes", part.Status, len(part.Body))
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where thing = 'export' and action = 'downloaded'`); n != 1 {
		t.Errorf("%d downloads on record", n)
	}
	if p := app.As("ben").Get(path); p.Status != 403 {
		t.Errorf("not an Administrator: %d", p.Status)
	}
	app.Exec(`update sessions set created_at = now() - interval '16 minutes'`)
	for _, form := range []string{form, `form[action$="/opening"]`} {
		if asked := ada.Submit(ada.Get(path), form, url.Values{"form": {"csv"}}); !strings.Contains(asked.Body, `name="proof"`) {
			t.Errorf("%s without a proof: %d", form, asked.Status)
		}
	}
	key := apptest.Value[string](app, `select blob_key from exports`)
	app.Exec(`update exports set ended_at = now() - interval '8 days'`)
	if err := export.Sweep(t.Context(), app.Pool, app.Store); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Store.Open(t.Context(), key); err == nil {
		t.Error("an old export is kept")
	}
	if p := ada.Get(file); p.URL.Path != path {
		t.Errorf("an old one: %d at %s", p.Status, p.URL)
	}
}

// A full disk is said, and nothing is left of it; what is stopped ends.
func TestExportThatCannotBeKept(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	const path = "/office/admin/export"
	app.BreakDisk(blob.Trouble{Kind: blob.Full, Err: syscall.ENOSPC})
	ada.Submit(ada.Get(path), form, url.Values{"form": {"xlsx"}})
	awaitExport(t, app, export.Failed)
	if p := ada.Get(path); !p.Has("not enough space") {
		t.Errorf("full: %s", p.Text("main"))
	}
	app.BreakDisk(nil)
	// One that nothing makes: what is asked for meanwhile is refused, and stopping it makes way.
	app.Exec(`insert into exports (kind, files, state) values ('csv', false, 'running')`)
	if p := ada.Post(path, url.Values{"form": {"csv"}}); p.Status != 409 || !p.Has("being made already") {
		t.Errorf("a second one: %d", p.Status)
	}
	waits := ada.Get(path)
	if !waits.Has("Being made") {
		t.Errorf("under way: %s", waits.Text("main"))
	}
	ada.Submit(waits, `form[action$="/removal"]`, nil)
	awaitExport(t, app, export.Removed)
	app.Exec(`insert into exports (kind, files, state, asked_at) values ('csv', false, 'running', now() - interval '1 hour')`)
	if err := export.Sweep(t.Context(), app.Pool, app.Store); err != nil {
		t.Fatal(err)
	}
	awaitExport(t, app, export.Failed)
}

// Each list goes to Excel with all columns of its records, as far as its filter
// shows them.
func TestListsForExcel(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update jobs set internal_notes = 'The key is under the pot' where number = 'J-1001'`)
	ada := app.As("ada")
	for _, list := range []string{"customers", "contacts", "jobs", "quotes", "equipment", "messages", "email", "documents", "customers/C-1001/sites", "customers/C-1001/contacts", "admin/activity", "admin/sign-ins"} {
		got := ada.Get("/office/" + list + ".xlsx")
		book, err := excelize.OpenReader(strings.NewReader(got.Body))
		if err != nil {
			t.Errorf("%s: %d, %v", list, got.Status, err)
			continue
		}
		rows, err := book.GetRows(book.GetSheetList()[0])
		if err != nil || len(rows) == 0 {
			t.Errorf("%s: %d rows, %v", list, len(rows), err)
		}
		if list != "jobs" {
			continue
		}
		all := apptest.Value[int](app, `select count(*) from jobs`)
		if text := fmt.Sprint(rows); len(rows) != all+1 || !strings.Contains(text, "Internal notes") || !strings.Contains(text, "under the pot") {
			t.Errorf("%d rows of %d jobs: %q", len(rows), all, rows[0])
		}
		one := ada.Get("/office/jobs.xlsx?q=J-1001")
		if book, err = excelize.OpenReader(strings.NewReader(one.Body)); err != nil {
			t.Fatal(err)
		}
		if rows, err := book.GetRows("Jobs"); err != nil || len(rows) != 2 {
			t.Errorf("%d rows of one job, %v", len(rows), err)
		}
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where action = 'exported'`); n < 12 {
		t.Errorf("%d of them are on record", n)
	}
}

// What a restart broke off begins anew.
func TestExportBeginsAnew(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into exports (kind, files, state, done, of, begun_at) values ('xlsx', true, 'running', 5, 10, now())`)
	id := apptest.Value[int64](app, `select id from exports`)
	m := export.Maker{Source: export.Source{Pool: app.Pool, Store: app.Store, Version: "1"}, Files: app.Store}
	if err := m.Make(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := m.Make(t.Context(), id); err != nil { // once more, by a queue that lost word of it
		t.Fatal(err)
	}
	var manifest struct{ Counts map[string]int64 }
	f, err := app.Store.Open(t.Context(), apptest.Value[string](app, `select blob_key from exports where state = 'ready'`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := zip.NewReader(readerAt{f}, f.Size)
	if err != nil {
		t.Fatal(err)
	}
	in, err := z.Open("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(in).Decode(&manifest); err != nil || manifest.Counts["Jobs"] != apptest.Value[int64](app, `select count(*) from jobs`) {
		t.Errorf("%v, %v", manifest, err)
	}
	if at := apptest.Value[time.Time](app, `select moment from exports`); at.IsZero() || strconv.FormatInt(id, 10) == "0" {
		t.Error("of no moment")
	}
}

type readerAt struct{ blob.File }

func (r readerAt) ReadAt(p []byte, at int64) (int, error) {
	if _, err := r.Seek(at, 0); err != nil {
		return 0, err
	}
	return io.ReadFull(r, p) //nolint:wrapcheck // the reader's own
}
