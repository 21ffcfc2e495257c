package portalweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

func TestQuotesAreThoseTheContactSees(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update quote_versions set valid_until = business_day() - 1 where quote_id = 2`)
	for _, tt := range []struct {
		who, path string
		status    int
		shows     string
	}{
		{"lee", "/quotes", 200, "New split in kitchen"},
		{"lee", "/quotes", 200, "$2,750.00"},
		{"lee", "/quotes", 200, "Duct cleaning"},
		{"lee", "/quotes?status=expired", 200, "New split in kitchen"},
		{"lee", "/quotes?status=sent", 200, "No quote found"},
		{"lee", "/quotes?status=requested", 200, "1 quote"},
		{"lee", "/quotes?site=2", 200, "Duct cleaning"},
		{"lee", "/quotes?q=kitchen", 200, "New split in kitchen"},
		{"lee", "/quotes?q=margin", 200, "No quote found"}, // an internal note
		{"lee", "/quotes?status=draft&site=-1&sort=%00&after=%ff&q=%27", 200, "No quote found"},
		{"lee", "/quotes/Q-1002", 200, "Split system 3.5 kW, supplied and installed"},
		{"lee", "/quotes/Q-1002", 200, "$2,750.00 Tax included"},
		{"lee", "/quotes/Q-1002", 200, "GST 10%$250.00"},
		{"lee", "/quotes/Q-1002", 200, "it can no longer be changed here. If you need something else, call Northwind Air on (02) 5550 1000"},
		{"lee", "/quotes/Q-1003", 200, "How much is duct cleaning?"},
		{"lee", "/quotes/Q-1003/edit", 200, "Edit quote"},
		{"lee", "/quotes/Q-1002/edit", 200, "can no longer be changed here"}, // back at the quote, which says why
		{"lee", "/quotes/Q-1001", 404, "Page not found"},                     // never sent
		{"lee", "/quotes/Q-1004", 404, "Page not found"},                     // another customer's
		{"lee", "/quotes/Q-1004/edit", 404, "Page not found"},
		{"kim", "/quotes", 404, "Page not found"},
		{"kim", "/quotes/Q-1002", 404, "Page not found"},
		{"kim", "/quotes/new", 404, "Page not found"},
		{"ola", "/quotes", 200, "Lobby fan"},
		{"ola", "/quotes/Q-1002", 404, "Page not found"},
	} {
		p := app.As(tt.who).Get(tt.path)
		if p.Status != tt.status || !p.Has(tt.shows) || strings.Contains(p.Body, "OFFICE-ONLY") || strings.Contains(p.Body, "Replace unit 2") {
			t.Errorf("%s at %s: %d %s", tt.who, tt.path, p.Status, p.Text("main"))
		}
	}
}

// What is priced again stays as it was sent, until it is sent again.
func TestRevisionStaysBehindTheCurtain(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`
		insert into quote_versions (customer_id, quote_id, number, net, tax, total, name, description) values (1, 2, 2, 999900, 0, 999900, 'Secret name', 'Secret words');
		update quotes set status = 'draft', name = 'Secret name', description = 'Secret words' where id = 2;`)
	p := app.As("lee").Get("/quotes/Q-1002")
	if p.Status != 200 || p.Has("Secret") || p.Has("9,999") || !p.Has("$2,750.00") || !p.Has("Sent") || p.Find(`a[href$="/edit"]`).Length() > 0 {
		t.Error(p.Text("main"))
	}
	if p := app.As("lee").Get("/quotes?q=secret"); p.Has("Secret") || !p.Has("No quote found") {
		t.Error(p.Text("main"))
	}
	if p := app.As("lee").Post("/quotes/Q-1002/edit", url.Values{"description": {"Mine"}, "version": {"1"}}); p.Status != 409 || !p.Has("has been sent") {
		t.Error(p.Status, p.Text("body"))
	}
}

func TestQuoteIsAskedFor(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	fields := url.Values{"description": {"Price for a second split in reception\nCeiling is 3 m"}, "price_estimate": {"$ 4,500.50"}, "site": {"2"}, "purchase_order": {"PO 9"}}
	page := lee.Get("/quotes/new")
	p := lee.Submit(page, "form.form", fields)
	if p.Status != 200 || p.URL.Path != "/quotes/Q-1005" || !p.Has("Thank you. We have your request Q-1005") || !p.Has("$4,500.50") || !p.Has("Ceiling is 3 m") || !p.Has("Pitt Street") {
		t.Fatal(p.Status, p.URL, p.Text("main"))
	}
	// Pressed twice: one quote, and nobody is told twice.
	if p := lee.Submit(page, "form.form", fields); p.URL.Path != "/quotes/Q-1005" {
		t.Error(p.URL)
	}
	if n := apptest.Value[int](app, `select count(*) from quotes where origin = 'portal'`); n != 2 {
		t.Error(n, "requests")
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'quote-requested' and to_address = 'quotes@northwind.test'`); n != 1 {
		t.Error(n, "mails")
	}
	if who := apptest.Value[string](app, `select actor_name from audit_entries where thing = 'quote' and action = 'requested'`); who != "Lee Nakamura" {
		t.Error(who)
	}
	if got := apptest.Value[int64](app, `select price_estimate from quotes where number = 'Q-1005' and main_contact_id = 1 and status = 'requested'`); got != 450050 {
		t.Error(got)
	}
}

func TestWhatIsWrongWithARequest(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	for _, tt := range []struct{ name, field, value, problem string }{
		{"nothing", "description", "", "Tell us"},
		{"too long", "description", strings.Repeat("é", 10_001), "10,000"},
		{"NUL alone", "description", "\x00", "Tell us"},
		{"no amount", "price_estimate", "about a thousand", "amount"},
		{"an exponent", "price_estimate", "1e99999999", "amount"},
		{"negative", "price_estimate", "-5", "zero or more"},
		{"less than a cent", "price_estimate", "5.005", "cents"},
		{"more than there is", "price_estimate", "99999999999999", "smaller"},
		{"another customer's site", "site", "3", "from the list"},
		{"no site at all", "site", "999", "from the list"},
		{"no date", "preferred_on", "soon", "date"},
		{"yesterday", "preferred_on", "2020-01-01", "later"},
		{"overlong order", "purchase_order", strings.Repeat("9", 201), "200"},
	} {
		fields := url.Values{"description": {"Price for <b>this</b>"}, "purchase_order": {"PO <9>"}, tt.field: {tt.value}}
		p := lee.Submit(lee.Get("/quotes/new"), "form.form", fields)
		if p.Status != 422 || !strings.Contains(p.Problem(tt.field), tt.problem) {
			t.Errorf("%s: %d %q", tt.name, p.Status, p.Problem(tt.field))
		}
		if tt.field != "purchase_order" && p.Find("#purchase_order").AttrOr("value", "") != "PO <9>" {
			t.Errorf("%s: what was typed is lost", tt.name)
		}
	}
	if n := apptest.Value[int](app, `select count(*) from quotes`); n != 4 {
		t.Error("something was half saved")
	}
}

func TestWhoMayNotAskForQuotes(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	page := lee.Get("/quotes/new")
	send := func() apptest.Page {
		return lee.Submit(page, "form.form", url.Values{"description": {"x"}})
	}
	app.Exec(`update customers set on_hold = true where id = 1`)
	if p := send(); p.Status != 409 || !p.Has("on hold for Harbour Dental") || !p.Has("(02) 5550 1000") {
		t.Error("on hold:", p.Status, p.Text("body"))
	}
	if p := lee.Get("/quotes/new"); p.Find("form.form").Length() > 0 || !p.Has("(02) 5550 1000") {
		t.Error("on hold, and still a form")
	}
	app.Exec(`update customers set on_hold = false where id = 1; update contacts set quotes_create = false where id = 1`)
	if p := send(); p.Status != 403 {
		t.Error("without the right:", p.Status)
	}
	if p := lee.Get("/quotes"); p.Find(`a[href="/quotes/new"]`).Length() > 0 {
		t.Error("without the right, and still a button")
	}
	app.Exec(`update contacts set quotes_create = true, all_sites = false where id = 1; insert into contact_sites (customer_id, contact_id, site_id) values (1, 1, 2)`)
	if p := lee.Submit(page, "form.form", url.Values{"description": {"x"}, "site": {"1"}}); p.Status != 422 || p.Problem("site") == "" {
		t.Error("at a site out of sight:", p.Status, p.Problem("site"))
	}
	if p := lee.Submit(page, "form.form", url.Values{"description": {"x"}, "site": {""}}); p.Status != 422 || p.Problem("site") != "Choose the site." {
		t.Error("without a site:", p.Status, p.Problem("site"))
	}
	if p := lee.Get("/quotes"); p.Has("New split in kitchen") || !p.Has("Duct cleaning") {
		t.Error("limited to Pitt Street:", p.Text("#results"))
	}
	if p := lee.Get("/quotes/Q-1002"); p.Status != 404 {
		t.Error("a quote at another site:", p.Status)
	}
	if n := apptest.Value[int](app, `select count(*) from quotes`); n != 4 {
		t.Error("something was written")
	}
	// A form shown for one customer does nothing for another.
	sam := app.As("sam")
	if p := sam.Post("/details/edit", url.Values{"name": {"Hacked"}, "contact": {"1"}, "version": {"1"}}); p.Status != 409 || !p.Has("opened for another customer") {
		t.Error(p.Status, p.Text("body"))
	}
}

func TestQuoteIsAmendedUntilItIsSent(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	first, second := lee.Get("/quotes/Q-1003/edit"), lee.Get("/quotes/Q-1003/edit")
	if p := lee.Submit(first, "form.form", url.Values{"description": {"Duct cleaning, both floors"}, "price_estimate": {"800"}}); p.Status != 200 || !p.Has("both floors") || !p.Has("$800.00") {
		t.Fatal(p.Status, p.Text("main"))
	}
	p := lee.Submit(second, "form.form", url.Values{"description": {"Duct cleaning, top floor"}, "purchase_order": {"PO 77"}})
	if p.Status != 409 || !p.Has("changed while you had it open") || !p.Has("both floors") || p.Find("#purchase_order").AttrOr("value", "") != "PO 77" || p.Text("#description") != "Duct cleaning, top floor" {
		t.Fatal(p.Status, p.Text("main"))
	}
	if p = lee.Submit(p, "form.form", nil); p.Status != 200 || !p.Has("top floor") || !p.Has("PO 77") {
		t.Error("saved once more:", p.Status, p.Text("main"))
	}
	for _, number := range []string{"Q-1001", "Q-1004", "Q-9999"} {
		if p := lee.Post("/quotes/"+number+"/edit", url.Values{"description": {"Mine"}, "version": {"1"}}); p.Status != 404 {
			t.Error(number, p.Status)
		}
	}
	app.Exec(`update contacts set quotes_edit = false where id = 1`)
	if p := lee.Post("/quotes/Q-1003/edit", url.Values{"description": {"Mine"}, "version": {"3"}}); p.Status != 403 {
		t.Error("without the right:", p.Status)
	}
}

func TestFilesOfQuotes(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	note := apptest.File{Field: "files", Name: "plan.txt", Content: []byte("The plan.")}
	if p := lee.Upload("/quotes/Q-1003/files", nil, note, apptest.File{Field: "files", Name: "tool.exe", Content: []byte("MZ\x90\x00")}); p.Status != 200 || !p.Has("1 file was added.") || !p.Has("“tool.exe”") || !p.Has("plan.txt") {
		t.Fatal(p.Status, p.Text("main"))
	}
	if p := lee.Upload("/quotes/Q-1003/files", nil); p.Status != 422 || p.Problem("files") == "" {
		t.Error("no file:", p.Status)
	}
	if p := lee.Upload("/quotes/Q-1002/files", nil, note); p.Status != 409 {
		t.Error("to a quote that was sent:", p.Status)
	}
	for _, number := range []string{"Q-1001", "Q-1004"} {
		if p := lee.Upload("/quotes/"+number+"/files", nil, note); p.Status != 404 {
			t.Error(number, p.Status)
		}
	}
	if p := lee.Submit(lee.Get("/quotes/Q-1003"), `form[action$="/removal"]`, nil); p.Status != 200 || p.URL.Path != "/quotes/Q-1003" || p.Has("plan.txt") {
		t.Error("taken back:", p.Status, p.URL, p.Text("main"))
	}
	// Files that come with the request itself.
	p := lee.Upload("/quotes", url.Values{"description": {"With a plan"}, "nonce": {"n1"}}, note)
	if p.Status != 200 || !p.Has("plan.txt") {
		t.Error(p.Status, p.Text("main"))
	}
	lee.Upload("/quotes", url.Values{"description": {"With a plan"}, "nonce": {"n1"}}, note)
	if n := apptest.Value[int](app, `select count(*) from attachments a join quotes q on q.id = a.quote_id where q.description = 'With a plan' and a.customer_view`); n != 1 {
		t.Error(n, "files of a form sent twice")
	}
}
