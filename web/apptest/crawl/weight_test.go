package crawl_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/brotli"

	"fieldgate/demo/picture"
	"fieldgate/web/apptest"
)

// What a page may weigh over the wire, in bytes, without the business's
// photos: the first of a session brings styles and scripts, later ones only
// themselves.
const (
	firstPage = 60_000
	laterPage = 10_000
	// Requests for all of a first page: itself, a stylesheet, a script, the
	// icon, the logo, and what a phone asks for who keeps it on its home screen.
	// Those that take a signature need one more.
	requests = 6
)

// TestPagesAreLight weighs every page of the portal as it travels, with lists as
// full as they get.
func TestPagesAreLight(t *testing.T) {
	t.Parallel()
	app := apptest.NewLocal(t) // where passkeys are offered
	ada := app.As("ada")
	if p := ada.Submit(ada.Get("/office/admin/company"), "form[action='/office/admin/company']", nil, apptest.File{Field: "logo", Name: "logo.png", Content: picture.Logo}); p.Status != http.StatusOK {
		t.Fatalf("the logo: %d", p.Status)
	}
	app.Exec(`update portal_settings set hide_tasks = false, hide_admin_details = false`)
	app.Exec(`insert into jobs (customer_id, name, description, job_type_id, status, site_id, main_contact_id, booked_from, origin)
		select 1, 'Quarterly service of unit ' || n, 'Filters, coils, drains and belts of unit ' || n, 1, 'booked', 1 + n % 2, 1, now() + n * interval '1 hour', 'office' from generate_series(1, 300) n`)
	app.Exec(`insert into job_statuses (customer_id, job_id, status, staff_id) select 1, id, 'booked', 1 from jobs where customer_id = 1`)
	app.Exec(`insert into quotes (customer_id, name, description, currency, status, site_id, main_contact_id, origin, created_by_contact_id)
		select 1, 'Replace unit ' || n, 'Please price a new unit ' || n, 'AUD', 'requested', 1 + n % 2, 1, 'portal', 1 from generate_series(1, 300) n`)
	app.Exec(`insert into equipment (customer_id, number, name, type, site_id, make, model, serial_number, next_service_on, origin)
		select 1, 'X-' || n, 'Split system ' || n, 'Split system', 1 + n % 2, 'Daikin', 'FTXM' || n, 'SN-' || n, business_day() + 5, 'office' from generate_series(1, 300) n`)
	app.Exec(`insert into sites (customer_id, name, address) select 1, 'Practice ' || n, '{"line1":"12 George Street","city":"Parramatta","region":"NSW","postcode":"2150"}' from generate_series(1, 100) n`)
	app.Exec(`insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, web_key, thumb_key, width, height, customer_view, shared_at, shared_by_id, uploaded_by_staff_id, caption)
		select 1, 1, 'IMG_' || n || '.jpg', 'photo', 'image/jpeg', 9, gen_random_uuid(), 'w', 't', 1600, 1200, true, now(), 1, 1, 'Condenser coil before cleaning' from generate_series(1, 50) n`)
	lee := app.As("lee")
	cookie := lee.Cookie("/")
	for _, path := range []string{
		"/", "/jobs", "/jobs/J-1001", "/jobs/new", "/quotes", "/quotes/Q-1002", "/quotes/Q-1002/acceptance", "/quotes/Q-1002/refusal", "/quotes/new", "/equipment", "/equipment/equipmentofharbour0000000000001", "/equipment/new",
		"/details", "/details/edit", "/details/company/edit", "/details/sites", "/details/sign-in-address", "/details/devices", "/new-password",
	} {
		html, page := weigh(t, app.URL+path, cookie)
		if page > laterPage {
			t.Errorf("%s weighs %d bytes", path, page)
		}
		all, files := assets(t, app.URL, html)
		if all += page; all > firstPage {
			t.Errorf("%s weighs %d bytes as the first page of a session", path, all)
		}
		asked := files + 1 // with the page
		if strings.HasSuffix(path, "/acceptance") {
			asked--
		}
		if asked > requests {
			t.Errorf("%s takes %d requests", path, asked)
		}
		t.Logf("%-50s %5d bytes, %d with what a first visit brings, in %d requests", path, page, all, asked)
	}
	officeCookie := ada.Cookie("/office")
	for _, path := range []string{"/office", "/office/jobs", "/office/jobs/J-1001", "/office/quotes", "/office/quotes/Q-1002", "/office/customers/C-1001", "/office/equipment", "/office/messages"} {
		html, page := weigh(t, app.URL+path, officeCookie)
		all, files := assets(t, app.URL, html)
		if page > laterPage || page+all > firstPage || files+1 > requests {
			t.Errorf("%s weighs %d bytes, and %d more in %d files", path, page, all, files)
		}
		t.Logf("%-50s %5d bytes, %d with what a first visit brings, in %d requests", path, page, page+all, files+1)
	}
	for _, path := range []string{"/login", "/forgot-password", "/welcome/x"} {
		html, page := weigh(t, app.URL+path, "")
		all, files := assets(t, app.URL, html)
		if page > laterPage || page+all > firstPage || files+1 > requests {
			t.Errorf("%s weighs %d bytes, and %d more in %d files", path, page, all, files)
		}
		t.Logf("%-50s %5d bytes, %d with what a first visit brings, in %d requests", path, page, page+all, files+1)
	}
}

// weigh fetches what a browser would, and returns it with its weight on the wire, its headers included.
func weigh(t *testing.T, url, cookie string) (content string, weight int) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	r.Header.Set("Cookie", cookie)
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	wire, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var head strings.Builder
	if err := res.Header.Write(&head); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= 300 && res.StatusCode != http.StatusNotFound {
		t.Fatalf("%s: %d", url, res.StatusCode)
	}
	body := io.Reader(bytes.NewReader(wire))
	switch res.Header.Get("Content-Encoding") {
	case "gzip":
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	case "br":
		body = brotli.NewReader(body)
	}
	plain, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain), len(wire) + head.Len()
}

// assets weighs and counts the styles, scripts and pictures of ours that a page
// names, with the logo and the icon of the business.
func assets(t *testing.T, origin, html string) (weight, files int) {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	if err != nil {
		t.Fatal(err)
	}
	if n := doc.Find(`script[src]:not([src$="/signature.js"])`).Length(); n > 1 {
		t.Errorf("%q loads %d scripts", doc.Find("title").Text(), n)
	}
	seen := map[string]bool{}
	doc.Find(`script[src], link[rel=stylesheet], link[rel=icon], link[rel=preload], link[rel=manifest], img[src^="/static"], img.brand__logo`).Each(func(_ int, s *goquery.Selection) {
		url := s.AttrOr("src", s.AttrOr("href", ""))
		if url == "" || seen[url] {
			return
		}
		seen[url] = true
		_, more := weigh(t, origin+url, "")
		weight += more
		files++
	})
	return weight, files
}
