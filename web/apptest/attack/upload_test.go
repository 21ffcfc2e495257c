package attack_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/apperr"
	"fieldgate/web/apptest"
	"fieldgate/web/page"
)

// packed is a zip file of the parts given as name, content, name, content.
func packed(t *testing.T, nameAndContent ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(nameAndContent); i += 2 {
		w, err := z.Create(nameAndContent[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(nameAndContent[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What a browser or an office program would run is not taken, whatever it is called.
func TestDisguisedFiles(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	const types = `<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`
	html := "<!doctype html><script>alert(document.cookie)</script>"
	for name, content := range map[string][]byte{
		"page.html":     []byte(html),
		"page.txt":      []byte(html),
		"page.csv":      []byte("  \n" + html),
		"page.jpg":      []byte(html),
		"page.pdf":      []byte(html),
		"drawing.svg":   []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"drawing.png":   []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"drawing.txt":   []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
		"program.exe":   []byte("MZ\x90\x00\x03"),
		"program.pdf":   []byte("MZ\x90\x00\x03"),
		"picture.html":  picture.Bytes(),
		"picture.exe":   picture.Bytes(),
		"macros.docx":   packed(t, "[Content_Types].xml", types, "word/document.xml", "<x/>", "word/vbaProject.bin", "x"),
		"archive.docx":  packed(t, "readme.txt", "hello"),
		"archive.zip":   packed(t, "readme.txt", "hello", "setup.exe", "MZ"),
		"half.pdf":      []byte("%PDF-1.7\nnothing"),
		"late.pdf":      []byte("\n\n" + html + "%PDF-1.7\n%%EOF"),
		"\u202efdp.exe": []byte("MZ\x90\x00\x03"),
		"shortcut.url":  []byte("[InternetShortcut]\nURL=https://evil.example"),
	} {
		p := lee.Upload("/quotes/Q-1003/files", nil, apptest.File{Field: "files", Name: name, Content: content})
		if p.Status != http.StatusUnprocessableEntity || p.Problem("files") == "" {
			t.Errorf("%q: %d %q", name, p.Status, p.Problem("files"))
		}
	}
	if n := apptest.Value[int](app, `select count(*) from attachments where quote_id is not null`); n != 0 {
		t.Error(n, "were kept")
	}
}

// A file's name is only ever a name, and its content never runs.
func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	for sent, kept := range map[string]string{
		"../../etc/passwd.txt":            "passwd.txt",
		`C:\Users\lee\plan.txt`:           "plan.txt",
		"a\r\nSet-Cookie: x=y.txt":        "aSet-Cookie: x=y.txt",
		`"><script>alert(1)<.txt`:         `"><script>alert(1)<.txt`,
		"pl\u00e4ne \u65e5\u672c.txt":     "pl\u00e4ne \u65e5\u672c.txt",
		strings.Repeat("x", 400) + ".txt": strings.Repeat("x", 196) + ".txt",
		"invoice\u202etxt.txt":            "invoicetxt.txt",
		"a;filename=evil.html;b.txt":      "a;filename=evil.html;b.txt",
	} {
		p := lee.Upload("/quotes/Q-1003/files", nil, apptest.File{Field: "files", Name: sent, Content: []byte("The plan.")})
		if p.Status != http.StatusOK || strings.Contains(p.Body, "<script>alert") {
			t.Errorf("%q: %d", sent, p.Status)
		}
		var id, name string
		if err := app.Pool.QueryRow(t.Context(), `select public_id, name from attachments order by id desc limit 1`).Scan(&id, &name); err != nil {
			t.Fatal(err)
		}
		if name != kept && sent != "a\r\nSet-Cookie: x=y.txt" && !strings.HasPrefix(sent, `"`) {
			t.Errorf("%q is kept as %q", sent, name)
		}
		h := lee.Get("/attachments/" + id).Header
		if !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; filename=") || h.Get("Set-Cookie") != "" || h.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || !strings.HasPrefix(h.Get("Content-Type"), "text/plain") {
			t.Errorf("%q is sent with %v", sent, h)
		}
	}
}

func TestFiftyOneFiles(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	files := make([]apptest.File, 0, 60)
	for range 60 {
		files = append(files, apptest.File{Field: "files", Name: "a.txt", Content: []byte("a")})
	}
	if p := app.As("lee").Upload("/quotes/Q-1003/files", nil, files...); p.Status != http.StatusOK || !p.Has("50 files were added.") {
		t.Error(p.Status, p.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from attachments where quote_id = 3`); n != 50 {
		t.Error(n)
	}
	large := apptest.File{Field: "files", Name: "large.txt", Content: bytes.Repeat([]byte("a"), 25<<20+1)}
	if p := app.As("lee").Upload("/quotes/Q-1003/files", nil, large, files[0]); p.Status != http.StatusOK || !p.Has("larger than 25 MB") || !p.Has("1 file was added.") {
		t.Error(p.Status, p.Text("main"))
	}
}

const companyForm = "form[action='/office/admin/company']"

// The company's pictures are drawn anew; nothing else comes through.
func TestLogosThatAreNone(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	for name, content := range map[string][]byte{
		"logo.svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"logo.png": []byte("<html><script>alert(1)</script>"),
		"logo.gif": []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
		"none.png": {},
	} {
		if p := ada.Submit(ada.Get("/office/admin/company"), companyForm, nil, apptest.File{Field: "logo", Name: name, Content: content}); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	tail := append(picture.Bytes(), []byte("<script>alert(1)</script>")...)
	if p := ada.Submit(ada.Get("/office/admin/company"), companyForm, nil, apptest.File{Field: "logo", Name: "logo.png", Content: tail}); p.Status != http.StatusOK {
		t.Fatal(p.Status, p.Text("main"))
	}
	p := app.Nobody().Get("/brand/3/logo")
	if p.Status != http.StatusOK || strings.Contains(p.Body, "script") || p.Header.Get("Content-Type") != "image/png" {
		t.Error(p.Status, p.Header)
	}
	for who, path := range map[string]string{"ben": "/office/admin/company", "nobody": "/office/admin/company"} {
		if p := app.As(who).Upload(path, url.Values{}, apptest.File{Field: "logo", Name: "logo.png", Content: picture.Bytes()}); p.Status == http.StatusOK && p.URL.Path != "/office/login" {
			t.Error(who, p.Status)
		}
	}
}

// The log of what went wrong names no tokens, addresses or query strings. Not
// parallel: the log is the program's.
func TestLogNamesNoSecrets(t *testing.T) { //nolint:paralleltest // see above
	var written bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&written, nil)))
	defer slog.SetDefault(before)
	for _, err := range []error{errors.New("broken"), apperr.NotFound, context.DeadlineExceeded} {
		r, e := http.NewRequestWithContext(t.Context(), http.MethodGet, "/welcome/secret-token?email=secret@demo.test", nil)
		if e != nil {
			t.Fatal(e)
		}
		page.Fail(discard{http.Header{}}, r, err)
	}
	if got := written.String(); !strings.Contains(got, "broken") || strings.Contains(got, "secret") {
		t.Error(got)
	}
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
