package officeweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/web/apptest"
)

const newPassword = "copper kettle under seven stars"

func expect(t *testing.T, p apptest.Page, status int, path, words string) {
	t.Helper()
	if p.Status != status || (path != "" && p.URL.Path != path) || !p.Has(words) {
		t.Fatalf("%d at %s, want %d at %s with %q:\n%s", p.Status, p.URL.Path, status, path, words, p.Text("body"))
	}
}

func TestTheFirstAdministrator(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	var token string
	if err := postgres.Transact(t.Context(), app.Pool, func(tx postgres.Tx) (err error) {
		token, err = signin.CreateAdministrator(t.Context(), tx, audit.Actor{Operator: true}, "Nia", "nia@example.com")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	link := "/office/welcome/" + token
	b := app.Nobody()
	page := b.Get(link)
	expect(t, page, 200, link, "Welcome, Nia")
	expect(t, b.Submit(page, "main form", url.Values{"password": {"password1234567"}}), 422, link, "easy to guess")
	expect(t, b.Submit(page, "main form", url.Values{"password": {newPassword}}), 200, "/office", "")
	expect(t, b.Get("/office/admin/staff"), 200, "/office/admin/staff", "Nia")
	expect(t, b.Submit(page, "main form", url.Values{"password": {newPassword}}), 200, "/office", "")
	spent := app.Nobody().Submit(page, "main form", url.Values{"password": {newPassword}})
	expect(t, spent, 410, link, "This link has been used")
	expect(t, app.Nobody().Submit(spent, "main form", nil), 200, link, "Look into your mailbox")
	if got := apptest.Value[int](app, `select count(*) from emails where kind = 'staff-reset' and to_address = 'nia@example.com'`); got != 1 {
		t.Errorf("%d mails were promised", got)
	}
}

func TestWhoIsNotLetIntoTheOffice(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	sign := func(email string) apptest.Page {
		return app.Nobody().Post("/office/login?next=/office/admin/staff", url.Values{"email": {email}, "password": {apptest.Password}})
	}
	expect(t, sign("ada@demo.test"), 200, "/office/admin/staff", "Ben Whitlock")
	unknown := sign("nobody@demo.test")
	expect(t, unknown, 422, "/office/login", "do not match")
	app.Exec(`update staff set password_hash = (select password_hash from staff where id = 1)`)
	app.Exec(`update staff set email = 'fay@demo.test' where name = 'Fay Ibrahim'`)
	ben := app.As("ben")
	app.Exec(`update staff set state = 'suspended' where name = 'Ben Whitlock'`)
	for name, email := range map[string]string{"suspended": "ben@demo.test", "in the field": "fay@demo.test", "a contact": "lee@demo.test"} {
		if p := sign(email); p.Status != unknown.Status || p.Text("main") != unknown.Text("main") {
			t.Errorf("%s: %d %s", name, p.Status, p.Text("main"))
		}
	}
	expect(t, ben.Get("/office/admin/staff"), 200, "/office/login", "")
	for _, email := range []string{"ben@demo.test", "ada@demo.test", "nobody@demo.test"} {
		expect(t, app.Nobody().Post("/office/forgot-password", url.Values{"email": {email}}), 200, "/office/forgot-password", "Look into your mailbox")
	}
	if got := apptest.Value[string](app, `select string_agg(to_address, ' ') from emails where kind = 'staff-reset'`); got != "ada@demo.test" {
		t.Errorf("resets go to %s", got)
	}
	if p := app.Nobody().Post("/office/login", url.Values{"email": {"\x00\xff"}, "password": {strings.Repeat("x", 300_000)}}); p.Status != 422 {
		t.Errorf("hostile input: %d", p.Status)
	}
}

func TestAdministrationOfStaff(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada, ben := app.As("ada"), app.As("ben")
	expect(t, ben.Get("/office/admin/staff"), 403, "", "Only an Administrator")
	expect(t, ada.Get("/office/admin/staff?q=whit"), 200, "", "Ben Whitlock")
	expect(t, ada.Get("/office/admin/staff?role=field&state=active"), 200, "", "Fay Ibrahim")
	expect(t, ada.Get("/office/admin/staff?role=owner&state=%ff&sort=x&after=nonsense&q=%00"), 200, "", "Nobody fits")

	blank := ada.Get("/office/admin/staff/new")
	refused := ada.Submit(blank, "main form", url.Values{"name": {strings.Repeat("n", 201)}, "email": {"BEN@demo.test x"}, "role": {"owner"}})
	if refused.Status != 422 || refused.Problem("name") == "" || refused.Problem("email") == "" || refused.Problem("role") == "" {
		t.Errorf("a bad form: %d %s", refused.Status, refused.Text("main"))
	}
	if p := ada.Submit(blank, "main form", url.Values{"name": {"Ben"}, "email": {"BEN@demo.test"}}); p.Status != 422 || !strings.Contains(p.Problem("email"), "already") {
		t.Errorf("a taken address: %d %s", p.Status, p.Text("main"))
	}

	// Without a mail the link is shown once; the same form sent again adds nobody.
	shown := ada.Submit(blank, "main form", url.Values{"name": {"Nia"}, "email": {"nia@example.com"}, "notify": nil})
	link, _ := shown.Find("#link").Attr("value")
	expect(t, shown, 200, "/office/admin/staff", "shown once")
	again := ada.Submit(blank, "main form", url.Values{"name": {"Nia"}, "email": {"nia@example.com"}, "notify": nil})
	if again.Find("#link").Length() != 0 || !strings.HasPrefix(again.URL.Path, "/office/admin/staff/") {
		t.Errorf("sent twice: %d at %s", again.Status, again.URL)
	}
	member := again.URL.Path
	nia := app.Nobody()
	expect(t, nia.Submit(nia.Get(link), "main form", url.Values{"password": {newPassword}}), 200, "/office", "")

	// With a mail it is on its way.
	expect(t, ada.Submit(ada.Get("/office/admin/staff/new"), "main form", url.Values{"name": {"Cleo"}, "email": {"cleo@example.com"}}), 200, "", "on its way to cleo@example.com")
	if got := apptest.Value[int](app, `select count(*) from emails where kind = 'staff-invited' and to_address = 'cleo@example.com'`); got != 1 {
		t.Errorf("%d invitations", got)
	}

	// Suspending ends what is open; restoring lets in again with the same password.
	suspend := ada.Post(member+"/suspension", nil)
	expect(t, suspend, 200, member, "Suspended")
	expect(t, nia.Get("/office/admin/staff"), 200, "/office/login", "")
	expect(t, ada.Post(member+"/restoration", nil), 200, member, "Active")
	expect(t, app.Nobody().Post("/office/login", url.Values{"email": {"nia@example.com"}, "password": {newPassword}}), 200, "/office", "")

	// Two with the same form open: the second is told, nothing is lost.
	first, second := ada.Get(member), ada.Get(member)
	expect(t, ada.Submit(first, "main form[data-unsaved]", url.Values{"phone": {"0491 570 156"}}), 200, member, "Saved.")
	over := ada.Submit(second, "main form[data-unsaved]", url.Values{"name": {"Nia Brook"}})
	expect(t, over, 409, member, "0491 570 156")
	if got, _ := over.Find("#name").Attr("value"); got != "Nia Brook" {
		t.Errorf("what was typed: %q", got)
	}
	expect(t, ada.Submit(over, "main form[data-unsaved]", nil), 200, member, "Saved.")

	// The last Administrator stays one, and nobody suspends themselves.
	self := ada.Get("/office/admin/staff/1")
	expect(t, ada.Submit(self, "main form[data-unsaved]", url.Values{"role": {"office"}}), 422, "/office/admin/staff/1", "last Administrator")
	expect(t, ada.Post("/office/admin/staff/1/suspension", nil), 409, "", "cannot suspend yourself")
	for _, bad := range []string{"0", "x", "99999999999999999999", "-1", "%00"} {
		if p := ada.Get("/office/admin/staff/" + bad); p.Status != 404 {
			t.Errorf("member %s: %d", bad, p.Status)
		}
	}
}
