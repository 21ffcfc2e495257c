package officeweb_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/fileimport"
	"fieldgate/internal/list"
	"fieldgate/internal/notify"
	"fieldgate/internal/office"
	"fieldgate/internal/queue"
	"fieldgate/internal/staff"
	"fieldgate/web/apptest"
)

// snapshot is a small photo, another one for each number.
func snapshot(t *testing.T, n int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = uint8(n * (i % 13))
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type packedFile struct {
	name    string
	content []byte
}

func zipOf(t *testing.T, files ...packedFile) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		part, err := w.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sendZip(t *testing.T, b *apptest.Browser, nonce string, content []byte) apptest.Page {
	t.Helper()
	return b.Upload("/office/admin/import-files", url.Values{"nonce": {nonce}}, apptest.File{Field: "zip", Name: "photos.zip", Content: content})
}

// awaitImport waits until the import of a page has come to a state.
func awaitImport(t *testing.T, app *apptest.App, state string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		got := apptest.Value[string](app, `select coalesce((select state from file_imports order by id desc limit 1), '')`)
		if got == state {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the import is %s, not %s: %s", got, state, apptest.Value[string](app, `select words from file_imports order by id desc limit 1`))
		}
	}
}

// results are the files of the last import, each with what became of it.
func results(app *apptest.App) string {
	return apptest.Value[string](app, `select string_agg(path || ' ' || state, ', ' order by place) from file_import_items where import_id = (select max(id) from file_imports)`)
}

func TestFilesComeInByZip(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	mails := apptest.Value[int](app, `select count(*) from emails`)
	same := snapshot(t, 7)
	sheet := "file,record,caption,taken at,Customer View\nloose/plate.jpg,C-1001/E-001,Type plate,2024-05-31 14:30,Y\nloose/gone.jpg,J-1001,,,\nloose/odd.jpg,job J-1001,,yesterday,\n"
	content := zipOf(
		t,
		packedFile{"J-1001/before.jpg", same}, packedFile{"j-1001/deeper/twice.jpg", same}, packedFile{"Q-1001/drawing.txt", []byte("A drawing in words.")},
		packedFile{"C-1001/contract.txt", []byte("A contract.")}, packedFile{"C-1001/E-001/unit.jpg", snapshot(t, 3)}, packedFile{"C-1001/E-999/unit.jpg", snapshot(t, 4)},
		packedFile{"J-9999/no.jpg", snapshot(t, 5)}, packedFile{"nowhere.jpg", snapshot(t, 6)}, packedFile{"J-1001/run.exe", []byte("MZ\x90\x00")}, packedFile{"J-1001/empty.txt", nil},
		packedFile{"__MACOSX/J-1001/._before.jpg", []byte("x")}, packedFile{"../J-1001/out.jpg", same}, packedFile{"loose/plate.jpg", snapshot(t, 8)}, packedFile{"loose/odd.jpg", snapshot(t, 9)},
		packedFile{"files.csv", []byte(sheet)},
	)
	p := sendZip(t, ada, "n1", content)
	if !strings.HasPrefix(p.URL.Path, "/office/admin/import-files/") {
		t.Fatalf("%d at %s: %s", p.Status, p.URL, p.Text("main"))
	}
	if again := sendZip(t, ada, "n1", content); again.URL.Path != p.URL.Path {
		t.Errorf("a form sent twice leads to %s and %s", p.URL, again.URL)
	}
	awaitImport(t, app, "ready")
	before := apptest.Value[int](app, `select count(*) from attachments`)
	want := "J-1001/before.jpg fits, j-1001/deeper/twice.jpg known, Q-1001/drawing.txt fits, C-1001/contract.txt fits, C-1001/E-001/unit.jpg fits, C-1001/E-999/unit.jpg refused, J-9999/no.jpg refused, nowhere.jpg refused, " +
		"J-1001/run.exe refused, J-1001/empty.txt refused, __MACOSX/J-1001/._before.jpg left out, ../J-1001/out.jpg refused, loose/plate.jpg fits, loose/odd.jpg refused, files.csv left out, loose/gone.jpg refused"
	if got := results(app); got != want {
		t.Errorf("looked through:\n%s\nwant\n%s", got, want)
	}
	page := ada.Get(p.URL.Path)
	for _, words := range []string{"Add 5 files", "C-1001 has no equipment “E-999”", "There is no job, quote or customer “J-9999” here", "It lies in no folder", "“yesterday” is no date", "names it, but it is not there", "leads out of the zip"} {
		if !page.Has(words) {
			t.Errorf("the page does not say %q: %s", words, page.Text("main"))
		}
	}
	if narrowed := ada.Get(p.URL.Path + "?state=known"); !narrowed.Has("twice.jpg") || narrowed.Has("contract.txt") {
		t.Errorf("narrowed: %s", narrowed.Text("#results"))
	}
	ada.Submit(page, "form[action$='/start']", nil)
	ada.Post(p.URL.Path+"/start", nil) // pressed twice
	awaitImport(t, app, "done")
	if n := apptest.Value[int](app, `select count(*) from attachments`); n != before+5 {
		t.Errorf("%d files were added", n-before)
	}
	added := apptest.Value[string](app, `select string_agg(concat_ws(' ', name, job_id, quote_id, equipment_id, customer_view, caption, to_char(taken_at at time zone (select time_zone from company), 'YYYY-MM-DD HH24:MI'), uploaded_by_staff_id), '; ' order by id) from attachments where uploaded_at = uploaded_at and id > 2`)
	if added != "before.jpg 1 f  1; drawing.txt 1 f  1; contract.txt f  1; unit.jpg 1 f  1; plate.jpg 1 t Type plate 2024-05-31 14:30 1" {
		t.Error(added)
	}
	if n := apptest.Value[int](app, `select count(*) from emails`); n != mails {
		t.Errorf("%d emails were written", n-mails)
	}
	if key := apptest.Value[string](app, `select blob_key from file_imports order by id desc limit 1`); key != "" {
		t.Error("the zip is still kept")
	}
	for end := time.Now().Add(20 * time.Second); apptest.Value[int](app, `select count(*) from attachments where state = 'preparing'`) > 0; {
		if time.Now().After(end) {
			t.Fatal("photos are not prepared")
		}
	}
	// The customer sees what files.csv says, and no more.
	if lee := app.As("lee").Get("/equipment/equipmentofharbour0000000000001"); !lee.Has("Type plate") {
		t.Error(lee.Text("main"))
	}
	if lee := app.As("lee").Get("/jobs/J-1001"); lee.Has("before.jpg") {
		t.Error("a hidden file is shown")
	}
	// All of it stands in the report.
	report := ada.Get(p.URL.Path + "/files.csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(report.Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 17 || rows[1][0] != "J-1001/before.jpg" || rows[1][1] != "J-1001" || rows[1][2] != "Added" {
		t.Errorf("%v, %d rows: %.300s", err, len(rows), report.Body)
	}

	// The same zip again adds nothing, and a file that was uploaded by hand is known, too.
	ada.Upload("/office/jobs/J-1002/attachments", url.Values{"nonce": {"h"}}, apptest.File{Field: "files", Name: "by-hand.jpg", Content: snapshot(t, 11)})
	sendZip(t, ada, "n2", zipOf(t, packedFile{"J-1001/before.jpg", same}, packedFile{"J-1002/other-name.jpg", snapshot(t, 11)}, packedFile{"J-1002/before.jpg", same}))
	awaitImport(t, app, "ready")
	if got := results(app); got != "J-1001/before.jpg known, J-1002/other-name.jpg known, J-1002/before.jpg fits" {
		t.Error(got)
	}
}

func TestAnImportOfFilesIsUndone(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	var files []packedFile
	for i := range 6 {
		files = append(files, packedFile{fmt.Sprintf("J-1001/%d.jpg", i), snapshot(t, i+20)})
	}
	p := sendZip(t, ada, "n", zipOf(t, files...))
	awaitImport(t, app, "ready")
	ada.Post(p.URL.Path+"/start", nil)
	awaitImport(t, app, "done")
	file := func(name string) string {
		return apptest.Value[string](app, `select public_id from attachments where name = '`+name+`'`)
	}
	ada.Post("/office/jobs/J-1001/attachments/sharing", url.Values{"attachment": {file("1.jpg")}, "to": {"shown"}, "visible": {"yes"}})
	app.Exec(`update attachments set customer_view = true, shared_at = now() where name = '1.jpg'`)
	app.Exec(`update attachments set caption = 'Roof' where name = '2.jpg'`)
	app.Exec(`update attachments set removed_at = now() where name = '3.jpg'`)
	if page := ada.Get(p.URL.Path); page.Find("form[action$='/undo']").Length() != 1 {
		t.Fatal(page.Text("main"))
	}
	ada.Submit(ada.Get(p.URL.Path), "form[action$='/undo']", nil)
	awaitImport(t, app, "undone")
	if got := results(app); got != "J-1001/0.jpg undone, J-1001/1.jpg kept, J-1001/2.jpg kept, J-1001/3.jpg kept, J-1001/4.jpg undone, J-1001/5.jpg undone" {
		t.Error(got)
	}
	if got := apptest.Value[string](app, `select string_agg(name, ' ' order by name) from attachments where removed_at is null and name ~ '^[0-9]'`); got != "1.jpg 2.jpg" {
		t.Errorf("there are %s", got)
	}
	if page := ada.Get(p.URL.Path); !page.Has("It was made viewable for the customer since.") || !page.Has("Its caption was changed since.") {
		t.Error(page.Text("main"))
	}
	// What was taken back can come again; and after 14 days nothing is undone.
	sendZip(t, ada, "n2", zipOf(t, files[:2]...))
	awaitImport(t, app, "ready")
	if got := results(app); got != "J-1001/0.jpg fits, J-1001/1.jpg known" {
		t.Error(got)
	}
	again := ada.Get("/office/admin/import-files").Find("tbody a").First().AttrOr("href", "")
	ada.Post(again+"/start", nil)
	awaitImport(t, app, "done")
	app.Exec(`update file_imports set finished_at = now() - interval '15 days'`)
	if page := ada.Post(again+"/undo", nil); page.Status != http.StatusConflict || ada.Get(again).Find("form[action$='/undo']").Length() != 0 {
		t.Errorf("after 15 days: %d", page.Status)
	}
}

func TestZipsThatCannotComeIn(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	whole := zipOf(t, packedFile{"J-1001/a.jpg", snapshot(t, 1)})
	for name, content := range map[string][]byte{"half": whole[:len(whole)/2], "a photo": snapshot(t, 2)} {
		p := sendZip(t, ada, name, content)
		awaitImport(t, app, "failed")
		if page := ada.Get(p.URL.Path); !page.Has("This is not a whole zip") {
			t.Errorf("%s: %s", name, page.Text("main"))
		}
		if p := ada.Submit(ada.Get(p.URL.Path), "form[action$='/removal']", nil); !p.Has("Nothing was added") {
			t.Errorf("%s: %s", name, p.Text("main"))
		}
	}
	if p := ada.Upload("/office/admin/import-files", url.Values{"nonce": {"x"}}); p.Status != http.StatusUnprocessableEntity || p.Problem("zip") == "" {
		t.Errorf("no file: %d %s", p.Status, p.Text("main"))
	}
	if p := sendZip(t, app.As("ben"), "b", whole); p.Status != http.StatusForbidden {
		t.Errorf("Ben: %d", p.Status)
	}
	// Adding and undoing ask for a fresh proof.
	p := sendZip(t, ada, "whole", whole)
	awaitImport(t, app, "ready")
	app.Exec(`update sessions set created_at = now() - interval '16 minutes'`)
	if page := ada.Post(p.URL.Path+"/start", nil); page.Find("input[name=proof]").Length() == 0 {
		t.Errorf("without a proof: %d %s", page.Status, page.Text("main"))
	}
	// A quota is respected, and said.
	app.Exec(`update sessions set created_at = now()`)
	app.Exec(`update customers set file_quota = 1 where id = 1`)
	app.Exec(`update stored_files set bytes = 1000000000 where customer_id = 1`)
	ada.Post(p.URL.Path+"/start", nil)
	awaitImport(t, app, "done")
	if got := results(app); got != "J-1001/a.jpg refused" {
		t.Error(got)
	}
	if page := ada.Get(p.URL.Path); !page.Has("may take 1 GB") {
		t.Error(page.Text("main"))
	}
}

// TestAnImportOfFilesGoesOn: adding breaks off in the middle of a file, again and
// again; it goes on where it was, and nothing comes twice.
func TestAnImportOfFilesGoesOn(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	var files []packedFile
	for i := range 60 {
		files = append(files, packedFile{fmt.Sprintf("J-1001/%02d.txt", i), []byte(fmt.Sprintf("Words of file %d.", i))})
	}
	p := sendZip(t, ada, "n", zipOf(t, files...))
	awaitImport(t, app, "ready")
	app.ExecAsOwner(`
		create function breaks_off() returns trigger language plpgsql as $$ begin raise exception 'broken off'; end $$;
		create constraint trigger breaks_off after insert on attachments deferrable initially deferred for each row when (new.name = '30.txt') execute function breaks_off()`)
	ada.Post(p.URL.Path+"/start", nil)
	count := func() int {
		return apptest.Value[int](app, `select count(*) from attachments where name like '__.txt'`)
	}
	for end := time.Now().Add(20 * time.Second); count() < 30 || apptest.Value[int](app, `select max(attempt) from river_job where kind = 'import_files' and state <> 'completed'`) < 1; {
		if time.Now().After(end) {
			t.Fatalf("%d files were added", count())
		}
	}
	if page := ada.Get(p.URL.Path); !page.Has("30 of 60 files added") {
		t.Error(page.Text("#import"))
	}
	app.ExecAsOwner(`drop trigger breaks_off on attachments`)
	awaitImport(t, app, "done")
	if n := count(); n != 60 {
		t.Errorf("%d files", n)
	}
	done := ada.Get(p.URL.Path)
	next := ada.Get(done.Find("a[rel=next]").AttrOr("href", "/none"))
	if first, rest := done.Find("#results tbody tr").Length(), next.Find("#results tbody tr").Length(); first != list.Size || rest != list.Size || !next.Has("J-1001/49.txt") {
		t.Errorf("the pages have %d and %d files", first, rest)
	}
	if found := ada.Get(p.URL.Path + "?q=/59"); found.Find("#results tbody tr").Length() != 1 {
		t.Errorf("searched: %s", found.Text("#results"))
	}
	if n := apptest.Value[int](app, `select count(*) from file_import_items i join attachments a on a.id = i.attachment_id and a.name = right(i.path, 6) where i.state = 'added'`); n != 60 {
		t.Errorf("%d of them are known", n)
	}
}

// A command that was broken off goes on where it was when it is run again, and one
// that nobody runs again can be undone.
func TestFilesAtTheServerGoOn(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	client, err := queue.NewClient(app.Pool)
	if err != nil {
		t.Fatal(err)
	}
	s := office.New(app.Pool, nil, app.Store, client, nil, notify.Worker{})
	content := zipOf(t, packedFile{"J-1001/1.txt", []byte("1")}, packedFile{"J-1001/2.txt", []byte("2")}, packedFile{"J-1001/3.txt", []byte("3")}, packedFile{"J-1001/4.txt", []byte("4")})
	run := func(most int) (added int, err error) {
		archive, err := fileimport.OpenZip(bytes.NewReader(content), int64(len(content)), nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		defer end()
		err = s.ImportFilesFrom(ctx, staff.Viewer{Staff: 1, Name: "Ada Fontaine", Role: staff.Administrator}, "photos.zip", archive, false, func(i fileimport.Item) {
			if i.State == fileimport.Added {
				if added++; added == most {
					end()
				}
			}
		})
		return added, err
	}
	states := func() string {
		return apptest.Value[string](app, `select string_agg(state || case when nonce is null then '' else ', to go on' end, '; ' order by id) from file_imports where id > 1`)
	}
	if n, err := run(2); n != 2 || err == nil || states() != "adding, to go on" {
		t.Fatalf("%d added, %v: %s", n, err, states())
	}
	at := fmt.Sprintf("/office/admin/import-files/%d", apptest.Value[int64](app, `select max(id) from file_imports`))
	if p := app.As("ada").Get(at); !p.Has("run it again: it goes on from here") {
		t.Errorf("broken off: %s", p.Text("main"))
	}
	if n, err := run(9); n != 2 || err != nil || states() != "done" {
		t.Errorf("again: %d added, %v: %s", n, err, states())
	}
	content = zipOf(t, packedFile{"J-1001/5.txt", []byte("5")}, packedFile{"J-1001/6.txt", []byte("6")})
	if n, err := run(1); n != 1 || err == nil || states() != "done; adding, to go on" {
		t.Errorf("broken off: %d added, %v: %s", n, err, states())
	}
	app.Exec(`update file_imports set started_at = now() - interval '25 hours' where state = 'adding'`)
	if err := s.SweepFileImports(t.Context()); err != nil || states() != "done; done" {
		t.Errorf("a day later: %v: %s", err, states())
	}
	at = fmt.Sprintf("/office/admin/import-files/%d", apptest.Value[int64](app, `select max(id) from file_imports`))
	if p := app.As("ada").Get(at); !p.Has("The command was broken off.") || p.Find("form[action$='/undo']").Length() == 0 {
		t.Errorf("a day later: %s", p.Text("main"))
	}
}
