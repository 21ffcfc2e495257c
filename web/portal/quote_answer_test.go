package portalweb_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"net/url"
	"strings"
	"sync"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/pdf/pdftest"
	"fieldgate/web/apptest"
)

const terms = `update quote_versions set terms = 'Payment within 14 days.', valid_until = business_day() + 10 where quote_id = 2`

func yes() url.Values {
	return url.Values{"full_name": {"Lee Nakamura"}, "terms": {"yes"}, "shown": {"1"}}
}

func signature(t *testing.T) string {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	for x := 20; x < 120; x++ {
		img.Set(x, 40, color.NRGBA{B: 60, A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

func TestAQuoteIsAccepted(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(terms)
	lee := app.As("lee")
	if p := lee.Get("/quotes/Q-1002"); p.Find(`a[href="/quotes/Q-1002/acceptance"]`).Length() != 2 || p.Find(`a[href="/quotes/Q-1002/refusal"]`).Length() != 2 || !p.Has("Would you like to go ahead?") {
		t.Fatal(p.Text("main"))
	}
	form := lee.Get("/quotes/Q-1002/acceptance")
	if !form.Has("Payment within 14 days.") || !form.Has("Accept for $2,750.00") || !form.Has("By accepting, Harbour Dental Group Pty Ltd orders this work from Northwind Air") {
		t.Error(form.Text("main"))
	}
	fields := url.Values{"full_name": {"Lee M. Nakamura"}, "purchase_order": {"PO 12"}, "terms": {"yes"}, "signature": {signature(t)}}
	p := lee.Submit(form, "form.form", fields)
	if p.Status != 200 || p.URL.Path != "/quotes/Q-1002/acceptance" || !p.Has("What happens next") || !p.Has("Lee M. Nakamura") || !p.Has("PO 12") || p.Find("img.signature__image").Length() != 1 {
		t.Fatal(p.Status, p.URL, p.Text("main"))
	}
	// Pressed twice: the same answer, told once.
	if p := lee.Submit(form, "form.form", fields); p.Status != 200 || !p.Has("What happens next") {
		t.Error(p.Status, p.Text("main"))
	}
	if p := lee.Get("/quotes/Q-1002/signature"); p.Status != 200 || !strings.HasPrefix(p.Body, "\x89PNG") || p.Header.Get("Content-Type") != "image/png" {
		t.Error("the signature:", p.Status, p.Header)
	}
	for who, path := range map[string]string{"lee": "/quotes/Q-1002/pdf", "ben": "/office/quotes/Q-1002/pdf"} {
		p := app.As(who).Get(path)
		if text := pdftest.Text(t, []byte(p.Body)); !strings.Contains(text, "ACCEPTED") || !strings.Contains(text, "Accepted by Lee M. Nakamura") || !strings.Contains(p.Body, "/Subtype /Image") {
			t.Errorf("%s: %s", path, text)
		}
	}
	p = lee.Get("/quotes/Q-1002")
	if p.Find(`a[href="/quotes/Q-1002/refusal"]`).Length() > 0 || !p.Has("Accepted") || p.Has("127.0.0.1") || !p.Has("History") {
		t.Error("the quote afterwards:", p.Text("main"))
	}
	for what, sql := range map[string]string{
		"the acceptance": `select count(*) from acceptances a where a.version_id = 1 and contact_id = 1 and decision = 'accepted' and full_name = 'Lee M. Nakamura' and purchase_order = 'PO 12'
			and terms = 'Payment within 14 days.' and host(address) = '127.0.0.1' and browser like 'Go-http-client%' and signature_key <> '' and at > now() - interval '1 minute'`,
		"the quote":          `select count(*) from quotes where id = 2 and status = 'accepted' and purchase_order = 'PO 12'`,
		"the trail":          `select count(*) from audit_entries where thing = 'quote' and thing_id = 2 and action = 'accepted' and actor_name = 'Lee Nakamura'`,
		"mail to customer":   `select count(*) from emails where kind = 'quote-answered' and contact_id is not null and quote_id = 2`,
		"mail to the office": `select count(*) from emails where kind = 'quote-decision' and to_address = 'quotes@northwind.test' and quote_id = 2`,
	} {
		if n := apptest.Value[int](app, sql); n != 1 {
			t.Errorf("%s: %d", what, n)
		}
	}
	office := app.As("ben").Get("/office/quotes/Q-1002")
	if !office.Has("Lee M. Nakamura") || !office.Has("127.0.0.1") || office.Find("img.signature__image").Length() != 1 {
		t.Error("in the office:", office.Text("main"))
	}
}

func TestAQuoteIsDeclined(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	if p := lee.Submit(lee.Get("/quotes/Q-1002/refusal"), "form.form", url.Values{"reason": {strings.Repeat("é", 10_001)}}); p.Status != 422 || p.Problem("reason") == "" {
		t.Error(p.Status)
	}
	p := lee.Submit(lee.Get("/quotes/Q-1002/refusal"), "form.form", url.Values{"reason": {"Too <dear>\nfor us"}})
	if p.Status != 200 || p.URL.Path != "/quotes/Q-1002" || !p.Has("Thank you for letting us know") || !p.Has("Too <dear>") || !p.Has("Declined") {
		t.Fatal(p.Status, p.URL, p.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from acceptances where decision = 'declined' and full_name = 'Lee Nakamura' and reason like 'Too <dear>%'`); n != 1 {
		t.Error(n)
	}
	// The office makes another version of it: until it is sent, the answer stands.
	app.Exec(`update quotes set status = 'draft' where id = 2; insert into quote_versions (customer_id, quote_id, number, net, tax, total, description) values (1, 2, 2, 1, 0, 1, 'x')`)
	if p := lee.Get("/quotes/Q-1002"); !p.Has("An updated quote is on its way") || !p.Has("Declined") {
		t.Error(p.Text("main"))
	}
	if p := lee.Get("/quotes?status=declined"); !p.Has("New split in kitchen") {
		t.Error(p.Text("#results"))
	}
}

// Who may answer, and what stands in the way.
func TestWhatCannotBeAccepted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, who, first string
		fields           url.Values
		status           int
		says             string
	}{
		{"expired", "lee", `update quote_versions set valid_until = business_day() - 1`, nil, 409, "can no longer be accepted. Call Northwind Air on (02) 5550 1000"},
		{"withdrawn", "lee", `update quotes set status = 'withdrawn' where id = 2`, nil, 409, "withdrawn and can no longer be accepted"},
		{"declined", "lee", `update quotes set status = 'declined' where id = 2`, nil, 409, "declined already"},
		{"a new version in the making", "lee", `update quotes set status = 'draft' where id = 2`, nil, 409, "updating this quote"},
		{"no name", "lee", "", url.Values{"full_name": {" "}}, 422, "Enter your full name."},
		{"a name too long", "lee", "", url.Values{"full_name": {strings.Repeat("é", 201)}}, 422, "200"},
		{"terms not ticked", "lee", terms, url.Values{"terms": nil}, 422, "Tick that you agree"},
		{"a signature that is none", "lee", "", url.Values{"signature": {"data:image/png;base64,AAAA"}}, 422, "Draw it again"},
		{"a script for a signature", "lee", "", url.Values{"signature": {"javascript:alert(1)"}}, 422, "Draw it again"},
		{"no version", "lee", "", url.Values{"shown": nil}, 409, "updated quote while you had this open"},
		{"without the right", "lee", `update contacts set quotes_accept = false where id = 1`, nil, 403, "not accept or decline"},
		{"own only, somebody else's", "lee", `update contacts set quotes_see = 'own' where id = 1; update quotes set main_contact_id = 2 where id = 2`, nil, 404, "Page not found"},
		{"at a site out of sight", "lee", `update contacts set all_sites = false where id = 1; insert into contact_sites (customer_id, contact_id, site_id) values (1, 1, 2)`, nil, 404, "Page not found"},
		{"no quotes at all", "kim", "", nil, 404, "Page not found"},
		{"another customer's", "ola", "", nil, 404, "Page not found"},
		{"suspended", "lee", `update contacts set access = 'suspended' where id = 1`, nil, 200, ""}, // at the sign-in page
		{"the company wants an order number, and says so", "lee", `update customers set purchase_order_required = true; update portal_settings set hide_admin_details = false`, nil, 422, "Your company asks for a purchase order number"},
		{"the company wants an order number, and nobody may know", "lee", `update customers set purchase_order_required = true`, nil, 200, "What happens next"},
		{"own, and one's own", "lee", `update contacts set quotes_see = 'own', quotes_edit = false, quotes_create = false where id = 1`, nil, 200, "What happens next"},
		{"on its last day", "lee", `update quote_versions set valid_until = business_day()`, nil, 200, "What happens next"},
		{"on hold", "lee", `update customers set on_hold = true`, nil, 200, "What happens next"},
	} {
		answer := func(t *testing.T) {
			app := apptest.New(t)
			somebody := app.As(tt.who)
			if tt.first != "" {
				app.Exec(tt.first)
			}
			if page := somebody.Get("/quotes/Q-1002"); page.Status == 200 && (page.Find(`a[href$="/acceptance"]`).Length() > 0) != (tt.status != 409 && tt.status != 403 || tt.fields != nil) && tt.name != "suspended" {
				t.Errorf("a way to accept: %s", page.Text("main"))
			}
			fields := yes()
			for name, value := range tt.fields {
				fields[name] = value
			}
			p := somebody.Post("/quotes/Q-1002/acceptance", fields)
			if p.Status != tt.status || !p.Has(tt.says) {
				t.Errorf("%d %s", p.Status, p.Text("body"))
			}
			if n := apptest.Value[int](app, `select count(*) from acceptances`); (n == 1) != (tt.says == "What happens next") {
				t.Errorf("%d acceptances", n)
			}
			if p.Status == 422 && tt.fields["full_name"] == nil && p.Find("#full_name").AttrOr("value", "") != "Lee Nakamura" {
				t.Error("what was typed is lost")
			}
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(tt.first, "business_day()") {
				dbtest.InZones(t, answer)
				return
			}
			answer(t)
		})
	}
}

// The office sends another version while the form is open: nothing is accepted,
// and nothing that was typed is lost.
func TestANewVersionMeanwhile(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	app.Exec(terms)
	form := lee.Get("/quotes/Q-1002/acceptance")
	app.Exec(`
		insert into quote_versions (customer_id, quote_id, number, net, tax, total, name, description, terms, sent_at, sent_by_id) values (1, 2, 2, 300000, 30000, 330000, 'New split in kitchen', 'x', 'New terms.', now(), 1);
		insert into quote_lines (customer_id, version_id, position, description, quantity, unit_price, tax_name, tax_percent, line_total) select 1, id, 1, 'A larger split', 1, 300000, 'GST', 10, 300000 from quote_versions where quote_id = 2 and number = 2;
		update quotes set sent_version = 2 where id = 2`)
	p := lee.Submit(form, "form.form", url.Values{"full_name": {"Lee N."}, "purchase_order": {"PO 3"}, "terms": {"yes"}, "signature": {signature(t)}})
	_, ticked := p.Find("#terms").Attr("checked")
	if p.Status != 409 || !p.Has("sent an updated quote") || !p.Has("$3,300.00") || !p.Has("A larger split") || !p.Has("New terms.") || ticked ||
		p.Find("#full_name").AttrOr("value", "") != "Lee N." || p.Find("input[name=signature]").AttrOr("value", "") != signature(t) {
		t.Fatal(p.Status, ticked, p.Text("main"))
	}
	p = lee.Submit(p, "form.form", url.Values{"terms": {"yes"}})
	if p.Status != 200 || !p.Has("What happens next") || !p.Has("version 2") {
		t.Error(p.Status, p.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from acceptances a join quote_versions v on v.id = a.version_id where v.number = 2 and a.terms = 'New terms.'`); n != 1 {
		t.Error(n)
	}
}

// Two contacts press at once: one answer counts, the other learns of it.
func TestTwoContactsAnswerAtOnce(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts set quotes_see = 'all', quotes_accept = true where id = 2`)
	var (
		wg    sync.WaitGroup
		pages [2]apptest.Page
	)
	for i, b := range []*apptest.Browser{app.As("lee"), app.As("kim")} {
		wg.Go(func() {
			pages[i] = b.Post("/quotes/Q-1002/acceptance", url.Values{"full_name": {"Somebody"}, "shown": {"1"}, "signature": {signature(t)}})
		})
	}
	wg.Wait()
	statuses := [2]int{pages[0].Status, pages[1].Status}
	if statuses != [2]int{200, 409} && statuses != [2]int{409, 200} {
		t.Fatal(statuses)
	}
	late := pages[0]
	if late.Status == 200 {
		late = pages[1]
	}
	if !late.Has("Somebody accepted this quote on") {
		t.Error(late.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from acceptances`); n != 1 {
		t.Error(n)
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'quote-decision' and to_address = 'quotes@northwind.test'`); n != 1 {
		t.Error(n, "mails")
	}
}

// TestAnAnswerWaitsWithItsSignature: who draws a signature when the session has
// ended finds it under the form again, and nothing is accepted yet.
func TestAnAnswerWaitsWithItsSignature(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	drawn := signature(t)
	open := lee.Get("/quotes/Q-1002/acceptance")
	app.Exec(`update sessions set seen_at = now() - interval '30 hours'`) // ended, but not yet swept away
	p := lee.Submit(open, "main form", url.Values{"full_name": {"Lee M. Nakamura"}, "terms": {"yes"}, "signature": {drawn}})
	if p.URL.Path != "/login" {
		t.Fatalf("%d at %s", p.Status, p.URL)
	}
	app.Exec(`update sessions set seen_at = now()`)
	p = lee.Get(p.URL.Query().Get("next"))
	if p.Find("[name=signature]").AttrOr("value", "") != drawn || p.Find("[name=full_name]").AttrOr("value", "") != "Lee M. Nakamura" {
		t.Errorf("the answer is lost: %d at %s", p.Status, p.URL)
	}
	if n := apptest.Value[int](app, `select count(*) from acceptances`); n != 0 {
		t.Error("the quote was accepted without a press")
	}
	if p = lee.Submit(p, "form[action$='/acceptance']", nil); p.URL.Path != "/quotes/Q-1002/acceptance" || !p.Has("What happens next") {
		t.Errorf("pressed: %d at %s", p.Status, p.URL)
	}
}
