package officeweb_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// TestQuoteFromRequestToPrice is the office's part of the main job: Ben prices
// what Lee has asked for, and sends it.
func TestQuoteFromRequestToPrice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben, lee := app.As("ben"), app.As("lee")
	app.Exec(`update quotes set price_estimate = 300000 where number = 'Q-1003'`)

	list := ben.Get("/office/quotes?new=1")
	if rows := list.Find("#results tbody tr"); rows.Length() != 1 || !strings.Contains(rows.Text(), "New from the portal") || !strings.Contains(rows.Text(), "about $3,000.00") {
		t.Errorf("new from the portal: %s", list.Text("#results"))
	}
	p := ben.Get("/office/quotes/Q-1003")
	if !p.Has("Asked byLee Nakamura") || !p.Has("$3,000.00") || p.Text(".page-header__actions .button--primary") != "Price this quote" {
		t.Errorf("the request: %s", p.Text("main"))
	}
	if p := ben.Get("/office/quotes?new=1"); !p.Has("No quote fits") {
		t.Errorf("opened, and still new: %s", p.Text("#results"))
	}

	edit := ben.Get("/office/quotes/Q-1003/edit")
	if n := edit.Find(".lines__row").Length(); n != 3 {
		t.Errorf("%d empty lines to begin with", n)
	}
	bad := ben.Submit(edit, form, url.Values{
		"line-0-description": {"Clean ducts"}, "line-0-quantity": {"some"}, "line-0-price": {"12.345"},
		"line-2-quantity": {"2"}, "line-2-price": {"80"}, "line-2-tax": {"99 Mine"}, "valid_until": {"soon"}, "booked_start": {"25:00"}, "site": {"3"},
	})
	for _, field := range []string{"line-0-quantity", "line-0-price", "line-1-description", "line-1-tax", "valid_until", "booked_on"} {
		if bad.Status != 422 || bad.Problem(field) == "" {
			t.Errorf("%d: no problem at %s: %s", bad.Status, field, bad.Text(".field__problem"))
		}
	}
	if typed, _ := bad.Find("#line-0-price").Attr("value"); typed != "12.345" {
		t.Errorf("typed 12.345, kept %q", typed)
	}
	if p := ben.Submit(edit, form, url.Values{"site": {"3"}}); p.Problem("site") == "" {
		t.Errorf("another customer's site: %d", p.Status)
	}

	more := ben.Submit(edit, form, url.Values{"more": {"lines"}, "line-0-description": {"Clean ducts"}, "line-1-description": {"Disinfect"}, "line-2-description": {"Report"}, "line-2-price": {"abc"}})
	if more.Status != 200 || more.Find(".lines__row").Length() != 6 || more.Find("#line-0-description").Text() != "Clean ducts" || more.Find("#line-3-description[autofocus]").Length() != 1 {
		t.Errorf("more lines: %d, %d of them", more.Status, more.Find(".lines__row").Length())
	}
	saved := ben.Submit(more, form, url.Values{
		"line-0-quantity": {"4"}, "line-0-price": {"$1,250.00"}, "line-1-quantity": {"1.5"}, "line-1-price": {"80"}, "line-1-tax": {"0 No tax"}, "line-2-remove": {"on"},
		"internal_notes": {"OFFICE-ONLY margin"}, "valid_until": {""}, "booked_on": {"2031-05-06"}, "booked_start": {"09:00"}, "booked_until": {"11:30"}, "staff": {"3"},
	})
	if saved.URL.Path != "/office/quotes/Q-1003" || !saved.Has("$5,620.00") || !saved.Has("GST 10%$500.00") || !saved.Has("Fay Ibrahim") || saved.Has("Report") {
		t.Fatalf("saved: %d at %s: %s", saved.Status, saved.URL, saved.Text("main"))
	}
	if p := lee.Get("/quotes/Q-1003"); p.Status != 200 || p.Has("5,620") || p.Has("OFFICE-ONLY") {
		t.Errorf("while it is priced Lee reads %d: %s", p.Status, p.Text("main"))
	}

	unready := ben.Get("/office/quotes/Q-1003/sending")
	if !strings.Contains(unready.Problem("valid_until"), "valid") || unready.Problem("lines") != "" {
		t.Errorf("without a validity: %d, %s", unready.Status, unready.Text(".notice"))
	}
	ben.Submit(ben.Get("/office/quotes/Q-1003/edit"), form, url.Values{"valid_until": {"2099-01-31"}})
	ask := ben.Get("/office/quotes/Q-1003/sending")
	if !ask.Has("Lee Nakamura gets an email at lee@demo.test") || !ask.Has("$5,620.00 with tax") {
		t.Errorf("asked: %s", ask.Text("main"))
	}
	sent := ben.Submit(ask, form, nil)
	if !sent.Has("Q-1003 was sent.") || !sent.Has("Version 1 sent") {
		t.Errorf("sent: %s", sent.Text("main"))
	}
	if again := ben.Submit(ask, form, nil); again.Status != 409 || !again.Has("has just been sent") {
		t.Errorf("pressed twice: %d, %s", again.Status, again.Text("main .notice"))
	}
	if p := lee.Get("/quotes/Q-1003"); !p.Has("$5,620.00") || !p.Has("Clean ducts") || p.Has("OFFICE-ONLY") {
		t.Errorf("Lee reads %d: %s", p.Status, p.Text("main"))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := app.Mail.Wait(ctx, func(m catcher.Message) bool { return m.IsTo("lee@demo.test") && strings.Contains(m.Text, "Q-1003") }); err != nil {
		t.Error("no mail about the quote reached Lee: ", err)
	}

	if p := ben.Get("/office/quotes/Q-1003/edit"); p.Status != 409 {
		t.Errorf("editing what was sent: %d", p.Status)
	}
	revised := ben.Submit(ben.Get("/office/quotes/Q-1003/revision"), form, nil)
	if !revised.Has("You are working on version 2.") {
		t.Errorf("new version: %s", revised.Text("main"))
	}
	ben.Submit(ben.Get("/office/quotes/Q-1003/edit"), form, url.Values{"line-0-quantity": {"5"}})
	if p := lee.Get("/quotes/Q-1003"); !p.Has("$5,620.00") {
		t.Errorf("while version 2 is written Lee reads: %s", p.Text("main"))
	}
	if p := ben.Submit(ben.Get("/office/quotes/Q-1003/withdrawal"), form, nil); !p.Has("was withdrawn") {
		t.Errorf("withdrawn: %s", p.Text("main"))
	}
}

func TestQuotesOfTheOffice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	if p := ben.Get("/office/quotes/new?q=harbour"); p.Find(".choice-list a").Length() != 1 {
		t.Errorf("choosing a customer: %s", p.Text("main"))
	}
	open := ben.Get("/office/quotes/new?customer=C-1001")
	fields := url.Values{
		"description": {"Heat pump\x00 für ひと"}, "line-0-description": {"<script>alert(1)</script>"}, "line-0-quantity": {"2"}, "line-0-price": {"1,000"},
		"line-500-description": {"far away"}, "staff": {"99", "x", "3"},
	}
	made := ben.Submit(open, form, fields)
	if made.URL.Path != "/office/quotes/Q-1005" || !made.Has("$2,200.00") || strings.Contains(made.Body, "<script>alert") {
		t.Fatalf("%d at %s: %s", made.Status, made.URL, made.Text("main"))
	}
	if again := ben.Submit(open, form, fields); again.URL.Path != made.URL.Path {
		t.Errorf("the same form again made %s", again.URL)
	}
	edit := ben.Get("/office/quotes/Q-1005/edit")
	ben.Submit(edit, form, url.Values{"name": {"Heat pump"}, "preferred_on": {"2031-05-06"}, "line-0-price": {"900"}})
	late := ben.Submit(edit, form, url.Values{"terms": {"Mine"}})
	if late.Status != 409 || !late.Has("Ben Whitlock changed this") || !late.Has("Name: nothing became “Heat pump”") || !late.Has("“6 May 2031”") || late.Find("#terms").Text() != "Mine" {
		t.Errorf("overtaken: %d, %s", late.Status, late.Text("main .notice"))
	}
	if p := ben.Submit(late, form, nil); p.URL.Path != made.URL.Path || !p.Has("Mine") {
		t.Errorf("saved after all: %d, %s", p.Status, p.Text("main"))
	}
	app.Exec(`update customers set archived_at = now() where number = 'C-1003'`)
	for path, status := range map[string]int{
		"/office/quotes?status=nonsense&sort=';--&after=%00&before=x&q=%00%ff": 200,
		"/office/quotes?customer=C-9999":                                       404,
		"/office/quotes?status=expired&q=duct":                                 200,
		"/office/quotes?sort=-valid":                                           200,
		"/office/quotes/new?customer=C-9999":                                   404,
		"/office/quotes/new?customer=C-1003":                                   409,
		"/office/quotes/Q-9999":                                                404,
		"/office/quotes/%FF":                                                   404,
		"/office/quotes/Q-9999/edit":                                           404,
		"/office/quotes/Q-9999/sending":                                        404,
		"/office/quotes/Q-1002/sending":                                        409,
		"/office/quotes/Q-1001/revision":                                       409,
	} {
		if p := ben.Get(path); p.Status != status {
			t.Errorf("GET %s: %d, want %d", path, p.Status, status)
		}
	}
	if p := ben.Post("/office/quotes/Q-1001/sending", nil); p.Status != 409 {
		t.Errorf("sent without a version: %d", p.Status)
	}
	hostile := url.Values{"version": {"1"}, "name": {strings.Repeat("ü", 201)}, "description": {strings.Repeat("x", 10_001)}, "job_type": {"99"}, "main_contact": {"-1"}, "line-0-description": {"a", "b"}, "line-0-quantity": {"1e9999999"}, "line-0-price": {strings.Repeat("9", 500)}}
	if p := ben.Post("/office/quotes/Q-1001/edit", hostile); p.Status != 422 || p.Problem("name") == "" || p.Problem("description") == "" || p.Problem("line-0-price") == "" {
		t.Errorf("hostile: %d, %s", p.Status, p.Text(".field__problem"))
	}
	if p := app.Nobody().Get("/office/quotes/Q-1001"); !strings.HasPrefix(p.URL.Path, "/office/login") {
		t.Errorf("nobody reads it at %s", p.URL)
	}
	if p := app.As("lee").Get("/office/quotes/Q-1001"); !strings.HasPrefix(p.URL.Path, "/office/login") {
		t.Errorf("a contact reads it at %s", p.URL)
	}
}

func TestFilesOfAQuote(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben, lee := app.As("ben"), app.As("lee")
	const files = "/office/quotes/Q-1002/attachments"
	p := ben.Upload(files, nil, apptest.File{Field: "files", Name: "Scope.txt", Content: []byte("What is included")}, apptest.File{Field: "files", Name: "Scope.exe", Content: []byte("MZ\x00")})
	if p.Status != 200 || p.Find("tbody tr").Length() != 1 || !p.Has("One file was added. It is hidden from the customer.") || !p.Has("Scope.exe") {
		t.Fatalf("%d: %s", p.Status, p.Text("main"))
	}
	if q := lee.Get("/quotes/Q-1002"); q.Has("Scope.txt") {
		t.Error("Lee sees a hidden file")
	}
	id, _ := p.Find("tbody input[name=attachment]").Attr("value")
	if p := ben.Post(files+"/sharing", url.Values{"attachment": {id}, "visible": {"yes"}}); !p.Has("1 file is viewable") {
		t.Errorf("shared: %s", p.Text("main"))
	}
	if q := lee.Get("/quotes/Q-1002"); !q.Has("Scope.txt") {
		t.Errorf("Lee does not see a shared file: %s", q.Text("main"))
	}
	if p := ben.Post("/office/quotes/Q-1004/attachments/sharing", url.Values{"attachment": {id}, "visible": {"no"}}); app.As("lee").Get("/attachments/"+id).Status != 200 {
		t.Errorf("hidden by way of another quote: %s", p.Text("main"))
	}
}
