package officeweb_test

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// alone leaves Quay Street with one contact, Sam, and things of every kind that
// the office tells about.
const alone = `
	insert into quotes (customer_id, name, description, currency, status, main_contact_id, origin, job_type_id, valid_until, booked_from)
		values (3, 'Cool room door', 'New seals', 'AUD', 'draft', 6, 'office', 1, business_day() + 30, now() + interval '5 days');
	insert into quote_versions (customer_id, quote_id, number, net, tax, total, name, description) values (3, 5, 1, 1000, 100, 1100, 'Cool room door', 'New seals');
	insert into quote_lines (customer_id, version_id, position, description, quantity, unit_price, tax_name, tax_percent, line_total)
		select 3, id, 1, 'Seals', 1, 1000, 'GST', 10, 1000 from quote_versions where quote_id = 5;
	insert into equipment (public_id, customer_id, number, name, type, origin) values ('equipmentofquay00000000000000001', 3, 'E-001', 'Cool room', 'Cool room', 'office');
	insert into attachments (public_id, customer_id, job_id, quote_id, equipment_id, name, kind, media_type, size, blob_key, uploaded_by_staff_id) values
		('fileofjob00000000000000000000001', 3, 4, null, null, 'a.pdf', 'document', 'application/pdf', 1, 'a', 1),
		('fileofquote000000000000000000001', 3, null, 5, null, 'b.pdf', 'document', 'application/pdf', 1, 'b', 1),
		('fileofequipment00000000000000001', 3, null, null, 3, 'c.pdf', 'document', 'application/pdf', 1, 'c', 1),
		('fileofcustomer000000000000000001', 3, null, null, null, 'd.pdf', 'document', 'application/pdf', 1, 'd', 1);`

// claims are words that say that somebody was told.
var claims = regexp.MustCompile(`was sent|were sent|gets an email at|\w gets an email\.|get an email\.|on its way`)

// deeds are what staff do that tells the customer something: the page that asks,
// the form on it, and what is typed.
var deeds = []struct {
	name, page, form string
	typed            url.Values
	asksOnly         bool // of what is nobody's record, so that nobody need be named
}{
	{"writing on a job", "/office/jobs/J-1004/messages", "#write", url.Values{"text": {"We come on Monday."}}, false},
	{"sharing files of a job", "/office/jobs/J-1004/attachments", "form[action$='/sharing']", url.Values{"attachment": {"fileofjob00000000000000000000001"}, "visible": {"yes"}}, false},
	{"sharing files of a quote", "/office/quotes/Q-1005/attachments", "form[action$='/sharing']", url.Values{"attachment": {"fileofquote000000000000000000001"}, "visible": {"yes"}}, false},
	{"sharing files of equipment", "/office/equipment/equipmentofquay00000000000000001/attachments", "form[action$='/sharing']", url.Values{"attachment": {"fileofequipment00000000000000001"}, "visible": {"yes"}}, true},
	{"sharing files of a customer", "/office/customers/C-1003/attachments", "form[action$='/sharing']", url.Values{"attachment": {"fileofcustomer000000000000000001"}, "visible": {"yes"}}, true},
	{"sending a quote", "/office/quotes/Q-1005/sending", "form[action$='/sending']", nil, false},
	{"writing on a quote", "/office/quotes/Q-1005/messages", "#write", url.Values{"text": {"Any questions?"}}, false},
	{"a job from a quote, with its date", "/office/quotes/Q-1005/job", "form[action$='/job']", url.Values{"type": {"1"}, "agreed": {"without"}, "why": {"Urgent"}}, false},
	{"booking", "/office/jobs/J-1004/booking", "main > * form[action$='/status'], main form[action$='/status']", url.Values{"to": {"booked"}, "booked_on": {"2031-05-06"}, "booked_start": {"09:00"}}, false},
	{"completing", "/office/jobs/J-1004/completion", "main form[action$='/status']", url.Values{"to": {"completed"}, "work_undertaken": {"Sealed it."}}, false},
}

// Whoever is told nothing is named before and after, with the reason, and no
// sentence says otherwise.
func TestNobodyReadsSentWhenNothingWent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, change, why, help string }{
		{"no access", `update portal_settings set record_links = false; update contacts set access = 'none', person_id = null where id = 6`, "Sam Petrou gets nothing: no access to the portal", "Invite now"},
		{"only invited", `update portal_settings set record_links = false; update contacts set access = 'invited', person_id = null where id = 6`, "Sam Petrou gets nothing: invited to the portal, but not signed in yet", "Send the invitation again"},
		{"suspended", `update contacts set access = 'suspended' where id = 6`, "Sam Petrou gets nothing: suspended", "Restore access"},
		{"no address", `update contacts set access = 'none', person_id = null, email = '' where id = 6`, "Sam Petrou gets nothing: no email address", "Add an email address"},
		{
			"no right", `update contacts set jobs_see = 'none', jobs_create = false, equipment_see = 'none', quotes_see = 'none' where id = 6`, "Sam Petrou gets nothing: may see the portal, but no ",
			"Change permissions",
		},
		{
			"another site", `insert into sites (customer_id, name) values (3, 'Elsewhere'); update contacts set all_sites = false, quotes_see = 'all' where id = 6;
			insert into contact_sites (customer_id, contact_id, site_id) select 3, 6, max(id) from sites`, "Sam Petrou gets nothing: sees other sites only", "Change permissions",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			app.Exec(alone + tt.change)
			ben := app.As("ben")
			for _, d := range deeds {
				asked := ben.Get(d.page)
				if before := asked.Text("main"); asked.Status != 200 || (!d.asksOnly && (!strings.Contains(before, tt.why) || !strings.Contains(before, tt.help))) || strings.Contains(before, "gets an email at") {
					t.Errorf("%s: before, the page says %d %q", d.name, asked.Status, before)
				}
				done := ben.Submit(asked, d.form, d.typed)
				flash := done.Text("[data-flash]")
				if done.Status != 200 || !strings.Contains(flash, "nobody gets an email.") || (!d.asksOnly && !strings.Contains(flash, tt.why)) {
					t.Errorf("%s: afterwards, the page says %d %q %q", d.name, done.Status, flash, done.Text("main .notice"))
				}
				if claims.MatchString(strings.ReplaceAll(flash, "nobody gets an email.", "")) {
					t.Errorf("%s: claims that something went: %q", d.name, flash)
				}
			}
			if n := apptest.Value[int](app, `select count(*) from emails where customer_id = 3 and state <> 'dropped'`); n != 0 {
				t.Errorf("%d emails went out", n)
			}
			for page, lines := range map[string]int{"/office/quotes/Q-1005": 3, "/office/jobs/J-1004": 4} {
				shown := ben.Get(page)
				if got := shown.Find(".timeline__title a[href*='/office/email/']").Length(); got != lines || !shown.Has("Not sent") {
					t.Errorf("%s says of %d emails where they went, want %d: %s", page, got, lines, shown.Text("main"))
				}
			}
			list := ben.Get("/office/email?state=undelivered")
			home := ben.Get("/office").Text("a[href='/office?kind=email']")
			if n := list.Find("tbody tr").Length(); n != 8 || !strings.Contains(home, "8") {
				t.Errorf("the home counts %q, its list has %d, want 8", home, n)
			}
		})
	}
}

// Where somebody is told, the same pages say to whom it goes.
func TestWhoIsToldIsNamed(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(alone + `update contacts set quotes_see = 'all' where id = 6`)
	ben := app.As("ben")
	for _, d := range deeds {
		if d.asksOnly {
			continue
		}
		asked := ben.Get(d.page)
		unsent := d.name == "sharing files of a quote" // nobody sees it until the quote is sent
		if before := asked.Text("main"); strings.Contains(before, "Sam Petrou gets an email at sam@demo.test") == unsent {
			t.Errorf("%s: before, the page says %q", d.name, before)
		}
		done := ben.Submit(asked, d.form, d.typed)
		if flash := done.Text("[data-flash]"); strings.Contains(flash, "Sam Petrou gets an email.") == unsent {
			t.Errorf("%s: afterwards, the page says %q", d.name, flash)
		}
	}
}

// ended waits until no mail is open any more.
func ended(t *testing.T, app *apptest.App) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for apptest.Value[int](app, `select count(*) from emails where state in ('waiting', 'retrying')`) > 0 {
		select {
		case <-ctx.Done():
			t.Fatal("mails are still open")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// An invitation that bounced stands on the contact's page, with what to do.
func TestABouncedInvitationStandsOnTheContactsPage(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts set access = 'invited', person_id = null, email = 'sam@wrong.test' where id = 6`)
	ben := app.As("ben")
	const page = "/office/customers/C-1003/contacts/6"
	app.Mail.Fault(catcher.Refused)
	if p := ben.Submit(ben.Get(page+"/invitation"), "form[action$='/invitation']", nil); p.Status != 200 {
		t.Fatal(p.Status)
	}
	ended(t, app)
	p := ben.Get(page)
	if !p.Has("The invitation to sam@wrong.test did not arrive.") || !p.Has("550 5.1.1 "+catcher.RefusedWords) || !p.Has("Correct the address") {
		t.Errorf("bounced: %s", p.Text("main"))
	}
	app.Mail.Fault(catcher.Fine)
	app.Exec(`update contacts set invited_at = now() - interval '1 hour' where id = 6`)
	ben.Submit(ben.Get(page+"/invitation"), "form[action$='/invitation']", nil)
	ended(t, app)
	if p := ben.Get(page); p.Has("did not arrive") {
		t.Error("it has arrived by now")
	}
}

// Whoever is invited from a page that names them comes back to that page.
func TestInviteNowComesBack(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(alone + `update portal_settings set record_links = false; update contacts set access = 'none', person_id = null where id = 6`)
	ben := app.As("ben")
	asked := ben.Get("/office/quotes/Q-1005/sending")
	invite := ben.Get(asked.Find("a:contains('Invite now')").AttrOr("href", ""))
	back := ben.Submit(invite, "form[action='/office/contacts/invitations']", nil)
	if back.URL.Path != "/office/quotes/Q-1005/sending" || !back.Has("1 invitation is on its way.") || !back.Has("invited to the portal, but not signed in yet") {
		t.Errorf("back at %s: %s", back.URL, back.Text("main"))
	}
	if p := ben.Get("/office/contacts/invitations?contact=6&next=https://elsewhere.test/"); strings.Contains(p.Find(".back, .page-header a").AttrOr("href", ""), "elsewhere") {
		t.Error("leads to another site")
	}
}

// Mails about photos show them small, in the mail itself, and no more of them
// than a mailbox likes.
func TestMailsShowPhotos(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	var photos []apptest.File
	for range 8 {
		photos = append(photos, apptest.File{Field: "message-files", Name: "Drain.jpg", Content: picture(t)})
	}
	ben := app.As("ben")
	if p := ben.Upload("/office/jobs/J-1001/messages", url.Values{"text": {"Before and after."}}, photos...); p.Status != 200 {
		t.Fatal(p.Status, p.Text("main"))
	}
	m, err := app.Mail.WaitTo(t.Context(), "lee@demo.test")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, i := range m.Inline {
		if i.Type == "image/jpeg" && strings.Contains(m.HTML, `src="cid:`+i.CID+`"`) && len(i.Data) < 100<<10 {
			shown++
		}
	}
	if shown != 6 || !strings.Contains(m.HTML, `alt="Drain.jpg"`) || !strings.Contains(m.Text, "With 8 files.") {
		t.Errorf("%d photos are shown, want 6: %s", shown, m.HTML)
	}
	if kept := apptest.Value[string](app, `select html from email_copies order by email_id desc limit 1`); strings.Contains(kept, "cid:photo") {
		t.Error("the copy keeps photos")
	}
}

// An email that nobody would get is not promised again; once somebody would, it
// is.
func TestSendAgainPromisesNothing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts set access = 'suspended' where id = 6`)
	ben := app.As("ben")
	ben.Submit(ben.Get("/office/jobs/J-1004/messages"), "#write", url.Values{"text": {"We come on Monday."}})
	const again = "/office/email/1/again"
	if p := ben.Post(again, nil); p.Status != 409 || !p.Has("the contact was suspended") {
		t.Errorf("to somebody suspended: %d %s", p.Status, p.Text("main"))
	}
	app.Exec(`update contacts set access = 'active', email = 'sam@new.test' where id = 6`)
	if p := ben.Post(again, nil); p.Status != 200 || !p.Has("will be sent again") {
		t.Errorf("to somebody who is back: %d %s", p.Status, p.Text("main"))
	}
	if _, err := app.Mail.WaitTo(t.Context(), "sam@new.test"); err != nil {
		t.Fatal(err)
	}
	if p := ben.Get("/office/email?state=undelivered"); p.Find("tbody tr").Length() != 0 {
		t.Error("what was sent again counts as not delivered")
	}
	if p := ben.Post("/office/email/99/again", nil); p.Status != 404 {
		t.Errorf("an email that never was: %d", p.Status)
	}
}
