package officeweb_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/url"
	"strings"
	"testing"
	"time"

	"fieldgate/web/apptest"
)

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 64, 48)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// prepared waits until no photo is being prepared any more.
func prepared(t *testing.T, app *apptest.App) {
	t.Helper()
	for range 200 {
		if apptest.Value[int](app, `select count(*) from attachments where state = 'preparing'`) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("photos are still being prepared")
}

func TestFilesOfJobs(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben, lee := app.As("ben"), app.As("lee")
	const tab = "/office/jobs/J-1001/attachments"
	app.Exec(`delete from attachments`)
	csv := []byte("part,number\nbelt,2\n")
	sent := ben.Upload(tab, nil,
		apptest.File{Field: "files", Name: "unit.jpg", Content: picture(t)},
		apptest.File{Field: "files", Name: "../Приёмка \"2\".csv", Content: csv},
		apptest.File{Field: "files", Name: "virus.exe", Content: []byte("MZ")},
		apptest.File{Field: "files", Name: "empty.txt"})
	if sent.URL.Path != tab || sent.Find("tbody tr").Length() != 2 || !sent.Has("2 files were added. They are hidden from the customer.") ||
		!sent.Has("2 files were not taken.") || !sent.Has("virus.exe") || !sent.Has("“empty.txt” is empty.") {
		t.Fatalf("%d at %s: %s", sent.Status, sent.URL, sent.Text("main"))
	}
	if got := sent.Find(".yesno--yes").Length(); got != 0 {
		t.Errorf("%d files of staff are shared at once", got)
	}
	prepared(t, app)
	page := ben.Get(tab)
	ids := map[string]string{}
	for _, box := range page.Find("input[name=attachment]").EachIter() {
		ids[box.AttrOr("aria-label", "")] = box.AttrOr("value", "")
	}
	photo, table := ids["unit.jpg"], ids[`Приёмка "2".csv`]
	if photo == "" || table == "" {
		t.Fatalf("names: %v", ids)
	}

	// Who may look: the office at once, the customer when it is shared, other customers never.
	sees := func(b *apptest.Browser, id string) int { return b.Get("/attachments/" + id).Status }
	if sees(lee, photo) != 404 || sees(lee, table) != 404 {
		t.Error("the customer sees hidden files")
	}
	share := func(url_ string, visible string, files ...string) apptest.Page {
		return ben.Post(url_+"/sharing", url.Values{"visible": {visible}, "attachment": files})
	}
	if p := share(tab, "yes"); !p.Has("Tick the files first.") {
		t.Errorf("nothing ticked: %s", p.Text(".flash"))
	}
	if p := share(tab, "maybe", photo); p.Status != 409 {
		t.Errorf("neither shared nor hidden: %d", p.Status)
	}
	if p := share("/office/jobs/J-1003/attachments", "yes", photo); !p.Has("Nothing had to be changed.") || sees(lee, photo) != 404 {
		t.Error("shared from another job's page")
	}
	if p := share(tab, "yes", photo, table, "' or 1=1"); !p.Has("2 files are viewable in the customer portal now.") || p.Find(".yesno--yes").Length() != 2 {
		t.Errorf("%d: %s", p.Status, p.Text("main"))
	}
	if sees(lee, photo) != 200 || sees(lee, table) != 200 || sees(app.As("ola"), photo) != 404 || sees(app.As("kim"), photo) != 404 {
		t.Error("the wrong people see shared files")
	}
	share(tab, "no", table)
	if sees(lee, photo) != 200 || sees(lee, table) != 404 {
		t.Error("hiding one file did not hide just that")
	}
	if got := apptest.Value[string](app, `select string_agg(action, ', ' order by id) from audit_entries where thing = 'attachment' and actor = 'staff'`); got != "uploaded, uploaded, shared, shared, hidden" {
		t.Errorf("audit: %s", got)
	}

	original := ben.Get("/office/attachments/" + table)
	for header, want := range map[string]string{
		"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="`, "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "sandbox", "Cache-Control": "no-store", "ETag": `"`,
	} {
		if got := original.Header.Get(header); !strings.Contains(got, want) {
			t.Errorf("%s: %q", header, got)
		}
	}
	if !strings.Contains(original.Header.Get("Content-Disposition"), `filename*=utf-8''%D0%9F`) || original.Body != string(csv) {
		t.Errorf("%q, %q", original.Header.Get("Content-Disposition"), original.Body)
	}
	for path, want := range map[string]int{"": 200, "/web": 200, "/thumb": 200} {
		if p := ben.Get("/office/attachments/" + photo + path); p.Status != want || p.Header.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(p.Header.Get("Content-Disposition"), "inline") {
			t.Errorf("photo%s: %d, %v", path, p.Status, p.Header)
		}
	}
	for _, path := range []string{"/office/attachments/nothing", "/office/attachments/" + table + "/thumb", "/office/attachments/" + table + "/web"} {
		if p := ben.Get(path); p.Status != 404 {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	if p := ben.Upload(tab, nil); p.Status != 200 || !p.Has("Choose the files first.") {
		t.Errorf("no files: %d", p.Status)
	}
	if p := ben.Upload("/office/jobs/J-0/attachments", nil, apptest.File{Field: "files", Name: "a.csv", Content: csv}); p.Status != 404 {
		t.Errorf("on no job: %d", p.Status)
	}
}
