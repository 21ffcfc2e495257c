package portalweb_test

import (
	"archive/zip"
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"fieldgate/internal/attachment"
	"fieldgate/web/apptest"
)

// Each contact's archive holds what that contact sees of a record, and pictures
// in place of originals.
func TestArchivesByPersona(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewRGBA(image.Rect(0, 0, 64, 48)), nil); err != nil {
		t.Fatal(err)
	}
	located := slices.Concat(photo.Bytes()[:2], []byte("\xff\xe1\x00\x1aExif\x00\x00GPS SECRET PLACE"), photo.Bytes()[2:])
	text := func(name string) apptest.File {
		return apptest.File{Field: "files", Name: name, Content: []byte("Words of " + name)}
	}
	ben.Upload("/office/jobs/J-1001/attachments", nil, apptest.File{Field: "files", Name: "unit.jpeg", Content: located}, text("report.txt"), text("hidden.txt"))
	ben.Upload("/office/jobs/J-1002/attachments", nil, text("kims.txt"))
	ben.Upload("/office/quotes/Q-1002/attachments", nil, text("offer.txt"))
	ben.Upload("/office/customers/C-1001/attachments", nil, text("agreement.txt"))
	app.Exec(`update attachments set customer_view = name not in ('hidden.txt', 'OFFICE-ONLY.txt')`)
	for range 2 {
		_ = attachment.Prepare(t.Context(), app.Pool, app.Store, apptest.Value[int64](app, `select id from attachments where kind = 'photo'`)) // the queue may be faster
	}
	app.Exec(`insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, state, customer_view, uploaded_by_staff_id)
		values (1, 1, 'next.heic', 'photo', 'image/heic', 1, 'none', 'preparing', true, 1)`)

	const gone = "404"
	for _, tt := range []struct{ who, path, want string }{
		{"lee", "/jobs/J-1001/files/download", "Not included.txt Shared.txt report.txt unit.jpg"},
		{"lee", "/jobs/J-1002/files/download", "kims.txt"},
		{"lee", "/quotes/Q-1002/files/download", "offer.txt"},
		{"lee", "/details/files/download", "agreement.txt"},
		{"lee", "/equipment/equipmentofharbour0000000000001/files/download", gone}, // it has none
		{"kim", "/jobs/J-1001/files/download", gone},
		{"kim", "/jobs/J-1002/files/download", "kims.txt"},
		{"kim", "/quotes/Q-1002/files/download", gone},
		{"kim", "/details/files/download", gone},
		{"ola", "/jobs/J-1001/files/download", gone},
		{"ola", "/details/files/download", gone},
		{"ola", "/jobs/J-1003/files/download", gone},
	} {
		p := app.As(tt.who).Get(tt.path)
		got := gone
		if p.Status == http.StatusOK {
			archive := unpack(t, p.Body)
			got = strings.Join(slices.Sorted(maps.Keys(archive)), " ")
			if picture := archive["unit.jpg"]; strings.Contains(picture, "SECRET") || (picture != "" && !strings.HasPrefix(picture, "\xff\xd8")) {
				t.Error("the original is in the archive")
			}
			if why := archive["Not included.txt"]; why != "" && why != "“next.heic” is still being prepared.\r\n" {
				t.Errorf("not included: %q", why)
			}
		}
		if got != tt.want {
			t.Errorf("%s at %s: %s, want %s", tt.who, tt.path, got, tt.want)
		}
	}
	if p := app.As("lee").Get("/jobs/J-1001"); !p.Has("Download all") || !p.Has("Being prepared, it shows in a moment.") || p.Find("#preparing").Length() != 1 {
		t.Error("the page offers no archive, or does not wait for the photo")
	}
	app.Exec(`update attachments set customer_view = false where job_id = 2`)
	if p := app.As("kim").Get("/jobs/J-1002/files/download"); p.Status != http.StatusNotFound {
		t.Errorf("hidden meanwhile: %d", p.Status)
	}
}

func unpack(t *testing.T, content string) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(strings.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		found[f.Name] = string(b)
	}
	return found
}

// A request with a file that is refused is taken with the others: the next page
// warns, and says why at its file field.
func TestRefusedFileOfARequest(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	form := lee.Get("/quotes/new")
	nonce, _ := form.Find("main [name=nonce]").Attr("value")
	p := lee.Upload("/quotes", map[string][]string{"description": {"A second kitchen"}, "nonce": {nonce}},
		apptest.File{Field: "files", Name: "plan.txt", Content: []byte("Plan")}, apptest.File{Field: "files", Name: "page.html", Content: []byte("<p>")})
	if p.Status != http.StatusOK || !strings.HasPrefix(p.URL.Path, "/quotes/Q-") || !strings.Contains(p.Problem("files"), "“page.html” is not a type we accept.") || !p.Has("plan.txt") {
		t.Errorf("%d at %s: %q", p.Status, p.URL, p.Problem("files"))
	}
	if p := lee.Get(p.URL.Path); p.Problem("files") != "" {
		t.Error("the reason stays for ever")
	}
}
