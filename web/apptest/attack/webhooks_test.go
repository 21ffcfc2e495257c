package attack_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"fieldgate/internal/audit"
	"fieldgate/internal/mail"
	"fieldgate/web/apptest"
)

// hook makes a webhook as an Administrator does, and returns its secret.
func hook(t *testing.T, ada *apptest.Browser, host string, fields url.Values) (id, secret string) {
	t.Helper()
	all := url.Values{"name": {host}, "address": {"https://" + host + "/in?key=1"}}
	for name, values := range fields {
		all[name] = values
	}
	p := ada.Submit(ada.Get("/office/admin/webhooks/new"), "main form.form", all)
	secret = p.Text("code.secret")
	if p.Status != http.StatusOK || !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("no webhook was made: %d %s", p.Status, p.Text("main"))
	}
	return strings.TrimPrefix(p.Find("main a.button--primary").AttrOr("href", ""), "/office/admin/webhooks/"), secret
}

// TestEachDeedOfACustomerArrives: what contacts do, by every way that they have,
// reaches a system once, signed, in its order and with what it needs; a system
// that hears of one customer hears of no other, and nobody hears what is the
// office's.
func TestEachDeedOfACustomerArrives(t *testing.T) {
	t.Parallel()
	receiver := apptest.NewReceiver(t)
	app := apptest.NewHooked(t, receiver)
	ada, lee, ola := app.As("ada"), app.As("lee"), app.As("ola")
	const all, pelican, accepted = "all.example.com", "pelican.example.com", "accepted.example.com"
	_, secret := hook(t, ada, all, nil)
	hook(t, ada, pelican, url.Values{"whose": {"some"}, "customers": {"c-1002"}})
	hook(t, ada, accepted, url.Values{"which": {"some"}, "kinds": {"quote.accepted"}})
	app.Exec(`update jobs set priority = 'urgent' where id = 2; update jobs set completed_at = now() where id = 2; update portal_settings set age_limit = 'off'`)

	const harbourItem = "/equipment/equipmentofharbour0000000000001"
	ok := func(p apptest.Page) {
		t.Helper()
		if p.Status != http.StatusOK {
			t.Fatalf("%s: %d %s", p.URL, p.Status, p.Text("main"))
		}
	}
	var removed string
	deeds := []struct {
		name string
		do   func()
		want string // the kinds, in order
		data map[string]any
	}{
		{"a job is asked for, with a file", func() {
			ok(lee.Upload("/jobs", url.Values{"type": {"1"}, "site": {"1"}, "description": {"Tap drips"}, "purchase_order": {"PO-1"}}, apptest.File{Field: "files", Name: "tap.txt", Content: []byte("a tap")}))
		}, "job.requested file.added", map[string]any{
			"subject.kind": "job", "subject.number": "J-1005", "customer.number": "C-1001", "customer.name": "Harbour Dental", "contact.name": "Lee Nakamura", "contact.id": "1", "by": "contact",
			"fields.description": "Tap drips", "fields.purchase_order": "PO-1", "fields.site": "George Street", "fields.type": "Maintenance",
		}},
		{"and changed", func() {
			ok(lee.Submit(lee.Get("/jobs/J-1005/edit"), "main form", url.Values{"description": {"Tap drips a lot"}}))
		}, "job.edited", map[string]any{"subject.number": "J-1005", "changes.description.before": "Tap drips", "changes.description.after": "Tap drips a lot", "changes.purchase_order": nil}},
		{"saved without a change", func() { ok(lee.Submit(lee.Get("/jobs/J-1005/edit"), "main form", nil)) }, "", nil},
		{"its file is taken back", func() {
			removed = apptest.Value[string](app, `select public_id from attachments where name = 'tap.txt'`)
			ok(lee.Post("/attachments/"+removed+"/removal", nil))
		}, "file.removed", map[string]any{"subject.number": "J-1005", "file.name": "tap.txt", "file.media_type": "text/plain; charset=utf-8"}},
		{"and withdrawn", func() {
			ok(lee.Submit(lee.Get("/jobs/J-1005/withdrawal"), "main form", url.Values{"why": {"We mended it"}, "reason": {"We mended it"}}))
		}, "job.withdrawn", map[string]any{"subject.number": "J-1005", "reason": "We mended it"}},
		{"a job is not right yet", func() {
			ok(lee.Upload("/jobs/J-1002/follow-up", url.Values{"text": {"It is warm again"}, "description": {"It is warm again"}}))
		}, "job.requested", map[string]any{"follows": "J-1002", "fields.priority": nil}},
		{"a visit is answered", func() {
			ok(lee.Submit(lee.Get("/jobs/J-1001"), "form[action$='/visit']", url.Values{"suits": {"yes"}}))
		}, "visit.answered", map[string]any{"subject.number": "J-1001", "visit.suits": true, "visit.reason": ""}},
		{"a quote is asked for", func() {
			ok(lee.Upload("/quotes", url.Values{"site": {"1"}, "description": {"A second kitchen"}, "price_estimate": {"2500"}}))
		}, "quote.requested", map[string]any{"subject.kind": "quote", "subject.number": "Q-1005", "fields.description": "A second kitchen", "fields.price_estimate": 250000.0}},
		{"changed", func() {
			ok(lee.Submit(lee.Get("/quotes/Q-1005/edit"), "main form", url.Values{"purchase_order": {"PO-5"}}))
		}, "quote.edited", map[string]any{"changes.purchase_order.after": "PO-5"}},
		{"and withdrawn", func() {
			ok(lee.Submit(lee.Get("/quotes/Q-1005/withdrawal"), "main form", url.Values{"why": {"Too early"}, "reason": {"Too early"}}))
		}, "quote.withdrawn", map[string]any{"subject.number": "Q-1005", "reason": "Too early"}},
		{"a quote is accepted", func() {
			ok(lee.Submit(lee.Get("/quotes/Q-1002/acceptance"), "form.form", url.Values{"full_name": {"Lee M. Nakamura"}, "purchase_order": {"PO 12"}}))
		}, "quote.accepted", map[string]any{
			"subject.number": "Q-1002", "answer.version": 1.0, "answer.full_name": "Lee M. Nakamura", "answer.purchase_order": "PO 12", "answer.way": "portal", "answer.total": 275000.0, "answer.currency": "AUD", "by": "contact",
		}},
		{"one is declined, from an email, with a code", func() {
			b := app.ByLink(4, "Q-1004")
			p := b.Submit(b.Get("/quotes/Q-1004/refusal"), "form.form", url.Values{"reason": {"Too dear"}})
			m, err := app.Mail.WaitTo(t.Context(), "ola@demo.test")
			if err != nil {
				t.Fatal(err)
			}
			ok(b.Submit(p, "main form", url.Values{"code": {regexp.MustCompile(`\b\d{4} ?\d{4}\b`).FindString(m.Text)}}))
		}, "quote.declined", map[string]any{"customer.number": "C-1002", "contact.name": "Ola Lindgren", "subject.number": "Q-1004", "answer.reason": "Too dear"}},
		{"a message, with a file", func() {
			ok(lee.Upload("/jobs/J-1001/messages", url.Values{"text": {"The gate code is 1234"}}, apptest.File{Field: "files", Name: "gate.txt", Content: []byte("a gate")}))
		}, "message.written", map[string]any{"subject.number": "J-1001", "message.text": "The gate code is 1234", "message.by_email": false, "message.files": "gate.txt"}},
		{"and by email", func() {
			if status := handOver(t, app, apptest.InboundSecret, letter("ola@demo.test", replyTo(t, 4, mail.Record{Job: 3}), "Thank you, that suits.")); status >= 300 {
				t.Fatalf("an email is not taken: %d", status)
			}
		}, "message.written", map[string]any{"customer.number": "C-1002", "subject.number": "J-1003", "message.text": "Thank you, that suits.", "message.by_email": true, "contact.name": "Ola Lindgren", "message.files": ""}},
		{"equipment is added", func() {
			ok(lee.Upload("/equipment", url.Values{"name": {"Ice maker"}, "type": {"Freezer"}, "site": {"1"}}))
		}, "equipment.added", map[string]any{"subject.kind": "equipment", "subject.name": "Ice maker", "fields.type": "Freezer", "fields.notes": nil, "fields.site": "George Street"}},
		{"and changed", func() { ok(lee.Submit(lee.Get(harbourItem+"/edit"), "form.form", url.Values{"location": {"Roof"}})) }, "equipment.edited", map[string]any{"subject.id": "equipmentofharbour0000000000001", "changes.location.after": "Roof", "changes.notes": nil}},
		{"company details", func() {
			ok(lee.Submit(lee.Get("/details/company/edit"), "form.form", url.Values{"phone": {"(02) 5550 7000"}}))
		}, "customer.edited", map[string]any{"subject.kind": "customer", "subject.number": "C-1001", "changes.phone.after": "(02) 5550 7000"}},
		{"a site is added", func() {
			ok(lee.Submit(lee.Get("/details/sites/new"), "form.form", url.Values{"name": {"Depot"}, "address_line1": {"5 Mill Road"}}))
		}, "site.created", map[string]any{"subject.kind": "site", "subject.name": "Depot", "fields.name": "Depot", "fields.address.line1": "5 Mill Road", "fields.access_instructions": nil}},
		{
			"and one is changed", func() {
				ok(lee.Submit(lee.Get("/details/sites/1/edit"), "form.form", url.Values{"site_contact": {"Jo"}}))
			}, "site.edited",
			map[string]any{"subject.id": "1", "changes.site_contact.after": "Jo"},
		},
		{"one's own details", func() { ok(lee.Submit(lee.Get("/details/edit"), "form.form", url.Values{"role": {"Manager"}})) }, "contact.edited", map[string]any{"subject.kind": "contact", "subject.id": "1", "changes.role.after": "Manager"}},
		{"a contact is added, and invited", func() {
			ok(lee.Submit(lee.Get("/details/colleagues/new"), "main form.form", url.Values{"name": {"Nia"}, "email": {"nia@demo.test"}}))
		}, "contact.created contact.invited", map[string]any{"subject.name": "Nia", "fields.email": "nia@demo.test", "fields.notes": nil}},
		{"one is suspended", func() { ok(lee.Submit(lee.Get("/details/colleagues/2/suspension"), "main form", nil)) }, "contact.suspended", map[string]any{"subject.name": "Kim Tran", "changes.access.after": "suspended"}},
		{"and restored", func() { ok(lee.Submit(lee.Get("/details/colleagues/2/restoration"), "main form", nil)) }, "contact.restored", map[string]any{"subject.name": "Kim Tran"}},
		{"an invitation is accepted", func() {
			m, err := app.Mail.WaitTo(t.Context(), "nia@demo.test")
			if err != nil {
				t.Fatal(err)
			}
			nia := app.Nobody()
			ok(nia.Submit(nia.Get(regexp.MustCompile(`/welcome/[\w-]+`).FindString(m.Text)), "main form", url.Values{"password": {"copper kettle under nine rivers"}}))
		}, "contact.activated", map[string]any{"subject.name": "Nia", "contact.name": "Nia"}},
		{"emails are chosen, which is no event", func() { ok(lee.Post("/details/emails", url.Values{"scope": {"everything"}})) }, "", nil},
		{"Ola changes hers", func() { ok(ola.Submit(ola.Get("/details/edit"), "form.form", url.Values{"role": {"Owner"}})) }, "contact.edited", map[string]any{"customer.number": "C-1002"}},
		{"staff record a yes by telephone", func() {
			app.Exec(`update quotes set status = 'sent' where id = 4`)
			app.Exec(`delete from acceptances where version_id = 2`)
			ben := app.As("ben")
			ok(ben.Submit(ben.Get("/office/quotes/Q-1004/answer"), "main form.form", url.Values{"decision": {"accepted"}, "contact": {"4"}, "way": {"phone"}, "purchase_order": {"PO-77"}}))
		}, "quote.accepted", map[string]any{"by": "staff", "contact.name": "Ola Lindgren", "answer.way": "phone", "answer.full_name": "Ola Lindgren", "answer.purchase_order": "PO-77"}},
	}
	n, ofPelican, ofAccepted := 0, 0, 0
	ids := map[string]bool{}
	for _, d := range deeds {
		d.do()
		kinds := strings.Fields(d.want)
		n += len(kinds)
		got := receiver.Wait(all, n)
		if len(got) != n {
			t.Fatalf("%s: %d events, want %d: %v", d.name, len(got), n, got[n:])
		}
		for i, kind := range kinds {
			m := got[n-len(kinds)+i]
			if m.Type != kind || !m.SignedBy(secret) || m.Signatures() != 1 || !strings.HasPrefix(m.ID, "evt_") || ids[m.ID] {
				t.Errorf("%s: %s, signed %v, id %s", d.name, m.Body, m.SignedBy(secret), m.ID)
			}
			if strings.Contains(m.Body, "OFFICE-ONLY") || strings.Contains(m.Body, "127.0.0.1") || strings.Contains(m.Body, "ignature") {
				t.Errorf("%s: what is the office's is told: %s", d.name, m.Body)
			}
			ids[m.ID] = true
			if m.Value("customer.number") == "C-1002" {
				ofPelican++
			}
			if kind == "quote.accepted" {
				ofAccepted++
			}
			if i > 0 {
				continue
			}
			for path, want := range d.data {
				value := m.Value(path)
				if path == "message.files" {
					value = names(value)
				}
				if value != want {
					t.Errorf("%s: %s is %v, want %v: %s", d.name, path, value, want, m.Body)
				}
			}
		}
	}
	for host, want := range map[string]int{pelican: ofPelican, accepted: ofAccepted} {
		for _, m := range receiver.Wait(host, want) {
			if host == pelican && m.Value("customer.number") != "C-1002" || host == accepted && m.Type != "quote.accepted" || m.SignedBy(secret) {
				t.Errorf("%s hears %s", host, m.Body)
			}
		}
		if got := receiver.Got(host); len(got) != want {
			t.Errorf("%s hears %d events, want %d", host, len(got), want)
		}
	}

	// No contact has done what is said to be the office's alone.
	for _, a := range apptest.Value[[]string](app, `select array_agg(distinct thing || '|' || action) from audit_entries where actor = 'contact'`) {
		thing, name, _ := strings.Cut(a, "|")
		if _, why := audit.EventOf(audit.ActionOf(thing, name)); why == audit.ByStaffAlone {
			t.Errorf("a contact has %s a %s, of which systems hear nothing", name, thing)
		}
	}
}

func names(files any) string {
	var all []string
	list, _ := files.([]any)
	for _, f := range list {
		fields, _ := f.(map[string]any)
		all = append(all, fmt.Sprint(fields["name"]))
	}
	return strings.Join(all, ", ")
}
