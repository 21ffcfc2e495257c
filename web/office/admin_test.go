package officeweb_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

const company = "/office/admin/company"

const companyForm = "form[action='" + company + "']"

func drawing(t *testing.T) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 300, 100))
	for i := range m.Pix {
		m.Pix[i] = 0xff
	}
	m.Set(5, 5, color.Black)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAdministrationIsForAdministrators(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	for _, path := range []string{company, "/office/admin/portal", company + "/preview/pages"} {
		if p := app.As("ben").Get(path); p.Status != 403 {
			t.Errorf("Ben reaches %s: %d", path, p.Status)
		}
		if p := app.As("ada").Get(path); p.Status != 200 {
			t.Errorf("Ada does not reach %s: %d", path, p.Status)
		}
	}
	if p := app.As("ben").Get("/office/customers"); p.Find("nav a:contains(Administration)").Length() != 0 {
		t.Error("Ben is shown the way to Administration")
	}
}

func TestCompanyDetails(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	const main = "form[action='" + company + "']"
	open := ada.Get(company)
	bad := ada.Submit(open, main, url.Values{"brand_colour": {"mauve"}, "time_zone": {"\x00Mars"}, "currency": {"DOLLARS"}, "website": {"javascript:alert(1)"}, "trading_name": {""}})
	for _, field := range []string{"brand_colour", "time_zone", "currency", "website", "trading_name"} {
		if bad.Status != 422 || bad.Problem(field) == "" {
			t.Errorf("%s: %d", field, bad.Status)
		}
	}
	saved := ada.Submit(open, main, url.Values{"brand_colour": {"#7A1FA2"}, "welcome_text": {"Welcome to Northwind."}})
	if !saved.Has("Saved.") {
		t.Fatalf("%d: %s", saved.Status, saved.Text("main"))
	}
	if late := ada.Submit(open, main, url.Values{"phone": {"1"}}); late.Status != 409 || !late.Has("Brand colour: “#0f5c8c” became “#7a1fa2”") {
		t.Errorf("overtaken: %d, %s", late.Status, late.Text("main .notice"))
	}
	if p := ada.Get(company + "/preview/pages?colour=%23ff0000"); p.Header.Get("X-Frame-Options") != "SAMEORIGIN" || !strings.Contains(p.Body, "style.css?colour=%23ff0000") {
		t.Errorf("preview: %v", p.Header)
	}
	if p := ada.Get(company + "/preview/style.css?colour=red%7D"); p.Status != 404 {
		t.Errorf("a stylesheet of nonsense: %d", p.Status)
	}
}

func TestLogoForEverybody(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada, nobody := app.As("ada"), app.Nobody()
	version := func() string { return apptest.Value[string](app, `select version::text from company`) }
	if p := nobody.Get("/brand/" + version() + "/logo"); p.Status != 404 || p.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("no logo yet: %d, %v", p.Status, p.Header)
	}
	for words, content := range map[string][]byte{
		"not a picture":    []byte("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
		"damaged":          drawing(t)[:60],
		"larger than 5 MB": make([]byte, 5<<20+1),
	} {
		p := ada.Submit(ada.Get(company), companyForm, url.Values{"brand_colour": {"#7a1fa2"}}, apptest.File{Field: "logo", Name: "logo.png", Content: content})
		if p.Status != 422 || !strings.Contains(p.Problem("logo"), words) || p.Find("[name=brand_colour]").AttrOr("value", "") != "#7a1fa2" {
			t.Errorf("%s: %d, %q", words, p.Status, p.Problem("logo"))
		}
	}
	// Colour, logo and the rest are one form, and one Save keeps all of it.
	if p := ada.Submit(ada.Get(company), companyForm, url.Values{"brand_colour": {"#7a1fa2"}, "phone": {"02 5550 1234"}}, apptest.File{Field: "logo", Name: "logo.png", Content: drawing(t)}); !p.Has("Saved.") || p.Find("[name=brand_colour]").AttrOr("value", "") != "#7a1fa2" || p.Find("img[alt='The current logo']").Length() != 1 || p.Find("form [type=file]").Length() != 2 {
		t.Fatalf("%d: %s", p.Status, p.Text("main"))
	}
	if p := ada.Submit(ada.Get(company), companyForm, url.Values{"brand_colour": {"blue"}}, apptest.File{Field: "banner", Name: "banner.png", Content: drawing(t)}); p.Status != 422 || !strings.Contains(p.Problem("banner"), "Choose it again") || p.Find("img[alt='The current logo']").Length() != 1 {
		t.Errorf("a banner beside a colour that is none: %d, %q", p.Status, p.Problem("banner"))
	}
	ada.Submit(ada.Get(company), companyForm, nil, apptest.File{Field: "banner", Name: "banner.png", Content: drawing(t)})
	for name, kind := range map[string]string{"logo": "image/png", "banner": "image/jpeg", "icon": "image/png", "style.css": "text/css; charset=utf-8"} {
		address := "/brand/" + version() + "/" + name
		if link := nobody.Get("/login").Find("link[href$='/" + name + "']"); link.Length() == 1 { // what the program makes is named by how it does, too
			if address = link.AttrOr("href", ""); strings.HasPrefix(address, "/brand/"+version()+"/") {
				t.Errorf("%s: a new version of the program would meet what an old one made at %s", name, address)
			}
		}
		p := nobody.Get(address)
		if p.Status != 200 || p.Header.Get("Content-Type") != kind || !strings.Contains(p.Header.Get("Cache-Control"), "immutable") || p.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d, %v", name, p.Status, p.Header)
		}
		if p := nobody.Get("/brand/1/" + name); p.Status != 200 || strings.Contains(p.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s of another version: %d, %v", name, p.Status, p.Header)
		}
		if p := nobody.Get("/brand/x/" + name); p.Status != 404 {
			t.Errorf("%s of no version: %d", name, p.Status)
		}
	}
	for path, who := range map[string]*apptest.Browser{"/login": nobody, "/office": ada} { // its place is kept free
		logo := who.Get(path).Find("img.brand__logo")
		if logo.AttrOr("width", "0") == "0" || logo.AttrOr("height", "0") == "0" {
			t.Errorf("%s does not know how large the logo is", path)
		}
	}
	if p := ada.Submit(ada.Get(company), companyForm, url.Values{"remove_logo": {"yes"}}); p.Find("img[alt='The current banner']").Length() != 1 || nobody.Get("/brand/"+version()+"/logo").Status != 404 {
		t.Errorf("removed: %s", p.Text("main"))
	}
}

func TestTaxRatesOnScreen(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	if p := ada.Post(company+"/tax-rates", url.Values{"rate_name": {"VAT"}, "rate_percent": {"lots"}}); p.Status != 422 || p.Problem("rate_percent") == "" {
		t.Errorf("%d: %s", p.Status, p.Text("main"))
	}
	if p := ada.Post(company+"/tax-rates", url.Values{"rate_name": {"VAT"}, "rate_percent": {"20"}}); !p.Has("VAT was added.") {
		t.Errorf("%d: %s", p.Status, p.Text("main"))
	}
	if p := ada.Post(company+"/tax-rates/1", url.Values{"do": {"deactivate"}}); p.Status != 409 {
		t.Errorf("the standard rate went: %d", p.Status)
	}
	for do, status := range map[string]int{"standard": 200, "": 409, "drop table": 409} {
		if p := ada.Post(company+"/tax-rates/3", url.Values{"do": {do}}); p.Status != status {
			t.Errorf("%q: %d", do, p.Status)
		}
	}
}

func TestPortalSettings(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	const settings = "/office/admin/portal"
	open := ada.Get(settings)
	bad := ada.Submit(open, form, url.Values{
		"contact_notifications": {"ok@northwind.test, nobody"}, "job_type_1": {"x@"}, "age_limit": {"months"}, "age_limit_months": {"many"},
	})
	for field, words := range map[string]string{"contact_notifications": "“nobody”", "job_type_1": "“x@”", "age_limit_months": "months"} {
		if bad.Status != 422 || !strings.Contains(bad.Problem(field), words) {
			t.Errorf("%s: %d, %q", field, bad.Status, bad.Problem(field))
		}
	}
	if got := bad.Find("#contact_notifications").Text(); got != "ok@northwind.test\nnobody" {
		t.Errorf("what was typed came back as %q", got)
	}
	if p := ada.Submit(open, form, url.Values{"age_limit": {"since"}, "age_limit_since": {"31.12.2025"}}); p.Status != 422 || p.Problem("age_limit_since") == "" {
		t.Errorf("a date of another form: %d", p.Status)
	}
	saved := ada.Submit(open, form, url.Values{
		"age_limit": {"since"}, "age_limit_since": {"2025-07-01"}, "hide_tasks": nil, "job_notifications": {"a@northwind.test; A@northwind.test b@northwind.test"}, "job_type_2": {""},
	})
	if !saved.Has("The settings apply from now on.") {
		t.Fatalf("%d: %s", saved.Status, saved.Text("main"))
	}
	got := apptest.Value[string](app, `select age_limit || age_limit_since || hide_tasks || hide_admin_details || array_to_string(job_notifications, ',') || (select array_length(notification_addresses, 1) is null from job_types where id = 2) from portal_settings`)
	if got != "since2025-07-01falsetruea@northwind.test,b@northwind.testtrue" {
		t.Errorf("stored %s", got)
	}
	late := ada.Submit(open, form, url.Values{"hide_tasks": {"on"}})
	if late.Status != 409 || !late.Has("Hide Tasks: “Yes” became “No”") {
		t.Errorf("overtaken: %d, %s", late.Status, late.Text("main .notice"))
	}
	if p := ada.Submit(late, form, nil); !p.Has("The settings apply from now on.") {
		t.Errorf("saved after all: %d, %s", p.Status, p.Text("main .notice"))
	}
}
