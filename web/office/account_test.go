package officeweb_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// mailTo is the newest email to an address, once there is one.
func mailTo(t *testing.T, app *apptest.App, address string) catcher.Message {
	t.Helper()
	m, err := app.Mail.WaitTo(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func confirmation(t *testing.T, app *apptest.App, address string) string {
	t.Helper()
	link := regexp.MustCompile(`/office/new-address/[A-Za-z0-9_-]{43}`).FindString(mailTo(t, app, address).Text)
	if link == "" {
		t.Fatal("no link to confirm the address")
	}
	return link
}

func emailOf(app *apptest.App, staff int) string {
	return apptest.Value[string](app, `select email from staff where id = $1`, staff)
}

func TestStaffChangeTheirSignInAddress(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	here, there := app.As("ben"), app.As("ben")
	form := "main form[action='/office/account/sign-in-address']"
	page := here.Get("/office/account/sign-in-address")
	for name, tt := range map[string]struct{ email, password, field string }{
		"without the password": {"ben@new.test", "", "current"},
		"a wrong password":     {"ben@new.test", "not it", "current"},
		"nonsense":             {"ben@", apptest.Password, "email"},
		"the present one":      {"BEN@demo.test", apptest.Password, "email"},
	} {
		if p := here.Submit(page, form, url.Values{"email": {tt.email}, "current": {tt.password}}); p.Status != http.StatusUnprocessableEntity || p.Problem(tt.field) == "" {
			t.Errorf("%s: %d %s", name, p.Status, p.Text("main"))
		}
	}
	expect(t, here.Submit(page, form, url.Values{"email": {"ben@new.test"}, "current": {apptest.Password}}), 200, "/office/account/sign-in-address", "A link is on its way to ben@new.test")
	if emailOf(app, 2) != "ben@demo.test" {
		t.Error("changed before it was confirmed")
	}
	link := confirmation(t, app, "ben@new.test")
	// Who reads the new mailbox, or is somebody else on the staff, needs Ben's password.
	for name, b := range map[string]*apptest.Browser{"nobody": app.Nobody(), "Ada": app.As("ada")} {
		if p := b.Submit(b.Get(link), "main form, form", url.Values{"password": {"not it"}}); p.Status != http.StatusUnprocessableEntity || emailOf(app, 2) != "ben@demo.test" {
			t.Errorf("%s confirms: %d %s", name, p.Status, p.Text("body"))
		}
	}
	expect(t, here.Submit(here.Get(link), "form[action='"+link+"']", nil), 200, link, "This address is confirmed")
	if emailOf(app, 2) != "ben@new.test" {
		t.Error("not changed")
	}
	if m := mailTo(t, app, "ben@demo.test"); m.Subject != "Your sign-in address for the Northwind Air office was changed" {
		t.Errorf("the old address hears %q", m.Subject)
	}
	expect(t, here.Get("/office/account"), 200, "/office/account", "ben@new.test")
	expect(t, there.Get("/office/account"), 200, "/office/login", "")
	expect(t, app.Nobody().SignIn("/office/login", "ben@demo.test", apptest.Password), 422, "/office/login", "")
	expect(t, app.Nobody().SignIn("/office/login", "ben@new.test", apptest.Password), 200, "/office", "")
}

// An Administrator asks for another address of somebody on the staff, and has
// no say in whether it holds.
func TestAnAdministratorMovesNobodysAddress(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada, ben := app.As("ada"), app.As("ben")
	form := "main form[action='/office/admin/staff/2']"
	expect(t, ada.Submit(ada.Get("/office/admin/staff/2"), form, url.Values{"email": {"attacker@else.test"}, "phone": {"0400 000 002"}}), 200, "/office/admin/staff/2", "A link is on its way to attacker@else.test")
	if emailOf(app, 2) != "ben@demo.test" || apptest.Value[string](app, `select phone from staff where id = 2`) != "0400 000 002" {
		t.Error("the address has changed, or the rest has not")
	}
	link := confirmation(t, app, "attacker@else.test")
	if p := ada.Submit(ada.Get(link), "form[action='"+link+"']", url.Values{"password": {apptest.Password + "?"}}); p.Status != http.StatusUnprocessableEntity || emailOf(app, 2) != "ben@demo.test" {
		t.Errorf("Ada confirms: %d", p.Status)
	}
	// Nor by a role that does not sign in, and back: the password goes with it.
	expect(t, ada.Submit(ada.Get("/office/admin/staff/2"), form, url.Values{"email": {"attacker@else.test"}, "role": {"field"}}), 200, "/office/admin/staff/2", "Saved.")
	if m := mailTo(t, app, "ben@demo.test"); m.Subject != "Your sign-in address for the Northwind Air office was changed" {
		t.Errorf("the old address hears %q", m.Subject)
	}
	expect(t, ben.Get("/office"), 200, "/office/login", "")
	expect(t, ada.Submit(ada.Get("/office/admin/staff/2"), form, url.Values{"role": {"office"}}), 200, "/office/admin/staff/2", "Saved. A link to choose a password")
	if n := apptest.Value[int](app, `select count(*) from staff where id = 2 and state = 'invited' and password_hash = ''`); n != 1 {
		t.Error("the old account came back to life at another address")
	}
}

func TestANewRoleIsToldAndEndsSessions(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada, ben := app.As("ada"), app.As("ben")
	expect(t, ada.Submit(ada.Get("/office/admin/staff/2"), "main form[action='/office/admin/staff/2']", url.Values{"role": {"administrator"}}), 200, "/office/admin/staff/2", "Saved.")
	expect(t, ben.Get("/office"), 200, "/office/login", "")
	if m := mailTo(t, app, "ben@demo.test"); m.Subject != "Your role in the Northwind Air office was changed" {
		t.Errorf("Ben hears %q", m.Subject)
	}
	expect(t, ada.Get("/office/admin/staff"), 200, "/office/admin/staff", "Ben Whitlock")
}

func TestDevicesOfStaff(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	told := func() int {
		return apptest.Value[int](app, `select count(*) from emails where kind = 'staff-new-sign-in' and to_address = 'ben@demo.test'`)
	}
	here, there := app.Nobody(), app.Nobody()
	here.SignIn("/office/login", "ben@demo.test", apptest.Password)
	if told() != 0 {
		t.Error("the first device is told of")
	}
	app.Exec(`update devices set browser = 'Mozilla/5.0 (Windows NT 10.0) Firefox/130.0'`)
	there.SignIn("/office/login", "ben@demo.test", apptest.Password)
	if told() != 1 {
		t.Errorf("%d emails about the second device", told())
	}
	here.Post("/office/logout", nil)
	here.SignIn("/office/login", "ben@demo.test", apptest.Password)
	if told() != 1 {
		t.Errorf("%d emails: a known device is told of", told())
	}
	ada := app.As("ada")
	page := here.Get("/office/account/devices")
	if page.Find(".devices__item").Length() != 2 {
		t.Fatalf("devices: %s", page.Text("main"))
	}
	removal, _ := page.Find(".devices__item form").Attr("action")
	if p := ada.Post(removal, nil); p.Status != http.StatusNotFound {
		t.Errorf("Ada signs Ben out: %d", p.Status)
	}
	expect(t, here.Submit(page, "main .devices form", nil), 200, "/office/account/devices", "That device is signed out.")
	expect(t, there.Get("/office/account"), 200, "/office/login", "")
	there.SignIn("/office/login", "ben@demo.test", apptest.Password)
	expect(t, here.Submit(here.Get("/office/account/devices"), "main form[action$='/devices/removal']", nil), 200, "/office/account/devices", "All other devices are signed out.")
	expect(t, there.Get("/office/account"), 200, "/office/login", "")
	expect(t, here.Get("/office/account"), 200, "/office/account", "Signed-in devices")
	expect(t, ada.Get("/office"), 200, "/office", "")
	if n := apptest.Value[int](app, `select count(*) from audit_entries where thing = 'staff' and action = 'signed out elsewhere' and staff_id = 2`); n != 2 {
		t.Errorf("%d entries in the trail", n)
	}
}
