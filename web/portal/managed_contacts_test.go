package portalweb_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// A manager's forms: added once however often sent, kept when something is
// wrong, told what somebody else has saved meanwhile.
func TestAManagerLooksAfterColleagues(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into contacts (customer_id, name) values (1, 'Reception')`)
	lee := app.As("lee")

	form := lee.Get("/details/colleagues/new")
	wrong := lee.Submit(form, "main form.form", url.Values{"name": {"Nia"}, "email": {"nowhere"}, "role": {"Engineer"}})
	if wrong.Status != http.StatusUnprocessableEntity || wrong.Problem("email") == "" || wrong.Find("[name=role]").AttrOr("value", "") != "Engineer" {
		t.Errorf("a wrong address: %d %q", wrong.Status, wrong.Problem("email"))
	}
	for range 2 {
		if p := lee.Submit(form, "main form.form", url.Values{"name": {"Nia"}, "email": {"nia@demo.test"}}); !p.Has("The invitation goes to nia@demo.test.") {
			t.Errorf("%d: %s", p.Status, p.Text("main"))
		}
	}
	if got := apptest.Value[string](app, `select count(*) || access || jobs_see || quotes_accept from contacts where name = 'Nia' group by access, jobs_see, quotes_accept`); got != "1invitedallfalse" {
		t.Errorf("added: %s", got)
	}
	nia := fmt.Sprintf("/details/colleagues/%d", apptest.Value[int64](app, `select id from contacts where name = 'Nia'`))

	// Somebody else was faster.
	edit := lee.Get(nia + "/edit")
	app.Exec(`update contacts set phone = '0491 570 333', version = version + 1 where name = 'Nia'`)
	late := lee.Submit(edit, "main form.form", url.Values{"role": {"Site manager"}})
	if late.Status != http.StatusConflict || !late.Has("0491 570 333") || late.Find("[name=role]").AttrOr("value", "") != "Site manager" {
		t.Errorf("overtaken: %d %s", late.Status, late.Text("main"))
	}
	if p := lee.Submit(late, "main form.form", nil); p.Status != http.StatusOK || !p.Has("Site manager") {
		t.Errorf("sent once more: %d", p.Status)
	}

	// Sent again once, by however many presses.
	ask := lee.Get(nia + "/invitation")
	if p := lee.Submit(ask, "main form", nil); !p.Has("The invitation goes to nia@demo.test.") {
		t.Errorf("again: %s", p.Text("main"))
	}
	if p := lee.Submit(ask, "main form", nil); !p.Has("An invitation was sent a moment ago.") {
		t.Errorf("pressed twice: %s", p.Text("main"))
	}

	// Somebody on record gets access only when it is given.
	reception := fmt.Sprintf("/details/colleagues/%d", apptest.Value[int64](app, `select id from contacts where name = 'Reception'`))
	if p := lee.Submit(lee.Get(reception+"/edit"), "main form.form", url.Values{"phone": {"(02) 5550 1111"}}); !p.Has("No access") || !p.Has("(02) 5550 1111") {
		t.Errorf("on record: %d %s", p.Status, p.Text("main"))
	}
	if p := lee.Submit(lee.Get(reception+"/edit"), "main form.form", url.Values{"invite": {"on"}}); p.Problem("email") == "" {
		t.Errorf("without an address: %d", p.Status)
	}
	if p := lee.Submit(lee.Get(reception+"/edit"), "main form.form", url.Values{"invite": {"on"}, "email": {"desk@demo.test"}, "preset": {"own-jobs"}}); !p.Has("The invitation goes to desk@demo.test.") || !strings.Contains(p.Text("main"), "Invited") {
		t.Errorf("given: %d %s", p.Status, p.Text("main"))
	}
	// Forty an hour, then it is enough.
	app.Exec(`insert into contact_invitations (customer_id, contact_id, by_contact_id) select 1, 2, 1 from generate_series(1, 40)`)
	if p := lee.Submit(lee.Get("/details/colleagues/new"), "main form.form", url.Values{"name": {"One more"}, "email": {"more@demo.test"}}); p.Status != http.StatusConflict || !p.Has("many invitations") {
		t.Errorf("without end: %d", p.Status)
	}
}

// A manager mends the address of somebody who has never come in; whoever logs in
// keeps theirs. The old address is told.
func TestWhoseAddressAManagerChanges(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`insert into contacts (customer_id, name, email, access, invited_at) values (1, 'Nia', 'nai@demo.test', 'invited', now()), (1, 'Otto', 'otto@demo.test', 'none', null);
		update contacts set suspended_by_contact_id = 1 where name = 'Max Okafor'`)
	lee := app.As("lee")
	for name, tt := range map[string]struct {
		old   string
		moves bool
		told  int
	}{
		"Nia":        {"nai@demo.test", true, 1},  // invited, and mistyped
		"Otto":       {"otto@demo.test", true, 0}, // on record only
		"Kim Tran":   {"kim@demo.test", false, 0}, // logs in
		"Max Okafor": {"max@demo.test", false, 0}, // logged in before Lee suspended him
	} {
		at := fmt.Sprintf("/details/colleagues/%d", apptest.Value[int64](app, `select id from contacts where name = $1`, name))
		form := lee.Get(at + "/edit")
		if _, fixed := form.Find("[name=email]").Attr("readonly"); fixed == tt.moves {
			t.Errorf("%s: the address is fixed in the form: %v", name, fixed)
		}
		p := lee.Submit(form, "main form.form", url.Values{"email": {"new-" + tt.old}})
		is := apptest.Value[string](app, `select email from contacts where name = $1`, name)
		if moved := is != tt.old; moved != tt.moves || (p.Status == http.StatusUnprocessableEntity) == tt.moves || (p.Problem("email") == "") != tt.moves {
			t.Errorf("%s: %s, %d %s", name, is, p.Status, p.Text("main"))
		}
		if n := apptest.Value[int](app, `select count(*) from emails where kind = 'contact-email-changed' and to_address = $1`, tt.old); n != tt.told {
			t.Errorf("%s: %d emails to the old address", name, n)
		}
	}
}
