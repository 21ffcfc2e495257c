package journey_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/blob"
	"fieldgate/web/apptest"
)

// The first Administrator says where the business is before anything else, and
// finds nothing of somebody else's country; then the list of first steps goes
// with what is done.
func TestFirstDay(t *testing.T) {
	t.Parallel()
	app := apptest.NewBusiness(t)
	ada, ben := app.As("ada"), app.As("ben")
	for _, path := range []string{"/office", "/office/jobs/new", "/office/quotes/new", "/office/admin/company"} {
		if got := ada.Knock("GET", path).Header.Get("Location"); got != "/office/setup" {
			t.Errorf("%s leads to %q", path, got)
		}
	}
	page := ada.Get("/office/setup")
	for _, name := range []string{"trading_name", "registration_label", "locale", "time_zone", "currency", "rate_name", "rate_percent"} {
		if got := value(page, name); got != "" {
			t.Errorf("%s is preset: %q", name, got)
		}
	}
	if got := ben.Get("/office/setup"); !got.Has("An Administrator must first say") || ben.Press("/office/setup", url.Values{}).StatusCode != http.StatusForbidden {
		t.Error("Ben may set the business up")
	}
	page = ada.Post("/office/setup", url.Values{"currency": {"XXX"}, "rate_name": {"VAT"}, "rate_percent": {"many"}})
	if page.Status != 422 || page.Problem("trading_name") == "" || page.Problem("locale") == "" || page.Problem("time_zone") == "" || page.Problem("currency") == "" || page.Problem("rate_percent") == "" {
		t.Errorf("%d %s", page.Status, page.Text("main"))
	}
	said := url.Values{
		"trading_name": {"Kerry Cooling"}, "registration_label": {"VAT number"}, "locale": {"en-IE"}, "time_zone": {"Europe/Dublin"}, "currency": {"eur"}, "rate_name": {"VAT"}, "rate_percent": {"23"},
	}
	home := ada.Post("/office/setup", said)
	if home.Status != 200 || !home.Has("First steps") || !home.Has("1 of 6 done") {
		t.Errorf("%d %s", home.Status, home.Text("main"))
	}
	if got := ada.Post("/office/setup", said).Status; got != 409 {
		t.Errorf("said twice: %d", got)
	}
	details := ada.Get("/office/admin/company")
	if value(details, "currency") != "EUR" || value(details, "time_zone") != "Europe/Dublin" || !details.Has("VAT") || details.Has("GST 10") {
		t.Errorf("%s", details.Text("main"))
	}
	if strings.Contains(ben.Get("/office").Text("main"), "First steps") {
		t.Error("Ben is shown the first steps")
	}
	if got := ada.Post("/office/email/test", url.Values{"to": {"ada@demo.test"}}); !got.Has("has accepted the email") {
		t.Errorf("test email: %s", got.Text("main"))
	}
	if got := ada.Get("/office"); !got.Has("2 of 6 done") {
		t.Errorf("after the test email: %s", got.Text("main"))
	}
	app.Exec(`update company set phone = '1', email = 'a@demo.test', logo_key = '` + blob.NewKey() + `', logo_type = 'image/png'; insert into customers (name) values ('Quay'); update portal_settings set version = 2`)
	if got := ada.Get("/office"); got.Has("First steps") {
		t.Error("all is done, and the list is still there")
	}
	app.Exec(`update company set phone = ''`)
	if got := ada.Get("/office"); got.Has("First steps") {
		t.Error("the list comes back")
	}
}

func TestFirstStepsAreDismissed(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update company set first_steps_done_at = null`)
	ada, ben := app.As("ada"), app.As("ben")
	if !ada.Get("/office").Has("First steps") {
		t.Error("there is no list")
	}
	if got := ben.Press("/office/first-steps", nil).StatusCode; got != 403 {
		t.Errorf("Ben dismisses: %d", got)
	}
	if got := ada.Post("/office/first-steps", nil); got.Status != 200 || got.Has("First steps") {
		t.Errorf("dismissed: %d", got.Status)
	}
	if n := apptest.Value[int](app, `select count(*) from audit_entries where action = 'finished first steps'`); n != 1 {
		t.Errorf("%d entries in the trail", n)
	}
}

// value is what a field of the page holds.
func value(p apptest.Page, name string) string {
	return p.Find("input[name="+name+"], select[name="+name+"] option[selected]").AttrOr("value", "")
}
