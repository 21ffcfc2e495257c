package officeweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// A yes by phone is kept with its file, marked wherever it is shown, and the
// customer gets a receipt.
func TestAYesByPhone(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts set quotes_see = 'all' where id = 1; update quote_versions set valid_until = business_day() + 30; update quotes set valid_until = business_day() + 30 where id = 2`)
	ben, lee := app.As("ben"), app.As("lee")
	const page = "/office/quotes/Q-1002/answer"
	ask := ben.Get(page)
	if ask.Status != 200 || !ask.Has("gets an email") {
		t.Fatalf("%d %s", ask.Status, ask.Text("main"))
	}
	typed := url.Values{
		"decision": {"accepted"}, "contact": {"1"}, "way": {"phone"}, "shown": {"1"}, "purchase_order": {"PO-77"},
		"said_on": {ask.Find("#said_on").AttrOr("value", "")}, "said_at": {ask.Find("#said_at").AttrOr("value", "")},
	}
	for name, wrong := range map[string]url.Values{"decision": {"decision": {""}}, "said_at": {"said_at": {"soon"}}, "said_on": {"said_on": {"2199-01-01"}}, "way": {"way": {"portal"}}, "full_name": {"contact": {""}}} {
		bad := url.Values{}
		for k, v := range typed {
			bad[k] = v
		}
		for k, v := range wrong {
			bad[k] = v
		}
		if p := ben.Upload(page, bad); p.Status != 422 || p.Problem(name) == "" || p.Find("#purchase_order").AttrOr("value", "") != "PO-77" {
			t.Errorf("%s: %d %s", name, p.Status, p.Text("main"))
		}
	}
	done := ben.Upload(page, typed, apptest.File{Field: "files", Name: "Order.txt", Content: []byte("Yes please")})
	if done.Status != 200 || done.URL.Path != "/office/quotes/Q-1002" || !done.Has("Lee") || !done.Has("Accepted by phone:") || !strings.Contains(done.Text(".timeline"), "Accepted by phone") {
		t.Fatalf("%d %s", done.Status, done.Text("main"))
	}
	if again := ben.Upload(page, typed, apptest.File{Field: "files", Name: "Order.txt", Content: []byte("Yes please")}); again.Status != 200 {
		t.Errorf("sent twice: %d %s", again.Status, again.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from attachments where quote_id = 2 and name = 'Order.txt' and not customer_view`); n != 1 {
		t.Errorf("%d hidden files", n)
	}
	m, err := app.Mail.WaitTo(t.Context(), "lee@demo.test")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.Text, "Accepted by phone: ") || !strings.Contains(strings.Join(strings.Fields(m.Text), " "), "If that is not right, tell us.") {
		t.Errorf("the receipt: %s", m.Text)
	}
	shown := lee.Get("/quotes/Q-1002")
	if !shown.Has("Accepted by phone:") || shown.Has("Order.txt") || !strings.Contains(shown.Text("main"), "If that is not right") {
		t.Errorf("the customer reads %s", shown.Text("main"))
	}
	if p := lee.Get("/quotes/Q-1002/acceptance"); !p.Has("Accepted by phone:") || p.Has("Thank you") {
		t.Errorf("the page of accepting: %s", p.Text("main"))
	}
	for _, pdf := range []string{"/office/quotes/Q-1002/pdf"} {
		if p := ben.Get(pdf); p.Status != 200 {
			t.Errorf("%s: %d", pdf, p.Status)
		}
	}
	if p := lee.Get("/quotes/Q-1002/pdf"); p.Status != 200 {
		t.Errorf("the customer's document: %d", p.Status)
	}
	if p := ben.Get("/office/quotes.csv"); !strings.Contains(p.Body, "By phone") {
		t.Errorf("the file of quotes: %s", p.Body)
	}
	if p := app.As("ada").Get("/office/admin/activity"); !p.Has("recorded the customer’s acceptance of quote Q-1002") {
		t.Errorf("activity: %s", p.Text("main"))
	}
}

// The customer's yes and the job are one step, or none of both.
func TestJobWithTheCustomersYes(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update quote_versions set valid_until = business_day() + 30; update quotes set valid_until = business_day() + 30 where id = 2`)
	ben := app.As("ben")
	ask := ben.Get("/office/quotes/Q-1002/job")
	if bad := ben.Submit(ask, form, url.Values{"type": {""}, "agreed": {"yes"}}); bad.Status != 422 || apptest.Value[string](app, `select status from quotes where id = 2`) != "sent" {
		t.Errorf("without a type: %d %s", bad.Status, bad.Text("main"))
	}
	for range 2 {
		job := ben.Submit(ask, form, url.Values{"type": {"1"}, "agreed": {"yes"}, "contact": {"1"}, "way": {"in person"}})
		if !strings.HasPrefix(job.URL.Path, "/office/jobs/J-") {
			t.Fatalf("%d %s", job.Status, job.Text("main"))
		}
	}
	if got := apptest.Value[string](app, `select status || ' ' || (select count(*) from jobs where quote_id = 2) || ' ' || (select way from acceptances) from quotes where id = 2`); got != "accepted 1 in person" {
		t.Errorf("got %q", got)
	}
}

// Save and send is one step: both are done, or neither, and the form says why.
func TestSaveAndSend(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts set quotes_see = 'all' where id = 1; update quotes set price_estimate = 250000 where id = 1`)
	ben := app.As("ben")
	const page = "/office/quotes/Q-1001/edit"
	edit := ben.Get(page)
	if !edit.Has("Customer’s estimate: $2,500.00") || !edit.Has("gets an email") {
		t.Errorf("the form: %s", edit.Text("main"))
	}
	line := url.Values{"send": {"yes"}, "description": {"Replaced as agreed"}, "line-0-description": {"Unit"}, "line-0-quantity": {"1"}, "line-0-price": {"1200"}, "valid_until": {""}}
	bad := ben.Submit(edit, "form[data-unsaved]", line)
	if bad.Status != 422 || bad.Problem("valid_until") == "" || apptest.Value[string](app, `select status || ' ' || description from quotes where id = 1`) != "draft Replace rooftop unit 2" {
		t.Errorf("without a last day: %d %s", bad.Status, bad.Text("main"))
	}
	line.Set("valid_until", "2199-12-31")
	done := ben.Submit(edit, "form[data-unsaved]", line)
	if done.URL.Path != "/office/quotes/Q-1001" || !done.Has("Saved, and Q-1001 was sent.") || apptest.Value[string](app, `select status || ' ' || description from quotes where id = 1`) != "sent Replaced as agreed" {
		t.Errorf("sent: %d %s", done.Status, done.Text("main"))
	}
	if again := ben.Submit(edit, "form[data-unsaved]", line); again.Status != 409 {
		t.Errorf("sent twice: %d", again.Status)
	}
	if _, err := app.Mail.WaitTo(t.Context(), "lee@demo.test"); err != nil {
		t.Error(err)
	}
}

// A new quote is saved and sent in one step, too: both, or neither, and a form
// sent twice does it once.
func TestSaveAndSendANewQuote(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts set quotes_see = 'all' where id = 1`)
	ben := app.As("ben")
	fresh := ben.Get("/office/quotes/new?customer=C-1001&contact=1")
	if !fresh.Has("When you send it") || !fresh.Has("gets an email") {
		t.Errorf("the form: %s", fresh.Text("form"))
	}
	before := apptest.Value[int](app, `select count(*) from quotes`)
	typed := url.Values{"send": {"yes"}, "description": {"A new fan"}, "site": {"1"}, "main_contact": {"1"}}
	if bad := ben.Submit(fresh, form, typed); bad.Status != 422 || bad.Problem("lines") == "" || bad.Text("#description") != "A new fan" || apptest.Value[int](app, `select count(*) from quotes`) != before {
		t.Errorf("without a line: %d %s", bad.Status, bad.Text("main"))
	}
	for field, value := range map[string]string{"line-0-description": "Fan", "line-0-quantity": "1", "line-0-price": "90", "valid_until": "2199-12-31"} {
		typed.Set(field, value)
	}
	for range 2 {
		if done := ben.Submit(fresh, form, typed); !done.Has("was created and sent.") || !strings.HasPrefix(done.URL.Path, "/office/quotes/Q-") {
			t.Errorf("sent: %d %s", done.Status, done.Text("main"))
		}
	}
	if got := apptest.Value[string](app, `select count(*) || ' ' || max(status) from quotes where description = 'A new fan'`); got != "1 sent" {
		t.Errorf("quotes: %s", got)
	}
	if _, err := app.Mail.WaitTo(t.Context(), "lee@demo.test"); err != nil {
		t.Error(err)
	}
	if n := apptest.Value[int](app, `select count(*) from emails where kind = 'quote-sent'`); n != 1 {
		t.Errorf("%d emails", n)
	}
}

// When another version went out meanwhile, what was typed stands there again, and
// goes through when pressed once more.
func TestWhatWasTypedOutlivesAConflict(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update quote_versions set valid_until = business_day() + 30; update quotes set valid_until = business_day() + 30 where id = 2`)
	ben := app.As("ben")
	ask, job := ben.Get("/office/quotes/Q-1002/answer"), ben.Get("/office/quotes/Q-1002/job")
	said := url.Values{"said_on": {ask.Find("#said_on").AttrOr("value", "")}, "said_at": {ask.Find("#said_at").AttrOr("value", "")}, "contact": {"1"}, "way": {"phone"}, "shown": {"1"}}
	app.Exec(`
		insert into quote_versions (customer_id, quote_id, number, net, tax, total, name, description, valid_until, sent_at, sent_by_id)
			select customer_id, quote_id, 2, net, tax, total, name, description, valid_until, now() - interval '1 day', 1 from quote_versions where quote_id = 2;
		insert into quote_lines (customer_id, version_id, position, description, quantity, unit_price, tax_name, tax_percent, line_total)
			select customer_id, id, 1, 'Split', 1, 250000, 'GST', 10, 250000 from quote_versions where quote_id = 2 and number = 2;
		update quotes set sent_version = 2, version = version + 1 where id = 2`)
	answer := url.Values{"decision": {"accepted"}, "purchase_order": {"PO-12"}}
	working := url.Values{"agreed": {"yes"}, "purchase_order": {"PO-12"}, "nonce": {job.Find("[name=nonce]").AttrOr("value", "")}}
	for k, v := range said {
		answer[k], working[k] = v, v
	}
	for path, typed := range map[string]url.Values{"/office/quotes/Q-1002/answer": answer, "/office/quotes/Q-1002/job": working} {
		var again apptest.Page
		if strings.HasSuffix(path, "answer") {
			again = ben.Upload(path, typed)
		} else {
			again = ben.Post(path, typed)
		}
		if again.Status != 409 || again.Find("#purchase_order").AttrOr("value", "") != "PO-12" || again.Find("[name=shown]").AttrOr("value", "") != "2" || !again.Has("Another version of this quote was sent") {
			t.Errorf("%s: %d %s", path, again.Status, again.Text("main"))
		}
	}
	answer.Set("shown", "2")
	if done := ben.Upload("/office/quotes/Q-1002/answer", answer); done.Status != 200 || !done.Has("Accepted by phone") {
		t.Errorf("once more: %d %s", done.Status, done.Text("main"))
	}

	// The form of a quote that has been sent meanwhile keeps what was typed, too.
	edit := ben.Get("/office/quotes/Q-1001/edit")
	app.Exec(`update quotes set status = 'withdrawn', version = version + 1 where id = 1`)
	if p := ben.Submit(edit, form, url.Values{"description": {"Mine"}, "line-0-description": {"Fan"}, "line-0-price": {"77"}}); p.Status != 409 || p.Text("#description") != "Mine" || p.Find("#line-0-price").AttrOr("value", "") != "77" {
		t.Errorf("the editor: %d %s", p.Status, p.Text("main"))
	}
}
