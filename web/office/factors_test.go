package officeweb_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"fieldgate/web/apptest"
)

// shows are the digits that an app with the key of the page shows, so many steps from now.
func shows(t *testing.T, app *apptest.App, key string, steps int) string {
	t.Helper()
	digits, err := totp.GenerateCode(strings.ReplaceAll(key, " ", ""), apptest.Value[time.Time](app, `select clock_timestamp()`).Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return digits
}

// Administrators demand a second factor of a role. Whoever has none by then, they
// themselves too, is led to set one up and can do nothing else; then signing in
// asks for it, and a colleague who has lost it is helped.
func TestWhoNeedsASecondFactorSetsItUp(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada, ben := app.As("ada"), app.As("ben")
	p := ada.Get("/office/admin/staff/second-factor")
	if p := ada.Submit(p, "main form", url.Values{"roles": {"administrator", "office"}, "days": {"x"}}); p.Status != 422 || p.Problem("days") == "" {
		t.Errorf("%d %s", p.Status, p.Text("main"))
	}
	if p := ada.Submit(p, "main form", url.Values{"roles": {"administrator", "office"}, "days": {"7"}}); p.Status != 200 || !p.Has("Needed from") {
		t.Fatalf("%d %s", p.Status, p.Text("main"))
	}
	if p := ben.Get("/office/jobs"); p.Status != 200 || !p.Has("Your role needs a second factor from") {
		t.Errorf("before the day: %d %s", p.Status, p.Text("body"))
	}
	app.Exec(`update sign_in_rules set factor_from = business_day()`)
	for _, b := range []*apptest.Browser{ada, ben} {
		for _, path := range []string{"/office", "/office/jobs", "/office/account", "/office/customers.csv"} {
			if p := b.Get(path); p.URL.Path != "/office/account/second-factor" || !p.Has("Set one up to go on") {
				t.Errorf("%s leads to %s", path, p.URL)
			}
		}
		if p := b.Post("/office/jobs", url.Values{}); p.URL.Path != "/office/account/second-factor" {
			t.Errorf("a form leads to %s", p.URL)
		}
	}
	p = ben.Submit(ben.Get("/office/account/second-factor"), "main form", nil)
	key := p.Find("main code").First().Text()
	if p.Find("svg.qr path").AttrOr("d", "") == "" || key == "" {
		t.Fatalf("no QR code, no key: %s", p.Text("main"))
	}
	if p := ben.Submit(p, "main form", url.Values{"code": {"000000"}}); p.Status != 422 || p.Problem("code") == "" {
		t.Errorf("wrong digits: %d", p.Status)
	}
	p = ben.Submit(p, "main form", url.Values{"code": {shows(t, app, key, -1)}})
	if p.Status != 200 || p.Find("main ol code").Length() != 10 {
		t.Fatalf("recovery codes: %d %s", p.Status, p.Text("main"))
	}
	recovery := p.Find("main ol code").First().Text()
	if p := ben.Get("/office/jobs"); p.Status != 200 || p.URL.Path != "/office/jobs" {
		t.Errorf("after that: %d %s", p.Status, p.URL)
	}
	for _, factor := range []string{shows(t, app, key, 0), recovery} {
		b := app.Nobody()
		p = b.SignIn("/office/login?next=/office/jobs", "ben@demo.test", apptest.Password)
		if p.URL.Path != "/office/login/second-factor" || b.Get("/office/jobs").URL.Path != "/office/login" {
			t.Fatalf("with the password alone: %s", p.URL)
		}
		if p := b.Submit(p, "main form", url.Values{"code": {"123456"}}); p.Status != 422 {
			t.Errorf("wrong: %d", p.Status)
		}
		if p := b.Submit(p, "main form", url.Values{"code": {factor}}); p.Status != 200 || p.URL.Path != "/office/jobs" {
			t.Errorf("%q: %d %s", factor, p.Status, p.URL)
		}
	}
	app.Exec(`update sign_in_rules set factor_roles = '{}', factor_from = null`)
	member := "/office/admin/staff/" + apptest.Value[string](app, `select id::text from staff where email = 'ben@demo.test'`)
	if p := ada.Post(member+"/second-factor/removal", url.Values{}); p.Status != 200 || !p.Has("The second factor is removed") {
		t.Errorf("removed: %d %s", p.Status, p.Text("main"))
	}
	if p := app.Nobody().SignIn("/office/login", "ben@demo.test", apptest.Password); p.URL.Path != "/office" {
		t.Errorf("afterwards: %s", p.URL)
	}
	if p := ben.Get("/office/jobs"); p.URL.Path != "/office/login" {
		t.Error("the session goes on")
	}
}
