package portalweb_test

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// video is a film of one box of pictures, which says where it was taken.
func video() []byte {
	box := func(kind string, bodies ...[]byte) []byte {
		body := bytes.Join(bodies, nil)
		return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), kind...), body...)
	}
	picture := box("trak", box("mdia", box("hdlr", []byte("\x00\x00\x00\x00mhlrvide"), make([]byte, 12))))
	place := box("udta", box("\xa9xyz", []byte("\x00\x0c\x15\xc7-37.81+144.96/")))
	return slices.Concat(box("ftyp", []byte("isom\x00\x00\x02\x00isom")), box("mdat", bytes.Repeat([]byte("film"), 500)), box("moov", picture, place))
}

// TestVideos: shared as photos are, played where they stand, in parts, and without
// the place.
func TestVideos(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben, lee := app.As("ben"), app.As("lee")
	name := `12" duct 50% – 現場.mp4`
	ben.Upload("/office/jobs/J-1002/attachments", nil, apptest.File{Field: "files", Name: name, Content: video()})
	id := apptest.Value[string](app, `select public_id from attachments where name = '12" duct 50% – 現場.mp4' and kind = 'video' and state = 'ready'`)
	path := "/attachments/" + id
	for _, who := range []string{"lee", "kim", "ola"} {
		if p := app.As(who).Get(path); p.Status != http.StatusNotFound {
			t.Errorf("%s before it is shared: %d", who, p.Status)
		}
	}
	for _, view := range []string{"", "?view=grid", "?show=photos"} {
		if p := ben.Get("/office/jobs/J-1002/attachments" + view); p.Find(`video[controls][preload=metadata][src="/office`+path+`"]`).Length() != 1 {
			t.Errorf("the office does not play it in %q", view)
		}
	}
	ben.Post("/office/jobs/J-1002/attachments/sharing", url.Values{"attachment": {id}, "visible": {"yes"}})
	page := lee.Get("/jobs/J-1002")
	if page.Find(`.photos video[controls][preload=metadata][src="`+path+`"]`).Length() != 1 || !strings.Contains(page.Header.Get("Content-Security-Policy"), "media-src 'self'") {
		t.Error("a contact's page does not play it")
	}
	part := lee.Ask(http.MethodGet, path, "Range", "bytes=4-7")
	if part.Status != http.StatusPartialContent || part.Body != "ftyp" || part.Header.Get("Content-Type") != "video/mp4" {
		t.Errorf("a part: %d %q %v", part.Status, part.Body, part.Header)
	}
	if h := part.Header.Get("Content-Disposition"); !strings.HasPrefix(h, "inline") || !strings.HasSuffix(h, "; filename*=utf-8''12%22%20duct%2050%25%20%E2%80%93%20%E7%8F%BE%E5%A0%B4.mp4") {
		t.Errorf("its name: %s", h)
	}
	whole := lee.Get(path + "?save=1")
	if !strings.HasPrefix(whole.Header.Get("Content-Disposition"), "attachment") || len(whole.Body) != len(video()) || strings.Contains(whole.Body, "144.96") {
		t.Errorf("saved: %v, %d bytes", whole.Header, len(whole.Body))
	}
	for who, status := range map[string]int{"kim": http.StatusOK, "ola": http.StatusNotFound, "sam": http.StatusNotFound} {
		if p := app.As(who).Get(path); p.Status != status {
			t.Errorf("%s, shared: %d", who, p.Status)
		}
	}
	if p := lee.Get(path + "/thumb"); p.Status != http.StatusNotFound {
		t.Errorf("a small picture of it: %d", p.Status)
	}
}

// TestDocumentsAreSaved: never shown in the browser, under the names that they came with.
func TestDocumentsAreSaved(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	for name, sent := range map[string]struct{ content, kind string }{
		`100% "as built".eml`: {"From: a@b.test\r\nDate: Mon, 2 Nov 2026 10:00:00 +1100\r\n\r\n<script>alert(1)</script>", "message/rfc822"},
		"Größe.txt":           {"\xff\xfeG\x00r\x00\xfc\x00", "text/plain; charset=utf-16le"},
		"Größe.csv":           {"K\xfchler;1", "text/csv; charset=windows-1252"},
	} {
		if p := lee.Upload("/quotes/Q-1003/files", nil, apptest.File{Field: "files", Name: name, Content: []byte(sent.content)}); p.Status != http.StatusOK {
			t.Errorf("%s: %d %s", name, p.Status, p.Text("main"))
			continue
		}
		id := apptest.Value[string](app, `select public_id from attachments order by id desc limit 1`)
		if kept := apptest.Value[string](app, `select name from attachments order by id desc limit 1`); kept != name || !lee.Get("/quotes/Q-1003").Has(name) {
			t.Errorf("%s is called %s", name, kept)
		}
		p := lee.Get("/attachments/" + id)
		if !strings.HasPrefix(p.Header.Get("Content-Disposition"), "attachment") || p.Header.Get("Content-Type") != sent.kind || !strings.Contains(p.Header.Get("Content-Security-Policy"), "sandbox") || p.Body != sent.content {
			t.Errorf("%s: %v", name, p.Header)
		}
	}
}
