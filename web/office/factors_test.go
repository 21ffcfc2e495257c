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

// Who proves it once more before a deed that ends all other sessions stays
// signed in where they are, and sees what has come of it.
func TestAFreshProofOutlivesTheDeed(t *testing.T) {
	t.Parallel()
	app := apptest.NewLocal(t)
	for _, side := range []struct{ name, factor, passkeys, owner string }{
		{"ben", "/office/account/second-factor", "/office/account/passkeys", "staff_id, 2"},
		{"lee", "/details/second-factor", "/details/passkeys", "person_id, (select id from persons where email = 'lee@demo.test')"},
	} {
		b, other := app.As(side.name), app.As(side.name)
		stale := func() { app.Exec(`update sessions set created_at = now() - interval '16 minutes'`) }
		proved := func(path string, fields url.Values) apptest.Page {
			t.Helper()
			stale()
			if p := b.Post(path, fields); p.Status != 403 || p.Find("[name=proof]").Length() != 1 {
				t.Fatalf("%s %s asks for no proof: %d %s", side.name, path, p.Status, p.Text("main"))
			}
			fields.Set("proof", apptest.Password)
			return b.Post(path, fields)
		}
		key := b.Submit(b.Get(side.factor), "main form", nil).Find("main code").First().Text()
		p := proved(side.factor, url.Values{"code": {shows(t, app, key, -1)}})
		if p.Status != 200 || p.Find("main ol code").Length() != 10 {
			t.Fatalf("%s turns it on: %d %s %s", side.name, p.Status, p.URL, p.Text("main"))
		}
		if p := other.Get(side.factor); p.URL.Path == side.factor {
			t.Errorf("%s is signed in elsewhere all the same", side.name)
		}
		p = proved(side.factor+"/removal", url.Values{"code": {shows(t, app, key, 0)}})
		if p.Status != 200 || p.URL.Path != side.factor || !p.Has("Your second factor is off.") {
			t.Errorf("%s turns it off: %d %s %s", side.name, p.Status, p.URL, p.Text("main"))
		}
		column, owner, _ := strings.Cut(side.owner, ", ")
		app.Exec(`insert into passkeys (` + column + `, credential_id, public_key, sign_count, backup_eligible, backed_up, name) values (` + owner + `, 'credential of ` + side.name + `', 'key', 0, false, false, 'Phone')`)
		id := apptest.Value[string](app, `select max(id)::text from passkeys`)
		p = proved(side.passkeys+"/"+id+"/removal", url.Values{})
		if p.Status != 200 || p.URL.Path != side.passkeys || !p.Has("The passkey is removed.") {
			t.Errorf("%s removes a passkey: %d %s %s", side.name, p.Status, p.URL, p.Text("main"))
		}
	}
	ada := app.As("ada")
	app.Exec(`update staff set role = 'administrator' where id = 2; update sessions set created_at = now() - interval '16 minutes'`)
	p := ada.Submit(ada.Get("/office/admin/staff/1"), "main form[action='/office/admin/staff/1']", url.Values{"role": {"office"}})
	p = ada.Submit(p, "main form", url.Values{"proof": {apptest.Password}})
	if p.URL.Path == "/office/login" || ada.Get("/office/jobs").URL.Path != "/office/jobs" {
		t.Errorf("another role of one's own: %d %s %s", p.Status, p.URL, p.Text("main"))
	}
}
