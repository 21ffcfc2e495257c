package attack_test

import (
	"net/http"
	"net/url"
	"testing"

	"fieldgate/internal/openid/openidtest"
	"fieldgate/web/apptest"
)

// ownJobs lets a customer's login make new people.
func ownJobs(v url.Values) { v.Set("domains", "harbour.test"); v.Set("preset", "own-jobs") }

// Whom staff have taken out stays out, whatever the login gives new people.
func TestArchivedContactsComeBackByNoLogin(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "nia", "nia@harbour.test")
	companyLogin(t, app, "C-1001", idp, ownJobs)
	if p := byCompany(app.Nobody(), idp, "nia@harbour.test"); p.Status != http.StatusOK {
		t.Fatalf("Nia comes: %d %s", p.Status, p.Text("main"))
	}
	app.Exec(`update contacts set archived_at = now() where email = 'nia@harbour.test'`)
	if p := byCompany(app.Nobody(), idp, "nia@harbour.test"); p.Status != http.StatusForbidden {
		t.Errorf("archived, and comes again: %d %s", p.Status, p.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from contacts where email = 'nia@harbour.test'`); n != 1 {
		t.Errorf("there are %d of her", n)
	}
}

// A manager takes nobody's place who comes by the company's login.
func TestManagersLeaveAddressesOfCompanyLogins(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "nia", "nia@harbour.test")
	companyLogin(t, app, "C-1001", idp, ownJobs)
	byCompany(app.Nobody(), idp, "nia@harbour.test")
	at := "/details/colleagues/" + apptest.Value[string](app, `select id::text from contacts where email = 'nia@harbour.test'`)
	lee := app.As("lee")
	for _, change := range []string{"", `update contacts set access = 'suspended', suspended_by_contact_id = 1 where email = 'nia@harbour.test'`} {
		if change != "" {
			app.Exec(change)
		}
		form := lee.Get(at + "/edit")
		if form.Find("input[name=email]:not([readonly]):not([disabled])").Length() != 0 {
			t.Errorf("%q: the form offers the address", change)
		}
		lee.Post(at+"/edit", url.Values{"name": {"Nia"}, "email": {"mallory@evil.test"}, "preset": {"own-jobs"}, "version": {form.Find("input[name=version]").AttrOr("value", "")}})
		if n := apptest.Value[int](app, `select count(*) from contacts where email = 'mallory@evil.test'`) + apptest.Value[int](app, `select count(*) from links where email = 'mallory@evil.test'`); n != 0 {
			t.Errorf("%q: the address is another one", change)
		}
	}
}

// Whoever is signed in at the provider comes in without being asked there. That is
// no fresh proof of who sits at the browser.
func TestASilentLoginIsNoFreshProof(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "lee", "lee@harbour.test")
	companyLogin(t, app, "C-1001", idp, domains("harbour.test"))
	for name, bend := range map[string]func(openidtest.Claims){
		"asked an hour ago":       nil,
		"nobody tells when":       func(c openidtest.Claims) { delete(c, "auth_time") },
		"asked in times to come":  func(c openidtest.Claims) { c["auth_time"] = 0 },
		"asked before the portal": func(c openidtest.Claims) { c["auth_time"] = 1 },
	} {
		idp.Bend(bend)
		b := app.Nobody()
		b.Contact("1")
		byCompany(b, idp, "lee@harbour.test")
		if p := b.Submit(b.Get("/details/colleagues/2/edit"), "form[action='/details/colleagues/2/edit']", url.Values{"preset": {"see-all"}}); p.Status != http.StatusForbidden || !p.Has("Show that it is you") {
			t.Errorf("%s: %d %s", name, p.Status, p.Text("main"))
		}
	}
	staffIdp := openidtest.New(t, "ada", "ada@demo.test")
	office := apptest.NewWithProvider(t, staffIdp, nil)
	b := office.Nobody()
	byProvider(b, staffIdp)
	if p := b.Post("/office/admin/staff", url.Values{"name": {"Uma"}, "email": {"uma@demo.test"}, "role": {"office"}, "nonce": {"n"}}); p.Status != http.StatusForbidden || !p.Has("Show that it is you") {
		t.Errorf("in the office: %d %s", p.Status, p.Text("main"))
	}
}

// Notifications of whoever was at the browser before are not shown to whoever comes
// there by their company.
func TestCompanyLoginsEndNotificationsOfOthers(t *testing.T) {
	t.Parallel()
	app := business(t)
	idp := openidtest.New(t, "kim", "kim@harbour.test")
	companyLogin(t, app, "C-1001", idp, domains("harbour.test"))
	ola := app.As("ola")
	app.Exec(`insert into push_devices (person_id, session_id, browser_hash, browser, endpoint, endpoint_hash, public_key, auth_secret)
		select person_id, id, '', 'x', 'https://push.example.com/x', '\x01', '\x01', '\x01' from sessions where person_id = (select person_id from contacts where email = 'ola@pelican.test')`)
	kim := byCompany(ola, idp, "kim@harbour.test")
	if !apptest.Value[bool](app, `select ended_at is not null from push_devices`) {
		t.Error("Ola's notifications go on where Kim is")
	}
	if kim.Has("Change password") || kim.Find("[data-waiting]").Length() != 0 || ola.Get("/details/emails").Has("On your phone") {
		t.Error("Kim is offered what only persons have")
	}
}
