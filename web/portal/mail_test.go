package portalweb_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

func TestContactsChooseTheirEmails(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee, kim := app.As("lee"), app.As("kim")
	if p := kim.Get("/details/emails"); p.Has("A quote is ready") || !p.Has("A job is booked or moved") {
		t.Error("Kim, who sees no quotes, is asked about them or not about jobs")
	}
	page := lee.Get("/details/emails")
	if page.Find("input[name=kind][checked]").Length() != 12 || page.Find("input[value=mine][checked]").Length() != 1 {
		t.Fatalf("at first: %s", page.Text("main"))
	}
	saved := lee.Submit(page, "form.form", url.Values{"scope": {"everything"}, "kind": {"job-booked", "message", "password-changed", "nonsense"}})
	if !saved.Has("Saved.") || saved.Find("input[name=kind][checked]").Length() != 2 || saved.Find("input[value=everything][checked]").Length() != 1 {
		t.Errorf("saved: %d %s", saved.Status, saved.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from mail_choices where kind in ('password-changed', 'nonsense')`); n != 0 {
		t.Error("a kind was chosen that nobody may choose")
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where action = 'chose emails' and contact_id = 1`); n != 1 {
		t.Errorf("%d entries in the trail", n)
	}
}

// Beside each email stands the notification, which is chosen on its own.
func TestContactsChooseTheirNotifications(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	page := lee.Get("/details/emails")
	if n := page.Find("input[name=phone][checked]").Length(); n != 6 || !page.Has("On your phone") {
		t.Fatalf("%d at first: %s", n, page.Text("main"))
	}
	saved := lee.Submit(page, "form.form", url.Values{"phone": {"job-completed", "nonsense"}})
	if !saved.Has("every email and notification") || saved.Find("input[name=phone][checked]").Length() != 1 || saved.Find("input[name=kind][checked]").Length() != 12 {
		t.Errorf("saved: %d %s", saved.Status, saved.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where action = 'chose notifications' and contact_id = 1`); n != 1 {
		t.Errorf("%d entries in the trail", n)
	}
	app.Exec(`update portal_settings set push = false`)
	page = lee.Get("/details/emails")
	if page.Has("On your phone") || page.Find("[data-push]").Length() != 0 {
		t.Errorf("switched off: %s", page.Text("main"))
	}
	// What was not asked about stays.
	lee.Submit(page, "form.form", url.Values{"kind": {"message"}})
	if got := apptest.Value[string](app, `select string_agg(kind, ' ') from push_choices where wanted and contact_id = 1`); got != "job-completed" {
		t.Errorf("kept: %s", got)
	}
}

// The link in a mail works without signing in; opening it changes nothing.
func TestStoppingEmailsByTheirLink(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	book := func() {
		t.Helper()
		p := ben.Get("/office/jobs/J-1001/booking")
		if p = ben.Submit(p, "main form[action$='/status']", url.Values{"booked_on": {"2031-05-06"}, "booked_start": {"08:00"}}); p.Status >= 400 {
			t.Fatalf("book: %d %s", p.Status, p.Text("main"))
		}
	}
	app.Exec(`update jobs set status = 'unscheduled', booked_from = null, booked_until = null where id = 1`)
	book()
	m, err := app.Mail.WaitTo(t.Context(), "lee@demo.test")
	if err != nil {
		t.Fatal(err)
	}
	header := m.Get("List-Unsubscribe")
	link := regexp.MustCompile(`<` + regexp.QuoteMeta(app.URL) + `(/emails/[^>]+)>`).FindStringSubmatch(header)
	if link == nil || m.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.Contains(m.Text, app.URL+link[1]) {
		t.Fatalf("header %q, text %s", header, m.Text)
	}
	nobody := app.Nobody()
	wanted := func() bool {
		return apptest.Value[bool](app, `select coalesce((select wanted from mail_choices where contact_id = 1 and kind = 'job-booked'), true)`)
	}
	page := nobody.Get(link[1])
	if page.Status != 200 || !page.Has("Stop these emails?") || !wanted() {
		t.Fatalf("opening: %d, wanted %v", page.Status, wanted())
	}
	if p := nobody.Submit(page, "main form, form", nil); !p.Has("You do not get these emails") || wanted() {
		t.Errorf("the button: %d %s", p.Status, p.Text("body"))
	}
	if p := nobody.Submit(nobody.Get(link[1]), "main form, form", nil); !p.Has("Stop these emails?") || !wanted() {
		t.Errorf("undone: %d", p.Status)
	}
	// As mail programs do it, RFC 8058 section 3.1.
	if p := nobody.Send(link[1], "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click")); p.Status != 200 || wanted() {
		t.Errorf("one click: %d, wanted %v", p.Status, wanted())
	}
	if p := nobody.Get(link[1] + "x"); p.Status != 404 {
		t.Errorf("a forged link: %d", p.Status)
	}
}
